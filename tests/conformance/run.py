"""Runs modules of CPython's own test suite and compares how many cases pass with what has been reached before.

    typhon tests/conformance/run.py FOLDER [--update] [MODULE ...]

FOLDER holds the package `test` of CPython 3.14, which is not part of this repository. `passed.txt` beside this file has a line for each
module: its name, the cases that pass, the cases that there are. With --update, numbers that have risen are written back.
Cases that `inapplicable.txt` lists are not counted. The exit code is 1 where a module passes fewer cases than its line says.
"""

import os
import re
import subprocess
import sys
import tempfile

TIME_LIMIT = 300  # seconds for a module
HERE = os.path.dirname(os.path.abspath(__file__))
RECORD = os.path.join(HERE, "passed.txt")
# Test modules that import modules which exist for tests of CPython's C code, and the folder of those that stand for them. Others do
# without them where they are missing.
NEED_STAND_INS = {"test_bytes", "test_class", "test_import", "test_types"}
STAND_INS = os.path.join(HERE, "stand_ins")


def read_inapplicable():
    """The cases that are not counted, by module."""
    cases = {}
    with open(os.path.join(HERE, "inapplicable.txt")) as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, case, _ = line.split(maxsplit=2)
                cases.setdefault(name, set()).add(case)
    return cases


INAPPLICABLE = read_inapplicable()

# What runs a module without the cases named behind it: some leave things behind that make others fail.
DRIVER = """
import sys, unittest
name, *left_out = sys.argv[1:]
def kept(suite):
    for case in suite:
        if isinstance(case, unittest.TestSuite):
            yield from kept(case)
        elif not any(case.id().endswith("." + other) or "." + other + "." in case.id() for other in left_out):
            yield case
suite = unittest.TestSuite(kept(unittest.defaultTestLoader.loadTestsFromName(name)))
result = unittest.TextTestRunner(verbosity=2).run(suite)
sys.exit(not result.wasSuccessful())
"""


def read_record():
    with open(RECORD) as lines:
        rows = (line.split() for line in lines if line.strip() and not line.startswith("#"))
        return {name: (int(passed), int(cases)) for name, passed, cases in rows}


def write_record(record):
    with open(RECORD, "w") as file:
        file.write("# Cases of CPython 3.14's test modules: passed, run. Numbers only rise.\n")
        for name, (passed, cases) in sorted(record.items()):
            file.write(f"{name} {passed} {cases}\n")


def run_module(name, folder):
    """How many cases of a module pass and run; (0, 0) where it can't be loaded or takes too long."""
    with tempfile.TemporaryDirectory() as scratch:
        path = [folder, STAND_INS] if name in NEED_STAND_INS else [folder]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path))
        left_out = sorted(INAPPLICABLE.get(name, set()))
        command = [sys.executable, "-c", DRIVER, "test." + name, *left_out]
        try:
            ended = subprocess.run(
                command, capture_output=True, text=True, errors="replace", env=environment, cwd=scratch, timeout=TIME_LIMIT
            )
        except subprocess.TimeoutExpired:
            return 0, 0
    # A case may print what a run of its own said: the last line counts.
    found = re.findall(r"^Ran (\d+) tests? in", ended.stderr, re.MULTILINE)
    if not found:
        return 0, 0
    cases = int(found[-1])
    # A case counts once, however many of its parts fail.
    failed = set(re.findall(r"^(?:ERROR|FAIL): (\S+) \((\S+?)\)", ended.stderr, re.MULTILINE))
    # What a case says of a run of its own does not count.
    failed = {(case, place) for case, place in failed if place.startswith(f"test.{name}.")}
    bad = len(failed)
    unexpected = re.search(r"unexpected successes=(\d+)", ended.stderr)
    bad += int(unexpected[1]) if unexpected else 0
    return max(0, cases - bad), cases


def main(arguments):
    update = "--update" in arguments
    arguments = [argument for argument in arguments if argument != "--update"]
    if not arguments:
        sys.exit(__doc__)
    folder, *chosen = arguments
    record = read_record()
    fallen = False
    total = total_cases = 0
    for name in chosen or sorted(record):
        passed, cases = run_module(name, folder)
        before, _ = record.get(name, (0, 0))
        note = ""
        if passed < before:
            fallen = True
            note = f"  FEWER than the {before} before"
        elif passed > before:
            note = f"  more than the {before} before"
            if update:
                record[name] = (passed, cases)
        total, total_cases = total + passed, total_cases + cases
        print(f"{name:32} {passed:5} of {cases:5}{note}", flush=True)
    print(f"{'all':32} {total:5} of {total_cases:5}")
    if update:
        write_record(record)
    return 1 if fallen else 0


sys.exit(main(sys.argv[1:]))

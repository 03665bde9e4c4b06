#!/usr/bin/env python3
"""Compares Typhon with other Pythons on the programs beside this file.

    TYPHON=target/release/typhon CPYTHON=python3.14 PYPY=pypy3 bench/compare.py [--rounds N] [program ...]

The peers are whatever of CPYTHON, CPYTHON_JIT, CPYTHON_FREE_THREADED and PYPY is set; TYPHON defaults to `typhon` on the
path. Each round runs every implementation once on a program, one after the other, so that what else the machine does
hits all alike. Printed are Typhon's median CPU time (user and system, of the whole process) and, for each peer, the
median over the rounds of its time divided by Typhon's: above 1, Typhon is quicker.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys

PEERS = ["CPYTHON", "CPYTHON_JIT", "CPYTHON_FREE_THREADED", "PYPY"]


def cpu_time(command):
    """CPU seconds of one run; None where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{' '.join(command)}: {error}", file=sys.stderr)
        return None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        print(f"{' '.join(command)}: {lines[-1] if lines else done.returncode}", file=sys.stderr)
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(program, commands, rounds):
    """Seconds per round of each implementation that runs the program without failing."""
    times = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            if name in times:
                seconds = cpu_time([*command, str(program)])
                if seconds is None:
                    del times[name]
                else:
                    times[name].append(seconds)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("programs", nargs="*", help="names of programs beside this file; all by default")
    arguments = parser.parse_args()
    here = pathlib.Path(__file__).resolve().parent
    if arguments.programs:
        programs = [here / f"{name.removesuffix('.py')}.py" for name in arguments.programs]
    else:
        programs = sorted(path for path in here.glob("*.py") if path.name != "compare.py")
    commands = {"TYPHON": os.environ.get("TYPHON", "typhon").split()}
    commands |= {name: os.environ[name].split() for name in PEERS if os.environ.get(name)}
    peers = [name for name in commands if name != "TYPHON"]
    print("".join([f"{'program':14}", f"{'typhon, s':>12}", *(f"{name.lower():>24}" for name in peers)]))
    ratios = {name: [] for name in peers}
    failed = False
    for program in programs:
        times = measure(program, commands, arguments.rounds)
        if "TYPHON" not in times:
            failed = True
            print(f"{program.stem:14}{'failed':>12}")
            continue
        line = f"{program.stem:14}{statistics.median(times['TYPHON']):12.3f}"
        for name in peers:
            if name in times:
                ratio = statistics.median(peer / max(own, 1e-4) for own, peer in zip(times["TYPHON"], times[name]))
                ratios[name].append(ratio)
                line += f"{ratio:24.2f}"
            else:
                line += f"{'failed':>24}"
        print(line, flush=True)
    means = [f"{statistics.geometric_mean(ratios[name]):24.2f}" if ratios[name] else f"{'-':>24}" for name in peers]
    if peers:
        print("".join([f"{'mean':14}", " " * 12, *means]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Compares what the compiler says about functions with CPython's code objects.

python3.14 compare_code_objects.py FACTS_BINARY FOLDER...
"""

import subprocess
import sys
import types
import warnings
from collections import Counter
from pathlib import Path

warnings.simplefilter("ignore")


def cpython(file, code):
    flags = code.co_flags & ~0x4000000
    doc = code.co_consts[0] if code.co_flags & 0x4000000 else None
    yield (file, code.co_qualname, code.co_firstlineno,
           str([code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount]), hex(flags),
           ",".join(code.co_varnames), ",".join(code.co_cellvars), ",".join(code.co_freevars),
           "-" if doc is None else str([ord(c) for c in doc]))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from cpython(file, constant)


FIELDS = ["file", "qualname", "line", "counts", "flags", "varnames", "cellvars", "freevars", "doc"]


def main():
    files = sorted(str(p) for folder in sys.argv[2:] for p in Path(folder).rglob("*.py"))
    output = subprocess.run([sys.argv[1]], input="\n".join(files), capture_output=True, text=True).stdout
    ours = {}
    for line in output.splitlines():
        fields = line.split("\t")
        if fields[1] == "!error":
            ours[fields[0]] = fields[2]
        else:
            ours.setdefault(fields[0], []).append((fields[0], fields[1], int(fields[2]), *fields[3:]))
    kinds, units = Counter(), 0
    for file in files:
        try:
            source = Path(file).read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        try:
            theirs = list(cpython(file, compile(source, file, "exec", dont_inherit=True)))
        except (SyntaxError, ValueError) as error:
            theirs = str(error)
        mine = ours.get(file, "nothing")
        if isinstance(mine, str) or isinstance(theirs, str):
            if not (isinstance(mine, str) and isinstance(theirs, str)):
                kinds["error"] += 1
                print(file, "ours:", mine if isinstance(mine, str) else "compiles", "| CPython:",
                      theirs if isinstance(theirs, str) else "compiles")
            continue
        # Units come in another order and modules' docstrings are elsewhere: match by name and line.
        by_key = {}
        for unit in mine:
            by_key.setdefault(unit[1:3], []).append(unit)
        for unit in theirs:
            units += 1
            found = by_key.get(unit[1:3])
            if not found:
                kinds["missing"] += 1
                if kinds["missing"] <= 15:
                    print("missing", unit[:5])
                continue
            best = found.pop(0)
            for field, a, b in zip(FIELDS, best, unit):
                if field == "doc" and unit[1] == "<module>" or field == "doc" and b == "-" and not unit[4].endswith("3"):
                    continue
                if field == "varnames":
                    a, b = ",".join(sorted(a.split(","))), ",".join(sorted(b.split(",")))
                if field in ("varnames", "freevars"):
                    a = ",".join(n for n in a.split(",") if n not in (".defaults", "__classdict__"))
                    b = ",".join(n for n in b.split(",") if n not in (".defaults", "__classdict__"))
                if field in ("cellvars",):
                    a = a.replace("__classdict__", "").strip(",").replace(",,", ",")
                    b = b.replace("__classdict__", "").strip(",").replace(",,", ",")
                    a = ",".join(sorted(set(a.split(","))))
                    b = ",".join(sorted(set(b.split(","))))
                if a != b:
                    kinds[field] += 1
                    if kinds[field] <= 12:
                        print(field, file, unit[1], unit[2], "ours:", str(a)[:150], "CPython:", str(b)[:150])
        for left in by_key.values():
            for unit in left:
                kinds["extra"] += 1
                if kinds["extra"] <= 15:
                    print("extra", unit[:5])
    print(units, "units", dict(kinds))


main()

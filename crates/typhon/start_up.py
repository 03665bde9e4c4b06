"""Writes start-up.txt, the functions that a short run executes: `python3 start_up.py TYPHON > start-up.txt`.

TYPHON is a release build. Needs valgrind. The list only chooses where functions lie in the binary (see build.rs): what is
missing from it, or gone, costs a page of memory and nothing else, so it need not follow every change of the sources.
"""

import re
import subprocess
import sys
import tempfile


def executed(command):
    """The symbols of the functions of the first file of `command` that it executes."""
    with tempfile.NamedTemporaryFile() as out:
        tool = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out.name}"]
        subprocess.run(tool + command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        files, functions, found, here = {}, {}, set(), None
        for line in open(out.name):
            entry = re.match(r"(ob|cob|fn|cfn)=\((\d+)\)(?: (.*))?", line)
            if entry is None:
                continue
            kind, number, name = entry.groups()
            names = files if kind.endswith("ob") else functions
            if name is not None:
                names[number] = name.strip()
            if kind == "ob":
                here = names[number]
            elif kind == "fn" and here is not None and here.endswith(command[0]):
                found.add(names[number])
    return found


names = executed([sys.argv[1], "-I", "-c", "pass"])
# Callgrind numbers the levels of recursion; hashes differ from build to build; some names are local to a unit of the compiler.
patterns = {re.sub(r"17h[0-9a-f]{16}E.*", "17h*E*", re.sub(r"'\d+$", "", name)) for name in names}
print("\n".join(sorted(pattern for pattern in patterns if re.fullmatch(r"[\w$.*]+", pattern) and pattern.startswith("_"))))

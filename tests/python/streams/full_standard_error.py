# What is written beside Python's streams is lost where standard error takes nothing; nothing aborts for that.
import os
import subprocess
import sys

if os.path.exists("/dev/full"):
    for code, options in [
        ("1/0", []),
        ("import gc; gc.set_debug(gc.DEBUG_STATS); gc.collect(); gc.set_debug(0); print('ok')", []),
        ("class C:\n def __del__(self): 1/0\nC()\nimport gc; gc.collect(); print('ok')", []),
        ("import sys; sys.stderr = None; 1/0", []),
        ("import json; print('ok')", ["-X", "importtime"]),
    ]:
        with open("/dev/full", "w") as full:
            done = subprocess.run([sys.executable, *options, "-c", code], stdout=subprocess.PIPE, stderr=full)
        assert done.returncode in (0, 1, 120), (code, done.returncode)
        assert "print" not in code or done.stdout == b"ok\n", (code, done)
    with open("/dev/full", "w") as full:
        assert subprocess.run([sys.executable, "--no-such-option"], stderr=full).returncode == 2

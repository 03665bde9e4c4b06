# The lines of a source in another encoding are shown as what they say.
import os
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "latin.py")
    with open(path, "wb") as file:
        file.write(b"# coding: latin-1\nassert 1 > 2, 'mess\xe4ge'\n")
    environment = dict(os.environ, PYTHONIOENCODING="utf-8")
    ended = subprocess.run([sys.executable, path], capture_output=True, env=environment)
    lines = ended.stderr.decode().splitlines()
assert lines[-3:] == ["    assert 1 > 2, 'mess\xe4ge'", "           ^^^^^", "AssertionError: mess\xe4ge"], lines

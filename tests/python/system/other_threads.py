"""What other threads do, as sys and faulthandler tell it; and names of threads."""

import _thread
import faulthandler
import os
import sys
import tempfile
import threading
import time
import traceback

entered, leave = threading.Event(), threading.Event()


def inner():
    try:
        raise ValueError("kept")
    except ValueError:
        entered.set()
        leave.wait()


def outer():
    inner()


thread = threading.Thread(target=outer, name="waiting", daemon=True)
thread.start()
entered.wait()


def names_of_waiting():
    return [entry.name for entry in traceback.extract_stack(sys._current_frames()[thread.ident])]


while names_of_waiting()[-2:] != ["wait", "wait"]:
    time.sleep(0.001)  # the thread is still on its way
names = names_of_waiting()
frames = sys._current_frames()
assert set(frames) == {threading.get_ident(), thread.ident}
assert names.index("outer") < names.index("inner") < names.index("wait"), names
assert frames[threading.get_ident()] is sys._getframe()

exceptions = sys._current_exceptions()
assert exceptions[threading.get_ident()] is None
raised = exceptions[thread.ident]
assert str(raised) == "kept"
frame = raised.__traceback__.tb_frame
assert frame.f_code is inner.__code__
assert frame.f_back.f_code is outer.__code__

with tempfile.TemporaryFile() as file:
    faulthandler.dump_traceback(file)
    faulthandler.dump_traceback(file, all_threads=False)
    file.seek(0)
    text = file.read().decode()
blocks = text.split("\n\n")
assert len(blocks) == 2, text
assert blocks[0].startswith(f"Thread 0x{thread.ident:016x}"), text
assert f" in inner\n  File \"{__file__}\", line {outer.__code__.co_firstlineno + 1} in outer\n" in blocks[0], text
assert blocks[1].startswith(f"Current thread 0x{threading.get_ident():016x}"), text
assert blocks[1].count(" in <module>\n") == 2 and "Stack (most recent call first):\n" in blocks[1], text

leave.set()
thread.join()
assert set(sys._current_frames()) == {threading.get_ident()}

found = []
for name, kept in [("plain", b"plain"), ("cut\0here", b"cut"), ("x" * 20, b"x" * 15), ("é" * 8, b"\xc3\xa9" * 7 + b"\xc3")]:
    thread = threading.Thread(target=lambda: found.append(os.fsencode(_thread._get_name())), name=name)
    thread.start()
    thread.join()
    assert found.pop() == kept, name

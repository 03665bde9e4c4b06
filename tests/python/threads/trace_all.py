# threading.settrace_all_threads and setprofile_all_threads reach threads that are already running.
import sys
import threading


def told(frame, event, argument):
    return None


for set_all, get, name in [
    (threading.settrace_all_threads, sys.gettrace, "trace"),
    (threading.setprofile_all_threads, sys.getprofile, "profile"),
]:
    seen = []
    started, changed = threading.Event(), threading.Event()

    def check():
        seen.append(get())
        started.set()
        changed.wait()
        seen.append(get())

    thread = threading.Thread(target=check)
    thread.start()
    started.wait()
    set_all(told)
    changed.set()
    thread.join()
    assert seen == [None, told], (name, seen)
    assert get() is told
    set_all(None)
    assert get() is None

# Locks, handles and thread-local attributes; several threads change shared objects.
import _thread

THREADS = 4
ROUNDS = 2000
lock = _thread.allocate_lock()
recursive = _thread.RLock()


class Counter:
    pass


counter = Counter()
counter.plain = counter.nested = 0
table = {"n": 0}
items = []


def work(number):
    def run():
        for turn in range(ROUNDS):
            with lock:
                table["n"] += 1
                counter.plain += 1
            with recursive, recursive:
                counter.nested += 1
            items.append(turn)
            table[number, turn % 50] = [turn]

    return run


def start_and_join(*functions):
    handles = [_thread.start_joinable_thread(function, daemon=False) for function in functions]
    for handle in handles:
        handle.join()
        assert handle.is_done()


start_and_join(*map(work, range(THREADS)))
assert table["n"] == counter.plain == counter.nested == len(items) == THREADS * ROUNDS
assert len(table) == 1 + THREADS * 50 and sum(items) == THREADS * sum(range(ROUNDS))

assert lock.acquire() and lock.locked() and not lock.acquire(False) and not lock.acquire(timeout=0.01)
assert repr(lock).startswith("<locked _thread.lock object at 0x")
released = []


def release():
    released.append(True)
    lock.release()


_thread.start_new_thread(release, ())
assert lock.acquire(timeout=50) and released
lock.release()
assert not recursive._is_owned() and recursive.acquire() and recursive._recursion_count() == 1
saved = recursive._release_save()
assert not recursive.locked()
recursive._acquire_restore(saved)
recursive.release()


def error(function, *arguments):
    try:
        function(*arguments)
    except (RuntimeError, ValueError, OverflowError, TypeError) as raised:
        return str(raised)
    raise AssertionError


assert error(lock.release) == "release unlocked lock"
assert error(recursive.release) == "cannot release un-acquired lock"
assert error(lock.acquire, False, 1) == "can't specify a timeout for a non-blocking call"
assert error(lock.acquire, True, -2) == "timeout value must be a non-negative number"
assert error(_thread.start_new_thread, 1, ()) == "first arg must be callable"
assert error(_thread.start_new_thread, print, 1) == "2nd arg must be a tuple"
assert error(_thread._ThreadHandle().join) == "thread not started"
handle = _thread._ThreadHandle()
_thread.start_joinable_thread(lambda: None, handle=handle).join()
assert error(lambda: _thread.start_joinable_thread(print, handle=handle)) == "thread already started"


class Local(_thread._local):
    common = 5

    def __init__(self, first, second=0):
        self.first = first
        self.second = second


plain, local = _thread._local(), Local(1, second=2)
plain.x = 1
seen = []


def look():
    seen.append((hasattr(plain, "x"), local.first, local.second, local.common))
    local.first, plain.x = 7, 8
    del local.second
    seen.append((plain.__dict__, local.__dict__))


start_and_join(look)
assert seen == [(False, 1, 2, 5), ({"x": 8}, {"first": 7})]
assert (plain.x, local.first, local.second) == (1, 1, 2)
assert error(_thread._local, 1) == "Initialization arguments are not supported"
assert _thread.get_ident() == _thread._get_main_thread_ident()

# Handlers of signals run at safe points of the main thread.
import _signal
import posix
import select
import time

got = []


def note(number, frame):
    got.append(number)


def fail(number, frame):
    raise RuntimeError("from a handler")


# Who starts programs in the background ignores SIGINT for them.
assert _signal.getsignal(_signal.SIGINT) in (_signal.default_int_handler, _signal.SIG_IGN)
_signal.signal(_signal.SIGINT, _signal.default_int_handler)
assert _signal.signal(_signal.SIGUSR1, note) == _signal.SIG_DFL
posix.kill(posix.getpid(), _signal.SIGUSR1)
_signal.raise_signal(_signal.SIGUSR1)
assert got == [_signal.SIGUSR1] * 2

# In a loop, in a sleep, in a read.
_signal.signal(_signal.SIGALRM, note)
_signal.setitimer(_signal.ITIMER_REAL, 0.02)
turns = 0
while len(got) < 3:
    turns += 1
_signal.setitimer(_signal.ITIMER_REAL, 0.02)
start = time.monotonic()
time.sleep(0.05)
assert len(got) == 4 and time.monotonic() - start >= 0.05
_signal.signal(_signal.SIGALRM, fail)
r, w = posix.pipe()


def endless():
    while True:
        pass


for function in [endless, lambda: posix.read(r, 1), lambda: time.sleep(30), lambda: select.select([r], [], [])]:
    _signal.setitimer(_signal.ITIMER_REAL, 0.02)
    try:
        function()
        assert False
    except RuntimeError as error:
        assert error.args == ("from a handler",)
try:
    _signal.raise_signal(_signal.SIGINT)
    assert False
except KeyboardInterrupt:
    pass

# Blocked signals wait.
assert _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGUSR1]) == set()
posix.kill(posix.getpid(), _signal.SIGUSR1)
assert _signal.sigpending() == {_signal.SIGUSR1} and len(got) == 4
assert _signal.sigwait([_signal.SIGUSR1]) == _signal.SIGUSR1
assert _signal.sigtimedwait([_signal.SIGUSR1], 0) is None
_signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGUSR1])

posix.set_blocking(w, False)
assert _signal.set_wakeup_fd(w) == -1
_signal.raise_signal(_signal.SIGUSR1)
assert posix.read(r, 5) == bytes([_signal.SIGUSR1]) and _signal.set_wakeup_fd(-1) == w

for function, expected in [
    (lambda: _signal.signal(99, note), ("ValueError", ("signal number out of range",))),
    (lambda: _signal.signal(9, note), ("OSError", (22, "Invalid argument"))),
    (
        lambda: _signal.signal(10, 5),
        ("TypeError", ("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",)),
    ),
    (lambda: _signal.set_wakeup_fd(r), ("ValueError", ("the fd %d must be in non-blocking mode" % r,))),
    (lambda: _signal.setitimer(9, 1), ("ItimerError", (22, "Invalid argument"))),
]:
    try:
        function()
        assert False
    except Exception as error:
        assert (type(error).__name__, error.args) == expected, error


# A signal that arrives during a call of native code is handled as of that call.
def waits():
    def handler(*_):
        raise ZeroDivisionError

    old = _signal.signal(_signal.SIGALRM, handler)
    reached = False
    try:
        _signal.setitimer(_signal.ITIMER_REAL, 0.05)
        reader, writer = posix.pipe()
        try:
            posix.write(writer, bytes(1 << 20))
            reached = True
        except ZeroDivisionError:
            pass
        finally:
            posix.close(reader), posix.close(writer)
    finally:
        _signal.signal(_signal.SIGALRM, old)
    assert not reached


waits()

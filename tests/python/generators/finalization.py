# Generators that nobody can reach before they have ended are closed.
import gc
import sys

log = []


def guarded():
    try:
        yield 1
    finally:
        log.append("closed")


def delegating():
    yield from guarded()


def left(generator):
    def inner():
        generator().__next__()

    inner()
    for one in range(4):  # Other calls come in between: a word left on the stack may look like a reference.
        sorted([[one], [0]], key=str), gc.collect()


left(guarded)
assert log == ["closed"], log
left(delegating)
assert log == ["closed"] * 2, log


def finished():
    for _ in guarded():
        pass
    gc.collect()


finished()
assert log == ["closed"] * 3, log


async def agen():
    try:
        yield 1
    finally:
        log.append("never")


def step():
    try:
        agen().__anext__().send(None)
    except StopIteration:
        pass


assert sys.get_asyncgen_hooks() == (None, None)
sys.set_asyncgen_hooks(lambda a: log.append("first"), lambda a: log.append("final"))
assert sys.get_asyncgen_hooks().firstiter is not None
# A word left on a stack may keep one of them alive, but not all.
for _ in range(5):
    step()
gc.collect()
assert log[3:].count("first") == 5 and "final" in log[3:], log
sys.set_asyncgen_hooks(None, None)
for arguments, text in [
    ((5,), "callable firstiter expected, got int"),
    ((None, 5), "callable finalizer expected, got int"),
    ((None, None, 1), "function takes at most 2 arguments (3 given)"),
]:
    try:
        sys.set_asyncgen_hooks(*arguments)
    except TypeError as error:
        assert str(error) == text, error
    else:
        raise AssertionError


async def coroutine():
    pass


def origin():
    made = coroutine()
    made.close()
    return made.cr_origin


assert origin() is None
sys.set_coroutine_origin_tracking_depth(2)
assert [(line, name) for _, line, name in origin()] == [(85, "origin"), (92, "<module>")], origin()
sys.set_coroutine_origin_tracking_depth(0)

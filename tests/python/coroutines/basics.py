# Coroutines driven by hand.


def outcome(run, *arguments):
    try:
        return run(*arguments)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


class Pause:
    def __init__(self, value=None):
        self.value = value

    def __await__(self):
        return (yield self.value)


def drive(coroutine, *sent):
    """What it yields, with its result at the end."""
    seen = []
    answers = iter(sent)
    try:
        seen.append(coroutine.send(None))
        while True:
            seen.append(coroutine.send(next(answers, None)))
    except StopIteration as stop:
        seen.append(("result", stop.value))
    return seen


async def simple(value):
    return value


async def adding(a, b):
    first = await Pause(a)
    second = await Pause(b)
    return (first, second, await simple(a + b))


assert drive(simple(1)) == [("result", 1)]
assert drive(adding(1, 2), "x", "y") == [1, 2, ("result", ("x", "y", 3))]


async def nested(depth):
    if depth == 0:
        return await Pause("bottom")
    return 1 + await nested(depth - 1)


assert drive(nested(50), 7) == ["bottom", ("result", 57)]

# Errors.
coroutine = simple(1)
assert outcome(coroutine.send, 5) == "TypeError: can't send non-None value to a just-started coroutine"
assert drive(coroutine) == [("result", 1)]
assert outcome(coroutine.send, None) == "RuntimeError: cannot reuse already awaited coroutine"
assert outcome(coroutine.throw, ValueError) == "RuntimeError: cannot reuse already awaited coroutine"
assert coroutine.close() is None
assert outcome(next, simple(1)) == "TypeError: 'coroutine' object is not an iterator"
assert outcome(iter, simple(1)) == "TypeError: 'coroutine' object is not iterable"


async def awaiting(value):
    return await value


def generator():
    yield


class BadAwait:
    def __init__(self, result):
        self.result = result

    def __await__(self):
        return self.result


for value, text in [
    (1, "TypeError: 'int' object can't be awaited"),
    (generator(), "TypeError: 'generator' object can't be awaited"),
    (BadAwait(1), "TypeError: __await__() returned non-iterator of type 'int'"),
    (BadAwait(simple(1)), "TypeError: __await__() returned a coroutine"),
]:
    assert outcome(awaiting(value).send, None) == text, outcome(awaiting(value).send, None)
assert drive(awaiting(BadAwait(iter([1, 2])))) == [1, 2, ("result", None)]

waiting = adding(1, 2)
waiting.send(None)
assert outcome(awaiting(waiting).send, None) == "RuntimeError: coroutine is being awaited already"
assert waiting.cr_await is not None and waiting.cr_suspended and not waiting.cr_running and waiting.cr_origin is None
assert waiting.__name__ == waiting.__qualname__ == "adding"
assert repr(waiting).startswith("<coroutine object adding at 0x")
waiting.close()
assert waiting.cr_await is None


async def stopping():
    raise StopIteration(1)


assert outcome(stopping().send, None) == "RuntimeError: coroutine raised StopIteration"


def yielding_from():
    yield from simple(1)


assert outcome(next, yielding_from()) == (
    "TypeError: cannot 'yield from' a coroutine object in a non-coroutine generator"
)


async def itself():
    await me


me = itself()
assert outcome(me.send, None) == "ValueError: coroutine already executing"


# throw and close go down to what is awaited.
async def catching():
    try:
        await Pause("waiting")
    except ValueError as error:
        return f"caught {error}"
    finally:
        log.append("finally")


log = []
coroutine = awaiting(catching())
assert coroutine.send(None) == "waiting"
assert outcome(coroutine.throw, ValueError("v")) == "StopIteration: caught v"
coroutine = awaiting(catching())
coroutine.send(None)
coroutine.close()
assert log == ["finally", "finally"]


async def ignoring():
    try:
        await Pause()
    except GeneratorExit:
        await Pause()


coroutine = ignoring()
coroutine.send(None)
assert outcome(coroutine.close) == "RuntimeError: coroutine ignored GeneratorExit"

# `__await__` of a coroutine.
wrapper = adding(1, 2).__await__()
assert next(wrapper) == 1 and wrapper.send(3) == 2
assert outcome(wrapper.send, 4) == "StopIteration: (3, 4, 3)"
assert type(wrapper).__name__ == "coroutine_wrapper" and iter(wrapper) is wrapper


# async with.
class Manager:
    def __init__(self, swallow):
        self.swallow = swallow

    async def __aenter__(self):
        return await Pause("enter")

    async def __aexit__(self, kind, error, traceback):
        await Pause("exit")
        log.append(kind)
        return self.swallow


async def within(swallow, error):
    async with Manager(swallow) as entered:
        if error is not None:
            raise error
        return entered
    return "swallowed"


log = []
assert drive(within(False, None), "e") == ["enter", "exit", ("result", "e")]
assert drive(within(True, ValueError())) == ["enter", "exit", ("result", "swallowed")]
assert log == [None, ValueError]
assert outcome(drive, within(False, KeyError(1))) == "KeyError: 1"


class NoExit:
    async def __aenter__(self):
        pass


class PlainEnter:
    def __aenter__(self):
        return 1

    def __aexit__(self, *what):
        return 2


async def entering(manager):
    async with manager:
        pass


assert outcome(entering(NoExit()).send, None) == (
    "TypeError: 'NoExit' object does not support the asynchronous context manager protocol (missed __aexit__ method)"
)
assert outcome(entering(PlainEnter()).send, None) == (
    "TypeError: 'async with' received an object from __aenter__ that does not implement __await__: int"
)


async def looped():
    total = 0
    for turn in range(2000):
        total += await simple(turn)
    return total


assert drive(looped()) == [("result", 1999000)]

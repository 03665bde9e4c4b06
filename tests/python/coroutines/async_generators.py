# Asynchronous generators, iteration and comprehensions.


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


def drive(coroutine):
    """Its result, whatever it waits for."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as stop:
        return stop.value


async def counting(stop):
    for number in range(stop):
        await Pause()
        yield number


async def collect(source):
    return [item async for item in source]


assert drive(collect(counting(5))) == [0, 1, 2, 3, 4]


async def comprehensions():
    listed = [n * 2 async for n in counting(4) if n % 2]
    setted = {n async for n in counting(3)}
    mapped = {n: m async for n in counting(3) for m in [n * n]}
    generated = (n + 1 async for n in counting(3))
    awaited = [await Pause() or n for n in range(2)]
    nested = [[inner async for inner in counting(outer)] for outer in range(3)]
    return listed, setted, mapped, [n async for n in generated], awaited, nested


assert drive(comprehensions()) == ([2, 6], {0, 1, 2}, {0: 0, 1: 1, 2: 4}, [1, 2, 3], [0, 1], [[], [0], [0, 1]])


async def looping():
    seen = []
    async for number in counting(5):
        if number == 1:
            continue
        if number == 4:
            break
        seen.append(number)
    else:
        seen.append("else")
    async for number in counting(1):
        pass
    else:
        seen.append("else")
    return seen


assert drive(looping()) == [0, 2, 3, "else"]


async def echo():
    received = None
    try:
        while True:
            try:
                received = yield received
            except ValueError as error:
                received = f"caught {error}"
    finally:
        await Pause()
        log.append("closed")


async def sending():
    g = echo()
    assert await g.__anext__() is None
    assert await g.asend(5) == 5
    assert await g.athrow(ValueError("v")) == "caught v"
    assert not g.ag_running and g.ag_suspended and g.ag_await is None
    await g.aclose()
    await g.aclose()
    try:
        await g.asend(1)
    except StopAsyncIteration:
        return "ended"


log = []
assert drive(sending()) == "ended" and log == ["closed"]


async def raising(error):
    raise error
    yield


assert outcome(drive, collect(raising(StopIteration(1)))) == "RuntimeError: async generator raised StopIteration"
assert outcome(drive, collect(raising(StopAsyncIteration()))) == (
    "RuntimeError: async generator raised StopAsyncIteration"
)
assert outcome(drive, collect(raising(KeyError(1)))) == "KeyError: 1"


async def stubborn():
    try:
        yield 1
    except GeneratorExit:
        yield 2


async def closing():
    g = stubborn()
    await g.__anext__()
    await g.aclose()


assert outcome(drive, closing()) == "RuntimeError: async generator ignored GeneratorExit"


# Steps can be driven by hand, once.
g = counting(2)
step = g.__anext__()
assert step.send(None) is None and g.ag_running
other = g.__anext__()
assert outcome(other.send, None) == "RuntimeError: anext(): asynchronous generator is already running"
assert outcome(other.send, None) == "RuntimeError: cannot reuse already awaited __anext__()/asend()"
closer = g.aclose()
assert outcome(closer.send, None) == "RuntimeError: aclose(): asynchronous generator is already running"
assert outcome(closer.send, None) == "RuntimeError: cannot reuse already awaited aclose()/athrow()"
assert outcome(step.send, None) == "StopIteration: 0"
assert outcome(step.send, None) == "RuntimeError: cannot reuse already awaited __anext__()/asend()"
step = g.__anext__()
step.send(None)
assert step.close() is None
g = counting(2)
assert outcome(g.asend(5).send, None) == "TypeError: can't send non-None value to a just-started async generator"
assert outcome(g.athrow(ValueError(1)).send, None) == "ValueError: 1"
assert outcome(g.athrow(ValueError(1)).send, None) == "StopIteration: "
assert outcome(g.aclose().send, None) == "StopIteration: "
assert outcome(g.__anext__().send, None) == "StopAsyncIteration: "
g = counting(2)
assert outcome(g.aclose().send, 5) == "RuntimeError: can't send non-None value to a just-started coroutine"


# aiter, anext and classes with the protocol.
class Down:
    def __init__(self, start):
        self.at = start

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.at == 0:
            raise StopAsyncIteration
        self.at -= 1
        return await Pause() or self.at


async def builtin():
    source = aiter(Down(2))
    got = [await anext(source), await anext(source), await anext(source, "default")]
    g = counting(1)
    got += [await anext(g), await anext(g, "end")]
    try:
        await anext(g)
    except StopAsyncIteration:
        got.append("stop")
    return got


assert drive(builtin()) == [1, 0, "default", 0, "end", "stop"]
assert drive(collect(Down(3))) == [2, 1, 0]


class NoNext:
    def __aiter__(self):
        return 1


class BadNext:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 1


async def iterate(source):
    async for _ in source:
        pass


for source, text in [
    (1, "TypeError: 'async for' requires an object with __aiter__ method, got int"),
    (NoNext(), "TypeError: 'async for' received an object from __aiter__ that does not implement __anext__: int"),
    (BadNext(), "TypeError: 'async for' received an invalid object from __anext__: int"),
]:
    assert outcome(iterate(source).send, None) == text
assert outcome(aiter, 1) == "TypeError: 'int' object is not an async iterable"
assert outcome(aiter, NoNext()) == "TypeError: aiter() returned not an async iterator of type 'int'"
assert outcome(anext, 1) == "TypeError: 'int' object is not an async iterator"
assert repr(counting(1)).startswith("<async_generator object counting at 0x")


async def summing():
    total = 0
    async for number in counting(2000):
        total += number
    return total


assert drive(summing()) == 1999000

# Steps of asynchronous generators as `async for` and `await` drive them.
import sys


class Pause:
    def __await__(self):
        got = yield "paused"
        return got


def drive(coroutine):
    log = []
    sent = None
    while True:
        try:
            log.append(coroutine.send(sent))
        except StopIteration as stop:
            return log, stop.value
        sent = len(log)


async def numbers(n):
    for i in range(n):
        if i % 2:
            await Pause()
        yield i


async def collect(n):
    return [x async for x in numbers(n)]


assert drive(collect(5)) == (["paused", "paused"], [0, 1, 2, 3, 4])


# An exception inside leaves the step and the generator ended.
async def failing():
    yield 1
    raise KeyError("inside")


async def use_failing():
    seen = []
    generator = failing()
    try:
        async for x in generator:
            seen.append(x)
    except KeyError as error:
        seen.append(error.args[0])
        names = []
        tb = error.__traceback__
        while tb:
            names.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
            tb = tb.tb_next
        seen.append(names)
    async for x in generator:
        seen.append("more")
    seen.append(generator.ag_running)
    return seen


print(drive(use_failing()))  # expect: ([], [1, 'inside', [('use_failing', 4), ('failing', 2)], False])


# StopAsyncIteration and StopIteration inside are errors of the generator.
async def stopping(kind):
    yield 1
    raise kind


async def use_stopping(kind):
    try:
        async for x in stopping(kind):
            pass
    except RuntimeError as error:
        return str(error), type(error.__cause__).__name__


for kind in StopAsyncIteration, StopIteration:
    print(drive(use_stopping(kind)))  # expect: ([], ('async generator raised StopAsyncIteration', 'StopAsyncIteration'))
# expect: ([], ('async generator raised StopIteration', 'StopIteration'))


# asend, and a step that is awaited twice.
async def echo():
    got = []
    while True:
        value = yield list(got)
        got.append(value)


async def use_echo():
    generator = echo()
    out = [await generator.asend(None), await generator.asend(1), await generator.asend(2)]
    step = generator.asend(3)
    out.append(await step)
    try:
        await step
    except RuntimeError as error:
        out.append(str(error))
    out.append(await anext(generator))
    await generator.aclose()
    try:
        await anext(generator)
    except StopAsyncIteration:
        out.append("stopped")
    return out


print(drive(use_echo()))  # expect: ([], [[], [1], [1, 2], [1, 2, 3], 'cannot reuse already awaited __anext__()/asend()', [1, 2, 3, None], 'stopped'])


# A generator that is already running.
async def recursive():
    yield 1
    try:
        await anext(running)
    except RuntimeError as error:
        yield str(error)


async def use_recursive():
    return [x async for x in running]


running = recursive()
print(drive(use_recursive()))  # expect: ([], [1, 'anext(): asynchronous generator is already running'])


# try and finally around yields, with a break and with the exception being handled.
async def guarded(log):
    try:
        for i in range(10):
            try:
                yield i
            finally:
                log.append(("step", i, sys.exception()))
    finally:
        log.append("closed")


async def use_guarded():
    log = []
    try:
        raise ValueError("outer")
    except ValueError:
        generator = guarded(log)
        async for x in generator:
            log.append((x, repr(sys.exception())))
            if x == 1:
                break
        await generator.aclose()
    log[-2] = (*log[-2][:2], repr(log[-2][2]))
    log[1] = (*log[1][:2], repr(log[1][2]))
    return log


print(drive(use_guarded()))  # expect: ([], [(0, "ValueError('outer')"), ('step', 0, "ValueError('outer')"), (1, "ValueError('outer')"), ('step', 1, 'GeneratorExit()'), 'closed'])


# Nested: an item passes through two generators.
async def doubled(source):
    async for x in source:
        yield 2 * x


async def use_nested():
    return [x async for x in doubled(doubled(numbers(4)))]


print(drive(use_nested()))  # expect: (['paused', 'paused'], [0, 4, 8, 12])


# Thrown into what the coroutine awaits, an exception arrives in the generator.
async def catching():
    try:
        await Pause()
    except LookupError as error:
        yield f"caught {error!r}"


async def use_catching():
    return [x async for x in catching()]


coroutine = use_catching()
assert coroutine.send(None) == "paused"
try:
    coroutine.throw(LookupError("thrown"))
except StopIteration as stop:
    print(stop.value)  # expect: ["caught LookupError('thrown')"]

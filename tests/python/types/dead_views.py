# A view that nothing refers to any more does not keep its bytearray from being resized, whatever calls have left behind.
class Stream:
    def __init__(self):
        self.buffer = bytearray()

    def consume(self, count):
        taken = memoryview(self.buffer)[:count].tobytes()
        del self.buffer[:count]
        return taken

    def feed(self, data):
        room = bytearray(100)
        room[:len(data)] = data
        self.buffer += memoryview(room)[:len(data)]

def turn(stream):
    stream.feed(b"hello world")
    return stream.consume(11)

stream = Stream()
for _ in range(3000):
    assert turn(stream) == b"hello world"
assert not stream.buffer

# The same in coroutines that wait meanwhile, and in callbacks of natives.
async def pump(stream, count):
    for _ in range(count):
        stream.feed(b"abc")
        await asyncio.sleep(0)
        assert stream.consume(3) == b"abc"

import asyncio

async def main():
    await asyncio.gather(*(pump(Stream(), 60) for _ in range(20)))

asyncio.run(main())
streams = [Stream() for _ in range(50)]
for _ in range(20):
    streams.sort(key=turn)

# A view that something refers to does keep it, from wherever.
def check(array):
    for operation in (lambda: array.append(1), lambda: array.clear(), lambda: array.extend(b"xy"), lambda: array.pop()):
        try:
            operation()
            assert False
        except BufferError as error:
            assert str(error) == "Existing exports of data: object cannot be re-sized"
    try:
        del array[:1]
        assert False
    except BufferError:
        pass
    try:
        array += b"x"
        assert False
    except BufferError:
        pass

array = bytearray(b"abc")
view = memoryview(array)
check(array)
held = [view[1:]]
del view
check(array)
held = {"a": (held[0],)}
check(array)
held = iter(held["a"])
check(array)

def generator():
    mine = memoryview(array)
    yield
    yield mine[0]

waiting = generator()
next(waiting)
del held
check(array)
assert next(waiting) == 97
waiting.close()
array.append(1)
assert array == b"abc\x01"

def with_local(array):
    mine = memoryview(array)
    check(array)
    return mine.tobytes()

for _ in range(100):
    assert with_local(array) == b"abc\x01"
del array[:]

# Another thread names a view in a local variable of its own.
import queue
import threading

handed, done = queue.Queue(), queue.Queue()

def keeper():
    mine = handed.get()
    done.put("taken")
    handed.get()
    done.put(mine.tobytes())

thread = threading.Thread(target=keeper)
thread.start()
array = bytearray(b"abc")
handed.put(memoryview(array))
assert done.get() == "taken"
for _ in range(3):
    check(array)
handed.put("go")
assert done.get() == b"abc"
thread.join()
array.append(1)

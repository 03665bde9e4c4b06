# What can't be logged makes a block inevitable: it runs once, alone, and nobody sees it half done.
import gc
import threading
from transaction import atomic

class Pair:
    pass

pair = Pair()
pair.a = pair.b = 0
items = []
counts = {}
plain = Pair()
plain.n = 0
stop = False

def block(number):
    for i in range(200):
        with atomic:
            # Logged so far; what follows is not.
            pair.a += 1
            items.append(i)
            counts[i] = counts.get(i, 0) + 1
            if i % 50 == 0:
                gc.collect(0)
            pair.b += 1
            assert pair.a == pair.b == len(items), (pair.a, pair.b, len(items))

def logged(number):
    # Never finds an inconsistent state, inside a block or at its end.
    for i in range(400):
        with atomic:
            a = pair.a
            b = pair.b
            assert a == b, (a, b)

def outside():
    while not stop:
        plain.n += 1
        # An inevitable block runs alone: between its writes nobody looks.
        b = pair.b
        a = pair.a
        assert a >= b, (a, b)

threads = [threading.Thread(target=block, args=(n,)) for n in range(3)] + [threading.Thread(target=logged, args=(0,))]
watcher = threading.Thread(target=outside)
watcher.start()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
stop = True
watcher.join()
assert pair.a == pair.b == len(items) == 600
assert set(counts.values()) == {3} and len(counts) == 200

# An exception commits what was done before it.
try:
    with atomic:
        pair.a = -1
        items.clear()
        raise KeyError(1)
except KeyError:
    pass
assert pair.a == -1 and items == []

# Blocks nest, also where the inner one is what makes them inevitable.
with atomic:
    pair.a = 1
    with atomic:
        items.append(pair.a)
    items.append(2)
assert items == [1, 2]

# While the block waits, others go on.
started = threading.Event()
answer = threading.Event()

def helper():
    started.wait()
    items.append("helper")
    answer.set()

thread = threading.Thread(target=helper)
thread.start()
with atomic:
    items.append("block")
    started.set()
    answer.wait()
thread.join()
assert items == [1, 2, "block", "helper"]

# Threads and functions of the program may be started inside.
with atomic:
    thread = threading.Thread(target=items.append, args=("started",))
    thread.start()
    thread.join()
    ordered = sorted([3, 1, 2], key=lambda item: -item)
assert items[-1] == "started" and ordered == [3, 2, 1]

# A block that conflicts with writes outside of blocks over and over commits in the end.
stop = False
shared = Pair()
shared.n = 0
own = Pair()
own.n = 0

def busy():
    while not stop:
        shared.n += 1

noise = threading.Thread(target=busy)
noise.start()
for _ in range(20):
    with atomic:
        before = shared.n
        for _ in range(300):
            own.n += 1
        assert shared.n == before
stop = True
noise.join()
assert own.n == 6000

# Nothing may be suspended inside a block of its own.
def generator():
    with atomic:
        yield 1

try:
    next(generator())
    assert False
except RuntimeError as error:
    assert str(error) == "cannot yield or await inside an atomic block"

def nested():
    with atomic:
        with atomic:
            pass
        yield 1

try:
    list(nested())
    assert False
except RuntimeError:
    pass

def around():
    yield 1
    with atomic:
        items.append("inside")
    yield 2

assert list(around()) == [1, 2]
with atomic:
    assert list(around()) == [1, 2]

async def wait():
    import asyncio
    with atomic:
        await asyncio.sleep(0)

import asyncio
try:
    asyncio.run(wait())
    assert False
except RuntimeError as error:
    assert "atomic" in str(error)
with atomic:
    pair.a = 5
assert pair.a == 5

# A compiled loop whose body calls functions with loops of their own: compiled code goes on in the deeper frame, and comes back.
import gc
import sys


def count(items, depth):
    total = 0
    for item in items:
        if item & 1:
            total += item
        else:
            total -= depth
    return total


def run(turns):
    total = 0
    items = list(range(10))
    n = 0
    while n < turns:
        total += count(items, n % 7)
        if n % 3 == 0:
            total += count(items[:4], 2)
        n += 1
    return total


assert run(4000) == sum(25 - 5 * (n % 7) + (0 if n % 3 else 4 - 4) for n in range(4000))


# Recursion through loops: each level loops over what the level below yields.
def spread(level, width):
    if level == 0:
        return 1
    total = 0
    for _ in range(width):
        total += spread(level - 1, width)
    return total


assert spread(7, 3) == 3**7
assert spread(2, 90) == 8100


# The value stack has an end, also for compiled code.
def endless(n):
    for k in range(40):
        if k == 39:
            return endless(n + 1) + 1
    return 0


for _ in range(4):
    try:
        endless(0)
    except RecursionError:
        pass
    else:
        raise AssertionError


def deep(n):
    total = 0
    for k in range(30):
        total += k
    if n:
        total += deep(n - 1)
    return total


for _ in range(20):
    assert deep(200) == 201 * 435


# Frames in between are seen by whoever looks, and by the collector.
def inner(items, look):
    names = None
    for item in items:
        if item == look:
            names = []
            frame = sys._getframe()
            while frame is not None and frame.f_code is not outer.__code__:
                names.append((frame.f_code.co_name, sorted(frame.f_locals)[:2]))
                frame = frame.f_back
            names.append(frame.f_locals["here"])
    return names


def middle(items, look, held):
    found = inner(items, look)
    return found, held


def outer(turns):
    items = list(range(20))
    seen = []
    here = 0
    while here < turns:
        found, held = middle(items, 7 if here % 500 == 3 else -1, [here, str(here)])
        assert held == [here, str(here)]
        if found:
            seen.append(found)
        if here % 300 == 0:
            gc.collect()
        here += 1
    return seen


seen = outer(2000)
assert seen == [
    [("inner", ["frame", "item"]), ("middle", ["held", "items"]), here] for here in range(3, 2000, 500)
], seen


# Exceptions leave through frames that compiled code has entered.
def fails(items, bad):
    for item in items:
        if item == bad:
            raise KeyError(item)
    return len(items)


def catches(turns):
    caught = done = 0
    items = list(range(15))
    n = 0
    while n < turns:
        try:
            done += fails(items, 9 if n % 11 == 0 else None)
        except KeyError as error:
            caught += error.args[0]
            assert [entry.name for entry in traceback.extract_tb(error.__traceback__)] == ["catches", "fails"]
        n += 1
    return caught, done


import traceback

assert catches(1100) == (900, 15000)

# Recursion without end is a RecursionError, wherever it happens, and the program goes on after it.


def endless(n):
    return endless(n + 1) + 1


def mutual_a():
    return mutual_b()


def mutual_b():
    return mutual_a()


class Attribute:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __eq__(self, other):
        return self == other


class Nested:
    def __init__(self):
        self.inner = Nested()


def in_loop():
    total = 0
    for i in range(10):
        total += in_loop()
    return total


def caught_deep(depth):
    try:
        return caught_deep(depth + 1)
    except RecursionError:
        return depth


def generator():
    yield from generator()


failures = 0
for action in [
    lambda: endless(0),
    mutual_a,
    lambda: Attribute().name,
    lambda: Attribute() == 1,
    Nested,
    in_loop,
    lambda: list(generator()),
    lambda: sorted([1, 2], key=lambda x: endless(0)),
]:
    for _ in range(3):
        try:
            action()
        except RecursionError as error:
            assert str(error).startswith("maximum recursion depth exceeded"), str(error)
            failures += 1
assert failures == 24
assert caught_deep(0) > 500


def fine(n):
    return 0 if n == 0 else 1 + fine(n - 1)


assert fine(800) == 800

deep = []
for _ in range(100000):
    deep = [deep]
try:
    repr(deep)
except RecursionError:
    pass
else:
    assert False
try:
    deep == deep[0]
except RecursionError:
    pass

"""Loops in coroutines and generators that are compiled: what they take from their frame is found by the frame's sort."""


class Checked:
    """Its attribute is set by a property, which no inline cache knows."""

    def __init__(self):
        self.total = 0

    @property
    def number(self):
        return self.total

    @number.setter
    def number(self, value):
        self.total += value


class Hooked:
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value + 1)


def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value


def stores():
    factor = 2

    async def in_coroutine(target):
        for number in range(1500):
            target.number = number * factor
        return target.number

    def in_generator(target):
        for number in range(1500):
            target.number = number * factor
        yield target.number

    async def in_async_generator(target):
        for number in range(1500):
            target.number = number * factor
        yield target.number

    expected = sum(range(1500)) * 2
    assert run(in_coroutine(Checked())) == expected
    assert next(in_generator(Checked())) == expected
    assert run(anext(in_async_generator(Checked()))) == expected
    assert run(in_coroutine(Hooked())) == 2999
    assert next(in_generator(Hooked())) == 2999


def nested():
    """Values pass several generators, which all see what is outside of them."""
    seen = []
    step = 3

    def inner(count):
        for number in range(count):
            sent = yield number * step
            if sent:
                seen.append(sent)
        return count

    def middle(count):
        total = 0
        for _ in range(3):
            total += yield from inner(count)
        return total

    def outer(count):
        return (yield from middle(count))

    walk = outer(400)
    values = [next(walk)]
    while True:
        try:
            values.append(walk.send(len(values) if len(values) % 100 == 0 else None))
        except StopIteration as stop:
            assert stop.value == 1200
            break
    assert len(values) == 1200 and sum(values) == 3 * step * sum(range(400)), sum(values)
    assert seen == list(range(100, 1300, 100)), seen


def handled():
    """What a generator handles is its own, what its caller handles comes back."""
    import sys

    def handles():
        try:
            raise KeyError(1)
        except KeyError:
            for _ in range(50):
                yield sys.exception().args
        yield sys.exception()

    def plain():
        for _ in range(50):
            yield type(sys.exception())

    walk, other = handles(), plain()
    for _ in range(20):
        try:
            raise ValueError
        except ValueError:
            assert next(walk) == (1,) and type(sys.exception()) is ValueError
            assert next(other) is ValueError
        assert sys.exception() is None and next(other) is type(None)
    for item in walk:
        assert sys.exception() is None
    assert item is None


def many_registers():
    def wide(a, b, c, d, e, f, g, h):
        i, j, k, l, m = a + b, c + d, e + f, g + h, a + h
        for n in range(200):
            yield a + b + c + d + e + f + g + h + i + j + k + l + m + n
            i, j, k, l, m = j, k, l, m, i

    assert sum(wide(1, 2, 3, 4, 5, 6, 7, 8)) == 200 * (36 + 36 + 9) + sum(range(200))

    def one():
        yield 1

    def none():
        return
        yield

    assert [item for _ in range(300) for item in one()] == [1] * 300
    assert [item for _ in range(300) for item in none()] == []


for part in (stores, nested, handled, many_registers):
    part()

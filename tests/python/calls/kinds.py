# Every kind of argument, called from loops that are compiled.


def f(a, b=10, *rest, c=100, **others):
    return a + b + sum(rest) + c + sum(others.values())


def simple(n):
    total = 0
    for i in range(n):
        total += f(i)
        total += f(i, 1)
        total += f(i, b=2)
        total += f(i, 1, 2, 3)
        total += f(i, c=i)
        total += f(c=1, b=2, a=i)
        total += f(i, d=5, e=6)
    return total


assert simple(1000) == 4549000


def unpacked(n):
    total = 0
    pair = (1, 2)
    names = {"c": 3, "z": 4}
    for i in range(n):
        total += f(*pair)
        total += f(i, *pair)
        total += f(*pair, i, *pair)
        total += f(i, **names)
        total += f(*pair, **names)
    return total


assert unpacked(500) == 543750


def defaults(a, b=1, c=2, d=3):
    return a * 1000 + b * 100 + c * 10 + d


def all_defaults(n):
    total = 0
    for i in range(n):
        total += defaults(i) + defaults(i, 5) + defaults(i, d=5) + defaults(i, 4, d=6, c=7)
    return total


assert all_defaults(1000) == 1999247000


def changing(n):
    # The same place calls different things.
    things = [abs, lambda x: x + 1, int, f, Box]
    total = 0
    for i in range(n):
        result = things[i % 5](-i)
        total += result.value if i % 5 == 4 else result
    return total


class Box:
    def __init__(self, value):
        self.value = value

    def add(self, other, times=1):
        self.value += other * times
        return self

    @classmethod
    def of(cls, value):
        return cls(value)

    @staticmethod
    def double(value):
        return value * 2

    def __call__(self, x, *, y=0):
        return self.value + x + y


assert changing(1000) == -278300


def methods(n):
    box = Box(0)
    bound = box.add
    for i in range(n):
        box.add(i)
        box.add(i, 2)
        box.add(i, times=3)
        box.add(1).add(2).add(3)
        bound(1)
        Box.add(box, 1)
        box.value += Box.double(i) + box.double(1) + Box.of(i).value + box.of(1).value
        box.value += box(1) - box(0) + box(0, y=1) - box.value
    return box.value


assert methods(1000) == 4508500


def swap(a, b):
    return b, a


def results(n):
    a, b = 0, 1
    for i in range(n):
        a, b = swap(a, b)
        b += i
    return a, b


assert results(1001) == (250001, 250500)


def recursive_in_loop(n):
    def depth(k):
        return 0 if k == 0 else 1 + depth(k - 1)

    total = 0
    for i in range(n):
        total += depth(i % 12)
    return total


assert recursive_in_loop(1200) == 6600


def order():
    seen = []

    def note(x):
        seen.append(x)
        return x

    f(note(1), note(2), *[note(3)], c=note(4), **{"d": note(5)})
    return seen


assert order() == [1, 2, 3, 4, 5]

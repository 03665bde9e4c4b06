# Special methods behind operators, in loops that are compiled.


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    def __rmul__(self, factor):
        return self * factor

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __lt__(self, other):
        return self.x < other.x

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        if index == 0:
            return self.x
        if index == 1:
            return self.y
        raise IndexError(index)

    def __contains__(self, item):
        return item == self.x or item == self.y

    def __iter__(self):
        yield self.x
        yield self.y

    def __hash__(self):
        return hash((self.x, self.y))

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __str__(self):
        return f"<{self.x} {self.y}>"


def compute(n):
    v = Vector(0, 0)
    one = Vector(1, 2)
    for i in range(n):
        v = v + one * 2 - one
        v = 3 * one + v - one * 3
        v += one
        if v:
            v = -(-v)
    return v.x, v.y


assert compute(1000) == (2000, 4000)


def indexing(n):
    v = Vector(3, 4)
    total = 0
    for i in range(n):
        total += v[i % 2] + len(v)
        if 3 in v and 5 not in v:
            total += 1
        a, b = v
        total += a * b
    return total


assert indexing(1000) == 18500
assert str(Vector(1, 2)) == "<1 2>"
assert len({Vector(1, 2), Vector(1, 2), Vector(2, 1)}) == 2
assert sorted([Vector(3, 0), Vector(1, 0), Vector(2, 0)])[0].x == 1
try:
    Vector(1, 2) + 1
except TypeError as error:
    assert str(error) == "unsupported operand type(s) for +: 'Vector' and 'int'"
else:
    assert False
try:
    1 < Vector
except TypeError as error:
    assert str(error) == "'<' not supported between instances of 'int' and 'type'"
else:
    assert False


class Number(int):
    def __add__(self, other):
        return Number(int(self) + int(other) + 1)

    def __index__(self):
        return int(self)


def subclass(n):
    x = Number(0)
    for i in range(n):
        x = x + i
    return x


assert subclass(1000) == 500500
assert type(subclass(3)) is Number


class Reflected:
    def __radd__(self, other):
        return other * 2

    def __rsub__(self, other):
        return "rsub"

    def __rpow__(self, other):
        return ("rpow", other)


def reflected(n):
    r = Reflected()
    total = 0
    for i in range(n):
        total += i + r
    return total


assert reflected(1000) == 999000
assert 1 - Reflected() == "rsub"
assert 2 ** Reflected() == ("rpow", 2)


class Lengthy:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


def truth(n):
    count = 0
    for i in range(n):
        if Lengthy(i % 3):
            count += 1
    return count


assert truth(999) == 666

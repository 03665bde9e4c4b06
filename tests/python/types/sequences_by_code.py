# Short ways through lists and tuples, and what they leave to methods of the items.
from collections import Counter, deque, namedtuple


class Odd:
    """Equal to odd numbers; may do something first."""

    def __init__(self, first=None):
        self.first = first

    def __eq__(self, other):
        if self.first:
            self.first()
        return isinstance(other, int) and other % 2 == 1


numbers = [2, 4, 5, "5", 5.0, None, (1, 2), True]
assert numbers.index(5) == 2 and numbers.index(5, 3) == 4 and numbers.count(5) == 2 and numbers.count(1) == 1
assert numbers.index(Odd()) == 2 and numbers.count(Odd()) == 2 and Odd() in numbers and "5" in numbers
assert numbers.index((1, 2)) == 6 and (1.0, 2) in numbers and 7 not in numbers and None in numbers
assert 5 in (1, 5) and "a" not in (1, None) and Odd() in (2, 3)
shrinking = [2, 4, 6, 8]
assert Odd(shrinking.clear) not in shrinking and shrinking == []
growing = [2, 4]
assert growing.count(Odd(lambda: growing.append(3) if len(growing) < 6 else None)) == 4
try:
    numbers.index(77)
except ValueError as error:
    assert str(error) == "list.index(x): x not in list"

# Comparisons of lists and tuples.
assert [1, 2.0, "a", (1, None)] == [1.0, 2, "a", (True, None)] != [1, 2]
assert not [1] == (1,) and [1] != (1,) and [Odd()] == [3] and (Odd(), 2) != (2, 2)
assert [1, 2] < [1, 3] < [1, 3, 0] and (1, "b") > (1, "a") and not [2] < [2]
assert ([] == 1) is False and (1 == "1") is False and (None == ()) is False and ("a" == ("a",)) is False
try:
    [1, 2] < (1, 2)
except TypeError as error:
    assert str(error) == "'<' not supported between instances of 'list' and 'tuple'"

# Sums and extremes.
assert sum([1, 2, 3]) == 6 and sum((0.5, 1)) == 1.5 and sum([[1], [2]], []) == [1, 2] and sum([True, 2]) == 3
assert sum([2**62, 2**62]) == 2**63 and sum(range(5), 1) == 11 and sum([]) == 0
assert max([1, 3.5, 2]) == 3.5 and min(("b", "a")) == "a" and max([[1], [2]]) == [2] and min([2, 1], key=lambda n: -n) == 2
assert max((), default=7) == 7 and max(1, 2, 0) == 2 and any([0, "", 3]) and not any(()) and all((1, "a")) and not all([1, 0])


class Changing(list):
    def __iter__(self):
        return iter([7, 8])


assert sum(Changing([1])) == 15 and max(Changing([9])) == 8 and list(Changing([1])) == [7, 8] and set(Changing()) == {7, 8}

# Making, growing and cutting.
assert list(range(5, 0, -2)) == [5, 3, 1] and list(range(0)) == [] and [*range(3), *"ab"] == [0, 1, 2, "a", "b"]
items = [0]
items.extend(range(1, 4))
items.extend((4, 5))
items.extend(items)
assert items == [0, 1, 2, 3, 4, 5] * 2
assert list(range(2**70, 2**70 + 2)) == [2**70, 2**70 + 1]
del items[2:10]
assert items == [0, 1, 4, 5]
del items[::2]
del items[5:]
del items[1:1]
assert items == [1, 5] and items * 3 == [1, 5, 1, 5, 1, 5] and [] * 3 == [] == [1] * -1 and [1] + [] + [2] == [1, 2]
grown = []
for number in range(3000):
    grown.append(number)
assert grown == list(range(3000)) and [n for n in grown] == grown
a, b, c = [1, 2, 3]
assert [a, b, c, *[4, 5], *(6,)] == [1, 2, 3, 4, 5, 6]
try:
    [1, *2]
except TypeError as error:
    assert str(error) == "Value after * must be an iterable, not int"

# Sorting.
for values in ([3, 1, 2], [2.5, -1.0, 0.0, -0.0], ["b", "", "a", "aa"], [(2, 1), (1, "a"), (1, "b")], [True, 0, 2.5], [], [1]):
    for repeated in (values, values * 30):
        expected = sorted(repeated, key=lambda value: (value,))
        copy = list(repeated)
        copy.sort()
        assert copy == expected and sorted(repeated, reverse=True) == sorted(expected, key=lambda v: (v,), reverse=True)
first, second = "x" * 3, "".join(["x"] * 3)
ordered = sorted([second, "a", first])
assert ordered[1] is second and ordered[2] is first
ordered = sorted([second, "a", first], reverse=True)
assert ordered[0] is second and ordered[1] is first
assert str(sorted([0.0, -0.0, 1.5, -0.0])) == "[0.0, -0.0, -0.0, 1.5]"

# Iterating backwards and in pairs.
backwards = [1, 2, 3, 4]
seen = []
for item in reversed(backwards):
    seen.append(item)
    if item == 3:
        del backwards[1:]
assert seen == [4, 3]


class Doubled(list):
    def __getitem__(self, index):
        return 2 * super().__getitem__(index)


assert list(reversed(Doubled([1, 2]))) == [2, 1]
iterator = reversed([1])
assert next(iterator) == 1 and next(iterator, None) is None and next(iterator, None) is None
pairs = []
for pair in zip([1, 2, 3], "ab"):
    pairs.append(pair)
assert pairs == [(1, "a"), (2, "b")] and list(zip()) == [] and list(zip([1], (2,), "c")) == [(1, 2, "c")]
left = iter([1, 2])
assert list(zip(left, [5])) == [(1, 5)] and list(left) == []
for arguments, message in ((([1, 2], [1]), "shorter"), (([1], [1, 2]), "longer")):
    try:
        list(zip(*arguments, strict=True))
    except ValueError as error:
        assert str(error) == f"zip() argument 2 is {message} than argument 1"
assert Counter([1, 2, 1]) == {1: 2, 2: 1} == Counter((1, 1, 2)) == Counter(iter([2, 1, 1]))

# Descriptors of built-in kinds.
Point = namedtuple("Point", "x y")


class Guarded:
    def __getattr__(self, name):
        return name

    __slots__ = ("a",)


def read(objects):
    for _ in range(3):
        for value in objects:
            yield value.__class__


assert list(read([Point(1, 2), 3, "a", Guarded(), deque])) == [Point, int, str, Guarded, type] * 3
total = 0
for n in range(50):
    point = Point(n, 2)
    total += point.x * point.y
assert total == 2450
for _ in range(5):
    assert Guarded().a == "a"
    try:
        int.__abstractmethods__
    except AttributeError as error:
        assert "__abstractmethods__" in str(error)
    try:
        Point(1, 2).x = 3
    except AttributeError as error:
        assert str(error) == "can't set attribute"


class Late(Point):
    pass


def first_of(point):
    return point.x


assert [first_of(Late(1, 2)) for _ in range(3)] == [1, 1, 1]
Late.x = property(lambda self: "changed")
assert [first_of(Late(1, 2)) for _ in range(3)] == ["changed"] * 3


def zipped(first, second):
    result = []
    for a, b in zip(first, second):
        result.append((a, b))
    return result


for _ in range(3):
    assert zipped([1, 2, 3], (4, 5)) == [(1, 4), (2, 5)] and zipped((1,), [2, 3]) == [(1, 2)]
    assert zipped(range(5), range(10, 0, -3)) == [(0, 10), (1, 7), (2, 4), (3, 1)]
    assert zipped(range(2), "abc") == [(0, "a"), (1, "b")] and zipped([], ()) == [] and zipped({1: 2}, [3]) == [(1, 3)]
    same = iter([1, 2, 3, 4, 5])
    assert zipped(same, same) == [(1, 2), (3, 4)] and list(same) == []
    longer, shorter = iter([1, 2, 3]), iter([4])
    assert zipped(longer, shorter) == [(1, 4)] and list(longer) == [3]
    assert zipped(range(2**61 - 2, 2**61 + 1), [1, 2, 3]) == [(2**61 - 2, 1), (2**61 - 1, 2), (2**61, 3)]
    growing = [0]
    for a, b in zip(growing, range(40)):
        growing.append(a + b)
    assert len(growing) == 41 and growing[-1] == 780

# Objects that are equal to themselves only, as keys and elements, and their truth: what is known of a class holds until it changes.


class Plain:
    pass


class Sized:
    def __len__(self):
        return 0


class Equal:
    def __eq__(self, other):
        return isinstance(other, Equal)

    def __hash__(self):
        return 7


class Unhashable:
    def __eq__(self, other):
        return True


def members(objects, table):
    return [x in table for x in objects]


plain = [Plain() for _ in range(5)]
table = {x: n for n, x in enumerate(plain)}
kinds = frozenset({int, str, Plain, type(None), None, NotImplemented, len})
for i in range(1000):
    assert members(plain, table) == [True] * 5 and Plain() not in table
    assert [table[x] for x in plain] == [0, 1, 2, 3, 4]
    assert int in kinds and list not in kinds and Plain in kinds and None in kinds and len in kinds and max not in kinds
    assert Equal() in {Equal()} and Equal() not in table and {Equal(): 1}[Equal()] == 1
    assert hash(plain[0]) == object.__hash__(plain[0]) and hash(int) == object.__hash__(int)
    assert plain[0] and int and len and not Sized() and bool(Plain()) and not b"" and b"x" and not frozenset() and {0}
    assert not {} and {1: 1} and not range(0) and range(1) and not bytearray() and globals() and not "" and () == ()


def unhashable():
    try:
        Unhashable() in table
    except TypeError as error:
        return str(error)


assert unhashable() == "cannot use 'Unhashable' as a dict key (unhashable type: 'Unhashable')"

# The class changes.
one = Plain()
table = {one: 1}
assert one in table and one
Plain.__bool__ = lambda self: False
assert not one and not [x for x in [one] if x]
Plain.__hash__ = lambda self: 3
Plain.__eq__ = lambda self, other: isinstance(other, Plain)
assert hash(one) == 3 and Plain() == one
assert {one: 1}[Plain()] == 1 and Plain() in {Plain()}
del Plain.__bool__, Plain.__hash__, Plain.__eq__
assert one and one in table and Plain() not in table

# Subscripts of what finds keys in place: dicts with defaults, and long text that is not all ASCII.
import collections

counts = collections.defaultdict(int)
text = "é" + "abc" * 2000 + "ü" + "xyz" * 100
for i in range(1000):
    counts["a"] += 1
    counts[i] += 2
    assert counts["a"] == i + 1 and counts[i] == 2 and len(counts) == i + 2
    assert text[1 + 3 * i] == "a" and text[-1] == "z" and text[0] == "é" and text[6001] == "ü" and text[6002] == "x"
try:
    text[len(text)]
except IndexError as error:
    assert str(error) == "string index out of range"
try:
    collections.defaultdict()["no"]
except KeyError as error:
    assert str(error) == "'no'"

# Equality of texts, short and long.
pairs = [("ab", "ab"), ("ab", "ac"), ("x" * 70, "x" * 70), ("x" * 69 + "y", "x" * 70), ("é", "è"), ("", "")]
for i in range(300):
    assert [a == "".join(list(b)) for a, b in pairs] == [True, False, True, False, False, True]
    assert [a != "".join(list(b)) for a, b in pairs] == [False, True, False, True, True, False]
    assert [1 for a, b in pairs if a == "".join(list(b))] == [1, 1, 1]


# Tuples of simple things, as keys and compared.
class Same:
    def __eq__(self, other):
        return True

    __hash__ = object.__hash__


one, two = Equal(), Plain()
rows = [(b"a", "b", 1), (b"a", "c", 1), (1 << 70, 1e300, None), (two, int, ...), ((b"x" * 40, (1,)), float("nan")), (1.5, -0.0)]
for i in range(300):
    table = {row: n for n, row in enumerate(rows)}
    again = [(bytes([97]), "".join("b"), 1), (bytes([97]), "".join("c"), 1), (1 << 70, 1e300 * 1, None), (two, int, ...), rows[4], (1.5, 0.0)]
    assert [table[row] for row in again] == [0, 1, 2, 3, 4, 5]
    assert [a == b for a, b in zip(rows, again)] == [True] * 6 and [a != b for a, b in zip(rows, again)] == [False] * 6
    assert (b"a", 1) != ("a", 1) and (Plain(),) != (two,) and (Plain(),) == (Same(),) and (Same(),) == (Plain(),) and (1, 2) != (1,)
    assert (float("nan"),) != (float("nan"),) and (1 << 70,) != (1 << 71,) and (b"a",) == (bytearray(b"a"),) and (True,) == (1.0,)
    assert (Plain(), 1) not in table and (b"a", "b", 2) not in table

# Tables of dicts and sets: growth, removal, copies, keys that compare by code, operators on sets and views.
import random

random.seed(7)


class Key:
    """Compares by value, and counts how often."""

    compared = 0

    def __init__(self, value, hashed=None):
        self.value = value
        self.hashed = hash(value) if hashed is None else hashed

    def __hash__(self):
        return self.hashed

    def __eq__(self, other):
        Key.compared += 1
        return isinstance(other, Key) and self.value == other.value


def model(kinds, steps):
    """Compares a dict with a list of pairs under random changes."""
    table, pairs = {}, []
    for step in range(steps):
        key = kinds(random.randrange(60))
        at = next((at for at, (known, _) in enumerate(pairs) if known == key), None)
        what = random.randrange(10)
        if what < 6:
            table[key] = step
            if at is None:
                pairs.append((key, step))
            else:
                pairs[at] = (pairs[at][0], step)
        elif what < 9:
            assert table.pop(key, None) == (None if at is None else pairs.pop(at)[1])
        else:
            table = dict(table)
        assert (key in table) == any(known == key for known, _ in pairs)
    assert list(table.items()) == pairs
    assert list(reversed(table)) == [key for key, _ in reversed(pairs)]
    assert len(table) == len(pairs)


for kinds in (int, str, float, lambda n: (n % 7, str(n)), lambda n: (n, (n, (None, 1.5))), lambda n: Key(n, n % 5)):
    model(kinds, 600)
model(lambda n: -n if n % 3 else n * 2**61, 600)

# Equal keys of different types are one key, and the first one stays.
mixed = {1: "a", 1.0: "b", True: "c", (1, 2): "d", (1.0, True + 1): "e"}
assert mixed == {1: "c", (1, 2): "e"} and list(map(repr, mixed)) == ["1", "(1, 2)"]
assert {0.0, -0.0, 0, False} == {0} and len({None, 0, "", ()}) == 4
nan = float("nan")
assert len({nan, nan, float("nan")}) == 2 and (nan,) in {(nan,)}
deep = shallow = ()
for _ in range(9):
    deep, shallow = (deep, 1), (shallow, 1.0)
assert {deep: 1}[shallow] == 1

# A comparison that changes the table makes the search start over.
grown = {}


class Growing(Key):
    def __eq__(self, other):
        if len(grown) < 40:
            grown[len(grown), "more"] = 1
        return self.value == other.value

    __hash__ = Key.__hash__


grown[Growing(1, 3)] = "first"
grown[Growing(2, 3)] = "second"
grown[Growing(1, 3)] = "third"
assert [value for key, value in grown.items() if isinstance(key, Growing)] == ["third", "second"]


class Failing(Key):
    def __eq__(self, other):
        raise ArithmeticError("cannot say")

    __hash__ = Key.__hash__


table = {Failing(1, 8): 1}
for action in (lambda: table[Failing(2, 8)], lambda: Failing(2, 8) in set(table), lambda: {Failing(1, 8), Failing(2, 8)}):
    try:
        action()
    except ArithmeticError as error:
        assert str(error) == "cannot say"
    else:
        raise AssertionError

# Sets against lists.
for kinds in (int, str, lambda n: (n,), lambda n: Key(n, n % 3)):
    for size in (0, 1, 5, 6, 40, 200):
        left = [kinds(n) for n in range(size)]
        right = [kinds(n) for n in range(size // 2, size + 3)]
        one, two = set(left), frozenset(right)
        assert len(one) == size and one == set(tuple(left)) == set(iter(left)) == {*left} == {item for item in left}
        assert sorted(map(repr, one & two)) == sorted(repr(item) for item in left if item in right) or kinds(0).__class__ is Key
        assert len(one & two) == sum(item in right for item in left) == len(two & one)
        assert len(one | two) == len(left) + sum(item not in left for item in right)
        assert len(one - two) == sum(item not in right for item in left)
        assert len(one ^ two) == len(one | two) - len(one & two)
        assert type(one & two) is set and type(two & one) is frozenset
        assert (one & two) <= one and (one | two) >= two and not one > one and one.isdisjoint(set())
        changed = set(one)
        changed &= two
        assert changed == one & two
        changed = set(one)
        changed -= two
        assert changed == one - two
        changed ^= two
        assert changed == (one - two) ^ two
        changed |= one
        assert changed >= one
        lefts, rights = dict.fromkeys(left, 1), dict.fromkeys(right, 2)
        assert lefts.keys() & rights.keys() == one & two and lefts.keys() | right == one | two
        assert lefts.keys() - rights.keys() == one - two and lefts.keys() ^ two == one ^ two
        assert left & rights.keys() == one & two and type(lefts.keys() & two) is set
        assert len(lefts.items() & rights.items()) == 0 and len(lefts.items() | rights.items()) == len(left) + len(right)
        assert set(lefts) == one == set(lefts.keys())

# An operator in place changes the set for whoever is iterating over it.
numbers = {1, 2, 3}
try:
    for number in numbers:
        numbers &= {1}
except RuntimeError as error:
    assert str(error) == "Set changed size during iteration"
else:
    raise AssertionError
assert numbers == {1}
numbers -= numbers
assert numbers == set() and not numbers
numbers |= numbers
numbers.add(4)
assert list(numbers) == [4]

# Copies of tables with many removed entries.
full = {n: -n for n in range(500)}
for n in range(490):
    del full[n]
copies = dict(full), full.copy(), {**full}, full | {}
assert all(copy == full and list(copy) == list(range(490, 500)) for copy in copies)
copies[0][1] = 2
assert 1 not in full and copies[0][1] == 2
full.clear()
assert not full and full.setdefault(3, 4) == 4 and list(full) == [3]

# Literals and comprehensions.
assert {} == dict() and {"a": 1, "a": 2} == {"a": 2} and {1, 1, 2} == {2, 1}
assert {n % 10: n for n in range(100)} == {n: 90 + n for n in range(10)}
for action, message in (
    (lambda: {[]: 1}, "cannot use 'list' as a dict key (unhashable type: 'list')"),
    (lambda: {1, {}}, "cannot use 'dict' as a set element (unhashable type: 'dict')"),
    (lambda: {[] for _ in "a"}, "cannot use 'list' as a set element (unhashable type: 'list')"),
    (lambda: {[]: 1 for _ in "a"}, "cannot use 'list' as a dict key (unhashable type: 'list')"),
    (lambda: [] in {}, "cannot use 'list' as a dict key (unhashable type: 'list')"),
    (lambda: [] in set(), "cannot use 'list' as a set element (unhashable type: 'list')"),
    (lambda: {}[{}], "cannot use 'dict' as a dict key (unhashable type: 'dict')"),
):
    try:
        action()
    except TypeError as error:
        assert str(error) == message, error
    else:
        raise AssertionError
assert {1} in {frozenset([1])} and frozenset([1]) in {frozenset([1]): 2}

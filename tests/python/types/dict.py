# Dicts and sets in loops that are compiled.


def counts(n):
    found = {}
    for i in range(n):
        key = i * 7 % 13
        found[key] = found.get(key, 0) + 1
    return found


assert counts(1300) == {key: 100 for key in range(13)}


def words(text, times):
    found = {}
    for _ in range(times):
        for word in text.split():
            if word in found:
                found[word] += 1
            else:
                found[word] = 1
    return found


assert words("the cat and the dog and the bird", 300) == {"the": 900, "cat": 300, "and": 600, "dog": 300, "bird": 300}


def missing(n):
    table = {1: "a"}
    failed = 0
    for i in range(n):
        try:
            table[i % 3]
        except KeyError as error:
            failed += error.args[0]
    return failed


assert missing(999) == 666


def grow_and_shrink(n):
    table = {}
    for i in range(n):
        table[i] = i
        if i >= 100:
            del table[i - 100]
    return len(table), min(table), max(table)


assert grow_and_shrink(5000) == (100, 4900, 4999)


def iterate(table, times):
    total = 0
    for _ in range(times):
        for key in table:
            total += key
        for key, value in table.items():
            total += key * value
        for value in table.values():
            total -= value
    return total


assert iterate({i: i * 2 for i in range(50)}, 40) == 3185000


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 5

    def __eq__(self, other):
        return isinstance(other, Key) and self.n == other.n


def own_keys(n):
    table = {}
    for i in range(n):
        table[Key(i % 50)] = i
    return len(table), table[Key(7)]


assert own_keys(1000) == (50, 957)


def tuple_keys(n):
    grid = {}
    for i in range(n):
        grid[i % 20, i % 30] = i
    return len(grid), grid[5, 5]


assert tuple_keys(2000) == (60, 1985)

table = {"b": 1, "a": 2}
table["c"] = 3
assert list(table) == ["b", "a", "c"]
del table["b"]
table["b"] = 4
assert list(table.items()) == [("a", 2), ("c", 3), ("b", 4)]
assert table.pop("a") == 2 and table.pop("zz", None) is None
assert table.setdefault("d", 5) == 5 and table.setdefault("c", 9) == 3
assert table == {"c": 3, "b": 4, "d": 5}
assert table | {"b": 0, "e": 1} == {"c": 3, "b": 0, "d": 5, "e": 1}
table.update(f=1, c=0)
assert table == {"c": 0, "b": 4, "d": 5, "f": 1}
assert table.popitem() == ("f", 1)
assert {1: "int", 1.0: "float", True: "bool"} == {1: "bool"}
assert {**{"a": 1}, "b": 2, **{"a": 3}} == {"a": 3, "b": 2}
assert dict([(1, 2), (3, 4)], x=5) == {1: 2, 3: 4, "x": 5}
assert dict.fromkeys("ab", 0) == {"a": 0, "b": 0}
assert repr({1: {2: "x"}}) == "{1: {2: 'x'}}"
assert list(reversed({1: 2, 3: 4})) == [3, 1]
assert {1: 2}.keys() & {1, 5} == {1}
try:
    for key in table:
        table[key + "x"] = 1
except RuntimeError as error:
    assert str(error) == "dictionary changed size during iteration"
else:
    assert False
try:
    {[]: 1}
except TypeError as error:
    assert str(error) == "cannot use 'list' as a dict key (unhashable type: 'list')"
else:
    assert False

# Sets.


def unique(n):
    seen = set()
    repeated = 0
    for i in range(n):
        item = i * i % 1009
        if item in seen:
            repeated += 1
        seen.add(item)
    return len(seen), repeated


assert unique(3000) == (505, 2495)
a, b = {1, 2, 3}, {2, 3, 4}
assert a & b == {2, 3} and a | b == {1, 2, 3, 4} and a - b == {1} and a ^ b == {1, 4}
assert {1, 2} < a and a >= {1} and not a < b and a.isdisjoint({9})
a.discard(9)
a.remove(1)
assert a == {2, 3} and len(a) == 2 and frozenset(a) == a
assert hash(frozenset([1, 2])) == hash(frozenset([2, 1]))
assert sorted({x % 3 for x in range(10)}) == [0, 1, 2]

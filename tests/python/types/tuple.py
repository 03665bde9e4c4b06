# Tuples in loops that are compiled: mostly never made.


def pairs(n):
    total = 0
    for i in range(n):
        pair = i, i + 1
        a, b = pair
        total += a * b - pair[0]
    return total


assert pairs(1000) == 332833500


def minmax(items):
    return min(items), max(items)


def escape(n):
    kept = []
    for i in range(n):
        t = (i, str(i), (i, i))
        if i % 100 == 0:
            kept.append(t)
    return kept


kept = escape(1000)
assert len(kept) == 10 and kept[3] == (300, "300", (300, 300))


def unpack_list(items):
    total = 0
    for name, (x, y), *rest in items:
        total += x * y + len(rest) + len(name)
    return total


assert unpack_list([("ab", (2, 3)), ("c", (4, 5), 6, 7)] * 300) == 9300


def returns_many(i):
    return i, i * 2, i * 3


def sums(n):
    total = 0
    for i in range(n):
        a, b, c = returns_many(i)
        total += a + b - c
    return total


assert sums(1000) == 0


def zips(n):
    total = 0
    for a, b in zip(range(n), range(n, 0, -1)):
        total += a * b
    for i, (a, b) in enumerate(zip("ab" * n, range(n))):
        total += i - b
    return total


assert zips(500) == 20833250


def wrong_length(n):
    failed = 0
    for i in range(n):
        try:
            a, b = (1,) * (1 + i % 3)
        except ValueError as error:
            failed += 1
            text = str(error)
    return failed, text


assert wrong_length(999) == (666, 'too many values to unpack (expected 2, got 3)')
assert (1, 2) + (3,) == (1, 2, 3) and (0,) * 3 == (0, 0, 0) and () == ()
assert (1, 2) < (1, 3) and (1,) < (1, 0) and hash((1, 2)) == hash((1, 2))
assert (1, 2, 3)[1:] == (2, 3) and (1, 2, 3)[-1] == 3 and 2 in (1, 2)
assert repr((1,)) == "(1,)" and repr(()) == "()" and repr((1, "a")) == "(1, 'a')"
assert (3, 1, 2).index(1) == 1 and (1, 1, 2).count(1) == 2 and tuple("ab") == ("a", "b")
try:
    (1, 2)[0] = 1
except TypeError as error:
    assert str(error) == "'tuple' object does not support item assignment"
else:
    assert False

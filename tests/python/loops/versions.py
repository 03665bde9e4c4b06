# A loop whose values change type gets a version for each; what comes of it is the same in any order.
SCALE = 2


def total(items):
    result = 0
    for index, item in enumerate(items):
        result += item * SCALE + index
    return result


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __mul__(self, other):
        return Money(self.amount * other)

    def __add__(self, other):
        return Money(self.amount + (other.amount if isinstance(other, Money) else other))

    def __radd__(self, other):
        return self + other


def sums(times):
    found = []
    for turn in range(times):
        ints = total(range(20))
        floats = total([0.5] * 20)
        mixed = total([1, 2.5, True, 3] * 5)
        money = total([Money(n) for n in range(20)]).amount
        found.append((ints, floats, mixed, money))
    return found


results = sums(200)
assert len(set(results)) == 1
assert results[0] == (570, 210.0, 265.0, 570), results[0]
# What the versions rely on changes.
SCALE = 3
results = sums(200)
assert len(set(results)) == 1
assert results[0] == (760, 220.0, 302.5, 760), results[0]


def slices(items, times):
    length = 0
    for n in range(times):
        bound = n % 7 if n % 3 else None
        part = items[bound:]
        part[: n % 4] = items[n % 5 :: -1]
        length += len(part) + len(items[:]) + len(items[-3:bound])
    return length


expected = 0
items = list(range(10))
for n in range(3000):
    bound = n % 7 if n % 3 else None
    part = list(items)[bound if bound is not None else 0 : 10]
    replaced = min(n % 4, len(part))
    expected += len(part) - replaced + n % 5 + 1 + 10 + len(range(7, 10 if bound is None else bound))
assert slices(items, 3000) == expected, (slices(items, 3000), expected)


def kinds(values):
    counts = [0, 0, 0, 0]
    for value in values:
        if isinstance(value, bool):
            counts[0] += 1
        elif isinstance(value, int):
            counts[1] += 1
        elif isinstance(value, Money):
            counts[2] += len([value] * 3)
        else:
            counts[3] += len((value, "ab")) + len("ab") + len({1: value})
    return counts


assert kinds([True, 1, Money(2), None, 2.5, "x", Money(1)] * 500) == [500, 500, 3000, 7500]


class Claims:
    """Claims to be another class."""

    @property
    def __class__(self):
        return int


def claims(value, times):
    count = 0
    for _ in range(times):
        if isinstance(value, int):
            count += 1
    return count


assert claims(Claims(), 3000) == 3000
assert claims(5, 3000) == 3000
assert claims("5", 3000) == 0

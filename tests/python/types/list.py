# Lists in loops that are compiled.


def build(n):
    items = []
    for i in range(n):
        items.append(i * i)
    return items


squares = build(3000)
assert len(squares) == 3000 and squares[-1] == 8994001 and squares[7] == 49


def total(items):
    s = 0
    for item in items:
        s += item
    return s


assert sum(squares) == total(squares) == 8995500500
assert total([]) == 0
assert total([1.5] * 400) == 600.0
assert total([1, 2.5, 2**65] * 100) == 3.6893488147419103e+21


def index_loop(items):
    s = 0
    for i in range(len(items)):
        s += items[i] - items[-1 - i] + i
    return s


assert index_loop(squares) == 4498500


def stores(n):
    items = [0] * 10
    for i in range(n):
        items[i % 10] += i
        items[-1] = items[0]
    return items


assert stores(1000) == [49500, 49600, 49700, 49800, 49900, 50000, 50100, 50200, 50300, 49500]


def out_of_range(n):
    items = [1, 2, 3]
    failed = 0
    for i in range(n):
        try:
            items[i % 5]
        except IndexError as error:
            assert str(error) == "list index out of range"
            failed += 1
        try:
            items[-(i % 5)] = i
        except IndexError as error:
            assert str(error) == "list assignment index out of range"
            failed += 1
    return failed


assert out_of_range(1000) == 600


def changes_while_running():
    items = [0]
    for item in items:
        if len(items) < 2000:
            items.append(item + 1)
    return items[-1]


assert changes_while_running() == 1999


def shrinks():
    items = list(range(2000))
    seen = 0
    for item in items:
        seen += 1
        items.pop()
    return seen


assert shrinks() == 1000


def types_change(n):
    items = []
    s = 0
    for i in range(n):
        items.append(i if i < 500 else i + 0.5 if i < 1000 else str(i))
    for item in items:
        if isinstance(item, str):
            s += len(item)
        else:
            s += item
    return s


assert types_change(1500) == 501750.0


def bubble(items):
    items = items[:]
    n = len(items)
    for i in range(n):
        for j in range(n - i - 1):
            if items[j] > items[j + 1]:
                items[j], items[j + 1] = items[j + 1], items[j]
    return items


mixed = [(i * 7919) % 101 for i in range(100)]
assert bubble(mixed) == sorted(mixed)


def matrix(n):
    a = [[i * n + j for j in range(n)] for i in range(n)]
    b = [[i - j for j in range(n)] for i in range(n)]
    c = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            s = 0
            for k in range(n):
                s += a[i][k] * b[k][j]
            c[i][j] = s
    return c


c = matrix(15)
assert sum(map(sum, c)) == 63000


def stack(n):
    items = []
    for i in range(n):
        items.append(i)
        items.append(-i)
        items.pop()
        if i % 3 == 0:
            items.pop()
    return len(items), items[-1]


assert stack(2000) == (1333, 1999)

items = [3, 1, 2]
items.sort()
assert items == [1, 2, 3]
items.reverse()
assert items == [3, 2, 1]
items.insert(1, 9)
assert items == [3, 9, 2, 1]
items.remove(9)
items.extend((7, 8))
assert items == [3, 2, 1, 7, 8]
assert items.index(7) == 3 and items.count(8) == 1
assert items[1:4] == [2, 1, 7] and items[::-1] == [8, 7, 1, 2, 3] and items[::2] == [3, 1, 8]
items[1:3] = [10, 11, 12]
assert items == [3, 10, 11, 12, 7, 8]
del items[0], items[-1]
assert items == [10, 11, 12, 7]
del items[1:3]
assert items == [10, 7]
items *= 2
items += [1]
assert items == [10, 7, 10, 7, 1]
assert [1, 2] + [3] == [1, 2, 3] and [0] * 3 == [0, 0, 0]
assert 3 in [1, 2, 3] and 4 not in [1, 2, 3]
assert [1, 2] < [1, 3] and [1, 2] < [1, 2, 0] and not [2] < [1, 9]
first, *middle, last = range(5)
assert (first, middle, last) == (0, [1, 2, 3], 4)
items.clear()
assert items == [] and not items
assert repr([1, "a", None, [2.5]]) == "[1, 'a', None, [2.5]]"
loop = [1]
loop.append(loop)
assert repr(loop) == "[1, [...]]"
assert sorted("hello", reverse=True, key=lambda c: -ord(c)) == ["e", "h", "l", "l", "o"]
for bad, text in [
    (lambda: [].pop(), "pop from empty list"),
    (lambda: [1].remove(2), "list.remove(x): x not in list"),
    (lambda: [1]["a"], "list indices must be integers or slices, not str"),
    (lambda: [1] + (2,), 'can only concatenate list (not "tuple") to list'),
]:
    try:
        bad()
    except Exception as error:
        assert str(error) == text, str(error)
    else:
        assert False

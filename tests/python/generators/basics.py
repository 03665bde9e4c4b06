# Generators and comprehensions, driven by loops that are compiled.


def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


def total(n):
    s = 0
    for x in count(n):
        s += x
    return s


assert total(0) == 0
assert total(5000) == 12497500
assert sum(count(1000)) == 499500
assert list(count(4)) == [0, 1, 2, 3]


def nested(n):
    yield from count(n)
    yield from (x * 10 for x in count(3))
    return "done"


def delegating():
    result = yield from nested(2)
    yield result


assert list(delegating()) == [0, 1, 0, 10, 20, "done"]


def many(n):
    s = 0
    for i in range(n):
        for x in nested(i % 5):
            s += x
    return s


assert many(500) == 16000


def averager():
    total = 0.0
    count = 0
    average = None
    while True:
        value = yield average
        total += value
        count += 1
        average = total / count


def send(n):
    a = averager()
    next(a)
    for i in range(n):
        result = a.send(i)
    return result


assert send(1001) == 500.0


def catching():
    caught = 0
    while True:
        try:
            yield caught
        except ValueError:
            caught += 1


def throw(n):
    g = catching()
    next(g)
    for i in range(n):
        last = g.throw(ValueError) if i % 2 else next(g)
    return last


assert throw(1000) == 500


def finishing(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


log = []
g = finishing(log)
assert next(g) == 1
g.close()
assert log == ["closed"]
assert list(g) == []


def early(n):
    found = 0
    for i in range(n):
        for x in count(10):
            if x == i % 10:
                found += x
                break
    return found


assert early(1000) == 4500


def raising(n):
    for i in range(n):
        if i == 700:
            raise ValueError("inside")
        yield i


def consume():
    s = 0
    try:
        for x in raising(1000):
            s += x
    except ValueError as error:
        return s, str(error)


assert consume() == (244650, "inside")


def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


def take(n, iterable):
    out = []
    for item in iterable:
        if len(out) == n:
            break
        out.append(item)
    return out


assert take(10, fibonacci()) == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]
assert take(100, fibonacci())[-1] == 218922995834555169026


def tree(depth):
    if depth:
        yield from tree(depth - 1)
        yield depth
        yield from tree(depth - 1)


assert list(tree(4)) == [1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1]
assert sum(tree(10)) == 2036


def pipeline(n):
    numbers = (i for i in range(n))
    odd = (i for i in numbers if i % 2)
    squares = (i * i for i in odd)
    return sum(s for s in squares if s % 3)


assert pipeline(2000) == 890221555


class Iterates:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        for i in range(self.n):
            yield i, self.n


class Steps:
    def __init__(self, n):
        self.left = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        return self.left


def own_iterators(n):
    s = 0
    for a, b in Iterates(n):
        s += a * b
    for x in Steps(n):
        s += x
    return s


assert own_iterators(500) == 62499750


def interleaved(n):
    a, b = count(n), count(n)
    s = 0
    for x in a:
        y = next(b)
        s += x * y
    return s


assert interleaved(500) == 41541750

# Comprehensions.
n = 3
assert [x * n for x in range(5) if x % 2 == 0] == [0, 6, 12]
assert [(x, y) for x in range(3) for y in range(x)] == [(1, 0), (2, 0), (2, 1)]
assert {x: x * x for x in range(4)} == {0: 0, 1: 1, 2: 4, 3: 9}
assert {x // 2 for x in range(6)} == {0, 1, 2}
assert [[x + y for y in range(2)] for x in range(2)] == [[0, 1], [1, 2]]
x = "outer"
assert [x for x in range(3)] == [0, 1, 2] and x == "outer"
assert sum(x * x for x in range(2000)) == 2664667000
assert len([a + b for a in range(60) for b in range(60) if (a + b) % 7 == 0]) == 513
assert [f() for f in [lambda i=i: i for i in range(3)]] == [0, 1, 2]
assert any(x > 998 for x in range(1000)) and all(x < 1000 for x in range(1000))
assert [y := 1, y + 1] == [1, 2]
g = (i for i in range(2))
assert next(g) == 0 and next(g) == 1 and next(g, "end") == "end"
try:
    next(g)
except StopIteration:
    pass
else:
    assert False


def stop_inside():
    yield 1
    raise StopIteration


try:
    list(stop_inside())
except RuntimeError as error:
    assert str(error) == "generator raised StopIteration"
else:
    assert False

running = None


def self_call():
    yield next(running)


running = self_call()
try:
    next(running)
except ValueError as error:
    assert str(error) == "generator already executing"
else:
    assert False
try:
    count(1).send(5)
except TypeError as error:
    assert str(error) == "can't send non-None value to a just-started generator"
else:
    assert False

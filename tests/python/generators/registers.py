# What is left in registers that a generator does not use must not be taken for objects.

# Leave much on the value stack, in frames and temporaries of all sizes, and let it die.


def deep(n, a, b, c):
    x = [n, a]
    y = (b, c, n)
    z = {"n": n, "x": x}
    if n == 0:
        return len(x) + len(y) + len(z)
    return deep(n - 1, [a], (b, n), {n: c}) + x[0]


def wide(n):
    return [[str(i)] for i in range(n)], {i: (i, [i]) for i in range(n)}


def numbers(n):
    for i in range(n):
        yield sum([len(str(i)), max(i, 3), [i, i + 1][0]]) + deep(i % 4, i, i, i)


def endless():
    yield from endless()


total = 0
for turn in range(40):
    deep(200, 1, 2, 3)
    wide(50)
    waiting = [numbers(6) for _ in range(10)]
    for step in range(5):
        for g in waiting:
            total += next(g)
        wide(20)
    if turn % 10 == 0:
        try:
            next(endless())
        except RecursionError:
            total += 1
assert total == 30404


def seen_while_suspended():
    """What a suspended generator's variables show, also one that is about to receive a value."""
    def receives(first):
        value = first
        other = [value, value, value]
        while True:
            value = yield len(other)
            other = [value] + [max(value, first, len(other))]
            del other[0]

    walk = receives(5)
    assert walk.gi_frame.f_locals == {"first": 5}
    walk.gi_frame.f_locals["other"] = 1
    assert next(walk) == 3
    assert walk.gi_frame.f_locals == {"first": 5, "value": 5, "other": [5, 5, 5]}
    assert walk.send(7) == 1
    assert walk.gi_frame.f_locals == {"first": 5, "value": 7, "other": [7]}
    walk.gi_frame.f_locals["first"] = 9
    assert walk.send(1) == 1 and walk.gi_frame.f_locals["other"] == [9]
    walk.close()
    assert walk.gi_frame is None

    def late(count):
        for number in range(count):
            yield number
        last = number + 1
        try:
            yield last
        except KeyError as error:
            yield error.args
        return last

    walk = late(2)
    assert next(walk) == 0 and walk.gi_frame.f_locals == {"count": 2, "number": 0}
    walk.gi_frame.f_locals["last"] = 100
    assert next(walk) == 1 and next(walk) == 2
    assert walk.gi_frame.f_locals["last"] == 2
    assert walk.throw(KeyError(4)) == (4,)
    try:
        next(walk)
    except StopIteration as stop:
        assert stop.value == 2


for _ in range(200):
    seen_while_suspended()

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

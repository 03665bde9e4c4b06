# A forked child and its parent both go on compiling: neither may see the other's code.
import os


def work(kind, turns):
    total = 0
    for turn in range(turns):
        if kind == 0:
            total += turn
        elif kind == 1:
            total += turn * 2
        elif turn & 1:
            total -= turn
        else:
            total += 1
    return total


def fresh(number):
    # Code of its own for each number, so that there is always something to compile.
    namespace = {}
    exec(f"def f(n):\n    t = 0\n    for i in range(n):\n        t += i % {number + 2}\n    return t\n", namespace)
    return namespace["f"]


EXPECTED = [work(kind, 3000) for kind in range(3)]
assert EXPECTED == [4498500, 8997000, 1500 - 2250000]


def check(start):
    for number in range(start, start + 25):
        function = fresh(number)
        for turns in (10, 3000, 5000):
            assert function(turns) == sum(i % (number + 2) for i in range(turns))
        assert [work(kind, 3000) for kind in range(3)] == EXPECTED


children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            check(number * 100)
            status = 0
        finally:
            os._exit(status)
    children.append(child)
    check(1000 + number * 100)
for child in children:
    assert os.waitpid(child, 0)[1] == 0

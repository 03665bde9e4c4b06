# What iterators of itertools do beyond single calls: laziness, sharing, reentrancy, subclasses, long runs.
from itertools import *
import itertools


def drawn(items, log):
    for item in items:
        log.append(item)
        yield item


log = []
assert list(islice(drawn(range(100), log), 3)) == [0, 1, 2] and log == [0, 1, 2]
log = []
assert list(takewhile(lambda x: x < 3, drawn(range(10), log))) == [0, 1, 2] and log == [0, 1, 2, 3]
it = iter(range(10))
assert next(islice(it, 3, 3), "none") == "none" and next(it) == 3

groups = groupby([1, 1, 2, 3, 3, 3])
key, first = next(groups)
assert next(first) == 1
key, second = next(groups)
assert list(first) == [] and key == 2 and list(second) == [2]
assert [(k, len(list(g))) for k, g in groups] == [(3, 3)]
assert [(k, list(g)) for k, g in groupby("AaBbb", str.lower)] == [("a", ["A", "a"]), ("b", ["B", "b", "b"])]

a, b, c = tee(iter(range(200)), 3)
assert list(islice(a, 150)) == list(range(150))
assert list(b) == list(range(200)) and list(a) == list(range(150, 200)) and sum(c) == 19900
x, y = tee([1, 2, 3])
next(x)
z = x.__copy__()
assert list(z) == [2, 3] and list(x) == [2, 3] and list(y) == [1, 2, 3]


class Reentering:
    def __iter__(self):
        return self

    def __next__(self):
        return next(self.tee)


source = Reentering()
source.tee, _ = tee(source)
try:
    next(source.tee)
    assert False
except RuntimeError as error:
    assert str(error) == "cannot re-enter the tee iterator"

assert list(islice(cycle("abc"), 7)) == list("abcabca")
assert list(islice(count(10, -3), 4)) == [10, 7, 4, 1]
assert list(islice(count(0.5), 3)) == [0.5, 1.5, 2.5]
assert list(repeat("x", 3)) == ["x"] * 3
assert list(accumulate([1, 2, 3, 4], lambda x, y: x * y)) == [1, 2, 6, 24]
assert list(zip_longest([1, 2, 3], "a", [])) == [(1, "a", None), (2, None, None), (3, None, None)]
assert list(dropwhile(lambda x: x < 2, [0, 1, 2, 1])) == [2, 1]
assert list(chain.from_iterable([[1], (), "ab"])) == [1, "a", "b"]
assert list(compress(count(), [1, 0, 1, 1])) == [0, 2, 3]
assert list(starmap(lambda *a: a, [(), (1,), [1, 2]])) == [(), (1,), (1, 2)]
assert list(batched("abcdefg", 3)) == [("a", "b", "c"), ("d", "e", "f"), ("g",)]


def permutations_by_hand(items):
    if not items:
        yield ()
    for at, item in enumerate(items):
        for rest in permutations_by_hand(items[:at] + items[at + 1:]):
            yield (item,) + rest


assert list(permutations(range(5))) == list(permutations_by_hand(list(range(5))))
assert sum(1 for _ in permutations(range(6), 3)) == 120
assert list(combinations(range(6), 3)) == [t for t in product(range(6), repeat=3) if t[0] < t[1] < t[2]]
assert list(combinations_with_replacement(range(4), 3)) == [t for t in product(range(4), repeat=3) if list(t) == sorted(t)]
assert len(list(product(range(3), range(4), "ab"))) == 24

for tool in (chain, count, cycle, islice, repeat, product, groupby, accumulate):
    class Sub(tool):
        def note(self):
            self.noted = type(self).__name__
            return self.noted

    arguments = {islice: ("abc", 2), repeat: ("a", 2)}.get(tool, ("abc",))
    sub = Sub(0) if tool is count else Sub(*arguments)
    assert sub.note() == "Sub" and sub.noted == "Sub" and iter(sub) is sub
    plain = tool(0) if tool is count else tool(*arguments)
    ours, theirs = next(sub), next(plain)
    assert (ours[0] == theirs[0]) if tool is groupby else ours == theirs
    for item in sub:
        break

# A native calls a step, a step calls a native, and an exception comes through.
assert sum(chain(range(100), map(abs, range(-100, 0)), islice(count(), 50))) == 4950 + 5050 + 1225


def fails():
    yield 1
    raise KeyError("end")


for tool in (lambda s: chain(s), lambda s: accumulate(s), lambda s: starmap(str, zip(s)), lambda s: compress(s, count(1)),
             lambda s: islice(s, 5), lambda s: zip_longest(s, "abc"), lambda s: pairwise(chain([0], s)), lambda s: tee(s)[0]):
    it = tool(fails())
    next(it)
    try:
        next(it)
        assert False
    except KeyError as error:
        assert error.args == ("end",)

total = 0
for x, y in pairwise(range(5000)):
    total += y - x
for x in filterfalse(lambda n: n % 2, range(5000)):
    total += x
for x in chain(range(2000), repeat(1, 2000)):
    total += x
assert total == 4999 + 6247500 + 1999000 + 2000, total

# No number of a count is given to two threads.
import _thread

counter, seen, locks = count(), [], []


def draw(lock):
    mine = [next(counter) for _ in range(3000)]
    seen.extend(mine)
    lock.release()


for _ in range(4):
    locks.append(_thread.allocate_lock())
    locks[-1].acquire()
    _thread.start_new_thread(draw, (locks[-1],))
for lock in locks:
    lock.acquire()
assert sorted(seen) == list(range(12000)) and next(counter) == 12000

import sys

big = repeat("x", sys.maxsize)
assert next(big) == "x" and big.__length_hint__() == sys.maxsize - 1

# lru_cache under eviction, recursion, clearing and threads; partial of partials; keys from comparisons.
import _functools
import _thread
from _functools import partial, reduce, cmp_to_key, Placeholder


def cached(limit, typed=False):
    return lambda function: _functools._lru_cache_wrapper(function, limit, typed, lambda *info: info)


calls = []


@cached(3)
def square(x):
    calls.append(x)
    return x * x


for x in (1, 2, 3, 1, 4, 2, 1):
    assert square(x) == x * x
assert calls == [1, 2, 3, 4, 2] and square.cache_info() == (2, 5, 3, 3)
square.cache_clear()
assert square.cache_info() == (0, 0, 3, 0)
for x in range(1000):
    square(x % 5)
assert square.cache_info() == (0, 1000, 3, 3)


@cached(None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


assert fib(80) == 23416728348467685 and fib.cache_info() == (78, 81, None, 81)


@cached(50, True)
def typed(x, y=1):
    return (type(x), x, y)


assert typed(3) == (int, 3, 1) and typed(3.0) == (float, 3.0, 1) and typed(3, y=1) == (int, 3, 1)
assert typed.cache_info()[1] == 3
try:
    typed([])
    assert False
except TypeError as error:
    assert str(error) == "unhashable type: 'list'"
typed.note = 1
assert typed.__dict__ == {"note": 1}


class Key:
    """A key whose comparison changes the cache."""

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 5

    def __eq__(self, other):
        by_key.cache_clear() if self.n == 3 else by_key(1)
        return self.n == other.n


@cached(2)
def by_key(key):
    return key.n if isinstance(key, Key) else key


for n in (1, 2, 3, 1, 2, 3):
    assert by_key(Key(n)) == n


class Methods:
    @cached(10)
    def double(self, x):
        return 2 * x

    half = partial(lambda self, by, x: x / by, Placeholder, 2)


m = Methods()
assert m.double(4) == 8 and m.double(4) == 8 and Methods.double.cache_info()[:2] == (1, 1)
assert m.half(8) == 4.0

add = lambda *args, **kwargs: (args, kwargs)
p = partial(partial(add, 1, k=1), 2, j=2)
assert p.func is add and p(3, k=9) == ((1, 2, 3), {"k": 9, "j": 2})
q = partial(add, Placeholder, 2, Placeholder, 4)
assert q(1, 3, 5) == ((1, 2, 3, 4, 5), {})


class Counted(partial):
    count = 0

    def __call__(self, *args):
        self.count += 1
        return super().__call__(*args)


c = Counted(pow, 2)
assert c(3) == 8 and c(4) == 16 and c.count == 2 and c.__dict__ == {"count": 2}
state = c.__reduce__()
copy = state[0](*state[1])
copy.__setstate__(state[2])
assert copy(5) == 32 and copy.count == 3

assert reduce(lambda x, y: x * 10 + y, range(1, 6)) == 12345
by_length = cmp_to_key(lambda x, y: len(x) - len(y))
assert sorted(["ccc", "a", "bb", ""], key=by_length) == ["", "a", "bb", "ccc"]
assert max(["a", "ccc", "bb"], key=by_length) == "ccc"


@cached(20)
def shared(n):
    return -n


def work(lock):
    for turn in range(2000):
        n = turn * 7 % 30
        assert shared(n) == -n
    lock.release()


locks = [_thread.allocate_lock() for _ in range(3)]
for lock in locks:
    lock.acquire()
    _thread.start_new_thread(work, (lock,))
for lock in locks:
    lock.acquire()
hits, misses, limit, size = shared.cache_info()
assert hits + misses == 6000, (hits, misses)
assert limit == 20 and size <= 20, size

# Calls that need binding, made again and again from the same place: what a call site remembers must follow what changes.


def two(a, b=1, c=2):
    return a, b, c


def named(a, *, b=1, c=2):
    return a, b, c


def all_kinds(a, /, b=10, *rest, k=5, **more):
    return a, b, rest, k, more


def steps(a, b=3):
    yield a
    yield b


class Record:
    def __init__(self, x, y=2, *rest, z=3):
        self.v = x, y, rest, z

    def method(self, a, b=7):
        return self.v, a, b


class Plain:
    def __init__(self, x, y):
        self.v = x, y


def shapes_of_calls():
    for i in range(40):
        assert two(i, c=5) == (i, 1, 5)
        assert two(c=5, b=4, a=i) == (i, 4, 5)
        assert two(b=i, a=4) == (4, i, 2)
        assert two(i, c=i + 1, b=i + 2) == (i, i + 2, i + 1)
        assert named(i) == (i, 1, 2)
        assert named(i, c=9) == (i, 1, 9)
        assert named(c=1, a=i) == (i, 1, 1)
        assert all_kinds(1) == (1, 10, (), 5, {})
        assert all_kinds(1, 2, 3, i) == (1, 2, (3, i), 5, {})
        assert all_kinds(1, 2, 3, k=i, z=9) == (1, 2, (3,), i, {"z": 9})
        assert all_kinds(1, z=1, a=2, b=3) == (1, 3, (), 5, {"z": 1, "a": 2})
        assert all_kinds(*[1, 2], **{"k": i, "a": 1}) == (1, 2, (), i, {"a": 1})
        assert all_kinds(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) == (0, 1, tuple(range(2, 12)), 5, {})
        assert Record(1).v == (1, 2, (), 3)
        assert Record(1, y=i).v == (1, i, (), 3)
        assert Record(1, 5, 6, 7, z=i).v == (1, 5, (6, 7), i)
        assert Plain(y=i, x=1).v == (1, i)
        record = Record(y=1, x=2)
        assert record.method(b=1, a=i) == ((2, 1, (), 3), i, 1)
        bound = record.method
        assert bound(b=1, a=i) == ((2, 1, (), 3), i, 1)
        assert bound(i) == ((2, 1, (), 3), i, 7)
        assert bound(a=i) == ((2, 1, (), 3), i, 7)
        assert list(steps(b=i, a=1)) == [1, i]
        assert list(steps(a=i)) == [i, 3]


def one_place(f):
    return f(a=1, b=2)


def many_callees():
    def other(b, a):
        return b, a

    def third(a, b, c=3):
        return a, b, c

    def fourth(*, a, b):
        return a + b

    class Thing:
        def __init__(self, b, a):
            self.v = b, a

    for i in range(30):
        assert one_place(two) == (1, 2, 2)
        assert one_place(other) == (2, 1)
        assert one_place(third) == (1, 2, 3)
        assert one_place(fourth) == 3
        assert one_place(Thing).v == (2, 1)
        assert one_place(dict) == {"a": 1, "b": 2}
        assert one_place(lambda **k: k) == {"a": 1, "b": 2}
        assert one_place(Record(0).method)[1:] == (1, 2)


def changed_defaults():
    def f(a, b=1, *, c=2, d=3):
        return a, b, c, d

    seen = []
    for i in range(60):
        seen.append(f(0))
        seen.append(f(0, d=4))
        if i == 20:
            f.__defaults__ = (11,)
        if i == 25:
            f.__kwdefaults__["c"] = 12
        if i == 30:
            f.__kwdefaults__ = {"d": 33, "c": 22}
        if i == 35:
            f.__defaults__ = (7, 8)
        if i == 40:
            del f.__kwdefaults__["d"]
            f.__kwdefaults__["d"] = 44
        if i == 45:
            f.__kwdefaults__.clear()
            f.__kwdefaults__.update(d=1, c=0)
        if i == 50:
            f.__kwdefaults__ = {"c": 5, "d": 6}
    assert seen[::2][:21] == [(0, 1, 2, 3)] * 21
    assert seen[::2][21:26] == [(0, 11, 2, 3)] * 5
    assert seen[::2][26:31] == [(0, 11, 12, 3)] * 5
    assert seen[::2][31:36] == [(0, 11, 22, 33)] * 5
    assert seen[::2][36:41] == [(0, 8, 22, 33)] * 5
    assert seen[::2][41:46] == [(0, 8, 22, 44)] * 5
    assert seen[::2][46:51] == [(0, 8, 0, 1)] * 5
    assert seen[::2][51:] == [(0, 8, 5, 6)] * 9
    assert seen[1::2][41:46] == [(0, 8, 22, 4)] * 5
    f.__kwdefaults__ = None
    for i in range(3):
        try:
            f(0)
        except TypeError as error:
            assert str(error).endswith("f() missing 2 required keyword-only arguments: 'c' and 'd'"), error
        else:
            raise AssertionError


def changed_code_and_classes():
    def f(a=0, b=1):
        return a, b

    def g(b, a=5):
        return a, b

    class Thing:
        def __init__(self, x, y=1):
            self.v = x, y

    def other(self, y=8, x=9):
        self.v = y, x

    seen = []
    for i in range(30):
        seen.append((f(a=1), Thing(x=1).v, Thing(3).v))
        if i == 10:
            f.__code__ = g.__code__
        if i == 15:
            Thing.__init__ = other
        if i == 20:
            other.__code__ = (lambda self, x=0, y=0: None).__code__
            Thing.v = "none"
    assert seen[:11] == [((1, 1), (1, 1), (3, 1))] * 11
    assert seen[11:] != [] and seen[16][1:] == ((8, 1), (3, 9)) and seen[25][1:] == ("none", "none")


def wrong_calls():
    def check(text, call):
        for i in range(3):
            try:
                call()
            except TypeError as error:
                assert str(error) == text, error
            else:
                raise AssertionError(text)

    check("two() got multiple values for argument 'a'", lambda: two(1, a=2))
    check("two() got an unexpected keyword argument 'd'", lambda: two(1, d=2))
    check("two() missing 1 required positional argument: 'a'", lambda: two(b=2))
    check("two() takes from 1 to 3 positional arguments but 4 were given", lambda: two(1, 2, 3, 4))
    check("named() takes 1 positional argument but 2 were given", lambda: named(1, 2))
    check("Plain.__init__() missing 1 required positional argument: 'y'", lambda: Plain(x=2))
    check("Plain.__init__() got an unexpected keyword argument 'z'", lambda: Plain(1, 2, z=2))


def bad_init():
    class Bad:
        def __init__(self, x, y=1):
            return x

    for i in range(5):
        try:
            Bad(x=1)
        except TypeError as error:
            assert str(error) == "__init__() should return None, not 'int'"
        else:
            raise AssertionError
        assert isinstance(Bad(x=None), Bad)


def deep(n, *, step=1):
    return 0 if n <= 0 else 1 + deep(n=n - step)


def too_deep(n=0, **more):
    return too_deep(n=n + 1, more=n)


def recursion():
    assert deep(50) == 50
    for i in range(2):
        try:
            too_deep()
        except RecursionError:
            pass
        else:
            raise AssertionError


def cycles():
    def f(a, b, c, d):
        return a, b, c, d

    for i in range(20):
        assert f(b=2, a=1, d=4, c=3) == (1, 2, 3, 4)
        assert f(d=4, a=1, b=2, c=3) == (1, 2, 3, 4)
        assert f(d=4, c=3, b=2, a=1) == (1, 2, 3, 4)
        assert f(c=3, d=4, a=1, b=2) == (1, 2, 3, 4)

    def g(a, b=20, c=30, *, d=40, e=50):
        return a, b, c, d, e

    for i in range(20):
        assert g(e=5, a=1) == (1, 20, 30, 40, 5)
        assert g(d=4, c=3, a=i) == (i, 20, 3, 4, 50)


shapes_of_calls()
many_callees()
changed_defaults()
changed_code_and_classes()
wrong_calls()
bad_init()
recursion()
cycles()
print("done")  # expect: done


# Memory may run short between what `*args` and what `**kwargs` collects: the arguments are still where they were.
class Holder:
    @staticmethod
    def collects(*args, **kwargs):
        return args, kwargs


for turn in range(60000):
    args, kwargs = Holder.collects([turn])
    assert len(args) == 1 and args[0] == [turn] and not kwargs, (turn, args, kwargs)

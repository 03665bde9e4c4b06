# Definitions, defaults, closures, recursion, lambdas, decorators.


def add(a, b=2, *rest, c=3, **others):
    return a, b, rest, c, others


assert add(1) == (1, 2, (), 3, {})
assert add(1, 5) == (1, 5, (), 3, {})
assert add(1, 5, 6, 7) == (1, 5, (6, 7), 3, {})
assert add(1, c=9, d=4) == (1, 2, (), 9, {"d": 4})
assert add(*[1, 2, 3], **{"c": 4, "e": 5}) == (1, 2, (3,), 4, {"e": 5})
assert add(b=1, a=2) == (2, 1, (), 3, {})
assert add.__name__ == "add"
assert add.__defaults__ == (2,)
assert add.__kwdefaults__ == {"c": 3}


def keep(item, items=[]):
    items.append(item)
    return items


keep(1)
assert keep(2) == [1, 2]
assert keep(3, []) == [3]


def counter():
    count = 0

    def step(by=1):
        nonlocal count
        count += by
        return count

    return step


first, second = counter(), counter()
for _ in range(500):
    first()
second(7)
assert first() == 501
assert second() == 8


def adders(n):
    return [lambda x, i=i: x + i for i in range(n)], [lambda x: x + i for i in range(n)]


early, late = adders(4)
assert [f(10) for f in early] == [10, 11, 12, 13]
assert [f(10) for f in late] == [13, 13, 13, 13]


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


assert fib(20) == 6765


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


assert even(500)
assert not even(501)


def compose(*functions):
    def composed(x):
        for function in functions:
            x = function(x)
        return x

    return composed


triple = compose(lambda x: x + 1, lambda x: x * 3)
total = 0
for i in range(2000):
    total += triple(i)
assert total == 6003000


def traced(function):
    calls = []

    def wrapper(*arguments, **keywords):
        calls.append((arguments, keywords))
        return function(*arguments, **keywords)

    wrapper.calls = calls
    return wrapper


@traced
def area(width, height=2):
    return width * height


assert area(3) == 6
assert area(3, height=5) == 15
assert area.calls == [((3,), {}), ((3,), {"height": 5})]


def deep(n):
    def inner(m):
        def innermost():
            return n * 100 + m

        return innermost

    return inner


total = 0
for i in range(500):
    total += deep(i)(2)()
assert total == 12476000


def unassigned(flag):
    if flag:
        value = 1
    return value


assert unassigned(True) == 1
try:
    unassigned(False)
except UnboundLocalError as error:
    assert str(error) == "cannot access local variable 'value' where it is not associated with a value"
else:
    assert False

try:
    undefined_name
except NameError as error:
    assert str(error) == "name 'undefined_name' is not defined"
else:
    assert False


def free(flag):
    def inner():
        return later

    if flag:
        later = 5
    return inner()


assert free(True) == 5
try:
    free(False)
except NameError as error:
    assert str(error) == "cannot access free variable 'later' where it is not associated with a value in enclosing scope"
else:
    assert False


def deleting():
    x = 1
    del x
    try:
        return x
    except UnboundLocalError:
        return "gone"


assert deleting() == "gone"
assert (lambda: (yield))().__class__.__name__ == "generator"
assert (lambda *, k: k)(k=4) == 4

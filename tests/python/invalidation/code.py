# The code or the defaults of a function change while compiled code relies on it.


def code_replaced(n):
    def f():
        return 1

    def g():
        return 2

    total = 0
    for i in range(n):
        total += f()
        if i == 500:
            f.__code__ = g.__code__
    return total


assert code_replaced(1000) == 501 + 499 * 2


def defaults_replaced(n):
    def f(x=1):
        return x

    total = 0
    for i in range(n):
        total += f()
        if i == 500:
            f.__defaults__ = (3,)
    return total


assert defaults_replaced(1000) == 501 + 499 * 3

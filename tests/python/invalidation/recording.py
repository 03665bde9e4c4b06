# What a trace relies on changes while the trace is being recorded.


class Counted:
    count = 0

    def __init__(self):
        Counted.count += 1
        self.number = Counted.count


def class_counter(n):
    for _ in range(n):
        last = Counted()
    return last.number


assert class_counter(5) == 5
assert class_counter(3000) == 3005


class Direct:
    count = 0


def direct(n):
    for _ in range(n):
        Direct.count += 1
    return Direct.count


assert direct(3000) == 3000

total = 0


def add(x):
    global total
    total += x
    return x


def through_a_native(n):
    seen = 0
    for i in range(n):
        seen += total
        sorted([1], key=add)
    return seen


assert through_a_native(2000) == 1999000


class Switching:
    def f(self):
        Switching.f = lambda self: self.g()
        return 1

    def g(self):
        Switching.f = first
        return 2


first = Switching.f


def switching(n):
    s = Switching()
    result = []
    for i in range(n):
        result.append(s.f())
    return result


assert switching(1000) == [1, 2] * 500

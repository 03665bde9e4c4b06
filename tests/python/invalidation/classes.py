# Classes and instances that change while compiled code relies on them.


class A:
    value = 1

    def method(self):
        return 10


def class_attribute(n):
    a = A()
    total = 0
    for i in range(n):
        total += a.value
        if i == 1000:
            A.value = 5
    return total


assert class_attribute(2000) == 1001 + 999 * 5


def shadowing(n):
    a = A()
    total = 0
    for i in range(n):
        total += a.value
        if i == 1000:
            a.value = 100
    return total


assert shadowing(2000) == 1001 * 5 + 999 * 100


def method_replaced(n):
    a = A()
    total = 0
    for i in range(n):
        total += a.method()
        if i == 1000:
            A.method = lambda self: 20
        elif i == 1500:
            a.method = lambda: 30
    return total


assert method_replaced(2000) == 10010 + 500 * 20 + 499 * 30


class Base:
    def f(self):
        return 1


class Middle(Base):
    pass


class Leaf(Middle):
    pass


def inherited(n):
    leaf = Leaf()
    total = 0
    for i in range(n):
        total += leaf.f()
        if i == 500:
            Middle.f = lambda self: 2
        elif i == 1000:
            Base.f = lambda self: 3
        elif i == 1500:
            del Middle.f
        elif i == 1800:
            Leaf.f = property(lambda self: lambda: 4)
    return total


assert inherited(2000) == 501 + 1000 * 2 + 300 * 3 + 199 * 4


class Bag:
    pass


def growing(n):
    total = 0
    for i in range(n):
        bag = Bag()
        bag.a = i
        if i % 2:
            bag.b = 1
        if i % 3 == 0:
            bag.c = 2
        if i % 5 == 0:
            del bag.a
        total += len(bag.__dict__) + getattr(bag, "a", -1) + getattr(bag, "b", 0) + getattr(bag, "c", 0)
    return total


assert growing(1000) == 402602


def through_dict(n):
    bag = Bag()
    bag.x = 0
    names = bag.__dict__
    for i in range(n):
        bag.x += 1
        if i == 500:
            names["x"] = 10000
        if i == 700:
            names["y"] = 7
    return bag.x, bag.y, sorted(names)


assert through_dict(1000) == (10000 + 499, 7, ["x", "y"])


class Operand:
    def __add__(self, other):
        return 1


def operator_replaced(n):
    x = Operand()
    total = 0
    for i in range(n):
        total += x + 1
        if i == 800:
            Operand.__add__ = lambda self, other: 2
    return total


assert operator_replaced(1000) == 801 + 199 * 2


class Slow:
    def __init__(self):
        self.present = 1


def getattr_added(n):
    s = Slow()
    total = 0
    for i in range(n):
        try:
            total += s.absent
        except AttributeError:
            total += 1
        if i == 600:
            Slow.__getattr__ = lambda self, name: 50
        elif i == 800:
            Slow.absent = 7
    return total


assert getattr_added(1000) == 601 + 200 * 50 + 199 * 7


class Init:
    def __init__(self, x):
        self.x = x


def init_replaced(n):
    total = 0
    for i in range(n):
        total += Init(1).x
        if i == 600:

            def other(self, x):
                self.x = x * 10

            Init.__init__ = other
    return total


assert init_replaced(1000) == 601 + 3990


class Meta(type):
    def __getattr__(cls, name):
        return 9


class WithMeta(metaclass=Meta):
    here = 1


def meta(n):
    total = 0
    for i in range(n):
        total += WithMeta.here + WithMeta.missing
        if i == 500:
            WithMeta.missing = 1
    return total


assert meta(1000) == 501 * 10 + 499 * 2

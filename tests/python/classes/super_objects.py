# `super` as a class, under other names and while a class is being made.
class Base:
    def name(self):
        return "base"


class mysuper(super):
    mark = "mine"

    def __getattribute__(self, name):
        if name == "mark":
            return type(self).__name__
        return super.__getattribute__(self, name)


class Derived(Base):
    def name(self):
        return mysuper(Derived, self).name() + "+derived"

    def mark(self):
        return mysuper(Derived, self).mark

    def own_class(self):
        return super().__class__, mysuper(Derived, self).__class__


assert Derived().name() == "base+derived"
assert Derived().mark() == "mysuper"
assert Derived().own_class() == (super, mysuper)


class Unbound(Base):
    pass


Unbound.above = mysuper(Unbound)
assert type(Unbound().above) is mysuper and Unbound().above.name() == "base"


def shadowed():
    class super:
        def __init__(self, *arguments):
            self.arguments = arguments

    class Local:
        def zero(self):
            return super().arguments

        def two(self):
            return super(1, 2).arguments

    return Local().zero(), Local().two()


assert shadowed() == ((), (1, 2))

original, count = super, 0


class Counting:
    def __init__(self, *arguments):
        self.arguments = len(arguments)


class Patched(Base):
    def zero(self):
        return super().arguments

    def two(self):
        return super(Patched, self).arguments


globals()["super"] = Counting
for _ in range(50):
    assert (Patched().zero(), Patched().two()) == (0, 2)
del globals()["super"]


class Proxy:
    def __init__(self, target):
        self.__target = target

    def __getattribute__(self, name):
        if name.startswith("_Proxy__"):
            return object.__getattribute__(self, name)
        return getattr(self.__target, name)


assert Derived.__dict__["name"](Proxy(Derived())) == "base+derived"


# The class cell is filled before `mro()` runs, which has no order to see yet.
class Meta(type):
    def mro(cls):
        assert cls.__dict__["method"]() is cls
        assert cls.__mro__ is None
        return type.mro(cls)


class Made(metaclass=Meta):
    def method():
        return __class__


assert Made.__mro__ == (Made, object)


# A `mro()` that assigns bases.
class Swapping(type):
    active = False

    def mro(cls):
        if Swapping.active:
            if cls.__name__ == "B1":
                B2.__bases__ = (B1,)
            if cls.__name__ == "B2":
                B1.__bases__ = (B2,)
        return type.mro(cls)


class A(metaclass=Swapping):
    pass


class B1(A):
    pass


class B2(A):
    pass


Swapping.active = True
try:
    B1.__bases__ += ()
except TypeError as error:
    assert str(error) == "a __bases__ item causes an inheritance cycle"
else:
    raise AssertionError("no error")


class Foreign(type):
    def mro(cls):
        return (Base, object)


try:
    Foreign("Without", (), {})
except TypeError:
    pass
else:
    raise AssertionError("a class outside its own order has no next `__init_subclass__`")

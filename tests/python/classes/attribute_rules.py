# Corners of attribute access and of `type.__new__`.
import types
import warnings


def error(function, *arguments):
    try:
        function(*arguments)
    except Exception as exception:
        return type(exception).__name__, str(exception)
    return None


# A descriptor without `__get__` does not hide what an instance has.
class OnlySet:
    def __set__(self, instance, value):
        instance.__dict__["a"] = value


class HasOnlySet:
    a = OnlySet()


x = HasOnlySet()
assert isinstance(x.a, OnlySet)
x.a = 42
assert x.a == 42


class Renamed(dict):
    __setattr__ = dict.__setitem__


renamed = Renamed()
renamed.y = 42
assert renamed["y"] == 42


class Evading(type):
    def __setattr__(cls, name, value):
        object.__setattr__(cls, name, value)


assert error(setattr, Evading("E", (), {}), "a", 1) == ("TypeError", "can't apply this __setattr__ to Evading object")


class Module(types.ModuleType):
    __dict__ = property(lambda self: "no dict")


assert Module("m").__dict__ == "no dict"
assert error(dir, Module("m")) == ("TypeError", "<module>.__dict__ is not a dictionary")


class Plain:
    pass


class Mixed(Plain, type):
    pass


assert isinstance(Mixed("Q", (), {}).__dict__, types.MappingProxyType)
assert error(Plain.__dict__["__dict__"].__set__, Mixed("Q", (), {}), {})[0] == "AttributeError"

# Names, texts and namespaces of classes.
assert error(type, "A\udcdcB", (), {})[0] == "UnicodeEncodeError"
assert error(type, "A", (), {"__doc__": "x\udcdcy"})[0] == "UnicodeEncodeError"
assert error(setattr, Plain, "__name__", "A\udcdcB")[0] == "UnicodeEncodeError"
assert error(delattr, Plain, "__doc__") == ("TypeError", "cannot delete '__doc__' attribute of immutable type 'Plain'")
assert error(delattr, Plain, "__type_params__")[0] == "TypeError"
made = type("Made", (), {"__firstlineno__": 42})
made.__module__ = "other"
assert "__firstlineno__" not in made.__dict__
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    type("MyClass", (), {1: 2})
assert str(caught[0].message) == "non-string key in the __dict__ of class MyClass"


class Bases(tuple):
    pass


assert type(type("T", Bases((Plain,)), {}).__bases__) is Bases


class Ordered(dict):
    def __iter__(self):
        return reversed(list(super().__iter__()))

    def keys(self):
        return list(self)


assert list(type("N", (), Ordered(a=1, b=2)).__dict__)[:2] == ["b", "a"]

# No half-made objects.
for iterator in (iter([]), iter({}), (n for n in ())):
    kind = type(iterator)
    assert error(object.__new__, kind)[1] == f"cannot create '{kind.__name__}' instances"

assert [].__add__.__objclass__ is list and True.__add__.__objclass__ is int
assert repr(types.MethodType(type("C", (), {"__call__": len})(), 1)) == "<bound method ? of 1>"


class L1:
    __slots__ = ["a"]


class L2:
    __slots__ = ["a"]


class M1(L1):
    __slots__ = ["e"]


class M2(L2):
    __slots__ = ["e"]


assert error(setattr, M1(), "__class__", M2)[0] == "TypeError"
value = L1()
value.a = 1
value.__class__ = L2
assert value.a == 1
assert error(lambda: L1().a) == ("AttributeError", "'L1' object has no attribute 'a'")


class Nested:
    class Inner:
        __slots__ = "a"


assert error(lambda: Nested.Inner().a) == ("AttributeError", "'Nested.Inner' object has no attribute 'a'")

# `isinstance` and `issubclass` with objects that pass for classes.
def error(function, *arguments):
    try:
        function(*arguments)
    except Exception as exception:
        return type(exception).__name__, str(exception)
    return None


class Pretender:
    def __init__(self, *bases):
        self.bases = bases

    @property
    def __bases__(self):
        return self.bases


root = Pretender()
middle = Pretender(root)
leaf = Pretender(Pretender(), middle)
assert issubclass(leaf, root) and issubclass(leaf, (int, middle)) and not issubclass(root, leaf)


class Instance:
    def __init__(self, cls):
        self.cls = cls

    @property
    def __class__(self):
        return self.cls


assert isinstance(Instance(leaf), root) and not isinstance(Instance(root), leaf)
assert not isinstance(3, root)


class NoTuple:
    __bases__ = [int]


assert error(isinstance, 1, NoTuple()) == ("TypeError", "isinstance() arg 2 must be a type, a tuple of types, or a union")
assert error(issubclass, NoTuple(), int) == ("TypeError", "issubclass() arg 1 must be a class")
assert error(issubclass, int, NoTuple()) == (
    "TypeError",
    "issubclass() arg 2 must be a class, a tuple of classes, or a union",
)


class Raises:
    @property
    def __bases__(self):
        raise RuntimeError("bases")


assert error(isinstance, 1, Raises()) == ("RuntimeError", "bases")


class Endless:
    @property
    def __bases__(self):
        return self, self


assert error(issubclass, Endless(), int)[0] == "RecursionError"


# Special methods may be any descriptors.
class Descriptor:
    def __init__(self, function):
        self.function = function
        self.count = 0

    def __get__(self, instance, owner):
        self.count += 1
        return self.function.__get__(instance, owner)


def check(name, use, function):
    descriptor = Descriptor(function)
    instance = type("X", (), {name: descriptor})()
    use(instance)
    assert descriptor.count >= 1, name


check("__instancecheck__", lambda x: isinstance(int, x), lambda self, other: True)
check("__len__", len, lambda self: 3)
check("__eq__", lambda x: x == 1, lambda self, other: True)
check("__getattr__", lambda x: x.missing, lambda self, name: 1)
check("__next__", next, lambda self: 1)
check("__getitem__", lambda x: x[1], lambda self, key: 1)
check("__pow__", lambda x: pow(x, 1, 2), lambda self, exponent, modulus: 1)
check("__dir__", dir, lambda self: [])


class Unbindable:
    @property
    def __eq__(self):
        raise AttributeError("no comparison")

    __hash__ = None


assert Unbindable() != Unbindable()

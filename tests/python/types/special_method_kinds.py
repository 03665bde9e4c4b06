"""Special methods that are no functions: slots, descriptors without __get__, super objects in variables."""


class Delegate:
    __slots__ = ("__setitem__", "__getitem__", "__len__", "__call__", "__iter__", "__contains__", "__add__", "__eq__")

    def __init__(self, target):
        for name in ("__setitem__", "__getitem__", "__len__", "__iter__", "__contains__"):
            setattr(self, name, getattr(target, name))
        self.__call__ = lambda *arguments: ("call", arguments)
        self.__add__ = lambda *arguments: ("add", arguments)
        self.__eq__ = lambda *arguments: ("eq", arguments)


target = {"b": 1}
delegate = Delegate(target)
for turn in range(3000):
    delegate["a"] = turn
    assert delegate["a"] == turn and len(delegate) == 2 and "a" in delegate
assert list(delegate) == ["b", "a"] and delegate(1) == ("call", (1,))
assert delegate + 1 == ("add", (1,)) and (delegate == 1) == ("eq", (1,))


class Resetter:
    def __set__(self, instance, value):
        instance.__dict__["node"] = value


class Graph:
    node = Resetter()


graph = Graph()
assert isinstance(graph.node, Resetter)
graph.node = {}
for turn in range(3000):
    assert turn not in graph.node


class Base:
    def __init__(self, value):
        self.value = value


class Derived(Base):
    def __init__(self, value):
        parent = super(Derived, self)
        parent.__init__(value)


for turn in range(3000):
    assert Derived(turn).value == turn

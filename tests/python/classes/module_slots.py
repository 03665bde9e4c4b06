# Slots, properties and `__setattr__` of subclasses of the type of modules.
from types import ModuleType


class Slotted(ModuleType):
    __slots__ = ("a", "b")

    def __init__(self, name):
        super().__init__(name)


module = Slotted("name")
for name in "ab":
    assert not hasattr(module, name)
for turn in range(3):
    module.a, module.b = turn, 2
    assert (module.a, module.b) == (turn, 2)
    del module.a
    assert not hasattr(module, "a")
try:
    del module.a
except AttributeError as error:
    assert str(error) == "a", error
module.c = 3
assert module.__dict__["c"] == 3


class Doubling(ModuleType):
    @property
    def a(self):
        return self.__dict__["_a"]

    @a.setter
    def a(self, value):
        self._a = value * 2


class Noting(ModuleType):
    def __setattr__(self, name, value):
        super().__setattr__(name, [value])


for module, expected in ((Doubling("d"), lambda turn: turn * 2), (Noting("n"), lambda turn: [turn])):
    for turn in range(5):
        module.a = turn
        assert module.a == expected(turn), (module, turn, module.a)

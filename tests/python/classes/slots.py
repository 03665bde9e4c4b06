# Classes with `__slots__`.


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


s = Slotted(1)
assert s.a == 1
try:
    s.c = 1
except AttributeError as error:
    assert str(error) == "'Slotted' object has no attribute 'c' and no __dict__ for setting new attributes"
else:
    assert False
try:
    s.b
except AttributeError:
    pass
else:
    assert False

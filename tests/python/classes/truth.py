# The truth of instances, before and after their class gets methods for it.
class Plain:
    pass


class Derived(Plain):
    pass


def truths(values):
    return [bool(value) for value in values]


values = [Plain(), Derived()]
for _ in range(3):
    assert truths(values) == [True, True]
Plain.__len__ = lambda self: 0
assert truths(values) == [False, False]
Derived.__bool__ = lambda self: True
assert truths(values) == [False, True]
del Plain.__len__, Derived.__bool__
assert truths(values) == [True, True]


class Sequence(list):
    pass


assert truths([Sequence(), Sequence([1])]) == [False, True]


class Meta(type):
    def __bool__(cls):
        return False


class Falsy(metaclass=Meta):
    pass


assert truths([Falsy, Falsy()]) == [False, True]


class Wrong:
    def __bool__(self):
        return 1


try:
    bool(Wrong())
except TypeError as error:
    print(error)  # expect: __bool__ should return bool, returned int

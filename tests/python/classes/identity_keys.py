# Objects that are equal to themselves only, as keys and elements, and their truth: what is known of a class holds until it changes.


class Plain:
    pass


class Sized:
    def __len__(self):
        return 0


class Equal:
    def __eq__(self, other):
        return isinstance(other, Equal)

    def __hash__(self):
        return 7


class Unhashable:
    def __eq__(self, other):
        return True


def members(objects, table):
    return [x in table for x in objects]


plain = [Plain() for _ in range(5)]
table = {x: n for n, x in enumerate(plain)}
kinds = frozenset({int, str, Plain, type(None), None, NotImplemented, len})
for i in range(1000):
    assert members(plain, table) == [True] * 5 and Plain() not in table
    assert [table[x] for x in plain] == [0, 1, 2, 3, 4]
    assert int in kinds and list not in kinds and Plain in kinds and None in kinds and len in kinds and max not in kinds
    assert Equal() in {Equal()} and Equal() not in table and {Equal(): 1}[Equal()] == 1
    assert hash(plain[0]) == object.__hash__(plain[0]) and hash(int) == object.__hash__(int)
    assert plain[0] and int and len and not Sized() and bool(Plain()) and not b"" and b"x" and not frozenset() and {0}
    assert not {} and {1: 1} and not range(0) and range(1) and not bytearray() and globals() and not "" and () == ()


def unhashable():
    try:
        Unhashable() in table
    except TypeError as error:
        return str(error)


assert unhashable() == "cannot use 'Unhashable' as a dict key (unhashable type: 'Unhashable')"

# The class changes.
one = Plain()
table = {one: 1}
assert one in table and one
Plain.__bool__ = lambda self: False
assert not one and not [x for x in [one] if x]
Plain.__hash__ = lambda self: 3
Plain.__eq__ = lambda self, other: isinstance(other, Plain)
assert hash(one) == 3 and Plain() == one
assert {one: 1}[Plain()] == 1 and Plain() in {Plain()}
del Plain.__bool__, Plain.__hash__, Plain.__eq__
assert one and one in table and Plain() not in table

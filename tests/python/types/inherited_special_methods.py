# Special methods that classes inherit from built-in types are found once; changes of classes must be seen.


class Items(list):
    pass


class Truthful(list):
    def __bool__(self):
        return True


class Named(dict):
    pass


class Text(str):
    pass


class Foreign:
    pass


Foreign.__len__ = list.__len__
Foreign.__hash__ = tuple.__hash__


class Hashless(tuple):
    __hash__ = None


class Compared(int):
    def __eq__(self, other):
        return "own"

    __hash__ = int.__hash__


def message(call):
    try:
        return call()
    except TypeError as error:
        return str(error)


seen = []
for i in range(30):
    items, truthful, named, text = Items([1, 2]), Truthful(), Named(a=1), Text("ab")
    assert bool(truthful) and bool(Items()) == (9 < i < 20) and bool(items)
    assert not truthful == [1] and truthful == []
    assert text[0] == "a" and text == "ab" and hash(text) == hash("ab") and "b" in text
    assert named == {"a": 1} and "a" in named and list(named) == ["a"]
    assert Compared(3) == 3 and (Compared(3) == 4) == "own" and hash(Compared(3)) == 3
    assert (3 == Compared(3)) == "own"
    foreign = Foreign()
    assert message(lambda: len(foreign)) == "descriptor '__len__' requires a 'list' object but received a 'Foreign'"
    assert message(lambda: hash(foreign)) == "descriptor '__hash__' requires a 'tuple' object but received a 'Foreign'"
    assert message(lambda: hash(Hashless())) == "unhashable type: 'Hashless'"
    seen.append((len(items), items[0], named["a"], 2 in items, list(iter(items)), repr(items), f"{text}"))
    if i == 9:
        Items.__len__ = lambda self: 7
        Named.__getitem__ = lambda self, key: "named"
        Text.__format__ = lambda self, specification: "formatted"
    if i == 19:
        Items.__iter__ = lambda self: iter("xy")
        Items.__contains__ = lambda self, item: False
        Items.__repr__ = lambda self: "items"
        del Items.__len__
plain = (2, 1, 1, True, [1, 2], "[1, 2]", "ab")
assert seen[:10] == [plain] * 10
assert seen[10:20] == [(7, 1, "named", True, [1, 2], "[1, 2]", "formatted")] * 10
assert seen[20:] == [(2, 1, "named", False, ["x", "y"], "items", "formatted")] * 10
print("done")  # expect: done

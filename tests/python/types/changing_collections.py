# Dicts, sets and lists that change while something runs over them or compares them.
def error(function, *arguments):
    try:
        function(*arguments)
    except Exception as exception:
        return type(exception).__name__, str(exception)
    return None


def replace_keys(view):
    d = {0: 0}
    for _ in view(d):
        del d[0]
        d[0] = 0


for view in (dict.keys, dict.values, dict.items, iter):
    assert error(replace_keys, view) == ("RuntimeError", "dictionary keys changed during iteration")

d = dict.fromkeys(range(1000))
for key in range(1, 1000):
    del d[key]
iterators = [reversed(d), reversed(d.values()), reversed(d.items())]
d.clear()
d[0] = 0
assert all(list(iterator) == [] for iterator in iterators)


class Counted:
    def __init__(self):
        self.hashes = self.comparisons = 0

    def __hash__(self):
        self.hashes += 1
        return 42

    def __eq__(self, other):
        self.comparisons += 1
        return self is other


one, two = Counted(), Counted()
d = {one: 5, 0: 0, 1: 1, 2: 2, 3: 3}
d.setdefault(two, [])
assert (one.hashes, two.hashes, one.comparisons + two.comparisons) == (1, 1, 1)
keys = [Counted() for _ in range(10)]
d = dict.fromkeys(keys)
s = set(d)
s.difference(d), s.symmetric_difference(d), s | set(d), dict.fromkeys(s), frozenset(d) <= s, dict(d) == d
assert all(key.hashes == 1 for key in keys)


class Clearing:
    def __hash__(self):
        return 0

    def __eq__(self, other):
        source.clear()
        return False


source = {n: 0 for n in range(1, 100)}
source[Clearing()] = 0
assert error({Clearing(): 0, 1: 1}.update, source) == ("RuntimeError", "dict mutated during update")


class Fold(str):
    def __eq__(self, other):
        return self.lower() == other.lower()

    def __hash__(self):
        return hash(self.lower())


assert {Fold("One"): 1}[Fold("oNE")] == 1

try:
    {}.update([object()])
except TypeError as exception:
    assert str(exception) == "object is not iterable"
    assert exception.__notes__ == ["Cannot convert dictionary update sequence element #0 to a sequence"]


class Vicious:
    def __init__(self, victim):
        self.victim = victim

    def __eq__(self, other):
        self.victim.clear()
        return NotImplemented

    def __index__(self):
        self.victim.clear()
        return 42


left, right = [], []
left.append(Vicious(right))
right.append(Vicious(left))
assert left == right
numbers = []
numbers += [Vicious(numbers), Vicious(numbers)]
assert bytes(numbers) == b"*"

f = frozenset("abc")
assert f.intersection() == f and f.intersection() is not f and f.copy() is f

# Hashes are those of CPython.
assert hash(()) == 5740354900026072187
assert hash((0.0,)) == hash((0,)) == -8753497827991233192
assert hash("") == hash(b"") == 0 and hash("spam") == hash(b"spam")

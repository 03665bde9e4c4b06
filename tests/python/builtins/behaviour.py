# What a table of expressions cannot show: changes, subclasses, hooks, order of evaluation.


def raises(kind, text, function):
    try:
        function()
    except kind as error:
        assert str(error) == text, str(error)
    else:
        assert False, "nothing raised"


# Lists change in place.
items = [1, 2, 3, 4, 5]
items[1:3] = [7, 8, 9]
assert items == [1, 7, 8, 9, 4, 5]
items[::2] = "abc"
assert items == ["a", 7, "b", 9, "c", 5]
del items[1::2]
assert items == ["a", "b", "c"]
items[:] = items
items.extend(items)
assert items == ["a", "b", "c"] * 2
items.insert(-1, "x")
items.insert(100, "y")
items.insert(-100, "z")
assert items == ["z", "a", "b", "c", "a", "b", "x", "c", "y"]
items.reverse()
assert items[0] == "y" and items[-1] == "z"
del items[-1]
items *= 2
assert len(items) == 16
items.clear()
assert items == []
items += (1, 2)
assert items == [1, 2]


def assign_wrong():
    items[::2] = [1, 2, 3]


raises(ValueError, "attempt to assign sequence of size 3 to extended slice of size 1", assign_wrong)

# Sorting: stable, with keys, through exceptions and changes.
pairs = [(n % 3, n) for n in range(50)]
pairs.sort(key=lambda pair: pair[0])
assert pairs == sorted((n % 3, n) for n in range(50))
pairs.sort(key=lambda pair: pair[0], reverse=True)
assert [n for group, n in pairs if group == 1] == list(range(1, 50, 3))


class Weird:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n


numbers = [(n * 7919) % 1009 for n in range(500)]
assert [w.n for w in sorted(map(Weird, numbers))] == sorted(numbers)
assert sorted(numbers, key=lambda n: (n % 10, -n)) == sorted(sorted(numbers, reverse=True), key=lambda n: n % 10)
mixed = [3, 1, "a", 2]
raises(TypeError, "'<' not supported between instances of 'str' and 'int'", mixed.sort)
assert len(mixed) == 4 and "a" in mixed
changing = [3, 2, 1]


def change(n):
    changing.append(n)
    return n


raises(ValueError, "list modified during sort", lambda: changing.sort(key=change))
assert changing == [1, 2, 3]

# Dicts and sets notice changes while they are run over.
table = {n: n for n in range(5)}


def grow():
    for key in table:
        table[key + 100] = 0


raises(RuntimeError, "dictionary changed size during iteration", grow)
for key in list(table):
    del table[key]
assert table == {} and not table
table = {n: str(n) for n in range(1000)}
for n in range(0, 1000, 2):
    del table[n]
assert len(table) == 500 and list(table)[:3] == [1, 3, 5] and table[999] == "999"
numbers = {1, 2, 3}
numbers |= {4}
numbers -= {1}
numbers.discard(99)
numbers.update([7], (8,))
assert numbers == {2, 3, 4, 7, 8}
raises(KeyError, "99", lambda: numbers.remove(99))

# Containers that hold themselves.
loop = [1]
loop.append(loop)
assert repr(loop) == "[1, [...]]"
loop = {}
loop["self"] = loop
assert repr(loop) == "{'self': {...}}"


# Subclasses of built-in types.
class MyInt(int):
    def __add__(self, other):
        return MyInt(int(self) + int(other) + 1)


assert MyInt(3) + 4 == 8 and type(MyInt(3) + 4) is MyInt and MyInt(3) * 2 == 6 and type(MyInt(3) * 2) is int
assert hash(MyInt(5)) == hash(5) and {5: "a"}[MyInt(5)] == "a" and repr(MyInt(7)) == "7" and [10, 20][MyInt(1)] == 20


class MyList(list):
    def total(self):
        return sum(self)


mine = MyList([1, 2, 3])
mine.append(4)
mine.name = "mine"
assert mine.total() == 10 and mine == [1, 2, 3, 4] and mine.name == "mine" and isinstance(mine, list)


class Default(dict):
    def __missing__(self, key):
        self[key] = value = key * 2
        return value


default = Default(a=1)
assert default["a"] == 1 and default["b"] == "bb" and default == {"a": 1, "b": "bb"}


class MyStr(str):
    def shout(self):
        return self.upper() + "!"


assert MyStr("hi").shout() == "HI!" and MyStr("a") + "b" == "ab" and {"k": 1}[MyStr("k")] == 1


class MyError(ValueError):
    def __init__(self, code):
        super().__init__("code", code)
        self.code = code


try:
    raise MyError(7)
except ValueError as error:
    assert error.args == ("code", 7) and error.code == 7 and repr(error) == "MyError('code', 7)"
    error.add_note("note")
    assert error.__notes__ == ["note"]


# Properties, class methods, static methods, super.
class Base:
    def __init__(self):
        self._x = 1

    @property
    def x(self):
        "The x."
        return self._x

    @x.setter
    def x(self, value):
        self._x = value

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def plain(a):
        return a + 1

    def name(self):
        return "base"


class Derived(Base):
    def name(self):
        return "derived " + super().name()

    @classmethod
    def make(cls):
        return super().make()


thing = Derived.make()
assert type(thing) is Derived and thing.x == 1 and thing.name() == "derived base" and thing.plain(1) == 2
thing.x = 5
assert thing.x == 5 and Base.x.__doc__ == "The x." and super(Derived, thing).name() == "base"


def delete():
    del thing.x


raises(AttributeError, "property 'x' of 'Derived' object has no deleter", delete)
assert sorted(vars(thing)) == ["_x"] and thing.__dict__["_x"] == 5


# Protocols that the functions of builtins ask for.
class Everything:
    def __len__(self):
        return 3

    def __getitem__(self, at):
        if at >= 3:
            raise IndexError
        return at * 10

    def __index__(self):
        return 2

    def __format__(self, spec):
        return "<" + spec + ">"

    def __round__(self, n=None):
        return ("rounded", n)

    def __abs__(self):
        return "abs"

    def __divmod__(self, other):
        return ("divmod", other)

    def __hash__(self):
        return 2**70

    def __dir__(self):
        return ["b", "a"]

    def __contains__(self, item):
        return item == "in"


every = Everything()
assert list(every) == [0, 10, 20] and list(reversed(every)) == [20, 10, 0] and [5, 6, 7][every] == 7
assert f"{every:abc}" == "<abc>" and round(every) == ("rounded", None) and round(every, 1) == ("rounded", 1)
assert abs(every) == "abs" and divmod(every, 2) == ("divmod", 2) and dir(every) == ["a", "b"] and "in" in every
assert hash(every) == hash(2**70) and bin(every) == "0b10" and range(every) == range(2) and bool(every)

# Text of other scripts, and f-strings.
word = "größe €😀"
assert len(word) == 8 and word[2] == "ö" and word[-1] == "😀" and word[::-1][0] == "😀" and word.find("€") == 6
assert [ord(c) for c in word[6:]] == [8364, 128512] and word.upper() == "GRÖSSE €😀"
value, width = 3.14159, 10
assert f"{value:{width}.2f}|{value!r:<10}|{value=}" == "      3.14|3.14159   |value=3.14159"

# Namespaces of the caller.
outside = 1


def namespaces(a, b=2):
    c = 3
    return sorted(locals()), "outside" in globals(), (lambda: a + c)()


assert namespaces(1) == (["a", "b", "c"], True, 4)
assert locals() is globals()
globals()["made"] = 5
assert made == 5  # noqa: F821

# Big numbers through loops.
product = 1
for n in range(1, 60):
    product *= n
# Wilson: (p - 1)! is -1 modulo the prime p, and 60! is 59! times -1.
assert product % 61 == 1 and pow(60, -1, 61) == 60
assert str(product)[:10] == "1386831185" and product // 10**70 == 13868311854
low = product
for n in range(1, 60):
    low //= n
assert low == 1

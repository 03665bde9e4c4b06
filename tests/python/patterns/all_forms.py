# Every form of pattern.


def literals(value):
    match value:
        case 0 | 1:
            return "small"
        case -5 | 2.5:
            return "other number"
        case "text" | b"bytes":
            return "letters"
        case None:
            return "none"
        case True:
            return "true"
        case 123456789:
            return "big"
        case _:
            return "?"


assert [literals(each) for each in (0, 1, True, -5, 2.5, "text", b"bytes", None, 123456789, [])] == [
    "small", "small", "small", "other number", "other number", "letters", "letters", "none", "big", "?",
]


def sequences(value):
    match value:
        case []:
            return "empty"
        case [x]:
            return "one", x
        case 1, y:
            return "pair", y
        case [x, *_, 9]:
            return "ends with nine", x
        case (first, *middle, last):
            return first, middle, last
        case [*everything]:
            return everything
    return "no sequence"


assert sequences([]) == "empty"
assert sequences((5,)) == ("one", 5)
assert sequences([1, 2]) == ("pair", 2)
assert sequences([7, 8, 9]) == ("ends with nine", 7)
assert sequences(range(4)) == (0, [1, 2], 3)
assert sequences("abc") == sequences(b"abc") == sequences({1, 2}) == sequences({}) == sequences(None) == "no sequence"
assert sequences(iter([1])) == "no sequence"


class Listing(list):
    pass


assert sequences(Listing([3])) == ("one", 3)


def mappings(value):
    match value:
        case {"kind": "point", "x": x, "y": y}:
            return x, y
        case {"kind": str(kind), **rest}:
            return kind, rest
        case {1: [a, {"deep": b}]}:
            return a, b
        case {}:
            return "any mapping"
    return "no mapping"


assert mappings({"kind": "point", "x": 1, "y": 2, "z": 3}) == (1, 2)
assert mappings({"kind": "line", "to": 5}) == ("line", {"to": 5})
assert mappings({1: [2, {"deep": 3}]}) == (2, 3)
assert mappings({}) == mappings({"x": 1}) == mappings({"kind": 5}) == "any mapping"
assert mappings([]) == "no mapping"


class Default(dict):
    def __missing__(self, key):
        return 5


assert mappings(Default()) == "any mapping"


class Point:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Wide(Point):
    __match_args__ = ("x", "y", "z")
    z = 9


def classes(value):
    match value:
        case Wide(x, y, z):
            return "wide", x, y, z
        case Point(0, 0):
            return "origin"
        case Point(x, y=0):
            return "on the axis", x
        case Point(x, y) if x == y:
            return "diagonal", x
        case Point(x=x, missing=_):
            return "never"
        case Point():
            return "point"
        case bool(flag):
            return "bool", flag
        case int(n) | float(n):
            return "number", n
        case str() as text:
            return "text", text
        case list([first, *_]):
            return "list", first
        case object(__class__=cls):
            return cls


assert classes(Wide(1, 2)) == ("wide", 1, 2, 9)
assert classes(Point(0, 0)) == "origin"
assert classes(Point(4, 0)) == ("on the axis", 4)
assert classes(Point(4, 4)) == ("diagonal", 4)
assert classes(Point(4, 5)) == "point"
assert classes(True) == ("bool", True)
assert classes(3) == ("number", 3) and classes(2.5) == ("number", 2.5)
assert classes("s") == ("text", "s")
assert classes([1, 2]) == ("list", 1)
assert classes({}) == dict


class Constants:
    RED = 1
    BLUE = 2


def constants(value):
    match value:
        case Constants.RED:
            return "red"
        case Constants.BLUE | Constants.GREEN:
            return "not red"


Constants.GREEN = 3
assert [constants(each) for each in (1, 2, 3, 4)] == ["red", "not red", "not red", None]


# Names are bound only where the whole pattern matches.
bound = "before"
match [1, 2, 3]:
    case [bound, 5, _]:
        raise AssertionError
    case [_, _, bound]:
        pass
assert bound == 3


# What only has `keys` and `__getitem__` is no mapping; a failing guard goes on to the next case.
def guards(value):
    match value:
        case n if n > 10:
            return "large"
        case n if n > 5:
            return "middle"
        case n:
            return n


assert [guards(each) for each in (11, 6, 1)] == ["large", "middle", 1]


def looped():
    total = 0
    for number in range(3000):
        match [number % 4, number]:
            case [0, n]:
                total += n
            case [1, _]:
                total -= 1
            case [2 | 3, n] if n % 3:
                total += 2
    return total


def looped_by_hand():
    total = 0
    for number in range(3000):
        rest = number % 4
        if rest == 0:
            total += number
        elif rest == 1:
            total -= 1
        elif number % 3:
            total += 2
    return total


assert looped() == looped_by_hand()

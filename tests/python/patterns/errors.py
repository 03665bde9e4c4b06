# What goes wrong in patterns.


def message(run):
    try:
        run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


class Listed:
    __match_args__ = ["x"]


class Numbered:
    __match_args__ = (1,)


class Twice:
    __match_args__ = ("x", "y")
    x = y = 1


class Plain:
    pass


not_a_class = 5


def wrong_list():
    match Listed():
        case Listed(x):
            pass


def wrong_number():
    match Numbered():
        case Numbered(x):
            pass


def twice():
    match Twice():
        case Twice(1, x=1):
            pass


def too_many():
    match Twice():
        case Twice(1, 1, 1):
            pass


def none_allowed():
    match Plain():
        case Plain(1):
            pass


def one_allowed():
    match 5:
        case int(1, 2):
            pass


def no_class():
    match 5:
        case not_a_class():
            pass


def same_key():
    key = type("K", (), {})
    key.one = key.two = "k"
    match {"k": 1, "l": 2}:
        case {key.one: 1, key.two: 1}:
            pass


assert message(wrong_list) == "TypeError: Listed.__match_args__ must be a tuple (got list)"
assert message(wrong_number) == "TypeError: __match_args__ elements must be strings (got int)"
assert message(twice) == "TypeError: Twice() got multiple sub-patterns for attribute 'x'"
assert message(too_many) == "TypeError: Twice() accepts 2 positional sub-patterns (3 given)"
assert message(none_allowed) == "TypeError: Plain() accepts 0 positional sub-patterns (1 given)"
assert message(one_allowed) == "TypeError: int() accepts 1 positional sub-pattern (2 given)"
assert message(no_class) == "TypeError: called match pattern must be a class"
assert message(same_key) == "ValueError: mapping pattern checks duplicate key ('k')", message(same_key)


class Failing:
    @property
    def x(self):
        raise ZeroDivisionError("in a property")

    @property
    def y(self):
        raise AttributeError("looks missing")


def failing():
    match Failing():
        case Failing(x=1):
            pass


def looks_missing():
    match Failing():
        case Failing(y=1):
            raise AssertionError


assert message(failing) == "ZeroDivisionError: in a property"
assert message(looks_missing) is None


class Meta(type):
    def __instancecheck__(cls, instance):
        return instance == 5


class Five(metaclass=Meta):
    pass


match 5:
    case Five():
        pass
    case _:
        raise AssertionError

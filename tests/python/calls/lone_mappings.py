# Calls with nothing but one mapping as keyword arguments: the function gets a dict of its own.
def collect(*args, **kwargs):
    return args, kwargs

def change(**kwargs):
    kwargs["new"] = kwargs.pop("a", None)
    return kwargs

given = {"a": 1, "b": 2}
for _ in range(3):
    assert collect(**given) == ((), {"a": 1, "b": 2})
    assert collect(0, **given) == ((0,), {"a": 1, "b": 2})
    assert collect(*(0, 1), **given) == ((0, 1), {"a": 1, "b": 2})
    assert change(**given) == {"b": 2, "new": 1}
    assert given == {"a": 1, "b": 2}
    assert dict(**given) == given and dict(**given) is not given
    result = collect(**given)[1]
    result["a"] = 5
    assert given["a"] == 1


# What is iterated after the mapping was looked at does not change what the function gets.
def changing():
    given["late"] = 3
    yield 7

assert collect(*changing(), **given) == ((7,), {"a": 1, "b": 2})
assert given.pop("late") == 3


class Mapping:
    def keys(self):
        return ["x", "y"]

    def __getitem__(self, key):
        return key * 2


class Own(dict):
    def keys(self):
        return ["never"]


assert collect(**Mapping()) == ((), {"x": "xx", "y": "yy"})
assert collect(**Own(a=1)) == ((), {"a": 1})
assert collect(**{}) == ((), {})
assert collect(1, 2, **{}) == ((1, 2), {})
assert collect(*[], **{"k": 1}) == ((), {"k": 1})
many = {f"k{number}": number for number in range(60)}
assert collect(1, **many) == ((1,), many)
assert sorted(collect(**globals())[1]) == sorted(globals())


def text_of(call):
    try:
        call()
    except TypeError as error:
        return str(error)


assert text_of(lambda: collect(**None)) == "__main__.collect() argument after ** must be a mapping, not NoneType"
assert text_of(lambda: collect(**[1])) == "__main__.collect() argument after ** must be a mapping, not list"
assert text_of(lambda: collect(**{1: 2})) == "keywords must be strings"
assert text_of(lambda: collect(a=1, **{"a": 2})) == "__main__.collect() got multiple values for keyword argument 'a'"
assert text_of(lambda: collect(*5, **given)) == "__main__.collect() argument after * must be an iterable, not int"
assert text_of(lambda: len(**given)) == "len() takes no keyword arguments"


class Meta(type):
    def __new__(cls, name, bases, namespace, **kwargs):
        made = super().__new__(cls, name, bases, namespace)
        made.given = kwargs
        return made

    def __init__(cls, name, bases, namespace, **kwargs):
        pass


options = {"metaclass": Meta, "more": 1}
class Made(**options):
    pass

assert type(Made) is Meta and Made.given == {"more": 1}
assert options == {"metaclass": Meta, "more": 1}


class Generic[T](**options):
    pass

assert Generic.given == {"more": 1} and len(options) == 2


def outer(*args, **kwargs):
    return collect(*args, **kwargs)

for number in range(300):
    assert outer(number, n=number) == ((number,), {"n": number})

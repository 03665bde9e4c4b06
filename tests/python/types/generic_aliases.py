# `list[int]`, `int | str`, and type parameters where `typing` is not needed.


def outcome(run, *arguments, **keywords):
    try:
        return run(*arguments, **keywords)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


alias = list[int]
Alias = type(alias)
assert repr(alias) == "list[int]" and alias.__origin__ is list and alias.__args__ == (int,) and alias.__parameters__ == ()
assert alias.__class__ is Alias and alias.__mro_entries__((alias,)) == (list,)
assert alias == list[int] != list[str] and hash(alias) == hash(list[int]) and alias != 5
assert alias() == [] and alias((1, 2)) == [1, 2] and type(alias()) is list
assert outcome(isinstance, [], alias) == "TypeError: isinstance() argument 2 cannot be a parameterized generic"
assert outcome(issubclass, list, alias) == "TypeError: issubclass() argument 2 cannot be a parameterized generic"
for shown, expected in [
    (list[...], "list[...]"),
    (tuple[int, ...], "tuple[int, ...]"),
    (tuple[()], "tuple[()]"),
    (list["int"], "list['int']"),
    (list[None], "list[None]"),
    (list[[int, str]], "list[[int, str]]"),
    (dict[str, list[int]], "dict[str, list[int]]"),
    (int | None, "int | None"),
    (list[int] | str, "list[int] | str"),
]:
    assert repr(shown) == expected, shown
assert tuple[()].__args__ == () and Alias(list, int) == list[int] and Alias(dict, (int, str)) == dict[int, str]
assert outcome(Alias, 1) == "TypeError: GenericAlias expected 2 arguments, got 1"
assert outcome(Alias, list, int, x=1) == "TypeError: GenericAlias() takes no keyword arguments"
assert outcome(setattr, alias, "__origin__", 1) == "AttributeError: readonly attribute"
assert outcome(lambda: alias[str]) == "TypeError: list[int] is not a generic class"


class Own(list):
    pass


assert Own[int]().__orig_class__ == Own[int]


class Derived(list[int]):
    pass


assert Derived.__bases__ == (list,) and Derived.__orig_bases__ == (list[int],)

iterator = iter(tuple[int])
unpacked = next(iterator)
assert repr(unpacked) == "*tuple[int]" and unpacked.__unpacked__ and unpacked != tuple[int]
assert unpacked.__typing_unpacked_tuple_args__ == (int,) and next(iterator, "end") == "end"

# Unions.
union = int | str
assert union.__args__ == (int, str) and union == str | int and hash(union) == hash(str | int)
assert union.__name__ == union.__qualname__ == "Union" and union.__origin__ is type(union)
assert (int | int) is int and (int | str) | (float | int) == int | str | float
assert isinstance(1, union) and not isinstance(1.0, union) and isinstance(None, int | None) and issubclass(bool, union)
assert isinstance(1, int | list[int])
assert outcome(isinstance, "", int | list[int]) == "TypeError: isinstance() argument 2 cannot be a parameterized generic"
assert outcome(lambda: int | 5) == "TypeError: unsupported operand type(s) for |: 'type' and 'int'"
assert outcome(union) == "TypeError: 'typing.Union' object is not callable"
assert outcome(lambda: union[int]) == "TypeError: int | str is not a generic class"

# Type aliases and parameters: what they hold is evaluated when asked for.
type Plain = int | str
type Generic[T] = dict[str, T]
type Undefined = nowhere
type Recursive = list[Recursive] | int
assert repr(Plain) == "Plain" and Plain.__value__ == union and Plain.__type_params__ == () and Plain.__module__ == "__main__"
(parameter,) = Generic.__type_params__
assert repr(parameter) == "T" and Generic.__value__ == dict[str, parameter] and repr(Generic[int]) == "Generic[int]"
assert Generic.__value__.__parameters__ == (parameter,)
assert outcome(lambda: Undefined.__value__) == "NameError: name 'nowhere' is not defined"
assert Recursive.__value__.__args__[0].__args__ == (Recursive,)
assert outcome(lambda: Plain[int]) == "TypeError: Only generic type aliases are subscriptable"
nowhere = 5
assert Undefined.__value__ == 5


def function[A: int, B: (str, bytes), *Cs, **D, E = list[int]](a: A) -> B:
    return a


a, b, cs, d, e = function.__type_params__
assert [each.__name__ for each in function.__type_params__] == ["A", "B", "Cs", "D", "E"]
assert a.__bound__ is int and a.__constraints__ == () and b.__constraints__ == (str, bytes) and b.__bound__ is None
assert e.__default__ == list[int] and e.has_default() and not a.has_default() and repr(a.__default__) == "typing.NoDefault"
assert a.__infer_variance__ and not a.__covariant__ and function.__annotations__ == {"a": a, "return": b}
assert repr(d.args) == "D.args" and d.args == d.args != d.kwargs and d.kwargs.__origin__ is d
assert outcome(setattr, a, "__name__", "x") == "AttributeError: readonly attribute"


class Holder:
    type Inside = Holder

    def method[T](self, value: T) -> Inside:
        return value


assert Holder.Inside.__value__ is Holder and Holder.method.__annotations__["return"] is Holder.Inside
assert Holder().method(5) == 5

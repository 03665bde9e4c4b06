# Calls of functions written in Rust, by every form of callee that the interpreter calls straight, and those that it must not.
import collections
import math
import weakref


class Text(str):
    pass


class Numbers(list):
    def append(self, item):
        super().append(item * 2)


def raised(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class Holder:
    def __init__(self):
        self.got = []
        self.put = self.got.append  # a bound built-in method
        self.own = self.method  # a bound Python method
        self.made = list
        self.add = (40).__add__

    def method(self, x, y=1):
        return x + y


def turn(holder, i):
    values = [i]
    push = values.append
    push(i + 1)
    upper = str.upper
    assert upper("abc") == "ABC" and str.upper("x") == "X"
    assert str.upper(Text("y")) == "Y" and Text("z").upper() == "Z"
    assert len(values) == 2 and math.sqrt(4.0) == 2.0
    holder.put(i)
    assert holder.own(i) == i + 1 and holder.own(i, 5) == i + 5
    assert holder.made((1, 2)) == [1, 2] and holder.add(2) == 42
    assert list((i,)) == [i] and collections.deque([i]).pop() == i and type(i) is int and type("", (), {}).__name__ == ""
    assert dict.fromkeys("a") == {"a": None} and str.maketrans({"a": "b"}) == {97: "b"} and int.from_bytes(b"\1") == 1
    assert object.__new__(Holder).__class__ is Holder
    doubled = Numbers()
    doubled.append(i)
    list.append(doubled, i)
    assert doubled == [2 * i, i]
    assert weakref.ref(holder) is weakref.ref(holder) and weakref.ref(holder)() is holder


holder = Holder()
for i in range(3000):
    turn(holder, i)
assert holder.got == list(range(3000))


def errors():
    assert raised(lambda: len()) == "TypeError: len() takes exactly one argument (0 given)"
    assert raised(lambda: len(1)) == "TypeError: object of type 'int' has no len()"
    assert raised(lambda: str.upper(1)) == "TypeError: descriptor 'upper' for 'str' objects doesn't apply to a 'int' object"
    assert raised(lambda: str.upper()) == "TypeError: unbound method str.upper() needs an argument"
    assert raised(lambda: [].append()) == "TypeError: list.append() takes exactly one argument (0 given)"
    assert raised(lambda: {}.pop(1)) == "KeyError: 1"
    assert raised(lambda: int("x")) == "ValueError: invalid literal for int() with base 10: 'x'"
    assert raised(lambda: holder.own()) == "TypeError: Holder.method() missing 1 required positional argument: 'x'"
    assert raised(lambda: holder.own(1, 2, 3)) == "TypeError: Holder.method() takes from 2 to 3 positional arguments but 4 were given"


for i in range(200):
    errors()


def sites(callee):
    # One site, callees of all forms.
    return callee("12")


for callee, result in [(int, 12), (len, 2), (str.upper, "12"), ("12".__eq__, True), (lambda x: x, "12"), ([].append, None), (Text, "12")] * 300:
    assert sites(callee) == result


def nested(n):
    # Natives that call Python code that calls natives.
    return sorted([n, 1], key=lambda x: -len(str(x)))[0] if n else 0


for i in range(500):
    assert nested(i) in (i, 1)

{}.pop("no")  # raises: KeyError: 'no'

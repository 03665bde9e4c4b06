# What `str`, `bytes`, `int`, `float` and `complex` accept and say.
import warnings


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as exception:
        return type(exception).__name__, str(exception)
    return None


class Text(str):
    pass


class Shows:
    def __str__(self):
        return Text("shown")

    def __repr__(self):
        return Text("<shown>")


assert [type(f(Shows())) for f in (str, repr, ascii)] == [Text] * 3
assert type(Text("a").__getnewargs__()[0]) is str
assert "{}".format(type("S", (str,), {"__str__": lambda self: "other"})("a")) == "other"
a = "abc"
assert a * 1 is a
for sequence in ("a", [1], (1,), b"a", bytearray(b"a")):
    assert error(sequence.__mul__, 1.5) == ("TypeError", "'float' object cannot be interpreted as an integer")
    assert error(lambda: sequence * 1.5) == ("TypeError", "can't multiply sequence by non-int of type 'float'")
assert error(str, 1, 2, 3, 4) == ("TypeError", "str expected at most 3 arguments, got 4")
assert error(str, b"", 1) == ("TypeError", "str() argument 'encoding' must be str, not int")
assert error(int, 1, 2, 3) == ("TypeError", "int expected at most 2 arguments, got 3")
assert error("{!}".format)[0] == error("{9223372036854775808}".format)[0] == "ValueError"
assert error(lambda: "%*s" % (2**63, "")) == ("OverflowError", "Python int too large to convert to C ssize_t")


class Bytes(bytes):
    pass


assert type(bytes(type("B", (), {"__bytes__": lambda self: Bytes(b"b")})())) is Bytes
assert bytes(type("S", (str,), {"__bytes__": lambda self: b"text"})("a")) == b"text"
assert error(bytes, b"", errors="ignore") == ("TypeError", "errors without a string argument")
assert error(int.from_bytes, "", "big") == ("TypeError", "cannot convert 'str' object to bytes")
assert ord(bytearray(b"a")) == 97


# A bytearray does not change its size while a method of it runs.
class Clears:
    def __init__(self, array):
        self.array = array

    def __index__(self):
        self.array.clear()
        return 65


for method in ("find", "rfind", "index", "count"):
    array = bytearray(b"A")
    assert error(getattr(array, method), Clears(array))[0] == "BufferError", method
array = bytearray(b",")
assert error(array.join, (array.clear() for _ in "a"))[0] == "BufferError"
array = bytearray(b"abc")
assert error(array.__init__, [0] * 50 + [1000])[0] == "ValueError" and array == b""


class Float(float):
    pass


class Complex(complex):
    pass


for function, name, value in ((float, "__float__", Float(1)), (complex, "__complex__", Complex(1))):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert type(function(type("N", (), {name: lambda self, value=value: value})())) is function
    assert "strict subclass" in str(caught[0].message)
assert error(complex, 1, type("N", (), {"__complex__": lambda self: 1j})())[0] == "TypeError"
assert pow(-0.0, float("-inf")) == float("inf")
assert repr(sum([-0.0], -0.0)) == "-0.0" and repr(sum([-0.0])) == "0.0"
assert error(int().__pow__) == ("TypeError", "expected 1 or 2 arguments, got 0")


class Power(int):
    def __rpow__(self, other, modulus=None):
        return "reflected"


assert pow(2, Power(3), 5) == "reflected"
assert error(pow, 2, "a", 1)[1] == "unsupported operand type(s) for ** or pow(): 'int', 'str', 'int'"
assert repr(sum([-0.0, -0.0j], -0.0)) == "(-0-0j)" and sum([0.1j] * 10) == 1j
assert error(sum, [], bytearray())[0] == "TypeError"


class Generic[T]:
    pass


Generic.__type_params__ = "whatever"
assert Generic.__type_params__ == "whatever" and type.__type_params__ == ()

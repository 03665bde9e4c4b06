# Values of built-in types as bytes and back.
import marshal
import sys


def same(value, version=marshal.version):
    again = marshal.loads(marshal.dumps(value, version))
    assert again == value and type(again) is type(value), (value, again)
    return again


for value in [
    None, True, False, ..., 0, 1, -1, 127, 2**31 - 1, -2**31, 2**31, 2**40, -(2**70), 10**50, 1.5, -0.0, 1e300, float("inf"),
    "", "a", "grün", "\ud800", "x" * 300, b"", b"abc", (), (1, 2), tuple(range(300)), [], [1, [2, [3]]], {}, {"a": 1, 2: (3,)},
    set(), {1, 2, 3}, frozenset(), frozenset({"x"}), slice(1, None, 2),
]:
    same(value)
for version in range(5):
    same([1, "a", b"b", (2.5, None), {"k": 2**80}], version)
assert marshal.loads(marshal.dumps(StopIteration)) is StopIteration

# Identity is kept, also in a circle.
item = ("shared", 1.5)
first, second = marshal.loads(marshal.dumps([item, item]))
assert first is second
circle = []
circle.append(circle)
again = marshal.loads(marshal.dumps(circle))
assert again[0] is again and len(again) == 1

# Bytes as CPython writes them.
assert marshal.dumps(1, 2) == b"i\x01\x00\x00\x00"
assert marshal.dumps(None) == b"N"
assert marshal.dumps([1], 0) == b"[\x01\x00\x00\x00i\x01\x00\x00\x00"
assert marshal.dumps(-(2**40), 0) == b"l\xfd\xff\xff\xff\x00\x00\x00\x00\x00\x04"
assert marshal.dumps(1.5, 0) == b"f\x031.5"
assert marshal.loads(b"z\x03abcrest") == "abc"


# What has a meaning of its own cannot be written.
def fails(kind, text, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except kind as error:
        assert str(error) == text, str(error)
    else:
        assert False, text


fails(ValueError, "unmarshallable object", marshal.dumps, object())
fails(ValueError, "unmarshallable object", marshal.dumps, [len])
fails(ValueError, "unmarshallable object", marshal.dumps, slice(1), 4)
fails(EOFError, "EOF read where object expected", marshal.loads, b"")
fails(EOFError, "marshal data too short", marshal.loads, b"i\x01")
fails(ValueError, "bad marshal data (unknown type code)", marshal.loads, b"?")
fails(ValueError, "bad marshal data (invalid reference)", marshal.loads, b"r\x05\x00\x00\x00")
fails(TypeError, "NULL object in marshal data for tuple", marshal.loads, b")\x01" + b"0")
deep = []
for _ in range(5000):
    deep = [deep]
fails(ValueError, "object too deeply nested to marshal", marshal.dumps, deep)


# Code runs after the round trip.
def power(base, exponent=2):
    return base ** exponent


code = marshal.loads(marshal.dumps(power.__code__))
fails(ValueError, "marshalling code objects is disallowed", marshal.dumps, power.__code__, allow_code=False)
fails(ValueError, "unmarshalling code objects is disallowed", marshal.loads, marshal.dumps(power.__code__), allow_code=False)
assert type(code) is type(power.__code__)

# Whatever is in the bytes of code, the outcome is code or an exception. (CPython makes no such promise.)
data = marshal.dumps(code) if sys.implementation.name == "typhon" else b""
for place in range(len(data)):
    for changed in (0, 1, 0x7F, 0xFF):
        try:
            marshal.loads(data[:place] + bytes([changed]) + data[place + 1:])
        except (ValueError, EOFError, TypeError):
            pass

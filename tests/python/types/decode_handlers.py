# Error handlers that change the exception's bytes, or put something else there.
import codecs

DATA = [
    ("ascii", b"\xff"),
    ("utf-7", b"++"),
    ("utf-8", b"\xff"),
    ("utf-16", b"\xff"),
    ("utf-32", b"\xff"),
    ("unicode-escape", b"\\u123g"),
    ("raw-unicode-escape", b"\\u123g"),
    ("cp1252", b"\x81"),
]


def replacing(exception):
    exception.object = 42
    return "\u4242", 0


def emptying(exception):
    exception.object = b""
    return "\u4242", 0


codecs.register_error("test.replacing", replacing)
codecs.register_error("test.emptying", emptying)
for encoding, data in DATA:
    assert data.decode(encoding, "test.emptying") == "\u4242", encoding
    try:
        data.decode(encoding, "test.replacing")
    except TypeError as error:
        assert str(error) == "UnicodeError 'object' attribute must be a bytes", error
    else:
        raise AssertionError(encoding)

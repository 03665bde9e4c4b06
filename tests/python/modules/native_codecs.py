# The native codecs and error handlers.
import _codecs as c

assert c.utf_8_encode("é€") == (b"\xc3\xa9\xe2\x82\xac", 2)
assert c.utf_8_decode(b"a\xe2\x82") == ("a", 1) and c.utf_8_decode(b"\xed\xa0") == ("", 0)
assert c.utf_16_encode("a😀") == (b"\xff\xfea\x00=\xd8\x00\xde", 2)
assert c.utf_16_ex_decode(b"\xfe\xff\x00a\x00") == ("a", 4, 1) and c.utf_16_le_decode(b"=\xd8\x00") == ("", 0)
assert c.utf_32_be_encode("a")[0] == b"\x00\x00\x00a" and c.utf_32_decode(b"\xff\xfe\x00\x00a\x00\x00\x00") == ("a", 8)
assert c.utf_7_encode("a+é-")[0] == b"a+-+AOk--" and c.utf_7_decode(b"+AOk-x+2D3eAA-", None, True)[0] == "éx😀"
assert c.utf_7_decode(b"a+AO") == ("a", 1)
assert c.latin_1_encode("ÿ")[0] == b"\xff" and c.latin_1_decode(b"\xff") == ("ÿ", 1)
assert c.unicode_escape_encode("é\n€\\")[0] == rb"\xe9\n\u20ac\\"
assert c.unicode_escape_decode(rb"\xe9\101\N{SPACE}\u20ac\'") == ("éA €'", 25)
assert c.unicode_escape_decode(b"a\\u12", None, False) == ("a", 1)
assert c.raw_unicode_escape_decode(rb"\n\u20ac\\u0041")[0] == "\\n€\\\\u0041"
assert c.raw_unicode_escape_encode("é€")[0] == b"\xe9\\u20ac"
assert c.escape_decode(rb"\x41\n\0\\")[0] == b"A\n\0\\" and c.escape_encode(b"'\xff\n")[0] == rb"\'\xff\n"
assert c.charmap_decode(b"ab", "replace", "x\ufffe" * 50)[0] == "\ufffdx"
assert c.charmap_decode(b"ab", "strict", {97: "xy", 98: 0x20AC})[0] == "xy€"
assert c.charmap_encode("ab", "strict", {97: 1, 98: b"23"})[0] == b"\x0123"
assert c.charmap_build("\0ab") == {0: 0, 97: 1, 98: 2} or type(c.charmap_build("\0ab")).__name__ == "EncodingMap"

for handler, encoded in [
    ("ignore", b"ab"),
    ("replace", b"a??b"),
    ("xmlcharrefreplace", b"a&#8364;&#56448;b"),
    ("backslashreplace", b"a\\u20ac\\udc80b"),
    ("namereplace", b"a\\N{EURO SIGN}\\udc80b"),
]:
    assert "a€\udc80b".encode("ascii", handler) == encoded, handler
assert "a\udc80\udcff".encode("utf-8", "surrogateescape") == b"a\x80\xff"
assert "\ud800".encode("utf-8", "surrogatepass") == b"\xed\xa0\x80"
assert "\ud800".encode("utf-16", "surrogatepass") == b"\xff\xfe\x00\xd8"
assert b"a\xff\xc3".decode("utf-8", "surrogateescape") == "a\udcff\udcc3"
assert b"\xed\xa0\x80".decode("utf-8", "surrogatepass") == "\ud800"
assert b"a\xffb".decode("ascii", "backslashreplace") == "a\\xffb"


def error(function, *arguments):
    try:
        function(*arguments)
    except (LookupError, ValueError, TypeError) as raised:
        return type(raised).__name__ + ": " + str(raised)
    raise AssertionError


assert error("é\ud800".encode, "utf-8") == (
    "UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed"
)
assert error("aéé".encode, "ascii") == (
    "UnicodeEncodeError: 'ascii' codec can't encode characters in position 1-2: ordinal not in range(128)"
)
assert error(b"a\xe2\x82".decode) == (
    "UnicodeDecodeError: 'utf-8' codec can't decode bytes in position 1-2: unexpected end of data"
)
assert error(b"\xc3(".decode) == (
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xc3 in position 0: invalid continuation byte"
)
assert error(c.lookup_error, "nope") == "LookupError: unknown error handler name 'nope'"
assert error("é".encode, "ascii", "nope") == "LookupError: unknown error handler name 'nope'"
assert error(c.register, 1) == "TypeError: argument must be callable"

c.register_error("test.twice", lambda error: ("<>", error.end))
assert "aéb€".encode("ascii", "test.twice") == b"a<>b<>"
assert b"a\xffb".decode("ascii", "test.twice") == "a<>b"
assert c._unregister_error("test.twice") and not c._unregister_error("test.twice")
for answer, message in [
    (("x", 9), "IndexError: position 9 from error handler out of bounds"),
    (5, "TypeError: encoding error handler must return (str/bytes, int) tuple"),
]:
    c.register_error("test.wrong", lambda error: answer)
    assert error("aéb".encode, "ascii", "test.wrong") == message

# A codec of one's own.
def find(name):
    if name == "own_codec":
        return (lambda text, errors="strict": (b"<" + text.encode() + b">", 1), None, None, None)


c.register(find)
assert "x".encode("Own Codec") == b"<x>" and c.encode("y", "own-codec") == b"<y>"

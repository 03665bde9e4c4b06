# The engine by itself, with codes as the library's compiler emits them.
import _sre

assert _sre.getcodesize() == 4
assert _sre.unicode_tolower(0x130) == 0x69
assert _sre.unicode_iscased(ord("é")) and not _sre.unicode_iscased(ord("1"))
assert _sre.ascii_iscased(ord("a")) and not _sre.ascii_iscased(ord("é"))
assert _sre.ascii_tolower(ord("A")) == ord("a")

# a(b+)c
CODES = [14, 8, 1, 3, 4294967295, 1, 1, 97, 0, 16, 97, 17, 0, 24, 6, 1, 4294967295, 16, 98, 1, 17, 1, 16, 99, 1]
text = _sre.compile("a(b+)c", 32, CODES, 1, {"n": 1}, (None, "n"))
assert repr(text) == "re.compile('a(b+)c')"
match = text.search("xéabbbcx")
assert match.span() == (2, 7) and match[1] == match["n"] == "bbb"
assert match.lastindex == 1 and match.lastgroup == "n"
assert match.groupdict() == {"n": "bbb"}
assert repr(match) == "<re.Match object; span=(2, 7), match='abbbc'>"
assert text.match("xabc") is None and text.fullmatch("abcd") is None
assert text.findall("abc abbc") == ["b", "bb"]
assert text.split("1abc2abbc3") == ["1", "b", "2", "bb", "3"]
assert text.sub(lambda found: found[1].upper(), "-abc-abbc-") == "-B-BB-"
assert text.subn("x", "abcabc", 1) == ("xabc", 1)
assert [found.span() for found in text.finditer("abc é abc")] == [(0, 3), (6, 9)]
for wrong, message in [
    (b"abc", "cannot use a string pattern on a bytes-like object"),
    (1, "expected string or bytes-like object, got 'int'"),
]:
    try:
        text.match(wrong)
    except TypeError as error:
        assert str(error) == message, error
    else:
        raise AssertionError
try:
    match.group(2)
except IndexError as error:
    assert str(error) == "no such group"

content = _sre.compile(b"a(b+)c", 0, CODES, 1, {}, (None, None))
assert content.search(b"\xffabc").span() == (1, 4)
assert content.sub(b"-", b"abcx") == b"-x"
assert content != text and content == _sre.compile(b"a(b+)c", 0, CODES, 1, {}, (None, None))

# (?:(a)|b)* keeps a group of an earlier round, and does not recurse.
CODES = [14, 4, 0, 0, 4294967295, 23, 19, 0, 4294967295, 7, 9, 17, 0, 16, 97, 17, 1, 15, 7, 5, 16, 98, 15, 2, 0, 18, 1]
repeat = _sre.compile("(?:(a)|b)*", 32, CODES, 1, {}, (None, None))
assert repeat.match("ab").regs == ((0, 2), (0, 1))
assert repeat.fullmatch("ab" * 50000).end() == 100000

for codes in [[], [17, 5, 1], [16], [23, 3, 1, 0, 1], [13, 2, 99, 1]]:
    try:
        _sre.compile("", 0, codes, 0, {}, ())
    except RuntimeError as error:
        assert str(error) == "invalid SRE code"
    else:
        raise AssertionError(codes)

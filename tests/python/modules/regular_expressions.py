# The library's re on the native engine.
import re

assert re.findall(r"\w+", "naïve café_1 ١٢") == ["naïve", "café_1", "١٢"]
assert re.findall(r"(?a)\w+", "naïve") == ["na", "ve"]
assert re.sub(r"(\w)(\d)", r"\2\g<1>", "a1 b2") == "1a 2b"
assert re.sub("a*", "-", "baac") == "-b--c-"
assert re.split(r"(,)\s*", "a, b,c") == ["a", ",", "b", ",", "c"]
assert re.match(r"(?P<year>\d{4})-(?P<month>\d\d)", "2026-11").groupdict() == {"year": "2026", "month": "11"}
assert re.fullmatch(r"(?i)STRASSE|straße", "StraSSe") and re.fullmatch(r"(?i)straße", "STRAẞE")
assert re.search(r"(?<=é)b(?!c)", "ébc éb").span() == (5, 6)
assert re.search(r"(a)?(?(1)b|c)", "xab").group() == "ab"
assert re.search(r"(?>a+)ab", "aaab") is None and re.search(r"a++b", "aaab").group() == "aaab"
assert re.search(r"(\w+) \1", "hello hello").span() == (0, 11)
assert re.findall(r"(?m)^(\w)(.*)$", "ab\ncd") == [("a", "b"), ("c", "d")]
assert re.compile(rb"\xff+").search(b"a\xff\xff").span() == (1, 3)
assert repr(re.compile("x", re.I | re.M)) == "re.compile('x', re.IGNORECASE|re.MULTILINE)"
assert [m.span() for m in re.finditer("é|", "aé")] == [(0, 0), (1, 2), (2, 2)]
assert re.compile("(a)(b)?").match("a").regs == ((0, 1), (0, 1), (-1, -1))
assert re.match("(a)|(b)", "b").expand(r"[\1\2]") == "[b]"
assert re.escape("a.b*é") == r"a\.b\*é"
assert re.match("(?:a|b)*c", "ab" * 20000 + "c").end() == 40001
assert re.Scanner([(r"\d+", lambda scanner, text: int(text)), (r"\s+", None)]).scan("1 22 x") == ([1, 22], "x")
for pattern, message in [
    ("(a", "missing ), unterminated subpattern at position 0"),
    ("*a", "nothing to repeat at position 0"),
    ("[b-a]", "bad character range b-a at position 1"),
    (r"\q", r"bad escape \q at position 0"),
]:
    try:
        re.compile(pattern)
    except re.error as error:
        assert str(error) == message
    else:
        raise AssertionError(pattern)

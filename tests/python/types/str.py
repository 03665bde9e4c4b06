# Strings, in loops that are compiled and on their own.


def join(n):
    text = ""
    for i in range(n):
        text += str(i % 10)
    return text


assert join(1000) == "0123456789" * 100


def scan(text):
    vowels = 0
    last = ""
    for c in text:
        if c in "aeiou":
            vowels += 1
        if c > last:
            last = c
    return vowels, last


assert scan("the quick brown fox jumps" * 50) == (300, 'x')


def by_index(text):
    changes = 0
    for i in range(1, len(text)):
        if text[i] != text[i - 1]:
            changes += 1
    return changes


assert by_index("aabbc" * 200) == 599


def formatted(n):
    length = 0
    for i in range(n):
        length += len(f"{i}:{i * 0.5:.2f}|{'x':>4}|{i!r:<6}|{i:04x}")
        length += len("%d-%s-%5.1f" % (i, "ab", i / 3))
        length += len("{} {name}".format(i, name=i + 1))
    return length


assert formatted(1000) == 45343


def caesar(text, shift):
    out = []
    for c in text:
        if c.isalpha():
            base = ord("a")
            out.append(chr((ord(c) - base + shift) % 26 + base))
        else:
            out.append(c)
    return "".join(out)


text = "hello, world" * 50
assert caesar(caesar(text, 5), -5) == text
assert caesar("abc xyz", 3) == "def abc"


def palindromes(n):
    count = 0
    for i in range(n):
        text = str(i)
        if text == text[::-1]:
            count += 1
    return count


assert palindromes(3000) == 129

# Not ASCII.
wide = "aé€😀z"
assert len(wide) == 5 and wide[3] == "😀" and wide[-2:] == "😀z" and wide[::-1] == "z😀€éa"
assert wide.encode() == b"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z" and wide.encode().decode() == wide
assert [ord(c) for c in wide] == [97, 233, 8364, 128512, 122]
assert wide.upper() == "AÉ€😀Z" and "straße".upper() == "STRASSE" and "ÀÉ".lower() == "àé"
assert wide.find("€") == 2 and wide.index("z") == 4 and wide.rfind("q") == -1
assert "\ud800" != "\ud801" and len("\ud800x") == 2


def wide_loop(n):
    count = 0
    text = "é😀a" * 100
    for i in range(n):
        if text[i % 300] == "😀":
            count += 1
    return count


assert wide_loop(3000) == 1000
assert "a,b,,c".split(",") == ["a", "b", "", "c"] and " a  b ".split() == ["a", "b"]
assert "a-b-c".rsplit("-", 1) == ["a-b", "c"] and "k=v".partition("=") == ("k", "=", "v")
assert "-".join(["x", "y"]) == "x-y" and "ab" * 3 == "ababab" and "b" in "abc"
assert " x ".strip() == "x" and "xxaxx".strip("x") == "a" and "abc".replace("b", "BB") == "aBBc"
assert "abc".startswith(("x", "ab")) and "abc".endswith("c") and "abcabc".count("bc") == 2
assert "hello world".title() == "Hello World" and "aBc".swapcase() == "AbC" and "abc".capitalize() == "Abc"
assert "5".zfill(3) == "005" and "ab".center(6, "*") == "**ab**" and "ab".ljust(4) + "|" == "ab  |"
assert "12".isdigit() and not "1a".isdigit() and "a1".isalnum() and "\t ".isspace()
assert "a\nb\r\nc".splitlines() == ["a", "b", "c"]
assert "abc" < "abd" < "b" and "Z" < "a"
assert repr("it's") == '"it\'s"' and repr('a"\n\\') == "'a\"\\n\\\\'" and ascii("é") == "'\\xe9'"
assert f"{3.14159:.3}" == "3.14" and f"{1234567:,}" == "1,234,567" and f"{255:#x} {255:b}" == "0xff 11111111"
assert f"{'a':^5}|{5:+d}|{0.25:%}|{1e10:g}" == "  a  |+5|25.000000%|1e+10"
assert f"{1 + 1 = }" == "1 + 1 = 2" and f"{{}}" == "{}"
assert str(None) == "None" and str(1.0) == "1.0" and str(1e16) == "1e+16" and str(0.1 + 0.2) == "0.30000000000000004"
assert int("-12") == -12 and int("ff", 16) == 255 and float("1e3") == 1000.0
assert "abc".translate({97: "x", 98: None}) == "xc"
for bad, text in [
    (lambda: "a" + 1, 'can only concatenate str (not "int") to str'),
    (lambda: "abc"[5], "string index out of range"),
    (lambda: int("x"), "invalid literal for int() with base 10: 'x'"),
    (lambda: "abc".index("z"), "substring not found"),
    (lambda: float("y"), "could not convert string to float: 'y'"),
    (lambda: "a" < 1, "'<' not supported between instances of 'str' and 'int'"),
]:
    try:
        bad()
    except Exception as error:
        assert str(error) == text, str(error)
    else:
        assert False

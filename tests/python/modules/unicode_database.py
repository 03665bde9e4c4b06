# The database, its older version, and the methods of str that follow it.
import unicodedata as u

assert u.unidata_version == "16.0.0" and u.ucd_3_2_0.unidata_version == "3.2.0"
assert u.name("é") == "LATIN SMALL LETTER E WITH ACUTE" and u.name("가") == "HANGUL SYLLABLE GA"
assert u.name("㐀") == "CJK UNIFIED IDEOGRAPH-3400" and u.name("\0", None) is None
for character in "aé€가㐀😀\u0301𒀀":
    assert u.lookup(u.name(character).lower()) == character
assert u.lookup("KEYCAP NUMBER SIGN") == "#\ufe0f\u20e3" and u.lookup("NULL") == "\0"
assert (u.category("a"), u.bidirectional("a"), u.combining("\u0301"), u.mirrored("("), u.east_asian_width("a")) == (
    "Ll", "L", 230, 1, "Na"
)
assert u.decomposition("é") == "0065 0301" and u.decomposition("½") == "<fraction> 0031 2044 0032"
assert u.decomposition("각") == "1100 1161 11A8"
assert u.decimal("٣") == 3 and u.digit("²") == 2 and u.numeric("½") == 0.5 and u.decimal("x", 7) == 7
for form, text, result in [
    ("NFC", "e\u0301", "é"),
    ("NFD", "é", "e\u0301"),
    ("NFKC", "ﬁ①", "fi1"),
    ("NFKD", "Å", "A\u030a"),
    ("NFC", "a\u0301\u0327", "á\u0327"),
    ("NFC", "\u1112\u1161\u11ab", "한"),
    ("NFD", "한", "\u1112\u1161\u11ab"),
]:
    assert u.normalize(form, text) == result, (form, ascii(text))
    assert u.is_normalized(form, result) and not u.is_normalized(form, text)
assert u.ucd_3_2_0.category("\u1e9e") == "Cn" and u.category("\u1e9e") == "Lu"


def fails(function, *arguments):
    try:
        function(*arguments)
    except (ValueError, TypeError, KeyError) as error:
        return str(error)
    raise AssertionError


assert fails(u.name, "\0") == "no such name"
assert fails(u.category, "ab") == "category(): argument must be a unicode character, not a string of length 2"
assert fails(u.name, 1) == "name() argument 1 must be a unicode character, not int"
assert fails(u.normalize, "X", "a") == "invalid normalization form"
assert fails(u.lookup, "xx") == "\"undefined character name 'xx'\""

assert "ΑΣ".lower() == "ας" and "ΑΣΑ".lower() == "ασα" and "Σ".lower() == "σ"
assert "ß".upper() == "SS" and "ß".casefold() == "ss" and "ǆ".title() == "ǅ" and "ŉ".title() == "ʼN"
assert "ﬁ".casefold() == "fi" and "\u00b5".casefold() == "\u03bc" and "ꭰ".casefold() == "Ꭰ"
assert "Éa".swapcase() == "éA" and "éCOLE é".capitalize() == "École é"
assert "ª".islower() and "ª".isalpha() and "Ⅷ".isupper() and "ǅ".istitle() and not "ǅ".isupper()
assert "½".isnumeric() and not "½".isdigit() and "²".isdigit() and not "²".isdecimal() and "٣".isdecimal()
assert "ª٣".isidentifier() and not "٣".isidentifier() and "℘".isidentifier()
assert "\x1c\u2003".isspace() and not "\u200b".isspace() and not "\u200b".isprintable()
# Letters that came after Unicode 16.0.
assert not "\u0c5c".isalpha() and not "\ua7d2".isalpha()

# json with its native parts, and the parser of format strings.
import json
import string

DOCUMENT = '{"é": [1, -2.5, 3e10, "\\u00e9\\ud83d\\ude00\\n"], "b": null, "c": true, "d": {"é": {}}, "n": 123456789012345678901}'
value = json.loads(DOCUMENT)
assert value == {
    "é": [1, -2.5, 3e10, "é😀\n"], "b": None, "c": True, "d": {"é": {}}, "n": 123456789012345678901
}
assert json.loads(json.dumps(value)) == value == json.loads(json.dumps(value, ensure_ascii=False, indent=2))
assert json.dumps(["é\"\\\x01😀", 1.0, None, {1: True, 2.5: "x", None: []}]) == (
    r'["\u00e9\"\\\u0001\ud83d\ude00", 1.0, null, {"1": true, "2.5": "x", "null": []}]'
)
assert json.dumps({"b": 1, "a": [1, {}]}, indent=1, sort_keys=True) == '{\n "a": [\n  1,\n  {}\n ],\n "b": 1\n}'
assert json.loads("[1, 2.5, NaN]", parse_int=str, parse_float=len, parse_constant=str.lower) == ["1", 3, "nan"]
assert json.loads('{"a": 1, "a": 2}', object_pairs_hook=list) == [("a", 1), ("a", 2)]


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except (TypeError, ValueError) as raised:
        return str(raised)
    raise AssertionError


for text, message in [
    ('{"é": 1,}', "Illegal trailing comma before end of object: line 1 column 8 (char 7)"),
    ("[1,]", "Illegal trailing comma before end of array: line 1 column 3 (char 2)"),
    ('"é\\x"', "Invalid \\escape: line 1 column 3 (char 2)"),
    ('"é\n"', "Invalid control character at: line 1 column 3 (char 2)"),
    ('["abc', "Unterminated string starting at: line 1 column 2 (char 1)"),
    ('{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"),
    ("[é]", "Expecting value: line 1 column 2 (char 1)"),
    ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
    ("1 2", "Extra data: line 1 column 3 (char 2)"),
]:
    assert error(json.loads, text) == message, text
assert error(json.dumps, {(1,): 2}) == "keys must be str, int, float, bool or None, not tuple"
assert error(json.dumps, float("inf"), allow_nan=False) == "Out of range float values are not JSON compliant: inf"
loop = []
loop.append(loop)
assert error(json.dumps, loop) == "Circular reference detected"
try:
    json.dumps({"a": [1, {2: object}]})
except TypeError as raised:
    assert raised.__notes__ == ["when serializing dict item 2", "when serializing list item 1", "when serializing dict item 'a'"]

formatter = string.Formatter()
assert formatter.format("{0[1]}{x.real:>{w}}{{{1!r}", [7, 8], "y", x=5, w=4) == "8   5{'y'"
assert list(formatter.parse("a{b!r:c}d")) == [("a", "b", "c", "r"), ("d", None, None, None)]
assert error(formatter.format, "}") == "Single '}' encountered in format string"

"""_csv: dialects, readers, writers."""
import csv
import io


def read(lines, **parameters):
    return list(csv.reader(lines, **parameters))


def write(row, **parameters):
    text = io.StringIO()
    csv.writer(text, lineterminator="|", **parameters).writerow(row)
    return text.getvalue()


def raises(kind, text, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        assert str(error) == text, str(error)
    else:
        raise AssertionError("nothing raised")


assert read(["a,b,c\n", '"x ""y""",,z\r\n', "\n", '"two\n', 'lines",ü\n']) == [
    ["a", "b", "c"],
    ['x "y"', "", "z"],
    [],
    ["two\nlines", "ü"],
]
assert read(["1,\"2\",,3.5"], quoting=csv.QUOTE_NONNUMERIC) == [[1.0, "2", "", 3.5]]
assert read(["1,\"2\",,"], quoting=csv.QUOTE_STRINGS) == [[1.0, "2", None, None]]
assert read(["a,\"\","], quoting=csv.QUOTE_NOTNULL) == [["a", "", None]]
assert read(["a; b;\\;c"], delimiter=";", skipinitialspace=True, escapechar="\\") == [["a", "b", ";c"]]
assert read(["'a''b'c"], quotechar="'") == [["a'bc"]]
raises(csv.Error, "unexpected end of data", read, ['"a'], strict=True)
raises(csv.Error, "',' expected after '\"'", read, ['"a"b'], strict=True)
message = "new-line character seen in unquoted field - do you need to open the file with newline=''?"
raises(csv.Error, message, read, ["a\nb"])
message = "iterator should return strings, not bytes (the file should be opened in text mode)"
raises(csv.Error, message, read, [b"a"])

assert write([1, "a", None, 2.5, 'q"q', "a,b", "", "l\n"]) == '1,a,,2.5,"q""q","a,b",,"l\n"|'
assert write(["a", 1, None], quoting=csv.QUOTE_ALL) == '"a","1",""|'
assert write(["a", 1, None], quoting=csv.QUOTE_NONNUMERIC) == '"a",1,""|'
assert write(["a", 1, None], quoting=csv.QUOTE_STRINGS) == '"a",1,|'
assert write(["a", 1, None], quoting=csv.QUOTE_NOTNULL) == '"a","1",|'
assert write(["a,b"], quoting=csv.QUOTE_NONE, escapechar="\\") == "a\\,b|"
assert write([""]) == '""|' and write([]) == "|"
raises(csv.Error, "need to escape, but no escapechar set", write, ["a,b"], quoting=csv.QUOTE_NONE)
raises(csv.Error, "single empty field record must be quoted", write, [""], quoting=csv.QUOTE_NONE)
raises(csv.Error, "iterable expected, not int", write, 5)

csv.register_dialect("colons", delimiter=":", quoting=csv.QUOTE_ALL)
assert "colons" in csv.list_dialects() and csv.get_dialect("colons").delimiter == ":"
assert write(["a", "b"], dialect="colons") == '"a":"b"|'
csv.unregister_dialect("colons")
raises(csv.Error, "unknown dialect", csv.get_dialect, "colons")
raises(TypeError, '"delimiter" must be a unicode character, not a string of length 2', csv.reader, [], delimiter="ab")
raises(ValueError, "bad delimiter or quotechar value", csv.reader, [], delimiter="a", quotechar="a")
raises(TypeError, 'bad "quoting" value', csv.reader, [], quoting=7)
raises(TypeError, "quotechar must be set if quoting enabled", csv.reader, [], quotechar=None, quoting=1)

limit = csv.field_size_limit(4)
raises(csv.Error, "field larger than field limit (4)", read, ["abcde"])
assert csv.field_size_limit(limit) == 4

rows = list(csv.DictReader(["x,y", "1,2", "3,4"]))
assert rows == [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}]
total = 0
for row in csv.reader(f"{number},{number * 2}" for number in range(3000)):
    total += int(row[1])
assert total == 2999 * 3000

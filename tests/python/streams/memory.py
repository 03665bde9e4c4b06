# Streams in memory.
import _io


def error_of(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)


b = _io.BytesIO(b"abc\ndef")
assert b.read(2) == b"ab" and b.readline() == b"c\n" and b.readlines() == [b"def"]
assert b.seek(0) == 0 and b.write(b"XYZ") == 3 and b.getvalue() == b"XYZ\ndef" and b.tell() == 3
assert b.truncate() == 3 and b.getvalue() == b"XYZ"
b.seek(6)
b.write(b"!")
assert b.getvalue() == b"XYZ\0\0\0!"
view = b.getbuffer()
view[0:2] = b"ab"
assert b.getvalue() == b"abZ\0\0\0!"
assert error_of(b.write, b"more") == ("BufferError", "Existing exports of data: object cannot be re-sized")
view.release()
assert b.write(b"more") == 4
assert error_of(b.seek, -1) == ("ValueError", "negative seek value -1")
assert error_of(b.write, "text") == ("TypeError", "a bytes-like object is required, not 'str'")
b.note = "attribute"
state = b.__getstate__()
other = _io.BytesIO()
other.__setstate__(state)
assert other.getvalue() == b.getvalue() and other.tell() == b.tell() and other.note == "attribute"
b.close()
assert error_of(b.getvalue) == ("ValueError", "I/O operation on closed file.")

s = _io.StringIO("aé\nb")
assert s.readline() == "aé\n" and s.tell() == 3 and s.read() == "b" and s.read() == ""
assert s.seek(1) == 1 and s.write("ZZZ") == 3 and s.getvalue() == "aZZZ"
s.seek(6)
s.write("x")
assert s.getvalue() == "aZZZ\0\0x"
assert s.truncate(2) == 2 and s.getvalue() == "aZ"
assert list(_io.StringIO("one\ntwo\r\nthree")) == ["one\n", "two\r\n", "three"]
s = _io.StringIO(newline=None)
s.write("a\r\nb\rc\n")
assert s.getvalue() == "a\nb\nc\n" and s.newlines == ("\r", "\n", "\r\n")
s = _io.StringIO("a\nb", newline="\r\n")
assert s.getvalue() == "a\r\nb" and s.readline() == "a\r\n"
assert list(_io.StringIO("a\rb\r\nc\n", newline="")) == ["a\r", "b\r\n", "c\n"]
assert error_of(s.write, b"x") == ("TypeError", "string argument expected, got 'bytes'")

d = _io.IncrementalNewlineDecoder(None, True)
assert d.decode("a\r") == "a" and d.decode("\nb\r") == "\nb" and d.decode("", final=True) == "\n"
assert d.newlines == ("\r", "\r\n") and d.getstate() == (b"", 0)

total = _io.StringIO()
for number in range(3000):
    total.write(str(number))
    total.write("\n")
total.seek(0)
assert sum(map(int, total)) == 3000 * 2999 // 2

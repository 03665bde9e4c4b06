# Streams written in Python, beneath and above the built-in ones.
import _io


class Raw(_io._RawIOBase):
    def __init__(self, data=b"", block=None):
        self.data, self.written, self.block, self.position = data, b"", block, 0

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        part = self.data[self.position : self.position + min(len(buffer), 5)]
        buffer[: len(part)] = part
        self.position += len(part)
        return len(part)

    def write(self, data):
        if self.block is not None and len(self.written) + len(data) > self.block:
            return None
        self.written += bytes(data)
        return len(data)


raw = Raw(b"one\ntwo\nthree")
assert raw.read(2) == b"on" and raw.readline() == b"e\n" and raw.readlines() == [b"two\n", b"three"]
assert Raw(b"0123456789").readall() == b"0123456789"
reader = _io.BufferedReader(Raw(b"one\ntwo\nthree"), 8)
assert reader.readline() == b"one\n" and reader.peek() == b"t" and reader.read() == b"two\nthree"
text = _io.TextIOWrapper(_io.BufferedReader(Raw("äöü\nx".encode())), encoding="utf-8")
assert text.readline() == "äöü\n" and text.read() == "x"

raw = Raw()
text = _io.TextIOWrapper(_io.BufferedWriter(raw), encoding="utf-8", newline="\r\n")
text.write("a\nb")
assert raw.written == b""
text.flush()
assert raw.written == b"a\r\nb"
text.close()
assert raw.closed

raw = Raw(block=4)
writer = _io.BufferedWriter(raw, 4)
writer.write(b"abc")
try:
    writer.write(b"defghijkl")
    assert False
except BlockingIOError as error:
    assert error.args[1] == "write could not complete without blocking" and error.characters_written == 4
assert raw.written == b"abc"
raw.block = None
writer.close()


class Upper(_io.TextIOWrapper):
    def write(self, text):
        return super().write(text.upper())


target = _io.BytesIO()
stream = Upper(target, encoding="ascii")
print("hello", file=stream, flush=True)
stream.label = "x"
assert target.getvalue() == b"HELLO\n" and stream.label == "x"


class Fails(_io._RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        raise OSError("broken")


writer = _io.BufferedWriter(Fails())
writer.write(b"x")
for attempt in (writer.flush, writer.close):
    try:
        attempt()
        assert False
    except OSError as error:
        assert error.args == ("broken",)
assert writer.closed


class Sink:
    def write(self, text):
        lines.append(text)


lines = []
print("a", "b", sep="-", end="!", file=Sink())
assert lines == ["a-b!"] or lines == ["a", "-", "b", "!"]
pair = _io.BufferedRWPair(Raw(b"in"), Raw())
assert pair.read() == b"in" and pair.write(b"out") == 3
pair.close()
assert pair.closed
try:
    _io.BufferedReader(_io.FileIO(1, "w", closefd=False))
    assert False
except _io.UnsupportedOperation as error:
    assert str(error) == "File or stream is not readable."

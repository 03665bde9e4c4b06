# Files as text and as bytes, through all layers.
import _io
import posix

path = "/tmp/typhon-streams-%d" % posix.getpid()


def error_of(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as error:
        return type(error).__name__, str(error)


with open(path, "w") as f:
    assert f.write("hello\nworld\n") == 12
    print("x", 1, file=f)
    f.writelines(["a\n", "b\r\n", "é\n"])
    assert f.mode == "w" and f.name == path and not f.closed
assert f.closed
assert error_of(f.write, "x") == ("ValueError", "I/O operation on closed file.")

with open(path) as f:
    assert f.read() == "hello\nworld\nx 1\na\nb\né\n"
    assert f.newlines == ("\n", "\r\n")
with open(path, newline="") as f:
    assert f.readlines()[4] == "b\r\n"
with open(path, encoding="latin-1") as f:
    assert f.read()[-3:] == "Ã©\n"
with open(path, encoding="ascii", errors="replace") as f:
    assert f.read()[-3:] == "\ufffd\ufffd\n"
with open(path, newline="\r\n") as f:
    assert next(f) == "hello\nworld\nx 1\na\nb\r\n"

# tell and seek, in the middle of decoded text.
with open(path, "r+") as f:
    assert f.readline() == "hello\n"
    cookie = f.tell()
    assert cookie == 6
    rest = f.read()
    f.seek(cookie)
    assert f.read() == rest
    assert f.seek(0, 2) == f.tell()
    f.write("end")
    f.seek(0)
    assert f.read().endswith("é\nend")
    assert error_of(f.seek, 1, 1) == ("UnsupportedOperation", "can't do nonzero cur-relative seeks")
with open(path, "w", encoding="utf-8") as f:
    f.write("äöü" * 3000 + "\n")
with open(path, encoding="utf-8") as f:
    seen = ""
    for size in (1, 7, 4000, 2):
        seen += f.read(size)
        place = f.tell()
        rest = f.read()
        assert seen + rest == "äöü" * 3000 + "\n"
        f.seek(place)

# Bytes.
with open(path, "w+b") as f:
    assert f.write(b"abcdef") == 6
    assert f.seek(2) == 2 and f.read(2) == b"cd" and f.write(b"ZZ") == 2
    assert f.seek(0) == 0 and f.read() == b"abcdZZ"
    assert f.peek() == b""
    assert f.truncate(3) == 3 and f.seek(0) == 0 and f.read() == b"abc"
with open(path, "ab") as f:
    assert f.tell() == 3
    f.write(b"\n" + b"line\n" * 3)
with open(path, "rb") as f:
    assert f.peek()[:4] == b"abc\n" and list(f) == [b"abc\n"] + [b"line\n"] * 3
    f.seek(1)
    assert f.readline(2) == b"bc" and f.read1(3) == b"\nli"
with open(path, "rb", buffering=0) as f:
    buffer = bytearray(5)
    assert f.readinto(buffer) == 5 and buffer == b"abc\nl"
    assert f.readinto(memoryview(buffer)[1:3]) == 2 and buffer == b"ain\nl"
    assert f.readall() == b"e\nline\nline\n" and f.read() == b""

for arguments, keywords, expected in [
    ((path, "q"), {}, ("ValueError", "invalid mode: 'q'")),
    ((path, "rw"), {}, ("ValueError", "must have exactly one of create/read/write/append mode")),
    ((path, "rb"), {"encoding": "x"}, ("ValueError", "binary mode doesn't take an encoding argument")),
    ((path,), {"buffering": 0}, ("ValueError", "can't have unbuffered text I/O")),
    ((path,), {"newline": "z"}, ("ValueError", "illegal newline value: z")),
    ((1.5,), {}, ("TypeError", "expected str, bytes or os.PathLike object, not float")),
    ((-1,), {}, ("ValueError", "negative file descriptor")),
    (("a\0b",), {}, ("ValueError", "embedded null byte")),
    ((path, "x"), {}, ("FileExistsError", "[Errno 17] File exists: %r" % path)),
    (("/nowhere/at/all",), {}, ("FileNotFoundError", "[Errno 2] No such file or directory: '/nowhere/at/all'")),
    (("/",), {}, ("IsADirectoryError", "[Errno 21] Is a directory: '/'")),
]:
    assert error_of(open, *arguments, **keywords) == expected, (arguments, error_of(open, *arguments, **keywords))
with open(path) as f:
    assert error_of(f.write, "x") == ("UnsupportedOperation", "not writable")
with open(path, "w") as f:
    assert error_of(f.read) == ("UnsupportedOperation", "not readable")
    assert issubclass(_io.UnsupportedOperation, OSError) and issubclass(_io.UnsupportedOperation, ValueError)

opened = []


def opener(name, flags):
    opened.append(name)
    return posix.open(name, flags)


with open(path, "w", opener=opener) as f:
    f.reconfigure(line_buffering=True)
    f.write("line\n")
    with open(path) as g:
        assert g.read() == "line\n"
assert opened == [path]
posix.unlink(path)

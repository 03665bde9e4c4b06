"""zlib and bz2: round trips, limits, dictionaries, copies, errors."""
import bz2
import zlib

data = bytes(range(256)) * 300 + b"abc" * 5000


def raises(kind, text, function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except kind as error:
        assert str(error) == text, str(error)
    else:
        raise AssertionError("nothing raised")


for level in range(-1, 10):
    for bits in (15, 9, -15, 31):
        packed = zlib.compress(data, level, bits)
        assert zlib.decompress(packed, bits) == data
assert zlib.crc32(b"abc") == 891568578 and zlib.crc32(b"c", zlib.crc32(b"ab")) == 891568578
assert zlib.adler32(b"abc") == 38600999 and zlib.adler32(b"") == 1

# In pieces, with a limit.
packed = zlib.compress(data)
stream = zlib.decompressobj()
parts, rest = [], packed + b"behind"
while not stream.eof:
    parts.append(stream.decompress(rest, 1000))
    assert len(parts[-1]) <= 1000
    rest = stream.unconsumed_tail
assert b"".join(parts) == data and stream.unused_data == b"behind"
stream.decompress(b"more")
assert stream.unused_data == b"behindmore" and stream.flush() == b""

stream = zlib._ZlibDecompressor()
assert stream.needs_input
parts = [stream.decompress(packed + b"behind", 1000)]
while not stream.eof:
    parts.append(stream.decompress(b"", 1000))
assert b"".join(parts) == data and stream.unused_data == b"behind" and not stream.needs_input
raises(EOFError, "End of stream already reached", stream.decompress, b"")

# Copies go on by themselves.
first = zlib.compressobj()
start = first.compress(data)
second = first.copy()
one = zlib.decompress(start + first.compress(b"one") + first.flush())
two = zlib.decompress(start + second.compress(b"two") + second.flush())
assert one == data + b"one" and two == data + b"two"
raises(ValueError, "Inconsistent stream state", first.copy)
raises(zlib.error, "Error -2 while compressing data: inconsistent stream state", first.compress, b"x")

# Dictionaries.
for bits in (15, -15):
    stream = zlib.compressobj(wbits=bits, zdict=b"hello world")
    packed = stream.compress(b"hello world, hello") + stream.flush()
    assert zlib.decompressobj(bits, zdict=b"hello world").decompress(packed) == b"hello world, hello"
stream = zlib.compressobj(zdict=b"abd")
packed = stream.compress(b"abcd") + stream.flush()
raises(zlib.error, "Error 2 while decompressing data", zlib.decompressobj().decompress, packed)
wrong = zlib.decompressobj(zdict=b"abc")
raises(zlib.error, "Error -3 while setting zdict: invalid input data", wrong.decompress, packed)

raises(zlib.error, "Error -5 while decompressing data: incomplete or truncated stream", zlib.decompress, b"")
raises(zlib.error, "Error -3 while decompressing data: incorrect header check", zlib.decompress, b"abc")
raises(zlib.error, "Bad compression level", zlib.compress, b"", 99)
raises(ValueError, "Invalid initialization option", zlib.compressobj, wbits=99)
raises(ValueError, "bufsize must be non-negative", zlib.decompress, b"", bufsize=-1)
raises(TypeError, "a bytes-like object is required, not 'str'", zlib.compress, "text")

for level in (1, 9):
    packed = bz2.compress(data, level)
    assert bz2.decompress(packed * 2) == data * 2
stream = bz2.BZ2Decompressor()
parts = [stream.decompress(packed + b"behind", 1000)]
while not stream.eof:
    parts.append(stream.decompress(b"", 1000))
assert b"".join(parts) == data and stream.unused_data == b"behind"
raises(OSError, "Invalid data stream", bz2.BZ2Decompressor().decompress, b"no such thing")
raises(ValueError, "compresslevel must be between 1 and 9", bz2.BZ2Compressor, 10)
stream = bz2.BZ2Decompressor()
raises(OSError, "Invalid data stream", stream.decompress, b"no such thing")
raises(ValueError, "Decompressor is unusable after a previous error", stream.decompress, packed)
stream = bz2.BZ2Compressor()
assert bz2.decompress(stream.compress(b"x") + stream.flush()) == b"x"
raises(ValueError, "Repeated call to flush()", stream.flush)
raises(ValueError, "Compressor has been flushed", stream.compress, b"x")

# Many streams that are left as they are: their memory goes with them.
for turn in range(3000):
    zlib.compressobj().compress(b"left")
    zlib.decompressobj()

# Arrays and structs with other bytes-like objects.
import struct
from array import array

a = array("i", [1, 2, 3])
view = memoryview(a)
assert view.format == "i" and view.itemsize == 4 and view.tolist() == [1, 2, 3] and not view.readonly
view[1] = 20
assert a.tolist() == [1, 20, 3]
try:
    a.append(4)
    assert False
except BufferError as error:
    assert str(error) == "cannot resize an array that is exporting buffers"
view.release()
a.append(4)
assert bytes(a) == a.tobytes() and array("i", bytearray(a.tobytes())) == a

buffer = bytearray(8)
struct.pack_into("<hi", buffer, 1, -2, 7)
assert buffer == b"\0\xfe\xff\7\0\0\0\0" and struct.unpack_from("<hi", buffer, 1) == (-2, 7)
struct.pack_into("<i", a, 4, 99)
assert a[1] == 99
struct.pack_into("<i", memoryview(a)[2:3], 0, -5)
assert a[2] == -5 and struct.unpack("<4i", memoryview(a)) == (1, 99, -5, 4)
try:
    struct.pack_into("<i", b"abcd", 0, 1)
    assert False
except TypeError as error:
    assert str(error) == "argument must be read-write bytes-like object, not bytes"
try:
    struct.pack_into("<i", buffer, 6, 1)
    assert False
except struct.error as error:
    assert str(error).startswith("pack_into requires a buffer of at least 10 bytes for packing 4 bytes at offset 6")
assert sorted([(2, "b"), (1, "c"), (2, "a"), (1,), ()]) == [(), (1,), (1, "c"), (2, "a"), (2, "b")]
nan = float("nan")
assert sorted([(nan, 2), (nan, 1)]) == [(nan, 1), (nan, 2)]

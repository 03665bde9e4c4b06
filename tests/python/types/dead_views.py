# A view that nothing refers to any more does not keep a bytearray from being resized.
def read_all(data):
    result = bytearray(8)
    done = 0
    while part := data[done : done + 4]:
        memoryview(result)[done : done + len(part)] = part
        done += len(part)
        if done >= len(result):
            result.resize(2 * len(result))
    del result[done:]
    return result


for size in range(40):
    data = bytes(range(size))
    assert read_all(data) == data
    start = bytes(memoryview(bytearray(data))[:3])
    assert start == data[:3]

kept = bytearray(b"abc")
view = memoryview(kept)
for change in (lambda: kept.append(1), lambda: kept.extend(iter([1])), lambda: kept.__delitem__(0), lambda: kept.clear()):
    try:
        change()
    except BufferError as error:
        assert str(error) == "Existing exports of data: object cannot be re-sized"
    else:
        raise AssertionError
assert kept == b"abc" and view[0] == 97


# Views made and dropped within one expression.
for made in (memoryview, lambda data: memoryview(data)[1:], lambda data: iter(memoryview(data))):
    for _ in range(20):
        data = bytearray(100)
        str(made(data))
        data.resize(50)

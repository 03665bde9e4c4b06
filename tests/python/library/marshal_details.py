"""marshal: objects that hold themselves, memory of any object that shows it, sets that change meanwhile."""

import array
import marshal

loop = ([],)
loop[0].append(loop)
copy = marshal.loads(marshal.dumps(loop))
assert copy[0][0] is copy

part = slice([], None)
part.start.append(part)
try:
    marshal.dumps(part)
except ValueError as error:
    assert str(error) in ("unmarshallable object", "object too deeply nested to marshal"), error
else:
    raise AssertionError("a slice that holds itself")

assert marshal.loads(marshal.dumps(array.array("B", b"abc"))) == b"abc"
for number in (0, -1, 2**63 - 1, -(2**63)):
    assert marshal.loads(b"I" + number.to_bytes(8, "little", signed=True)) == number


class Item:
    def __hash__(self):
        return 0

    def __buffer__(self, flags):
        changing.update(range(1000, 1400))
        return memoryview(b"abc")


changing = {Item(), *range(1, 60)}
try:
    marshal.dumps(changing)
except RuntimeError as error:
    assert str(error) == "set changed size during iteration"
else:
    raise AssertionError("a set that changes")

for data in (b")\x05", b"(\xff\xff\xff\x7f", b"("):
    try:
        marshal.loads(data)
    except EOFError:
        pass
    else:
        raise AssertionError(data)

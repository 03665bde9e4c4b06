# Ints and floats in packed bytes, text in JSON, padding and bytes of all kinds, against a digest of CPython's results.
import hashlib
import json
import struct

results = hashlib.sha256()


def note(value):
    results.update(repr(value).encode('utf-8', 'surrogatepass'))


def attempt(function, *arguments):
    try:
        note(function(*arguments))
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        note((type(error).__name__, str(error)))


numbers = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536, (1 << 31) - 1, 1 << 31, -(1 << 31), -(1 << 31) - 1,
           (1 << 32) - 1, 1 << 32, (1 << 61) - 1, 1 << 61, -(1 << 61), -(1 << 61) - 1, (1 << 63) - 1, 1 << 63, -(1 << 63), -(1 << 63) - 1, (1 << 64) - 1, 1 << 64, True, 1.5, 'x', b'y', None]
for code in 'bBhHiIlLqQ?cefd':
    for order in '<>=@!':
        for number in numbers:
            attempt(struct.pack, order + code, number)
            attempt(struct.pack, order + code + 'x' + code, number, number)
        size = struct.calcsize(order + code)
        for content in (b'\x00' * size, b'\xff' * size, b'\x80' + b'\x00' * (size - 1), b'\x00' * (size - 1) + b'\x80', bytes(range(1, size + 1))):
            attempt(struct.unpack, order + code, content)
        attempt(struct.unpack, order + 3 * code, bytes(range(3 * size)))
        attempt(struct.unpack, order + '12' + code, bytes(range(12 * size)))
        attempt(struct.unpack, order + code + '3s', bytes(range(size + 3)))
note(struct.unpack('<bhiq', struct.pack('<bhiq', -1, -2, -3, -4)))
note(struct.unpack('<xBx2Hx', bytes(range(8))))

texts = ['', 'plain', 'a"b', 'a\\b', '\x00\x1f\x7f', 'é', 'aé"\n', '日本', '😀\ud800', 'tab\there', '"', '\\', 'x' * 50 + '\n' + 'y' * 50]
for text in texts:
    note((json.dumps(text), json.dumps(text, ensure_ascii=False), json.dumps([text, {text: text}])))
    assert json.loads(json.dumps(text)) == text == json.loads(json.dumps(text, ensure_ascii=False))
    for width in (-1, 0, 3, 8, 9, 20):
        for fill in (' ', '*', 'é', '日', '😀'):
            note((text.ljust(width, fill), text.rjust(width, fill), text.center(width, fill)))
        note((text.ljust(width), text.rjust(width), text.center(width), text.zfill(width)))
    attempt(text.ljust, 200, 'ab')
    attempt(text.center, 200, b'a')

for kind in (bytes, bytearray):
    for content in (b'', b'a', b'abcabc', bytes(range(256)), b'\x00' * 9):
        value = kind(content)
        for other in (b'', b'a', b'bc', bytearray(b'xy'), memoryview(b'abc'), 'a', 97, 256, -1, None):
            attempt(lambda: value + other)
            for function in (value.find, value.rfind, value.index, value.count):
                attempt(function, other)
                attempt(function, other, 1)
                attempt(function, other, -3, -1)
        for order in (value == content, value < b'b', value >= b'', hash(bytes(value)) == hash(content), bool(value)):
            note(order)
        note([value[at] for at in range(-len(value), len(value))])
assert results.hexdigest() == '1552f7ebe8c7fbb40283b97d509def865b88f754f48c718d8d67b0f636929815', results.hexdigest()

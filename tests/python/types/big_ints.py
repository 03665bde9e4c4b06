# Ints beyond the value word: every operation against a digest of CPython's results, and identities between them.
import hashlib
import math
import operator
import random

edges = []
for bits in (30, 60, 61, 62, 63, 64, 65, 127, 128, 129, 192, 256, 320, 700, 1100, 2100):
    for step in (-1, 0, 1):
        edges.append((1 << bits) + step)
        edges.append(-((1 << bits) + step))
# Limbs that are all zeros or all ones make the estimates of long division fail.
edges += [0xffffffffffffffff0000000000000000, (1 << 192) - (1 << 64), (1 << 255) + (1 << 127), 0x8000000000000000fffffffffffffffe0000000000000000]
edges += [0, 1, -1, 2, -2, 3, 7, -10, 10**18, 10**19, 10**40, -10**57, 10**300 + 1]
generator = random.Random(5)
edges += [generator.getrandbits(size) * generator.choice((1, -1)) for size in (70, 100, 200, 640, 800, 1400, 3000) for _ in range(3)]

results = hashlib.sha256()


def note(value):
    results.update(repr(value).encode())


for x in edges:
    for y in edges:
        for operation in (operator.add, operator.sub, operator.mul, operator.and_, operator.or_, operator.xor):
            note(operation(x, y))
        note((x < y, x <= y, x == y, x != y, x > y, x >= y))
        assert (x == y) == (hash(x) == hash(y)) or hash(x) == hash(y)
        if y:
            quotient, rest = divmod(x, y)
            assert x == quotient * y + rest and (0 <= rest < y or y < rest <= 0), (x, y)
            assert (x // y, x % y) == (quotient, rest)
            note((quotient, rest))
        note(math.gcd(x, y))
    for count in (0, 1, 3, 31, 62, 63, 64, 65, 127, 128, 200, 700, 5000):
        note((x << count, x >> count))
        assert (x << count) >> count == x
    note((hash(x), -x, ~x, abs(x), +x, bool(x), x.bit_length(), x.bit_count(), hex(x), oct(x), bin(x)))
    assert int(str(x)) == x == int(hex(x), 16) == int(oct(x), 8) == int(bin(x), 2) == eval(repr(x))
    assert hash(x) == hash(x + 0) == (hash(float(x)) if abs(x) < 1 << 53 else hash(x))
    length = x.bit_length() // 8 + 1
    for order in ('little', 'big'):
        content = x.to_bytes(length, order, signed=True)
        note(content)
        assert int.from_bytes(content, order, signed=True) == x
        assert int.from_bytes(content, order) == x % (1 << 8 * length)
        assert abs(x).to_bytes(length + 40, order) in (
            abs(x).to_bytes(length, order) + bytes(40),
            bytes(40) + abs(x).to_bytes(length, order),
        )
    try:
        note(float(x))
    except OverflowError as error:
        assert str(error) == 'int too large to convert to float'
    for exponent in range(5):
        note(x**exponent)
    for modulus in (7, -7, 1, 1 << 61, (1 << 62) - 57, (1 << 70) + 1):
        note(pow(x, 5, modulus))
        note(pow(x, 1000, modulus))

assert results.hexdigest() == 'f9ab85845836936425da8b6fa98cb8f9e95e76b0ee3b9a64a6ff9e32cadad6e6', results.hexdigest()

# Rounding to a float: ties to even, and what lies just beside a tie.
for base in (1 << 53, 1 << 63, 1 << 64, 1 << 100, 1 << 200):
    half = base >> 53
    for number in (base + half, base + 3 * half, base + half + 1, base + half - 1, 2 * base - 1):
        assert float(number) == number / 1 and float(-number) == -float(number)
assert float((1 << 64) + (1 << 11)) == float(1 << 64)
assert float((1 << 64) + (1 << 11) + 1) == float((1 << 64) + (1 << 12))
assert float((1 << 1024) - (1 << 971)) == 1.7976931348623157e308
for large in ((1 << 1024) - 1, 1 << 1024, -(1 << 2000)):
    try:
        float(large)
    except OverflowError:
        pass
    else:
        raise AssertionError(large)

# Sizes of bytes at their bounds.
for number, length in ((127, 1), (-128, 1), (128, 2), (-129, 2), (1 << 63, 9), (-(1 << 63), 8), (-(1 << 64), 9), (0, 0)):
    number.to_bytes(length, 'big', signed=True)
    if length:
        try:
            number.to_bytes(length - 1, 'big', signed=True)
        except OverflowError as error:
            assert str(error) == 'int too big to convert'
        else:
            raise AssertionError(number)
assert (1 << 70).to_bytes(9) == b'@' + bytes(8) and (5).to_bytes() == b'\x05'
assert int.from_bytes(b'') == 0 and int.from_bytes(b'\xff' * 8, signed=True) == -1

# Texts.
assert str(10**18) == '1' + '0' * 18 and str(-(10**19)) == '-1' + '0' * 19 and str(10**38) == '1' + '0' * 38
assert str(10**19 - 1) == '9' * 19 and [str(n) for n in (0, 7, 10, 99, 100, 101, -1, -10, 1000)] == [
    '0', '7', '10', '99', '100', '101', '-1', '-10', '1000']
assert int('  +12_3  ') == 123 and int('9' * 18) == 10**18 - 1 and int('-' + '9' * 19) == 1 - 10**19
assert int('0' * 30 + '7') == 7 and int(b'12') == 12 and int(bytearray(b'-12')) == -12 and int('٣') == 3
assert int('z' * 50, 36) == 36**50 - 1 and int('1' * 500) == (10**500 - 1) // 9
for text in ('', '-', '+', '1-', '--1', '1__2', '_1', '1_', '0x1', ' ', '1 2', '\ud800'):
    try:
        int(text)
    except ValueError as error:
        assert str(error) == f'invalid literal for int() with base 10: {text!r}'
    else:
        raise AssertionError(text)

# Subclasses and bools take part with their numbers.
class Number(int):
    pass


assert type(Number(1 << 70) + 1) is int and Number(1 << 70) + 1 == (1 << 70) + 1
assert True + (1 << 70) == (1 << 70) + 1 and (1 << 70) & True == 0 and Number(1 << 70) > 1 << 69
assert +Number(1 << 70) == 1 << 70 and type(+Number(1 << 70)) is int

# Products and quotients long enough for other algorithms.
x, y = generator.getrandbits(9000), generator.getrandbits(7000)
assert (x * y + 5) // y == x and (x * y + 5) % y == 5 and (x * y) // x == y
assert x * y == sum((x << shift) for shift in range(y.bit_length()) if y >> shift & 1)

# One call site with receivers that are small ints, big ones, floats, bools and neither.
class Other:
    def is_integer(self):
        return 'other'


def ask(receivers):
    return [receiver.is_integer() for receiver in receivers]


mixed = [5, 1 << 70, 2.0, 2.5, True, Other(), 7, 1e300, 1e-300, Other(), 0.5]
for start in range(len(mixed)):
    order = mixed[start:] + mixed[:start]
    expected = ['other' if isinstance(one, Other) else one == int(one) for one in order]
    assert ask(order) == expected == ask(order)


def bits(numbers):
    return [number.bit_length() for number in numbers]


assert bits([1, 1 << 70, True]) == [1, 71, 1] == [len(bin(number)) - 2 for number in (1, 1 << 70, True)]
for wrong in ([1, 2.0], [1, 'x'], [1, None]):
    try:
        bits(wrong)
    except AttributeError as error:
        assert str(error) == f"'{type(wrong[1]).__name__}' object has no attribute 'bit_length'"
    else:
        raise AssertionError(wrong)

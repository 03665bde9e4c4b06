# binascii: encodings of bytes as text, checksums, errors.
import binascii as b

assert b.hexlify(b"\x01\xab\xcd", "-") == b"01-ab-cd" and b.hexlify(b"abcde", ":", 2) == b"61:6263:6465"
assert b.unhexlify("01aB") == b"\x01\xab"
assert b.b2a_base64(b"hello") == b"aGVsbG8=\n" and b.a2b_base64("aGVs bG8=") == b"hello"
assert b.b2a_uu(b"abc") == b"#86)C\n" and b.a2b_uu(b"#86)C\n") == b"abc"
assert b.b2a_qp(b"a=b \n\xff") == b"a=3Db=20\n=FF" and b.a2b_qp(b"a=3Db=\n_", header=True) == b"a=b "
assert b.crc32(b"hello") == 907060870 == b.crc32(b"lo", b.crc32(b"hel")) and b.crc_hqx(b"hello", 0) == 50018


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except (ValueError, TypeError) as raised:
        return type(raised).__name__ + ": " + str(raised)
    raise AssertionError


assert error(b.unhexlify, "abc") == "Error: Odd-length string"
assert error(b.unhexlify, "ag") == "Error: Non-hexadecimal digit found"
assert error(b.a2b_base64, "YQ") == "Error: Incorrect padding"
assert error(b.a2b_base64, "YQ==YQ==", strict_mode=True) == "Error: Excess data after padding"
assert error(b.a2b_base64, "é") == "ValueError: string argument should contain only ASCII characters"
assert error(b.hexlify, "x") == "TypeError: a bytes-like object is required, not 'str'"
assert issubclass(b.Error, ValueError)

# Hash functions: known answers, parameters, errors.
import _blake2
import _md5
import _sha1
import _sha2
import _sha3

for function, start, digest_size, block_size in [
    (_md5.md5, "900150983cd24fb0", 16, 64),
    (_sha1.sha1, "a9993e364706816a", 20, 64),
    (_sha2.sha224, "23097d223405d822", 28, 64),
    (_sha2.sha256, "ba7816bf8f01cfea", 32, 64),
    (_sha2.sha384, "cb00753f45a35e8b", 48, 128),
    (_sha2.sha512, "ddaf35a193617aba", 64, 128),
    (_sha3.sha3_224, "e642824c3f8cf24a", 28, 144),
    (_sha3.sha3_256, "3a985da74fe225b2", 32, 136),
    (_sha3.sha3_512, "b751850b1a57168a", 64, 72),
    (_blake2.blake2b, "ba80a53f981c4d0d", 64, 128),
    (_blake2.blake2s, "508c5e8c327c14e2", 32, 64),
]:
    whole, parts = function(b"abc"), function()
    parts.update(b"a")
    copy = parts.copy()
    parts.update(b"bc")
    assert whole.hexdigest().startswith(start) and whole.digest() == parts.digest() != copy.digest(), function
    assert (whole.digest_size, whole.block_size, len(whole.digest())) == (digest_size, block_size, digest_size)
assert _sha3.shake_128(b"abc").hexdigest(8) == "5881092dd818bf5c" and len(_sha3.shake_256().digest(100)) == 100
keyed = _blake2.blake2b(b"x", digest_size=20, key=b"key", salt=b"s", person=b"p", fanout=2, depth=3, last_node=True)
assert keyed.hexdigest() == "d1413aa2092e1363b5888a05f03938df4a042c45"


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except (TypeError, ValueError) as raised:
        return str(raised)
    raise AssertionError


assert error(_md5.md5, "abc") == "Strings must be encoded before hashing"
assert error(_md5.md5().update, 1) == "object supporting the buffer API required"
assert error(_blake2.blake2b, key=b"k" * 65) == "maximum key length is 64 bytes"

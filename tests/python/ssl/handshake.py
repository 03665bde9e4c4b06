# TLS over buffers: what a connection says of itself, in both versions.
import ssl
from certificates import *

for version, suite in (("TLSv1_3", "TLS_AES_256_GCM_SHA384"), ("TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384")):
    server = server_context(SERVER, MIDDLE, key=SERVER_KEY, maximum_version=ssl.TLSVersion[version])
    client = client_context()
    client.set_alpn_protocols(["http/1.1", "h2"])
    server.set_alpn_protocols(["h2", "http/1.1"])
    pair = Pair(client, server)
    for end in (pair.client, pair.server):
        assert end.version() is None
        assert end.selected_alpn_protocol() is None
        assert end.pending() == 0
        assert end.compression() is None
        try:
            end.getpeercert()
        except ValueError as error:
            assert str(error) == "handshake not done yet"
        else:
            raise AssertionError
    pair.shake()
    for end in (pair.client, pair.server):
        assert end.version() == version.replace("_", "."), end.version()
        assert end.cipher() == (suite, version.replace("_", "."), 256), end.cipher()
        assert end.selected_alpn_protocol() == "h2"
        assert not end.session_reused
    assert pair.server.getpeercert() is None
    assert pair.server.get_unverified_chain() == []
    assert (suite, version.replace("_", "."), 256) in pair.server.shared_ciphers()
    assert pair.client.server_hostname == "localhost"
    assert pair.client.server_side is False and pair.server.server_side is True

    data = bytes(range(256)) * 500
    assert pair.client.write(data) == len(data)
    received = b""
    while len(received) < len(data):
        received += pair.server.read(5000)
    assert received == data
    try:
        pair.server.read()
    except ssl.SSLWantReadError as error:
        assert error.args[0] == ssl.SSL_ERROR_WANT_READ
        assert str(error).startswith("The operation did not complete (read)")
        assert error.reason is None and error.library is None
    buffer = bytearray(10)
    pair.server.write(b"some bytes, more than ten")
    assert pair.client.read(100, buffer) == 10 and buffer == b"some bytes"
    assert pair.client.pending() == 15
    assert pair.client.read() == b", more than ten"

    # Either end says goodbye.
    try:
        pair.client.unwrap()
    except ssl.SSLWantReadError:
        pass
    assert pair.server.read() == b""
    pair.server.unwrap()
    pair.client.unwrap()
    try:
        pair.client.write(b"late")
    except ssl.SSLError as error:
        assert error.reason == "PROTOCOL_IS_SHUTDOWN", error
    else:
        raise AssertionError

# The certificate as a dict, and the chains.
pair = Pair(client_context(), server_context(SERVER, MIDDLE, key=SERVER_KEY)).shake()
described = pair.client.getpeercert()
serial = described.pop("serialNumber")
assert int(serial, 16) == 0x1003, serial
assert described == {
    "subject": ((("countryName", "XY"),), (("organizationName", "Typhon tests"),), (("commonName", "localhost"),)),
    "issuer": ((("countryName", "XY"),), (("organizationName", "Typhon tests"),), (("commonName", "middle authority"),)),
    "version": 3,
    "notBefore": "Jan  1 00:00:00 2020 GMT",
    "notAfter": "Jan  1 00:00:00 2120 GMT",
    "subjectAltName": (
        ("DNS", "localhost"),
        ("DNS", "*.example.test"),
        ("IP Address", "127.0.0.1"),
        ("IP Address", "0:0:0:0:0:0:0:1"),
        ("email", "a@example.test"),
        ("URI", "https://example.test/"),
    ),
    "OCSP": ("http://ocsp.example.test/",),
    "caIssuers": ("http://ca.example.test/ca.cer",),
    "crlDistributionPoints": ("http://ca.example.test/list.crl",),
}, described
der = [ssl.PEM_cert_to_DER_cert(text) for text in (SERVER, MIDDLE, AUTHORITY)]
assert pair.client.getpeercert(True) == der[0]
assert pair.client.get_unverified_chain() == der[:2]
assert pair.client.get_verified_chain() == der
first, second = pair.client._sslobj.get_unverified_chain()
assert first.get_info()["serialNumber"] == serial
assert first.public_bytes() == SERVER
assert repr(first) == "<_ssl.Certificate 'CN=localhost,O=Typhon tests,C=XY'>", repr(first)
assert first == first and first != second and hash(first) == hash(first)

# What is no TLS.
for start, reason in ((b"GET / HTTP/1.0\r\n\r\n", "HTTP_REQUEST"), (b"garbage in, nothing out", "WRONG_VERSION_NUMBER")):
    pair = Pair(client_context(), server_context(SERVER, MIDDLE, key=SERVER_KEY))
    pair.to_server.write(start)
    try:
        pair.server.do_handshake()
    except ssl.SSLError as error:
        assert (error.library, error.reason, error.args[0]) == ("SSL", reason, 1), error
        assert str(error).startswith(f"[SSL: {reason}] {reason.lower().replace('_', ' ')}")
    else:
        raise AssertionError

# An end that is missing.
pair = Pair(client_context(), server_context(SERVER, MIDDLE, key=SERVER_KEY)).shake()
pair.to_client.write_eof()
for start in ("[SSL: UNEXPECTED_EOF_WHILE_READING] ", ""):
    try:
        pair.client.read()
    except ssl.SSLEOFError as error:
        assert error.args[0] == ssl.SSL_ERROR_EOF
        assert str(error).startswith(f"{start}EOF occurred in violation of protocol")
    else:
        raise AssertionError

# Settings of contexts, what they refuse, and loading of certificates and keys.
import os
import ssl
import warnings
from certificates import *


def error(kind, call, *arguments, **keywords):
    """The error that a call raises."""
    try:
        call(*arguments, **keywords)
    except kind as found:
        return found
    raise AssertionError(f"{call} raised nothing")


client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
assert client.protocol == ssl.PROTOCOL_TLS_CLIENT and server.protocol == ssl.PROTOCOL_TLS_SERVER
assert (client.verify_mode, client.check_hostname) == (ssl.CERT_REQUIRED, True)
assert (server.verify_mode, server.check_hostname) == (ssl.CERT_NONE, False)
assert (client.minimum_version, client.maximum_version) == (
    ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.MAXIMUM_SUPPORTED)
assert client.verify_flags == ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
assert int(client.options) == 0x82520050
client.options |= ssl.OP_NO_TICKET
assert ssl.OP_NO_TICKET in client.options

for protocol in (0, 6, 99, -1):
    assert str(error(ValueError, ssl.SSLContext, protocol)) == f"invalid or unsupported protocol version {protocol}"


def set_to(context, name, value):
    setattr(context, name, value)


for context, name, value, kind, text in (
    (client, "verify_mode", 0, ValueError, "Cannot set verify_mode to CERT_NONE when check_hostname is enabled."),
    (client, "verify_mode", 5, ValueError, "invalid value for verify_mode"),
    (client, "options", -1, ValueError, "Cannot convert negative int"),
    (client, "options", 1 << 70, OverflowError, "Python int too large for C unsigned long long"),
    (client, "verify_flags", "x", TypeError, "argument must be int, not str"),
    (client, "num_tickets", 1, ValueError, "SSLContext is not a server context."),
    (server, "num_tickets", -1, ValueError, "value must be non-negative"),
    (client, "sni_callback", len, ValueError, "sni_callback cannot be set on TLS_CLIENT context"),
    (server, "sni_callback", 1, TypeError, "not a callable object"),
    (client, "minimum_version", 0, ValueError, "Unsupported TLS/SSL version 0x0"),
    (client, "maximum_version", 7, ValueError, "Unsupported TLS/SSL version 0x7"),
    (client, "keylog_filename", 1, TypeError, "expected str, bytes or os.PathLike object, not int"),
):
    assert str(error(kind, set_to, context, name, value)) == text, name
text = "attribute 'verify_mode' of 'SSLContext' objects cannot be deleted"
assert str(error(AttributeError, ssl._ssl._SSLContext.verify_mode.__delete__, client)) == text

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    client.minimum_version = ssl.TLSVersion.TLSv1
    client.options |= ssl.OP_NO_TLSv1_3
assert [str(warning.message) for warning in caught] == [
    "ssl.TLSVersion.TLSv1 is deprecated", "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated"]

# Versions that no end shares.
old = client_context(maximum_version=ssl.TLSVersion.TLSv1_2)
new = server_context(SERVER, MIDDLE, key=SERVER_KEY, minimum_version=ssl.TLSVersion.TLSv1_3)
assert error(ssl.SSLError, Pair(old, new).shake).reason in ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")
old.minimum_version = ssl.TLSVersion.TLSv1_3
assert error(ssl.SSLError, Pair(old, new).shake).reason == "NO_PROTOCOLS_AVAILABLE"

# Cipher suites.
chosen = client_context(maximum_version=ssl.TLSVersion.TLSv1_2)
chosen.set_ciphers("ECDHE+CHACHA20:!aRSA")
names = [suite["name"] for suite in chosen.get_ciphers()]
assert [name for name in names if not name.startswith("TLS_")] == ["ECDHE-ECDSA-CHACHA20-POLY1305"], names
assert chosen.get_ciphers()[-1] == {
    "id": 0x300CCA9, "name": "ECDHE-ECDSA-CHACHA20-POLY1305", "protocol": "TLSv1.2",
    "description": "ECDHE-ECDSA-CHACHA20-POLY1305  TLSv1.2 Kx=ECDH     Au=ECDSA Enc=CHACHA20/POLY1305(256) Mac=AEAD",
    "strength_bits": 256, "alg_bits": 256, "aead": True, "symmetric": "chacha20-poly1305", "digest": None,
    "kea": "kx-ecdhe", "auth": "auth-ecdsa"}
pair = Pair(chosen, server_context(SERVER, MIDDLE, key=SERVER_KEY)).shake()
assert pair.client.cipher() == ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLSv1.2", 256)
assert str(error(ssl.SSLError, chosen.set_ciphers, "nothing at all")) == "('No cipher can be selected.',)"

# Own certificates.
certificate, key = path(CLIENT), path(CLIENT_KEY)
client.load_cert_chain(certificate, key)
client.load_cert_chain(path(CLIENT_KEY, CLIENT))
client.load_cert_chain(os.fsencode(certificate), os.fsencode(key))
for encrypted in (CLIENT_KEY_PKCS8, CLIENT_KEY_OLD):
    for password in ("secret", b"secret", bytearray(b"secret"), lambda: "secret", lambda: b"secret"):
        client.load_cert_chain(certificate, path(encrypted), password)
    failure = error(ssl.SSLError, client.load_cert_chain, certificate, path(encrypted), "wrong")
    text = "password callback must return a string"
    assert str(error(TypeError, client.load_cert_chain, certificate, path(encrypted), lambda: 1)) == text
    assert error(ZeroDivisionError, client.load_cert_chain, certificate, path(encrypted), lambda: 1 / 0)
    text = "password cannot be longer than 1024 bytes"
    assert str(error(ValueError, client.load_cert_chain, certificate, path(encrypted), "x" * 1025)) == text
assert str(error(TypeError, client.load_cert_chain, certificate, key, 1)) == "password should be a string or callable"
assert str(error(TypeError, client.load_cert_chain, 1)) == "certfile should be a valid filesystem path"
assert str(error(TypeError, client.load_cert_chain, certificate, 1)) == "keyfile should be a valid filesystem path"
missing = error(FileNotFoundError, client.load_cert_chain, "no such file")
assert str(missing) == "[Errno 2] No such file or directory"
for files in ((key,), (certificate,), (certificate, certificate), (path("nothing"),), (path(CLIENT[:200]), key)):
    assert str(error(ssl.SSLError, client.load_cert_chain, *files)).startswith("[SSL] PEM lib"), files
mismatch = error(ssl.SSLError, client.load_cert_chain, certificate, path(SERVER_KEY))
assert (mismatch.library, mismatch.reason) == ("X509", "KEY_VALUES_MISMATCH")

# Trusted certificates.
store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
assert store.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}
store.load_verify_locations(path(AUTHORITY, PLAIN))
assert store.cert_store_stats() == {"x509": 2, "crl": 0, "x509_ca": 1}
store.load_verify_locations(cadata=AUTHORITY + MIDDLE)
assert store.cert_store_stats() == {"x509": 3, "crl": 0, "x509_ca": 2}
store.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(OWN) + ssl.PEM_cert_to_DER_cert(AUTHORITY))
assert store.cert_store_stats() == {"x509": 4, "crl": 0, "x509_ca": 3}
assert [found["subject"][-1][0][1] for found in store.get_ca_certs()] == [
    "test authority", "middle authority", "own.example.test"]
assert store.get_ca_certs(binary_form=True)[0] == ssl.PEM_cert_to_DER_cert(AUTHORITY)
for keywords, kind, text in (
    ({}, TypeError, "cafile, capath and cadata cannot be all omitted"),
    ({"cadata": ""}, ValueError, "Empty certificate data"),
    ({"cadata": 1}, TypeError, "cadata should be an ASCII string or a bytes-like object"),
    ({"cadata": "ä"}, TypeError, "cadata should be an ASCII string or a bytes-like object"),
    ({"cadata": "x"}, ssl.SSLError, "no start line: cadata does not contain a certificate"),
    ({"cadata": b"x"}, ssl.SSLError, "not enough data: cadata does not contain a certificate"),
    ({"cafile": 1}, TypeError, "cafile should be a valid filesystem path"),
    ({"capath": 1}, TypeError, "capath should be a valid filesystem path"),
    ({"cafile": "no such file"}, FileNotFoundError, "[Errno 2] No such file or directory"),
    ({"cafile": path("nothing")}, ssl.SSLError, "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found"),
):
    assert str(error(kind, store.load_verify_locations, **keywords)).startswith(text), keywords

# A folder: files are called by a hash of the name.
folder = os.path.join(FOLDER.name, "authorities")
os.mkdir(folder)
with open(os.path.join(folder, "1f5edd78.0"), "w") as file:
    file.write(AUTHORITY)
lazy = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
lazy.load_verify_locations(capath=folder)
assert lazy.cert_store_stats()["x509"] == 0
Pair(lazy, server_context(SERVER, MIDDLE, key=SERVER_KEY)).shake()
assert lazy.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}

# Secrets are logged on demand.
log = os.path.join(FOLDER.name, "secrets")
logging = client_context(keylog_filename=log)
assert logging.keylog_filename == log
Pair(logging, server_context(SERVER, MIDDLE, key=SERVER_KEY)).shake()
lines = open(log).read().splitlines()
assert lines[0].startswith("# TLS secrets log file")
assert sorted(line.split()[0] for line in lines[1:]) == [
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0", "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"], lines
assert all(len(line.split()[1]) == 64 and len(line.split()[2]) == 96 for line in lines[1:])

assert client.session_stats()["connect"] == 0
assert logging.session_stats()["connect"] == logging.session_stats()["connect_good"] == 1
assert ssl._ssl.txt2obj("serverAuth", name=True) == (
    129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1")
assert str(error(ValueError, ssl._ssl.txt2obj, "foo")) == "unknown object 'foo'"
assert str(error(ValueError, ssl._ssl.nid2obj, 100000)) == "unknown NID 100000"
assert len(ssl.RAND_bytes(16)) == 16 and ssl.RAND_bytes(16) != ssl.RAND_bytes(16)

# Whom a client trusts, and what the errors say.
import ssl
from certificates import *


def refusal(client, server, name="localhost"):
    """Number and text of the client's refusal."""
    try:
        Pair(client, server, name).shake()
    except ssl.SSLCertVerificationError as error:
        assert isinstance(error, ValueError) and error.args[0] == 1
        assert error.library == "SSL" and error.reason == "CERTIFICATE_VERIFY_FAILED"
        assert f"certificate verify failed: {error.verify_message}" in str(error), error
        return error.verify_code, error.verify_message
    return None


chain = server_context(SERVER, MIDDLE, key=SERVER_KEY)
for name in ("localhost", "LOCALHOST", "www.example.test", "127.0.0.1", "::1"):
    assert refusal(client_context(), chain, name) is None, name
for name in ("example.test", "a.b.example.test", "localhost.test"):
    expected = (62, f"Hostname mismatch, certificate is not valid for '{name}'.")
    assert refusal(client_context(), chain, name) == expected, name
assert refusal(client_context(), chain, "127.0.0.2") == (
    64, "IP address mismatch, certificate is not valid for '127.0.0.2'.")
assert refusal(client_context(check_hostname=False), chain, "elsewhere") is None

# Without alternative names the common name counts, if it may.
plain = server_context(PLAIN, key=PLAIN_KEY)
assert refusal(client_context(), plain, "plain.example.test") is None
assert refusal(client_context(hostname_checks_common_name=False), plain, "plain.example.test")[0] == 62

# Chains that end nowhere.
assert refusal(client_context(), server_context(SERVER, key=SERVER_KEY)) == (20, "unable to get local issuer certificate")
assert refusal(client_context(OWN), chain) == (20, "unable to get local issuer certificate")
assert refusal(client_context(OWN), server_context(SERVER, MIDDLE, AUTHORITY, key=SERVER_KEY)) == (
    19, "self-signed certificate in certificate chain")
own = server_context(OWN, key=OWN_KEY)
assert refusal(client_context(), own, "own.example.test") == (18, "self-signed certificate")
assert refusal(client_context(OWN), own, "own.example.test") is None

# An authority that did not sign itself is trusted only on demand.
assert refusal(client_context(MIDDLE), chain) == (20, "unable to get local issuer certificate") or refusal(
    client_context(MIDDLE), chain) == (2, "unable to get issuer certificate")
partial = client_context(MIDDLE)
partial.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
assert refusal(partial, chain) is None
assert len(Pair(partial, chain).shake().client.get_verified_chain()) == 2
partial = client_context(SERVER)
partial.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
assert refusal(partial, chain) is None

# Times.
assert refusal(client_context(), server_context(EXPIRED, key=EXPIRED_KEY)) == (10, "certificate has expired")
assert refusal(client_context(), server_context(FUTURE, key=FUTURE_KEY)) in (
    (9, "certificate is not yet valid or the system clock is incorrect"), (9, "certificate is not yet valid"))

# Strictness.
loose = server_context(LOOSE, key=LOOSE_KEY)
assert refusal(client_context(), loose) is None
strict = client_context()
strict.verify_flags |= ssl.VERIFY_X509_STRICT
assert refusal(strict, loose) == (85, "Missing Authority Key Identifier")

# Purposes: a client's certificate does not make a server.
assert refusal(client_context(check_hostname=False), server_context(CLIENT, key=CLIENT_KEY)) == (
    26, "unsuitable certificate purpose")

# Revocation.
revoked = server_context(REVOKED, key=REVOKED_KEY)
good = server_context(PLAIN, key=PLAIN_KEY)
assert refusal(client_context(), revoked) is None
checking = client_context(check_hostname=False)
checking.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
assert refusal(checking, revoked) == (3, "unable to get certificate CRL")
checking.load_verify_locations(path(REVOCATIONS))
assert checking.cert_store_stats() == {"x509": 1, "crl": 1, "x509_ca": 1}
assert refusal(checking, revoked) == (23, "certificate revoked")
assert refusal(checking, good) is None

# Nobody is refused by who does not look.
careless = client_context(check_hostname=False, verify_mode=ssl.CERT_NONE)
pair = Pair(careless, own, "whoever").shake()
assert pair.client.getpeercert() == {}
assert pair.client.getpeercert(True) == ssl.PEM_cert_to_DER_cert(OWN)

# The other end learns why.
pair = Pair(client_context(), own, "own.example.test")
for end in (pair.client, pair.server, pair.client):
    try:
        end.do_handshake()
    except ssl.SSLError:
        pass
try:
    pair.server.do_handshake()
except ssl.SSLError as error:
    assert error.reason == "TLSV1_ALERT_UNKNOWN_CA", error.reason
else:
    raise AssertionError

# Clients that must show who they are.
for version in ("TLSv1_2", "TLSv1_3"):
    asking = server_context(SERVER, MIDDLE, key=SERVER_KEY, maximum_version=ssl.TLSVersion[version])
    asking.load_verify_locations(cadata=AUTHORITY)
    asking.verify_mode = ssl.CERT_REQUIRED
    try:
        Pair(client_context(), asking).shake()
    except ssl.SSLError as error:
        assert error.reason in ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "TLSV13_ALERT_CERTIFICATE_REQUIRED",
                                "SSLV3_ALERT_HANDSHAKE_FAILURE"), error.reason
    else:
        raise AssertionError
    asking.verify_mode = ssl.CERT_OPTIONAL
    pair = Pair(client_context(), asking).shake()
    assert pair.server.getpeercert() is None
    asking.verify_mode = ssl.CERT_REQUIRED
    showing = client_context()
    showing.load_cert_chain(path(CLIENT), path(CLIENT_KEY))
    pair = Pair(showing, asking).shake()
    assert pair.server.getpeercert()["subject"] == ((("commonName", "some client"),),)
    assert len(pair.server.get_verified_chain()) == 2
    stranger = client_context()
    stranger.load_cert_chain(path(OWN), path(OWN_KEY))
    try:
        Pair(stranger, asking).shake()
    except ssl.SSLError as error:
        assert error.reason in ("CERTIFICATE_VERIFY_FAILED", "TLSV1_ALERT_UNKNOWN_CA"), error.reason
    else:
        raise AssertionError

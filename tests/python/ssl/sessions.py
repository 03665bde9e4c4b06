# Resuming sessions, and choosing by the name that the client asks for.
import ssl
from certificates import *

for version in ("TLSv1_2", "TLSv1_3"):
    server = server_context(SERVER, MIDDLE, key=SERVER_KEY, maximum_version=ssl.TLSVersion[version])
    client = client_context()
    pair = Pair(client, server).shake()
    session = pair.client.session
    assert isinstance(session, ssl.SSLSession)
    assert session.has_ticket and session.id and session.time > 0 and session.timeout > 0
    assert not pair.client.session_reused
    again = Pair(client, server, session=session).shake()
    assert again.client.session_reused and again.server.session_reused
    assert again.client.getpeercert() == pair.client.getpeercert()
    fresh = Pair(client, server).shake()
    assert not fresh.client.session_reused
    assert fresh.client.session != session and session == session
    assert client.session_stats()["hits"] == 1
    try:
        fresh.client.session = session
    except ValueError as error:
        assert str(error) == "Cannot set session after handshake."
    else:
        raise AssertionError
    for context, wanted, kind, text in (
        (client_context(), session, ValueError, "Session refers to a different SSLContext."),
        (client, object(), TypeError, "Value is not a SSLSession."),
    ):
        try:
            Pair(context, server, session=wanted)
        except kind as error:
            assert str(error) == text, error
        else:
            raise AssertionError

# Without tickets there is nothing to resume.
server = server_context(SERVER, MIDDLE, key=SERVER_KEY, num_tickets=0)
assert server.num_tickets == 0
assert not Pair(client, server).shake().client.session.has_ticket

# The name that the client asks for.
calls = []
other = server_context(PLAIN, key=PLAIN_KEY)


def choose(end, name, context):
    calls.append((end, name, context))
    if name == "plain.example.test":
        end.context = other
    if name == "refused.example.test":
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return None


server = server_context(SERVER, MIDDLE, key=SERVER_KEY)
server.sni_callback = choose
assert server.sni_callback is choose
for name, subject in (("localhost", "localhost"), ("plain.example.test", "plain.example.test")):
    pair = Pair(client, server, name).shake()
    assert pair.client.getpeercert()["subject"][-1][0][1] == subject
    end, asked, context = calls.pop()
    assert end is pair.server and asked == name and context is server
assert pair.server.context is other
nameless = client_context(check_hostname=False)
Pair(nameless, server, None).shake()
assert calls.pop()[1] is None
pair = Pair(client, server, "refused.example.test")
try:
    pair.shake()
except ssl.SSLError as error:
    assert error.reason == "TLSV1_UNRECOGNIZED_NAME", error
else:
    raise AssertionError

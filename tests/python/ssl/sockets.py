# TLS over sockets: blocking, with timeouts, non-blocking, and by two threads at once.
import select
import socket
import ssl
import threading
from certificates import *


def serve(body, context=None):
    """A socket connected to a thread that runs body with the other end."""
    near, far = socket.socketpair()

    def run():
        with far:
            if context is None:
                body(far)
            else:
                with context.wrap_socket(far, server_side=True) as wrapped:
                    body(wrapped)

    thread = threading.Thread(target=run)
    thread.start()
    return near, thread


server, client = server_context(SERVER, MIDDLE, key=SERVER_KEY), client_context()


def echo(end):
    try:
        while data := end.recv(100000):
            end.sendall(data)
    except BrokenPipeError:
        # What the protocol itself sends nobody reads any more.
        pass


# One thread writes while another reads.
data = bytes(range(256)) * 8000
near, thread = serve(echo, server)
with client.wrap_socket(near, server_hostname="localhost") as end:
    writer = threading.Thread(target=end.sendall, args=(data,))
    writer.start()
    received = bytearray()
    while len(received) < len(data):
        received += end.recv(70000)
    writer.join()
    assert received == data
    assert end.version() == "TLSv1.3" and end.server_hostname == "localhost"
    with end.makefile("rwb") as file:
        file.write(b"a line\n")
        file.flush()
        assert file.readline() == b"a line\n"
    buffer = bytearray(100)
    end.sendall(b"into")
    assert end.recv_into(buffer) == 4 and buffer[:4] == b"into"
    for call in (lambda: end.recv(1, 1), lambda: end.send(b"x", 1), lambda: end.recvfrom(1), lambda: end.sendto(b"", 1)):
        try:
            call()
        except ValueError:
            pass
        else:
            raise AssertionError
thread.join()


# What follows the end of the connection is left in the socket.
def say_goodbye(end):
    assert end.recv(100) == b"secret"
    plain = end.unwrap()
    plain.sendall(b"plain again")


near, thread = serve(say_goodbye, server)
with client.wrap_socket(near, server_hostname="localhost") as end:
    end.sendall(b"secret")
    plain = end.unwrap()
    assert plain.recv(100) == b"plain again"
thread.join()


# Timeouts.
def be_silent(end):
    done.wait()


done = threading.Event()
near, thread = serve(be_silent)
near.settimeout(0.05)
try:
    client.wrap_socket(near, server_hostname="localhost")
except TimeoutError as error:
    assert str(error).endswith("The handshake operation timed out"), error
else:
    raise AssertionError
done.set()
thread.join()

done = threading.Event()
near, thread = serve(be_silent, server)
with client.wrap_socket(near, server_hostname="localhost") as end:
    end.settimeout(0.05)
    for call, text in ((lambda: end.recv(10), "read"), (lambda: end.sendall(bytes(10_000_000)), "write")):
        try:
            call()
        except TimeoutError as error:
            assert str(error) == f"The {text} operation timed out", error
        else:
            raise AssertionError
    done.set()
thread.join()

# Non-blocking.
near, thread = serve(echo, server)
near.setblocking(False)
with client.wrap_socket(near, server_hostname="localhost", do_handshake_on_connect=False) as end:

    def patiently(call, *arguments):
        while True:
            try:
                return call(*arguments)
            except ssl.SSLWantReadError:
                select.select([end], [], [])
            except ssl.SSLWantWriteError:
                # The other end sends back what it gets: who does not read waits for ever.
                return None

    patiently(end.do_handshake)
    sent, received, block = 0, 0, bytes(500_000)
    for _ in range(3):
        result = patiently(end.send, block)
        while result is None:
            received += len(patiently(end.recv, 100000))
            result = patiently(end.send, block)
        sent += result
    while received < sent:
        received += len(patiently(end.recv, 100000))
    assert (sent, received) == (1_500_000, 1_500_000)
thread.join()

# Not connected, and closed.
with socket.socket() as near:
    with client.wrap_socket(near, server_hostname="localhost") as end:
        for call in (end.getpeercert, end.do_handshake):
            try:
                call()
            except OSError:
                pass
            else:
                raise AssertionError
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
    try:
        client.wrap_socket(near, server_hostname="localhost")
    except NotImplementedError as error:
        assert str(error) == "only stream sockets are supported"

# The certificate of a server, whoever it is.
listener = socket.create_server(("127.0.0.1", 0))


def greet():
    connection, _ = listener.accept()
    try:
        server.wrap_socket(connection, server_side=True).close()
    except OSError:
        connection.close()


thread = threading.Thread(target=greet)
thread.start()
assert ssl.get_server_certificate(listener.getsockname()) == SERVER
thread.join()
listener.close()

# Sockets, and waiting for them.
import _socket
import select


def error_of(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return type(error).__name__, error.args


a, b = _socket.socketpair()
assert a.send(b"hello") == 5 and b.recv(3) == b"hel" and b.recv(100) == b"lo"
buffer = bytearray(4)
a.sendall(b"xyz")
assert b.recv_into(buffer) == 3 and buffer == b"xyz\0"
a.sendmsg([b"ab", b"cd"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, (0).to_bytes(4, "little"))])
data, ancillary, flags, address = b.recvmsg(10, _socket.CMSG_SPACE(4))
assert data == b"abcd" and [(level, kind, len(part)) for level, kind, part in ancillary] == [(1, 1, 4)] and flags == 0
b.settimeout(0.01)
assert error_of(b.recv, 1) == ("TimeoutError", ("timed out",))
b.setblocking(False)
assert error_of(b.recv, 1) == ("BlockingIOError", (11, "Resource temporarily unavailable"))
assert select.select([b], [b], [], 0) == ([], [b], [])

server = _socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
port = server.getsockname()[1]
client = _socket.socket()
client.settimeout(5)
client.connect(("localhost", port))
descriptor, peer = server._accept()
connection = _socket.socket(fileno=descriptor)
assert peer == client.getsockname() and client.getpeername() == ("127.0.0.1", port)
assert (connection.family, connection.type) == (_socket.AF_INET, _socket.SOCK_STREAM)
poll = select.poll()
poll.register(connection, select.POLLIN)
assert poll.poll(0) == []
with select.epoll() as epoll:
    epoll.register(connection, select.EPOLLIN)
    client.sendall(b"z" * 1000)
    assert epoll.poll(5) == [(descriptor, select.EPOLLIN)] and poll.poll() == [(descriptor, select.POLLIN)]
assert epoll.closed
assert connection.recv(2000) == b"z" * 1000
client.shutdown(_socket.SHUT_WR)
assert connection.recv(1) == b""
client.close()
assert client.fileno() == -1 and error_of(client.recv, 1) == ("OSError", (9, "Bad file descriptor"))

datagram = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
datagram.bind(("", 0))
datagram.sendto(b"dg", ("127.0.0.1", datagram.getsockname()[1]))
assert datagram.recvfrom(10)[0] == b"dg"
named = _socket.socket(_socket.AF_UNIX)
assert error_of(named.bind, "/" * 200) == ("OSError", ("AF_UNIX path too long",))
assert named.getsockname() == ""

assert _socket.inet_ntop(10, _socket.inet_pton(10, "::ffff:1.2.3.4")) == "::ffff:1.2.3.4"
assert _socket.inet_aton("1.2.3.4") == b"\1\2\3\4" and _socket.htons(1) == 256
assert _socket.getaddrinfo("127.0.0.1", 80, 0, 1) == [(2, 1, 6, "", ("127.0.0.1", 80))]
assert error_of(_socket.getaddrinfo, None, None) == ("gaierror", (-2, "Name or service not known"))
for function, arguments, expected in [
    (server.connect, (1,), ("TypeError", ("connect(): AF_INET address must be tuple, not int",))),
    (server.bind, (("", -1),), ("OverflowError", ("bind(): port must be 0-65535.",))),
    (server.settimeout, (-1,), ("ValueError", ("Timeout value out of range",))),
    (server.recv, (-1,), ("ValueError", ("negative buffersize in recv",))),
    (_socket.socket, (99,), ("OSError", (97, "Address family not supported by protocol"))),
    (_socket.htons, (70000,), ("OverflowError", ("Python int too large for C uint16_t",))),
]:
    assert error_of(function, *arguments) == expected, error_of(function, *arguments)

# Empty host names, and timeouts as they were given.
import socket

for family, expected in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    try:
        sock = socket.socket(family)
    except OSError:
        continue
    with sock:
        try:
            sock.bind(("", 0))
        except OSError as error:
            assert family == socket.AF_INET6 and error.errno is not None, error
            continue
        assert sock.getsockname()[0] == expected
        for timeout in (30.0, 0.1, 0.3, 1e-9, 123.456):
            sock.settimeout(timeout)
            assert sock.gettimeout() == timeout, (sock.gettimeout(), timeout)

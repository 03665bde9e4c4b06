# asyncio's streams over TLS, and HTTPS.
import asyncio
import http.server
import ssl
import threading
import urllib.error
import urllib.request
from certificates import *


async def main():
    server, client = server_context(SERVER, MIDDLE, key=SERVER_KEY), client_context()

    async def handle(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=server)
    port = listener.sockets[0].getsockname()[1]

    async def ask(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        data = bytes([number]) * 200_000
        writer.write(data)
        assert await reader.readexactly(len(data)) == data
        assert writer.get_extra_info("peercert")["subject"][-1] == (("commonName", "localhost"),)
        version = writer.get_extra_info("ssl_object").version()
        writer.close()
        await writer.wait_closed()
        return version

    assert await asyncio.gather(*[ask(number) for number in range(8)]) == ["TLSv1.3"] * 8
    try:
        await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="elsewhere")
    except ssl.SSLCertVerificationError as error:
        assert error.verify_code == 62
    else:
        raise AssertionError
    listener.close()
    await listener.wait_closed()


asyncio.run(main())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"you asked for {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.HTTPServer):
    def handle_error(self, *_):
        pass


with Server(("127.0.0.1", 0), Handler) as site:
    site.socket = server_context(SERVER, MIDDLE, key=SERVER_KEY).wrap_socket(site.socket, server_side=True)
    thread = threading.Thread(target=site.serve_forever, args=(0.05,))
    thread.start()
    address = f"https://localhost:{site.server_port}/page"
    with urllib.request.urlopen(address, context=client_context()) as response:
        assert response.read() == b"you asked for /page"
    try:
        urllib.request.urlopen(address, context=client_context(OWN))
    except urllib.error.URLError as error:
        assert isinstance(error.reason, ssl.SSLCertVerificationError), error
    else:
        raise AssertionError
    site.shutdown()
    thread.join()

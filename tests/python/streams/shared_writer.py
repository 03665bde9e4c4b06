"""Many threads write to one buffered stream: nothing is lost and nobody waits for ever."""
import io
import threading


class Sink(io.RawIOBase):
    def __init__(self):
        self.taken = []

    def writable(self):
        return True

    def write(self, data):
        self.taken.append(bytes(data))
        return len(data)


sink = Sink()
stream = io.BufferedWriter(sink, 8)
threads = [
    threading.Thread(target=lambda byte=byte: [stream.write(bytes([byte]) * 3) for _ in range(300)]) for byte in range(10)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
stream.flush()
written = b"".join(sink.taken)
assert len(written) == 9000
for byte in range(10):
    assert written.count(byte) == 900

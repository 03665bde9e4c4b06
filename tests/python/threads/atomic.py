# Two threads increment an attribute in atomic blocks while a third reads it: no update is lost.
import _thread
from transaction import atomic

class Counter:
    def __init__(self):
        self.n = 0

counter = Counter()

def work(times):
    for i in range(times):
        with atomic:
            counter.n += 1

def a():
    work(2000)

def reader():
    last = 0
    for i in range(2000):
        now = counter.n
        assert now >= last
        last = now

handles = [_thread.start_joinable_thread(f, daemon=False) for f in (a, a, reader)]
for h in handles:
    h.join()

assert counter.n == 4000

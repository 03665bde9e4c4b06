# A signal waits for the end of an atomic block, unless that does not come soon.
import os
import signal
from transaction import atomic

class Pair:
    pass

pair = Pair()
pair.a = pair.b = 0
seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append((pair.a, pair.b)))

def send():
    os.kill(os.getpid(), signal.SIGUSR1)

# Sent between two blocks or in the middle of one: never between the two writes.
for _ in range(20):
    with atomic:
        pair.a += 1
        if pair.a % 7 == 0:
            send()
        pair.b += 1
assert seen == [(7, 7), (14, 14)], seen

# A block that would never end is interrupted, and keeps what it has done.
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    with atomic:
        pair.a = 100
        while True:
            pair.b += 1
except KeyboardInterrupt:
    pass
assert pair.a == 100 and pair.b > 20

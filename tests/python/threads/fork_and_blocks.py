# A process that is forked while another thread is in atomic blocks may use blocks itself.
import os
import threading
import warnings
from transaction import atomic

warnings.simplefilter("ignore")

class Pair:
    pass

pair = Pair()
pair.a = pair.b = 0
items = []
stop = False

def work():
    while not stop:
        with atomic:
            pair.a += 1
            items.append(1)
            if pair.a % 3 == 0:
                sorted(items)
            if len(items) > 20:
                items.clear()
            pair.b += 1

threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for _ in range(20):
    process = os.fork()
    if process == 0:
        with atomic:
            pair.a += 1
            pair.b += 1
            equal = pair.a == pair.b
        with atomic:
            items.append(sorted([2, 1])[0])
        os._exit(0 if equal else 1)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0
stop = True
for thread in threads:
    thread.join()
assert pair.a == pair.b

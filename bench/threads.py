"""How much more disjoint work two threads do than one, in the same time: 2.0 at best. Takes the number of threads."""
import _thread
import sys
import time

TURNS = 30_000_000


class Account:
    def __init__(self):
        self.balance = 0


def work(account, turns):
    for turn in range(turns):
        account.balance = account.balance + turn % 7
    return account.balance


def run(account, done):
    work(account, TURNS)
    done.release()


def elapsed(threads):
    locks = []
    for _ in range(threads):
        lock = _thread.allocate_lock()
        lock.acquire()
        locks.append(lock)
    start = time.perf_counter()
    for lock in locks:
        _thread.start_new_thread(run, (Account(), lock))
    for lock in locks:
        lock.acquire()
    return time.perf_counter() - start


threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
elapsed(1)
ratios = []
for _ in range(5):
    alone = elapsed(1)
    together = elapsed(threads)
    ratios.append(threads * alone / together)
ratios.sort()
print(f"{threads} threads do {ratios[2]:.2f} times the work of one (median of 5; {alone * 1e9 / TURNS:.2f} ns a turn)")

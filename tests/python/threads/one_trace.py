# Several threads run the same compiled loops at the same time, on objects that they share and on objects of their own.
import _thread


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def length(self):
        return self.x * self.x + self.y * self.y


TURNS = 4000
THREADS = 4
shared = Point(3, 4)
numbers = list(range(50))
table = {n: n * n for n in range(50)}


def work(own, turns):
    total = 0
    for turn in range(turns):
        own.x = own.x + 1
        total += shared.length() + numbers[turn % 50] + table[turn % 50]
        own.items.append(turn)
        shared.y = 4
        if turn % 100 == 0:
            own.items = [len(own.items)]
    return total + own.x


class Own(Point):
    def __init__(self):
        self.x = 0
        self.y = 0
        self.items = []


def expected(turns):
    return sum(25 + turn % 50 + (turn % 50) ** 2 for turn in range(turns)) + turns


results = [None] * THREADS
done = [_thread.allocate_lock() for _ in range(THREADS)]


def run(number):
    try:
        for _ in range(5):
            results[number] = work(Own(), TURNS)
    finally:
        done[number].release()


# One thread compiles the loop, then all run it; and once more after what it relied on has changed.
assert work(Own(), TURNS) == expected(TURNS)
for attempt in range(3):
    for lock in done:
        lock.acquire()
    for number in range(THREADS):
        _thread.start_new_thread(run, (number,))
    for lock in done:
        lock.acquire()
        lock.release()
    assert results == [expected(TURNS)] * THREADS, (attempt, results)
    Point.length = lambda self: self.x * self.x + self.y * self.y

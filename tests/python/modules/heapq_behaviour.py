# Heaps against sorting; comparisons that change the list; sequences of random numbers over a refill of the state.
from _heapq import *
from _random import Random
from _bisect import insort_left, insort_right

rng = Random(42)
for size in (0, 1, 2, 3, 10, 100, 1000):
    numbers = [rng.getrandbits(8) for _ in range(size)]
    heap = []
    for n in numbers:
        heappush(heap, n)
    assert [heappop(heap) for _ in range(size)] == sorted(numbers)
    heap = numbers[:]
    heapify(heap)
    assert all(heap[(at - 1) // 2] <= heap[at] for at in range(1, size))
    heapify_max(heap)
    assert [heappop_max(heap) for _ in range(size)] == sorted(numbers, reverse=True)
    ordered = []
    for n in numbers:
        insort_left(ordered, n)
    assert ordered == sorted(numbers)


class Meddling:
    def __init__(self, heap, action):
        self.heap, self.action = heap, action

    def __lt__(self, other):
        self.action(self.heap)
        return False


for action in (list.clear, lambda heap: heap.append(1), lambda heap: heap.pop()):
    for function in (heapify, heappop, lambda heap: heappush(heap, Meddling(heap, action)),
                     lambda heap: heapreplace(heap, 1), heapify_max, heappop_max):
        heap = []
        heap.extend(Meddling(heap, action) for _ in range(7))
        try:
            function(heap)
        except (RuntimeError, IndexError) as error:
            assert str(error) in ("list changed size during iteration", "index out of range", "list index out of range")

rng = Random(2024)
total = 0
for turn in range(3000):
    total = (total * 31 + rng.getrandbits(32)) % (2**61 - 1)
print(total, rng.random(), rng.getrandbits(70))  # expect: 1455624043578753886 0.256847322612642 1041538901096609253677
state = rng.getstate()
first = [rng.random() for _ in range(10)]
rng.setstate(state)
assert first == [rng.random() for _ in range(10)]


class Sub(Random):
    def __init__(self, seed):
        super().__init__(seed)
        self.kept = seed


assert Sub(7).random() == Random(7).random() and Sub(7).kept == 7

# A queue between threads; contexts in threads and generators; arrays against lists.
import _thread
from _queue import SimpleQueue, Empty
from _contextvars import ContextVar, Context, copy_context
from array import array

queue, results = SimpleQueue(), SimpleQueue()


def worker():
    total = 0
    while True:
        item = queue.get()
        if item is None:
            results.put(total)
            return
        total += item


for _ in range(3):
    _thread.start_new_thread(worker, ())
for n in range(1000):
    queue.put(n)
for _ in range(3):
    queue.put(None)
assert sum(results.get(timeout=30) for _ in range(3)) == 499500
assert queue.empty() and results.qsize() == 0
try:
    results.get(timeout=0.01)
    assert False
except Empty:
    pass

var = ContextVar("var", default="none")
var.set("main")


def in_thread():
    results.put((var.get(), len(copy_context())))
    var.set("thread")


_thread.start_new_thread(in_thread, ())
assert results.get(timeout=30) == ("none", 0) and var.get() == "main"


def generator():
    yield var.get()
    var.set("from the generator")
    yield var.get()


g = generator()
context = copy_context()
assert next(g) == "main" and context.run(next, g) == "from the generator"
assert var.get() == "main" and context[var] == "from the generator"
for n in range(50):
    context.run(ContextVar(str(n)).set, n)
assert len(context) == 51 and sorted(context.values(), key=str)[:3] == [0, 1, 10]


def fails():
    var.set("lost")
    raise KeyError(1)


try:
    context.run(fails)
except KeyError:
    pass
assert context.run(var.get) == "lost" and var.get() == "main"

numbers, model = array("i"), []
seed = 7
for turn in range(2000):
    seed = (seed * 1103515245 + 12345) % 2**31
    n, action = seed >> 16, turn % 8
    at = n % (len(model) + 1)
    if action <= 2:
        numbers.append(n), model.append(n)
    elif action == 3:
        numbers.insert(at, -n), model.insert(at, -n)
    elif action == 4 and model:
        assert numbers.pop(at - 1) == model.pop(at - 1)
    elif action == 5:
        numbers[at:at + 2] = array("i", [1, 2, 3])
        model[at:at + 2] = [1, 2, 3]
    elif action == 6 and n % 5 == 0:
        del numbers[::3]
        del model[::3]
    elif action == 7:
        numbers.reverse(), model.reverse()
    if turn % 50 == 0:
        assert numbers.tolist() == model and list(numbers) == model
assert numbers[::-2].tolist() == model[::-2] and array("i", numbers.tobytes()) == numbers
items = array("d", range(10))
total = 0.0
for x in items:
    total += x
    if len(items) < 20:
        items.append(1.5)
assert total == 45.0 + 15.0


class Sub(array):
    def __init__(self, *args):
        self.note = args


assert Sub("b", [1]).note == ("b", [1]) and type(Sub("b", [1])[:]) is array

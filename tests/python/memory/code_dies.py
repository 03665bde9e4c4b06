# Code that nobody refers to any more goes, with all that belongs to it; what still runs or was compiled stays.
import gc
import sys
import weakref

CLASSES = """
class Point:
    def __init__(self, x, *, y=2):
        self.x, self.y = x, y
    def total(self):
        return self.x + self.y + OFFSET
"""

FUNCTIONS = """
def point(x, *, y=2):
    return x + y + OFFSET

def outer(a, b=1, *rest, key=3, **more):
    def inner(c):
        return a + c + key
    return inner

def steps(n):
    for i in range(n):
        yield i + OFFSET

def loop(n):
    total = 0
    for i in range(n):
        total += point(i, y=1) - outer(i, key=2)(1)
    return total
"""


def run(offset, source=FUNCTIONS):
    namespace = {"OFFSET": offset}
    exec(source, namespace)
    return namespace


# Most of it goes: a word on the stack may look like a reference to some.
references = []
for index in range(100):
    namespace = run(index)
    assert namespace["point"](1) == 3 + index
    assert namespace["outer"](1, key=5)(2) == 8
    references.append(weakref.ref(namespace["steps"].__code__))
    assert eval(f"{index} + 1") == index + 1
del namespace
gc.collect()
gc.collect()
alive = sum(reference() is not None for reference in references)
assert alive < 50, alive


# What refers to it keeps it: functions, generators under way, nested functions, tracebacks.
def parts():
    namespace = run(10, CLASSES + FUNCTIONS)
    generator = namespace["steps"](5)
    assert next(generator) == 10
    try:
        namespace["Point"]("x").total()
    except TypeError as error:
        failure = error
    return generator, namespace["outer"](4), namespace["Point"](1).total, failure


kept = parts()
for index in range(50):
    run(index, CLASSES)["Point"](1).total()
    if index % 10 == 0:
        gc.collect()
generator, inner, total, failure = kept
assert list(generator) == [11, 12, 13, 14]
assert inner(1) == 8
assert total() == 13
frame = failure.__traceback__.tb_next
assert frame.tb_frame.f_code.co_name == "total" and frame.tb_lineno == 6, frame.tb_lineno
assert frame.tb_frame.f_code.co_names and list(frame.tb_frame.f_code.co_positions())

# Loops of it that are compiled, classes that change while it comes and goes.
class Base:
    value = 1


results = set()
for index in range(12):
    namespace = run(1)
    results.add(namespace["loop"](300))
    namespace = {"Base": Base, "made": []}
    exec("for i in range(200):\n    made.append(Base().value)", namespace)
    assert namespace["made"] == [Base.value] * 200
    Base.value = index
    gc.collect()
assert results == {300 * 2 - 300 * 3 + 0 - 0}, results


# A function whose code changes while it runs.
def changing(n):
    changing.__code__ = (lambda n: n * 2).__code__
    for index in range(20):
        eval("[x for x in range(3)]")
        gc.collect()
    return n + 1


assert changing(1) == 2
assert changing(1) == 2

# Code that compares equal, and code in tables.
codes = {compile("1 + x", "<made>", "eval") for _ in range(20)}
assert len(codes) == 1
x = 4
assert eval(codes.pop()) == 5


# Monitoring knows code by its address.
monitoring = sys.monitoring
monitoring.use_tool_id(3, "test")
seen = []
monitoring.register_callback(3, monitoring.events.PY_START, lambda code, offset: seen.append(code.co_name))
for index in range(20):
    namespace = {}
    exec("def watched(): return 1", namespace)
    if index % 2:
        monitoring.set_local_events(3, namespace["watched"].__code__, monitoring.events.PY_START)
    namespace["watched"]()
    del namespace
    gc.collect()
monitoring.free_tool_id(3)
assert seen == ["watched"] * 10, seen

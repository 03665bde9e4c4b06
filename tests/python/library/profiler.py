# cProfile counts calls, those of built-in functions too, and knows who called whom.
import cProfile
import io
import pstats


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def work():
    numbers = []
    for number in range(5):
        numbers.append(fib(number))
        len(numbers)
    sorted(numbers, key=lambda each: -each)

    def generator():
        yield 1
        yield 2

    return list(generator())


def name(code):
    return cProfile.label(code)[2]


profile = cProfile.Profile()
profile.enable()
work()
profile.disable()
found = {name(entry.code): entry for entry in profile.getstats()}
counts = {key: (entry.callcount, entry.reccallcount) for key, entry in found.items()}
assert counts == {
    "work": (1, 0),
    "fib": (19, 14),
    "generator": (3, 0),
    "<lambda>": (5, 0),
    "<built-in method builtins.len>": (5, 0),
    "<built-in method builtins.sorted>": (1, 0),
    "<method 'append' of 'list' objects>": (5, 0),
    "<method 'disable' of '_lsprof.Profiler' objects>": (1, 0),
}, counts
assert {name(sub.code): sub.callcount for sub in found["work"].calls}["fib"] == 5
assert {name(sub.code): (sub.callcount, sub.reccallcount) for sub in found["fib"].calls} == {"fib": (14, 8)}
assert found["work"].totaltime >= found["work"].inlinetime >= 0

# Statistics, a context manager, another clock, and no built-in functions.
shown = io.StringIO()
pstats.Stats(profile, stream=shown).sort_stats("ncalls").print_stats()
assert "40 function calls (26 primitive calls)" in shown.getvalue(), shown.getvalue()
with cProfile.Profile() as profile:
    fib(3)
profile.create_stats()
assert {key[2]: value[:2] for key, value in profile.stats.items()}["fib"] == (1, 5)
clock = iter(range(1000))
profile = cProfile.Profile(lambda: next(clock), 0.5)
profile.runcall(fib, 1)
assert profile.getstats()[0].totaltime == 0.5
profile = cProfile.Profile()
profile.enable(builtins=False)
work()
profile.disable()
assert {name(entry.code) for entry in profile.getstats()} == {"work", "fib", "generator", "<lambda>"}

"""sys.monitoring: which events tools are told of, in which order, with which places; what they can switch off."""

import sys

monitoring = sys.monitoring
E = monitoring.events
TOOL, OTHER = 2, 3
monitoring.use_tool_id(TOOL, "one")
monitoring.use_tool_id(OTHER, "two")
happened = []


def line_of(code, place):
    for start, end, line in code.co_lines():
        if start <= place < end:
            return line and line - code.co_firstlineno


def note(name):
    def callback(code, place, *rest):
        if code.co_filename != __file__ or code.co_name in ("watch", "<module>"):
            return
        if name == "LINE":
            happened.append((name, place - code.co_firstlineno))
        elif name in ("JUMP", "BRANCH_LEFT", "BRANCH_RIGHT"):
            happened.append((name, line_of(code, place), line_of(code, rest[0])))
        elif name in ("CALL", "C_RETURN", "C_RAISE"):
            happened.append((name, rest[0].__name__, rest[1] is monitoring.MISSING))
        elif name in ("RAISE", "RERAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "STOP_ITERATION"):
            happened.append((name, type(rest[0]).__name__))
        else:
            happened.append((name, *rest))

    return callback


def watch(function, *names):
    """The events of a call of a function."""
    happened.clear()
    events = 0
    for name in names:
        event = getattr(E, name)
        monitoring.register_callback(TOOL, event, note(name))
        events |= event
    monitoring.set_events(TOOL, events)
    try:
        function()
    except ValueError:
        pass
    monitoring.set_events(TOOL, 0)
    for name in names:
        monitoring.register_callback(TOOL, getattr(E, name), None)
    return happened[:]


def branches():
    for i in range(2):
        if i:
            x = 3
        else:
            x = 5
    while x:
        x = 0
    match x:
        case 1:
            pass
        case _:
            x = 12


assert watch(branches, "LINE", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT") == [
    ("LINE", 1),
    ("BRANCH_LEFT", 1, 1),
    ("LINE", 2),
    ("BRANCH_RIGHT", 2, 5),
    ("LINE", 5),
    ("JUMP", 5, 1),
    ("LINE", 1),
    ("BRANCH_LEFT", 1, 1),
    ("LINE", 2),
    ("BRANCH_LEFT", 2, 3),
    ("LINE", 3),
    ("JUMP", 3, 1),
    ("LINE", 1),
    ("BRANCH_RIGHT", 1, 6),
    ("LINE", 6),
    ("BRANCH_LEFT", 6, 7),
    ("LINE", 7),
    *([("JUMP", 7, 6)] if sys.implementation.name == "cpython" else []),
    ("LINE", 6),
    ("BRANCH_RIGHT", 6, 8),
    ("LINE", 8),
    ("LINE", 9),
    ("BRANCH_RIGHT", 9, 11),
    ("LINE", 11),
    ("LINE", 12),
], happened


class Base:
    def __init__(self, value):
        self.value = value

    def get(self):
        return self.value


class Derived(Base):
    def get(self):
        return super().get() + super(Derived, self).get()


def calls():
    Derived(1).get()
    len(())
    "x".upper()
    str.lower("X")
    dict()
    try:
        int("x")
    except ValueError:
        pass


assert watch(calls, "CALL", "C_RETURN", "C_RAISE") == [
    ("CALL", "Derived", False),
    ("C_RETURN", "Derived", False),
    ("CALL", "get", False),
    ("CALL", "super", True),
    ("C_RETURN", "super", True),
    ("CALL", "get", False),
    ("CALL", "super", False),
    ("C_RETURN", "super", False),
    ("CALL", "get", False),
    ("CALL", "len", False),
    ("C_RETURN", "len", False),
    ("CALL", "upper", False),
    ("C_RETURN", "upper", False),
    ("CALL", "lower", False),
    ("C_RETURN", "lower", False),
    ("CALL", "dict", True),
    ("C_RETURN", "dict", True),
    ("CALL", "int", False),
    ("C_RAISE", "int", False),
], happened


def raising():
    try:
        raise KeyError
    except KeyError:
        pass
    try:
        try:
            raise TypeError
        except OSError:
            pass
    except TypeError:
        pass
    raise ValueError


assert watch(raising, "RAISE", "RERAISE", "EXCEPTION_HANDLED", "PY_UNWIND") == [
    ("RAISE", "KeyError"),
    ("EXCEPTION_HANDLED", "KeyError"),
    ("RAISE", "TypeError"),
    ("EXCEPTION_HANDLED", "TypeError"),
    *(
        [("RERAISE", "TypeError"), ("EXCEPTION_HANDLED", "TypeError")]
        if sys.implementation.name == "cpython"
        else []
    ),
    ("RERAISE", "TypeError"),
    ("EXCEPTION_HANDLED", "TypeError"),
    ("RAISE", "ValueError"),
    ("PY_UNWIND", "ValueError"),
], happened


def numbers():
    try:
        yield 1
    except KeyError:
        yield 2


def generating():
    generator = numbers()
    next(generator)
    generator.throw(KeyError)
    generator.close()


assert watch(generating, "PY_START", "PY_RESUME", "PY_YIELD", "PY_THROW", "PY_RETURN") == [
    ("PY_START",),
    ("PY_START",),
    ("PY_YIELD", 1),
    ("PY_THROW", "KeyError"),
    ("PY_YIELD", 2),
    ("PY_THROW", "GeneratorExit"),
    ("PY_RETURN", None),
], happened

# What co_branches() says is where events lead, also in loops that have been compiled before.
taken = {E.BRANCH_LEFT: set(), E.BRANCH_RIGHT: set()}


def spin(count):
    total = 0
    for i in range(count):
        if i % 3 and i % 2 or i == 7:
            total += 1
        while i > 5:
            i //= 2
        total += 1 if i is None else 2
    return total


expected = spin(3000)
for event, places in taken.items():
    monitoring.register_callback(TOOL, event, lambda code, start, end, places=places: places.add((start, end)))
monitoring.set_local_events(TOOL, spin.__code__, E.BRANCH_LEFT | E.BRANCH_RIGHT)
assert monitoring.get_local_events(TOOL, spin.__code__) == E.BRANCH_LEFT | E.BRANCH_RIGHT
assert spin(3000) == expected
monitoring.set_local_events(TOOL, spin.__code__, 0)
table = list(spin.__code__.co_branches())
assert taken[E.BRANCH_LEFT] and taken[E.BRANCH_LEFT] <= {(start, left) for start, left, _ in table}
assert taken[E.BRANCH_RIGHT] and taken[E.BRANCH_RIGHT] <= {(start, right) for start, _, right in table}
assert spin(3000) == expected

# A tool that has had enough of a place hears of it again after a restart; other tools do not care.
counts = {TOOL: 0, OTHER: 0}


def enough(code, line):
    counts[TOOL] += 1
    return monitoring.DISABLE


def more(code, line):
    counts[OTHER] += 1


def lines():
    a = 1
    b = 2


monitoring.register_callback(TOOL, E.LINE, enough)
monitoring.register_callback(OTHER, E.LINE, more)
for tool in counts:
    monitoring.set_local_events(tool, lines.__code__, E.LINE)
for _ in range(3):
    lines()
assert counts == {TOOL: 2, OTHER: 6}, counts
monitoring.restart_events()
lines()
assert counts == {TOOL: 4, OTHER: 8}, counts
for tool in counts:
    monitoring.set_local_events(tool, lines.__code__, 0)

# The old event of both ways of a branch: it may be told once more of the other way.
seen = []


def either(code, start, end):
    seen.append(end)
    return monitoring.DISABLE


def choose(value):
    if value:
        return 1
    return 2


monitoring.register_callback(TOOL, E.BRANCH, either)
monitoring.set_local_events(TOOL, choose.__code__, E.BRANCH)
choose(1), choose(0), choose(1)
assert len(seen) <= 2, seen
monitoring.set_local_events(TOOL, choose.__code__, 0)


# A callback may send the frame elsewhere at a line or a branch, and nowhere else.
def answer(value):
    if value:
        return "yes"
    return "no"


def go_on(code, start, end):
    frame = sys._getframe(1)
    frame.f_lineno = code.co_firstlineno + 3


monitoring.register_callback(TOOL, E.BRANCH_LEFT, go_on)
monitoring.set_local_events(TOOL, answer.__code__, E.BRANCH_LEFT)
assert answer(True) == "no"
monitoring.set_local_events(TOOL, answer.__code__, 0)

refusals = []


def refused(*details):
    try:
        sys._getframe(1).f_lineno = answer.__code__.co_firstlineno + 2
    except ValueError as error:
        refusals.append(str(error))


for event in (E.PY_START, E.PY_RETURN, E.INSTRUCTION):
    monitoring.register_callback(TOOL, event, refused)
monitoring.set_local_events(TOOL, answer.__code__, E.PY_START | E.PY_RETURN)
answer(True)
monitoring.set_local_events(TOOL, answer.__code__, 0)
assert refusals == [
    "can't jump from the 'call' trace event of a new frame",
    "can only jump from a 'line' trace event",
], refusals

for tool in counts:
    monitoring.free_tool_id(tool)

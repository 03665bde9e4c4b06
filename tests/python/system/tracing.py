# What functions of sys.settrace, sys.setprofile and sys.monitoring are told.
import sys

def f(n):
    while True:
        n -= 1
        if n < 0:
            break
def g(n):
    while n:
        n -= 1
    else:
        pass
    return 4
def h(n):
    for i in range(n):
        if i:
            continue
        pass
def k(n):
    if 1:
        pass
    try:
        pass
    finally:
        n = 4
def l(n):
    try:
        return n
    finally:
        n = 5
def m(n):
    with open("/dev/null") as f:
        if n:
            return 4
def o(n):
    try:
        raise KeyError
    except ValueError:
        pass
    except KeyError as e:
        n = 4
    else:
        n = 6
def p(n):
    global zz
    """doc"""
    4
    while 0:
        n = 5
    if n:
        n = 4
def q(n):
    x = list(range(n))
    yield 1
    n = yield 2
    def zz():
        return n
    try:
        yield 5
    except ValueError:
        pass
    return zz
class C:
    a = 1
    def b(self): return self
def r(n):
    n = C()
    n.b(
        ).b(
        )
    return n
def s(n):
    match n:
        case 1:
            pass
        case 2:
            n = 4
        case _:
            n = 5


events = []


def tell(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        events.append(f"{frame.f_code.co_name}{frame.f_lineno - frame.f_code.co_firstlineno}{event[0]}")
        return tell


def traced(function):
    sys.settrace(tell)
    try:
        result = function(2)
        if function is q:
            next(result), next(result), next(result)
            try:
                result.throw(ValueError)
            except StopIteration:
                pass
    finally:
        sys.settrace(None)
    told = " ".join(events)
    events.clear()
    return told


EXPECTED = {
    f: 'f0c f1l f2l f3l f1l f2l f3l f1l f2l f3l f4l f4r',
    g: 'g0c g1l g2l g1l g2l g1l g4l g5l g5r',
    h: 'h0c h1l h2l h4l h1l h2l h3l h1l h1r',
    k: 'k0c k1l k2l k3l k4l k6l k6r',
    l: 'l0c l1l l2l l4l l4r',
    m: 'm0c m1l m2l m3l m1l m1r',
    o: 'o0c o1l o2l o2e o3l o5l o6l o6r',
    p: 'p0c p2l p3l p4l p6l p7l p7r',
    q: 'q0c q1l q2l q2r q2c q3l q3r q3c q4l q6l q7l q7r q7c q7e q8l q9l q10l q10r',
    r: 'r0c r1l r2l b0c b0l b0r r3l b0c b0l b0r r5l r5r',
    s: 's0c s1l s2l s4l s5l s5r',
}
for function, expected in EXPECTED.items():
    told = traced(function)
    assert told == expected, (function.__name__, told, expected)

# An error in a function that is told ends that.
def fails(frame, event, argument):
    raise LookupError(event)


sys.settrace(fails)
try:
    l(1)
except LookupError as error:
    assert str(error) == "call"
else:
    raise AssertionError
assert sys.gettrace() is None

# Profiles see calls of built-in functions, too.
def profiled(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event, getattr(argument, "__name__", argument)))


def calls():
    len([])
    try:
        [].index(1)
    except ValueError:
        pass
    return 3


sys.setprofile(profiled)
calls()
sys.setprofile(None)
assert events[:-1] == [
    ("calls", "call", None),
    ("calls", "c_call", "len"),
    ("calls", "c_return", "len"),
    ("calls", "c_call", "index"),
    ("calls", "c_exception", "index"),
    ("calls", "return", 3),
], events
events.clear()

# Tools of sys.monitoring choose what they hear of.
monitoring = sys.monitoring
tool, event = monitoring.DEBUGGER_ID, monitoring.events
monitoring.use_tool_id(tool, "test")


def branches(value):
    while value:
        value -= 1
    return value


def note(name, *parts):
    def callback(code, *rest):
        events.append((name, *[rest[part] for part in parts]))

    return callback


monitoring.register_callback(tool, event.PY_START, note("start"))
monitoring.register_callback(tool, event.PY_RETURN, note("return", 1))
monitoring.register_callback(tool, event.LINE, lambda code, line: events.append(line - code.co_firstlineno))
monitoring.set_local_events(tool, branches.__code__, event.PY_START | event.PY_RETURN | event.LINE)
branches(2)
calls()
assert events == [("start",), 1, 2, 1, 2, 1, 3, ("return", 0)], events
events.clear()
monitoring.register_callback(tool, event.LINE, lambda code, line: (events.append(line), monitoring.DISABLE)[1])
monitoring.set_local_events(tool, branches.__code__, event.LINE)
branches(2)
assert len(set(events)) == 3 and len(events) < 6, events
monitoring.clear_tool_id(tool)
monitoring.free_tool_id(tool)
branches(1)
assert len(set(events)) == 3

"""Assignments to frame.f_lineno: where a trace function may send a frame, and what it is told where it may not."""

import sys
import warnings

warnings.simplefilter("ignore", RuntimeWarning)


class Managed:
    def __init__(self, output, number):
        self.output, self.number = output, number

    def __enter__(self):
        self.output.append(self.number)

    def __exit__(self, *details):
        self.output.append(-self.number)


def run(function, start, end, event="line"):
    """What a function appends to a list, or says in an error, if its frame is sent from one line to another once."""
    output, done = [], []
    first = function.__code__.co_firstlineno

    def trace(frame, happening, _):
        if not done and happening == event and frame.f_lineno == first + start and frame.f_code in codes:
            done.append(True)
            frame.f_lineno = first + end
            assert frame.f_lineno >= first + end
        return trace

    codes = [function.__code__, *(c for c in function.__code__.co_consts if hasattr(c, "co_code"))]
    sys.settrace(trace)
    try:
        function(output)
    except ValueError as error:
        output.append(str(error))
    finally:
        sys.settrace(None)
    assert done, (function, start)
    return output


def plain(output):
    output.append(1)
    output.append(2)

    output.append(4)


assert run(plain, 1, 4) == [4]
assert run(plain, 2, 3) == [1, 4]
assert run(plain, 4, 1) == [1, 2, 1, 2, 4]
first = plain.__code__.co_firstlineno
assert run(plain, 1, 5) == [f"line {first + 5} comes after the current code block"]
assert run(plain, 1, -1) == [f"line {first - 1} comes before the current code block"]
assert run(plain, 0, 1, "call") == ["can't jump from the 'call' trace event of a new frame"]
assert run(plain, 4, 1, "return") == [1, 2, 4, "can only jump from a 'line' trace event"]


def loops(output):
    for i in range(2):
        output.append(i)
        for j in range(2):
            output.append(10 + j)
            output.append(20 + j)
        output.append("inner")
    output.append("end")


assert run(loops, 4, 7) == [0, "end"]
assert run(loops, 5, 6) == [0, 10, "inner", 1, 10, 20, 11, 21, "inner", "end"]
assert run(loops, 2, 4) == ["can't jump into the body of a for loop"]
assert run(loops, 1, 2) == ["can't jump into the body of a for loop"]
assert run(loops, 4, 1) == [0, "end"]  # the end of the loop is at its line
assert run(loops, 5, 3) == [0, 10, 10, 20, 11, 21, "inner", 1, 10, 20, 11, 21, "inner", "end"]


def managers(output):
    with Managed(output, 1):
        with Managed(output, 2):
            output.append("in")
        output.append("between")
    with Managed(output, 3):
        output.append("other")
    output.append("end")


assert run(managers, 3, 4) == [1, 2, "between", -1, 3, "other", -3, "end"]
assert run(managers, 3, 7) == [1, 2, "end"]
assert run(managers, 4, 6) == [1, 2, "in", -2, "other", -1, "end"]
assert run(managers, 1, 6) == ["incompatible stacks"]


def handlers(output):
    try:
        output.append(2)
        1 / 0
    except ZeroDivisionError:
        output.append(sys.exception() is None)
        output.append(6)
    except KeyError:
        output.append(sys.exception() is None)
    finally:
        output.append(sys.exception() is None)
    output.append(sys.exception() is None)


assert run(handlers, 5, 8) == [2, False, True, True]
assert run(handlers, 6, 10) == [2, False, True, True]
assert run(handlers, 6, 11) == [2, False, True]
assert run(handlers, 1, 5) == ["can't jump into an 'except' block as there's no exception"]
assert run(handlers, 2, 10) == [True, True]


def generator(output):
    def numbers():
        output.append("a")
        yield 1
        output.append("b")
        yield 2

    output.append(list(numbers()))


assert run(generator, 3, 2, "return") == ["a", "a", "b", [1, 2]]
assert run(generator, 4, 2) == ["a", "a", "b", [1, 1, 2]]


def variables(output):
    a = 1
    squares = [i * i for i in range(3)]
    b = lambda: (a, c)
    c = 3
    output.append(squares)
    output.append(b and b())


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert run(variables, 2, 4) == [None, None]
assert [str(warning.message) for warning in caught] == ["assigning None to 3 unbound locals"], caught
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert run(variables, 3, 2) == [[0, 1, 4], (1, 3)]
assert [str(warning.message) for warning in caught] == ["assigning None to 2 unbound locals"], caught

with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        run(variables, 2, 4)
    except RuntimeWarning as warning:
        assert str(warning) == "assigning None to 3 unbound locals"
    else:
        raise AssertionError("no warning")
    finally:
        sys.settrace(None)


def hot(output):
    total = 0
    for i in range(3000):
        total += i
        if i == 2500:
            pass
    output.append(total)


def send_away(frame, event, _):
    if event == "line" and frame.f_lineno == hot.__code__.co_firstlineno + 5:
        frame.f_lineno += 1
    return send_away


for _ in range(3):
    result = []
    hot(result)
    assert result == [4498500]
    sys.settrace(send_away)
    hot(result)
    sys.settrace(None)
    assert result == [4498500, 3126250], result


def refused(value, frame=None):
    try:
        (frame or sys._getframe()).f_lineno = value
    except (ValueError, AttributeError) as error:
        return str(error)


assert refused(3) == "f_lineno can only be set in a trace function"
assert refused(True) == "lineno must be an integer"
assert refused("x") == "lineno must be an integer"
answers = []


def collect(frame, event, _):
    if frame.f_code is plain.__code__ and event == "line" and not answers:
        for value in (2.0, 1 << 40, None):
            answers.append(refused(value, frame))
        try:
            del frame.f_lineno
        except AttributeError as error:
            answers.append(str(error))
    return collect


sys.settrace(collect)
plain([])
sys.settrace(None)
assert answers == [
    "lineno must be an integer",
    "lineno out of range",
    "lineno must be an integer",
    "attribute 'f_lineno' of 'frame' objects cannot be deleted",
], answers

# `throw`, `close`, what a generator handles, and errors of generators.
import sys


def outcome(run, *arguments):
    try:
        return run(*arguments)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def plain():
    yield 1
    yield 2


g = plain()
assert next(g) == 1
assert outcome(g.throw, ValueError("thrown")) == "ValueError: thrown"
assert outcome(next, g) == "StopIteration: "
assert outcome(g.throw, KeyError("late")) == "KeyError: 'late'"
g = plain()
assert outcome(g.throw, StopIteration(5)) == "StopIteration: 5"
g = plain()
next(g)
assert outcome(g.throw, StopIteration(5)) == "RuntimeError: generator raised StopIteration"
g = plain()
assert outcome(g.send, 5) == "TypeError: can't send non-None value to a just-started generator"
for arguments, text in [
    ((5,), "TypeError: exceptions must be classes or instances deriving from BaseException, not int"),
    ((int,), "TypeError: exceptions must be classes or instances deriving from BaseException, not type"),
    ((), "TypeError: throw expected at least 1 argument, got 0"),
    ((1, 2, 3, 4), "TypeError: throw expected at most 3 arguments, got 4"),
]:
    assert outcome(plain().throw, *arguments) == text, outcome(plain().throw, *arguments)


def catching():
    value = None
    while True:
        try:
            value = yield value
        except ValueError as error:
            value = f"caught {error}"
        except GeneratorExit:
            return "closed"


g = catching()
next(g)
assert g.send(3) == 3
assert g.throw(ValueError("v")) == "caught v"
assert g.send(4) == 4
assert g.close() == "closed" and g.close() is None
assert catching().close() is None


def stubborn():
    while True:
        try:
            yield
        except GeneratorExit:
            pass


g = stubborn()
next(g)
assert outcome(g.close) == "RuntimeError: generator ignored GeneratorExit"


def stopping():
    raise StopIteration("inside")
    yield


try:
    for _ in stopping():
        pass
except RuntimeError as error:
    assert str(error) == "generator raised StopIteration"
    assert type(error.__cause__) is StopIteration and error.__context__ is error.__cause__
else:
    raise AssertionError


def running():
    yield next(itself)


itself = running()
assert outcome(next, itself) == "ValueError: generator already executing"


# What a generator handles is its own; what its caller handles shows through and does not stay.
def handling():
    yield sys.exception()
    try:
        raise KeyError("own")
    except KeyError:
        yield sys.exception()
        yield sys.exception()
    yield sys.exception()
    try:
        raise IndexError
    except IndexError as error:
        yield error.__context__


g = handling()
try:
    raise ValueError("caller")
except ValueError as error:
    caller = error
    assert next(g) is caller
own = next(g)
assert type(own) is KeyError and own.__context__ is None and sys.exception() is None
try:
    raise TypeError("second")
except TypeError as second:
    assert next(g) is own and sys.exception() is second
    assert next(g) is second
    assert next(g) is second
assert sys.exception() is None


def delegating():
    try:
        result = yield from catching()
    except KeyError as error:
        result = f"outside {error.args}"
    yield result


g = delegating()
next(g)
assert g.gi_running is False and g.gi_yieldfrom is not None and g.gi_suspended
assert g.throw(ValueError("v")) == "caught v"
assert g.throw(KeyError("k")) == "outside ('k',)"
assert g.gi_yieldfrom is None
g = delegating()
next(g)
g.close()
assert outcome(next, g) == "StopIteration: "


# Delegating to what is no generator.
class Steps:
    def __init__(self, methods):
        self.log = []
        for name in methods:
            setattr(self, name, lambda *arguments, name=name: self.log.append((name, arguments)) or name)

    def __iter__(self):
        return self

    def __next__(self):
        self.log.append("next")
        return "next"


def over(iterator):
    try:
        result = yield from iterator
    except ValueError as error:
        result = repr(error)
    yield result


steps = Steps(["send", "throw", "close"])
g = over(steps)
assert next(g) == "next" and g.send(5) == "send"
assert g.throw(ValueError) == "throw"
g.close()
assert steps.log == ["next", ("send", (5,)), ("throw", (ValueError,)), ("close", ())], steps.log
steps = Steps([])
g = over(steps)
next(g)
assert outcome(g.send, 1) == "AttributeError: 'Steps' object has no attribute 'send'"
g = over(Steps([]))
next(g)
assert g.throw(ValueError(1)) == "ValueError(1)"


class Returning:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration("result")


assert list(over(Returning())) == ["result"]


def returns_tuple():
    return (1, 2)
    yield


def uses_tuple():
    yield (yield from returns_tuple())


assert list(uses_tuple()) == [(1, 2)]
try:
    next(returns_tuple())
except StopIteration as stop:
    assert stop.value == (1, 2) and stop.args == ((1, 2),)


def named():
    yield


g = named()
g.__name__ = "other"
g.__qualname__ = "quite.other"
assert g.__name__ == "other" and repr(g).startswith("<generator object quite.other at 0x")
assert outcome(setattr, g, "__name__", 5) == "TypeError: __name__ must be set to a string object"
assert outcome(setattr, g, "gi_running", 5) == "AttributeError: attribute 'gi_running' of 'generator' objects is not writable"


# Contexts of what is raised in between.
def cleaning():
    try:
        yield
    finally:
        raise OSError("while cleaning")


g = cleaning()
next(g)
try:
    g.throw(ValueError("thrown"))
except OSError as error:
    assert repr(error.__context__) == "ValueError('thrown')"


def deep(depth):
    if depth:
        yield from deep(depth - 1)
    else:
        for turn in range(50):
            yield turn


assert sum(deep(200)) == 1225

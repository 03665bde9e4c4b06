# Loops whose instructions have no path that can be recorded: calls with keywords, exceptions, generators, with statements.
import sys
import traceback

TURNS = 3000


def with_keywords(first, *, second=2, **rest):
    return first * second + len(rest)


def calls(turns):
    total = 0
    for turn in range(turns):
        total += with_keywords(turn, second=3, third=turn, fourth=None)
        total += with_keywords(*(turn,), **{"second": 1})
        total += int("12", base=3)
    return total


assert calls(TURNS) == sum(3 * turn + 2 + turn + 5 for turn in range(TURNS))


def numbers(end):
    number = 0
    while number < end:
        got = yield number
        number += 1 if got is None else got


def chained(end):
    result = yield from numbers(end)
    assert result is None
    return end


def generators(turns):
    total = 0
    for number in numbers(turns):
        total += number
    for number in chained(turns):
        total += number
    sender = numbers(turns)
    for number in sender:
        if number % 7 == 0 and number + 3 < turns:
            total += sender.send(3)
    return total


def expected(turns):
    total, number = turns * (turns - 1), 0
    while number < turns:
        if number % 7 == 0 and number + 3 < turns:
            number += 3
            total += number
        number += 1
    return total


assert generators(TURNS) == expected(TURNS)


# One generator for several loops: it goes on in other places than it was entered from first.
def shared(turns):
    source = numbers(turns)
    seen = []
    for one in source:
        seen.append(one)
        for other in source:
            seen.append(other)
            if other % 5 == 0:
                break
    return seen


assert shared(TURNS) == list(range(TURNS))


class Odd(Exception):
    pass


def odd(number):
    if number % 2:
        raise Odd(number)
    return number


def exceptions(turns):
    total = caught = 0
    table = {number: number for number in range(0, turns, 3)}
    for turn in range(turns):
        try:
            total += odd(turn)
        except Odd as error:
            caught += 1
            assert error.__traceback__.tb_next.tb_lineno == odd.__code__.co_firstlineno + 2
        try:
            total += table[turn]
        except KeyError:
            pass
        finally:
            total += 1
    return total, caught


even, thirds = sum(range(0, TURNS, 2)), sum(range(0, TURNS, 3))
assert exceptions(TURNS) == (even + thirds + TURNS, TURNS // 2)


# An exception leaves the loop, and the function, from a place that was reached by a slow path.
def leaves(turns):
    for turn in range(turns):
        with_keywords(turn, second=1)
        if turn == turns - 1:
            odd(2 * turn + 1)


for _ in range(20):
    try:
        leaves(300)
    except Odd as error:
        lines = [entry.name for entry in traceback.extract_tb(error.__traceback__)]
        assert lines == ["<module>", "leaves", "odd"], lines
    else:
        assert False


class Managed:
    entered = left = 0

    def __enter__(self):
        Managed.entered += 1
        return self

    def __exit__(self, kind, *rest):
        Managed.left += 1
        return kind is Odd


def managers(turns):
    reached = 0
    for turn in range(turns):
        with Managed() as one, Managed():
            assert type(one) is Managed
            odd(turn)
            reached += 1
    return reached


assert managers(TURNS) == TURNS // 2
assert (Managed.entered, Managed.left) == (2 * TURNS, 2 * TURNS)


class Base:
    def method(self, add=0):
        return 1 + add


class Derived(Base):
    def method(self, add=0):
        return super().method(add=add) * 2


def supers(turns):
    total, thing = 0, Derived()
    for turn in range(turns):
        function = lambda number: thing.method(number) + turn
        total += function(turn)
        name = "turn"
        del function, name
    return total


assert supers(TURNS) == sum(2 * (1 + turn) + turn for turn in range(TURNS))


# What looks at frames finds them, with the variables as they are.
def looks(turns):
    value = 0
    for value in range(turns):
        inner(value)
    return value


def inner(value, *, own=0):
    frame = sys._getframe(1)
    assert frame.f_code.co_name == "looks" and frame.f_locals["value"] == value
    own += value
    assert locals()["own"] == value


assert looks(TURNS) == TURNS - 1


# A frame that somebody has asked for is told when it ends.
def observed(turns):
    frames = []
    for turn in range(turns):
        frames.append(kept(turn, own=turn))
    return frames


def kept(turn, *, own):
    return sys._getframe()


for turn, frame in enumerate(observed(TURNS)):
    assert frame.f_locals == {"turn": turn, "own": turn}


# Types change on the way: bridges begin behind slow paths.
def changing(values):
    total = 0
    for value in values:
        total += with_keywords(value, second=2)
    return total


mixed = [number if number % 3 else float(number) for number in range(TURNS)]
assert changing(mixed) == 2 * sum(range(TURNS))


# Recursion by generators.
def walk(tree):
    if tree is not None:
        yield from walk(tree[0])
        yield tree[1]
        yield from walk(tree[2])


def grow(low, high):
    if low >= high:
        return None
    middle = (low + high) // 2
    return grow(low, middle), middle, grow(middle + 1, high)


tree = grow(0, 500)
for _ in range(5):
    assert [number for number in walk(tree)] == list(range(500))
    seen = []
    for number in walk(tree):
        seen.append(number)
    assert seen == list(range(500))

# Special methods that a jump depends on run exactly once, whichever way the jump goes.


class Counter:
    def __init__(self):
        self.count = 0

    def turn(self):
        self.count = self.count + 1
        return self.count % 7 < 3


class Compared:
    def __init__(self, counter):
        self.counter = counter

    def __lt__(self, other):
        return self.counter.turn()

    def __eq__(self, other):
        return self.counter.turn()

    def __contains__(self, item):
        return self.counter.turn()

    def __bool__(self):
        return self.counter.turn()


class Answer:
    """Its truth is computed when asked for."""

    def __init__(self, counter, value):
        self.counter = counter
        self.value = value

    def __bool__(self):
        self.counter.count = self.counter.count + 1
        return self.value


class Rich:
    def __init__(self, counter):
        self.counter = counter

    def __gt__(self, other):
        return Answer(self.counter, self.counter.turn())


def less(value, times):
    yes = 0
    for i in range(times):
        if value < i:
            yes += 1
    return yes


def less_value(value, times):
    yes = 0
    for i in range(times):
        result = value < i
        if result is True:
            yes += 1
    return yes


def equal(value, times):
    yes = 0
    for i in range(times):
        if value == i:
            yes += 1
        if value != i:
            yes += 100
    return yes


def contained(value, times):
    yes = 0
    for i in range(times):
        if i in value:
            yes += 1
        if i not in value:
            yes += 100
    return yes


def contained_value(value, times):
    yes = 0
    for i in range(times):
        found = i in value
        missing = i not in value
        yes += found + 100 * missing
    return yes


def truth(value, times):
    yes = 0
    for i in range(times):
        if value:
            yes += 1
        if not value:
            yes += 100
        yes += 10000 * (not value)
    return yes


def rich(value, times):
    yes = 0
    for i in range(times):
        if value > i:
            yes += 1
    return yes


class Numbers:
    """An iterator that ends at irregular places and notes how often it was asked."""

    def __init__(self, counter, length):
        self.counter = counter
        self.left = length

    def __iter__(self):
        return self

    def __next__(self):
        self.counter.count = self.counter.count + 1
        if self.left == 0:
            raise StopIteration
        self.left -= 1
        return self.left


def iterate(counter, times):
    total = 0
    item = -1
    for i in range(times):
        for item in Numbers(counter, i % 5):
            total += item
        total += item
    return total


def expected(times, tests):
    turns = [count % 7 < 3 for count in range(1, times * tests + 1)]
    return turns


counter = Counter()
TIMES = 5000
assert less(Compared(counter), TIMES) == sum(expected(TIMES, 1))
assert counter.count == TIMES, counter.count

counter.count = 0
assert less_value(Compared(counter), TIMES) == sum(expected(TIMES, 1))
assert counter.count == TIMES, counter.count

counter.count = 0
turns = expected(TIMES, 2)
assert equal(Compared(counter), TIMES) == sum(turns[0::2]) + 100 * (TIMES - sum(turns[1::2]))
assert counter.count == 2 * TIMES, counter.count

counter.count = 0
assert contained(Compared(counter), TIMES) == sum(turns[0::2]) + 100 * (TIMES - sum(turns[1::2]))
assert counter.count == 2 * TIMES, counter.count

counter.count = 0
assert contained_value(Compared(counter), TIMES) == sum(turns[0::2]) + 100 * (TIMES - sum(turns[1::2]))
assert counter.count == 2 * TIMES, counter.count

counter.count = 0
turns = expected(TIMES, 3)
total = sum(turns[0::3]) + 100 * (TIMES - sum(turns[1::3])) + 10000 * (TIMES - sum(turns[2::3]))
assert truth(Compared(counter), TIMES) == total
assert counter.count == 3 * TIMES, counter.count

counter.count = 0
rich(Rich(counter), TIMES)
assert counter.count == 2 * TIMES, counter.count

counter.count = 0
total = iterate(counter, TIMES)
assert counter.count == sum(i % 5 + 1 for i in range(TIMES)), counter.count
item = -1
check = 0
for i in range(TIMES):
    for item in range(i % 5 - 1, -1, -1):
        check += item
    check += item
assert total == check, (total, check)

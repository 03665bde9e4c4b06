"""Slices and items of ranges, small and big, against lists and against the definition."""


def indices(part, length):
    """`slice.indices` by its definition."""
    step = 1 if part.step is None else part.step
    lower, upper = (-1, length - 1) if step < 0 else (0, length)

    def clip(bound, default):
        if bound is None:
            return default
        return max(bound + length, lower) if bound < 0 else min(bound, upper)

    first, last = (upper, lower) if step < 0 else (lower, upper)
    return clip(part.start, first), clip(part.stop, last), step


BOUNDS = (None, 0, 1, 3, -1, -4, 9, 10, 11, -10, -11, 1 << 40, -(1 << 40), 1 << 70, -(1 << 70))
STEPS = (None, 1, 2, 7, -1, -2, -9, 1 << 61, -(1 << 61), 1 << 80)
for numbers in (range(10), range(0), range(10, 0, -3), range(5, 50, 7), range(-3, 3)):
    items = list(numbers)
    for start in BOUNDS:
        for stop in BOUNDS:
            for step in STEPS:
                part = slice(start, stop, step)
                assert list(numbers[part]) == items[part], (numbers, part)
                assert part.indices(7) == indices(part, 7), part
    for position in range(-len(items), len(items)):
        assert numbers[position] == items[position]
    for position in (len(items), -len(items) - 1):
        try:
            numbers[position]
        except IndexError as error:
            assert str(error) == "range object index out of range"
        else:
            assert False

big = range(-(1 << 61), 1 << 61, 1 << 59)
assert [big[position] for position in range(len(big))] == list(big)
assert list(big[1:7:2]) == [-(1 << 61) + (1 << 59) * k for k in (1, 3, 5)]
assert range(1 << 62, (1 << 62) + 10)[3] == (1 << 62) + 3
assert range(0, 1 << 62, (1 << 62) - 1)[1] == (1 << 62) - 1
try:
    range(3)[::0]
except ValueError as error:
    assert str(error) == "slice step cannot be zero"

"""Exceptions caught in a hot loop."""


def half(x):
    if x % 8 == 0:
        raise ValueError(x)
    return x // 2


def run(n):
    total = 0
    for i in range(n):
        try:
            total += half(i)
        except ValueError:
            total -= 1
    return total


assert run(2_000_000) == 874999250000

"""Generators feeding loops."""


def numbers(n):
    i = 0
    while i < n:
        yield i
        i += 1


def total(n):
    result = 0
    for x in numbers(n):
        if x % 3:
            result += x
    return result


assert total(3_000_000) == 3000000000000

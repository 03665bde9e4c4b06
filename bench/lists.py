"""Lists: the sieve of Eratosthenes, then a bubble sort."""


def primes(limit):
    sieve = [True] * (limit + 1)
    sieve[0] = sieve[1] = False
    for i in range(2, int(limit**0.5) + 1):
        if sieve[i]:
            for j in range(i * i, limit + 1, i):
                sieve[j] = False
    return sum(sieve)


def bubble_sort(items):
    for end in range(len(items) - 1, 0, -1):
        for i in range(end):
            if items[i] > items[i + 1]:
                items[i], items[i + 1] = items[i + 1], items[i]
    return items


assert primes(3_000_000) == 216816
items = [(i * 7919) % 1009 for i in range(1500)]
assert bubble_sort(items[:]) == sorted(items)

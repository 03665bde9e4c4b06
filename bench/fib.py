"""Calls: the naive recursive Fibonacci numbers."""


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


assert fib(32) == 2178309

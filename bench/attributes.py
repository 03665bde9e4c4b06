"""Attributes and methods of instances."""


class Counter:
    def __init__(self, step):
        self.step = step
        self.value = 0

    def advance(self):
        self.value += self.step


def run(n):
    counter = Counter(3)
    for _ in range(n):
        counter.advance()
        counter.value = counter.value % 1000003
    return counter.value


assert run(2_000_000) == 999985

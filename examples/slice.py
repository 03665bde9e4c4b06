"""A program that touches most of what Typhon does: functions, classes, loops, lists, exceptions.

Every loop runs long enough to be compiled. The results are checked at the end.
"""


class Particle:
    """Something that moves along a line and bounces off its ends."""

    def __init__(self, position, speed):
        self.position = position
        self.speed = speed
        self.bounces = 0

    def move(self, time):
        self.position = self.position + self.speed * time
        if self.position < 0.0:
            self.position = -self.position
            self.bounce()
        elif self.position > 1.0:
            self.position = 2.0 - self.position
            self.bounce()

    def bounce(self):
        self.speed = -self.speed
        self.bounces += 1


class Charged(Particle):
    """A particle that counts what it has gained."""

    charge = 3

    def gain(self):
        return self.bounces * self.charge


def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def sum_of_squares(n):
    total = 0
    for i in range(n):
        total += i * i
    return total


def approximate_pi(n):
    total = 0.0
    sign = 1.0
    for i in range(n):
        total += sign / (2 * i + 1)
        sign = -sign
    return 4.0 * total


def primes(limit):
    found = []
    for candidate in range(2, limit):
        for prime in found:
            if prime * prime > candidate:
                found.append(candidate)
                break
            if candidate % prime == 0:
                break
        else:
            found.append(candidate)
    return found


def checked_divide(a, b):
    if b == 0:
        raise ZeroDivisionError("nothing to divide by")
    return a // b


def divide_all(n):
    total = failures = 0
    for i in range(n):
        try:
            total += checked_divide(n, i % 10)
        except ZeroDivisionError:
            failures += 1
    return total, failures


def simulate(steps):
    particle = Charged(0.5, 0.125)
    for _ in range(steps):
        particle.move(0.25)
    return particle


def main():
    particle = simulate(100_000)
    total, failures = divide_all(10_000)
    results = [
        ("fibonacci", fibonacci(18), 2584),
        ("sum of squares", sum_of_squares(100_000), 333328333350000),
        ("past 64 bits", sum_of_squares(30_000) ** 2, 80991900292495500025000000),
        ("pi", round(approximate_pi(100_000), 4), 3.1416),
        ("primes", len(primes(10_000)), 1229),
        ("quotients", total, 28288000),
        ("failures", failures, 1000),
        ("bounces", particle.bounces, 3125),
        ("position", particle.position, 0.5),
        ("gain", particle.gain(), 9375),
    ]
    wrong = 0
    for name, found, expected in results:
        if found == expected:
            print(f"{name}: {found}")
        else:
            wrong += 1
            print(f"{name}: expected {expected}, found {found}")
    if wrong:
        raise SystemExit(f"{wrong} results are wrong")
    print("all results are right")


main()

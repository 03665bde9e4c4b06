# Loops over ints that are compiled, and what ends or changes them.


def count(n):
    total = 0
    i = 0
    while i < n:
        total = total + i
        i += 1
    return total


assert count(0) == 0
assert count(1) == 0
assert count(20000) == 199990000


def doubling(n):
    # Leaves the small ints in the middle of a hot loop.
    x = 1
    for i in range(n):
        x = x * 2
    return x


assert doubling(10) == 1024
assert doubling(400) == 1 << 400
assert doubling(61) == 2305843009213693952
assert doubling(62) == 4611686018427387904
assert doubling(64) == 18446744073709551616


def climb(start, n):
    x = start
    for i in range(n):
        x += 1
    return x


top = 2**61
assert climb(top - 500, 1000) == top + 500
assert climb(-top - 500, 1000) == -top + 500
assert climb(2**63 - 500, 1000) == 2**63 + 500


def fall(start, n):
    x = start
    for i in range(n):
        x -= 1
    return x


assert fall(-top + 500, 1000) == -top - 500
assert fall(top + 500, 1000) == top - 500


def products(n):
    x = 3037000500
    total = 0
    for i in range(n):
        total += x * (x + i)
    return total


assert products(300) == 2767011747309547425000


def collatz(limit):
    longest = 0
    best = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
            best = start
    return best, longest


assert collatz(2000) == (1161, 181)


def divisions(n):
    total = 0
    for i in range(-n, n):
        total += i // 7 * 3 + i % 7 - (-i) // 5 + (-i) % 5
        total += i // -7 + i % -7
    return total


assert divisions(500) == 444


def bits(n):
    x = 0
    for i in range(n):
        x = (x ^ (i << 3)) & 0xFFFFFF | (i >> 2) & 5
        x = x + (~i & 7)
    return x


assert bits(3000) == 1791


def shifts(n):
    total = 0
    for i in range(n):
        total += 1 << (i % 80)
        total ^= -1 >> i
    return total


assert shifts(200) == -805950546410119287013375

low = []
for i in range(300):
    if i % 3 == 0 and i % 5 == 0:
        low.append(i)
    elif i > 280:
        break
else:
    low.append(-1)
assert low == [0, 15, 30, 45, 60, 75, 90, 105, 120, 135, 150, 165, 180, 195, 210, 225, 240, 255, 270], low
assert i == 281


def primes(n):
    sieve = [True] * (n + 1)
    sieve[0] = sieve[1] = False
    i = 2
    while i * i <= n:
        if sieve[i]:
            for j in range(i * i, n + 1, i):
                sieve[j] = False
        i += 1
    return sum(sieve)


assert primes(20000) == 2262


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


total = 0
for a in range(1, 60):
    for b in range(1, 60):
        total += gcd(a, b)
assert total == 9500


def backwards(n):
    total = 0
    for i in range(n, 0, -3):
        total = total * 3 + i
        total %= 1000003
    return total


assert backwards(2000) == 661517


def with_bool(n):
    flag = True
    total = 0
    for i in range(n):
        total += flag
        flag = not flag
        total += i == 7
    return total


assert with_bool(1001) == 502

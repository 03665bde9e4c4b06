# Loops over floats, and loops whose types change while they are hot.


def harmonic(n):
    total = 0.0
    for i in range(1, n + 1):
        total += 1.0 / i
    return total


assert harmonic(10000) == 9.787606036044348


def mean(n):
    x = 0.5
    total = 0.0
    i = 0
    while i < n:
        x = 3.7 * x * (1.0 - x)
        total = total + x
        i = i + 1
    return total / n


assert mean(5000) == 0.6677504593087606


def int_to_float(n):
    total = 0
    for i in range(n):
        if i == n // 2:
            total = total + 0.5
        total = total + 1
    return total


assert int_to_float(10) == 10.5
assert int_to_float(2000) == 2000.5


def float_to_int(n):
    x = 0.25
    for i in range(n):
        x = x + 1
        if i == n - 10:
            x = 3
    return x


assert float_to_int(1000) == 12
assert type(float_to_int(1000)) is int


def alternating(n):
    x = 0
    for i in range(n):
        if i % 2:
            x = x + 1
        else:
            x = x + 1.0
    return x


assert alternating(1000) == 1000.0


def mixed(n):
    total = 0
    for item in [1, 2.5, True, 2**70, -1] * n:
        total = total + item * 2
    return total


assert mixed(1) == 2.3611832414348226e+21
assert mixed(100) == 2.3611832414348226e+23


def extreme(n):
    # Floats beyond what fits the value word, infinities and nans.
    x = 1e300
    smallest = 1.0
    for i in range(n):
        x = x * 1.5
        smallest = smallest / 3.0
    return x, smallest


big, small = extreme(500)
assert big == float("inf")
assert small == 2.7502529562031405e-239
big, small = extreme(800)
assert small == 0.0


def nans(n):
    nan = float("nan")
    equal = 0
    different = 0
    less = 0
    for i in range(n):
        if nan == nan:
            equal += 1
        if nan != nan:
            different += 1
        if nan < i or nan >= i:
            less += 1
    return equal, different, less


assert nans(500) == (0, 500, 0)


def zeros(n):
    x = -0.0
    for i in range(n):
        x = x * 1.0
    return x


assert str(zeros(500)) == "-0.0"
assert str(zeros(500) + 0.0) == "0.0"


def mandelbrot(size, limit):
    inside = 0
    for row in range(size):
        for column in range(size):
            cr = 2.0 * column / size - 1.5
            ci = 2.0 * row / size - 1.0
            zr = zi = 0.0
            for i in range(limit):
                zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
                if zr * zr + zi * zi > 4.0:
                    break
            else:
                inside += 1
    return inside


assert mandelbrot(40, 50) == 633


def floor_and_remainder(n):
    total = 0.0
    for i in range(-n, n):
        x = i * 0.37
        total += x // 0.5 + x % 0.5 - (-x) // 0.7 - x % -0.7
    return total


assert floor_and_remainder(700) == -42.70000000003847


def powers(n):
    total = 0.0
    for i in range(n):
        total += i**2 + 2.0**-i + i**0.5
    return total


assert powers(200) == 2648580.3420754056


def comparisons(n):
    count = 0
    for i in range(n):
        x = i / 2
        if x == i // 2:
            count += 1
        if x <= 10 or x > 100.5:
            count += 10
        if i < x:
            count += 1000
    return count


assert comparisons(400) == 2390


def divide(values):
    failed = 0
    total = 0.0
    for value in values:
        try:
            total += 1.0 / value
        except ZeroDivisionError as error:
            assert str(error) == "division by zero"
            failed += 1
    return total, failed


assert divide([1, 2.0, 4, 0, 0.0] * 200) == (350.0, 400)

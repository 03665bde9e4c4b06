# Shapes of control flow: nested loops, early exits, bridges, loops that change what they do.


def nested(n):
    total = 0
    for i in range(n):
        for j in range(i):
            for k in range(3):
                total += i ^ j ^ k
    return total


assert nested(60) == 169290


def triangle(n):
    i = 0
    total = 0
    while i < n:
        j = 0
        while j < i:
            total += j
            j += 1
        i += 1
    return total


assert triangle(120) == 280840


def find(items, wanted):
    for index, item in enumerate(items):
        if item == wanted:
            return index
    return -1


numbers = list(range(3000))
assert find(numbers, 2500) == 2500
assert find(numbers, 0) == 0
assert find(numbers, -5) == -1


def many_branches(n):
    counts = [0] * 8
    for i in range(n):
        if i % 2:
            if i % 3:
                counts[0] += 1
            else:
                counts[1] += 1
        elif i % 5 == 0:
            counts[2] += 1
            if i % 25 == 0:
                counts[3] += 1
        elif i % 7 == 0:
            counts[4] += i
            continue
        else:
            counts[5] += 1
        counts[6] += i % 11
        if i == n - 2:
            break
        counts[7] += 1
    return counts


assert many_branches(5000) == [1667, 833, 500, 100, 715722, 1714, 23559, 4714]


def phases(n):
    # Each phase takes another way through the loop.
    state = "start"
    log = []
    count = 0
    for i in range(n):
        if state == "start":
            count += 1
            if count == 300:
                state = "middle"
                log.append(i)
        elif state == "middle":
            count += 2
            if count > 1200:
                state = "end"
                log.append(i)
        else:
            count -= 1
            if count == 0:
                state = "start"
                log.append(i)
    return log, count


assert phases(5000) == ([299, 750, 1952, 2252, 2703, 3905, 4205, 4656], 859)


def returns_from_inner(n):
    for i in range(n):
        for j in range(n):
            if i * j == 1517:
                return i, j
    return None


assert returns_from_inner(50) == (37, 41)
assert returns_from_inner(10) is None


def while_else(n):
    i = 0
    while i < n:
        if i == 10000:
            break
        i += 1
    else:
        return "else"
    return "break"


assert while_else(9000) == "else"
assert while_else(11000) == "break"


def inner_function_loops(n):
    def inner(m):
        total = 0
        for i in range(m):
            total += i
        return total

    return sum([inner(i) for i in range(n)])


assert inner_function_loops(200) == 1313400


def loop_in_call_in_loop(n):
    def digits(x):
        count = 0
        while x:
            x //= 10
            count += 1
        return count

    total = 0
    for i in range(n):
        total += digits(i * 997)
    return total


assert loop_in_call_in_loop(3000) == 19879


def swap_loops(n):
    a, b, c = 0, 1, 2
    for i in range(n):
        a, b, c = b, c, a
    return a, b, c


assert swap_loops(3001) == (1, 2, 0)


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


assert fibonacci(90) == 2880067194370816120
assert fibonacci(91) == 4660046610375530309
assert fibonacci(300) == 222232244629420445529739893461909967206666939096499764990979600


def chained_comparison(n):
    count = 0
    for i in range(n):
        if 100 <= i < 200 or 300 < i <= 400 != 350:
            count += 1
    return count


assert chained_comparison(1000) == 200


def conditional_expressions(n):
    total = 0
    for i in range(n):
        total += (1 if i % 2 else -1) if i % 3 else (i and 2 or 3)
        total += not i % 4
        total += i is None
        total += (None or i) is not None
    return total


assert conditional_expressions(2000) == 3836


def is_and_none(n):
    found = None
    switches = 0
    for i in range(n):
        if found is None:
            found = i
            switches += 1
        elif found is not None and i - found > 10:
            found = None
    return switches


assert is_and_none(2000) == 167


def zero_turns(n):
    total = 0
    for i in range(n):
        for j in range(0):
            total += 1
        for j in range(i % 2):
            total += 10
    return total


assert zero_turns(1000) == 5000


def long_body(n):
    a = b = c = d = e = f = g = h = 1
    for i in range(n):
        a = (a + b * 3) % 1009
        b = (b + c * 5) % 1013
        c = (c + d * 7) % 1019
        d = (d + e * 11) % 1021
        e = (e + f * 13) % 1031
        f = (f + g * 17) % 1033
        g = (g + h * 19) % 1039
        h = (h + a * 23) % 1049
        p = a + b + c + d
        q = e + f + g + h
        r = p * q - a * h
        s = r % 97 + p % 89
        t = s if s > 50 else -s
        a += t % 3
        x, y, z, w = a ^ b, c | d, e & f, g ^ h
        h += (x + y + z + w) % 7
    return a, b, c, d, e, f, g, h


assert long_body(2000) == (239, 216, 253, 814, 964, 934, 277, 484)


def match_loop(n):
    counts = [0, 0, 0, 0]
    for i in range(n):
        match i % 5:
            case 0:
                counts[0] += 1
            case 1 | 2:
                counts[1] += 1
            case x if x == 3:
                counts[2] += 1
            case _:
                counts[3] += 1
    return counts


assert match_loop(1000) == [200, 400, 200, 200]

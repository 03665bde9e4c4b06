# Globals that change while a compiled loop relies on them.

scale = 2
calls = 0


def bump():
    global scale
    scale += 1


def scaled(n):
    total = 0
    for i in range(n):
        total += scale
        if i % 1000 == 999:
            bump()
    return total


assert scaled(5000) == 1000 * (2 + 3 + 4 + 5 + 6)
assert scale == 7


def work(i):
    return i


def replaced(n):
    global work
    total = 0
    for i in range(n):
        total += work(i)
        if i == 1500:
            work = lambda i: -i
    return total


assert replaced(3000) == sum(range(1501)) - sum(range(1501, 3000))


def counting(n):
    global calls
    for i in range(n):
        calls += 1
    return calls


assert counting(5000) == 5000
assert counting(5000) == 10000


def shadowed(n):
    # A global appears where a builtin was used.
    total = 0
    for i in range(n):
        total += abs(-i)
        if i == 1000:
            globals()["abs"] = lambda x: 0
        elif i == 2000:
            del globals()["abs"]
    return total


assert shadowed(3000) == sum(range(1001)) + sum(range(2001, 3000))


def deleted(n):
    global gone
    gone = 1
    total = 0
    for i in range(n):
        try:
            total += gone
        except NameError as error:
            assert str(error) == "name 'gone' is not defined"
            total += 1000
            gone = 5
        if i == 700:
            del gone
    return total


assert deleted(1000) == 3191


def types(n):
    global slot
    slot = 1
    total = 0
    for i in range(n):
        total += slot * 2
        if i == 500:
            slot = 1.5
        elif i == 1000:
            slot = 2**80
        elif i == 1500:
            slot = True
    return total


assert types(2000) == 1.2089258196146292e+27


def cells(n):
    step = 1

    def change():
        nonlocal step
        step = step * 2

    total = 0
    for i in range(n):
        total += step
        if i % 500 == 499:
            change()
    return total


assert cells(2000) == 500 * 15

i = 0
limit = 3000
seen = 0
while i < limit:
    i += 1
    seen += i
    if i == 2000:
        limit = 2500
assert (i, seen) == (2500, 3126250)

# The order of a namespace is that in which its variables were bound, whoever has asked for them before.
def reads():
    return early_read, late_read

for _ in range(2):
    try:
        reads()
    except NameError:
        pass
late_read = 1
middle = 2
early_read = 3
assert [name for name in globals() if name in ("late_read", "middle", "early_read")] == ["late_read", "middle", "early_read"]
del late_read
globals()["late_read"] = 4
assert [name for name in globals() if name in ("late_read", "middle", "early_read")] == ["middle", "early_read", "late_read"]
assert reads() == (3, 4)

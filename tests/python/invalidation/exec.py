# A global is changed by `exec` while compiled code relies on it.

scale = 7


def by_exec(n):
    total = 0
    for i in range(n):
        total += scale
        if i == 600:
            exec("scale = 100", globals())
    return total


assert by_exec(1000) == 7 * 601 + 100 * 399

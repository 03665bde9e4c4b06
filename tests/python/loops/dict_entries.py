# Loops over dicts, sets and their views, also while they change, and with entries that have been removed.
def total(source):
    sum = 0
    for item in source:
        sum += item
    return sum


def pairs(source):
    result = []
    for key, value in source.items():
        result.append((value, key))
    return result


numbers = {n: n * 2 for n in range(50)}
for _ in range(40):
    assert total(numbers) == 1225 and total(numbers.values()) == 2450
    assert total(set(numbers)) == 1225 and total(frozenset(numbers)) == 1225
    assert pairs({"a": 1, "b": 2}) == [(1, "a"), (2, "b")]
for n in range(0, 50, 3):
    del numbers[n]
for _ in range(40):
    assert total(numbers) == 1225 - sum(range(0, 50, 3))
    assert len(pairs(numbers)) == 33
assert total({}) == total(set()) == 0
emptied = {1: 1}
emptied.clear()
assert total(emptied) == 0 and pairs(emptied) == []


def changing(source, change):
    seen = []
    try:
        for item in source:
            seen.append(item)
            change(item)
    except RuntimeError as error:
        return seen, str(error)
    return seen, ""


for _ in range(30):
    growing = {1: 1, 2: 2}
    assert changing(growing, lambda item: growing.setdefault(item + 10)) == (
        [1],
        "dictionary changed size during iteration",
    )
    members = {1}
    assert changing(members, lambda item: members.add(item + 1)) == ([1], "Set changed size during iteration")
    cleared = {1: 1, 2: 2}
    assert changing(cleared, lambda item: cleared.clear())[1] == "dictionary changed size during iteration"
    # The same number of entries, but other ones.
    moving = {1: 1, 2: 2}

    def move(item):
        if item < 3:
            del moving[item]
            moving[item + 10] = 0

    assert changing(moving, move)[1] == "dictionary keys changed during iteration"


# Globals are cells.
def names():
    count = 0
    for name in globals():
        if name.startswith("test_"):
            count += 1
    return count


test_one = test_two = 0
for _ in range(30):
    assert names() == 2
del test_two
assert names() == 1

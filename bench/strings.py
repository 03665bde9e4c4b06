"""Strings and dicts: counting words."""

TEXT = "the quick brown fox jumps over the lazy dog and the cat sleeps on "


def count(times):
    found = {}
    for i in range(times):
        for word in TEXT.split():
            key = word + str(i % 5)
            found[key] = found.get(key, 0) + 1
    return found


result = count(60_000)
assert len(result) == 60 and result["the0"] == 36000

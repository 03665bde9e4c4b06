# Operators of sets choose among keys by what their hashes and comparisons say, however much of that needs code of the program's.


class Odd:
    """Equals whatever has the same remainder, which only its method knows."""

    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return self.number % 4

    def __eq__(self, other):
        return isinstance(other, Odd) and self.number % 4 == other.number % 4


def check(lhs, rhs):
    a, b = set(lhs), set(rhs)
    both = [item for item in a if item in b]
    left = [item for item in a if item not in b]
    right = [item for item in b if item not in a]
    assert len(a & b) == len(both) and all(item in (a & b) for item in both)
    assert len(a - b) == len(left) and all(item in (a - b) for item in left)
    assert len(a ^ b) == len(left) + len(right) and all(item in (a ^ b) for item in left + right)
    assert (a <= b) == (not left) and (a >= b) == (not right)
    assert (a < b) == (not left and bool(right)) and a.isdisjoint(b) == (not both)
    assert frozenset(a) & b == a & b and len(a | b) == len(both) + len(left) + len(right)
    shrunk = set(a)
    for item in list(shrunk)[::2]:
        shrunk.discard(item)
    assert shrunk & b == {item for item in shrunk if item in b}
    assert shrunk - b == {item for item in shrunk if item not in b}
    assert shrunk <= a and (a <= shrunk) == (len(a) == len(shrunk))
    result = a & b
    result.add("new")
    result.update(range(50))
    assert "new" in result and 49 in result


numbers = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]
texts = ["a", "b", "ab", "x" * 40, "".join(["a", "b"])]
for size in range(13):
    check(numbers[:size], numbers[3:])
    check(range(size * 40), range(100, 300, 3))
    check(texts[: size % 6], texts[2:] + numbers[:size])
    check([1.0, 2, True, (1, 2), (1, (2, 3))][: size % 6], [1, 2.0, (1, 2), (1, (2, 3)), 7])
    check([Odd(n) for n in range(size)], [Odd(n) for n in range(2, 9)] + numbers)
    check([Odd(5), 1, 2, "a"], [1, Odd(9), "a", size])
    check(range(200), range(150))
print("done")  # expect: done

# A deque against a list that does the same; subclasses; changes during iteration.
from _collections import deque, defaultdict, _count_elements


def random_numbers(seed):
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed >> 8


def run(limit, turns):
    numbers = random_numbers(turns)
    ours, model = deque(maxlen=limit), []
    for turn in range(turns):
        action = next(numbers) % 11
        n = next(numbers) % 50
        if action <= 1:
            ours.append(n)
            model.append(n)
            if limit is not None and len(model) > limit:
                del model[0]
        elif action <= 3:
            ours.appendleft(n)
            model.insert(0, n)
            if limit is not None and len(model) > limit:
                del model[-1]
        elif action == 4 and model:
            assert ours.pop() == model.pop()
        elif action == 5 and model:
            assert ours.popleft() == model.pop(0)
        elif action == 6:
            k = n - 25
            ours.rotate(k)
            if model:
                k %= len(model)
                model = model[-k:] + model[:-k] if k else model
        elif action == 7 and model:
            at = n % len(model)
            del ours[at]
            del model[at]
        elif action == 8 and (limit is None or len(model) < limit):
            ours.insert(n - 25, turn)
            model.insert(n - 25, turn)
        elif action == 9 and model:
            at = n % len(model) - (len(model) if n % 2 else 0)
            ours[at] = -n
            model[at] = -n
        elif action == 10 and n < 4:
            ours.reverse()
            model.reverse()
        assert len(ours) == len(model)
        if turn % 7 == 0:
            assert list(ours) == model and list(reversed(ours)) == model[::-1]
    assert [ours[i] for i in range(len(ours))] == model
    assert ours.count(0) == model.count(0)


run(None, 2000)
run(5, 1000)
run(0, 200)
run(16, 2000)

d = deque(range(3))
d.extend(d)
assert list(d) == [0, 1, 2, 0, 1, 2]
d.extendleft("ab")
assert list(d) == ["b", "a", 0, 1, 2, 0, 1, 2]
assert d.copy() == d and d.copy() is not d and d < d + deque([1])
assert deque([1, 2]) * 3 == deque([1, 2, 1, 2, 1, 2])
assert deque([1, 2, 3], 4) * 3 == deque([3, 1, 2, 3])
d = deque()
d.append(d)
assert repr(d) == "deque([[...]])"


class Named(deque):
    def __init__(self, items=(), name=None):
        super().__init__(items)
        self.name = name


n = Named([1, 2], "x")
n.append(3)
assert n.name == "x" and list(n) == [1, 2, 3] and repr(n) == "Named([1, 2, 3])"
assert type(n.copy()) is Named and n.copy().name is None
assert n.__reduce__()[:3] == (Named, (), {"name": "x"})

it = iter(d)
d.append(1)
try:
    next(it)
    assert False
except RuntimeError as error:
    assert str(error) == "deque mutated during iteration"

words = defaultdict(list)
for word in "to be or not to be".split():
    words[len(word)].append(word)
assert words == {2: ["to", "be", "or", "to", "be"], 3: ["not"]}
assert repr(words) == "defaultdict(<class 'list'>, {2: ['to', 'be', 'or', 'to', 'be'], 3: ['not']})"
assert words.copy() == words and type(words.copy()) is defaultdict and words.copy().default_factory is list
words.default_factory = None
try:
    words[9]
    assert False
except KeyError as error:
    assert error.args == (9,)


class Counts(dict):
    def get(self, key, default):
        return super().get(key, default) + 100


counts = {}
_count_elements(counts, "hello")
assert counts == {"h": 1, "e": 1, "l": 2, "o": 1}
counts = Counts()
_count_elements(counts, "aa")
assert counts == {"a": 202}


def shape(value):
    match value:
        case [first, *_]:
            return first
        case _:
            return None


assert shape(deque("ab")) == "a" and shape("ab") is None and shape(deque()) is None

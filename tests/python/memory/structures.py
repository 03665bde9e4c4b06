# Programs that make much garbage and keep some: trees, linked lists, graphs, cycles.


class Tree:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def check(self):
        if self.left is None:
            return 1
        return 1 + self.left.check() + self.right.check()


def make(depth):
    if depth == 0:
        return Tree(None, None)
    return Tree(make(depth - 1), make(depth - 1))


long_lived = make(10)
checked = 0
for i in range(12):
    checked += make(8).check()
assert checked == 12 * 511
assert long_lived.check() == 2047


class Link:
    def __init__(self, value, next):
        self.value = value
        self.next = next


def linked(n):
    head = None
    for i in range(n):
        head = Link(i, head)
    total = 0
    while head:
        total += head.value
        head = head.next
    return total


assert linked(20000) == 199990000


def reverse(head):
    result = None
    while head is not None:
        head.next, result, head = result, head, head.next
    return result


head = None
for i in range(5000):
    head = Link(i, head)
head = reverse(reverse(reverse(head)))
assert head.value == 0 and head.next.value == 1


class Node:
    pass


def cycles(n):
    kept = []
    for i in range(n):
        a, b = Node(), Node()
        a.other, b.other = b, a
        a.items = [a, b, {"self": a}]
        a.number = i
        if i % 100 == 0:
            kept.append(a)
    return kept


kept = cycles(3000)
assert len(kept) == 30
for i, node in enumerate(kept):
    assert node.number == i * 100
    assert node.other.other is node and node.items[2]["self"] is node


def old_to_young(n):
    # An old object is changed again and again to refer to new ones.
    holder = Node()
    holder.items = [None] * 50
    holder.table = {}
    for i in range(n):
        holder.items[i % 50] = [i, str(i)]
        holder.table[i % 70] = (i, [i])
        holder.last = Link(i, holder.items[(i + 1) % 50])
    return holder


holder = old_to_young(8000)
assert sorted(item[0] for item in holder.items) == list(range(7950, 8000))
assert all(item == [item[0], str(item[0])] for item in holder.items)
assert all(value[0] == value[1][0] and value[0] % 70 == key for key, value in holder.table.items())
assert holder.last.value == 7999


def strings(n):
    parts = []
    for i in range(n):
        text = "x" * (i % 50) + str(i)
        if i % 7 == 0:
            parts.append(text)
    return "".join(parts)


assert len(strings(5000)) == 20235


def floats(n):
    # Floats that do not fit the value word are objects.
    big = []
    x = 1e200
    for i in range(n):
        x = x * 1.001
        if i % 50 == 0:
            big.append(x)
        if x > 1e300:
            x = 1e200
    return sum(big)


assert floats(5000) == 2.872287253278697e+203


def big_ints(n):
    kept = []
    x = 1
    for i in range(n):
        x = x * 3 + i
        if i % 20 == 0:
            kept.append(x)
        if i % 200 == 0:
            x = 1
    return sum(kept)


assert big_ints(1000) == 161227691324499884851946600995098915182668090184376162885031904226825290684853815953347574867062902


def closures(n):
    kept = []
    for i in range(n):
        value = [i]

        def f():
            return value[0] + i

        if i % 100 == 0:
            kept.append((f, f()))
    return kept


assert all(result == 2 * n * 100 for n, (_, result) in enumerate(closures(3000)))


def suspended(n):
    def numbers(start):
        for i in range(start, start + 3):
            yield [i]

    waiting = []
    total = 0
    for i in range(n):
        g = numbers(i)
        next(g)
        waiting.append(g)
        if len(waiting) > 50:
            total += next(waiting.pop(0))[0]
    return total


assert suspended(2000) == 1902225


def queue(n):
    items = []
    total = 0
    for i in range(n):
        items.append(Link(i, None))
        if len(items) > 100:
            total += items.pop(0).value
    return total


assert queue(5000) == 12002550


def exceptions(n):
    total = 0
    for i in range(n):
        try:
            raise ValueError([i])
        except ValueError as error:
            total += error.args[0][0]
    return total


assert exceptions(2000) == 1999000

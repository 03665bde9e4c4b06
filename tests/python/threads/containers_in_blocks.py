# Lists, dicts and sets inside atomic blocks: an attempt that fails leaves no trace, and what commits is what the operations say.
import random
import threading
from transaction import atomic

class Abandon(Exception):
    pass

class Box:
    pass

# The same operations inside and outside of blocks.
def list_step(items, choice, number):
    n = len(items)
    if choice == 0:
        items.append(number)
    elif choice == 1:
        items.insert(number % (n + 1), number)
    elif choice == 2 and n:
        return items.pop(number % n)
    elif choice == 3 and n:
        items[number % n] = number
    elif choice == 4 and n:
        del items[number % n]
    elif choice == 5:
        return items[number % 5:number % 9]
    elif choice == 6:
        del items[number % 7:number % 11]
    elif choice == 7:
        return (number % 10 in items, items.count(3), bool(items))
    elif choice == 8:
        return [item for item in items]
    elif choice == 9:
        items.reverse()
        return items.copy()
    elif choice == 10:
        items[1:2] = (number, number + 1)
    elif choice == 11:
        try:
            return items.index(number % 10)
        except ValueError as error:
            return str(error)
    elif choice == 12:
        try:
            items[n + 3]
        except IndexError as error:
            return str(error)
    elif choice == 13:
        total = 0
        for item in items:
            total += item
            if total > 100:
                break
        return total
    elif choice == 14 and n > 30:
        items.clear()
    return n

def dict_step(table, choice, number):
    key = number % 13
    if choice == 0:
        table[key] = number
    elif choice == 1:
        table[key] = table.get(key, 0) + 1
    elif choice == 2:
        return table.pop(key, None)
    elif choice == 3:
        return key in table, key not in table
    elif choice == 4:
        return table.setdefault(key, number)
    elif choice == 5 and key in table:
        del table[key]
    elif choice == 6:
        try:
            return table[key]
        except KeyError as error:
            return str(error)
    elif choice == 7:
        return table.copy()
    elif choice == 8:
        table[str(key)] = (key, number)
    elif choice == 9:
        table[1.5, key] = number
    elif choice == 10 and len(table) > 12:
        return table.popitem()
    elif choice == 11 and len(table) > 20:
        table.clear()
    return len(table)

def set_step(numbers, choice, number):
    key = number % 17
    if choice == 0:
        numbers.add(key)
    elif choice == 1:
        numbers.discard(key)
    elif choice == 2:
        try:
            numbers.remove(key)
        except KeyError as error:
            return str(error)
    elif choice == 3:
        return key in numbers, len(numbers)
    elif choice == 4:
        return numbers.copy()
    return not numbers

def compare(step, make, choices):
    rng = random.Random(7)
    for round in range(60):
        inside, outside = make(), make()
        for _ in range(10):
            plan = [(rng.randrange(choices), rng.randrange(1000)) for _ in range(rng.randrange(1, 8))]
            expected = [step(outside, choice, number) for choice, number in plan]
            results = []
            with atomic:
                for choice, number in plan:
                    results.append(step(inside, choice, number))
            assert results == expected, (plan, results, expected)
            assert inside == outside, (plan, inside, outside)

compare(list_step, list, 15)
compare(dict_step, dict, 12)
compare(set_step, set, 6)

# What is made in a block, and containers within containers.
class Node:
    def __init__(self, key, left=None):
        self.key = key
        self.left = left
        self.items = []

with atomic:
    node = Node(1, Node(2))
    node.items.append(node.left)
    node.left.items.append([1, 2, 3])
    node.left.items[0].append(4)
    node.more = {"a": node.items}
    node.more["a"].append("last")
assert node.items == [node.left, "last"] and node.left.items == [[1, 2, 3, 4]] and node.more["a"] is node.items

# Iterating over a list that grows, and over one that was changed before.
with atomic:
    items = [1, 2, 3]
    seen = []
    for item in items:
        seen.append(item)
        if len(items) < 6:
            items.append(item * 10)
assert seen == items == [1, 2, 3, 10, 20, 30]

# A key that runs code, which may change the container it is looked for in.
table = {}

class Key:
    def __hash__(self):
        return 1
    def __eq__(self, other):
        table["changed"] = True
        return self is other

first, second = Key(), Key()
table[first] = 1
with atomic:
    assert table.get(second) is None
assert table["changed"] and len(table) == 2
with atomic:
    table[second] = 2
assert table[second] == 2

# Threads that change the same containers: nothing is lost and nothing is seen half done.
accounts = [100] * 10
log = []
totals = {}
members = set()

def transfer(seed):
    rng = random.Random(seed)
    for turn in range(150):
        a, b, amount = rng.randrange(10), rng.randrange(10), rng.randrange(20)
        with atomic:
            accounts[a] -= amount
            accounts[b] += amount
            log.append((seed, turn))
            totals[seed] = totals.get(seed, 0) + 1
            members.add((seed, turn % 50))

def audit():
    for _ in range(100):
        with atomic:
            total = 0
            for amount in accounts:
                total += amount
            entries = len(log)
            counted = 0
            for seed in range(3):
                counted += totals.get(seed, 0)
            assert total == 1000, total
            assert entries == counted, (entries, counted)

threads = [threading.Thread(target=transfer, args=(seed,)) for seed in range(3)] + [threading.Thread(target=audit)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(accounts) == 1000 and len(log) == 450 and totals == {0: 150, 1: 150, 2: 150} and len(members) == 150
for seed in range(3):
    assert [turn for who, turn in log if who == seed] == list(range(150))

# Outside of blocks others write in between: blocks run again or wait.
queue = []

def produce():
    for number in range(400):
        queue.append(number)

taken = []

def consume():
    while len(taken) < 400:
        with atomic:
            if queue:
                taken.append(queue.pop(0))

threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert taken == list(range(400)) and queue == []

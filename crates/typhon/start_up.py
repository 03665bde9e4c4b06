"""Writes start-up.txt, the functions that a short run executes, those of an ordinary program besides, those of the compiler of
traces, and what else their names may mean, with empty lines between these lists: `python3 start_up.py TYPHON > start-up.txt`.

TYPHON is a release build. Needs valgrind. The lists only choose where functions lie in the binary (see build.rs): what is
missing from them, or gone, costs a page of memory and nothing else, so they need not follow every change of the sources.
"""

import re
import subprocess
import sys
import tempfile

SOURCE = '''
"""A module with a docstring."""
from __future__ import annotations
import os.path as path
from collections import deque, OrderedDict

class Tree:
    """A class
    with a docstring.
    """
    __slots__ = ("left", "right")
    count: int = 0

    def __init__(self, left: object, right=None, *rest, key=lambda item: item, **more) -> None:
        self.left, self.right = left, right

    def __iter__(self):
        while True:
            try:
                yield self.left
            except (ValueError, TypeError) as error:
                raise RuntimeError(f"{error!r:>5}") from error
            else:
                continue
            finally:
                self.right = None

    @classmethod
    def make(cls, depth):
        global made
        made = depth
        return cls(cls.make(depth - 1), cls.make(depth - 1)) if depth > 0 else None

    @staticmethod
    async def wait(things):
        async with things as thing:
            async for each in thing:
                await each
        return [each async for each in things if await each]

def outer(first, /, second=1, *, third: int = 2):
    total = 0
    def inner():
        nonlocal total
        total += first
        return total
    match second:
        case [int(), *_] | {"key": _}:
            del third
        case Tree(left=None) if second:
            assert third, "third"
        case _:
            pass
    with open(path.devnull) as file, file:
        for index, (key, value) in enumerate({1: 2}.items()):
            if (found := key) and not value in (1, 2) or found is None:
                break
            elif 1 < found <= 3:
                return [x for x in range(3) if x], {x: y for x, y in ()}, {*()}, (x for x in ())
    return inner, -first ** 2 // 3 % 4 << 1 >> 1 & 5 | 6 ^ 7, ~first, file[1:2, ...], b"b"
'''

ORDINARY = f"SOURCE = {SOURCE!r}" + """
import argparse, asyncio, collections, copy, dataclasses, enum, functools, gc, json, logging, os, pickle, random, re, typing

class Point:
    def __init__(self, x, y=0):
        self.x, self.y = x, y
    @property
    def norm(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5
    def __eq__(self, other):
        return self.x == other.x
    def moved(self, *, by=1, **more):
        return Point(self.x + by, self.y)

@dataclasses.dataclass
class Record:
    name: str
    values: list = dataclasses.field(default_factory=list)

def numbers(count):
    total, table, texts = 0, {}, []
    for index in range(count):
        total += index * 2 % 7
        table[index % 10] = total
        texts.append(str(index))
        if index % 3 == 1 and 1.5 * index > 2:
            total -= index // 2
    return total, sorted(table.items(), key=lambda item: -item[1]), {text for text in texts if text > "3"}

def objects(count):
    point, seen = Point(1), []
    for index in range(count):
        point = point.moved(by=index & 3)
        if point.norm and point == Point(2):
            seen.append((point, index))
    return [first for first, *rest in seen][::2]

def steps(count):
    for index in range(count):
        sent = yield index
    yield from range(3)

async def waits():
    for index in range(50):
        await asyncio.sleep(0)
    return await asyncio.gather(*[asyncio.sleep(0, value) for value in range(5)])

numbers(3000), objects(3000), sum(steps(3000)), asyncio.run(waits())
try:
    numbers("x")
except TypeError as error:
    str(error)
json.loads(json.dumps({"a": [1, 2.5, None, "x"]}))
re.sub(r"(\\w+) (\\d+)", r"\\2", "ab 12 cd 34" * 20)
pickle.loads(pickle.dumps(copy.deepcopy({"a": [1, [2]], "b": Record("c")})))
print("%s %d %.3f" % ("a", 1, 2.0), f"{1:>5} {2.5!r}", " ".join(["a", "b"]).upper().split(), b"bytes".hex(), 10 ** 40 // 7)
random.Random(1).shuffle(list(range(100)))

import bisect, csv, datetime, decimal, hashlib, heapq, io, itertools, math, queue, statistics, string, struct, sys, tempfile
import textwrap, threading, time, traceback, zlib

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "written.py")
    with open(path, "w") as file:
        file.write(SOURCE)
    with open(path) as file, open(path, "rb") as raw:
        lines, size = [line.strip() for line in file], len(raw.read())
    sys.path.insert(0, folder)
    import written
    os.listdir(folder), os.stat(path).st_size, os.path.exists(path), [entry.name for entry in os.scandir(folder)]
    os.environ.get("HOME"), os.getcwd(), os.path.abspath("x")
try:
    written.Tree(None).missing
except AttributeError:
    traceback.format_exc()
Color = enum.Enum("Color", "RED GREEN")
Pair = collections.namedtuple("Pair", "left right")
cached = functools.lru_cache(lambda number: number + 1)
things = [Pair(index, str(index)) for index in range(500)]
heap = [pair.left ^ 77 for pair in things]
heapq.heapify(heap)
counts = collections.Counter("abracadabra" * 20)
groups = collections.defaultdict(set)
for pair in things:
    groups[cached(pair.left) % 7].add(pair.right)
    bisect.insort(heap, pair.left)
    left, right = pair
    heapq.heappush(heap, left if left & 1 else -left)
matrix = [[float(row * column) for column in range(30)] for row in range(30)]
for row in range(30):
    for column in range(30):
        matrix[row][column] += math.sqrt(matrix[column][row]) * 2 - math.sin(row) / (column + 1)
        if matrix[row][column] < 0.5 or not matrix[row][column] <= 80 and row != column:
            matrix[row][column] = -matrix[row][column] ** 2 % 3
words = "the quick brown fox jumps over the lazy dog " * 40
table = {word: words.count(word) for word in sorted(set(words.split()), reverse=True)}
parts = [word.title().replace("e", "E").strip("T").startswith("Q") for word in words.split() if word.isalpha() and word[1:-1]]
data = bytearray(struct.pack("<IHd", 1, 2, 3.5) * 50)
for place in range(0, len(data) - 4, 3):
    data[place] = data[place] << 1 & 0xFF | data[place + 1] >> 3
packed = zlib.decompress(zlib.compress(bytes(data))), hashlib.sha256(data).hexdigest(), memoryview(data)[2:5].tobytes()
big = [pow(3, 1000 + index) % (10 ** 60) // 7 for index in range(50)]
sum(itertools.chain(itertools.islice(itertools.count(), 200), map(len, things), (a * b for a, b in zip(range(300), range(300)))))
{"a": 1} | {"b": 2}, {1, 2} & {2, 3}, [*range(5), *"ab"], (1, 2) + (3,), [0] * 9, "x" * 3, max(heap), any(parts), all(parts)
csv.reader(io.StringIO("a,b")), datetime.datetime(2024, 1, 2).isoformat(), decimal.Decimal("1.1") + 1, statistics.mean(heap)
print("{:>10} {!r} {x:.2f}".format("a", [1, "b", None, {2: (3,)}], x=0.5), "%5d|%-5s|%r" % (3, "ab", 1e100), repr(Color.RED))
waiting = queue.Queue()
threads = [threading.Thread(target=waiting.put, args=(index,)) for index in range(3)]
[thread.start() for thread in threads], [thread.join() for thread in threads], time.perf_counter(), string.Template("$a").substitute(a=1)
logging.getLogger("x").warning("%s", textwrap.dedent("  a"))
argparse.ArgumentParser().add_argument("--x", type=int, default=1)
gc.collect()
"""


def executed(*command):
    """The symbols of the functions of the first file of `command` that it executes, as far as the file names them."""
    with tempfile.NamedTemporaryFile() as out:
        tool = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out.name}"]
        subprocess.run(tool + list(command), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        files, functions, found, here = {}, {}, set(), None
        for line in open(out.name):
            entry = re.match(r"(ob|cob|fn|cfn)=\((\d+)\)(?: (.*))?", line)
            if entry is None:
                continue
            kind, number, name = entry.groups()
            names = files if kind.endswith("ob") else functions
            if name is not None:
                names[number] = name.strip()
            if kind == "ob":
                here = names[number]
            elif kind == "fn" and here is not None and here.endswith(command[0]):
                found.add(names[number])
    # Callgrind numbers the levels of recursion.
    found = {re.sub(r"'\d+$", "", name) for name in found}
    return {name for name in found if name in size and re.fullmatch(r"[\w$.]+", name)}


def pattern(name):
    """A pattern for the symbol: hashes differ from compiler to compiler; some names are local to a unit of the compiler."""
    name = re.sub(r"\.llvm\.\d+", "*", name)
    return re.sub(r"17h[0-9a-f]{16}E\*?", "17h*E*", re.sub(r"Cs[0-9A-Za-z]{8,12}_", "Cs*_", name))


def patterns(names):
    """What to list for the symbols: exact names where their patterns would mean too much else."""
    listed = set()
    for name in names:
        others = named[pattern(name)] - names
        if sum(size[other] for other in others) <= FEW:
            listed.add(pattern(name))
        else:
            listed.add(re.sub(r"\.llvm\.\d+", "*", name))
            ambiguous.add(pattern(name))
    return "\n".join(sorted(listed)) + "\n"


# Bytes of functions that a pattern may mean besides those that are to lie together.
FEW = 500
size = {}
for symbol in subprocess.run(["nm", "-S", sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines():
    fields = symbol.split()
    if len(fields) == 4 and fields[2] in "tTwW":
        size[fields[3]] = int(fields[1], 16)
named = {}
for symbol in size:
    named.setdefault(pattern(symbol), set()).add(symbol)
start = executed(sys.argv[1], "-I", "-c", "pass") | executed(sys.argv[1], "-c", "pass")
ordinary = executed(sys.argv[1], "-I", "-X", "jit=off", "-c", ORDINARY) - start
compiler = executed(sys.argv[1], "-I", "-c", ORDINARY) - ordinary - start
ambiguous = set()
lists = list(map(patterns, (start, ordinary, compiler)))
# Where an exact name has gone, since what a crate depends on has changed, its function lies at least not far off.
print("\n".join([*lists, "\n".join(sorted(ambiguous)) + "\n"]), end="")

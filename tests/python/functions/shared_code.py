# Functions of one code object with several globals each see their own.
import types

x = "here"


def load():
    return x


def store(value):
    global x
    x = value


def builtin():
    return len


for _ in range(3):
    assert load() == "here" and builtin() is len
other = {"x": "there"}
load_there = types.FunctionType(load.__code__, other)
store_there = types.FunctionType(store.__code__, other)
for _ in range(3):
    assert load_there() == "there" and load() == "here"
store_there("changed")
store("still here")
assert load() == "still here" and load_there() == "changed" and other["x"] == "changed"


class Missing(dict):
    def __missing__(self, key):
        return f"missing {key}"


missing = types.FunctionType(builtin.__code__, Missing())
assert missing() == "missing len" and builtin() is len and missing() == "missing len"

code = compile("def function(): return y\nresult = function()", "<code>", "exec")
for number in range(3):
    namespace = {"y": number}
    exec(code, namespace)
    assert namespace["result"] == number


def looped(function):
    total = 0
    for _ in range(2000):
        total += function()
    return total


def number():
    return n


n = 1
assert looped(number) == 2000
second = types.FunctionType(number.__code__, {"n": 2})
assert looped(second) == 4000 and looped(number) == 2000 and looped(second) == 4000

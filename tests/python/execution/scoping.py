# What names mean in odd places, and what the compiler forbids; await at the top level; sources that only end too early.
import codeop
import sys


def error_of(source):
    try:
        compile(source, "no file", "exec")
    except SyntaxError as error:
        return error.msg


# A global declaration in a function makes the module's variable a global, also where the module's namespace is another dict.
outer, inner = {}, {}
exec("x = 1\ndef f():\n global x\n return x\nresult = f()", outer, inner)
assert outer["x"] == 1 and inner["result"] == 1 and "x" not in inner

# A comprehension in a class body does not see the cells that methods see.
for name in ["__class__", "__classdict__", "__conditional_annotations__"]:
    try:
        exec(f"class C: [{name} for x in [1]]", {})
    except NameError:
        pass
    else:
        raise AssertionError(name)


def leaves_nothing():
    x = -1
    functions = [lambda: x for x in range(3)]
    again = [x + 1 for x in range(3)]
    return sorted(locals()), x


assert leaves_nothing() == (["again", "functions", "x"], -1)


def unbound():
    pair = [None]
    return [1 for (pair[0], pair) in [[1, 2]]]


try:
    unbound()
except UnboundLocalError as error:
    assert "pair" in str(error)
else:
    raise AssertionError


# Positional arguments that are all constant, next to a mapping.
def call(*positional, **named):
    return positional, named


assert call(1, 2, 3, k=4, **{"a": 5, "b": 6}) == ((1, 2, 3), {"k": 4, "a": 5, "b": 6})

# Type parameters of a private name's class.
names = {}
exec("class __X: pass\ndef base(function):\n class Base: made = function\n return Base\nclass Y[T: __X](base(lambda: __X)): pass", names)
assert names["Y"].__type_params__[0].__bound__ is names["__X"] is names["Y"].made()

for source, expected in {
    "[x for x in (y := [1])]": "assignment expression cannot be used in a comprehension iterable expression",
    "[[(j := 0) for i in range(5)] for j in range(5)]": "assignment expression cannot rebind comprehension iteration variable 'j'",
    "[i for i in x if (j := 0) for j in y]": "comprehension inner loop cannot rebind assignment expression target 'j'",
    "def f[T]():\n def g(): nonlocal T": "nonlocal binding not allowed for type parameter 'T'",
    "def f():\n x: (yield)": "yield expression cannot be used within an annotation",
    "from __future__ import annotations\nx: (a := 1)": "named expression cannot be used within an annotation",
    "type X = (yield)": "yield expression cannot be used within a type alias",
    "def f[T: (yield)](): pass": "yield expression cannot be used within a TypeVar bound",
    "{(yield) for x in y}": "'yield' inside set comprehension",
    "match x:\n case {1: a, 1.0: b}: pass": "mapping pattern checks duplicate key (1.0)",
    "match x:\n case f'{x}': pass": "patterns may only match literals and attribute lookups",
    "del __debug__": "cannot delete __debug__",
    "[x async for x in y]": "asynchronous comprehension outside of an asynchronous function",
}.items():
    assert error_of(source) == expected, (source, error_of(source))

# Await at the top level.
TOP_LEVEL_AWAIT = 0x2000


async def seven():
    return 7


async def numbers():
    for number in range(3):
        yield number


def drive(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError


names = {"seven": seven, "numbers": numbers}
assert drive(eval(compile("await seven()", "top", "eval", TOP_LEVEL_AWAIT), names)) == 7
drive(eval(compile("x = await seven()\ny = [n async for n in numbers()]\nasync for z in numbers(): pass", "top", "exec", TOP_LEVEL_AWAIT), names))
assert (names["x"], names["y"], names["z"]) == (7, [0, 1, 2], 2)
assert eval(compile("1 + 1", "top", "eval", TOP_LEVEL_AWAIT)) == 2

# Sources that only end too early.
for source in ["for a in b:", "(", "x = \"\"\"a", "def f():\n  pass", "@x", "if 1: pass", "try:", "a\\"]:
    assert codeop.compile_command(source) is None, source
for source in ["x", "if 1: pass\n", "", "# comment", "def f():\n  pass\n\n"]:
    assert codeop.compile_command(source) is not None, source
for source in ["x = 1 +", "lambda", "1 2"]:
    try:
        codeop.compile_command(source)
    except SyntaxError:
        pass
    else:
        raise AssertionError(source)

# A recursion limit that leaves few calls counts them.
def depth():
    try:
        return 1 + depth()
    except RecursionError:
        return 1


def available(calls):
    limit = 1
    while True:
        try:
            sys.setrecursionlimit(limit)
            break
        except RecursionError as error:
            assert str(error).startswith("cannot set the recursion limit to ")
            limit += 1
    before = limit
    sys.setrecursionlimit(before + calls)
    try:
        return depth()
    finally:
        sys.setrecursionlimit(1000)


assert available(20) - available(10) == 10

# exec, eval and compile: namespaces, sources, modes, options.


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as exception:
        return f"{type(exception).__name__}: {exception}"
    return "no error"


# Arguments.
assert error(exec, "1", 3) == "TypeError: exec() globals must be a dict, not int"
assert error(exec, "1", {}, 3) == "TypeError: locals must be a mapping or None, not int"
assert error(eval, "1", 3) == "TypeError: globals must be a dict"
assert error(eval, "1", []) == "TypeError: globals must be a real dict; try eval(expr, {}, mapping)"
assert error(eval, "1", {}, 3) == "TypeError: locals must be a mapping"
assert error(exec, 3) == "TypeError: exec() arg 1 must be a string, bytes or code object"
assert error(eval, "a\0b") == "SyntaxError: source code string cannot contain null bytes"
assert error(exec, "x", closure=()) == "TypeError: closure can only be used when source is a code object"
assert error(compile, "1", "", "foo") == "ValueError: compile() mode must be 'exec', 'eval' or 'single'"
assert error(compile, "1", "", "exec", 1 << 30) == "ValueError: compile(): unrecognised flags"
assert error(compile, "1", "", "exec", optimize=5) == "ValueError: compile(): invalid optimize value"
assert error(compile, 3, "", "exec") == "TypeError: compile() arg 1 must be a string, bytes or AST object"
assert error(compile, "1", 3, "exec") == "TypeError: expected str, bytes or os.PathLike object, not int"


# Closures.
def outer():
    x = 1

    def inner():
        return x

    return inner


inner = outer()
assert error(exec, inner.__code__) == "TypeError: code object requires a closure of exactly length 1"
assert error(eval, inner.__code__) == "TypeError: code object passed to eval() may not contain free variables"
assert error(exec, inner.__code__, closure=(1,)) == "TypeError: code object requires a closure of exactly length 1"
assert error(exec, outer.__code__, closure=()) == "TypeError: cannot use a closure with this code object"
exec(inner.__code__, closure=inner.__closure__)

# Results and namespaces.
assert eval("  1 + 1") == 2
assert eval("\n1") == 1
assert eval(compile("1 + 1", "a", "eval")) == 2
assert exec(compile("1", "a", "eval")) is None
names = {}
exec("x = 1; y = 2", names)
assert sorted(names) == ["__builtins__", "x", "y"]
assert type(names["__builtins__"]) is dict
assert error(eval, "len", {"__builtins__": {}}) == "NameError: name 'len' is not defined"
assert eval("len", {"__builtins__": {"len": 5}}) == 5


# Mappings of other kinds.
class Missing(dict):
    def __missing__(self, key):
        return key.upper()


assert eval("abc", {}, Missing()) == "ABC"
assert eval("abc", Missing()) == "ABC"
assert eval("(lambda: abc)()", Missing()) == "ABC"


class Mapping:
    def __init__(self):
        self.log = []

    def __getitem__(self, key):
        if key == "q":
            return 9
        raise KeyError(key)

    def __setitem__(self, key, value):
        self.log.append((key, value))

    def __delitem__(self, key):
        raise KeyError(key)


mapping = Mapping()
assert eval("q", {}, mapping) == 9
assert error(eval, "zz", {}, mapping) == "NameError: name 'zz' is not defined"
assert error(exec, "q = 5\ndel q", {}, mapping) == "NameError: name 'q' is not defined"
assert mapping.log == [("q", 5)]


class Wrapping(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, ("w", value))


wrapping = Wrapping()
exec("a = 1\nb = a", {}, wrapping)
assert dict(wrapping) == {"a": ("w", 1), "b": ("w", ("w", 1))}

# Functions whose globals are a dict of the program's: it stays one with the same content.
names = {"zero": 0}
exec("def f():\n    return k\n\nk = 3", names)
assert names["f"]() == 3
assert names["f"].__globals__ is names
names["k"] = 7
assert names["f"]() == 7
del names["k"]
assert error(names["f"]) == "NameError: name 'k' is not defined"
names.update(k=8)
assert names["f"]() == 8
assert list(names) == ["zero", "__builtins__", "f", "k"]
assert len(names) == 4
assert names.pop("k") == 8
assert "k" not in names and len(names) == 3
names.clear()
assert error(names["__class__"].f if False else names.__getitem__, "f") == "KeyError: 'f'"
names = {}
exec("total = 0\nfor i in range(3000):\n    total += i", names)
assert names["total"] == 4498500
names = {}
exec("x = 5\nclass A:\n    def m(self): return x\nr = A().m()", names)
assert names["r"] == 5


# Local names of functions are copied.
def local_names():
    a = 1
    b = 2

    def inner():
        return a

    first = sorted(locals())
    exec("b = 5")
    exec("c = 4")
    copy = locals()
    copy["b"] = 9
    return first, b, sorted(locals()), locals() is locals(), sorted(dir()), sorted(vars())


found = ["a", "b", "copy", "first", "inner"]
assert local_names() == (["a", "b", "inner"], 2, found, False, found, found)


class Body:
    a = 1
    same = locals() is vars()
    exec("z = 4")


assert Body.same and Body.z == 4
assert locals() is globals()


def fresh():
    if len(names) > 1000:
        unused = 1
    return locals()


assert local_names() and fresh() == {}

# Options.
names = {}
exec(compile("r = [__debug__]\nassert 0", "a", "exec", optimize=1), names)
assert names["r"] == [False]
exec(compile('"""doc"""\ndef f():\n    "d"', "a", "exec", optimize=2), names)
assert names["f"].__doc__ is None and "__doc__" not in names
exec(compile("1 + 1", "a", "single"))  # expect: 2
exec(compile("def g(x: int): pass", "a", "exec", 0x1000000), names)
assert names["g"].__annotations__ == {"x": "int"}

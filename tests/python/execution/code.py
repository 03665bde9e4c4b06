# Code objects: attributes, copies with other parts, construction, comparison.


def error(function, *arguments, **keywords):
    try:
        function(*arguments, **keywords)
    except Exception as exception:
        return f"{type(exception).__name__}: {exception}"
    return "no error"


def sample(a, b, /, c=1, *args, d, e=2, **kwargs):
    "doc"
    x = [a + i for i in range(3)]

    def inner():
        return x, free

    free = 1
    try:
        y = len(x)
    except ValueError:
        raise
    return inner() + (y, b, c, args, d, e, sorted(kwargs))


code = sample.__code__
assert (code.co_name, code.co_qualname, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount) == ("sample", "sample", 3, 2, 2)
assert code.co_varnames[:7] == ("a", "b", "c", "d", "e", "args", "kwargs")
assert code.co_cellvars == ("free", "x") and code.co_freevars == ()
assert code.co_flags & 0xF == 0xF and code.co_consts[0] == "doc"
assert code.co_firstlineno == 12 and code.co_filename == __file__
inner = next(constant for constant in code.co_consts if isinstance(constant, type(code)))
assert inner.co_name == "inner" and inner.co_qualname == "sample.<locals>.inner" and inner.co_freevars == ("free", "x")
assert repr(code).startswith("<code object sample at 0x") and repr(code).endswith(f', file "{__file__}", line 12>')
assert {line for _, _, line in code.co_lines()} >= {14, 16, 19, 21, 24}
assert len(list(code.co_positions())) == len(code.co_code) // 2
positions = set(code.co_positions())
assert (14, 14, 8, 35) in positions or any(line == 14 for line, *_ in positions)

# The same parts give equal code.
CodeType = type(code)
parts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_nlocals, code.co_stacksize,
         code.co_flags, code.co_code, code.co_consts, code.co_names, code.co_varnames, code.co_filename, code.co_name,
         code.co_qualname, code.co_firstlineno, code.co_linetable, code.co_exceptiontable, code.co_freevars, code.co_cellvars)
copy = CodeType(*parts)
assert copy == code and hash(copy) == hash(code) and copy is not code
FunctionType = type(sample)
function = FunctionType(copy, globals(), None, (1,), None, {"e": 2})
expected = sample(1, 2, 3, 4, d=5, z=6)
assert function(1, 2, 3, 4, d=5, z=6) == expected
assert function.__doc__ == "doc"

# Copies with other parts.
renamed = code.replace(co_name="other", co_firstlineno=50)
assert renamed.co_name == "other" and renamed.co_firstlineno == 50 and renamed != code
assert code.replace() == code and code.__replace__(co_filename="f").co_filename == "f"


def constant():
    return 12345, "text"


other = constant.__code__.replace(co_consts=tuple(
    (54321, "else") if item == (12345, "text") else item for item in constant.__code__.co_consts))
assert FunctionType(other, {})() == (54321, "else")


def names():
    return len


assert FunctionType(names.__code__.replace(co_names=("max",)), {"__builtins__": __builtins__})() is max

# Refused.
assert error(CodeType).startswith("TypeError: code expected at least 16 arguments, got 0")
assert error(code.replace, co_foo=1) == "TypeError: replace() got an unexpected keyword argument 'co_foo'"
assert error(code.replace, co_name=1) == "TypeError: replace() argument 'co_name' must be str, not int"
assert error(code.replace, co_names=(1,)) == "SystemError: non-string found in code slot"
assert error(code.replace, co_argcount=-1) == "ValueError: co_argcount must be a positive integer"
assert error(code.replace, co_varnames=("a",)) == "ValueError: code: co_varnames is too small"

# Equality.
one, two = (compile(f"x = {text}", "f", "exec") for text in ("1", "True"))
assert one != two and one == compile("x = 1", "f", "exec")
assert compile("x = 0.0", "f", "exec") != compile("x = -0.0", "f", "exec")
assert len({compile("a + b", "f", "eval"), compile("a + b", "f", "eval")}) == 1

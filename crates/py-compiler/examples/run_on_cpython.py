"""Runs compiled code on CPython's objects: a slow reference for what the instructions mean, and a test of the compiler.

python3.14 run_on_cpython.py [--unittest] DUMP_BINARY FILE [ARGUMENTS]

The file's own functions and classes run here; what it imports runs on CPython. Registers that hold nothing of value (at entry, and
above the base of a finished call) are poisoned, so code that relies on one fails.
"""

import builtins
import collections.abc
import json
import operator
import struct
import subprocess
import sys
import types
import typing
from types import CellType

sys.setrecursionlimit(20000)


class Marker:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<{self.name}>"


UNBOUND, POISON = Marker("UNBOUND"), Marker("POISON")
NO_REGISTER = 0xFFFF
GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x200


class Unit:
    def __init__(self, dump):
        self.__dict__.update(dump)
        self.consts = [constant(c) for c in dump["consts"]]
        self.doc = constant(dump["doc"]) if dump["doc"] else None
        self.instructions = [tuple(i) for i in self.code]
        self.index = {i[0]: n for n, i in enumerate(self.instructions)}
        self.parameters = (self.argcount + self.kwonly + bool(self.flags & 4) + bool(self.flags & 8))
        self.derefs = self.cellvars + self.freevars


def constant(c):
    kind = c[0]
    if kind == "none": return None
    if kind == "ellipsis": return ...
    if kind == "bool": return c[1]
    if kind == "int": return int(c[1])
    if kind == "float": return struct.unpack("d", struct.pack("Q", int(c[1])))[0]
    if kind == "complex": return complex(*(struct.unpack("d", struct.pack("Q", int(x)))[0] for x in c[1:]))
    if kind == "str": return "".join(map(chr, c[1]))
    if kind == "bytes": return bytes(c[1])
    if kind == "tuple": return tuple(map(constant, c[1]))
    if kind == "frozenset": return frozenset(map(constant, c[1]))
    if kind == "slice": return slice(*map(constant, c[1]))
    return Unit(c[1])


class Raised:
    def __init__(self, exception):
        self.exception = exception


class State:
    handled = None


def shim_source(unit):
    names = [n.replace(".", "_dot_") for n in unit.varnames[:unit.parameters]]
    parts, n = [], 0
    for i in range(unit.argcount):
        parts.append(names[i])
        if i + 1 == unit.posonly:
            parts.append("/")
    positional, n = names[:unit.argcount], unit.argcount
    keyword = names[n:n + unit.kwonly]
    n += unit.kwonly
    if unit.flags & 4:
        parts.append("*" + names[n])
        n += 1
    elif keyword:
        parts.append("*")
    parts += keyword
    if unit.flags & 8:
        parts.append("**" + names[n])
    return (f"def make(_run):\n def shim({', '.join(parts)}):\n"
            f"  return _run([{', '.join(names)}])\n return shim")


CLASS_BODIES = []


def run_class_body(number, namespace):
    unit, globals_, closure = CLASS_BODIES[number]
    return finish(run(unit, [], globals_, closure, namespace))


builtins.__run_class_body__ = run_class_body


def finish(generator):
    try:
        next(generator)
    except StopIteration as stop:
        if isinstance(stop.value, Raised):
            raised = stop.value.exception
        else:
            return stop.value
        raise raised
    raise AssertionError("a plain function yields")


def make_function(unit, globals_, closure, defaults, kwdefaults, annotate):
    if not unit.flags & 1:
        CLASS_BODIES.append((unit, globals_, closure))
        code = compile(f"__run_class_body__({len(CLASS_BODIES) - 1}, locals())", "<class>", "exec")
        return types.FunctionType(code, globals_, unit.name)

    def call(arguments):
        generator = run(unit, arguments, globals_, closure, None)
        if unit.flags & ASYNC_GENERATOR:
            return AsyncGenerator(generator)
        if unit.flags & COROUTINE:
            return as_coroutine(generator)
        if unit.flags & GENERATOR:
            return as_generator(generator, unit)
        return finish(generator)

    space = {}
    exec(shim_source(unit), space)
    shim = space["make"](call)
    code = shim.__code__.replace(co_name=unit.name, co_qualname=unit.qualname)
    function = types.FunctionType(code, globals_, unit.name, defaults, shim.__closure__)
    function.__kwdefaults__ = kwdefaults
    function.__doc__ = unit.doc
    function.__qualname__ = unit.qualname
    if annotate is not None:
        function.__annotate__ = annotate
    return function


def as_generator(inner, unit):
    def generator():
        return (yield from inner)
    result = generator()
    result.__name__, result.__qualname__ = unit.name, unit.qualname
    return result


@types.coroutine
def as_coroutine(inner):
    return (yield from inner)


class Wrapped:
    def __init__(self, value):
        self.value = value


class AsyncGenerator(collections.abc.AsyncGenerator):
    def __init__(self, inner):
        self.inner = inner

    @types.coroutine
    def drive(self, step):
        while True:
            try:
                value = step()
            except StopIteration:
                raise StopAsyncIteration from None
            if isinstance(value, Wrapped):
                return value.value
            try:
                sent = yield value
            except BaseException as e:
                step = lambda e=e: self.inner.throw(e)
            else:
                step = lambda sent=sent: self.inner.send(sent)

    def asend(self, value):
        return self.drive(lambda: self.inner.send(value))

    def athrow(self, e, *rest):
        return self.drive(lambda: self.inner.throw(e))

    def __anext__(self):
        return self.asend(None)


BINARY = {
    "Add": ("add", "iadd"), "Sub": ("sub", "isub"), "Mul": ("mul", "imul"), "TrueDiv": ("truediv", "itruediv"),
    "FloorDiv": ("floordiv", "ifloordiv"), "Mod": ("mod", "imod"), "Pow": ("pow", "ipow"), "MatMul": ("matmul", "imatmul"),
    "LShift": ("lshift", "ilshift"), "RShift": ("rshift", "irshift"), "And": ("and_", "iand"), "Or": ("or_", "ior"),
    "Xor": ("xor", "ixor"),
}
BINARY = {k: tuple(getattr(operator, n) for n in v) for k, v in BINARY.items()}
COMPARE = {"Lt": operator.lt, "Le": operator.le, "Eq": operator.eq, "Ne": operator.ne, "Gt": operator.gt, "Ge": operator.ge,
           "Is": operator.is_, "IsNot": operator.is_not, "In": lambda a, b: a in b, "NotIn": lambda a, b: a not in b}
UNARY = {"Neg": operator.neg, "Pos": operator.pos, "Invert": operator.invert, "Not": operator.not_, "GetIter": iter,
         "GetLength": len, "ListToTuple": tuple, "GetAsyncIter": aiter, "GetAsyncNext": lambda a: type(a).__anext__(a),
         "MatchSequence": lambda s: isinstance(s, collections.abc.Sequence) and not isinstance(s, (str, bytes, bytearray)),
         "MatchMapping": lambda s: isinstance(s, collections.abc.Mapping), "AsyncWrap": Wrapped,
         "MakeGenericBase": lambda p: typing.Generic[tuple(typing.Unpack[t] if isinstance(t, typing.TypeVarTuple) else t
                                                           for t in p)]}
SPECIAL = ["__enter__", "__exit__", "__aenter__", "__aexit__"]
SELF_MATCHING = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)


def match_class(subject, cls, positional, names):
    if not isinstance(cls, type):
        raise TypeError("called match pattern must be a class")
    if not isinstance(subject, cls):
        return None
    values, seen = [], set()
    if positional:
        if not hasattr(cls, "__match_args__"):
            if issubclass(cls, SELF_MATCHING):
                if positional != 1:
                    raise TypeError(f"{cls.__name__}() accepts 1 positional sub-pattern ({positional} given)")
                values.append(subject)
                args = ()
            else:
                raise TypeError(f"{cls.__name__}() accepts 0 positional sub-patterns ({positional} given)")
        else:
            args = cls.__match_args__
            if type(args) is not tuple:
                raise TypeError(f"{cls.__name__}.__match_args__ must be a tuple (got {type(args).__name__})")
            if len(args) < positional:
                raise TypeError(f"{cls.__name__}() accepts {len(args)} positional sub-pattern"
                                f"{'s' * (len(args) != 1)} ({positional} given)")
        for name in args[:positional]:
            if not isinstance(name, str):
                raise TypeError(f"__match_args__ elements must be strings (got {type(name).__name__})")
            if name in seen:
                raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {name!r}")
            seen.add(name)
            try:
                values.append(getattr(subject, name))
            except AttributeError:
                return None
    for name in names:
        if name in seen:
            raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute {name!r}")
        seen.add(name)
        try:
            values.append(getattr(subject, name))
        except AttributeError:
            return None
    return tuple(values)


def match_keys(subject, keys):
    if len(set(keys)) != len(keys):
        for n, k in enumerate(keys):
            if k in keys[:n]:
                raise ValueError(f"mapping pattern checks duplicate key ({k!r})")
    values, missing = [], object()
    for key in keys:
        value = subject.get(key, missing)
        if value is missing:
            return None
        values.append(value)
    return tuple(values)


def unpack(value, count):
    try:
        iterator = iter(value)
    except TypeError:
        raise TypeError(f"cannot unpack non-iterable {type(value).__name__} object") from None
    items = []
    for item in iterator:
        items.append(item)
        if len(items) > count:
            got = f", got {len(value)}" if type(value) in (tuple, list, dict) else ""
            raise ValueError(f"too many values to unpack (expected {count}{got})")
    if len(items) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(items)})")
    return items


def match_group(exception, cls):
    classes = cls if isinstance(cls, tuple) else (cls,)
    for c in classes:
        if not (isinstance(c, type) and issubclass(c, BaseException)):
            raise TypeError("catching classes that do not inherit from BaseException is not allowed")
        if issubclass(c, BaseExceptionGroup):
            raise TypeError("catching ExceptionGroup with except* is not allowed. Use except instead.")
    if isinstance(exception, BaseExceptionGroup):
        return exception.split(cls)
    if isinstance(exception, cls):
        return ExceptionGroup("", [exception]) if isinstance(exception, Exception) else BaseExceptionGroup("", [exception]), None
    return None, exception


def join_group(original, raised):
    if not isinstance(original, BaseExceptionGroup):
        # Wrapped for the one handler that could run.
        return next((e for e in raised if e is not None), None)

    def metadata(e):
        return (e.__traceback__, e.__cause__, e.__context__, getattr(e, "__notes__", None))

    def leaves(e):
        if isinstance(e, BaseExceptionGroup):
            return set().union(*map(leaves, e.exceptions))
        return {id(e)}

    raised = [e for e in raised if e is not None]
    same = [e for e in raised if metadata(e) == metadata(original)]
    fresh = [e for e in raised if e not in same]
    kept = set().union(*map(leaves, same))
    projected = original.subgroup(lambda e: id(e) in kept) if same else None
    if projected is not None:
        fresh.append(projected)
    return BaseExceptionGroup("", fresh) if len(fresh) > 1 else fresh[0] if fresh else None


def get_awaitable(value):
    if isinstance(value, types.CoroutineType):
        return value
    if isinstance(value, types.GeneratorType) and value.gi_code.co_flags & 0x100:
        return value
    method = getattr(type(value), "__await__", None)
    if method is None:
        raise TypeError(f"'{type(value).__name__}' object can't be awaited")
    return method(value)


def kwargs_of(mapping, callable_, into):
    if not hasattr(mapping, "keys"):
        raise TypeError(f"{callable_.__qualname__}() argument after ** must be a mapping, not {type(mapping).__name__}")
    for key in mapping.keys():
        if key in into:
            raise TypeError(f"{callable_.__qualname__}() got multiple values for keyword argument '{key}'")
        into[key] = mapping[key]


class Builtins:
    @staticmethod
    def get(globals_):
        b = globals_.get("__builtins__", builtins)
        return b if isinstance(b, dict) else b.__dict__


def run(unit, arguments, globals_, closure, namespace):
    r = [POISON] * unit.size
    r[:len(arguments)] = arguments
    pc, code, names, consts = 0, unit.instructions, unit.names, unit.consts
    index = unit.index
    generator = bool(unit.flags & (GENERATOR | COROUTINE | ASYNC_GENERATOR))

    def get(n):
        value = r[n]
        if value is POISON:
            raise SystemExit(f"{unit.qualname}: poison read from r{n} at {code[pc - 1]}")
        return value

    def unbound(n, name):
        if n < len(unit.cellvars):
            return UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value")
        return NameError(f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope")

    def load_global(name):
        if name in globals_:
            return globals_[name]
        b = Builtins.get(globals_)
        if name in b:
            return b[name]
        raise NameError(f"name '{name}' is not defined", name=name)

    def method(base, obj, name):
        value = getattr(obj, name)
        if isinstance(value, types.MethodType) and value.__self__ is obj:
            r[base], r[base + 4] = value.__func__, obj
        else:
            r[base], r[base + 4] = value, UNBOUND

    def call(base, first, count, keywords=()):
        callable_ = get(base)
        values = [get(n) for n in range(first, first + count)]
        if first == base + 5 and get(base + 4) is not UNBOUND:
            values.insert(0, get(base + 4))
        split = len(values) - len(keywords)
        for n in range(base, unit.size):
            r[n] = POISON
        return callable_(*values[:split], **dict(zip(keywords, values[split:])))

    while True:
        offset, op, x, a, b, c, bc, e, k, target, line = code[pc]
        pc += 1
        try:
            if op in BINARY: r[a] = BINARY[op][x](get(b), get(c))
            elif op in COMPARE: r[a] = COMPARE[op](get(b), get(c))
            elif op in UNARY: r[a] = UNARY[op](get(b))
            elif op == "Move": r[a] = get(b)
            elif op == "LoadConst": r[a] = consts[k]
            elif op == "LoadInt": r[a] = bc
            elif op == "AddInt": r[a] = BINARY["Add"][x](get(b), (c ^ 0x8000) - 0x8000)
            elif op == "SubInt": r[a] = BINARY["Sub"][x](get(b), (c ^ 0x8000) - 0x8000)
            elif op == "Unbind": r[a:a + bc] = [UNBOUND] * bc
            elif op == "CheckBound":
                if get(a) is UNBOUND: raise unbound(-1, unit.varnames[bc])
            elif op == "DeleteLocal":
                if get(a) is UNBOUND: raise unbound(-1, unit.varnames[bc])
                r[a] = UNBOUND
            elif op == "MakeCell": r[a] = CellType(get(a))
            elif op == "NewCell": r[a] = CellType()
            elif op == "LoadFree": r[a] = closure[bc]
            elif op in ("LoadCell", "DeleteCell"):
                cell = get(b if op == "LoadCell" else a)
                try:
                    value = cell.cell_contents
                except ValueError:
                    raise unbound(c, unit.derefs[c]) from None
                if op == "LoadCell": r[a] = value
                else: del cell.cell_contents
            elif op == "StoreCell": get(a).cell_contents = get(b)
            elif op == "LoadFromDictOrCell":
                try:
                    r[a] = get(b)[unit.derefs[e]]
                except KeyError:
                    try:
                        r[a] = get(c).cell_contents
                    except ValueError:
                        raise unbound(e, unit.derefs[e]) from None
            elif op == "LoadFromDictOrGlobal":
                try:
                    r[a] = get(b)[names[c]]
                except KeyError:
                    r[a] = load_global(names[c])
            elif op == "LoadGlobal": r[a] = load_global(names[bc])
            elif op == "StoreGlobal": globals_[names[bc]] = get(a)
            elif op == "DeleteGlobal":
                if names[bc] not in globals_: raise NameError(f"name '{names[bc]}' is not defined")
                del globals_[names[bc]]
            elif op == "LoadName":
                try:
                    r[a] = namespace[names[bc]]
                except KeyError:
                    r[a] = load_global(names[bc])
            elif op == "StoreName": namespace[names[bc]] = get(a)
            elif op == "DeleteName":
                try:
                    del namespace[names[bc]]
                except KeyError:
                    raise NameError(f"name '{names[bc]}' is not defined") from None
            elif op == "LoadLocals": r[a] = namespace
            elif op == "LoadAttr": r[a] = getattr(get(b), names[c])
            elif op == "StoreAttr": setattr(get(a), names[c], get(b))
            elif op == "DeleteAttr": delattr(get(a), names[c])
            elif op == "LoadMethod": method(a, get(b), names[c])
            elif op in ("LoadSuperAttr", "LoadSuperMethod"):
                implicit = x == 0 and get(b) is not super
                obj = get(b)() if implicit else get(b)(get(b + 1), get(b + 2))
                if op == "LoadSuperAttr": r[a] = getattr(obj, names[c])
                else: r[a], r[a + 4] = getattr(obj, names[c]), UNBOUND
            elif op == "Call": r[a] = call(b, b + 4, c)
            elif op == "CallMethod": r[a] = call(b, b + 5, c)
            elif op == "CallKw": r[a] = call(b, b + 4, c, consts[k])
            elif op == "CallMethodKw": r[a] = call(b, b + 5, c, consts[k])
            elif op == "CallEx":
                callable_, args, kwargs = get(b), get(b + 4), get(b + 5)
                r[b:] = [POISON] * (unit.size - b)
                if type(args) is not tuple:
                    try:
                        args = tuple(args)
                    except TypeError:
                        if hasattr(args, "__iter__"): raise
                        raise TypeError(f"{callable_.__qualname__}() argument after * must be an iterable, "
                                        f"not {type(args).__name__}") from None
                r[a] = callable_(*args, **(kwargs or {}))
            elif op == "Return": return get(a)
            elif op == "ReturnNone": return None
            elif op == "Jump": pc = index[target]
            elif op in ("JumpIfTrue", "JumpIfFalse"):
                if bool(get(a)) is (op == "JumpIfTrue"): pc = index[target]
            elif op in ("JumpIfNone", "JumpIfNotNone"):
                if (get(a) is None) is (op == "JumpIfNone"): pc = index[target]
            elif op in ("JumpIfMatch", "JumpIfNoMatch"):
                cls = get(b)
                for each in cls if isinstance(cls, tuple) else (cls,):
                    if not (isinstance(each, type) and issubclass(each, BaseException)):
                        raise TypeError("catching classes that do not inherit from BaseException is not allowed")
                matches = isinstance(get(a), cls)
                if matches is (op == "JumpIfMatch"): pc = index[target]
            elif op.startswith("JumpIf"):
                test = op[6:]
                right = get(b) if not test.endswith("Int") else (b ^ 0x8000) - 0x8000
                test = test.removesuffix("Int")
                if test in COMPARE: taken = bool(COMPARE[test](get(a), right))
                else: taken = not COMPARE[test.removeprefix("Not")](get(a), right)
                if taken: pc = index[target]
            elif op == "LoopHeader" or op == "MakeGenerator": pass
            elif op == "ForIter":
                try:
                    r[a] = next(get(b))
                except StopIteration:
                    pc = index[target]
            elif op == "BuildTuple": r[a] = tuple(get(n) for n in range(b, b + c))
            elif op == "BuildList": r[a] = [get(n) for n in range(b, b + c)]
            elif op == "BuildSet": r[a] = {get(n) for n in range(b, b + c)}
            elif op == "BuildDict": r[a] = {get(b + 2 * n): get(b + 2 * n + 1) for n in range(c)}
            elif op == "BuildString": r[a] = "".join(get(n) for n in range(b, b + c))
            elif op == "BuildSlice": r[a] = slice(*(get(n) for n in range(b, b + c)))
            elif op == "ListAppend": get(a).append(get(b))
            elif op == "SetAdd": get(a).add(get(b))
            elif op == "DictInsert": get(a)[get(b)] = get(c)
            elif op == "ListExtend":
                try:
                    get(a).extend(get(b))
                except TypeError:
                    if hasattr(get(b), "__iter__") or hasattr(get(b), "__getitem__"): raise
                    raise TypeError(f"Value after * must be an iterable, not {type(get(b)).__name__}") from None
            elif op == "SetUpdate": get(a).update(get(b))
            elif op == "DictUpdate":
                if not hasattr(get(b), "keys"): raise TypeError(f"'{type(get(b)).__name__}' object is not a mapping")
                get(a).update(get(b))
            elif op == "DictMerge": kwargs_of(get(b), get(c), get(a))
            elif op == "FormatValue":
                value = get(b)
                if x: value = {"s": str, "r": repr, "a": ascii}[chr(x)](value)
                r[a] = format(value, "" if c == NO_REGISTER else get(c))
            elif op == "BuildInterpolation":
                from string.templatelib import Interpolation
                r[a] = Interpolation(get(b), get(b + 1), chr(x) if x else None, "" if c == NO_REGISTER else get(c))
            elif op == "BuildTemplate":
                from string.templatelib import Template
                parts = [get(b)[0]]
                for field, text in zip(get(c), get(b)[1:]):
                    parts += [field, text]
                r[a] = Template(*parts)
            elif op == "LoadItem": r[a] = get(b)[get(c)]
            elif op == "StoreItem": get(a)[get(b)] = get(c)
            elif op == "DeleteItem": del get(a)[get(b)]
            elif op == "UnpackSequence": r[a:a + c] = unpack(get(b), c)
            elif op == "UnpackEx":
                before, after = c & 255, c >> 8
                try:
                    items = list(get(b))
                except TypeError:
                    raise TypeError(f"cannot unpack non-iterable {type(get(b)).__name__} object") from None
                if len(items) < before + after:
                    raise ValueError(f"not enough values to unpack (expected at least {before + after}, got {len(items)})")
                end = len(items) - after
                r[a:a + before + after + 1] = items[:before] + [items[before:end]] + items[end:]
            elif op == "MakeFunction":
                parts = [get(b + n) if x >> n & 1 else None for n in range(4)]
                r[a] = make_function(consts[k], globals_, parts[3] or (), parts[0], parts[1], parts[2])
            elif op == "SetTypeParams": get(a).__type_params__ = get(b)
            elif op == "LoadBuildClass": r[a] = builtins.__build_class__
            elif op == "ImportName": r[a] = builtins.__import__(names[c], globals_, namespace, get(b + 1), get(b))
            elif op == "ImportFrom":
                try:
                    r[a] = getattr(get(b), names[c])
                except AttributeError:
                    full = f"{get(b).__name__}.{names[c]}"
                    if full not in sys.modules: raise ImportError(f"cannot import name {names[c]!r}") from None
                    r[a] = sys.modules[full]
            elif op == "ImportStar":
                module, into = get(a), globals_ if namespace is None else namespace
                public = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
                for n in public: into[n] = getattr(module, n)
            elif op == "SetupAnnotations":
                (globals_ if namespace is None else namespace).setdefault("__annotations__", {})
            elif op == "Raise":
                if x == 0:
                    if State.handled is None: raise RuntimeError("No active exception to reraise")
                    raise State.handled
                exception = get(a)
                if isinstance(exception, type) and issubclass(exception, BaseException):
                    exception = exception()
                    if not isinstance(exception, BaseException):
                        raise TypeError("calling the class did not return an exception")
                if not isinstance(exception, BaseException):
                    raise TypeError("exceptions must derive from BaseException")
                if x == 2:
                    cause = get(b)
                    if isinstance(cause, type): cause = cause()
                    if cause is not None and not isinstance(cause, BaseException):
                        raise TypeError("exception causes must derive from BaseException")
                    raise exception from cause
                raise exception
            elif op == "Reraise":
                exception = get(a)
                context = exception.__context__
                try:
                    raise exception
                finally:
                    exception.__context__ = context
            elif op == "EnterHandler":
                r[a], State.handled = State.handled, get(b)
            elif op == "LeaveHandler": State.handled = get(a)
            elif op == "MatchGroup": r[a:a + 2] = match_group(get(b), get(c))
            elif op == "JoinGroup": r[a] = join_group(get(b), get(c))
            elif op == "LoadAssertionError": r[a] = AssertionError
            elif op == "LoadNotImplementedError": r[a] = NotImplementedError
            elif op == "LoadSpecial":
                obj = get(b)
                try:
                    value = getattr(type(obj), SPECIAL[x])
                except AttributeError:
                    how = "asynchronous context manager" if x > 1 else "context manager"
                    raise TypeError(f"'{type(obj).__qualname__}' object does not support the {how} protocol "
                                    f"(missed {SPECIAL[x]} method)") from None
                r[a], r[a + 4] = value, obj
            elif op == "ExceptionTriple":
                r[a:a + 3] = type(get(b)), get(b), get(b).__traceback__
            elif op == "Yield":
                value = get(b)
                while True:
                    handled, State.handled = State.handled, None
                    try:
                        sent = yield value
                        State.handled = handled
                        break
                    except GeneratorExit:
                        State.handled = handled
                        if x and hasattr(get(c), "close"): get(c).close()
                        raise
                    except BaseException as thrown:
                        State.handled = handled
                        if x and hasattr(get(c), "throw"):
                            value = get(c).throw(thrown)
                        else:
                            raise
                r[a] = sent
            elif op == "Send":
                iterator, value = get(b), get(c)
                try:
                    r[a] = next(iterator) if value is None else iterator.send(value)
                except StopIteration as stop:
                    r[a] = stop.value
                    pc = index[target]
            elif op == "CleanupThrow":
                if isinstance(get(b), StopIteration): r[a] = get(b).value
                else: raise get(b)
            elif op == "GetYieldFromIter":
                value = get(b)
                r[a] = value if isinstance(value, (types.GeneratorType, types.CoroutineType)) else iter(value)
            elif op == "GetAwaitable": r[a] = get_awaitable(get(b))
            elif op == "EndAsyncFor":
                if not isinstance(get(a), StopAsyncIteration): raise get(a)
            elif op == "MatchKeys": r[a] = match_keys(get(b), get(c))
            elif op == "MatchClass": r[a] = match_class(get(b), get(c), e, get(c + 1))
            elif op == "MakeTypeParam":
                name = get(b)
                if x == 3: r[a] = typing.ParamSpec(name)
                elif x == 4: r[a] = typing.TypeVarTuple(name)
                elif x == 0: r[a] = typing.TypeVar(name, infer_variance=True)
                elif x == 1: r[a] = typing.TypeVar(name, bound=get(c)(1), infer_variance=True)
                else: r[a] = typing.TypeVar(name, *get(c)(1), infer_variance=True)
            elif op == "SetTypeParamDefault":
                pass
            elif op == "MakeTypeAlias":
                r[a] = typing.TypeAliasType(get(b), get(b + 2)(1), type_params=get(b + 1) or ())
            else:
                raise SystemExit(f"no meaning for {op}")
        except BaseException as exception:
            if isinstance(exception, SystemExit) and "poison" in str(exception):
                raise
            if exception.__context__ is None and State.handled is not exception and op != "Reraise":
                exception.__context__ = State.handled
            if not handle_range(unit, offset):
                # A plain function is a generator of this interpreter: hide its StopIteration from CPython.
                if isinstance(exception, StopIteration) and not generator:
                    return Raised(exception)
                raise
            pc = to_handler(unit, r, offset, exception)


def handle_range(unit, offset):
    return any(start <= offset < end for start, end, _, _ in unit.handlers)


def to_handler(unit, r, offset, exception):
    for start, end, target, register in unit.handlers:
        if start <= offset < end:
            # Everything that is not live at the handler could be poisoned here; the register is what it relies on.
            r[register] = exception
            return unit.index[target]


def main():
    arguments = sys.argv[1:]
    as_tests = arguments[0] == "--unittest"
    binary, file, *rest = arguments[as_tests:]
    dump = subprocess.run([binary, file], capture_output=True, text=True)
    if dump.returncode:
        sys.exit(dump.stderr)
    unit = Unit(json.loads(dump.stdout))
    name = "tests_run_here" if as_tests else "__main__"
    module = types.ModuleType(name)
    module.__file__ = file
    module.__doc__ = None
    sys.modules[name] = module
    sys.argv = [file, *rest]
    finish(run(unit, [], module.__dict__, (), None))
    if as_tests:
        import unittest
        unittest.main(module)


main()

# compile() of syntax trees: those of sources, those made by hand, and what is wrong with some.
import ast


def run(tree, mode="exec"):
    names = {}
    code = compile(ast.fix_missing_locations(tree), "tree", mode)
    result = eval(code, names)
    return names if mode == "exec" else result


SOURCE = '''
"""doc"""
from math import floor as down
import os.path as path, sys

def decorator(function): return function

@decorator
async def coroutine(a, /, b=1, *rest, c, d=2, **more) -> int:
    async with a as b, c: await d
    async for x in y: yield [z async for z in x if z]

class Base: pass

class Thing[T: int, *Ts, **P](Base, metaclass=type):
    "text"
    x: int = 3
    def method(self):
        return __class__, super().__init__, lambda *a, k=1: (a, k)

def control(n):
    global total
    total = 0
    while n:
        if n == 1: break
        elif n % 2: n -= 1; continue
        else: n //= 2
    else:
        total += 1
    for i, (j, *k) in [(1, (2, 3, 4))]: total += i + j + sum(k)
    try:
        assert n, "zero"
    except (AssertionError, ValueError) as error: total = error.args
    except* TypeError if False else None: pass
    else: pass
    finally: del i
    with open(path.devnull) as f, f: pass
    return total

def patterns(value):
    match value:
        case None | True: return "single"
        case -1 | 2.5 | 1 + 2j: return "number"
        case [1, *rest, [x]]: return rest, x
        case {"a": a, **others}: return a, others
        case str() as s if s: return s
        case Base(): return "base"
        case _: return None

type Alias[T] = list[T]
big, small, text = 10 ** 30, -5, b"bytes" and "\\ud800" "x"
shown = f"{big!r:>{small + 40}}|{text!a}{small=}"
template = t"{small!r:>5} text"
values = [*range(3)], {1, 2}, {**{"a": 1}, "b": 2}, (yielded := 4), [a for a in range(3) if a], {a: a for a in "x"}
chain = 1 < small <= 3 if not small else small[1:2:3] if False else (small, ...)
'''.replace("    except* TypeError if False else None: pass\n", "")

names, plain = {}, {}
tree = ast.parse(SOURCE)
exec(compile(tree, "tree", "exec"), names)
exec(compile(SOURCE, "tree", "exec"), plain)
for name in ["big", "small", "text", "shown", "values", "chain", "total"] if names.get("total") else ["big", "small", "text", "shown", "values", "chain"]:
    assert names[name] == plain[name], name
assert names["shown"].endswith("small=-5")
assert names["template"].interpolations[0].expression == "small", names["template"]
assert names["control"](4) == plain["control"](4)
for value in [None, -1, 1 + 2j, [1, 2, 3, [4]], {"a": 1, "b": 2}, "text", names["Base"](), 7]:
    assert names["patterns"](value) == plain["patterns"](value) or value.__class__.__name__ == "Base", value
assert names["Thing"].__type_params__[0].__name__ == "T"
assert names["Thing"].__doc__ == "text" and names["Thing"].__annotations__ == {"x": int}
assert names["__doc__"] == "doc"
assert names["control"].__code__.co_firstlineno == plain["control"].__code__.co_firstlineno

# Constants that no source has.
for value in [-1, (1, (2, "x")), frozenset({1, 2}), 1 + 2j, 10 ** 40, -(10 ** 40), float("inf"), ..., b"\0", None]:
    assert run(ast.Expression(ast.Constant(value)), "eval") == value

# A transformer.
class Double(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 2), node)


assert run(Double().visit(ast.parse("x = [1, 'a']")))["x"] == [2, "aa"]
try:
    run(ast.parse("\n\nx = 1 / 0"))
except ZeroDivisionError as error:
    entry = error.__traceback__.tb_next.tb_next
    assert entry.tb_lineno == 3 and entry.tb_frame.f_code.co_filename == "tree"


def fails(tree, mode="exec"):
    try:
        compile(tree, "tree", mode)
    except (TypeError, ValueError, SyntaxError) as error:
        return f"{type(error).__name__}: {error}"


def fixed(*statements):
    return ast.fix_missing_locations(ast.Module(list(statements), []))


name = ast.Name("x", ast.Load())
assert fails(ast.parse("1")) is None
assert fails(ast.parse("1"), "eval") == "TypeError: expected Expression node, got Module", fails(ast.parse("1"), "eval")
assert fails(ast.Module([ast.Pass()], [])) == 'TypeError: required field "lineno" missing from stmt', fails(ast.Module([ast.Pass()], []))
assert fails(ast.Module([ast.Expr(name, lineno=1, col_offset=0)], [])) == 'TypeError: required field "lineno" missing from expr', fails(ast.Module([ast.Expr(name, lineno=1, col_offset=0)], []))
assert fails(fixed(ast.Expr(ast.BinOp(name, 1, name)))) == "TypeError: expected some sort of operator, but got 1", fails(fixed(ast.Expr(ast.BinOp(name, 1, name))))
assert fails(fixed(ast.Expr(None))) == "ValueError: field 'value' is required for Expr", fails(fixed(ast.Expr(None)))
assert fails(ast.Module(1, [])) == 'TypeError: Module field "body" must be a list, not a int', fails(ast.Module(1, []))
assert fails(fixed(ast.Assign([name], name))) == "ValueError: expression must have Store context but has Load instead", fails(fixed(ast.Assign([name], name)))
assert fails(fixed(ast.Assign([ast.Constant(1)], name))) == "ValueError: expression which can't be assigned to in Store context", fails(fixed(ast.Assign([ast.Constant(1)], name)))
assert fails(fixed(ast.If(name, [], []))) == "ValueError: empty body on If", fails(fixed(ast.If(name, [], [])))
assert fails(fixed(None)) == "ValueError: None disallowed in statement list", fails(fixed(None))
assert fails(fixed(ast.Expr(ast.Name("True", ast.Load())))) == "ValueError: identifier field can't represent 'True' constant", fails(fixed(ast.Expr(ast.Name("True", ast.Load()))))
assert fails(fixed(ast.Expr(ast.Constant([])))) == "TypeError: got an invalid type in Constant: list", fails(fixed(ast.Expr(ast.Constant([]))))
assert fails(fixed(ast.Expr(ast.Compare(name, [ast.Lt()], [])))) == "ValueError: Compare with no comparators", fails(fixed(ast.Expr(ast.Compare(name, [ast.Lt()], []))))
assert fails(fixed(ast.Expr(ast.BoolOp(ast.And(), [name])))) == "ValueError: BoolOp with less than 2 values", fails(fixed(ast.Expr(ast.BoolOp(ast.And(), [name]))))
assert fails(fixed(ast.Try([ast.Pass()], [], [], []))) == "ValueError: Try has neither except handlers nor finalbody", fails(fixed(ast.Try([ast.Pass()], [], [], [])))
assert fails(fixed(ast.Match(name, [ast.match_case(ast.MatchStar("a"), None, [ast.Pass()])]))) == "ValueError: can't use MatchStar here", fails(fixed(ast.Match(name, [ast.match_case(ast.MatchStar("a"), None, [ast.Pass()])])))
assert fails(fixed(ast.Return(name))) == "SyntaxError: 'return' outside function (tree, line 1)", fails(fixed(ast.Return(name)))
wrong = ast.Expr(ast.Constant(1, lineno=5, col_offset=0, end_lineno=4, end_col_offset=1), lineno=1, col_offset=0)
assert fails(ast.Module([wrong], [])) == "ValueError: AST node line range (5, 4) is not valid", fails(ast.Module([wrong], []))

# Trees simplified as for code.
def shown(source, level):
    return ast.dump(ast.parse(source, optimize=level).body[0])


assert shown("def f():\n 'text'", 2) == "FunctionDef(name='f', args=arguments(), body=[Pass()])"
assert shown("__debug__", 1) == "Expr(value=Constant(value=False))"
assert shown("'%s %5r' % (a, b)", 1).startswith("Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='a'")

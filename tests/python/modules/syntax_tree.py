# Classes of syntax trees, and trees of sources.
import ast
import warnings

assert ast.Name._fields == ("id", "ctx") and ast.Name.__match_args__ == ("id", "ctx")
assert ast.Name.__mro__ == (ast.Name, ast.expr, ast.AST, object)
assert ast.Name._attributes == ("lineno", "col_offset", "end_lineno", "end_col_offset")
assert ast.Return._field_types == {"value": ast.expr | None}
assert ast.Delete._field_types == {"targets": list[ast.expr]}
assert ast.Return.__doc__ == "Return(expr? value)"
assert ast.boolop.__doc__ == "boolop = And | Or"

node = ast.Name("x")
assert isinstance(node.ctx, ast.Load) and ast.List().elts == [] and ast.Return().value is None
assert repr(node) == "Name(id='x', ctx=Load())"
assert repr(ast.parse("f(x)+[1,2,3]")) == (
    "Module(body=[Expr(value=BinOp(left=Call(...), op=Add(...), right=List(...)))], type_ignores=[])"
)
assert node.__replace__(id="y").id == "y"
assert node.__reduce_ex__(2)[:2] == (ast.Name, (None, None))

for call, message in [
    (lambda: ast.Name(1, 2, 3), "Name constructor takes at most 2 positional arguments"),
    (lambda: ast.Name(1, id=2), "Name got multiple values for argument 'id'"),
    (lambda: ast.AST(1), "AST constructor takes at most 0 positional arguments"),
    (lambda: node.__replace__(zz=1), "Name.__replace__ got an unexpected keyword argument 'zz'."),
]:
    try:
        call()
        assert False, message
    except TypeError as error:
        assert str(error) == message, str(error)

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    ast.Name()
assert [str(item.message) for item in caught] == [
    "Name.__init__ missing 1 required positional argument: 'id'. This will become an error in Python 3.15."
]

SOURCE = """
@d
async def f(a, /, b: int = 1, *c, d=2, **e) -> int:
    if a: pass
    elif b: return
    else: raise X from Y
    async with a as b, c: await d
class C[T: int](A, metaclass=M): x: int = 1; (y): str
f(i for i in x if i)
x = f"a{b!r:>{w}}c{d=}" 'e' u"f" b"" if a else lambda: 0
match p:
    case [1, *r] | {"k": v, **o} | P(a, k=2) if g: pass
    case _: pass
try: pass
except* E as e: pass
"""
tree = ast.parse(SOURCE.replace('b""', ""))
assert tree.body[0].lineno == 3 and tree.body[0].decorator_list[0].lineno == 2
assert tree.body[0].body[0].orelse[0].orelse[0].cause.id == "Y"
call = tree.body[2].value
assert (call.args[0].col_offset, call.args[0].end_col_offset) == (1, 20)
assert ast.unparse(ast.parse("x = f'{a!r}' + (1, 2)[0]")) == "x = f'{a!r}' + (1, 2)[0]"
assert ast.literal_eval("{'a': [1, -2.5, (None, True)], b'x': 3j}") == {"a": [1, -2.5, (None, True)], b"x": 3j}
assert ast.dump(ast.parse("é = 'ü' + x", mode="exec"), include_attributes=True) == (
    "Module(body=[Assign(targets=[Name(id='é', ctx=Store(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=2)], "
    "value=BinOp(left=Constant(value='ü', lineno=1, col_offset=5, end_lineno=1, end_col_offset=9), op=Add(), "
    "right=Name(id='x', ctx=Load(), lineno=1, col_offset=12, end_lineno=1, end_col_offset=13), lineno=1, col_offset=5, "
    "end_lineno=1, end_col_offset=13), lineno=1, col_offset=0, end_lineno=1, end_col_offset=13)])"
)
try:
    ast.parse("x = = 1")
    assert False
except SyntaxError as error:
    assert error.msg == "invalid syntax" and error.filename == "<unknown>"
print("done")  # expect: done

# Type comments as ast.parse shows them (PEP 484).
import ast

SOURCE = """
x = 1  # type: int
a = b = [
    1,
]  # type: list[int]
def f(a,  # type: int
      b=2,  # type: str
      *c,  # type: float
      d=(1, 2)  # type: bytes
      ):
    # type: (...) -> None
    pass
def g(a): # type: (int) -> int
    return a
async def h():
    for i in x:  # type: int
        pass
    async for j in x: # type: str
        pass
    with a as b, c as d:  # type: int
        pass
y = 2  # type: ignore[x]
"""


def comments(tree):
    for node in ast.walk(tree):
        if getattr(node, "type_comment", None):
            name = getattr(node, "name", None) or getattr(node, "arg", None) or getattr(node, "lineno")
            yield type(node).__name__, name, node.type_comment


found = sorted(comments(ast.parse(SOURCE, type_comments=True)), key=str)
assert found == [
    ("Assign", 2, "int"),
    ("Assign", 3, "list[int]"),
    ("AsyncFor", 18, "str"),
    ("For", 16, "int"),
    ("FunctionDef", "f", "(...) -> None"),
    ("FunctionDef", "g", "(int) -> int"),
    ("With", 20, "int"),
    ("arg", "a", "int"),
    ("arg", "b", "str"),
    ("arg", "c", "float"),
    ("arg", "d", "bytes"),
], found
assert list(comments(ast.parse(SOURCE))) == []
assert [(each.lineno, each.tag) for each in ast.parse(SOURCE, type_comments=True).type_ignores] == [(22, "[x]")]

# Elsewhere they are errors.
for source in ["pass  # type: int\n", "x += 1  # type: int\n", "while True:  # type: int\n  pass\n", "f()  # type: int\n"]:
    ast.parse(source)
    try:
        ast.parse(source, type_comments=True)
    except SyntaxError:
        continue
    raise AssertionError(source)
try:
    ast.parse("def f(): # type: () -> int\n  # type: () -> str\n  pass\n", type_comments=True)
except SyntaxError as error:
    assert "Cannot have two type comments on def" in str(error)

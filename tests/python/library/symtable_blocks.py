# The compiler's scopes as the modules `_symtable` and `symtable` show them.
import _symtable
import symtable

SOURCE = '''
import os, a.b as c
from m import p as q
def f(a, b=1, *c, d: int = 2, **e) -> str:
    global g
    x: int = 1
    y = [z for z in a if x]
    def h():
        nonlocal x
        x += 1
        return lambda: x
    return (u for u in a)
class C(B):
    a: int
    def m(self): return __class__, super().m()
    z = [a for _ in b]
class G[T: int](X):
    def f[V = T](self, a: T) -> V: return super()
type A[T: (int, str)] = list[T]
[(lambda: k) for k in range(3) if (w := k)]
'''


def blocks(table, depth=0):
    yield "  " * depth + f"{table.type} {table.name} {table.lineno} {table.nested} {table.varnames}"
    for name, word in sorted(table.symbols.items()):
        yield "  " * depth + f"- {name} {word >> _symtable.SCOPE_OFF} {word & 4095}"
    for child in table.children:
        yield from blocks(child, depth + 1)


# A module, a function with locals, cells and globals, an inlined comprehension and a generator expression.
top = _symtable.symtable(SOURCE, "name", "exec")
lines = list(blocks(top))
assert lines[0] == "2 top 0 0 []", lines[0]
assert "- os 1 128" in lines and "- c 1 128" in lines and "- q 1 128" in lines
assert "- w 2 1" in lines and "- k 5 2578" in lines
assert "  0 f 4 0 ['a', 'b', 'd', 'c', 'e']" in lines
assert "  - x 5 274" in lines and "  - z 1 530" in lines and "  - g 2 1" in lines
assert "    - x 4 10" in lines and "      - x 4 16" in lines
assert "    0 genexpr 12 1 ['.0']" in lines

# Each function has a block of annotations in front.
kinds = [(child.type, child.name) for child in top.children]
assert kinds == [(3, "__annotate__"), (0, "f"), (1, "C"), (5, "G"), (5, "A"), (0, "lambda")], kinds
assert [child.name for child in top.children[1].children] == ["__annotate__", "__annotate__", "h", "genexpr"]

# Type parameters, and names of a class that methods take from outside.
generic = top.children[3]
assert [(child.type, child.name) for child in generic.children] == [(6, "T"), (1, "G")]
inner = generic.children[1].children[0]
assert sorted(inner.symbols.items()) == [
    (".defaults", 4100), ("T", 16384), ("V", 21506), ("__class__", 16384), ("__classdict__", 16464)
], inner.symbols
assert [(child.type, child.name) for child in top.children[4].children] == [(6, "T"), (4, "A")]

# The object.
assert type(top).__name__ == "symtable entry"
assert repr(top) == f"<symtable entry top({top.id}), line 0>"
assert top.symbols is top.symbols and top.children is top.children
try:
    _symtable.symtable("a", "name", "else")
except ValueError as error:
    assert str(error) == "symtable() arg 3 must be 'exec' or 'eval' or 'single'"
try:
    _symtable.symtable([], "name", "exec")
except TypeError as error:
    assert str(error) == "symtable() arg 1 must be a string or bytes object", error
try:
    _symtable.symtable("def f(x):\n  global x", "name", "exec")
except SyntaxError as error:
    assert (error.filename, error.lineno, error.offset) == ("name", 2, 3)

# The library's module over it.
table = symtable.symtable("class A:\n  def f(self): return self.x\n", "name", "exec")
assert [child.get_name() for child in table.get_children()] == ["A"]
assert table.get_children()[0].lookup("f").is_namespace()

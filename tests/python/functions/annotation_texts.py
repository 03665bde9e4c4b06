# Annotations as texts: what CPython's own unparser makes of them.
from __future__ import annotations


def f(
    a: u"some", b: 1e1000, c: -1e1000j, d: f"{x=!r}", e: f"{x=}", g: f"{x=:>5}", h: a[*b], i: b"a" b"b",
    j: f"a{b!r:{c}}'\"", k: 1 .real, l: -(-x), m: a ** -b, n: f((x for x in y)), o: 0x10, p: 1_000,
    q: not (a == b), r: (lambda: x)(), s: f'{"x"}', t: (lambda x, /, y=1, *z, w=2, **v: x), u: (a, b)[0],
    v: a[b, c], w: (a | b) & c, x: {**a, "b": 1}, y: a if (b if c else d) else e, z: "\n\x00é\udc80",
    aa: 1.5e-10, ab: 1e16, ac: a[1:2, ::3], ad: ((a,),), ae: t"{ a  + b !r:>{c}}", af: {x: 1 for x, y in z if not x},
):
    pass


assert f.__annotations__ == {
    "a": "u'some'", "b": "1e309", "c": "-1e309j", "d": "f'x={x!r}'", "e": "f'x={x!r}'", "g": "f'x={x:>5}'",
    "h": "a[*b,]", "i": "b'ab'", "j": "f'a{b!r:{c}}\\'\"'", "k": "1 .real", "l": "--x", "m": "a ** (-b)",
    "n": "f(x for x in y)", "o": "16", "p": "1000", "q": "not a == b", "r": "(lambda: x)()", "s": "f\"{'x'}\"",
    "t": "lambda x, /, y=1, *z, w=2, **v: x", "u": "(a, b)[0]", "v": "a[b, c]", "w": "(a | b) & c",
    "x": "{**a, 'b': 1}", "y": "a if (b if c else d) else e", "z": "'\\n\\x00é\\udc80'", "aa": "1.5e-10", "ab": "1e+16",
    "ac": "a[1:2, ::3]", "ad": "((a,),)", "ae": "t'{ a  + b !r:>{c}}'", "af": "{x: 1 for x, y in z if not x}",
}, f.__annotations__

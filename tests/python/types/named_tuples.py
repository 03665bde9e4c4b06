# Named tuples and other subclasses of tuple without attributes are tuples with a class of their own; others keep theirs beside.
# Classes whose instances a Python `__new__` makes.
from collections import namedtuple
import copy, pickle, sys, weakref
P = namedtuple("P", "x y")
class Q(P):
    def m(self): return self.x
class R(P):
    __slots__ = ()
    def __eq__(self, o): return "eq"
    def __hash__(self): return 5
    def __len__(self): return 77
    def __iter__(self): return iter("ab")
    def __getitem__(self, i): return "item"
class S(P):
    __slots__ = ()
class New:
    def __new__(cls, a, b=2, *r, k=1):
        self = object.__new__(cls); self.v = (a, b, r, k); return self
class NewInit:
    def __new__(cls, a, b=2, *r, k=1):
        self = object.__new__(cls); self.v = (a, b, r, k); return self
    def __init__(self, a, b=3, *r, k=9): self.w = (a, b, r, k)
class Sub(NewInit):
    def __init__(self, *a, **k): super().__init__(*a, **k); self.z = 1
class Other:
    def __new__(cls, x): return x
class Down:
    def __new__(cls, x): return object.__new__(Downer)
class Downer(Down):
    def __init__(self, x): self.x = x
def t():
  for i in range(12):
    p = P(1, i); q = Q(1, i); r = R(1, i); s = S(1, i); t = (1, i)
    assert p == t == q == s and hash(p) == hash(t) == hash(q) == hash(s)
    assert p.x == q.x == r.x == s.x == 1 and p.y == q.y == r.y == s.y == i
    assert (r == t) == "eq" and hash(r) == 5 and len(r) == 77 and r[0] == "item"
    a, b = r; assert (a, b) == ("a", "b")
    a, b = p; assert (a, b) == (1, i)
    a, b = q; assert (a, b) == (1, i)
    assert list(p) == [1, i] and [x for x in q] == [1, i] and list(r) == ["a", "b"]
    assert p[0] == 1 and p[-1] == i and p[:] == t and type(p[:]) is tuple and type(p[0:2]) is tuple
    assert p[::1] is not p and p + (1,) == (1, i, 1) and p * 2 == (1, i, 1, i) and type(p*1) is tuple
    assert type(tuple(p)) is tuple and tuple(p) is not p and tuple(p) == p
    assert p.__getnewargs__() == (1, i) and type(tuple.__getnewargs__(p)[0]) is tuple
    assert type(copy.copy(p)) is P and copy.deepcopy(p) == p and type(copy.deepcopy(p)) is P
    assert {p: 1}[t] == 1 and {t: 1}[P(1, i)] == 1 and {p: 3}[P(1, i)] == 3
    assert p in {t} and t in {p} and P(1, i) in {p}
    assert repr(p) == f"P(x=1, y={i})" and repr(q) == f"Q(x=1, y={i})" and str(s) == f"S(x=1, y={i})"
    assert p._replace(x=4) == (4, i) and p._asdict() == {"x": 1, "y": i} and P._make([1, 2]) == (1, 2)
    assert P(y=i, x=1) == p and P(1, y=i) == p
    assert p < (2,) and p <= p and P(0, 0) < p and not (p < P(1, i))
    assert "%s %s" % p == f"1 {i}"
    assert isinstance(p, tuple) and type(p) is P and p.__class__ is P
    q.attr = 1; assert q.__dict__ == {"attr": 1} and q.m() == 1
    for bad in (p, s):
        try:
            bad.attr = 1
        except AttributeError as e:
            assert "object has no attribute 'attr'" in str(e), e
        else:
            assert 0
        try:
            weakref.ref(bad)
        except TypeError as e:
            assert str(e) == f"cannot create weak reference to '{type(bad).__name__}' object", e
        else:
            assert 0
    s.__class__ = P
    assert type(s) is P and s.y == i
    try:
        s.__class__ = Q
    except TypeError as e:
        assert str(e) == "__class__ assignment: 'Q' object layout differs from 'P'", e
    else:
        assert 0
    assert pickle.loads(pickle.dumps(p)) == p and type(pickle.loads(pickle.dumps(p))) is P
    assert New(i).v == (i, 2, (), 1) and New(i, 3, 4, k=5).v == (i, 3, (4,), 5) and New(b=1, a=i).v == (i, 1, (), 1)
    n = NewInit(i, 1, 2, k=4); assert n.v == (i, 1, (2,), 4) == n.w
    n = NewInit(b=7, a=i); assert n.v == (i, 7, (), 1) and n.w == (i, 7, (), 9)
    n = Sub(i, k=3); assert n.v == (i, 2, (), 3) and n.w == (i, 3, (), 3) and n.z == 1
    assert Other(i) == i and Other(x="s") == "s"
    assert Down(i).x == i and type(Down(x=i)) is Downer
    if i == 3:
        Downer.__init__ = lambda self, x: setattr(self, "x", x)
        New.__init__ = lambda self, *a, **k: None
  assert sys.getsizeof(p) == sys.getsizeof((1, 2))
  for text, call in [
    ("P.__new__() missing 1 required positional argument: 'y'", lambda: P(1)),
    ("P.__new__() takes 3 positional arguments but 4 were given", lambda: P(1, 2, 3)),
    ("P.__new__() got an unexpected keyword argument 'z'", lambda: P(1, z=3)),
    ("tuple.__new__(list): list is not a subtype of tuple", lambda: tuple.__new__(list)),
    ("Bad.__init__() takes 1 positional argument but 2 were given", lambda: Bad(1)),
    ("__init__() should return None, not 'int'", lambda: Worse(1)),
  ]:
    try:
        call()
    except TypeError as e:
        assert str(e) == text, e
    else:
        assert 0, text
class Bad:
    def __new__(cls, x): return object.__new__(cls)
    def __init__(self): pass
class Worse:
    def __new__(cls, x): return object.__new__(cls)
    def __init__(self, x): return x
t()
abstract = []
import abc
class A(metaclass=abc.ABCMeta):
    def __init__(self, x): self.x = x
class M(type):
    pass
class B(metaclass=M):
    def __init__(self, x): self.x = x
def metaclasses():
    for i in range(8):
        try:
            abstract.append(A(x=i).x)
        except TypeError as e:
            assert i > 3 and "abstract" in str(e), e
        else:
            assert i <= 3
        assert (B(x=i) if i > 5 else B(x=i).x) == ("called" if i > 5 else i)
        if i == 3: A.__abstractmethods__ = {"foo"}
        if i == 5: M.__call__ = lambda cls, x: "called"
metaclasses()
print("done")  # expect: done

# Weak references, proxies and finalizers.

import gc, _weakref
from _weakref import ref, proxy, getweakrefcount, getweakrefs
def t(f, *a, **k):
    try: print(f(*a, **k))
    except BaseException as e: print(type(e).__name__, e)
def scrub(n=50):
    x=[0]*n
    if n: scrub(n-1)
    return x
class A:
    def __init__(self,n): self.n=n
called=[]
def mk():
    a=A(1); r=ref(a, lambda r: called.append(r() is None))
    print(r() is a, getweakrefcount(a))
    return r
r=mk(); scrub(); gc.collect(); print(r() is None, called)  # expect: True 1
# expect: True [True]
class B: pass
b=B(); r1=ref(b); r2=ref(b); print(r1 is r2, r1==r2, hash(r1)==hash(b), r1.__callback__, getweakrefs(b)==[r1], b.__weakref__ is r1)  # expect: True True True None True True
t(ref, 3); t(ref, 'a'); t(ref, []); t(ref); t(ref, b, None, 3); t(ref, (1,))  # expect: TypeError cannot create weak reference to 'int' object
# expect: TypeError cannot create weak reference to 'str' object
# expect: TypeError cannot create weak reference to 'list' object
# expect: TypeError __new__ expected at least 1 argument, got 0
# expect: TypeError __new__ expected at most 2 arguments, got 3
# expect: TypeError cannot create weak reference to 'tuple' object
class T(tuple): pass
t(lambda: ref(T()))  # expect: TypeError cannot create weak reference to 'T' object
class L(list): pass
l=L(); rl=ref(l); print(rl() is l)  # expect: True
class S:
    __slots__=()
t(ref, S())  # expect: TypeError cannot create weak reference to 'S' object
class S2:
    __slots__=('__weakref__',)
s2=S2(); print(ref(s2)() is s2)  # expect: True
p=proxy(b); b.x=5; print(p.x, isinstance(p,B), type(p)); p.y=6; print(b.y)  # expect: 5 True <class 'weakref.ProxyType'>
# expect: 6
class N:
    def __init__(s,v): s.v=v
    def __add__(s,o): return ('add', s.v, o)
    def __radd__(s,o): return ('radd', s.v, o)
    def __eq__(s,o): return True
    def __len__(s): return 3
    def __getitem__(s,k): return k
    def __call__(s,*a,**k): return a,k
    def __bool__(s): return False
    def __iter__(s): return iter([1,2])
    def __str__(s): return 'str!'
n=N(4); q=proxy(n); print(q+1, 2+q, len(q), q[7], bool(q), list(q), str(q), q(1,z=2), q==5, type(q))  # expect: ('add', 4, 1) ('radd', 4, 2) 3 7 False [1, 2] str! ((1,), {'z': 2}) True <class 'weakref.CallableProxyType'>
t(hash,q)  # expect: TypeError unhashable type: 'weakref.CallableProxyType'
t(lambda: q-1)  # expect: TypeError unsupported operand type(s) for -: 'N' and 'int'
def f():
    b=B(); return proxy(b)
d=f(); scrub(); gc.collect(); t(lambda: d.x); t(lambda: d.foo())  # expect: ReferenceError weakly-referenced object no longer exists
# expect: ReferenceError weakly-referenced object no longer exists
print(ref(len)() is len, ref(f)() is f, ref(B)() is B)  # expect: True True True
class R(ref):
    __slots__=('key',)
    def __new__(cls, o, cb, key): s=super().__new__(cls,o,cb); s.key=key; return s
    def __init__(self,o,cb,key): super().__init__(o,cb)
rr=R(b,None,'k'); print(rr.key, rr() is b, rr==r1)  # expect: k True True
# resurrection
saved=[]
class Z:
    def __del__(self): saved.append(self); print('zdel')
def mkz(): Z()
mkz(); scrub(); gc.collect(); print(len(saved)); saved.clear(); scrub(); gc.collect(); print('once')  # expect: zdel
# expect: 1
# expect: once
class AtExit:
    def __del__(self): print('exit')  # expect: exit
last=AtExit()

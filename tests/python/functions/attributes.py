# Attributes of functions, cells, methods and modules; constructors; code that is replaced while it runs.

def t(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
def f(a, b=2, *, c=3): "doc"; return (a,b,c)
def g(a, b=5, *, c=6): return [a,b,c]
FT=type(f)
f.__code__=g.__code__; print(f(1)); f.__defaults__=(9,); print(f(1)); f.__defaults__=None; t(f,1); f.__kwdefaults__={'c':7}; print(f(1,2)); f.__kwdefaults__=None; t(f,1,2)
t(lambda: setattr(f,'__code__',3)); t(lambda: setattr(f,'__defaults__',3)); t(lambda: setattr(f,'__kwdefaults__',3)); t(lambda: delattr(f,'__code__')); del f.__defaults__; del f.__kwdefaults__; print(f.__defaults__, f.__kwdefaults__)
def o():
    x=1
    def i(): return x
    return i
t(lambda: setattr(f,'__code__',o().__code__)); t(lambda: setattr(f,'__globals__',{})); t(lambda: setattr(f,'__closure__',())); t(lambda: setattr(f,'__builtins__',{})); print(type(f.__builtins__), f.__builtins__ is __builtins__.__dict__)
t(lambda: setattr(f,'__name__',3)); t(lambda: setattr(f,'__qualname__',3)); t(lambda: delattr(f,'__name__')); f.__name__='nn'; f.__qualname__='A.nn'; print(f.__name__, repr(f)[:17], f.__qualname__)
t(lambda: setattr(f,'__dict__',3)); f.__dict__={'z':1}; print(f.z, f.__dict__); t(lambda: delattr(f,'__dict__')); f.y=2; print(f.__dict__); del f.z; print(f.__dict__)
def h(x: int, *a: str) -> bool: pass
print(h.__annotations__, h.__annotations__ is h.__annotations__, h.__annotate__(1)); h.__annotations__={'q':1}; print(h.__annotations__, h.__annotate__); h.__annotations__=None; print(h.__annotations__); t(lambda: setattr(h,'__annotations__',3)); del h.__annotations__; print(h.__annotations__)
h.__annotate__=lambda fmt: {'k':fmt}; print(h.__annotations__); t(lambda: setattr(h,'__annotate__',3)); t(lambda: delattr(h,'__annotate__')); h.__annotate__=lambda fmt: 3; t(lambda: h.__annotations__); h.__annotate__=None; print(h.__annotations__)
print(f.__type_params__); t(lambda: setattr(f,'__type_params__',3)); f.__type_params__=(1,); print(f.__type_params__)
print(f.__doc__); f.__doc__='new'; print(f.__doc__); del f.__doc__; print(f.__doc__); f.__module__='m'; print(f.__module__); del f.__module__; print(f.__module__)
k=FT(g.__code__, {'zz':1}); print(k.__name__, k.__globals__, k.__defaults__, k.__closure__, k.__kwdefaults__, k.__module__, k(1,2,c=3))
k=FT(g.__code__, {}, 'nm', (1,), None, {'c':4}); print(k.__name__, k.__qualname__, k(0))
t(FT); t(FT,1,{}); t(FT,g.__code__,1); t(FT,g.__code__,{},3); t(FT,g.__code__,{},None,3); t(FT,o().__code__,{}); t(FT,o().__code__,{},None,None,()); t(FT,o().__code__,{},None,None,(1,)); t(FT,g.__code__,{},None,None,o().__closure__); t(FT,g.__code__,{},None,None,None,3); t(FT,o().__code__,{},None,None,3); print(FT(o().__code__,{},closure=o().__closure__)())
k=FT(code=g.__code__,globals={'__name__':'xyz'},name='q'); print(k.__module__, k.__doc__)
def d(): "dd"
print(FT(d.__code__,{}).__doc__)
CT=type(o().__closure__[0]); c=CT(); t(lambda: c.cell_contents); c.cell_contents=3; print(c.cell_contents, CT(4)==CT(4), CT(4)<CT(5), CT()<CT(1), repr(CT(3))[:8], repr(CT())[-8:]); del c.cell_contents; t(lambda: c.cell_contents); t(CT,1,2); t(hash,c)
MT=type([].append.__self__.__class__.append) if 0 else type(C().m) if (C:=type('C',(),{'m':lambda s:s})) else 0
t(MT,1,2); t(MT,f); m=MT(len,[1,2]); print(m(), m.__self__, m.__func__); t(MT,f,None); print(MT(f,1)==MT(f,1), hash(MT(f,1))==hash(MT(f,1)))
print(f.__get__(None,int) is f, f.__get__(3).__self__); t(f.__get__,None,None)
import sys
M=type(sys); m=M('nm','dd'); print(m.__name__, m.__doc__, m.__dict__, m.__package__, m.__spec__); t(M); t(M,3); m2=M.__new__(M); print(m2.__dict__); 
class MM(M):
    x=5
    def __init__(s,n): super().__init__(n)
    def __getattr__(s,n): return 'dyn'+n
q=MM('qq'); print(q.x,q.foo,q.__name__, type(q) is MM, q.__dict__); q.bar=3; print(q.bar)
def changing():
    def inner(): return 1
    def other(): return 2
    def run():
        yield 1
        inner.__code__=other.__code__
        run.__code__=(lambda: 7).__code__ if 0 else run.__code__
        yield inner()
    return list(run())
print(changing())
def selfchange(n):
    x=[1,2,3]
    selfchange.__code__=repl.__code__
    s=0
    for i in x: s+=i*n
    return s, selfchange(5)
def repl(n): return 'replaced',n
print(selfchange(2), selfchange(3))
def sg():
    y=5
    yield y
    sg.__code__=sg2.__code__
    z=yield y+1
    yield y+2
def sg2():
    yield 'two'
gg=sg(); print(list(gg), list(sg()))
# expect: [1, 2, 3]
# expect: [1, 9, 3]
# expect: TypeError f() missing 1 required positional argument: 'b'
# expect: [1, 2, 7]
# expect: TypeError f() missing 1 required keyword-only argument: 'c'
# expect: TypeError __code__ must be set to a code object
# expect: TypeError __defaults__ must be set to a tuple object
# expect: TypeError __kwdefaults__ must be set to a dict object
# expect: TypeError __code__ must be set to a code object
# expect: None None
# expect: ValueError f() requires a code object with 0 free vars, not 1
# expect: AttributeError readonly attribute
# expect: AttributeError readonly attribute
# expect: AttributeError readonly attribute
# expect: <class 'dict'> True
# expect: TypeError __name__ must be set to a string object
# expect: TypeError __qualname__ must be set to a string object
# expect: TypeError __name__ must be set to a string object
# expect: nn <function A.nn at A.nn
# expect: TypeError __dict__ must be set to a dictionary, not a 'int'
# expect: 1 {'z': 1}
# expect: TypeError cannot delete __dict__
# expect: {'z': 1, 'y': 2}
# expect: {'y': 2}
# expect: {'x': <class 'int'>, 'a': <class 'str'>, 'return': <class 'bool'>} True {'x': <class 'int'>, 'a': <class 'str'>, 'return': <class 'bool'>}
# expect: {'q': 1} None
# expect: {}
# expect: TypeError __annotations__ must be set to a dict object
# expect: {}
# expect: {'k': 1}
# expect: TypeError __annotate__ must be callable or None
# expect: TypeError __annotate__ cannot be deleted
# expect: TypeError __annotate__ returned non-dict of type 'int'
# expect: {}
# expect: ()
# expect: TypeError __type_params__ must be set to a tuple
# expect: (1,)
# expect: doc
# expect: new
# expect: None
# expect: m
# expect: None
# expect: g {'zz': 1} None None None None [1, 2, 3]
# expect: nm g [0, 1, 4]
# expect: TypeError function() missing required argument 'code' (pos 1)
# expect: TypeError function() argument 'code' must be code, not int
# expect: TypeError function() argument 'globals' must be dict, not int
# expect: TypeError arg 3 (name) must be None or string
# expect: TypeError arg 4 (defaults) must be None or tuple
# expect: TypeError arg 5 (closure) must be tuple
# expect: ValueError i requires closure of length 1, not 0
# expect: TypeError arg 5 (closure) expected cell, found int
# expect: ValueError g requires closure of length 0, not 1
# expect: TypeError arg 6 (kwdefaults) must be None or dict
# expect: TypeError arg 5 (closure) must be None or tuple
# expect: 1
# expect: xyz None
# expect: dd
# expect: ValueError Cell is empty
# expect: 3 True True True <cell at : empty>
# expect: ValueError Cell is empty
# expect: TypeError cell expected at most 1 argument, got 2
# expect: TypeError unhashable type: 'cell'
# expect: TypeError first argument must be callable
# expect: TypeError method expected 2 arguments, got 1
# expect: 2 [1, 2] <built-in function len>
# expect: TypeError instance must not be None
# expect: True True
# expect: True 3
# expect: TypeError __get__(None, None) is invalid
# expect: nm dd {'__name__': 'nm', '__doc__': 'dd', '__package__': None, '__loader__': None, '__spec__': None} None None
# expect: TypeError module() missing required argument 'name' (pos 1)
# expect: TypeError module() argument 'name' must be str, not int
# expect: {}
# expect: 5 dynfoo qq True {'__name__': 'qq', '__doc__': None, '__package__': None, '__loader__': None, '__spec__': None}
# expect: 3
# expect: [1, 2]
# expect: (12, ('replaced', 5)) ('replaced', 3)
# expect: [5, 6, 7] ['two']

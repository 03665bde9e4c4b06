# Frames, tracebacks and the variables of frames.

import sys
def t(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
def f(a, b=2):
    c = a + b
    fr = sys._getframe()
    def g(): return c
    print(fr.f_code.co_name, fr.f_lineno, fr.f_locals['a'], sorted(fr.f_locals), fr.f_back.f_code.co_name, fr.f_globals is globals(), type(fr.f_builtins))
    return fr
fr = f(1)
print(fr.f_locals['c'], sorted(fr.f_locals), fr.f_lineno, fr.f_back is sys._getframe(), fr.f_code is f.__code__)
print(type(fr).__name__, type(fr.f_locals).__name__, repr(fr)[:9])
t(sys._getframe, 100)
t(lambda: setattr(fr,'f_lineno',3)); t(lambda: setattr(fr,'f_locals',3)); t(lambda: setattr(fr,'f_back',3))
print(fr.f_trace, fr.f_trace_lines, fr.f_trace_opcodes); fr.f_trace_lines=False; print(fr.f_trace_lines); fr.f_trace=3; print(fr.f_trace); del fr.f_trace; print(fr.f_trace)
t(lambda: setattr(fr,'f_trace_lines',3))
fr.clear(); print(dict(fr.f_locals))
def live():
    x=1
    p=sys._getframe().f_locals
    p['x']=5
    p['new']=7
    print(x, p['new'], sorted(p), 'x' in p, 'zz' in p, len(p), p.get('x'), p.get('q',3), list(p.keys()), p.values(), p.items())
    t(lambda: p['nope']); t(lambda: p.pop('x')); t(lambda: p.__delitem__('x')); 
    p.update({'x':9}); print(x, p=={'x':9}, p.copy()==dict(p), type(p.copy()), p.setdefault('x',3), p.setdefault('y2',4))
    print(p|{'z':1} == {**p,'z':1}, p is sys._getframe().f_locals, p==sys._getframe().f_locals, repr(p)[:5])
    t(hash,p); print(list(reversed(p))[:1])
    try: sys._getframe().clear()
    except RuntimeError as e: print(e)
live()
def gen():
    y=1
    z = yield y
    y=z
    yield sys._getframe().f_back.f_code.co_name
g=gen(); print(g.gi_frame.f_lineno, g.gi_code is gen.__code__, g.gi_running, g.gi_yieldfrom, dict(g.gi_frame.f_locals), g.gi_suspended)
next(g); gf=g.gi_frame; print(gf.f_locals['y'], gf.f_lineno, gf.f_back, g.gi_frame is gf, g.gi_suspended)
print(g.send(4), gf.f_locals['y'], gf.f_lineno)
t(next,g); print(g.gi_frame, gf.f_locals.get('y'), g.gi_suspended)
def deleg():
    yield from gen()
d=deleg(); next(d); print(type(d.gi_yieldfrom).__name__)
g2=gen(); next(g2); f2=g2.gi_frame; t(f2.clear); g2.close(); print(g2.gi_frame, dict(f2.f_locals)); g3=gen(); f3=g3.gi_frame; f3.clear(); t(next,g3); print(f3.f_locals)
def a(): b()
def b():
    loc=3
    raise ValueError('x')
try: a()
except ValueError as e:
    tb=e.__traceback__
    while tb: print(tb.tb_lineno, tb.tb_frame.f_code.co_name, tb.tb_frame.f_lineno, tb.tb_lasti==tb.tb_frame.f_lasti or tb.tb_next is None); last=tb; tb=tb.tb_next
    print(last.tb_frame.f_locals, last.tb_frame.f_back.f_code.co_name, last.tb_frame.f_back is e.__traceback__.tb_next.tb_frame)
    print(sys.exc_info()[2] is e.__traceback__, sys.exception() is e)
    tb=e.__traceback__
class types: TracebackType=type(tb)
tt=types.TracebackType(None, sys._getframe(), 4, 77); print(tt.tb_lineno, tt.tb_lasti, tt.tb_next, tt.tb_frame.f_code.co_name)
tt.tb_next=tb; print(tt.tb_next is tb); t(lambda: setattr(tb,'tb_next',tt)); t(lambda: setattr(tt,'tb_next',3)); t(lambda: delattr(tt,'tb_next')); tt.tb_next=None; print(tt.tb_next)
t(types.TracebackType, 3, sys._getframe(), 1, 2); t(types.TracebackType, None, 3, 1, 2); t(types.TracebackType); print(dir(tt)[-4:])
e=ValueError(1).with_traceback(tt); print(e.__traceback__ is tt)
t(lambda: setattr(tt,'tb_lineno',3))
class C:
    q=1
    fr=sys._getframe()
    print(fr.f_locals is locals(), fr.f_code.co_name, sorted(k for k in fr.f_locals if k[0]!='_'))
print(C.fr.f_locals.get('q'), sys._getframe().f_locals is globals())
def rec(n):
    if n==0: return sys._getframe()
    return rec(n-1)
x=rec(5); n=0
while x: n+=1; x=x.f_back
print(n)
def loop():
    r=0
    for i in range(2000):
        try:
            if i%3==0: raise KeyError(i)
            r+=1
        except KeyError as e: r+=e.__traceback__.tb_frame.f_locals['i']
    return r
print(loop())
def raiser(i):
    if i % 7 == 0: raise ValueError(i)
    return i
def loop2():
    s=0
    for i in range(3000):
        try: s+=raiser(i)
        except ValueError as e:
            s+=e.__traceback__.tb_next.tb_frame.f_locals['i']
    return s
print(loop2())
def inner3(i): return sys._getframe(1).f_locals['i'] + sys._getframe().f_locals['i']
def loop3():
    s=0
    for i in range(3000): s+=inner3(i)
    return s
print(loop3())
# expect: f 11 1 ['a', 'b', 'c', 'fr', 'g'] <module> True <class 'dict'>
# expect: 3 ['a', 'b', 'c', 'fr', 'g'] 12 True True
# expect: frame FrameLocalsProxy <frame at
# expect: ValueError call stack is not deep enough
# expect: ValueError f_lineno can only be set in a trace function
# expect: AttributeError attribute 'f_locals' of 'frame' objects is not writable
# expect: AttributeError attribute 'f_back' of 'frame' objects is not writable
# expect: None True False
# expect: False
# expect: 3
# expect: None
# expect: TypeError attribute value type must be bool
# expect: {}
# expect: 5 7 ['new', 'p', 'x'] True False 3 5 3 ['x', 'p', 'new'] [5, {'x': 5, 'p': {...}, 'new': 7}, 7] [('x', 5), ('p', {'x': 5, 'p': {...}, 'new': 7}), ('new', 7)]
# expect: KeyError "local variable ''nope'' is not defined"
# expect: ValueError cannot remove local variables from FrameLocalsProxy
# expect: ValueError cannot remove local variables from FrameLocalsProxy
# expect: 9 False True <class 'dict'> 9 4
# expect: True False True {'x':
# expect: TypeError unhashable type: 'FrameLocalsProxy'
# expect: ['y2']
# expect: cannot clear an executing frame
# expect: 34 True False None {} False
# expect: 1 36 None True True
# expect: <module> 4 38
# expect: StopIteration 
# expect: None 4 False
# expect: generator
# expect: RuntimeError cannot clear a suspended frame
# expect: None {'y': 1}
# expect: StopIteration 
# expect: {}
# expect: 51 <module> 54 False
# expect: 47 a 47 True
# expect: 50 b 50 True
# expect: {'loc': 3} a True
# expect: True True
# expect: 77 4 None <module>
# expect: True
# expect: ValueError traceback loop detected
# expect: TypeError expected traceback object, got 'int'
# expect: TypeError can't delete tb_next attribute
# expect: None
# expect: TypeError expected traceback object or None, got 'int'
# expect: TypeError traceback() argument 'tb_frame' must be frame, not int
# expect: TypeError traceback() missing required argument 'tb_next' (pos 1)
# expect: ['tb_frame', 'tb_lasti', 'tb_lineno', 'tb_next']
# expect: True
# expect: AttributeError attribute 'tb_lineno' of 'traceback' objects is not writable
# expect: True C ['fr', 'q']
# expect: 1 True
# expect: 7
# expect: 667666
# expect: 4498500
# expect: 8997000

# Results and error texts of _contextvars and _queue.
import _contextvars, _queue
from _contextvars import *
from _queue import SimpleQueue as Q, Empty
v=ContextVar('v'); w=ContextVar('w',default=5)
c=Context()
def inner():
    v.set(3); return copy_context()
def nested():
    return c.run(lambda: 1)
def token_use():
    t1=v.set(1); r=[v.get(), t1.old_value is Token.MISSING, t1.var is v]
    t2=v.set(2); r.append(t2.old_value); v.reset(t2); r.append(v.get())
    try: v.reset(t2)
    except RuntimeError as e: r.append(str(e).split(' var')[0])
    with v.set(9) as t3: r.append(v.get())
    r.append(v.get()); v.reset(t1); r.append(v.get('none'))
    return r
    t=v.set(1)
    try: w.reset(t)
    except ValueError as e: r=str(e)[-40:]
    v.reset(t)
    return r
def wrong_context():
    t=c.run(lambda: v.set(1))
    v.reset(t)


def check(action, expected):
    try:
        found = repr(action())
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    assert found == expected, (found, expected)



check(lambda: ContextVar(), 'TypeError: ContextVar() takes exactly 1 positional argument (0 given)')
check(lambda: ContextVar(1), 'TypeError: context variable name must be a str')
check(lambda: ContextVar('a',2), 'TypeError: ContextVar() takes at most 1 positional argument (2 given)')
check(lambda: ContextVar('a',x=2), "TypeError: ContextVar() got an unexpected keyword argument 'x'")
check(lambda: ContextVar('a').name, "'a'")
check(lambda: v.get(7), '7')
check(lambda: v.get(1,2), 'TypeError: get expected at most 1 argument, got 2')
check(lambda: v.get(default=3), 'TypeError: ContextVar.get() takes no keyword arguments')
check(lambda: w.get(), '5')
check(lambda: w.get(3), '3')
check(lambda: Context(1), 'TypeError: Context() does not accept any arguments')
check(lambda: len(c), '0')
check(lambda: list(c), '[]')
check(lambda: len(c.run(inner)), '1')
check(lambda: len(c), '1')
check(lambda: list(c)==[v], 'True')
check(lambda: list(c.keys())==[v], 'True')
check(lambda: list(c.values()), '[3]')
check(lambda: list(c.items())==[(v,3)], 'True')
check(lambda: c[v], '3')
check(lambda: v in c, 'True')
check(lambda: w in c, 'False')
check(lambda: 1 in c, 'TypeError: a ContextVar key was expected, got 1')
check(lambda: c['a'], "TypeError: a ContextVar key was expected, got 'a'")
check(lambda: c.get(v), '3')
check(lambda: c.get(w), 'None')
check(lambda: c.get(w,8), '8')
check(lambda: c.get('a'), "TypeError: a ContextVar key was expected, got 'a'")
check(lambda: c==c.copy(), 'True')
check(lambda: c==Context(), 'False')
check(lambda: c==1, 'False')
check(lambda: c.copy() is c, 'False')
check(lambda: hash(c), "TypeError: unhashable type: '_contextvars.Context'")
check(lambda: c.run(), 'TypeError: run() missing 1 required positional argument')
check(lambda: c.run(1), "TypeError: 'int' object is not callable")
check(lambda: c.run(max,1,2), '2')
check(lambda: c.run(int,'11',base=2), '3')
check(lambda: token_use(), "[1, True, True, 1, 1, '<Token used', 9, 1, 'none']")
check(lambda: Token(), 'RuntimeError: Tokens can only be created by ContextVars')
check(lambda: Token.MISSING, '<Token.MISSING>')
check(lambda: type(Token.MISSING), "<class 'Token.MISSING'>")
check(lambda: v.reset(1), 'TypeError: expected an instance of Token, got 1')
check(lambda: v.set(), 'TypeError: ContextVar.set() takes exactly one argument (0 given)')
check(lambda: v.set(1,2), 'TypeError: ContextVar.set() takes exactly one argument (2 given)')
check(lambda: copy_context(1), 'TypeError: _contextvars.copy_context() takes no arguments (1 given)')
check(lambda: len(copy_context())>=0, 'True')
check(lambda: Context, "<class '_contextvars.Context'>")
check(lambda: ContextVar, "<class '_contextvars.ContextVar'>")
check(lambda: Token, "<class '_contextvars.Token'>")
check(lambda: Q(1), 'TypeError: SimpleQueue() takes no positional arguments')
check(lambda: Q().empty(), 'True')
check(lambda: Q().qsize(), '0')
check(lambda: Q().get(False), 'Empty: ')
check(lambda: Q().get_nowait(), 'Empty: ')
check(lambda: Q().get(True,0.01), 'Empty: ')
check(lambda: Q().get(timeout=-1), "ValueError: 'timeout' must be a non-negative number")
check(lambda: Q().get(timeout='a'), "TypeError: 'str' object cannot be interpreted as an integer or float")
check(lambda: Q().get(block=False,timeout=-1), 'Empty: ')
check(lambda: Q().put(), "TypeError: put() missing required argument 'item' (pos 1)")
check(lambda: Q().put(1), 'None')
check(lambda: Q().put(1,2,3), 'None')
check(lambda: Q().put(1,2,3,4), 'TypeError: put() takes at most 3 arguments (4 given)')
check(lambda: Q().put_nowait(1), 'None')
check(lambda: Q().put(item=1,block=False,timeout=None), 'None')
check(lambda: Empty, "<class '_queue.Empty'>")
check(lambda: Empty('x'), "Empty('x')")
check(lambda: Q, "<class '_queue.SimpleQueue'>")
check(lambda: issubclass(Empty,Exception), 'True')

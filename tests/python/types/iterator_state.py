# How far iterators have come, views of dicts, super and methods as values.

def t(f, *a, **k):
    try: print(repr(f(*a, **k)))
    except BaseException as e: print(type(e).__name__, e)
import copy
for it in [lambda: iter([1,2,3]), lambda: iter((1,2,3)), lambda: iter('abc'), lambda: iter('aé'), lambda: iter(b'abc'), lambda: iter(bytearray(b'ab')), lambda: iter(range(5)), lambda: reversed([1,2,3]), lambda: reversed((1,2)), lambda: reversed(range(4)), lambda: iter({1:2,3:4}), lambda: iter({1:2}.values()), lambda: iter({1:2}.items()), lambda: reversed({1:2,3:4}), lambda: reversed({1:2,3:4}.values()), lambda: reversed({1:2,3:4}.items()), lambda: iter({1}), lambda: enumerate('ab'), lambda: zip([1,2],'ab'), lambda: zip([1],[2],strict=True), lambda: map(str,[1,2]), lambda: filter(None,[0,1]), lambda: iter(int,1)]:
    i=it(); print(type(i).__name__, getattr(i,'__length_hint__',lambda:None)(), end=' ')
    try:
        r=i.__reduce__(); print(r[0].__name__, len(r), r[2:] , end=' ')
    except Exception as e: print(type(e), e, end=' ')
    if type(i).__name__!='callable_iterator':
        next(i); print(getattr(i,'__length_hint__',lambda:None)(), i.__reduce__()[2:], end=' ')
        if hasattr(i,'__setstate__') and type(i).__name__ not in('zip','map'): i.__setstate__(1); print(list(copy.copy(i)) if 0 else list(i), end=' '); print(i.__reduce__()[0].__name__, i.__reduce__()[1:], i.__length_hint__(), end=' ')
        else: print(list(i), end=' ')
    print()  # expect: list_iterator 3 iter 3 (0,) 2 (1,) [2, 3] iter (([],),) 0 
# expect: tuple_iterator 3 iter 3 (0,) 2 (1,) [2, 3] iter (((),),) 0 
# expect: str_ascii_iterator 3 iter 3 (0,) 2 (1,) ['b', 'c'] iter (('',),) 0 
# expect: str_iterator 2 iter 3 (0,) 1 (1,) ['é'] iter (('',),) 0 
# expect: bytes_iterator 3 iter 3 (0,) 2 (1,) [98, 99] iter (((),),) 0 
# expect: bytearray_iterator 2 iter 3 (0,) 1 (1,) [98] iter (((),),) 0 
# expect: range_iterator 5 iter 3 (None,) 4 (None,) [2, 3, 4] iter ((range(5, 5),), None) 0 
# expect: list_reverseiterator 3 reversed 3 (2,) 2 (1,) [2, 1] reversed (([],),) 0 
# expect: reversed 2 reversed 3 (1,) 1 (0,) [2, 1] reversed (((),),) 0 
# expect: range_iterator 4 iter 3 (None,) 3 (None,) [1, 0] iter ((range(-1, -1, -1),), None) 0 
# expect: dict_keyiterator 2 iter 2 () 1 () [3] 
# expect: dict_valueiterator 1 iter 2 () 0 () [] 
# expect: dict_itemiterator 1 iter 2 () 0 () [] 
# expect: dict_reversekeyiterator 2 iter 2 () 1 () [1] 
# expect: dict_reversevalueiterator 2 iter 2 () 1 () [2] 
# expect: dict_reverseitemiterator 2 iter 2 () 1 () [(1, 2)] 
# expect: set_iterator 1 iter 2 () 0 () [] 
# expect: enumerate None enumerate 2 () None () [(1, 'b')] 
# expect: zip None zip 2 () None () [(2, 'b')] 
# expect: zip None zip 3 (True,) None (True,) [] 
# expect: map None map 2 () None () ['2'] 
# expect: filter None filter 2 () None () [] 
# expect: callable_iterator None iter 2 () 
d={1:2,3:4}
print(d.keys()&[1], [1]&d.keys(), d.keys()|{5}, d.items()-{(1,2)}, {(1,2),(7,8)}-d.items(), d.keys().mapping, d.keys()<{1,3,5}, d.items()>=set(), d.keys()^{1}, d.keys().isdisjoint([9]))  # expect: {1} {1} {1, 3, 5} {(3, 4)} {(7, 8)} {1: 2, 3: 4} True True {3} True
t(lambda: d.keys()&1); t(lambda: 1-d.keys())  # expect: TypeError 'int' object is not iterable
# expect: TypeError 'int' object is not iterable
t(lambda: list(map(lambda a,b:a,[1,2],[1],strict=True))); t(lambda: list(zip([1],[1,2],strict=True))); t(lambda: list(zip([1],[2],[],strict=True)))  # expect: ValueError map() argument 2 is shorter than argument 1
# expect: ValueError zip() argument 2 is longer than argument 1
# expect: ValueError zip() argument 3 is shorter than arguments 1-2
print((5).__getnewargs__(), True.__getnewargs__(), (1.5).__getnewargs__(), float.from_number(3), 'a'.__getnewargs__())  # expect: (5,) (1,) (1.5,) 3.0 ('a',)
class A:
    def m(self): 'doc'
a=A(); print(a.m.__get__(1)==a.m, a.m.__name__, a.m.__qualname__, a.m.__module__, a.m.__doc__, a.m.__reduce__()[0])  # expect: True m A.m __main__ doc <built-in function getattr>
class B(A):
    def m(self): return super()
print(super(B).__get__(B()).m.__func__ is A.m, B().m().m.__qualname__)  # expect: True A.m
t(lambda: {1:2}.__reversed__().__next__())  # expect: 1
d={1:1}; r=reversed(d); d[2]=2; t(next, r)  # expect: RuntimeError dictionary changed size during iteration
print([type(x).__module__ for x in (1,len,[].append,A().m,A.m,int.real,iter([]),{}.keys(),list[int],A.__dict__)])  # expect: ['builtins', 'builtins', 'builtins', 'builtins', 'builtins', 'builtins', 'builtins', 'builtins', 'types', 'builtins']

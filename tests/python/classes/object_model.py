# Slots, __class__ assignment, making classes, descriptors of built-in types.

def t(f, *a, **k):
    try: r = f(*a, **k); print(r if not isinstance(r, type) else r)
    except BaseException as e:
        print(type(e).__name__, e, getattr(e,'__notes__',None))
def x(src, g=None):
    def f():
        pass
class A:
    __slots__ = ('a', '__b', '__dict__')
    def __init__(self): self.a=1; self.__b=2; self.c=3
a=A(); print(a.a, a.c, a.__dict__, A.__dict__['a'], sorted(A.__dict__))  # expect: 1 3 {'c': 3} <member 'a' of 'A' objects> ['_A__b', '__dict__', '__doc__', '__firstlineno__', '__init__', '__module__', '__slots__', '__static_attributes__', 'a']
class B(A):
    __slots__=('d',)
b=B(); b.d=5; b.z=1; print(b.d, b.__dict__, B.d, B.a)  # expect: 5 {'c': 3, 'z': 1} <member 'd' of 'B' objects> <member 'a' of 'A' objects>
del b.d
t(lambda: b.d)  # expect: AttributeError 'B' object has no attribute 'd' None
t(lambda: delattr(b,'d'))  # expect: AttributeError d None
class C: __slots__=('x',)
class D: __slots__=('x',)
class E: __slots__=('y',)
c=C(); c.x=1; c.__class__=D; print(type(c), c.x)  # expect: <class '__main__.D'> 1
t(lambda: setattr(c,'__class__',E))  # expect: TypeError __class__ assignment: 'E' object layout differs from 'D' None
t(lambda: setattr(c,'__class__',int))  # expect: TypeError __class__ assignment only supported for mutable types or ModuleType subclasses None
t(lambda: setattr(c,'__class__',3))  # expect: TypeError __class__ must be set to a class, not 'int' object None
t(lambda: setattr(3,'__class__',int))  # expect: TypeError __class__ assignment only supported for mutable types or ModuleType subclasses None
t(type, 'X', (C,D), {})  # expect: TypeError multiple bases have instance lay-out conflict None
t(type, 'X', (int,), {'__slots__':('a',)})  # expect: TypeError nonempty __slots__ not supported for subtype of 'int' None
t(type, 'X', (), {'__slots__':(1,)})  # expect: TypeError __slots__ items must be strings, not 'int' None
t(type, 'X', (), {'__slots__':('1a',)})  # expect: TypeError __slots__ must be identifiers None
t(type, 'X', (), {'__slots__':('a',), 'a':1})  # expect: ValueError 'a' in __slots__ conflicts with class variable None
t(type, 'X', (), {'__slots__':('__dict__','__dict__')})  # expect: TypeError __dict__ slot disallowed: we already got one None
t(type, 'X', (A,), {'__slots__':('__dict__',)})  # expect: TypeError __dict__ slot disallowed: we already got one None
t(type, 'X', (A,), {'__slots__':('__weakref__','__weakref__')})  # expect: TypeError __weakref__ slot disallowed: we already got one None
t(type, 1, (), {})  # expect: TypeError type.__new__() argument 1 must be str, not int None
t(type, 'X', [], {})  # expect: TypeError type.__new__() argument 2 must be tuple, not list None
t(type, 'X', (), 3)  # expect: TypeError type.__new__() argument 3 must be dict, not int None
t(type, 'X', (1,), {})  # expect: TypeError metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases None
t(type, 'X', (bool,), {})  # expect: TypeError type 'bool' is not an acceptable base type None
t(type, 'X\0', (), {})  # expect: ValueError type name must not contain null characters None
t(type, 'X', (A,A), {})  # expect: TypeError duplicate base class A None
t(type, 'X', (object,A), {})  # expect: TypeError Cannot create a consistent method resolution order (MRO) for bases object, A None
t(type, 'X', (), {'__qualname__':1})  # expect: TypeError type __qualname__ must be a str, not int None
t(type)  # expect: TypeError type() takes 1 or 3 arguments None
t(type,1,2)  # expect: TypeError type() takes 1 or 3 arguments None
t(type,1,2,3,4)  # expect: TypeError type() takes 1 or 3 arguments None
t(object,1)  # expect: TypeError object() takes no arguments None
t(object.__new__)  # expect: TypeError object.__new__(): not enough arguments None
t(object.__new__,1)  # expect: TypeError object.__new__(X): X is not a type object (int) None
t(object.__new__,int)  # expect: TypeError object.__new__(int) is not safe, use int.__new__() None
t(int.__new__, str)  # expect: TypeError int.__new__(str): str is not a subtype of int None
t(int.__new__, bool)  # expect: TypeError int.__new__(bool) is not safe, use bool.__new__() None
t(object.__init__, A(), 1)  # expect: TypeError object.__init__() takes exactly one argument (the instance to initialize) None
class T(tuple): pass
x=T([1,2]); x.foo=3; print(x, x.foo, x.__dict__, x==(1,2), hash(x)==hash((1,2)), type(x), len(x), x[0], x+(3,), type(x+()), isinstance(x,tuple))  # expect: (1, 2) 3 {'foo': 3} True True <class '__main__.T'> 2 1 (1, 2, 3) <class 'tuple'> True
class I(int):
    def __repr__(self): return 'I!'
i=I(5); i.a=1; print(i, i+1, type(i+1), i==5, 5==i, {5:1}[i], i.a, int(i), str(i), '%d'%i, f'{i}', [10,11,12,13,14,15][i], i.bit_length(), -i, abs(i))  # expect: I! 6 <class 'int'> True True 1 1 5 I! 5 I! 15 3 -5 5
class S(str): pass
s=S('abc'); s.q=1; print(s, repr(s), s=='abc', 'abc'==s, {'abc':2}[s], s.upper(), type(s.upper()), s+'d', s.q, type(str(s)), s is str(s), len(s), s[1], ','.join([s,s]))  # expect: abc 'abc' True True 2 ABC <class 'str'> abcd 1 <class 'str'> False 3 b abc,abc
class F(float): pass
f=F(1.5); f.z=2; print(f, f+1, f==1.5, f.z, hash(f)==hash(1.5), type(+f), f.is_integer(), round(f), int(f), f<2, 2>f)  # expect: 1.5 2.5 True 2 True <class 'float'> False 2 1 True True
class FS(frozenset): pass
fs=FS([1]); fs.a=3; print(fs, fs.a, fs==frozenset([1]))  # expect: FS({1}) 3 True
class By(bytes): pass
by=By(b'ab'); by.t=1; print(by, by.t, by==b'ab', by[0], by+b'c')  # expect: b'ab' 1 True 97 b'abc'
class M(type):
    def __call__(cls,*a): return ('called', a)
class MM(metaclass=M): pass
t(MM,1)  # expect: ('called', (1,))
class SN:
    def __set_name__(self,o,n): raise ValueError('bad')
def mk():
    class Q: s=SN()
t(mk)  # expect: ValueError bad ["Error calling __set_name__ on 'SN' instance 's' in 'Q'"]
class Base:
    def __init_subclass__(cls, /, x=None, **k): super().__init_subclass__(**k); cls.x=x
class Sub(Base, x=3): pass
print(Sub.x)  # expect: 3
def mk():
    class Q(Base, y=3): pass
t(mk)  # expect: TypeError mk.<locals>.Q.__init_subclass__() takes no keyword arguments None
def mk():
    class Q(x=3): pass
t(mk)  # expect: TypeError mk.<locals>.Q.__init_subclass__() takes no keyword arguments None
print(type(object.__init__), type(object().__init__), type(list.append), type([].append), type(dict.__dict__['fromkeys']), type(dict.fromkeys), type(int.__dict__['real']))  # expect: <class 'wrapper_descriptor'> <class 'method-wrapper'> <class 'method_descriptor'> <class 'builtin_function_or_method'> <class 'classmethod_descriptor'> <class 'builtin_function_or_method'> <class 'getset_descriptor'>
print(list.append.__objclass__, list.append.__qualname__, [].append.__self__, [].append.__qualname__, list.append.__name__,  int.__add__.__objclass__)  # expect: <class 'list'> list.append [] list.append append <class 'int'>
t(list.append)  # expect: TypeError unbound method list.append() needs an argument None
t(list.append, 1, 2)  # expect: TypeError descriptor 'append' for 'list' objects doesn't apply to a 'int' object None
t(int.__add__, 's', 1)  # expect: TypeError descriptor '__add__' requires a 'int' object but received a 'str' None
t(int.__add__)  # expect: TypeError descriptor '__add__' of 'int' object needs an argument None
t(dict.__dict__['fromkeys'], 1)  # expect: TypeError descriptor 'fromkeys' for type 'dict' needs a type, not a 'int' as arg 2 None
t(dict.__dict__['fromkeys'], int)  # expect: TypeError descriptor 'fromkeys' requires a subtype of 'dict' but received 'int' None
t(dict.__dict__['fromkeys'], dict, 'ab')  # expect: {'a': None, 'b': None}
print(A.__mro__, A.__base__, A.__bases__, type(A.__dict__))  # expect: (<class '__main__.A'>, <class 'object'>) <class 'object'> (<class 'object'>,) <class 'mappingproxy'>
t(lambda: A.__dict__.__setitem__('a',1))  # expect: AttributeError 'mappingproxy' object has no attribute '__setitem__' None
class P:
    @property
    def foo(self): return 1
    @classmethod
    def cm(cls): "doc"
    @staticmethod
    def sm(): "sdoc"
p=P()
t(lambda: setattr(p,'foo',1))  # expect: AttributeError property 'foo' of 'P' object has no setter None
t(lambda: delattr(p,'foo'))  # expect: AttributeError property 'foo' of 'P' object has no deleter None
print(P.foo.__name__, P.__dict__['cm'].__doc__, P.__dict__['cm'].__name__, P.sm.__name__)  # expect: foo doc cm sm
class G:
    def __getattr__(self,n): return n
print(G().foo)  # expect: foo
class H:
    __slots__=['a']
    def __getattr__(self,n): return 'fallback '+n
print(H().a)  # expect: fallback a
t(lambda: H.a.__get__(3))  # expect: TypeError descriptor 'a' for 'H' objects doesn't apply to a 'int' object None
t(lambda: H.a.__get__(None))  # expect: TypeError __get__(None, None) is invalid None
print(H.a, H.a.__name__, H.a.__objclass__, H.a.__qualname__)  # expect: <member 'a' of 'H' objects> a <class '__main__.H'> H.a

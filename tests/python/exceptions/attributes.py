# What exceptions keep besides their arguments, and what they refuse.

def t(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
print(repr(OSError(2,'a','f')), str(OSError(2,'a','f')), OSError(2,'a','f').args, OSError(2,'a','f',None,'g'), OSError(2,'a','f',None,'g').__reduce__())
print(repr(OSError()), repr(OSError(1)), repr(OSError(1,2)), str(OSError(1,2)), repr(OSError(1,2,3,4,5,6)))
print(repr(OSError('a','b')), OSError(11,'x',5).characters_written, OSError(11,'x',5).args)
t(lambda: OSError(1,2).characters_written)
for e in range(1,134):
    o=OSError(e,'x')
    if type(o) is not OSError: print(e, type(o).__name__, end=' ')
print()
class A(OSError):
    def __init__(self,*a,**k): super().__init__(*a)
print(repr(A(2,'x')), A(2,'x','f').filename, A(2,'x',z=1).errno)
class B(OSError):
    def __new__(cls,*a): return super().__new__(cls,*a)
    def __init__(self,*a): pass
print(B(2,'x').errno, B(2,'x').args)
t(OSError,1,a=2)
t(BaseExceptionGroup); t(BaseExceptionGroup,1,2); t(ExceptionGroup,'a',[]); t(ExceptionGroup,'a',[1]); t(ExceptionGroup,'a',3); t(ExceptionGroup,'a',[KeyboardInterrupt()]); t(BaseExceptionGroup,'a',[ValueError(1)]); t(BaseExceptionGroup,'a',(KeyboardInterrupt(),)); t(ExceptionGroup,'a',{1:2}); t(ExceptionGroup,'a',(ValueError(1),TypeError(2)));t(ExceptionGroup,'a',[1],x=3);
class EG(ExceptionGroup): pass
t(EG,'a',[KeyboardInterrupt()]); 
class EG2(BaseExceptionGroup): pass
t(EG2,'a',[ValueError()]); class_=type(EG2('a',[ValueError()]))
print(class_.__mro__, ExceptionGroup.__mro__, ExceptionGroup.__bases__)
g=ExceptionGroup('m',[ValueError(1),TypeError(2),ExceptionGroup('n',[ValueError(3),OSError(4)])])
print(str(g), g.args, g.message, g.exceptions)
g.add_note('hi')
print(g.split(ValueError), g.subgroup(lambda e: isinstance(e,OSError)), g.subgroup(KeyError), g.split((KeyError,TypeError)), g.split(ExceptionGroup), g.subgroup(ValueError).__notes__)
t(g.split,3); t(g.derive,[ValueError()]); t(g.subgroup,3)
t(lambda: setattr(g,'message','x')); t(lambda: setattr(g,'exceptions','x'))
e=SyntaxError('m',('f',1,2,'t')); print(str(e), repr(e), e.msg,e.filename,e.lineno,e.offset,e.text,e.end_lineno,e.end_offset,e.print_file_and_line)
e=SyntaxError('m',('/a/f',1,2,'t',3,4)); print(str(e), e.end_lineno,e.end_offset)
t(SyntaxError,'m',('f',)); t(SyntaxError,'m',('f',1,2,'t',3)); print(str(SyntaxError()),str(SyntaxError(1)),str(SyntaxError(1,2,3)))
t(SyntaxError,'m',5)
e=SyntaxError('q'); e.lineno=4; print(str(e)); e.filename='x'; print(e); e.lineno='a'; print(e); e.msg=None; print(e); del e.msg; print(e)
print(UnicodeDecodeError('u',b'ab',0,1,'r'), UnicodeDecodeError('u',b'ab',0,2,'r'), UnicodeDecodeError('u',b'ab',5,6,'r'), repr(UnicodeEncodeError('u','\u1234b',0,1,'r')), UnicodeEncodeError('u','\u1234b',0,1,'r'), UnicodeTranslateError('\U00012345b',0,1,'r'),UnicodeTranslateError('ab',0,2,'r'))
t(UnicodeDecodeError); t(UnicodeDecodeError,'a','b',0,1,'c'); t(UnicodeEncodeError,'a',b'b',0,1,'c'); t(UnicodeTranslateError,1,2,3,4); t(UnicodeDecodeError,1,b'',0,1,'c')
e=UnicodeDecodeError('u',b'ab',0,1,'r'); print(e.encoding,e.object,e.start,e.end,e.reason); e.start=1; e.reason='zz'; e.end=2; print(e); t(setattr,e,'start','x'); t(delattr,e,'reason'); print(e.reason); 
e=ImportError('m',name='n',path='p'); print(e.name,e.path,e.msg,e.name_from, repr(e), e.args); t(ImportError,'a',foo=1); print(ImportError('a','b').msg, str(ImportError('a','b'))); print(e.__reduce__())
e=AttributeError('m',name='n',obj=3); print(e.name,e.obj,e.args,e.__reduce__()); t(AttributeError,'a',foo=1); t(NameError,'x',foo=1); print(NameError('m',name='q').name, NameError().name)
e=StopIteration(1,2); print(e.value,e.args); e.value=4; print(e.value,e.args); print(SystemExit(1,2).code, SystemExit().code, SystemExit(4).code)
e=KeyError('a'); print(e, repr(e), KeyError(), KeyError(1,2)); 
e=ValueError('x'); print(e.__reduce__()); e.foo=1; print(e.__reduce__()); e.__setstate__({'bar':2}); print(e.bar); t(e.__setstate__,3); print(e.__setstate__(None))
t(e.add_note,3); e.add_note('a'); print(e.__notes__); e.__notes__=3; t(e.add_note,'b')
t(ValueError,'a',x=1); 
class V(ValueError):
    def __init__(self,a,*,k): self.k=k
print(repr(V(1,k=3)), V(1,k=3).k, V(1,k=2).args)
class X(ValueError, OSError): pass
print(X(2,'a').errno)
class Y(KeyError, AttributeError): pass
print(Y('a').name, str(Y('a')))
t(type,'Z',(OSError,SyntaxError),{}); t(type,'Z',(OSError,StopIteration),{}); t(type,'Z',(SystemExit,ImportError),{}); t(type,'Z',(NameError,SystemExit),{}); 
e=ValueError(); e.__cause__=KeyError(); print(e.__suppress_context__); e.__suppress_context__=False; t(setattr,e,'__cause__',3); t(setattr,e,'__context__',3); t(setattr,e,'__traceback__',3); t(delattr,e,'__cause__'); t(delattr,e,'__traceback__'); t(delattr,e,'args'); t(setattr,e,'args',3); t(setattr,e,'__suppress_context__',3)
e.args='ab'; print(e.args)
import builtins
print([n for n in dir(builtins) if isinstance(getattr(builtins,n),type) and issubclass(getattr(builtins,n),BaseException)])
for n in dir(builtins):
    c=getattr(builtins,n)
print(BlockingIOError.__mro__)
# expect: FileNotFoundError(2, 'a') [Errno 2] a: 'f' (2, 'a') [Errno 2] a: 'f' -> 'g' (<class 'FileNotFoundError'>, (2, 'a', 'f', None, 'g'))
# expect: OSError() OSError(1) PermissionError(1, 2) [Errno 1] 2 OSError(1, 2, 3, 4, 5, 6)
# expect: OSError('a', 'b') 5 (11, 'x', 5)
# expect: AttributeError characters_written
# expect: 1 PermissionError 2 FileNotFoundError 3 ProcessLookupError 4 InterruptedError 10 ChildProcessError 11 BlockingIOError 13 PermissionError 17 FileExistsError 20 NotADirectoryError 21 IsADirectoryError 32 BrokenPipeError 103 ConnectionAbortedError 104 ConnectionResetError 108 BrokenPipeError 110 TimeoutError 111 ConnectionRefusedError 114 BlockingIOError 115 BlockingIOError 
# expect: A(2, 'x') f 2
# expect: 2 (2, 'x')
# expect: TypeError OSError() takes no keyword arguments
# expect: TypeError BaseExceptionGroup.__new__() takes exactly 2 arguments (0 given)
# expect: TypeError BaseExceptionGroup.__new__() argument 1 must be str, not int
# expect: ValueError second argument (exceptions) must be a non-empty sequence
# expect: ValueError Item 0 of second argument (exceptions) is not an exception
# expect: TypeError second argument (exceptions) must be a sequence
# expect: TypeError Cannot nest BaseExceptions in an ExceptionGroup
# expect: ExceptionGroup('a', [ValueError(1)])
# expect: BaseExceptionGroup('a', (KeyboardInterrupt(),))
# expect: TypeError second argument (exceptions) must be a sequence
# expect: ExceptionGroup('a', (ValueError(1), TypeError(2)))
# expect: ValueError Item 0 of second argument (exceptions) is not an exception
# expect: TypeError Cannot nest BaseExceptions in 'EG'
# expect: EG2('a', [ValueError()])
# expect: (<class '__main__.EG2'>, <class 'BaseExceptionGroup'>, <class 'BaseException'>, <class 'object'>) (<class 'ExceptionGroup'>, <class 'BaseExceptionGroup'>, <class 'Exception'>, <class 'BaseException'>, <class 'object'>) (<class 'BaseExceptionGroup'>, <class 'Exception'>)
# expect: m (3 sub-exceptions) ('m', [ValueError(1), TypeError(2), ExceptionGroup('n', [ValueError(3), OSError(4)])]) m (ValueError(1), TypeError(2), ExceptionGroup('n', [ValueError(3), OSError(4)]))
# expect: (ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [ValueError(3)])]), ExceptionGroup('m', [TypeError(2), ExceptionGroup('n', [OSError(4)])])) m (1 sub-exception) None (ExceptionGroup('m', [TypeError(2)]), ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [ValueError(3), OSError(4)])])) (ExceptionGroup('m', [ValueError(1), TypeError(2), ExceptionGroup('n', [ValueError(3), OSError(4)])]), None) ['hi']
# expect: TypeError expected an exception type, a tuple of exception types, or a callable (other than a class)
# expect: ExceptionGroup('m', [ValueError()])
# expect: TypeError expected an exception type, a tuple of exception types, or a callable (other than a class)
# expect: AttributeError readonly attribute
# expect: AttributeError readonly attribute
# expect: m (f, line 1) SyntaxError('m', ('f', 1, 2, 't')) m f 1 2 t None None None
# expect: m (f, line 1) 3 4
# expect: TypeError function takes at least 4 arguments (1 given)
# expect: TypeError end_offset must be provided when end_lineno is provided
# expect: None 1 1
# expect: TypeError 'int' object is not iterable
# expect: q (line 4)
# expect: q (x, line 4)
# expect: q (x)
# expect: None (x)
# expect: None (x)
# expect: 'u' codec can't decode byte 0x61 in position 0: r 'u' codec can't decode bytes in position 0-1: r 'u' codec can't decode bytes in position 5-5: r UnicodeEncodeError('u', 'ሴb', 0, 1, 'r') 'u' codec can't encode character '\u1234' in position 0: r can't translate character '\U00012345' in position 0: r can't translate characters in position 0-1: r
# expect: TypeError function takes exactly 5 arguments (0 given)
# expect: TypeError a bytes-like object is required, not 'str'
# expect: TypeError argument 2 must be str, not bytes
# expect: TypeError argument 1 must be str, not int
# expect: TypeError argument 1 must be str, not int
# expect: u b'ab' 0 1 r
# expect: 'u' codec can't decode byte 0x62 in position 1: zz
# expect: TypeError an integer is required
# expect: None
# expect: None
# expect: n p m None ImportError('m') ('m',)
# expect: TypeError ImportError() got an unexpected keyword argument 'foo'
# expect: None ('a', 'b')
# expect: (<class 'ImportError'>, ('m',), {'name': 'n', 'path': 'p'})
# expect: n 3 ('m',) (<class 'AttributeError'>, ('m',), {'name': 'n', 'args': ('m',)})
# expect: TypeError AttributeError() got an unexpected keyword argument 'foo'
# expect: TypeError NameError() got an unexpected keyword argument 'foo'
# expect: q None
# expect: 1 (1, 2)
# expect: 4 (1, 2)
# expect: (1, 2) None 4
# expect: 'a' KeyError('a')  (1, 2)
# expect: (<class 'ValueError'>, ('x',))
# expect: (<class 'ValueError'>, ('x',), {'foo': 1})
# expect: 2
# expect: TypeError state is not a dictionary
# expect: None
# expect: TypeError add_note() argument must be str, not int
# expect: ['a']
# expect: TypeError Cannot add note: __notes__ is not a list
# expect: TypeError ValueError() takes no keyword arguments
# expect: V(1) 3 (1,)
# expect: 2
# expect: None 'a'
# expect: TypeError multiple bases have instance lay-out conflict
# expect: TypeError multiple bases have instance lay-out conflict
# expect: TypeError multiple bases have instance lay-out conflict
# expect: TypeError multiple bases have instance lay-out conflict
# expect: True
# expect: TypeError exception cause must be None or derive from BaseException
# expect: TypeError exception context must be None or derive from BaseException
# expect: TypeError __traceback__ must be a traceback or None
# expect: TypeError __cause__ may not be deleted
# expect: TypeError __traceback__ may not be deleted
# expect: TypeError args may not be deleted
# expect: TypeError 'int' object is not iterable
# expect: TypeError attribute value type must be bool
# expect: ('a', 'b')
# expect: ['ArithmeticError', 'AssertionError', 'AttributeError', 'BaseException', 'BaseExceptionGroup', 'BlockingIOError', 'BrokenPipeError', 'BufferError', 'BytesWarning', 'ChildProcessError', 'ConnectionAbortedError', 'ConnectionError', 'ConnectionRefusedError', 'ConnectionResetError', 'DeprecationWarning', 'EOFError', 'EncodingWarning', 'EnvironmentError', 'Exception', 'ExceptionGroup', 'FileExistsError', 'FileNotFoundError', 'FloatingPointError', 'FutureWarning', 'GeneratorExit', 'IOError', 'ImportError', 'ImportWarning', 'IndentationError', 'IndexError', 'InterruptedError', 'IsADirectoryError', 'KeyError', 'KeyboardInterrupt', 'LookupError', 'MemoryError', 'ModuleNotFoundError', 'NameError', 'NotADirectoryError', 'NotImplementedError', 'OSError', 'OverflowError', 'PendingDeprecationWarning', 'PermissionError', 'ProcessLookupError', 'PythonFinalizationError', 'RecursionError', 'ReferenceError', 'ResourceWarning', 'RuntimeError', 'RuntimeWarning', 'StopAsyncIteration', 'StopIteration', 'SyntaxError', 'SyntaxWarning', 'SystemError', 'SystemExit', 'TabError', 'TimeoutError', 'TypeError', 'UnboundLocalError', 'UnicodeDecodeError', 'UnicodeEncodeError', 'UnicodeError', 'UnicodeTranslateError', 'UnicodeWarning', 'UserWarning', 'ValueError', 'Warning', 'ZeroDivisionError', '_IncompleteInputError']
# expect: (<class 'BlockingIOError'>, <class 'OSError'>, <class 'Exception'>, <class 'BaseException'>, <class 'object'>)

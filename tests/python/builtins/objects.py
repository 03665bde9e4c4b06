# Classes, attributes, numbers and exceptions as values. Each line: an expression, and what its repr or its error is.

def check(name, function, expected):
    try:
        result = repr(function())
    except Exception as error:
        result = type(error).__name__ + ": " + str(error)
    assert result == expected, name + "\n  expected " + expected + "\n  found    " + result


check("type(1), type('a'), type(None), type([]), type(len), type(type)", lambda: (type(1), type('a'), type(None), type([]), type(len), type(type)), "(<class 'int'>, <class 'str'>, <class 'NoneType'>, <class 'list'>, <class 'builtin_function_or_method'>, <class 'type'>)")
check("isinstance(1,int), isinstance(True,int), isinstance(1,(str,int)), isinstance('a',str), isinstance(1,object)", lambda: (isinstance(1,int), isinstance(True,int), isinstance(1,(str,int)), isinstance('a',str), isinstance(1,object)), '(True, True, True, True, True)')
check('issubclass(bool,int), issubclass(int,(str,object)), issubclass(int,str)', lambda: (issubclass(bool,int), issubclass(int,(str,object)), issubclass(int,str)), '(True, True, False)')
check('isinstance(1,5)', lambda: (isinstance(1,5)), 'TypeError: isinstance() arg 2 must be a type, a tuple of types, or a union')
check('int.__name__, int.__mro__, bool.__bases__, int.__module__, type.__name__', lambda: (int.__name__, int.__mro__, bool.__bases__, int.__module__, type.__name__), "('int', (<class 'int'>, <class 'object'>), (<class 'int'>,), 'builtins', 'type')")
check('repr(int), repr(len), repr(None), repr(...), repr(NotImplemented)', lambda: (repr(int), repr(len), repr(None), repr(...), repr(NotImplemented)), '("<class \'int\'>", \'<built-in function len>\', \'None\', \'Ellipsis\', \'NotImplemented\')')
check("str(KeyError('a')), str(ValueError('a')), str(ValueError(1,2)), str(ValueError()), repr(ValueError('a')), repr(ValueError(1,2)), repr(ValueError())", lambda: (str(KeyError('a')), str(ValueError('a')), str(ValueError(1,2)), str(ValueError()), repr(ValueError('a')), repr(ValueError(1,2)), repr(ValueError())), '("\'a\'", \'a\', \'(1, 2)\', \'\', "ValueError(\'a\')", \'ValueError(1, 2)\', \'ValueError()\')')
check("ValueError('a').args, KeyError().args", lambda: (ValueError('a').args, KeyError().args), "(('a',), ())")
check('StopIteration(5).value, SystemExit(3).code', lambda: (StopIteration(5).value, SystemExit(3).code), '(5, 3)')
check("getattr([],'append').__name__, [].append.__self__, list.append.__name__", lambda: (getattr([],'append').__name__, [].append.__self__, list.append.__name__), "('append', [], 'append')")
check('len.__name__, len.__doc__, len.__text_signature__, list.append.__text_signature__, list.pop.__text_signature__, list.sort.__text_signature__', lambda: (len.__name__, len.__doc__, len.__text_signature__, list.append.__text_signature__, list.pop.__text_signature__, list.sort.__text_signature__), "('len', 'Return the number of items in a container.', '($module, obj, /)', '($self, object, /)', '($self, index=-1, /)', '($self, /, *, key=None, reverse=False)')")
check('callable(len), callable(5), callable(int), callable(lambda:0)', lambda: (callable(len), callable(5), callable(int), callable(lambda:0)), '(True, False, True, True)')
check("hasattr('a','upper'), hasattr('a','nope')", lambda: (hasattr('a','upper'), hasattr('a','nope')), '(True, False)')
check("getattr(5,'nope')", lambda: (getattr(5,'nope')), "AttributeError: 'int' object has no attribute 'nope'")
check('5 .nope', lambda: (5 .nope), "AttributeError: 'int' object has no attribute 'nope'")
check('[].nope', lambda: ([].nope), "AttributeError: 'list' object has no attribute 'nope'")
check('int.nope', lambda: (int.nope), "AttributeError: type object 'int' has no attribute 'nope'")
check('(1).real, (1).imag, (1.5).real, True.numerator', lambda: ((1).real, (1).imag, (1.5).real, True.numerator), '(1, 0, 1.5, 1)')
check('hash(1) == hash(1.0) == hash(True), hash(2**100) == hash(float(2**100))', lambda: (hash(1) == hash(1.0) == hash(True), hash(2**100) == hash(float(2**100))), '(True, True)')
check("1 == 1.0, 1 != 'a', None == None, None is None", lambda: (1 == 1.0, 1 != 'a', None == None, None is None), '(True, True, True, True)')
check('object() == object()', lambda: (object() == object()), 'False')
check("'append' in dir([]), '__add__' in dir(1)", lambda: ('append' in dir([]), '__add__' in dir(1)), '(True, True)')
check('property(lambda s: 1).fget is not None', lambda: (property(lambda s: 1).fget is not None), 'True')
check('(lambda x: x).__name__', lambda: ((lambda x: x).__name__), "'<lambda>'")
check('[1].__class__, (5).__class__', lambda: ([1].__class__, (5).__class__), "(<class 'list'>, <class 'int'>)")
check("bool([]), bool([1]), bool(''), bool('a'), bool(0.0), bool(None), not 1", lambda: (bool([]), bool([1]), bool(''), bool('a'), bool(0.0), bool(None), not 1), '(False, True, False, True, False, False, False)')
check("int.__add__(1,2), int.__add__(1,'a'), (1).__radd__(2)", lambda: (int.__add__(1,2), int.__add__(1,'a'), (1).__radd__(2)), '(3, NotImplemented, 3)')
check('(5).__divmod__(2), (5.0).__divmod__(2)', lambda: ((5).__divmod__(2), (5.0).__divmod__(2)), '((2, 1), (2.0, 1.0))')
check("int('5') + int(5.9) + int('-0x10',16)", lambda: (int('5') + int(5.9) + int('-0x10',16)), '-6')
check('complex if False else 0', lambda: (complex if False else 0), '0')
check('divmod(7,-2), divmod(-7.5,2), 7//-2, 7%-2, -7//2', lambda: (divmod(7,-2), divmod(-7.5,2), 7//-2, 7%-2, -7//2), '((-4, -1), (-4.0, 0.5), -4, -1, -4)')
check('2**10, 2**-1, 2**0.5, (-2)**3, 0**0, pow(3,-1,7)', lambda: (2**10, 2**-1, 2**0.5, (-2)**3, 0**0, pow(3,-1,7)), '(1024, 0.5, 1.4142135623730951, -8, 1, 5)')
check('1<<100, (1<<100)>>98, -1>>1, ~5, 5&3, 5|3, 5^3, -5&0xff', lambda: (1<<100, (1<<100)>>98, -1>>1, ~5, 5&3, 5|3, 5^3, -5&0xff), '(1267650600228229401496703205376, 4, -1, -6, 1, 7, 6, 251)')
check('10**20//3, 10**20%7, -10**20//3, 10**40//10**20, 10**20*10**20, 10**20-10**20', lambda: (10**20//3, 10**20%7, -10**20//3, 10**40//10**20, 10**20*10**20, 10**20-10**20), '(33333333333333333333, 2, -33333333333333333334, 100000000000000000000, 10000000000000000000000000000000000000000, 0)')
check('(10**20).bit_length(), (-5).bit_length(), (10**20) == 1e20, 10**20 > 1e19, 10**20 < 10**21', lambda: ((10**20).bit_length(), (-5).bit_length(), (10**20) == 1e20, 10**20 > 1e19, 10**20 < 10**21), '(67, 3, True, True, True)')
check('int(1e20), int(-1e20), float(10**20), 10**20/3, 3/10**20, 1/3, 10**17/7', lambda: (int(1e20), int(-1e20), float(10**20), 10**20/3, 3/10**20, 1/3, 10**17/7), '(100000000000000000000, -100000000000000000000, 1e+20, 3.333333333333333e+19, 3e-20, 0.3333333333333333, 1.4285714285714286e+16)')
check("str(10**30), hex(10**20), oct(10**20), bin(10), int('1'*30), int('zz',36)", lambda: (str(10**30), hex(10**20), oct(10**20), bin(10), int('1'*30), int('zz',36)), "('1000000000000000000000000000000', '0x56bc75e2d63100000', '0o12657072742654304000000', '0b1010', 111111111111111111111111111111, 1295)")
check('round(2.5), round(3.5), round(-2.5), round(2.675,2), round(1e20), round(12345,-2), round(0.5), round(1.5)', lambda: (round(2.5), round(3.5), round(-2.5), round(2.675,2), round(1e20), round(12345,-2), round(0.5), round(1.5)), '(2, 4, -2, 2.67, 100000000000000000000, 12300, 0, 2)')
check("1.0, 1e100, 1e-7, 123456.789, 0.1, 1/3, 1e22, 1e21, float('nan'), float('-inf'), 5e-324, 2.5e-5", lambda: (1.0, 1e100, 1e-7, 123456.789, 0.1, 1/3, 1e22, 1e21, float('nan'), float('-inf'), 5e-324, 2.5e-5), '(1.0, 1e+100, 1e-07, 123456.789, 0.1, 0.3333333333333333, 1e+22, 1e+21, nan, -inf, 5e-324, 2.5e-05)')
check('1e16, 9999999999999998.0, 123456789012345678.0, 0.0001, 0.00001', lambda: (1e16, 9999999999999998.0, 123456789012345678.0, 0.0001, 0.00001), '(1e+16, 9999999999999998.0, 1.2345678901234568e+17, 0.0001, 1e-05)')
check("1.5.is_integer(), 2.0.is_integer(), (0.5).as_integer_ratio(), (1.5).hex(), float.fromhex('0x1.8p+1')", lambda: (1.5.is_integer(), 2.0.is_integer(), (0.5).as_integer_ratio(), (1.5).hex(), float.fromhex('0x1.8p+1')), "(False, True, (1, 2), '0x1.8000000000000p+0', 3.0)")
check("float('1e5'), float('  2.5  '), float('1_000.5'), float('-.5'), float('5.')", lambda: (float('1e5'), float('  2.5  '), float('1_000.5'), float('-.5'), float('5.')), '(100000.0, 2.5, 1000.5, -0.5, 5.0)')
check("(255).to_bytes(2,'big'), int.from_bytes(b'\\x01\\x00','big'), (-2).to_bytes(2,'little',signed=True), int.from_bytes(b'\\xfe\\xff','little',signed=True)", lambda: ((255).to_bytes(2,'big'), int.from_bytes(b'\x01\x00','big'), (-2).to_bytes(2,'little',signed=True), int.from_bytes(b'\xfe\xff','little',signed=True)), "(b'\\x00\\xff', 256, b'\\xfe\\xff', -2)")
check('True + True, True & False, True | 1, True ^ True, ~True if False else 0', lambda: (True + True, True & False, True | 1, True ^ True, ~True if False else 0), '(2, False, 1, False, 0)')
check('2**62, 2**61, -2**61, -2**61-1, 2**61-1+1, (2**61)*2, 2**63-1, -2**63', lambda: (2**62, 2**61, -2**61, -2**61-1, 2**61-1+1, (2**61)*2, 2**63-1, -2**63), '(4611686018427387904, 2305843009213693952, -2305843009213693952, -2305843009213693953, 2305843009213693952, 4611686018427387904, 9223372036854775807, -9223372036854775808)')
check('(2**61-1)+1-1, (2**31)*(2**31), (2**62)//2, -(2**61)', lambda: ((2**61-1)+1-1, (2**31)*(2**31), (2**62)//2, -(2**61)), '(2305843009213693951, 4611686018427387904, 2305843009213693952, -2305843009213693952)')


# NotImplemented has no truth.
for truth in (lambda: bool(NotImplemented), lambda: not NotImplemented, lambda: bool(*(NotImplemented,))):
    try:
        truth()
    except TypeError as error:
        assert str(error) == "NotImplemented should not be used in a boolean context"
    else:
        assert False

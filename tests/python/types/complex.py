# Complex numbers.

def t(f, *a, **k):
    try: print(repr(f(*a, **k)))
    except BaseException as e: print(type(e).__name__, e)
inf=float('inf'); nan=float('nan')
for a in [('1',),('1+2j',),('(1-2j)',),('j',),('-j',),('1e3j',),(' 1 ',),('1 + 2j',),('',),('1j2',),('inf+nanj',),('infj',),('1_0+2j',),('a',),([],),(1,2),('1',2),(1,'2'),(None,),(1.5,),(True,),(2**2000,),('é',),('(1',),('1+j',),('+1-1j',),('٣',),('1e5+1e-5j',),('-1e+5-1e-5J',)]:
    t(complex,*a)  # expect: (1+0j)
# expect: (1+2j)
# expect: (1-2j)
# expect: 1j
# expect: -1j
# expect: 1000j
# expect: (1+0j)
# expect: ValueError complex() arg is a malformed string
# expect: ValueError complex() arg is a malformed string
# expect: ValueError complex() arg is a malformed string
# expect: (inf+nanj)
# expect: infj
# expect: (10+2j)
# expect: ValueError complex() arg is a malformed string
# expect: TypeError complex() argument must be a string or a number, not list
# expect: (1+2j)
# expect: TypeError complex() argument 'real' must be a real number, not str
# expect: TypeError complex() argument 'imag' must be a real number, not str
# expect: TypeError complex() argument must be a string or a number, not NoneType
# expect: (1.5+0j)
# expect: (1+0j)
# expect: OverflowError int too large to convert to float
# expect: ValueError complex() arg is a malformed string
# expect: ValueError complex() arg is a malformed string
# expect: (1+1j)
# expect: (1-1j)
# expect: (3+0j)
# expect: (100000+1e-05j)
# expect: (-100000-1e-05j)
print(1j, 1+2j, -1j, 0j, -0j, 1.5-0j, complex(0,-0.0), complex(-0.0,1), [1j], str(2j), complex(inf,nan), complex(1e20,1e-5))  # expect: 1j (1+2j) (-0-1j) 0j (-0-0j) (1.5-0j) -0j (-0+1j) [1j] 2j (inf+nanj) (1e+20+1e-05j)
vals=[1j,1+2j,3,2.5,-1,complex(inf,1),0j,complex(nan,0),1-1j]
import operator
for op in ['add','sub','mul','truediv','pow','eq','ne']:
    f=getattr(operator,op)
    print(op, end=' ')
    for a in vals:
        for b in vals:
            if isinstance(a,complex) or isinstance(b,complex):
                try: print(f(a,b), end=' ')
                except Exception as e: print(type(e).__name__, e, end=' ')
    print()  # expect: add 2j (1+3j) (3+1j) (2.5+1j) (-1+1j) (inf+2j) 1j (nan+1j) (1+0j) (1+3j) (2+4j) (4+2j) (3.5+2j) 2j (inf+3j) (1+2j) (nan+2j) (2+1j) (3+1j) (4+2j) (inf+1j) (3+0j) (nan+0j) (4-1j) (2.5+1j) (3.5+2j) (inf+1j) (2.5+0j) (nan+0j) (3.5-1j) (-1+1j) 2j (inf+1j) (-1+0j) (nan+0j) -1j (inf+2j) (inf+3j) (inf+1j) (inf+1j) (inf+1j) (inf+2j) (inf+1j) (nan+1j) (inf+0j) 1j (1+2j) (3+0j) (2.5+0j) (-1+0j) (inf+1j) 0j (nan+0j) (1-1j) (nan+1j) (nan+2j) (nan+0j) (nan+0j) (nan+0j) (nan+1j) (nan+0j) (nan+0j) (nan-1j) (1+0j) (2+1j) (4-1j) (3.5-1j) -1j (inf+0j) (1-1j) (nan-1j) (2-2j) 
# expect: sub 0j (-1-1j) (-3+1j) (-2.5+1j) (1+1j) (-inf+0j) 1j (nan+1j) (-1+2j) (1+1j) 0j (-2+2j) (-1.5+2j) (2+2j) (-inf+1j) (1+2j) (nan+2j) 3j (3-1j) (2-2j) (-inf-1j) (3-0j) (nan-0j) (2+1j) (2.5-1j) (1.5-2j) (-inf-1j) (2.5-0j) (nan-0j) (1.5+1j) (-1-1j) (-2-2j) (-inf-1j) (-1-0j) (nan-0j) (-2+1j) (inf+0j) (inf-1j) (inf+1j) (inf+1j) (inf+1j) (nan+0j) (inf+1j) (nan+1j) (inf+2j) -1j (-1-2j) (-3+0j) (-2.5+0j) (1+0j) (-inf-1j) 0j (nan+0j) (-1+1j) (nan-1j) (nan-2j) (nan+0j) (nan+0j) (nan+0j) (nan-1j) (nan+0j) (nan+0j) (nan+1j) (1-2j) -3j (-2-1j) (-1.5-1j) (2-1j) (-inf-2j) (1-1j) (nan-1j) 0j 
# expect: mul (-1+0j) (-2+1j) 3j 2.5j (-0-1j) (nan+infj) 0j (nan+nanj) (1+1j) (-2+1j) (-3+4j) (3+6j) (2.5+5j) (-1-2j) (inf+infj) 0j (nan+nanj) (3+1j) 3j (3+6j) (inf+3j) 0j (nan+0j) (3-3j) 2.5j (2.5+5j) (inf+2.5j) 0j (nan+0j) (2.5-2.5j) (-0-1j) (-1-2j) (-inf-1j) (-0-0j) (nan-0j) (-1+1j) (nan+infj) (inf+infj) (inf+3j) (inf+2.5j) (-inf-1j) (inf+infj) (nan+nanj) (nan+nanj) (inf-infj) 0j 0j 0j 0j (-0-0j) (nan+nanj) 0j (nan+nanj) 0j (nan+nanj) (nan+nanj) (nan+0j) (nan+0j) (nan-0j) (nan+nanj) (nan+nanj) (nan+nanj) (nan+nanj) (1+1j) (3+1j) (3-3j) (2.5-2.5j) (-1+1j) (inf-infj) 0j (nan+nanj) -2j 
# expect: truediv (1+0j) (0.4+0.2j) 0.3333333333333333j 0.4j (-0-1j) 0j ZeroDivisionError division by zero (nan+nanj) (-0.5+0.5j) (2-1j) (1+0j) (0.3333333333333333+0.6666666666666666j) (0.4+0.8j) (-1-2j) 0j ZeroDivisionError division by zero (nan+nanj) (-0.5+1.5j) -3j (0.6-1.2j) -0j ZeroDivisionError division by zero (nan+nanj) (1.5+1.5j) -2.5j (0.5-1j) -0j ZeroDivisionError division by zero (nan+nanj) (1.25+1.25j) (-0+1j) (-0.2+0.4j) (-0+0j) ZeroDivisionError division by zero (nan+nanj) (-0.5-0.5j) (nan-infj) (inf-infj) (inf+0.3333333333333333j) (inf+0.4j) (-inf-1j) (nan+nanj) ZeroDivisionError division by zero (nan+nanj) (inf+infj) 0j 0j 0j 0j (-0-0j) 0j ZeroDivisionError division by zero (nan+nanj) 0j (nan+nanj) (nan+nanj) (nan+0j) (nan+0j) (nan-0j) (nan+nanj) ZeroDivisionError division by zero (nan+nanj) (nan+nanj) (-1-1j) (-0.2-0.6j) (0.3333333333333333-0.3333333333333333j) (0.4-0.4j) (-1+1j) -0j ZeroDivisionError division by zero (nan+nanj) (1+0j) 
# expect: pow (0.20787957635076193+0j) (2.646089334017202e-18+0.04321391826377226j) (-0-1j) (-0.7071067811865477-0.7071067811865475j) -1j ZeroDivisionError zero to a negative or complex power (1+0j) (nan+nanj) (2.94556786348498e-16+4.810477380965351j) (0.2291401859804338+0.23817011512167555j) (-0.22251715680177264+0.1007091311360754j) (-11-2j) (-6.960664459571901+2.7296244647840084j) (0.2-0.4j) ZeroDivisionError zero to a negative or complex power (1+0j) (nan+nanj) (6.458655497394438+2.0151038748556833j) (0.4548324228266097+0.8905770416677471j) (-1.758764802874057+2.4303798814529753j) (nan+nanj) (1+0j) (nan+nanj) (1.364497268479829-2.6717311250032414j) (0.6087670819712999+0.793349002588488j) (-0.647013199540743+2.414823786453175j) (nan+nanj) (1+0j) (nan+nanj) (1.5219177049282497-1.9833725064712198j) (0.04321391826377226+0j) (-0.0018674427317079893+2.2869577639771785e-19j) ZeroDivisionError zero to a negative or complex power (1+0j) (nan+nanj) (-23.140692632779267+2.8339175162785867e-15j) ZeroDivisionError zero to a negative or complex power ZeroDivisionError zero to a negative or complex power OverflowError complex exponentiation OverflowError complex exponentiation 0j (nan+nanj) (1+0j) (nan+nanj) ZeroDivisionError zero to a negative or complex power ZeroDivisionError zero to a negative or complex power ZeroDivisionError zero to a negative or complex power 0j 0j ZeroDivisionError zero to a negative or complex power ZeroDivisionError zero to a negative or complex power (1+0j) 0j ZeroDivisionError zero to a negative or complex power (nan+nanj) (nan+nanj) (nan+nanj) (nan+nanj) (nan+nanj) (nan+nanj) (1+0j) (nan+nanj) (nan+nanj) (2.0628722350809046+0.745007062179724j) (6.774115102589518-0.626697568550532j) (-2-2j) (-0.9101797211244547-2.19736822693562j) (0.5+0.5j) ZeroDivisionError zero to a negative or complex power (1+0j) (nan+nanj) (0.2739572538301211-0.5837007587586147j) 
# expect: eq True False False False False False False False False False True False False False False False False False False False False False False False False False False False False False False False False False False False False False False False False True False False False False False False False False False True False False False False False False False False False False False False False False False False False False False True 
# expect: ne False True True True True True True True True True False True True True True True True True True True True True True True True True True True True True True True True True True True True True True True True False True True True True True True True True True False True True True True True True True True True True True True True True True True True True True False 
t(lambda: 1j<2); t(lambda: 1j//2); t(lambda: 1j%2); t(lambda: divmod(1j,2)); t(lambda: int(1j)); t(lambda: float(1j)); t(lambda: 1j**2j); t(lambda: pow(1j,2,3)); t(lambda: round(1j)); t(lambda: 1j+'a'); t(lambda: 0j**-1); t(lambda: (1e300+1j)**5)  # expect: TypeError '<' not supported between instances of 'complex' and 'int'
# expect: TypeError unsupported operand type(s) for //: 'complex' and 'int'
# expect: TypeError unsupported operand type(s) for %: 'complex' and 'int'
# expect: TypeError unsupported operand type(s) for divmod(): 'complex' and 'int'
# expect: TypeError int() argument must be a string, a bytes-like object or a real number, not 'complex'
# expect: TypeError float() argument must be a string or a real number, not 'complex'
# expect: (0.04321391826377226+0j)
# expect: ValueError complex modulo
# expect: TypeError type complex doesn't define __round__ method
# expect: TypeError unsupported operand type(s) for +: 'complex' and 'str'
# expect: ZeroDivisionError zero to a negative or complex power
# expect: OverflowError complex exponentiation
print(abs(3+4j), (3+4j).conjugate(), (1+2j).real, (1+2j).imag, bool(0j), bool(1j), hash(1+0j)==hash(1), hash(1j), hash(1+2j), -(1+2j), +(1+2j), 1==1+0j, {1:2}[1+0j], (1+2j).__getnewargs__(), complex.from_number(3), (-8)**(1/3), (-8.0)**0.5, (-2)**-1, 2j.__complex__())  # expect: 5.0 (3-4j) 1.0 2.0 False True True 1000003 2000007 (-1-2j) (1+2j) True 2 (1.0, 2.0) (3+0j) (1.0000000000000002+1.7320508075688772j) (1.7319121124709868e-16+2.8284271247461903j) -0.5 2j
for s in ['','.2f','e','.3','10.1f','<10','>12.2f','^14','+','+.1f',' ','g','010','=10',',.1f','x','#.3g','z','F','.0f', '20,.2f']:
    t(format, 1234.5+2.25j, s)  # expect: '(1234.5+2.25j)'
# expect: '1234.50+2.25j'
# expect: '1.234500e+03+2.250000e+00j'
# expect: '(1.23e+03+2.25j)'
# expect: '1234.5+2.2j'
# expect: '(1234.5+2.25j)'
# expect: '1234.50+2.25j'
# expect: '(1234.5+2.25j)'
# expect: '(+1234.5+2.25j)'
# expect: '+1234.5+2.2j'
# expect: '( 1234.5+2.25j)'
# expect: '1234.5+2.25j'
# expect: ValueError Zero padding is not allowed in complex format specifier
# expect: ValueError '=' alignment flag is not allowed in complex format specifier
# expect: '1,234.5+2.2j'
# expect: ValueError Unknown format code 'x' for object of type 'complex'
# expect: '1.23e+03+2.25j'
# expect: '(1234.5+2.25j)'
# expect: '1234.500000+2.250000j'
# expect: '1234+2j'
# expect: '      1,234.50+2.25j'
t(format, 2j, '.2f'); t(format,2j,'5'); t(format,-0.0+1j,'.1'); t(format, 1j, '+'); print(f'{1+2j:.1f}', '%s' % (1j,)); t(lambda: '%d' % 1j)  # expect: '0.00+2.00j'
# expect: '   2j'
# expect: '1j'
# expect: '+1j'
# expect: 1.0+2.0j 1j
# expect: TypeError %d format: a real number is required, not complex
class C(complex):
    pass
c=C(1,2); c.x=1; print(c, c.x, type(c+1), c==1+2j, isinstance(c,complex), C('3'), repr(C(1j.imag)))  # expect: (1+2j) 1 <class 'complex'> True True (3+0j) (1+0j)
class D:
    def __complex__(self): return 5j
    def __float__(self): return 2.0
print(complex(D()));   # expect: 5j
class E2:
    def __float__(self): return 2.0
class F2:
    def __index__(self): return 3
print(complex(E2()), complex(F2()), complex(E2(),F2()))  # expect: (2+0j) (3+0j) (2+3j)
class G:
    def __complex__(self): return 5
t(complex,G())  # expect: TypeError __complex__ returned non-complex (type int)
print(1j*1j, (1+1j)**3, (2+3j)/(1-1j), 3+4j-1j, 5j.imag, sum([1j,2,3.5]), complex(real=1,imag=2), complex(), complex(imag=3))  # expect: (-1+0j) (-2+2j) (-0.5+2.5j) (3+3j) 5.0 (5.5+1j) (1+2j) 0j 3j

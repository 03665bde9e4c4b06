# bytes, bytearray and memoryview.

def t(f, *a, **k):
    try: print(repr(f(*a, **k)))
    except BaseException as e: print(type(e).__name__, e)
for B in (bytes, bytearray):
    b=B(b'Hello, World')
    print(b, repr(b), len(b), b[0], b[1:3], b[::-2], b[-1], list(b)[:3], 72 in b, b'lo' in b, type(iter(b)))
    for name, args in [('find',(b'o',)),('find',(111,)),('rfind',(b'o',)),('index',(b'z',)),('rindex',(b'o',)),('count',(b'l',)),('count',(b'',)),
        ('startswith',(b'He',)),('startswith',((b'x',b'H'),)),('endswith',(b'ld',)),('startswith',('a',)),('split',()),('split',(b', ',)),('split',(b'',)),('rsplit',(b'o',1)),('split',(b'o',1)),('split',(None,1)),
        ('rsplit',(None,1)),('splitlines',()),('partition',(b', ',)),('rpartition',(b'o',)),('partition',(b'zz',)),('rpartition',(b'zz',)),('strip',()),('strip',(b'Hd',)),('lstrip',(b'H',)),('rstrip',(b'd',)),
        ('removeprefix',(b'Hel',)),('removesuffix',(b'ld',)),('replace',(b'l',b'LL')),('replace',(b'l',b'',1)),('replace',(b'',b'-')),('translate',(bytes(range(256)),b'l')),('translate',(None,)),('center',(20,)),('center',(21,b'*')),('ljust',(14,)),('rjust',(14,b'0')),('center',(3,b'ab')),('center',(30,'a')),
        ('zfill',(15,)),('expandtabs',()),('upper',()),('lower',()),('title',()),('capitalize',()),('swapcase',()),('isalnum',()),('isalpha',()),('isascii',()),('isdigit',()),('islower',()),('isupper',()),('isspace',()),('istitle',()),
        ('hex',()),('hex',(':',)),('hex',(':',2)),('hex',(b'-',-3)),('hex',('::',)),('hex',('é',)),('hex',(1,)),('decode',()),('join',([b'a',B(b'b')],)),('join',(['a'],)),('find',('a',)),('__contains__',('a',)),('__contains__',(300,)),('__mul__',(2,)),('__add__',('a',)),('__eq__',('a',)),('__getitem__',(100,)),('__getitem__',('a',)),('__getitem__',(2**70,))]:
        print(name, args, end=' '); t(lambda: getattr(b,name)(*args))
    t(B); t(B,5); t(B,-1); t(B,'a'); t(B,'a','utf8'); t(B,[1,2]); t(B,[256]); t(B,['a']); t(B,1.5); t(B,b'a','utf8'); t(B,None); t(B, 2**70); t(B, [2**70]); t(B,(3,4)); t(B, memoryview(b'xyz'))
    t(B.fromhex,'00 ff aB'); t(B.fromhex,'0'); t(B.fromhex,'0g'); t(B.fromhex,'zz'); t(B.fromhex,1); t(B.fromhex,b'0102'); t(B.fromhex, '00 0')
    t(B.maketrans, b'ab', b'cd'); t(B.maketrans, b'a', b'')
    t(lambda: B(b'%d %s %r %c %x %5.1f %%') % (1,b'a','é',65,255,2.5)); t(lambda: B(b'%s')%'a'); t(lambda: B(b'%(a)s') % {b'a':b'1'}); t(lambda: B(b'%c')%b'ab'); t(lambda: B(b'%c')%300); t(lambda: B(b'%d')%'a'); t(lambda: B(b'%z')%1); t(lambda: B(b'a')%1); t(lambda: B(b'%a')%'é'); t(lambda: B(b'%5s|%-5s|%.1s')%(b'ab',b'ab',b'ab'))
    print(B(b'a')==b'a', B(b'a')<b'b', B(b'a')!='a', B(b'')==bytearray(), B(b'a')==memoryview(b'a'))
    t(lambda: B(b'a')<'a')  # expect: b'Hello, World' b'Hello, World' 12 72 b'el' b'drW,le' 100 [72, 101, 108] True True <class 'bytes_iterator'>
# expect: find (b'o',) 4
# expect: find (111,) 4
# expect: rfind (b'o',) 8
# expect: index (b'z',) ValueError subsection not found
# expect: rindex (b'o',) 8
# expect: count (b'l',) 3
# expect: count (b'',) 13
# expect: startswith (b'He',) True
# expect: startswith ((b'x', b'H'),) True
# expect: endswith (b'ld',) True
# expect: startswith ('a',) TypeError startswith first arg must be bytes or a tuple of bytes, not str
# expect: split () [b'Hello,', b'World']
# expect: split (b', ',) [b'Hello', b'World']
# expect: split (b'',) ValueError empty separator
# expect: rsplit (b'o', 1) [b'Hello, W', b'rld']
# expect: split (b'o', 1) [b'Hell', b', World']
# expect: split (None, 1) [b'Hello,', b'World']
# expect: rsplit (None, 1) [b'Hello,', b'World']
# expect: splitlines () [b'Hello, World']
# expect: partition (b', ',) (b'Hello', b', ', b'World')
# expect: rpartition (b'o',) (b'Hello, W', b'o', b'rld')
# expect: partition (b'zz',) (b'Hello, World', b'', b'')
# expect: rpartition (b'zz',) (b'', b'', b'Hello, World')
# expect: strip () b'Hello, World'
# expect: strip (b'Hd',) b'ello, Worl'
# expect: lstrip (b'H',) b'ello, World'
# expect: rstrip (b'd',) b'Hello, Worl'
# expect: removeprefix (b'Hel',) b'lo, World'
# expect: removesuffix (b'ld',) b'Hello, Wor'
# expect: replace (b'l', b'LL') b'HeLLLLo, WorLLd'
# expect: replace (b'l', b'', 1) b'Helo, World'
# expect: replace (b'', b'-') b'-H-e-l-l-o-,- -W-o-r-l-d-'
# expect: translate (b'\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff', b'l') b'Heo, Word'
# expect: translate (None,) b'Hello, World'
# expect: center (20,) b'    Hello, World    '
# expect: center (21, b'*') b'*****Hello, World****'
# expect: ljust (14,) b'Hello, World  '
# expect: rjust (14, b'0') b'00Hello, World'
# expect: center (3, b'ab') TypeError center(): argument 2 must be a byte string of length 1, not a bytes object of length 2
# expect: center (30, 'a') TypeError center() argument 2 must be a byte string of length 1, not str
# expect: zfill (15,) b'000Hello, World'
# expect: expandtabs () b'Hello, World'
# expect: upper () b'HELLO, WORLD'
# expect: lower () b'hello, world'
# expect: title () b'Hello, World'
# expect: capitalize () b'Hello, world'
# expect: swapcase () b'hELLO, wORLD'
# expect: isalnum () False
# expect: isalpha () False
# expect: isascii () True
# expect: isdigit () False
# expect: islower () False
# expect: isupper () False
# expect: isspace () False
# expect: istitle () True
# expect: hex () '48656c6c6f2c20576f726c64'
# expect: hex (':',) '48:65:6c:6c:6f:2c:20:57:6f:72:6c:64'
# expect: hex (':', 2) '4865:6c6c:6f2c:2057:6f72:6c64'
# expect: hex (b'-', -3) '48656c-6c6f2c-20576f-726c64'
# expect: hex ('::',) ValueError sep must be length 1.
# expect: hex ('é',) ValueError sep must be ASCII.
# expect: hex (1,) TypeError object of type 'int' has no len()
# expect: decode () 'Hello, World'
# expect: join ([b'a', b'b'],) b'aHello, Worldb'
# expect: join (['a'],) TypeError sequence item 0: expected a bytes-like object, str found
# expect: find ('a',) TypeError argument should be integer or bytes-like object, not 'str'
# expect: __contains__ ('a',) TypeError a bytes-like object is required, not 'str'
# expect: __contains__ (300,) ValueError byte must be in range(0, 256)
# expect: __mul__ (2,) b'Hello, WorldHello, World'
# expect: __add__ ('a',) TypeError can't concat str to bytes
# expect: __eq__ ('a',) NotImplemented
# expect: __getitem__ (100,) IndexError index out of range
# expect: __getitem__ ('a',) TypeError byte indices must be integers or slices, not str
# expect: __getitem__ (1180591620717411303424,) IndexError cannot fit 'int' into an index-sized integer
# expect: b''
# expect: b'\x00\x00\x00\x00\x00'
# expect: ValueError negative count
# expect: TypeError string argument without an encoding
# expect: b'a'
# expect: b'\x01\x02'
# expect: ValueError bytes must be in range(0, 256)
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError cannot convert 'float' object to bytes
# expect: TypeError encoding without a string argument
# expect: TypeError cannot convert 'NoneType' object to bytes
# expect: OverflowError cannot fit 'int' into an index-sized integer
# expect: ValueError bytes must be in range(0, 256)
# expect: b'\x03\x04'
# expect: b'xyz'
# expect: b'\x00\xff\xab'
# expect: ValueError fromhex() arg must contain an even number of hexadecimal digits
# expect: ValueError non-hexadecimal number found in fromhex() arg at position 1
# expect: ValueError non-hexadecimal number found in fromhex() arg at position 0
# expect: TypeError fromhex() argument must be str or bytes-like, not int
# expect: b'\x01\x02'
# expect: ValueError fromhex() arg must contain an even number of hexadecimal digits
# expect: b'\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`cdcdefghijklmnopqrstuvwxyz{|}~\x7f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff'
# expect: ValueError maketrans arguments must have same length
# expect: b"1 a '\\xe9' A ff   2.5 %"
# expect: TypeError %b requires a bytes-like object, or an object that implements __bytes__, not 'str'
# expect: b'1'
# expect: TypeError %c requires an integer in range(256) or a single byte, not a bytes object of length 2
# expect: OverflowError %c arg not in range(256)
# expect: TypeError %d format: a real number is required, not str
# expect: ValueError unsupported format character 'z' (0x7a) at index 1
# expect: TypeError not all arguments converted during bytes formatting
# expect: b"'\\xe9'"
# expect: b'   ab|ab   |a'
# expect: True True True True True
# expect: TypeError '<' not supported between instances of 'bytes' and 'str'
# expect: bytearray(b'Hello, World') bytearray(b'Hello, World') 12 72 bytearray(b'el') bytearray(b'drW,le') 100 [72, 101, 108] True True <class 'bytearray_iterator'>
# expect: find (b'o',) 4
# expect: find (111,) 4
# expect: rfind (b'o',) 8
# expect: index (b'z',) ValueError subsection not found
# expect: rindex (b'o',) 8
# expect: count (b'l',) 3
# expect: count (b'',) 13
# expect: startswith (b'He',) True
# expect: startswith ((b'x', b'H'),) True
# expect: endswith (b'ld',) True
# expect: startswith ('a',) TypeError startswith first arg must be bytes or a tuple of bytes, not str
# expect: split () [bytearray(b'Hello,'), bytearray(b'World')]
# expect: split (b', ',) [bytearray(b'Hello'), bytearray(b'World')]
# expect: split (b'',) ValueError empty separator
# expect: rsplit (b'o', 1) [bytearray(b'Hello, W'), bytearray(b'rld')]
# expect: split (b'o', 1) [bytearray(b'Hell'), bytearray(b', World')]
# expect: split (None, 1) [bytearray(b'Hello,'), bytearray(b'World')]
# expect: rsplit (None, 1) [bytearray(b'Hello,'), bytearray(b'World')]
# expect: splitlines () [bytearray(b'Hello, World')]
# expect: partition (b', ',) (bytearray(b'Hello'), bytearray(b', '), bytearray(b'World'))
# expect: rpartition (b'o',) (bytearray(b'Hello, W'), bytearray(b'o'), bytearray(b'rld'))
# expect: partition (b'zz',) (bytearray(b'Hello, World'), bytearray(b''), bytearray(b''))
# expect: rpartition (b'zz',) (bytearray(b''), bytearray(b''), bytearray(b'Hello, World'))
# expect: strip () bytearray(b'Hello, World')
# expect: strip (b'Hd',) bytearray(b'ello, Worl')
# expect: lstrip (b'H',) bytearray(b'ello, World')
# expect: rstrip (b'd',) bytearray(b'Hello, Worl')
# expect: removeprefix (b'Hel',) bytearray(b'lo, World')
# expect: removesuffix (b'ld',) bytearray(b'Hello, Wor')
# expect: replace (b'l', b'LL') bytearray(b'HeLLLLo, WorLLd')
# expect: replace (b'l', b'', 1) bytearray(b'Helo, World')
# expect: replace (b'', b'-') bytearray(b'-H-e-l-l-o-,- -W-o-r-l-d-')
# expect: translate (b'\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff', b'l') bytearray(b'Heo, Word')
# expect: translate (None,) bytearray(b'Hello, World')
# expect: center (20,) bytearray(b'    Hello, World    ')
# expect: center (21, b'*') bytearray(b'*****Hello, World****')
# expect: ljust (14,) bytearray(b'Hello, World  ')
# expect: rjust (14, b'0') bytearray(b'00Hello, World')
# expect: center (3, b'ab') TypeError center(): argument 2 must be a byte string of length 1, not a bytes object of length 2
# expect: center (30, 'a') TypeError center() argument 2 must be a byte string of length 1, not str
# expect: zfill (15,) bytearray(b'000Hello, World')
# expect: expandtabs () bytearray(b'Hello, World')
# expect: upper () bytearray(b'HELLO, WORLD')
# expect: lower () bytearray(b'hello, world')
# expect: title () bytearray(b'Hello, World')
# expect: capitalize () bytearray(b'Hello, world')
# expect: swapcase () bytearray(b'hELLO, wORLD')
# expect: isalnum () False
# expect: isalpha () False
# expect: isascii () True
# expect: isdigit () False
# expect: islower () False
# expect: isupper () False
# expect: isspace () False
# expect: istitle () True
# expect: hex () '48656c6c6f2c20576f726c64'
# expect: hex (':',) '48:65:6c:6c:6f:2c:20:57:6f:72:6c:64'
# expect: hex (':', 2) '4865:6c6c:6f2c:2057:6f72:6c64'
# expect: hex (b'-', -3) '48656c-6c6f2c-20576f-726c64'
# expect: hex ('::',) ValueError sep must be length 1.
# expect: hex ('é',) ValueError sep must be ASCII.
# expect: hex (1,) TypeError object of type 'int' has no len()
# expect: decode () 'Hello, World'
# expect: join ([b'a', bytearray(b'b')],) bytearray(b'aHello, Worldb')
# expect: join (['a'],) TypeError sequence item 0: expected a bytes-like object, str found
# expect: find ('a',) TypeError argument should be integer or bytes-like object, not 'str'
# expect: __contains__ ('a',) TypeError a bytes-like object is required, not 'str'
# expect: __contains__ (300,) ValueError byte must be in range(0, 256)
# expect: __mul__ (2,) bytearray(b'Hello, WorldHello, World')
# expect: __add__ ('a',) TypeError can't concat str to bytearray
# expect: __eq__ ('a',) NotImplemented
# expect: __getitem__ (100,) IndexError bytearray index out of range
# expect: __getitem__ ('a',) TypeError bytearray indices must be integers or slices, not str
# expect: __getitem__ (1180591620717411303424,) IndexError cannot fit 'int' into an index-sized integer
# expect: bytearray(b'')
# expect: bytearray(b'\x00\x00\x00\x00\x00')
# expect: ValueError negative count
# expect: TypeError string argument without an encoding
# expect: bytearray(b'a')
# expect: bytearray(b'\x01\x02')
# expect: ValueError byte must be in range(0, 256)
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError cannot convert 'float' object to bytearray
# expect: TypeError encoding without a string argument
# expect: TypeError cannot convert 'NoneType' object to bytearray
# expect: OverflowError cannot fit 'int' into an index-sized integer
# expect: ValueError byte must be in range(0, 256)
# expect: bytearray(b'\x03\x04')
# expect: bytearray(b'xyz')
# expect: bytearray(b'\x00\xff\xab')
# expect: ValueError fromhex() arg must contain an even number of hexadecimal digits
# expect: ValueError non-hexadecimal number found in fromhex() arg at position 1
# expect: ValueError non-hexadecimal number found in fromhex() arg at position 0
# expect: TypeError fromhex() argument must be str or bytes-like, not int
# expect: bytearray(b'\x01\x02')
# expect: ValueError fromhex() arg must contain an even number of hexadecimal digits
# expect: b'\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`cdcdefghijklmnopqrstuvwxyz{|}~\x7f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf\xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed\xee\xef\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff'
# expect: ValueError maketrans arguments must have same length
# expect: bytearray(b"1 a \'\\xe9\' A ff   2.5 %")
# expect: TypeError %b requires a bytes-like object, or an object that implements __bytes__, not 'str'
# expect: bytearray(b'1')
# expect: TypeError %c requires an integer in range(256) or a single byte, not a bytes object of length 2
# expect: OverflowError %c arg not in range(256)
# expect: TypeError %d format: a real number is required, not str
# expect: ValueError unsupported format character 'z' (0x7a) at index 1
# expect: TypeError not all arguments converted during bytes formatting
# expect: bytearray(b"\'\\xe9\'")
# expect: bytearray(b'   ab|ab   |a')
# expect: True True True True True
# expect: TypeError '<' not supported between instances of 'bytearray' and 'str'
b=bytearray(b'abc')
b.append(100); b.extend(b'ef'); b.extend([103]); b+=b'h'; b*=2; print(b)  # expect: bytearray(b'abcdefghabcdefgh')
b[0]=65; b[1:3]=b'XYZW'; del b[0]; del b[::2]; print(b); b.insert(1,66); print(b.pop(), b.pop(0), b); b.remove(66) if 66 in b else None; b.reverse(); print(b, b.copy(), b is b.copy())  # expect: bytearray(b'YWegaceg')
# expect: 103 89 bytearray(b'BWegace')
# expect: bytearray(b'ecageW') bytearray(b'ecageW') False
b[::2]=b'1'*len(b[::2]); print(b)  # expect: bytearray(b'1c1g1W')
t(lambda: b.__setitem__(slice(None,None,2), b'1')); t(lambda: b.__setitem__(0,256)); t(lambda: b.__setitem__(0,'a')); t(lambda: b.__setitem__(100,1)); t(lambda: b.__setitem__(slice(0,1),'a')); t(lambda: b.__setitem__(slice(0,1),5))  # expect: ValueError attempt to assign bytes of size 1 to extended slice of size 3
# expect: ValueError byte must be in range(0, 256)
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: IndexError bytearray index out of range
# expect: TypeError can assign only bytes, buffers, or iterables of ints in range(0, 256)
# expect: TypeError can assign only bytes, buffers, or iterables of ints in range(0, 256)
t(b.append, 256); t(b.append,'a'); t(b.extend,'a'); t(b.extend,5); t(b.pop,100); t(bytearray().pop); t(b.remove,0); t(b.insert,0,300)  # expect: ValueError byte must be in range(0, 256)
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError expected iterable of integers; got: 'str'
# expect: TypeError can't extend bytearray with int
# expect: IndexError pop index out of range
# expect: IndexError pop from empty bytearray
# expect: ValueError value not found in bytearray
# expect: ValueError byte must be in range(0, 256)
b.clear(); print(b); b.resize(3); print(b); t(b.resize,-1); t(hash,b); print(bytearray(b'ab').__reduce__(), bytearray(b'ab').__reduce_ex__(2), bytearray(b'ab').__reduce_ex__(3))  # expect: bytearray(b'')
# expect: bytearray(b'\x00\x00\x00')
# expect: ValueError Can only resize to positive sizes, got -1
# expect: TypeError unhashable type: 'bytearray'
# expect: (<class 'bytearray'>, ('ab', 'latin-1'), None) (<class 'bytearray'>, ('ab', 'latin-1'), None) (<class 'bytearray'>, (b'ab',), None)
b=bytearray(b'abc'); m=memoryview(b); t(b.append,1); m.release(); b.append(1); print(b)  # expect: BufferError Existing exports of data: object cannot be re-sized
# expect: bytearray(b'abc\x01')
class BA(bytearray): pass
x=BA(b'ab'); x.a=1; print(x, x.a, type(x+b'c'), type(x[:1]), BA.fromhex('aa'))  # expect: BA(b'ab') 1 <class 'bytearray'> <class 'bytearray'> BA(b'\xaa')
m=memoryview(b'abcdef'); print(m[0], m[1:3].tobytes(), m[::2].tolist(), len(m), m.format, m.itemsize, m.nbytes, m.shape, m.strides, m.ndim, m.readonly, m.obj, m.c_contiguous, m.suboffsets, m==b'abcdef', hash(m)==hash(b'abcdef'), list(m), m.hex(), m.tobytes())  # expect: 97 b'bc' [97, 99, 101] 6 B 1 6 (6,) (1,) 1 True b'abcdef' True () True True [97, 98, 99, 100, 101, 102] 616263646566 b'abcdef'
t(lambda: m.__setitem__(0,1)); t(lambda: m[10]); t(lambda: m['a']); t(lambda: m[0,0]); t(memoryview, 5); t(lambda: m.cast('I'));   # expect: TypeError cannot modify read-only memory
# expect: IndexError index out of bounds on dimension 1
# expect: TypeError memoryview: invalid slice key
# expect: TypeError cannot index 1-dimension view with 2-element tuple
# expect: TypeError memoryview: a bytes-like object is required, not 'int'
# expect: TypeError memoryview: length is not a multiple of itemsize
a=bytearray(range(16)); m=memoryview(a); c=m.cast('I'); print(c.tolist(), c.shape, c.itemsize); c[0]=1; print(a[:4]); t(lambda: c.__setitem__(0,-1)); t(lambda: c.__setitem__(0,'a')); t(lambda: c.__setitem__(0,2**40))  # expect: [50462976, 117835012, 185207048, 252579084] (4,) 4
# expect: bytearray(b'\x01\x00\x00\x00')
# expect: ValueError memoryview: invalid value for format 'I'
# expect: TypeError memoryview: invalid type for format 'I'
# expect: ValueError memoryview: invalid value for format 'I'
d=m.cast('B',(4,4)); print(d.tolist(), d[1,2], d.shape, d.strides, d[1:3].tolist()); t(lambda: d[0]); t(lambda: d[0,1:2]); t(lambda: len(d))  # expect: [[1, 0, 0, 0], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15]] 6 (4, 4) (4, 1) [[4, 5, 6, 7], [8, 9, 10, 11]]
# expect: NotImplementedError multi-dimensional sub-views are not implemented
# expect: TypeError memoryview: invalid slice key
# expect: 4
m[0:4]=b'wxyz'; print(a); t(lambda: m.__setitem__(slice(0,2), b'abc')); del_=lambda: m.__delitem__(0); t(del_)  # expect: bytearray(b'wxyz\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f')
# expect: ValueError memoryview assignment: lvalue and rvalue have different structures
# expect: TypeError cannot delete memory
print(m.toreadonly().readonly, m.cast('b')[0], m.cast('c')[0], m.cast('d').tolist()==m.cast('d').tolist(), m.cast('?')[0], m.cast('H')[1])  # expect: True 119 b'w' True True 31353
t(m.cast,'z'); t(m.cast,'<I'); t(c.cast,'H'); t(m.cast,'B',(3,3)); t(m.cast,'B',[0]); t(m.cast, 'B', 'a')  # expect: ValueError memoryview: destination format must be a native single character format prefixed with an optional '@'
# expect: ValueError memoryview: destination format must be a native single character format prefixed with an optional '@'
# expect: TypeError memoryview: cannot cast between two non-byte formats
# expect: TypeError memoryview: product(shape) * itemsize != buffer size
# expect: ValueError memoryview.cast(): elements of shape must be integers > 0
# expect: TypeError shape must be a list or a tuple
m.release(); t(lambda: m[0]); t(lambda: m.tobytes()); t(lambda: m.format); print(repr(m)[:16], m==m)  # expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: ValueError operation forbidden on released memoryview object
# expect: <released memory True
with memoryview(b'ab') as mm: print(mm[0])  # expect: 97
t(lambda: mm[0])  # expect: ValueError operation forbidden on released memoryview object
t(lambda: memoryview(b'abc').index(99)); t(lambda: memoryview(b'abc').count(99)); t(lambda: memoryview(b'abc').index(1))  # expect: 2
# expect: 1
# expect: ValueError memoryview.index(x): x not found
class P:
    def __buffer__(self, flags): print('buf'); return memoryview(b'pep688')
    def __release_buffer__(self, v): print('rel', type(v))
p=P(); m=memoryview(p); print(m.tobytes(), bytes(p)); m.release()  # expect: buf
# expect: buf
# expect: rel <class 'memoryview'>
# expect: b'pep688' b'pep688'
# expect: rel <class 'memoryview'>
print(b'a'.join([b'x', bytearray(b'y'), memoryview(b'z')]), bytes(memoryview(b'ab')), str(b'ab','ascii'), str(memoryview(b'ab'),'ascii'), int(b'12'), float(bytearray(b'1.5')), int(bytearray(b'13')))  # expect: b'xayaz' b'ab' ab ab 12 1.5 13
print([hex(x) for x in memoryview(b'\x01\x02')], max(memoryview(b'abc')), sum(bytearray(b'ab')))  # expect: ['0x1', '0x2'] 99 195

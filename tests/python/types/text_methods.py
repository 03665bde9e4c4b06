# Methods of str on texts of all kinds, against a digest of CPython's results.
import hashlib

texts = ['', 'a', ' ', 'o', 'ab', 'hello world ' * 3, '  lead', 'trail \t', '\x1c\x1f x \x0b\n', 'aaa', 'a,b,,c', "it's", '"q"', "'\"",
         'back\\slash', 'tab\tnew\n', 'ÄÖ ü', 'é', '日本語 日本', '\u2003wide\u2003', '\ud800x\udfff', '😀 grin 😀', 'ǆ ǅ ß', 'Straße',
         'Title Case', 'UPPER', 'lower', '0123', '٣٤', '½', '_name1', '1name', '\x7f', '\x00nul', 'x' * 70 + 'y' + 'x' * 70]
parts = ['', 'a', 'o', ' ', 'x', 'l', 'aa', 'lo', ',', 'é', '日', '😀', '\ud800', 'xx', 'hello world hello', '\n']
results = hashlib.sha256()


def note(value):
    results.update(repr(value).encode('utf-8', 'surrogatepass'))


def attempt(function, *arguments, **keywords):
    try:
        note(function(*arguments, **keywords))
    except (ValueError, TypeError, IndexError, OverflowError, LookupError) as error:
        note((type(error).__name__, str(error)))


for text in texts:
    note([character for character in text])
    note(list(enumerate(text)))
    for position in range(-len(text) - 1, len(text) + 1):
        attempt(lambda: text[position])
    for start in (None, 0, 1, 2, -1, 5, 100):
        for stop in (None, 0, 1, 3, -1, 100):
            note(text[start:stop])
            note(text[start:stop:-1 if start is None else 2])
    for name in ('upper lower title capitalize swapcase casefold isalpha isalnum isdigit isdecimal isnumeric isspace islower isupper '
                 'istitle isascii isprintable isidentifier strip lstrip rstrip split rsplit splitlines expandtabs').split():
        note((name, getattr(text, name)()))
    note((len(text), text * 3, repr(text), ascii(text), str(text), f'{text}', f'{text!r:>9}', f'{text:*^12.4}', '%s|%r|%a' % (text, text, text)))
    for most in (-1, 0, 1, 2, 9):
        note((text.split(None, most), text.rsplit(None, most)))
    for part in parts:
        for function in (text.find, text.rfind, text.count, text.index, text.rindex, text.startswith, text.endswith):
            attempt(function, part)
            attempt(function, part, 1)
            attempt(function, part, 1, -1)
            attempt(function, part, 3, 2)
        note((part in text, text == part, text < part, text + part, text.removeprefix(part), text.removesuffix(part)))
        note(text.startswith(('q', part)))
        note((text.strip(part), text.lstrip(part), text.rstrip(part), text.strip(part + 'h ')))
        attempt(text.partition, part)
        attempt(text.rpartition, part)
        for most in (-1, 0, 1, 2):
            attempt(text.split, part, most)
            attempt(text.rsplit, part, most)
        for new in ('', 'o', 'é', 'long text'):
            for most in (-1, 0, 1, 2):
                note(text.replace(part, new, most))
        note((part.join(['1', '', text]), part.join((text,)), part.join([]), part.join(text)))
    for table in ({}, {97: 'b'}, {97: None, 111: 48}, {111: 'oo', 108: 'é'}, {32: 0x1f600}, str.maketrans('abc', 'xyz', 'lo')):
        note(text.translate(table))
    for encoding in ('utf-8', 'utf8', 'UTF-8', 'ascii', 'latin-1', 'utf-16-le'):
        attempt(text.encode, encoding)
        attempt(lambda: text.encode(encoding, 'replace').decode(encoding))

# Formatting.
numbers = [0, 1, -1, 7, 10, 99, -100, 12345, 10**18, -(10**19), 1 << 70, True, 0.0, -0.0, 1.5, -2.25, 1e-4, 9.9e-5, 1e-5, 1e15, 1e16, 1.7e16,
           123456789.125, 5e-324, 1.7976931348623157e308, float('inf'), float('-inf'), float('nan'), 0.1, 1 / 3, 2.675, 1e22, 2.5]
for number in numbers:
    note((str(number), repr(number), f'{number}', f'{number!r}', f'{number!s:>30}', '{} {}'.format(number, [number]), '%s %r' % (number, number)))
    for specification in ('', '.2f', '.0f', '.9f', '.10f', '5', '05', '+', ' ', '>12', '<12', '^12', '=12', ',', '_', 'e', '.3e', 'g', '.3g', 'n', '%', 'x', 'd', 'c'):
        attempt(format, number, specification)
        attempt(('{:' + specification + '}').format, number)
    for template in ('%d', '%i', '%5d', '%-5d|', '%05d', '%+d', '% d', '%.3d', '%s', '%10s', '%.2f', '%f', '%e', '%g', '%x', '%#o', '%c', '%%%d', '%d %s'):
        attempt(lambda: template % number)
        attempt(lambda: template % (number,))
        attempt(lambda: template % (number, 'x'))
for template, values in (('%(a)s %(b)d', {'a': 1, 'b': 2}), ('%s', {'a': 1}), ('%s %s', (1,)), ('plain', ()), ('plain', 1), ('plain', {}), ('plain', [1]),
                         ('%(a)s', 1), ('%(a)s', (1,)), ('%', 1), ('%d', 'x'), ('%s', ('a', 'b')), ('%s', [1, 2]), ('%*d', (5, 1)), ('%q', 1)):
    attempt(lambda: template % values)
note([str(number) for number in range(-120, 1200)])
note([int(str(number)) for number in range(-120, 1200)])
assert results.hexdigest() == 'ca83d354d00b8efb0c53a974cae437edd1b1c4ed0bdf5e28e7920f2f5bf2bec6', results.hexdigest()


# Subclasses keep their overriding methods, and results are exact.
class Text(str):
    def __str__(self):
        return 'str'

    def __repr__(self):
        return 'repr'

    def __format__(self, specification):
        return 'format' + specification


class Number(int):
    def __str__(self):
        return 'number'

    __repr__ = __str__


class Real(float):
    def __repr__(self):
        return 'real'


text = Text('ab')
assert f'{text} {text!s} {text!r} {text:x}' == 'format str repr formatx'
assert '%s %r' % (text, text) == 'str repr' and '{} {!r}'.format(text, text) == 'format repr' and str([text]) == '[repr]'
assert f'{Number(5)} {Number(5):3d}' == 'number   5' and '%s %d' % (Number(5), Number(5)) == 'number 5' and str([Number(5)]) == '[number]'
assert f'{Real(5)} {Real(5):.1f}' == 'real 5.0' and str([Real(5)]) == '[real]'
assert [type(x) for x in (text[:], text.strip(), text.replace('x', 'y'), ''.join([text]), text.split()[0], text.upper())] == [str] * 6
assert text[0] == 'a' and list(text) == ['a', 'b'] and 'a' in text and text == 'ab' and {text: 1}['ab'] == 1

# A table that is no dict is asked as CPython asks it, and its other errors pass through.
asked = []


class Table:
    def __getitem__(self, code):
        asked.append(code)
        if code == 98:
            raise KeyError
        if code == 99:
            raise RuntimeError
        return code + 1


assert 'aab'.translate(Table()) == 'bbb' and asked == [97, 98]
try:
    'c'.translate(Table())
except RuntimeError:
    pass
else:
    raise AssertionError

# Joining what changes while it is taken apart, and what is no text.
assert '-'.join(str(n) for n in range(3)) == '0-1-2'
for wrong, message in (([1], 'sequence item 0: expected str instance, int found'), (['a', None], 'sequence item 1: expected str instance, NoneType found'),
                       (5, 'can only join an iterable')):
    try:
        ','.join(wrong)
    except TypeError as error:
        assert str(error) == message
    else:
        raise AssertionError(wrong)

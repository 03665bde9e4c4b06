# The compiler's warnings: text, line, file; as errors where filters say so.
import warnings


def given(source, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(source, "no file", "exec", **options)
        except SyntaxError as error:
            caught.append(error)
    return [(str(each.message), each.lineno) if hasattr(each, "message") else each.msg for each in caught]


def as_error(source):
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)
        try:
            compile(source, "no file", "exec")
        except SyntaxError as error:
            return error.msg, error.filename, error.lineno, error.offset, error.end_lineno, error.end_offset


for source, expected in {
    "x is 1": '"is" with \'int\' literal. Did you mean "=="?',
    "x is not ()": '"is not" with \'tuple\' literal. Did you mean "!="?',
    "1 is x is 2": '"is" with \'int\' literal. Did you mean "=="?',
    "[(1, 2) (3, 4)]": "'tuple' object is not callable; perhaps you missed a comma?",
    "f'{x}'()": "'str' object is not callable; perhaps you missed a comma?",
    "t'{x}'()": "'string.templatelib.Template' object is not callable; perhaps you missed a comma?",
    "1[0]": "'int' object is not subscriptable; perhaps you missed a comma?",
    "(lambda: 1)[0]": "'function' object is not subscriptable; perhaps you missed a comma?",
    "'a'['b']": "str indices must be integers or slices, not str; perhaps you missed a comma?",
    "[1][1, 2]": "list indices must be integers or slices, not tuple; perhaps you missed a comma?",
    "assert (x, 'message')": "assertion is always true, perhaps remove parentheses?",
    "1or x": "invalid decimal literal",
    "0xfor x": "invalid hexadecimal literal",
    r"'\d'": r'"\d" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\d"? A raw string is also an option.',
    r"b'\400'": r'"\400" is an invalid octal escape sequence. Such sequences will not work in the future. Did you mean "\\400"? A raw string is also an option.',
    r"f'\{x}'": r'"\{" is an invalid escape sequence. Such sequences will not work in the future. Did you mean "\\{"? A raw string is also an option.',
}.items():
    assert given("\n" + source) == [(expected, 2)], (source, given("\n" + source))

for source in ["x is None", "x is -1", "x is ...", "[1][-1]", "[1][True]", "1[0] = 2", "assert ()", r"r'\d'", r"'\n\u0041'", "(lambda: 1)()"]:
    assert given(source) == [], (source, given(source))

# Leaving a finally block (PEP 765).
assert given("def f():\n try: pass\n finally:\n  return") == [("'return' in a 'finally' block", 4)]
assert given("while 1:\n try: pass\n finally:\n  break") == [("'break' in a 'finally' block", 4)]
assert given("while 1:\n try: pass\n finally:\n  for x in y: continue") == []
assert given("try: pass\nfinally:\n def f(): return") == []

# Before the error of a source that can't be compiled; both.
assert given("x is 1; return") == [('"is" with \'int\' literal. Did you mean "=="?', 1), "'return' outside function"]

assert as_error("\nx is 1") == ('"is" with \'int\' literal. Did you mean "=="?', "no file", 2, 1, 2, 7)
assert as_error("[1 (2)]") == ("'int' object is not callable; perhaps you missed a comma?", "no file", 1, 2, 1, 3)
assert as_error("x = '\\d'") == (r'"\d" is an invalid escape sequence. Did you mean "\\d"? A raw string is also an option.', "no file", 1, 6, 1, 8)
assert as_error("x") is None

# What is said of f-strings and t-strings that do not parse.
def message(source):
    try:
        compile(source, "<test>", "eval")
    except SyntaxError as error:
        return error.msg, error.offset, error.end_offset
    return None


expected = {
    "f'{1#}'": ("'{' was never closed", 3, 0),
    "f'{)#}'": ("f-string: unmatched ')'", 4, 4),
    "f'{3!'": ("f-string: expecting '}'", 6, 6),
    "f'{a['": ("f-string: expecting '}'", 6, 6),
    "f'{3!!}'": ("f-string: invalid conversion character", 6, 7),
    "f'{x!z}'": ("f-string: invalid conversion character 'z': expected 's', 'r', or 'a'", 6, 7),
    "f'{x! r}'": ("f-string: conversion type must come right after the exclamation mark", 5, 8),
    "f'{x!r:'": ("f-string: expecting '}', or format specs", 8, 9),
    "f'{\"s\"!r{\":10\"}}'": ("f-string: expecting ':' or '}'", 9, 10),
    "f'{4:{/5}}'": ("f-string: expecting a valid expression after '{'", 7, 8),
    "f'{+ lambda:None}'": ("f-string: expecting a valid expression after '{'", 4, 5),
    "f'{1, lambda:x}'": ("f-string: lambda expressions are not allowed without parentheses", 7, 14),
    "f'{a $ b}'": ("f-string: expecting '=', or '!', or ':', or '}'", 6, 7),
    "f'{a for b}'": ("f-string: expecting '=', or '!', or ':', or '}'", 6, 9),
    "f'{a=b}'": ("f-string: expecting '!', or ':', or '}'", 6, 7),
    "f'{a b}'": ("invalid syntax. Perhaps you forgot a comma?", 4, 7),
    "f'{a if b}'": ("expected 'else' after 'if' expression", 4, 10),
    "f'{((}'": ("closing parenthesis '}' does not match opening parenthesis '('", 6, 6),
    "f'{3:}}>10}'": ("f-string: single '}' is not allowed", 7, 7),
    "f'{1:d\n}'": ("f-string: newlines are not allowed in format specifiers for single quoted f-strings", 7, 7),
    "f'{10:{ }}'": ("f-string: valid expression required before '}'", 9, 10),
    "t'{!x}'": ("t-string: valid expression required before '!'", 4, 5),
    "t'{'": ("t-string: expecting '}'", 4, 4),
    "f'''": ("unterminated triple-quoted f-string literal (detected at line 1)", 1, 1),
    "f'{a}\\x1'": (
        "(unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: truncated \\xXX escape",
        6,
        9,
    ),
    "fu''": ("'u' and 'f' prefixes are incompatible", 1, 3),
    "f'{1}' b'' 'c'": ("cannot mix bytes and nonbytes literals", 14, -1),
    "'b' t'a'": ("cannot mix t-string literals with string or bytes literals", 1, 9),
    'f"{1:{2:{3:{4}}}}"': ("f-string: expressions nested too deeply", 11, 11),
}
for source, wanted in expected.items():
    assert message(source) == wanted, (source, message(source))
assert eval("f'{1}' 'x' 'y'" * 1024) == "1xy" * 1024

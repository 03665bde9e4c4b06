# Tokens of ordinary sources: kinds, texts, positions, lines.
import io
import token
import tokenize


def tokens(source):
    return [
        (token.tok_name[item.type], item.string, item.start, item.end)
        for item in tokenize.generate_tokens(io.StringIO(source).readline)
    ]


assert tokens("x = 1 # c\n") == [
    ("NAME", "x", (1, 0), (1, 1)),
    ("OP", "=", (1, 2), (1, 3)),
    ("NUMBER", "1", (1, 4), (1, 5)),
    ("COMMENT", "# c", (1, 6), (1, 9)),
    ("NEWLINE", "\n", (1, 9), (1, 10)),
    ("ENDMARKER", "", (2, 0), (2, 0)),
]

# Without a newline at the end there is one all the same, of no length.
assert tokens("x")[1:] == [("NEWLINE", "", (1, 1), (1, 2)), ("ENDMARKER", "", (2, 0), (2, 0))]

# Indentation; a blank line and a comment change nothing.
assert tokens("if a:\n    b\n\n  # c\nd\n")[3:] == [
    ("NEWLINE", "\n", (1, 5), (1, 6)),
    ("INDENT", "    ", (2, 0), (2, 4)),
    ("NAME", "b", (2, 4), (2, 5)),
    ("NEWLINE", "\n", (2, 5), (2, 6)),
    ("NL", "\n", (3, 0), (3, 1)),
    ("COMMENT", "# c", (4, 2), (4, 5)),
    ("NL", "\n", (4, 5), (4, 6)),
    ("DEDENT", "", (5, 0), (5, 0)),
    ("NAME", "d", (5, 0), (5, 1)),
    ("NEWLINE", "\n", (5, 1), (5, 2)),
    ("ENDMARKER", "", (6, 0), (6, 0)),
]

# The parts of an f-string.
assert tokens("f'a{b!r:>{w}}c{{d}}'")[:-2] == [
    ("FSTRING_START", "f'", (1, 0), (1, 2)),
    ("FSTRING_MIDDLE", "a", (1, 2), (1, 3)),
    ("OP", "{", (1, 3), (1, 4)),
    ("NAME", "b", (1, 4), (1, 5)),
    ("OP", "!", (1, 5), (1, 6)),
    ("NAME", "r", (1, 6), (1, 7)),
    ("OP", ":", (1, 7), (1, 8)),
    ("FSTRING_MIDDLE", ">", (1, 8), (1, 9)),
    ("OP", "{", (1, 9), (1, 10)),
    ("NAME", "w", (1, 10), (1, 11)),
    ("OP", "}", (1, 11), (1, 12)),
    ("FSTRING_MIDDLE", "", (1, 12), (1, 12)),
    ("OP", "}", (1, 12), (1, 13)),
    ("FSTRING_MIDDLE", "c{", (1, 13), (1, 15)),
    ("FSTRING_MIDDLE", "d}", (1, 16), (1, 18)),
    ("FSTRING_END", "'", (1, 19), (1, 20)),
]

# A string over two lines has both as its line.
first = next(tokenize.generate_tokens(io.StringIO("'''a\nb''' + c\n").readline))
assert first.string == "'''a\nb'''" and first.end == (2, 4) and first.line == "'''a\nb''' + c\n"

# Bytes: the encoding comes first.
first = list(tokenize.tokenize(io.BytesIO(b"# coding: latin-1\nx = '\xe4'\n").readline))
assert first[0].string == "iso-8859-1" and first[5].string == "'\u00e4'"

for source, message in [
    ("'''a", "EOF in multi-line string"),
    ("(", "unexpected EOF in multi-line statement"),
    ("'a", "unterminated string literal (detected at line 1)"),
]:
    try:
        tokens(source)
        assert False, source
    except tokenize.TokenError as error:
        assert error.args[0] == message, (source, error.args)

try:
    tokens("if a:\n    b\n  c\n")
    assert False
except IndentationError as error:
    assert error.msg == "unindent does not match any outer indentation level", error.msg
print("done")  # expect: done

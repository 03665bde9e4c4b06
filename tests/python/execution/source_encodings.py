# Sources in bytes: byte order marks and declared encodings (PEP 263), and what is wrong with them.
def run(source):
    space = {}
    exec(compile(source, "name", "exec"), space)
    return space["x"]


assert run("x = 'é'") == "é"
assert run("x = 'é'".encode()) == "é"
assert run(b"\xef\xbb\xbfx = 1") == 1
assert run("# -*- coding: latin-1 -*-\nx = 'é'".encode("latin-1")) == "é"
assert run("#!/bin/x\n# vim: set fileencoding=iso-8859-15 :\nx = '€'".encode("iso-8859-15")) == "€"
assert run("# coding: cp1252\nx = '“'".encode("cp1252")) == "“"
assert run("pass\n# coding: latin-1\nx = 'é'".encode()) == "é"
# A string has no encoding any more.
assert run("# coding: latin-1\nx = 'é'") == "é"


def fails(source):
    try:
        compile(source, "name", "exec")
    except SyntaxError as error:
        return type(error).__name__, error.msg
    raise AssertionError(source)


assert fails(b"# coding: nonsense\nx = 1") == ("SyntaxError", "unknown encoding: nonsense")
assert fails(b"\xef\xbb\xbf# coding: latin-1\n")[1] == "encoding problem: iso-8859-1 with BOM"
assert fails(b"x = 1\ny = '\xe9'\n")[0] == "SyntaxError"
assert eval("# coding: latin-1\n'\xe9'".encode("latin-1")) == "é"

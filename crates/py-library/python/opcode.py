"""The opcodes of Typhon's register machine by name and number.

They are not those of CPython. What is named here as there means the same; lists of opcodes that have no counterpart are empty.
"""

__all__ = ["cmp_op", "stack_effect", "hascompare", "opname", "opmap", "HAVE_ARGUMENT", "EXTENDED_ARG", "hasarg", "hasconst", "hasname",
           "hasjump", "hasjrel", "hasjabs", "hasfree", "haslocal", "hasexc"]

import _opcode
from _opcode import stack_effect

# The last one stands for entering the code, which is no instruction.
opname = [name.upper() for name in _opcode.names()] + ["RESUME"]
opmap = {name: number for number, name in enumerate(opname)}

# Every instruction has room for operands, and they are never extended.
HAVE_ARGUMENT = 0
EXTENDED_ARG = -1

cmp_op = ('<', '<=', '==', '!=', '>', '>=')


def _with(meaning):
    return [number for number in range(len(opname) - 1) if meaning in _opcode.operands(number)]


hasarg = [number for number in range(len(opname) - 1) if _opcode.operands(number)]
hasconst = _with('constant')
hasname = _with('name')
hasjump = _with('jump')
hasjrel = hasjump
hasjabs = []
hasfree = sorted(_with('free') + _with('deref'))
haslocal = _with('local')
hascompare = []
hasexc = []

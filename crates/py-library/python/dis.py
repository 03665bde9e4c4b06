"""Listings of Typhon's bytecode, with the interface of CPython's module."""

import _opcode
import collections
import io
import sys
import types
from opcode import *
from opcode import __all__ as _opcodes_all

__all__ = ["code_info", "dis", "disassemble", "distb", "disco", "findlinestarts", "findlabels", "show_code", "get_instructions",
           "Instruction", "Bytecode"] + _opcodes_all
del _opcodes_all

_have_code = (types.MethodType, types.FunctionType, types.CodeType, classmethod, staticmethod, type)

# Bytes of an instruction word; offsets are in bytes, as elsewhere.
_WORD = 8

# What stands before a function is entered.
_PROLOGUE = {"MAKE_GENERATOR", "MAKE_CELL", "NEW_CELL", "LOAD_FREE", "UNBIND", "LOAD_BODY"}

COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED",
    2: "NEWLOCALS",
    4: "VARARGS",
    8: "VARKEYWORDS",
    16: "NESTED",
    32: "GENERATOR",
    64: "NOFREE",
    128: "COROUTINE",
    256: "ITERABLE_COROUTINE",
    512: "ASYNC_GENERATOR",
    0x4000000: "HAS_DOCSTRING",
    0x8000000: "METHOD",
}


def pretty_flags(flags):
    """Return the names of the flags of a code object as text."""
    names = []
    for bit in range(32):
        flag = 1 << bit
        if flags & flag:
            names.append(COMPILER_FLAG_NAMES.get(flag, hex(flag)))
            flags ^= flag
    return ", ".join(names) if names else hex(flags)


class _Unknown:
    def __repr__(self):
        return "<unknown>"


UNKNOWN = _Unknown()

Positions = collections.namedtuple("Positions", ["lineno", "end_lineno", "col_offset", "end_col_offset"], defaults=[None] * 4)

_Instruction = collections.namedtuple(
    "_Instruction",
    ["opname", "opcode", "arg", "argval", "argrepr", "offset", "start_offset", "starts_line", "line_number", "label", "positions",
     "cache_info"],
    defaults=[None, None, None],
)


class Instruction(_Instruction):
    """One instruction: its opcode, its operands as text, the first of them that is no register as a value, its place."""

    __slots__ = ()

    @property
    def oparg(self):
        return self.arg

    @property
    def baseopcode(self):
        return self.opcode

    @property
    def baseopname(self):
        return self.opname

    @property
    def cache_offset(self):
        return self.start_offset + _WORD

    @property
    def end_offset(self):
        return self.start_offset + (0 if self.opname == "RESUME" else _WORD * _opcode.words(self.opcode))

    @property
    def jump_target(self):
        return self.argval if self.opcode in hasjump else None

    @property
    def is_jump_target(self):
        return self.label is not None

    def __str__(self):
        return _line(self, 3, False, 0, False)


def _get_code_object(x):
    """The code object of a function, method, class, generator or source text."""
    for attribute in ("__func__", "__code__", "gi_code", "ag_code", "cr_code"):
        x = getattr(x, attribute, x)
    if isinstance(x, str):
        try:
            x = compile(x, "<disassembly>", "eval")
        except SyntaxError:
            x = compile(x, "<disassembly>", "exec")
    if hasattr(x, "co_code"):
        return x
    raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")


def _argument(operands, labels):
    shown = []
    value = number = None
    for meaning, raw, known in operands:
        if meaning == "register":
            shown.append(f"r{raw}")
            continue
        if meaning == "jump":
            known *= _WORD
            shown.append(f"to L{labels[known]}" if known in labels else f"to {known}")
        elif meaning == "number":
            shown.append(str(raw))
        elif meaning == "constant":
            shown.append(f"({known!r})")
        else:
            shown.append(str(known))
        if value is None or meaning != "number":
            value, number = known, raw
    if number is None and operands:
        value = number = operands[0][1]
    return number, value, ", ".join(shown)


def _get_instructions(code, first_line=None):
    entries = _opcode.instructions(code)
    targets = {known for _, _, operands, _ in entries for meaning, _, known in operands if meaning == "jump"}
    targets |= {target for _, _, target, _ in _opcode.handlers(code)}
    labels = {word * _WORD: number for number, word in enumerate(sorted(targets), 1)}
    shift = 0 if first_line is None else first_line - code.co_firstlineno
    last = None
    entered = False
    for word, number, operands, place in entries:
        offset = word * _WORD
        if not entered and opname[number] not in _PROLOGUE:
            entered = True
            line = 0 if code.co_name == "<module>" else code.co_firstlineno
            yield Instruction("RESUME", opmap["RESUME"], None, None, "", offset, offset, line != last, line + shift, None,
                              Positions(line, line, 0, 0))
            last = line + shift
        arg, argval, argrepr = _argument(operands, labels)
        positions = Positions(*place) if place else Positions()
        line = positions.lineno + shift if place else None
        yield Instruction(opname[number], number, arg, argval, argrepr, offset, offset, line is not None and line != last, line,
                          labels.get(offset), positions)
        last = line


def get_instructions(x, *, first_line=None, show_caches=None, adaptive=False):
    """Iterate over the instructions of a function, method, string or code object."""
    return _get_instructions(_get_code_object(x), first_line)


def _line(instruction, line_width, mark, offset_width, show_positions):
    fields = []
    if line_width:
        line = str(instruction.line_number) if instruction.starts_line and instruction.line_number is not None else ""
        fields.append(line.rjust(line_width))
    fields.append("-->" if mark else "   ")
    fields.append(f"L{instruction.label}:".rjust(5) if instruction.label else " " * 5)
    if offset_width:
        fields.append(str(instruction.offset).rjust(offset_width))
    fields.append(instruction.opname.ljust(24))
    if instruction.argrepr:
        fields.append(instruction.argrepr)
    return " ".join(fields).rstrip()


def _disassemble(code, lasti, file, show_offsets, show_positions, first_line=None):
    lines = [line for _, line in findlinestarts(code) if line is not None]
    width = max(3, len(str(max(lines)))) if lines else 0
    offset_width = len(str(len(code.co_code))) if show_offsets else 0
    for instruction in _get_instructions(code, first_line):
        if instruction.starts_line and instruction.offset > 0:
            print(file=file)
        print(_line(instruction, width, instruction.offset == lasti, offset_width, show_positions), file=file)
    handlers = _opcode.handlers(code)
    if handlers:
        print("ExceptionTable:", file=file)
        for start, end, target, register in handlers:
            print(f"  {start * _WORD} to {end * _WORD} -> {target * _WORD}, exception in r{register}", file=file)


def disassemble(co, lasti=-1, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Print the listing of a code object."""
    _disassemble(co, lasti, file, show_offsets, show_positions)


disco = disassemble


def _disassemble_recursive(code, file, depth, show_offsets, show_positions):
    _disassemble(code, -1, file, show_offsets, show_positions)
    if depth is None or depth > 0:
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                print(file=file)
                print(f"Disassembly of {constant!r}:", file=file)
                _disassemble_recursive(constant, file, None if depth is None else depth - 1, show_offsets, show_positions)


def dis(x=None, *, file=None, depth=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Print the listing of classes, methods, functions, generators or code; without an argument that of the last traceback."""
    if x is None:
        distb(file=file, show_offsets=show_offsets, show_positions=show_positions)
        return
    for attribute in ("__func__", "__code__", "gi_code", "ag_code", "cr_code"):
        x = getattr(x, attribute, x)
    if hasattr(x, "__dict__") and not hasattr(x, "co_code"):
        for name, member in sorted(x.__dict__.items()):
            if isinstance(member, _have_code):
                print(f"Disassembly of {name}:", file=file)
                try:
                    dis(member, file=file, depth=depth, show_offsets=show_offsets, show_positions=show_positions)
                except TypeError as error:
                    print("Sorry:", error, file=file)
                print(file=file)
        return
    if isinstance(x, str):
        x = _get_code_object(x)
    if not hasattr(x, "co_code"):
        raise TypeError(f"don't know how to disassemble {type(x).__name__} objects")
    _disassemble_recursive(x, file, depth, show_offsets, show_positions)


def distb(tb=None, *, file=None, show_caches=False, adaptive=False, show_offsets=False, show_positions=False):
    """Print the listing of the code in which a traceback ends; without an argument, of the last one."""
    if tb is None:
        try:
            tb = sys.last_exc.__traceback__
        except AttributeError:
            raise RuntimeError("no last traceback to disassemble") from None
    while tb.tb_next:
        tb = tb.tb_next
    disassemble(tb.tb_frame.f_code, tb.tb_lasti, file=file, show_offsets=show_offsets, show_positions=show_positions)


def findlabels(code):
    """Return the offsets that the instructions of a code object jump to."""
    if isinstance(code, (bytes, bytearray)):
        raise TypeError("findlabels() needs a code object")
    return sorted({known * _WORD for _, _, operands, _ in _opcode.instructions(code) for meaning, _, known in operands if meaning == "jump"})


def _find_imports(code):
    """The imports of a code object: name, level and names taken from the module (or None) of each, for modulefinder."""
    integers, constants = {}, {}
    for _, number, operands, _ in _opcode.instructions(code):
        name = opname[number]
        if name == "LOAD_INT":
            integers[operands[0][1]] = operands[1][2]
        elif name == "LOAD_CONST":
            constants[operands[0][1]] = operands[1][2]
        elif name == "IMPORT_NAME":
            level = operands[1][1]
            yield operands[2][2], integers.get(level, 0), constants.get(level + 1)


def _find_store_names(code):
    """The names that a code object binds in its namespace, for modulefinder."""
    seen = set()
    for _, number, operands, _ in _opcode.instructions(code):
        if opname[number] in ("STORE_NAME", "STORE_GLOBAL"):
            name = operands[1][2]
            if name not in seen:
                seen.add(name)
                yield name


def findlinestarts(code):
    """Iterate over the offsets at which lines of the source start, and those lines."""
    last = False
    for start, end, line in code.co_lines():
        if line is not last:
            last = line
            yield start, line


def _format_code_info(co):
    lines = [
        f"Name:              {co.co_name}",
        f"Filename:          {co.co_filename}",
        f"Argument count:    {co.co_argcount}",
        f"Positional-only arguments: {co.co_posonlyargcount}",
        f"Kw-only arguments: {co.co_kwonlyargcount}",
        f"Number of locals:  {co.co_nlocals}",
        f"Stack size:        {co.co_stacksize}",
        f"Flags:             {pretty_flags(co.co_flags)}",
    ]
    for title, items in [("Constants", [repr(constant) for constant in co.co_consts]), ("Names", co.co_names),
                         ("Variable names", co.co_varnames), ("Free variables", co.co_freevars), ("Cell variables", co.co_cellvars)]:
        if items:
            lines.append(f"{title}:")
            lines.extend(f"{number:4d}: {item}" for number, item in enumerate(items))
    return "\n".join(lines)


def code_info(x):
    """Return details of methods, functions or code as text."""
    return _format_code_info(_get_code_object(x))


def show_code(co, *, file=None):
    """Print details of methods, functions or code."""
    print(code_info(co), file=file)


class Bytecode:
    """The bytecode of a function, method, string or code object; iterating gives its instructions."""

    def __init__(self, x, *, first_line=None, current_offset=None, show_caches=False, adaptive=False, show_offsets=False,
                 show_positions=False):
        self.codeobj = _get_code_object(x)
        self.first_line = self.codeobj.co_firstlineno if first_line is None else first_line
        self.current_offset = current_offset
        self.show_offsets = show_offsets
        self.show_positions = show_positions
        self._original_object = x

    def __iter__(self):
        return _get_instructions(self.codeobj, self.first_line)

    def __repr__(self):
        return f"{self.__class__.__name__}({self._original_object!r})"

    @classmethod
    def from_traceback(cls, tb, *, show_caches=False, adaptive=False):
        """Make a Bytecode of the code in which a traceback ends."""
        while tb.tb_next:
            tb = tb.tb_next
        return cls(tb.tb_frame.f_code, current_offset=tb.tb_lasti)

    def info(self):
        """Return details of the code as text."""
        return _format_code_info(self.codeobj)

    def dis(self):
        """Return the listing as text."""
        output = io.StringIO()
        lasti = -1 if self.current_offset is None else self.current_offset
        _disassemble(self.codeobj, lasti, output, self.show_offsets, self.show_positions, self.first_line)
        return output.getvalue()


def main(args=None):
    """The command `python -m dis`."""
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("-O", "--show-offsets", action="store_true", help="show instruction offsets")
    parser.add_argument("infile", nargs="?", default="-")
    options = parser.parse_args(args=args)
    if options.infile == "-":
        name, source = "<stdin>", sys.stdin.buffer.read()
    else:
        name = options.infile
        with open(options.infile, "rb") as file:
            source = file.read()
    dis(compile(source, name, "exec"), show_offsets=options.show_offsets)


if __name__ == "__main__":
    main()

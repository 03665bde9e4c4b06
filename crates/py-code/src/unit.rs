//! Code units: what the compiler makes of a module, function, class or comprehension.

use crate::{Const, Field, Instruction, Kind, Positions, Text};
use std::borrow::Cow;

/// A name in a unit: a part of the packed library, or text of its own.
pub type Name = Cow<'static, str>;

/// Bits of [`CodeUnit::flags`], those of CPython's `inspect` module.
pub mod flags {
    /// Locals live in registers.
    pub const OPTIMIZED: u32 = 0x1;
    /// A new namespace is made for each execution.
    pub const NEWLOCALS: u32 = 0x2;
    /// Takes `*args`.
    pub const VARARGS: u32 = 0x4;
    /// Takes `**kwargs`.
    pub const VARKEYWORDS: u32 = 0x8;
    /// Defined inside a function.
    pub const NESTED: u32 = 0x10;
    /// A generator function.
    pub const GENERATOR: u32 = 0x20;
    /// A coroutine function.
    pub const COROUTINE: u32 = 0x80;
    /// A generator usable as a coroutine.
    pub const ITERABLE_COROUTINE: u32 = 0x100;
    /// An asynchronous generator function.
    pub const ASYNC_GENERATOR: u32 = 0x200;
    /// `from __future__ import annotations` was in force.
    pub const FUTURE_ANNOTATIONS: u32 = 0x0100_0000;
    /// The first constant is a docstring.
    pub const HAS_DOCSTRING: u32 = 0x0400_0000;
    /// A function defined in a class body.
    pub const METHOD: u32 = 0x0800_0000;
}

/// Compiled code with everything the loader needs.
#[derive(Clone, Debug, Default)]
pub struct CodeUnit {
    /// The function's or class's name, or `<module>`, `<lambda>`, ….
    pub name: Name,
    /// The dotted path of names that leads to it.
    pub qualname: Name,
    /// Where the source came from.
    pub filename: Name,
    /// Bits of [`flags`].
    pub flags: u32,
    /// Positional parameters, positional-only ones included.
    pub argcount: u32,
    /// Positional-only parameters.
    pub posonlyargcount: u32,
    /// Keyword-only parameters.
    pub kwonlyargcount: u32,
    /// Named locals: registers 0 up to this are `varnames`.
    pub nlocals: u32,
    /// Registers, temporaries included.
    pub frame_size: u32,
    /// Instruction and extension words.
    pub code: Vec<u64>,
    /// The constants.
    pub consts: Vec<Const>,
    /// Extension words to be overwritten by the loader: (word offset, index into `consts`), sorted.
    pub const_words: Vec<(u32, u32)>,
    /// Names of globals and attributes.
    pub names: Vec<Name>,
    /// Names of the locals, parameters first.
    pub varnames: Vec<Name>,
    /// Names of the variables that nested functions share.
    pub cellvars: Vec<Name>,
    /// The register that holds each of `cellvars` (a parameter's own register where it is one).
    pub cell_registers: Vec<u16>,
    /// Names of the variables of enclosing functions.
    pub freevars: Vec<Name>,
    /// The register that holds each of `freevars` after the prologue.
    pub free_registers: Vec<u16>,
    /// Which handler covers which words; sorted, not overlapping.
    pub exception_table: Vec<HandlerRange>,
    /// Source positions by word offset; sorted.
    pub positions: Positions,
    /// Line of the `def`, `class` or decorator, or 1.
    pub firstlineno: u32,
    /// The docstring, if there is one.
    pub docstring: Option<Text>,
}

/// Words `start..end` are covered by the handler at `target`, which gets the exception in a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandlerRange {
    /// First word covered.
    pub start: u32,
    /// First word not covered.
    pub end: u32,
    /// Word offset of the handler.
    pub target: u32,
    /// Register that receives the exception.
    pub register: u16,
}

/// A word offset as Python counts: in bytes of `co_code`. The first two bytes of the first instruction stand for entering the code,
/// which may be at a line of its own (PEP 626), so that instruction begins behind them.
pub fn byte_offset(offset: usize) -> i64 {
    if offset == 0 { 2 } else { 8 * offset as i64 }
}

/// A place in the source: lines from 1, columns in UTF-8 bytes from 0; line 0 means none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Position {
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last.
    pub end_column: u32,
}

/// From word `offset` on, up to the next entry, instructions come from `position`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PositionEntry {
    /// First word.
    pub offset: u32,
    /// Its source.
    pub position: Position,
}

impl CodeUnit {
    /// Number of parameters, `*args` and `**kwargs` included: they are the first registers.
    pub fn parameters(&self) -> usize {
        self.argcount as usize
            + self.kwonlyargcount as usize
            + usize::from(self.flags & flags::VARARGS != 0)
            + usize::from(self.flags & flags::VARKEYWORDS != 0)
    }

    /// The instructions with their word offsets.
    pub fn instructions(&self) -> impl Iterator<Item = (usize, Instruction)> + '_ {
        let mut offset = 0;
        std::iter::from_fn(move || {
            let instruction = Instruction(*self.code.get(offset)?);
            let at = offset;
            offset += instruction.opcode().size();
            Some((at, instruction))
        })
    }

    /// An operand's value: immediates sign-extended, extension words as they are.
    pub fn operand(&self, offset: usize, field: Field, kind: Kind) -> i64 {
        let instruction = Instruction(self.code[offset]);
        match (field, kind) {
            (Field::e, _) => self.code[offset + 1] as i64,
            (Field::f, _) => self.code[offset + 2] as i64,
            (_, Kind::Short | Kind::ShortOffset) => instruction.field(field) as u16 as i16 as i64,
            _ => instruction.field(field),
        }
    }

    /// The constant that the loader puts into a word.
    pub fn constant_at(&self, word: usize) -> Option<&Const> {
        let found = self.const_words.binary_search_by_key(&word, |&(place, _)| place as usize).ok()?;
        self.consts.get(self.const_words[found].1 as usize)
    }

    /// Where the instruction at a word offset jumps to, if it can jump.
    pub fn jump_target(&self, offset: usize) -> Option<usize> {
        let opcode = Instruction(self.code[offset]).opcode();
        let field = opcode.jump_field()?;
        let distance = self.operand(offset, field, opcode.operand(field)?);
        usize::try_from((offset + opcode.size()) as i64 + distance).ok()
    }

    /// The handler that covers a word offset.
    pub fn handler(&self, offset: usize) -> Option<&HandlerRange> {
        let after = self.exception_table.partition_point(|range| range.end as usize <= offset);
        self.exception_table.get(after).filter(|range| range.start as usize <= offset)
    }

    /// The line of a word offset. All there is of a module without statements is at line 0.
    pub fn line(&self, offset: usize) -> Option<u32> {
        let is_empty = || self.name == "<module>" && self.positions.iter().all(|entry| entry.position.line == 0);
        match self.position(offset).line {
            0 => is_empty().then_some(0),
            line => Some(line),
        }
    }

    /// The source position of a word offset.
    pub fn position(&self, offset: usize) -> Position {
        self.positions.at(offset)
    }
}

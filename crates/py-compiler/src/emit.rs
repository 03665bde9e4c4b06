//! One code unit in the making: instructions with labels, constants, names and temporaries.
//!
//! Temporaries form a stack above the named registers: `top` is the first free one. An expression's result goes either to a register
//! given by the caller or to the temporary at `top`; an instruction may write the temporary that one of its operands still occupies.
//! Jumps refer to labels until [`assemble`] lays the words out.

mod assemble;
mod flow;
mod layout;
mod places;

use std::collections::HashMap;

use py_code::{Const, Instruction, NO_REGISTER, Opcode};
use py_syntax::ast::TextRange;

use crate::error::{Outcome, fail};

/// A place in the code that jumps go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Label(u32);

/// An exception handler of the unit: index into [`Emitter::handlers`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HandlerId(u32);

/// An instruction whose jump and constants are not yet placed.
#[derive(Clone, Debug)]
struct Inst {
    word: Instruction,
    /// Plain content of the first extension word.
    extension: u64,
    /// Constant in the first or second extension word.
    constant: Option<(usize, u32)>,
    target: Option<Label>,
    /// The empty range at 0 for what belongs to no place of its own.
    range: TextRange,
    handler: Option<HandlerId>,
    /// A jump that stands for a statement which does nothing else: it stays where tracing would miss its line.
    marks_line: bool,
}

/// The code of a unit as it grows.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    code: Vec<Inst>,
    /// Index of the instruction that each label stands before.
    labels: Vec<usize>,
    handlers: Vec<(Label, u16)>,
    /// The handler that covers what is emitted now.
    pub handler: Option<HandlerId>,
    /// The source of what is emitted now.
    pub range: TextRange,
    /// Where the unit begins.
    pub entry: TextRange,
    pub consts: Vec<Const>,
    const_index: HashMap<Const, u32>,
    pub names: Vec<String>,
    name_index: HashMap<String, usize>,
    /// Registers below this one have names; the others are temporaries.
    named: u32,
    top: u32,
    /// Registers needed so far.
    size: u32,
}

/// Where a label is until it is placed.
const UNPLACED: usize = usize::MAX;

impl Emitter {
    /// A unit whose named registers are `0..named`.
    pub fn new(named: u16) -> Emitter {
        Emitter { named: named.into(), top: named.into(), size: named.into(), ..Emitter::default() }
    }

    // Registers.

    /// The first free temporary.
    pub fn top(&self) -> Outcome<u16> {
        self.register(self.top)
    }

    fn register(&self, register: u32) -> Outcome<u16> {
        match u16::try_from(register) {
            Ok(register) if register < NO_REGISTER - 16 => Ok(register),
            _ => fail("too many local variables and temporary values", self.range),
        }
    }

    /// Takes the next temporary.
    pub fn temporary(&mut self) -> Outcome<u16> {
        self.temporaries(1)
    }

    /// Takes several temporaries in a row; returns the first.
    pub fn temporaries(&mut self, count: usize) -> Outcome<u16> {
        let first = self.top()?;
        let end = self.top as usize + count;
        self.top = self.register(u32::try_from(end).unwrap_or(u32::MAX))?.into();
        self.size = self.size.max(self.top);
        Ok(first)
    }

    /// Makes sure that a register to be written before the end of an expression is not taken meanwhile.
    pub fn reserve(&mut self, register: u16) {
        self.top = self.top.max(u32::from(register) + 1);
        self.size = self.size.max(self.top);
    }

    /// Gives back every temporary from `mark` on.
    pub fn release(&mut self, mark: u16) {
        self.top = mark.into();
    }

    // Instructions.

    fn push(&mut self, word: Instruction) -> &mut Inst {
        let (range, handler) = (self.range, self.handler);
        self.code.push(Inst { word, extension: 0, constant: None, target: None, range, handler, marks_line: false });
        self.code.last_mut().expect("just pushed")
    }

    pub fn op(&mut self, opcode: Opcode, a: u16, b: u16, c: u16) {
        self.push(Instruction::new(opcode, a, b, c));
    }

    pub fn op_x(&mut self, opcode: Opcode, x: u8, a: u16, b: u16, c: u16) {
        self.push(Instruction::new(opcode, a, b, c).with_x(x));
    }

    pub fn wide(&mut self, opcode: Opcode, a: u16, bc: i32) {
        self.push(Instruction::wide(opcode, a, bc));
    }

    /// An instruction with a number in its first extension word.
    pub fn extended(&mut self, opcode: Opcode, operands: [u16; 3], x: u8, extension: u64) {
        let [a, b, c] = operands;
        self.push(Instruction::new(opcode, a, b, c).with_x(x)).extension = extension;
    }

    /// An instruction with a constant in extension word number `place` (1 or 2).
    pub fn with_constant(&mut self, opcode: Opcode, x: u8, operands: [u16; 3], place: usize, constant: Const) {
        let index = self.constant(constant);
        let [a, b, c] = operands;
        self.push(Instruction::new(opcode, a, b, c).with_x(x)).constant = Some((place, index));
    }

    /// A jump; the operands that are not its offset are given.
    pub fn jump(&mut self, opcode: Opcode, a: u16, b: u16, c: u16, target: Label) {
        self.push(Instruction::new(opcode, a, b, c)).target = Some(target);
    }

    /// A jump around what does not stand in the way of control in the program, such as a handler. Nobody is told of it.
    pub fn hidden_jump(&mut self, target: Label) {
        self.push(Instruction::new(Opcode::Jump, 0, 0, 0).with_x(1)).target = Some(target);
    }

    /// A jump by which a statement shows that it ran.
    pub fn visible_jump(&mut self, target: Label) {
        self.jump(Opcode::Jump, 0, 0, 0, target);
        self.code.last_mut().expect("just pushed").marks_line = true;
    }

    /// Marks the place of a statement, or of part of one, for which there is nothing to do.
    pub fn visible_nothing(&mut self) {
        let next = self.label();
        self.visible_jump(next);
        self.place(next);
    }

    /// Copies a register, unless it is the same.
    pub fn copy(&mut self, target: u16, source: u16) {
        if target != source {
            self.op(Opcode::Move, target, source, 0);
        }
    }

    /// Loads a constant.
    pub fn load(&mut self, target: u16, constant: Const) {
        match constant {
            Const::Int(value) if i32::try_from(value).is_ok() => self.wide(Opcode::LoadInt, target, value as i32),
            constant => self.with_constant(Opcode::LoadConst, 0, [target, 0, 0], 1, constant),
        }
    }

    /// Whether control reaches the next instruction from the one before.
    pub fn falls_through(&self) -> bool {
        let labelled = self.labels.contains(&self.code.len());
        labelled || self.code.last().is_none_or(|last| !last.word.opcode().ends_block())
    }

    // Labels and handlers.

    pub fn label(&mut self) -> Label {
        self.labels.push(UNPLACED);
        Label(self.labels.len() as u32 - 1)
    }

    /// Puts a label before the next instruction.
    pub fn place(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.code.len();
    }

    pub fn label_here(&mut self) -> Label {
        let label = self.label();
        self.place(label);
        label
    }

    /// Declares a handler that gets the exception in a register.
    pub fn add_handler(&mut self, label: Label, register: u16) -> HandlerId {
        self.handlers.push((label, register));
        HandlerId(self.handlers.len() as u32 - 1)
    }

    // Tables.

    fn constant(&mut self, constant: Const) -> u32 {
        let next = self.consts.len() as u32;
        if matches!(constant, Const::Code(_)) {
            self.consts.push(constant);
            return next;
        }
        let index = *self.const_index.entry(constant.clone()).or_insert(next);
        if index == next {
            self.consts.push(constant);
        }
        index
    }

    /// The index of a name, for 32-bit operands.
    pub fn name_wide(&mut self, name: &str) -> i32 {
        if let Some(&index) = self.name_index.get(name) {
            return index as i32;
        }
        let index = self.names.len();
        self.names.push(name.to_string());
        self.name_index.insert(name.to_string(), index);
        index as i32
    }

    /// The index of a name, for 16-bit operands.
    pub fn name(&mut self, name: &str) -> Outcome<u16> {
        let index = self.name_wide(name);
        u16::try_from(index).or_else(|_| fail("too many names in one code block", self.range))
    }
}

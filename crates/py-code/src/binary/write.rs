//! Writing code units.

use super::{MAGIC, fingerprint, tag};
use crate::{CodeUnit, Const, Name};
use std::collections::HashMap;

/// The bytes of a unit and those nested in it.
pub fn encode(unit: &CodeUnit) -> Vec<u8> {
    let (mut bytes, seldom) = encode_parts(unit);
    bytes.extend_from_slice(&seldom);
    bytes
}

/// The same in two parts, of which the second is seldom needed.
pub fn encode_parts(unit: &CodeUnit) -> (Vec<u8>, Vec<u8>) {
    let mut writer = Writer::default();
    writer.unit(unit);
    let mut bytes = Vec::with_capacity(writer.body.len() + writer.text.len() + 4 * writer.ends.len() + 20);
    bytes.extend_from_slice(&MAGIC);
    let sizes = [writer.ends.len(), writer.text.len(), writer.body.len()].map(|size| size as u32);
    for number in [fingerprint()].iter().chain(&sizes).chain(&writer.ends) {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&writer.text);
    bytes.extend_from_slice(&writer.body);
    (bytes, writer.seldom)
}

fn number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// A signed number as one without a sign that is small where the other is near zero.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

#[derive(Default)]
struct Writer {
    strings: HashMap<Vec<u8>, usize>,
    /// The strings in the order of their numbers, and where each ends.
    text: Vec<u8>,
    ends: Vec<u32>,
    body: Vec<u8>,
    /// Positions and docstrings.
    seldom: Vec<u8>,
}

impl Writer {
    fn number(&mut self, value: impl Into<u64>) {
        number(&mut self.body, value.into());
    }

    fn length(&mut self, value: usize) {
        self.number(value as u64);
    }

    fn signed(&mut self, value: i64) {
        self.number(zigzag(value));
    }

    fn string(&mut self, text: &[u8]) {
        let next = self.strings.len();
        let index = match self.strings.get(text) {
            Some(index) => *index,
            None => {
                self.strings.insert(text.to_vec(), next);
                self.text.extend_from_slice(text);
                self.ends.push(self.text.len() as u32);
                next
            }
        };
        self.length(index);
    }

    fn strings(&mut self, texts: &[Name]) {
        self.length(texts.len());
        for text in texts {
            self.string(text.as_bytes());
        }
    }

    fn unit(&mut self, unit: &CodeUnit) {
        for text in [&unit.name, &unit.qualname, &unit.filename] {
            self.string(text.as_bytes());
        }
        let head = [unit.flags, unit.argcount, unit.kwonlyargcount, unit.frame_size];
        for count in head {
            self.number(count);
        }
        match &unit.docstring {
            None => self.length(0),
            Some(text) => {
                self.length(1);
                self.length(self.seldom.len());
                self.length(text.as_bytes().len());
                self.seldom.extend_from_slice(text.as_bytes());
            }
        }
        for count in [unit.posonlyargcount, unit.nlocals, unit.firstlineno] {
            self.number(count);
        }
        for names in [&unit.names, &unit.varnames, &unit.cellvars, &unit.freevars] {
            self.strings(names);
        }
        for registers in [&unit.cell_registers, &unit.free_registers] {
            self.length(registers.len());
            for register in registers {
                self.number(*register);
            }
        }
        self.length(unit.code.len());
        for word in &unit.code {
            self.body.extend_from_slice(&word.to_le_bytes());
        }
        self.length(unit.consts.len());
        for constant in &unit.consts {
            self.constant(constant);
        }
        self.length(unit.const_words.len());
        for (word, constant) in &unit.const_words {
            self.number(*word);
            self.number(*constant);
        }
        self.length(unit.exception_table.len());
        for range in &unit.exception_table {
            for place in [range.start, range.end, range.target, range.register.into()] {
                self.number(place);
            }
        }
        self.positions(unit);
    }

    /// Each entry by its distance from the one before.
    fn positions(&mut self, unit: &CodeUnit) {
        self.length(self.seldom.len());
        let out = &mut self.seldom;
        number(out, unit.positions.len() as u64);
        let (mut offset, mut line) = (0, 0);
        for entry in unit.positions.iter() {
            let position = entry.position;
            number(out, entry.offset.wrapping_sub(offset).into());
            number(out, zigzag(i64::from(position.line) - i64::from(line)));
            number(out, position.column.into());
            number(out, zigzag(i64::from(position.end_line) - i64::from(position.line)));
            number(out, position.end_column.into());
            (offset, line) = (entry.offset, position.line);
        }
    }

    fn constants(&mut self, kind: u8, items: &[Const]) {
        self.body.push(kind);
        self.length(items.len());
        for item in items {
            self.constant(item);
        }
    }

    fn constant(&mut self, constant: &Const) {
        match constant {
            Const::None => self.body.push(tag::NONE),
            Const::Bool(false) => self.body.push(tag::FALSE),
            Const::Bool(true) => self.body.push(tag::TRUE),
            Const::Ellipsis => self.body.push(tag::ELLIPSIS),
            Const::Int(value) => {
                self.body.push(tag::INT);
                self.signed(*value);
            }
            Const::BigInt(digits) => {
                self.body.push(tag::BIG_INT);
                self.string(digits.as_bytes());
            }
            Const::Float(value) => {
                self.body.push(tag::FLOAT);
                self.body.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Const::Complex(real, imaginary) => {
                self.body.push(tag::COMPLEX);
                for part in [real, imaginary] {
                    self.body.extend_from_slice(&part.to_bits().to_le_bytes());
                }
            }
            Const::Str(text) => {
                self.body.push(tag::STR);
                self.string(text.as_bytes());
            }
            Const::Bytes(bytes) => {
                self.body.push(tag::BYTES);
                self.string(bytes);
            }
            Const::Tuple(items) => self.constants(tag::TUPLE, items),
            Const::FrozenSet(items) => self.constants(tag::FROZEN_SET, items),
            Const::Slice(parts) => {
                self.body.push(tag::SLICE);
                for part in parts.iter() {
                    self.constant(part);
                }
            }
            Const::Code(unit) => {
                self.body.push(tag::CODE);
                let place = self.body.len();
                self.body.extend_from_slice(&[0; 4]);
                self.unit(unit);
                let length = (self.body.len() - place - 4) as u32;
                self.body[place..place + 4].copy_from_slice(&length.to_le_bytes());
            }
        }
    }
}

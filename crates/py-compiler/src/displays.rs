//! List, tuple, set and dict displays.

use py_code::{Const, Opcode};
use py_syntax::ast::{self, Expr};

use crate::{error::Outcome, fold, unit::Compiler};

/// Elements built from registers at once; more are appended one by one, to keep frames small.
const MAXIMUM_REGISTERS: usize = 128;

/// From so many constant elements on, a display is copied from a constant.
const MINIMUM_CONSTANTS: usize = 3;

impl<'a> Compiler<'a> {
    /// `[elements]`.
    pub fn list(&mut self, elements: &'a [Expr], target: u16) -> Outcome<()> {
        if is_plain(elements) && !self.all_constant(elements) {
            let base = self.push_all(elements)?;
            self.unit.emit.op(Opcode::BuildList, target, base, elements.len() as u16);
            return Ok(());
        }
        let working = self.working_register(target)?;
        self.list_of(elements, &[], working)?;
        self.unit.emit.copy(target, working);
        Ok(())
    }

    /// Builds a list of registers and elements, starred ones unpacked, in a temporary taken before.
    pub fn list_of(&mut self, elements: &'a [Expr], extra: &[u16], target: u16) -> Outcome<()> {
        if extra.is_empty() && self.all_constant(elements) {
            self.unit.emit.op(Opcode::BuildList, target, 0, 0);
            let items = elements.iter().filter_map(|each| fold::constant(each, self.facts())).collect();
            let source = self.unit.emit.temporary()?;
            self.load_const(source, Const::Tuple(items));
            self.unit.emit.op(Opcode::ListExtend, target, source, 0);
            self.unit.emit.release(source);
            return Ok(());
        }
        let mark = self.unit.emit.top()?;
        for &register in extra {
            let copy = self.unit.emit.temporary()?;
            self.unit.emit.copy(copy, register);
        }
        let first = elements.iter().take(MAXIMUM_REGISTERS).take_while(|each| !each.is_starred_expr()).count();
        self.push_all(&elements[..first])?;
        self.unit.emit.op(Opcode::BuildList, target, mark, (extra.len() + first) as u16);
        self.unit.emit.release(mark);
        for element in &elements[first..] {
            let (opcode, value) = match element {
                Expr::Starred(starred) => (Opcode::ListExtend, &*starred.value),
                plain => (Opcode::ListAppend, plain),
            };
            let value = self.expr(value)?;
            self.unit.emit.op(opcode, target, value, 0);
            self.unit.emit.release(mark);
        }
        Ok(())
    }

    /// `(elements)`.
    pub fn tuple(&mut self, elements: &'a [Expr], target: u16) -> Outcome<()> {
        if is_plain(elements) {
            let base = self.push_all(elements)?;
            self.unit.emit.op(Opcode::BuildTuple, target, base, elements.len() as u16);
            return Ok(());
        }
        let working = self.working_register(target)?;
        self.list_of(elements, &[], working)?;
        self.unit.emit.op(Opcode::ListToTuple, target, working, 0);
        Ok(())
    }

    /// `{elements}`.
    pub fn set(&mut self, node: &'a ast::ExprSet, target: u16) -> Outcome<()> {
        let constant = self.all_constant(&node.elts);
        if is_plain(&node.elts) && !constant {
            let base = self.push_all(&node.elts)?;
            self.unit.emit.op(Opcode::BuildSet, target, base, node.elts.len() as u16);
            return Ok(());
        }
        let working = self.working_register(target)?;
        self.unit.emit.op(Opcode::BuildSet, working, 0, 0);
        let mark = self.unit.emit.top()?;
        if constant {
            let items = node.elts.iter().filter_map(|each| fold::constant(each, self.facts())).collect();
            let source = self.unit.emit.temporary()?;
            self.load_const(source, Const::Tuple(items));
            self.unit.emit.op(Opcode::SetUpdate, working, source, 0);
        } else {
            for element in &node.elts {
                let (opcode, value) = match element {
                    Expr::Starred(starred) => (Opcode::SetUpdate, &*starred.value),
                    plain => (Opcode::SetAdd, plain),
                };
                let value = self.expr(value)?;
                self.unit.emit.op(opcode, working, value, 0);
                self.unit.emit.release(mark);
            }
        }
        self.unit.emit.copy(target, working);
        Ok(())
    }

    /// `{key: value, **mapping}`.
    pub fn dict(&mut self, node: &'a ast::ExprDict, target: u16) -> Outcome<()> {
        let first = node.items.iter().take(MAXIMUM_REGISTERS / 2).take_while(|item| item.key.is_some()).count();
        let base = self.unit.emit.top()?;
        let all = first == node.items.len();
        let working = if all { target } else { self.working_register(target)? };
        let base = if all { base } else { self.unit.emit.top()? };
        for item in &node.items[..first] {
            if let Some(key) = &item.key {
                self.push(key)?;
            }
            self.push(&item.value)?;
        }
        self.unit.emit.op(Opcode::BuildDict, working, base, first as u16);
        if all {
            return Ok(());
        }
        self.unit.emit.release(base);
        for item in &node.items[first..] {
            match &item.key {
                Some(key) => {
                    let key = self.operand(key, &[&item.value])?;
                    let value = self.expr(&item.value)?;
                    self.unit.emit.op(Opcode::DictInsert, working, key, value);
                }
                None => {
                    let mapping = self.expr(&item.value)?;
                    self.unit.emit.op(Opcode::DictUpdate, working, mapping, 0);
                }
            }
            self.unit.emit.release(base);
        }
        self.unit.emit.copy(target, working);
        Ok(())
    }

    /// Evaluates expressions into consecutive temporaries; returns the first.
    pub fn push_all(&mut self, expressions: &'a [Expr]) -> Outcome<u16> {
        let first = self.unit.emit.top()?;
        for expression in expressions {
            self.push(expression)?;
        }
        Ok(first)
    }

    fn all_constant(&self, elements: &[Expr]) -> bool {
        elements.len() >= MINIMUM_CONSTANTS && elements.iter().all(|each| fold::constant(each, self.facts()).is_some())
    }
}

/// Few elements and none of them starred.
pub fn is_plain(elements: &[Expr]) -> bool {
    elements.len() <= MAXIMUM_REGISTERS && !elements.iter().any(Expr::is_starred_expr)
}

//! Assignment targets: storing, unpacking, deleting, augmented assignment.

use py_code::Opcode;
use py_syntax::ast::{self, Expr, Ranged, TextRange};

use crate::{
    error::{Outcome, fail},
    fold,
    unit::{Compiler, Place},
};

impl<'a> Compiler<'a> {
    /// Stores a register into a target.
    pub fn store(&mut self, target: &'a Expr, value: u16) -> Outcome<()> {
        let outer = self.at(target.range());
        let mark = self.unit.emit.top()?;
        match target {
            Expr::Name(node) => self.store_name(&node.id, value)?,
            Expr::Attribute(node) => {
                self.note_static_attribute(node);
                let object = self.expr(&node.value)?;
                let name = self.attribute_name(&node.attr)?;
                self.at(self.attribute_range(node.range, &node.attr));
                self.unit.emit.op(Opcode::StoreAttr, object, value, name);
            }
            Expr::Subscript(node) => {
                let object = self.operand(&node.value, &[&node.slice])?;
                let key = self.expr(&node.slice)?;
                self.unit.emit.op(Opcode::StoreItem, object, key, value);
            }
            Expr::Tuple(node) => self.unpack(&node.elts, value, node.range)?,
            Expr::List(node) => self.unpack(&node.elts, value, node.range)?,
            Expr::Starred(node) => {
                return fail("starred assignment target must be in a list or tuple", node.range);
            }
            other => return fail("cannot assign to this expression", other.range()),
        }
        self.unit.emit.release(mark);
        self.at(outer);
        Ok(())
    }

    /// Notes that a method sets an attribute on `self`, for `__static_attributes__`.
    fn note_static_attribute(&mut self, node: &ast::ExprAttribute) {
        if !matches!(&*node.value, Expr::Name(name) if name.id.as_str() == "self") || !self.scope().is_function() {
            return;
        }
        let name = self.mangled(&node.attr.id).into_owned();
        if let Some(class) = self.outer.iter_mut().rev().find(|unit| unit.kind == crate::scope::ScopeKind::Class) {
            class.static_attributes.insert(name);
        }
    }

    /// Unpacks a register into targets.
    fn unpack(&mut self, targets: &'a [Expr], value: u16, range: TextRange) -> Outcome<()> {
        let mut starred = targets.iter().enumerate().filter(|(_, target)| target.is_starred_expr());
        let first_starred = starred.next().map(|(index, _)| index);
        if starred.next().is_some() {
            return fail("multiple starred expressions in assignment", range);
        }
        let direct = match first_starred {
            None => self.consecutive_locals(targets),
            Some(_) => None,
        };
        let first = match direct {
            Some(register) => register,
            None => self.unit.emit.temporaries(targets.len())?,
        };
        let Ok(count) = u16::try_from(targets.len()) else {
            return fail("too many expressions in assignment", range);
        };
        match first_starred {
            None => self.unit.emit.op(Opcode::UnpackSequence, first, value, count),
            Some(before) => {
                let after = targets.len() - before - 1;
                if before > 255 || after > 255 {
                    return fail("too many expressions in star-unpacking assignment", range);
                }
                self.unit.emit.op(Opcode::UnpackEx, first, value, before as u16 | (after as u16) << 8);
            }
        }
        if direct.is_some() {
            return Ok(());
        }
        for (index, target) in targets.iter().enumerate() {
            let target = match target {
                Expr::Starred(starred) => &*starred.value,
                plain => plain,
            };
            self.store(target, first + index as u16)?;
        }
        Ok(())
    }

    /// The first register, if the targets are locals in consecutive registers.
    fn consecutive_locals(&self, targets: &[Expr]) -> Option<u16> {
        let mut first = None;
        for (index, target) in targets.iter().enumerate() {
            let Expr::Name(name) = target else { return None };
            let (register, _) = self.register_of(&name.id)?;
            let start = *first.get_or_insert(register);
            if usize::from(register) != usize::from(start) + index {
                return None;
            }
        }
        first
    }

    /// `targets = value`.
    pub fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) -> Outcome<()> {
        if let ([target], Expr::Tuple(values)) = (targets, value)
            && let Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) = target
            && elts.len() == values.elts.len()
            && elts.len() <= 8
            && !elts.iter().chain(&values.elts).any(Expr::is_starred_expr)
        {
            return self.assign_in_parallel(elts, &values.elts);
        }
        if let [Expr::Name(first), rest @ ..] = targets
            && let Some((register, _)) = self.register_of(&first.id)
            && rest.iter().all(Expr::is_name_expr)
        {
            self.expr_to(value, register)?;
            return rest.iter().try_for_each(|target| self.store(target, register));
        }
        let later: Vec<&Expr> = targets.iter().collect();
        let value = match targets {
            [_] => self.operand(value, &later)?,
            // `a = b = c`: the value must survive the first store.
            _ => self.push(value)?,
        };
        targets.iter().try_for_each(|target| self.store(target, value))
    }

    /// `a, b = x, y` without a tuple: all values first, then the stores from left to right.
    fn assign_in_parallel(&mut self, targets: &'a [Expr], values: &'a [Expr]) -> Outcome<()> {
        let all_targets: Vec<&Expr> = targets.iter().collect();
        let mut registers = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            if fold::constant(value, self.facts()).is_some() {
                registers.push(None);
                continue;
            }
            let later: Vec<&Expr> = values[index + 1..].iter().collect();
            let stays = match value {
                // A local may stay in place unless an earlier store hits it.
                Expr::Name(name) => {
                    let hit = |target: &Expr| matches!(target, Expr::Name(target) if target.id == name.id);
                    let nested = |target: &Expr| matches!(target, Expr::Tuple(_) | Expr::List(_));
                    !targets[..index].iter().any(|target| hit(target) || nested(target))
                        && !self.rebound_by(&name.id, &all_targets)
                }
                _ => false,
            };
            let register = if stays { self.operand(value, &later)? } else { self.push(value)? };
            registers.push(Some(register));
        }
        for ((target, value), register) in targets.iter().zip(values).zip(registers) {
            match register {
                Some(register) => self.store(target, register)?,
                None => self.assign(std::slice::from_ref(target), value)?,
            }
        }
        Ok(())
    }

    /// `target op= value`.
    pub fn augmented(&mut self, node: &'a ast::StmtAugAssign) -> Outcome<()> {
        match &*node.target {
            Expr::Name(name) => match self.place_of(&self.mangled(&name.id)) {
                Place::Register { register, .. } => {
                    let left = self.operand(&node.target, &[&node.value])?;
                    self.apply(node.op, true, register, left, &node.value)
                }
                _ => {
                    let left = self.push(&node.target)?;
                    self.apply(node.op, true, left, left, &node.value)?;
                    self.store_name(&name.id, left)
                }
            },
            Expr::Attribute(attribute) => {
                self.note_static_attribute(attribute);
                let outer = self.at(attribute.range);
                let object = self.operand(&attribute.value, &[&node.value])?;
                let name = self.attribute_name(&attribute.attr)?;
                let value = self.unit.emit.temporary()?;
                self.at(self.attribute_range(attribute.range, &attribute.attr));
                self.unit.emit.op(Opcode::LoadAttr, value, object, name);
                self.at(outer);
                self.apply(node.op, true, value, value, &node.value)?;
                self.at(self.attribute_range(attribute.range, &attribute.attr));
                self.unit.emit.op(Opcode::StoreAttr, object, value, name);
                self.at(outer);
                Ok(())
            }
            Expr::Subscript(subscript) => {
                let outer = self.at(subscript.range);
                let object = self.operand(&subscript.value, &[&subscript.slice, &node.value])?;
                let key = self.operand(&subscript.slice, &[&node.value])?;
                let value = self.unit.emit.temporary()?;
                self.unit.emit.op(Opcode::LoadItem, value, object, key);
                self.at(outer);
                self.apply(node.op, true, value, value, &node.value)?;
                self.at(subscript.range);
                self.unit.emit.op(Opcode::StoreItem, object, key, value);
                self.at(outer);
                Ok(())
            }
            other => fail("illegal expression for augmented assignment", other.range()),
        }
    }

    /// `del target`.
    pub fn delete(&mut self, target: &'a Expr) -> Outcome<()> {
        let outer = self.at(target.range());
        let mark = self.unit.emit.top()?;
        match target {
            Expr::Name(node) => self.delete_name(&node.id)?,
            Expr::Attribute(node) => {
                let object = self.expr(&node.value)?;
                let name = self.attribute_name(&node.attr)?;
                self.at(self.attribute_range(node.range, &node.attr));
                self.unit.emit.op(Opcode::DeleteAttr, object, 0, name);
            }
            Expr::Subscript(node) => {
                let object = self.operand(&node.value, &[&node.slice])?;
                let key = self.expr(&node.slice)?;
                self.unit.emit.op(Opcode::DeleteItem, object, key, 0);
            }
            Expr::Tuple(node) => node.elts.iter().try_for_each(|each| self.delete(each))?,
            Expr::List(node) => node.elts.iter().try_for_each(|each| self.delete(each))?,
            other => return fail("cannot delete this expression", other.range()),
        }
        self.unit.emit.release(mark);
        self.at(outer);
        Ok(())
    }
}

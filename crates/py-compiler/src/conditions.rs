//! Truth: comparisons, `and`/`or`, and jumps on them.

use py_code::{Const, Opcode};
use py_syntax::ast::{self, BoolOp, CmpOp, Expr, Ranged, UnaryOp};

use crate::{emit::Label, error::Outcome, fold, unit::Compiler};

/// The instruction that yields a comparison's value.
fn value_opcode(op: CmpOp) -> Opcode {
    match op {
        CmpOp::Lt => Opcode::Lt,
        CmpOp::LtE => Opcode::Le,
        CmpOp::Eq => Opcode::Eq,
        CmpOp::NotEq => Opcode::Ne,
        CmpOp::Gt => Opcode::Gt,
        CmpOp::GtE => Opcode::Ge,
        CmpOp::Is => Opcode::Is,
        CmpOp::IsNot => Opcode::IsNot,
        CmpOp::In => Opcode::In,
        CmpOp::NotIn => Opcode::NotIn,
    }
}

/// The fused jump taken when a comparison is true, or when it is not.
fn jump_opcode(op: CmpOp, when: bool) -> Opcode {
    match (op, when) {
        (CmpOp::Lt, true) => Opcode::JumpIfLt,
        (CmpOp::Lt, false) => Opcode::JumpIfNotLt,
        (CmpOp::LtE, true) => Opcode::JumpIfLe,
        (CmpOp::LtE, false) => Opcode::JumpIfNotLe,
        (CmpOp::Eq, true) => Opcode::JumpIfEq,
        (CmpOp::Eq, false) => Opcode::JumpIfNotEq,
        (CmpOp::NotEq, true) => Opcode::JumpIfNe,
        (CmpOp::NotEq, false) => Opcode::JumpIfNotNe,
        (CmpOp::Gt, true) => Opcode::JumpIfGt,
        (CmpOp::Gt, false) => Opcode::JumpIfNotGt,
        (CmpOp::GtE, true) => Opcode::JumpIfGe,
        (CmpOp::GtE, false) => Opcode::JumpIfNotGe,
        (CmpOp::Is, true) | (CmpOp::IsNot, false) => Opcode::JumpIfIs,
        (CmpOp::Is, false) | (CmpOp::IsNot, true) => Opcode::JumpIfIsNot,
        (CmpOp::In, true) | (CmpOp::NotIn, false) => Opcode::JumpIfIn,
        (CmpOp::In, false) | (CmpOp::NotIn, true) => Opcode::JumpIfNotIn,
    }
}

/// The form of a fused jump whose right operand is a small int.
fn immediate_opcode(opcode: Opcode) -> Option<Opcode> {
    Some(match opcode {
        Opcode::JumpIfLt => Opcode::JumpIfLtInt,
        Opcode::JumpIfNotLt => Opcode::JumpIfNotLtInt,
        Opcode::JumpIfLe => Opcode::JumpIfLeInt,
        Opcode::JumpIfNotLe => Opcode::JumpIfNotLeInt,
        Opcode::JumpIfEq => Opcode::JumpIfEqInt,
        Opcode::JumpIfNotEq => Opcode::JumpIfNotEqInt,
        Opcode::JumpIfNe => Opcode::JumpIfNeInt,
        Opcode::JumpIfNotNe => Opcode::JumpIfNotNeInt,
        Opcode::JumpIfGt => Opcode::JumpIfGtInt,
        Opcode::JumpIfNotGt => Opcode::JumpIfNotGtInt,
        Opcode::JumpIfGe => Opcode::JumpIfGeInt,
        Opcode::JumpIfNotGe => Opcode::JumpIfNotGeInt,
        _ => return None,
    })
}

impl<'a> Compiler<'a> {
    /// Jumps if an expression's truth is `when`; goes on otherwise.
    pub fn jump_if(&mut self, expression: &'a Expr, when: bool, target: Label) -> Outcome<()> {
        let outer = self.at(expression.range());
        let mark = self.unit.emit.top()?;
        self.jump_if_inner(expression, when, target)?;
        self.unit.emit.release(mark);
        self.at(outer);
        Ok(())
    }

    fn jump_if_inner(&mut self, expression: &'a Expr, when: bool, target: Label) -> Outcome<()> {
        if let Some(truth) = fold::truth(expression, self.facts()) {
            if truth == when {
                self.unit.emit.visible_jump(target);
            } else {
                self.unit.emit.visible_nothing();
            }
            return Ok(());
        }
        match expression {
            Expr::UnaryOp(node) if node.op == UnaryOp::Not => self.jump_if(&node.operand, !when, target),
            Expr::BoolOp(node) => {
                // `and` is decided by the first false operand, `or` by the first true one.
                let decisive = node.op == BoolOp::Or;
                let Some((last, first)) = node.values.split_last() else { return Ok(()) };
                if decisive == when {
                    for value in first {
                        self.jump_if(value, when, target)?;
                    }
                    self.jump_if(last, when, target)
                } else {
                    let end = self.unit.emit.label();
                    for value in first {
                        self.jump_if(value, decisive, end)?;
                    }
                    self.jump_if(last, when, target)?;
                    self.unit.emit.place(end);
                    Ok(())
                }
            }
            Expr::If(node) => {
                let (otherwise, end) = (self.unit.emit.label(), self.unit.emit.label());
                self.jump_if(&node.test, false, otherwise)?;
                self.jump_if(&node.body, when, target)?;
                self.unit.emit.jump(Opcode::Jump, 0, 0, 0, end);
                self.unit.emit.place(otherwise);
                self.jump_if(&node.orelse, when, target)?;
                self.unit.emit.place(end);
                Ok(())
            }
            Expr::Compare(node) => self.jump_if_compare(node, when, target),
            _ => {
                let value = self.expr(expression)?;
                let opcode = if when { Opcode::JumpIfTrue } else { Opcode::JumpIfFalse };
                self.unit.emit.jump(opcode, value, 0, 0, target);
                Ok(())
            }
        }
    }

    fn jump_if_compare(&mut self, node: &'a ast::ExprCompare, when: bool, target: Label) -> Outcome<()> {
        let later: Vec<&Expr> = node.comparators.iter().collect();
        let mut left = self.operand(&node.left, &later)?;
        let count = node.ops.len();
        let end = self.unit.emit.label();
        for (index, (&op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let last = index + 1 == count;
            // Any comparison but the last can only decide that the whole is false.
            let (when, target) = if last { (when, target) } else { (false, if when { end } else { target }) };
            let opcode = jump_opcode(op, when);
            let constant = fold::constant(right, self.facts());
            match (immediate_opcode(opcode), constant) {
                (Some(opcode), Some(Const::Int(value))) if last && i16::try_from(value).is_ok() => {
                    self.unit.emit.jump(opcode, left, value as i16 as u16, 0, target);
                }
                (_, Some(Const::None)) if last && matches!(op, CmpOp::Is | CmpOp::IsNot) => {
                    let none = opcode == Opcode::JumpIfIs;
                    let opcode = if none { Opcode::JumpIfNone } else { Opcode::JumpIfNotNone };
                    self.unit.emit.jump(opcode, left, 0, 0, target);
                }
                _ => {
                    let right = self.comparand(right, op, &later[index + 1..])?;
                    self.unit.emit.jump(opcode, left, right, 0, target);
                    left = right;
                }
            }
        }
        self.unit.emit.place(end);
        Ok(())
    }

    /// The right operand of a comparison. Membership in a display of constants is tested on a constant tuple or frozenset.
    fn comparand(&mut self, right: &'a Expr, op: CmpOp, later: &[&Expr]) -> Outcome<u16> {
        if matches!(op, CmpOp::In | CmpOp::NotIn)
            && let Some(constant) = fold::constant_display(right, self.facts())
        {
            let target = self.unit.emit.temporary()?;
            self.load_const(target, constant);
            return Ok(target);
        }
        self.operand(right, later)
    }

    /// A comparison's value.
    pub fn compare(&mut self, node: &'a ast::ExprCompare, target: u16) -> Outcome<()> {
        if let [op] = *node.ops {
            return self.compare_one(node, value_opcode(op), target);
        }
        let working = self.working_register(target)?;
        let later: Vec<&Expr> = node.comparators.iter().collect();
        let mut left = self.operand(&node.left, &later)?;
        let end = self.unit.emit.label();
        for (index, (&op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            let right = self.comparand(right, op, &later[index + 1..])?;
            self.unit.emit.op(value_opcode(op), working, left, right);
            if index + 1 < node.ops.len() {
                self.unit.emit.jump(Opcode::JumpIfFalse, working, 0, 0, end);
            }
            left = right;
        }
        self.unit.emit.place(end);
        self.unit.emit.copy(target, working);
        Ok(())
    }

    /// The value of a comparison with one operator, computed by a given instruction.
    pub fn compare_one(&mut self, node: &'a ast::ExprCompare, opcode: Opcode, target: u16) -> Outcome<()> {
        let right = &node.comparators[0];
        let left = self.operand(&node.left, &[right])?;
        let right = self.comparand(right, node.ops[0], &[])?;
        self.unit.emit.op(opcode, target, left, right);
        Ok(())
    }

    /// The value of `and` or `or`.
    pub fn bool_op(&mut self, expression: &'a Expr, target: u16) -> Outcome<()> {
        let end = self.unit.emit.label();
        let working = self.working_register(target)?;
        self.bool_op_operands(expression, working, end)?;
        self.unit.emit.place(end);
        self.unit.emit.copy(target, working);
        Ok(())
    }

    fn bool_op_operands(&mut self, expression: &'a Expr, working: u16, end: Label) -> Outcome<()> {
        let Expr::BoolOp(node) = expression else { return self.expr_to(expression, working) };
        let opcode = if node.op == BoolOp::And { Opcode::JumpIfFalse } else { Opcode::JumpIfTrue };
        for (index, value) in node.values.iter().enumerate() {
            let last = index + 1 == node.values.len();
            match fold::truth(value, self.facts()) {
                // A constant that decides ends the evaluation; one that does not is skipped.
                Some(truth) if !last && truth == (node.op == BoolOp::Or) => return self.expr_to(value, working),
                Some(_) if !last => continue,
                _ => self.expr_to(value, working)?,
            }
            if !last {
                self.unit.emit.jump(opcode, working, 0, 0, end);
            }
        }
        Ok(())
    }
}

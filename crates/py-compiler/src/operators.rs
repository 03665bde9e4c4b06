//! Operators: arithmetic, and augmented assignment's share of it.

use py_code::{Const, Opcode};
use py_syntax::ast::{self, Expr, Operator, UnaryOp};

use crate::{error::Outcome, fold, unit::Compiler};

/// The instruction of a binary operator.
pub(crate) fn opcode(operator: Operator) -> Opcode {
    match operator {
        Operator::Add => Opcode::Add,
        Operator::Sub => Opcode::Sub,
        Operator::Mult => Opcode::Mul,
        Operator::MatMult => Opcode::MatMul,
        Operator::Div => Opcode::TrueDiv,
        Operator::Mod => Opcode::Mod,
        Operator::Pow => Opcode::Pow,
        Operator::LShift => Opcode::LShift,
        Operator::RShift => Opcode::RShift,
        Operator::BitOr => Opcode::Or,
        Operator::BitXor => Opcode::Xor,
        Operator::BitAnd => Opcode::And,
        Operator::FloorDiv => Opcode::FloorDiv,
    }
}

impl<'a> Compiler<'a> {
    /// `left op right`.
    pub fn binary(&mut self, node: &'a ast::ExprBinOp, target: u16) -> Outcome<()> {
        let left = self.operand(&node.left, &[&node.right])?;
        self.apply(node.op, false, target, left, &node.right)
    }

    /// Applies an operator to a register and an expression.
    pub fn apply(&mut self, op: Operator, inplace: bool, target: u16, left: u16, right: &'a Expr) -> Outcome<()> {
        let x = u8::from(inplace);
        let immediate = match (op, fold::constant(right, self.facts())) {
            (Operator::Add, Some(Const::Int(value))) => Some((Opcode::AddInt, value)),
            (Operator::Sub, Some(Const::Int(value))) => Some((Opcode::SubInt, value)),
            _ => None,
        };
        if let Some((opcode, value)) = immediate
            && let Ok(value) = i16::try_from(value)
        {
            self.unit.emit.op_x(opcode, x, target, left, value as u16);
            return Ok(());
        }
        let right = self.expr(right)?;
        self.unit.emit.op_x(opcode(op), x, target, left, right);
        Ok(())
    }

    /// `op operand`.
    pub fn unary(&mut self, node: &'a ast::ExprUnaryOp, target: u16) -> Outcome<()> {
        let opcode = match node.op {
            UnaryOp::USub => Opcode::Neg,
            UnaryOp::UAdd => Opcode::Pos,
            UnaryOp::Invert => Opcode::Invert,
            UnaryOp::Not => match &*node.operand {
                // `not a is b` and the like have instructions of their own.
                Expr::Compare(compare) if compare.ops.len() == 1 => match compare.ops[0] {
                    ast::CmpOp::Is => return self.compare_one(compare, Opcode::IsNot, target),
                    ast::CmpOp::IsNot => return self.compare_one(compare, Opcode::Is, target),
                    ast::CmpOp::In => return self.compare_one(compare, Opcode::NotIn, target),
                    ast::CmpOp::NotIn => return self.compare_one(compare, Opcode::In, target),
                    _ => Opcode::Not,
                },
                _ => Opcode::Not,
            },
        };
        let operand = self.expr(&node.operand)?;
        self.unit.emit.op(opcode, target, operand, 0);
        Ok(())
    }
}

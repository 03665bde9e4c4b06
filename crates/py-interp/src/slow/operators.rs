//! Operators, comparisons and the jumps that depend on them.

use super::set_result;
use crate::runtime_functions::{comparison, operator};
use py_code::Opcode;
use py_object::operations::{self, BinaryOperator, Comparison};
use py_object::{Cx, PyResult, bool_value};
use vm_heap::Value;
use vm_machine::{Frame, Instruction};

/// Add Sub Mul TrueDiv FloorDiv Mod Pow MatMul LShift RShift And Or Xor
#[inline(always)]
fn binary(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let operator = operator(opcode as i64 - Opcode::Add as i64);
    let result = operations::binary(cx, operator, frame.get(i.b()), frame.get(i.c()), i.x() != 0)?;
    frame.set(i.a(), result);
    Ok(())
}

/// AddInt SubInt
#[inline(always)]
fn with_small_int(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let operator = if opcode == Opcode::AddInt { BinaryOperator::Add } else { BinaryOperator::Sub };
    let result = operations::binary(cx, operator, frame.get(i.b()), Value::int(i.signed_c()), i.x() != 0)?;
    frame.set(i.a(), result);
    Ok(())
}

/// `-b`.
pub fn neg(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, operations::unary(cx, "__neg__", "-", frame.get(i.b())))
}

/// `+b`.
pub fn pos(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, operations::unary(cx, "__pos__", "+", frame.get(i.b())))
}

/// `~b`.
pub fn invert(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    set_result(frame, i, operations::unary(cx, "__invert__", "~", frame.get(i.b())))
}

/// `not b`.
#[inline(always)]
pub fn not(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let truth = operations::truth(cx, frame.get(i.b()))?;
    frame.set(i.a(), bool_value(!truth));
    Ok(())
}

/// Lt Le Eq Ne Gt Ge
#[inline(always)]
fn compare(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let comparison = comparison(opcode as i64 - Opcode::Lt as i64);
    let result = operations::compare(cx, comparison, frame.get(i.b()), frame.get(i.c()))?;
    frame.set(i.a(), result);
    Ok(())
}

/// In NotIn
#[inline(always)]
fn contains_or_not(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let found = operations::contains(cx, frame.get(i.c()), frame.get(i.b()))?;
    frame.set(i.a(), bool_value(found == (opcode == Opcode::In)));
    Ok(())
}

/// JumpIfTrue JumpIfFalse
#[inline(always)]
fn jump_by_truth(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    if operations::truth(cx, frame.get(i.a()))? == (opcode == Opcode::JumpIfTrue) {
        frame.jump(i.bc());
    }
    Ok(())
}

/// JumpIfLt JumpIfNotLt JumpIfLe JumpIfNotLe JumpIfEq JumpIfNotEq JumpIfNe JumpIfNotNe JumpIfGt JumpIfNotGt JumpIfGe JumpIfNotGe
#[inline(always)]
fn jump_by_order(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    compare_and_jump(cx, frame, i, opcode as usize - Opcode::JumpIfLt as usize, frame.get(i.b()))
}

/// JumpIfLtInt JumpIfNotLtInt JumpIfLeInt JumpIfNotLeInt JumpIfEqInt JumpIfNotEqInt JumpIfNeInt JumpIfNotNeInt JumpIfGtInt JumpIfNotGtInt JumpIfGeInt JumpIfNotGeInt
#[inline(always)]
fn jump_by_small_int(
    cx: &mut Cx,
    frame: &mut Frame,
    _start: *const u64,
    i: Instruction,
    opcode: Opcode,
) -> PyResult<()> {
    let rhs = Value::int(i.signed_b());
    compare_and_jump(cx, frame, i, opcode as usize - Opcode::JumpIfLtInt as usize, rhs)
}

/// JumpIfIn JumpIfNotIn
#[inline(always)]
fn jump_by_membership(
    cx: &mut Cx,
    frame: &mut Frame,
    _start: *const u64,
    i: Instruction,
    opcode: Opcode,
) -> PyResult<()> {
    if operations::contains(cx, frame.get(i.b()), frame.get(i.a()))? == (opcode == Opcode::JumpIfIn) {
        frame.jump(i.signed_c());
    }
    Ok(())
}

family! { binary: add = Add, sub = Sub, mul = Mul, true_div = TrueDiv, floor_div = FloorDiv, modulo = Mod, pow = Pow, mat_mul = MatMul, lshift = LShift, rshift = RShift, and = And, or = Or, xor = Xor }
family! { with_small_int: add_int = AddInt, sub_int = SubInt }
family! { compare: lt = Lt, le = Le, eq = Eq, ne = Ne, gt = Gt, ge = Ge }
family! { contains_or_not: contains = In, not_contains = NotIn }
family! { jump_by_truth: jump_if_true = JumpIfTrue, jump_if_false = JumpIfFalse }
family! { jump_by_order: jump_if_lt = JumpIfLt, jump_if_not_lt = JumpIfNotLt, jump_if_le = JumpIfLe, jump_if_not_le = JumpIfNotLe, jump_if_eq = JumpIfEq, jump_if_not_eq = JumpIfNotEq, jump_if_ne = JumpIfNe, jump_if_not_ne = JumpIfNotNe, jump_if_gt = JumpIfGt, jump_if_not_gt = JumpIfNotGt, jump_if_ge = JumpIfGe, jump_if_not_ge = JumpIfNotGe }
family! { jump_by_small_int: jump_if_lt_int = JumpIfLtInt, jump_if_not_lt_int = JumpIfNotLtInt, jump_if_le_int = JumpIfLeInt, jump_if_not_le_int = JumpIfNotLeInt, jump_if_eq_int = JumpIfEqInt, jump_if_not_eq_int = JumpIfNotEqInt, jump_if_ne_int = JumpIfNeInt, jump_if_not_ne_int = JumpIfNotNeInt, jump_if_gt_int = JumpIfGtInt, jump_if_not_gt_int = JumpIfNotGtInt, jump_if_ge_int = JumpIfGeInt, jump_if_not_ge_int = JumpIfNotGeInt }
family! { jump_by_membership: jump_if_in = JumpIfIn, jump_if_not_in = JumpIfNotIn }

fn compare_and_jump(cx: &mut Cx, frame: &mut Frame, i: Instruction, number: usize, rhs: Value) -> PyResult<()> {
    const ORDER: [Comparison; 6] =
        [Comparison::Lt, Comparison::Le, Comparison::Eq, Comparison::Ne, Comparison::Gt, Comparison::Ge];
    let result = operations::compare(cx, ORDER[number / 2], frame.get(i.a()), rhs)?;
    if operations::truth(cx, result)? == number.is_multiple_of(2) {
        frame.jump(i.signed_c());
    }
    Ok(())
}

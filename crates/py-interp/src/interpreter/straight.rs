//! Handlers of operators, subscripts, comparisons and tests whose fast path did not apply: each calls what the operation means and
//! jumps on.
//!
//! They stand in for performers, which hand the frame's address to what they call, and so go through a function of their own. Here
//! nothing but the operands is handed on, and the frame stays where it is.

use super::Python;
use py_code::Opcode;
use py_object::operations::{self, BinaryOperator, Comparison};
use py_object::types::is_exactly;
use py_object::{Cx, FALSE, Kind, PyResult, TRUE, bool_value};
use vm_heap::Value;
use vm_machine::macro_support::{dispatch, raise};
use vm_machine::{Handler, HandlerTable, Instruction, Thread};

/// What an operation does with its operands.
trait Operation {
    /// The opcode.
    const OPCODE: Opcode;

    /// Computes, and writes what it computes to a register. Returns by how many words to jump.
    ///
    /// # Safety
    /// `fp` must be the running frame, and the instruction one of it with this opcode.
    unsafe fn perform(cx: &mut Cx, fp: *mut Value, i: Instruction) -> PyResult<i64>;
}

/// The handler of an operation. Never part of the fast path's handler, which would have to save registers on all its ways.
///
/// # Safety
/// As for a handler.
#[inline(never)]
unsafe extern "sysv64" fn handler<O: Operation>(
    pc: *const u64,
    fp: *mut Value,
    thread: *mut Thread,
    word: u64,
    table: *const HandlerTable,
) -> usize {
    // SAFETY: a handler's arguments; the thread is the first field of its context, which only this call uses.
    unsafe {
        (*thread).save(pc, fp);
        match O::perform(Cx::from_thread(thread), fp, Instruction(word)) {
            Ok(words) => {
                let next = pc.add(O::OPCODE.size() - 1).wrapping_offset(words as isize);
                dispatch(next, fp, thread, (*thread).table.get())
            }
            // Looks neither at the word nor at the table.
            Err(_) => raise::<Python>(pc, fp, thread, 0, table),
        }
    }
}

macro_rules! operations {
    ($( $Opcode:ident: |$cx:ident, $registers:ident, $i:ident| $body:expr; )*) => {
        $(
            struct $Opcode;
            impl Operation for $Opcode {
                const OPCODE: Opcode = Opcode::$Opcode;

                #[inline(always)]
                unsafe fn perform($cx: &mut Cx, fp: *mut Value, $i: Instruction) -> PyResult<i64> {
                    let $registers = Registers(fp);
                    $body
                }
            }
        )*

        /// The handlers by opcode.
        pub const HANDLERS: &[(Opcode, Handler)] = &[$( (Opcode::$Opcode, handler::<$Opcode>) ),*];
    };
}

/// The registers of the running frame.
#[derive(Clone, Copy)]
struct Registers(*mut Value);

impl Registers {
    #[inline(always)]
    fn get(self, register: usize) -> Value {
        // SAFETY: `Operation::perform`'s promise; registers of loaded bytecode lie inside the frame.
        unsafe { *self.0.add(register) }
    }
    #[inline(always)]
    fn set(self, register: usize, value: Value) {
        // SAFETY: as above.
        unsafe { *self.0.add(register) = value }
    }
}

#[inline(always)]
fn binary(cx: &mut Cx, registers: Registers, i: Instruction, operator: BinaryOperator) -> PyResult<i64> {
    with_right(cx, registers, i, operator, registers.get(i.c()))
}

#[inline(always)]
fn with_small_int(cx: &mut Cx, registers: Registers, i: Instruction, operator: BinaryOperator) -> PyResult<i64> {
    with_right(cx, registers, i, operator, Value::int(i.signed_c()))
}

#[inline(always)]
fn with_right(
    cx: &mut Cx,
    registers: Registers,
    i: Instruction,
    operator: BinaryOperator,
    right: Value,
) -> PyResult<i64> {
    let result = operations::binary(cx, operator, registers.get(i.b()), right, i.x() != 0)?;
    registers.set(i.a(), result);
    Ok(0)
}

/// What comparing gives; the equality of texts, and of tuples of simple items, is seen here.
#[inline(always)]
fn comparison_of(cx: &mut Cx, comparison: Comparison, lhs: Value, rhs: Value) -> PyResult {
    if matches!(comparison, Comparison::Eq | Comparison::Ne) {
        let equal = match operations::same_text(lhs, rhs) {
            None if is_exactly(lhs, Kind::TUPLE) && is_exactly(rhs, Kind::TUPLE) => operations::equal_simple(lhs, rhs),
            equal => equal,
        };
        if let Some(equal) = equal {
            return Ok(bool_value(equal == (comparison == Comparison::Eq)));
        }
    }
    operations::compare(cx, comparison, lhs, rhs)
}

#[inline(always)]
fn compare(cx: &mut Cx, registers: Registers, i: Instruction, comparison: Comparison) -> PyResult<i64> {
    let result = comparison_of(cx, comparison, registers.get(i.b()), registers.get(i.c()))?;
    registers.set(i.a(), result);
    Ok(0)
}

#[inline(always)]
fn contains(cx: &mut Cx, registers: Registers, i: Instruction, wanted: bool) -> PyResult<i64> {
    let found = operations::contains(cx, registers.get(i.c()), registers.get(i.b()))?;
    registers.set(i.a(), bool_value(found == wanted));
    Ok(0)
}

#[inline(always)]
fn jump_by_membership(cx: &mut Cx, registers: Registers, i: Instruction, wanted: bool) -> PyResult<i64> {
    let found = operations::contains(cx, registers.get(i.b()), registers.get(i.a()))?;
    Ok(if found == wanted { i.signed_c() } else { 0 })
}

#[inline(always)]
fn jump_by_order(
    cx: &mut Cx,
    registers: Registers,
    i: Instruction,
    comparison: Comparison,
    wanted: bool,
) -> PyResult<i64> {
    let result = comparison_of(cx, comparison, registers.get(i.a()), registers.get(i.b()))?;
    let truth = match result {
        TRUE => true,
        FALSE => false,
        other => operations::truth(cx, other)?,
    };
    Ok(if truth == wanted { i.signed_c() } else { 0 })
}

#[inline(always)]
fn jump_by_truth(cx: &mut Cx, registers: Registers, i: Instruction, wanted: bool) -> PyResult<i64> {
    Ok(if operations::truth(cx, registers.get(i.a()))? == wanted { i.bc() } else { 0 })
}

operations! {
    Add: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Add);
    Sub: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Sub);
    Mul: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Mul);
    TrueDiv: |cx, registers, i| binary(cx, registers, i, BinaryOperator::TrueDiv);
    FloorDiv: |cx, registers, i| binary(cx, registers, i, BinaryOperator::FloorDiv);
    Mod: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Mod);
    Pow: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Pow);
    LShift: |cx, registers, i| binary(cx, registers, i, BinaryOperator::LShift);
    RShift: |cx, registers, i| binary(cx, registers, i, BinaryOperator::RShift);
    And: |cx, registers, i| binary(cx, registers, i, BinaryOperator::And);
    Or: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Or);
    Xor: |cx, registers, i| binary(cx, registers, i, BinaryOperator::Xor);
    AddInt: |cx, registers, i| with_small_int(cx, registers, i, BinaryOperator::Add);
    SubInt: |cx, registers, i| with_small_int(cx, registers, i, BinaryOperator::Sub);
    Lt: |cx, registers, i| compare(cx, registers, i, Comparison::Lt);
    Le: |cx, registers, i| compare(cx, registers, i, Comparison::Le);
    Eq: |cx, registers, i| compare(cx, registers, i, Comparison::Eq);
    Ne: |cx, registers, i| compare(cx, registers, i, Comparison::Ne);
    Gt: |cx, registers, i| compare(cx, registers, i, Comparison::Gt);
    Ge: |cx, registers, i| compare(cx, registers, i, Comparison::Ge);
    In: |cx, registers, i| contains(cx, registers, i, true);
    NotIn: |cx, registers, i| contains(cx, registers, i, false);
    JumpIfIn: |cx, registers, i| jump_by_membership(cx, registers, i, true);
    JumpIfNotIn: |cx, registers, i| jump_by_membership(cx, registers, i, false);
    JumpIfLt: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Lt, true);
    JumpIfNotLt: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Lt, false);
    JumpIfLe: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Le, true);
    JumpIfNotLe: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Le, false);
    JumpIfEq: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Eq, true);
    JumpIfNotEq: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Eq, false);
    JumpIfNe: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Ne, true);
    JumpIfNotNe: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Ne, false);
    JumpIfGt: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Gt, true);
    JumpIfNotGt: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Gt, false);
    JumpIfGe: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Ge, true);
    JumpIfNotGe: |cx, registers, i| jump_by_order(cx, registers, i, Comparison::Ge, false);
    JumpIfTrue: |cx, registers, i| jump_by_truth(cx, registers, i, true);
    JumpIfFalse: |cx, registers, i| jump_by_truth(cx, registers, i, false);
    LoadItemOther: |cx, registers, i| {
        let item = operations::get_item(cx, registers.get(i.b()), registers.get(i.c()))?;
        registers.set(i.a(), item);
        Ok(0)
    };
    StoreItem: |cx, registers, i| {
        operations::set_item(cx, registers.get(i.a()), registers.get(i.b()), registers.get(i.c()))?;
        Ok(0)
    };
    GetIter: |cx, registers, i| {
        let iterator = operations::iterate(cx, registers.get(i.b()))?;
        registers.set(i.a(), iterator);
        Ok(0)
    };
}

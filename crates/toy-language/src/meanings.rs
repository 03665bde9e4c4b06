//! The meanings of the instructions, generic over the machine that interprets or records them (rules: `vm_machine`).

use crate::functions::*;
use crate::objects::*;
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::{FieldKind, Flow, FrameEntry, Machine};

/// The result of a runtime call that only a recorder makes; the interpreter goes to the slow path instead.
macro_rules! residual {
    ($m:expr, $function:expr, $arguments:expr) => {
        match $m.residual(&$function, $arguments) {
            Ok(Some(value)) => value,
            Ok(None) => return Flow::Slow,
            Err(_) => return Flow::Raise,
        }
    };
}

#[inline(always)]
fn result<M: Machine>(m: &mut M, value: M::Val) -> Flow {
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// `a := extension word`.
#[inline(always)]
pub fn load_const<M: Machine>(m: &mut M) -> Flow {
    let value = m.constant(Value::from_bits(m.extension(0)));
    result(m, value)
}

/// `a := bc`.
#[inline(always)]
pub fn load_int<M: Machine>(m: &mut M) -> Flow {
    let value = m.constant(Value::int(m.instruction().bc()));
    result(m, value)
}

/// `a := b`.
#[inline(always)]
pub fn move_register<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    result(m, value)
}

/// A number that needs no look into the heap, as a float.
#[inline(always)]
fn number<M: Machine>(m: &mut M, value: M::Val) -> Option<M::Float> {
    if m.is_float(value) {
        Some(m.unbox(value))
    } else if m.is_int(value) {
        Some(m.int_to_float(value))
    } else {
        None
    }
}

macro_rules! arithmetic {
    ($($name:ident $operator:ident $int:ident $($float:ident)?;)*) => {$(
        /// The operator on small ints and floats; a residual call for the rest.
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
            if m.is_int(lhs) && m.is_int(rhs) {
                if let Some(value) = m.$int(lhs, rhs) {
                    return result(m, value);
                }
            }
            $(
                else if let Some(x) = number(m, lhs)
                    && let Some(y) = number(m, rhs)
                {
                    let value = m.$float(x, y);
                    if let Some(value) = m.box_float(value) {
                        return result(m, value);
                    }
                }
            )?
            let operator = m.constant(Value::int(Operator::$operator as i64));
            let value = residual!(m, ARITHMETIC, [lhs, rhs, operator]);
            result(m, value)
        }
    )*};
}

arithmetic! {
    add Add int_add float_add;
    sub Sub int_sub float_sub;
    mul Mul int_mul float_mul;
    div Div int_floor_div float_div;
    modulo Mod int_mod;
}

/// Truth of a comparison of two small ints or two floats.
#[inline(always)]
fn numbers<M: Machine>(m: &mut M, comparison: Comparison, lhs: M::Val, rhs: M::Val) -> Option<bool> {
    if m.is_int(lhs) && m.is_int(rhs) {
        return Some(match comparison {
            Comparison::Less => m.int_lt(lhs, rhs),
            Comparison::LessEqual => m.int_le(lhs, rhs),
            Comparison::Equal => m.same(lhs, rhs),
        });
    }
    if m.is_float(lhs) && m.is_float(rhs) {
        let (x, y) = (m.unbox(lhs), m.unbox(rhs));
        return Some(match comparison {
            Comparison::Less => m.float_lt(x, y),
            Comparison::LessEqual => m.float_le(x, y),
            Comparison::Equal => m.float_eq(x, y),
        });
    }
    None
}

macro_rules! comparisons {
    ($($name:ident $jump:ident $comparison:ident;)*) => {$(
        /// The comparison as a value.
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
            let value = match numbers(m, Comparison::$comparison, lhs, rhs) {
                Some(truth) => m.constant(boolean(truth)),
                None => {
                    let comparison = m.constant(Value::int(Comparison::$comparison as i64));
                    residual!(m, COMPARE, [lhs, rhs, comparison])
                }
            };
            result(m, value)
        }

        /// Jumps unless it holds.
        #[inline(always)]
        pub fn $jump<M: Machine>(m: &mut M) -> Flow {
            let (lhs, rhs) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
            let words = m.instruction().signed_c();
            match numbers(m, Comparison::$comparison, lhs, rhs) {
                Some(true) => {}
                Some(false) => m.jump(words),
                None => {
                    let comparison = m.constant(Value::int(Comparison::$comparison as i64));
                    let truth = residual!(m, COMPARE, [lhs, rhs, comparison]);
                    m.jump_if(truth, FALSE, words, None);
                }
            }
            Flow::Next
        }
    )*};
}

comparisons! {
    less jump_unless_less Less;
    less_equal jump_unless_less_equal LessEqual;
    equal jump_unless_equal Equal;
}

/// Whether a value is neither false nor nil.
#[inline(always)]
fn truth<M: Machine>(m: &mut M, value: M::Val) -> bool {
    let (no, nil) = (m.constant(FALSE), m.constant(NIL));
    !m.same(value, no) && !m.same(value, nil)
}

/// `a := not b`.
#[inline(always)]
pub fn not<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    let truth = truth(m, value);
    let value = m.constant(boolean(!truth));
    result(m, value)
}

/// Jumps.
#[inline(always)]
pub fn jump<M: Machine>(m: &mut M) -> Flow {
    m.jump(m.instruction().bc());
    Flow::Next
}

/// Jumps if `a` is false or nil.
#[inline(always)]
pub fn jump_unless<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    if !truth(m, value) {
        m.jump(m.instruction().bc());
    }
    Flow::Next
}

/// Polls and counts.
#[inline(always)]
pub fn loop_header<M: Machine>(m: &mut M) -> Flow {
    if m.loop_header() { Flow::Slow } else { Flow::Next }
}

/// A new array.
#[inline(always)]
pub fn new_array<M: Machine>(m: &mut M) -> Flow {
    let (length, fill) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    let array = residual!(m, MAKE_ARRAY, [length, fill]);
    result(m, array)
}

/// Whether `index` is that of an element of `array`.
#[inline(always)]
fn has_element<M: Machine>(m: &mut M, array: M::Val, index: M::Val) -> bool {
    if !m.is_int(index) || !m.has_shape(array, Array::SHAPE) {
        return false;
    }
    let length = m.load_final(array, offset_of!(Array, length));
    m.int_below(index, length)
}

/// `a := b[c]`.
#[inline(always)]
pub fn load_element<M: Machine>(m: &mut M) -> Flow {
    let (array, index) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    let value = if has_element(m, array, index) {
        m.load_element(array, index, size_of::<Array>())
    } else {
        residual!(m, GET_ELEMENT, [array, index])
    };
    result(m, value)
}

/// `a[b] := c`.
#[inline(always)]
pub fn store_element<M: Machine>(m: &mut M) -> Flow {
    let (array, index) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
    let value = m.get(m.instruction().c());
    if has_element(m, array, index) {
        m.store_element(array, index, size_of::<Array>(), value);
    } else {
        let _ = residual!(m, PUT_ELEMENT, [array, index, value]);
    }
    Flow::Next
}

/// `a := length of b`.
#[inline(always)]
pub fn length<M: Machine>(m: &mut M) -> Flow {
    let array = m.get(m.instruction().b());
    if !m.has_shape(array, Array::SHAPE) {
        return Flow::Slow;
    }
    let length = m.load_final(array, offset_of!(Array, length));
    result(m, length)
}

/// `a := pair of b and c`.
#[inline(always)]
pub fn new_pair<M: Machine>(m: &mut M) -> Flow {
    let (first, second) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    let Some(pair) = m.allocate(size_of::<Pair>(), Pair::HEADER) else { return Flow::Slow };
    m.initialise(pair, offset_of!(Pair, first), first);
    m.initialise(pair, offset_of!(Pair, second), second);
    result(m, pair)
}

macro_rules! parts {
    ($($load:ident $store:ident $field:ident;)*) => {$(
        /// Reads a part of a pair.
        #[inline(always)]
        pub fn $load<M: Machine>(m: &mut M) -> Flow {
            let pair = m.get(m.instruction().b());
            if !m.has_shape(pair, Pair::SHAPE) {
                return Flow::Slow;
            }
            let value = m.load(pair, offset_of!(Pair, $field));
            result(m, value)
        }

        /// Writes a part of a pair.
        #[inline(always)]
        pub fn $store<M: Machine>(m: &mut M) -> Flow {
            let (pair, value) = (m.get(m.instruction().a()), m.get(m.instruction().b()));
            if !m.has_shape(pair, Pair::SHAPE) {
                return Flow::Slow;
            }
            m.store(pair, offset_of!(Pair, $field), value, FieldKind::Value);
            Flow::Next
        }
    )*};
}

parts! {
    first set_first first;
    second set_second second;
}

/// Calls r[b] with `c` arguments.
#[inline(always)]
pub fn call<M: Machine>(m: &mut M) -> Flow {
    let (base, count) = (m.instruction().b(), m.instruction().c());
    let callee = m.get(base);
    if !m.has_shape(callee, Function::SHAPE) {
        return Flow::Slow;
    }
    let address = m.reveal_word(callee, offset_of!(Function, routine));
    // SAFETY: loading stored the address of a leaked routine in the function.
    let routine = unsafe { &*(address as *const crate::compiler::Routine) };
    let entry = FrameEntry { pc: routine.code.as_ptr(), size: routine.frame_size };
    if routine.arity == count && m.push_frame(base, callee, entry, m.instruction().a()) {
        Flow::Next
    } else {
        Flow::Slow
    }
}

/// Returns `a`.
#[inline(always)]
pub fn return_value<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    m.pop_frame(value)
}

/// Throws `a`.
#[inline(always)]
pub fn throw<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    let _ = residual!(m, THROW, [value]);
    Flow::Raise
}

/// Prints `a`.
#[inline(always)]
pub fn print<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    let _ = residual!(m, PRINT, [value]);
    Flow::Next
}

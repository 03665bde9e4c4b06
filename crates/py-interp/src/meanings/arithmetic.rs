//! Arithmetic on small ints and floats; everything else is a residual call.

use crate::runtime_functions::{BINARY, INVERT, NEGATE, POSITIVE, float_power};
use py_object::operations::BinaryOperator;
use vm_heap::Value;
use vm_machine::{Flow, Machine};

/// A small int or self-tagged float as a float.
#[inline(always)]
pub(super) fn number<M: Machine>(m: &mut M, value: M::Val) -> Option<M::Float> {
    if m.is_float(value) {
        Some(m.unbox(value))
    } else if m.is_int(value) {
        Some(m.int_to_float(value))
    } else {
        None
    }
}

/// The selector of `BINARY`: operator, and whether it is the in-place form.
pub(crate) const fn selector(operator: BinaryOperator, in_place: bool) -> Value {
    Value::int(operator as i64 * 2 + in_place as i64)
}

#[inline(always)]
fn general<M: Machine>(m: &mut M, operator: BinaryOperator, lhs: M::Val, rhs: M::Val) -> Flow {
    let selector = m.constant(selector(operator, m.instruction().x() != 0));
    m.residual_last(&BINARY, [lhs, rhs, selector], Some(m.instruction().a()))
}

macro_rules! arithmetic {
    ($(#[$doc:meta])* $name:ident, $operator:ident, $int:ident, $float:ident) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
            if m.is_int(lhs) && m.is_int(rhs) {
                if let Some(result) = m.$int(lhs, rhs) {
                    m.set(m.instruction().a(), result);
                    return Flow::Next;
                }
            } else if let Some(x) = number(m, lhs)
                && let Some(y) = number(m, rhs)
            {
                let result = m.$float(x, y);
                if let Some(result) = m.box_float(result) {
                    m.set(m.instruction().a(), result);
                    return Flow::Next;
                }
            }
            general(m, BinaryOperator::$operator, lhs, rhs)
        }
    };
}

arithmetic! {
    /// `b + c`.
    add, Add, int_add, float_add
}
arithmetic! {
    /// `b - c`.
    sub, Sub, int_sub, float_sub
}
arithmetic! {
    /// `b * c`.
    mul, Mul, int_mul, float_mul
}

/// `b / c`.
#[inline(always)]
pub fn true_div<M: Machine>(m: &mut M) -> Flow {
    let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    if let Some(x) = number(m, lhs)
        && let Some(y) = number(m, rhs)
    {
        let zero = m.float(0.0);
        // Ints beyond 2**53 divide exactly only in the general form; so small quotients of ints are rounded once.
        if !m.float_eq(y, zero) && exact_as_float(m, lhs) && exact_as_float(m, rhs) {
            let result = m.float_div(x, y);
            if let Some(result) = m.box_float(result) {
                m.set(m.instruction().a(), result);
                return Flow::Next;
            }
        }
    }
    general(m, BinaryOperator::TrueDiv, lhs, rhs)
}

/// Whether a number is a float, or an int that a float holds exactly.
#[inline(always)]
fn exact_as_float<M: Machine>(m: &mut M, value: M::Val) -> bool {
    if m.is_float(value) {
        return true;
    }
    let lowest = m.constant(Value::int(-(1 << 53)));
    let highest = m.constant(Value::int(1 << 53));
    m.int_le(lowest, value) && m.int_le(value, highest)
}

macro_rules! int_arithmetic {
    ($(#[$doc:meta])* $name:ident, $operator:ident, $int:ident) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
            if m.is_int(lhs)
                && m.is_int(rhs)
                && let Some(result) = m.$int(lhs, rhs)
            {
                m.set(m.instruction().a(), result);
                return Flow::Next;
            }
            general(m, BinaryOperator::$operator, lhs, rhs)
        }
    };
}

int_arithmetic! {
    /// `b // c`.
    floor_div, FloorDiv, int_floor_div
}
int_arithmetic! {
    /// `b % c`.
    modulo, Mod, int_mod
}
int_arithmetic! {
    /// `b << c`.
    lshift, LShift, int_shl
}
int_arithmetic! {
    /// `b >> c`.
    rshift, RShift, int_shr
}

macro_rules! bitwise {
    ($(#[$doc:meta])* $name:ident, $operator:ident, $int:ident) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
            if m.is_int(lhs) && m.is_int(rhs) {
                let result = m.$int(lhs, rhs);
                m.set(m.instruction().a(), result);
                return Flow::Next;
            }
            general(m, BinaryOperator::$operator, lhs, rhs)
        }
    };
}

bitwise! {
    /// `b & c`.
    and, And, int_and
}
bitwise! {
    /// `b | c`.
    or, Or, int_or
}
bitwise! {
    /// `b ^ c`.
    xor, Xor, int_xor
}

/// `b ** c`: a positive float base to a float or int exponent here.
#[inline(always)]
pub fn pow<M: Machine>(m: &mut M) -> Flow {
    let (lhs, rhs) = (m.get(m.instruction().b()), m.get(m.instruction().c()));
    if m.is_float(lhs)
        && let Some(y) = number(m, rhs)
    {
        let x = m.unbox(lhs);
        let zero = m.float(0.0);
        if m.float_lt(zero, x) {
            let result = m.float_call(float_power, x, y);
            // An infinite result of finite numbers is an OverflowError.
            let largest = m.float(f64::MAX);
            if m.float_le(result, largest)
                && let Some(result) = m.box_float(result)
            {
                m.set(m.instruction().a(), result);
                return Flow::Next;
            }
        }
    }
    general(m, BinaryOperator::Pow, lhs, rhs)
}

macro_rules! immediate {
    ($(#[$doc:meta])* $name:ident, $operator:ident, $int:ident, $float:ident) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name<M: Machine>(m: &mut M) -> Flow {
            let lhs = m.get(m.instruction().b());
            let number = m.instruction().signed_c();
            let rhs = m.constant(Value::int(number));
            if m.is_int(lhs) {
                if let Some(result) = m.$int(lhs, rhs) {
                    m.set(m.instruction().a(), result);
                    return Flow::Next;
                }
            } else if m.is_float(lhs) {
                let (x, y) = (m.unbox(lhs), m.float(number as f64));
                let result = m.$float(x, y);
                if let Some(result) = m.box_float(result) {
                    m.set(m.instruction().a(), result);
                    return Flow::Next;
                }
            }
            general(m, BinaryOperator::$operator, lhs, rhs)
        }
    };
}

immediate! {
    /// `b + c` with a small int in the instruction.
    add_int, Add, int_add, float_add
}
immediate! {
    /// `b - c` with a small int in the instruction.
    sub_int, Sub, int_sub, float_sub
}

/// `-b`.
#[inline(always)]
pub fn neg<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    if m.is_int(value) {
        let zero = m.constant(Value::int(0));
        if let Some(result) = m.int_sub(zero, value) {
            m.set(m.instruction().a(), result);
            return Flow::Next;
        }
    } else if m.is_float(value) {
        let x = m.unbox(value);
        let result = m.float_neg(x);
        if let Some(result) = m.box_float(result) {
            m.set(m.instruction().a(), result);
            return Flow::Next;
        }
    }
    m.residual_last(&NEGATE, [value], Some(m.instruction().a()))
}

/// `+b`.
#[inline(always)]
pub fn pos<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    if m.is_int(value) || m.is_float(value) {
        m.set(m.instruction().a(), value);
        return Flow::Next;
    }
    m.residual_last(&POSITIVE, [value], Some(m.instruction().a()))
}

/// `~b`.
#[inline(always)]
pub fn invert<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    if m.is_int(value) {
        // All bits but the two of the tag.
        let ones = m.constant(Value::int(-1));
        let result = m.int_xor(value, ones);
        m.set(m.instruction().a(), result);
        return Flow::Next;
    }
    m.residual_last(&INVERT, [value], Some(m.instruction().a()))
}

//! Building text.

use super::container::build_from_registers;
use crate::runtime_functions::{BUILD_STRING, FORMAT_VALUE};
use crate::slow::NO_REGISTER;
use py_object::NONE;
use vm_heap::Value;
use vm_machine::{Flow, Machine};

/// `format(b, c)` after a conversion.
#[inline(always)]
pub fn format_value<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    let specification = match m.instruction().c() {
        NO_REGISTER => m.constant(NONE),
        register => m.get(register),
    };
    let conversion = m.constant(Value::int(m.instruction().x() as i64));
    m.residual_last(&FORMAT_VALUE, [value, specification, conversion], Some(m.instruction().a()))
}

/// Joins registers that hold strings.
#[inline(always)]
pub fn build_string<M: Machine>(m: &mut M) -> Flow {
    build_from_registers(m, &BUILD_STRING, m.instruction().b(), m.instruction().c())
}

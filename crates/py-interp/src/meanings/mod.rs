//! The meanings of the opcodes: one function each, generic over the machine that interprets or records it.
//!
//! See `vm_machine` for the rules. An opcode without a fast path of its own is always slow; `crate::slow` says what it
//! does. A slow path that a trace should run through is a residual call (`residual!`).

mod arithmetic;
mod attribute;
mod call;
mod comparison;
mod container;
mod data;
mod inline_calls;
mod iteration;
mod planned_calls;
mod text;

pub use arithmetic::*;
pub use attribute::*;
pub use call::*;
pub use comparison::*;
pub use container::*;
pub use data::*;
pub use iteration::*;
pub use planned_calls::*;
pub use text::*;

use py_object::shapes;
use vm_machine::{Flow, Machine};

/// The result of a runtime call that only a recorder makes; the interpreter goes to the slow path instead.
macro_rules! residual {
    ($m:expr, $function:expr, $arguments:expr) => {
        match $m.residual(&$function, $arguments) {
            Ok(Some(value)) => value,
            Ok(None) => return vm_machine::Flow::Slow,
            Err(_) => return vm_machine::Flow::Raise,
        }
    };
}
pub(crate) use residual;

/// What is left of an opcode after its most frequent ways: a recorder goes on, the interpreter in a handler of its own.
macro_rules! rest {
    ($m:expr, $Opcode:ident, $meaning:ident) => {
        if M::RECORDS { $meaning($m) } else { vm_machine::Flow::As(py_code::Opcode::$Opcode as u8) }
    };
}
pub(crate) use rest;

/// Whether what a frame runs is a generator, coroutine or asynchronous generator.
#[inline(always)]
fn is_generator<M: Machine>(m: &mut M, running: M::Val) -> bool {
    m.has_shape(running, shapes::GENERATOR)
        || m.has_shape(running, shapes::COROUTINE)
        || m.has_shape(running, shapes::ASYNC_GENERATOR)
}

macro_rules! always_slow {
    ($($name:ident)*) => {$(
        /// Has no fast path.
        #[inline(always)]
        pub fn $name<M: Machine>(_: &mut M) -> Flow {
            Flow::Slow
        }
    )*};
}

always_slow! {
    delete_local delete_cell load_from_dict_or_cell load_from_dict_or_global
    delete_global load_name store_name delete_name load_locals delete_attr load_super_attr load_super_method
    call_unpacked mat_mul
    set_update
    dict_update dict_merge list_to_tuple build_interpolation build_template unpack_ex
    make_function set_type_params load_build_class import_name import_from import_star setup_annotations
    print_expression raise reraise enter_handler leave_handler match_exception match_group join_group
    load_assertion_error load_not_implemented_error load_special exception_triple make_generator generator_return
    yield_value send cleanup_throw get_yield_from_iter get_awaitable get_async_iter get_async_next end_async_for
    async_wrap match_sequence match_mapping match_keys match_class get_length make_type_param
    set_type_param_default make_generic_base make_type_alias
}

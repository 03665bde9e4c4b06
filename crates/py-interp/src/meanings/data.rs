//! Moving values: constants, registers, cells, globals, plain jumps.

use py_object::objects::{Cell, Function, GlobalCell};
use py_object::{FALSE, NONE, TRUE, UNBOUND};
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::{Flow, Machine};

use crate::runtime_functions::{LIST_APPEND, NOT, TRUTH};

/// `a := constant`.
#[inline(always)]
pub fn load_const<M: Machine>(m: &mut M) -> Flow {
    let word = m.extension(0);
    let value = m.constant(Value::from_bits(word));
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// `a := bc`.
#[inline(always)]
pub fn load_int<M: Machine>(m: &mut M) -> Flow {
    let value = m.constant(Value::int(m.instruction().bc()));
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// `a := b`.
#[inline(always)]
pub fn move_register<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// Marks registers as unbound.
#[inline(always)]
pub fn unbind<M: Machine>(m: &mut M) -> Flow {
    let unbound = m.constant(UNBOUND);
    let first = m.instruction().a();
    for register in first..first + m.instruction().bc() as usize {
        m.set(register, unbound);
    }
    Flow::Next
}

/// Raises unless the register is bound.
#[inline(always)]
pub fn check_bound<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    let unbound = m.constant(UNBOUND);
    if m.same(value, unbound) { Flow::Slow } else { Flow::Next }
}

/// Wraps the register's value in a new cell.
#[inline(always)]
pub fn make_cell<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    fill_cell(m, value)
}

/// A new empty cell.
#[inline(always)]
pub fn new_cell<M: Machine>(m: &mut M) -> Flow {
    let unbound = m.constant(UNBOUND);
    fill_cell(m, unbound)
}

#[inline(always)]
fn fill_cell<M: Machine>(m: &mut M, value: M::Val) -> Flow {
    let header = py_object::object_header::<Cell>(py_object::shapes::CELL);
    let Some(cell) = m.allocate(size_of::<Cell>(), header) else { return Flow::Slow };
    m.initialise(cell, offset_of!(Cell, value), value);
    m.set(m.instruction().a(), cell);
    Flow::Next
}

/// A cell of the running function's closure.
#[inline(always)]
pub fn load_free<M: Machine>(m: &mut M) -> Flow {
    let mut function = m.function();
    if !m.has_shape(function, py_object::shapes::FUNCTION) {
        if !super::is_generator(m, function) {
            return Flow::Slow;
        }
        function = m.load_pointer_final(function, offset_of!(py_object::objects::Generator, function));
    }
    let closure = m.load_final(function, offset_of!(Function, closure));
    let index = m.constant(Value::int(m.instruction().bc()));
    let cell = m.load_element_final(closure, index, size_of::<py_object::objects::Tuple>());
    m.set(m.instruction().a(), cell);
    Flow::Next
}

/// The content of a cell.
#[inline(always)]
pub fn load_cell<M: Machine>(m: &mut M) -> Flow {
    let cell = m.get(m.instruction().b());
    let value = m.load(cell, offset_of!(Cell, value));
    let unbound = m.constant(UNBOUND);
    if m.same(value, unbound) {
        return Flow::Slow;
    }
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// Stores into a cell.
#[inline(always)]
pub fn store_cell<M: Machine>(m: &mut M) -> Flow {
    let cell = m.get(m.instruction().a());
    let value = m.get(m.instruction().b());
    if m.must_remember(cell) {
        return Flow::Slow;
    }
    m.store_checked(cell, offset_of!(Cell, value), value);
    Flow::Next
}

/// A global or builtin: the extension word is the address of its cell.
#[inline(always)]
pub fn load_global<M: Machine>(m: &mut M) -> Flow {
    let cell = m.extension(0);
    if cell == 0 {
        return Flow::Slow;
    }
    let cell = Value::object(cell as usize);
    let value = m.load_watched(cell, offset_of!(GlobalCell, value), offset_of!(GlobalCell, watch));
    let unbound = m.constant(UNBOUND);
    if !m.same(value, unbound) {
        m.set(m.instruction().a(), value);
        return Flow::Next;
    }
    // The name is a builtin's: the slow path has linked its cell. The link never changes once made.
    let global = m.constant(cell);
    let none = m.constant(Value::from_bits(0));
    let link = m.load_final(global, offset_of!(GlobalCell, builtin));
    if m.same(link, none) {
        return Flow::Slow;
    }
    let builtin = m.load_pointer_final(global, offset_of!(GlobalCell, builtin));
    let builtin = m.reveal(builtin);
    let value = m.load_watched(builtin, offset_of!(GlobalCell, value), offset_of!(GlobalCell, watch));
    if m.same(value, unbound) {
        return Flow::Slow;
    }
    m.set(m.instruction().a(), value);
    Flow::Next
}

/// Stores a global.
#[inline(always)]
pub fn store_global<M: Machine>(m: &mut M) -> Flow {
    let cell = m.extension(0);
    if cell == 0 {
        return Flow::Slow;
    }
    let value = m.get(m.instruction().a());
    let cell = Value::object(cell as usize);
    if m.store_watched(cell, offset_of!(GlobalCell, value), offset_of!(GlobalCell, watch), value) {
        Flow::Next
    } else {
        Flow::Slow
    }
}

/// Jumps.
#[inline(always)]
pub fn jump<M: Machine>(m: &mut M) -> Flow {
    m.jump(m.instruction().bc());
    Flow::Next
}

/// The truth of a value whose class needs no call to tell it, or `None`.
#[inline(always)]
fn truth<M: Machine>(m: &mut M, value: M::Val) -> Option<bool> {
    let yes = m.constant(TRUE);
    if m.same(value, yes) {
        return Some(true);
    }
    let no = m.constant(FALSE);
    if m.same(value, no) {
        return Some(false);
    }
    if m.is_int(value) {
        let zero = m.constant(Value::int(0));
        return Some(!m.same(value, zero));
    }
    let none = m.constant(NONE);
    if m.same(value, none) {
        return Some(false);
    }
    m.look(value, value, |value, _| py_object::operations::quick_truth(value)).flatten()
}

#[inline(always)]
fn jump_on_truth<M: Machine>(m: &mut M, wanted: bool) -> Flow {
    let value = m.get(m.instruction().a());
    let words = m.instruction().bc();
    match truth(m, value) {
        Some(truth) => {
            if truth == wanted {
                m.jump(words);
            }
            Flow::Next
        }
        None => m.residual_jump(&TRUTH, [value], py_object::bool_value(wanted), words, None),
    }
}

/// Jumps if `a` is true.
#[inline(always)]
pub fn jump_if_true<M: Machine>(m: &mut M) -> Flow {
    jump_on_truth(m, true)
}

/// Jumps if `a` is false.
#[inline(always)]
pub fn jump_if_false<M: Machine>(m: &mut M) -> Flow {
    jump_on_truth(m, false)
}

/// `not b`.
#[inline(always)]
pub fn not<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().b());
    let Some(truth) = truth(m, value) else {
        return m.residual_last(&NOT, [value], Some(m.instruction().a()));
    };
    let result = m.constant(py_object::bool_value(!truth));
    m.set(m.instruction().a(), result);
    Flow::Next
}

/// Jumps if `a` is None.
#[inline(always)]
pub fn jump_if_none<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    let none = m.constant(NONE);
    if m.same(value, none) {
        m.jump(m.instruction().bc());
    }
    Flow::Next
}

/// Jumps if `a` is not None.
#[inline(always)]
pub fn jump_if_not_none<M: Machine>(m: &mut M) -> Flow {
    let value = m.get(m.instruction().a());
    let none = m.constant(NONE);
    if !m.same(value, none) {
        m.jump(m.instruction().bc());
    }
    Flow::Next
}

/// Top of a loop: polls and counts.
#[inline(always)]
pub fn loop_header<M: Machine>(m: &mut M) -> Flow {
    if m.loop_header() { Flow::Slow } else { Flow::Next }
}

/// Appends to a list that a comprehension builds.
#[inline(always)]
pub fn list_append<M: Machine>(m: &mut M) -> Flow {
    let list = m.get(m.instruction().a());
    let item = m.get(m.instruction().b());
    match super::container::append(m, list, item) {
        true => Flow::Next,
        false => m.residual_last(&LIST_APPEND, [list, item], None),
    }
}

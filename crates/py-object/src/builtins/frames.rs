//! `globals` and `locals`: the namespaces of the calling code.

use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Cell, Dict, Function, Generator, Str};
use crate::string::downcast;
use py_code::flags;
use py_macros::py_functions;
use vm_heap::{Gc, Value};
use vm_machine::{caller_frame, frame_function};

/// The function that called the native which is running, and its registers.
fn caller(cx: &mut Cx) -> PyResult<(Gc<Function>, *mut Value)> {
    let mut fp = cx.thread.fp.get();
    while !fp.is_null() {
        let what = frame_function(fp);
        if let Some(function) = downcast::<Function>(what) {
            return Ok((function, fp));
        }
        if let Some(generator) = downcast::<Generator>(what) {
            return Ok((generator.function.get(), fp));
        }
        fp = caller_frame(fp);
    }
    Err(cx.raise(Kind::SYSTEM_ERROR, "no Python code is running"))
}

/// The value in a register, taken out of its cell where `is_cell`; UNBOUND where it has none.
fn register(fp: *mut Value, number: usize, is_cell: bool) -> Value {
    // SAFETY: `number` is a register of the code that the frame runs, as its unit says.
    let value = unsafe { *fp.add(number) };
    if is_cell { downcast::<Cell>(value).map_or(UNBOUND, |cell| cell.value.get()) } else { value }
}

/// `locals()` of the calling code: a module's namespace, a class's, or a new dict of a function's variables.
pub(super) fn current_locals(cx: &mut Cx) -> PyResult {
    let (function, fp) = caller(cx)?;
    let unit = cx.runtime.unit(function.code.get().unit.get().as_int() as usize);
    if unit.flags & flags::OPTIMIZED == 0 {
        // Code of modules and classes: the namespace it was started with, else the global one.
        let namespace = function.annotate.get();
        return Ok(if namespace == NONE { function.globals.get().value() } else { namespace });
    }
    let locals = cx.dict();
    let plain = unit.varnames.iter().enumerate().map(|(at, name)| (name, at, false));
    let cells = unit.cellvars.iter().zip(&unit.cell_registers).map(|(name, at)| (name, *at as usize, true));
    let free = unit.freevars.iter().zip(&unit.free_registers).map(|(name, at)| (name, *at as usize, true));
    for (name, at, is_cell) in plain.chain(cells).chain(free) {
        let is_cell = is_cell || unit.cell_registers.contains(&(at as u16));
        let value = register(fp, at, is_cell);
        if value != UNBOUND && !name.starts_with('.') {
            let name: Gc<Str> = cx.intern(name);
            Dict::set_str(cx, locals, name, value)?;
        }
    }
    Ok(locals.value())
}

/// Functions about namespaces.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return the dictionary containing the current scope's global variables.
    ///
    /// NOTE: Updates to this dictionary *will* affect name lookups in the current
    /// global scope and vice-versa.
    #[function]
    fn globals(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        Ok(caller(cx)?.0.globals.get())
    }
    /// Return a dictionary containing the current scope's local variables.
    #[function]
    fn locals(cx: &mut Cx) -> PyResult {
        current_locals(cx)
    }
}

//! The namespaces of running code, and `globals` and `locals`, which show them.

use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Cell, Code, Dict, Function, Generator, Str};
use crate::string::downcast;
use py_code::{CodeUnit, RegisterSet, flags};
use py_macros::py_functions;
use vm_heap::{Gc, Value};
use vm_machine::{caller_frame, frame_function, return_address};

/// A frame of the calling thread, while it is on the value stack.
#[derive(Clone, Copy)]
pub struct Running {
    /// What the frame's function slot holds: a function or a generator.
    pub owner: Value,
    /// The function.
    pub function: Gc<Function>,
    /// Register 0.
    pub fp: *mut Value,
    /// A word of the instruction being executed, from the start of the code.
    pub offset: usize,
}

/// The function of what a frame's function slot holds: itself, or the generator's.
pub fn function_of(owner: Value) -> Option<Gc<Function>> {
    downcast::<Function>(owner).or_else(|| downcast::<Generator>(owner).map(|generator| generator.function.get()))
}

/// The Python frames of the calling thread from the innermost on.
pub fn running(cx: &Cx) -> impl Iterator<Item = Running> {
    let (mut fp, mut pc) = (cx.thread.fp.get(), cx.thread.pc.get());
    std::iter::from_fn(move || {
        while !fp.is_null() {
            let (at, address) = (fp, pc);
            pc = return_address(fp);
            fp = caller_frame(fp);
            let owner = frame_function(at);
            if let Some(function) = function_of(owner) {
                // The saved address lies behind the instruction's first word.
                let behind = (address as usize).wrapping_sub(function.code.get().entry.get() as usize) / 8;
                return Some(Running { owner, function, fp: at, offset: behind.wrapping_sub(1) });
            }
        }
        None
    })
}

/// The function that called the native which is running; none where no Python code runs.
pub fn caller(cx: &Cx) -> Option<Running> {
    running(cx).next()
}

/// The global namespace of the calling code.
pub fn current_globals(cx: &mut Cx) -> PyResult<Gc<Dict>> {
    match caller(cx) {
        Some(frame) => Ok(frame.function.globals.get()),
        None => Err(cx.raise(Kind::SYSTEM_ERROR, "frame does not exist")),
    }
}

/// A variable of a function's frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The register that holds it, or its cell.
    pub register: u16,
    /// Whether the register holds a cell.
    pub is_cell: bool,
}

/// The variables of a unit, in the order in which `locals()` shows them.
pub fn variables(unit: &'static CodeUnit) -> impl Iterator<Item = Variable> {
    let plain = unit.varnames.iter().zip(0u16..).map(|(name, register)| Variable {
        name,
        register,
        is_cell: unit.cell_registers.contains(&register),
    });
    let hidden = |register: &u16| usize::from(*register) >= unit.varnames.len();
    let cells = unit.cellvars.iter().zip(&unit.cell_registers).filter(move |(_, register)| hidden(register));
    let free = unit.freevars.iter().zip(&unit.free_registers);
    let shared = cells.chain(free).map(|(name, register)| Variable { name, register: *register, is_cell: true });
    plain.chain(shared).filter(|variable| !variable.name.starts_with('.'))
}

/// The unit of a code object.
pub fn unit_of(cx: &Cx, code: Gc<Code>) -> &'static CodeUnit {
    cx.runtime.unit(code.unit.get().as_int() as usize)
}

/// The registers that hold something at a place of a code object; others hold leftovers of other frames.
pub fn visible(cx: &Cx, code: Gc<Code>, offset: usize) -> Option<&'static RegisterSet> {
    cx.runtime.liveness(code.unit.get().as_int() as usize).around(offset)
}

/// `locals()` of the calling code: a module's namespace, a class's, or a new dict of a function's variables.
pub fn current_locals(cx: &mut Cx) -> PyResult {
    let Some(frame) = caller(cx) else {
        return Err(cx.raise(Kind::SYSTEM_ERROR, "frame does not exist"));
    };
    let code = frame.function.code.get();
    let unit = unit_of(cx, code);
    if unit.flags & flags::OPTIMIZED == 0 {
        // Code of modules and classes: the namespace it was started with, else the global one.
        let namespace = frame.function.annotate.get();
        return Ok(if namespace == NONE { frame.function.globals.get().value() } else { namespace });
    }
    let visible = visible(cx, code, frame.offset);
    let locals = cx.dict();
    for variable in variables(unit) {
        if !visible.is_some_and(|set| set.contains(variable.register)) {
            continue;
        }
        // SAFETY: a register of the code that the frame runs, and it has been written.
        let mut value = unsafe { *frame.fp.add(variable.register.into()) };
        if variable.is_cell {
            // A parameter is moved into its cell by the first instructions.
            value = downcast::<Cell>(value).map_or(value, |cell| cell.value.get());
        }
        if value != UNBOUND {
            let name: Gc<Str> = cx.intern(variable.name);
            Dict::set_str(cx, locals, name, value)?;
        }
    }
    Ok(locals.value())
}

/// Functions about namespaces.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return the dictionary that holds the global variables of the calling code.
    #[function(trace = Never)]
    fn globals(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        current_globals(cx)
    }
    /// Return a dictionary of the local variables of the calling code.
    ///
    /// In a function it is a new one each time.
    #[function(trace = Never)]
    fn locals(cx: &mut Cx) -> PyResult {
        current_locals(cx)
    }
}

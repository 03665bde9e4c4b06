//! Variables: bound locals, cells, globals and namespaces.

use super::{extension, name_at, name_error, namespace, running_function};
use crate::code::{self, code_of};
use crate::execution::{custom_builtins, mapping_get};
use crate::inline_cache::{self, CacheWord};
use py_code::Opcode;
use py_object::objects::*;
use py_object::operations::{self};
use py_object::sequence::tuple_items;
use py_object::types::{self, is_exactly};
use py_object::{Cx, Kind, PyResult, Raised, StrExt, UNBOUND, allocate, downcast, shapes};
use vm_heap::{Gc, Value};
use vm_machine::{Frame, Instruction, frame_function};

/// Stores `b` in cell `a`, where the collector must be told.
pub fn store_cell(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let cell = downcast::<Cell>(frame.get(i.a())).expect("the compiler puts a cell there");
    cell.value.set(cx.mutator(), cell, frame.get(i.b()));
    Ok(())
}

/// CheckBound DeleteLocal
#[inline(always)]
fn unbind_checked(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, _opcode: Opcode) -> PyResult<()> {
    if frame.get(i.a()) == UNBOUND {
        return Err(unbound_local(cx, frame, i.bc() as usize));
    }
    frame.set(i.a(), UNBOUND);
    Ok(())
}

/// MakeCell NewCell
#[inline(always)]
fn put_cell(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let cell = allocate::<Cell>(cx.mutator(), shapes::CELL);
    cell.value.init(if opcode == Opcode::MakeCell { frame.get(i.a()) } else { UNBOUND });
    frame.set(i.a(), cell.value());
    Ok(())
}

/// Loads cell number `bc` of the running function's closure (the cell itself).
#[inline(always)]
pub fn load_free(_cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let closure = downcast::<Tuple>(running_function(frame).closure.get()).expect("it has free variables");
    frame.set(i.a(), tuple_items(&closure)[i.bc() as usize]);
    Ok(())
}

/// LoadCell DeleteCell
#[inline(always)]
fn take_from_cell(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let register = if opcode == Opcode::LoadCell { i.b() } else { i.a() };
    let cell = downcast::<Cell>(frame.get(register)).expect("the compiler keeps cells in registers");
    let value = cell.value.get();
    if value == UNBOUND {
        return Err(unbound_cell(cx, frame, i.c()));
    }
    if opcode == Opcode::LoadCell {
        frame.set(i.a(), value);
    } else {
        cell.value.set(cx.mutator(), cell, UNBOUND);
    }
    Ok(())
}

/// Looks the variable's name up in mapping `b`, then in the cell in `c` (class bodies and annotation scopes).
pub fn load_from_dict_or_cell(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let variable = extension(start, 0) as usize;
    let name = variable_name(cx, frame, variable);
    match mapping_get(cx, frame.get(i.b()), name)? {
        Some(value) => frame.set(i.a(), value),
        None => {
            let cell = downcast::<Cell>(frame.get(i.c())).expect("the compiler keeps cells in registers");
            if cell.value.get() == UNBOUND {
                return Err(unbound_cell(cx, frame, variable));
            }
            frame.set(i.a(), cell.value.get());
        }
    }
    Ok(())
}

/// Looks the name up in mapping `b`, then among globals and builtins.
pub fn load_from_dict_or_global(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.c());
    let value = match mapping_get(cx, frame.get(i.b()), name)? {
        Some(value) => value,
        None => find_global(cx, frame, name)?.0,
    };
    frame.set(i.a(), value);
    Ok(())
}

/// Loads a global or builtin.
pub fn load_global(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.bc() as usize);
    let (value, cell) = find_global(cx, frame, name)?;
    if let Some(cell) = cell {
        // SAFETY: the instruction has one extension word.
        unsafe { inline_cache::fill(start, CacheWord(cell.address() as u64), None) };
    }
    frame.set(i.a(), value);
    Ok(())
}

/// Stores a global.
pub fn store_global(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.bc() as usize);
    let globals = running_function(frame).globals.get();
    let value = frame.get(i.a());
    Dict::set_str(cx, globals, name, value)?;
    if globals.cells.get() && running_function(frame).code.get().home.get() != UNBOUND {
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, globals, name.value(), hash)?;
        // SAFETY: the instruction has one extension word.
        unsafe { inline_cache::fill(start, CacheWord(cell.address() as u64), None) };
    }
    Ok(())
}

/// Deletes a global.
pub fn delete_global(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.bc() as usize);
    let globals = running_function(frame).globals.get();
    if Dict::remove(cx, globals, name.value())?.is_none() {
        return Err(name_error(cx, name));
    }
    Ok(())
}

/// Loads the namespace mapping of the running class body or exec'd code.
pub fn load_locals(_cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    frame.set(i.a(), namespace(frame));
    Ok(())
}

/// Loads a name from the namespace, the globals or the builtins.
pub fn load_name(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.bc() as usize);
    let value = match mapping_get(cx, namespace(frame), name)? {
        Some(value) => value,
        None => find_global(cx, frame, name)?.0,
    };
    frame.set(i.a(), value);
    Ok(())
}

/// Stores a name in the namespace.
pub fn store_name(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.bc() as usize);
    let value = frame.get(i.a());
    let namespace = namespace(frame);
    match downcast::<Dict>(namespace) {
        Some(dict) if is_exactly(namespace, Kind::DICT) => Dict::set_str(cx, dict, name, value)?,
        _ => operations::set_item(cx, namespace, name.value(), value)?,
    }
    Ok(())
}

/// Deletes a name from the namespace.
pub fn delete_name(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.bc() as usize);
    let namespace = namespace(frame);
    let removed = match downcast::<Dict>(namespace) {
        Some(dict) if is_exactly(namespace, Kind::DICT) => Dict::remove(cx, dict, name.value())?.is_some(),
        _ => match operations::delete_item(cx, namespace, name.value()) {
            Ok(()) => true,
            Err(raised) => {
                if !types::is_instance(cx, cx.raised.get(), Kind::KEY_ERROR) {
                    return Err(raised);
                }
                cx.take_raised();
                false
            }
        },
    };
    if !removed {
        return Err(name_error(cx, name));
    }
    Ok(())
}

family! { unbind_checked: check_bound = CheckBound, delete_local = DeleteLocal }
family! { put_cell: make_cell = MakeCell, new_cell = NewCell }
family! { take_from_cell: load_cell = LoadCell, delete_cell = DeleteCell }

fn unbound_local(cx: &mut Cx, frame: &Frame, variable: usize) -> Raised {
    let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
    let names = downcast::<Tuple>(code.variable_names.get()).expect("variable names are a tuple");
    let name = downcast::<Str>(tuple_items(&names)[variable]).map_or_else(String::new, |name| name.to_text());
    let message = format!("cannot access local variable '{name}' where it is not associated with a value");
    cx.raise(Kind::UNBOUND_LOCAL_ERROR, message)
}

/// The name of a shared variable: cell variables come first, then free ones.
fn variable_name(cx: &mut Cx, frame: &Frame, variable: usize) -> Gc<Str> {
    let unit = code::unit_of(cx, code_of(frame_function(frame.fp)).expect("a running frame has code"));
    let name = unit.cellvars.iter().chain(&unit.freevars).nth(variable).map_or("?", |name| &name[..]);
    cx.intern(name)
}

fn unbound_cell(cx: &mut Cx, frame: &Frame, variable: usize) -> Raised {
    let unit = code::unit_of(cx, code_of(frame_function(frame.fp)).expect("a running frame has code"));
    match unit.cellvars.get(variable) {
        Some(name) => {
            let message = format!("cannot access local variable '{name}' where it is not associated with a value");
            cx.raise(Kind::UNBOUND_LOCAL_ERROR, message)
        }
        None => {
            let name = unit.freevars.get(variable - unit.cellvars.len()).map_or("?", |name| &name[..]);
            let message = format!(
                "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            );
            cx.raise(Kind::NAME_ERROR, message)
        }
    }
}

/// A global or builtin, with the cell that an inline cache may use.
pub(crate) fn find_global(cx: &mut Cx, frame: &Frame, name: Gc<Str>) -> PyResult<(Value, Option<Gc<GlobalCell>>)> {
    let globals = running_function(frame).globals.get();
    if !globals.cells.get() {
        // A plain dict, or an instance of a subclass, whose `__missing__` and the like have a say.
        return match mapping_get(cx, globals.value(), name)? {
            Some(value) => Ok((value, None)),
            None => Ok((load_builtin(cx, globals, name)?, None)),
        };
    }
    // Code that functions with other globals run too remembers no cells.
    let shared = running_function(frame).code.get().home.get() == UNBOUND;
    if let Some(value) = Dict::get_str(cx, globals, name) {
        if shared {
            return Ok((value, None));
        }
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, globals, name.value(), hash)?;
        return Ok((value, Some(cell)));
    }
    let value = load_builtin(cx, globals, name)?;
    if shared || custom_builtins(cx, globals).is_some() {
        return Ok((value, None));
    }
    // The global's own cell stays unbound and leads to the builtin's, so that defining the global later is seen.
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let hash = name.hash_value(cx);
    let builtin = Dict::cell(cx, builtins, name.value(), hash)?;
    let cell = Dict::cell(cx, globals, name.value(), hash)?;
    if cell.builtin.get().is_none() {
        cell.builtin.set_release(cx.mutator(), cell, Some(builtin));
    }
    Ok((value, Some(cell)))
}

/// A builtin as code with these globals sees it.
fn load_builtin(cx: &mut Cx, globals: Gc<Dict>, name: Gc<Str>) -> PyResult {
    let standard = cx.runtime.builtins.get().expect("made at start-up");
    let found = match custom_builtins(cx, globals) {
        None => Dict::get_str(cx, standard, name),
        Some(mapping) => mapping_get(cx, mapping, name)?,
    };
    match found {
        Some(value) => Ok(value),
        None => Err(name_error(cx, name)),
    }
}

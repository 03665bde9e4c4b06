//! Functions, classes, imports and type parameters.

use super::{NO_REGISTER, extension, name_at, namespace, registers, running_function, set_result};
use crate::code;
use crate::execution::{custom_builtins, mapping_get};
use crate::imports;
use py_object::attribute;
use py_object::objects::*;
use py_object::types;
use py_object::types::generic::{self, Sort};
use py_object::{Cx, Kind, PyResult, UNBOUND, call, downcast};
use vm_heap::Value;
use vm_machine::{Frame, Instruction};

/// Makes a function of the code in the extension word; x bits say which of r[b..b+4] are present: defaults tuple (1), keyword defaults dict (2), annotate function (4), closure tuple (8).
#[inline(always)]
pub fn make_function(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let code = downcast::<Code>(Value::from_bits(extension(start, 0))).expect("the operand is code");
    let globals = running_function(frame).globals.get();
    let function = code::new_function(cx, code, globals);
    for (bit, field) in
        [&function.defaults, &function.keyword_defaults, &function.annotate, &function.closure].into_iter().enumerate()
    {
        if i.x() & 1 << bit != 0 {
            field.set(cx.mutator(), function, frame.get(i.b() + bit));
        }
    }
    frame.set(i.a(), function.value());
    Ok(())
}

/// Loads `builtins.__build_class__`.
pub fn load_build_class(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = cx.intern("__build_class__");
    let globals = running_function(frame).globals.get();
    let standard = cx.runtime.builtins.get().expect("made at start-up").value();
    let builtins = custom_builtins(cx, globals).unwrap_or(standard);
    match mapping_get(cx, builtins, name)? {
        Some(value) => frame.set(i.a(), value),
        None => return Err(cx.raise(Kind::NAME_ERROR, "__build_class__ not found")),
    }
    Ok(())
}

/// Imports module `c` with level r[b] and fromlist r[b+1].
pub fn import_name(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.c());
    let (level, names) = (frame.get(i.b()), frame.get(i.b() + 1));
    let globals = running_function(frame).globals.get();
    let module = imports::import_name(cx, name, level, names, globals)?;
    frame.set(i.a(), module);
    Ok(())
}

/// Loads name `c` of module `b` for `from … import`.
pub fn import_from(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = name_at(frame, i.c());
    let value = imports::import_from(cx, frame.get(i.b()), name)?;
    frame.set(i.a(), value);
    Ok(())
}

/// Copies the public names of module `a` into the namespace.
pub fn import_star(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    imports::import_star(cx, frame.get(i.a()), namespace(frame), running_function(frame))
}

/// Passes `a` to `sys.displayhook` (interactive mode).
pub fn print_expression(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let sys = imports::import_module(cx, "sys")?;
    let name = cx.intern("displayhook");
    match attribute::find(cx, sys, name)? {
        Some((hook, _)) => call::call(cx, hook, &[frame.get(i.a())], None).map(drop),
        None => Err(cx.raise(Kind::RUNTIME_ERROR, "lost sys.displayhook")),
    }
}

/// Sets `__type_params__` of the function `a` to `b`.
pub fn set_type_params(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let name = cx.intern("__type_params__");
    attribute::set(cx, frame.get(i.a()), name, Some(frame.get(i.b())))
}

/// Makes a type parameter named `b`: x = 0 TypeVar, 1 TypeVar with bound evaluated by `c`, 2 with constraints evaluated by `c`, 3 ParamSpec, 4 TypeVarTuple.
pub fn make_type_param(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let evaluator = if i.c() == NO_REGISTER { UNBOUND } else { frame.get(i.c()) };
    let sort = [Sort::Variable, Sort::Bounded, Sort::Constrained, Sort::Specification, Sort::Variadic][i.x() as usize];
    let parameter = generic::new_parameter(cx, sort, frame.get(i.b()), evaluator);
    frame.set(i.a(), parameter);
    Ok(())
}

/// Gives type parameter `a` the default evaluated by `b`.
pub fn set_type_param_default(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    generic::set_default(cx, frame.get(i.a()), frame.get(i.b()));
    Ok(())
}

/// `typing.Generic` subscripted with the type parameters `b`.
pub fn make_generic_base(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let parameters = downcast::<Tuple>(frame.get(i.b())).expect("the compiler builds the tuple");
    set_result(frame, i, generic::generic_base(cx, parameters))
}

/// Makes a type alias of name r[b], type parameters r[b+1] (tuple or None) and the function evaluating it r[b+2].
pub fn make_type_alias(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let parts = registers(frame, i.b(), 3);
    let alias = generic::new_alias(cx, parts[0], parts[1], parts[2]);
    frame.set(i.a(), alias);
    Ok(())
}

/// Makes sure that the namespace has an `__annotations__` dict (under `from __future__ import annotations`).
pub fn setup_annotations(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    types::class::set_up_annotations(cx, namespace(frame))
}

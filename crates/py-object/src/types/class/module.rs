//! `module`.

use super::module_annotations;
use crate::arguments::Keywords;
use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::object::allocate;
use crate::objects::{Dict, Module, Str, Type};
use crate::operations;
use crate::shape::{Shape, ShapeKind};
use crate::string::{StrExt, downcast};
use crate::types::{class_name, list, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// `module`.
pub struct ModuleMethods;

fn module_repr(cx: &mut Cx, this: Gc<Module>) -> PyResult<String> {
    let importlib = cx.runtime.importlib.get();
    if importlib != NONE {
        let text = call::call_method(cx, importlib, "_module_repr", &[this.value()])?;
        return Ok(operations::to_str(cx, text)?.to_text());
    }
    let mut found = [None, None];
    for (slot, key) in found.iter_mut().zip(["__name__", "__file__"]) {
        let key = cx.intern(key);
        *slot = Dict::get_str(cx, this.dict.get(), key);
    }
    let mut text = String::from("<module ");
    match found[0] {
        Some(name) => object::push_repr(cx, &mut text, name)?,
        None => text.push_str("'?'"),
    }
    match found[1] {
        Some(file) => {
            text.push_str(" from ");
            object::push_repr(cx, &mut text, file)?;
        }
        None => text.push_str(" (built-in)"),
    }
    text.push('>');
    Ok(text)
}

#[py_methods(MODULE)]
impl ModuleMethods {
    #[new(signature = "(name, doc=None)")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> Gc<Module> {
        // The arguments belong to `__init__`.
        let _ = (args, kwargs);
        let dict = Dict::new_namespace(cx);
        let own = Shape::register(None, class, ShapeKind::OneModule, Vec::new(), 0);
        let module = allocate::<Module>(cx.mutator(), own.id);
        module.dict.init(dict);
        module
    }
    #[method(signature = "($self, /, name, doc=None)")]
    fn __init__(cx: &mut Cx, this: Gc<Module>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if args.len() > 2 {
            return Err(cx.type_error(format!("module() takes at most 2 arguments ({} given)", args.len())));
        }
        let mut given = [UNBOUND; 2];
        given[..args.len()].copy_from_slice(args);
        for (name, value) in kwargs.iter() {
            match name.bytes() {
                b"name" => given[0] = value,
                b"doc" => given[1] = value,
                _ => {
                    let name = name.to_text();
                    return Err(cx.type_error(format!("module() got an unexpected keyword argument '{name}'")));
                }
            }
        }
        let [name, doc] = given;
        if name == UNBOUND {
            return Err(cx.type_error("module() missing required argument 'name' (pos 1)"));
        }
        if downcast::<Str>(name).is_none() {
            let class = class_name(cx, name);
            return Err(cx.type_error(format!("module() argument 'name' must be str, not {class}")));
        }
        let doc = if doc == UNBOUND { NONE } else { doc };
        for (key, value) in
            [("__name__", name), ("__doc__", doc), ("__package__", NONE), ("__loader__", NONE), ("__spec__", NONE)]
        {
            let key = cx.intern(key);
            Dict::set_str(cx, this.dict.get(), key, value)?;
        }
        Ok(())
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Module>) -> PyResult<String> {
        module_repr(cx, this)
    }
    /// Specialized dir() implementation for modules.
    #[method]
    fn __dir__(cx: &mut Cx, this: Gc<Module>) -> PyResult {
        let key = cx.intern("__dict__");
        let own = attribute::get(cx, this.value(), key)?;
        let Some(own) = downcast::<Dict>(own) else {
            return Err(cx.type_error("<module>.__dict__ is not a dictionary"));
        };
        let hook = cx.intern("__dir__");
        if let Some(hook) = Dict::get_str(cx, own, hook) {
            return call::call(cx, hook, &[], None);
        }
        Ok(list::from_iterable(cx, own.value())?.value())
    }
    #[getter]
    fn __dict__(this: Gc<Module>) -> Gc<Dict> {
        this.dict.get()
    }
    #[getter]
    fn __annotations__(cx: &mut Cx, this: Gc<Module>) -> PyResult {
        module_annotations::get(cx, this)
    }
    #[setter]
    fn set_annotations(cx: &mut Cx, this: Gc<Module>, value: Value) -> PyResult<()> {
        module_annotations::set(cx, this, value)
    }
    #[getter]
    fn __annotate__(cx: &mut Cx, this: Gc<Module>) -> PyResult {
        module_annotations::function(cx, this)
    }
    #[setter]
    fn set_annotate(cx: &mut Cx, this: Gc<Module>, value: Value) -> PyResult<()> {
        module_annotations::set_function(cx, this, value)
    }
}

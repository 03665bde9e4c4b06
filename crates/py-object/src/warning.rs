//! Warnings that the runtime itself gives: through the library's `warnings`, which decides what becomes of them.

use crate::attribute;
use crate::call;
use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Dict, Str};
use vm_heap::Value;

/// The function of the library's `warnings` with a name, if the library is there.
fn library_function(cx: &mut Cx, name: &str) -> PyResult<Option<Value>> {
    if cx.runtime.import_module.get().is_none() {
        return Ok(None);
    }
    // A program that has imported `warnings` may have replaced what it shows them with.
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let key = cx.intern("warnings");
    let module = match Dict::get_str(cx, modules, key) {
        Some(module) => module,
        None => cx.import("_warnings").or_else(|_| {
            cx.take_raised();
            cx.import("warnings")
        })?,
    };
    let name = cx.intern(name);
    attribute::get(cx, module, name).map(Some)
}

/// Gives a warning of a category about the calling Python code; raises where filters turn it into an exception.
pub fn warn(cx: &mut Cx, category: Kind, message: &str) -> PyResult<()> {
    let Some(function) = library_function(cx, "warn")? else { return Ok(()) };
    let text = Str::new(cx, message).value();
    let category = cx.builtin_type(category).value();
    call::call(cx, function, &[text, category, Value::int(1)], None).map(|_| ())
}

/// Gives a warning of a category about a line of a file.
pub fn warn_explicit(cx: &mut Cx, category: Kind, message: &str, file: Value, line: Value) -> PyResult<()> {
    let Some(function) = library_function(cx, "warn_explicit")? else { return Ok(()) };
    let text = Str::new(cx, message).value();
    let category = cx.builtin_type(category).value();
    call::call(cx, function, &[text, category, file, line], None).map(|_| ())
}

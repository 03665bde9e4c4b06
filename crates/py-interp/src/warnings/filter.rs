//! What is to become of a warning: filters and registries.

use super::context::Place;
use super::{VERSION, imported, setting};
use py_object::objects::*;
use py_object::sequence::{list_item, tuple_items};
use py_object::types::{as_type, class_name, is_subclass};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, TRUE, attribute, call, downcast, operations, types};
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Value};

/// What is to become of a warning.
pub enum Decision {
    /// Nothing.
    Silent,
    /// It is shown.
    Show,
    /// It is raised.
    Error,
}

/// The filters of a start without options: what concerns developers is shown in the main program only.
pub fn defaults(cx: &mut Cx) -> PyResult {
    let list = List::new(cx, &[])?;
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    for (action, category, module) in [
        ("default", "DeprecationWarning", Some("__main__")),
        ("ignore", "DeprecationWarning", None),
        ("ignore", "PendingDeprecationWarning", None),
        ("ignore", "ImportWarning", None),
        ("ignore", "ResourceWarning", None),
    ] {
        let name = cx.intern(category);
        let Some(category) = Dict::get_str(cx, builtins, name) else { continue };
        let action = cx.intern(action).value();
        let module = module.map_or(NONE, |module| cx.intern(module).value());
        let filter = cx.tuple(&[action, NONE, category, module, Value::int(0)]);
        List::push(cx, list, filter)?;
    }
    Ok(list.value())
}

/// The filters in force: those of the running context, or of `warnings`.
fn filters(cx: &mut Cx) -> PyResult<Gc<List>> {
    if cx.runtime.configuration().flags.context_aware_warnings
        && let Some(own) = imported(cx, "_warnings")
    {
        let name = cx.intern("_warnings_context");
        if let Some((variable, _)) = attribute::find(cx, own, name)? {
            let context = call::call_method(cx, variable, "get", &[NONE])?;
            if context != NONE {
                let name = cx.intern("_filters");
                let filters = attribute::get(cx, context, name)?;
                return expect_list(cx, filters, "_filters of warnings._warnings_context must be a list");
            }
        }
    }
    match setting(cx, "filters", "filters")? {
        Some(filters) => expect_list(cx, filters, "warnings.filters must be a list"),
        None => List::new(cx, &[]),
    }
}

fn expect_list(cx: &mut Cx, value: Value, message: &str) -> PyResult<Gc<List>> {
    match downcast::<List>(value) {
        Some(list) => Ok(list),
        None => Err(cx.value_error(message)),
    }
}

/// Whether a pattern of a filter (None, text, or something with `match`) fits.
fn fits(cx: &mut Cx, pattern: Value, text: Value) -> PyResult<bool> {
    if pattern == NONE {
        return Ok(true);
    }
    if types::is_exactly(pattern, Kind::STR) {
        return operations::equal(cx, pattern, text);
    }
    let found = call::call_method(cx, pattern, "match", &[text])?;
    operations::truth(cx, found)
}

/// The action of the first filter that fits, and that filter.
fn action(cx: &mut Cx, text: Value, category: Gc<Type>, place: &Place) -> PyResult<(String, Value)> {
    let filters = filters(cx)?;
    let mut index = 0;
    // Matching may run Python code, which may change the list.
    while let Some(filter) = list_item(filters, index) {
        index += 1;
        let parts = match downcast::<Tuple>(filter) {
            Some(parts) if tuple_items(&parts).len() == 5 => parts,
            _ => return Err(cx.value_error(format!("warnings.filters item {} isn't a 5-tuple", index - 1))),
        };
        let [action, message, class, module, line] = tuple_items(&parts) else { continue };
        let Some(action) = downcast::<Str>(*action) else {
            let found = class_name(cx, *action);
            return Err(cx.type_error(format!("action must be a string, not '{found}'")));
        };
        let is_category = match as_type(*class) {
            Some(class) => is_subclass(category, class),
            None => return Err(cx.type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union")),
        };
        let line = types::int::as_i64(*line).unwrap_or(0);
        if is_category
            && (line == 0 || line == place.line)
            && fits(cx, *message, text)?
            && fits(cx, *module, place.module)?
        {
            return Ok((action.to_text(), filter));
        }
    }
    match setting(cx, "defaultaction", "_defaultaction")? {
        Some(action) => match downcast::<Str>(action) {
            Some(action) => Ok((action.to_text(), NONE)),
            None => {
                let found = class_name(cx, action);
                Err(cx.type_error(format!("warnings.defaultaction must be a string, not '{found}'")))
            }
        },
        None => Err(cx.value_error("warnings.defaultaction not found")),
    }
}

/// Whether a registry has a key; enters it if asked.
fn warned_before(cx: &mut Cx, registry: Value, key: Value, enter: bool) -> PyResult<bool> {
    let Some(registry) = downcast::<Dict>(registry) else { return Ok(false) };
    let version = cx.intern("version");
    let current = Value::int(VERSION.load(Ordering::Relaxed));
    if Dict::get_str(cx, registry, version) != Some(current) {
        Dict::clear(cx, registry);
        Dict::set_str(cx, registry, version, current)?;
    } else if let Some(found) = Dict::get(cx, registry, key)?
        && operations::truth(cx, found)?
    {
        return Ok(true);
    }
    if enter {
        Dict::set(cx, registry, key, TRUE)?;
    }
    Ok(false)
}

/// What is to become of a warning; registries learn of it. The lock is held.
pub fn decide(cx: &mut Cx, text: Value, category: Gc<Type>, place: &Place, key: Value) -> PyResult<Decision> {
    if place.registry != NONE && warned_before(cx, place.registry, key, false)? {
        return Ok(Decision::Silent);
    }
    let (action, filter) = action(cx, text, category, place)?;
    match action.as_str() {
        "ignore" => return Ok(Decision::Silent),
        "error" => return Ok(Decision::Error),
        "always" | "all" => return Ok(Decision::Show),
        _ => {}
    }
    if let Some(registry) = downcast::<Dict>(place.registry) {
        Dict::set(cx, registry, key, TRUE)?;
    }
    let repeated = match action.as_str() {
        "once" => {
            let registry = match setting(cx, "onceregistry", "_onceregistry")? {
                Some(registry) => registry,
                None => place.registry,
            };
            let key = cx.tuple(&[text, category.value()]);
            warned_before(cx, registry, key, true)?
        }
        "module" => {
            let key = cx.tuple(&[text, category.value(), Value::int(0)]);
            warned_before(cx, place.registry, key, true)?
        }
        "default" => false,
        _ => {
            let filter = operations::repr(cx, filter)?.to_text();
            let message = format!("Unrecognized action ('{action}') in warnings.filters:\n {filter}");
            return Err(cx.raise(Kind::RUNTIME_ERROR, message));
        }
    };
    Ok(if repeated { Decision::Silent } else { Decision::Show })
}

//! "Did you mean": what may have been meant by a name that was not found.

use py_object::frames::{unit_of, variable_value, variables};
use py_object::objects::{Dict, Exception, FrameObject, List, Str, Traceback};
use py_object::sequence::elements;
use py_object::suggestion::suggest;
use py_object::types::exceptions::details;
use py_object::types::{self, frame};
use py_object::{Cx, Kind, NONE, StrExt, UNBOUND, attribute, call, downcast, operations};
use vm_heap::{Gc, Value};

/// The frame that an exception was raised in.
fn innermost_frame(exception: Gc<Exception>) -> Option<Gc<FrameObject>> {
    let mut entry = downcast::<Traceback>(exception.traceback.get())?;
    while let Some(next) = downcast::<Traceback>(entry.next.get()) {
        entry = next;
    }
    downcast::<FrameObject>(entry.frame.get())
}

fn texts(list: Gc<List>) -> Vec<String> {
    let (items, length) = List::snapshot(&list);
    elements(&items)[..length]
        .iter()
        .filter_map(|item| downcast::<Str>(item.get()))
        .map(|name| name.to_text())
        .collect()
}

/// `dir(object)`, sorted.
fn directory(cx: &mut Cx, object: Value) -> Option<Vec<String>> {
    let builtins = cx.runtime.builtins.get()?;
    let name = cx.intern("dir");
    let dir = Dict::get_str(cx, builtins, name)?;
    match call::call(cx, dir, &[object], None) {
        Ok(names) => {
            let mut names = texts(downcast::<List>(names)?);
            names.sort();
            Some(names)
        }
        Err(_) => {
            cx.take_raised();
            None
        }
    }
}

/// A local variable of a frame.
fn local(cx: &Cx, frame: Gc<FrameObject>, name: &str) -> Option<Value> {
    let unit = unit_of(cx, frame.code.get());
    let variable = variables(unit).find(|variable| variable.name == name)?;
    let value = variable_value(cx, frame, variable);
    (value != UNBOUND).then_some(value)
}

fn keys(cx: &mut Cx, mapping: Value) -> Vec<String> {
    let list = match downcast::<Dict>(mapping) {
        Some(dict) => types::dict::keys(cx, dict),
        None => match call::call_method(cx, mapping, "keys", &[]) {
            Ok(keys) => types::list::from_iterable(cx, keys),
            Err(raised) => Err(raised),
        },
    };
    match list {
        Ok(list) => texts(list),
        Err(_) => {
            cx.take_raised();
            Vec::new()
        }
    }
}

fn for_attribute(cx: &mut Cx, exception: Gc<Exception>, wrong: &str) -> Option<String> {
    let object = details::get(exception, details::OBJECT_OF_ATTRIBUTE);
    if object == UNBOUND {
        return None;
    }
    let mut names = directory(cx, object)?;
    let hidden = !wrong.starts_with('_')
        && !innermost_frame(exception).is_some_and(|frame| local(cx, frame, "self") == Some(object));
    if hidden {
        names.retain(|name| !name.starts_with('_'));
    }
    suggest(wrong, names.iter().map(String::as_str)).map(str::to_string)
}

fn for_name(cx: &mut Cx, exception: Gc<Exception>, wrong: &str) -> Option<String> {
    let frame = innermost_frame(exception)?;
    if let Some(object) = local(cx, frame, "self") {
        let name = cx.intern(wrong);
        match attribute::find(cx, object, name) {
            Ok(Some(_)) => return Some(format!("self.{wrong}")),
            Ok(None) => {}
            Err(_) => {
                cx.take_raised();
            }
        }
    }
    let locals = frame::locals_of(cx, frame);
    let mut names = keys(cx, locals);
    let globals = frame.function.get().globals.get().value();
    names.extend(keys(cx, globals));
    let builtins = frame::builtins_of(cx, frame.function.get().globals.get());
    names.extend(keys(cx, builtins));
    suggest(wrong, names.iter().map(String::as_str)).map(str::to_string)
}

fn for_import(cx: &mut Cx, exception: Gc<Exception>, wrong: &str) -> Option<String> {
    let module = downcast::<Str>(details::get(exception, details::IMPORT_NAME))?;
    let table = cx.runtime.modules.get()?;
    let module = Dict::get_str(cx, table, module)?;
    let mut names = directory(cx, module)?;
    if !wrong.starts_with('_') {
        names.retain(|name| !name.starts_with('_'));
    }
    suggest(wrong, names.iter().map(String::as_str)).map(str::to_string)
}

/// Whether a name is that of a module of the standard library.
fn is_library_module(cx: &mut Cx, name: &str) -> bool {
    let table = cx.runtime.modules.get();
    let key = cx.intern("sys");
    let Some(sys) = table.and_then(|table| Dict::get_str(cx, table, key)) else { return false };
    let key = cx.intern("stdlib_module_names");
    let names = match attribute::find(cx, sys, key) {
        Ok(Some((names, _))) => names,
        Ok(None) => return false,
        Err(_) => {
            cx.take_raised();
            return false;
        }
    };
    let name = cx.intern(name);
    operations::contains(cx, names, name.value()).unwrap_or_else(|_| {
        cx.take_raised();
        false
    })
}

/// What is to be added to the message of an exception.
pub fn for_exception(cx: &mut Cx, exception: Gc<Exception>) -> String {
    let is = |cx: &Cx, kind| types::is_instance(cx, exception.value(), kind);
    let text = |value: Value| downcast::<Str>(value).map(|name| name.to_text());
    let meant = |suggestion: Option<&String>| {
        suggestion.map_or_else(String::new, |suggestion| format!(". Did you mean: '{suggestion}'?"))
    };
    if is(cx, Kind::IMPORT_ERROR) {
        let Some(wrong) = text(details::get(exception, details::IMPORT_NAME_FROM)) else { return String::new() };
        let suggestion = for_import(cx, exception, &wrong);
        return meant(suggestion.as_ref());
    }
    if is(cx, Kind::ATTRIBUTE_ERROR) {
        let Some(wrong) = text(details::get(exception, details::NAME)) else { return String::new() };
        let suggestion = for_attribute(cx, exception, &wrong);
        return meant(suggestion.as_ref());
    }
    if is(cx, Kind::NAME_ERROR) && exception.detail.get() != NONE {
        let Some(wrong) = text(exception.detail.get()) else { return String::new() };
        let suggestion = for_name(cx, exception, &wrong);
        let mut out = meant(suggestion.as_ref());
        if is_library_module(cx, &wrong) {
            out += if suggestion.is_some() { " Or did you" } else { ". Did you" };
            out += &format!(" forget to import '{wrong}'?");
        }
        return out;
    }
    String::new()
}

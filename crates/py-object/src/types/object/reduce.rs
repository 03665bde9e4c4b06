//! Copying and pickling of objects of any class: `__reduce_ex__`, `__reduce__`, `__getstate__` of `object`.

use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::Kind;
use crate::objects::{Dict, List, Str, Tuple, Type};
use crate::operations;
use crate::sequence::{elements, tuple_items};
use crate::string::downcast;
use crate::types::{self, class_name, class_of, name_of, slots};
use vm_heap::{Gc, Value};

fn find(cx: &mut Cx, object: Value, name: &str) -> PyResult<Option<Value>> {
    let name = cx.intern(name);
    attribute::get_optional(cx, object, name)
}

/// What protocols below 2 do.
pub(super) fn by_copyreg(cx: &mut Cx, object: Value, protocol: i64) -> PyResult {
    let function = cx.import_from("copyreg", "_reduce_ex")?;
    call::call(cx, function, &[object, Value::int(protocol)], None)
}

/// `object.__reduce_ex__(protocol)`.
pub(super) fn reduce_ex(cx: &mut Cx, object: Value, protocol: i64) -> PyResult {
    let name = cx.intern("__reduce__");
    let class = class_of(cx, object);
    let base = cx.builtin_type(Kind::OBJECT);
    if let Some(bound) = attribute::get_optional(cx, object, name)?
        && types::lookup(cx, class, name) != types::lookup(cx, base, name)
    {
        return call::call(cx, bound, &[], None);
    }
    if protocol < 2 { by_copyreg(cx, object, protocol) } else { by_new(cx, object) }
}

/// Positional arguments and keyword arguments.
type NewArguments = (Option<Gc<Tuple>>, Option<Gc<Dict>>);

/// The arguments for `__new__` that an object names: positional ones and keyword ones, if any.
fn new_arguments(cx: &mut Cx, object: Value) -> PyResult<NewArguments> {
    if let Some(hook) = types::lookup_special(cx, object, "__getnewargs_ex__") {
        let pair = call::call_special(cx, hook, object, &[], None)?;
        let Some(tuple) = downcast::<Tuple>(pair) else {
            let message = format!("__getnewargs_ex__ should return a tuple, not '{}'", class_name(cx, pair));
            return Err(cx.type_error(message));
        };
        let items = tuple_items(&tuple);
        let [args, kwargs] = items else {
            let message = format!("__getnewargs_ex__ should return a tuple of length 2, not {}", items.len());
            return Err(cx.value_error(message));
        };
        let Some(args) = downcast::<Tuple>(*args) else {
            let class = class_name(cx, *args);
            let message =
                format!("first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{class}'");
            return Err(cx.type_error(message));
        };
        let Some(kwargs) = downcast::<Dict>(*kwargs) else {
            let class = class_name(cx, *kwargs);
            let message =
                format!("second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{class}'");
            return Err(cx.type_error(message));
        };
        return Ok((Some(args), Some(kwargs)));
    }
    if let Some(hook) = types::lookup_special(cx, object, "__getnewargs__") {
        let args = call::call_special(cx, hook, object, &[], None)?;
        return match downcast::<Tuple>(args) {
            Some(args) => Ok((Some(args), None)),
            None => {
                let message = format!("__getnewargs__ should return a tuple, not '{}'", class_name(cx, args));
                Err(cx.type_error(message))
            }
        };
    }
    Ok((None, None))
}

/// What protocols from 2 on do: `copyreg.__newobj__` and its arguments, state, items of a list and of a dict.
fn by_new(cx: &mut Cx, object: Value) -> PyResult {
    let class = class_of(cx, object);
    let (args, kwargs) = new_arguments(cx, object)?;
    let has_args = args.is_some();
    let (function, arguments) = match kwargs.filter(|kwargs| Dict::length(*kwargs) > 0) {
        None => {
            let function = cx.import_from("copyreg", "__newobj__")?;
            let all = List::new(cx, &[class.value()])?;
            for item in args.as_ref().map_or(&[][..], tuple_items) {
                List::push(cx, all, *item)?;
            }
            (function, Tuple::from_list(cx, all)?.value())
        }
        Some(kwargs) => {
            let function = cx.import_from("copyreg", "__newobj_ex__")?;
            let args = args.map_or(NONE, |args| args.value());
            (function, cx.tuple(&[class.value(), args, kwargs.value()]))
        }
    };
    let (is_list, is_dict) = (types::is_instance(cx, object, Kind::LIST), types::is_instance(cx, object, Kind::DICT));
    let hook = find(cx, object, "__getstate__")?;
    let name = cx.intern("__getstate__");
    let base = cx.builtin_type(Kind::OBJECT);
    let state = match hook {
        Some(_) if types::lookup(cx, class, name) == types::lookup(cx, base, name) => {
            state_of(cx, object, !(has_args || is_list || is_dict))?
        }
        Some(hook) => call::call(cx, hook, &[], None)?,
        None => NONE,
    };
    let list_items = if is_list { operations::iterate(cx, object)? } else { NONE };
    let dict_items = if is_dict {
        let items = call::call_method(cx, object, "items", &[])?;
        operations::iterate(cx, items)?
    } else {
        NONE
    };
    Ok(cx.tuple(&[function, arguments, state, list_items, dict_items]))
}

/// Whether instances of a class consist of nothing but attributes, so that copying these copies all.
fn is_plain(class: Gc<Type>) -> bool {
    class.kind.get() == Kind::OBJECT as u64
}

/// The default state: the attribute dict, and with slots a pair of it and a dict of the slots' values. With `required`,
/// TypeError where an object has contents that its state does not show.
pub(super) fn state_of(cx: &mut Cx, object: Value, required: bool) -> PyResult {
    let class = class_of(cx, object);
    let has_dictionary = attribute::has_dictionary(cx, object);
    if required && !is_plain(class) {
        return Err(cx.type_error(format!("cannot pickle '{}' object", name_of(class))));
    }
    let state = match find(cx, object, "__dict__")? {
        Some(dict) if has_dictionary && downcast::<Dict>(dict).is_none_or(|dict| Dict::length(dict) > 0) => dict,
        _ => NONE,
    };
    let slot_names = slot_names(cx, class)?;
    let Some(names) = downcast::<List>(slot_names) else { return Ok(state) };
    if required && slots::total_count(class) > List::snapshot(&names).1 {
        return Err(cx.type_error(format!("cannot pickle '{}' object", name_of(class))));
    }
    let values = cx.dict();
    let (items, length) = List::snapshot(&names);
    for at in 0..length {
        let Some(name) = downcast::<Str>(elements(&items)[at].get()) else { continue };
        match attribute::get(cx, object, name) {
            Ok(value) => Dict::set_str(cx, values, name, value)?,
            Err(raised) => {
                if !types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) {
                    return Err(raised);
                }
                cx.take_raised();
            }
        }
    }
    if Dict::length(values) == 0 {
        return Ok(state);
    }
    Ok(cx.tuple(&[state, values.value()]))
}

/// `copyreg._slotnames(class)`, computed once per class: a list, or None where there are no slots.
fn slot_names(cx: &mut Cx, class: Gc<Type>) -> PyResult {
    let key = cx.intern("__slotnames__");
    if let Some(known) = crate::types::namespace::get(cx, class, key) {
        return Ok(known);
    }
    if slots::total_count(class) == 0 {
        return Ok(NONE);
    }
    let function = cx.import_from("copyreg", "_slotnames")?;
    let names = call::call(cx, function, &[class.value()], None)?;
    if names != NONE && downcast::<List>(names).is_none() {
        return Err(cx.type_error("copyreg._slotnames didn't return a list or None"));
    }
    Ok(names)
}

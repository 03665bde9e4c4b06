//! Building, reading and taking apart containers and strings.

use super::{NO_REGISTER, registers, set_result};
use crate::bind;
use crate::runtime_functions::join_strings;
use py_object::objects::*;
use py_object::operations;
use py_object::sequence::{elements, tuple_items};
use py_object::types::direct::{self, Special};
use py_object::types::{self, class_name, is_exactly, template};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call, downcast};
use vm_heap::Value;
use vm_machine::{Frame, Instruction};

/// Builds a tuple of `c` registers from `b` on.
#[inline(always)]
pub fn build_tuple(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let tuple = Tuple::new(cx, registers(frame, i.b(), i.c()));
    frame.set(i.a(), tuple.value());
    Ok(())
}

/// Builds a list of `c` registers from `b` on.
#[inline(always)]
pub fn build_list(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let list = List::new(cx, registers(frame, i.b(), i.c()))?;
    frame.set(i.a(), list.value());
    Ok(())
}

/// Builds a set of `c` registers from `b` on.
#[inline(always)]
pub fn build_set(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let set = types::set::of_elements(cx, registers(frame, i.b(), i.c()))?;
    frame.set(i.a(), set.value());
    Ok(())
}

/// Builds a dict of `c` key-value pairs from `b` on.
#[inline(always)]
pub fn build_dict(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let dict = Dict::of_pairs(cx, registers(frame, i.b(), 2 * i.c()))?;
    frame.set(i.a(), dict.value());
    Ok(())
}

/// Joins `c` strings from `b` on.
#[inline(always)]
pub fn build_string(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let string = join_strings(cx, registers(frame, i.b(), i.c()))?;
    frame.set(i.a(), string);
    Ok(())
}

/// Builds a slice of 2 or 3 registers from `b` on.
pub fn build_slice(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let parts = registers(frame, i.b(), i.c());
    let slice = Slice::new(cx, parts[0], parts[1], parts.get(2).copied().unwrap_or(NONE));
    frame.set(i.a(), slice.value());
    Ok(())
}

/// Appends `b` to the list `a`.
#[inline(always)]
pub fn list_append(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let list = downcast::<List>(frame.get(i.a())).expect("the compiler builds the list");
    List::push(cx, list, frame.get(i.b()))
}

/// Adds `b` to the set `a`.
#[inline(always)]
pub fn set_add(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let set = downcast::<Set>(frame.get(i.a())).expect("the compiler builds the set");
    types::set::add(cx, set, frame.get(i.b()))
}

/// Sets key `b` of the dict `a` to `c`.
#[inline(always)]
pub fn dict_insert(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let dict = downcast::<Dict>(frame.get(i.a())).expect("the compiler builds the dict");
    Dict::set(cx, dict, frame.get(i.b()), frame.get(i.c()))
}

/// Appends the items of iterable `b` to the list `a`.
pub fn list_extend(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    extend_list(cx, frame.get(i.a()), frame.get(i.b()))
}

/// Appends the items of what stands behind a star to a list that the compiler builds.
pub(crate) fn extend_list(cx: &mut Cx, list: Value, source: Value) -> PyResult<()> {
    let list = downcast::<List>(list).expect("the compiler builds the list");
    if is_exactly(source, Kind::TUPLE) || is_exactly(source, Kind::LIST) {
        return types::list::extend(cx, list, source);
    }
    let iterator = match operations::iterate(cx, source) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if types::lookup_special(cx, source, "__iter__").is_none() {
                cx.take_raised();
                let message = format!("Value after * must be an iterable, not {}", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            return Err(raised);
        }
    };
    while let Some(item) = operations::next(cx, iterator)? {
        List::push(cx, list, item)?;
    }
    Ok(())
}

/// Adds the items of iterable `b` to the set `a`.
pub fn set_update(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    call::call_method(cx, frame.get(i.a()), "update", &[frame.get(i.b())]).map(drop)
}

/// Inserts the items of mapping `b` into the dict `a`.
pub fn dict_update(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let source = frame.get(i.b());
    if downcast::<Dict>(source).is_none() && types::lookup_special(cx, source, "keys").is_none() {
        let message = format!("'{}' object is not a mapping", class_name(cx, source));
        return Err(cx.type_error(message));
    }
    call::call_method(cx, frame.get(i.a()), "update", &[source]).map(drop)
}

/// Builds a tuple of the list `b`.
pub fn list_to_tuple(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let list = downcast::<List>(frame.get(i.b())).expect("the compiler builds the list");
    let tuple = Tuple::from_list(cx, list)?;
    frame.set(i.a(), tuple.value());
    Ok(())
}

/// `b[c]`.
#[inline(always)]
pub fn load_item(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let result = operations::get_item(cx, frame.get(i.b()), frame.get(i.c()))?;
    frame.set(i.a(), result);
    Ok(())
}

/// `a[b] = c`.
#[inline(always)]
pub fn store_item(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    operations::set_item(cx, frame.get(i.a()), frame.get(i.b()), frame.get(i.c()))
}

/// `del a[b]`.
pub fn delete_item(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    operations::delete_item(cx, frame.get(i.a()), frame.get(i.b()))
}

/// `len(b)`.
pub fn get_length(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let length = operations::length(cx, frame.get(i.b()))?;
    frame.set(i.a(), Value::int(length as i64));
    Ok(())
}

/// Builds a string.templatelib.Interpolation: value r[b], expression text r[b+1], format specification `c`.
pub fn build_interpolation(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let conversion = (i.x() != 0).then_some(char::from(i.x()));
    let specification = (i.c() != NO_REGISTER).then(|| frame.get(i.c()));
    let (value, expression) = (frame.get(i.b()), frame.get(i.b() + 1));
    let made = template::new_interpolation(cx, value, expression, conversion, specification);
    frame.set(i.a(), made);
    Ok(())
}

/// Builds a string.templatelib.Template of a tuple of strings and a tuple of interpolations.
pub fn build_template(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let made = template::new_template(cx, frame.get(i.b()), frame.get(i.c()));
    frame.set(i.a(), made);
    Ok(())
}

/// As `dict_update`, but a key there twice raises TypeError for the callable `c`.
pub fn dict_merge(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let (source, callee) = (frame.get(i.b()), frame.get(i.c()));
    let dict = match downcast::<Dict>(source) {
        Some(dict) => dict,
        None => {
            if types::lookup_special(cx, source, "keys").is_none() {
                let display = bind::callee_display(cx, callee);
                let message = format!("{display} argument after ** must be a mapping, not {}", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            let copy = Dict::new(cx);
            call::call_method(cx, copy.value(), "update", &[source])?;
            copy
        }
    };
    let Some(target) = downcast::<Dict>(frame.get(i.a())) else {
        // The only mapping of a call.
        frame.set(i.a(), dict.value());
        return Ok(());
    };
    if Dict::length(target) == 0 && target != dict && Dict::copy_into(cx, target, dict)? {
        return Ok(());
    }
    let mut position = 0;
    while let Some((key, value, hash)) = Dict::next_hashed(dict, &mut position) {
        if Dict::get_hashed(cx, target, key, hash)?.is_some() {
            let (display, key) = (bind::callee_display(cx, callee), operations::to_str(cx, key)?.to_text());
            return Err(cx.type_error(format!("{display} got multiple values for keyword argument '{key}'")));
        }
        Dict::set_hashed(cx, target, key, hash, value)?;
    }
    Ok(())
}

/// `format(b, c)`, with an empty specification if `c` is none; x = conversion ('s', 'r', 'a' or 0) applied first.
#[inline(always)]
pub fn format_value(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    // The compiler gives the specification as text.
    let specification = if i.c() == NO_REGISTER { None } else { downcast::<Str>(frame.get(i.c())) };
    set_result(frame, i, types::format::field_value(cx, frame.get(i.b()), i.x(), specification))
}

/// Unpacks `b` into exactly `c` registers from `a` on, which are written only when all items are there.
pub fn unpack_sequence(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let (source, wanted) = (frame.get(i.b()), i.c());
    if let Some(tuple) = downcast::<Tuple>(source)
        && direct::inherits(cx, source, Special::Iter, Kind::TUPLE)
        && let items = tuple_items(&tuple)
        && items.len() == wanted
    {
        items.iter().enumerate().for_each(|(at, item)| frame.set(i.a() + at, *item));
        return Ok(());
    }
    let iterator = unpack_iterator(cx, source)?;
    let list = List::new(cx, &[])?;
    for got in 0..wanted {
        match operations::next(cx, iterator)? {
            Some(item) => List::push(cx, list, item)?,
            None => {
                let message = format!("not enough values to unpack (expected {wanted}, got {got})");
                return Err(cx.value_error(message));
            }
        }
    }
    if operations::next(cx, iterator)?.is_some() {
        let known = [Kind::LIST, Kind::TUPLE, Kind::DICT].iter().any(|kind| is_exactly(source, *kind));
        let message = if known {
            let length = operations::length(cx, source)?;
            format!("too many values to unpack (expected {wanted}, got {length})")
        } else {
            format!("too many values to unpack (expected {wanted})")
        };
        return Err(cx.value_error(message));
    }
    let (items, _) = List::snapshot(&list);
    for (register, item) in elements(&items).iter().enumerate().take(wanted) {
        frame.set(i.a() + register, item.get());
    }
    Ok(())
}

fn unpack_iterator(cx: &mut Cx, source: Value) -> PyResult {
    match operations::iterate(cx, source) {
        Ok(iterator) => Ok(iterator),
        Err(raised) => {
            if types::lookup_special(cx, source, "__iter__").is_none() {
                cx.take_raised();
                let message = format!("cannot unpack non-iterable {} object", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            Err(raised)
        }
    }
}

/// Unpacks `b` around a starred target: `c & 255` registers, a list, `c >> 8` registers, from `a` on.
pub fn unpack_ex(cx: &mut Cx, frame: &mut Frame, _start: *const u64, i: Instruction) -> PyResult<()> {
    let (before, after) = (i.c() & 255, i.c() >> 8);
    let source = frame.get(i.b());
    let list = List::new(cx, &[])?;
    if is_exactly(source, Kind::LIST) || is_exactly(source, Kind::TUPLE) {
        types::list::extend(cx, list, source)?;
    } else {
        let iterator = unpack_iterator(cx, source)?;
        while let Some(item) = operations::next(cx, iterator)? {
            List::push(cx, list, item)?;
        }
    }
    let (items, length) = List::snapshot(&list);
    if length < before + after {
        let least = if after == 0 { before } else { before + after };
        let message = format!("not enough values to unpack (expected at least {least}, got {length})");
        return Err(cx.value_error(message));
    }
    let values = bind::array_values(&items, length);
    let middle = List::new(cx, &values[before..length - after])?;
    for (register, value) in values[..before].iter().enumerate() {
        frame.set(i.a() + register, *value);
    }
    frame.set(i.a() + before, middle.value());
    for (register, value) in values[length - after..].iter().enumerate() {
        frame.set(i.a() + before + 1 + register, *value);
    }
    Ok(())
}

//! `FrameLocalsProxy`: the variables of a function's frame as a mapping that writes through (PEP 667).

use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::frames::{self, Variable, unit_of};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Dict, FrameObject, List, Record, Str, Type};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name, dict, list, object};
use py_macros::py_methods;
use vm_heap::{Gc, Value};
use vm_machine::Raised;

/// The mapping of a frame.
pub(super) fn new(cx: &mut Cx, frame: Gc<FrameObject>) -> Value {
    let record = allocate::<Record>(cx.mutator(), Kind::FRAME_LOCALS_PROXY.shape());
    record.first.init(frame.value());
    for field in [&record.second, &record.third, &record.fourth] {
        field.init(NONE);
    }
    record.value()
}

fn frame_of(proxy: Gc<Record>) -> Gc<FrameObject> {
    downcast::<FrameObject>(proxy.first.get()).expect("a proxy has a frame")
}

/// The variables with a key for their name, the ones of inlined comprehensions last. A key that is no string may equal one.
fn variables_named(cx: &mut Cx, frame: Gc<FrameObject>, key: Value) -> PyResult<Vec<Variable>> {
    let all = frames::variables(unit_of(cx, frame.code.get()));
    if types::is_exactly(key, Kind::STR)
        && let Some(name) = downcast::<Str>(key)
    {
        let name = name.to_text();
        return Ok(all.filter(|variable| variable.name == name).collect());
    }
    let hash = operations::hash(cx, key)?;
    let mut found = Vec::new();
    for variable in all {
        let name = cx.intern(variable.name).value();
        if operations::hash(cx, name)? == hash && operations::equal(cx, name, key)? {
            found.push(variable);
        }
    }
    Ok(found)
}

fn find(cx: &mut Cx, frame: Gc<FrameObject>, key: Value) -> PyResult<Option<Value>> {
    for variable in variables_named(cx, frame, key)? {
        let value = frames::variable_value(cx, frame, variable);
        if value != UNBOUND {
            return Ok(Some(value));
        }
    }
    match downcast::<Dict>(frame.extra.get()) {
        Some(extra) => Dict::get(cx, extra, key),
        None => Ok(None),
    }
}

fn store(cx: &mut Cx, frame: Gc<FrameObject>, key: Value, value: Value) -> PyResult<()> {
    for variable in variables_named(cx, frame, key)? {
        if frames::set_variable(cx, frame, variable, value) {
            return Ok(());
        }
    }
    let extra = match downcast::<Dict>(frame.extra.get()) {
        Some(extra) => extra,
        None => {
            let extra = cx.dict();
            frame.extra.set(cx.mutator(), frame, extra.value());
            extra
        }
    };
    Dict::set(cx, extra, key, value)
}

/// All of it as a dict.
fn snapshot(cx: &mut Cx, frame: Gc<FrameObject>) -> PyResult<Gc<Dict>> {
    let all = cx.dict();
    for variable in frames::variables(unit_of(cx, frame.code.get())) {
        let value = frames::variable_value(cx, frame, variable);
        let name = cx.intern(variable.name);
        // Of a comprehension's variable and a shared one of the same name, the comprehension's hides the other.
        if value != UNBOUND && Dict::get_str(cx, all, name).is_none() {
            Dict::set_str(cx, all, name, value)?;
        }
    }
    if let Some(extra) = downcast::<Dict>(frame.extra.get()) {
        dict::merge(cx, all, extra)?;
    }
    Ok(all)
}

fn missing(cx: &mut Cx, key: Value) -> PyResult<Raised> {
    let mut text = String::from("local variable '");
    object::push_repr(cx, &mut text, key)?;
    text.push_str("' is not defined");
    Ok(cx.raise(Kind::KEY_ERROR, text))
}

/// Whether a key is a local variable's; those can't be removed.
fn is_variable(cx: &mut Cx, frame: Gc<FrameObject>, key: Value) -> PyResult<bool> {
    variables_named(cx, frame, key).map(|variables| !variables.is_empty())
}

fn remove(cx: &mut Cx, frame: Gc<FrameObject>, key: Value) -> PyResult<Option<Value>> {
    if is_variable(cx, frame, key)? {
        return Err(cx.value_error("cannot remove local variables from FrameLocalsProxy"));
    }
    match downcast::<Dict>(frame.extra.get()) {
        Some(extra) => Dict::remove(cx, extra, key),
        None => Ok(None),
    }
}

fn update(cx: &mut Cx, frame: Gc<FrameObject>, other: Value) -> PyResult<()> {
    let copy = cx.dict();
    match downcast::<Record>(other).filter(|_| types::is_exactly(other, Kind::FRAME_LOCALS_PROXY)) {
        Some(proxy) => {
            let all = snapshot(cx, frame_of(proxy))?;
            dict::merge(cx, copy, all)?;
        }
        None => dict::update(cx, copy, other)?,
    }
    let mut position = 0;
    while let Some((key, value)) = Dict::next(copy, &mut position) {
        store(cx, frame, key, value)?;
    }
    Ok(())
}

fn is_mapping(cx: &Cx, value: Value) -> bool {
    downcast::<Dict>(value).is_some() || types::is_instance(cx, value, Kind::FRAME_LOCALS_PROXY)
}

/// A dict of either operand of `|`.
fn union(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    if !is_mapping(cx, lhs) || !is_mapping(cx, rhs) {
        return Ok(NOT_IMPLEMENTED);
    }
    let all = cx.dict();
    for side in [lhs, rhs] {
        match downcast::<Record>(side) {
            Some(proxy) => {
                let part = snapshot(cx, frame_of(proxy))?;
                dict::merge(cx, all, part)?;
            }
            None => dict::update(cx, all, side)?,
        }
    }
    Ok(all.value())
}

/// The methods of the mapping.
pub struct Methods;

#[py_methods(FRAME_LOCALS_PROXY, name = "FrameLocalsProxy")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !kwargs.is_empty() {
            return Err(cx.type_error("FrameLocalsProxy takes no keyword arguments"));
        }
        let [frame] = args else {
            return Err(cx.type_error(format!("FrameLocalsProxy expected 1 argument, got {}", args.len())));
        };
        match downcast::<FrameObject>(*frame) {
            Some(frame) => Ok(new(cx, frame)),
            None => {
                let class = class_name(cx, *frame);
                Err(cx.type_error(format!("expect frame, not {class}")))
            }
        }
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<Gc<Str>> {
        let Some(_guard) = object::enter_repr(cx, this.first.get()) else { return Ok(cx.intern("{...}")) };
        let all = snapshot(cx, frame_of(this))?;
        operations::repr(cx, all.value())
    }
    #[method]
    fn __len__(cx: &mut Cx, this: Gc<Record>) -> PyResult<usize> {
        snapshot(cx, frame_of(this)).map(Dict::length)
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Record>, key: Value) -> PyResult {
        match find(cx, frame_of(this), key)? {
            Some(value) => Ok(value),
            None => Err(missing(cx, key)?),
        }
    }
    #[method]
    fn __setitem__(cx: &mut Cx, this: Gc<Record>, key: Value, value: Value) -> PyResult<()> {
        store(cx, frame_of(this), key, value)
    }
    #[method]
    fn __delitem__(cx: &mut Cx, this: Gc<Record>, key: Value) -> PyResult<()> {
        match remove(cx, frame_of(this), key)? {
            Some(_) => Ok(()),
            None => Err(types::dict::key_error(cx, key)),
        }
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Record>, key: Value) -> PyResult<bool> {
        find(cx, frame_of(this), key).map(|found| found.is_some())
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let keys = Methods::keys(cx, this)?;
        operations::iterate(cx, keys.value())
    }
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let keys = Methods::keys(cx, this)?;
        crate::call::call_method(cx, keys.value(), "reverse", &[])?;
        Ok(keys.value())
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Record>, other: Value) -> PyResult {
        if let Some(other) = downcast::<Record>(other).filter(|_| is_mapping(cx, other)) {
            return Ok(bool_value(frame_of(this) == frame_of(other)));
        }
        if downcast::<Dict>(other).is_none() {
            return Ok(NOT_IMPLEMENTED);
        }
        let all = snapshot(cx, frame_of(this))?;
        operations::equal(cx, all.value(), other).map(bool_value)
    }
    #[method]
    fn __or__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union(cx, this, value)
    }
    #[method]
    fn __ror__(cx: &mut Cx, this: Value, value: Value) -> PyResult {
        union(cx, value, this)
    }
    #[method]
    fn __ior__(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        if !is_mapping(cx, value) {
            return Ok(NOT_IMPLEMENTED);
        }
        update(cx, frame_of(this), value)?;
        Ok(this.value())
    }
    #[method]
    fn keys(cx: &mut Cx, this: Gc<Record>) -> PyResult<Gc<List>> {
        let all = snapshot(cx, frame_of(this))?;
        dict::keys(cx, all)
    }
    #[method]
    fn values(cx: &mut Cx, this: Gc<Record>) -> PyResult<Gc<List>> {
        let all = snapshot(cx, frame_of(this))?;
        let values = crate::call::call_method(cx, all.value(), "values", &[])?;
        list::from_iterable(cx, values)
    }
    #[method]
    fn items(cx: &mut Cx, this: Gc<Record>) -> PyResult<Gc<List>> {
        let all = snapshot(cx, frame_of(this))?;
        let items = crate::call::call_method(cx, all.value(), "items", &[])?;
        list::from_iterable(cx, items)
    }
    #[method]
    fn copy(cx: &mut Cx, this: Gc<Record>) -> PyResult<Gc<Dict>> {
        snapshot(cx, frame_of(this))
    }
    #[method]
    fn get(cx: &mut Cx, this: Gc<Record>, key: Value, #[default(NONE)] default: Value) -> PyResult {
        Ok(find(cx, frame_of(this), key)?.unwrap_or(default))
    }
    #[method]
    fn setdefault(cx: &mut Cx, this: Gc<Record>, key: Value, #[default(NONE)] default: Value) -> PyResult {
        if let Some(value) = find(cx, frame_of(this), key)? {
            return Ok(value);
        }
        store(cx, frame_of(this), key, default)?;
        Ok(default)
    }
    #[method]
    fn pop(cx: &mut Cx, this: Gc<Record>, key: Value, #[default(UNBOUND)] default: Value) -> PyResult {
        match remove(cx, frame_of(this), key)? {
            Some(value) => Ok(value),
            None if default != UNBOUND => Ok(default),
            None => Err(types::dict::key_error(cx, key)),
        }
    }
    #[method]
    fn update(cx: &mut Cx, this: Gc<Record>, other: Value) -> PyResult<()> {
        update(cx, frame_of(this), other)
    }
}

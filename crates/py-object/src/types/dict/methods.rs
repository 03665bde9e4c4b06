//! The methods of `dict`.

use super::*;
use crate::arguments::Keywords;
use crate::cx::{NONE, NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::kinds::shapes;
use crate::object::allocate;
use crate::objects::{Set, Type};
use crate::sequence::new_iterator;
use crate::types::{dict, object};
use py_macros::py_methods;

fn iterator(cx: &mut Cx, this: Gc<Dict>) -> Value {
    let expected = Value::int(Dict::length(this) as i64);
    new_iterator(cx, shapes::DICT_KEY_ITERATOR, this.value(), Value::int(0), expected, Value::int(0))
}

fn fill(cx: &mut Cx, this: Gc<Dict>, args: &[Value], kwargs: Keywords<'_>) -> PyResult<()> {
    if let Some(source) = args.first() {
        update(cx, this, *source)?;
    } else if !kwargs.is_empty() {
        Dict::reserve(cx, this, kwargs.iter().count())?;
    }
    for (name, value) in kwargs.iter() {
        Dict::set_str(cx, this, name, value)?;
    }
    Ok(())
}

/// `other | this` and the like: a new dict, unless a side is none.
fn union(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult {
    let (Some(lhs), Some(rhs)) = (downcast::<Dict>(lhs), downcast::<Dict>(rhs)) else { return Ok(NOT_IMPLEMENTED) };
    let result = copy(cx, lhs)?;
    merge(cx, result, rhs)?;
    Ok(result.value())
}

/// The methods of `dict`.
pub struct Methods;

#[py_methods(DICT)]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> Gc<Dict> {
        // The arguments belong to `__init__`.
        let _ = (args, kwargs);
        let dict = allocate::<Dict>(cx.mutator(), types::instance_shape(class).id);
        dict.live.init(Value::int(0));
        dict.filled.init(Value::int(0));
        types::note_instance(cx, class, dict.value());
        dict
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Gc<Dict>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(cx.type_error(format!("dict expected at most 1 argument, got {}", args.len())));
        }
        fill(cx, this, args, kwargs)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Dict>) -> PyResult<String> {
        let Some(_guard) = object::enter_repr(cx, this.value()) else { return Ok("{...}".to_string()) };
        let mut text = String::from("{");
        let mut position = 0;
        while let Some((key, value)) = Dict::next(this, &mut position) {
            if text.len() > 1 {
                text.push_str(", ");
            }
            object::push_repr(cx, &mut text, key)?;
            text.push_str(": ");
            object::push_repr(cx, &mut text, value)?;
        }
        text.push('}');
        Ok(text)
    }
    #[method(trace = Reads, transaction = Reads)]
    fn __len__(this: Gc<Dict>) -> usize {
        length(this)
    }
    /// Return self[key].
    #[method(transaction = Reads)]
    fn __getitem__(cx: &mut Cx, this: Gc<Dict>, key: Value) -> PyResult {
        if let Some(value) = Dict::get(cx, this, key)? {
            return Ok(value);
        }
        if !types::is_exactly(this.value(), Kind::DICT)
            && let Some(hook) = types::lookup_special(cx, this.value(), "__missing__")
        {
            return crate::call::call_special(cx, hook, this.value(), &[key], None);
        }
        Err(key_error(cx, key))
    }
    #[method(transaction = Writes)]
    fn __setitem__(cx: &mut Cx, this: Gc<Dict>, key: Value, value: Value) -> PyResult<()> {
        Dict::set(cx, this, key, value)
    }
    #[method(transaction = Writes)]
    fn __delitem__(cx: &mut Cx, this: Gc<Dict>, key: Value) -> PyResult<()> {
        match Dict::remove(cx, this, key)? {
            Some(_) => Ok(()),
            None => Err(key_error(cx, key)),
        }
    }
    /// True if the dictionary has the specified key, else False.
    #[method(transaction = Reads)]
    fn __contains__(cx: &mut Cx, this: Gc<Dict>, key: Value) -> PyResult<bool> {
        Ok(Dict::get(cx, this, key)?.is_some())
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Dict>) -> Value {
        iterator(cx, this)
    }
    /// Return a reverse iterator over the dict keys.
    #[method]
    fn __reversed__(cx: &mut Cx, this: Gc<Dict>) -> PyResult {
        views::backwards(cx, this, shapes::DICT_REVERSE_KEY_ITERATOR)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Dict>, value: Value) -> PyResult {
        match downcast::<Dict>(value) {
            Some(other) => Ok(bool_value(equal(cx, this, other)?)),
            None => Ok(NOT_IMPLEMENTED),
        }
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<Dict>, value: Value) -> PyResult {
        match downcast::<Dict>(value) {
            Some(other) => Ok(bool_value(!equal(cx, this, other)?)),
            None => Ok(NOT_IMPLEMENTED),
        }
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
    fn __ior__(cx: &mut Cx, this: Gc<Dict>, value: Value) -> PyResult<Gc<Dict>> {
        update(cx, this, value)?;
        Ok(this)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        crate::types::generic::alias(cx, class, object)
    }
    /// Return the value for key if key is in the dictionary, else default.
    #[method(transaction = Reads)]
    fn get(cx: &mut Cx, this: Gc<Dict>, key: Value, #[default(NONE)] default: Value) -> PyResult {
        Ok(Dict::get(cx, this, key)?.unwrap_or(default))
    }
    /// D.pop(k[,d]) -> v, remove specified key and return the corresponding value.
    ///
    /// If the key is not found, return the default if given; otherwise,
    /// raise a KeyError.
    #[method(transaction = Writes)]
    fn pop(cx: &mut Cx, this: Gc<Dict>, key: Value, #[default(UNBOUND)] default: Value) -> PyResult {
        match Dict::remove(cx, this, key)? {
            Some(value) => Ok(value),
            None if default != UNBOUND => Ok(default),
            None => Err(key_error(cx, key)),
        }
    }
    /// Remove and return a (key, value) pair as a 2-tuple.
    ///
    /// Pairs are returned in LIFO (last-in, first-out) order.
    /// Raises KeyError if the dict is empty.
    #[method(transaction = Writes)]
    fn popitem(cx: &mut Cx, this: Gc<Dict>) -> PyResult {
        loop {
            let Some((key, _)) = Dict::last(this) else {
                let text = cx.intern("popitem(): dictionary is empty");
                return Err(key_error(cx, text.value()));
            };
            // Another thread may have been faster: then take the one before.
            if let Some(value) = Dict::remove(cx, this, key)? {
                return Ok(cx.tuple(&[key, value]));
            }
        }
    }
    /// Insert key with a value of default if key is not in the dictionary.
    ///
    /// Return the value for key if key is in the dictionary, else default.
    #[method(transaction = Writes)]
    fn setdefault(cx: &mut Cx, this: Gc<Dict>, key: Value, #[default(NONE)] default: Value) -> PyResult {
        Dict::set_default(cx, this, key, default)
    }
    /// D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.
    ///
    /// If E is present and has a .keys() method, then does:  for k in E.keys(): D[k] = E[k]
    /// If E is present and lacks a .keys() method, then does:  for k, v in E: D[k] = v
    /// In either case, this is followed by: for k in F:  D[k] = F[k]
    #[method(signature = "")]
    fn update(cx: &mut Cx, this: Gc<Dict>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(cx.type_error(format!("update expected at most 1 argument, got {}", args.len())));
        }
        fill(cx, this, args, kwargs)
    }
    /// Remove all items from the dict.
    #[method(transaction = Writes)]
    fn clear(cx: &mut Cx, this: Gc<Dict>) {
        Dict::clear(cx, this)
    }
    /// Return a shallow copy of the dict.
    #[method(transaction = Reads)]
    fn copy(cx: &mut Cx, this: Gc<Dict>) -> PyResult<Gc<Dict>> {
        dict::copy(cx, this)
    }
    /// Create a new dictionary with keys from iterable and values set to value.
    #[classmethod]
    fn fromkeys(cx: &mut Cx, class: Value, iterable: Value, #[default(NONE)] value: Value) -> PyResult {
        let result = crate::call::call(cx, class, &[], None)?;
        let elements = match downcast::<Set>(iterable) {
            Some(set) => Some(Set::elements(set)),
            None if types::is_exactly(iterable, Kind::DICT) => downcast::<Dict>(iterable),
            None => None,
        };
        if let Some(elements) = elements
            && types::is_exactly(result, Kind::DICT)
            && let Some(dict) = downcast::<Dict>(result)
        {
            let mut position = 0;
            while let Some((key, _, hash)) = Dict::next_hashed(elements, &mut position) {
                Dict::set_hashed(cx, dict, key, hash, value)?;
            }
            return Ok(result);
        }
        let iterator = operations::iterate(cx, iterable)?;
        while let Some(key) = operations::next(cx, iterator)? {
            match downcast::<Dict>(result) {
                Some(dict) if types::is_exactly(result, Kind::DICT) => Dict::set(cx, dict, key, value)?,
                _ => operations::set_item(cx, result, key, value)?,
            }
        }
        Ok(result)
    }
    /// D.keys() -> a set-like object providing a view on D's keys
    #[method]
    fn keys(cx: &mut Cx, this: Gc<Dict>) -> Value {
        new_iterator(cx, shapes::DICT_KEYS, this.value(), NONE, NONE, NONE)
    }
    /// D.values() -> an object providing a view on D's values
    #[method]
    fn values(cx: &mut Cx, this: Gc<Dict>) -> Value {
        new_iterator(cx, shapes::DICT_VALUES, this.value(), NONE, NONE, NONE)
    }
    /// D.items() -> a set-like object providing a view on D's items
    #[method]
    fn items(cx: &mut Cx, this: Gc<Dict>) -> Value {
        new_iterator(cx, shapes::DICT_ITEMS, this.value(), NONE, NONE, NONE)
    }
}

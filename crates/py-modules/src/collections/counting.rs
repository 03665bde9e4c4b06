//! What `collections.Counter` counts with.

use py_object::iterators::Items;
use py_object::objects::Dict;
use py_object::operations::{self, BinaryOperator};
use py_object::types::{class_of, lookup};
use py_object::{Cx, Kind, PyResult, attribute, call, downcast};
use vm_heap::{Gc, Value};

/// Adds one to the count of each element in a mapping.
pub fn count(cx: &mut Cx, mapping: Value, iterable: Value) -> PyResult<()> {
    let mut items = Items::of(cx, iterable)?;
    if let Some(dict) = downcast::<Dict>(mapping)
        && is_plain(cx, mapping)
    {
        while let Some(element) = items.next(cx)? {
            let hash = operations::hash(cx, element)?;
            let old = Dict::get_hashed(cx, dict, element, hash)?.unwrap_or(Value::int(0));
            let new = increment(cx, old)?;
            Dict::set_hashed(cx, dict, element, hash, new)?;
        }
        return Ok(());
    }
    let name = cx.intern("get");
    let get = attribute::get(cx, mapping, name)?;
    while let Some(element) = items.next(cx)? {
        let old = call::call(cx, get, &[element, Value::int(0)], None)?;
        let new = increment(cx, old)?;
        operations::set_item(cx, mapping, element, new)?;
    }
    Ok(())
}

fn increment(cx: &mut Cx, count: Value) -> PyResult {
    operations::binary(cx, BinaryOperator::Add, count, Value::int(1), false)
}

/// Whether reading and writing a dict of a subclass is what it is for `dict` itself.
fn is_plain(cx: &mut Cx, mapping: Value) -> bool {
    let (class, base) = (class_of(cx, mapping), cx.builtin_type(Kind::DICT));
    ["get", "__setitem__"].into_iter().all(|name| {
        let name: Gc<_> = cx.intern(name);
        let own = lookup(cx, class, name);
        own == lookup(cx, base, name)
    })
}

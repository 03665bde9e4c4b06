//! `groupby` and the iterators over its groups. A group ends when the groupby moves on.

use super::Step;
use py_macros::py_methods;
use py_object::objects::{Array, Type};
use py_object::types::class_name;
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, call, downcast, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// A groupby; its groups are objects of the same layout, of which they use `source` (the groupby) and `target`.
    pub struct GroupBy = 442 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The iterator.
        source: Value,
        /// The key function or None.
        function: Value,
        /// Key of the group that was given last, or UNBOUND.
        target: Value,
        /// Key of the item drawn last, or UNBOUND.
        key: Value,
        /// The item drawn last, UNBOUND once given.
        item: Value,
        /// The group that may give items, or None.
        group: Value,
    }
}

/// A new group: only it may draw from the groupby from now on.
fn new_group(cx: &mut Cx, parent: Gc<GroupBy>, target: Value) -> Gc<GroupBy> {
    let class = cx.builtin_type(Kind::GROUPER);
    let group = crate::new_object::<GroupBy>(cx, class);
    group.source.init(parent.value());
    group.target.init(target);
    for field in [&group.function, &group.key, &group.item, &group.group] {
        field.init(NONE);
    }
    parent.group.set(cx.mutator(), parent, group.value());
    group
}

/// Draws the next item and its key; false at the end.
fn draw(cx: &mut Cx, tool: Gc<GroupBy>) -> PyResult<bool> {
    let Some(item) = operations::next(cx, tool.source.get())? else { return Ok(false) };
    let function = tool.function.get();
    let key = if function == NONE { item } else { call::call(cx, function, &[item], None)? };
    tool.item.set(cx.mutator(), tool, item);
    tool.key.set(cx.mutator(), tool, key);
    Ok(true)
}

/// One step of a groupby: the next key and its group.
pub fn group_by(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<GroupBy>(tool) else { return Ok(None) };
    tool.group.init(NONE);
    loop {
        let (key, target) = (tool.key.get(), tool.target.get());
        if key != UNBOUND && (target == UNBOUND || !operations::equal(cx, target, key)?) {
            break;
        }
        if !draw(cx, tool)? {
            return Ok(None);
        }
    }
    let key = tool.key.get();
    tool.target.set(cx.mutator(), tool, key);
    let group = new_group(cx, tool, key);
    Ok(Some(cx.tuple(&[key, group.value()])))
}

/// One step of a group.
pub fn grouper(cx: &mut Cx, tool: Value) -> Step {
    let Some(tool) = downcast::<GroupBy>(tool) else { return Ok(None) };
    let Some(parent) = downcast::<GroupBy>(tool.source.get()) else { return Ok(None) };
    if parent.group.get() != tool.value() {
        return Ok(None);
    }
    if parent.item.get() == UNBOUND && !draw(cx, parent)? {
        return Ok(None);
    }
    if !operations::equal(cx, tool.target.get(), parent.key.get())? {
        return Ok(None);
    }
    let item = parent.item.get();
    parent.item.init(UNBOUND);
    Ok((item != UNBOUND).then_some(item))
}

/// `groupby`.
pub struct GroupByMethods;

#[py_methods(GROUP_BY, name = "groupby")]
impl GroupByMethods {
    #[new(signature = "(iterable, key=None)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] iterable: Value,
        #[keyword]
        #[default(NONE)]
        key: Value,
    ) -> PyResult<Gc<GroupBy>> {
        let iterator = operations::iterate(cx, iterable)?;
        let tool = crate::new_object::<GroupBy>(cx, class);
        tool.source.init(iterator);
        tool.function.init(key);
        for field in [&tool.target, &tool.key, &tool.item] {
            field.init(UNBOUND);
        }
        tool.group.init(NONE);
        Ok(tool)
    }
}

/// `_grouper`.
pub struct GrouperMethods;

#[py_methods(GROUPER, name = "_grouper")]
impl GrouperMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, parent: Value, tgtkey: Value) -> PyResult<Gc<GroupBy>> {
        match downcast::<GroupBy>(parent).filter(|_| py_object::types::is_instance(cx, parent, Kind::GROUP_BY)) {
            Some(parent) => Ok(new_group(cx, parent, tgtkey)),
            None => {
                let message =
                    format!("_grouper() argument 1 must be itertools.groupby, not {}", class_name(cx, parent));
                Err(cx.type_error(message))
            }
        }
    }
}

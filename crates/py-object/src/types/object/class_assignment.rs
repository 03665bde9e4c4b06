//! `object.__class__ = class`: the object gets the shape that it would have as an instance of the other class.

use crate::attribute;
use crate::cx::{Cx, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Module, Type};
use crate::runtime::Assumption;
use crate::shape::{Shape, ShapeKind, shape};
use crate::string::downcast;
use crate::types::{self, as_type, class_name, class_of, is_subclass, name_of, shape_id, slots};
use vm_heap::{Gc, Value};

pub(super) fn assign(cx: &mut Cx, object: Value, value: Value) -> PyResult<()> {
    if value == UNBOUND {
        return Err(cx.type_error("can't delete __class__ attribute"));
    }
    let Some(new) = as_type(value) else {
        let message = format!("__class__ must be set to a class, not '{}' object", class_name(cx, value));
        return Err(cx.type_error(message));
    };
    let old = class_of(cx, object);
    let module = cx.builtin_type(Kind::MODULE);
    let modules = is_subclass(old, module) && is_subclass(new, module);
    let mutable = |class: Gc<Type>| class.flags.get() & types::HEAP_TYPE != 0;
    if !(modules || mutable(old) && mutable(new)) {
        let message = "__class__ assignment only supported for mutable types or ModuleType subclasses";
        return Err(cx.type_error(message));
    }
    if old == new {
        return Ok(());
    }
    if !modules && !types::have_same_layout(new, old) {
        let message = format!("__class__ assignment: '{}' object layout differs from '{}'", name_of(new), name_of(old));
        return Err(cx.type_error(message));
    }
    // Types and modules have shapes of their own, which compiled code takes for constant.
    if as_type(object).is_some() || downcast::<Module>(object).is_some() {
        return move_singular(cx, object, new);
    }
    let Some(owner) = attribute::instance_handle(object) else { return Ok(()) };
    loop {
        let current = shape(shape_id(object));
        let target = current.of_class(new, &|name| slots::translate(name, old, new));
        let _locked = vm_stm::lock(&owner.word);
        if shape_id(object) == current.id {
            owner.header().set_shape(target.id);
            return Ok(());
        }
    }
}

fn move_singular(cx: &mut Cx, object: Value, class: Gc<Type>) -> PyResult<()> {
    let kind = shape(shape_id(object)).kind;
    debug_assert!(matches!(kind, ShapeKind::OneType | ShapeKind::OneModule));
    let target = Shape::register(None, class, kind, Vec::new(), 0);
    for _ in 0..2 {
        // Before and after: another thread may compile something in between.
        if let Some(invalidate) = cx.runtime.invalidate.get() {
            invalidate(cx, Assumption::Classes);
        }
        if let Some(handle) = attribute::instance_handle(object) {
            handle.header().set_shape(target.id);
        }
    }
    types::note_change();
    Ok(())
}

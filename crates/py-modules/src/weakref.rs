//! `_weakref`: what the library's `weakref` is built on.

use crate::module_of;
use py_macros::py_functions;
use py_object::objects::{Dict, List, Module};
use py_object::types::weak::{self, WeakReference};
use py_object::types::{self, class_of};
use py_object::{Cx, Kind, NONE, PyResult, downcast};
use vm_heap::{Gc, Value};

/// The functions.
pub struct Functions;

#[py_functions("_weakref")]
impl Functions {
    /// Return the number of weak references to 'object'.
    #[function]
    fn getweakrefcount(cx: &mut Cx, object: Value) -> usize {
        weak::count(cx, object)
    }
    /// Return a list of all weak reference objects pointing to 'object'.
    #[function]
    fn getweakrefs(cx: &mut Cx, object: Value) -> PyResult<Gc<List>> {
        weak::references(cx, object)
    }
    /// Create a proxy object that weakly references 'object'.
    ///
    /// 'callback', if given, is called with a reference to the
    /// proxy when 'object' is about to be finalized.
    #[function]
    fn proxy(cx: &mut Cx, object: Value, #[default(NONE)] callback: Value) -> PyResult {
        let callable = types::lookup_special(cx, object, "__call__").is_some();
        let kind = if callable { Kind::WEAK_CALLABLE_PROXY } else { Kind::WEAK_PROXY };
        let class = cx.builtin_type(kind);
        weak::new(cx, class, object, callback)
    }
    /// Atomically remove key from dict if it points to a dead weakref.
    #[function]
    fn _remove_dead_weakref(cx: &mut Cx, dct: Gc<Dict>, key: Value) -> PyResult<()> {
        let Some(value) = Dict::get(cx, dct, key)? else { return Ok(()) };
        let Some(reference) = downcast::<WeakReference>(value) else {
            let message = format!("not a weakref: {}", types::name_of(class_of(cx, value)));
            return Err(cx.type_error(message));
        };
        if weak::target(cx, reference).is_none() {
            Dict::remove(cx, dct, key)?;
        }
        Ok(())
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_weakref", FUNCTIONS);
    for (name, kind) in [
        ("ref", Kind::WEAK_REFERENCE),
        ("ReferenceType", Kind::WEAK_REFERENCE),
        ("ProxyType", Kind::WEAK_PROXY),
        ("CallableProxyType", Kind::WEAK_CALLABLE_PROXY),
    ] {
        let class = cx.builtin_type(kind).value();
        let name = cx.intern(name);
        Dict::set_str(cx, module.dict.get(), name, class)?;
    }
    Ok(module)
}

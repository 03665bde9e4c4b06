//! `weakref.ReferenceType`, and the proxies that stand for their objects.
//!
//! The collector clears the weak word when the object dies and queues the reference, whose callback then runs (see
//! `finalize`). An object's references are found through the collector's index.

mod proxy;

pub use proxy::{CALLABLE_PROXY_METHODS, PROXY_METHODS};

use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
use crate::kinds::Kind;
use crate::object;
use crate::object::allocate;
use crate::objects::{Array, List, Str, Type};
use crate::operations::{self, Comparison};
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name, class_of, is_exactly, object as base};
use crate::{attribute, call, finalize};
use py_macros::py_methods;
use vm_heap::{Gc, Value, WeakField};

object! {
    /// A weak reference or a proxy.
    pub struct WeakReference = 354 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The object; the collector sees no reference in it.
        target: u64,
        /// What is called with the reference when the object has died, or None.
        callback: Value,
        /// Hash of the object, or UNBOUND while unknown.
        hash: Value,
    }
}

fn weak_word(reference: &Gc<WeakReference>) -> &WeakField {
    // SAFETY: both are a transparent atomic word, and the layout lists this one as no reference.
    unsafe { &*(&raw const reference.target as *const WeakField) }
}

/// The object of a weak reference or proxy, while it lives.
pub fn target(cx: &Cx, reference: Gc<WeakReference>) -> Option<Value> {
    weak_word(&reference).get(cx.mutator())
}

/// The object of a weak reference that nobody has called back.
fn target_of(cx: &Cx, reference: Value) -> Option<Value> {
    target(cx, downcast::<WeakReference>(reference)?)
}

/// Visits the references and proxies of an object.
fn visit(cx: &Cx, object: Value, visit: &mut dyn FnMut(Gc<WeakReference>) -> bool) {
    cx.mutator().visit_weak_owners(object, &mut |owner| match downcast::<WeakReference>(owner) {
        Some(reference) if weak_word(&reference).get(cx.mutator()) == Some(object) => visit(reference),
        _ => true,
    });
}

/// The number of weak references and proxies of an object.
pub fn count(cx: &Cx, object: Value) -> usize {
    let mut count = 0;
    visit(cx, object, &mut |_| {
        count += 1;
        true
    });
    count
}

/// A list of the weak references and proxies of an object.
pub fn references(cx: &mut Cx, object: Value) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    let mut at = 0;
    loop {
        // One by one: appending may collect.
        let (mut found, mut position) = (None, 0);
        visit(cx, object, &mut |reference| {
            if position == at {
                found = Some(reference.value());
            }
            position += 1;
            found.is_none()
        });
        let Some(reference) = found else { break };
        List::push(cx, list, reference)?;
        at += 1;
    }
    // The shared reference comes first, then the shared proxy, then the others.
    let rank = |value: Value| match downcast::<WeakReference>(value) {
        Some(one) if one.callback.get() == NONE && is_exactly(value, Kind::WEAK_REFERENCE) => 0,
        Some(one) if one.callback.get() == NONE && is_proxy(value) => 1,
        _ => 2,
    };
    let ordered = List::new(cx, &[])?;
    for wanted in 0..3 {
        let mut at = 0;
        while let Some(reference) = types::list::item(list, at) {
            if rank(reference) == wanted {
                List::push(cx, ordered, reference)?;
            }
            at += 1;
        }
    }
    Ok(ordered)
}

/// The first weak reference of an object.
pub fn first_reference(cx: &Cx, object: Value) -> Option<Value> {
    let mut found = None;
    visit(cx, object, &mut |reference| {
        found = Some(reference.value());
        false
    });
    found
}

/// A new weak reference or proxy of a class; one without a callback is shared.
pub fn new(cx: &mut Cx, class: Gc<Type>, object: Value, callback: Value) -> PyResult {
    let plain = callback == NONE && class == cx.builtin_type(Kind::WEAK_REFERENCE) && object.is_object();
    let collections = cx.mutator().collections();
    if plain
        && let Some(found) = cx.lookups.reference(object, collections)
        && target_of(cx, found) == Some(object)
    {
        return Ok(found);
    }
    if class_of(cx, object).flags.get() & types::HAS_WEAKREF == 0 || !object.is_object() {
        let message = format!("cannot create weak reference to '{}' object", class_name(cx, object));
        return Err(cx.type_error(message));
    }
    if callback == NONE && class.flags.get() & types::HEAP_TYPE == 0 {
        let shape = types::instance_shape(class).id;
        let found = cx.mutator().find_weak_owner(object, &mut |owner| match downcast::<WeakReference>(owner) {
            Some(reference) => {
                types::shape_id(owner) == shape
                    && reference.callback.get() == NONE
                    && weak_word(&reference).get(cx.mutator()) == Some(object)
            }
            None => false,
        });
        if let Some(found) = found {
            if plain {
                cx.lookups.put_reference(object, collections, found);
            }
            return Ok(found);
        }
    }
    let reference = allocate::<WeakReference>(cx.mutator(), types::instance_shape(class).id);
    reference.callback.init(callback);
    reference.hash.init(UNBOUND);
    cx.mutator().new_weak(reference, weak_word(&reference), object, true);
    types::note_instance(cx, class, reference.value());
    Ok(reference.value())
}

/// Calls the callback of a reference whose object has died.
pub(crate) fn notify(cx: &mut Cx, reference: Value) {
    let Some(this) = downcast::<WeakReference>(reference) else { return };
    let callback = this.callback.get();
    if callback == NONE {
        return;
    }
    this.callback.set(cx.mutator(), this, NONE);
    if call::call(cx, callback, &[reference], None).is_err() {
        finalize::unraisable(cx, "Exception ignored while calling weakref callback", callback);
    }
}

/// Name of the class of an object as `repr` of a reference shows it, and the object's own name.
fn describe(cx: &mut Cx, object: Value, with_name: bool) -> PyResult<String> {
    let class = class_of(cx, object);
    let class = base::full_name(cx, class);
    let mut text = format!("to '{class}' at {:#x}", base::identity(object));
    if with_name {
        let class = class_of(cx, object);
        let own = types::as_type(object).map(|class| class.name.get());
        let name = match types::lookup_special(cx, object, "__name__") {
            _ if own.is_some() => own,
            Some(name) => Some(attribute::bind(cx, name, Some(object), class)?),
            None => None,
        };
        if let Some(name) = name.and_then(downcast::<Str>) {
            text.push_str(&format!(" ({})", name.to_text()));
        }
    }
    Ok(text)
}

fn compare(cx: &mut Cx, comparison: Comparison, this: Gc<WeakReference>, value: Value) -> PyResult {
    let Some(other) = downcast::<WeakReference>(value) else { return Ok(NOT_IMPLEMENTED) };
    if !types::is_instance(cx, value, Kind::WEAK_REFERENCE) {
        return Ok(NOT_IMPLEMENTED);
    }
    match (target(cx, this), target(cx, other)) {
        (Some(lhs), Some(rhs)) => operations::compare(cx, comparison, lhs, rhs),
        _ => Ok(bool_value((this == other) == (comparison == Comparison::Eq))),
    }
}

/// The methods of `weakref.ReferenceType`.
pub struct Methods;

#[py_methods(WEAK_REFERENCE, name = "weakref.ReferenceType")]
impl Methods {
    #[new(signature = "(object, callback=None, /)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: crate::arguments::Keywords<'_>,
    ) -> PyResult {
        if !kwargs.is_empty() && class == cx.builtin_type(Kind::WEAK_REFERENCE) {
            return Err(cx.type_error("ref() takes no keyword arguments"));
        }
        match args {
            [object] => new(cx, class, *object, NONE),
            [object, callback] => new(cx, class, *object, *callback),
            [] => Err(cx.type_error("__new__ expected at least 1 argument, got 0")),
            _ => Err(cx.type_error(format!("__new__ expected at most 2 arguments, got {}", args.len()))),
        }
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, _this: Value, #[args] args: &[Value]) -> PyResult<()> {
        match args.len() {
            1 | 2 => Ok(()),
            0 => Err(cx.type_error("__init__ expected at least 1 argument, got 0")),
            given => Err(cx.type_error(format!("__init__ expected at most 2 arguments, got {given}"))),
        }
    }
    #[method]
    fn __call__(cx: &mut Cx, this: Gc<WeakReference>) -> Value {
        target(cx, this).unwrap_or(NONE)
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<WeakReference>) -> PyResult {
        if this.hash.get() != UNBOUND {
            return Ok(this.hash.get());
        }
        let Some(object) = target(cx, this) else { return Err(cx.type_error("weak object has gone away")) };
        let hash = operations::hash(cx, object)? as i64;
        let hash = types::int::from_i64(cx, hash);
        this.hash.set(cx.mutator(), this, hash);
        Ok(hash)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<WeakReference>, value: Value) -> PyResult {
        compare(cx, Comparison::Eq, this, value)
    }
    #[method]
    fn __ne__(cx: &mut Cx, this: Gc<WeakReference>, value: Value) -> PyResult {
        compare(cx, Comparison::Ne, this, value)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<WeakReference>) -> PyResult<String> {
        let described = match target(cx, this) {
            Some(object) => describe(cx, object, true)?,
            None => "dead".to_string(),
        };
        Ok(format!("<weakref at {:#x}; {described}>", this.address()))
    }
    #[getter]
    fn __callback__(this: Gc<WeakReference>) -> Value {
        this.callback.get()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
}

/// Whether a value is a proxy.
pub fn is_proxy(value: Value) -> bool {
    is_exactly(value, Kind::WEAK_PROXY) || is_exactly(value, Kind::WEAK_CALLABLE_PROXY)
}

//! Lists, dicts and sets inside atomic blocks that are not inevitable.
//!
//! Natives that touch nothing mutable but their receiver (`transaction = Reads | Writes`) run on it as they are. One that only reads
//! must find the container unchanged when it has ended. One that writes gets a copy, as does whatever comes after it in the block, and the
//! commit gives the container what the copy holds. So nothing of a container is changed in place while a transaction may fail.
//!
//! INVARIANT: a copy is never seen by the program: no native with this policy returns or keeps its receiver.

use crate::Kind;
use crate::call;
use crate::cx::{Cx, PyResult};
use crate::inevitable::{become_inevitable, failed};
use crate::kinds::shapes;
use crate::native::{NativeDefinition, NativeKind, TransactionPolicy, is_unbound_native};
use crate::objects::{Dict, List, Native, Set, Tuple};
use crate::sequence::elements;
use crate::string::downcast;
use crate::types::{self, as_type, shape_id};
use vm_heap::{Gc, Mutator, Value};

/// Largest container that is copied; beyond it a block that writes becomes inevitable.
const MOST_COPIED: usize = 4096;

/// Whether a native that gets a value as an argument finds nothing mutable in it but by asking for it as the language would.
fn is_immutable(value: Value) -> bool {
    !value.is_object()
        || matches!(
            shape_id(value),
            shapes::NONE
                | shapes::BOOL
                | shapes::INT
                | shapes::FLOAT
                | shapes::COMPLEX
                | shapes::STR
                | shapes::BYTES
                | shapes::TUPLE
                | shapes::RANGE
                | shapes::SLICE
        )
}

/// A container whose operations can be logged: no namespace, and of no subclass.
fn is_container(value: Value) -> bool {
    value.is_object()
        && match shape_id(value) {
            shapes::LIST | shapes::SET => true,
            shapes::DICT => downcast::<Dict>(value).is_some_and(|dict| !dict.cells.get()),
            _ => false,
        }
}

/// Calls a native, with all its arguments, in a block whose attempt is logged. Where that can't be, the block becomes inevitable.
#[cold]
pub fn call_native(
    cx: &mut Cx,
    callee: Value,
    native: Gc<Native>,
    definition: &'static NativeDefinition,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult {
    use TransactionPolicy::{Reads, Writes};
    let policy = definition.transaction;
    if let Some((&receiver, others)) = arguments.split_first()
        && matches!(policy, Reads | Writes)
        && is_container(receiver)
        && others.iter().all(|other| is_key_or_value(*other, others))
    {
        return with_view(cx, receiver, policy == Writes, |cx, view| {
            call::with_receiver(cx, view, others, |cx, arguments| (definition.call)(cx, arguments, keywords))
        });
    }
    if !is_repeatable(cx, callee, native, definition, arguments) {
        become_inevitable(cx)?;
    }
    (definition.call)(cx, arguments, keywords)
}

/// Whether a native looks at one of its arguments only as at a key or stores it: what a slice is assigned is looked into.
fn is_key_or_value(value: Value, others: &[Value]) -> bool {
    is_immutable(value) || !others.iter().any(|other| other.is_object() && shape_id(*other) == shapes::SLICE)
}

/// Types, besides `bool`, whose methods and constructors look at nothing mutable but their arguments.
const SCALARS: [Kind; 7] = [Kind::INT, Kind::FLOAT, Kind::COMPLEX, Kind::STR, Kind::BYTES, Kind::TUPLE, Kind::RANGE];

/// Whether a native touches nothing mutable, so that it may run once more.
pub(crate) fn is_repeatable(
    cx: &Cx,
    callee: Value,
    native: Gc<Native>,
    definition: &NativeDefinition,
    arguments: &[Value],
) -> bool {
    if definition.transaction == TransactionPolicy::Asks {
        return true;
    }
    if definition.kind == NativeKind::Constructor {
        return arguments
            .split_first()
            .is_some_and(|(class, others)| is_repeatable_constructor(cx, *class, native, others));
    }
    let owner = native.receiver.get();
    let of_scalars = match is_unbound_native(shape_id(callee)) {
        true => SCALARS.iter().chain(&[Kind::BOOL]).any(|kind| cx.builtin_type(*kind).value() == owner),
        false => call::is_bound(callee, native, definition) && is_immutable(owner),
    };
    (of_scalars || definition.transaction == TransactionPolicy::Pure)
        && arguments.iter().all(|argument| is_immutable(*argument))
}

/// Whether making an instance of a class only stores its arguments, or looks at nothing mutable.
fn is_repeatable_constructor(cx: &Cx, class: Value, native: Gc<Native>, others: &[Value]) -> bool {
    let owner = native.receiver.get();
    let is = |kind: Kind| cx.builtin_type(kind).value() == owner;
    let Some(class) = as_type(class) else { return false };
    // An exception stores its arguments, and `bool` asks for the truth of its.
    if is(Kind::BASE_EXCEPTION) || is(Kind::BOOL) {
        return true;
    }
    if is(Kind::OBJECT) {
        return class.flags.get() & types::HEAP_TYPE != 0;
    }
    let fresh = [Kind::SLICE, Kind::LIST, Kind::DICT, Kind::SET, Kind::FROZENSET];
    SCALARS.into_iter().chain(fresh).any(is) && others.iter().all(|other| is_immutable(*other))
}

/// Lets `body` work on what the transaction takes for a container: to write it if `writes`, else only to read it.
fn with_view(cx: &mut Cx, container: Value, writes: bool, body: impl FnOnce(&mut Cx, Value) -> PyResult) -> PyResult {
    if let Some(copy) = cx.thread.transaction.copy_of(container) {
        return body(cx, copy);
    }
    if writes && crate::sequence::exact_length(container).is_none_or(|length| length > MOST_COPIED) {
        become_inevitable(cx)?;
        return body(cx, container);
    }
    let Some(seen) = cx.thread.transaction.open(container) else { return Err(failed(cx)) };
    if writes {
        let copy = copy(cx, container)?;
        if !cx.thread.transaction.is_as_opened(container, seen) {
            return Err(failed(cx));
        }
        cx.thread.transaction.put_copy(container, copy);
        return body(cx, copy);
    }
    let result = body(cx, container);
    // What `body` asked of keys may have changed the container, or made the block inevitable.
    let transaction = &mut cx.thread.transaction;
    if transaction.is_logged()
        && (transaction.copy_of(container).is_some() || !transaction.is_as_opened(container, seen))
    {
        transaction.doom();
        return Err(failed(cx));
    }
    result
}

fn copy(cx: &mut Cx, container: Value) -> PyResult {
    if let Some(list) = downcast::<List>(container) {
        let (items, length) = List::snapshot(&list);
        return Ok(types::list::build(cx, length, |at| elements(&items)[at].get())?.value());
    }
    if let Some(dict) = downcast::<Dict>(container) {
        return Ok(Dict::duplicate(cx, dict)?.value());
    }
    let set = downcast::<Set>(container).expect("only these are containers");
    let copy = types::set::with_shape(cx, shapes::SET);
    Dict::copy_into(cx, Set::elements(copy), Set::elements(set))?;
    Ok(copy.value())
}

/// Gives a container what its copy holds. The container is locked, and nobody uses the copy any more.
pub(crate) fn take_over(mutator: &Mutator, original: Value, copy: Value) {
    if let (Some(list), Some(copy)) = (downcast::<List>(original), downcast::<List>(copy)) {
        list.items.set_release(mutator, list, copy.items.get());
        list.length.init(copy.length.get());
        return;
    }
    let table = |value: Value| match downcast::<Set>(value) {
        Some(set) => Some(Set::elements(set)),
        None => downcast::<Dict>(value),
    };
    let (Some(dict), Some(copy)) = (table(original), table(copy)) else { return };
    dict.filled.init(copy.filled.get());
    dict.live.init(copy.live.get());
    dict.table.set_release(mutator, dict, copy.table.get());
}

/// The item of a list at a position, as the running transaction sees it; `None` behind the end.
pub fn list_item(cx: &mut Cx, list: Gc<List>, at: usize) -> PyResult<Option<Value>> {
    let mut found = None;
    with_view(cx, list.value(), false, |_, view| {
        found = downcast::<List>(view).and_then(|view| types::list::item(view, at));
        Ok(crate::NONE)
    })?;
    Ok(found)
}

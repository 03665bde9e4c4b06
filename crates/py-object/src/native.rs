//! Functions written in Rust, as Python sees them.

use crate::PyResult;
use crate::cx::Cx;
use crate::kinds::shapes;
use crate::objects::Tuple;
use crate::types::int;
use vm_heap::{Gc, ShapeId, Value};

/// Signature of every native function: positional values, then the values of the keywords named in the tuple. A method's
/// receiver is the first argument.
pub type NativeCall = fn(&mut Cx, &[Value], Option<Gc<Tuple>>) -> PyResult;

/// How a native is found and bound. ORDER: kinds without a receiver come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeKind {
    /// A function of a module.
    Function,
    /// A static method of a type.
    StaticMethod,
    /// `__new__`.
    Constructor,
    /// A method of a type.
    Method,
    /// A class method: its receiver is the class.
    ClassMethod,
    /// A computed attribute; `setter` makes it writable.
    Getter,
}

impl NativeKind {
    /// Whether a native of this kind is a function like any other, of whose arguments nothing need be asked before it is called.
    #[inline(always)]
    pub fn is_plain(self) -> bool {
        (self as u8) < NativeKind::Constructor as u8
    }

    /// Whether a bound native of this kind passes its receiver as first argument.
    #[inline(always)]
    pub fn takes_receiver(self) -> bool {
        self as u8 >= NativeKind::Method as u8
    }
}

/// Whether natives of this shape are descriptors that take their receiver as first argument.
#[inline(always)]
pub fn is_unbound_native(id: ShapeId) -> bool {
    id == shapes::METHOD_DESCRIPTOR || id == shapes::WRAPPER_DESCRIPTOR
}

/// Whether natives of this shape may have a receiver of their own.
#[inline(always)]
pub fn is_maybe_bound_native(id: ShapeId) -> bool {
    id == shapes::BUILTIN || id == shapes::METHOD_WRAPPER
}

/// Whether natives of this shape can be called.
#[inline(always)]
pub fn is_callable_native(id: ShapeId) -> bool {
    id == shapes::BUILTIN
        || id == shapes::METHOD_DESCRIPTOR
        || id == shapes::WRAPPER_DESCRIPTOR
        || id == shapes::METHOD_WRAPPER
        || id == shapes::CLASSMETHOD_DESCRIPTOR
}

/// Special methods that are slots of a type in CPython, so that they show as slot wrappers.
pub fn is_slot_name(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "__getattribute__",
        "__getattr__",
        "__setattr__",
        "__delattr__",
        "__repr__",
        "__hash__",
        "__call__",
        "__str__",
        "__lt__",
        "__le__",
        "__eq__",
        "__ne__",
        "__gt__",
        "__ge__",
        "__iter__",
        "__next__",
        "__get__",
        "__set__",
        "__delete__",
        "__init__",
        "__del__",
        "__buffer__",
        "__release_buffer__",
        "__await__",
        "__aiter__",
        "__anext__",
        "__len__",
        "__getitem__",
        "__setitem__",
        "__delitem__",
        "__contains__",
        "__bool__",
        "__int__",
        "__float__",
        "__index__",
        "__neg__",
        "__pos__",
        "__abs__",
        "__invert__",
        "__divmod__",
        "__rdivmod__",
    ];
    OTHERS.contains(&name) || crate::operations::is_operator_method(name)
}

/// How the trace recorder treats a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TracePolicy {
    /// A call that may do anything.
    Call,
    /// Depends on its arguments only.
    PureCall,
    /// Reads objects, changes nothing.
    Reads,
    /// Ends the recording.
    Never,
}

/// How transactions treat a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransactionPolicy {
    /// Safe to repeat: touches nothing mutable in scalars and tuples.
    Pure,
    /// Safe to repeat whatever its arguments are: it asks for what it needs as the language does.
    Asks,
    /// Reads its receiver and nothing else that is mutable, and neither returns nor keeps it; may look at other arguments as at keys.
    Reads,
    /// The same, and writes the receiver; may store other arguments there.
    Writes,
    /// Deferred to the commit.
    Deferrable,
    /// Makes the transaction inevitable.
    Inevitable,
}

/// A native function.
pub struct NativeDefinition {
    /// `__name__`.
    pub name: &'static str,
    /// Name for messages, with the type in front.
    pub qualname: &'static str,
    /// How it is bound.
    pub kind: NativeKind,
    /// `__doc__`.
    pub doc: &'static str,
    /// `__text_signature__`, or empty.
    pub signature: &'static str,
    /// The function.
    pub call: NativeCall,
    /// Sets the attribute of a `Getter`: receiver and value (UNBOUND to delete).
    pub setter: Option<NativeCall>,
    /// For the trace recorder.
    pub trace: TracePolicy,
    /// For transactions.
    pub transaction: TransactionPolicy,
}

/// The hash behind the result of a `__hash__` that is no small int.
pub fn hash_of_big_result(cx: &mut Cx, result: Value) -> PyResult<u64> {
    if !int::is_int(result) {
        return Err(cx.type_error("__hash__ method should return an integer"));
    }
    Ok(int::as_i64(result).unwrap_or_else(|| int::hash(result)) as u64)
}

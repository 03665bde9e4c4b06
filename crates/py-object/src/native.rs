//! Functions written in Rust, as Python sees them.

use crate::PyResult;
use crate::cx::Cx;
use crate::objects::Tuple;
use crate::types::int;
use vm_heap::{Gc, Value};

/// Signature of every native function: positional values, then the values of the keywords named in the tuple. A method's
/// receiver is the first argument.
pub type NativeCall = fn(&mut Cx, &[Value], Option<Gc<Tuple>>) -> PyResult;

/// How a native is found and bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NativeKind {
    /// A function of a module.
    Function,
    /// A method of a type.
    Method,
    /// A class method: its receiver is the class.
    ClassMethod,
    /// A static method of a type; `__new__` too.
    StaticMethod,
    /// A computed attribute; `setter` makes it writable.
    Getter,
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
    /// Safe to repeat.
    Pure,
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

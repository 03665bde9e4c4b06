//! The object model: objects, types, attributes, calls, exceptions, and operations on values of any class.
//!
//! RULE: the collector scans stacks and registers, not Rust's own heap. A value that only a `Vec` or `Box` holds must not
//! live across anything that takes `&mut Cx`; keep it in an array, list or tuple of the Python heap.

// Expansions of the declaration macros name this crate by its full name.
extern crate self as py_object;

pub mod arguments;
pub mod attribute;
pub mod bootstrap;
pub mod buffer;
pub mod builtins;
pub mod call;
pub mod codecs;
pub mod configuration;
mod cx;
pub mod dict;
pub mod exception;
pub mod finalize;
pub mod frames;
pub mod inevitable;
mod interned;
pub mod iterators;
mod kinds;
pub mod list_builder;
pub mod logged;
mod lookup_cache;
mod module_documentation;
pub mod native;
mod object;
pub mod objects;
pub mod operations;
mod runtime;
pub mod sequence;
pub mod shape;
pub mod standard_error;
pub mod string;
pub mod suggestion;
pub mod tracing;
pub mod types;
pub mod warning;

pub use cx::{
    BlockStart, Cx, ELLIPSIS, FALSE, NONE, NOT_IMPLEMENTED, PLACEHOLDER, PyResult, RAISED, TOKEN_MISSING, TRUE,
    UNBOUND, bool_value, context_of_this_thread,
};
pub use kinds::{BUILTIN_TYPES, FIRST_FREE_SHAPE, Kind, shapes};
pub use lookup_cache::{SiteUse, forget_places};
pub use object::{
    Object, allocate, byte_tail, fill_byte_tail, map_bit, object_header, second_is_attributes, try_allocate_tail,
    value_tail,
};
pub use runtime::{Assumption, CallPython, ModuleInit, Runtime};
pub use string::{StrExt, downcast, known_character};
pub use vm_machine::Raised;

//! The heap: the value word, object headers and fields, allocation and the garbage collector.

mod field;
mod header;
mod layout;
mod mutator;
mod value;

pub use field::{Field, Gc, Word, WordKind};
pub use header::{COLLECTOR_BYTE_OFFSET, Header, LayoutId, OLD, SHAPE_OFFSET, ShapeId};
pub use layout::{Layout, MAX_LAYOUTS, Tail, add_layout, declare_layout, layout};
pub use mutator::Mutator;
pub use value::*;

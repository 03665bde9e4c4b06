//! The heap: the value word, object headers and fields, allocation and the garbage collector.
//!
//! The collector is non-moving, generational by sticky mark bits, conservative about stacks and registers and precise
//! about the heap. Rust code and compiled code hold plain pointers on their stacks; pointers kept anywhere else
//! (a `Vec`, a `static`) must be made known as roots
//! ([`RootedVec`], [`Heap::add_root`], [`Heap::add_root_scanner`]). Design and figures: see the heads of the files.
//!
//! * values and objects: [`Value`], `header`, `field`, `layout`
//! * memory: `space` (range and side tables), `block` and `size_class`, `large`
//! * a thread's side: `mutator`
//! * collection: `collect` (the order of things), `mark`, `scan`, `roots`, `rooted`, `weak`, `finalize`, `owned`
//! * when to collect fully: `pace`; what the program itself takes: `program`
//! * looking at it: `statistics`, `census`, `walk`, `verify`, `digest`
//! * `heap` (the shared state), `configuration`

mod block;
mod census;
mod collect;
mod configuration;
mod digest;
mod field;
mod finalize;
mod header;
mod heap;
mod large;
mod layout;
mod mark;
mod mutator;
mod owned;
mod pace;
mod program;
mod rooted;
mod roots;
mod scan;
mod size_class;
mod space;
mod statistics;
mod value;
mod verify;
mod walk;
mod weak;

pub use configuration::Configuration;
pub use field::{Field, Gc, Word, WordKind};
pub use finalize::{FinalizerTest, set_finalizer_test};
pub use header::{COLLECTOR_BYTE_OFFSET, Header, LayoutId, OLD, SHAPE_OFFSET, ShapeId};
pub use heap::Heap;
pub use layout::{FIXED_LAYOUTS, Layout, MAX_LAYOUTS, Tail, add_layout, declare_layout, layout};
pub use mutator::{
    CURSOR_OFFSET, INLINE_ALLOCATION_LIMIT, LIMIT_OFFSET, Mutator, POLL_OFFSET, POLL_PENDING, STACK_BASE_OFFSET,
    STACK_TOP_OFFSET, START_BITS_BIAS_OFFSET,
};
pub use owned::Release;
pub use program::unmap_libraries;
pub use rooted::RootedVec;
pub use roots::{Forgetter, RootScanner};
pub use statistics::{Pauses, Statistics};
pub use value::*;
pub use verify::Verification;
pub use vm_sync::POLL_USER;
pub use weak::WeakField;

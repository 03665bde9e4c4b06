//! Which classes sequence and mapping patterns match (PEP 634).
//!
//! A flag on the class or on the nearest class of its resolution order that has one decides; abstract base classes hand it to
//! what is registered with them.

use crate::cx::Cx;
use crate::kinds::Kind;
use crate::objects::Type;
use crate::sequence::tuple_items;
use crate::types::{as_type, is_subclass};
use vm_heap::Gc;

/// Type flag: instances match sequence patterns.
pub const SEQUENCE: u64 = 1 << 16;
/// Type flag: instances match mapping patterns.
pub const MAPPING: u64 = 1 << 17;

/// Built-in types whose instances match sequence patterns.
const SEQUENCES: &[Kind] = &[Kind::LIST, Kind::TUPLE, Kind::RANGE, Kind::MEMORYVIEW, Kind::DEQUE, Kind::TYPED_ARRAY];
/// Built-in types whose instances match mapping patterns.
const MAPPINGS: &[Kind] = &[Kind::DICT, Kind::MAPPING_PROXY, Kind::FRAME_LOCALS_PROXY];
/// Types whose class patterns take one positional sub-pattern, for the subject itself.
const MATCHED_BY_THEMSELVES: &[Kind] = &[
    Kind::BOOL,
    Kind::BYTEARRAY,
    Kind::BYTES,
    Kind::DICT,
    Kind::FLOAT,
    Kind::FROZENSET,
    Kind::INT,
    Kind::LIST,
    Kind::SET,
    Kind::STR,
    Kind::TUPLE,
];

/// Flags the built-in types. To be called once, after the types were made.
pub(crate) fn install(cx: &Cx) {
    for (kinds, flag) in [(SEQUENCES, SEQUENCE), (MAPPINGS, MAPPING)] {
        for kind in kinds {
            let class = cx.builtin_type(*kind);
            class.flags.init(class.flags.get() | flag);
        }
    }
}

/// Makes instances of a class match sequence or mapping patterns. Built-in types stay as they are: `str` is a registered
/// `Sequence`, but no pattern takes it apart.
pub fn set_flags(class: Gc<Type>, flags: u64) {
    if class.flags.get() & super::HEAP_TYPE == 0 {
        return;
    }
    class.flags.init(class.flags.get() & !(SEQUENCE | MAPPING) | flags & (SEQUENCE | MAPPING));
}

/// `SEQUENCE`, `MAPPING` or nothing.
pub fn flags_of(class: Gc<Type>) -> u64 {
    let order = class.mro.get();
    let own = tuple_items(&order).iter().filter_map(|base| as_type(*base));
    own.map(|base| base.flags.get() & (SEQUENCE | MAPPING)).find(|flags| *flags != 0).unwrap_or(0)
}

/// Whether a pattern like `int(x)` captures the subject itself.
pub fn matches_itself(cx: &Cx, class: Gc<Type>) -> bool {
    MATCHED_BY_THEMSELVES.iter().any(|kind| is_subclass(class, cx.builtin_type(*kind)))
}

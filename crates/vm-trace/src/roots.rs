//! Objects that compiled code refers to: roots of the collector.
//!
//! Machine code is not scanned, so constants are kept here: while a trace is recorded, and for as long as its code exists.

use std::sync::{Mutex, Once};
use vm_heap::{Heap, Value};
use vm_ir::hash::Set;

/// The kept objects.
#[derive(Default)]
struct Kept {
    list: Vec<u64>,
    known: Set<u64>,
    /// How many of them a collection has seen, so that they are old.
    seen: usize,
}

static KEPT: Mutex<Option<Kept>> = Mutex::new(None);
static REGISTER: Once = Once::new();

/// Keeps an object from now on. Recordings are short, so objects of given-up ones are kept as well; they are few and
/// belong to code and classes mostly.
pub(crate) fn keep(value: Value) {
    REGISTER.call_once(|| {
        Heap::global().add_root_scanner(|full, visit| {
            let mut kept = KEPT.lock().expect("nothing panics while it holds this lock");
            let kept = kept.get_or_insert_default();
            let first = if full { 0 } else { kept.seen };
            kept.list[first..].iter().for_each(|bits| visit(Value::from_bits(*bits)));
            kept.seen = kept.list.len();
        })
    });
    let mut kept = KEPT.lock().expect("nothing panics while it holds this lock");
    let kept = kept.get_or_insert_default();
    if kept.known.insert(value.bits()) {
        kept.list.push(value.bits());
    }
}

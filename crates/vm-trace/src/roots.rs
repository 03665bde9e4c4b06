//! Objects that compiled code refers to: roots of the collector.
//!
//! Machine code is not scanned, so constants are kept here: while a trace is recorded, and for as long as its code exists.

use std::sync::{Mutex, Once};
use vm_heap::{Heap, Value};

/// The kept objects, and how many of them a collection has seen, so that they are old.
static KEPT: Mutex<(Vec<u64>, usize)> = Mutex::new((Vec::new(), 0));
static REGISTER: Once = Once::new();

/// Keeps an object from now on. Recordings are short, so objects of given-up ones are kept as well; they are few and
/// belong to code and classes mostly.
pub(crate) fn keep(value: Value) {
    REGISTER.call_once(|| {
        Heap::global().add_root_scanner(|full, visit| {
            let mut kept = KEPT.lock().expect("nothing panics while it holds this lock");
            let first = if full { 0 } else { kept.1 };
            kept.0[first..].iter().for_each(|bits| visit(Value::from_bits(*bits)));
            kept.1 = kept.0.len();
        })
    });
    let mut kept = KEPT.lock().expect("nothing panics while it holds this lock");
    // The same few objects come again and again within one recording.
    if !kept.0.iter().rev().take(64).any(|bits| *bits == value.bits()) {
        kept.0.push(value.bits());
    }
}

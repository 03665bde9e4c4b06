//! Objects that compiled code refers to: roots of the collector.
//!
//! Machine code is not scanned, so constants are kept here: while a trace is recorded, and for as long as its code exists.

use std::sync::{Mutex, Once};
use vm_heap::{Heap, Value};

static KEPT: Mutex<Vec<u64>> = Mutex::new(Vec::new());
static REGISTER: Once = Once::new();

/// Keeps an object from now on. Recordings are short, so objects of given-up ones are kept as well; they are few and
/// belong to code and classes mostly.
pub(crate) fn keep_while_recording(value: Value) {
    REGISTER.call_once(|| {
        Heap::global().add_root_scanner(|_, visit| {
            for bits in KEPT.lock().expect("nothing panics while it holds this lock").iter() {
                visit(Value::from_bits(*bits));
            }
        })
    });
    let mut kept = KEPT.lock().expect("nothing panics while it holds this lock");
    // The same few objects come again and again within one recording.
    if !kept.iter().rev().take(64).any(|bits| *bits == value.bits()) {
        kept.push(value.bits());
    }
}

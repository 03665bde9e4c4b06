//! The interpreter's modes besides the plain one: inside a transaction, and outside while transactions exist.

use crate::interpreter::{Mode, barrier, word_at};
use crate::{FieldKind, Thread};
use std::sync::atomic::Ordering;
use vm_heap::Value;
use vm_stm::{WORD_OFFSET, lock_word};

/// Inside a transaction: reads are logged, writes are kept for the commit. One that is inevitable reads and writes as outside, until its
/// thread takes over the handlers of [`Beside`].
pub struct InTransaction;

impl Mode for InTransaction {
    const DOOMABLE: bool = true;

    unsafe fn load(thread: *mut Thread, object: Value, offset: usize) -> Value {
        // SAFETY: the thread outlives its interpreter; nobody else uses its transaction; the caller's promise.
        unsafe {
            let transaction = &mut (*thread).transaction;
            if transaction.is_logged() {
                Value::from_bits(transaction.read(object, offset))
            } else {
                Beside::load(thread, object, offset)
            }
        }
    }
    unsafe fn store(thread: *mut Thread, object: Value, offset: usize, value: Value, kind: FieldKind) {
        // SAFETY: as above.
        unsafe {
            let transaction = &mut (*thread).transaction;
            if transaction.is_logged() {
                transaction.write(object, offset, value.bits(), kind == FieldKind::Value)
            } else {
                Beside::store(thread, object, offset, value, kind)
            }
        }
    }
}

/// Outside a block while transactions exist: a reader waits out a commit, a writer makes a new version.
pub struct Beside;

impl Mode for Beside {
    unsafe fn load(_thread: *mut Thread, object: Value, offset: usize) -> Value {
        // SAFETY: the caller's promise; every mutable object has its version word there.
        let (version, field) = unsafe { (word_at(object, WORD_OFFSET), word_at(object, offset)) };
        vm_stm::read_outside(version, field)
    }
    unsafe fn store(thread: *mut Thread, object: Value, offset: usize, value: Value, kind: FieldKind) {
        // SAFETY: the caller's promise; every mutable object has its version word there.
        unsafe {
            let locked = lock_word(word_at(object, WORD_OFFSET));
            word_at(object, offset).store(value.bits(), Ordering::Relaxed);
            drop(locked);
            if kind == FieldKind::Value {
                barrier(thread, object);
            }
        }
    }
}

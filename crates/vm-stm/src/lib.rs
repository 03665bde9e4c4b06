//! The version word of mutable objects: locks of single operations, and transactions.
//!
//! INVARIANT: every mutable object has its word at [`WORD_OFFSET`], and nobody outside this crate touches it.

mod clock;
mod transaction;
mod word;

pub use transaction::{Target, Transaction};
pub use word::{
    Locked, WORD_OFFSET, are_transactions, is_concurrent, lock, lock_for_write, lock_word, read_outside,
    set_concurrent, set_transactions,
};

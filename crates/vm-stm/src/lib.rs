//! The version word of mutable objects: locks of single operations, and transactions.

mod word;

pub use word::{Locked, lock, set_concurrent, is_concurrent};

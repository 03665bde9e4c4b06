//! The lock of the import system's own tables, which `_imp.acquire_lock` takes.

use crate::reentrant_lock::ReentrantLock;

/// The lock.
pub static IMPORTS: ReentrantLock = ReentrantLock::new();

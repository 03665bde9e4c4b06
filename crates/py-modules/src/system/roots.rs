//! Values that native modules keep for the whole process.

use py_object::UNBOUND;
use std::sync::OnceLock;
use vm_heap::{Field, Heap, Value};

/// A place for one value that the collector knows.
pub struct RootedValue {
    field: OnceLock<Field<Value>>,
}

impl RootedValue {
    /// An empty place.
    pub const fn new() -> RootedValue {
        RootedValue { field: OnceLock::new() }
    }

    /// What lies there.
    pub fn get(&self) -> Option<Value> {
        self.field.get().map(Field::get).filter(|value| *value != UNBOUND)
    }

    /// Puts a value there.
    pub fn set(&'static self, value: Value) {
        let mut is_new = false;
        let field = self.field.get_or_init(|| {
            is_new = true;
            Field::new(UNBOUND)
        });
        field.set_root(value);
        if is_new {
            Heap::global().add_root(field);
        }
    }
}

impl Default for RootedValue {
    fn default() -> RootedValue {
        RootedValue::new()
    }
}

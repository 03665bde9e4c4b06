//! Roots outside stacks: global fields and scanners.

use crate::field::Field;
use crate::value::Value;

/// A function that reports references which the collector cannot find by itself (logs of transactions, tables of a
/// language). It runs while the world is stopped, must report everything each time and must not allocate on the heap.
pub type RootScanner = Box<dyn Fn(&mut dyn FnMut(Value)) + Send>;

/// All roots outside stacks.
#[derive(Default)]
pub(crate) struct Roots {
    pub fields: Vec<&'static Field<Value>>,
    pub scanners: Vec<RootScanner>,
}

impl Roots {
    /// Calls `visit` with every object that a root refers to.
    pub fn for_each(&self, visit: &mut dyn FnMut(usize)) {
        let mut value = |value: Value| {
            if value.is_object() {
                visit(value.address())
            }
        };
        self.fields.iter().for_each(|field| value(field.get()));
        self.scanners.iter().for_each(|scanner| scanner(&mut value));
    }
}

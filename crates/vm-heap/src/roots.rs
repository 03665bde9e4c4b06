//! Roots outside stacks: global fields and scanners.

use crate::field::Field;
use crate::value::Value;

/// A function that reports references which the collector cannot find by itself (logs of transactions, tables of a
/// language). It runs while the world is stopped and must not allocate on the heap. Its first argument says whether the collection
/// is a full one; at others it may leave out what it has reported before and still refers to, which is old by then.
pub type RootScanner = Box<dyn Fn(bool, &mut dyn FnMut(Value)) + Send>;

/// A function that forgets addresses inside owners of native memory that have died: its argument says of an address whether the object
/// around it lives. It runs at the end of marking if any have died; what is said of root scanners holds for it.
pub type Forgetter = Box<dyn Fn(&dyn Fn(usize) -> bool) + Send>;

/// All roots outside stacks.
#[derive(Default)]
pub(crate) struct Roots {
    pub fields: Vec<&'static Field<Value>>,
    pub scanners: Vec<RootScanner>,
    pub forgetters: Vec<Forgetter>,
}

impl Roots {
    /// Calls `visit` with every object that a root refers to, at a collection that is not `full` only with those that may be
    /// young.
    pub fn for_each(&self, full: bool, visit: &mut dyn FnMut(usize)) {
        let mut value = |value: Value| {
            if value.is_object() {
                visit(value.address())
            }
        };
        self.fields.iter().for_each(|field| value(field.get()));
        self.scanners.iter().for_each(|scanner| scanner(full, &mut value));
    }
}

//! The namespaces of built-in types, which are filled when somebody first looks at them.
//!
//! There are 250 types with 2500 attributes, of which a short run looks at a tenth. At the start the tables of a type are noted only.
//! [`of`] is the one way to a namespace: it fills that of a type that waits.

use crate::PyResult;
use crate::bootstrap::enter_methods;
use crate::cx::Cx;
use crate::kinds::{FIRST_FREE_SHAPE, Kind};
use crate::native::NativeDefinition;
use crate::objects::{Dict, Str, Type};
use std::sync::Mutex;
use vm_heap::{Gc, Value};

/// What a namespace is to hold.
#[derive(Clone, Copy)]
pub enum Addition {
    /// Methods and computed attributes.
    Methods(&'static [NativeDefinition]),
    /// A name and a text.
    Text(&'static str, &'static str),
    /// A name and a value that is no object of the heap.
    Constant(&'static str, Value),
    /// The docstring, unless a computed attribute of the instances has its name.
    Documentation(&'static str),
}

/// What waits for types to be looked at, in the order in which it is to be entered.
#[derive(Default)]
pub struct Additions(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// Each with the one before it of the same type, as one more than its index.
    all: Vec<(u32, Addition)>,
    /// The last one of each type, by the type's number.
    last: Vec<u32>,
}

/// About as many as there are at a start.
const EXPECTED: usize = 1200;

impl Additions {
    fn note(&self, kind: Kind, addition: Addition) {
        let waiting = &mut *self.0.lock().expect("nothing panics while it holds this lock");
        if waiting.all.is_empty() {
            waiting.all.reserve_exact(EXPECTED);
            waiting.last.resize(FIRST_FREE_SHAPE as usize, 0);
        }
        let last = &mut waiting.last[kind as usize];
        waiting.all.push((*last, addition));
        *last = waiting.all.len() as u32;
    }

    fn of(&self, number: u64) -> Vec<Addition> {
        let waiting = self.0.lock().expect("nothing panics while it holds this lock");
        let mut found = Vec::new();
        let mut next = waiting.last.get(number as usize).copied().unwrap_or(0);
        while let Some((before, addition)) = (next as usize).checked_sub(1).map(|index| waiting.all[index]) {
            found.push(addition);
            next = before;
        }
        found.reverse();
        found
    }
}

/// The namespace of a class.
#[inline]
pub fn of(cx: &mut Cx, class: Gc<Type>) -> Gc<Dict> {
    match class.waits.get_acquire() {
        0 => {}
        waits => fill(cx, class, waits - 1),
    }
    class.dict.get()
}

/// What a class's own namespace holds under a name.
#[inline]
pub fn get(cx: &mut Cx, class: Gc<Type>, name: Gc<Str>) -> Option<Value> {
    let namespace = of(cx, class);
    Dict::get_str(cx, namespace, name)
}

/// Enters a value into a class's own namespace.
pub fn set(cx: &mut Cx, class: Gc<Type>, name: Gc<Str>, value: Value) -> PyResult<()> {
    let namespace = of(cx, class);
    Dict::set_str(cx, namespace, name, value)
}

/// Lets the namespace of a built-in type hold something more: at once where it has been looked at.
pub fn add(cx: &mut Cx, kind: Kind, addition: Addition) {
    let class = cx.builtin_type(kind);
    if class.waits.get_acquire() != 0 {
        cx.runtime.additions.note(kind, addition);
    } else {
        enter(cx, class, class.dict.get(), addition);
        super::note_change();
    }
}

/// Fills the namespace of a type: a new dict takes the place of the empty one, so that nobody sees it half filled, and where two
/// threads do so at once, that of the first stays.
#[cold]
fn fill(cx: &mut Cx, class: Gc<Type>, number: u64) {
    static PUBLISHING: Mutex<()> = Mutex::new(());
    let additions = cx.runtime.additions.of(number);
    let count: usize = additions.iter().map(|addition| addition.count()).sum();
    let dict = Dict::new(cx);
    // Room for the few entries that others add.
    if Dict::reserve(cx, dict, count + 2).is_err() {
        cx.take_raised(); // entering them reports it
    }
    for addition in additions {
        enter(cx, class, dict, addition);
    }
    // Nothing waits for another thread while it holds this lock.
    let _publishing = PUBLISHING.lock().expect("nothing panics while it holds this lock");
    if class.waits.get() != 0 {
        class.dict.set(cx.mutator(), class, dict);
        class.waits.set_release(cx.mutator(), class, 0);
    }
}

impl Addition {
    fn count(&self) -> usize {
        if let Addition::Methods(definitions) = self { definitions.len() } else { 1 }
    }
}

fn enter(cx: &mut Cx, class: Gc<Type>, dict: Gc<Dict>, addition: Addition) {
    let (name, value) = match addition {
        Addition::Methods(definitions) => return enter_methods(cx, class, dict, definitions),
        Addition::Text(name, text) => (cx.intern(name), Str::new(cx, text).value()),
        Addition::Constant(name, value) => (cx.intern(name), value),
        Addition::Documentation(text) => {
            let name = cx.intern("__doc__");
            if Dict::get_str(cx, dict, name).is_some() {
                return;
            }
            (name, Str::new(cx, text).value())
        }
    };
    if Dict::set_str(cx, dict, name, value).is_err() {
        unreachable!("names are hashable");
    }
}

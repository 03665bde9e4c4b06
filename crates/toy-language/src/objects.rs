//! The values of the language: immediates, and the layouts and shapes of its heap objects.

use crate::compiler::Routine;
use std::mem::offset_of;
use vm_heap::{Field, Gc, Header, Layout, LayoutId, Mutator, ShapeId, Tail, Value, declare_layout};

/// Nothing.
pub const NIL: Value = Value::immediate(0);
/// Falsehood.
pub const FALSE: Value = Value::immediate(1);
/// Truth.
pub const TRUE: Value = Value::immediate(2);

/// A truth value.
#[inline(always)]
pub const fn boolean(truth: bool) -> Value {
    if truth { TRUE } else { FALSE }
}

/// A heap object's struct. Layout and shape have the same number, since no object ever changes its shape.
pub trait Object: Sized {
    /// Number of layout and shape.
    const NUMBER: u16;
    /// Its layout.
    const LAYOUT: Layout;
    /// Its shape.
    const SHAPE: ShapeId = ShapeId(Self::NUMBER as u32);
    /// Header word of a new object.
    const HEADER: u64 = Header::word(LayoutId(Self::NUMBER), 0, Self::SHAPE);
}

macro_rules! objects {
    ($( $(#[$meta:meta])* $Name:ident $number:literal $tail:ident $length:ident [$($reference:ident),*] {
        $( $(#[$field_meta:meta])* $field:ident: $ty:ty, )*
    } )*) => {
        $(
            $(#[$meta])*
            #[repr(C)]
            pub struct $Name { header: Header, $( $(#[$field_meta])* pub $field: Field<$ty>, )* }

            impl Object for $Name {
                const NUMBER: u16 = $number;
                const LAYOUT: Layout = Layout {
                    name: stringify!($Name),
                    fixed_size: size_of::<$Name>() as u32,
                    values: 0 $( | 1 << (offset_of!($Name, $reference) / 8) )*,
                    pointers: 0,
                    tail: Tail::$tail,
                    length_offset: offset_of!($Name, $length) as u32,
                };
            }
        )*

        /// Tells the collector the layouts.
        pub fn declare_layouts() {
            $( declare_layout(LayoutId($Name::NUMBER), $Name::LAYOUT); )*
        }
    };
}

objects! {
    /// A function.
    Function 1 None routine [] {
        /// Address of its routine, which is never freed.
        routine: u64,
    }
    /// A float that is no value word.
    BoxedFloat 2 None number [] {
        /// The number.
        number: f64,
    }
    /// An array; its elements follow.
    Array 3 Values length [length] {
        /// Number of elements.
        length: Value,
    }
    /// A pair.
    Pair 4 None first [first, second] {
        /// First part.
        first: Value,
        /// Second part.
        second: Value,
    }
    /// What the runtime throws.
    Fault 5 None kind [kind, line] {
        /// Number of a `FaultKind`.
        kind: Value,
        /// Line of the instruction, zero before it is known.
        line: Value,
    }
}

/// The object behind a value, if it is one of this kind.
pub fn downcast<T: Object>(value: Value) -> Option<Gc<T>> {
    if !value.is_object() {
        return None;
    }
    // SAFETY: an object value is the address of a live object, which starts with a header.
    let header = unsafe { &*(value.address() as *const Header) };
    // SAFETY: the shape says that it is such an object.
    (header.shape() == T::SHAPE).then(|| unsafe { Gc::from_address(value.address()) })
}

/// A new object of fixed size. Its fields are zero words.
pub fn allocate<T: Object>(mutator: &Mutator) -> Gc<T> {
    let address = mutator.allocate(size_of::<T>(), T::HEADER);
    // SAFETY: the address is that of a new object with this layout.
    unsafe { Gc::from_address(address) }
}

/// A new array, or `None` where memory does not suffice.
pub fn new_array(mutator: &Mutator, length: usize, fill: Value) -> Option<Gc<Array>> {
    let address = mutator.try_allocate(Array::LAYOUT.size(length), Array::HEADER)?;
    // SAFETY: as for `allocate`.
    let array: Gc<Array> = unsafe { Gc::from_address(address) };
    array.length.init(Value::int(length as i64));
    elements(&array).iter().for_each(|element| element.init(fill));
    Some(array)
}

/// A new pair.
pub fn new_pair(mutator: &Mutator, first: Value, second: Value) -> Value {
    let pair = allocate::<Pair>(mutator);
    pair.first.init(first);
    pair.second.init(second);
    pair.value()
}

/// A float as a value.
pub fn new_float(mutator: &Mutator, number: f64) -> Value {
    Value::small_float(number).unwrap_or_else(|| {
        let boxed = allocate::<BoxedFloat>(mutator);
        boxed.number.init(number);
        boxed.value()
    })
}

/// The elements of an array.
pub fn elements(array: &Gc<Array>) -> &[Field<Value>] {
    let length = array.length.get().as_int() as usize;
    // SAFETY: the array was allocated with this many words behind its fixed part.
    unsafe { std::slice::from_raw_parts((array.address() + size_of::<Array>()) as *const Field<Value>, length) }
}

/// The routine of a function object.
pub fn routine_of(function: Value) -> Option<&'static Routine> {
    // SAFETY: loading stores the address of a leaked routine.
    downcast::<Function>(function).map(|function| unsafe { &*(function.routine.get() as *const Routine) })
}

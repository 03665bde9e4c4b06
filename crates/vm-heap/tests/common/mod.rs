//! Objects for the collector's tests.
#![allow(dead_code)]

use std::sync::atomic::AtomicU64;
use vm_heap::*;

pub const NODE: LayoutId = LayoutId(1);
pub const ARRAY: LayoutId = LayoutId(2);
pub const BYTES: LayoutId = LayoutId(3);
pub const WORDS: LayoutId = LayoutId(4);
pub const WEAK: LayoutId = LayoutId(5);
pub const PAIR: LayoutId = LayoutId(6);

/// A list node: the next one, something else, a number.
#[repr(C)]
pub struct Node {
    pub header: Header,
    pub next: Field<Option<Gc<Node>>>,
    pub other: Field<Value>,
    pub number: Field<u64>,
}

/// Header and length of everything with a tail.
#[repr(C)]
pub struct Sized {
    pub header: Header,
    pub length: Field<Value>,
}

#[repr(C)]
pub struct Weak {
    pub header: Header,
    pub target: WeakField,
    pub other: Field<Value>,
}

pub fn declare() {
    let plain = Layout { name: "", fixed_size: 0, values: 0, pointers: 0, tail: Tail::None, length_offset: 0 };
    declare_layout(NODE, Layout { name: "node", fixed_size: 32, values: 0b100, pointers: 0b10, ..plain });
    let sized = Layout { fixed_size: 16, length_offset: 8, ..plain };
    declare_layout(ARRAY, Layout { name: "array", tail: Tail::Values, ..sized });
    declare_layout(BYTES, Layout { name: "bytes", tail: Tail::Bytes, ..sized });
    declare_layout(WORDS, Layout { name: "words", tail: Tail::Words, ..sized });
    declare_layout(WEAK, Layout { name: "weak", fixed_size: 24, values: 0b100, ..plain });
    declare_layout(PAIR, Layout { name: "pair", fixed_size: 24, values: 0b110, ..plain });
}

pub fn header(layout: LayoutId) -> u64 {
    Header::word(layout, 0, ShapeId(layout.0 as u32))
}

pub fn node(mutator: &Mutator, next: Option<Gc<Node>>, number: u64) -> Gc<Node> {
    // SAFETY: the layout is that of the struct.
    let node: Gc<Node> = unsafe { Gc::from_address(mutator.allocate(32, header(NODE))) };
    node.next.init(next);
    node.other.init(Value::int(0));
    node.number.init(number);
    node
}

fn sized(mutator: &Mutator, layout: LayoutId, length: usize, bytes: usize) -> Gc<Sized> {
    // SAFETY: the layout is that of the struct.
    let object: Gc<Sized> = unsafe { Gc::from_address(mutator.try_allocate(16 + bytes, header(layout)).unwrap()) };
    object.length.init(Value::int(length as i64));
    object
}

pub fn array(mutator: &Mutator, length: usize) -> Gc<Sized> {
    sized(mutator, ARRAY, length, 8 * length)
}

pub fn bytes(mutator: &Mutator, length: usize) -> Gc<Sized> {
    sized(mutator, BYTES, length, length)
}

pub fn words(mutator: &Mutator, length: usize) -> Gc<Sized> {
    sized(mutator, WORDS, length, 8 * length)
}

pub fn weak(mutator: &Mutator, target: Value, notify: bool) -> Gc<Weak> {
    // SAFETY: the layout is that of the struct.
    let weak: Gc<Weak> = unsafe { Gc::from_address(mutator.allocate(24, header(WEAK))) };
    mutator.new_weak(weak, &weak.target, target, notify);
    weak
}

impl Sized {
    pub fn element(&self, index: usize) -> &Field<Value> {
        assert!(index < self.length.get().as_int() as usize);
        // SAFETY: the element lies inside the object.
        unsafe { &*((self as *const Sized as *const Field<Value>).add(2 + index)) }
    }

    pub fn word(&self, index: usize) -> &AtomicU64 {
        self.element(index).word()
    }
}

/// Keeps an address from the conservative scan.
#[derive(Clone, Copy)]
pub struct Hidden(usize);

pub fn hide<T>(object: Gc<T>) -> Hidden {
    Hidden(!object.address())
}

impl Hidden {
    pub fn address(self) -> usize {
        !self.0
    }
}

/// Overwrites what dead frames left on the stack below this one.
#[inline(never)]
pub fn clear_stack() {
    let rubbish = [0u8; 32 << 10];
    std::hint::black_box(&rubbish);
}

/// Runs `body` in a frame of its own, so that its values do not stay on the stack.
#[inline(never)]
pub fn apart<R>(body: impl FnOnce() -> R) -> R {
    let result = std::hint::black_box(body)();
    clear_stack();
    result
}

/// Whether the object is still there, after a collection.
pub fn alive(mutator: &Mutator, object: Hidden) -> bool {
    let mut found = false;
    mutator.for_each_object(|value| found |= value.address() == object.address());
    found
}

/// A small random generator (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

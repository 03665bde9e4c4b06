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

/// What a list should contain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Content {
    pub count: u64,
    pub sum: u64,
}

/// Counts and adds the numbers of a list and of the arrays of nodes that hang on it.
pub fn content(mut at: Option<Gc<Node>>) -> Content {
    let mut content = Content::default();
    while let Some(node) = at {
        assert_eq!(node.header().shape().0, NODE.0 as u32, "damaged header");
        content.count += 1;
        content.sum = content.sum.wrapping_add(node.number.get());
        let other = node.other.get();
        if other.is_object() {
            // SAFETY: the workload stores only arrays there.
            let array: Gc<Sized> = unsafe { Gc::from_address(other.address()) };
            assert_eq!(array.header().shape().0, ARRAY.0 as u32, "damaged header");
            for index in 0..array.length.get().as_int() as usize {
                let element = array.element(index).get();
                if element.is_object() {
                    // SAFETY: the workload stores only nodes there.
                    let node: Gc<Node> = unsafe { Gc::from_address(element.address()) };
                    content.count += 1;
                    content.sum = content.sum.wrapping_add(node.number.get());
                }
            }
        }
        at = node.next.get();
    }
    content
}

/// Builds, changes, drops and checks linked structures that only the native stack and `shared` keep.
/// `shared` is an array that all threads write nodes to and read nodes from.
#[inline(never)]
pub fn workload(m: &Mutator, seed: u64, operations: usize, shared: Gc<Sized>) {
    let mut random = Random(seed);
    let mut lists = [None::<Gc<Node>>; 32];
    let lists = std::hint::black_box(&mut lists);
    let mut expected = [Content::default(); 32];
    let add = |expected: &mut Content, number: u64| {
        expected.count += 1;
        expected.sum = expected.sum.wrapping_add(number);
    };
    for _ in 0..operations {
        let which = random.below(lists.len());
        let (list, expected) = (&mut lists[which], &mut expected[which]);
        match random.below(10) {
            0 => (*list, *expected) = (None, Content::default()),
            1..=3 => {
                for _ in 0..random.below(40) {
                    let number = random.below(1 << 40) as u64;
                    *list = Some(node(m, *list, number));
                    add(expected, number);
                }
            }
            4 => {
                // At the end: an old object gets a young one.
                if let Some(mut last) = *list {
                    while let Some(next) = last.next.get() {
                        last = next;
                    }
                    let number = random.below(1 << 40) as u64;
                    last.next.set(m, last, Some(node(m, None, number)));
                    add(expected, number);
                }
            }
            5 => {
                if let Some(first) = list.filter(|first| !first.other.get().is_object()) {
                    let length = [3, 20, 70, 400, 1100][random.below(5)] + random.below(50);
                    let array = array(m, length);
                    first.other.set(m, first, array.value());
                    for index in 0..length.min(60) {
                        let number = random.below(1 << 40) as u64;
                        array.element(index).set(m, array, node(m, None, number).value());
                        add(expected, number);
                    }
                }
            }
            6 => {
                let length = [100, 2000, 9000, 40_000][random.below(4)];
                std::hint::black_box(bytes(m, length));
            }
            7 => {
                let index = random.below(shared.length.get().as_int() as usize);
                let number = random.below(1 << 40) as u64;
                let published = node(m, Some(node(m, None, number)), number);
                shared.element(index).set_release(m, shared, published.value());
                let found = shared.element(random.below(index + 1)).get_acquire();
                if found.is_object() {
                    // SAFETY: the workload stores only nodes there.
                    let found: Gc<Node> = unsafe { Gc::from_address(found.address()) };
                    let next = found.next.get().expect("a published node has a next one");
                    assert_eq!(found.number.get(), next.number.get());
                }
            }
            8 => {
                if m.should_poll() {
                    m.safepoint()
                }
                if random.below(50) == 0 {
                    m.native(std::thread::yield_now)
                }
            }
            _ => assert_eq!(content(*list), *expected),
        }
    }
    for (list, expected) in lists.iter().zip(expected) {
        assert_eq!(content(*list), expected);
    }
}

/// Runs this test binary again, with only the test `name` and the environment variable `variable` set, after
/// `prepare` in the child. Returns whether it succeeded and what it wrote to the standard error.
pub fn again(name: &str, variable: &str, prepare: fn() -> std::io::Result<()>) -> (bool, String) {
    use std::os::unix::process::CommandExt;
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture"]).env(variable, "1");
    // SAFETY: `prepare` makes a system call only.
    let output = unsafe { command.pre_exec(prepare) }.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

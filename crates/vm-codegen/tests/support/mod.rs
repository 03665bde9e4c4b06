//! A small runtime in real memory, in which a trace is run twice from the same state: by the evaluator and as generated
//! code (with the feature `cranelift`, also as the oracle's code). Everything that can be observed must be equal: the exit, the slots, all memory, calls and barriers.

#![allow(dead_code)] // Each test binary uses its part.

pub mod generate;

use std::arch::asm;
use std::cell::Cell;
use std::sync::Arc;
use vm_codegen::{Code, CodeArena, Compiler, Entry, ExitState, Location, Target};
use vm_ir::{Call, Environment, Left, Outcome, Trace, Type, word};

/// Words of the value stack; slot 0 is in the middle.
const STACK: usize = 4096;
/// Words of the heap that traces allocate from.
const HEAP: usize = 1 << 15;
/// Words of memory that traces load from and store to.
const OBJECTS: usize = 64 * 64;

#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    Call(u64, Vec<u64>),
    Barrier(u64),
}

#[repr(C)]
pub struct World {
    /// Generated code sees these three, see `target`.
    poll: u64,
    cursor: u64,
    limit: u64,
    /// Bytes per chunk of the allocation area.
    pub chunk: u64,
    pub events: Vec<Event>,
    stack: Vec<u64>,
    heap: Vec<u64>,
    heap_used: u64,
    start_bits: Vec<u8>,
    /// 64 objects of 64 words: a header, a boxed float's bits in word 1, elements from word 2.
    objects: Vec<u64>,
    /// Boxed floats by bits, so that equal floats are equal words.
    boxes: Vec<(u64, [u64; 2])>,
    calls_before_poll: Option<u64>,
}

thread_local! {
    static WORLD: Cell<*mut World> = const { Cell::new(std::ptr::null_mut()) };
}

/// The mutable state, to go back to.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    poll: u64,
    cursor: u64,
    limit: u64,
    pub events: Vec<Event>,
    stack: Vec<u64>,
    heap: Vec<u64>,
    heap_used: u64,
    start_bits: Vec<u8>,
    objects: Vec<u64>,
    calls_before_poll: Option<u64>,
}

impl State {
    pub fn slot(&self, slot: i32) -> u64 {
        self.stack[(STACK as i32 / 2 + slot) as usize]
    }
}

impl World {
    pub fn new() -> Box<World> {
        let mut world = Box::new(World {
            poll: 0,
            cursor: 0,
            limit: 0,
            chunk: 256,
            events: Vec::new(),
            stack: vec![0; STACK],
            heap: vec![0; HEAP],
            heap_used: 0,
            start_bits: vec![0; HEAP * 8 / 64 + 8],
            objects: vec![0; OBJECTS],
            boxes: Vec::with_capacity(1 << 16),
            calls_before_poll: None,
        });
        for number in 0..64 {
            world.objects[number * 64] = (number as u64 % 3 + 17) << 32 | (number as u64 & 1);
            world.objects[number * 64 + 1] = (number as f64 * 1.5 - 3.0).to_bits();
            for element in 2..64 {
                world.objects[number * 64 + element] = word::int((number * 1000 + element) as i64);
            }
        }
        world
    }

    /// A target for worlds; the bias of start bits belongs to this one.
    pub fn target(&self) -> Target {
        Target {
            poll_offset: 0,
            cursor_offset: 8,
            limit_offset: 16,
            inline_size_limit: 256,
            start_bits: Some((self.start_bits.as_ptr() as u64).wrapping_sub(self.heap.as_ptr() as u64 >> 8 << 2)),
            barrier_offset: 0,
            barrier_mask: 1,
            box_float: slow_box as *const () as u64,
            allocate: slow_allocate as *const () as u64,
            barrier: slow_barrier as *const () as u64,
        }
    }

    pub fn save(&self) -> State {
        State {
            poll: self.poll,
            cursor: self.cursor,
            limit: self.limit,
            events: self.events.clone(),
            stack: self.stack.clone(),
            heap: self.heap.clone(),
            heap_used: self.heap_used,
            start_bits: self.start_bits.clone(),
            objects: self.objects.clone(),
            calls_before_poll: self.calls_before_poll,
        }
    }

    pub fn restore(&mut self, state: &State) {
        self.poll = state.poll;
        self.cursor = state.cursor;
        self.limit = state.limit;
        self.events.clone_from(&state.events);
        self.stack.copy_from_slice(&state.stack);
        self.heap.copy_from_slice(&state.heap);
        self.heap_used = state.heap_used;
        self.start_bits.copy_from_slice(&state.start_bits);
        self.objects.copy_from_slice(&state.objects);
        self.calls_before_poll = state.calls_before_poll;
    }

    pub fn base(&mut self) -> *mut u64 {
        // SAFETY: the middle of the stack.
        unsafe { self.stack.as_mut_ptr().add(STACK / 2) }
    }

    pub fn set_slot(&mut self, slot: i32, word: u64) {
        self.stack[(STACK as i32 / 2 + slot) as usize] = word;
    }

    pub fn set_poll(&mut self, poll: bool) {
        self.poll = poll as u64;
    }

    /// Sets the poll word at a later call.
    pub fn poll_after_calls(&mut self, calls: Option<u64>) {
        self.calls_before_poll = calls;
    }

    /// The value of a prepared object.
    pub fn object(&self, number: usize) -> u64 {
        word::object(&raw const self.objects[number * 64] as u64)
    }

    fn grow(&mut self, size: u64) {
        let chunk = self.chunk.max(size);
        self.cursor = self.heap.as_ptr() as u64 + self.heap_used;
        self.limit = self.cursor + chunk;
        self.heap_used += chunk;
        assert!(self.heap_used <= HEAP as u64 * 8, "the test heap is full");
    }

    fn new_object(&mut self, size: u64, header: u64) -> u64 {
        if self.cursor + size > self.limit {
            self.grow(size);
        }
        let address = self.cursor;
        self.cursor += size;
        self.store(address, header);
        let line = (address >> 6) - (self.heap.as_ptr() as u64 >> 8 << 2);
        self.start_bits[line as usize] |= 1 << (address >> 3 & 7);
        address
    }

    fn boxed(&mut self, number: f64) -> u64 {
        let bits = if number.is_nan() { f64::NAN.to_bits() } else { number.to_bits() };
        let place = self.boxes.iter().position(|(other, _)| *other == bits).unwrap_or_else(|| {
            assert!(self.boxes.len() < self.boxes.capacity(), "boxes must not move");
            self.boxes.push((bits, [17 << 32, bits]));
            self.boxes.len() - 1
        });
        word::object(self.boxes[place].1.as_ptr() as u64)
    }

    /// What a float is as a value.
    pub fn value_of(&mut self, number: f64) -> u64 {
        word::small_float(number).unwrap_or_else(|| self.boxed(number))
    }

    fn record_call(&mut self, function: u64, arguments: &[u64]) -> u64 {
        let plain = |word: &u64| if f64::from_bits(*word).is_nan() { f64::NAN.to_bits() } else { *word };
        let arguments: Vec<u64> = arguments.iter().map(plain).collect();
        let hash = arguments.iter().fold(function, |hash, word| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1);
        self.events.push(Event::Call(function, arguments));
        if let Some(left) = &mut self.calls_before_poll {
            if *left == 0 {
                self.poll = 1;
            }
            *left = left.saturating_sub(1);
        }
        hash
    }

    fn answer_value(&mut self, function: u64, arguments: &[u64]) -> u64 {
        word::int((self.record_call(function, arguments) >> 40) as i64)
    }

    fn answer_float(&mut self, function: u64, arguments: &[u64]) -> f64 {
        (self.record_call(function, arguments) >> 40) as f64 * 0.25
    }
}

impl Environment for World {
    fn load(&mut self, address: u64) -> u64 {
        // SAFETY: traces under test access the memory of this world only.
        unsafe { *(address as *const u64) }
    }

    fn store(&mut self, address: u64, word: u64) {
        // SAFETY: as above.
        unsafe { *(address as *mut u64) = word }
    }

    fn allocate(&mut self, size: u32, header: u64) -> u64 {
        self.new_object(size as u64, header)
    }

    fn box_float(&mut self, number: f64) -> u64 {
        self.boxed(number)
    }

    fn call(&mut self, call: &Call, ty: Type, arguments: &[u64]) -> u64 {
        let function = FUNCTIONS.iter().position(|function| function.name == call.name).unwrap();
        assert_eq!(FUNCTIONS[function].result, ty);
        match ty {
            Type::Float => self.answer_float(function as u64, arguments).to_bits(),
            _ => self.answer_value(function as u64, arguments),
        }
    }

    fn barrier(&mut self, value: u64) {
        if self.load(word::address(value)) & 1 != 0 {
            self.events.push(Event::Barrier(value));
        }
    }

    fn poll(&mut self) -> bool {
        self.poll != 0
    }

    fn thread(&self) -> u64 {
        self as *const World as u64
    }
}

/// Overwrites every register that a call may change.
fn clobber() {
    // SAFETY: the registers are declared as changed.
    unsafe {
        asm!(
            "mov rax, -86",
            "mov rcx, rax",
            "mov rdx, rax",
            "mov rsi, rax",
            "mov rdi, rax",
            "mov r8, rax",
            "mov r9, rax",
            "mov r10, rax",
            "mov r11, rax",
            "movq xmm0, rax",
            "movaps xmm1, xmm0",
            "movaps xmm2, xmm0",
            "movaps xmm3, xmm0",
            "movaps xmm4, xmm0",
            "movaps xmm5, xmm0",
            "movaps xmm6, xmm0",
            "movaps xmm7, xmm0",
            "movaps xmm8, xmm0",
            "movaps xmm9, xmm0",
            "movaps xmm10, xmm0",
            "movaps xmm11, xmm0",
            "movaps xmm12, xmm0",
            "movaps xmm13, xmm0",
            "movaps xmm14, xmm0",
            "movaps xmm15, xmm0",
            clobber_abi("sysv64")
        )
    }
}

fn world<R>(body: impl FnOnce(&mut World) -> R) -> R {
    // SAFETY: `run_code` set the pointer, and nobody else uses the world while code runs.
    let result = body(unsafe { &mut *WORLD.get() });
    clobber();
    result
}

extern "sysv64" fn slow_box(_: *mut u8, number: f64) -> u64 {
    world(|world| world.boxed(number))
}

extern "sysv64" fn slow_allocate(_: *mut u8, size: u64, header: u64) -> u64 {
    world(|world| word::object(world.new_object(size, header)))
}

extern "sysv64" fn slow_barrier(_: *mut u8, value: u64) {
    world(|world| world.events.push(Event::Barrier(value)))
}

/// A runtime function for tests.
pub struct Function {
    pub name: &'static str,
    pub arguments: &'static [Type],
    pub result: Type,
    pub address: fn() -> u64,
}

use Type::{Float as F, Value as V};

pub const FUNCTIONS: &[Function] = &[
    Function { name: "none", arguments: &[], result: Type::None, address: || none as *const () as u64 },
    Function { name: "two", arguments: &[V, V], result: V, address: || two as *const () as u64 },
    Function { name: "mixed", arguments: &[F, V, F], result: F, address: || mixed as *const () as u64 },
    Function {
        name: "full",
        arguments: &[V, F, V, F, V, F, V, F, V, F, V, F, F, F],
        result: V,
        address: || full as *const () as u64,
    },
];

extern "sysv64" fn none() {
    world(|world| world.answer_value(0, &[]));
}

extern "sysv64" fn two(a: u64, b: u64) -> u64 {
    world(|world| world.answer_value(1, &[a, b]))
}

extern "sysv64" fn mixed(x: f64, a: u64, y: f64) -> f64 {
    world(|world| world.answer_float(2, &[x.to_bits(), a, y.to_bits()]))
}

#[allow(clippy::too_many_arguments)]
extern "sysv64" fn full(
    a: u64,
    x: f64,
    b: u64,
    y: f64,
    c: u64,
    z: f64,
    d: u64,
    u: f64,
    e: u64,
    v: f64,
    f: u64,
    w: f64,
    s: f64,
    t: f64,
) -> u64 {
    let floats = [x, y, z, u, v, w, s, t].map(f64::to_bits);
    let [x, y, z, u, v, w, s, t] = floats;
    world(|world| world.answer_value(3, &[a, x, b, y, c, z, d, u, e, v, f, w, s, t]))
}

/// Fills in the addresses of test functions in calls by name.
pub fn resolve_calls(trace: &mut Trace) {
    for call in &mut trace.calls {
        let function = FUNCTIONS.iter().find(|function| function.name == call.name);
        call.address = (function.unwrap_or_else(|| panic!("no test function {}", call.name)).address)();
    }
}

/// How a trace was left, as the evaluator says it or as seen from generated code.
#[derive(Clone, PartialEq, Debug)]
pub struct Observed {
    pub snapshot: u32,
    pub instruction: usize,
    pub slots: Vec<(i32, u64)>,
    pub state: State,
}

pub fn run_evaluator(trace: &Trace, params: &[u64], world: &mut World, fuel: u64) -> Option<Observed> {
    let base = world.base() as u64;
    let Outcome { left, snapshot, slots, .. } = vm_ir::evaluate(trace, base, params, world, fuel).ok()?;
    let instruction = if let Left::Guard(index) = left { index } else { trace.insts.len() };
    Some(Observed { snapshot: snapshot.0, instruction, slots, state: world.save() })
}

/// Enters code; returns the exit number and state.
pub fn enter(code: &Code, world: &mut World) -> (u32, ExitState) {
    let mut state = ExitState::new();
    let base = world.base();
    WORLD.set(world);
    // SAFETY: the entry of installed code has this signature, and the world is the runtime it was compiled for.
    let number = unsafe {
        let entry: Entry = std::mem::transmute(code.entry().unwrap());
        entry(WORLD.get() as *mut u8, base, &mut state)
    };
    (number as u32, state)
}

/// Does what the interpreter does at an exit.
pub fn observe(trace: &Trace, code: &Code, number: u32, state: &ExitState, world: &mut World) -> Observed {
    let exit = code.exit(number).expect("the exit belongs to this code");
    let read = |at| code.read(trace, exit, at, state);
    let base = state.frame_pointer() as u64;
    let slots = vm_ir::write_snapshot(trace, exit.snapshot, base, &read, world);
    Observed { snapshot: exit.snapshot.0, instruction: exit.instruction as usize, slots, state: world.save() }
}

pub struct Harness {
    pub world: Box<World>,
    pub arena: Arc<CodeArena>,
    pub compiler: Compiler,
    #[cfg(feature = "cranelift")]
    oracle: vm_codegen::cranelift::Oracle,
}

impl Harness {
    pub fn new() -> Harness {
        let world = World::new();
        let arena = Arc::new(CodeArena::new(world.target(), 1 << 30).unwrap());
        let mut compiler = Compiler::new(arena.clone());
        compiler.keep_offsets(true);
        #[cfg(feature = "cranelift")]
        let oracle = vm_codegen::cranelift::Oracle::new(arena.clone()).unwrap();
        Harness {
            world,
            arena,
            compiler,
            #[cfg(feature = "cranelift")]
            oracle,
        }
    }

    /// Runs a root trace both ways from the world's present state and compares; returns what was observed, or `None`
    /// if the evaluator ran out of fuel.
    pub fn check(&mut self, trace: &Trace, context: &str) -> Option<Observed> {
        vm_ir::verify(trace).unwrap_or_else(|error| panic!("{context}: {error}\n{trace}"));
        let before = self.world.save();
        let expected = run_evaluator(trace, &[], &mut self.world, 2_000_000);
        self.world.restore(&before);
        let expected = expected?;
        let code = self.compiler.compile_root(trace).unwrap_or_else(|error| panic!("{context}: {error}\n{trace}"));
        let (number, state) = enter(&code, &mut self.world);
        let found = observe(trace, &code, number, &state, &mut self.world);
        let listing = || code.listing(&self.arena, trace);
        assert_same(&expected, &found, || format!("{context}\n{trace}\n{}", listing()));
        #[cfg(feature = "cranelift")]
        if !matches!(trace.end, vm_ir::End::Loop(snapshot) if snapshot != vm_ir::SnapshotId::NONE) {
            self.world.restore(&before);
            let code = self.oracle.compile_root(trace).unwrap_or_else(|error| panic!("{context}: {error}\n{trace}"));
            let (number, state) = enter(&code, &mut self.world);
            let found = observe(trace, &code, number, &state, &mut self.world);
            assert_same(&expected, &found, || format!("Cranelift: {context}\n{trace}"));
        }
        Some(found)
    }
}

pub fn assert_same(expected: &Observed, found: &Observed, context: impl Fn() -> String) {
    let exit = |observed: &Observed| (observed.instruction, observed.snapshot, observed.slots.clone());
    if exit(expected) != exit(found) {
        panic!("left differently\nexpected {:x?}\nfound    {:x?}\n{}", exit(expected), exit(found), context());
    }
    if expected.state.events != found.state.events {
        panic!("events\nexpected {:x?}\nfound    {:x?}\n{}", expected.state.events, found.state.events, context());
    }
    if expected.state != found.state {
        panic!("memory differs\n{}", context());
    }
}

/// The locations of an exit's live-ins, for a bridge.
pub fn live_in_locations(trace: &Trace, code: &Code, number: u32) -> Vec<Location> {
    code.values(trace, code.exit(number).unwrap()).into_iter().map(|(_, location)| location).collect()
}

//! Leaving a trace: what its snapshot says is written to the value stack.
//!
//! Where each slot's value comes from is looked up once for each exit that is taken, in a plan.

use crate::jit::{Compiled, MAX_VIRTUALS};
use crate::language::TraceLanguage;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use vm_codegen::{Exit, ExitState, Location};
use vm_heap::{Header, Value};
use vm_ir::{Constant, Content, End, Ref, Type};
use vm_machine::Thread;

/// An exit in use.
#[derive(Default)]
pub(crate) struct Way {
    /// The exit's plan, once it has been taken.
    plan: AtomicPtr<Plan>,
    /// How often it was taken without a bridge.
    pub count: AtomicU32,
    /// How often a bridge was tried.
    pub tries: AtomicU32,
}

/// What an exit does.
pub(crate) struct Plan {
    /// Where to go on; 0 where the thread stands at the place.
    pub pc: u64,
    /// The frame there, in slots from the base.
    pub frame: i32,
    /// Whether an exception is to be unwound from there.
    pub raise: bool,
    /// Whether it is the end of the trace, at the header of a loop that has code of its own.
    pub is_end: bool,
    /// The slot behind the last one that is written, or 0.
    pub end: i32,
    slots: Box<[(i32, Source)]>,
    has_virtuals: bool,
}

/// Where a value comes from.
#[derive(Clone, Copy)]
enum Source {
    /// A constant of the trace, by its number.
    Constant(u32),
    Word(Location),
    Float(Location),
    FloatConstant(u32),
    FrameAddress(i32),
    Virtual(u32),
}

impl Plan {
    /// The plan of the exit with an index.
    #[inline(always)]
    pub fn of<'a>(way: &'a Way, compiled: &Compiled, index: usize) -> &'a Plan {
        // SAFETY: null or a plan, which is never freed.
        match unsafe { way.plan.load(Ordering::Acquire).as_ref() } {
            Some(plan) => plan,
            None => Plan::make(way, compiled, &compiled.code.exits[index]),
        }
    }

    #[cold]
    fn make<'a>(way: &'a Way, compiled: &Compiled, exit: &Exit) -> &'a Plan {
        let made = Box::into_raw(Box::new(Plan::new(compiled, exit)));
        match way.plan.compare_exchange(std::ptr::null_mut(), made, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: just made; it is never freed from now on.
            Ok(_) => unsafe { &*made },
            Err(other) => {
                // SAFETY: just made, and nobody else has seen it.
                drop(unsafe { Box::from_raw(made) });
                // SAFETY: the plan of another thread, which is never freed.
                unsafe { &*other }
            }
        }
    }

    fn new(compiled: &Compiled, exit: &Exit) -> Plan {
        let snapshot = compiled.kept.snapshot(exit.snapshot);
        let slots: Box<[(i32, Source)]> =
            snapshot.entries.iter().map(|(slot, content)| (*slot, source(compiled, exit, *content))).collect();
        Plan {
            pc: snapshot.pc,
            frame: snapshot.frame,
            raise: snapshot.raise,
            is_end: compiled.kept.end == End::Exit(exit.snapshot),
            end: snapshot.entries.last().map_or(0, |(slot, _)| *slot + 1),
            has_virtuals: slots.iter().any(|(_, source)| matches!(source, Source::Virtual(_))),
            slots,
        }
    }

    /// Writes the slots.
    #[inline(always)]
    pub fn write<L: TraceLanguage>(
        &self,
        thread: &mut Thread,
        compiled: &Compiled,
        index: usize,
        base: *mut Value,
        state: &ExitState,
    ) {
        if self.has_virtuals {
            return self.write_with_virtuals::<L>(thread, compiled, index, base, state);
        }
        self.write_each(base, |source| match source {
            Source::Word(location) => Value::from_bits(location.read(state)),
            other => plain::<L>(thread, &compiled.kept.constants, base, state, other),
        });
    }

    #[inline(always)]
    fn write_each(&self, base: *mut Value, mut value: impl FnMut(Source) -> Value) {
        for (slot, source) in &self.slots {
            // SAFETY: slots of a snapshot lie in the frames that it describes, inside the value stack.
            unsafe { *base.offset(*slot as isize) = value(*source) };
        }
    }

    #[inline(never)]
    fn write_with_virtuals<L: TraceLanguage>(
        &self,
        thread: &mut Thread,
        compiled: &Compiled,
        index: usize,
        base: *mut Value,
        state: &ExitState,
    ) {
        // Objects lie here, on the native stack, until slots refer to them.
        let mut objects = Restored { objects: [(0, Value::from_bits(0)); MAX_VIRTUALS], count: 0 };
        let exit = &compiled.code.exits[index];
        let mut leaving = Leaving { thread, compiled, exit, base, state };
        self.write_each(base, |source| leaving.value::<L>(source, &mut objects));
    }
}

fn source(compiled: &Compiled, exit: &Exit, content: Content) -> Source {
    let trace = &compiled.kept;
    match content {
        Content::FrameAddress(slot) => Source::FrameAddress(slot),
        Content::Virtual(number) => Source::Virtual(number),
        Content::Ref(at) => match (trace.as_constant(at), trace.type_of(at)) {
            (Some(_), Type::Float) => Source::FloatConstant(at.index() as u32),
            (Some(_), _) => Source::Constant(at.index() as u32),
            (None, Type::Float) => Source::Float(location(compiled, exit, at)),
            (None, _) => Source::Word(location(compiled, exit, at)),
        },
    }
}

fn location(compiled: &Compiled, exit: &Exit, at: Ref) -> Location {
    let found = compiled.code.values(exit).find(|(other, _)| *other == at);
    found.expect("the reference is in the exit's snapshot").1
}

/// The value of a source that is no virtual object.
fn plain<L: TraceLanguage>(
    thread: &mut Thread,
    constants: &[Constant],
    base: *mut Value,
    state: &ExitState,
    source: Source,
) -> Value {
    let bits = |number: u32| constants[number as usize].bits;
    let boxed = |thread, number| Value::small_float(number).unwrap_or_else(|| L::box_float(thread, number));
    match source {
        Source::Constant(number) => Value::from_bits(bits(number)),
        Source::Word(location) => Value::from_bits(location.read(state)),
        Source::Float(location) => boxed(thread, f64::from_bits(location.read(state))),
        Source::FloatConstant(number) => boxed(thread, f64::from_bits(bits(number))),
        Source::FrameAddress(slot) => Value::from_bits(base.wrapping_offset(slot as isize) as u64),
        Source::Virtual(_) => unreachable!("virtual objects are allocated"),
    }
}

/// Objects allocated at an exit so far, by number. They lie on the native stack, where the collector sees them.
struct Restored {
    objects: [(u32, Value); MAX_VIRTUALS],
    count: usize,
}

struct Leaving<'a> {
    thread: &'a mut Thread,
    compiled: &'a Compiled,
    exit: &'a Exit,
    base: *mut Value,
    state: &'a ExitState,
}

impl Leaving<'_> {
    fn value<L: TraceLanguage>(&mut self, source: Source, objects: &mut Restored) -> Value {
        let Source::Virtual(number) = source else {
            return plain::<L>(self.thread, &self.compiled.kept.constants, self.base, self.state, source);
        };
        if let Some((_, known)) = objects.objects[..objects.count].iter().find(|(other, _)| *other == number) {
            return *known;
        }
        let description = &self.compiled.kept.virtuals[number as usize];
        let address = self.thread.mutator.allocate(description.size as usize, description.header);
        let object = Value::object(address);
        objects.objects[objects.count] = (number, object);
        objects.count += 1;
        for (offset, field) in &description.fields {
            let value = self.value::<L>(crate::restore::source(self.compiled, self.exit, *field), objects);
            // SAFETY: the offset lies inside the object; writing a field may allocate, which does not move it.
            unsafe { *((address + *offset as usize) as *mut Value) = value };
            self.thread.mutator.barrier(
                // SAFETY: a live object starts with a header.
                unsafe { &*(address as *const Header) },
            );
        }
        object
    }
}

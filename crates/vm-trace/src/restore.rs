//! Leaving a trace: what its snapshot says is written to the value stack.
//!
//! Where each slot's value comes from is looked up once for each exit that is taken, in a plan.

use crate::jit::{Compiled, MAX_VIRTUALS};
use crate::kept::Kept;
use crate::language::TraceLanguage;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use vm_codegen::{Exit, ExitState, Location};
use vm_heap::{Header, Value};
use vm_ir::{Constant, Content, End, Snapshot, Type};
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
    /// Whether it is at the end of the trace, at the header of a loop that has code of its own.
    pub is_end: bool,
    /// The slot behind the last one that is written, or 0.
    pub end: i32,
    slots: Box<[(i32, Source)]>,
    objects: Box<[Object]>,
}

/// An object that is allocated at the exit.
struct Object {
    size: usize,
    header: u64,
    /// Byte offsets, and what is stored there.
    fields: Box<[(u32, Source)]>,
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
    /// An object of the plan.
    Object(u32),
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
        let trace = &compiled.kept;
        let snapshot = trace.snapshot(exit.snapshot);
        let slots = trace.slots(snapshot.top);
        let (refs, numbers) = trace.references(&slots);
        let values = compiled.code.locate(exit, &refs);
        let source = |content: Content| match content {
            Content::FrameAddress(slot) => Source::FrameAddress(slot),
            Content::Virtual(number) => {
                let index = numbers.iter().position(|other| *other == number);
                Source::Object(index.expect("every object of the snapshot was visited") as u32)
            }
            Content::Ref(at) => {
                let location = || {
                    let found = values.iter().find(|(other, _)| *other == at);
                    found.expect("the reference is in the exit's snapshot").1
                };
                match (at.is_constant(), trace.type_of(at)) {
                    (true, Type::Float) => Source::FloatConstant(at.index() as u32),
                    (true, _) => Source::Constant(at.index() as u32),
                    (false, Type::Float) => Source::Float(location()),
                    (false, _) => Source::Word(location()),
                }
            }
        };
        let objects = numbers.iter().map(|number| {
            let description = &trace.virtuals[*number as usize];
            let fields = description.fields.iter().map(|(offset, content)| (*offset, source(*content))).collect();
            Object { size: description.size as usize, header: description.header, fields }
        });
        Plan {
            pc: snapshot.pc,
            frame: snapshot.frame,
            raise: snapshot.raise,
            is_end: is_end(trace, &snapshot),
            end: slots.last().map_or(0, |(slot, _)| *slot + 1),
            objects: objects.collect(),
            slots: slots.iter().map(|(slot, content)| (*slot, source(*content))).collect(),
        }
    }

    /// Writes the slots.
    #[inline(always)]
    pub fn write<L: TraceLanguage>(
        &self,
        thread: &mut Thread,
        compiled: &Compiled,
        base: *mut Value,
        state: &ExitState,
    ) {
        let constants = &compiled.kept.constants;
        if !self.objects.is_empty() {
            return self.write_with_objects::<L>(thread, constants, base, state);
        }
        self.write_each(base, |source| match source {
            Source::Word(location) => Value::from_bits(location.read(state)),
            other => value::<L>(thread, constants, base, state, &[], other),
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
    fn write_with_objects<L: TraceLanguage>(
        &self,
        thread: &mut Thread,
        constants: &[Constant],
        base: *mut Value,
        state: &ExitState,
    ) {
        // They lie here, on the native stack, where the collector sees them, until slots refer to them.
        let mut objects = [Value::from_bits(0); MAX_VIRTUALS];
        for (object, Object { size, header, .. }) in objects.iter_mut().zip(&self.objects) {
            *object = Value::object(thread.mutator.allocate(*size, *header));
        }
        for (object, Object { fields, .. }) in objects.iter().zip(&self.objects) {
            let address = object.address();
            for (offset, source) in fields {
                let value = value::<L>(thread, constants, base, state, &objects, *source);
                // SAFETY: the offset lies inside the object; objects don't move, and each starts with a header.
                unsafe {
                    *((address + *offset as usize) as *mut Value) = value;
                    thread.mutator.barrier(&*(address as *const Header));
                }
            }
        }
        self.write_each(base, |source| value::<L>(thread, constants, base, state, &objects, source));
    }
}

/// Whether the trace goes on with another one from a state.
fn is_end(trace: &Kept, state: &Snapshot) -> bool {
    match trace.end {
        End::Jump { snapshot, .. } => trace.snapshot(snapshot) == *state,
        End::Exit(_) | End::Loop(_) => false,
    }
}

/// The value of a source.
fn value<L: TraceLanguage>(
    thread: &mut Thread,
    constants: &[Constant],
    base: *mut Value,
    state: &ExitState,
    objects: &[Value],
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
        Source::Object(number) => objects[number as usize],
    }
}

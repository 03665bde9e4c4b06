//! Leaving a trace: what its snapshot says is written to the value stack.

use crate::jit::{Compiled, MAX_VIRTUALS};
use crate::language::TraceLanguage;
use vm_codegen::ExitState;
use vm_heap::{Header, Value};
use vm_ir::{Content, Type};
use vm_machine::Thread;

/// Objects allocated at an exit so far, by number. They lie on the native stack, where the collector sees them.
struct Restored {
    objects: [(u32, Value); MAX_VIRTUALS],
    count: usize,
}

/// Writes the slots of a snapshot.
pub(crate) fn restore<L: TraceLanguage>(
    thread: &mut Thread,
    compiled: &Compiled,
    exit: &vm_codegen::Exit,
    base: *mut Value,
    state: &ExitState,
) {
    let trace = &compiled.trace;
    let snapshot = &trace.snapshots[exit.snapshot.0 as usize];
    // Objects lie here, on the native stack, until slots refer to them.
    let mut virtuals = Restored { objects: [(0, Value::from_bits(0)); MAX_VIRTUALS], count: 0 };
    for (slot, content) in &snapshot.entries {
        let value = content_value::<L>(thread, compiled, exit, state, base, *content, &mut virtuals);
        // SAFETY: slots of a snapshot lie in the frames that it describes, inside the value stack.
        unsafe { *base.offset(*slot as isize) = value };
    }
}

fn content_value<L: TraceLanguage>(
    thread: &mut Thread,
    compiled: &Compiled,
    exit: &vm_codegen::Exit,
    state: &ExitState,
    base: *mut Value,
    content: Content,
    virtuals: &mut Restored,
) -> Value {
    match content {
        Content::Ref(at) => {
            let bits = compiled.code.read(&compiled.trace, exit, at, state);
            match compiled.trace.type_of(at) {
                Type::Float => {
                    let number = f64::from_bits(bits);
                    Value::small_float(number).unwrap_or_else(|| L::box_float(thread, number))
                }
                _ => Value::from_bits(bits),
            }
        }
        Content::FrameAddress(slot) => Value::from_bits(base.wrapping_offset(slot as isize) as u64),
        Content::Virtual(number) => {
            if let Some((_, known)) = virtuals.objects[..virtuals.count].iter().find(|(other, _)| *other == number) {
                return *known;
            }
            let description = &compiled.trace.virtuals[number as usize];
            let address = thread.mutator.allocate(description.size as usize, description.header);
            let object = Value::object(address);
            virtuals.objects[virtuals.count] = (number, object);
            virtuals.count += 1;
            for (offset, field) in &description.fields {
                let value = content_value::<L>(thread, compiled, exit, state, base, *field, virtuals);
                // SAFETY: the offset lies inside the object; writing a field may allocate, which does not move it.
                unsafe { *((address + *offset as usize) as *mut Value) = value };
                thread.mutator.barrier(
                    // SAFETY: a live object starts with a header.
                    unsafe { &*(address as *const Header) },
                );
            }
            object
        }
    }
}

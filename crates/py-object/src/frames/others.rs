//! The frames of other threads, as they are at one moment. Those threads go on: what is made here are objects that know where each frame
//! was, without its variables.

use super::{Running, new_object, running};
use crate::cx::{Cx, NONE, PyResult};
use crate::objects::{Code, Dict, FrameObject, Function, Tuple};
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::{types::int, value_tail};
use vm_heap::{Gc, Value};

/// Room for the frames that are entered between counting and noting.
const SLACK: usize = 512;

/// Calls `note` with all other threads in turn, while they are stopped. It must not allocate in the heap.
fn each_other(cx: &Cx, mut note: impl FnMut(&Cx)) {
    let me = std::ptr::from_ref(cx);
    let runtime = cx.runtime;
    cx.mutator().stop_the_world(|_| {
        runtime.for_each_thread(&mut |thread| {
            if !std::ptr::eq(thread, me) {
                note(thread);
            }
        });
    });
}

/// Gathers values of the other threads, `list` of each, into a tuple: for each thread its number, how many values there are, and those.
fn gather(cx: &mut Cx, list: impl Fn(&Cx, &mut dyn FnMut(Value))) -> Gc<Tuple> {
    let mut room = SLACK;
    each_other(cx, |thread| {
        room += 2;
        list(thread, &mut |_| room += 1);
    });
    let found = Tuple::new(cx, &vec![NONE; room]);
    let (fields, mutator) = (value_tail(&found, room), cx.mutator());
    let mut at = 0;
    each_other(cx, |thread| {
        let mut count = 0;
        list(thread, &mut |_| count += 1);
        if at + 2 + count > room {
            return;
        }
        fields[at].set(mutator, found, Value::int(thread.system_thread as i64));
        fields[at + 1].set(mutator, found, Value::int(count as i64));
        at += 2;
        list(thread, &mut |value| {
            fields[at].set(mutator, found, value);
            at += 1;
        });
    });
    found
}

/// The values of each thread in what has been gathered, with the number of the thread.
fn threads(found: &Gc<Tuple>) -> impl Iterator<Item = (i64, &[Value])> {
    let mut rest = tuple_items(found);
    std::iter::from_fn(move || {
        let [number, count, more @ ..] = rest else { return None };
        let (values, after) = (number != &NONE).then(|| more.split_at(count.as_int() as usize))?;
        rest = after;
        Some((number.as_int(), values))
    })
}

/// Objects of noted frames, of which the innermost comes first; that one, or None.
fn objects_of(cx: &mut Cx, noted: &[Value]) -> Value {
    let mut outer = NONE;
    for frame in noted.chunks_exact(3).rev() {
        let (Some(function), Some(code)) = (downcast::<Function>(frame[0]), downcast::<Code>(frame[1])) else {
            continue;
        };
        let offset = frame[2].as_int().max(0) as usize;
        let place = Running { owner: frame[0], function, code, fp: std::ptr::null_mut(), offset };
        let object = new_object(cx, &place);
        object.back.init(outer);
        outer = object.value();
    }
    outer
}

fn note_frame(frame: &Running, note: &mut dyn FnMut(Value)) {
    note(frame.function.value());
    note(frame.code.value());
    note(Value::int(frame.offset as i64));
}

/// Adds the innermost frame of each other thread to a dict, by the number of the thread.
pub fn add_frames_of_others(cx: &mut Cx, all: Gc<Dict>) -> PyResult<()> {
    let found = gather(cx, |thread, note| running(thread).for_each(|frame| note_frame(&frame, note)));
    for (number, values) in threads(&found) {
        let innermost = objects_of(cx, values);
        if innermost != NONE {
            let number = int::from_i64(cx, number);
            Dict::set(cx, all, number, innermost)?;
        }
    }
    Ok(())
}

/// The frame that a frame of another thread returns to, or None.
pub(super) fn caller_elsewhere(cx: &mut Cx, frame: Gc<FrameObject>) -> Value {
    let (thread_of_frame, place) = (frame.thread.get(), frame.place.get());
    let found = gather(cx, |thread, note| {
        if std::ptr::from_ref(thread) as u64 == thread_of_frame {
            running(thread)
                .skip_while(|frame| frame.fp as u64 != place)
                .skip(1)
                .for_each(|frame| note_frame(&frame, note));
        }
    });
    let values = threads(&found).map(|(_, values)| values).find(|values| !values.is_empty()).unwrap_or_default();
    objects_of(cx, values)
}

/// Adds the exception that each other thread handles to a dict, by the number of the thread.
pub fn add_handled_by_others(cx: &mut Cx, all: Gc<Dict>) -> PyResult<()> {
    let found = gather(cx, |thread, note| note(thread.handled_now()));
    for (number, values) in threads(&found) {
        let number = int::from_i64(cx, number);
        Dict::set(cx, all, number, values[0])?;
    }
    Ok(())
}

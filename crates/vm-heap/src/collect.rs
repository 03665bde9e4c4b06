//! One collection, minor or full, run by the requesting thread while the world is stopped.
//!
//! A minor collection does no work proportional to the heap: its roots are stacks, global roots and old objects that
//! have been written to, it stops at old objects, and it sweeps only blocks handed out since the last collection.
//! A full collection forgets all marks first (mark bits cleared, line bytes by a new epoch) and sweeps everything.
//!
//! Order: mark; clear notifying weak references; revive finalizable objects and mark from them; clear the other weak
//! references; sweep.

use crate::block::SweepOptions;
use crate::census;
use crate::heap::{Heap, State};
use crate::mark::{Finder, Marker};
use crate::mutator::Mutator;
use crate::program;
use crate::scan::Visitor;
use crate::value::Value;
use crate::verify;
use std::sync::atomic::Ordering;
use std::time::Instant;
use vm_sync::World;

/// The mutators of all attached threads.
pub(crate) fn mutators<'a>(world: &'a World<'_>) -> impl Iterator<Item = &'a Mutator> {
    // SAFETY: threads attach with their mutator as context, and a mutator detaches before it is freed. The world is
    // stopped, so nobody else uses it.
    world.threads().map(|thread| unsafe { &*(thread.context() as *const Mutator) })
}

/// Collects. `full` asks for a full collection; a minor one turns full when the heap has grown enough.
/// `count` asks to count what died and could refer to other objects. Returns whether finalizable objects or owners of cleared
/// weak references wait to be taken.
pub(crate) fn collect(heap: &Heap, world: &World<'_>, full: bool, count: bool) -> bool {
    collect_telling(heap, world, full, count, None)
}

/// Who wants to know which finalizable objects nothing reaches.
pub(crate) struct Unreached<'a> {
    /// The parts of the requesting thread's value stack that count.
    pub frames: &'a [std::ops::Range<usize>],
    /// Told of the objects to which at most native stacks and the rest of that value stack refer; may only read. They are alive when the
    /// collection is over.
    pub tell: &'a mut dyn FnMut(Value),
}

/// The same, telling of what is not reached.
pub(crate) fn collect_telling(
    heap: &Heap,
    world: &World<'_>,
    full: bool,
    count: bool,
    unreached: Option<(&Mutator, Unreached<'_>)>,
) -> bool {
    let started = Instant::now();
    let mut guard = heap.lock();
    let state = &mut *guard;
    let full = full || state.full_due;
    let before = state.used_bytes();
    let handed_out = state.blocks.handed_out + state.large.handed_out;
    state.statistics.allocated_bytes += handed_out as u64;

    let mut remembered = std::mem::take(&mut state.remembered);
    for mutator in mutators(world) {
        mutator.retire_run();
        mutator.take_remembered(&mut remembered);
    }
    if full {
        // Every live object is marked anew and scanned then.
        remembered.clear();
        forget_marks(heap, state);
    }
    state.statistics.remembered = remembered.len();
    let epoch = heap.epoch.load(Ordering::Relaxed);

    // SAFETY: the world is stopped, by the existence of `world`.
    unsafe {
        mark(heap, state, world, epoch, full, &remembered, unreached);
        let options = SweepOptions { epoch, poison: state.configuration.poison, count };
        if full {
            state.blocks.sweep_all(&heap.space, options);
        } else {
            state.blocks.sweep_young(&heap.space, options);
        }
        state.large.sweep(&heap.space, full, options.poison);
    }
    remembered.clear();
    state.remembered = remembered;
    if full {
        state.pace.note(started.elapsed());
        state.plan();
        let reserve = ((state.full_threshold - state.live_bytes()) / 2).max(state.nursery);
        state.statistics.returned_bytes += state.blocks.release(&heap.space, reserve) as u64;
        state.statistics.used_bytes_after_full = state.used_bytes();
    } else {
        state.plan_minor();
    }
    let collections = heap.collections.fetch_add(1, Ordering::Relaxed) + 1;
    if collections.is_power_of_two() && state.configuration.stress.is_none() {
        program::unmap_pages();
    }

    let nanoseconds = started.elapsed().as_nanos() as u64;
    let pauses = if full { &mut state.statistics.full } else { &mut state.statistics.minor };
    pauses.add(nanoseconds);
    if state.configuration.log {
        census::log(state, full, before, nanoseconds);
    }
    if state.configuration.census && full {
        census::census(heap, state);
    }
    if state.configuration.verify {
        let report = verify::verify(heap, state, world);
        if !report.problems.is_empty() {
            verify::abort_with(&report);
        }
    }
    state.has_pending()
}

fn forget_marks(heap: &Heap, state: &State) {
    let extent = state.blocks.extent();
    // SAFETY: the world is stopped.
    unsafe {
        heap.space.clear_marks(extent);
        state.large.clear_marks(&heap.space);
        let epoch = heap.epoch.load(Ordering::Relaxed);
        if epoch == u8::MAX {
            heap.space.clear_lines(extent);
            heap.epoch.store(1, Ordering::Relaxed);
        } else {
            heap.epoch.store(epoch + 1, Ordering::Relaxed);
        }
    }
}

/// # Safety
/// The world must be stopped.
unsafe fn mark(
    heap: &Heap,
    state: &mut State,
    world: &World<'_>,
    epoch: u8,
    full: bool,
    remembered: &[usize],
    unreached: Option<(&Mutator, Unreached<'_>)>,
) {
    let finder = Finder { space: heap.space, blocks: &state.blocks, large: &state.large };
    let mut marker = Marker::new(finder, epoch, std::mem::take(&mut state.mark_stack));
    // SAFETY: the stacks of stopped threads are readable in their published bounds; roots refer to objects.
    unsafe {
        let mut found = 0;
        match &unreached {
            None => found += stacks(world).map(|range| marker.ambiguous_range(range)).sum::<usize>(),
            Some((requesting, unreached)) => {
                for range in unreached.frames {
                    marker.ambiguous_range(range.clone());
                }
                let others = mutators(world).filter(|mutator| !std::ptr::eq(*mutator, *requesting)).map(value_stack);
                for range in others.chain(rooted(world)) {
                    marker.ambiguous_range(range);
                }
            }
        }
        state.roots.for_each(full, &mut |object| marker.reference(object));
        for &object in state.finalizers.ready.iter().chain(&state.weak.cleared) {
            marker.reference(object);
        }
        for &object in remembered {
            marker.rescan(object);
        }
        marker.drain();
        if let Some((_, unreached)) = unreached {
            state.finalizers.for_each(false, &mut |object| {
                if !heap.space.is_marked(object) {
                    (unreached.tell)(Value::object(object));
                }
            });
            found += stacks(world).map(|range| marker.ambiguous_range(range)).sum::<usize>();
            marker.drain();
        }
        state.statistics.stack_roots = found;

        state.weak.clear_notified(&heap.space, full);
        for object in state.finalizers.find_dead(&heap.space, full) {
            marker.reference(object);
        }
        marker.drain();
        state.weak.clear_dead(&heap.space, full);
    }
    state.mark_stack = marker.into_stack();
    // SAFETY: the world is stopped, marking is finished and nothing has been swept.
    if unsafe { state.owned.release_dead(&heap.space, full) } {
        let lives = |address: usize| {
            // SAFETY: as above; objects lie in the range.
            unsafe { finder.find(address).is_some_and(|object| heap.space.is_marked(object)) }
        };
        state.roots.forgetters.iter().for_each(|forgetter| forgetter(&lives));
    }
}

/// What is scanned conservatively of all threads: native stacks, value stacks and rooted vectors.
pub(crate) fn stacks<'a>(world: &'a World<'_>) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
    let native = world.threads().map(|thread| thread.stack());
    native.chain(mutators(world).map(value_stack)).chain(rooted(world))
}

fn value_stack(mutator: &Mutator) -> std::ops::Range<usize> {
    mutator.stack_base.get()..mutator.stack_top.get()
}

fn rooted<'a>(world: &'a World<'_>) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
    mutators(world).flat_map(|mutator| mutator.rooted_ranges())
}

//! One thread's side of the heap: its bump run, its free cells, the objects it remembered, its poll word.
//!
//! Objects of up to 256 bytes are bump-allocated into *runs*, stretches of free lines in a block that the mutator owns
//! until the next collection; objects of up to 8 KB take a cell from a list of the mutator's own; larger ones get pages
//! from the heap. Only the first path is inline, here and in generated code.

use crate::block::LineBlock;
use crate::collect::{self, Unreached};
use crate::field::Gc;
use crate::header::{Header, OLD};
use crate::heap::{Heap, Refusal, State};
use crate::owned::Release;
use crate::rooted::RootedWords;
use crate::size_class::{CLASSES, MAX_BUMP, MAX_CELL, SizeClass};
use crate::space::{GROUP, LINE, LINES, set_bit, usable_lines};
use crate::value::Value;
use crate::weak::WeakField;
use std::cell::{Cell, UnsafeCell};
use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use vm_sync::{Registry, Thread, World};

/// Largest object that generated code may allocate inline.
pub const INLINE_ALLOCATION_LIMIT: usize = MAX_BUMP;
/// Bytes from a mutator's address to its cursor.
pub const CURSOR_OFFSET: i32 = offset_of!(Mutator, cursor) as i32;
/// Bytes from a mutator's address to the limit of its run.
pub const LIMIT_OFFSET: i32 = offset_of!(Mutator, limit) as i32;
/// Bytes from a mutator's address to its poll word.
pub const POLL_OFFSET: i32 = offset_of!(Mutator, poll) as i32;
/// Bytes from a mutator's address to the start of its value stack.
pub const STACK_BASE_OFFSET: i32 = offset_of!(Mutator, stack_base) as i32;
/// Bytes from a mutator's address to the end of the used part of its value stack.
pub const STACK_TOP_OFFSET: i32 = offset_of!(Mutator, stack_top) as i32;
/// Bytes from a mutator's address to the bias of the start bits (see [`Heap::start_bits_bias`]).
pub const START_BITS_BIAS_OFFSET: i32 = offset_of!(Mutator, start_bias) as i32;

/// Bit of a poll word: finalizable objects or owners of cleared weak references wait to be taken. Set for the thread
/// that collected; cleared when they have been taken (or by the language, if it prefers to look at another time).
pub const POLL_PENDING: usize = 1 << 2;

/// A thread's allocation area, remembered objects and poll word. Generated code uses the first fields at fixed
/// offsets. Dropping it detaches the thread.
///
/// Inline allocation of `size` ≤ [`INLINE_ALLOCATION_LIMIT`] bytes, a multiple of eight: `start = cursor; end = start +
/// size; if end > limit` call `allocate`; `cursor = end`, store the header at `start`, set the start bit. No safepoint
/// may come in between. The other words are zero.
#[repr(C)]
pub struct Mutator {
    /// Next free byte of the current run of free lines.
    pub cursor: Cell<usize>,
    /// End of that run.
    pub limit: Cell<usize>,
    /// Not zero when the thread must call [`Mutator::safepoint`] soon, or has something to take ([`POLL_PENDING`]).
    /// Bits from [`vm_sync::POLL_USER`] on belong to the language.
    pub poll: AtomicUsize,
    /// Lowest address of the thread's value stack, or zero.
    pub stack_base: Cell<usize>,
    /// End of its used part; whoever runs code on the value stack writes it before anything that may collect.
    pub stack_top: Cell<usize>,
    start_bias: usize,
    /// Block whose holes are being used, or zero; its next group of lines; what is left of the group before, as bits.
    hole_block: Cell<usize>,
    hole_group: Cell<usize>,
    hole_lines: Cell<u64>,
    /// True end of the run while stress mode keeps `limit` at zero.
    stress_limit: Cell<usize>,
    stress_count: Cell<u32>,
    remembered: UnsafeCell<Vec<usize>>,
    cells: UnsafeCell<[Vec<usize>; CLASSES]>,
    /// Vectors in native memory whose elements are roots.
    rooted: UnsafeCell<Vec<*const RootedWords>>,
    heap: &'static Heap,
    thread: Option<Arc<Thread>>,
}

impl Mutator {
    /// Registers the calling thread. A thread has one mutator at a time.
    pub fn attach() -> Box<Mutator> {
        let mut place = Box::<Mutator>::new_uninit();
        // SAFETY: the box keeps its address until it is dropped, which detaches the thread; it is initialised after.
        unsafe {
            Mutator::attach_at(place.as_mut_ptr());
            place.assume_init()
        }
    }

    /// Registers the calling thread with a mutator that is a part of a larger structure.
    ///
    /// # Safety
    /// `place` must be writable and keep its address until the mutator is dropped there.
    pub unsafe fn attach_at(place: *mut Mutator) {
        let heap = Heap::global();
        let mutator = Mutator {
            cursor: Cell::new(0),
            limit: Cell::new(0),
            poll: AtomicUsize::new(0),
            stack_base: Cell::new(0),
            stack_top: Cell::new(0),
            start_bias: heap.start_bits_bias(),
            hole_block: Cell::new(0),
            hole_group: Cell::new(0),
            hole_lines: Cell::new(0),
            stress_limit: Cell::new(0),
            stress_count: Cell::new(0),
            remembered: UnsafeCell::new(Vec::new()),
            cells: UnsafeCell::new([const { Vec::new() }; CLASSES]),
            rooted: UnsafeCell::new(Vec::new()),
            heap,
            thread: None,
        };
        // SAFETY: the caller's promise. The poll word lives there until `drop` has detached the thread, and a mutator
        // does not leave its thread (it is neither `Send` nor `Sync`).
        unsafe {
            place.write(mutator);
            let context = place.cast_const().cast();
            (*place).thread = Some(Registry::global().attach(&raw const (*place).poll, context));
        }
    }

    /// The heap that this thread allocates from.
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    #[inline]
    fn thread(&self) -> &Arc<Thread> {
        self.thread.as_ref().expect("set while attached")
    }

    /// Allocates `size` bytes (a multiple of eight), zeroed but for the header, and returns the address.
    /// May collect. Ends the process with a message where there is no memory: sizes that a user chooses go through
    /// [`Mutator::try_allocate`].
    #[inline(always)]
    pub fn allocate(&self, size: usize, header: u64) -> usize {
        debug_assert!(size >= 8 && size.is_multiple_of(8));
        match self.allocate_fast(size, header) {
            Some(start) => start,
            None => self.allocate_slow(size, header),
        }
    }

    /// As [`Mutator::allocate`], but `None` where there is no memory for an object of this size.
    #[inline]
    pub fn try_allocate(&self, size: usize, header: u64) -> Option<usize> {
        let size = size.checked_add(7)? & !7;
        match self.allocate_fast(size, header) {
            Some(start) => Some(start),
            None => self.allocate_anywhere(size, header),
        }
    }

    /// Allocates from the current run of free lines only: neither collects nor calls anything.
    #[inline(always)]
    pub fn allocate_fast(&self, size: usize, header: u64) -> Option<usize> {
        let start = self.cursor.get();
        let end = start.wrapping_add(size);
        if size > MAX_BUMP || end > self.limit.get() {
            return None;
        }
        self.cursor.set(end);
        // SAFETY: the run is free memory of this mutator.
        unsafe { self.publish(start, header) };
        Some(start)
    }

    /// # Safety
    /// `start` must be free memory of this mutator, in the heap.
    #[inline(always)]
    unsafe fn publish(&self, start: usize, header: u64) {
        // SAFETY: by the caller's promise; the byte of start bits belongs to the block, which is this mutator's.
        unsafe {
            *(start as *mut u64) = header;
            set_bit(self.start_bias, start);
        }
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, size: usize, header: u64) -> usize {
        self.allocate_anywhere(size, header).unwrap_or_else(|| out_of_memory(size))
    }

    #[cold]
    #[inline(never)]
    fn allocate_anywhere(&self, size: usize, header: u64) -> Option<usize> {
        if self.should_poll() {
            self.safepoint();
        }
        let stress = self.heap.stress.load(Ordering::Relaxed);
        if stress != 0 {
            self.stress_count.set(self.stress_count.get() + 1);
            if self.stress_count.get() >= stress {
                self.stress_count.set(0);
                self.collect(false);
            }
        }
        let mut full_done = false;
        loop {
            let before = self.heap.collections.load(Ordering::Relaxed);
            let refusal = match self.allocate_without_collection(size, header, stress != 0) {
                Ok(start) => return Some(start),
                Err(refusal) => refusal,
            };
            match refusal {
                Refusal::Collect => self.collect_unless_done(before, false),
                Refusal::Exhausted if full_done => return None,
                Refusal::Exhausted => {
                    // What no memory will ever suffice for is not worth a collection.
                    if size > self.heap.space.size {
                        return None;
                    }
                    self.collect(true);
                    full_done = true;
                }
            }
        }
    }

    fn allocate_without_collection(&self, size: usize, header: u64, stress: bool) -> Result<usize, Refusal> {
        if size > MAX_CELL {
            return self.heap.allocate_large(size, header);
        }
        if size > MAX_BUMP {
            return self.allocate_cell(size, header);
        }
        if stress {
            self.limit.set(self.stress_limit.get());
        }
        let start = loop {
            if let Some(start) = self.allocate_fast(size, header) {
                break start;
            }
            self.next_run()?;
        };
        if stress {
            self.stress_limit.set(self.limit.replace(0));
        }
        Ok(start)
    }

    /// Makes a stretch of free lines the current run; any has room for an object that lives in lines.
    fn next_run(&self) -> Result<(), Refusal> {
        loop {
            if self.next_hole() {
                return Ok(());
            }
            match self.heap.take_lines()? {
                LineBlock::Recycled(block) => {
                    self.hole_block.set(block);
                    self.hole_group.set(0);
                    self.hole_lines.set(0);
                }
                LineBlock::Empty(block) => {
                    self.cursor.set(block);
                    self.limit.set(block + LINES * LINE);
                    return Ok(());
                }
            }
        }
    }

    /// Makes the next hole of the block whose holes are being used the current run.
    fn next_hole(&self) -> bool {
        let block = self.hole_block.get();
        if block == 0 {
            return false;
        }
        let epoch = self.heap.epoch.load(Ordering::Relaxed);
        let (mut group, mut usable) = (self.hole_group.get(), self.hole_lines.get());
        while usable == 0 {
            if group == LINES / GROUP {
                self.hole_block.set(0);
                return false;
            }
            // SAFETY: the block is this mutator's; line bytes change only while it is stopped.
            usable = usable_lines(unsafe { self.heap.space.free_lines(block, group, epoch) });
            group += 1;
        }
        let from = usable.trailing_zeros();
        let lines = (!(usable >> from)).trailing_zeros();
        self.hole_group.set(group);
        // The addition carries through the run of ones; what lies above is left.
        self.hole_lines.set(usable & usable.wrapping_add(1 << from));
        let start = block + ((group - 1) * GROUP + from as usize) * LINE;
        let bytes = lines as usize * LINE;
        // SAFETY: lines without the current epoch hold no live objects, and the block is this mutator's.
        unsafe { std::ptr::write_bytes(start as *mut u8, 0, bytes) };
        self.cursor.set(start);
        self.limit.set(start + bytes);
        true
    }

    fn allocate_cell(&self, size: usize, header: u64) -> Result<usize, Refusal> {
        let class = SizeClass::of(size);
        // SAFETY: only this thread uses its lists while it runs, and nothing below calls back.
        let cells = unsafe { &mut (*self.cells.get())[class.0 as usize] };
        let cell = match cells.pop() {
            Some(cell) => cell,
            None => {
                self.heap.take_cells(class, cells)?;
                cells.pop().ok_or(Refusal::Exhausted)?
            }
        };
        // SAFETY: the cell is free memory of this mutator.
        unsafe {
            std::ptr::write_bytes(cell as *mut u8, 0, size);
            self.publish(cell, header);
        }
        Ok(cell)
    }

    /// To be called after a reference was stored into an object.
    ///
    /// It tests one byte; generated code does the same with `COLLECTOR_BYTE_OFFSET`. Two threads may both find it set
    /// and remember the object twice, which is harmless.
    #[inline(always)]
    pub fn barrier(&self, owner: &Header) {
        if owner.collector_byte().load(Ordering::Relaxed) & OLD != 0 {
            self.remember(owner)
        }
    }

    /// The barrier's slow path: notes that the object must be scanned again by the next minor collection.
    #[cold]
    #[inline(never)]
    pub fn remember(&self, owner: &Header) {
        owner.collector_byte().store(0, Ordering::Relaxed);
        // SAFETY: only this thread uses its buffer while it runs.
        unsafe { (*self.remembered.get()).push(owner as *const Header as usize) }
    }

    /// Whether the thread is asked to call [`Mutator::safepoint`].
    #[inline(always)]
    pub fn should_poll(&self) -> bool {
        self.poll.load(Ordering::Relaxed) != 0
    }

    /// Lets waiting collections and handshakes happen.
    #[cold]
    pub fn safepoint(&self) {
        self.thread().safepoint()
    }

    /// How many collections there have been: as long as there is no other, no object has died.
    #[inline]
    pub fn collections(&self) -> u64 {
        self.heap.collections.load(Ordering::Relaxed)
    }

    /// Collects now; a full collection visits the whole heap.
    #[inline(never)]
    pub fn collect(&self, full: bool) {
        let pending = self.stop_the_world(|world| collect::collect(self.heap, world, full, false));
        self.announce(pending);
    }

    /// Collects now and counts the dead objects that could refer to others, which takes longer; see
    /// [`crate::Statistics::freed_containers`]. The thread's native frames below an address are not looked at.
    #[inline(never)]
    pub fn collect_counting(&self, full: bool, frames_below: usize) {
        self.thread().skip_stack_below(frames_below);
        let pending = self.stop_the_world(|world| collect::collect(self.heap, world, full, true));
        self.thread().skip_stack_below(0);
        self.announce(pending);
    }

    /// Collects now, and tells of the finalizable objects to which at most native stacks refer and what lies on this thread's value stack
    /// outside of `frames`, as far as the collection looks at them. What calls have left there may be all that refers to them.
    #[inline(never)]
    pub fn collect_telling(&self, full: bool, frames: &[std::ops::Range<usize>], tell: &mut dyn FnMut(Value)) {
        let unreached = Unreached { frames, tell };
        let pending = self
            .stop_the_world(|world| collect::collect_telling(self.heap, world, full, false, Some((self, unreached))));
        self.announce(pending);
    }

    /// Collects unless another thread has done so since there were `before` collections.
    #[inline(never)]
    fn collect_unless_done(&self, before: u64, full: bool) {
        let pending = self.stop_the_world(|world| {
            self.heap.collections.load(Ordering::Relaxed) == before && collect::collect(self.heap, world, full, false)
        });
        self.announce(pending);
    }

    fn announce(&self, pending: bool) {
        if pending {
            self.poll.fetch_or(POLL_PENDING, Ordering::Relaxed);
        }
    }

    fn take_from(&self, queue: impl FnOnce(&mut State) -> Option<usize>) -> Option<Value> {
        let mut state = self.heap.lock();
        let object = queue(&mut state);
        if !state.has_pending() {
            self.poll.fetch_and(!POLL_PENDING, Ordering::Relaxed);
        }
        object.map(Value::object)
    }

    /// Runs `body` while all other threads are stopped. It must not allocate, collect or call a safepoint.
    pub fn stop_the_world<R>(&self, body: impl FnOnce(&mut World<'_>) -> R) -> R {
        Registry::global().stop(self.thread(), body)
    }

    /// Returns once every other thread has passed a safepoint or is native; see [`Registry::handshake`].
    pub fn handshake(&self) {
        Registry::global().handshake(self.thread())
    }

    /// Holds all other threads back from here on; see [`Registry::hold_others`].
    pub fn hold_others(&self) {
        Registry::global().hold_others(self.thread());
    }

    /// Ends what [`Mutator::hold_others`] began, if this thread did that.
    pub fn let_others_go(&self) {
        Registry::global().let_others_go(self.thread());
    }

    /// Runs `body`, which may block, as a call outside the heap: collections go on meanwhile. It must not touch
    /// objects, except for bytes inside objects that the callers keep alive.
    pub fn native<R>(&self, body: impl FnOnce() -> R) -> R {
        self.thread().native(body)
    }

    /// Calls `fork`, which must return zero in the child (as the system call does) and do nothing else there.
    /// The child goes on with the calling thread alone: what only the other threads' stacks referred to is garbage.
    pub fn fork(&self, fork: impl FnOnce() -> i32) -> i32 {
        self.stop_the_world(|world| {
            let process = fork();
            if process == 0 {
                let mut orphans = Vec::new();
                world.forget_others(|thread| {
                    // SAFETY: the mutator of a thread that was stopped when the process forked; nobody uses it here.
                    let lost = unsafe { &*(thread.context() as *const Mutator) };
                    lost.take_remembered(&mut orphans);
                });
                self.heap.lock().remembered.append(&mut orphans);
            }
            process
        })
    }

    /// Sets the bounds of the thread's value stack, which is scanned like a native stack.
    pub fn set_value_stack(&self, base: *const u64, top: *const u64) {
        self.stack_base.set(base as usize);
        self.stack_top.set(top as usize);
    }

    /// Gives up the current run and all free cells: a collection decides anew what is free.
    pub(crate) fn retire_run(&self) {
        self.cursor.set(0);
        self.limit.set(0);
        self.stress_limit.set(0);
        self.hole_block.set(0);
        // SAFETY: called by the collector while this mutator's thread is stopped outside the methods above.
        unsafe { (*self.cells.get()).iter_mut().for_each(Vec::clear) }
    }

    /// Moves the remembered objects to `all`.
    pub(crate) fn take_remembered(&self, all: &mut Vec<usize>) {
        // SAFETY: called by the collector while this mutator's thread is stopped, or by the thread itself.
        unsafe { all.append(&mut *self.remembered.get()) }
    }

    pub(crate) fn add_rooted(&self, words: *const RootedWords) {
        // SAFETY: only this thread uses its list while it runs.
        unsafe { (*self.rooted.get()).push(words) }
    }

    pub(crate) fn remove_rooted(&self, words: *const RootedWords) {
        // SAFETY: only this thread uses its list while it runs.
        let rooted = unsafe { &mut *self.rooted.get() };
        // Vectors are dropped mostly in the opposite order of their making.
        if let Some(index) = rooted.iter().rposition(|&other| other == words) {
            rooted.swap_remove(index);
        }
    }

    /// The address ranges of the elements of all rooted vectors.
    pub(crate) fn rooted_ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        // SAFETY: called by the collector while this mutator's thread is stopped; a vector leaves the list before it is
        // freed.
        let rooted = unsafe { &*self.rooted.get() };
        rooted.iter().map(|&words| {
            // SAFETY: as above.
            let words = unsafe { &*(*words).get() };
            let start = words.as_ptr() as usize;
            start..start + 8 * words.len()
        })
    }

    /// Registers `field`, a word of `owner` that the owner's layout does not list, as a weak reference to `target`.
    /// With `notify`, the owner is queued for [`Mutator::take_cleared`] when the target dies.
    ///
    /// # Panics
    /// Where the field does not lie inside the owner or the target is not in the heap.
    pub fn new_weak<O>(&self, owner: Gc<O>, field: &WeakField, target: Value, notify: bool) {
        let offset = (field as *const WeakField as usize).wrapping_sub(owner.address());
        assert!((8..512).contains(&offset), "the weak field lies outside its owner");
        assert!(target.is_object() && self.heap.contains(target.address()), "a weak reference needs a heap object");
        field.set(target);
        self.heap.lock().weak.register(owner.address(), offset as u32, target.address(), notify);
    }

    /// Calls `visit` with the owners of weak fields that were registered for a target, oldest first, until it returns
    /// false. Fields that were cleared may still be listed. `visit` must not allocate.
    pub fn visit_weak_owners(&self, target: Value, visit: &mut dyn FnMut(Value) -> bool) {
        if !target.is_object() {
            return;
        }
        for owner in self.heap.lock().weak.owners_of(target.address()) {
            if !visit(Value::object(*owner)) {
                return;
            }
        }
    }

    /// The first such owner that is wanted; from then on it comes first. `wanted` must not allocate.
    pub fn find_weak_owner(&self, target: Value, wanted: &mut dyn FnMut(Value) -> bool) -> Option<Value> {
        if !target.is_object() {
            return None;
        }
        let mut state = self.heap.lock();
        let owners = state.weak.owners_of_mut(target.address());
        let found = owners.iter().position(|owner| wanted(Value::object(*owner)))?;
        owners[..=found].rotate_right(1);
        Some(Value::object(owners[0]))
    }

    /// Queues all registered finalizable objects, dead or not: the process is about to end.
    pub fn finalize_all(&self) {
        self.heap.lock().finalizers.queue_all();
    }

    /// The next owner of a weak field whose target has died, if notification was asked for.
    pub fn take_cleared(&self) -> Option<Value> {
        self.take_from(|state| state.weak.cleared.pop_front())
    }

    /// Asks for `object` to be handed out by [`Mutator::take_finalizable`], once, when nothing refers to it any more.
    pub fn register_finalizable(&self, object: Value) {
        assert!(object.is_object() && self.heap.contains(object.address()), "only heap objects are finalized");
        self.heap.lock().finalizers.register(object.address());
    }

    /// Calls `visit` with every registered object that has not been handed out. It may be unreachable, as long as no collection has
    /// found that; with `queued`, also those that wait since one did. `visit` must not allocate.
    pub fn for_each_finalizable(&self, queued: bool, visit: &mut dyn FnMut(Value)) {
        self.heap.lock().finalizers.for_each(queued, &mut |object| visit(Value::object(object)));
    }

    /// Gives an object native memory of its own: `release` frees it some time after nothing refers to the object any more.
    pub fn own_memory(&self, object: Value, memory: usize, release: Release) {
        assert!(object.is_object() && self.heap.contains(object.address()), "only heap objects own memory");
        self.heap.lock().owned.register(object.address(), memory, release);
    }

    /// The next registered object that was found unreachable. It is alive again as long as somebody refers to it.
    pub fn take_finalizable(&self) -> Option<Value> {
        self.take_from(|state| state.finalizers.ready.pop_front())
    }
}

impl Drop for Mutator {
    fn drop(&mut self) {
        // The value stack may be unmapped already, and a collection may still find this thread while it detaches.
        self.set_value_stack(std::ptr::null(), std::ptr::null());
        // No collection can happen between the two steps: this thread is running until it detaches.
        let mut state = self.heap.lock();
        self.take_remembered(&mut state.remembered);
        drop(state);
        if let Some(thread) = self.thread.take() {
            thread.detach();
        }
    }
}

#[cold]
fn out_of_memory(size: usize) -> ! {
    eprintln!("fatal: out of memory: no room in the heap for an object of {size} bytes");
    std::process::abort()
}

//! The heap: the state that all mutators share.
//!
//! There is one heap per process ([`Heap::global`]). Not for convenience: generated code contains the addresses of its
//! side tables as constants, conservative scanning must decide with one comparison whether a word is a heap address,
//! and the native stacks that it scans belong to the process, too. Everything else that a runtime knows hangs off the
//! language's own structures.
//!
//! INVARIANT: the state's lock is held for short times, never across a safepoint and never while native. So whoever
//! stops the world finds it free, in the child of a `fork` as well.

use crate::block::{Blocks, LineBlock};
use crate::configuration::Configuration;
use crate::field::Field;
use crate::finalize::Finalizers;
use crate::large::LargeObjects;
use crate::owned::OwnedMemory;
use crate::pace::Pace;
use crate::roots::{RootScanner, Roots};
use crate::size_class::SizeClass;
use crate::space::{BLOCK, Space, physical_memory};
use crate::statistics::Statistics;
use crate::value::Value;
use crate::weak::WeakReferences;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The heap of the process.
pub struct Heap {
    pub(crate) space: Space,
    /// Line bytes with this value mark lines in use. Changes at full collections only.
    pub(crate) epoch: AtomicU8,
    /// Collections so far; tells a thread that had to wait whether its collection has been done meanwhile.
    pub(crate) collections: AtomicU64,
    /// Zero, or collect at every that many allocations.
    pub(crate) stress: AtomicU32,
    /// Bytes of memory in the machine, asked for once.
    memory: usize,
    state: Mutex<State>,
}

/// What the heap's lock protects.
pub(crate) struct State {
    pub configuration: Configuration,
    pub blocks: Blocks,
    pub large: LargeObjects,
    pub roots: Roots,
    pub weak: WeakReferences,
    pub finalizers: Finalizers,
    pub owned: OwnedMemory,
    /// Remembered objects of threads that are gone.
    pub remembered: Vec<usize>,
    /// Live bytes and nursery from which a full collection is due.
    pub full_threshold: usize,
    pub pace: Pace,
    /// Whether the next collection is a full one.
    pub full_due: bool,
    /// Bytes to be handed out until the next minor collection, and of large objects.
    pub nursery: usize,
    pub large_nursery: usize,
    pub statistics: Statistics,
    /// Memory for the mark stack.
    pub mark_stack: Vec<usize>,
}

/// Why no memory was handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// Collect first.
    Collect,
    /// The range or the configured maximum is used up.
    Exhausted,
}

static HEAP: OnceLock<Heap> = OnceLock::new();

impl Heap {
    /// The heap of the process, created on first use.
    ///
    /// # Panics
    /// Where the system grants no address space at all.
    pub fn global() -> &'static Heap {
        HEAP.get_or_init(|| {
            let space =
                Space::reserve().expect("no address space for the heap: the limit on virtual memory is too low");
            let configuration = Configuration::default();
            let heap = Heap {
                space,
                epoch: AtomicU8::new(1),
                collections: AtomicU64::new(0),
                stress: AtomicU32::new(0),
                memory: physical_memory(),
                state: Mutex::new(State {
                    blocks: Blocks::new(),
                    large: LargeObjects::new(&space),
                    roots: Roots::default(),
                    weak: WeakReferences::default(),
                    finalizers: Finalizers::default(),
                    owned: OwnedMemory::default(),
                    remembered: Vec::new(),
                    full_threshold: usize::MAX,
                    pace: Pace::default(),
                    full_due: false,
                    nursery: usize::MAX,
                    large_nursery: usize::MAX,
                    statistics: Statistics::default(),
                    mark_stack: Vec::new(),
                    configuration,
                }),
            };
            heap.lock().plan();
            heap
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held is an internal failure that has been reported; the tables are whole between
        // any two of their operations.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the settings. Stress mode takes full effect for threads that attach afterwards.
    pub fn configure(&self, configuration: Configuration) {
        let mut state = self.lock();
        state.configuration = configuration;
        state.plan();
        self.stress.store(configuration.stress.unwrap_or(0), Ordering::Relaxed);
    }

    /// The settings now.
    pub fn configuration(&self) -> Configuration {
        self.lock().configuration
    }

    /// Asks all threads that run to poll soon.
    pub fn ask_threads_to_poll(&self) {
        vm_sync::Registry::global().ask_to_poll();
    }

    /// What the collector has done so far.
    pub fn statistics(&self) -> Statistics {
        let state = self.lock();
        Statistics {
            used_bytes: state.used_bytes(),
            full_threshold: state.full_threshold,
            freed_objects: state.blocks.freed,
            freed_containers: state.blocks.freed_containers,
            allocated_bytes: state.statistics.allocated_bytes
                + (state.blocks.handed_out + state.large.handed_out) as u64,
            large_objects: state.large.count(),
            large_bytes: state.large.in_use,
            weak_cleared: state.weak.total_cleared,
            finalizable: state.finalizers.total,
            reserved_bytes: self.space.size,
            ..state.statistics
        }
    }

    /// Makes a global field a root.
    pub fn add_root(&self, field: &'static Field<Value>) {
        self.lock().roots.fields.push(field)
    }

    /// Adds a function that reports roots at every collection.
    ///
    /// The function runs while the world is stopped: locks that it takes must never be held across an allocation or a
    /// safepoint.
    pub fn add_root_scanner(&self, scanner: impl Fn(bool, &mut dyn FnMut(Value)) + Send + 'static) {
        let scanner: RootScanner = Box::new(scanner);
        self.lock().roots.scanners.push(scanner)
    }

    /// Adds a function that forgets addresses inside dead owners of native memory (see [`crate::Mutator::own_memory`]).
    pub fn add_forgetter(&self, forgetter: impl Fn(&dyn Fn(usize) -> bool) + Send + 'static) {
        self.lock().roots.forgetters.push(Box::new(forgetter))
    }

    /// The bias of the start bits: the bit of an object at `address` is bit `address >> 3 & 7` of the byte at
    /// `bias + (address >> 6)`. Generated code sets it when it allocates.
    pub fn start_bits_bias(&self) -> usize {
        self.space.start_bias
    }

    /// Whether the address lies in the heap's range.
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        self.space.contains(address)
    }

    /// A block with free lines.
    pub(crate) fn take_lines(&self) -> Result<LineBlock, Refusal> {
        let mut state = self.lock();
        state.may_hand_out(BLOCK)?;
        let ceiling = state.large.floor();
        state.blocks.take_lines(&self.space, ceiling).ok_or(Refusal::Exhausted)
    }

    /// Free cells of one class, all in one block.
    pub(crate) fn take_cells(&self, class: SizeClass, cells: &mut Vec<usize>) -> Result<(), Refusal> {
        let mut state = self.lock();
        state.may_hand_out(BLOCK)?;
        let ceiling = state.large.floor();
        if state.blocks.take_cells(&self.space, ceiling, class, cells) { Ok(()) } else { Err(Refusal::Exhausted) }
    }

    /// A large object with its header written.
    pub(crate) fn allocate_large(&self, size: usize, header: u64) -> Result<usize, Refusal> {
        // The system would promise more than it has (memory is committed when it is touched), and stop the process
        // later. A size beyond all memory is refused at once.
        if size > self.space.size || size > self.memory {
            return Err(Refusal::Exhausted);
        }
        let mut state = self.lock();
        if state.large.handed_out + size > state.large_nursery && state.large.handed_out != 0 {
            return Err(Refusal::Collect);
        }
        state.may_hand_out(size)?;
        let end = self.space.base + state.blocks.extent();
        state.large.allocate(&self.space, size, header, end).ok_or(Refusal::Exhausted)
    }
}

impl State {
    /// Bytes of blocks and large objects in use.
    pub fn used_bytes(&self) -> usize {
        self.blocks.in_use * BLOCK + self.large.in_use
    }

    /// Bytes that held objects after the last collection: whole lines, cells and pages. Unlike [`State::used_bytes`] it says
    /// how much lives, however fragmented blocks are.
    pub fn live_bytes(&self) -> usize {
        self.blocks.live + self.large.in_use
    }

    /// Decides when the next full collection is due, judged by what lives now.
    pub fn plan(&mut self) {
        let live = self.live_bytes();
        self.full_threshold = self.pace.threshold(live, &self.configuration);
        self.plan_minor();
    }

    /// Decides when the next collection is due, and whether it is a full one.
    pub fn plan_minor(&mut self) {
        let live = self.live_bytes();
        (self.nursery, self.large_nursery) = self.configuration.nursery_for(live);
        self.full_due = live + self.nursery > self.full_threshold;
    }

    /// Whether something waits to be taken by the language.
    pub fn has_pending(&self) -> bool {
        !self.finalizers.ready.is_empty() || !self.weak.cleared.is_empty()
    }

    fn may_hand_out(&self, bytes: usize) -> Result<(), Refusal> {
        if self.blocks.handed_out >= self.nursery {
            return Err(Refusal::Collect);
        }
        if self.used_bytes().saturating_add(bytes) > self.configuration.maximum {
            return Err(Refusal::Exhausted);
        }
        Ok(())
    }
}

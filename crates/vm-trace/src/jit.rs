//! Traces: which loops have code, entering it, leaving it, growing it by bridges, withdrawing it.
//!
//! A loop's number is the index of its root trace. The high half of the extension word of its header holds it, plus one;
//! the low half counts turns. Exits are numbered through the whole process, so that the number a trace leaves with says
//! everything. All tables only grow; what is withdrawn stays, because other threads may be running it.

use crate::abort::Abort;
use crate::index::Index;
use crate::kept::Kept;
use crate::language::TraceLanguage;
use crate::record;
use crate::residual::{self, Ended};
use crate::restore::{Plan, Way};
use crate::statistics::{Counters, Statistics};
use crate::stays::{self, PAUSE, Stays};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use vm_codegen::{Code, CodeArena, Compiler, Entry, ExitState, Location, Target};
use vm_heap::{Header, Heap, Value};
use vm_ir::{Op, Ref};
use vm_machine::{Frame, SlowFlow, Thread};
use vm_opt::Optimiser;

/// How often an exit is taken before a bridge is recorded from it.
const BRIDGE_THRESHOLD: u32 = 16;
/// How often recording from one place is tried.
const ATTEMPTS: u32 = 4;
/// Turns that a loop runs between attempts, times two to the number of attempts made.
const PENALTY: i32 = 500;
/// Bytes of machine code and side data.
const ARENA_SIZE: usize = 256 << 20;
/// Most exits there can be; the table is reserved once and costs only what is used.
const MAX_EXITS: usize = 1 << 20;
/// Most unallocated objects that one exit may have to allocate.
pub(crate) const MAX_VIRTUALS: usize = 64;

/// One compiled trace.
pub struct Compiled {
    /// What is kept of the optimised trace.
    pub(crate) kept: Kept,
    /// Its code.
    pub code: Code,
    /// Not zero once an assumption of the trace fails.
    pub valid: &'static AtomicU64,
    /// Its exits as far as they are in use.
    ways: Vec<Way>,
    /// The number of the first one.
    first_exit: u32,
    place: Place,
    /// The loop of its tree.
    tree: &'static Root,
}

/// Where a trace stands in its tree.
#[derive(Clone, Copy)]
struct Place {
    /// The root trace.
    root: u32,
    /// How many bridges on the way from the root begin at a guard of a value's identity.
    identities: u32,
    /// Whether it, or a trace on the way from the root, leaves instructions to their slow paths.
    performs: bool,
}

/// Most bridges on one way that begin at guards of identity. Where a loop meets another object each time (functions made
/// anew for each call), more of them would only lead to more.
const MAX_IDENTITIES: u32 = 48;

/// Most bridges of one loop. Where paths branch ever anew, as in recursion, more of them would only cost time.
const MAX_BRIDGES: u32 = 600;

/// Most versions of one loop.
const MAX_VERSIONS: u32 = 4;

/// A loop that has been recorded or tried. A loop whose values change type has several versions: where a type guard of one
/// fails turn after turn, the bridge leads to the next one, which is recorded for the types found then. The interpreter
/// enters the first.
struct Root {
    /// Address of the header instruction.
    header: *const u64,
    /// The code, once there is some.
    compiled: AtomicPtr<Compiled>,
    /// The inner entry of the present code, which other traces jump through.
    target: &'static AtomicU64,
    attempts: AtomicI32,
    /// How many versions come before this one.
    version: u32,
    /// The number of the next version plus one, or 0.
    next: AtomicU32,
    stays: Stays,
    /// How many bridges its tree has.
    bridges: AtomicU32,
}

// SAFETY: the header address is that of bytecode, which is never freed while a root names it.
unsafe impl Send for Root {}
// SAFETY: as above.
unsafe impl Sync for Root {}

struct Tables {
    roots: Vec<&'static Root>,
    /// Traces that rely on a variable: address of the cell, trace.
    dependents: Vec<(u64, &'static Compiled)>,
    compiler: Compiler,
    optimiser: Optimiser,
}

impl Tables {
    /// Enters a version of a loop and returns its number. Its word leads to `target` until the version is compiled.
    fn add_root(&mut self, header: *const u64, version: u32, target: u64) -> u32 {
        self.roots.push(Box::leak(Box::new(Root {
            header,
            compiled: AtomicPtr::new(std::ptr::null_mut()),
            target: Box::leak(Box::new(AtomicU64::new(target))),
            attempts: AtomicI32::new(0),
            version,
            next: AtomicU32::new(0),
            stays: Stays::default(),
            bridges: AtomicU32::new(0),
        })));
        self.roots.len() as u32 - 1
    }
}

/// The process's JIT.
pub struct Jit {
    arena: std::sync::Arc<CodeArena>,
    tables: Mutex<Tables>,
    /// The loops of the tables that somebody has asked for, by number.
    index: Index<Root>,
    exits: Vec<AtomicPtr<Compiled>>,
    recording: AtomicBool,
    /// The validity word of the recording under way: what is withdrawn meanwhile may be what it relies on.
    recording_valid: AtomicPtr<AtomicU64>,
    counters: Counters,
    log: OnceLock<Mutex<std::fs::File>>,
}

static JIT: OnceLock<Option<Jit>> = OnceLock::new();

unsafe extern "sysv64" fn box_float<L: TraceLanguage>(thread: *mut Thread, number: f64) -> u64 {
    L::box_float(thread, number).bits()
}

unsafe extern "sysv64" fn allocate(thread: *mut Thread, size: u64, header: u64) -> u64 {
    // SAFETY: traces pass the running thread.
    Value::object(unsafe { (*thread).mutator.allocate(size as usize, header) }).bits()
}

unsafe extern "sysv64" fn barrier(thread: *mut Thread, object: u64) {
    // SAFETY: traces pass the running thread and a live object.
    unsafe { (*thread).mutator.barrier(&*(Value::from_bits(object).address() as *const Header)) }
}

/// The JIT, made at its first use; `None` where the system refuses memory for code.
pub fn jit<L: TraceLanguage>() -> Option<&'static Jit> {
    JIT.get_or_init(|| {
        let target = Target {
            poll_offset: vm_heap::POLL_OFFSET,
            cursor_offset: vm_heap::CURSOR_OFFSET,
            limit_offset: vm_heap::LIMIT_OFFSET,
            inline_size_limit: vm_heap::INLINE_ALLOCATION_LIMIT as u32,
            start_bits: Some(Heap::global().start_bits_bias() as u64),
            barrier_offset: vm_heap::COLLECTOR_BYTE_OFFSET,
            barrier_mask: vm_heap::OLD,
            box_float: box_float::<L> as *const () as u64,
            allocate: allocate as *const () as u64,
            barrier: barrier as *const () as u64,
        };
        let arena = std::sync::Arc::new(CodeArena::new(target, ARENA_SIZE).ok()?);
        let exits = {
            // SAFETY: a zeroed allocation is a valid vector of null pointers; untouched pages cost nothing.
            unsafe {
                let layout = std::alloc::Layout::array::<AtomicPtr<Compiled>>(MAX_EXITS).ok()?;
                let memory = std::alloc::alloc_zeroed(layout) as *mut AtomicPtr<Compiled>;
                if memory.is_null() {
                    return None;
                }
                Vec::from_raw_parts(memory, MAX_EXITS, MAX_EXITS)
            }
        };
        let tables = Tables {
            roots: Vec::new(),
            dependents: Vec::new(),
            compiler: Compiler::new(arena.clone()),
            optimiser: Optimiser::new(),
        };
        Some(Jit {
            arena,
            tables: Mutex::new(tables),
            index: Index::new(),
            exits,
            recording: AtomicBool::new(false),
            recording_valid: AtomicPtr::new(std::ptr::null_mut()),
            counters: Counters::default(),
            log: OnceLock::new(),
        })
    })
    .as_ref()
}

/// The extension word of a loop header: turns, and the loop's number plus one.
struct HeaderWord<'a> {
    count: &'a AtomicI32,
    number: &'a AtomicU32,
}

impl HeaderWord<'_> {
    fn at<'a>(header: *const u64) -> HeaderWord<'a> {
        // SAFETY: a loop header has an extension word, whose halves are only accessed as atomics.
        unsafe {
            let word = header.add(1) as *mut u32;
            HeaderWord { count: AtomicI32::from_ptr(word as *mut i32), number: AtomicU32::from_ptr(word.add(1)) }
        }
    }
}

impl Jit {
    /// Calls `fork`, which returns 0 in the child, with code in the child that is its own. -1 where there is no memory for that. All
    /// other threads are stopped.
    pub fn fork(&self, fork: impl FnOnce() -> i32) -> i32 {
        let Ok(copy) = self.arena.copy() else { return -1 };
        let process = fork();
        if process == 0 && copy.adopt(&self.arena).is_err() {
            // The code that is there belongs to the parent, which goes on writing it.
            std::process::abort();
        }
        process
    }

    /// Writes what the JIT does to a file from now on.
    pub fn set_log(&self, file: std::fs::File) {
        let _ = self.log.set(Mutex::new(file));
    }

    fn log(&self, text: impl FnOnce() -> String) {
        if let Some(log) = self.log.get() {
            use std::io::Write;
            // A log that can't be written is no reason to stop the program.
            let _ = writeln!(log.lock().expect("nothing panics while it holds this lock"), "{}", text());
        }
    }

    /// A loop by its number. The index spares whoever enters a loop the lock.
    fn root(&self, number: u32) -> &'static Root {
        self.index
            .get(number, || self.tables.lock().expect("nothing panics while it holds this lock").roots[number as usize])
    }

    /// The compiled code of a loop, by its header.
    pub(crate) fn compiled_loop(&self, header: *const u64) -> Option<(u32, &'static Compiled, &'static AtomicU64)> {
        let number = HeaderWord::at(header).number.load(Ordering::Acquire).checked_sub(1)?;
        let root = self.root(number);
        let compiled = root.compiled.load(Ordering::Acquire);
        // SAFETY: compiled traces are never freed.
        (!compiled.is_null()).then(|| (number, unsafe { &*compiled }, root.target))
    }

    fn loop_number(&self, header: *const u64) -> u32 {
        let mut tables = self.tables.lock().expect("nothing panics while it holds this lock");
        let word = HeaderWord::at(header);
        if let Some(number) = word.number.load(Ordering::Acquire).checked_sub(1) {
            return number;
        }
        let number = tables.add_root(header, 0, 0);
        word.number.store(number + 1, Ordering::Release);
        number
    }

    /// Where a bridge of a trace tree jumps to that has come to the header of a compiled loop: the word that holds the address,
    /// and the number of a version of the loop yet to be recorded there. `typed` says that the bridge starts at a guard of a
    /// value's type.
    pub(crate) fn bridge_target(
        &self,
        header: *const u64,
        first: &'static AtomicU64,
        tree: u32,
        typed: bool,
    ) -> (&'static AtomicU64, Option<u32>) {
        let mut tables = self.tables.lock().expect("nothing panics while it holds this lock");
        let root = tables.roots[tree as usize];
        if !typed || root.header != header {
            return (first, None);
        }
        if let Some(number) = root.next.load(Ordering::Relaxed).checked_sub(1) {
            return (tables.roots[number as usize].target, None);
        }
        if root.version + 1 >= MAX_VERSIONS {
            return (first, None);
        }
        // Until the version is recorded, and where it can't be, its word leads to the first one.
        let number = tables.add_root(header, root.version + 1, first.load(Ordering::Acquire));
        root.next.store(number + 1, Ordering::Relaxed);
        (tables.roots[number as usize].target, Some(number))
    }

    /// A loop header that became hot: enters the loop's code, or records it. `frame.pc` is the header on entry, and the place
    /// to go on at on return.
    pub fn hot_loop<L: TraceLanguage>(&'static self, thread: &mut Thread, frame: &mut Frame) -> SlowFlow {
        let header = frame.pc;
        if let Some((_, compiled, _)) = self.compiled_loop(header) {
            return self.enter::<L>(thread, frame, compiled);
        }
        let word = HeaderWord::at(header);
        frame.pc = header.wrapping_add(2);
        // One recording at a time: the others go on interpreting, and try again a little later.
        if self.recording.swap(true, Ordering::Acquire) {
            word.count.store(thread.hot.get().saturating_sub(20), Ordering::Relaxed);
            return SlowFlow::Next;
        }
        frame.pc = header;
        // The header's address is noted for good.
        crate::roots::keep(L::keeper_of_code(vm_machine::frame_function(frame.fp)));
        let number = self.loop_number(header);
        let flow = self.record_root::<L>(thread, frame, number);
        self.end_recording();
        flow
    }

    fn record_root<L: TraceLanguage>(&'static self, thread: &mut Thread, frame: &mut Frame, number: u32) -> SlowFlow {
        let header = frame.pc;
        let word = HeaderWord::at(header);
        let place = self.log.get().map(|_| L::describe(vm_machine::frame_function(frame.fp), header));
        let started = Instant::now();
        let recorded = record::root::<L>(self, thread, *frame);
        *frame = recorded.frame;
        let recorded_in = started.elapsed();
        let outcome = match recorded.result {
            Ok(recording) => {
                let performs = recording.performs;
                self.compile(recording, None, Place { root: number, identities: 0, performs }, recorded_in)
            }
            Err(abort) => Err(abort),
        };
        match outcome {
            Ok((compiled, text)) => {
                let root = self.root(number);
                root.target.store(compiled.code.inner_entry, Ordering::Release);
                root.compiled.store(compiled as *const Compiled as *mut Compiled, Ordering::Release);
                word.count.store(i32::MAX, Ordering::Relaxed);
                if root.version == 0 {
                    self.redirect_versions(root);
                }
                if compiled.valid.load(Ordering::Acquire) != 0 {
                    // Withdrawn while it was compiled: the withdrawal did not find it among the loops.
                    self.forget_invalid(&self.tables.lock().expect("nothing panics while it holds this lock"));
                }
                Counters::add(&self.counters.loops);
                self.log(|| format!("loop {number} at {}: compiled\n{text}", place.unwrap_or_default()));
            }
            Err(abort) => {
                Counters::add(&self.counters.given_up);
                let root = self.root(number);
                let attempts = root.attempts.fetch_add(1, Ordering::Relaxed);
                let penalty = if attempts as u32 >= ATTEMPTS { i32::MAX } else { PENALTY << attempts };
                if root.version == 0 {
                    word.count.store(thread.hot.get().saturating_sub(penalty), Ordering::Relaxed);
                }
                self.log(|| {
                    format!(
                        "loop {number} at {}: given up: {abort} at {}",
                        place.unwrap_or_default(),
                        Self::stopped::<L>(&recorded.frame)
                    )
                });
            }
        }
        recorded.flow
    }

    /// Lets versions of a loop that have no valid code lead to the code of the first one.
    fn redirect_versions(&self, first: &Root) {
        let tables = self.tables.lock().expect("nothing panics while it holds this lock");
        let mut next = first.next.load(Ordering::Relaxed);
        while let Some(number) = next.checked_sub(1) {
            let version = tables.roots[number as usize];
            if version.compiled.load(Ordering::Acquire).is_null() {
                version.target.store(first.target.load(Ordering::Acquire), Ordering::Release);
            }
            next = version.next.load(Ordering::Relaxed);
        }
    }

    /// Optimises and compiles a recording. Gives the listing of the trace too, where there is a log.
    fn compile(
        &'static self,
        recording: record::Recording,
        live_ins: Option<&[Location]>,
        place: Place,
        recorded_in: Duration,
    ) -> Result<(&'static Compiled, String), Abort> {
        let mut tables = self.tables.lock().expect("nothing panics while it holds this lock");
        let options = vm_opt::Options { is_fixed_shape: recording.is_fixed_shape, ..vm_opt::Options::default() };
        let started = Instant::now();
        let optimised = tables.optimiser.optimise(&recording.trace, &options);
        let optimised_in = started.elapsed();
        let trace = match optimised {
            Ok((trace, _)) => trace,
            Err(refusal) => {
                self.log(|| format!("refused: {refusal}\n{}", recording.trace));
                return Err(Abort::Optimiser);
            }
        };
        let is_too_much = |id: u32| {
            let mut at_exit = Vec::new();
            trace.visit_snapshot(vm_ir::SnapshotId(id), &mut at_exit, |_| {});
            at_exit.len() > MAX_VIRTUALS
        };
        if trace.virtuals.len() > MAX_VIRTUALS && (0..trace.snapshots.len() as u32).any(is_too_much) {
            return Err(Abort::TooManyVirtuals);
        }
        let started = Instant::now();
        let code = match live_ins {
            None => tables.compiler.compile_root(&trace),
            Some(live_ins) => tables.compiler.compile_bridge(&trace, live_ins),
        };
        let code = match code {
            Ok(code) => code,
            Err(error) => {
                self.log(|| format!("not compiled: {error}\n{trace}"));
                return Err(Abort::Backend);
            }
        };
        let compiled_in = started.elapsed();
        self.log(|| {
            let operations = recording.trace.insts.len();
            format!("{operations} operations: {recorded_in:?} to record, {optimised_in:?} to optimise, {compiled_in:?} to compile")
        });
        let last = code.exits.last().map_or(0, |exit| exit.number as usize);
        if last >= MAX_EXITS {
            return Err(Abort::Backend);
        }
        let text = self.log.get().map_or_else(String::new, |_| trace.to_string());
        let ways = code.exits.iter().map(|_| Way::default()).collect();
        let tree = tables.roots[place.root as usize];
        let first_exit = code.exits.first().map_or(0, |exit| exit.number);
        let compiled: &'static Compiled = Box::leak(Box::new(Compiled {
            kept: Kept::new(trace),
            code,
            valid: recording.valid,
            ways,
            first_exit,
            place,
            tree,
        }));
        for exit in &compiled.code.exits {
            self.exits[exit.number as usize].store(compiled as *const Compiled as *mut Compiled, Ordering::Release);
        }
        for cell in recording.watched {
            tables.dependents.push((cell.bits(), compiled));
        }
        Ok((compiled, text))
    }

    /// Runs a loop's code from a frame that stands at its header.
    fn enter<L: TraceLanguage>(
        &'static self,
        thread: &mut Thread,
        frame: &mut Frame,
        compiled: &'static Compiled,
    ) -> SlowFlow {
        // Traces do not look at the stack's limit, so all frames that they may enter must fit.
        if !residual::has_room(thread, frame.fp) {
            frame.pc = frame.pc.wrapping_add(2);
            return SlowFlow::Next;
        }
        let mut state = ExitState::new();
        Counters::add(&self.counters.entries);
        let root = compiled.tree;
        residual::begin(thread, frame.pc, frame.fp);
        let entry = compiled.code.entry().expect("a loop's code is a root");
        let (number, gives_up) = root.stays.measure(compiled.place.performs, || {
            // SAFETY: the entry is that of installed code for this loop, the frame stands at the loop's header.
            unsafe {
                let entry: Entry = std::mem::transmute(entry);
                entry(thread as *mut Thread as *mut u8, frame.fp as *mut u64, &mut state)
            }
        });
        if gives_up {
            HeaderWord::at(root.header).count.store(thread.hot.get().saturating_sub(PAUSE), Ordering::Relaxed);
            self.log(|| format!("loop {} is left too soon", compiled.place.root));
        }
        self.leave::<L>(thread, frame, number as u32, &state)
    }

    /// Goes on where a trace has left.
    fn leave<L: TraceLanguage>(
        &'static self,
        thread: &mut Thread,
        frame: &mut Frame,
        number: u32,
        state: &ExitState,
    ) -> SlowFlow {
        let compiled = self.exits[number as usize].load(Ordering::Acquire);
        // SAFETY: every exit number was entered with its trace, and compiled traces are never freed.
        let compiled = unsafe { &*compiled };
        let index = (number - compiled.first_exit) as usize;
        let way = &compiled.ways[index];
        let plan = Plan::of(way, compiled, index);
        let base = state.frame_pointer() as *mut Value;
        // While objects are allocated, the slots written so far must be seen.
        let top = thread.mutator.stack_top.get().max(base.wrapping_offset(plan.end as isize) as usize);
        thread.mutator.stack_top.set(top);
        plan.write::<L>(thread, compiled, base, state);
        if plan.pc == 0 {
            let (place, ended) = residual::place(thread);
            *frame = place;
            match ended {
                Ended::There => {}
                Ended::Raised => return SlowFlow::Raise,
                Ended::Uncaught => return SlowFlow::Uncaught,
            }
            if frame.pc == vm_machine::halt_address() {
                return SlowFlow::Next;
            }
        } else {
            *frame = Frame { pc: plan.pc as *const u64, fp: base.wrapping_offset(plan.frame as isize) };
        }
        thread.save(frame.pc.wrapping_add(1), frame.fp);
        if plan.raise {
            return SlowFlow::Raise;
        }
        if plan.is_end {
            return SlowFlow::Next;
        }
        if stays::count(&way.count) >= BRIDGE_THRESHOLD
            && way.tries.load(Ordering::Relaxed) < ATTEMPTS
            && compiled.tree.bridges.load(Ordering::Relaxed) < MAX_BRIDGES
            && compiled.valid.load(Ordering::Relaxed) == 0
            && !thread.mutator.should_poll()
            && !self.recording.swap(true, Ordering::Acquire)
        {
            let flow = self.record_bridge::<L>(thread, frame, compiled, index, base);
            self.end_recording();
            return flow;
        }
        SlowFlow::Next
    }

    /// The validity word of a recording that starts now.
    pub(crate) fn begin_recording(&self) -> &'static AtomicU64 {
        let valid: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(0)));
        self.recording_valid.store(valid as *const AtomicU64 as *mut AtomicU64, Ordering::Release);
        valid
    }

    fn end_recording(&self) {
        self.recording_valid.store(std::ptr::null_mut(), Ordering::Release);
        self.recording.store(false, Ordering::Release);
    }

    /// Ends the recording under way, if there is one: it may have seen what is about to change.
    fn withdraw_recording(&self) {
        let valid = self.recording_valid.load(Ordering::Acquire);
        // SAFETY: validity words are never freed.
        if let Some(valid) = unsafe { valid.as_ref() } {
            valid.store(1, Ordering::Release);
        }
    }

    /// Where a recording ended, for logs.
    fn stopped<L: TraceLanguage>(frame: &Frame) -> String {
        L::describe(vm_machine::frame_function(frame.fp), frame.pc)
    }

    fn record_bridge<L: TraceLanguage>(
        &'static self,
        thread: &mut Thread,
        frame: &mut Frame,
        parent: &'static Compiled,
        index: usize,
        base: *mut Value,
    ) -> SlowFlow {
        let exit = &parent.code.exits[index];
        let place = self.log.get().map(|_| L::describe(vm_machine::frame_function(frame.fp), frame.pc));
        let failed = parent.kept.op(exit.instruction);
        let identities = parent.place.identities + u32::from(failed == Some(Op::GuardSame));
        if identities > MAX_IDENTITIES {
            parent.ways[index].tries.store(ATTEMPTS, Ordering::Relaxed);
            return SlowFlow::Next;
        }
        let typed = matches!(failed, Some(Op::GuardInt | Op::GuardFloat | Op::GuardObject | Op::GuardShape));
        let performs = parent.place.performs;
        let slots = parent.kept.slots(parent.kept.snapshot(exit.snapshot).top);
        let values = parent.code.locate(exit, &parent.kept.references(&slots).0);
        let (live_ins, locations): (Vec<Ref>, Vec<Location>) = values.into_iter().unzip();
        let origin = record::Origin {
            tree: parent.place.root,
            typed,
            trace: &parent.kept,
            snapshot: exit.snapshot,
            slots: &slots,
            live_ins: &live_ins,
            performs,
        };
        let started = Instant::now();
        let recorded = record::bridge::<L>(self, thread, *frame, base, origin);
        *frame = recorded.frame;
        let recorded_in = started.elapsed();
        let version = recorded.result.as_ref().ok().and_then(|recording| recording.version);
        let outcome = match recorded.result {
            Ok(recording) => {
                let place = Place { root: parent.place.root, identities, performs: performs || recording.performs };
                self.compile(recording, Some(&locations), place, recorded_in)
            }
            Err(abort) => Err(abort),
        };
        let compiled = outcome.is_ok();
        match outcome {
            Ok((bridge, text)) => {
                parent.code.link(&self.arena, exit, bridge.code.inner_entry);
                Counters::add(&self.counters.bridges);
                parent.tree.bridges.fetch_add(1, Ordering::Relaxed);
                self.log(|| {
                    let place = place.unwrap_or_default();
                    format!(
                        "bridge from exit {} of loop {} at {place}: compiled\n{text}",
                        exit.number, parent.place.root
                    )
                });
            }
            Err(abort) => {
                Counters::add(&self.counters.given_up);
                parent.ways[index].count.store(0, Ordering::Relaxed);
                parent.ways[index].tries.fetch_add(1, Ordering::Relaxed);
                self.log(|| {
                    let place = place.unwrap_or_default();
                    let stopped = Self::stopped::<L>(&recorded.frame);
                    format!(
                        "bridge from exit {} of loop {} at {place}: given up: {abort} at {stopped}",
                        exit.number, parent.place.root
                    )
                });
            }
        }
        if let Some(number) = version
            && compiled
        {
            // The program stands at the loop's header, with values of the types that the new version is for.
            return self.record_root::<L>(thread, frame, number);
        }
        recorded.flow
    }

    /// Withdraws the traces that rely on a variable; its cell must be marked as changing afterwards.
    pub fn withdraw_cell(&self, cell: Value) {
        self.withdraw_recording();
        let tables = self.tables.lock().expect("nothing panics while it holds this lock");
        for (address, compiled) in &tables.dependents {
            if *address == cell.bits() {
                compiled.valid.store(1, Ordering::Release);
            }
        }
        self.forget_invalid(&tables);
    }

    /// Withdraws every trace.
    pub fn withdraw_all(&self) {
        self.withdraw_recording();
        let tables = self.tables.lock().expect("nothing panics while it holds this lock");
        for pointer in self.exits.iter().map(|entry| entry.load(Ordering::Acquire)).take_while(|entry| !entry.is_null())
        {
            // SAFETY: compiled traces are never freed.
            unsafe { (*pointer).valid.store(1, Ordering::Release) };
        }
        self.forget_invalid(&tables);
    }

    /// Lets loops whose code was withdrawn be recorded again.
    fn forget_invalid(&self, tables: &Tables) {
        for root in &tables.roots {
            let compiled = root.compiled.load(Ordering::Acquire);
            // SAFETY: compiled traces are never freed.
            if !compiled.is_null() && unsafe { (*compiled).valid.load(Ordering::Acquire) } != 0 {
                root.compiled.store(std::ptr::null_mut(), Ordering::Release);
                if root.version == 0 {
                    HeaderWord::at(root.header).count.store(0, Ordering::Relaxed);
                }
            }
        }
    }

    /// What has been done so far.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// Numbers for statistics: loops tried, exits in use.
    pub fn counts(&self) -> (usize, usize) {
        let loops = self.tables.lock().expect("nothing panics while it holds this lock").roots.len();
        let exits = self.exits.iter().take_while(|entry| !entry.load(Ordering::Relaxed).is_null()).count();
        (loops, exits)
    }
}

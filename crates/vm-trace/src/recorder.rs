//! The machine that does it and writes it down.
//!
//! A value is a pair: what it is now, and the instruction (or constant) of the trace that computes it. Whatever a meaning
//! learns about a value becomes a guard. The recorder works on the thread's own value stack, so that it can stop after any
//! instruction and let the interpreter go on; beside it, it keeps what each slot holds in terms of the trace.
//!
//! Frames need no structure of their own: a frame's header lies in slots like its registers, so a snapshot is a list of
//! slots, also for inlined calls (the idea is LuaJIT's).

mod slow;
mod state;

use crate::abort::Abort;
use crate::language::TraceLanguage;
use state::{Buffers, Outer, Slot};
use std::marker::PhantomData;
use vm_heap::{Header, ShapeId, Value};
use vm_ir::{Call, Content, Effects, Mark, Op, Ref, SnapshotId, Trace, Type};
use vm_machine::{
    FRAME_HEADER, FieldKind, Flow, Frame, FrameEntry, Instruction, Interpreter, Machine, Plain, RAISED, Raised,
    RuntimeFunction, Thread,
};

/// A value and the instruction that computes it.
#[derive(Clone, Copy)]
pub struct Traced {
    now: Value,
    ir: Ref,
}

/// The same for an unboxed float.
#[derive(Clone, Copy)]
pub struct TracedFloat {
    now: f64,
    ir: Ref,
}

/// How far below the base frame the slots of callers may lie.
pub(crate) const LOWEST_SLOT: i32 = -512;
/// How far above the base frame pointer inlined frames may reach.
pub(crate) const HIGHEST_SLOT: i32 = 3584;
/// Slots above the base frame pointer that a recording has room for from the start; few take more.
const FIRST_SLOTS: i32 = 128;
/// How far above the base frame pointer a trace may leave in memory what the collector must see: arguments of runtime
/// calls, and the frame of a loop that it goes on with. The collector scans this much while a trace runs.
pub(crate) const EXTENT: i32 = 512;

/// What an instruction that is taken back is taken back to.
#[derive(Clone, Copy)]
struct Start {
    fp: *mut Value,
    depth: i32,
    lowest_depth: i32,
    mark: Mark,
}

/// Facts about a reference that need no second guard.
const KNOWN_TAG: u8 = 1;
const KNOWN_SHAPE: u8 = 2;

/// The recorder of one trace.
pub struct Recorder<L: TraceLanguage> {
    thread: *mut Thread,
    /// The running instruction, and the frame it works on.
    pub(crate) frame: Frame,
    next: *const u64,
    word: u64,
    /// Base frame pointer of the trace.
    pub(crate) base: *mut Value,
    /// The trace.
    pub(crate) trace: Trace,
    slots: Vec<Slot>,
    /// Which slots are `Written`, as bits from `LOWEST_SLOT` on.
    written: Vec<u64>,
    /// The frames below the present one in the snapshot taken last, where nothing has changed there since.
    outer: Option<Outer>,
    /// For `live_slots`.
    buffers: Buffers,
    /// What slots held before the running instruction wrote them, as the trace knows it and in memory.
    log: Vec<(i32, Slot, Value)>,
    /// The state at the start of the running instruction.
    start: Start,
    /// Whether memory has been brought up to date since the trace began.
    pub(crate) synced: bool,
    /// Slot of the frame in which the thread was left last, as far as its runtime functions know.
    pub(crate) placed: i32,
    snapshot: Option<SnapshotId>,
    facts: Vec<u8>,
    /// Whether the running instruction has done what must not be done twice: from then on no guard may lead back to its start.
    done: bool,
    /// Whether a call that may do anything was made since the trace's assumptions were last checked.
    pub(crate) recheck: bool,
    /// Whether an inline cache did not apply to the running instruction, and whether it has been filled since.
    missed: bool,
    pub(crate) retried: bool,
    /// Whether its slow path has only filled the cache.
    refilled: bool,
    /// Address of the word that is not zero once the trace's assumptions fail.
    valid: u64,
    /// Variables whose value the trace relies on.
    pub(crate) watched: Vec<Value>,
    /// Frames entered minus frames left.
    pub(crate) depth: i32,
    /// Deepest frame left: below zero where the trace has left its base frame.
    pub(crate) lowest_depth: i32,
    /// Why recording must stop.
    pub(crate) abort: Option<Abort>,
    language: PhantomData<L>,
}

impl<L: TraceLanguage> Recorder<L> {
    /// A recorder at a place. `valid` is the address of the trace's validity word.
    pub(crate) fn new(thread: *mut Thread, frame: Frame, base: *mut Value, valid: u64) -> Recorder<L> {
        Recorder {
            thread,
            frame,
            next: frame.pc,
            word: 0,
            base,
            trace: Trace::new(),
            slots: vec![Slot::Memory; (FIRST_SLOTS - LOWEST_SLOT) as usize],
            written: vec![0; (HIGHEST_SLOT - LOWEST_SLOT) as usize / 64],
            outer: None,
            buffers: Buffers::default(),
            log: Vec::new(),
            start: Start { fp: frame.fp, depth: 0, lowest_depth: 0, mark: Mark::default() },
            synced: false,
            placed: 0,
            snapshot: None,
            facts: Vec::new(),
            done: false,
            recheck: true,
            missed: false,
            retried: false,
            refilled: false,
            valid,
            watched: Vec::new(),
            depth: 0,
            lowest_depth: 0,
            abort: None,
            language: PhantomData,
        }
    }

    /// Starts the instruction at `self.frame.pc` over, if its inline cache could be filled.
    pub(crate) fn retry(&mut self) -> bool {
        if self.retried || self.abort.is_some() {
            return false;
        }
        self.retried = true;
        L::fill_cache(self.thread, &self.frame, Instruction(self.word)) || self.missed // what no cache can remember is a residual call
    }

    /// Starts the instruction at `self.frame.pc`.
    pub(crate) fn begin(&mut self) -> Instruction {
        self.missed = false;
        self.done = false;
        // SAFETY: the place is one in loaded bytecode.
        self.word = unsafe { *self.frame.pc };
        let instruction = Instruction(self.word);
        self.next = self.frame.pc.wrapping_add(1 + L::extension_words(instruction.opcode()));
        self.snapshot = None;
        self.log.clear();
        if std::mem::take(&mut self.recheck) {
            self.guard(Op::GuardValid, &[], self.valid as i64);
        }
        self.start =
            Start { fp: self.frame.fp, depth: self.depth, lowest_depth: self.lowest_depth, mark: self.trace.mark() };
        instruction
    }

    /// Moves on after an instruction.
    pub(crate) fn advance(&mut self) {
        (self.retried, self.refilled) = (false, false);
        self.frame.pc = self.next;
    }

    /// The plain machine at the same place: it computes what the recorded operations compute.
    fn plain(&self) -> Interpreter<Plain> {
        Interpreter {
            extension: self.frame.pc.wrapping_add(1),
            next: self.next,
            fp: self.frame.fp,
            thread: self.thread,
            word: self.word,
            table: std::ptr::null(),
            mode: PhantomData,
        }
    }

    /// Offset in slots of a frame pointer from the base.
    pub(crate) fn slot_of(&self, fp: *mut Value) -> i32 {
        ((fp as isize - self.base as isize) / 8) as i32
    }

    fn emit(&mut self, op: Op, operands: &[Ref], imm: i64) -> Ref {
        self.trace.emit(op, operands, imm, SnapshotId::NONE)
    }

    /// Emits an instruction that can leave the trace.
    fn guard(&mut self, op: Op, operands: &[Ref], imm: i64) -> Ref {
        if self.done {
            self.abort.get_or_insert(Abort::GuardAfterEffect);
        }
        let snapshot = self.snapshot();
        self.trace.emit(op, operands, imm, snapshot)
    }

    fn known(&mut self, ir: Ref, fact: u8) -> bool {
        if ir.is_constant() {
            return fact == KNOWN_TAG;
        }
        if self.facts.len() <= ir.index() {
            self.facts.resize(ir.index() + 64, 0);
        }
        let known = self.facts[ir.index()] & fact != 0;
        self.facts[ir.index()] |= fact;
        known
    }

    /// Guards what kind of word a value is.
    fn reveal_tag(&mut self, value: Traced) {
        if self.known(value.ir, KNOWN_TAG) {
            return;
        }
        if value.now.is_int() {
            self.guard(Op::GuardInt, &[value.ir], 0);
        } else if value.now.is_float() {
            self.guard(Op::GuardFloat, &[value.ir], 0);
        } else if value.now.is_object() {
            self.guard(Op::GuardObject, &[value.ir], 0);
        } else {
            // Immediates are few: the value itself.
            self.reveal(value);
        }
    }

    pub(crate) fn traced_constant(&mut self, value: Value) -> Traced {
        if value.is_object() {
            crate::roots::keep(value);
        }
        let ir = self.trace.constant(Type::Value, value.bits());
        Traced { now: value, ir }
    }

    fn word_constant(&mut self, word: u64) -> Ref {
        self.trace.constant(Type::Word, word)
    }

    /// The constant behind a value, if the trace knows it.
    fn as_constant(&self, value: Traced) -> Option<Value> {
        self.trace.as_constant(value.ir).map(|constant| Value::from_bits(constant.bits))
    }

    /// Enters a live-in of a bridge.
    pub(crate) fn param(&mut self, ty: Type) -> Ref {
        let number = self.trace.params.len() as i64;
        self.trace.params.push(ty);
        self.trace.push(vm_ir::Inst {
            op: Op::Param,
            ty,
            a: Ref::NONE,
            b: Ref::NONE,
            c: Ref::NONE,
            snapshot: SnapshotId::NONE,
            imm: number,
        })
    }

    /// An instruction without snapshot, for setting up a bridge.
    pub(crate) fn set_up(&mut self, op: Op, operands: &[Ref], imm: i64) -> Ref {
        self.emit(op, operands, imm)
    }

    fn arithmetic(&mut self, op: Op, lhs: Traced, rhs: Traced, now: Option<Value>) -> Option<Traced> {
        let now = now?;
        let ir = self.guard(op, &[lhs.ir, rhs.ir], 0);
        self.known(ir, KNOWN_TAG);
        Some(Traced { now, ir })
    }

    fn bitwise(&mut self, op: Op, lhs: Traced, rhs: Traced, now: Value) -> Traced {
        let ir = self.emit(op, &[lhs.ir, rhs.ir], 0);
        self.known(ir, KNOWN_TAG);
        Traced { now, ir }
    }

    fn float_operation(&mut self, op: Op, operands: &[Ref], now: f64) -> TracedFloat {
        TracedFloat { now, ir: self.emit(op, operands, 0) }
    }

    fn effects(effects: vm_machine::Effects) -> Effects {
        match effects {
            vm_machine::Effects::Pure => Effects::PURE,
            vm_machine::Effects::Reads => Effects::READS,
            vm_machine::Effects::Allocates => Effects::READS.and(Effects::COLLECTS),
            vm_machine::Effects::Writes => Effects::READS.and(Effects::WRITES).and(Effects::COLLECTS),
            vm_machine::Effects::Any => Effects::ANY,
        }
    }

    fn record_call(&mut self, function: &RuntimeFunction, arguments: Vec<Ref>, now: Value) -> Result<Traced, Raised> {
        if now == RAISED {
            self.abort.get_or_insert(Abort::Raised);
            return Err(Raised);
        }
        let call = Call {
            name: function.name,
            address: function.address as u64,
            arguments,
            effects: Self::effects(function.effects),
        };
        let ir = self.trace.emit_call(call, Type::Value);
        self.done |= matches!(function.effects, vm_machine::Effects::Writes | vm_machine::Effects::Any);
        if function.effects != vm_machine::Effects::Pure {
            // The call is done: what leaves here unwinds instead of doing it again.
            let snapshot = self.take_snapshot(true);
            let raised = self.trace.constant(Type::Value, RAISED.bits());
            self.trace.emit(Op::GuardDiffer, &[ir, raised], 0, snapshot);
            self.recheck |= function.effects == vm_machine::Effects::Any;
        }
        Ok(Traced { now, ir })
    }

    fn needs_barrier(&self, value: Traced, kind: FieldKind) -> bool {
        kind == FieldKind::Value && self.as_constant(value).is_none_or(|value| value.is_object())
    }
}

impl<L: TraceLanguage> Machine for Recorder<L> {
    type Val = Traced;
    type Float = TracedFloat;
    const RECORDS: bool = true;

    fn instruction(&self) -> Instruction {
        Instruction(self.word)
    }
    fn extension(&self, n: usize) -> u64 {
        self.plain().extension(n)
    }
    fn get(&mut self, register: usize) -> Traced {
        let now = self.plain().get(register);
        let slot = self.slot_of(self.frame.fp) + register as i32;
        self.get_slot(slot, now)
    }
    fn set(&mut self, register: usize, value: Traced) {
        let slot = self.slot_of(self.frame.fp) + register as i32;
        self.set_slot(slot, Content::Ref(value.ir));
        self.plain().set(register, value.now);
    }
    fn constant(&mut self, value: Value) -> Traced {
        self.traced_constant(value)
    }
    fn function(&mut self) -> Traced {
        let now = vm_machine::frame_function(self.frame.fp);
        let slot = self.slot_of(self.frame.fp) - FRAME_HEADER as i32;
        // A trace is specific to the code, not to the function: another closure of the same code may run it.
        self.get_slot(slot, now)
    }

    fn is_int(&mut self, value: Traced) -> bool {
        self.reveal_tag(value);
        value.now.is_int()
    }
    fn is_float(&mut self, value: Traced) -> bool {
        self.reveal_tag(value);
        value.now.is_float()
    }
    fn is_object(&mut self, value: Traced) -> bool {
        self.reveal_tag(value);
        value.now.is_object()
    }
    fn has_shape(&mut self, value: Traced, shape: ShapeId) -> bool {
        self.is_object(value) && self.shape_of(value) == shape
    }
    fn same(&mut self, lhs: Traced, rhs: Traced) -> bool {
        let same = lhs.now == rhs.now;
        if lhs.ir != rhs.ir && !(lhs.ir.is_constant() && rhs.ir.is_constant()) {
            self.guard(if same { Op::GuardSame } else { Op::GuardDiffer }, &[lhs.ir, rhs.ir], 0);
        }
        same
    }
    fn reveal(&mut self, value: Traced) -> Value {
        if !value.ir.is_constant() {
            let constant = self.traced_constant(value.now);
            self.guard(Op::GuardSame, &[value.ir, constant.ir], 0);
        }
        value.now
    }
    fn shape_of(&mut self, object: Traced) -> ShapeId {
        let shape = self.plain().shape_of(object.now);
        if object.ir.is_constant() && L::is_fixed_shape(shape) {
            return shape;
        }
        if !L::is_fixed_shape(shape) || !self.known(object.ir, KNOWN_SHAPE) {
            self.guard(Op::GuardShape, &[object.ir], shape.0 as i64);
        }
        shape
    }

    fn int_add(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_add(lhs.now, rhs.now);
        self.arithmetic(Op::IntAdd, lhs, rhs, now)
    }
    fn int_sub(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_sub(lhs.now, rhs.now);
        self.arithmetic(Op::IntSub, lhs, rhs, now)
    }
    fn int_mul(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_mul(lhs.now, rhs.now);
        self.arithmetic(Op::IntMul, lhs, rhs, now)
    }
    fn int_floor_div(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_floor_div(lhs.now, rhs.now);
        self.arithmetic(Op::IntFloorDiv, lhs, rhs, now)
    }
    fn int_mod(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_mod(lhs.now, rhs.now);
        self.arithmetic(Op::IntMod, lhs, rhs, now)
    }
    fn int_shl(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_shl(lhs.now, rhs.now);
        self.arithmetic(Op::IntShl, lhs, rhs, now)
    }
    fn int_shr(&mut self, lhs: Traced, rhs: Traced) -> Option<Traced> {
        let now = self.plain().int_shr(lhs.now, rhs.now);
        self.arithmetic(Op::IntShr, lhs, rhs, now)
    }
    fn int_and(&mut self, lhs: Traced, rhs: Traced) -> Traced {
        let now = self.plain().int_and(lhs.now, rhs.now);
        self.bitwise(Op::IntAnd, lhs, rhs, now)
    }
    fn int_or(&mut self, lhs: Traced, rhs: Traced) -> Traced {
        let now = self.plain().int_or(lhs.now, rhs.now);
        self.bitwise(Op::IntOr, lhs, rhs, now)
    }
    fn int_xor(&mut self, lhs: Traced, rhs: Traced) -> Traced {
        let now = self.plain().int_xor(lhs.now, rhs.now);
        self.bitwise(Op::IntXor, lhs, rhs, now)
    }
    fn int_lt(&mut self, lhs: Traced, rhs: Traced) -> bool {
        let less = self.plain().int_lt(lhs.now, rhs.now);
        if less {
            self.guard(Op::GuardIntLt, &[lhs.ir, rhs.ir], 0);
        } else {
            self.guard(Op::GuardIntLe, &[rhs.ir, lhs.ir], 0);
        }
        less
    }
    fn int_le(&mut self, lhs: Traced, rhs: Traced) -> bool {
        !self.int_lt(rhs, lhs)
    }
    fn int_below(&mut self, index: Traced, length: Traced) -> bool {
        let below = self.plain().int_below(index.now, length.now);
        if below {
            self.guard(Op::GuardBelow, &[index.ir, length.ir], 0);
        } else if index.now.as_int() < 0 {
            let zero = self.traced_constant(Value::int(0));
            self.guard(Op::GuardIntLt, &[index.ir, zero.ir], 0);
        } else {
            self.guard(Op::GuardIntLe, &[length.ir, index.ir], 0);
        }
        below
    }
    fn int_to_float(&mut self, value: Traced) -> TracedFloat {
        self.float_operation(Op::IntToFloat, &[value.ir], value.now.as_int() as f64)
    }

    fn float(&mut self, number: f64) -> TracedFloat {
        TracedFloat { now: number, ir: self.trace.constant(Type::Float, number.to_bits()) }
    }
    fn unbox(&mut self, value: Traced) -> TracedFloat {
        self.float_operation(Op::UnboxFloat, &[value.ir], value.now.as_float())
    }
    fn box_float(&mut self, number: TracedFloat) -> Option<Traced> {
        let now = Value::small_float(number.now).unwrap_or_else(|| L::box_float(self.thread, number.now));
        Some(Traced { now, ir: self.emit(Op::BoxFloat, &[number.ir], 0) })
    }
    fn float_add(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> TracedFloat {
        self.float_operation(Op::FloatAdd, &[lhs.ir, rhs.ir], lhs.now + rhs.now)
    }
    fn float_sub(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> TracedFloat {
        self.float_operation(Op::FloatSub, &[lhs.ir, rhs.ir], lhs.now - rhs.now)
    }
    fn float_mul(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> TracedFloat {
        self.float_operation(Op::FloatMul, &[lhs.ir, rhs.ir], lhs.now * rhs.now)
    }
    fn float_div(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> TracedFloat {
        self.float_operation(Op::FloatDiv, &[lhs.ir, rhs.ir], lhs.now / rhs.now)
    }
    fn float_neg(&mut self, number: TracedFloat) -> TracedFloat {
        self.float_operation(Op::FloatNeg, &[number.ir], -number.now)
    }
    fn float_lt(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> bool {
        let less = lhs.now < rhs.now;
        self.guard(if less { Op::GuardFloatLt } else { Op::GuardFloatNotLt }, &[lhs.ir, rhs.ir], 0);
        less
    }
    fn float_le(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> bool {
        let most = lhs.now <= rhs.now;
        self.guard(if most { Op::GuardFloatLe } else { Op::GuardFloatNotLe }, &[lhs.ir, rhs.ir], 0);
        most
    }
    fn float_eq(&mut self, lhs: TracedFloat, rhs: TracedFloat) -> bool {
        let equal = lhs.now == rhs.now;
        self.guard(if equal { Op::GuardFloatEq } else { Op::GuardFloatNe }, &[lhs.ir, rhs.ir], 0);
        equal
    }
    fn float_call(
        &mut self,
        function: extern "sysv64" fn(f64, f64) -> f64,
        lhs: TracedFloat,
        rhs: TracedFloat,
    ) -> TracedFloat {
        let call = Call {
            name: "float_function",
            address: function as *const () as u64,
            arguments: vec![lhs.ir, rhs.ir],
            effects: Effects::PURE,
        };
        TracedFloat { now: function(lhs.now, rhs.now), ir: self.trace.emit_call(call, Type::Float) }
    }

    fn load(&mut self, object: Traced, offset: usize) -> Traced {
        let now = self.plain().load(object.now, offset);
        Traced { now, ir: self.emit(Op::LoadField, &[object.ir], offset as i64) }
    }
    fn load_final(&mut self, object: Traced, offset: usize) -> Traced {
        L::relies_on(object.now);
        let now = self.plain().load_final(object.now, offset);
        if object.ir.is_constant() {
            return self.traced_constant(now);
        }
        Traced { now, ir: self.emit(Op::LoadFinal, &[object.ir], offset as i64) }
    }
    fn load_pointer(&mut self, object: Traced, offset: usize) -> Traced {
        let now = self.plain().load_pointer(object.now, offset);
        let word = self.emit(Op::LoadWord, &[object.ir], offset as i64);
        let ir = self.emit(Op::WordToValue, &[word], 0);
        self.known(ir, KNOWN_TAG);
        Traced { now, ir }
    }
    fn load_pointer_final(&mut self, object: Traced, offset: usize) -> Traced {
        L::relies_on(object.now);
        let now = self.plain().load_pointer_final(object.now, offset);
        if object.ir.is_constant() {
            return self.traced_constant(now);
        }
        let word = self.emit(Op::LoadWordFinal, &[object.ir], offset as i64);
        let ir = self.emit(Op::WordToValue, &[word], 0);
        self.known(ir, KNOWN_TAG);
        Traced { now, ir }
    }
    fn store(&mut self, object: Traced, offset: usize, value: Traced, kind: FieldKind) {
        self.plain().store(object.now, offset, value.now, kind);
        self.done = true;
        self.emit(Op::StoreField, &[object.ir, value.ir], offset as i64);
        if self.needs_barrier(value, kind) {
            self.emit(Op::Barrier, &[object.ir], 0);
        }
    }
    fn store_pointer(&mut self, object: Traced, offset: usize, value: Traced) {
        self.plain().store_pointer(object.now, offset, value.now);
        self.done = true;
        let word = self.emit(Op::ValueToWord, &[value.ir], 0);
        self.emit(Op::StoreWord, &[object.ir, word], offset as i64);
        self.emit(Op::Barrier, &[object.ir], 0);
    }
    fn load_element(&mut self, array: Traced, index: Traced, offset: usize) -> Traced {
        let now = self.plain().load_element(array.now, index.now, offset);
        Traced { now, ir: self.emit(Op::LoadElement, &[array.ir, index.ir], offset as i64) }
    }
    fn load_element_final(&mut self, array: Traced, index: Traced, offset: usize) -> Traced {
        let now = self.plain().load_element_final(array.now, index.now, offset);
        if array.ir.is_constant() && index.ir.is_constant() {
            return self.traced_constant(now);
        }
        Traced { now, ir: self.emit(Op::LoadElementFinal, &[array.ir, index.ir], offset as i64) }
    }
    fn store_element(&mut self, array: Traced, index: Traced, offset: usize, value: Traced) {
        self.plain().store_element(array.now, index.now, offset, value.now);
        self.done = true;
        self.emit(Op::StoreElement, &[array.ir, index.ir, value.ir], offset as i64);
        if self.needs_barrier(value, FieldKind::Value) {
            self.emit(Op::Barrier, &[array.ir], 0);
        }
    }
    fn allocate(&mut self, size: usize, header: u64) -> Option<Traced> {
        // SAFETY: the thread outlives its recorder.
        let address = unsafe {
            (*self.thread).save(self.frame.pc.wrapping_add(1), self.frame.fp);
            (*self.thread).mutator.allocate(size, header)
        };
        let header = self.word_constant(header);
        let ir = self.emit(Op::New, &[header], size as i64);
        self.known(ir, KNOWN_TAG);
        Some(Traced { now: Value::object(address), ir })
    }
    fn initialise(&mut self, object: Traced, offset: usize, value: Traced) {
        self.plain().store(object.now, offset, value.now, FieldKind::Value);
        self.emit(Op::StoreField, &[object.ir, value.ir], offset as i64);
    }
    fn initialise_pointer(&mut self, object: Traced, offset: usize, value: Traced) {
        self.plain().store_pointer(object.now, offset, value.now);
        let word = self.emit(Op::ValueToWord, &[value.ir], 0);
        self.emit(Op::StoreWord, &[object.ir, word], offset as i64);
    }

    fn call<const N: usize>(&mut self, function: &RuntimeFunction, arguments: [Traced; N]) -> Result<Traced, Raised> {
        // SAFETY: the thread outlives its recorder; the function takes this many values, as in the interpreter.
        let now = unsafe {
            (*self.thread).save(self.frame.pc.wrapping_add(1), self.frame.fp);
            vm_machine::call_address(function.address, self.thread, &arguments.map(|argument| argument.now))
        };
        let thread = self.emit(Op::Thread, &[], 0);
        let all = std::iter::once(thread).chain(arguments.iter().map(|argument| argument.ir)).collect();
        self.record_call(function, all, now)
    }
    fn call_registers(
        &mut self,
        function: &RuntimeFunction,
        callee: Traced,
        first: usize,
        count: usize,
    ) -> Result<Traced, Raised> {
        let slot = self.slot_of(self.frame.fp) + first as i32;
        let mut values = Vec::with_capacity(count);
        for register in first..first + count {
            values.push(self.get(register));
        }
        self.forget_left_frames();
        // The call's registers are operands of it, so they are stored before it and then no longer the trace's concern.
        let now = match self.plain().call_registers(function, callee.now, first, count) {
            Ok(now) => now,
            Err(Raised) => RAISED,
        };
        for (at, value) in values.iter().enumerate() {
            self.emit(Op::StoreSlot, &[value.ir], slot as i64 + at as i64);
        }
        self.reach(slot + count as i32);
        let thread = self.emit(Op::Thread, &[], 0);
        let address = self.emit(Op::SlotAddress, &[], slot as i64);
        let count = self.word_constant(count as u64);
        self.record_call(function, vec![thread, callee.ir, address, count], now)
    }
    fn residual<const N: usize>(
        &mut self,
        function: &RuntimeFunction,
        arguments: [Traced; N],
    ) -> Result<Option<Traced>, Raised> {
        if self.missed && !self.retried {
            return Ok(None);
        }
        self.call(function, arguments).map(Some)
    }

    fn reveal_word(&mut self, object: Traced, offset: usize) -> u64 {
        let now = self.plain().reveal_word(object.now, offset);
        if !object.ir.is_constant() {
            let ir = self.emit(Op::LoadWordFinal, &[object.ir], offset as i64);
            let constant = self.word_constant(now);
            self.guard(Op::GuardSame, &[ir, constant], 0);
        }
        now
    }
    fn load_watched(&mut self, cell: Value, value: usize, watch: usize) -> Traced {
        let now = self.plain().load(cell, value);
        let state = self.plain().load(cell, watch);
        let cell = self.traced_constant(cell);
        if state == Value::int(2) {
            return Traced { now, ir: self.emit(Op::LoadField, &[cell.ir], value as i64) };
        }
        self.plain().store(cell.now, watch, Value::int(1), FieldKind::Int);
        self.watched.push(cell.now);
        self.traced_constant(now)
    }
    fn store_watched(&mut self, cell: Value, value: usize, watch: usize, new: Traced) -> bool {
        if self.plain().load(cell, watch) == Value::int(1) {
            return false;
        }
        // From now on nobody may rely on the value: the trace stores without asking.
        self.plain().store(cell, watch, Value::int(2), FieldKind::Int);
        let cell = self.traced_constant(cell);
        self.store(cell, value, new, FieldKind::Value);
        true
    }
    fn add_field(&mut self, object: Traced, offset: usize, value: Traced, shape: ShapeId) -> bool {
        if !self.plain().add_field(object.now, offset, value.now, shape) {
            return false;
        }
        self.done = true;
        self.emit(Op::StoreField, &[object.ir, value.ir], offset as i64);
        if self.needs_barrier(value, FieldKind::Value) {
            self.emit(Op::Barrier, &[object.ir], 0);
        }
        // A store to offset 0 writes the shape only; the collector's byte stays as it is.
        // SAFETY: a live object starts with a header.
        let header: &Header = unsafe { &*(object.now.address() as *const Header) };
        let header = self.word_constant(Header::word(header.layout(), header.flags(), shape));
        self.emit(Op::StoreWord, &[object.ir, header], 0);
        true
    }
    fn miss(&mut self) {
        self.missed = true;
    }
    fn is_concurrent(&mut self) -> bool {
        self.plain().is_concurrent()
    }
    fn has_room(&mut self, registers: usize) -> bool {
        self.plain().has_room(registers)
    }
    fn frame_size(&mut self) -> usize {
        vm_machine::frame_size(self.frame.fp)
    }

    fn jump(&mut self, words: i64) {
        self.next = self.next.wrapping_offset(words as isize);
    }
    fn jump_if(&mut self, value: Traced, expected: Value, words: i64, otherwise: Option<usize>) {
        let jumps = value.now == expected;
        let target = self.next.wrapping_offset(words as isize);
        if !value.ir.is_constant() {
            let expected = self.trace.constant(Type::Value, expected.bits());
            let (op, other) = if jumps { (Op::GuardSame, self.next) } else { (Op::GuardDiffer, target) };
            let written = if jumps { otherwise } else { None };
            let snapshot = self.snapshot_behind(other, written, value);
            self.trace.emit(op, &[value.ir, expected], 0, snapshot);
        }
        if jumps {
            self.next = target;
        } else if let Some(register) = otherwise {
            self.set(register, value);
        }
    }
    fn push_frame(&mut self, base: usize, function: Traced, entry: FrameEntry, result: usize) -> bool {
        let mut plain = self.plain();
        if !plain.push_frame(base, function.now, entry, result) {
            return false;
        }
        let caller = self.slot_of(self.frame.fp);
        let fp = caller + (base + FRAME_HEADER) as i32;
        let link = self.word_constant(result as u64 | (entry.size as u64) << 32);
        let back = self.word_constant(self.next as u64);
        self.set_slot(fp - 4, Content::Ref(function.ir));
        self.set_slot(fp - 3, Content::Ref(link));
        self.set_slot(fp - 2, Content::Ref(back));
        self.set_slot(fp - 1, Content::FrameAddress(caller));
        self.frame.fp = plain.fp;
        self.next = plain.next;
        self.depth += 1;
        if fp + entry.size as i32 >= HIGHEST_SLOT {
            self.abort.get_or_insert(Abort::TooManySlots);
        }
        true
    }
    fn pop_frame(&mut self, value: Traced) -> Flow {
        if vm_machine::is_observed(self.frame.fp) {
            return Flow::Slow;
        }
        // The header of a frame that the trace entered is known, unless it has been where others could change it.
        if (self.depth <= self.lowest_depth || !self.is_written(self.slot_of(self.frame.fp) - 3))
            && !self.leave_known_frame()
        {
            return Flow::Slow;
        }
        let destination = vm_machine::destination(self.frame.fp);
        let mut plain = self.plain();
        plain.pop_frame(value.now);
        self.frame.fp = plain.fp;
        self.next = plain.next;
        let slot = self.slot_of(self.frame.fp) + destination as i32;
        self.set_slot(slot, Content::Ref(value.ir));
        self.depth -= 1;
        self.lowest_depth = self.lowest_depth.min(self.depth);
        Flow::Next
    }
    fn loop_header(&mut self) -> bool {
        false
    }
}

impl<L: TraceLanguage> Recorder<L> {
    /// Notes that slots below `end` hold what the collector must see while the trace runs.
    pub(crate) fn reach(&mut self, end: i32) {
        if end > EXTENT {
            self.abort.get_or_insert(Abort::TooManySlots);
        }
    }

    /// At a loop header: leaves where the thread is asked to poll.
    pub(crate) fn poll(&mut self) {
        self.guard(Op::GuardPoll, &[], 0);
    }

    /// Counts the frames above the base that the parent of a bridge has entered. Where it has left the base frame
    /// instead, leaving the present one needs guards like any frame that the trace did not enter.
    pub(crate) fn count_frames(&mut self) {
        let mut fp = self.frame.fp;
        while fp > self.base {
            self.depth += 1;
            fp = vm_machine::caller_frame(fp);
        }
    }

    /// Guards that a frame which the trace did not enter returns to where it returns now.
    fn leave_known_frame(&mut self) -> bool {
        let fp = self.frame.fp;
        let back = vm_machine::return_address(fp);
        if back == vm_machine::halt_address() {
            self.abort.get_or_insert(Abort::LeftBase);
            return false;
        }
        let slot = self.slot_of(fp);
        let caller = self.slot_of(vm_machine::caller_frame(fp));
        if caller < LOWEST_SLOT + 64 {
            self.abort.get_or_insert(Abort::LeftBase);
            return false;
        }
        for (word, offset) in
            [(back as u64, 2), (vm_machine::destination(fp) as u64 | (vm_machine::frame_size(fp) as u64) << 32, 3)]
        {
            let Some(index) = self.index(slot - offset) else { return false };
            match self.slots[index] {
                Slot::Written(_) => continue,
                Slot::Loaded(_) | Slot::Memory | Slot::Synced => {}
            }
            let held = self.get_slot(slot - offset, Value::from_bits(word));
            let expected = self.trace.constant(Type::Value, word);
            self.guard(Op::GuardSame, &[held.ir, expected], 0);
        }
        let Some(index) = self.index(slot - 1) else { return false };
        if !matches!(self.slots[index], Slot::Written(_)) {
            let held = self.get_slot(slot - 1, Value::from_bits(0));
            let expected = self.emit(Op::SlotAddress, &[], caller as i64);
            self.guard(Op::GuardSame, &[held.ir, expected], 0);
        }
        true
    }
}

//! The machine that just does it.
//!
//! It lives in registers: every method is inlined into the opcode's handler, and none takes the address of a field,
//! so the optimiser takes the struct apart. Type tests are the meanings' business; here they are plain tests.

use crate::frame::FRAME_HEADER;
use crate::{
    Effects, FieldKind, Flow, FrameEntry, HandlerTable, Instruction, Machine, RAISED, Raised, RuntimeFunction, Thread,
};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use vm_heap::{Header, INT_SHIFT, OBJECT_TAG, ShapeId, Value};

/// How the interpreter reaches mutable objects: plainly, or through a transaction. A mode is a type, so that the
/// plain handlers carry no trace of the others.
pub trait Mode: 'static {
    /// Whether an instruction may doom a transaction, after which the next one must not run.
    const DOOMABLE: bool = false;
    /// Whether there are no transactions.
    const PLAIN: bool = false;
    /// Whether a store of a reference into an object makes a call. Modes whose stores do more anyway say no.
    ///
    /// # Safety
    /// `object` must be an object.
    #[inline(always)]
    unsafe fn must_remember(object: Value) -> bool {
        let _ = object;
        false
    }
    /// Writes a word of an object that needs no barrier.
    ///
    /// # Safety
    /// As for `load`; the thread has passed no safepoint since `must_remember` said no.
    #[inline(always)]
    unsafe fn store_checked(thread: *mut Thread, object: Value, offset: usize, value: Value) {
        // SAFETY: the caller's promise.
        unsafe { Self::store(thread, object, offset, value, FieldKind::Value) }
    }
    /// Reads a word of an object.
    ///
    /// # Safety
    /// `object` must be an object with a value field at `offset`.
    unsafe fn load(thread: *mut Thread, object: Value, offset: usize) -> Value;
    /// Writes a word of an object, with the collector's barrier unless `kind` says that it can't be a reference.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn store(thread: *mut Thread, object: Value, offset: usize, value: Value, kind: FieldKind);
}

/// Outside transactions.
pub struct Plain;

/// The atomic word at a byte offset of an object.
///
/// # Safety
/// `object` must be an object with a field at `offset`.
#[inline(always)]
pub(crate) unsafe fn word_at<'a>(object: Value, offset: usize) -> &'a AtomicU64 {
    // SAFETY: inside a live object by the caller's promise; fields are only accessed atomically.
    unsafe { AtomicU64::from_ptr((object.bits() - OBJECT_TAG + offset as u64) as *mut u64) }
}

#[inline(always)]
pub(crate) unsafe fn barrier(thread: *mut Thread, object: Value) {
    // SAFETY: the thread outlives its interpreter, and `object` is a live object, which starts with a header.
    unsafe { (*thread).mutator.barrier(&*(object.address() as *const Header)) }
}

impl Mode for Plain {
    const PLAIN: bool = true;

    #[inline(always)]
    unsafe fn must_remember(object: Value) -> bool {
        // SAFETY: a live object starts with a header.
        unsafe { &*((object.bits() - OBJECT_TAG) as *const Header) }.must_remember()
    }
    #[inline(always)]
    unsafe fn store_checked(_thread: *mut Thread, object: Value, offset: usize, value: Value) {
        // SAFETY: the caller's promise.
        unsafe { word_at(object, offset) }.store(value.bits(), Ordering::Relaxed)
    }
    #[inline(always)]
    unsafe fn load(_thread: *mut Thread, object: Value, offset: usize) -> Value {
        // SAFETY: the caller's promise.
        Value::from_bits(unsafe { word_at(object, offset) }.load(Ordering::Relaxed))
    }
    #[inline(always)]
    unsafe fn store(thread: *mut Thread, object: Value, offset: usize, value: Value, kind: FieldKind) {
        // SAFETY: the caller's promise.
        unsafe {
            word_at(object, offset).store(value.bits(), Ordering::Relaxed);
            if kind == FieldKind::Value {
                barrier(thread, object);
            }
        }
    }
}

/// The interpreter's state within one opcode.
pub struct Interpreter<X: Mode> {
    /// First extension word of the instruction.
    pub extension: *const u64,
    /// The instruction to go on with.
    pub next: *const u64,
    /// Register 0.
    pub fp: *mut Value,
    /// The running thread.
    pub thread: *mut Thread,
    /// The instruction.
    pub word: u64,
    /// The handlers to go on with; a runtime call may change the mode.
    pub table: *const HandlerTable,
    /// The mode.
    pub mode: PhantomData<X>,
}

impl<X: Mode> Interpreter<X> {
    #[inline(always)]
    fn save(&self) {
        // SAFETY: the thread outlives its interpreter.
        unsafe { (*self.thread).save(self.extension, self.fp) }
    }
}

impl<X: Mode> Machine for Interpreter<X> {
    type Val = Value;
    type Float = f64;
    const RECORDS: bool = false;

    #[inline(always)]
    fn instruction(&self) -> Instruction {
        Instruction(self.word)
    }
    #[inline(always)]
    fn extension(&self, n: usize) -> u64 {
        // SAFETY: the opcode's row in the table says how many extension words there are; caches are atomics.
        unsafe { AtomicU64::from_ptr(self.extension.add(n) as *mut u64) }.load(Ordering::Acquire)
    }
    #[inline(always)]
    fn get(&mut self, register: usize) -> Value {
        // SAFETY: registers of loaded bytecode lie inside the frame.
        unsafe { *self.fp.add(register) }
    }
    #[inline(always)]
    fn set(&mut self, register: usize, value: Value) {
        // SAFETY: as for `get`.
        unsafe { *self.fp.add(register) = value }
    }
    #[inline(always)]
    fn constant(&mut self, value: Value) -> Value {
        value
    }
    #[inline(always)]
    fn function(&mut self) -> Value {
        // SAFETY: every frame has a header.
        unsafe { *self.fp.sub(FRAME_HEADER) }
    }

    #[inline(always)]
    fn is_int(&mut self, value: Value) -> bool {
        value.is_int()
    }
    #[inline(always)]
    fn is_float(&mut self, value: Value) -> bool {
        value.is_float()
    }
    #[inline(always)]
    fn is_object(&mut self, value: Value) -> bool {
        value.is_object()
    }
    #[inline(always)]
    fn has_shape(&mut self, value: Value, shape: ShapeId) -> bool {
        value.is_object() && self.shape_of(value) == shape
    }
    #[inline(always)]
    fn same(&mut self, lhs: Value, rhs: Value) -> bool {
        lhs == rhs
    }
    #[inline(always)]
    fn reveal(&mut self, value: Value) -> Value {
        value
    }
    #[inline(always)]
    fn shape_of(&mut self, object: Value) -> ShapeId {
        // SAFETY: an object value is the address of a live object, which starts with a header.
        let header: &Header = unsafe { &*((object.bits() - OBJECT_TAG) as *const Header) };
        header.shape()
    }

    #[inline(always)]
    fn int_add(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let (sum, overflow) = (lhs.bits() as i64).overflowing_add(rhs.bits() as i64);
        if overflow { None } else { Some(Value::from_bits(sum as u64)) }
    }
    #[inline(always)]
    fn int_sub(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let (difference, overflow) = (lhs.bits() as i64).overflowing_sub(rhs.bits() as i64);
        if overflow { None } else { Some(Value::from_bits(difference as u64)) }
    }
    #[inline(always)]
    fn int_mul(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let (product, overflow) = lhs.as_int().overflowing_mul(rhs.bits() as i64);
        if overflow { None } else { Some(Value::from_bits(product as u64)) }
    }
    #[inline(always)]
    fn int_floor_div(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let (x, y) = (lhs.as_int(), rhs.as_int());
        if y == 0 {
            return None;
        }
        let quotient = x / y;
        let floor = if (x ^ y) < 0 && quotient * y != x { quotient - 1 } else { quotient };
        Value::small_int(floor)
    }
    #[inline(always)]
    fn int_mod(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let (x, y) = (lhs.as_int(), rhs.as_int());
        if y == 0 {
            return None;
        }
        let remainder = x % y;
        Some(Value::int(if remainder != 0 && (remainder ^ y) < 0 { remainder + y } else { remainder }))
    }
    #[inline(always)]
    fn int_shl(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let (x, count) = (lhs.bits() as i64, rhs.as_int());
        if !(0..62).contains(&count) {
            return None;
        }
        let shifted = x << count;
        if shifted >> count == x { Some(Value::from_bits(shifted as u64)) } else { None }
    }
    #[inline(always)]
    fn int_shr(&mut self, lhs: Value, rhs: Value) -> Option<Value> {
        let count = rhs.as_int();
        if count < 0 { None } else { Some(Value::int(lhs.as_int() >> count.min(63))) }
    }
    #[inline(always)]
    fn int_and(&mut self, lhs: Value, rhs: Value) -> Value {
        Value::from_bits(lhs.bits() & rhs.bits())
    }
    #[inline(always)]
    fn int_or(&mut self, lhs: Value, rhs: Value) -> Value {
        Value::from_bits(lhs.bits() | rhs.bits())
    }
    #[inline(always)]
    fn int_xor(&mut self, lhs: Value, rhs: Value) -> Value {
        Value::from_bits(lhs.bits() ^ rhs.bits())
    }
    #[inline(always)]
    fn int_lt(&mut self, lhs: Value, rhs: Value) -> bool {
        (lhs.bits() as i64) < rhs.bits() as i64
    }
    #[inline(always)]
    fn int_le(&mut self, lhs: Value, rhs: Value) -> bool {
        lhs.bits() as i64 <= rhs.bits() as i64
    }
    #[inline(always)]
    fn int_below(&mut self, index: Value, length: Value) -> bool {
        index.bits() < length.bits()
    }
    #[inline(always)]
    fn int_to_float(&mut self, value: Value) -> f64 {
        value.as_int() as f64
    }

    #[inline(always)]
    fn float(&mut self, number: f64) -> f64 {
        number
    }
    #[inline(always)]
    fn unbox(&mut self, value: Value) -> f64 {
        value.as_float()
    }
    #[inline(always)]
    fn box_float(&mut self, number: f64) -> Option<Value> {
        Value::small_float(number)
    }
    #[inline(always)]
    fn float_add(&mut self, lhs: f64, rhs: f64) -> f64 {
        lhs + rhs
    }
    #[inline(always)]
    fn float_sub(&mut self, lhs: f64, rhs: f64) -> f64 {
        lhs - rhs
    }
    #[inline(always)]
    fn float_mul(&mut self, lhs: f64, rhs: f64) -> f64 {
        lhs * rhs
    }
    #[inline(always)]
    fn float_div(&mut self, lhs: f64, rhs: f64) -> f64 {
        lhs / rhs
    }
    #[inline(always)]
    fn float_neg(&mut self, number: f64) -> f64 {
        -number
    }
    #[inline(always)]
    fn float_lt(&mut self, lhs: f64, rhs: f64) -> bool {
        lhs < rhs
    }
    #[inline(always)]
    fn float_le(&mut self, lhs: f64, rhs: f64) -> bool {
        lhs <= rhs
    }
    #[inline(always)]
    fn float_eq(&mut self, lhs: f64, rhs: f64) -> bool {
        lhs == rhs
    }
    #[inline(always)]
    fn float_call(&mut self, function: extern "sysv64" fn(f64, f64) -> f64, lhs: f64, rhs: f64) -> f64 {
        function(lhs, rhs)
    }

    #[inline(always)]
    fn load(&mut self, object: Value, offset: usize) -> Value {
        // SAFETY: the meaning has established the object's shape, which has such a field.
        unsafe { X::load(self.thread, object, offset) }
    }
    #[inline(always)]
    fn load_final(&mut self, object: Value, offset: usize) -> Value {
        // SAFETY: as for `load`.
        Value::from_bits(unsafe { word_at(object, offset) }.load(Ordering::Relaxed))
    }
    #[inline(always)]
    fn load_pointer(&mut self, object: Value, offset: usize) -> Value {
        Value::from_bits(self.load(object, offset).bits() + OBJECT_TAG)
    }
    #[inline(always)]
    fn load_pointer_final(&mut self, object: Value, offset: usize) -> Value {
        Value::from_bits(self.load_final(object, offset).bits() + OBJECT_TAG)
    }
    #[inline(always)]
    fn store(&mut self, object: Value, offset: usize, value: Value, kind: FieldKind) {
        // SAFETY: as for `load`.
        unsafe { X::store(self.thread, object, offset, value, kind) }
    }
    #[inline(always)]
    fn must_remember(&mut self, object: Value) -> bool {
        // SAFETY: the meaning has established that it is an object.
        unsafe { X::must_remember(object) }
    }
    #[inline(always)]
    fn store_checked(&mut self, object: Value, offset: usize, value: Value) {
        // SAFETY: as for `load`; the meaning has just asked.
        unsafe { X::store_checked(self.thread, object, offset, value) }
    }
    #[inline(always)]
    fn store_element_checked(&mut self, array: Value, index: Value, offset: usize, value: Value) {
        self.store_checked(array, offset + ((index.bits() as usize) << (3 - INT_SHIFT)), value)
    }
    #[inline(always)]
    fn store_pointer(&mut self, object: Value, offset: usize, value: Value) {
        let word = Value::from_bits(value.bits() - OBJECT_TAG);
        // SAFETY: as for `load`.
        unsafe { X::store(self.thread, object, offset, word, FieldKind::Value) }
    }
    #[inline(always)]
    fn load_element(&mut self, array: Value, index: Value, offset: usize) -> Value {
        self.load(array, offset + ((index.bits() as usize) << (3 - INT_SHIFT)))
    }
    #[inline(always)]
    fn load_element_final(&mut self, array: Value, index: Value, offset: usize) -> Value {
        self.load_final(array, offset + ((index.bits() as usize) << (3 - INT_SHIFT)))
    }
    #[inline(always)]
    fn load_byte_final(&mut self, object: Value, index: Value, offset: usize) -> Option<u8> {
        let address = object.address() + offset + index.as_int() as usize;
        // SAFETY: the meaning has checked the object's kind and the index.
        Some(unsafe { *(address as *const u8) })
    }
    #[inline(always)]
    fn look_from_here<R>(&mut self, value: Value, look: impl FnOnce(&Thread, *const u64, Value) -> R) -> Option<R> {
        // SAFETY: the thread outlives its interpreter.
        if X::PLAIN { Some(look(unsafe { &*self.thread }, self.extension.wrapping_sub(1), value)) } else { None }
    }
    #[inline(always)]
    fn look<R>(&mut self, first: Value, second: Value, look: impl FnOnce(Value, Value) -> R) -> Option<R> {
        if X::PLAIN { Some(look(first, second)) } else { None }
    }
    #[inline(always)]
    fn store_element(&mut self, array: Value, index: Value, offset: usize, value: Value) {
        self.store(array, offset + ((index.bits() as usize) << (3 - INT_SHIFT)), value, FieldKind::Value)
    }
    #[inline(always)]
    fn allocate(&mut self, size: usize, header: u64) -> Option<Value> {
        // SAFETY: the thread outlives its interpreter.
        unsafe { (*self.thread).mutator.allocate_fast(size, header) }.map(Value::object)
    }
    #[inline(always)]
    fn initialise(&mut self, object: Value, offset: usize, value: Value) {
        // SAFETY: a field of an object that the opcode has just allocated.
        unsafe { word_at(object, offset) }.store(value.bits(), Ordering::Relaxed)
    }
    #[inline(always)]
    fn initialise_pointer(&mut self, object: Value, offset: usize, value: Value) {
        self.initialise(object, offset, Value::from_bits(value.bits() - OBJECT_TAG))
    }

    #[inline(always)]
    fn call<const N: usize>(&mut self, function: &RuntimeFunction, arguments: [Value; N]) -> Result<Value, Raised> {
        if function.effects != Effects::Pure {
            self.save();
        }
        // SAFETY: `RuntimeFunction` promises this signature for the number of arguments that its callers pass.
        let result = unsafe {
            let result = call_address(function.address, self.thread, &arguments);
            self.table = (*self.thread).table.get();
            result
        };
        if result == RAISED { Err(Raised) } else { Ok(result) }
    }
    #[inline(always)]
    fn call_registers(
        &mut self,
        function: &RuntimeFunction,
        callee: Value,
        first: usize,
        count: usize,
    ) -> Result<Value, Raised> {
        self.save();
        type Function = unsafe extern "sysv64" fn(*mut Thread, Value, *mut Value, usize) -> Value;
        // SAFETY: `RuntimeFunction` promises this signature; the registers lie inside the frame.
        let result = unsafe {
            let function: Function = std::mem::transmute(function.address);
            let result = function(self.thread, callee, self.fp.add(first), count);
            self.table = (*self.thread).table.get();
            result
        };
        if result == RAISED { Err(Raised) } else { Ok(result) }
    }

    #[inline(always)]
    fn call_registers_last(&mut self, _: &RuntimeFunction, _: Value, _: usize, _: usize, _: usize) -> Flow {
        // The opcode's slow path makes such a call with fewer detours.
        Flow::Slow
    }

    #[inline(always)]
    fn residual<const N: usize>(&mut self, _: &RuntimeFunction, _: [Value; N]) -> Result<Option<Value>, Raised> {
        Ok(None)
    }

    #[inline(always)]
    fn reveal_word(&mut self, object: Value, offset: usize) -> u64 {
        self.load_final(object, offset).bits()
    }
    #[inline(always)]
    fn load_watched(&mut self, cell: Value, value: usize, _watch: usize) -> Value {
        self.load(cell, value)
    }
    #[inline(always)]
    fn store_watched(&mut self, cell: Value, value: usize, watch: usize, new: Value) -> bool {
        if self.load_final(cell, watch) == Value::int(1) {
            return false;
        }
        self.store(cell, value, new, FieldKind::Value);
        true
    }
    #[inline(always)]
    fn add_field(&mut self, object: Value, offset: usize, value: Value, shape: ShapeId) -> bool {
        if vm_stm::is_concurrent() {
            return false;
        }
        self.store(object, offset, value, FieldKind::Value);
        // SAFETY: a live object starts with a header.
        unsafe { &*(object.address() as *const Header) }.set_shape(shape);
        true
    }
    #[inline(always)]
    fn add_field_checked(&mut self, object: Value, offset: usize, value: Value, shape: ShapeId) -> bool {
        if vm_stm::is_concurrent() {
            return false;
        }
        self.store_checked(object, offset, value);
        // SAFETY: a live object starts with a header.
        unsafe { &*(object.address() as *const Header) }.set_shape(shape);
        true
    }
    #[inline(always)]
    fn is_concurrent(&mut self) -> bool {
        vm_stm::is_concurrent()
    }
    #[inline(always)]
    fn miss(&mut self) {}
    #[inline(always)]
    fn has_room(&mut self, registers: usize) -> bool {
        // SAFETY: the thread outlives its interpreter; the address is only compared.
        unsafe { self.fp.wrapping_add(registers) <= (*self.thread).stack_limit.get() }
    }
    #[inline(always)]
    fn frame_size(&mut self) -> usize {
        crate::frame::frame_size(self.fp)
    }

    #[inline(always)]
    fn jump(&mut self, words: i64) {
        self.next = self.next.wrapping_offset(words as isize)
    }
    #[inline(always)]
    fn jump_if(&mut self, value: Value, expected: Value, words: i64, otherwise: Option<usize>) {
        if value == expected {
            self.jump(words);
        } else if let Some(register) = otherwise {
            self.set(register, value);
        }
    }
    #[inline(always)]
    fn push_frame(&mut self, base: usize, function: Value, entry: FrameEntry, result: usize) -> bool {
        // SAFETY: the header and the arguments lie inside the caller's frame; the callee's registers lie below the
        // limit once it has been compared.
        unsafe {
            let fp = self.fp.add(base + FRAME_HEADER);
            if fp.add(entry.size as usize) > (*self.thread).stack_limit.get() {
                return false;
            }
            *fp.sub(4) = function;
            *fp.sub(3) = Value::from_bits(result as u64 | (entry.size as u64) << 32);
            *fp.sub(2) = Value::from_bits(self.next as u64);
            *fp.sub(1) = Value::from_bits(self.fp as u64);
            self.fp = fp;
            self.next = entry.pc;
        }
        true
    }
    #[inline(always)]
    fn pop_frame(&mut self, value: Value) -> Flow {
        // SAFETY: every frame has a header, whose caller frame has the destination register.
        unsafe {
            let link = (*self.fp.sub(3)).bits();
            if link & crate::frame::OBSERVED != 0 {
                return Flow::Slow;
            }
            let destination = link as u32 as usize;
            self.next = (*self.fp.sub(2)).bits() as *const u64;
            self.fp = (*self.fp.sub(1)).bits() as *mut Value;
            *self.fp.add(destination) = value;
        }
        Flow::Next
    }
    #[inline(always)]
    fn loop_header(&mut self) -> bool {
        // SAFETY: the low half of the extension word is this header's counter; the thread outlives its interpreter.
        unsafe {
            let counter = AtomicU32::from_ptr(self.extension as *mut u32);
            let count = counter.load(Ordering::Relaxed) as i32;
            if count >= (*self.thread).hot.get() || (*self.thread).mutator.should_poll() {
                return true;
            }
            // The count is below a threshold of the same type, and negative where recording is put off.
            counter.store((count + 1) as u32, Ordering::Relaxed);
            false
        }
    }
}

/// # Safety
/// `address` must be a function that takes the thread and this many values.
#[inline(always)]
pub unsafe fn call_address(address: *const (), thread: *mut Thread, arguments: &[Value]) -> Value {
    type F0 = unsafe extern "sysv64" fn(*mut Thread) -> Value;
    type F1 = unsafe extern "sysv64" fn(*mut Thread, Value) -> Value;
    type F2 = unsafe extern "sysv64" fn(*mut Thread, Value, Value) -> Value;
    type F3 = unsafe extern "sysv64" fn(*mut Thread, Value, Value, Value) -> Value;
    type F4 = unsafe extern "sysv64" fn(*mut Thread, Value, Value, Value, Value) -> Value;
    type F5 = unsafe extern "sysv64" fn(*mut Thread, Value, Value, Value, Value, Value) -> Value;
    // SAFETY: the caller's promise.
    unsafe {
        match *arguments {
            [] => std::mem::transmute::<*const (), F0>(address)(thread),
            [a] => std::mem::transmute::<*const (), F1>(address)(thread, a),
            [a, b] => std::mem::transmute::<*const (), F2>(address)(thread, a, b),
            [a, b, c] => std::mem::transmute::<*const (), F3>(address)(thread, a, b, c),
            [a, b, c, d] => std::mem::transmute::<*const (), F4>(address)(thread, a, b, c, d),
            [a, b, c, d, e] => std::mem::transmute::<*const (), F5>(address)(thread, a, b, c, d, e),
            _ => unreachable!("runtime functions take at most five values"),
        }
    }
}

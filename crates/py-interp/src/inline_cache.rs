//! The two extension words of attribute and call sites.
//!
//! ```text
//! word 0: bits 0-31 shape id of the receiver | bits 32-39 kind | bits 40-63 offset        word 1: payload
//! ```
//! At calls of Python functions word 0 may instead be the address of a plan (`call_plan`) with the top bit set.
//!
//! A zero word 0 is an empty cache: no object has shape 0. Word 1 is written before word 0, and while the process has several
//! threads a cache is filled at most once (clearing happens with all threads stopped), so a reader never sees the words of
//! two different entries together.

use crate::call_plan::{Callee, Plan};
use py_object::attribute::Found;
use py_object::objects::Array;
use py_object::shape::Place;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use vm_heap::{Heap, ShapeId, Value};

/// What word 0 says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CacheKind {
    /// The attribute lies in the object at the offset.
    Inline = 1,
    /// It lies in the overflow array at the offset.
    Overflow = 2,
    /// It is the payload.
    Constant = 3,
    /// It is a method: the payload is the function.
    Method = 4,
    /// It is computed: the payload is the getter.
    Getter = 5,
    /// It is in the global cell that is the payload.
    Cell = 6,
    /// A store adds it at the offset; the payload is the new shape id.
    Add = 7,
    /// A call constructs an instance.
    Construct = 8,
    /// The payload is a descriptor of a built-in type.
    Descriptor = 9,
    /// It is the item of a named tuple at the offset.
    Item = 10,
    /// The same where the tuple is the object's payload.
    PayloadItem = 11,
}

/// What marks the addresses of plans. Offsets are never so large.
const PLANNED: u64 = 1 << 63;

/// One decoded word 0.
#[derive(Clone, Copy)]
pub struct CacheWord(pub u64);

impl CacheWord {
    /// An entry.
    pub fn new(shape: ShapeId, kind: CacheKind, offset: usize) -> CacheWord {
        CacheWord(shape.0 as u64 | (kind as u64) << 32 | (offset as u64) << 40)
    }
    /// The receiver's shape.
    #[inline(always)]
    pub fn shape(self) -> ShapeId {
        ShapeId(self.0 as u32)
    }
    /// Whether the entry is of a kind.
    #[inline(always)]
    pub fn is(self, kind: CacheKind) -> bool {
        (self.0 >> 32) as u8 == kind as u8
    }
    /// The first of the plans of a call site.
    #[inline(always)]
    pub fn plan(self) -> Option<&'static Plan> {
        // SAFETY: such a word is the address of a plan, and plans are never freed.
        (self.0 & PLANNED != 0).then(|| unsafe { &*((self.0 & !PLANNED) as *const Plan) })
    }
    /// The entry that remembers a plan.
    pub fn of_plan(plan: &'static Plan) -> CacheWord {
        CacheWord(std::ptr::from_ref(plan) as u64 | PLANNED)
    }
    /// The offset.
    #[inline(always)]
    pub fn offset(self) -> usize {
        (self.0 >> 40) as usize
    }
}

/// Byte offset of an element of an overflow array.
fn overflow_offset(index: usize) -> usize {
    size_of::<Array>() + 8 * index
}

/// The entry for an attribute found by a lookup, with its payload.
pub fn entry(shape: ShapeId, found: Found) -> Option<(CacheWord, u64)> {
    let (kind, offset, payload) = match found {
        Found::Slot(Place::Inline(offset)) => (CacheKind::Inline, offset, 0),
        Found::Slot(Place::Overflow(index)) => (CacheKind::Overflow, overflow_offset(index), 0),
        Found::Constant(value) => (CacheKind::Constant, 0, value.bits()),
        Found::Method(function) => (CacheKind::Method, 0, function.bits()),
        Found::Getter(function) => (CacheKind::Getter, 0, function.bits()),
        Found::Descriptor(descriptor) => (CacheKind::Descriptor, 0, descriptor.bits()),
        Found::Item(index) => (CacheKind::Item, index, 0),
        Found::PayloadItem(index) => (CacheKind::PayloadItem, index, 0),
        Found::Cell(cell) => (CacheKind::Cell, 0, cell.value().bits()),
        Found::Uncacheable => return None,
    };
    (offset < 1 << 23).then(|| (CacheWord::new(shape, kind, offset), payload))
}

/// The sites whose caches rely on classes: addresses of instructions, and whether the caches have a payload. Code stays where it
/// is, and the sites of code that dies are forgotten.
static FILLED: Mutex<Vec<(usize, bool)>> = Mutex::new(Vec::new());

fn filled() -> MutexGuard<'static, Vec<(usize, bool)>> {
    FILLED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fills a cache that relies on a class, so that `clear_filled` finds it.
///
/// # Safety
/// As for `fill`.
pub unsafe fn fill_for_class(instruction: *const u64, word: CacheWord, payload: Option<u64>) {
    // ORDER: the lock is held until the cache is full: whoever clears the caches either sees this site or comes before it.
    let mut filled = filled();
    // SAFETY: the caller's promise.
    unsafe {
        if AtomicU64::from_ptr(instruction.add(1) as *mut u64).load(Ordering::Relaxed) == 0 {
            filled.push((instruction as usize, payload.is_some()));
        }
        fill(instruction, word, payload);
    }
}

/// Forgets the sites of dead code.
pub fn install() {
    Heap::global().add_forgetter(|lives| {
        filled().retain(|(instruction, _)| lives(*instruction));
        py_object::forget_places();
    });
}

/// Empties the caches that rely on classes. It costs time by the number of caches that were filled since the last time, not by
/// that of all there are.
pub fn clear_filled() {
    for (instruction, has_payload) in filled().drain(..) {
        let words = instruction as *mut u64;
        // SAFETY: noted by `fill_for_class`; the words behind the instruction are caches, which are only accessed as atomics.
        unsafe {
            AtomicU64::from_ptr(words.add(1)).store(0, Ordering::Relaxed);
            if has_payload {
                AtomicU64::from_ptr(words.add(2)).store(0, Ordering::Relaxed);
            }
        }
    }
}

/// Lets the cache of a call remember a plan, in front of those that it leads to.
///
/// # Safety
/// As for `fill`; the instruction must be a call.
pub unsafe fn fill_with_plan(instruction: *const u64, plan: &'static Plan) {
    let mut filled = matches!(plan.callee, Callee::Class(_) | Callee::Maker(_)).then(filled);
    // SAFETY: the caller's promise; extension words are only accessed as atomics.
    let word = unsafe { AtomicU64::from_ptr(instruction.add(1) as *mut u64) };
    // ORDER: as in `fill_for_class`; and whoever reads the address sees the plan.
    word.store(CacheWord::of_plan(plan).0, Ordering::Release);
    if let Some(filled) = &mut filled {
        filled.push((instruction as usize, false));
    }
}

/// Fills the cache at an instruction. `with_payload` is false for sites with a single extension word.
///
/// # Safety
/// `instruction` must be the address of an instruction with that many extension words.
pub unsafe fn fill(instruction: *const u64, word: CacheWord, payload: Option<u64>) {
    // SAFETY: the caller's promise; extension words are only accessed as atomics.
    let words = unsafe {
        let first = AtomicU64::from_ptr(instruction.add(1) as *mut u64);
        let second = payload.map(|_| AtomicU64::from_ptr(instruction.add(2) as *mut u64));
        (first, second)
    };
    let (first, second) = words;
    if !vm_stm::is_concurrent() {
        if let (Some(second), Some(payload)) = (second, payload) {
            second.store(payload, Ordering::Relaxed);
        }
        first.store(word.0, Ordering::Relaxed);
        return;
    }
    if first.load(Ordering::Acquire) != 0 {
        return;
    }
    if let (Some(second), Some(payload)) = (second, payload)
        && second.compare_exchange(0, payload, Ordering::AcqRel, Ordering::Acquire).is_err()
        && second.load(Ordering::Acquire) != payload
    {
        return; // another thread is filling it with something else
    }
    let _ = first.compare_exchange(0, word.0, Ordering::AcqRel, Ordering::Acquire);
}

/// A payload as a value.
#[inline(always)]
pub fn payload_value(payload: u64) -> Value {
    Value::from_bits(payload)
}

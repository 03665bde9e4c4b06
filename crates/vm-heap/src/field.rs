//! Typed access to object fields: the one place where the collector's write barrier lives.
//!
//! An object is a `#[repr(C)]` struct whose first field is a [`Header`]; its other fields are [`Field`]s. A [`Gc`]
//! is a copyable pointer to such a struct. It needs no rooting: stacks and registers are scanned conservatively.
//! Loads and stores are relaxed atomics, so that racing threads see an old or a new word, never a mix.

use crate::{Header, Mutator, Value};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// A pointer to a heap object of type `T`.
pub struct Gc<T>(NonNull<T>);

impl<T> Clone for Gc<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Gc<T> {}
impl<T> PartialEq for Gc<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Gc<T> {}
impl<T> std::fmt::Debug for Gc<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gc({:p})", self.0)
    }
}
// SAFETY: objects live in one heap that every mutator thread shares, and all their fields are atomics.
unsafe impl<T> Send for Gc<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Gc<T> {}

impl<T> Deref for Gc<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: a `Gc` is only made from a live object of this type, and a reachable object is never freed or moved.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Gc<T> {
    /// # Safety
    /// `address` must be that of a live heap object whose layout is that of `T`.
    #[inline(always)]
    pub unsafe fn from_address(address: usize) -> Gc<T> {
        debug_assert!(address != 0 && address & 7 == 0);
        // SAFETY: not null by the caller's promise.
        Gc(unsafe { NonNull::new_unchecked(address as *mut T) })
    }

    /// The address of the header.
    #[inline(always)]
    pub fn address(self) -> usize {
        self.0.as_ptr() as usize
    }

    /// The object as a value.
    #[inline(always)]
    pub fn value(self) -> Value {
        Value::object(self.address())
    }

    /// The object's header.
    #[inline(always)]
    pub fn header(self) -> &'static Header {
        // SAFETY: every heap object starts with a header (rule of this module).
        unsafe { &*(self.address() as *const Header) }
    }
}

/// What the collector sees in a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WordKind {
    /// Nothing.
    Plain,
    /// A value word.
    Value,
    /// The untagged address of an object, or null.
    Pointer,
}

/// A type that a field can hold: 64 bits, any of which may be a pointer into the heap.
pub trait Word: Copy {
    /// What the collector sees in such a word.
    const KIND: WordKind;
    /// Whether a store of this type needs the write barrier.
    const IS_REFERENCE: bool = !matches!(Self::KIND, WordKind::Plain);
    /// As bits.
    fn to_word(self) -> u64;
    /// From bits that `to_word` gave.
    fn from_word(word: u64) -> Self;
}

impl Word for Value {
    const KIND: WordKind = WordKind::Value;
    #[inline(always)]
    fn to_word(self) -> u64 {
        self.bits()
    }
    #[inline(always)]
    fn from_word(word: u64) -> Self {
        Value::from_bits(word)
    }
}

/// Raw pointers in fields are untagged; the collector accepts both forms.
impl<T> Word for Gc<T> {
    const KIND: WordKind = WordKind::Pointer;
    #[inline(always)]
    fn to_word(self) -> u64 {
        self.address() as u64
    }
    #[inline(always)]
    fn from_word(word: u64) -> Self {
        // SAFETY: the word was stored by `to_word`, so it is the address of such an object.
        unsafe { Gc::from_address(word as usize) }
    }
}

/// Null is `None`.
impl<T> Word for Option<Gc<T>> {
    const KIND: WordKind = WordKind::Pointer;
    #[inline(always)]
    fn to_word(self) -> u64 {
        self.map_or(0, |object| object.address() as u64)
    }
    #[inline(always)]
    fn from_word(word: u64) -> Self {
        // SAFETY: as for `Gc`, once null is excluded.
        if word == 0 { None } else { Some(unsafe { Gc::from_address(word as usize) }) }
    }
}

macro_rules! plain_words {
    ($($ty:ty),*) => {$(
        impl Word for $ty {
            const KIND: WordKind = WordKind::Plain;
            #[inline(always)]
            fn to_word(self) -> u64 { self as u64 }
            #[inline(always)]
            fn from_word(word: u64) -> Self { word as $ty }
        }
    )*};
}
plain_words!(u64, i64, usize, u32);

impl Word for f64 {
    const KIND: WordKind = WordKind::Plain;
    #[inline(always)]
    fn to_word(self) -> u64 {
        self.to_bits()
    }
    #[inline(always)]
    fn from_word(word: u64) -> Self {
        f64::from_bits(word)
    }
}

impl Word for bool {
    const KIND: WordKind = WordKind::Plain;
    #[inline(always)]
    fn to_word(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_word(word: u64) -> Self {
        word != 0
    }
}

/// One 64-bit field of a heap object.
#[repr(transparent)]
pub struct Field<T>(AtomicU64, PhantomData<T>);

impl<T: Word> Field<T> {
    /// A field outside the heap (a global root).
    pub fn new(value: T) -> Field<T> {
        Field(AtomicU64::new(value.to_word()), PhantomData)
    }

    /// Writes a field outside the heap.
    pub fn set_root(&self, value: T) {
        self.0.store(value.to_word(), Ordering::Release);
    }

    /// Reads the field.
    #[inline(always)]
    pub fn get(&self) -> T {
        T::from_word(self.0.load(Ordering::Relaxed))
    }

    /// Writes a field of `owner`, with the write barrier where `T` may be a reference.
    #[inline(always)]
    pub fn set<O>(&self, mutator: &Mutator, owner: Gc<O>, value: T) {
        self.0.store(value.to_word(), Ordering::Relaxed);
        if T::IS_REFERENCE {
            mutator.barrier(owner.header());
        }
    }

    /// First write to a field of an object that no collection can have seen since it was allocated.
    #[inline(always)]
    pub fn init(&self, value: T) {
        self.0.store(value.to_word(), Ordering::Relaxed);
    }

    /// Reads with acquire ordering: what was written before the matching `set_release` is visible.
    #[inline(always)]
    pub fn get_acquire(&self) -> T {
        T::from_word(self.0.load(Ordering::Acquire))
    }

    /// Publishes: writes made before are visible to whoever reads the new value with `get_acquire`.
    #[inline(always)]
    pub fn set_release<O>(&self, mutator: &Mutator, owner: Gc<O>, value: T) {
        self.0.store(value.to_word(), Ordering::Release);
        if T::IS_REFERENCE {
            mutator.barrier(owner.header());
        }
    }

    /// Replaces `expected` by `value`; returns whether it was there.
    #[inline(always)]
    pub fn compare_exchange<O>(&self, mutator: &Mutator, owner: Gc<O>, expected: T, value: T) -> bool {
        let done =
            self.0.compare_exchange(expected.to_word(), value.to_word(), Ordering::AcqRel, Ordering::Acquire).is_ok();
        if done && T::IS_REFERENCE {
            mutator.barrier(owner.header());
        }
        done
    }

    /// The word itself, for the transaction layer and for generated code.
    #[inline(always)]
    pub fn word(&self) -> &AtomicU64 {
        &self.0
    }
}

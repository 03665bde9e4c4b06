//! Vectors of references in native memory.
//!
//! The collector scans stacks, not what `malloc` gave out: a `Vec<Value>` keeps nothing alive. A function that gathers
//! values while it allocates uses a [`RootedVec`]. It belongs to a mutator, whose list of such vectors is part of the
//! roots.

use crate::field::Word;
use crate::mutator::Mutator;
use std::cell::UnsafeCell;
use std::marker::PhantomData;

/// The words of one vector, at an address that does not change.
pub(crate) type RootedWords = UnsafeCell<Vec<u64>>;

/// A growable vector whose elements are roots.
pub struct RootedVec<'m, T: Word> {
    mutator: &'m Mutator,
    words: Box<RootedWords>,
    elements: PhantomData<T>,
}

impl<'m, T: Word> RootedVec<'m, T> {
    /// An empty vector.
    pub fn new(mutator: &'m Mutator) -> RootedVec<'m, T> {
        let words = Box::new(UnsafeCell::new(Vec::new()));
        mutator.add_rooted(&raw const *words);
        RootedVec { mutator, words, elements: PhantomData }
    }

    fn words(&self) -> &Vec<u64> {
        // SAFETY: only this thread uses the vector while it runs; the collector reads while the thread is stopped, and
        // no method below stops halfway.
        unsafe { &*self.words.get() }
    }

    fn words_mut(&mut self) -> &mut Vec<u64> {
        // SAFETY: as above, and `self` is borrowed mutably.
        unsafe { &mut *self.words.get() }
    }

    /// Appends an element.
    pub fn push(&mut self, element: T) {
        self.words_mut().push(element.to_word())
    }

    /// Removes the last element.
    pub fn pop(&mut self) -> Option<T> {
        self.words_mut().pop().map(T::from_word)
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.words().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.words().is_empty()
    }

    /// The element at an index, or `None` beyond the end.
    pub fn get(&self, index: usize) -> Option<T> {
        self.words().get(index).map(|&word| T::from_word(word))
    }

    /// Replaces the element at an index; panics beyond the end, as a slice does.
    pub fn set(&mut self, index: usize, element: T) {
        self.words_mut()[index] = element.to_word()
    }

    /// Exchanges two elements.
    pub fn swap(&mut self, first: usize, second: usize) {
        self.words_mut().swap(first, second)
    }

    /// Keeps the first `length` elements.
    pub fn truncate(&mut self, length: usize) {
        self.words_mut().truncate(length)
    }

    /// The elements in order. They are read one by one, so the loop's body may allocate.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).map(|index| T::from_word(self.words()[index]))
    }
}

impl RootedVec<'_, crate::Value> {
    /// The elements as a slice.
    pub fn as_slice(&self) -> &[crate::Value] {
        let words = self.words();
        // SAFETY: a value is a transparent word.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), words.len()) }
    }
}

impl<T: Word> Extend<T> for RootedVec<'_, T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        // One by one: computing an element may collect.
        for element in elements {
            self.push(element)
        }
    }
}

impl<T: Word> Drop for RootedVec<'_, T> {
    fn drop(&mut self) {
        self.mutator.remove_rooted(&raw const *self.words)
    }
}

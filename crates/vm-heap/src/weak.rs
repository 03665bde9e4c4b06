//! Weak references.
//!
//! A language's weak reference is an ordinary object with a [`WeakField`], a word that its layout does not list, so
//! that the collector does not follow it. [`Mutator::new_weak`](crate::Mutator::new_weak) registers the pair. When the
//! target dies, the word is cleared; where notification was asked for, the owner is queued for `take_cleared`.
//!
//! A registration that has survived one collection has an old owner and an old target, so minor collections look only
//! at registrations made since the last collection.
//!
//! Order (as CPython 3.14's): words with notification are cleared before finalizers run, so that a callback never sees
//! an object that is being finalized; words without are cleared only when their target is not revived by one.
//! An owner that dies together with its target is not notified.

use crate::field::Word;
use crate::mutator::Mutator;
use crate::space::Space;
use crate::value::Value;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// A word of an object that refers to another one without keeping it alive. Zero where there is none (any more).
///
/// INVARIANT: the owner's layout lists this word neither under `values` nor under `pointers`.
#[repr(transparent)]
pub struct WeakField(AtomicU64);

impl WeakField {
    /// The target, unless it died or was cleared. It is then alive as long as the caller holds the value.
    #[inline]
    pub fn get(&self, _mutator: &Mutator) -> Option<Value> {
        let word = self.0.load(Ordering::Relaxed);
        (word != 0).then(|| Value::from_word(word))
    }

    /// Forgets the target; the owner will not be notified.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed)
    }

    pub(crate) fn set(&self, target: Value) {
        self.0.store(target.to_word(), Ordering::Relaxed)
    }
}

#[derive(Clone, Copy)]
struct Registration {
    owner: usize,
    target: usize,
    /// Bytes from the owner to its weak field.
    offset: u32,
    notify: bool,
}

impl Registration {
    /// # Safety
    /// The owner's memory must not have been reused.
    unsafe fn field(&self) -> &'static WeakField {
        // SAFETY: the field lies inside the owner (checked when it was registered).
        unsafe { &*((self.owner + self.offset as usize) as *const WeakField) }
    }
}

/// Owners by target: a table of addresses of objects, whose low bits are zero.
type Owners = HashMap<usize, Vec<usize>, BuildHasherDefault<AddressHasher>>;

/// Mixes the one word of an address.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(*byte as usize));
    }
    fn write_usize(&mut self, word: usize) {
        self.0 = (self.0 ^ word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

/// All registrations.
#[derive(Default)]
pub(crate) struct WeakReferences {
    young: Vec<Registration>,
    old: Vec<Registration>,
    /// The owners registered for each target.
    owners: Owners,
    /// Owners to be notified; the collector keeps them alive.
    pub cleared: VecDeque<usize>,
    /// How many words have been cleared since the start.
    pub total_cleared: u64,
}

impl WeakReferences {
    pub fn register(&mut self, owner: usize, offset: u32, target: usize, notify: bool) {
        self.young.push(Registration { owner, target, offset, notify });
        self.owners.entry(target).or_default().push(owner);
    }

    /// The owners of weak fields that were registered for a target, oldest first. Some may have been cleared.
    pub fn owners_of(&self, target: usize) -> &[usize] {
        self.owners.get(&target).map_or(&[], Vec::as_slice)
    }

    /// The same, to be put in another order.
    pub fn owners_of_mut(&mut self, target: usize) -> &mut [usize] {
        self.owners.get_mut(&target).map_or(&mut [], Vec::as_mut_slice)
    }

    fn forget(owners: &mut Owners, registration: &Registration) {
        if let Some(list) = owners.get_mut(&registration.target) {
            list.retain(|owner| *owner != registration.owner);
            if list.is_empty() {
                owners.remove(&registration.target);
            }
        }
    }

    /// After marking, before finalizers are looked for: clears the words with notification. Their owners are queued from
    /// the newest to the oldest, as CPython calls the callbacks of an object.
    ///
    /// # Safety
    /// The world must be stopped.
    pub unsafe fn clear_notified(&mut self, space: &Space, full: bool) {
        let (young, old, owners) = (&mut self.young, &mut self.old, &mut self.owners);
        let queued = self.cleared.len();
        for list in [full.then_some(old), Some(young)].into_iter().flatten() {
            list.retain(|registration| {
                // SAFETY: nothing has been swept yet, so owners and targets are still there.
                unsafe {
                    if !registration.notify || !space.is_marked(registration.owner) || !target_dead(registration, space)
                    {
                        return true;
                    }
                    registration.field().clear();
                }
                WeakReferences::forget(owners, registration);
                self.cleared.push_back(registration.owner);
                self.total_cleared += 1;
                false
            })
        }
        self.cleared.make_contiguous()[queued..].reverse();
    }

    /// After everything has been marked that lives on: clears the rest and forgets what is over.
    ///
    /// # Safety
    /// The world must be stopped.
    pub unsafe fn clear_dead(&mut self, space: &Space, full: bool) {
        let mut examined = std::mem::take(&mut self.young);
        if full {
            examined.append(&mut self.old);
        }
        for registration in examined.drain(..) {
            // SAFETY: nothing has been swept yet, so owners and targets are still there.
            unsafe {
                if !space.is_marked(registration.owner) || registration.field().0.load(Ordering::Relaxed) == 0 {
                    WeakReferences::forget(&mut self.owners, &registration);
                    continue;
                }
                if target_dead(&registration, space) {
                    WeakReferences::forget(&mut self.owners, &registration);
                    registration.field().clear();
                    self.total_cleared += 1;
                    if registration.notify {
                        self.cleared.push_back(registration.owner);
                    }
                    continue;
                }
            }
            self.old.push(registration);
        }
        self.young = examined;
    }
}

/// # Safety
/// The world must be stopped and the owner not swept.
unsafe fn target_dead(registration: &Registration, space: &Space) -> bool {
    // SAFETY: by the caller's promise.
    let word = unsafe { registration.field() }.0.load(Ordering::Relaxed);
    // SAFETY: a weak word holds the address of an object in the heap (checked when it was registered).
    word != 0 && !unsafe { space.is_marked(Value::from_bits(word).address()) }
}

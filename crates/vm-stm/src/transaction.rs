//! Transactions over single words of objects, with buffered writes (after TL2: Dice, Shalev and Shavit, DISC 2006).
//!
//! A read takes the object's version, the word and the version again, and is logged; a version later than the time of the
//! snapshot makes the transaction look at all its reads again and move the snapshot forward. Writes are kept aside. The commit
//! locks what was written in the order of addresses, checks the reads a last time (always: writes outside of blocks
//! are no commits, so no shortcut by the clock is sound), writes back only the words that were written, and unlocks
//! with a new version.
//!
//! A conflict found by a read dooms the transaction. The reader gets the word that memory holds, which is of the right kind but may
//! not fit the others; the caller must not let the program go on with it (handlers look at `is_doomed` after every
//! instruction).
//!
//! A container is read and written as a whole. A reader opens it, looks, and makes sure that it has not changed meanwhile. A writer
//! works on a copy, which all later operations of the transaction get in its stead; the commit gives the original what the copy holds.
//!
//! What can't be undone makes a transaction *inevitable*: it writes back what it has written so far, keeps all others from
//! committing, and reads and writes memory directly from there on. One runs at a time. Others that would see it half done find no
//! consistent snapshot meanwhile: they wait at their begin, and are doomed where they would have to move their snapshot.

use crate::clock;
use crate::word::{LOCKED, Spins, WORD_OFFSET};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Mutex, MutexGuard};
use vm_heap::Value;

/// How long a read or commit waits for another one's lock before it gives up.
const PATIENCE: u32 = 20_000;
/// Failed attempts after which a transaction keeps others from committing until it is done.
const SERIAL_AFTER: u32 = 8;
/// Failed attempts after which a transaction should begin as an inevitable one: what keeps it from committing then are writes
/// outside of blocks.
const INEVITABLE_AFTER: u32 = 12;

/// How many of the objects made last are known as such.
const LATEST: usize = 32;

/// Held for a whole attempt by a transaction that failed often or is inevitable, and for the commit by all others.
static COMMITS: Mutex<()> = Mutex::new(());
/// Whether there is an inevitable transaction. Only changed by who holds [`COMMITS`].
static INEVITABLE: AtomicBool = AtomicBool::new(false);

fn take_turn() -> MutexGuard<'static, ()> {
    COMMITS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What a commit needs of the language, while it holds the locks of what it writes.
pub trait Target {
    /// A reference was written into an object.
    fn barrier(&mut self, object: Value);
    /// Gives a container what its copy holds, which is used no more.
    fn take_over(&mut self, original: Value, copy: Value);
}

struct Read {
    object: Value,
    seen: u64,
}

/// A container that the transaction has changed.
#[derive(Clone, Copy)]
struct Copied {
    original: Value,
    copy: Value,
}

#[derive(Clone, Copy)]
struct Write {
    object: Value,
    offset: usize,
    word: u64,
    reference: bool,
}

/// The transaction of one thread. Also exists between transactions, for its buffers.
#[derive(Default)]
pub struct Transaction {
    depth: u32,
    doomed: bool,
    /// Inside a block, and not inevitable.
    logged: bool,
    snapshot: u64,
    attempts: u32,
    reads: Vec<Read>,
    writes: Vec<Write>,
    copies: Vec<Copied>,
    /// Objects made by the running attempt, which nobody else knows.
    created: Vec<Value>,
    serial: Option<MutexGuard<'static, ()>>,
}

/// The atomic word at a byte offset of an object.
fn word_at(object: Value, offset: usize) -> &'static AtomicU64 {
    // SAFETY: callers pass live objects (logged ones are roots) and offsets of their fields, which are atomics only.
    unsafe { AtomicU64::from_ptr((object.address() + offset) as *mut u64) }
}

impl Transaction {
    /// Whether the thread is inside a block.
    #[inline(always)]
    pub fn is_active(&self) -> bool {
        self.depth != 0
    }

    /// Whether the thread is inside a block that may have to run again, so that all its reads and writes must be logged.
    #[inline(always)]
    pub fn is_logged(&self) -> bool {
        self.logged
    }

    /// Whether the block has failed so often that it had better become inevitable at its start.
    pub fn is_unlucky(&self) -> bool {
        self.attempts >= INEVITABLE_AFTER
    }

    /// Whether the running attempt can't commit any more.
    #[inline(always)]
    pub fn is_doomed(&self) -> bool {
        self.doomed
    }

    /// Says that the running attempt can't commit any more.
    pub fn doom(&mut self) {
        self.doomed = true;
    }

    /// Enters a block; returns whether it is the outermost one. Blocks nest flatly. `blocking` runs what may wait for
    /// other threads.
    pub fn begin(&mut self, blocking: impl FnOnce(&mut dyn FnMut())) -> bool {
        self.depth += 1;
        if self.depth > 1 {
            return false;
        }
        self.logged = true;
        let serial = &mut self.serial;
        let snapshot = &mut self.snapshot;
        let alone = self.attempts >= SERIAL_AFTER;
        if alone || !take_snapshot(snapshot) {
            blocking(&mut || {
                let turn = take_turn();
                // Nobody is inevitable while the turn is held.
                take_snapshot(snapshot);
                *serial = alone.then_some(turn);
            });
        }
        true
    }

    /// Makes the transaction inevitable: it can't fail any more, and what it does from here on need not be logged. False where it has
    /// failed already; then it is doomed. `alone` keeps other threads from running from here on, if the caller wants that.
    pub fn become_inevitable(
        &mut self,
        blocking: impl FnOnce(&mut dyn FnMut()),
        alone: impl FnOnce(),
        target: &mut dyn Target,
    ) -> bool {
        if self.serial.is_none() {
            let serial = &mut self.serial;
            blocking(&mut || *serial = Some(take_turn()));
        }
        // ORDER: first the mark, then the writes, whose versions are later than any snapshot taken before the mark was seen.
        INEVITABLE.store(true, Ordering::SeqCst);
        alone();
        if self.doomed || !self.is_valid() || !self.write_back(target) {
            INEVITABLE.store(false, Ordering::SeqCst);
            self.doomed = true;
            return false;
        }
        self.logged = false;
        self.clear_logs();
        true
    }

    /// Reads a word of a mutable object. Not for inevitable transactions.
    pub fn read(&mut self, object: Value, offset: usize) -> u64 {
        if let Some(write) = self.writes.iter().rev().find(|write| write.object == object && write.offset == offset) {
            return write.word;
        }
        let version = word_at(object, WORD_OFFSET);
        let field = word_at(object, offset);
        let mut spins = Spins::default();
        loop {
            let before = version.load(Ordering::Acquire);
            let word = field.load(Ordering::Acquire);
            if self.doomed {
                return word;
            }
            if before & LOCKED != 0 {
                if spins.count() > PATIENCE {
                    self.doomed = true;
                }
                spins.wait();
                continue;
            }
            if before > self.snapshot && !self.extend() {
                self.doomed = true;
                continue;
            }
            // ORDER: the word must have been read before the version is looked at again.
            fence(Ordering::Acquire);
            if version.load(Ordering::Relaxed) != before || before > self.snapshot {
                spins.wait();
                continue;
            }
            if self.reads.last().is_none_or(|read| read.object != object) {
                self.reads.push(Read { object, seen: before });
            }
            return word;
        }
    }

    /// Begins to look at a container as a whole, outside of the words that [`Transaction::read`] reads: its version, for
    /// [`Transaction::is_as_opened`]. `None`: the transaction is doomed.
    pub fn open(&mut self, object: Value) -> Option<u64> {
        let version = word_at(object, WORD_OFFSET);
        let mut spins = Spins::default();
        while !self.doomed {
            let seen = version.load(Ordering::Acquire);
            if seen & LOCKED != 0 {
                self.doomed = spins.count() > PATIENCE;
                spins.wait();
            } else if seen > self.snapshot && !self.extend() {
                self.doomed = true;
            } else if seen <= self.snapshot {
                self.reads.push(Read { object, seen });
                return Some(seen);
            }
        }
        None
    }

    /// Whether a container is unchanged since it was opened; if not, the transaction is doomed.
    pub fn is_as_opened(&mut self, object: Value, seen: u64) -> bool {
        // ORDER: what was looked at must have been read before the version is looked at again.
        fence(Ordering::Acquire);
        let unchanged = word_at(object, WORD_OFFSET).load(Ordering::Relaxed) == seen;
        self.doomed |= !unchanged;
        unchanged
    }

    /// What the transaction works on in the stead of a container that it has changed.
    pub fn copy_of(&self, object: Value) -> Option<Value> {
        self.copies.iter().rev().find(|copied| copied.original == object).map(|copied| copied.copy)
    }

    /// From here on the transaction works on a copy of a container.
    pub fn put_copy(&mut self, original: Value, copy: Value) {
        self.copies.push(Copied { original, copy });
    }

    /// Notes an object that the running attempt has made.
    pub fn note_created(&mut self, object: Value) {
        self.created.push(object);
    }

    /// Whether the running attempt has made an object, as far as it was noted; only the latest are looked for.
    pub fn has_created(&self, object: Value) -> bool {
        self.created.iter().rev().take(LATEST).any(|created| *created == object)
    }

    /// Notes a write of a word of a mutable object. `reference`: whether it may be a reference. Not for inevitable transactions.
    pub fn write(&mut self, object: Value, offset: usize, word: u64, reference: bool) {
        let known = self.writes.iter_mut().find(|write| write.object == object && write.offset == offset);
        match known {
            Some(write) => *write = Write { object, offset, word, reference },
            None => self.writes.push(Write { object, offset, word, reference }),
        }
    }

    /// Moves the snapshot to the present, if everything read so far is unchanged.
    fn extend(&mut self) -> bool {
        let mut now = 0;
        let valid = take_snapshot(&mut now) && self.is_valid();
        if valid {
            self.snapshot = now;
        }
        valid
    }

    /// Whether everything read so far is unchanged.
    fn is_valid(&self) -> bool {
        self.reads.iter().all(|read| word_at(read.object, WORD_OFFSET).load(Ordering::Acquire) == read.seen)
    }

    /// Leaves a block. `None`: an inner one. `Some(false)`: the attempt failed, nothing was written, and the block must run again.
    pub fn commit(&mut self, blocking: impl FnOnce(&mut dyn FnMut()), target: &mut dyn Target) -> Option<bool> {
        if self.depth > 1 {
            self.depth -= 1;
            return None;
        }
        let mut turn = self.serial.take();
        if turn.is_none() && self.has_written() {
            blocking(&mut || turn = Some(take_turn()));
        }
        let done = !self.doomed && self.write_back(target);
        if !self.logged {
            INEVITABLE.store(false, Ordering::SeqCst);
        }
        drop(turn);
        if done {
            self.attempts = 0;
        } else {
            self.attempts += 1;
        }
        self.forget();
        Some(done)
    }

    /// Keeps all others from committing until [`Transaction::give_turn_back`], so that a forked process finds no commit and no inevitable
    /// transaction of a thread that it has not. Whether that was not so before.
    pub fn keep_turn(&mut self, blocking: impl FnOnce(&mut dyn FnMut())) -> bool {
        if self.serial.is_some() {
            return false;
        }
        let serial = &mut self.serial;
        blocking(&mut || *serial = Some(take_turn()));
        true
    }

    /// Ends what [`Transaction::keep_turn`] began.
    pub fn give_turn_back(&mut self) {
        self.serial = None;
    }

    /// Gives the attempt up; the block must run again.
    pub fn abort(&mut self) {
        self.serial = None;
        self.attempts += 1;
        self.forget();
    }

    fn forget(&mut self) {
        self.depth = 0;
        self.doomed = false;
        self.logged = false;
        self.clear_logs();
    }

    fn clear_logs(&mut self) {
        self.reads.clear();
        self.writes.clear();
        self.copies.clear();
        self.created.clear();
    }

    fn has_written(&self) -> bool {
        !self.writes.is_empty() || !self.copies.is_empty()
    }

    fn write_back(&mut self, target: &mut dyn Target) -> bool {
        if !self.has_written() {
            return true; // the reads were consistent at the time of the snapshot
        }
        let copied = self.copies.iter().map(|copied| copied.original);
        let mut locked: Vec<Value> = self.writes.iter().map(|write| write.object).chain(copied).collect();
        locked.sort_unstable_by_key(|object| object.bits());
        locked.dedup();
        for (index, object) in locked.iter().enumerate() {
            if !lock_patiently(word_at(*object, WORD_OFFSET)) {
                unlock(&locked[..index], None);
                return false;
            }
        }
        let valid = self.reads.iter().all(|read| {
            let word = word_at(read.object, WORD_OFFSET).load(Ordering::Acquire);
            let mine = locked.binary_search_by_key(&read.object.bits(), |object| object.bits()).is_ok();
            word == if mine { read.seen | LOCKED } else { read.seen }
        });
        if !valid {
            unlock(&locked, None);
            return false;
        }
        for write in &self.writes {
            word_at(write.object, write.offset).store(write.word, Ordering::Release);
            if write.reference {
                target.barrier(write.object);
            }
        }
        for copied in &self.copies {
            target.take_over(copied.original, copied.copy);
        }
        unlock(&locked, Some(clock::tick()));
        true
    }

    /// Calls `visit` with every value that the logs refer to: roots of the collector.
    pub fn for_each_value(&self, visit: &mut dyn FnMut(Value)) {
        for read in &self.reads {
            visit(read.object);
        }
        for copied in &self.copies {
            visit(copied.original);
            visit(copied.copy);
        }
        // What nobody refers to any more must not make room for an object of somebody else.
        self.created.iter().for_each(|created| visit(*created));
        for write in &self.writes {
            visit(write.object);
            if write.reference {
                // Untagged addresses in fields become object values.
                let value = Value::from_bits(write.word);
                visit(if value.is_object() || write.word == 0 { value } else { Value::from_bits(write.word | 1) });
            }
        }
    }
}

/// Takes the present time as a snapshot; false where an inevitable transaction is under way, whose writes may be half done.
fn take_snapshot(snapshot: &mut u64) -> bool {
    *snapshot = clock::now();
    // ORDER: first the time, then the mark: see `become_inevitable`.
    fence(Ordering::SeqCst);
    !INEVITABLE.load(Ordering::SeqCst)
}

fn lock_patiently(word: &AtomicU64) -> bool {
    let mut spins = Spins::default();
    while spins.count() < PATIENCE {
        let seen = word.load(Ordering::Relaxed);
        if seen & LOCKED == 0
            && word.compare_exchange_weak(seen, seen | LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
        {
            return true;
        }
        spins.wait();
    }
    false
}

/// Unlocks objects, with a new version if they were changed.
fn unlock(objects: &[Value], version: Option<u64>) {
    for object in objects {
        let word = word_at(*object, WORD_OFFSET);
        let unlocked = version.unwrap_or_else(|| word.load(Ordering::Relaxed) & !LOCKED);
        // ORDER: what was written under the lock is visible to whoever sees the word unlocked.
        word.store(unlocked, Ordering::Release);
    }
}

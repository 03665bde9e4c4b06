//! Executable memory: one block mapped twice, once writable and once executable, so that no system call and no moment
//! of writable code is needed per trace.
//!
//! ```text
//! | stubs | code → …                … ← data (exit slots, float constants) |
//! ```
//!
//! Code grows upwards and data downwards; data is read by rip-relative operands and is far from code that runs, since
//! a store beside running code would flush pipelines.
//!
//! INVARIANT: bytes of installed code never change, and memory is not used twice, so no thread can have stale
//! instructions in its pipeline. Freeing a trace's memory would need a handshake of all threads; until the arena is
//! full (then `install` refuses) nothing is freed.
//!
//! The views share their memory, with a forked process too. Each process installs code of its own, so a child must get a copy before it
//! runs any code of the arena: [`CodeArena::copy`], made before the fork, and [`ArenaCopy::adopt`] in the child.
//!
//! INVARIANT: exit slots are 64-bit aligned and written by single atomic stores.

use crate::assembler::{Assembler, Place, Relocation};
use crate::stubs::{self, Stubs};
use crate::target::Target;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Why there is no executable memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArenaError {
    /// The operating system refused; its error number.
    System(i32),
    /// The arena is full.
    Full,
}

impl std::fmt::Display for ArenaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ArenaError::System(code) => {
                write!(f, "no executable memory: {}", std::io::Error::from_raw_os_error(*code))
            }
            ArenaError::Full => f.write_str("the memory for compiled code is full"),
        }
    }
}

impl std::error::Error for ArenaError {}

/// Memory for the code of one runtime. It may be shared by threads; dropping it requires that none of its code runs.
pub struct CodeArena {
    writable: *mut u8,
    executable: *const u8,
    size: usize,
    free: Mutex<Free>,
    pub(crate) stubs: Stubs,
    pub(crate) target: Target,
}

struct Free {
    /// Offset of the first free byte of code.
    code: usize,
    /// Offset of the last used byte of data.
    data: usize,
    exits: u32,
    /// Offset up to which the writable view of code has been given up.
    unmapped: usize,
}

/// What an arena held when it was copied, for a forked process. Owns the descriptor.
pub struct ArenaCopy {
    file: i32,
}

/// Bytes of code after which their writable view is given up: the system counts pages of both views as memory of the process.
const UNMAP_STEP: usize = 128 << 10;

/// Where code was installed.
pub(crate) struct Installed {
    pub(crate) code: u64,
    /// Address of the first data item, in the executable view.
    pub(crate) data: u64,
    pub(crate) first_exit: u32,
}

// SAFETY: the views are shared memory; `free` hands out each byte once, and after installation it is only read, but for
// the exit slots, which are atomics.
unsafe impl Send for CodeArena {}
// SAFETY: as above.
unsafe impl Sync for CodeArena {}

impl CodeArena {
    /// An arena of `size` bytes (rounded up to pages, at most 1 GiB) for code that is run against `target`.
    pub fn new(target: Target, size: usize) -> Result<CodeArena, ArenaError> {
        let size = size.clamp(1 << 16, 1 << 30).next_multiple_of(4096);
        let (writable, executable) = map_twice(size)?;
        let mut assembler = Assembler::default();
        let (mut stubs, data) = stubs::assemble(&mut assembler, &target);
        let mut arena = CodeArena {
            writable,
            executable,
            size,
            free: Mutex::new(Free { code: 0, data: size, exits: 0, unmapped: 0 }),
            stubs: Stubs::default(),
            target,
        };
        let installed = arena.install(&assembler, &data, 0)?;
        stubs.relocate(installed.code, installed.data);
        arena.stubs = stubs;
        Ok(arena)
    }

    /// Bytes not used yet.
    pub fn free_bytes(&self) -> usize {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.data - free.code
    }

    /// Copies code and its data items into the arena, reserves `exits` exit numbers and applies the relocations.
    pub(crate) fn install(&self, assembler: &Assembler, data: &[u64], exits: u32) -> Result<Installed, ArenaError> {
        let (code_at, data_at, first_exit) = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            let code_at = free.code.next_multiple_of(16);
            let code_end = code_at + assembler.code.len();
            // Whole cache lines, so that slots of one trace share none with another's constants.
            let data_at = free.data.checked_sub((data.len() * 8).next_multiple_of(64)).ok_or(ArenaError::Full)?;
            let exits_end = free.exits.checked_add(exits).ok_or(ArenaError::Full)?;
            if code_end > data_at {
                return Err(ArenaError::Full);
            }
            let first_exit = std::mem::replace(&mut free.exits, exits_end);
            (free.code, free.data) = (code_end, data_at);
            (code_at, data_at, first_exit)
        };
        let installed = Installed {
            code: self.executable as u64 + code_at as u64,
            data: self.executable as u64 + data_at as u64,
            first_exit,
        };
        // SAFETY: both ranges lie inside the mapping and were just reserved for this call.
        let code = unsafe {
            std::ptr::copy_nonoverlapping(data.as_ptr(), self.writable.add(data_at) as *mut u64, data.len());
            let code = self.writable.add(code_at);
            std::ptr::copy_nonoverlapping(assembler.code.as_ptr(), code, assembler.code.len());
            std::slice::from_raw_parts_mut(code, assembler.code.len())
        };
        let mut write = |at: u32, number: u32| {
            code[at as usize..at as usize + 4].copy_from_slice(&number.to_le_bytes());
        };
        // Both ends lie in the arena, which is smaller than 2 GiB.
        let distance = |at: u32, place: u64| place.wrapping_sub(installed.code + at as u64 + 4) as u32;
        let item_address = |item: u32| installed.data + item as u64 * 8;
        for relocation in &assembler.relocations {
            match *relocation {
                Relocation::Displacement { at, place: Place::Data(item) } => {
                    write(at, distance(at, item_address(item)))
                }
                Relocation::Displacement { at, place: Place::Address(address) } => write(at, distance(at, address)),
                Relocation::ExitStub { at, exit, item } => {
                    write(at + 1, first_exit + exit);
                    write(at + 7, distance(at + 7, item_address(item)));
                }
            }
        }
        self.unmap_written(code_at);
        Ok(installed)
    }

    /// Gives up the writable view of code below an offset, from time to time. What another thread is still writing there comes back
    /// when it is touched: the memory itself stays.
    fn unmap_written(&self, below: usize) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, to) = (free.unmapped, below & !4095);
        if to >= from + UNMAP_STEP {
            free.unmapped = to;
            // SAFETY: the range lies in the writable view, a shared mapping whose content the file keeps.
            unsafe { libc::madvise(self.writable.add(from).cast(), to - from, libc::MADV_DONTNEED) };
        }
    }

    /// A copy of what is installed. No thread may be installing anything meanwhile.
    pub fn copy(&self) -> Result<ArenaCopy, ArenaError> {
        let (code, data) = {
            let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            (free.code, free.data)
        };
        let copy = ArenaCopy { file: new_file(self.size)? };
        let view = map_file(copy.file, self.size, libc::PROT_READ | libc::PROT_WRITE, std::ptr::null_mut())?;
        // SAFETY: both views have the arena's size, and the new one is nobody else's; it is given up behind the copying.
        unsafe {
            std::ptr::copy_nonoverlapping(self.executable, view, code);
            std::ptr::copy_nonoverlapping(self.executable.add(data), view.add(data), self.size - data);
            libc::munmap(view as *mut libc::c_void, self.size);
        }
        Ok(copy)
    }

    /// Takes exit numbers ahead of installation.
    #[cfg(feature = "cranelift")]
    pub(crate) fn reserve_exits(&self, exits: u32) -> Result<u32, ArenaError> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let end = free.exits.checked_add(exits).ok_or(ArenaError::Full)?;
        Ok(std::mem::replace(&mut free.exits, end))
    }

    /// The exit slot or data word at an address of the executable view.
    pub(crate) fn word(&self, address: u64) -> &AtomicU64 {
        let offset = (address - self.executable as u64) as usize;
        assert!(offset.is_multiple_of(8) && offset + 8 <= self.size, "the address lies in the arena's data");
        // SAFETY: in bounds and aligned by the assertion; data words are only accessed atomically after installation.
        unsafe { &*(self.writable.add(offset) as *const AtomicU64) }
    }

    /// Stores an address in a slot of data: code that jumps through it goes there from now on.
    pub(crate) fn set_word(&self, address: u64, word: u64) {
        // ORDER: the code behind `word` was written before; x86 keeps the order of stores.
        self.word(address).store(word, Ordering::Release)
    }

    /// The bytes of code at an address of the executable view.
    pub(crate) fn bytes(&self, address: u64, length: usize) -> &[u8] {
        let offset = (address - self.executable as u64) as usize;
        assert!(offset + length <= self.size, "the range lies in the arena");
        // SAFETY: in bounds; installed code never changes.
        unsafe { std::slice::from_raw_parts(self.executable.add(offset), length) }
    }
}

impl ArenaCopy {
    /// Makes the copy an arena's memory, at the addresses that it has. To be called by the only thread of a forked process, while
    /// none of the arena's code is about to run.
    pub fn adopt(self, arena: &CodeArena) -> Result<(), ArenaError> {
        for (view, protection) in [
            (arena.writable, libc::PROT_READ | libc::PROT_WRITE),
            (arena.executable as *mut u8, libc::PROT_READ | libc::PROT_EXEC),
        ] {
            map_file(self.file, arena.size, protection, view)?;
        }
        Ok(())
    }
}

impl Drop for ArenaCopy {
    fn drop(&mut self) {
        // SAFETY: the descriptor is this object's own; what is mapped of the file stays.
        unsafe { libc::close(self.file) };
    }
}

impl Drop for CodeArena {
    fn drop(&mut self) {
        // SAFETY: the two mappings are this arena's own, and the owner promises that no code runs.
        unsafe {
            libc::munmap(self.writable as *mut libc::c_void, self.size);
            libc::munmap(self.executable as *mut libc::c_void, self.size);
        }
    }
}

fn system_error() -> ArenaError {
    ArenaError::System(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// A file in memory, without a name.
fn new_file(size: usize) -> Result<i32, ArenaError> {
    // SAFETY: plain system calls on a new descriptor that nobody else knows.
    unsafe {
        let file = libc::memfd_create(c"compiled-code".as_ptr(), libc::MFD_CLOEXEC);
        if file < 0 {
            return Err(system_error());
        }
        if libc::ftruncate(file, size as libc::off_t) != 0 {
            let error = system_error();
            libc::close(file);
            return Err(error);
        }
        Ok(file)
    }
}

/// Maps a file, at an address if that is not null: what is mapped there is then replaced.
fn map_file(file: i32, size: usize, protection: i32, at: *mut u8) -> Result<*mut u8, ArenaError> {
    let fixed = if at.is_null() { 0 } else { libc::MAP_FIXED };
    // SAFETY: at an address only the caller's own mapping of the same size is replaced.
    let view = unsafe { libc::mmap(at as *mut libc::c_void, size, protection, libc::MAP_SHARED | fixed, file, 0) };
    if view == libc::MAP_FAILED { Err(system_error()) } else { Ok(view as *mut u8) }
}

fn map_twice(size: usize) -> Result<(*mut u8, *const u8), ArenaError> {
    let file = new_file(size)?;
    let views = || {
        let writable = map_file(file, size, libc::PROT_READ | libc::PROT_WRITE, std::ptr::null_mut())?;
        match map_file(file, size, libc::PROT_READ | libc::PROT_EXEC, std::ptr::null_mut()) {
            Ok(executable) => Ok((writable, executable as *const u8)),
            Err(error) => {
                // SAFETY: the view just made.
                unsafe { libc::munmap(writable as *mut libc::c_void, size) };
                Err(error)
            }
        }
    };
    let result = views();
    // SAFETY: the descriptor just made; the views stay.
    unsafe { libc::close(file) };
    result
}

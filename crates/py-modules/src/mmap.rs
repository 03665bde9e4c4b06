//! `mmap`: files in memory.
//!
//! INVARIANT: the mapping of an object lives while its `start` is not zero. Whoever looks into it holds the object's lock, or
//! has noted an export, and neither closing nor resizing happens then.

mod methods;
mod names_table;

pub use methods::MMAP_METHODS;

use crate::posix::duplicate;
use crate::system::errors::{check, last_error, os_error};
use crate::{module_of, set};
use py_object::buffer::{Exported, Exporter, set_exporter};
use py_object::objects::{Module, Type};
use py_object::{Cx, Kind, PyResult, Raised, allocate, downcast, object, types};
use vm_heap::{Gc, Value};

object! {
    /// A mapping.
    pub struct MapObject = 399 {
        /// Version word.
        word: u64,
        /// Address of the mapping, or 0 once closed.
        start: u64,
        /// Its length.
        length: i64,
        /// Where the program is.
        position: i64,
        /// Where it begins in the file.
        offset: i64,
        /// Descriptor of the file, or -1.
        descriptor: i64,
        /// How it may be accessed: see `Access`.
        access: u64,
        /// Flags that it was made with.
        flags: u64,
        /// How many memoryviews show it.
        exports: i64,
        /// Whether it knows its file, so that it can be resized.
        tracks: bool,
        /// The lock.
        lock: u64,
    }
}

/// By protection and flags as given.
const DEFAULT: u64 = 0;
/// Reading only.
const READ: u64 = 1;
/// Writing goes to the file.
const WRITE: u64 = 2;
/// Writing stays in memory.
const COPY: u64 = 3;

/// Layouts of the module's objects.
pub fn declare_layouts() {
    py_object::bootstrap::declare::<MapObject>();
}

/// Declares how mappings lend their memory.
pub fn install() {
    set_exporter(Kind::MMAP, Exporter { export, hold: Some(count_export) });
}

fn export(value: Value) -> Option<Exported> {
    let map = downcast::<MapObject>(value)?;
    let start = map.start.get() as *mut u8;
    (!start.is_null()).then(|| Exported {
        owner: value,
        start,
        length: map.length.get() as usize,
        readonly: map.access.get() == READ,
        item_size: 1,
        format: "B",
    })
}

fn count_export(_cx: &mut Cx, value: Value, held: bool) {
    if let Some(map) = downcast::<MapObject>(value) {
        let _locked = vm_stm::lock(&map.word);
        map.exports.init(map.exports.get() + if held { 1 } else { -1 });
    }
}

#[cold]
fn closed(cx: &mut Cx) -> Raised {
    cx.value_error("mmap closed or invalid")
}

fn check_open(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<()> {
    if this.start.get() == 0 { Err(closed(cx)) } else { Ok(()) }
}

fn check_writable(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<()> {
    if this.access.get() == READ {
        return Err(cx.type_error("mmap can't modify a readonly memory map."));
    }
    Ok(())
}

/// The bytes of a mapping, whose lock is held.
fn content<'a>(this: Gc<MapObject>) -> &'a mut [u8] {
    match this.start.get() {
        0 => &mut [],
        // SAFETY: the mapping is that long and lives while the lock is held (invariant of this module). What other processes
        // and threads write meanwhile is seen or not, as with any shared memory.
        start => unsafe { std::slice::from_raw_parts_mut(start as *mut u8, this.length.get() as usize) },
    }
}

/// What a new mapping is to be.
struct Request {
    descriptor: i32,
    length: i64,
    flags: i32,
    protection: i32,
    access: u64,
    offset: i64,
    tracks: bool,
}

fn settle_access(cx: &mut Cx, request: &mut Request, given_flags: bool, given_protection: bool) -> PyResult<()> {
    if request.access != DEFAULT && (given_flags || given_protection) {
        return Err(cx.value_error("mmap can't specify both access and flags, prot."));
    }
    match request.access {
        READ => {
            request.flags = libc::MAP_SHARED;
            request.protection = libc::PROT_READ;
        }
        WRITE => {
            request.flags = libc::MAP_SHARED;
            request.protection = libc::PROT_READ | libc::PROT_WRITE;
        }
        COPY => {
            request.flags = libc::MAP_PRIVATE;
            request.protection = libc::PROT_READ | libc::PROT_WRITE;
        }
        DEFAULT => {
            let (read, write) = (request.protection & libc::PROT_READ != 0, request.protection & libc::PROT_WRITE != 0);
            request.access = match (read, write) {
                (true, false) => READ,
                (false, true) | (true, true) => DEFAULT,
                (false, false) => DEFAULT,
            };
        }
        _ => return Err(cx.value_error("mmap invalid access parameter.")),
    }
    Ok(())
}

/// The size of the file behind a descriptor, where it is a plain file.
fn file_size(cx: &mut Cx, descriptor: i32) -> PyResult<Option<i64>> {
    // SAFETY: the structure can be written.
    match crate::posix::query::<libc::stat>(cx, |found| unsafe { libc::fstat(descriptor, found) })? {
        Ok(found) => Ok((found.st_mode & libc::S_IFMT == libc::S_IFREG).then_some(found.st_size)),
        Err(number) => Err(os_error(cx, number)),
    }
}

fn new_map(cx: &mut Cx, class: Gc<Type>, mut request: Request) -> PyResult<Gc<MapObject>> {
    if request.descriptor != -1
        && let Some(size) = file_size(cx, request.descriptor)?
    {
        if request.length == 0 {
            if size == 0 {
                return Err(cx.value_error("cannot mmap an empty file"));
            }
            if request.offset >= size {
                return Err(cx.value_error("mmap offset is greater than file size"));
            }
            request.length = size - request.offset;
        } else if request.offset > size || size - request.offset < request.length {
            return Err(cx.value_error("mmap length is greater than file size"));
        }
    }
    let kept = if request.descriptor == -1 {
        request.flags |= libc::MAP_ANONYMOUS;
        -1
    } else if request.tracks {
        duplicate(cx, request.descriptor)?
    } else {
        -1
    };
    let outcome = cx.mutator().native(|| {
        // SAFETY: a new mapping, somewhere; nothing else is touched.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                request.length as usize,
                request.protection,
                request.flags,
                request.descriptor,
                request.offset,
            )
        };
        if start == libc::MAP_FAILED { Err(last_error()) } else { Ok(start as u64) }
    });
    let start = match outcome {
        Ok(start) => start,
        Err(number) => {
            if kept >= 0 {
                // SAFETY: a descriptor of this function's own.
                unsafe { libc::close(kept) };
            }
            return Err(os_error(cx, number));
        }
    };
    let map = allocate::<MapObject>(cx.mutator(), types::instance_shape(class).id);
    map.start.init(start);
    map.length.init(request.length);
    map.offset.init(request.offset);
    map.descriptor.init(i64::from(kept));
    map.access.init(request.access);
    map.flags.init(request.flags as u64);
    map.tracks.init(request.tracks);
    cx.mutator().register_finalizable(map.value());
    Ok(map)
}

/// Gives the mapping back; the lock is held.
fn unmap(cx: &mut Cx, this: Gc<MapObject>) {
    let (start, length, descriptor) = (this.start.get(), this.length.get(), this.descriptor.get() as i32);
    this.start.init(0);
    this.descriptor.init(-1);
    cx.mutator().native(|| {
        // SAFETY: the object's own mapping and descriptor, which nobody uses any more.
        unsafe {
            if start != 0 {
                libc::munmap(start as *mut libc::c_void, length as usize);
            }
            if descriptor >= 0 {
                libc::close(descriptor);
            }
        }
    });
}

fn check_exports(cx: &mut Cx, this: Gc<MapObject>, message: &str) -> PyResult<()> {
    if this.exports.get() > 0 {
        // The views may be unreachable already.
        py_object::finalize::collect(cx, true);
    }
    if this.exports.get() > 0 { Err(cx.raise(Kind::BUFFER_ERROR, message)) } else { Ok(()) }
}

/// Changes the size of the mapping, and of the file; the lock is held.
fn resize(cx: &mut Cx, this: Gc<MapObject>, length: i64) -> PyResult<()> {
    check_exports(cx, this, "mmap can't resize with extant buffers exported.")?;
    if this.access.get() == READ || this.access.get() == COPY {
        return Err(cx.type_error("mmap can't resize a readonly or copy-on-write memory map."));
    }
    if !this.tracks.get() {
        return Err(cx.value_error("mmap can't resize with trackfd=False."));
    }
    if length < 0 || this.offset.get().checked_add(length).is_none() {
        return Err(cx.value_error("new size out of range"));
    }
    let descriptor = this.descriptor.get() as i32;
    if descriptor == -1 && this.flags.get() as i32 & libc::MAP_PRIVATE == 0 && length > this.length.get() {
        return Err(cx.value_error("mmap: can't expand a shared anonymous mapping"));
    }
    if descriptor != -1 {
        let size = this.offset.get() + length;
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::ftruncate(descriptor, size) }))?;
    }
    let (start, old) = (this.start.get(), this.length.get());
    let outcome = cx.mutator().native(|| {
        // SAFETY: the object's own mapping; nobody has a view of it.
        let moved =
            unsafe { libc::mremap(start as *mut libc::c_void, old as usize, length as usize, libc::MREMAP_MAYMOVE) };
        if moved == libc::MAP_FAILED { Err(last_error()) } else { Ok(moved as u64) }
    });
    match outcome {
        Ok(moved) => {
            this.start.init(moved);
            this.length.init(length);
            this.position.init(this.position.get().min(length));
            Ok(())
        }
        Err(number) => Err(os_error(cx, number)),
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "mmap", &[]);
    for (name, number) in names_table::NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    let class = cx.builtin_type(Kind::MMAP);
    set(cx, module, "mmap", class.value())?;
    let error = cx.builtin_type(Kind::OS_ERROR);
    set(cx, module, "error", error.value())?;
    Ok(module)
}

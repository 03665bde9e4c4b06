//! `_io.FileIO`: a raw stream over a file descriptor.

use super::DEFAULT_BUFFER_SIZE;
use super::checks::{find, is_exact, offset, size, unsupported};
use crate::posix::{query, read_bytes};
use crate::system::arguments::c_int;
use crate::system::errors::{blocking, last_error, os_error, os_error_at};
use crate::system::paths::{AnyPath, fspath};
use py_macros::py_methods;
use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{Array, Bytes, Str, Type};
use py_object::types::{self, class_name, int, name_of};
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, UNBOUND, allocate, attribute, call, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// An open file.
    pub struct FileObject = 384 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The descriptor, or -1.
        descriptor: i64,
        /// Bits of its mode.
        mode: u64,
        /// 1 or 0 once it is known whether it can seek, else -1.
        seekable: i64,
        /// Size when it was opened, or -1.
        size: i64,
        /// Best size of blocks.
        block_size: i64,
        /// Whether it is a character device.
        is_device: bool,
        /// Whether the garbage collector closes it.
        finalizing: bool,
        /// Whether a buffered stream over it will close it, if both are garbage.
        covered: bool,
    }
}

const CREATED: u64 = 1;
const READABLE: u64 = 2;
const WRITABLE: u64 = 4;
const APPENDING: u64 = 8;
const CLOSES: u64 = 16;

impl FileObject {
    fn is_closed(&self) -> bool {
        self.descriptor.get() < 0
    }

    fn has(&self, bit: u64) -> bool {
        self.mode.get() & bit != 0
    }

    fn mode_text(&self) -> &'static str {
        match (self.has(CREATED), self.has(APPENDING), self.has(READABLE), self.has(WRITABLE)) {
            (true, _, true, _) => "xb+",
            (true, ..) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, ..) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, _) => "rb",
            _ => "wb",
        }
    }
}

/// A new file object of a class, without a file.
fn allocate_file(cx: &mut Cx, class: Gc<Type>) -> Gc<FileObject> {
    let file = allocate::<FileObject>(cx.mutator(), types::instance_shape(class).id);
    file.descriptor.init(-1);
    file.mode.init(CLOSES);
    file.seekable.init(-1);
    file.size.init(-1);
    cx.mutator().register_finalizable(file.value());
    file
}

/// The exact file object that a value is.
pub fn as_exact_file(cx: &Cx, value: Value) -> Option<Gc<FileObject>> {
    if is_exact(cx, value, Kind::FILE_IO) { py_object::downcast(value) } else { None }
}

#[cold]
fn closed(cx: &mut Cx) -> Raised {
    cx.value_error("I/O operation on closed file")
}

fn check_open(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<i32> {
    if this.is_closed() { Err(closed(cx)) } else { Ok(this.descriptor.get() as i32) }
}

fn check_mode(cx: &mut Cx, this: Gc<FileObject>, bit: u64) -> PyResult<i32> {
    let descriptor = check_open(cx, this)?;
    if this.has(bit) {
        return Ok(descriptor);
    }
    let message = if bit == READABLE { "File not open for reading" } else { "File not open for writing" };
    Err(unsupported(cx, message))
}

/// The bits and the flags of a mode.
fn parse_mode(cx: &mut Cx, mode: Gc<Str>) -> PyResult<(u64, i32)> {
    let (mut bits, mut flags, mut kinds, mut plus) = (0, 0, 0, false);
    for byte in mode.bytes() {
        match byte {
            b'x' => {
                kinds += 1;
                bits |= CREATED | WRITABLE;
                flags |= libc::O_EXCL | libc::O_CREAT;
            }
            b'r' => {
                kinds += 1;
                bits |= READABLE;
            }
            b'w' => {
                kinds += 1;
                bits |= WRITABLE;
                flags |= libc::O_CREAT | libc::O_TRUNC;
            }
            b'a' => {
                kinds += 1;
                bits |= WRITABLE | APPENDING;
                flags |= libc::O_APPEND | libc::O_CREAT;
            }
            b'b' => {}
            b'+' if plus => kinds = 2,
            b'+' => {
                plus = true;
                bits |= READABLE | WRITABLE;
            }
            _ => return Err(cx.value_error(format!("invalid mode: {}", mode.to_text()))),
        }
        if kinds > 1 {
            break;
        }
    }
    if kinds != 1 {
        let message = "Must have exactly one of create/read/write/append mode and at most one plus";
        return Err(cx.value_error(message));
    }
    flags |= match (bits & READABLE != 0, bits & WRITABLE != 0) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    Ok((bits, flags | libc::O_CLOEXEC))
}

/// Closes the descriptor.
fn close_descriptor(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<()> {
    let descriptor = this.descriptor.get() as i32;
    if descriptor < 0 {
        return Ok(());
    }
    // Forgotten first: a failed close has closed it all the same.
    this.descriptor.init(-1);
    let outcome = cx.mutator().native(|| {
        // SAFETY: a system call on a plain number.
        if unsafe { libc::close(descriptor) } < 0 { Err(last_error()) } else { Ok(()) }
    });
    match outcome {
        Ok(()) | Err(libc::EINTR) => Ok(()),
        Err(number) => Err(os_error(cx, number)),
    }
}

fn open_by_opener(cx: &mut Cx, opener: Value, name: Value, flags: i32) -> PyResult<i32> {
    let result = call::call(cx, opener, &[name, Value::int(i64::from(flags))], None)?;
    if !int::is_int(result) {
        return Err(cx.type_error("expected integer from opener"));
    }
    let descriptor = c_int(cx, result)?;
    if descriptor < 0 {
        return Err(cx.value_error(format!("opener returned {descriptor}")));
    }
    let outcome = blocking(cx, || {
        // SAFETY: system calls on plain numbers.
        i64::from(unsafe {
            match libc::fcntl(descriptor, libc::F_GETFD) {
                -1 => -1,
                flags => libc::fcntl(descriptor, libc::F_SETFD, flags | libc::FD_CLOEXEC),
            }
        })
    })?;
    outcome.map(|_| descriptor).map_err(|number| os_error(cx, number))
}

fn open_file(
    cx: &mut Cx,
    this: Gc<FileObject>,
    file: Value,
    mode: Gc<Str>,
    closefd: bool,
    opener: Value,
) -> PyResult<()> {
    if !this.is_closed() {
        if this.has(CLOSES) {
            close_descriptor(cx, this)?;
        } else {
            this.descriptor.init(-1);
        }
    }
    let given = if int::is_int(file) {
        let descriptor = c_int(cx, file)?;
        if descriptor < 0 {
            return Err(cx.value_error("negative file descriptor"));
        }
        Some(descriptor)
    } else {
        None
    };
    let path = match given {
        Some(_) => AnyPath::none(),
        None => {
            let path = fspath(cx, file)?;
            AnyPath::from_value(cx, path, "", "", false, false)?
        }
    };
    let (bits, flags) = parse_mode(cx, mode)?;
    this.mode.init(bits | if closefd { CLOSES } else { 0 });
    this.seekable.init(-1);
    this.size.init(-1);
    let descriptor = match given {
        Some(descriptor) => descriptor,
        None => {
            this.mode.init(bits | CLOSES);
            if !closefd {
                return Err(cx.value_error("Cannot use closefd=False with file name"));
            }
            if opener == NONE {
                // SAFETY: the path ends with a zero byte.
                let outcome = blocking(cx, || i64::from(unsafe { libc::open(path.as_ptr(), flags, 0o666) }))?;
                outcome.map_err(|number| os_error_at(cx, number, file))? as i32
            } else {
                open_by_opener(cx, opener, file, flags)?
            }
        }
    };
    this.descriptor.init(i64::from(descriptor));
    match finish_opening(cx, this, descriptor, file) {
        Ok(()) => Ok(()),
        Err(raised) => {
            if given.is_none() {
                let exception = cx.take_raised();
                if close_descriptor(cx, this).is_err() {
                    cx.take_raised();
                }
                return Err(cx.raise_value(exception));
            }
            // A descriptor that was given stays the caller's.
            this.descriptor.init(-1);
            Err(raised)
        }
    }
}

fn finish_opening(cx: &mut Cx, this: Gc<FileObject>, descriptor: i32, file: Value) -> PyResult<()> {
    // SAFETY: the structure can be written.
    match query::<libc::stat>(cx, |found| unsafe { libc::fstat(descriptor, found) })? {
        Ok(found) => {
            if found.st_mode & libc::S_IFMT == libc::S_IFDIR {
                return Err(os_error_at(cx, libc::EISDIR, file));
            }
            this.is_device.init(found.st_mode & libc::S_IFMT == libc::S_IFCHR);
            this.size.init(if found.st_mode & libc::S_IFMT == libc::S_IFREG { found.st_size } else { -1 });
            this.block_size.init(if found.st_blksize > 1 { found.st_blksize } else { DEFAULT_BUFFER_SIZE as i64 });
        }
        Err(libc::EBADF) => return Err(os_error_at(cx, libc::EBADF, file)),
        Err(_) => {}
    }
    let name = cx.intern("name");
    attribute::set(cx, this.value(), name, Some(file))?;
    if this.has(APPENDING) && seek(cx, this, 0, libc::SEEK_END).is_err() {
        // A pipe has no end to go to.
        if !py_object::types::is_instance(cx, cx.raised.get(), Kind::OS_ERROR) {
            return Err(py_object::Raised);
        }
        cx.take_raised();
    }
    Ok(())
}

/// Moves the position; returns the new one.
pub fn seek(cx: &mut Cx, this: Gc<FileObject>, offset: i64, whence: i32) -> PyResult<i64> {
    let descriptor = this.descriptor.get() as i32;
    // SAFETY: a system call on plain numbers.
    let outcome = blocking(cx, || unsafe { libc::lseek(descriptor, offset, whence) })?;
    if this.seekable.get() < 0 {
        this.seekable.init(i64::from(outcome.is_ok()));
    }
    outcome.map_err(|number| os_error(cx, number))
}

/// Whether the position can be moved.
pub fn is_seekable(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<bool> {
    let descriptor = check_open(cx, this)?;
    if this.seekable.get() < 0 {
        // SAFETY: a system call on plain numbers.
        let outcome = blocking(cx, || unsafe { libc::lseek(descriptor, 0, libc::SEEK_CUR) })?;
        this.seekable.init(i64::from(outcome.is_ok()));
    }
    Ok(this.seekable.get() == 1)
}

/// Reads into memory that the caller keeps alive; `None` where there is nothing yet.
pub fn read_memory(cx: &mut Cx, this: Gc<FileObject>, start: *mut u8, length: usize) -> PyResult<Option<usize>> {
    let descriptor = check_mode(cx, this, READABLE)?;
    // SAFETY: the caller keeps the memory, which is as long as it says.
    let outcome = blocking(cx, || unsafe { libc::read(descriptor, start.cast(), length.min(0x7fff_f000)) as i64 })?;
    match outcome {
        Ok(count) => Ok(Some(count as usize)),
        Err(libc::EAGAIN) => Ok(None),
        Err(number) => Err(os_error(cx, number)),
    }
}

/// Writes memory that the caller keeps alive; `None` where nothing can be written yet.
pub fn write_memory(cx: &mut Cx, this: Gc<FileObject>, start: *const u8, length: usize) -> PyResult<Option<usize>> {
    let descriptor = check_mode(cx, this, WRITABLE)?;
    // SAFETY: the caller keeps the memory, which is as long as it says.
    let outcome = blocking(cx, || unsafe { libc::write(descriptor, start.cast(), length.min(0x7fff_f000)) as i64 })?;
    match outcome {
        Ok(count) => Ok(Some(count as usize)),
        Err(libc::EAGAIN) => Ok(None),
        Err(number) => Err(os_error(cx, number)),
    }
}

/// Everything up to the end, or `None` where there is nothing yet.
pub fn read_rest(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<Option<Vec<u8>>> {
    let descriptor = check_open(cx, this)?;
    let mut all: Vec<u8> = Vec::new();
    let mut room = 8192;
    if this.size.get() > 0 {
        // SAFETY: a system call on plain numbers.
        let position = blocking(cx, || unsafe { libc::lseek(descriptor, 0, libc::SEEK_CUR) })?.unwrap_or(0);
        // One byte more, so that the end shows itself with the second read.
        room = usize::try_from(this.size.get() - position).unwrap_or(0) + 1;
    }
    loop {
        if all.try_reserve_exact(room).is_err() {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        }
        let spare = all.spare_capacity_mut();
        let (start, length) = (spare.as_mut_ptr().cast::<libc::c_void>(), spare.len().min(0x7fff_f000));
        // SAFETY: the vector has that much room behind its end.
        let outcome = blocking(cx, || unsafe { libc::read(descriptor, start, length) as i64 })?;
        match outcome {
            Ok(0) => return Ok(Some(all)),
            // SAFETY: the call wrote that many bytes behind the end.
            Ok(count) => unsafe { all.set_len(all.len() + count as usize) },
            Err(libc::EAGAIN) if all.is_empty() => return Ok(None),
            Err(libc::EAGAIN) => return Ok(Some(all)),
            Err(number) => return Err(os_error(cx, number)),
        }
        if all.len() == all.capacity() {
            room = (all.len() / 2).clamp(8192, 1 << 26);
        } else {
            room = all.capacity() - all.len();
        }
    }
}

fn is_terminal(cx: &mut Cx, this: Gc<FileObject>) -> bool {
    let descriptor = this.descriptor.get() as i32;
    // SAFETY: a system call on a plain number.
    cx.mutator().native(|| unsafe { libc::isatty(descriptor) == 1 })
}

/// ResourceWarning for a file that its owner did not close.
fn warn_unclosed(cx: &mut Cx, this: Gc<FileObject>, source: Value) {
    if this.is_closed() || !this.has(CLOSES) {
        return;
    }
    crate::system::errors::resource_warning(cx, "unclosed file ", source);
}

/// `_io.FileIO`.
pub struct Methods;

#[py_methods(FILE_IO, name = "FileIO")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: py_object::arguments::Keywords<'_>,
    ) -> Gc<FileObject> {
        allocate_file(cx, class)
    }
    #[method(name = "__init__", signature = "(file, mode='r', closefd=True, opener=None)")]
    fn init(
        cx: &mut Cx,
        this: Gc<FileObject>,
        #[keyword] file: Value,
        #[keyword]
        #[default(NONE)]
        mode: Value,
        #[keyword]
        #[default(true)]
        closefd: bool,
        #[keyword]
        #[default(NONE)]
        opener: Value,
    ) -> PyResult<()> {
        let mode = match (mode, py_object::downcast::<Str>(mode)) {
            (NONE, _) => cx.intern("r"),
            (_, Some(mode)) => mode,
            _ => {
                let message = format!("FileIO() argument 'mode' must be str, not {}", class_name(cx, mode));
                return Err(cx.type_error(message));
            }
        };
        open_file(cx, this, file, mode, closefd, opener)
    }
    /// Read at most size bytes, returned as bytes.
    ///
    /// If size is less than 0, read all bytes in the file making multiple read calls.
    /// In non-blocking mode, returns None if no data is available.
    /// Return an empty bytes object at EOF.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Gc<FileObject>, #[default(NONE)] wanted: Value) -> PyResult {
        let wanted = size(cx, wanted)?;
        let descriptor = check_mode(cx, this, READABLE)?;
        let Ok(wanted) = usize::try_from(wanted) else {
            return call::call_method(cx, this.value(), "readall", &[]);
        };
        match read_bytes(cx, descriptor, wanted.min(0x7fff_f000), None)? {
            Ok(bytes) => Ok(Bytes::checked(cx, &bytes)?.value()),
            Err(libc::EAGAIN) => Ok(NONE),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Read all data from the file, returned as bytes.
    ///
    /// Reads until either there is an error or read returns empty bytes.
    #[method]
    fn readall(cx: &mut Cx, this: Gc<FileObject>) -> PyResult {
        match read_rest(cx, this)? {
            Some(all) => Ok(Bytes::checked(cx, &all)?.value()),
            None => Ok(NONE),
        }
    }
    /// Same as RawIOBase.readinto().
    #[method]
    fn readinto(cx: &mut Cx, this: Gc<FileObject>, buffer: Value) -> PyResult {
        check_mode(cx, this, READABLE)?;
        let view = WritableView::of(cx, buffer)?;
        match read_memory(cx, this, view.as_mut_ptr(), view.len())? {
            Some(count) => Ok(Value::int(count as i64)),
            None => Ok(NONE),
        }
    }
    /// Write buffer b to file, return number of bytes written.
    ///
    /// Only makes one system call, so not all of the data may be written.
    /// The number of bytes actually written is returned.  In non-blocking mode,
    /// returns None if the write would block.
    #[method]
    fn write(cx: &mut Cx, this: Gc<FileObject>, b: Value) -> PyResult {
        check_mode(cx, this, WRITABLE)?;
        let view = ByteView::of(cx, b)?;
        match write_memory(cx, this, view.as_ptr(), view.len())? {
            Some(count) => Ok(Value::int(count as i64)),
            None => Ok(NONE),
        }
    }
    /// Move to new file position and return the file position.
    #[method(signature = "($self, pos, whence=0, /)")]
    fn seek(cx: &mut Cx, this: Gc<FileObject>, pos: Value, #[default(NONE)] whence: Value) -> PyResult<i64> {
        check_open(cx, this)?;
        let whence = if whence == NONE { 0 } else { c_int(cx, whence)? };
        if !int::is_int(pos) && operations::as_float(pos).is_some() {
            return Err(cx.type_error("an integer is required"));
        }
        let position = offset(cx, pos)?;
        seek(cx, this, position, whence)
    }
    /// Current file position.
    #[method]
    fn tell(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<i64> {
        check_open(cx, this)?;
        seek(cx, this, 0, libc::SEEK_CUR)
    }
    /// Truncate the file to at most size bytes and return the truncated size.
    ///
    /// Size defaults to the current file position, as returned by tell().
    /// The current file position is changed to the value of size.
    #[method(name = "truncate", signature = "($self, size=None, /)")]
    fn truncate(cx: &mut Cx, this: Gc<FileObject>, #[default(NONE)] size: Value) -> PyResult<i64> {
        let descriptor = check_mode(cx, this, WRITABLE)?;
        let size = if size == NONE { seek(cx, this, 0, libc::SEEK_CUR)? } else { offset(cx, size)? };
        // SAFETY: a system call on plain numbers.
        let outcome = blocking(cx, || i64::from(unsafe { libc::ftruncate(descriptor, size) }))?;
        this.size.init(-1);
        outcome.map(|_| size).map_err(|number| os_error(cx, number))
    }
    /// Close the file.
    ///
    /// A closed file cannot be used for further I/O operations.  close() may be
    /// called more than once without error.
    #[method]
    fn close(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<()> {
        let base = cx.builtin_type(Kind::RAW_IO_BASE);
        let name = cx.intern("close");
        let inherited = attribute::get(cx, base.value(), name)?;
        let flushed = call::call(cx, inherited, &[this.value()], None);
        let exception = if flushed.is_err() { Some(cx.take_raised()) } else { None };
        if this.finalizing.get() {
            warn_unclosed(cx, this, this.value());
        }
        let closed = if this.has(CLOSES) {
            close_descriptor(cx, this)
        } else {
            this.descriptor.init(-1);
            Ok(())
        };
        match (exception, closed) {
            (None, closed) => closed,
            (Some(exception), Ok(())) => Err(cx.raise_value(exception)),
            (Some(exception), Err(raised)) => {
                super::checks::chain(cx, exception);
                Err(raised)
            }
        }
    }
    /// True if file supports random-access.
    #[method]
    fn seekable(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<bool> {
        is_seekable(cx, this)
    }
    /// True if file was opened in a read mode.
    #[method]
    fn readable(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(this.has(READABLE))
    }
    /// True if file was opened in a write mode.
    #[method]
    fn writable(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(this.has(WRITABLE))
    }
    /// Return the underlying file descriptor (an integer).
    #[method]
    fn fileno(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<i64> {
        check_open(cx, this).map(i64::from)
    }
    /// True if the file is connected to a TTY device.
    #[method]
    fn isatty(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(is_terminal(cx, this))
    }
    /// Whether a file that has just been opened is a terminal, without a system call where it is no device.
    #[method]
    fn _isatty_open_only(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(this.is_device.get() && is_terminal(cx, this))
    }
    /// Warn that the file has not been closed.
    #[method]
    fn _dealloc_warn(cx: &mut Cx, this: Gc<FileObject>, source: Value) {
        warn_unclosed(cx, this, source);
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<FileObject>) {
        // Garbage comes oldest first: what the buffer over this file holds has still to be written.
        if this.covered.get() {
            this.covered.init(false);
            cx.mutator().register_finalizable(this.value());
            return;
        }
        super::base::finalise(cx, this.value());
    }
    #[method]
    fn __getstate__(cx: &mut Cx, this: Value) -> PyResult<()> {
        let class = types::class_of(cx, this);
        Err(cx.type_error(format!("cannot pickle '{}' instances", types::short_name(class))))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<FileObject>) -> PyResult<String> {
        let class = types::class_of(cx, this.value());
        let class = name_of(class);
        if this.is_closed() {
            return Ok(format!("<{class} [closed]>"));
        }
        let closes = if this.has(CLOSES) { "True" } else { "False" };
        let mode = this.mode_text();
        match find(cx, this.value(), "name")? {
            None => Ok(format!("<{class} fd={} mode='{mode}' closefd={closes}>", this.descriptor.get())),
            Some(name) => {
                cx.check_native_stack()?;
                let name = operations::repr(cx, name)?;
                Ok(format!("<{class} name={} mode='{mode}' closefd={closes}>", name.to_text()))
            }
        }
    }
    /// True if the file is closed
    #[getter]
    fn closed(this: Gc<FileObject>) -> bool {
        this.is_closed()
    }
    /// True if the file descriptor will be closed by close().
    #[getter]
    fn closefd(this: Gc<FileObject>) -> bool {
        this.has(CLOSES)
    }
    /// String giving the file mode
    #[getter]
    fn mode(cx: &mut Cx, this: Gc<FileObject>) -> Gc<Str> {
        cx.intern(this.mode_text())
    }
    /// Stat st_blksize if available
    #[getter]
    fn _blksize(this: Gc<FileObject>) -> i64 {
        this.block_size.get()
    }
    #[setter(name = "_blksize")]
    fn set_blksize(cx: &mut Cx, this: Gc<FileObject>, value: Value) -> PyResult<()> {
        let number = if value == UNBOUND { 0 } else { offset(cx, value)? };
        this.block_size.init(number);
        Ok(())
    }
    /// Whether the garbage collector is closing it.
    #[getter]
    fn _finalizing(this: Gc<FileObject>) -> bool {
        this.finalizing.get()
    }
    #[setter(name = "_finalizing")]
    fn set_finalizing(cx: &mut Cx, this: Gc<FileObject>, value: Value) -> PyResult<()> {
        let truth = value != UNBOUND && operations::truth(cx, value)?;
        this.finalizing.init(truth);
        Ok(())
    }
}

//! Open files by descriptor: opening, reading, writing, copying, pipes.

use crate::structseq::{self, Declaration};
use crate::system::arguments::{CInt, Descriptor, DirectoryDescriptor};
use crate::system::errors::{blocking, check, os_error, os_error_at};
use crate::system::paths::{PathArgument, decode_path};
use py_macros::py_functions;
use py_object::buffer::{ByteView, WritableView};
use py_object::objects::{Bytes, Str};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult};
use vm_heap::{Gc, Value};

/// `os.terminal_size`.
pub static TERMINAL_SIZE: Declaration = Declaration {
    name: "os.terminal_size",
    doc: "A tuple of (columns, lines) for holding terminal window size",
    fields: &[
        ("columns", "width of the terminal window in characters"),
        ("lines", "height of the terminal window in characters"),
    ],
    items: 2,
    copies: &[],
    from_fields: false,
};

/// Reads at most `length` bytes.
pub fn read_bytes(cx: &mut Cx, descriptor: i32, length: usize, offset: Option<i64>) -> PyResult<Result<Vec<u8>, i32>> {
    let mut buffer: Vec<u8> = Vec::new();
    if buffer.try_reserve_exact(length).is_err() {
        return Err(cx.raise(py_object::Kind::MEMORY_ERROR, ""));
    }
    let outcome = blocking(cx, || {
        let start = buffer.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: the buffer has room for that many bytes.
        unsafe {
            match offset {
                None => libc::read(descriptor, start, length) as i64,
                Some(offset) => libc::pread(descriptor, start, length, offset) as i64,
            }
        }
    })?;
    Ok(outcome.map(|count| {
        // SAFETY: the call wrote that many bytes.
        unsafe { buffer.set_len(count as usize) };
        buffer
    }))
}

fn set_flag(cx: &mut Cx, descriptor: i32, get: i32, set: i32, flag: i32, on: bool) -> PyResult<()> {
    // SAFETY: system calls on plain numbers.
    let flags = check(cx, || i64::from(unsafe { libc::fcntl(descriptor, get) }))? as i32;
    let wanted = if on { flags | flag } else { flags & !flag };
    if wanted != flags {
        // SAFETY: as above.
        check(cx, || i64::from(unsafe { libc::fcntl(descriptor, set, wanted) }))?;
    }
    Ok(())
}

/// The bytes of several buffers, or views of them to write to.
fn buffers_of<T>(
    cx: &mut Cx,
    buffers: Value,
    function: &str,
    view: fn(&mut Cx, Value) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    if py_object::types::lookup_special(cx, buffers, "__getitem__").is_none()
        || py_object::types::lookup_special(cx, buffers, "__len__").is_none()
    {
        return Err(cx.type_error(format!("{function}() arg 2 must be a sequence")));
    }
    // The tuple keeps the objects alive, and with them the memory that the views point to.
    let items = py_object::types::tuple::from_iterable(cx, buffers)?;
    let mut views = Vec::new();
    for item in py_object::sequence::tuple_items(&items) {
        views.push(view(cx, *item)?);
    }
    Ok(views)
}

/// Duplicates a descriptor.
pub fn duplicate(cx: &mut Cx, descriptor: i32) -> PyResult<i32> {
    // SAFETY: a system call on plain numbers.
    check(cx, || i64::from(unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0) })).map(|copy| copy as i32)
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Open a file for low level IO.  Returns a file descriptor (integer).
    #[function]
    fn open(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword] flags: CInt,
        #[keyword]
        #[default(CInt(511))]
        mode: CInt,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<i64> {
        let flags = flags.0 | libc::O_CLOEXEC;
        let outcome = blocking(cx, || {
            // SAFETY: the path ends with a zero byte.
            i64::from(unsafe { libc::openat(dir_fd.0, path.as_ptr(), flags, mode.0 as libc::c_uint) })
        })?;
        outcome.map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Close a file descriptor.
    #[function]
    fn close(cx: &mut Cx, #[keyword] fd: CInt) -> PyResult<()> {
        // An interrupted close has closed: it must not be repeated.
        let outcome = cx.mutator().native(|| {
            // SAFETY: a system call on a plain number.
            if unsafe { libc::close(fd.0) } < 0 { Err(crate::system::errors::last_error()) } else { Ok(()) }
        });
        match outcome {
            Ok(()) | Err(libc::EINTR) => Ok(()),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Closes all file descriptors in [fd_low, fd_high), ignoring errors.
    #[function]
    fn closerange(cx: &mut Cx, fd_low: CInt, fd_high: CInt) {
        cx.mutator().native(|| {
            for descriptor in fd_low.0.max(0)..fd_high.0 {
                // SAFETY: a system call on a plain number.
                unsafe { libc::close(descriptor) };
            }
        });
    }
    /// Return a duplicate of a file descriptor.
    #[function]
    fn dup(cx: &mut Cx, fd: CInt) -> PyResult<i64> {
        duplicate(cx, fd.0).map(i64::from)
    }
    /// Duplicate file descriptor.
    #[function]
    fn dup2(
        cx: &mut Cx,
        #[keyword] fd: CInt,
        #[keyword] fd2: CInt,
        #[keyword]
        #[default(true)]
        inheritable: bool,
    ) -> PyResult<i64> {
        if fd.0 < 0 || fd2.0 < 0 {
            return Err(os_error(cx, libc::EBADF));
        }
        check(cx, || {
            // SAFETY: system calls on plain numbers.
            i64::from(unsafe {
                if inheritable || fd.0 == fd2.0 {
                    libc::dup2(fd.0, fd2.0)
                } else {
                    libc::dup3(fd.0, fd2.0, libc::O_CLOEXEC)
                }
            })
        })
    }
    /// Set the position of a file descriptor.  Return the new position.
    #[function]
    fn lseek(cx: &mut Cx, fd: CInt, position: i64, #[name("whence")] how: CInt) -> PyResult<i64> {
        // SAFETY: a system call on plain numbers.
        check(cx, || unsafe { libc::lseek(fd.0, position, how.0) })
    }
    /// Read from a file descriptor.  Returns a bytes object.
    #[function]
    fn read(cx: &mut Cx, fd: CInt, length: i64) -> PyResult<Gc<Bytes>> {
        let Ok(length) = usize::try_from(length) else { return Err(os_error(cx, libc::EINVAL)) };
        match read_bytes(cx, fd.0, length.min(0x7fff_f000), None)? {
            Ok(bytes) => Bytes::checked(cx, &bytes),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Read into a buffer object from a file descriptor.
    #[function]
    fn readinto(cx: &mut Cx, fd: CInt, buffer: Value) -> PyResult<i64> {
        let view = WritableView::of(cx, buffer)?;
        // SAFETY: the view's owner lies on this stack, so its memory stays.
        check(cx, || unsafe { libc::read(fd.0, view.as_mut_ptr().cast(), view.len()) as i64 })
    }
    /// Read a number of bytes from a file descriptor starting at a particular offset.
    #[function]
    fn pread(cx: &mut Cx, fd: CInt, length: i64, offset: i64) -> PyResult<Gc<Bytes>> {
        let Ok(length) = usize::try_from(length) else { return Err(os_error(cx, libc::EINVAL)) };
        match read_bytes(cx, fd.0, length.min(0x7fff_f000), Some(offset))? {
            Ok(bytes) => Bytes::checked(cx, &bytes),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Write a bytes object to a file descriptor.
    #[function]
    fn write(cx: &mut Cx, fd: CInt, data: Value) -> PyResult<i64> {
        let view = ByteView::of(cx, data)?;
        let length = view.len().min(0x7fff_f000);
        // SAFETY: the view's owner lies on this stack, so its memory stays.
        check(cx, || unsafe { libc::write(fd.0, view.as_ptr().cast(), length) as i64 })
    }
    /// Write bytes to a file descriptor starting at a particular offset.
    #[function]
    fn pwrite(cx: &mut Cx, fd: CInt, buffer: Value, offset: i64) -> PyResult<i64> {
        let view = ByteView::of(cx, buffer)?;
        // SAFETY: the view's owner lies on this stack, so its memory stays.
        check(cx, || unsafe { libc::pwrite(fd.0, view.as_ptr().cast(), view.len(), offset) as i64 })
    }
    /// Read from a file descriptor fd into an iterable of buffers.
    #[function]
    fn readv(cx: &mut Cx, fd: CInt, buffers: Value) -> PyResult<i64> {
        let views = buffers_of(cx, buffers, "readv", WritableView::of)?;
        let parts: Vec<libc::iovec> =
            views.iter().map(|view| libc::iovec { iov_base: view.as_mut_ptr().cast(), iov_len: view.len() }).collect();
        // SAFETY: the parts describe memory that the views keep.
        check(cx, || unsafe { libc::readv(fd.0, parts.as_ptr(), parts.len() as i32) as i64 })
    }
    /// Iterate over buffers, and write the contents of each to a file descriptor.
    #[function]
    fn writev(cx: &mut Cx, fd: CInt, buffers: Value) -> PyResult<i64> {
        let views = buffers_of(cx, buffers, "writev", ByteView::of)?;
        let parts: Vec<libc::iovec> = views
            .iter()
            .map(|view| libc::iovec { iov_base: view.as_ptr().cast_mut().cast(), iov_len: view.len() })
            .collect();
        // SAFETY: the parts describe memory that the views keep.
        check(cx, || unsafe { libc::writev(fd.0, parts.as_ptr(), parts.len() as i32) as i64 })
    }
    /// Reads from a file descriptor into a number of mutable bytes-like objects, starting at an offset.
    #[function]
    fn preadv(cx: &mut Cx, fd: CInt, buffers: Value, offset: i64, #[default(CInt(0))] flags: CInt) -> PyResult<i64> {
        let views = buffers_of(cx, buffers, "preadv", WritableView::of)?;
        let parts: Vec<libc::iovec> =
            views.iter().map(|view| libc::iovec { iov_base: view.as_mut_ptr().cast(), iov_len: view.len() }).collect();
        // SAFETY: the parts describe memory that the views keep.
        check(cx, || unsafe { libc::preadv2(fd.0, parts.as_ptr(), parts.len() as i32, offset, flags.0) as i64 })
    }
    /// Writes the bytes-like objects to a file descriptor, starting at an offset.
    #[function]
    fn pwritev(cx: &mut Cx, fd: CInt, buffers: Value, offset: i64, #[default(CInt(0))] flags: CInt) -> PyResult<i64> {
        let views = buffers_of(cx, buffers, "pwritev", ByteView::of)?;
        let parts: Vec<libc::iovec> = views
            .iter()
            .map(|view| libc::iovec { iov_base: view.as_ptr().cast_mut().cast(), iov_len: view.len() })
            .collect();
        // SAFETY: the parts describe memory that the views keep.
        check(cx, || unsafe { libc::pwritev2(fd.0, parts.as_ptr(), parts.len() as i32, offset, flags.0) as i64 })
    }
    /// Copy count bytes from file descriptor in_fd to file descriptor out_fd.
    #[function]
    fn sendfile(
        cx: &mut Cx,
        #[keyword] out_fd: CInt,
        #[keyword] in_fd: CInt,
        #[keyword] offset: Value,
        #[keyword] count: i64,
    ) -> PyResult<i64> {
        let offset = if offset == NONE { None } else { Some(int::slice_bound(cx, offset)?) };
        check(cx, || {
            let mut position = offset.unwrap_or(0);
            let position = if offset.is_some() { &raw mut position } else { std::ptr::null_mut() };
            // SAFETY: the offset is null or a local number.
            unsafe { libc::sendfile(out_fd.0, in_fd.0, position, count.max(0) as usize) as i64 }
        })
    }
    /// Copy count bytes from one file descriptor to another.
    #[function]
    fn copy_file_range(
        cx: &mut Cx,
        #[keyword] src: CInt,
        #[keyword] dst: CInt,
        #[keyword] count: i64,
        #[keyword] offset_src: Option<i64>,
        #[keyword] offset_dst: Option<i64>,
    ) -> PyResult<i64> {
        if count < 0 {
            return Err(cx.value_error("negative value for 'count' not allowed"));
        }
        check(cx, || {
            let (mut from, mut to) = (offset_src.unwrap_or(0), offset_dst.unwrap_or(0));
            let from = if offset_src.is_some() { &raw mut from } else { std::ptr::null_mut() };
            let to = if offset_dst.is_some() { &raw mut to } else { std::ptr::null_mut() };
            // SAFETY: the offsets are null or local numbers.
            unsafe { libc::copy_file_range(src.0, from, dst.0, to, count as usize, 0) as i64 }
        })
    }
    /// Force write of fd to disk.
    #[function]
    fn fsync(cx: &mut Cx, #[keyword] fd: Descriptor) -> PyResult<()> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::fsync(fd.0) })).map(|_| ())
    }
    /// Force write of fd to disk without forcing update of metadata.
    #[function]
    fn fdatasync(cx: &mut Cx, #[keyword] fd: Descriptor) -> PyResult<()> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::fdatasync(fd.0) })).map(|_| ())
    }
    /// Force write of everything to disk.
    #[function]
    fn sync(cx: &mut Cx) {
        // SAFETY: a system call without arguments.
        cx.mutator().native(|| unsafe { libc::sync() });
    }
    /// Create a pipe.  Returns a tuple of two file descriptors: (read_fd, write_fd).
    #[function]
    fn pipe(cx: &mut Cx) -> PyResult {
        pipe(cx, libc::O_CLOEXEC)
    }
    /// Create a pipe with flags set atomically.
    #[function]
    fn pipe2(cx: &mut Cx, flags: CInt) -> PyResult {
        pipe(cx, flags.0)
    }
    /// Return True if the fd is connected to a terminal.
    #[function]
    fn isatty(cx: &mut Cx, fd: CInt) -> bool {
        // SAFETY: a system call on a plain number.
        cx.mutator().native(|| unsafe { libc::isatty(fd.0) == 1 })
    }
    /// Return the name of the terminal device connected to 'fd'.
    #[function]
    fn ttyname(cx: &mut Cx, fd: CInt) -> PyResult<Gc<Str>> {
        let mut buffer = [0u8; 256];
        // SAFETY: the buffer is as long as stated.
        let number = unsafe { libc::ttyname_r(fd.0, buffer.as_mut_ptr().cast(), buffer.len()) };
        if number != 0 {
            return Err(os_error(cx, number));
        }
        let length = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
        decode_path(cx, &buffer[..length])
    }
    /// Return the size of the terminal window as (columns, lines).
    #[function]
    fn get_terminal_size(cx: &mut Cx, #[default(CInt(1))] fd: CInt) -> PyResult {
        let size = super::status::query::<libc::winsize>(cx, |size| {
            // SAFETY: the structure can be written.
            unsafe { libc::ioctl(fd.0, libc::TIOCGWINSZ, size) }
        })?;
        match size {
            Ok(size) => {
                let fields = [Value::int(i64::from(size.ws_col)), Value::int(i64::from(size.ws_row))];
                structseq::new(cx, &TERMINAL_SIZE, &fields)
            }
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Get the close-on-exe flag of the specified file descriptor, negated.
    #[function]
    fn get_inheritable(cx: &mut Cx, fd: CInt) -> PyResult<bool> {
        // SAFETY: a system call on plain numbers.
        let flags = check(cx, || i64::from(unsafe { libc::fcntl(fd.0, libc::F_GETFD) }))?;
        Ok(flags as i32 & libc::FD_CLOEXEC == 0)
    }
    /// Set the inheritable flag of the specified file descriptor.
    #[function]
    fn set_inheritable(cx: &mut Cx, fd: CInt, inheritable: CInt) -> PyResult<()> {
        set_flag(cx, fd.0, libc::F_GETFD, libc::F_SETFD, libc::FD_CLOEXEC, inheritable.0 == 0)
    }
    /// Get the blocking mode of the file descriptor.
    #[function]
    fn get_blocking(cx: &mut Cx, fd: CInt) -> PyResult<bool> {
        // SAFETY: a system call on plain numbers.
        let flags = check(cx, || i64::from(unsafe { libc::fcntl(fd.0, libc::F_GETFL) }))?;
        Ok(flags as i32 & libc::O_NONBLOCK == 0)
    }
    /// Set the blocking mode of the specified file descriptor.
    #[function]
    fn set_blocking(cx: &mut Cx, fd: CInt, blocking: bool) -> PyResult<()> {
        set_flag(cx, fd.0, libc::F_GETFL, libc::F_SETFL, libc::O_NONBLOCK, !blocking)
    }
    /// Apply, test or remove a POSIX lock on an open file descriptor.
    #[function]
    fn lockf(cx: &mut Cx, fd: CInt, command: CInt, length: i64) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::lockf(fd.0, command.0, length) })).map(|_| ())
    }
    /// Ensure a file has allocated at least a particular number of bytes on disk.
    #[function]
    fn posix_fallocate(cx: &mut Cx, fd: CInt, offset: i64, length: i64) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        match cx.mutator().native(|| unsafe { libc::posix_fallocate(fd.0, offset, length) }) {
            0 => Ok(()),
            number => Err(os_error(cx, number)),
        }
    }
    /// Announce an intention to access data in a specific pattern.
    #[function]
    fn posix_fadvise(cx: &mut Cx, fd: CInt, offset: i64, length: i64, advice: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        match cx.mutator().native(|| unsafe { libc::posix_fadvise(fd.0, offset, length, advice.0) }) {
            0 => Ok(()),
            number => Err(os_error(cx, number)),
        }
    }
    /// Creates and returns an event notification file descriptor.
    #[function]
    fn eventfd(
        cx: &mut Cx,
        #[keyword] initval: i64,
        #[keyword]
        #[default(CInt(libc::EFD_CLOEXEC))]
        flags: CInt,
    ) -> PyResult<i64> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::eventfd(initval as u32, flags.0) }))
    }
    /// Read eventfd value.
    #[function]
    fn eventfd_read(cx: &mut Cx, #[keyword] fd: Descriptor) -> PyResult {
        let mut number = 0u64;
        // SAFETY: the number can be written.
        check(cx, || i64::from(unsafe { libc::eventfd_read(fd.0, &raw mut number) }))?;
        Ok(crate::system::errors::unsigned(cx, number))
    }
    /// Write eventfd value.
    #[function]
    fn eventfd_write(cx: &mut Cx, #[keyword] fd: Descriptor, #[keyword] value: Value) -> PyResult<()> {
        let value = int::index(cx, value)?;
        if int::is_negative(value) {
            return Err(cx.value_error("Cannot convert negative int"));
        }
        let Some(value) = int::as_u64(value) else {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C unsigned long long"));
        };
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::eventfd_write(fd.0, value) })).map(|_| ())
    }
    /// Create an anonymous file in memory and return its descriptor.
    #[function]
    fn memfd_create(
        cx: &mut Cx,
        #[keyword] name: PathArgument,
        #[keyword]
        #[default(CInt(1))]
        flags: CInt,
    ) -> PyResult<i64> {
        // SAFETY: the name ends with a zero byte.
        check(cx, || i64::from(unsafe { libc::memfd_create(name.as_ptr(), flags.0 as u32) }))
    }
    /// Return a string describing the encoding of a terminal's file descriptor.
    #[function]
    fn device_encoding(cx: &mut Cx, #[keyword] fd: CInt) -> Option<Gc<Str>> {
        // SAFETY: a system call on a plain number.
        let is_terminal = unsafe { libc::isatty(fd.0) } == 1;
        is_terminal.then(|| Str::new(cx, "utf-8"))
    }
}

fn pipe(cx: &mut Cx, flags: i32) -> PyResult {
    let mut ends = [0; 2];
    // SAFETY: there is room for two descriptors.
    check(cx, || i64::from(unsafe { libc::pipe2(ends.as_mut_ptr(), flags) }))?;
    Ok(cx.tuple(&ends.map(|end| Value::int(i64::from(end)))))
}

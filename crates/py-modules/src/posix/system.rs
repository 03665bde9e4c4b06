//! What the system says of itself, the environment, randomness, and paths as text.

use crate::structseq::{self, Declaration};
use crate::system::arguments::{CInt, c_int, descriptor_of};
use crate::system::errors::{blocking, check, last_error, os_error, os_error_at, text_of};
use crate::system::paths::{
    AnyPath, PathArgument, PathDescriptorOrNone, PathOrDescriptor, decode_path, fspath, path_value,
};
use py_macros::py_functions;
use py_object::buffer::ByteView;
use py_object::objects::{Bytes, Dict, List, Str};
use py_object::types::class_name;
use py_object::{Cx, NONE, PyResult, StrExt, downcast};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use vm_heap::{Gc, Value};

/// `posix.uname_result`.
pub static UNAME_RESULT: Declaration = Declaration {
    name: "posix.uname_result",
    doc: "uname_result: Result from os.uname().",
    fields: &[
        ("sysname", "operating system name"),
        ("nodename", "name of machine on network (implementation-defined)"),
        ("release", "operating system release"),
        ("version", "operating system version"),
        ("machine", "hardware identifier"),
    ],
    items: 5,
    copies: &[],
    from_fields: false,
};

/// `posix.times_result`.
pub static TIMES_RESULT: Declaration = Declaration {
    name: "posix.times_result",
    doc: "times_result: Result from os.times().",
    fields: &[
        ("user", "user time"),
        ("system", "system time"),
        ("children_user", "user time of children"),
        ("children_system", "system time of children"),
        ("elapsed", "elapsed time since an arbitrary point in the past"),
    ],
    items: 5,
    copies: &[],
    from_fields: false,
};

/// The environment as a dict of bytes.
pub fn environment(cx: &mut Cx) -> PyResult<Gc<Dict>> {
    let environment = Dict::new(cx);
    for (name, value) in std::env::vars_os() {
        let name = Bytes::checked(cx, name.as_bytes())?;
        let value = Bytes::checked(cx, value.as_bytes())?;
        if Dict::get(cx, environment, name.value())?.is_none() {
            Dict::set(cx, environment, name.value(), value.value())?;
        }
    }
    Ok(environment)
}

/// A configuration value's number by name or number.
fn configuration_name(cx: &mut Cx, value: Value, table: &[(&str, i64)]) -> PyResult<i32> {
    if let Some(text) = downcast::<Str>(value) {
        return match table.iter().find(|(name, _)| name.as_bytes() == text.bytes()) {
            Some((_, number)) => Ok(*number as i32),
            None => Err(cx.value_error("unrecognized configuration name")),
        };
    }
    if py_object::types::lookup_special(cx, value, "__index__").is_none() {
        return Err(cx.type_error("configuration names must be strings or integers"));
    }
    c_int(cx, value)
}

/// A query that returns -1 both for "no limit" and for errors.
fn limit(cx: &mut Cx, body: impl FnOnce() -> libc::c_long) -> Result<i64, i32> {
    cx.mutator().native(|| {
        // SAFETY: the error number is the thread's own.
        unsafe { *libc::__errno_location() = 0 };
        match (body(), last_error()) {
            (-1, number) if number != 0 => Err(number),
            (found, _) => Ok(found),
        }
    })
}

fn random_bytes(cx: &mut Cx, size: i64, flags: u32) -> PyResult<Gc<Bytes>> {
    let Ok(size) = usize::try_from(size) else { return Err(cx.value_error("negative argument not allowed")) };
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(size).is_err() {
        return Err(cx.raise(py_object::Kind::MEMORY_ERROR, ""));
    }
    bytes.resize(size, 0u8);
    let mut filled = 0;
    while filled < size {
        // SAFETY: the rest of the buffer is as long as stated.
        let count = check(cx, || unsafe {
            libc::getrandom(bytes.as_mut_ptr().add(filled).cast(), size - filled, flags) as i64
        })?;
        filled += count as usize;
    }
    Bytes::checked(cx, &bytes)
}

/// `os.path.normpath` of bytes.
fn normalised(path: &[u8]) -> Vec<u8> {
    let root = match path {
        [b'/', b'/', rest @ ..] if rest.first() != Some(&b'/') => 2,
        [b'/', ..] => 1,
        _ => 0,
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path[root..].split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if root == 0 && parts.last().is_none_or(|last| *last == b"..") => parts.push(part),
            b".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let mut result = vec![b'/'; root];
    result.extend_from_slice(&parts.join(&b'/'));
    if result.is_empty() { b".".to_vec() } else { result }
}

/// Text or bytes of a path, without a look for zero bytes.
fn raw_path(cx: &mut Cx, path: Value) -> PyResult<(Vec<u8>, bool)> {
    let path = fspath(cx, path)?;
    match (downcast::<Str>(path), downcast::<Bytes>(path)) {
        (Some(text), _) => Ok((text.bytes().to_vec(), false)),
        (_, Some(bytes)) => Ok((py_object::string::bytes_of(&bytes).to_vec(), true)),
        _ => Err(cx.type_error("expected str, bytes or os.PathLike object")),
    }
}

/// Text as it was, in WTF-8, or bytes.
fn same_kind(cx: &mut Cx, content: &[u8], as_bytes: bool) -> PyResult {
    if as_bytes { Ok(Bytes::checked(cx, content)?.value()) } else { Ok(Str::checked(cx, content)?.value()) }
}

fn variable(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    if downcast::<Str>(value).is_none() && downcast::<Bytes>(value).is_none() {
        let message = format!("expected str, bytes or os.PathLike object, not {}", class_name(cx, value));
        return Err(cx.type_error(message));
    }
    Ok(AnyPath::from_value(cx, value, "", "", false, false)?.bytes().to_vec())
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Create the environment dictionary.
    #[function]
    fn _create_environ(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        environment(cx)
    }
    /// Change or add an environment variable.
    #[function]
    fn putenv(cx: &mut Cx, name: Value, value: Value) -> PyResult<()> {
        let name = variable(cx, name)?;
        let value = variable(cx, value)?;
        if name.contains(&b'=') {
            return Err(cx.value_error("illegal environment variable name"));
        }
        if name.is_empty() {
            return Err(os_error(cx, libc::EINVAL));
        }
        let (name, value) = (std::ffi::OsString::from_vec(name), std::ffi::OsString::from_vec(value));
        // SAFETY: Rust's environment functions hold a lock; the C library's are called by nobody else here.
        unsafe { std::env::set_var(name, value) };
        Ok(())
    }
    /// Delete an environment variable.
    #[function]
    fn unsetenv(cx: &mut Cx, name: Value) -> PyResult<()> {
        let name = variable(cx, name)?;
        if name.is_empty() || name.contains(&b'=') {
            return Err(os_error(cx, libc::EINVAL));
        }
        // SAFETY: as in `putenv`.
        unsafe { std::env::remove_var(std::ffi::OsString::from_vec(name)) };
        Ok(())
    }
    /// Translate an error code to a message string.
    #[function]
    fn strerror(cx: &mut Cx, code: CInt) -> Gc<Str> {
        let text = text_of(code.0);
        Str::new(cx, &text)
    }
    /// Return the file system path representation of the object.
    ///
    /// If the object is str or bytes, then allow it to pass through as-is. If the
    /// object defines __fspath__(), then return the result of that method. All other
    /// types raise a TypeError.
    #[function]
    fn fspath(cx: &mut Cx, #[keyword] path: Value) -> PyResult {
        fspath(cx, path)
    }
    /// Normalize path, eliminating double slashes, etc.
    #[function]
    fn _path_normpath(cx: &mut Cx, #[keyword] path: Value) -> PyResult {
        let (path, as_bytes) = raw_path(cx, path)?;
        same_kind(cx, &normalised(&path), as_bytes)
    }
    /// Split a pathname into drive, root and tail.
    #[function]
    fn _path_splitroot_ex(cx: &mut Cx, #[keyword] p: Value) -> PyResult {
        let (path, as_bytes) = raw_path(cx, p)?;
        let root = match &path[..] {
            [b'/', b'/', rest @ ..] if rest.first() != Some(&b'/') => 2,
            [b'/', ..] => 1,
            _ => 0,
        };
        let empty = same_kind(cx, b"", as_bytes)?;
        let head = same_kind(cx, &path[..root], as_bytes)?;
        let tail = same_kind(cx, &path[root..], as_bytes)?;
        Ok(cx.tuple(&[empty, head, tail]))
    }
    /// Return a bytes object containing random bytes suitable for cryptographic use.
    #[function]
    fn urandom(cx: &mut Cx, size: i64) -> PyResult<Gc<Bytes>> {
        random_bytes(cx, size, 0)
    }
    /// Obtain a series of random bytes.
    #[function]
    fn getrandom(
        cx: &mut Cx,
        #[keyword] size: i64,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<Gc<Bytes>> {
        if size < 0 {
            return Err(os_error(cx, libc::EINVAL));
        }
        random_bytes(cx, size, flags.0 as u32)
    }
    /// Return an object identifying the current operating system.
    #[function]
    fn uname(cx: &mut Cx) -> PyResult {
        // SAFETY: the structure can be written.
        let found = super::status::query::<libc::utsname>(cx, |found| unsafe { libc::uname(found) })?;
        let found = found.map_err(|number| os_error(cx, number))?;
        let parts = [&found.sysname, &found.nodename, &found.release, &found.version, &found.machine];
        let mut fields = [NONE; 5];
        for (field, part) in fields.iter_mut().zip(parts) {
            let bytes: Vec<u8> = part.iter().map(|byte| *byte as u8).take_while(|byte| *byte != 0).collect();
            *field = decode_path(cx, &bytes)?.value();
        }
        structseq::new(cx, &UNAME_RESULT, &fields)
    }
    /// Return a collection containing process timing information.
    #[function]
    fn times(cx: &mut Cx) -> PyResult {
        let mut found = std::mem::MaybeUninit::<libc::tms>::zeroed();
        // SAFETY: the structure can be written, and is plain numbers.
        let (elapsed, found) = unsafe { (libc::times(found.as_mut_ptr()), found.assume_init()) };
        // SAFETY: a plain query.
        let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
        let numbers = [found.tms_utime, found.tms_stime, found.tms_cutime, found.tms_cstime, elapsed];
        let mut fields = [NONE; 5];
        for (field, number) in fields.iter_mut().zip(numbers) {
            *field = cx.float(number as f64 / ticks);
        }
        structseq::new(cx, &TIMES_RESULT, &fields)
    }
    /// Return average recent system load information.
    #[function]
    fn getloadavg(cx: &mut Cx) -> PyResult {
        let mut loads = [0.0; 3];
        // SAFETY: there is room for three numbers.
        if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
            return Err(cx.raise(py_object::Kind::OS_ERROR, "Load averages are unobtainable"));
        }
        let loads = loads.map(|load| cx.float(load));
        Ok(cx.tuple(&loads))
    }
    /// Return an integer-valued system configuration variable.
    #[function]
    fn sysconf(cx: &mut Cx, name: Value) -> PyResult<i64> {
        let name = configuration_name(cx, name, super::names_table::SYSCONF)?;
        // SAFETY: a plain query.
        limit(cx, || unsafe { libc::sysconf(name) }).map_err(|number| os_error(cx, number))
    }
    /// Return a string-valued system configuration variable.
    #[function]
    fn confstr(cx: &mut Cx, name: Value) -> PyResult {
        let name = configuration_name(cx, name, super::names_table::CONFSTR)?;
        let mut buffer = vec![0u8; 256];
        loop {
            // SAFETY: the error number is the thread's own; the buffer is as long as stated.
            let (length, number) = unsafe {
                *libc::__errno_location() = 0;
                (libc::confstr(name, buffer.as_mut_ptr().cast(), buffer.len()), last_error())
            };
            match length {
                0 if number != 0 => return Err(os_error(cx, number)),
                0 => return Ok(NONE),
                length if length > buffer.len() => buffer.resize(length, 0),
                length => return path_value(cx, &buffer[..length - 1], false),
            }
        }
    }
    /// Return the configuration limit name for the file or directory path.
    #[function]
    fn pathconf(cx: &mut Cx, #[keyword] path: PathOrDescriptor, #[keyword] name: Value) -> PyResult<i64> {
        let name = configuration_name(cx, name, super::names_table::PATHCONF)?;
        // SAFETY: the path ends with a zero byte.
        let outcome = limit(cx, || unsafe {
            match path.descriptor {
                Some(descriptor) => libc::fpathconf(descriptor, name),
                None => libc::pathconf(path.as_ptr(), name),
            }
        });
        outcome.map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Return the configuration limit name for the file descriptor fd.
    #[function]
    fn fpathconf(cx: &mut Cx, fd: Value, name: Value) -> PyResult<i64> {
        let descriptor = descriptor_of(cx, fd)?;
        let name = configuration_name(cx, name, super::names_table::PATHCONF)?;
        // SAFETY: a plain query.
        limit(cx, || unsafe { libc::fpathconf(descriptor, name) }).map_err(|number| os_error(cx, number))
    }
    /// Open a pseudo-terminal; returns its two ends, (master_fd, slave_fd).
    #[function]
    fn openpty(cx: &mut Cx) -> PyResult {
        let (mut master, mut slave) = (-1, -1);
        check(cx, || {
            // SAFETY: both descriptors can be written, the other arguments may be null.
            i64::from(unsafe {
                libc::openpty(&raw mut master, &raw mut slave, std::ptr::null_mut(), std::ptr::null(), std::ptr::null())
            })
        })?;
        for descriptor in [master, slave] {
            // SAFETY: a system call on plain numbers.
            check(cx, || i64::from(unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) }))?;
        }
        Ok(cx.tuple(&[Value::int(i64::from(master)), Value::int(i64::from(slave))]))
    }
    /// Prepare the tty of which fd is a file descriptor for a new login session.
    #[function]
    fn login_tty(cx: &mut Cx, fd: Value) -> PyResult<()> {
        let descriptor = descriptor_of(cx, fd)?;
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::login_tty(descriptor) })).map(|_| ())
    }
    /// Open and return a file descriptor for a master pseudo-terminal device.
    #[function]
    fn posix_openpt(cx: &mut Cx, oflag: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::posix_openpt(oflag.0) }))
    }
    /// Grant access to the slave pseudo-terminal device.
    #[function]
    fn grantpt(cx: &mut Cx, fd: Value) -> PyResult<()> {
        let descriptor = descriptor_of(cx, fd)?;
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::grantpt(descriptor) })).map(|_| ())
    }
    /// Unlock a pseudo-terminal master/slave pair.
    #[function]
    fn unlockpt(cx: &mut Cx, fd: Value) -> PyResult<()> {
        let descriptor = descriptor_of(cx, fd)?;
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::unlockpt(descriptor) })).map(|_| ())
    }
    /// Return the name of the slave pseudo-terminal device.
    #[function]
    fn ptsname(cx: &mut Cx, fd: Value) -> PyResult {
        let descriptor = descriptor_of(cx, fd)?;
        let mut buffer = [0u8; 256];
        // SAFETY: the buffer is as long as stated.
        let number = unsafe { libc::ptsname_r(descriptor, buffer.as_mut_ptr().cast(), buffer.len()) };
        if number != 0 {
            return Err(os_error(cx, number));
        }
        let length = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
        path_value(cx, &buffer[..length], false)
    }
    /// Return the value of extended attribute attribute on path.
    #[function]
    fn getxattr(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword] attribute: PathArgument,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<Gc<Bytes>> {
        let mut buffer = vec![0u8; 128];
        loop {
            let (start, size) = (buffer.as_mut_ptr().cast(), buffer.len());
            let outcome = blocking(cx, || {
                // SAFETY: path and name end with zero bytes, the buffer is as long as stated.
                unsafe {
                    (match path.descriptor {
                        Some(descriptor) => libc::fgetxattr(descriptor, attribute.as_ptr(), start, size),
                        None if follow_symlinks => libc::getxattr(path.as_ptr(), attribute.as_ptr(), start, size),
                        None => libc::lgetxattr(path.as_ptr(), attribute.as_ptr(), start, size),
                    }) as i64
                }
            })?;
            match outcome {
                Ok(length) => return Bytes::checked(cx, &buffer[..length as usize]),
                Err(libc::ERANGE) if size < 1 << 16 => buffer.resize(1 << 16, 0),
                Err(number) => return Err(os_error_at(cx, number, path.value)),
            }
        }
    }
    /// Set extended attribute attribute on path to value.
    #[function]
    fn setxattr(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword] attribute: PathArgument,
        #[keyword] value: Value,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<()> {
        let view = ByteView::of(cx, value)?;
        let outcome = blocking(cx, || {
            let (start, size) = (view.as_ptr().cast(), view.len());
            // SAFETY: path and name end with zero bytes, the value is as long as stated.
            i64::from(unsafe {
                match path.descriptor {
                    Some(descriptor) => libc::fsetxattr(descriptor, attribute.as_ptr(), start, size, flags.0),
                    None if follow_symlinks => libc::setxattr(path.as_ptr(), attribute.as_ptr(), start, size, flags.0),
                    None => libc::lsetxattr(path.as_ptr(), attribute.as_ptr(), start, size, flags.0),
                }
            })
        })?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Remove extended attribute attribute on path.
    #[function]
    fn removexattr(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword] attribute: PathArgument,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<()> {
        let outcome = blocking(cx, || {
            // SAFETY: path and name end with zero bytes.
            i64::from(unsafe {
                match path.descriptor {
                    Some(descriptor) => libc::fremovexattr(descriptor, attribute.as_ptr()),
                    None if follow_symlinks => libc::removexattr(path.as_ptr(), attribute.as_ptr()),
                    None => libc::lremovexattr(path.as_ptr(), attribute.as_ptr()),
                }
            })
        })?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Return a list of extended attributes on path.
    #[function]
    fn listxattr(
        cx: &mut Cx,
        #[keyword]
        #[default(PathDescriptorOrNone(AnyPath::none()))]
        path: PathDescriptorOrNone,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<Gc<List>> {
        let mut buffer = vec![0u8; 1 << 16];
        let size = buffer.len();
        let start = buffer.as_mut_ptr().cast();
        let outcome = blocking(cx, || {
            let name = if path.value == NONE { c".".as_ptr() } else { path.as_ptr() };
            // SAFETY: the path ends with a zero byte, the buffer is as long as stated.
            unsafe {
                (match path.descriptor {
                    Some(descriptor) => libc::flistxattr(descriptor, start, size),
                    None if follow_symlinks => libc::listxattr(name, start, size),
                    None => libc::llistxattr(name, start, size),
                }) as i64
            }
        })?;
        let length = outcome.map_err(|number| os_error_at(cx, number, path.value))? as usize;
        let names = List::new(cx, &[])?;
        for name in buffer[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let name = path_value(cx, name, false)?;
            List::push(cx, names, name)?;
        }
        Ok(names)
    }
    /// Transfer data between a pipe and another descriptor.
    #[function]
    fn splice(
        cx: &mut Cx,
        #[keyword] src: CInt,
        #[keyword] dst: CInt,
        #[keyword] count: i64,
        #[keyword] offset_src: Option<i64>,
        #[keyword] offset_dst: Option<i64>,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<i64> {
        if count < 0 {
            return Err(cx.value_error("negative value for 'count' not allowed"));
        }
        check(cx, || {
            let (mut from, mut to) = (offset_src.unwrap_or(0), offset_dst.unwrap_or(0));
            let from = if offset_src.is_some() { &raw mut from } else { std::ptr::null_mut() };
            let to = if offset_dst.is_some() { &raw mut to } else { std::ptr::null_mut() };
            // SAFETY: the offsets are null or local numbers.
            unsafe { libc::splice(src.0, from, dst.0, to, count as usize, flags.0 as u32) as i64 }
        })
    }
    /// Return False: there is no input hook.
    #[function]
    fn _is_inputhook_installed() -> bool {
        false
    }
}

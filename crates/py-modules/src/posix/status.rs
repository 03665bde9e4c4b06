//! What the file system says of files: `stat` and its relatives, permissions, owners, times.

use crate::structseq::{self, Declaration};
use crate::system::arguments::{CInt, Descriptor, DirectoryDescriptor, Identifier, descriptor_of};
use crate::system::errors::{blocking, check, os_error, os_error_at, unsigned};
use crate::system::paths::{AnyPath, PathArgument, PathOrDescriptor};
use py_macros::py_functions;
use py_object::types::int;
use py_object::{Cx, NONE, PyResult, operations};
use std::mem::MaybeUninit;
use vm_heap::Value;

/// `os.stat_result`.
pub static STAT_RESULT: Declaration = Declaration {
    name: "os.stat_result",
    doc: "stat_result: what stat, fstat or lstat found out about a file.\n\nA tuple of mode, ino, dev, nlink, uid, gid, size, atime, mtime and ctime, which are\nattributes as well (st_mode, st_ino, ...); st_blksize, st_blocks and st_rdev are\nattributes only.",
    fields: &[
        ("st_mode", "protection bits"),
        ("st_ino", "inode"),
        ("st_dev", "device"),
        ("st_nlink", "number of hard links"),
        ("st_uid", "user ID of owner"),
        ("st_gid", "group ID of owner"),
        ("st_size", "total size, in bytes"),
        ("", ""),
        ("", ""),
        ("", ""),
        ("st_atime", "time of last access"),
        ("st_mtime", "time of last modification"),
        ("st_ctime", "time of last change"),
        ("st_atime_ns", "time of last access in nanoseconds"),
        ("st_mtime_ns", "time of last modification in nanoseconds"),
        ("st_ctime_ns", "time of last change in nanoseconds"),
        ("st_blksize", "blocksize for filesystem I/O"),
        ("st_blocks", "number of blocks allocated"),
        ("st_rdev", "device type (if inode device)"),
    ],
    items: 10,
    copies: &[(10, 7), (11, 8), (12, 9)],
};

/// `os.statvfs_result`.
pub static STATVFS_RESULT: Declaration = Declaration {
    name: "os.statvfs_result",
    doc: "statvfs_result: what statvfs or fstatvfs found out about a file system.",
    fields: &[
        ("f_bsize", ""),
        ("f_frsize", ""),
        ("f_blocks", ""),
        ("f_bfree", ""),
        ("f_bavail", ""),
        ("f_files", ""),
        ("f_ffree", ""),
        ("f_favail", ""),
        ("f_flag", ""),
        ("f_namemax", ""),
        ("f_fsid", ""),
    ],
    items: 10,
    copies: &[],
};

/// Fills a structure of the system by a call that returns 0 or -1.
pub fn query<T>(cx: &mut Cx, mut body: impl FnMut(*mut T) -> libc::c_int) -> PyResult<Result<T, i32>> {
    let mut structure = MaybeUninit::<T>::zeroed();
    let outcome = blocking(cx, || i64::from(body(structure.as_mut_ptr())))?;
    // SAFETY: the call succeeded, so it filled the structure, which is plain numbers.
    Ok(outcome.map(|_| unsafe { structure.assume_init() }))
}

/// The result object for what the system found.
pub fn stat_value(cx: &mut Cx, found: &libc::stat) -> PyResult {
    let times = [
        (found.st_atime, found.st_atime_nsec),
        (found.st_mtime, found.st_mtime_nsec),
        (found.st_ctime, found.st_ctime_nsec),
    ];
    let mut fields = [NONE; 19];
    fields[0] = Value::int(i64::from(found.st_mode));
    fields[1] = unsigned(cx, found.st_ino);
    fields[2] = unsigned(cx, found.st_dev);
    fields[3] = Value::int(found.st_nlink as i64);
    fields[4] = Value::int(crate::system::arguments::identifier_value(found.st_uid));
    fields[5] = Value::int(crate::system::arguments::identifier_value(found.st_gid));
    fields[6] = int::from_i64(cx, found.st_size);
    for (at, (seconds, nanoseconds)) in times.into_iter().enumerate() {
        fields[7 + at] = int::from_i64(cx, seconds);
        fields[10 + at] = cx.float(seconds as f64 + 1e-9 * nanoseconds as f64);
        fields[13 + at] = int::from_i128(cx, i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds));
    }
    fields[16] = Value::int(found.st_blksize);
    fields[17] = Value::int(found.st_blocks);
    fields[18] = unsigned(cx, found.st_rdev);
    structseq::new(cx, &STAT_RESULT, &fields)
}

/// `stat` of a path or descriptor.
pub fn status_of(cx: &mut Cx, path: &AnyPath, dir_fd: i32, follow: bool) -> PyResult<Result<libc::stat, i32>> {
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    query(cx, |structure| {
        // SAFETY: the path ends with a zero byte and the structure can be written.
        unsafe {
            match path.descriptor {
                Some(descriptor) => libc::fstat(descriptor, structure),
                None => libc::fstatat(dir_fd, path.as_ptr(), structure, flags),
            }
        }
    })
}

fn stat(cx: &mut Cx, function: &str, path: &AnyPath, dir_fd: DirectoryDescriptor, follow: bool) -> PyResult {
    refuse_mixture(cx, function, path, dir_fd, follow)?;
    match status_of(cx, path, dir_fd.0, follow)? {
        Ok(found) => stat_value(cx, &found),
        Err(number) => Err(os_error_at(cx, number, path.value)),
    }
}

/// ValueError for arguments that make no sense together.
fn refuse_mixture(
    cx: &mut Cx,
    function: &str,
    path: &AnyPath,
    dir_fd: DirectoryDescriptor,
    follow: bool,
) -> PyResult<()> {
    if path.descriptor.is_some() {
        if dir_fd != DirectoryDescriptor::CURRENT {
            return Err(cx.value_error(format!("{function}: can't specify dir_fd without matching path")));
        }
        if !follow {
            return Err(cx.value_error(format!("{function}: cannot use fd and follow_symlinks together")));
        }
    }
    Ok(())
}

fn statvfs_value(cx: &mut Cx, found: &libc::statvfs) -> PyResult {
    let numbers = [
        found.f_bsize,
        found.f_frsize,
        found.f_blocks,
        found.f_bfree,
        found.f_bavail,
        found.f_files,
        found.f_ffree,
        found.f_favail,
        found.f_flag,
        found.f_namemax,
        found.f_fsid,
    ];
    let mut fields = [NONE; 11];
    for (field, number) in fields.iter_mut().zip(numbers) {
        *field = unsigned(cx, number);
    }
    structseq::new(cx, &STATVFS_RESULT, &fields)
}

fn statvfs(cx: &mut Cx, path: &AnyPath) -> PyResult {
    let found = query(cx, |structure| {
        // SAFETY: the path ends with a zero byte and the structure can be written.
        unsafe {
            match path.descriptor {
                Some(descriptor) => libc::fstatvfs(descriptor, structure),
                None => libc::statvfs(path.as_ptr(), structure),
            }
        }
    })?;
    match found {
        Ok(found) => statvfs_value(cx, &found),
        Err(number) => Err(os_error_at(cx, number, path.value)),
    }
}

/// Seconds and nanoseconds of a time given in seconds, as an int or a float.
pub fn time_from_seconds(cx: &mut Cx, value: Value) -> PyResult<libc::timespec> {
    if let Some(number) = operations::as_float(value)
        && !int::is_int(value)
    {
        if number.is_nan() {
            return Err(cx.value_error("Invalid value NaN (not a number)"));
        }
        let whole = number.floor();
        if !(-9.2e18..9.2e18).contains(&whole) {
            return Err(cx.raise(py_object::Kind::OVERFLOW_ERROR, "timestamp out of range for platform time_t"));
        }
        let nanoseconds = ((number - whole) * 1e9).floor() as i64;
        return Ok(libc::timespec { tv_sec: whole as i64, tv_nsec: nanoseconds.min(999_999_999) });
    }
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(seconds) => Ok(libc::timespec { tv_sec: seconds, tv_nsec: 0 }),
        None => Err(cx.raise(py_object::Kind::OVERFLOW_ERROR, "timestamp out of range for platform time_t")),
    }
}

fn time_from_nanoseconds(cx: &mut Cx, value: Value) -> PyResult<libc::timespec> {
    let billion = Value::int(1_000_000_000);
    let number = int::index(cx, value)?;
    let (seconds, nanoseconds) = int::divide_floor(cx, number, billion)?;
    match (int::as_i64(seconds), int::as_i64(nanoseconds)) {
        (Some(tv_sec), Some(tv_nsec)) => Ok(libc::timespec { tv_sec, tv_nsec }),
        _ => Err(cx.raise(py_object::Kind::OVERFLOW_ERROR, "timestamp out of range for platform time_t")),
    }
}

fn times(
    cx: &mut Cx,
    given: Value,
    what: &str,
    convert: fn(&mut Cx, Value) -> PyResult<libc::timespec>,
) -> PyResult<[libc::timespec; 2]> {
    let items = py_object::downcast::<py_object::objects::Tuple>(given);
    match items.as_ref().map(py_object::sequence::tuple_items) {
        Some([access, modification]) => Ok([convert(cx, *access)?, convert(cx, *modification)?]),
        _ => Err(cx.type_error(format!(
            "utime: '{what}' must be either a tuple of two ints{}",
            if what == "ns" { "" } else { " or None" }
        ))),
    }
}

fn utime(
    cx: &mut Cx,
    path: &AnyPath,
    given: Value,
    ns: Value,
    dir_fd: DirectoryDescriptor,
    follow: bool,
) -> PyResult<()> {
    if given != NONE && ns != py_object::UNBOUND {
        return Err(cx.value_error("utime: you may specify either 'times' or 'ns' but not both"));
    }
    let times = if given != NONE {
        times(cx, given, "times", time_from_seconds)?
    } else if ns != py_object::UNBOUND {
        times(cx, ns, "ns", time_from_nanoseconds)?
    } else {
        [libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW }; 2]
    };
    refuse_mixture(cx, "utime", path, dir_fd, follow)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let outcome = blocking(cx, || {
        // SAFETY: the path ends with a zero byte and there are two times.
        i64::from(unsafe {
            match path.descriptor {
                Some(descriptor) => libc::futimens(descriptor, times.as_ptr()),
                None => libc::utimensat(dir_fd.0, path.as_ptr(), times.as_ptr(), flags),
            }
        })
    })?;
    outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
}

fn chown(cx: &mut Cx, path: &AnyPath, ids: [Identifier; 2], dir_fd: i32, follow: bool) -> PyResult<()> {
    let [user, group] = ids;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let outcome = blocking(cx, || {
        // SAFETY: the path ends with a zero byte.
        i64::from(unsafe {
            match path.descriptor {
                Some(descriptor) => libc::fchown(descriptor, user.0, group.0),
                None => libc::fchownat(dir_fd, path.as_ptr(), user.0, group.0, flags),
            }
        })
    })?;
    outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Perform a stat system call on the given path.
    ///
    ///   path
    ///     Path to be examined; can be string, bytes, a path-like object or
    ///     open-file-descriptor int.
    ///   dir_fd
    ///     If not None, an open directory that a relative path starts from.
    ///   follow_symlinks
    ///     If False, and the last element of the path is a symbolic link,
    ///     stat examines the link itself.
    #[function]
    fn stat(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult {
        stat(cx, "stat", &path, dir_fd, follow_symlinks)
    }
    /// Perform a stat system call on the given path, without following symbolic links.
    #[function]
    fn lstat(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult {
        stat(cx, "lstat", &path, dir_fd, false)
    }
    /// Perform a stat system call on the given file descriptor.
    #[function]
    fn fstat(cx: &mut Cx, #[keyword] fd: CInt) -> PyResult {
        // SAFETY: the structure can be written.
        match query(cx, |structure| unsafe { libc::fstat(fd.0, structure) })? {
            Ok(found) => stat_value(cx, &found),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Perform a statvfs system call on the given path.
    #[function]
    fn statvfs(cx: &mut Cx, #[keyword] path: PathOrDescriptor) -> PyResult {
        statvfs(cx, &path)
    }
    /// Perform an fstatvfs system call on the given fd.
    #[function]
    fn fstatvfs(cx: &mut Cx, #[keyword] fd: CInt) -> PyResult {
        // SAFETY: the structure can be written.
        match query(cx, |structure| unsafe { libc::fstatvfs(fd.0, structure) })? {
            Ok(found) => statvfs_value(cx, &found),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Use the real uid/gid to test for access to a path.
    #[function]
    fn access(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword] mode: CInt,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(false)]
        effective_ids: bool,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<bool> {
        let mut flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        if effective_ids {
            flags |= libc::AT_EACCESS;
        }
        // SAFETY: the path ends with a zero byte.
        let outcome = blocking(cx, || i64::from(unsafe { libc::faccessat(dir_fd.0, path.as_ptr(), mode.0, flags) }))?;
        Ok(outcome.is_ok())
    }
    /// Change the access permissions of a file.
    #[function]
    fn chmod(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword] mode: CInt,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<()> {
        let mode = mode.0 as libc::mode_t;
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
        let outcome = blocking(cx, || {
            // SAFETY: the path ends with a zero byte.
            i64::from(unsafe {
                match path.descriptor {
                    Some(descriptor) => libc::fchmod(descriptor, mode),
                    None => libc::fchmodat(dir_fd.0, path.as_ptr(), mode, flags),
                }
            })
        })?;
        match outcome {
            Ok(_) => Ok(()),
            Err(libc::EOPNOTSUPP) if !follow_symlinks => {
                let message = "chmod: follow_symlinks unavailable on this platform";
                Err(cx.raise(py_object::Kind::NOT_IMPLEMENTED_ERROR, message))
            }
            Err(number) => Err(os_error_at(cx, number, path.value)),
        }
    }
    /// Change the access permissions of the file given by file descriptor.
    #[function]
    fn fchmod(cx: &mut Cx, #[keyword] fd: CInt, #[keyword] mode: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::fchmod(fd.0, mode.0 as libc::mode_t) })).map(|_| ())
    }
    /// Change the owner and group id of path to the numeric uid and gid.
    #[function]
    fn chown(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword] uid: Identifier,
        #[keyword] gid: Identifier,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<()> {
        refuse_mixture(cx, "chown", &path, dir_fd, follow_symlinks)?;
        chown(cx, &path, [uid, gid], dir_fd.0, follow_symlinks)
    }
    /// Change the owner and group id of path, without following symbolic links.
    #[function]
    fn lchown(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword] uid: Identifier,
        #[keyword] gid: Identifier,
    ) -> PyResult<()> {
        chown(cx, &path, [uid, gid], libc::AT_FDCWD, false)
    }
    /// Change the owner and group id of the file specified by file descriptor.
    #[function]
    fn fchown(
        cx: &mut Cx,
        #[keyword] fd: CInt,
        #[keyword] uid: Identifier,
        #[keyword] gid: Identifier,
    ) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::fchown(fd.0, uid.0, gid.0) })).map(|_| ())
    }
    /// Set the access and modified time of path.
    ///
    /// times, if not None, is a tuple (atime, mtime) in seconds; ns, if given, a
    /// tuple (atime_ns, mtime_ns) in nanoseconds. Without either it is the
    /// present time.
    #[function]
    fn utime(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword]
        #[default(NONE)]
        times: Value,
        #[keyword_only]
        #[default(py_object::UNBOUND)]
        ns: Value,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<()> {
        utime(cx, &path, times, ns, dir_fd, follow_symlinks)
    }
    /// Truncate a file, specified by path, to a specific length.
    #[function]
    fn truncate(cx: &mut Cx, #[keyword] path: PathOrDescriptor, #[keyword] length: i64) -> PyResult<()> {
        let outcome = blocking(cx, || {
            // SAFETY: the path ends with a zero byte.
            i64::from(unsafe {
                match path.descriptor {
                    Some(descriptor) => libc::ftruncate(descriptor, length),
                    None => libc::truncate(path.as_ptr(), length),
                }
            })
        })?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Truncate a file, specified by file descriptor, to a specific length.
    #[function]
    fn ftruncate(cx: &mut Cx, fd: CInt, length: i64) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::ftruncate(fd.0, length) })).map(|_| ())
    }
    /// Create a "fifo" (a POSIX named pipe).
    #[function]
    fn mkfifo(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword]
        #[default(CInt(0o666))]
        mode: CInt,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        // SAFETY: the path ends with a zero byte.
        let outcome =
            blocking(cx, || i64::from(unsafe { libc::mkfifoat(dir_fd.0, path.as_ptr(), mode.0 as libc::mode_t) }))?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Create a node in the file system.
    #[function]
    fn mknod(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword]
        #[default(CInt(0o600))]
        mode: CInt,
        #[keyword]
        #[default(0)]
        device: i64,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        let outcome = blocking(cx, || {
            // SAFETY: the path ends with a zero byte.
            i64::from(unsafe { libc::mknodat(dir_fd.0, path.as_ptr(), mode.0 as libc::mode_t, device as u64) })
        })?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Extracts a device major number from a raw device number.
    #[function]
    fn major(device: i64) -> i64 {
        i64::from(libc::major(device as u64))
    }
    /// Extracts a device minor number from a raw device number.
    #[function]
    fn minor(device: i64) -> i64 {
        i64::from(libc::minor(device as u64))
    }
    /// Composes a raw device number from the major and minor device numbers.
    #[function]
    fn makedev(cx: &mut Cx, major: i64, minor: i64) -> Value {
        unsigned(cx, libc::makedev(major as u32, minor as u32))
    }
    /// Set the current numeric umask and return the previous umask.
    #[function]
    fn umask(mask: CInt) -> i64 {
        // SAFETY: a system call on a plain number.
        i64::from(unsafe { libc::umask(mask.0 as libc::mode_t) })
    }
    /// Change the current working directory to the specified path.
    #[function]
    fn chdir(cx: &mut Cx, #[keyword] path: PathOrDescriptor) -> PyResult<()> {
        let outcome = blocking(cx, || {
            // SAFETY: the path ends with a zero byte.
            i64::from(unsafe {
                match path.descriptor {
                    Some(descriptor) => libc::fchdir(descriptor),
                    None => libc::chdir(path.as_ptr()),
                }
            })
        })?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
    /// Change to the directory of the given file descriptor.
    #[function]
    fn fchdir(cx: &mut Cx, #[keyword] fd: Value) -> PyResult<()> {
        let descriptor = Descriptor(descriptor_of(cx, fd)?);
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::fchdir(descriptor.0) })).map(|_| ())
    }
    /// Change root directory to path.
    #[function]
    fn chroot(cx: &mut Cx, #[keyword] path: PathArgument) -> PyResult<()> {
        // SAFETY: the path ends with a zero byte.
        let outcome = blocking(cx, || i64::from(unsafe { libc::chroot(path.as_ptr()) }))?;
        outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
    }
}

//! Names in the file system: directories, links, renaming, removing.

use crate::system::arguments::{CInt, DirectoryDescriptor};
use crate::system::errors::{blocking, last_error, os_error, os_error_at, os_error_between};
use crate::system::paths::{PathArgument, path_value};
use py_macros::py_functions;
use py_object::objects::Bytes;
use py_object::{Cx, PyResult};
use vm_heap::Gc;

fn outcome_at(cx: &mut Cx, path: &PathArgument, body: impl FnMut() -> libc::c_int) -> PyResult<()> {
    let mut body = body;
    let outcome = blocking(cx, || i64::from(body()))?;
    outcome.map(|_| ()).map_err(|number| os_error_at(cx, number, path.value))
}

fn outcome_between(
    cx: &mut Cx,
    source: &PathArgument,
    target: &PathArgument,
    body: impl FnMut() -> libc::c_int,
) -> PyResult<()> {
    let mut body = body;
    let outcome = blocking(cx, || i64::from(body()))?;
    outcome.map(|_| ()).map_err(|number| os_error_between(cx, number, source.value, target.value))
}

/// The working directory's path.
pub fn working_directory(cx: &mut Cx) -> PyResult<Vec<u8>> {
    let mut buffer = vec![0u8; 4096];
    loop {
        let size = buffer.len();
        let outcome = cx.mutator().native(|| {
            // SAFETY: the buffer is as long as stated.
            let found = unsafe { libc::getcwd(buffer.as_mut_ptr().cast(), size) };
            if found.is_null() { Err(last_error()) } else { Ok(()) }
        });
        match outcome {
            Ok(()) => {
                let length = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(libc::ERANGE) if size < 1 << 24 => buffer.resize(size * 2, 0),
            Err(number) => return Err(os_error(cx, number)),
        }
    }
}

/// The target of a symbolic link.
fn link_target(cx: &mut Cx, path: &PathArgument, dir_fd: i32) -> PyResult<Vec<u8>> {
    let mut buffer = vec![0u8; 1024];
    loop {
        let size = buffer.len();
        // SAFETY: the path ends with a zero byte, the buffer is as long as stated.
        let outcome = blocking(cx, || unsafe {
            libc::readlinkat(dir_fd, path.as_ptr(), buffer.as_mut_ptr().cast(), size) as i64
        })?;
        match outcome {
            Ok(length) if (length as usize) < size => {
                buffer.truncate(length as usize);
                return Ok(buffer);
            }
            Ok(_) => buffer.resize(size * 2, 0),
            Err(number) => return Err(os_error_at(cx, number, path.value)),
        }
    }
}

fn rename(
    cx: &mut Cx,
    source: &PathArgument,
    target: &PathArgument,
    from: DirectoryDescriptor,
    to: DirectoryDescriptor,
) -> PyResult<()> {
    // SAFETY: both paths end with a zero byte.
    outcome_between(cx, source, target, || unsafe { libc::renameat(from.0, source.as_ptr(), to.0, target.as_ptr()) })
}

fn unlink(cx: &mut Cx, path: &PathArgument, dir_fd: DirectoryDescriptor) -> PyResult<()> {
    // SAFETY: the path ends with a zero byte.
    outcome_at(cx, path, || unsafe { libc::unlinkat(dir_fd.0, path.as_ptr(), 0) })
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Return a unicode string representing the current working directory.
    #[function]
    fn getcwd(cx: &mut Cx) -> PyResult {
        let path = working_directory(cx)?;
        path_value(cx, &path, false)
    }
    /// Return a bytes string representing the current working directory.
    #[function]
    fn getcwdb(cx: &mut Cx) -> PyResult<Gc<Bytes>> {
        let path = working_directory(cx)?;
        Bytes::checked(cx, &path)
    }
    /// Create a directory.
    #[function]
    fn mkdir(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword]
        #[default(CInt(511))]
        mode: CInt,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        // SAFETY: the path ends with a zero byte.
        outcome_at(cx, &path, || unsafe { libc::mkdirat(dir_fd.0, path.as_ptr(), mode.0 as libc::mode_t) })
    }
    /// Remove a directory.
    #[function]
    fn rmdir(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        // SAFETY: the path ends with a zero byte.
        outcome_at(cx, &path, || unsafe { libc::unlinkat(dir_fd.0, path.as_ptr(), libc::AT_REMOVEDIR) })
    }
    /// Remove a file (same as remove()).
    #[function]
    fn unlink(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        unlink(cx, &path, dir_fd)
    }
    /// Remove a file (same as unlink()).
    #[function]
    fn remove(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        unlink(cx, &path, dir_fd)
    }
    /// Rename a file or directory.
    #[function]
    fn rename(
        cx: &mut Cx,
        #[keyword] src: PathArgument,
        #[keyword] dst: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        src_dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dst_dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        rename(cx, &src, &dst, src_dir_fd, dst_dir_fd)
    }
    /// Rename a file or directory, overwriting the destination.
    #[function]
    fn replace(
        cx: &mut Cx,
        #[keyword] src: PathArgument,
        #[keyword] dst: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        src_dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dst_dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        rename(cx, &src, &dst, src_dir_fd, dst_dir_fd)
    }
    /// Create a hard link to a file.
    #[function]
    fn link(
        cx: &mut Cx,
        #[keyword] src: PathArgument,
        #[keyword] dst: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        src_dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dst_dir_fd: DirectoryDescriptor,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<()> {
        let flags = if follow_symlinks { libc::AT_SYMLINK_FOLLOW } else { 0 };
        // SAFETY: both paths end with a zero byte.
        outcome_between(cx, &src, &dst, || unsafe {
            libc::linkat(src_dir_fd.0, src.as_ptr(), dst_dir_fd.0, dst.as_ptr(), flags)
        })
    }
    /// Create a symbolic link pointing to src named dst.
    #[function]
    fn symlink(
        cx: &mut Cx,
        #[keyword] src: PathArgument,
        #[keyword] dst: PathArgument,
        #[keyword]
        #[default(false)]
        target_is_directory: bool,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult<()> {
        // Only Windows has two kinds of symbolic links.
        let _ = target_is_directory;
        // SAFETY: both paths end with a zero byte.
        outcome_between(cx, &src, &dst, || unsafe { libc::symlinkat(src.as_ptr(), dir_fd.0, dst.as_ptr()) })
    }
    /// Return a string representing the path to which the symbolic link points.
    #[function]
    fn readlink(
        cx: &mut Cx,
        #[keyword] path: PathArgument,
        #[keyword_only]
        #[default(DirectoryDescriptor::CURRENT)]
        dir_fd: DirectoryDescriptor,
    ) -> PyResult {
        let target = link_target(cx, &path, dir_fd.0)?;
        path_value(cx, &target, path.is_bytes())
    }
}

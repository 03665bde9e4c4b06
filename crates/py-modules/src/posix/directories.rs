//! Reading directories: `listdir`, `scandir` and its entries.
//!
//! A directory is read whole when it is opened, so that an iterator over it holds no descriptor.

use super::status::{stat_value, status_of};
use crate::system::errors::{last_error, os_error_at, unsigned};
use crate::system::paths::{AnyPath, PathDescriptorOrNone, path_value};
use py_macros::{py_functions, py_methods};
use py_object::arguments::Next;
use py_object::objects::List;
use py_object::{Cx, NONE, PyResult, StrExt, UNBOUND, allocate, object, operations, shapes};
use vm_heap::{Gc, Value};

object! {
    /// An entry of a directory.
    pub struct DirectoryEntry = 393 {
        /// Version word.
        word: u64,
        /// The name: text or bytes.
        name: Value,
        /// The name behind the directory's path.
        path: Value,
        /// The directory's descriptor where it was opened by one, else -1.
        directory: Value,
        /// Its number in the file system.
        inode: Value,
        /// Its type as the directory says it, `DT_UNKNOWN` where it does not.
        kind: Value,
        /// Cached result of `stat()`.
        status: Value,
        /// Cached result of `stat(follow_symlinks=False)`.
        own_status: Value,
    }
}

object! {
    /// The entries of a directory that have not been given out.
    pub struct DirectoryIterator = 394 {
        /// Version word.
        word: u64,
        /// Iterator over a list of entries; None once closed.
        entries: Value,
    }
}

/// A name, its inode and its type.
type Found = (Vec<u8>, u64, u8);

/// Reads a directory, without `.` and `..`.
fn read_directory(cx: &mut Cx, path: &AnyPath) -> PyResult<Vec<Found>> {
    let outcome = cx.mutator().native(|| {
        let mut found = Vec::new();
        // SAFETY: the path ends with a zero byte; the stream is closed at the end, and with it the descriptor.
        unsafe {
            let stream = match path.descriptor {
                Some(descriptor) => {
                    let copy = libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 0);
                    if copy < 0 {
                        return Err(last_error());
                    }
                    let stream = libc::fdopendir(copy);
                    if stream.is_null() {
                        let number = last_error();
                        libc::close(copy);
                        return Err(number);
                    }
                    stream
                }
                None if path.value == NONE => libc::opendir(c".".as_ptr()),
                None => libc::opendir(path.as_ptr()),
            };
            if stream.is_null() {
                return Err(last_error());
            }
            let result = loop {
                *libc::__errno_location() = 0;
                let entry = libc::readdir64(stream);
                if entry.is_null() {
                    break last_error();
                }
                let name = std::ffi::CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
                if name != b"." && name != b".." {
                    found.push((name.to_vec(), (*entry).d_ino, (*entry).d_type));
                }
            };
            if path.descriptor.is_some() {
                // The copy shares its position with the descriptor.
                libc::rewinddir(stream);
            }
            libc::closedir(stream);
            if result != 0 {
                return Err(result);
            }
        }
        Ok(found)
    });
    outcome.map_err(|number| os_error_at(cx, number, path.value))
}

fn list_directory(cx: &mut Cx, path: &AnyPath) -> PyResult<Gc<List>> {
    let found = read_directory(cx, path)?;
    let names = List::new(cx, &[])?;
    for (name, _, _) in found {
        let name = path_value(cx, &name, path.is_bytes())?;
        List::push(cx, names, name)?;
    }
    Ok(names)
}

fn scan_directory(cx: &mut Cx, path: &AnyPath) -> PyResult<Gc<DirectoryIterator>> {
    let found = read_directory(cx, path)?;
    let entries = List::new(cx, &[])?;
    let as_bytes = path.is_bytes();
    for (name, inode, kind) in found {
        let name_value = path_value(cx, &name, as_bytes)?;
        let path_value = if path.value == NONE {
            path_value(cx, &[b"./", &name[..]].concat(), false)?
        } else if path.descriptor.is_some() {
            name_value
        } else {
            let separator: &[u8] = if path.bytes().is_empty() || path.bytes().ends_with(b"/") { b"" } else { b"/" };
            path_value(cx, &[path.bytes(), separator, &name[..]].concat(), as_bytes)?
        };
        let inode = unsigned(cx, inode);
        let entry = allocate::<DirectoryEntry>(cx.mutator(), shapes::DIRECTORY_ENTRY);
        entry.name.init(name_value);
        entry.path.init(path_value);
        entry.directory.init(Value::int(i64::from(path.descriptor.unwrap_or(-1))));
        entry.inode.init(inode);
        entry.kind.init(Value::int(i64::from(kind)));
        entry.status.init(UNBOUND);
        entry.own_status.init(UNBOUND);
        List::push(cx, entries, entry.value())?;
    }
    let entries = operations::iterate(cx, entries.value())?;
    let iterator = allocate::<DirectoryIterator>(cx.mutator(), shapes::DIRECTORY_ITERATOR);
    iterator.entries.init(entries);
    Ok(iterator)
}

/// The type bits that `st_mode` of a file has, or 0 where it does not exist (any more).
fn type_bits(cx: &mut Cx, entry: Gc<DirectoryEntry>, follow: bool) -> PyResult<u32> {
    let known = match entry.kind.get().as_int() as u8 {
        libc::DT_UNKNOWN => None,
        libc::DT_LNK if follow => None,
        kind => Some(u32::from(kind) << 12),
    };
    if let Some(bits) = known {
        return Ok(bits);
    }
    match found_status(cx, entry, follow)? {
        Ok(status) => {
            let mode = operations::get_item(cx, status, Value::int(0))?;
            Ok(mode.as_int() as u32 & libc::S_IFMT)
        }
        Err(libc::ENOENT) => Ok(0),
        Err(number) => Err(os_error_at(cx, number, entry.path.get())),
    }
}

fn found_status(cx: &mut Cx, entry: Gc<DirectoryEntry>, follow: bool) -> PyResult<Result<Value, i32>> {
    let is_link = entry.kind.get().as_int() as u8 == libc::DT_LNK;
    let unknown = entry.kind.get().as_int() as u8 == libc::DT_UNKNOWN;
    // What is no link has one status.
    let field = if follow && (is_link || unknown) { &entry.status } else { &entry.own_status };
    if field.get() != UNBOUND {
        return Ok(Ok(field.get()));
    }
    let directory = entry.directory.get().as_int() as i32;
    let (from, name) = if directory < 0 { (libc::AT_FDCWD, entry.path.get()) } else { (directory, entry.name.get()) };
    let path = AnyPath::from_value(cx, name, "", "", false, false)?;
    match status_of(cx, &path, from, follow)? {
        Ok(found) => {
            let status = stat_value(cx, &found)?;
            field.set(cx.mutator(), entry, status);
            Ok(Ok(status))
        }
        Err(number) => Ok(Err(number)),
    }
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Return a list containing the names of the files in the directory.
    ///
    /// path can be specified as either str, bytes, a path-like object, or an open
    /// file descriptor. The list is in arbitrary order and does not include '.' and
    /// '..' even if they are present in the directory.
    #[function]
    fn listdir(
        cx: &mut Cx,
        #[keyword]
        #[default(PathDescriptorOrNone(AnyPath::none()))]
        path: PathDescriptorOrNone,
    ) -> PyResult<Gc<List>> {
        list_directory(cx, &path)
    }
    /// Return an iterator of DirEntry objects for given path.
    ///
    /// path can be specified as either str, bytes, or a path-like object. If path
    /// is bytes, the names of yielded DirEntry objects will also be bytes; in
    /// all other circumstances they will be str.
    #[function]
    fn scandir(
        cx: &mut Cx,
        #[keyword]
        #[default(PathDescriptorOrNone(AnyPath::none()))]
        path: PathDescriptorOrNone,
    ) -> PyResult<Gc<DirectoryIterator>> {
        scan_directory(cx, &path)
    }
}

/// `os.DirEntry`.
pub struct EntryMethods;

#[py_methods(DIRECTORY_ENTRY, name = "DirEntry")]
impl EntryMethods {
    /// the entry's base filename, relative to scandir() "path" argument
    #[getter]
    fn name(this: Gc<DirectoryEntry>) -> Value {
        this.name.get()
    }
    /// the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)
    #[getter]
    fn path(this: Gc<DirectoryEntry>) -> Value {
        this.path.get()
    }
    /// Return inode of the entry; cached per entry.
    #[method]
    fn inode(this: Gc<DirectoryEntry>) -> Value {
        this.inode.get()
    }
    /// Return True if the entry is a directory; cached per entry.
    #[method]
    fn is_dir(
        cx: &mut Cx,
        this: Gc<DirectoryEntry>,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<bool> {
        Ok(type_bits(cx, this, follow_symlinks)? == libc::S_IFDIR)
    }
    /// Return True if the entry is a file; cached per entry.
    #[method]
    fn is_file(
        cx: &mut Cx,
        this: Gc<DirectoryEntry>,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult<bool> {
        Ok(type_bits(cx, this, follow_symlinks)? == libc::S_IFREG)
    }
    /// Return True if the entry is a symbolic link; cached per entry.
    #[method]
    fn is_symlink(cx: &mut Cx, this: Gc<DirectoryEntry>) -> PyResult<bool> {
        Ok(type_bits(cx, this, false)? == libc::S_IFLNK)
    }
    /// Return True if the entry is a junction; only Windows has them.
    #[method]
    fn is_junction(_this: Gc<DirectoryEntry>) -> bool {
        false
    }
    /// Return stat_result object for the entry; cached per entry.
    #[method]
    fn stat(
        cx: &mut Cx,
        this: Gc<DirectoryEntry>,
        #[keyword_only]
        #[default(true)]
        follow_symlinks: bool,
    ) -> PyResult {
        found_status(cx, this, follow_symlinks)?.map_err(|number| os_error_at(cx, number, this.path.get()))
    }
    /// Returns the path for the entry.
    #[method]
    fn __fspath__(this: Gc<DirectoryEntry>) -> Value {
        this.path.get()
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<DirectoryEntry>) -> PyResult<String> {
        let name = operations::repr(cx, this.name.get())?;
        Ok(format!("<DirEntry {}>", name.to_text()))
    }
}

/// The iterator that `scandir` returns.
pub struct IteratorMethods;

#[py_methods(DIRECTORY_ITERATOR, name = "ScandirIterator")]
impl IteratorMethods {
    #[method]
    fn __iter__(this: Value) -> Value {
        this
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<DirectoryIterator>) -> PyResult<Next> {
        match this.entries.get() {
            NONE => Ok(Next(None)),
            entries => operations::next(cx, entries).map(Next),
        }
    }
    /// Forget the entries that have not been given out.
    #[method]
    fn close(cx: &mut Cx, this: Gc<DirectoryIterator>) {
        this.entries.set(cx.mutator(), this, NONE);
    }
    #[method]
    fn __enter__(this: Value) -> Value {
        this
    }
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<DirectoryIterator>, #[args] _arguments: &[Value]) {
        this.entries.set(cx.mutator(), this, NONE);
    }
}

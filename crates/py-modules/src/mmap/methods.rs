//! The methods of `mmap.mmap`.

use super::*;
use crate::system::arguments::{CInt, c_int};
use crate::system::lock::hold;
use py_macros::py_methods;
use py_object::buffer::ByteView;
use py_object::objects::{Bytes, Slice};
use py_object::types::{int, slice};
use py_object::{NONE, bool_value};

/// A length that may be left out.
fn optional(cx: &mut Cx, value: Value) -> PyResult<Option<i64>> {
    if value == NONE {
        return Ok(None);
    }
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) => Ok(Some(number)),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t")),
    }
}

fn byte(cx: &mut Cx, value: Value) -> PyResult<u8> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) if number < 0 => Err(cx.raise(Kind::OVERFLOW_ERROR, "unsigned byte integer is less than minimum")),
        Some(number) if number < 256 => Ok(number as u8),
        _ => Err(cx.raise(Kind::OVERFLOW_ERROR, "unsigned byte integer is greater than maximum")),
    }
}

fn position_of(this: Gc<MapObject>, bound: i64) -> usize {
    let length = this.length.get();
    (if bound < 0 { bound + length } else { bound }).clamp(0, length) as usize
}

fn find(cx: &mut Cx, this: Gc<MapObject>, view: Value, bounds: [Value; 2], from_end: bool) -> PyResult<i64> {
    let pattern = ByteView::of(cx, view)?;
    let start = optional(cx, bounds[0])?;
    let end = optional(cx, bounds[1])?;
    let _held = hold(cx, this, &this.lock);
    check_open(cx, this)?;
    let start = start.map_or(this.position.get() as usize, |start| position_of(this, start));
    let end = end.map_or(this.length.get() as usize, |end| position_of(this, end));
    if start > end {
        return Ok(-1);
    }
    let part = &content(this)[start..end];
    let found = if from_end {
        memchr::memmem::rfind(part, pattern.bytes())
    } else {
        memchr::memmem::find(part, pattern.bytes())
    };
    Ok(found.map_or(-1, |at| (start + at) as i64))
}

/// Takes bytes from where the program is.
fn take(cx: &mut Cx, this: Gc<MapObject>, count: i64) -> PyResult<Gc<Bytes>> {
    let position = this.position.get().min(this.length.get());
    let count = count.clamp(0, this.length.get() - position);
    let bytes = Bytes::checked(cx, &content(this)[position as usize..(position + count) as usize])?;
    this.position.init(position + count);
    Ok(bytes)
}

fn set_slice(cx: &mut Cx, this: Gc<MapObject>, key: Gc<Slice>, value: Value) -> PyResult<()> {
    let view = ByteView::of(cx, value)?;
    // This may run Python code, which may close the mapping or change its size.
    let resolved = slice::resolve(cx, key, this.length.get() as usize)?;
    let _held = hold(cx, this, &this.lock);
    check_open(cx, this)?;
    if view.len() != resolved.count {
        return Err(cx.raise(Kind::INDEX_ERROR, "mmap slice assignment is wrong size"));
    }
    let target = content(this);
    for (at, byte) in view.bytes().iter().enumerate() {
        if let Some(place) = target.get_mut((resolved.start + at as i64 * resolved.step) as usize) {
            *place = *byte;
        }
    }
    Ok(())
}

fn item_position(cx: &mut Cx, this: Gc<MapObject>, key: Value) -> PyResult<usize> {
    let number = match int::try_index(cx, key)? {
        Some(number) => int::as_i64(number),
        None => return Err(cx.type_error("mmap indices must be integers")),
    };
    let length = this.length.get();
    let at = number.map_or(-1, |number| if number < 0 { number + length } else { number });
    if !(0..length).contains(&at) {
        return Err(cx.raise(Kind::INDEX_ERROR, "mmap index out of range"));
    }
    Ok(at as usize)
}

/// `mmap.mmap`.
pub struct Methods;

#[py_methods(MMAP, name = "mmap")]
impl Methods {
    #[new(signature = "($type, *args, **kwargs)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] fileno: CInt,
        #[keyword] length: i64,
        #[keyword]
        #[default(NONE)]
        flags: Value,
        #[keyword]
        #[default(NONE)]
        prot: Value,
        #[keyword]
        #[default(CInt(0))]
        access: CInt,
        #[keyword]
        #[default(0)]
        offset: i64,
        #[keyword_only]
        #[default(true)]
        trackfd: bool,
    ) -> PyResult<Gc<MapObject>> {
        if length < 0 {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "memory mapped length must be positive"));
        }
        if offset < 0 {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "memory mapped offset must be positive"));
        }
        let default_protection = libc::PROT_READ | libc::PROT_WRITE;
        let flag_bits = if flags == NONE { libc::MAP_SHARED } else { c_int(cx, flags)? };
        let protection = if prot == NONE { default_protection } else { c_int(cx, prot)? };
        let mut request = Request {
            descriptor: fileno.0,
            length,
            flags: flag_bits,
            protection,
            access: access.0 as u32 as u64,
            offset,
            tracks: trackfd,
        };
        let (other_flags, other_protection) = (flag_bits != libc::MAP_SHARED, protection != default_protection);
        settle_access(cx, &mut request, other_flags, other_protection)?;
        new_map(cx, class, request)
    }
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<MapObject>) {
        if this.exports.get() == 0 {
            let _held = hold(cx, this, &this.lock);
            unmap(cx, this);
        }
    }
    /// Give the mapping back.
    #[method]
    fn close(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<()> {
        check_exports(cx, this, "cannot close exported pointers exist")?;
        let _held = hold(cx, this, &this.lock);
        unmap(cx, this);
        Ok(())
    }
    /// Find the first place of bytes, from the current position on by default.
    #[method]
    fn find(
        cx: &mut Cx,
        this: Gc<MapObject>,
        view: Value,
        #[default(NONE)] start: Value,
        #[default(NONE)] end: Value,
    ) -> PyResult<i64> {
        find(cx, this, view, [start, end], false)
    }
    /// Find the last place of bytes.
    #[method]
    fn rfind(
        cx: &mut Cx,
        this: Gc<MapObject>,
        view: Value,
        #[default(NONE)] start: Value,
        #[default(NONE)] end: Value,
    ) -> PyResult<i64> {
        find(cx, this, view, [start, end], true)
    }
    /// Write changes to the file.
    #[method]
    fn flush(
        cx: &mut Cx,
        this: Gc<MapObject>,
        #[default(0)] offset: i64,
        #[default(NONE)] size: Value,
    ) -> PyResult<()> {
        let size = optional(cx, size)?;
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        let size = size.unwrap_or(this.length.get());
        if offset < 0 || size < 0 || size + offset > this.length.get() && size != this.length.get() {
            return Err(cx.value_error("flush values out of range"));
        }
        if matches!(this.access.get(), READ | COPY) {
            return Ok(());
        }
        let start = this.start.get() + offset as u64;
        // SAFETY: the range lies in the mapping, which stays while the lock is held.
        check(cx, || i64::from(unsafe { libc::msync(start as *mut libc::c_void, size as usize, libc::MS_SYNC) }))
            .map(|_| ())
    }
    /// Advise the system about how the mapping will be used.
    #[method]
    fn madvise(
        cx: &mut Cx,
        this: Gc<MapObject>,
        option: CInt,
        #[default(0)] start: i64,
        #[default(NONE)] length: Value,
    ) -> PyResult<()> {
        let length = optional(cx, length)?;
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        if start < 0 || start >= this.length.get() {
            return Err(cx.value_error("madvise start out of bounds"));
        }
        let length = length.unwrap_or(this.length.get());
        if length < 0 {
            return Err(cx.value_error("madvise length invalid"));
        }
        if start.checked_add(length).is_none() {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "madvise length too large"));
        }
        let length = length.min(this.length.get() - start);
        let address = this.start.get() + start as u64;
        // SAFETY: the range lies in the mapping, which stays while the lock is held.
        check(cx, || i64::from(unsafe { libc::madvise(address as *mut libc::c_void, length as usize, option.0) }))
            .map(|_| ())
    }
    /// Copy bytes inside the mapping.
    #[method]
    fn r#move(cx: &mut Cx, this: Gc<MapObject>, dest: i64, src: i64, count: i64) -> PyResult<()> {
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        check_writable(cx, this)?;
        let length = this.length.get();
        let fits = |at: i64| at >= 0 && count >= 0 && at <= length && count <= length - at;
        if !fits(dest) || !fits(src) {
            return Err(cx.value_error("source, destination, or count out of range"));
        }
        content(this).copy_within(src as usize..(src + count) as usize, dest as usize);
        Ok(())
    }
    /// Read bytes from the current position on; all of the rest by default.
    #[method]
    fn read(cx: &mut Cx, this: Gc<MapObject>, #[default(NONE)] n: Value) -> PyResult<Gc<Bytes>> {
        let wanted = if n == NONE {
            None
        } else {
            match int::try_index(cx, n)? {
                Some(_) => optional(cx, n)?,
                None => {
                    let class = types::class_name(cx, n);
                    return Err(cx.type_error(format!("argument should be integer or None, not '{class}'")));
                }
            }
        };
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        let count = wanted.filter(|count| *count >= 0).unwrap_or(i64::MAX);
        take(cx, this, count)
    }
    /// Read a byte as an int.
    #[method]
    fn read_byte(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<i64> {
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        let at = this.position.get();
        if at >= this.length.get() {
            return Err(cx.value_error("read byte out of range"));
        }
        this.position.init(at + 1);
        Ok(i64::from(content(this)[at as usize]))
    }
    /// Read a line from the current position on.
    #[method]
    fn readline(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<Gc<Bytes>> {
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        let at = this.position.get().min(this.length.get()) as usize;
        let rest = &content(this)[at..];
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |found| found + 1);
        take(cx, this, length as i64)
    }
    /// Change the size of the mapping, and of its file.
    #[method]
    fn resize(cx: &mut Cx, this: Gc<MapObject>, newsize: i64) -> PyResult<()> {
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        resize(cx, this, newsize)
    }
    /// Move to a position; returns it.
    #[method(signature = "($self, pos, whence=0, /)")]
    fn seek(cx: &mut Cx, this: Gc<MapObject>, pos: i64, #[default(CInt(0))] whence: CInt) -> PyResult<i64> {
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        let base = match whence.0 {
            0 => 0,
            1 => this.position.get(),
            2 => this.length.get(),
            _ => return Err(cx.value_error("unknown seek type")),
        };
        match pos.checked_add(base).filter(|position| (0..=this.length.get()).contains(position)) {
            Some(position) => {
                this.position.init(position);
                Ok(position)
            }
            None => Err(cx.value_error("seek out of range")),
        }
    }
    /// Return True: a mapping can be moved in.
    #[method]
    fn seekable(_this: Gc<MapObject>) -> bool {
        true
    }
    /// The size of the file.
    #[method]
    fn size(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<i64> {
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        let descriptor = this.descriptor.get() as i32;
        if descriptor != -1 {
            // SAFETY: the structure can be written.
            return match crate::posix::query::<libc::stat>(cx, |found| unsafe { libc::fstat(descriptor, found) })? {
                Ok(found) => Ok(found.st_size),
                Err(number) => Err(os_error(cx, number)),
            };
        }
        if !this.tracks.get() {
            return Err(cx.value_error("can't get size with trackfd=False"));
        }
        Err(os_error(cx, libc::EBADF))
    }
    /// The current position.
    #[method]
    fn tell(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<i64> {
        check_open(cx, this)?;
        Ok(this.position.get())
    }
    /// Write bytes at the current position; returns their number.
    #[method]
    fn write(cx: &mut Cx, this: Gc<MapObject>, bytes: Value) -> PyResult<usize> {
        let view = ByteView::of(cx, bytes)?;
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        check_writable(cx, this)?;
        let at = this.position.get();
        if at > this.length.get() || (this.length.get() - at) < view.len() as i64 {
            return Err(cx.value_error("data out of range"));
        }
        content(this)[at as usize..at as usize + view.len()].copy_from_slice(view.bytes());
        this.position.init(at + view.len() as i64);
        Ok(view.len())
    }
    /// Write a byte at the current position.
    #[method]
    fn write_byte(cx: &mut Cx, this: Gc<MapObject>, byte: Value) -> PyResult<()> {
        let value = self::byte(cx, byte)?;
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        check_writable(cx, this)?;
        let at = this.position.get();
        if at >= this.length.get() {
            return Err(cx.value_error("write byte out of range"));
        }
        content(this)[at as usize] = value;
        this.position.init(at + 1);
        Ok(())
    }
    #[method]
    fn __len__(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<i64> {
        check_open(cx, this)?;
        Ok(this.length.get())
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<MapObject>, key: Value) -> PyResult {
        check_open(cx, this)?;
        // Finding out what is meant may run Python code, which may close the mapping or change its size.
        if let Some(key) = downcast::<Slice>(key) {
            let resolved = slice::resolve(cx, key, this.length.get() as usize)?;
            let bytes: Vec<u8> = {
                let _held = hold(cx, this, &this.lock);
                check_open(cx, this)?;
                let all = content(this);
                let places = (0..resolved.count as i64).map(|at| (resolved.start + at * resolved.step) as usize);
                places.filter_map(|at| all.get(at).copied()).collect()
            };
            return Ok(Bytes::checked(cx, &bytes)?.value());
        }
        let at = item_position(cx, this, key)?;
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        match content(this).get(at) {
            Some(byte) => Ok(Value::int(i64::from(*byte))),
            None => Err(cx.raise(Kind::INDEX_ERROR, "mmap index out of range")),
        }
    }
    #[method]
    fn __setitem__(cx: &mut Cx, this: Gc<MapObject>, key: Value, value: Value) -> PyResult<()> {
        check_open(cx, this)?;
        check_writable(cx, this)?;
        if let Some(key) = downcast::<Slice>(key) {
            return set_slice(cx, this, key, value);
        }
        let at = item_position(cx, this, key)?;
        let Some(number) = int::try_index(cx, value)? else {
            return Err(cx.type_error("mmap item value must be an int"));
        };
        let Some(byte) = int::as_i64(number).and_then(|number| u8::try_from(number).ok()) else {
            return Err(cx.value_error("mmap item value must be in range(0, 256)"));
        };
        let _held = hold(cx, this, &this.lock);
        check_open(cx, this)?;
        match content(this).get_mut(at) {
            Some(place) => {
                *place = byte;
                Ok(())
            }
            None => Err(cx.raise(Kind::INDEX_ERROR, "mmap index out of range")),
        }
    }
    #[method]
    fn __delitem__(cx: &mut Cx, this: Gc<MapObject>, key: Value) -> PyResult<()> {
        let kind = if downcast::<Slice>(key).is_some() { "slice" } else { "item" };
        check_open(cx, this)?;
        Err(cx.type_error(format!("mmap doesn't support {kind} deletion")))
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<MapObject>, item: Value) -> PyResult {
        check_open(cx, this)?;
        // Items of an iteration are bytes of length one, and so is what is contained.
        let Some(view) = ByteView::try_of(item).filter(|view| view.len() == 1) else { return Ok(bool_value(false)) };
        let wanted = view.bytes()[0];
        let _held = hold(cx, this, &this.lock);
        Ok(bool_value(content(this).contains(&wanted)))
    }
    #[method]
    fn __enter__(cx: &mut Cx, this: Gc<MapObject>) -> PyResult<Gc<MapObject>> {
        check_open(cx, this)?;
        Ok(this)
    }
    #[method]
    fn __exit__(cx: &mut Cx, this: Gc<MapObject>, #[args] _arguments: &[Value]) -> PyResult {
        py_object::call::call_method(cx, this.value(), "close", &[])
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<MapObject>) -> String {
        let class = types::class_of(cx, this.value());
        let name = types::name_of(class);
        if this.start.get() == 0 {
            return format!("<{name} closed=True>");
        }
        let access = ["ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY"][this.access.get() as usize & 3];
        format!(
            "<{name} closed=False, access={access}, length={}, pos={}, offset={}>",
            this.length.get(),
            this.position.get(),
            this.offset.get()
        )
    }
    /// Whether it is closed.
    #[getter]
    fn closed(this: Gc<MapObject>) -> bool {
        this.start.get() == 0
    }
}

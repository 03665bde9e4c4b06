//! `_io.StringIO`: text in memory as a stream.
//!
//! The text lies as WTF-8 in the memory's first `length` bytes. The position is kept in characters and, as long as it lies in
//! the text, in bytes, so that reading and writing in order need no search.
//!
//! INVARIANT: the fields change only while the object's lock is held.

use super::checks::{closed, offset, size};
use super::newlines::{self, NewlineDecoder};
use super::text::check_newline;
use crate::system::arguments::c_int;
use crate::system::lock::hold;
use py_macros::py_methods;
use py_object::arguments::{Keywords, Next};
use py_object::objects::{Array, Dict, Raw, Str, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::string::count_characters;
use py_object::types::str::byte_offset;
use py_object::types::{self, class_name, class_of, int};
use py_object::{
    Cx, Kind, NONE, PyResult, StrExt, allocate, attribute, call, downcast, object, operations, shapes,
    try_allocate_tail,
};
use vm_heap::{Gc, Value};

object! {
    /// Text in memory.
    pub struct StringObject = 391 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The memory.
        memory: Option<Gc<Raw>>,
        /// Bytes of text.
        length: i64,
        /// Characters of text.
        characters: i64,
        /// Where the program is, in characters; may lie behind the end.
        position: i64,
        /// The same in bytes, at most the end.
        place: i64,
        /// `newline` as it was given.
        newline: Value,
        /// Translates line ends that are written, or None.
        decoder: Value,
        /// 0 before the start, 1 open, 2 closed.
        phase: u64,
        /// The lock.
        lock: u64,
    }
}

const OPEN: u64 = 1;
const CLOSED: u64 = 2;

fn start(this: Gc<StringObject>) -> *mut u8 {
    match this.memory.get() {
        Some(raw) => (raw.address() + size_of::<Raw>()) as *mut u8,
        None => std::ptr::dangling_mut(),
    }
}

/// The text's bytes from one offset to another; the lock is held.
fn content(this: &Gc<StringObject>, from: usize, to: usize) -> &[u8] {
    // SAFETY: both lie in the text, by the callers, and the object is alive.
    unsafe { std::slice::from_raw_parts(start(*this).add(from), to - from) }
}

fn is_ascii(this: Gc<StringObject>) -> bool {
    this.length.get() == this.characters.get()
}

fn check_open(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<()> {
    match this.phase.get() {
        OPEN => Ok(()),
        CLOSED => Err(closed(cx)),
        _ => Err(cx.value_error("I/O operation on uninitialized object")),
    }
}

/// Makes room for at least `wanted` bytes.
fn reserve(cx: &mut Cx, this: Gc<StringObject>, wanted: usize) -> PyResult<()> {
    let room = this.memory.get().map_or(0, |raw| raw.length.get().as_int() as usize);
    if wanted <= room {
        return Ok(());
    }
    let size = if wanted < 1 << 40 { wanted + (wanted >> 2) + 32 } else { wanted };
    let Some(raw) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, size) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    let length = this.length.get() as usize;
    // SAFETY: the new memory is longer than the text, and nobody else knows it.
    unsafe {
        std::ptr::copy_nonoverlapping(start(this), (raw.address() + size_of::<Raw>()) as *mut u8, length);
    }
    this.memory.set(cx.mutator(), this, Some(raw));
    Ok(())
}

/// Moves to a position in characters.
fn move_to(this: Gc<StringObject>, position: i64) {
    let inside = position.min(this.characters.get()) as usize;
    let bytes = content(&this, 0, this.length.get() as usize);
    let place = byte_offset(bytes, is_ascii(this), inside).min(bytes.len());
    this.position.init(position);
    this.place.init(place as i64);
}

/// Writes text as it is.
fn write_bytes(cx: &mut Cx, this: Gc<StringObject>, bytes: &[u8], characters: i64) -> PyResult<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    // Beyond the end the gap is filled with zero characters, a byte each.
    let gap = (this.position.get() - this.characters.get()).max(0);
    let place = this.place.get() as usize;
    let length = this.length.get() as usize;
    let rest = content(&this, place, length);
    let replaced = byte_offset(rest, is_ascii(this), characters as usize).min(rest.len());
    let replaced_characters = if is_ascii(this) { replaced as i64 } else { count_characters(&rest[..replaced]) as i64 };
    let kept = length - place - replaced;
    let Some(new_length) = length.checked_add(gap as usize + bytes.len()).filter(|size| *size < 1 << 62) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "new position too large"));
    };
    reserve(cx, this, new_length)?;
    let gap_length = gap as usize;
    // SAFETY: the memory has room for the text before, the gap, the new text and what is kept behind it.
    unsafe {
        let at = start(this).add(place);
        std::ptr::copy(at.add(replaced), at.add(gap_length + bytes.len()), kept);
        std::ptr::write_bytes(at, 0, gap_length);
        std::ptr::copy(bytes.as_ptr(), at.add(gap_length), bytes.len());
    }
    this.length.init((length - replaced + gap_length + bytes.len()) as i64);
    this.characters.init(this.characters.get() - replaced_characters + gap + characters);
    this.position.init(this.position.get() + characters);
    this.place.init((place + gap_length + bytes.len()) as i64);
    Ok(())
}

/// Writes text with its line ends translated.
fn write(cx: &mut Cx, this: Gc<StringObject>, text: Gc<Str>) -> PyResult<()> {
    let text = match downcast::<NewlineDecoder>(this.decoder.get()) {
        Some(decoder) => newlines::decode(cx, decoder, text.value(), true)?,
        None => text,
    };
    match downcast::<Str>(this.newline.get()) {
        Some(end) if matches!(end.bytes(), b"\r" | b"\r\n") && text.bytes().contains(&b'\n') => {
            let lines: Vec<&[u8]> = text.bytes().split(|byte| *byte == b'\n').collect();
            let joined = lines.join(end.bytes());
            write_bytes(cx, this, &joined, count_characters(&joined) as i64)
        }
        _ => write_bytes(cx, this, text.bytes(), text.characters.get().as_int()),
    }
}

/// Takes the next `count` bytes.
fn take(cx: &mut Cx, this: Gc<StringObject>, count: usize) -> PyResult<Gc<Str>> {
    let place = this.place.get() as usize;
    let text = Str::checked(cx, content(&this, place, place + count))?;
    this.place.init((place + count) as i64);
    this.position.init(this.position.get() + text.characters.get().as_int());
    Ok(text)
}

/// Bytes of the next line, of at most `limit` characters unless that is negative.
fn line_length(this: Gc<StringObject>, limit: i64) -> usize {
    if this.position.get() > this.characters.get() {
        return 0;
    }
    let rest = content(&this, this.place.get() as usize, this.length.get() as usize);
    let newline = downcast::<Str>(this.newline.get());
    let end = match newline.as_ref().map(|end| end.bytes()) {
        Some(b"") => memchr::memchr2(b'\n', b'\r', rest).map(|at| {
            let is_pair = rest[at] == b'\r' && rest.get(at + 1) == Some(&b'\n');
            at + if is_pair { 2 } else { 1 }
        }),
        Some(b"\r") => memchr::memchr(b'\r', rest).map(|at| at + 1),
        Some(b"\r\n") => memchr::memmem::find(rest, b"\r\n").map(|at| at + 2),
        _ => memchr::memchr(b'\n', rest).map(|at| at + 1),
    };
    let length = end.unwrap_or(rest.len());
    match usize::try_from(limit) {
        Ok(limit) => length.min(byte_offset(rest, is_ascii(this), limit).min(rest.len())),
        Err(_) => length,
    }
}

fn read(cx: &mut Cx, this: Gc<StringObject>, wanted: i64) -> PyResult<Gc<Str>> {
    if this.position.get() > this.characters.get() {
        return Ok(cx.intern(""));
    }
    let rest = content(&this, this.place.get() as usize, this.length.get() as usize);
    let count = match usize::try_from(wanted) {
        Ok(wanted) => byte_offset(rest, is_ascii(this), wanted).min(rest.len()),
        Err(_) => rest.len(),
    };
    take(cx, this, count)
}

fn read_line(cx: &mut Cx, this: Gc<StringObject>, limit: i64) -> PyResult<Gc<Str>> {
    check_open(cx, this)?;
    let _held = hold(cx, this, &this.lock);
    match line_length(this, limit) {
        0 => Ok(cx.intern("")),
        length => take(cx, this, length),
    }
}

fn value(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<Gc<Str>> {
    check_open(cx, this)?;
    let _held = hold(cx, this, &this.lock);
    Str::checked(cx, content(&this, 0, this.length.get() as usize))
}

fn initialise(cx: &mut Cx, this: Gc<StringObject>, initial: Value, newline: Value) -> PyResult<()> {
    if newline != NONE && downcast::<Str>(newline).is_none() {
        let message = format!("newline must be str or None, not {}", class_name(cx, newline));
        return Err(cx.type_error(message));
    }
    check_newline(cx, newline)?;
    let text = downcast::<Str>(initial);
    if initial != NONE && text.is_none() {
        let message = format!("initial_value must be str or None, not {}", class_name(cx, initial));
        return Err(cx.type_error(message));
    }
    let is_universal = downcast::<Str>(newline).is_none_or(|end| end.bytes().is_empty());
    let decoder = if is_universal { newlines::new_decoder(cx, NONE, newline == NONE).value() } else { NONE };
    let _held = hold(cx, this, &this.lock);
    this.decoder.set(cx.mutator(), this, decoder);
    this.newline.set(cx.mutator(), this, newline);
    for field in [&this.length, &this.characters, &this.position, &this.place] {
        field.init(0);
    }
    this.phase.init(OPEN);
    if let Some(text) = text {
        write(cx, this, text)?;
        move_to(this, 0);
    }
    Ok(())
}

/// `_io.StringIO`.
pub struct Methods;

#[py_methods(STRING_IO, name = "StringIO")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<StringObject> {
        let stream = allocate::<StringObject>(cx.mutator(), types::instance_shape(class).id);
        stream.newline.init(NONE);
        stream.decoder.init(NONE);
        stream
    }
    #[method(name = "__init__", signature = "(initial_value='', newline='\\n')")]
    fn init(
        cx: &mut Cx,
        this: Gc<StringObject>,
        #[keyword]
        #[default(NONE)]
        initial_value: Value,
        #[keyword]
        #[default(py_object::UNBOUND)]
        newline: Value,
    ) -> PyResult<()> {
        let newline = if newline == py_object::UNBOUND { cx.intern("\n").value() } else { newline };
        initialise(cx, this, initial_value, newline)
    }
    /// Retrieve the entire contents of the object.
    #[method]
    fn getvalue(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<Gc<Str>> {
        value(cx, this)
    }
    /// Tell the current file position.
    #[method]
    fn tell(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<i64> {
        check_open(cx, this)?;
        Ok(this.position.get())
    }
    /// Read at most size characters, returned as a string; all, if size is negative or None.
    #[method(signature = "($self, size=-1, /)")]
    fn read(cx: &mut Cx, this: Gc<StringObject>, #[default(NONE)] wanted: Value) -> PyResult<Gc<Str>> {
        let wanted = size(cx, wanted)?;
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        read(cx, this, wanted)
    }
    /// Read until newline or EOF. Returns an empty string if EOF is hit immediately.
    #[method(signature = "($self, size=-1, /)")]
    fn readline(cx: &mut Cx, this: Gc<StringObject>, #[default(NONE)] limit: Value) -> PyResult<Gc<Str>> {
        let limit = size(cx, limit)?;
        read_line(cx, this, limit)
    }
    /// Truncate the text to size characters, by default at the current position; returns the size.
    #[method(signature = "($self, pos=None, /)")]
    fn truncate(cx: &mut Cx, this: Gc<StringObject>, #[default(NONE)] length: Value) -> PyResult<i64> {
        check_open(cx, this)?;
        let given = if length == NONE { None } else { Some(offset(cx, length)?) };
        let _held = hold(cx, this, &this.lock);
        let length = given.unwrap_or(this.position.get());
        if length < 0 {
            return Err(cx.value_error(format!("Negative size value {length}")));
        }
        if length < this.characters.get() {
            let bytes = content(&this, 0, this.length.get() as usize);
            let end = byte_offset(bytes, is_ascii(this), length as usize).min(bytes.len());
            this.length.init(end as i64);
            this.characters.init(length);
            this.place.init(this.place.get().min(end as i64));
        }
        Ok(length)
    }
    /// Change stream position and return the new one.
    ///
    /// whence: 0 from the start (pos >= 0), 1 the current position (pos must be 0),
    /// 2 the end (pos must be 0).
    #[method(signature = "($self, pos, whence=0, /)")]
    fn seek(cx: &mut Cx, this: Gc<StringObject>, pos: i64, #[default(NONE)] whence: Value) -> PyResult<i64> {
        let whence = if whence == NONE { 0 } else { c_int(cx, whence)? };
        check_open(cx, this)?;
        if !(0..=2).contains(&whence) {
            return Err(cx.value_error(format!("Invalid whence ({whence}, should be 0, 1 or 2)")));
        }
        if whence == 0 && pos < 0 {
            return Err(cx.value_error(format!("Negative seek position {pos}")));
        }
        if whence != 0 && pos != 0 {
            return Err(cx.raise(Kind::OS_ERROR, "Can't do nonzero cur-relative seeks"));
        }
        let _held = hold(cx, this, &this.lock);
        let position = match whence {
            0 => pos,
            1 => this.position.get(),
            _ => this.characters.get(),
        };
        move_to(this, position);
        Ok(position)
    }
    /// Write string to file; returns the number of characters written.
    #[method]
    fn write(cx: &mut Cx, this: Gc<StringObject>, s: Value) -> PyResult {
        check_open_or_raise(cx, this)?;
        let Some(text) = downcast::<Str>(s) else {
            let message = format!("string argument expected, got '{}'", class_name(cx, s));
            return Err(cx.type_error(message));
        };
        check_open(cx, this)?;
        let _held = hold(cx, this, &this.lock);
        write(cx, this, text)?;
        Ok(text.characters.get())
    }
    /// Close the object; its text is lost.
    #[method]
    fn close(cx: &mut Cx, this: Gc<StringObject>) {
        let _held = hold(cx, this, &this.lock);
        this.phase.init(CLOSED);
        this.memory.set(cx.mutator(), this, None);
        this.length.init(0);
        this.characters.init(0);
        this.place.init(0);
    }
    /// Returns True if the IO object can be read.
    #[method]
    fn readable(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(true)
    }
    /// Returns True if the IO object can be written.
    #[method]
    fn writable(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(true)
    }
    /// Returns True if the IO object can be seeked.
    #[method]
    fn seekable(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(true)
    }
    #[method]
    fn __next__(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<Next> {
        check_open(cx, this)?;
        if class_of(cx, this.value()) == cx.builtin_type(Kind::STRING_IO) {
            let line = read_line(cx, this, -1)?;
            return Ok(Next((!line.bytes().is_empty()).then_some(line.value())));
        }
        let line = call::call_method(cx, this.value(), "readline", &[])?;
        match downcast::<Str>(line) {
            Some(text) => Ok(Next((!text.bytes().is_empty()).then_some(line))),
            None => {
                let message = format!("readline() should have returned a str object, not '{}'", class_name(cx, line));
                Err(cx.raise(Kind::OS_ERROR, message))
            }
        }
    }
    #[method]
    fn __getstate__(cx: &mut Cx, this: Gc<StringObject>) -> PyResult {
        let text = value(cx, this)?;
        let own = if attribute::own_names(this.value()).is_empty() {
            NONE
        } else {
            let dict = attribute::dictionary(cx, this.value())?;
            types::dict::copy(cx, dict)?.value()
        };
        let position = int::from_i64(cx, this.position.get());
        Ok(cx.tuple(&[text.value(), this.newline.get(), position, own]))
    }
    #[method]
    fn __setstate__(cx: &mut Cx, this: Gc<StringObject>, state: Value) -> PyResult<()> {
        if this.phase.get() == CLOSED {
            return Err(closed(cx));
        }
        let parts = downcast::<Tuple>(state);
        let parts = parts.as_ref().map_or(&[][..], tuple_items);
        let [text, newline, position, own, ..] = parts else {
            let class = types::object::full_name(cx, class_of(cx, this.value()));
            let message = format!("{class}.__setstate__ argument should be 4-tuple, got {}", class_name(cx, state));
            return Err(cx.type_error(message));
        };
        initialise(cx, this, NONE, *newline)?;
        if let Some(text) = downcast::<Str>(*text) {
            // Its line ends have been translated before.
            let _held = hold(cx, this, &this.lock);
            write_bytes(cx, this, text.bytes(), text.characters.get().as_int())?;
        } else if *text != NONE {
            let message = format!("initial_value must be str or None, not {}", class_name(cx, *text));
            return Err(cx.type_error(message));
        }
        if !int::is_int(*position) {
            let message = format!("third item of state must be an integer, got {}", class_name(cx, *position));
            return Err(cx.type_error(message));
        }
        let position = offset(cx, *position)?;
        if position < 0 {
            return Err(cx.value_error("position value cannot be negative"));
        }
        move_to(this, position);
        if *own != NONE {
            let Some(own) = downcast::<Dict>(*own) else {
                let message = format!("fourth item of state should be a dict, got a {}", class_name(cx, *own));
                return Err(cx.type_error(message));
            };
            for (name, value) in Dict::entries(own) {
                let dict = attribute::dictionary(cx, this.value())?;
                operations::set_item(cx, dict.value(), name, value)?;
            }
        }
        Ok(())
    }
    /// True if the object is closed.
    #[getter]
    fn closed(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<bool> {
        if this.phase.get() == 0 {
            return Err(cx.value_error("I/O operation on uninitialized object"));
        }
        Ok(this.phase.get() == CLOSED)
    }
    /// False: there is no buffer.
    #[getter]
    fn line_buffering(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<bool> {
        check_open(cx, this)?;
        Ok(false)
    }
    /// The kinds of line ends seen so far.
    #[getter]
    fn newlines(cx: &mut Cx, this: Gc<StringObject>) -> PyResult {
        check_open(cx, this)?;
        match downcast::<NewlineDecoder>(this.decoder.get()) {
            Some(decoder) => Ok(newlines::newlines_value(cx, decoder.seen.get())),
            None => Ok(NONE),
        }
    }
}

/// A wrong type is reported before a closed stream, but an object without a start first of all.
fn check_open_or_raise(cx: &mut Cx, this: Gc<StringObject>) -> PyResult<()> {
    if this.phase.get() == 0 { check_open(cx, this) } else { Ok(()) }
}

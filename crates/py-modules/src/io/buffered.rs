//! `BufferedReader`, `BufferedWriter` and `BufferedRandom`: a buffer over a raw stream.
//!
//! Terms: positions are offsets in the buffer. `position` is where the program is, `raw_position` where the raw stream is.
//! Bytes up to `read_end` are what the raw stream holds; bytes from `write_start` to `write_end` have still to be
//! written. Both ends are -1 while there are no such bytes. `absolute` is the raw stream's own position, -1 while unknown.
//!
//! INVARIANT: these fields change only while the object's lock is held. A method that calls the raw stream holds it
//! meanwhile, so that other threads wait; the same thread that comes again (from a handler of a signal) gets a RuntimeError.

mod constructors;
mod methods;
mod pair;
mod reading;
mod writing;

pub use constructors::{BUFFERED_RANDOM_METHODS, BUFFERED_READER_METHODS, BUFFERED_WRITER_METHODS, new_buffered};
pub use methods::{COMMON_METHODS, RANDOM_METHODS, READING_METHODS, WRITING_METHODS};
pub use pair::{BUFFERED_RW_PAIR_METHODS, PairObject};
pub use reading::{read_all_bytes, read_once};
pub use writing::{flush_text, write_bytes};

use super::checks::{self, get, is_instance};
use super::file;
use crate::system::lock::{self, Held};
use py_object::buffer::ByteView;
use py_object::objects::{Array, Bytes, Exception, Raw, Str};
use py_object::types::int;
use py_object::{
    Cx, Kind, NONE, PyResult, Raised, StrExt, UNBOUND, call, downcast, object, operations, shapes, try_allocate_tail,
};
use vm_heap::{Gc, Value};

object! {
    /// A buffer over a raw stream.
    pub struct BufferedObject = 386 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The raw stream; UNBOUND before the start and after `detach`.
        raw: Value,
        /// The buffer, made when it is first needed.
        memory: Option<Gc<Raw>>,
        /// The lock.
        lock: u64,
        /// Size of the buffer.
        capacity: i64,
        /// Where the program is in the buffer.
        position: i64,
        /// Where the raw stream is, in terms of the buffer.
        raw_position: i64,
        /// End of what was read, or -1.
        read_end: i64,
        /// Start of what has still to be written.
        write_start: i64,
        /// End of it, or -1.
        write_end: i64,
        /// The raw stream's position, or -1.
        absolute: i64,
        /// Bits.
        state: u64,
    }
}

const READS: u64 = 1;
const WRITES: u64 = 2;
const READY: u64 = 4;
const DETACHED: u64 = 8;
const FINALIZING: u64 = 16;
/// A text stream over it will close it, if both are garbage.
const COVERED: u64 = 32;

/// Notes that a text stream over a value will close it.
pub fn cover(value: Value) {
    if let Some(buffer) = downcast::<BufferedObject>(value) {
        buffer.state.init(buffer.state.get() | COVERED);
    } else if let Some(file) = downcast::<file::FileObject>(value) {
        file.covered.init(true);
    }
}

/// What a read or write of the raw stream came to.
enum Transfer {
    /// So many bytes.
    Done(usize),
    /// It would have to wait.
    Blocked,
}

impl BufferedObject {
    fn has(&self, bit: u64) -> bool {
        self.state.get() & bit != 0
    }

    fn has_read(&self) -> bool {
        self.has(READS) && self.read_end.get() != -1
    }

    fn has_written(&self) -> bool {
        self.has(WRITES) && self.write_end.get() != -1
    }

    /// Bytes that can be read without the raw stream.
    fn ahead(&self) -> usize {
        if self.has_read() { (self.read_end.get() - self.position.get()).max(0) as usize } else { 0 }
    }

    /// How far the raw stream is ahead of the program.
    fn raw_offset(&self) -> i64 {
        if (self.has_read() || self.has_written()) && self.raw_position.get() >= 0 {
            self.raw_position.get() - self.position.get()
        } else {
            0
        }
    }

    fn move_to(&self, position: i64) {
        self.position.init(position);
        if self.has_read() && self.read_end.get() < position {
            self.read_end.init(position);
        }
    }

    fn forget_read(&self) {
        self.read_end.init(-1);
    }

    fn forget_written(&self) {
        self.write_start.init(0);
        self.write_end.init(-1);
    }
}

/// Start of the buffer's memory.
fn memory(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<*mut u8> {
    let raw = match this.memory.get() {
        Some(raw) => raw,
        None => {
            let capacity = this.capacity.get() as usize;
            let Some(raw) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, capacity) else {
                return Err(cx.raise(Kind::MEMORY_ERROR, ""));
            };
            this.memory.set(cx.mutator(), this, Some(raw));
            raw
        }
    };
    Ok((raw.address() + size_of::<Raw>()) as *mut u8)
}

/// Bytes of the buffer, while the object is on the stack and its lock held.
fn content(this: &Gc<BufferedObject>, from: usize, to: usize) -> &[u8] {
    match this.memory.get() {
        // SAFETY: the memory is `capacity` bytes long, and both positions lie in it (invariant of this module).
        Some(raw) => unsafe {
            std::slice::from_raw_parts((raw.address() + size_of::<Raw>() + from) as *const u8, to - from)
        },
        None => &[],
    }
}

/// Copies bytes into the buffer.
fn fill(cx: &mut Cx, this: Gc<BufferedObject>, at: usize, bytes: &[u8]) -> PyResult<()> {
    debug_assert!(at + bytes.len() <= this.capacity.get() as usize);
    let start = memory(cx, this)?;
    // SAFETY: the range lies in the buffer; `bytes` may be any memory, so it is moved.
    unsafe { std::ptr::copy(bytes.as_ptr(), start.add(at), bytes.len()) };
    Ok(())
}

/// Takes the lock; RuntimeError where this thread holds it already.
fn enter(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<Held> {
    if lock::is_mine(cx, &this.lock) {
        let text = operations::repr(cx, this.value()).map(|text| text.to_text());
        let text = text.unwrap_or_else(|_| {
            cx.take_raised();
            "buffered stream".to_string()
        });
        return Err(cx.raise(Kind::RUNTIME_ERROR, format!("reentrant call inside {text}")));
    }
    Ok(lock::hold(cx, this, &this.lock))
}

/// ValueError for a stream that was never initialised, or that was detached.
fn check_ready(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<Value> {
    if this.has(READY) {
        return Ok(this.raw.get());
    }
    let message =
        if this.has(DETACHED) { "raw stream has been detached" } else { "I/O operation on uninitialized object" };
    Err(cx.value_error(message))
}

/// Whether the raw stream is closed.
fn is_closed(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<bool> {
    let raw = check_ready(cx, this)?;
    match file::as_exact_file(cx, raw) {
        Some(file) => Ok(file.descriptor.get() < 0),
        None => checks::is_closed(cx, raw),
    }
}

fn check_open(cx: &mut Cx, this: Gc<BufferedObject>, what: &str) -> PyResult<Value> {
    if is_closed(cx, this)? { Err(cx.value_error(format!("{what} of closed file"))) } else { Ok(this.raw.get()) }
}

/// The raw stream's answer to `tell` or `seek`.
fn note_absolute(cx: &mut Cx, this: Gc<BufferedObject>, answer: Value) -> PyResult<i64> {
    let position = checks::offset(cx, answer)?;
    if position < 0 {
        return Err(cx.raise(Kind::OS_ERROR, format!("Raw stream returned invalid position {position}")));
    }
    this.absolute.init(position);
    Ok(position)
}

/// The raw stream's position.
fn raw_tell(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<i64> {
    let raw = this.raw.get();
    this.absolute.init(-1);
    let answer = call::call_method(cx, raw, "tell", &[])?;
    note_absolute(cx, this, answer)
}

/// Moves the raw stream.
fn raw_seek(cx: &mut Cx, this: Gc<BufferedObject>, target: i64, whence: i64) -> PyResult<i64> {
    let raw = this.raw.get();
    let target = int::from_i64(cx, target);
    let answer = call::call_method(cx, raw, "seek", &[target, Value::int(whence)])?;
    note_absolute(cx, this, answer)
}

fn transferred(cx: &mut Cx, this: Gc<BufferedObject>, answer: Value, most: usize, method: &str) -> PyResult<Transfer> {
    if answer == NONE {
        return Ok(Transfer::Blocked);
    }
    let count = match int::try_index(cx, answer) {
        Ok(Some(number)) => int::as_i64(number).unwrap_or(-1),
        _ => {
            // An error of the conversion is the cause of the one that is raised.
            let cause = cx.take_raised();
            let raised = cx.raise(Kind::OS_ERROR, format!("raw {method}() failed"));
            if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
                exception.cause.set(cx.mutator(), exception, cause);
            }
            return Err(raised);
        }
    };
    if count < 0 || count as usize > most {
        let message = format!("raw {method}() returned invalid length {count} (should have been between 0 and {most})");
        return Err(cx.raise(Kind::OS_ERROR, message));
    }
    if this.absolute.get() != -1 {
        this.absolute.init(this.absolute.get() + count);
    }
    Ok(Transfer::Done(count as usize))
}

/// Reads from the raw stream into memory that the caller keeps alive.
fn raw_read(cx: &mut Cx, this: Gc<BufferedObject>, start: *mut u8, length: usize) -> PyResult<Transfer> {
    let raw = this.raw.get();
    if let Some(file) = file::as_exact_file(cx, raw) {
        return match file::read_memory(cx, file, start, length)? {
            None => Ok(Transfer::Blocked),
            Some(count) => transferred(cx, this, Value::int(count as i64), length, "readinto"),
        };
    }
    let buffer = super::base::new_bytearray(cx, length)?;
    let answer = call::call_method(cx, raw, "readinto", &[buffer])?;
    let transfer = transferred(cx, this, answer, length, "readinto")?;
    if let Transfer::Done(count) = transfer {
        let view = ByteView::of(cx, buffer)?;
        let count = count.min(view.len());
        // SAFETY: both are at least that long and alive.
        unsafe { std::ptr::copy_nonoverlapping(view.as_ptr(), start, count) };
        return Ok(Transfer::Done(count));
    }
    Ok(transfer)
}

/// Writes memory that the caller keeps alive to the raw stream.
fn raw_write(cx: &mut Cx, this: Gc<BufferedObject>, start: *const u8, length: usize) -> PyResult<Transfer> {
    let raw = this.raw.get();
    if let Some(file) = file::as_exact_file(cx, raw) {
        return match file::write_memory(cx, file, start, length)? {
            None => Ok(Transfer::Blocked),
            Some(count) => transferred(cx, this, Value::int(count as i64), length, "write"),
        };
    }
    // SAFETY: the caller's promise.
    let bytes = Bytes::checked(cx, unsafe { std::slice::from_raw_parts(start, length) })?;
    let answer = call::call_method(cx, raw, "write", &[bytes.value()])?;
    transferred(cx, this, answer, length, "write")
}

/// `repr` with the raw stream's name, where it has one.
fn repr_of(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<String> {
    let class = py_object::types::class_of(cx, this.value());
    let class = py_object::types::name_of(class);
    match checks::find(cx, this.value(), "name") {
        Ok(Some(name)) => {
            cx.check_native_stack()?;
            let name = operations::repr(cx, name)?;
            Ok(format!("<{class} name={}>", name.to_text()))
        }
        Ok(None) => Ok(format!("<{class}>")),
        Err(_) if is_instance(cx, cx.raised.get(), Kind::VALUE_ERROR) => {
            cx.take_raised();
            Ok(format!("<{class}>"))
        }
        Err(raised) => Err(raised),
    }
}

/// The BlockingIOError of a write that would have to wait, with how much was taken.
fn would_block(cx: &mut Cx, written: usize) -> Raised {
    let text = Str::new(cx, "write could not complete without blocking");
    let arguments = [Value::int(i64::from(libc::EAGAIN)), text.value(), Value::int(written as i64)];
    let class = blocking_class(cx);
    match call::call(cx, class, &arguments, None) {
        Ok(made) => match py_object::exception::as_exception(made) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("BlockingIOError() did not make an exception"),
        },
        Err(raised) => raised,
    }
}

/// `BlockingIOError`, or `OSError` where there is none.
pub fn blocking_class(cx: &mut Cx) -> Value {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern("BlockingIOError");
    let found = py_object::objects::Dict::get_str(cx, builtins, name);
    found.unwrap_or_else(|| cx.builtin_type(Kind::OS_ERROR).value())
}

/// Whether the exception on its way is one that `would_block` made.
fn is_would_block(cx: &mut Cx) -> bool {
    let class = blocking_class(cx);
    py_object::types::as_type(class).is_some_and(|class| {
        let raised = cx.raised.get();
        raised != NONE && py_object::types::is_subclass(py_object::types::class_of(cx, raised), class)
    })
}

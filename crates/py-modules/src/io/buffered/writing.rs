//! Writing through a buffer.

use super::reading::flush_and_rewind;
use super::*;

/// Writes what has still to be written; the lock is held.
pub(super) fn flush_written(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
    if this.has_written() && this.write_start.get() < this.write_end.get() {
        let distance = this.raw_offset() + (this.position.get() - this.write_start.get());
        if distance != 0 {
            raw_seek(cx, this, -distance, 1)?;
            this.raw_position.init(this.raw_position.get() - distance);
        }
        while this.write_start.get() < this.write_end.get() {
            let (from, to) = (this.write_start.get() as usize, this.write_end.get() as usize);
            let start = content(&this, from, to).as_ptr();
            match raw_write(cx, this, start, to - from)? {
                Transfer::Blocked => return Err(would_block(cx, 0)),
                Transfer::Done(count) => {
                    this.write_start.init((from + count) as i64);
                    this.raw_position.init((from + count) as i64);
                }
            }
            // A raw stream may write byte by byte: handlers of signals run in between.
            cx.run_pending()?;
        }
    }
    this.forget_written();
    Ok(())
}

/// `flush()`.
pub(super) fn flush(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
    check_open(cx, this, "flush")?;
    let _held = enter(cx, this)?;
    flush_and_rewind(cx, this)
}

/// Writes what a writer holds, if it is open and nobody is inside of it: at the end of the process.
pub fn flush_text(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
    if !this.has(READY) || !this.has_written() || lock::is_mine(cx, &this.lock) || is_closed(cx, this)? {
        return Ok(());
    }
    flush(cx, this)
}

/// Makes room after a flush that had to stop: what is left moves to the start.
fn shift(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
    if this.has(READS) {
        this.forget_read();
    }
    let (start, end) = (this.write_start.get(), this.write_end.get());
    let memory = memory(cx, this)?;
    // SAFETY: both ranges lie in the buffer; they may overlap.
    unsafe { std::ptr::copy(memory.add(start as usize), memory, (end - start) as usize) };
    this.write_end.init(end - start);
    this.raw_position.init(this.raw_position.get() - start);
    this.position.init(this.position.get() - start);
    this.write_start.init(0);
    Ok(())
}

/// Adds bytes behind what has still to be written.
fn append(cx: &mut Cx, this: Gc<BufferedObject>, bytes: &[u8]) -> PyResult<()> {
    let end = this.write_end.get();
    fill(cx, this, end as usize, bytes)?;
    this.write_end.init(end + bytes.len() as i64);
    this.position.init(this.position.get() + bytes.len() as i64);
    Ok(())
}

/// `write(bytes)`. `bytes` is memory that the caller keeps alive.
pub fn write_bytes(cx: &mut Cx, this: Gc<BufferedObject>, bytes: &[u8]) -> PyResult<usize> {
    if is_closed(cx, this)? {
        return Err(cx.value_error("write to closed file"));
    }
    let _held = enter(cx, this)?;
    if !this.has_read() && !this.has_written() {
        this.position.init(0);
        this.raw_position.init(0);
    }
    let capacity = this.capacity.get() as usize;
    let position = this.position.get();
    let available = capacity - position as usize;
    if bytes.len() <= available && bytes.len() < capacity {
        fill(cx, this, position as usize, bytes)?;
        if !this.has_written() || this.write_start.get() > position {
            this.write_start.init(position);
        }
        this.move_to(position + bytes.len() as i64);
        if this.write_end.get() < this.position.get() {
            this.write_end.init(this.position.get());
        }
        return Ok(bytes.len());
    }
    if let Err(raised) = flush_written(cx, this) {
        if !is_would_block(cx) {
            return Err(raised);
        }
        let exception = cx.take_raised();
        shift(cx, this)?;
        let available = capacity - this.write_end.get() as usize;
        if bytes.len() <= available {
            append(cx, this, bytes)?;
            return Ok(bytes.len());
        }
        append(cx, this, &bytes[..available])?;
        set_characters_written(cx, exception, available)?;
        return Err(cx.raise_value(exception));
    }
    // The raw stream may be away from where the program is, which a flush need not mend.
    let distance = this.raw_offset();
    if distance != 0 {
        raw_seek(cx, this, -distance, 1)?;
        this.raw_position.init(this.raw_position.get() - distance);
    }
    write_large(cx, this, bytes)
}

/// Writes more than a buffer directly, and keeps the rest.
fn write_large(cx: &mut Cx, this: Gc<BufferedObject>, bytes: &[u8]) -> PyResult<usize> {
    let capacity = this.capacity.get() as usize;
    let mut written = 0;
    while bytes.len() - written > capacity {
        match raw_write(cx, this, bytes[written..].as_ptr(), bytes.len() - written)? {
            Transfer::Done(count) => written += count,
            Transfer::Blocked => {
                // More than fits is left: the buffer takes what it can.
                fill(cx, this, 0, &bytes[written..written + capacity])?;
                this.raw_position.init(0);
                this.move_to(capacity as i64);
                this.write_start.init(0);
                this.write_end.init(capacity as i64);
                return Err(would_block(cx, written + capacity));
            }
        }
        cx.run_pending()?;
    }
    if this.has(READS) {
        this.forget_read();
    }
    let rest = &bytes[written..];
    fill(cx, this, 0, rest)?;
    this.write_start.init(0);
    this.write_end.init(rest.len() as i64);
    this.move_to(rest.len() as i64);
    this.raw_position.init(0);
    Ok(bytes.len())
}

fn set_characters_written(cx: &mut Cx, exception: Value, count: usize) -> PyResult<()> {
    let name = cx.intern("characters_written");
    py_object::attribute::set(cx, exception, name, Some(Value::int(count as i64)))
}

//! Reading through a buffer.

use super::*;
use py_object::buffer::WritableView;

/// Room for bytes that the raw stream will fill.
fn room(cx: &mut Cx, length: usize) -> PyResult<Vec<u8>> {
    let mut room = Vec::new();
    if room.try_reserve_exact(length).is_err() {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    }
    room.resize(length, 0);
    Ok(room)
}

/// Reads into the free rest of the buffer.
fn fill_buffer(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<Transfer> {
    let start = if this.has_read() { this.read_end.get() } else { 0 };
    let length = (this.capacity.get() - start) as usize;
    let memory = memory(cx, this)?;
    // SAFETY: the start lies in the buffer.
    let transfer = raw_read(cx, this, unsafe { memory.add(start as usize) }, length)?;
    if let Transfer::Done(count) = transfer
        && count > 0
    {
        this.read_end.init(start + count as i64);
        this.raw_position.init(start + count as i64);
    }
    Ok(transfer)
}

/// Takes bytes that are there already.
fn take(cx: &mut Cx, this: Gc<BufferedObject>, count: usize) -> PyResult<Gc<Bytes>> {
    let at = this.position.get() as usize;
    let bytes = Bytes::checked(cx, content(&this, at, at + count))?;
    this.position.init((at + count) as i64);
    Ok(bytes)
}

/// Writes what has still to be written and moves the raw stream to where the program is.
pub(super) fn settle(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
    if this.has(WRITES) {
        super::writing::flush_written(cx, this)?;
    }
    Ok(())
}

/// The same before a read, which needs the raw stream at its own position.
pub(super) fn flush_and_rewind(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<()> {
    settle(cx, this)?;
    if this.has(READS) {
        // Rewinding before the buffer is forgotten, since the distance is in terms of it.
        let distance = this.raw_offset();
        let moved = raw_seek(cx, this, -distance, 1);
        this.forget_read();
        moved?;
    }
    Ok(())
}

/// Bytes that were gathered, or None where there are none because the raw stream would have to wait.
fn gathered(cx: &mut Cx, mut bytes: Vec<u8>, count: usize, transfer: Transfer) -> PyResult {
    if matches!(transfer, Transfer::Blocked) && count == 0 {
        return Ok(NONE);
    }
    bytes.truncate(count);
    Ok(Bytes::checked(cx, &bytes)?.value())
}

fn read_exactly(cx: &mut Cx, this: Gc<BufferedObject>, wanted: usize) -> PyResult {
    let ahead = this.ahead();
    if wanted <= ahead {
        return Ok(take(cx, this, wanted)?.value());
    }
    let capacity = this.capacity.get() as usize;
    let mut result = room(cx, wanted)?;
    let at = this.position.get() as usize;
    result[..ahead].copy_from_slice(content(&this, at, at + ahead));
    this.position.init((at + ahead) as i64);
    let mut count = ahead;
    if this.has(WRITES) {
        flush_and_rewind(cx, this)?;
    }
    this.forget_read();
    // Whole buffers are read to where they belong, without a copy.
    while (wanted - count) / capacity > 0 {
        let length = (wanted - count) / capacity * capacity;
        let transfer = raw_read(cx, this, result[count..].as_mut_ptr(), length)?;
        match transfer {
            Transfer::Done(got) if got > 0 => count += got,
            _ => return gathered(cx, result, count, transfer),
        }
    }
    for field in [&this.position, &this.raw_position, &this.read_end] {
        field.init(0);
    }
    while count < wanted && this.read_end.get() < capacity as i64 {
        let transfer = fill_buffer(cx, this)?;
        match transfer {
            Transfer::Done(got) if got > 0 => {
                let part = got.min(wanted - count);
                let at = this.position.get() as usize;
                result[count..count + part].copy_from_slice(content(&this, at, at + part));
                this.position.init((at + part) as i64);
                count += part;
            }
            _ => return gathered(cx, result, count, transfer),
        }
    }
    gathered(cx, result, count, Transfer::Done(count))
}

/// Everything up to the end.
fn read_everything(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
    let at = this.position.get() as usize;
    let ahead = this.ahead();
    let mut all = content(&this, at, at + ahead).to_vec();
    this.position.init((at + ahead) as i64);
    if this.has(WRITES) {
        flush_and_rewind(cx, this)?;
    }
    this.forget_read();
    let raw = this.raw.get();
    if let Some(readall) = checks::find(cx, raw, "readall")? {
        let rest = call::call(cx, readall, &[], None)?;
        if rest == NONE {
            return if all.is_empty() { Ok(NONE) } else { Ok(Bytes::checked(cx, &all)?.value()) };
        }
        let Some(rest) = downcast::<Bytes>(rest) else {
            return Err(cx.type_error("readall() should return bytes"));
        };
        if all.is_empty() {
            return Ok(rest.value());
        }
        all.extend_from_slice(py_object::string::bytes_of(&rest));
        return Ok(Bytes::checked(cx, &all)?.value());
    }
    loop {
        let part = call::call_method(cx, raw, "read", &[])?;
        if part == NONE && all.is_empty() {
            return Ok(NONE);
        }
        let bytes = downcast::<Bytes>(part);
        if part != NONE && bytes.is_none() {
            return Err(cx.type_error("read() should return bytes"));
        }
        match bytes.as_ref().map(py_object::string::bytes_of) {
            Some(part) if !part.is_empty() => all.extend_from_slice(part),
            _ => return Ok(Bytes::checked(cx, &all)?.value()),
        }
    }
}

/// `read(size)`.
pub(super) fn read(cx: &mut Cx, this: Gc<BufferedObject>, wanted: i64) -> PyResult {
    if wanted < -1 {
        return Err(cx.value_error("read length must be non-negative or -1"));
    }
    check_open(cx, this, "read")?;
    let _held = enter(cx, this)?;
    if wanted == -1 { read_everything(cx, this) } else { read_exactly(cx, this, wanted as usize) }
}

/// Everything, for `read()` of a text stream over an exact buffer.
pub fn read_all_bytes(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult {
    read(cx, this, -1)
}

/// `read1(size)`: at most one read of the raw stream.
pub fn read_once(cx: &mut Cx, this: Gc<BufferedObject>, wanted: i64) -> PyResult<Gc<Bytes>> {
    check_ready(cx, this)?;
    let wanted = usize::try_from(wanted).unwrap_or(this.capacity.get() as usize);
    check_open(cx, this, "read")?;
    if wanted == 0 {
        return Bytes::checked(cx, &[]);
    }
    let _held = enter(cx, this)?;
    let ahead = this.ahead();
    if ahead > 0 {
        return take(cx, this, ahead.min(wanted));
    }
    let mut result = room(cx, wanted)?;
    if this.has(WRITES) {
        flush_and_rewind(cx, this)?;
    }
    this.forget_read();
    match raw_read(cx, this, result.as_mut_ptr(), wanted)? {
        Transfer::Done(count) => Bytes::checked(cx, &result[..count]),
        Transfer::Blocked => Bytes::checked(cx, &[]),
    }
}

/// `readinto(buffer)`, or `readinto1`.
pub(super) fn read_into(cx: &mut Cx, this: Gc<BufferedObject>, buffer: Value, once: bool) -> PyResult {
    check_open(cx, this, "readinto")?;
    let view = WritableView::of(cx, buffer)?;
    let _held = enter(cx, this)?;
    let capacity = this.capacity.get() as usize;
    let at = this.position.get() as usize;
    let part = this.ahead().min(view.len());
    view.write(0, content(&this, at, at + part));
    this.position.init((at + part) as i64);
    let mut count = part;
    if count == view.len() {
        return Ok(Value::int(count as i64));
    }
    if this.has(WRITES) {
        flush_and_rewind(cx, this)?;
    }
    this.forget_read();
    this.position.init(0);
    while count < view.len() {
        let remaining = view.len() - count;
        let transfer = if remaining > capacity {
            // SAFETY: the rest of the view is that long, and its owner lies on this stack.
            raw_read(cx, this, unsafe { view.as_mut_ptr().add(count) }, remaining)?
        } else if once && count > 0 {
            break;
        } else {
            match fill_buffer(cx, this)? {
                Transfer::Done(got) if got > 0 => {
                    let part = got.min(remaining);
                    let at = this.position.get() as usize;
                    view.write(count, content(&this, at, at + part));
                    this.position.init((at + part) as i64);
                    Transfer::Done(part)
                }
                other => other,
            }
        };
        match transfer {
            Transfer::Done(got) if got > 0 => count += got,
            Transfer::Blocked if count == 0 => return Ok(NONE),
            _ => break,
        }
        if once {
            break;
        }
    }
    Ok(Value::int(count as i64))
}

/// `peek()`: what lies ahead, read if there is nothing.
pub(super) fn peek(cx: &mut Cx, this: Gc<BufferedObject>) -> PyResult<Gc<Bytes>> {
    check_open(cx, this, "peek")?;
    let _held = enter(cx, this)?;
    if this.has(WRITES) {
        flush_and_rewind(cx, this)?;
    }
    let ahead = this.ahead();
    if ahead > 0 {
        let at = this.position.get() as usize;
        return Bytes::checked(cx, content(&this, at, at + ahead));
    }
    this.forget_read();
    let count = match fill_buffer(cx, this)? {
        Transfer::Done(count) => count,
        Transfer::Blocked => 0,
    };
    this.position.init(0);
    Bytes::checked(cx, content(&this, 0, count))
}

/// `readline(size)`.
pub(super) fn read_line(cx: &mut Cx, this: Gc<BufferedObject>, limit: i64) -> PyResult<Gc<Bytes>> {
    check_open(cx, this, "readline")?;
    let _held = enter(cx, this)?;
    let mut line: Vec<u8> = Vec::new();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut is_first = true;
    loop {
        let at = this.position.get() as usize;
        let part = this.ahead().min(limit - line.len());
        let bytes = content(&this, at, at + part);
        let end = memchr::memchr(b'\n', bytes).map(|found| found + 1);
        let taken = end.unwrap_or(part);
        if (end.is_some() || line.len() + taken == limit) && line.is_empty() {
            return take(cx, this, taken);
        }
        line.extend_from_slice(&bytes[..taken]);
        this.position.init((at + taken) as i64);
        if end.is_some() || line.len() == limit {
            break;
        }
        if is_first && this.has(WRITES) {
            flush_and_rewind(cx, this)?;
        }
        is_first = false;
        this.forget_read();
        match fill_buffer(cx, this)? {
            Transfer::Done(count) if count > 0 => this.position.init(0),
            _ => break,
        }
    }
    Bytes::checked(cx, &line)
}

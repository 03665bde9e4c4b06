//! The methods of `bytes`.

use super::*;
use crate::arguments::SliceIndex;
use crate::cx::{NONE, NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::kinds::shapes;
use crate::objects::{Slice, Str};
use crate::operations::Comparison;
use crate::sequence::new_iterator;
use crate::string::StrExt;
use crate::types::slice;
use memchr::memmem;
use py_macros::py_methods;

fn ordered(comparison: Comparison, this: Gc<Bytes>, other: Value) -> Value {
    match downcast::<Bytes>(other) {
        Some(other) => bool_value(comparison.holds(bytes_of(&this).cmp(bytes_of(&other)))),
        None => NOT_IMPLEMENTED,
    }
}

fn repeat(cx: &mut Cx, this: Gc<Bytes>, count: Value) -> PyResult {
    let Some(count) = int::try_index(cx, count)? else { return Ok(NOT_IMPLEMENTED) };
    let repeated = crate::types::str::repeated_bytes(cx, bytes_of(&this), int::clamped(count))?;
    Ok(Bytes::checked(cx, &repeated)?.value())
}

/// What a search looks for: bytes or one byte.
fn wanted(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    if let Some(bytes) = downcast::<Bytes>(value) {
        return Ok(bytes_of(&bytes).to_vec());
    }
    match int::try_index(cx, value)? {
        Some(number) => match int::as_i64(number).and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => Ok(vec![byte]),
            None => Err(cx.value_error("byte must be in range(0, 256)")),
        },
        None => {
            let message = format!("argument should be integer or bytes-like object, not '{}'", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

fn window(this: &Gc<Bytes>, start: Option<SliceIndex>, end: Option<SliceIndex>) -> Option<(usize, &[u8])> {
    let content = bytes_of(this);
    let from =
        start.map_or(
            0,
            |start| {
                if start.0 > content.len() as i64 { content.len() + 1 } else { start.resolve(content.len()) }
            },
        );
    let to = end.map_or(content.len(), |end| end.resolve(content.len()));
    (from <= to).then(|| (from, &content[from..to]))
}

fn expect_bytes(cx: &mut Cx, value: Value) -> PyResult<Gc<Bytes>> {
    match downcast::<Bytes>(value) {
        Some(bytes) => Ok(bytes),
        None => {
            let message = format!("a bytes-like object is required, not '{}'", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

fn split(cx: &mut Cx, this: Gc<Bytes>, separator: Option<Value>, most: i64) -> PyResult<Gc<List>> {
    let content = bytes_of(&this);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    match separator {
        Some(separator) => {
            let separator = expect_bytes(cx, separator)?;
            let separator = bytes_of(&separator);
            if separator.is_empty() {
                return Err(cx.value_error("empty separator"));
            }
            let mut start = 0;
            for at in memmem::find_iter(content, separator).take(most) {
                pieces.push((start, at));
                start = at + separator.len();
            }
            pieces.push((start, content.len()));
        }
        None => {
            let mut at = 0;
            loop {
                at += content[at..].iter().take_while(|byte| is_space(**byte)).count();
                if at == content.len() {
                    break;
                }
                let end = if pieces.len() == most {
                    content.len()
                } else {
                    at + content[at..].iter().take_while(|byte| !is_space(**byte)).count()
                };
                pieces.push((at, end));
                at = end;
            }
        }
    }
    let list = List::new(cx, &[])?;
    for (from, to) in pieces {
        let piece = Bytes::checked(cx, &content[from..to])?;
        List::push(cx, list, piece.value())?;
    }
    Ok(list)
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn stripped(cx: &mut Cx, this: Gc<Bytes>, chars: Option<Value>, left: bool, right: bool) -> PyResult<Gc<Bytes>> {
    let set = match chars {
        Some(chars) => {
            let chars = expect_bytes(cx, chars)?;
            bytes_of(&chars).to_vec()
        }
        None => b" \t\n\r\x0b\x0c".to_vec(),
    };
    let mut content = bytes_of(&this);
    while left
        && let Some((first, rest)) = content.split_first()
        && set.contains(first)
    {
        content = rest;
    }
    while right
        && let Some((last, rest)) = content.split_last()
        && set.contains(last)
    {
        content = rest;
    }
    Bytes::checked(cx, content)
}

fn join(cx: &mut Cx, this: Gc<Bytes>, iterable: Value) -> PyResult<Gc<Bytes>> {
    let parts = list::sequence_of(cx, iterable)?;
    let (items, count) = List::snapshot(&parts);
    let mut result = Vec::new();
    for at in 0..count {
        let item = elements(&items)[at].get();
        let Some(part) = downcast::<Bytes>(item) else {
            let message = format!("sequence item {at}: expected a bytes-like object, {} found", class_name(cx, item));
            return Err(cx.type_error(message));
        };
        if at > 0 {
            result.extend_from_slice(bytes_of(&this));
        }
        result.extend_from_slice(bytes_of(&part));
    }
    Bytes::checked(cx, &result)
}

fn replaced(cx: &mut Cx, this: Gc<Bytes>, old: Value, new: Value, count: i64) -> PyResult<Gc<Bytes>> {
    let old = expect_bytes(cx, old)?;
    let new = expect_bytes(cx, new)?;
    let (content, old, new) = (bytes_of(&this), bytes_of(&old), bytes_of(&new));
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let mut result = Vec::with_capacity(content.len());
    let mut from = 0;
    if old.is_empty() {
        for (at, byte) in content.iter().enumerate() {
            if at < most {
                result.extend_from_slice(new);
            }
            result.push(*byte);
        }
        if content.len() < most {
            result.extend_from_slice(new);
        }
        return Bytes::checked(cx, &result);
    }
    for at in memmem::find_iter(content, old).take(most) {
        result.extend_from_slice(&content[from..at]);
        result.extend_from_slice(new);
        from = at + old.len();
    }
    result.extend_from_slice(&content[from..]);
    Bytes::checked(cx, &result)
}

/// The methods of `bytes`.
pub struct Methods;

#[py_methods(BYTES)]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(UNBOUND)]
        source: Value,
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult {
        let bytes = if source == UNBOUND {
            Bytes::checked(cx, &[])?
        } else if let Some(text) = downcast::<Str>(source) {
            if encoding.is_none() {
                return Err(cx.type_error("string argument without an encoding"));
            }
            let encoded = crate::codecs::encode(cx, text, encoding, errors)?;
            downcast::<Bytes>(encoded).expect("encoding gives bytes")
        } else if int::is_int(source) {
            let Some(count) = int::as_i64(source) else {
                return Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer"));
            };
            if count < 0 {
                return Err(cx.value_error("negative count"));
            }
            let zeros = crate::types::str::repeated_bytes(cx, b"\0", count)?;
            Bytes::checked(cx, &zeros)?
        } else {
            from_object(cx, source)?
        };
        Ok(of_class(cx, class, bytes))
    }
    #[method]
    fn __repr__(this: Gc<Bytes>) -> String {
        repr_of(bytes_of(&this))
    }
    #[method(trace = PureCall)]
    fn __len__(this: Gc<Bytes>) -> usize {
        bytes_of(&this).len()
    }
    #[method(trace = PureCall)]
    fn __hash__(cx: &mut Cx, this: Gc<Bytes>) -> i64 {
        if this.hash.get() == 0 {
            this.hash.init(crate::string::str_hash(cx.runtime, bytes_of(&this)));
        }
        (this.hash.get() >> 4) as i64
    }
    #[method(trace = PureCall)]
    fn __getitem__(cx: &mut Cx, this: Gc<Bytes>, key: Value) -> PyResult {
        let content = bytes_of(&this);
        if let Some(key) = downcast::<Slice>(key) {
            let range = slice::resolve(cx, key, content.len())?;
            let part: Vec<u8> =
                (0..range.count as i64).map(|at| content[(range.start + at * range.step) as usize]).collect();
            return Ok(Bytes::checked(cx, &part)?.value());
        }
        let at = int::sequence_index(cx, key, "byte")?;
        let at = if at < 0 { at + content.len() as i64 } else { at };
        match usize::try_from(at).ok().and_then(|at| content.get(at)) {
            Some(byte) => Ok(Value::int(i64::from(*byte))),
            None => Err(cx.raise(Kind::INDEX_ERROR, "index out of range")),
        }
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Bytes>) -> Value {
        new_iterator(cx, shapes::SEQUENCE_ITERATOR, this.value(), Value::int(0), NONE, NONE)
    }
    #[method]
    fn __contains__(cx: &mut Cx, this: Gc<Bytes>, key: Value) -> PyResult<bool> {
        let wanted = wanted(cx, key)?;
        Ok(memmem::find(bytes_of(&this), &wanted).is_some())
    }
    #[method(trace = PureCall)]
    fn __add__(cx: &mut Cx, this: Gc<Bytes>, value: Value) -> PyResult<Gc<Bytes>> {
        match downcast::<Bytes>(value) {
            Some(other) => Bytes::checked(cx, &[bytes_of(&this), bytes_of(&other)].concat()),
            None => {
                let message = format!("can't concat {} to bytes", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }
    #[method(trace = PureCall)]
    fn __mul__(cx: &mut Cx, this: Gc<Bytes>, value: Value) -> PyResult {
        repeat(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __rmul__(cx: &mut Cx, this: Gc<Bytes>, value: Value) -> PyResult {
        repeat(cx, this, value)
    }
    #[method(trace = PureCall)]
    fn __eq__(this: Gc<Bytes>, value: Value) -> Value {
        ordered(Comparison::Eq, this, value)
    }
    #[method(trace = PureCall)]
    fn __ne__(this: Gc<Bytes>, value: Value) -> Value {
        ordered(Comparison::Ne, this, value)
    }
    #[method(trace = PureCall)]
    fn __lt__(this: Gc<Bytes>, value: Value) -> Value {
        ordered(Comparison::Lt, this, value)
    }
    #[method(trace = PureCall)]
    fn __le__(this: Gc<Bytes>, value: Value) -> Value {
        ordered(Comparison::Le, this, value)
    }
    #[method(trace = PureCall)]
    fn __gt__(this: Gc<Bytes>, value: Value) -> Value {
        ordered(Comparison::Gt, this, value)
    }
    #[method(trace = PureCall)]
    fn __ge__(this: Gc<Bytes>, value: Value) -> Value {
        ordered(Comparison::Ge, this, value)
    }
    /// Decode the bytes using the codec registered for encoding.
    #[method]
    fn decode(
        cx: &mut Cx,
        this: Gc<Bytes>,
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult<Gc<Str>> {
        crate::codecs::decode(cx, this, encoding, errors)
    }
    /// Create a string of hexadecimal numbers from a bytes object.
    #[method]
    fn hex(this: Gc<Bytes>) -> String {
        bytes_of(&this).iter().map(|byte| format!("{byte:02x}")).collect()
    }
    /// Create a bytes object from a string of hexadecimal numbers.
    #[classmethod]
    fn fromhex(cx: &mut Cx, _class: Value, string: Gc<Str>) -> PyResult<Gc<Bytes>> {
        let text = string.to_text();
        let mut result = Vec::new();
        let mut at = 0;
        let digits = text.as_bytes();
        while at < digits.len() {
            if is_space(digits[at]) {
                at += 1;
                continue;
            }
            let pair = digits.get(at..at + 2).and_then(|pair| std::str::from_utf8(pair).ok());
            match pair.filter(|pair| !pair.starts_with('+')).and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
                Some(byte) => result.push(byte),
                None => {
                    let wrong = if digits[at].is_ascii_hexdigit() { at + 1 } else { at };
                    let message = format!("non-hexadecimal number found in fromhex() arg at position {wrong}");
                    return Err(cx.value_error(message));
                }
            }
            at += 2;
        }
        Bytes::checked(cx, &result)
    }
    /// Concatenate any number of bytes objects.
    #[method]
    fn join(cx: &mut Cx, this: Gc<Bytes>, iterable_of_bytes: Value) -> PyResult<Gc<Bytes>> {
        join(cx, this, iterable_of_bytes)
    }
    /// Return the lowest index where subsection 'sub' is found, such that 'sub' is contained within B[start,end].
    #[method]
    fn find(
        cx: &mut Cx,
        this: Gc<Bytes>,
        sub: Value,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<i64> {
        let wanted = wanted(cx, sub)?;
        let found = window(&this, start, end).and_then(|(from, part)| Some(from + memmem::find(part, &wanted)?));
        Ok(found.map_or(-1, |at| at as i64))
    }
    /// Return the number of non-overlapping occurrences of subsection 'sub' in bytes B[start:end].
    #[method]
    fn count(
        cx: &mut Cx,
        this: Gc<Bytes>,
        sub: Value,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<usize> {
        let wanted = wanted(cx, sub)?;
        Ok(window(&this, start, end).map_or(0, |(_, part)| {
            if wanted.is_empty() { part.len() + 1 } else { memmem::find_iter(part, &wanted).count() }
        }))
    }
    /// Return True if the bytes starts with the specified prefix, False otherwise.
    #[method]
    fn startswith(
        cx: &mut Cx,
        this: Gc<Bytes>,
        prefix: Value,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<bool> {
        let prefix = expect_bytes(cx, prefix)?;
        Ok(window(&this, start, end).is_some_and(|(_, part)| part.starts_with(bytes_of(&prefix))))
    }
    /// Return True if the bytes ends with the specified suffix, False otherwise.
    #[method]
    fn endswith(
        cx: &mut Cx,
        this: Gc<Bytes>,
        suffix: Value,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<bool> {
        let suffix = expect_bytes(cx, suffix)?;
        Ok(window(&this, start, end).is_some_and(|(_, part)| part.ends_with(bytes_of(&suffix))))
    }
    /// Return a copy with all occurrences of substring old replaced by new.
    #[method]
    fn replace(cx: &mut Cx, this: Gc<Bytes>, old: Value, new: Value, #[default(-1)] count: i64) -> PyResult<Gc<Bytes>> {
        replaced(cx, this, old, new, count)
    }
    /// Return a list of the sections in the bytes, using sep as the delimiter.
    #[method]
    fn split(
        cx: &mut Cx,
        this: Gc<Bytes>,
        #[keyword] sep: Option<Value>,
        #[keyword]
        #[default(-1)]
        maxsplit: i64,
    ) -> PyResult<Gc<List>> {
        split(cx, this, sep, maxsplit)
    }
    /// Strip leading and trailing bytes contained in the argument.
    #[method]
    fn strip(cx: &mut Cx, this: Gc<Bytes>, bytes: Option<Value>) -> PyResult<Gc<Bytes>> {
        stripped(cx, this, bytes, true, true)
    }
    /// Strip leading bytes contained in the argument.
    #[method]
    fn lstrip(cx: &mut Cx, this: Gc<Bytes>, bytes: Option<Value>) -> PyResult<Gc<Bytes>> {
        stripped(cx, this, bytes, true, false)
    }
    /// Strip trailing bytes contained in the argument.
    #[method]
    fn rstrip(cx: &mut Cx, this: Gc<Bytes>, bytes: Option<Value>) -> PyResult<Gc<Bytes>> {
        stripped(cx, this, bytes, false, true)
    }
    /// B.upper() -> copy of B
    #[method]
    fn upper(cx: &mut Cx, this: Gc<Bytes>) -> PyResult<Gc<Bytes>> {
        Bytes::checked(cx, &bytes_of(&this).to_ascii_uppercase())
    }
    /// B.lower() -> copy of B
    #[method]
    fn lower(cx: &mut Cx, this: Gc<Bytes>) -> PyResult<Gc<Bytes>> {
        Bytes::checked(cx, &bytes_of(&this).to_ascii_lowercase())
    }
}

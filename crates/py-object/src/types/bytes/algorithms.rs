//! What `bytes` and `bytearray` have in common: algorithms on plain bytes.

use crate::arguments::SliceIndex;
use crate::buffer::ByteView;
use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::Kind;
use crate::object::Object;
use crate::objects::{Bytes, List, Str, Tuple};
use crate::sequence::tuple_items;
use crate::string::{StrExt, bytes_of, downcast};
use crate::types::str::matches;
use crate::types::{class_name, int, list};
use memchr::memmem;
use vm_heap::{Gc, Value};

/// `bytes` or `bytearray`.
pub(crate) trait ByteString: Object + Sized {
    /// Name of the class.
    const NAME: &'static str;
    /// The bytes as they are now. The slice must not be kept across anything that takes the context.
    fn content(this: &Gc<Self>) -> &[u8];
    /// A new exact instance.
    fn make(cx: &mut Cx, bytes: &[u8]) -> PyResult;
    /// A result that is equal to `this`: itself where it cannot change.
    fn same(cx: &mut Cx, this: Gc<Self>) -> PyResult;
    /// `this + other` where neither changes.
    fn sum(_cx: &mut Cx, _this: Gc<Self>, _other: Value) -> Option<PyResult> {
        None
    }
    /// Notes that the size must not change from now on, or may again.
    fn hold(_this: Gc<Self>, _held: bool) {}
}

/// Keeps a bytearray from being resized by Python code that converts an argument.
pub(crate) struct Held<T: ByteString>(Gc<T>);

impl<T: ByteString> Held<T> {
    pub(crate) fn new(this: Gc<T>) -> Held<T> {
        T::hold(this, true);
        Held(this)
    }
}

impl<T: ByteString> Drop for Held<T> {
    fn drop(&mut self) {
        T::hold(self.0, false);
    }
}

/// Whether a byte counts as white space.
pub(crate) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// What a search looks for: bytes or one byte.
pub(crate) fn wanted(cx: &mut Cx, value: Value, contains: bool) -> PyResult<Vec<u8>> {
    if let Some(view) = ByteView::find(cx, value)? {
        return Ok(view.bytes().to_vec());
    }
    match int::try_index(cx, value)? {
        Some(number) => match int::as_i64(number).and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => Ok(vec![byte]),
            None => Err(cx.value_error("byte must be in range(0, 256)")),
        },
        None => {
            let class = class_name(cx, value);
            let message = match contains {
                true => format!("a bytes-like object is required, not '{class}'"),
                false => format!("argument should be integer or bytes-like object, not '{class}'"),
            };
            Err(cx.type_error(message))
        }
    }
}

/// One byte as an argument: a number below 256.
pub(crate) fn byte_of(cx: &mut Cx, value: Value) -> PyResult<u8> {
    let number = int::index(cx, value)?;
    match int::as_i64(number).and_then(|number| u8::try_from(number).ok()) {
        Some(byte) => Ok(byte),
        None => Err(cx.value_error("byte must be in range(0, 256)")),
    }
}

/// The part of the content between two bounds, and where it begins; `None` where the start lies behind the end.
pub(crate) fn window(content: &[u8], start: Option<SliceIndex>, end: Option<SliceIndex>) -> Option<(usize, &[u8])> {
    let length = content.len();
    let from = match start {
        Some(start) if start.0 > length as i64 => length + 1,
        Some(start) => start.resolve(length),
        None => 0,
    };
    let to = end.map_or(length, |end| end.resolve(length));
    (from <= to).then(|| (from, &content[from..to]))
}

/// Position of a subsection, from the left or the right.
pub(crate) fn find<T: ByteString>(
    cx: &mut Cx,
    this: Gc<T>,
    sub: Value,
    bounds: (Option<SliceIndex>, Option<SliceIndex>),
    from_right: bool,
) -> PyResult<Option<usize>> {
    let search = |content: &[u8], wanted: &[u8]| {
        let (from, part) = window(content, bounds.0, bounds.1)?;
        let at = if from_right { matches::last(part, wanted) } else { matches::first(part, wanted) };
        at.map(|at| from + at)
    };
    if let Some(wanted) = downcast::<Bytes>(sub) {
        return Ok(search(T::content(&this), bytes_of(&wanted)));
    }
    let _held = Held::new(this);
    let wanted = wanted(cx, sub, false)?;
    Ok(search(T::content(&this), &wanted))
}

/// How often a subsection occurs.
pub(crate) fn count<T: ByteString>(
    cx: &mut Cx,
    this: Gc<T>,
    sub: Value,
    start: Option<SliceIndex>,
    end: Option<SliceIndex>,
) -> PyResult<usize> {
    let _held = Held::new(this);
    let wanted = wanted(cx, sub, false)?;
    Ok(window(T::content(&this), start, end).map_or(0, |(_, part)| {
        if wanted.is_empty() { part.len() + 1 } else { memmem::find_iter(part, &wanted).count() }
    }))
}

/// `startswith` and `endswith`: one affix or a tuple of them.
pub(crate) fn has_affix<T: ByteString>(
    cx: &mut Cx,
    this: Gc<T>,
    affix: Value,
    bounds: (Option<SliceIndex>, Option<SliceIndex>),
    at_start: bool,
) -> PyResult<bool> {
    if let Some(tuple) = downcast::<Tuple>(affix) {
        for one in tuple_items(&tuple) {
            let view = ByteView::of(cx, *one)?;
            if matches_affix(T::content(&this), view.bytes(), bounds, at_start) {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let Some(view) = ByteView::find(cx, affix)? else {
        let method = if at_start { "startswith" } else { "endswith" };
        let message = format!("{method} first arg must be bytes or a tuple of bytes, not {}", class_name(cx, affix));
        return Err(cx.type_error(message));
    };
    Ok(matches_affix(T::content(&this), view.bytes(), bounds, at_start))
}

fn matches_affix(
    content: &[u8],
    affix: &[u8],
    bounds: (Option<SliceIndex>, Option<SliceIndex>),
    at_start: bool,
) -> bool {
    window(content, bounds.0, bounds.1).is_some_and(|(_, part)| match at_start {
        true => part.starts_with(affix),
        false => part.ends_with(affix),
    })
}

/// A list of pieces of the content.
fn pieces<T: ByteString>(cx: &mut Cx, content: &[u8], ranges: &[(usize, usize)]) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    for (from, to) in ranges {
        let piece = T::make(cx, &content[*from..*to])?;
        List::push(cx, list, piece)?;
    }
    Ok(list)
}

/// `split` and `rsplit`.
pub(crate) fn split<T: ByteString>(
    cx: &mut Cx,
    this: Gc<T>,
    separator: Value,
    most: i64,
    from_right: bool,
) -> PyResult<Gc<List>> {
    let _held = Held::new(this);
    let separator = if separator == NONE { None } else { Some(ByteView::of(cx, separator)?) };
    let separator = separator.map(|view| view.bytes().to_vec());
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let content = T::content(&this).to_vec();
    let ranges = match (separator, from_right) {
        (Some(separator), _) if separator.is_empty() => return Err(cx.value_error("empty separator")),
        (Some(separator), false) => split_left(&content, &separator, most),
        (Some(separator), true) => split_right(&content, &separator, most),
        (None, false) => words_left(&content, most),
        (None, true) => words_right(&content, most),
    };
    pieces::<T>(cx, &content, &ranges)
}

fn split_left(content: &[u8], separator: &[u8], most: usize) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(content, separator).take(most) {
        ranges.push((start, at));
        start = at + separator.len();
    }
    ranges.push((start, content.len()));
    ranges
}

fn split_right(content: &[u8], separator: &[u8], most: usize) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut end = content.len();
    while ranges.len() < most
        && let Some(at) = memmem::rfind(&content[..end], separator)
    {
        ranges.push((at + separator.len(), end));
        end = at;
    }
    ranges.push((0, end));
    ranges.reverse();
    ranges
}

fn words_left(content: &[u8], most: usize) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    loop {
        at += content[at..].iter().take_while(|byte| is_space(**byte)).count();
        if at == content.len() {
            return ranges;
        }
        let end = if ranges.len() == most {
            content.len()
        } else {
            at + content[at..].iter().take_while(|byte| !is_space(**byte)).count()
        };
        ranges.push((at, end));
        at = end;
    }
}

fn words_right(content: &[u8], most: usize) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut end = content.len();
    loop {
        end -= content[..end].iter().rev().take_while(|byte| is_space(**byte)).count();
        if end == 0 {
            break;
        }
        let start = if ranges.len() == most {
            0
        } else {
            end - content[..end].iter().rev().take_while(|byte| !is_space(**byte)).count()
        };
        ranges.push((start, end));
        end = start;
    }
    ranges.reverse();
    ranges
}

/// `splitlines`.
pub(crate) fn lines<T: ByteString>(cx: &mut Cx, this: Gc<T>, keep_ends: bool) -> PyResult<Gc<List>> {
    let content = T::content(&this).to_vec();
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < content.len() {
        let length = content[start..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
        let end = start + length;
        let next = match (content.get(end), content.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => end + 2,
            (Some(_), _) => end + 1,
            (None, _) => end,
        };
        ranges.push((start, if keep_ends { next } else { end }));
        start = next;
    }
    pieces::<T>(cx, &content, &ranges)
}

/// `partition` and `rpartition`.
pub(crate) fn partition<T: ByteString>(cx: &mut Cx, this: Gc<T>, separator: Value, from_right: bool) -> PyResult {
    let _held = Held::new(this);
    let view = ByteView::of(cx, separator)?;
    let wanted = view.bytes().to_vec();
    if wanted.is_empty() {
        return Err(cx.value_error("empty separator"));
    }
    let content = T::content(&this).to_vec();
    let at = if from_right { memmem::rfind(&content, &wanted) } else { memmem::find(&content, &wanted) };
    let parts = List::new(cx, &[])?;
    let ranges: [&[u8]; 3] = match at {
        Some(at) => [&content[..at], &wanted, &content[at + wanted.len()..]],
        None if from_right => [&[], &[], &content],
        None => [&content, &[], &[]],
    };
    for range in ranges {
        let part = T::make(cx, range)?;
        List::push(cx, parts, part)?;
    }
    Ok(Tuple::from_list(cx, parts)?.value())
}

/// `strip` and its kin.
pub(crate) fn stripped<T: ByteString>(cx: &mut Cx, this: Gc<T>, chars: Value, left: bool, right: bool) -> PyResult {
    let set = match chars {
        NONE => b" \t\n\r\x0b\x0c".to_vec(),
        chars => ByteView::of(cx, chars)?.bytes().to_vec(),
    };
    let content = T::content(&this).to_vec();
    let mut rest = &content[..];
    while left
        && let Some((first, behind)) = rest.split_first()
        && set.contains(first)
    {
        rest = behind;
    }
    while right
        && let Some((last, before)) = rest.split_last()
        && set.contains(last)
    {
        rest = before;
    }
    if rest.len() == content.len() { T::same(cx, this) } else { T::make(cx, rest) }
}

/// `join`.
pub(crate) fn join<T: ByteString>(cx: &mut Cx, this: Gc<T>, iterable: Value) -> PyResult {
    let _held = Held::new(this);
    let parts = list::sequence_of(cx, iterable)?;
    let count = list::length(parts);
    let mut result = Vec::new();
    for at in 0..count {
        if list::length(parts) != count {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "sequence changed size during iteration"));
        }
        let Some(item) = list::item(parts, at) else { break };
        let Some(part) = ByteView::find(cx, item)? else {
            let message = format!("sequence item {at}: expected a bytes-like object, {} found", class_name(cx, item));
            return Err(cx.type_error(message));
        };
        if at > 0 {
            result.extend_from_slice(T::content(&this));
        }
        result.extend_from_slice(part.bytes());
    }
    if list::length(parts) != count {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "sequence changed size during iteration"));
    }
    T::make(cx, &result)
}

/// `replace`.
pub(crate) fn replaced<T: ByteString>(cx: &mut Cx, this: Gc<T>, old: Value, new: Value, count: i64) -> PyResult {
    let old = ByteView::of(cx, old)?.bytes().to_vec();
    let new = ByteView::of(cx, new)?.bytes().to_vec();
    let content = T::content(&this).to_vec();
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let mut result = Vec::with_capacity(content.len());
    if old.is_empty() {
        for (at, byte) in content.iter().enumerate() {
            if at < most {
                result.extend_from_slice(&new);
            }
            result.push(*byte);
        }
        if content.len() < most {
            result.extend_from_slice(&new);
        }
        return T::make(cx, &result);
    }
    let mut from = 0;
    for at in memmem::find_iter(&content, &old).take(most) {
        result.extend_from_slice(&content[from..at]);
        result.extend_from_slice(&new);
        from = at + old.len();
    }
    if from == 0 && result.is_empty() {
        return T::same(cx, this);
    }
    result.extend_from_slice(&content[from..]);
    T::make(cx, &result)
}

/// `translate`.
pub(crate) fn translated<T: ByteString>(cx: &mut Cx, this: Gc<T>, table: Value, delete: Value) -> PyResult {
    let table = match table {
        NONE => None,
        table => {
            let table = ByteView::of(cx, table)?.bytes().to_vec();
            if table.len() != 256 {
                return Err(cx.value_error("translation table must be 256 characters long"));
            }
            Some(table)
        }
    };
    let delete = match delete {
        crate::cx::UNBOUND => Vec::new(),
        delete => ByteView::of(cx, delete)?.bytes().to_vec(),
    };
    let kept = T::content(&this).iter().filter(|byte| !delete.contains(byte));
    let result: Vec<u8> = match table {
        Some(table) => kept.map(|byte| table[*byte as usize]).collect(),
        None => kept.copied().collect(),
    };
    T::make(cx, &result)
}

/// `maketrans`.
pub(crate) fn translation_table(cx: &mut Cx, from: Value, to: Value) -> PyResult {
    let from = ByteView::of(cx, from)?.bytes().to_vec();
    let to = ByteView::of(cx, to)?.bytes().to_vec();
    if from.len() != to.len() {
        return Err(cx.value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    for (from, to) in from.iter().zip(to) {
        table[*from as usize] = to;
    }
    Ok(crate::objects::Bytes::checked(cx, &table)?.value())
}

/// Padding: spaces to the left and to the right of the content.
pub(crate) fn padded<T: ByteString>(
    cx: &mut Cx,
    this: Gc<T>,
    width: i64,
    fill: Value,
    method: &str,
    left: impl FnOnce(usize, usize) -> usize,
) -> PyResult {
    let fill = match fill {
        crate::cx::UNBOUND => b' ',
        fill => {
            let Some(view) = ByteView::find(cx, fill)? else {
                let class = class_name(cx, fill);
                let message = format!("{method}() argument 2 must be a byte string of length 1, not {class}");
                return Err(cx.type_error(message));
            };
            match view.bytes() {
                [byte] => *byte,
                several => {
                    let (class, length) = (class_name(cx, fill), several.len());
                    let message = format!(
                        "{method}(): argument 2 must be a byte string of length 1, not a {class} object of length {length}"
                    );
                    return Err(cx.type_error(message));
                }
            }
        }
    };
    let content = T::content(&this).to_vec();
    let padding = usize::try_from(width).unwrap_or(0).saturating_sub(content.len());
    if padding == 0 {
        return T::same(cx, this);
    }
    let before = left(padding, usize::try_from(width).unwrap_or(0));
    let result = crate::types::str::repeated_bytes(cx, &[fill], padding as i64)?;
    let all = [&result[..before], &content, &result[before..]].concat();
    T::make(cx, &all)
}

/// `zfill`.
pub(crate) fn zero_filled<T: ByteString>(cx: &mut Cx, this: Gc<T>, width: i64) -> PyResult {
    let content = T::content(&this).to_vec();
    let padding = usize::try_from(width).unwrap_or(0).saturating_sub(content.len());
    if padding == 0 {
        return T::same(cx, this);
    }
    let sign = usize::from(matches!(content.first(), Some(b'+' | b'-')));
    let zeros = crate::types::str::repeated_bytes(cx, b"0", padding as i64)?;
    T::make(cx, &[&content[..sign], &zeros, &content[sign..]].concat())
}

/// `expandtabs`.
pub(crate) fn expanded<T: ByteString>(cx: &mut Cx, this: Gc<T>, size: i64) -> PyResult {
    let mut result = Vec::new();
    let mut column = 0usize;
    let size = usize::try_from(size).unwrap_or(0);
    for byte in T::content(&this) {
        match byte {
            b'\t' => {
                let spaces = if size == 0 { 0 } else { size - column % size };
                if result.len() + spaces > 1 << 40 {
                    return Err(cx.raise(Kind::OVERFLOW_ERROR, "result too long"));
                }
                result.resize(result.len() + spaces, b' ');
                column += spaces;
            }
            b'\n' | b'\r' => {
                result.push(*byte);
                column = 0;
            }
            _ => {
                result.push(*byte);
                column += 1;
            }
        }
    }
    T::make(cx, &result)
}

/// `title`.
pub(crate) fn titled(content: &[u8]) -> Vec<u8> {
    let mut previous_cased = false;
    let title = |byte: &u8| {
        let result = if previous_cased { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
        previous_cased = byte.is_ascii_alphabetic();
        result
    };
    content.iter().map(title).collect()
}

/// `istitle`.
pub(crate) fn is_title(content: &[u8]) -> bool {
    let (mut previous_cased, mut found) = (false, false);
    for byte in content {
        if byte.is_ascii_uppercase() && previous_cased || byte.is_ascii_lowercase() && !previous_cased {
            return false;
        }
        previous_cased = byte.is_ascii_alphabetic();
        found |= previous_cased;
    }
    found
}

/// Whether there are bytes and all satisfy a condition.
pub(crate) fn all(content: &[u8], holds: impl Fn(&u8) -> bool) -> bool {
    !content.is_empty() && content.iter().all(holds)
}

/// `islower` and `isupper`: some cased byte, and none of the other case.
pub(crate) fn has_case(content: &[u8], own: impl Fn(&u8) -> bool, other: impl Fn(&u8) -> bool) -> bool {
    content.iter().any(own) && !content.iter().any(other)
}

/// `hex`: digits in groups.
pub(crate) fn hexadecimal(cx: &mut Cx, content: &[u8], separator: Value, per_group: i64) -> PyResult<String> {
    let separator = match separator {
        crate::cx::UNBOUND => None,
        separator => {
            let text = match (downcast::<Str>(separator), ByteView::try_of(separator)) {
                (Some(text), _) => text.bytes().to_vec(),
                (None, Some(view)) => view.bytes().to_vec(),
                _ => {
                    crate::operations::length(cx, separator)?;
                    return Err(cx.type_error("sep must be str or bytes."));
                }
            };
            let length = crate::operations::length(cx, separator)?;
            if length != 1 {
                return Err(cx.value_error("sep must be length 1."));
            }
            if !text.first().is_some_and(u8::is_ascii) {
                return Err(cx.value_error("sep must be ASCII."));
            }
            Some(text[0] as char)
        }
    };
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut result = String::with_capacity(content.len() * 2);
    let size = per_group.unsigned_abs() as usize;
    for (at, byte) in content.iter().enumerate() {
        if let Some(separator) = separator
            && at > 0
            && size > 0
        {
            let position = if per_group > 0 { content.len() - at } else { at };
            if position.is_multiple_of(size) {
                result.push(separator);
            }
        }
        result.push(DIGITS[(byte >> 4) as usize] as char);
        result.push(DIGITS[(byte & 15) as usize] as char);
    }
    Ok(result)
}

/// `fromhex`: pairs of hexadecimal digits, spaces between them.
pub(crate) fn from_hexadecimal(cx: &mut Cx, source: Value) -> PyResult<Vec<u8>> {
    let digits = match (downcast::<Str>(source), ByteView::find(cx, source)?) {
        (Some(text), _) => text.bytes().to_vec(),
        (None, Some(view)) => view.bytes().to_vec(),
        _ => {
            let message = format!("fromhex() argument must be str or bytes-like, not {}", class_name(cx, source));
            return Err(cx.type_error(message));
        }
    };
    let digit = |at: usize| digits.get(at).and_then(|byte| (*byte as char).to_digit(16));
    let mut result = Vec::new();
    let mut at = 0;
    while at < digits.len() {
        if is_space(digits[at]) {
            at += 1;
            continue;
        }
        match (digit(at), digit(at + 1)) {
            (Some(high), Some(low)) => result.push((high << 4 | low) as u8),
            (Some(_), None) if at + 1 == digits.len() => {
                let message = "fromhex() arg must contain an even number of hexadecimal digits";
                return Err(cx.value_error(message));
            }
            (high, _) => {
                let wrong = at + usize::from(high.is_some());
                let wrong = crate::string::count_characters(&digits[..wrong]);
                let message = format!("non-hexadecimal number found in fromhex() arg at position {wrong}");
                return Err(cx.value_error(message));
            }
        }
        at += 2;
    }
    Ok(result)
}

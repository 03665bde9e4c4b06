//! Searching, replacing and splitting text.

use super::matches::{self, Matches};
use super::*;
use crate::arguments::{Index, SliceIndex};
use crate::list_builder::ListBuilder;
use crate::objects::Tuple;
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::types::class_name;
use py_macros::py_methods;

/// The byte range that the bounds of a search mean; `None` where the start lies behind the end.
fn range(cx: &mut Cx, text: Gc<Str>, start: Option<SliceIndex>, end: Option<SliceIndex>) -> Option<(usize, usize)> {
    let length = length(text);
    let from = start.map_or(0, |start| if start.0 > length as i64 { length + 1 } else { start.resolve(length) });
    let to = end.map_or(length, |end| end.resolve(length));
    if from > to {
        return None;
    }
    if text.is_ascii() {
        return Some((from, to));
    }
    Some((index::offset_prepared(cx, text, from), index::offset_prepared(cx, text, to)))
}

type Bounds = (Option<SliceIndex>, Option<SliceIndex>);

fn find(cx: &mut Cx, text: Gc<Str>, wanted: Gc<Str>, bounds: Bounds, from_right: bool) -> Option<usize> {
    let (from, to) = range(cx, text, bounds.0, bounds.1)?;
    let bytes = text.bytes();
    let window = &bytes[from..to];
    let wanted = wanted.bytes();
    let found = if from_right { matches::last(window, wanted) } else { matches::first(window, wanted) }?;
    if text.is_ascii() {
        return Some(from + found);
    }
    index::prepare(cx, text);
    Some(index::position(text, from + found))
}

fn count(cx: &mut Cx, text: Gc<Str>, wanted: Gc<Str>, bounds: Bounds) -> usize {
    let Some((from, to)) = range(cx, text, bounds.0, bounds.1) else { return 0 };
    let window = &text.bytes()[from..to];
    if wanted.bytes().is_empty() {
        return crate::string::count_characters(window) + 1;
    }
    Matches::new(window, wanted.bytes()).count()
}

/// `startswith` and `endswith`.
fn has_affix(cx: &mut Cx, text: Gc<Str>, affix: Value, bounds: Bounds, name: &str, at_end: bool) -> PyResult<bool> {
    let range = range(cx, text, bounds.0, bounds.1);
    let test = |affix: Gc<Str>| {
        range.is_some_and(|(from, to)| {
            let window = &text.bytes()[from..to];
            if at_end { window.ends_with(affix.bytes()) } else { window.starts_with(affix.bytes()) }
        })
    };
    if let Some(affix) = downcast::<Str>(affix) {
        return Ok(test(affix));
    }
    let Some(tuple) = downcast::<Tuple>(affix) else {
        let message = format!("{name} first arg must be str or a tuple of str, not {}", class_name(cx, affix));
        return Err(cx.type_error(message));
    };
    for item in tuple_items(&tuple) {
        match downcast::<Str>(*item) {
            Some(affix) if test(affix) => return Ok(true),
            Some(_) => {}
            None => {
                let message = format!("tuple for {name} must only contain str, not {}", class_name(cx, *item));
                return Err(cx.type_error(message));
            }
        }
    }
    Ok(false)
}

fn replace(cx: &mut Cx, text: Gc<Str>, old: Gc<Str>, new: Gc<Str>, count: i64) -> PyResult {
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    if old.bytes().is_empty() {
        return replace_between(cx, text, new, most);
    }
    let (bytes, old_bytes, new_bytes) = (text.bytes(), old.bytes(), new.bytes());
    if let ([from], [to]) = (old_bytes, new_bytes) {
        let Some(start) = memchr::memchr(*from, bytes).filter(|_| most > 0) else { return Ok(text.value()) };
        let result = Str::build(cx, bytes.len(), length(text), |place| {
            if most >= bytes.len() {
                place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = if byte == from { *to } else { *byte });
                return;
            }
            place.copy_from_slice(bytes);
            for at in memchr::memchr_iter(*from, &bytes[start..]).take(most) {
                place[start + at] = *to;
            }
        })?;
        return Ok(result.value());
    }
    let count = Matches::new(bytes, old_bytes).take(most).count();
    if count == 0 {
        return Ok(text.value());
    }
    let Some(size) = count.checked_mul(new_bytes.len()).filter(|size| *size <= 1 << 40) else {
        return Err(cx.raise(crate::Kind::MEMORY_ERROR, ""));
    };
    let size = bytes.len() - count * old_bytes.len() + size;
    let characters = length(text) - count * length(old) + count * length(new);
    let result = Str::build(cx, size, characters, |mut place| {
        let mut from = 0;
        let mut write = |part: &[u8]| {
            let (here, rest) = std::mem::take(&mut place).split_at_mut(part.len());
            here.copy_from_slice(part);
            place = rest;
        };
        for at in Matches::new(bytes, old_bytes).take(count) {
            write(&bytes[from..at]);
            write(new_bytes);
            from = at + old_bytes.len();
        }
        write(&bytes[from..]);
    })?;
    Ok(result.value())
}

/// Puts a text between all characters and at both ends.
fn replace_between(cx: &mut Cx, text: Gc<Str>, new: Gc<Str>, most: usize) -> PyResult {
    let (bytes, new) = (text.bytes(), new.bytes());
    let mut result = Vec::with_capacity(bytes.len());
    let (mut at, mut left) = (0, most);
    while left > 0 {
        result.extend_from_slice(new);
        left -= 1;
        if at == bytes.len() {
            break;
        }
        let next = at + byte_offset(&bytes[at..], text.is_ascii(), 1);
        result.extend_from_slice(&bytes[at..next]);
        at = next;
    }
    result.extend_from_slice(&bytes[at..]);
    Ok(Str::checked(cx, &result)?.value())
}

/// A list of stretches of a text.
fn list_of(cx: &mut Cx, text: Gc<Str>, pieces: &[(usize, usize)]) -> PyResult {
    let mut list = ListBuilder::new(cx, pieces.len())?;
    for (from, to) in pieces {
        let piece = Str::part(cx, text, *from, *to)?;
        list.push(cx, piece.value())?;
    }
    Ok(list.finish(cx).value())
}

/// Room for the pieces of most texts.
const FEW_PIECES: usize = 12;

/// The words of a text of ASCII characters.
fn ascii_words(cx: &mut Cx, text: Gc<Str>) -> PyResult {
    let mut list = ListBuilder::new(cx, FEW_PIECES)?;
    let bytes = text.bytes();
    let mut at = 0;
    loop {
        while at < bytes.len() && is_ascii_space(bytes[at]) {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && !is_ascii_space(bytes[at]) {
            at += 1;
        }
        if start == at {
            return Ok(list.finish(cx).value());
        }
        let whole = start == 0 && at == bytes.len();
        let word = if whole { text } else { Str::part(cx, text, start, at)? };
        list.push(cx, word.value())?;
    }
}

/// The words of a text, at most `most` splits, counted from one end.
fn words(text: Gc<Str>, most: i64, from_right: bool) -> Vec<(usize, usize)> {
    let bytes = text.bytes();
    // Offsets and ends of all characters that are no white space, as stretches.
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    let mut points = code_points(bytes);
    let mut at = 0;
    let mut inside = false;
    while let Some(code) = points.next() {
        let next = bytes.len() - points.bytes.len();
        if char::from_u32(code).is_some_and(is_space) {
            inside = false;
        } else if inside {
            if let Some(last) = stretches.last_mut() {
                last.1 = next;
            }
        } else {
            stretches.push((at, next));
            inside = true;
        }
        at = next;
    }
    let Ok(most) = usize::try_from(most) else { return stretches };
    if stretches.len() <= most + 1 {
        if most == 0 || stretches.len() == most + 1 {
            extend_last(&mut stretches, bytes, from_right, most);
        }
        return stretches;
    }
    if from_right {
        let cut = stretches.len() - most;
        let merged = (0, stretches[cut - 1].1);
        stretches.drain(..cut);
        stretches.insert(0, merged);
    } else {
        let merged = (stretches[most].0, bytes.len());
        stretches.truncate(most);
        stretches.push(merged);
    }
    stretches
}

/// Once the splits are used up, the remainder keeps its white space at the far end.
fn extend_last(stretches: &mut [(usize, usize)], bytes: &[u8], from_right: bool, most: usize) {
    if stretches.len() != most + 1 {
        return;
    }
    if from_right {
        if let Some(first) = stretches.first_mut() {
            first.0 = 0;
        }
    } else if let Some(last) = stretches.last_mut() {
        last.1 = bytes.len();
    }
}

fn split(cx: &mut Cx, text: Gc<Str>, separator: Option<Value>, most: i64, from_right: bool) -> PyResult {
    let Some(separator) = separator else {
        if most < 0 && text.is_ascii() {
            return ascii_words(cx, text);
        }
        let pieces = words(text, most, from_right);
        return list_of(cx, text, &pieces);
    };
    let Some(separator) = downcast::<Str>(separator) else {
        let message = format!("must be str or None, not {}", class_name(cx, separator));
        return Err(cx.type_error(message));
    };
    let (bytes, separator) = (text.bytes(), separator.bytes());
    if separator.is_empty() {
        return Err(cx.value_error("empty separator"));
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if from_right {
        let mut pieces = Vec::new();
        let mut end = bytes.len();
        while pieces.len() < most
            && let Some(at) = matches::last(&bytes[..end], separator)
        {
            pieces.push((at + separator.len(), end));
            end = at;
        }
        pieces.push((0, end));
        pieces.reverse();
        return list_of(cx, text, &pieces);
    }
    let mut list = ListBuilder::new(cx, FEW_PIECES)?;
    let mut start = 0;
    for at in Matches::new(bytes, separator).take(most) {
        let piece = Str::part(cx, text, start, at)?;
        list.push(cx, piece.value())?;
        start = at + separator.len();
    }
    let last = if start == 0 { text } else { Str::part(cx, text, start, bytes.len())? };
    list.push(cx, last.value())?;
    Ok(list.finish(cx).value())
}

fn split_lines(cx: &mut Cx, text: Gc<Str>, keep_ends: bool) -> PyResult {
    let bytes = text.bytes();
    let mut points = code_points(bytes);
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(code) = points.next() {
        let mut next = bytes.len() - points.bytes.len();
        if matches!(code, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029) {
            if code == 0x0d && bytes.get(next) == Some(&b'\n') {
                points.next();
                next += 1;
            }
            pieces.push((start, if keep_ends { next } else { at }));
            start = next;
        }
        at = next;
    }
    if start < bytes.len() {
        pieces.push((start, bytes.len()));
    }
    list_of(cx, text, &pieces)
}

fn partition(cx: &mut Cx, text: Gc<Str>, separator: Gc<Str>, from_right: bool) -> PyResult {
    let (bytes, wanted) = (text.bytes(), separator.bytes());
    if wanted.is_empty() {
        return Err(cx.value_error("empty separator"));
    }
    let found = if from_right { matches::last(bytes, wanted) } else { matches::first(bytes, wanted) };
    let empty = cx.intern("").value();
    let Some(at) = found else {
        let text = text.value();
        return Ok(if from_right { cx.tuple(&[empty, empty, text]) } else { cx.tuple(&[text, empty, empty]) });
    };
    let before = Str::part(cx, text, 0, at)?.value();
    let after = Str::part(cx, text, at + wanted.len(), bytes.len())?.value();
    Ok(cx.tuple(&[before, separator.value(), after]))
}

fn expand_tabs(text: Gc<Str>, size: i64) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.bytes().len());
    let mut column = 0i64;
    for code in code_points(text.bytes()) {
        if code == 0x09 {
            if size > 0 {
                let spaces = size - column % size;
                result.extend(std::iter::repeat_n(b' ', spaces as usize));
                column += spaces;
            }
        } else {
            push_code_point(&mut result, code);
            column = if matches!(code, 0x0a | 0x0d) { 0 } else { column + 1 };
        }
    }
    result
}

/// Methods about searching and splitting.
pub struct SearchMethods;

#[py_methods(STR)]
impl SearchMethods {
    /// Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].
    ///
    /// Return -1 on failure.
    #[method(trace = PureCall)]
    fn find(cx: &mut Cx, this: Gc<Str>, sub: Gc<Str>, start: Option<SliceIndex>, end: Option<SliceIndex>) -> i64 {
        find(cx, this, sub, (start, end), false).map_or(-1, |at| at as i64)
    }
    /// Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].
    ///
    /// Return -1 on failure.
    #[method(trace = PureCall)]
    fn rfind(cx: &mut Cx, this: Gc<Str>, sub: Gc<Str>, start: Option<SliceIndex>, end: Option<SliceIndex>) -> i64 {
        find(cx, this, sub, (start, end), true).map_or(-1, |at| at as i64)
    }
    /// Return the lowest index in S where substring sub is found, such that sub is contained within S[start:end].
    ///
    /// Raises ValueError when the substring is not found.
    #[method(trace = PureCall)]
    fn index(
        cx: &mut Cx,
        this: Gc<Str>,
        sub: Gc<Str>,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<usize> {
        let found = find(cx, this, sub, (start, end), false);
        found.ok_or_else(|| cx.value_error("substring not found"))
    }
    /// Return the highest index in S where substring sub is found, such that sub is contained within S[start:end].
    ///
    /// Raises ValueError when the substring is not found.
    #[method(trace = PureCall)]
    fn rindex(
        cx: &mut Cx,
        this: Gc<Str>,
        sub: Gc<Str>,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<usize> {
        let found = find(cx, this, sub, (start, end), true);
        found.ok_or_else(|| cx.value_error("substring not found"))
    }
    /// Return the number of non-overlapping occurrences of substring sub in string S[start:end].
    #[method(trace = PureCall)]
    fn count(cx: &mut Cx, this: Gc<Str>, sub: Gc<Str>, start: Option<SliceIndex>, end: Option<SliceIndex>) -> usize {
        count(cx, this, sub, (start, end))
    }
    /// Return True if the string starts with the specified prefix, False otherwise.
    #[method]
    fn startswith(
        cx: &mut Cx,
        this: Gc<Str>,
        prefix: Value,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<bool> {
        has_affix(cx, this, prefix, (start, end), "startswith", false)
    }
    /// Return True if the string ends with the specified suffix, False otherwise.
    #[method]
    fn endswith(
        cx: &mut Cx,
        this: Gc<Str>,
        suffix: Value,
        start: Option<SliceIndex>,
        end: Option<SliceIndex>,
    ) -> PyResult<bool> {
        has_affix(cx, this, suffix, (start, end), "endswith", true)
    }
    /// Return a copy with all occurrences of substring old replaced by new.
    #[method(trace = PureCall)]
    fn replace(
        cx: &mut Cx,
        this: Gc<Str>,
        old: Gc<Str>,
        new: Gc<Str>,
        #[keyword]
        #[default(Index(-1))]
        count: Index,
    ) -> PyResult {
        replace(cx, this, old, new, count.0)
    }
    /// Return a list of the substrings in the string, using sep as the separator string.
    #[method]
    fn split(
        cx: &mut Cx,
        this: Gc<Str>,
        #[keyword] sep: Option<Value>,
        #[keyword]
        #[default(Index(-1))]
        maxsplit: Index,
    ) -> PyResult {
        split(cx, this, sep, maxsplit.0, false)
    }
    /// Return a list of the substrings in the string, using sep as the separator string.
    ///
    /// Splitting starts at the end of the string and works to the front.
    #[method]
    fn rsplit(
        cx: &mut Cx,
        this: Gc<Str>,
        #[keyword] sep: Option<Value>,
        #[keyword]
        #[default(Index(-1))]
        maxsplit: Index,
    ) -> PyResult {
        split(cx, this, sep, maxsplit.0, true)
    }
    /// Return a list of the lines in the string, breaking at line boundaries.
    #[method]
    fn splitlines(
        cx: &mut Cx,
        this: Gc<Str>,
        #[keyword]
        #[default(false)]
        keepends: bool,
    ) -> PyResult {
        split_lines(cx, this, keepends)
    }
    /// Partition the string into three parts using the given separator.
    #[method]
    fn partition(cx: &mut Cx, this: Gc<Str>, sep: Gc<Str>) -> PyResult {
        partition(cx, this, sep, false)
    }
    /// Partition the string into three parts using the given separator, searching from the end.
    #[method]
    fn rpartition(cx: &mut Cx, this: Gc<Str>, sep: Gc<Str>) -> PyResult {
        partition(cx, this, sep, true)
    }
    /// Return a str with the given prefix string removed if present.
    #[method(trace = PureCall)]
    fn removeprefix(cx: &mut Cx, this: Gc<Str>, prefix: Gc<Str>) -> PyResult {
        match this.bytes().strip_prefix(prefix.bytes()) {
            Some(rest) => Ok(Str::checked(cx, rest)?.value()),
            None => Ok(this.value()),
        }
    }
    /// Return a str with the given suffix string removed if present.
    #[method(trace = PureCall)]
    fn removesuffix(cx: &mut Cx, this: Gc<Str>, suffix: Gc<Str>) -> PyResult {
        match this.bytes().strip_suffix(suffix.bytes()) {
            Some(rest) => Ok(Str::checked(cx, rest)?.value()),
            None => Ok(this.value()),
        }
    }
    /// Return a copy where all tab characters are expanded using spaces.
    #[method(trace = PureCall)]
    fn expandtabs(
        cx: &mut Cx,
        this: Gc<Str>,
        #[keyword]
        #[default(Index(8))]
        tabsize: Index,
    ) -> PyResult {
        let expanded = expand_tabs(this, tabsize.0);
        Ok(Str::checked(cx, &expanded)?.value())
    }
}

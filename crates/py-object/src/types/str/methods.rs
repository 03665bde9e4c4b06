//! The special methods of `str`, and joining.

use super::*;
use crate::arguments::{Given, Index};
use crate::cx::{NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::kinds::{Kind, shapes};
use crate::objects::{Slice, Tuple};
use crate::operations::{self, Comparison};
use crate::sequence::{new_iterator, tuple_items};
use crate::string::downcast;
use crate::types::{class_name, int, list, slice};
use py_macros::py_methods;

fn ordered(comparison: Comparison, this: Gc<Str>, other: Value) -> Value {
    match downcast::<Str>(other) {
        Some(other) => bool_value(match comparison {
            Comparison::Eq => this.bytes() == other.bytes(),
            Comparison::Ne => this.bytes() != other.bytes(),
            _ => comparison.holds(this.bytes().cmp(other.bytes())),
        }),
        None => NOT_IMPLEMENTED,
    }
}

/// The special methods of `str`.
pub struct Methods;

#[py_methods(STR)]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword]
        #[default(UNBOUND)]
        object: Value,
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult {
        let text = if object == UNBOUND {
            cx.intern("")
        } else if encoding.is_none() && errors.is_none() {
            let text = operations::str_value(cx, object)?;
            if class == cx.builtin_type(Kind::STR) {
                // The text of an instance of `str` itself is exact.
                return Ok(text);
            }
            downcast(text).expect("text")
        } else {
            crate::codecs::decode_object(cx, object, encoding, errors)?
        };
        Ok(of_class(cx, class, text))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Str>) -> PyResult<Gc<Str>> {
        shown::str_of(cx, this)
    }
    #[method]
    fn __str__(this: Gc<Str>) -> PyResult<Gc<Str>> {
        Ok(this)
    }
    #[method(trace = PureCall)]
    fn __hash__(cx: &mut Cx, this: Gc<Str>) -> i64 {
        this.hash_value(cx) as i64
    }
    #[method(trace = PureCall)]
    fn __len__(this: Gc<Str>) -> usize {
        length(this)
    }
    #[method(trace = PureCall)]
    fn __getitem__(cx: &mut Cx, this: Gc<Str>, key: Value) -> PyResult {
        if key.is_int() {
            return item(cx, this, key.as_int());
        }
        if let Some(slice) = downcast::<Slice>(key) {
            let range = slice::resolve(cx, slice, length(this))?;
            return sliced(cx, this, range.start, range.step, range.count);
        }
        if int::try_index(cx, key)?.is_none() {
            let message = format!("string indices must be integers, not '{}'", class_name(cx, key));
            return Err(cx.type_error(message));
        }
        let position = int::sequence_index(cx, key, "string")?;
        item(cx, this, position)
    }
    #[method(trace = PureCall)]
    fn __contains__(cx: &mut Cx, this: Gc<Str>, key: Value) -> PyResult<bool> {
        match downcast::<Str>(key) {
            Some(key) => Ok(matches::first(this.bytes(), key.bytes()).is_some()),
            None => {
                let message = format!("'in <string>' requires string as left operand, not {}", class_name(cx, key));
                Err(cx.type_error(message))
            }
        }
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Str>) -> Value {
        let shape = if this.is_ascii() { shapes::STR_ASCII_ITERATOR } else { shapes::STR_ITERATOR };
        new_iterator(cx, shape, this.value(), Value::int(0), crate::NONE, crate::NONE)
    }
    #[method(trace = PureCall)]
    fn __add__(cx: &mut Cx, this: Gc<Str>, value: Value) -> PyResult {
        match downcast::<Str>(value) {
            Some(other) => concatenate(cx, this, other),
            None => {
                let message = format!("can only concatenate str (not \"{}\") to str", class_name(cx, value));
                Err(cx.type_error(message))
            }
        }
    }
    #[method(trace = PureCall)]
    fn __mul__(cx: &mut Cx, this: Gc<Str>, value: Value) -> PyResult {
        let count = int::repeat_count(cx, value)?;
        if count == 1 && crate::types::is_exactly(this.value(), Kind::STR) {
            return Ok(this.value());
        }
        let bytes = repeated_bytes(cx, this.bytes(), count)?;
        Ok(Str::checked(cx, &bytes)?.value())
    }
    #[method(trace = PureCall)]
    fn __rmul__(cx: &mut Cx, this: Gc<Str>, value: Value) -> PyResult {
        Methods::__mul__(cx, this, value)
    }
    #[method]
    fn __mod__(cx: &mut Cx, this: Gc<Str>, value: Value) -> PyResult {
        percent_format(cx, this, value)
    }
    #[method]
    fn __rmod__(cx: &mut Cx, this: Gc<Str>, value: Value) -> PyResult {
        match downcast::<Str>(value) {
            Some(template) => percent_format(cx, template, this.value()),
            None => Ok(NOT_IMPLEMENTED),
        }
    }
    #[method(trace = PureCall)]
    fn __lt__(this: Gc<Str>, value: Value) -> Value {
        ordered(Comparison::Lt, this, value)
    }
    #[method(trace = PureCall)]
    fn __le__(this: Gc<Str>, value: Value) -> Value {
        ordered(Comparison::Le, this, value)
    }
    #[method(trace = PureCall)]
    fn __eq__(this: Gc<Str>, value: Value) -> Value {
        ordered(Comparison::Eq, this, value)
    }
    #[method(trace = PureCall)]
    fn __ne__(this: Gc<Str>, value: Value) -> Value {
        ordered(Comparison::Ne, this, value)
    }
    #[method(trace = PureCall)]
    fn __gt__(this: Gc<Str>, value: Value) -> Value {
        ordered(Comparison::Gt, this, value)
    }
    #[method(trace = PureCall)]
    fn __ge__(this: Gc<Str>, value: Value) -> Value {
        ordered(Comparison::Ge, this, value)
    }
    /// Return a formatted version of the string as described by format_spec.
    #[method]
    fn __format__(cx: &mut Cx, this: Value, format_spec: Gc<Str>) -> PyResult {
        if format_spec.bytes().is_empty() {
            return operations::str_value(cx, this);
        }
        let text = downcast(this).expect("the receiver has been checked");
        crate::types::format::format_str(cx, text, format_spec)
    }
    #[method]
    fn __getnewargs__(cx: &mut Cx, this: Gc<Str>) -> PyResult {
        let text = Str::checked(cx, this.bytes())?;
        Ok(cx.tuple(&[text.value()]))
    }
    /// Return the size of the string in memory, in bytes.
    #[method]
    fn __sizeof__(this: Gc<Str>) -> usize {
        size_of::<Str>() + this.bytes().len()
    }
    /// Concatenate any number of strings.
    ///
    /// The string whose method is called is inserted in between each given string.
    /// The result is returned as a new string.
    ///
    /// Example: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'
    #[method]
    fn join(cx: &mut Cx, this: Gc<Str>, iterable: Value) -> PyResult {
        join(cx, this, iterable)
    }
    /// Encode the string using the codec registered for encoding.
    #[method]
    fn encode(
        cx: &mut Cx,
        this: Gc<Str>,
        #[keyword]
        #[default(Given(None))]
        #[shown("'utf-8'")]
        encoding: Given<Gc<Str>>,
        #[keyword]
        #[default(Given(None))]
        #[shown("'strict'")]
        errors: Given<Gc<Str>>,
    ) -> PyResult {
        crate::codecs::encode(cx, this, encoding.0, errors.0)
    }
    /// Pad a numeric string with zeros on the left, to fill a field of the given width.
    ///
    /// The string is never truncated.
    #[method(trace = PureCall)]
    fn zfill(cx: &mut Cx, this: Gc<Str>, width: Index) -> PyResult {
        let fill = (width.0.max(0) as usize).saturating_sub(length(this));
        let (sign, digits) = match this.bytes() {
            [sign @ (b'+' | b'-'), digits @ ..] => (Some(*sign), digits),
            digits => (None, digits),
        };
        let mut result: Vec<u8> = sign.into_iter().collect();
        result.extend(repeated_bytes(cx, b"0", fill as i64)?);
        result.extend_from_slice(digits);
        Ok(Str::checked(cx, &result)?.value())
    }
}

/// `lhs + rhs`.
pub(crate) fn concatenate(cx: &mut Cx, lhs: Gc<Str>, rhs: Gc<Str>) -> PyResult {
    if rhs.bytes().is_empty() {
        return Ok(lhs.value());
    }
    if lhs.bytes().is_empty() {
        return Ok(rhs.value());
    }
    // A high surrogate in front of a low one stays a pair of code points only where WTF-8 says so.
    Str::concatenated(cx, [lhs, rhs].into_iter()).map(|result| result.value())
}

fn join(cx: &mut Cx, separator: Gc<Str>, iterable: Value) -> PyResult {
    let parts = match parts_of(cx, iterable) {
        Ok(parts) => parts,
        Err(raised) => {
            if crate::types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR)
                && crate::types::lookup_special(cx, iterable, "__iter__").is_none()
            {
                cx.take_raised();
                return Err(cx.type_error("can only join an iterable"));
            }
            return Err(raised);
        }
    };
    let items = tuple_items(&parts);
    for (at, item) in items.iter().enumerate() {
        if downcast::<Str>(*item).is_none() {
            let message = format!("sequence item {at}: expected str instance, {} found", class_name(cx, *item));
            return Err(cx.type_error(message));
        }
    }
    let mut texts = items.iter().filter_map(|item| downcast::<Str>(*item));
    if let ([_], Some(only)) = (items, texts.clone().next()) {
        return Ok(only.value());
    }
    let Some(first) = texts.next() else { return Ok(cx.intern("").value()) };
    let gaps = items.len() - 1;
    let separators = separator.bytes().len().checked_mul(gaps).filter(|separators| *separators <= 1 << 40);
    let Some(separators) = separators else { return Err(cx.raise(Kind::MEMORY_ERROR, "")) };
    let bytes = separators + first.bytes().len() + texts.clone().map(|text| text.bytes().len()).sum::<usize>();
    let characters = gaps * length(separator) + length(first) + texts.clone().map(length).sum::<usize>();
    if bytes == 0 {
        return Ok(cx.intern("").value());
    }
    let joined = Str::build(cx, bytes, characters, |place| {
        let mut at = 0;
        let mut write = |part: &[u8]| {
            // A call of `memcpy` costs more than a byte, which many separators are.
            match part {
                [byte] => place[at] = *byte,
                _ => place[at..at + part.len()].copy_from_slice(part),
            }
            at += part.len();
        };
        write(first.bytes());
        for text in texts {
            write(separator.bytes());
            write(text.bytes());
        }
    })?;
    Ok(joined.value())
}

/// What an iterable gives, as something that nobody else changes.
fn parts_of(cx: &mut Cx, iterable: Value) -> PyResult<Gc<Tuple>> {
    if crate::types::is_exactly(iterable, Kind::TUPLE)
        && let Some(tuple) = downcast::<Tuple>(iterable)
    {
        return Ok(tuple);
    }
    let list = list::sequence_of(cx, iterable)?;
    Tuple::from_list(cx, list)
}

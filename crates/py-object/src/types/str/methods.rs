//! The special methods of `str`, and joining.

use super::*;
use crate::arguments::Index;
use crate::cx::{NOT_IMPLEMENTED, UNBOUND, bool_value};
use crate::kinds::{Kind, shapes};
use crate::objects::Slice;
use crate::operations::{self, Comparison};
use crate::sequence::{elements, new_iterator};
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
    fn __repr__(this: Gc<Str>) -> String {
        repr_of(this, false)
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
            Some(key) => Ok(memchr::memmem::find(this.bytes(), key.bytes()).is_some()),
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
        #[keyword] encoding: Option<Gc<Str>>,
        #[keyword] errors: Option<Gc<Str>>,
    ) -> PyResult {
        crate::codecs::encode(cx, this, encoding, errors)
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
    let total = lhs.bytes().len() + rhs.bytes().len();
    let Some(result) = crate::object::try_allocate_tail::<Str>(cx.mutator(), shapes::STR, total) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    result.characters.init(Value::int((length(lhs) + length(rhs)) as i64));
    let start = result.address() + size_of::<Str>();
    // SAFETY: the new object has room for both texts, and nobody else has seen it yet.
    unsafe {
        std::ptr::copy_nonoverlapping(lhs.bytes().as_ptr(), start as *mut u8, lhs.bytes().len());
        std::ptr::copy_nonoverlapping(rhs.bytes().as_ptr(), (start + lhs.bytes().len()) as *mut u8, rhs.bytes().len());
    }
    // A high surrogate in front of a low one stays a pair of code points only where WTF-8 says so.
    Ok(result.value())
}

fn join(cx: &mut Cx, separator: Gc<Str>, iterable: Value) -> PyResult {
    let parts = match list::sequence_of(cx, iterable) {
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
    let (items, count) = crate::objects::List::snapshot(&parts);
    let items = &elements(&items)[..count];
    let mut result: Vec<u8> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let item = item.get();
        let Some(text) = downcast::<Str>(item) else {
            let message = format!("sequence item {at}: expected str instance, {} found", class_name(cx, item));
            return Err(cx.type_error(message));
        };
        if count == 1 {
            return Ok(text.value());
        }
        if at > 0 {
            result.extend_from_slice(separator.bytes());
        }
        result.extend_from_slice(text.bytes());
    }
    Ok(Str::checked(cx, &result)?.value())
}

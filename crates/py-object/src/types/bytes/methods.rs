//! The methods that `bytes` does not share with `bytearray`, and making bytes from anything.

use super::algorithms::ByteString;
use super::*;
use crate::cx::{NONE, UNBOUND};
use crate::kinds::shapes;
use crate::objects::Str;
use crate::sequence::new_iterator;
use py_macros::py_methods;

impl ByteString for Bytes {
    const NAME: &'static str = "bytes";
    fn content(this: &Gc<Bytes>) -> &[u8] {
        bytes_of(this)
    }
    fn make(cx: &mut Cx, bytes: &[u8]) -> PyResult {
        Ok(Bytes::checked(cx, bytes)?.value())
    }
    fn same(_cx: &mut Cx, this: Gc<Bytes>) -> PyResult {
        Ok(this.value())
    }
    fn sum(cx: &mut Cx, this: Gc<Bytes>, other: Value) -> Option<PyResult> {
        let other = downcast::<Bytes>(other)?;
        let (first, second) = (bytes_of(&this), bytes_of(&other));
        let sum = Bytes::build(cx, first.len() + second.len(), |place| {
            let (before, behind) = place.split_at_mut(first.len());
            before.copy_from_slice(first);
            behind.copy_from_slice(second);
        });
        Some(sum.map(|sum| sum.value()))
    }
}

/// What `bytes(source, encoding, errors)` and `bytearray(…)` are made of. `class` is the name for messages.
pub(crate) fn content_from(
    cx: &mut Cx,
    source: Value,
    encoding: Option<Gc<Str>>,
    errors: Option<Gc<Str>>,
    class: &str,
) -> PyResult<Vec<u8>> {
    if source == UNBOUND {
        return match (encoding, errors) {
            (None, None) => Ok(Vec::new()),
            (Some(_), _) => Err(cx.type_error("encoding without a string argument")),
            (None, Some(_)) => Err(cx.type_error("errors without a string argument")),
        };
    }
    if let Some(text) = downcast::<Str>(source) {
        if encoding.is_none() {
            return Err(cx.type_error("string argument without an encoding"));
        }
        let encoded = crate::codecs::encode(cx, text, encoding, errors)?;
        return Ok(downcast::<Bytes>(encoded).map_or_else(Vec::new, |bytes| bytes_of(&bytes).to_vec()));
    }
    if encoding.is_some() || errors.is_some() {
        let what = if encoding.is_some() { "encoding" } else { "errors" };
        return Err(cx.type_error(format!("{what} without a string argument")));
    }
    if let Some(view) = crate::buffer::ByteView::try_of(source) {
        return Ok(view.bytes().to_vec());
    }
    if let Some(number) = count_from(cx, source)? {
        return match int::as_i64(number) {
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "cannot fit 'int' into an index-sized integer")),
            Some(count) if count < 0 => Err(cx.value_error("negative count")),
            Some(count) => crate::types::str::repeated_bytes(cx, b"\0", count),
        };
    }
    bytes_from_iterable(cx, source, class)
}

/// The count that an object with `__index__` stands for; a TypeError of that method counts as none.
fn count_from(cx: &mut Cx, source: Value) -> PyResult<Option<Value>> {
    match int::try_index(cx, source) {
        Ok(count) => Ok(count),
        Err(raised) => {
            if !types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            Ok(None)
        }
    }
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
        let is_plain = class == cx.builtin_type(Kind::BYTES);
        if source != UNBOUND && encoding.is_none() && errors.is_none() {
            if is_plain && types::is_exactly(source, Kind::BYTES) {
                return Ok(source);
            }
            if let Some(bytes) = through_hook(cx, source)? {
                let exact = downcast(bytes).expect("checked there");
                return Ok(if is_plain { bytes } else { of_class(cx, class, exact) });
            }
        }
        let content = content_from(cx, source, encoding, errors, "bytes")?;
        let bytes = Bytes::checked(cx, &content)?;
        Ok(of_class(cx, class, bytes))
    }
    #[method]
    fn __repr__(this: Gc<Bytes>) -> String {
        repr_of(bytes_of(&this))
    }
    #[method]
    fn __str__(this: Gc<Bytes>) -> String {
        repr_of(bytes_of(&this))
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Bytes>) -> i64 {
        crate::string::BytesExt::hash_value(&this, cx) as i64
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Bytes>) -> Value {
        new_iterator(cx, shapes::BYTES_ITERATOR, this.value(), Value::int(0), NONE, NONE)
    }
    #[method]
    fn __getnewargs__(cx: &mut Cx, this: Gc<Bytes>) -> Value {
        cx.tuple(&[this.value()])
    }
    /// Convert this value to exact type bytes.
    #[method]
    fn __bytes__(this: Gc<Bytes>) -> Gc<Bytes> {
        this
    }
}

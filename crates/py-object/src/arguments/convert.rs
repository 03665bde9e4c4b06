//! Values to Rust types.

use super::{Argument, errors};
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::object::Object;
use crate::objects::{Bytes, Dict, List, Str, Tuple, Type};
use crate::operations;
use crate::string::downcast;
use crate::types::int;
use vm_heap::{Gc, Value};

/// A type that a receiver can be taken as. The caller has checked the class, this checks the layout.
pub trait FromReceiver: Sized {
    /// The receiver, unless its layout is another one.
    fn from_receiver(value: Value) -> Option<Self>;
}

impl FromReceiver for Value {
    #[inline(always)]
    fn from_receiver(value: Value) -> Option<Value> {
        Some(value)
    }
}

impl<T: Object> FromReceiver for Gc<T> {
    #[inline(always)]
    fn from_receiver(value: Value) -> Option<Gc<T>> {
        downcast::<T>(value)
    }
}

/// A type that an argument can be taken as.
pub trait FromArgument: Sized {
    /// The argument, or the TypeError that CPython raises.
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Self>;
}

impl FromArgument for Value {
    #[inline(always)]
    fn from_argument(_: &mut Cx, value: Value, _: Argument) -> PyResult<Value> {
        Ok(value)
    }
}

/// None and absence.
impl<T: FromArgument> FromArgument for Option<T> {
    #[inline(always)]
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Option<T>> {
        if value == NONE || value == UNBOUND { Ok(None) } else { T::from_argument(cx, value, argument).map(Some) }
    }
}

/// An argument that may be left out, but not be None.
pub struct Given<T>(pub Option<T>);

impl<T: FromArgument> FromArgument for Given<T> {
    #[inline(always)]
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Given<T>> {
        match value {
            UNBOUND => Ok(Given(None)),
            value => T::from_argument(cx, value, argument).map(|given| Given(Some(given))),
        }
    }
}

/// Truth of any value.
impl FromArgument for bool {
    #[inline]
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<bool> {
        operations::truth(cx, value)
    }
}

/// Floats, ints and whatever has `__float__` or `__index__`.
impl FromArgument for f64 {
    #[inline]
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<f64> {
        match crate::types::float::number(value) {
            Some(number) => Ok(number),
            None => crate::types::float::real_number(cx, value),
        }
    }
}

/// Anything with `__index__` that fits.
impl FromArgument for i64 {
    #[inline]
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<i64> {
        if value.is_int() {
            return Ok(value.as_int());
        }
        let number = int::index(cx, value)?;
        match int::as_i64(number) {
            Some(number) => Ok(number),
            None => Err(cx.raise(crate::Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t")),
        }
    }
}

/// An index or count: anything with `__index__`; OverflowError where it does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Index(pub i64);

impl FromArgument for Index {
    #[inline]
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Index> {
        i64::from_argument(cx, value, argument).map(Index)
    }
}

/// A bound of a slice: anything with `__index__`; what does not fit is clamped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SliceIndex(pub i64);

impl SliceIndex {
    /// The position that this bound means in a sequence of `length` items.
    pub fn resolve(self, length: usize) -> usize {
        let length = length as i64;
        let position = if self.0 < 0 { self.0.saturating_add(length).max(0) } else { self.0.min(length) };
        position as usize
    }
}

impl FromArgument for SliceIndex {
    fn from_argument(cx: &mut Cx, value: Value, _: Argument) -> PyResult<SliceIndex> {
        if value.is_int() {
            return Ok(SliceIndex(value.as_int()));
        }
        int::slice_bound(cx, value).map(SliceIndex)
    }
}

macro_rules! objects {
    ($($Type:ident $name:literal),*) => {$(
        #[doc = concat!("A `", $name, "` or an instance of a subclass.")]
        impl FromArgument for Gc<$Type> {
            #[inline]
            fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Gc<$Type>> {
                match downcast::<$Type>(value) {
                    Some(object) => Ok(object),
                    None => Err(errors::wrong_class(cx, argument, $name, value)),
                }
            }
        }
    )*};
}
objects!(Str "str", Bytes "bytes", List "list", Tuple "tuple", Dict "dict", Type "type");

//! Rust results to values.

use crate::cx::{Cx, NONE, PyResult, bool_value};
use crate::kinds::Kind;
use crate::objects::Str;
use crate::types::int;
use vm_heap::{Gc, Value};

/// A type that a native function can return.
pub trait IntoResult {
    /// As a value.
    fn into_result(self, cx: &mut Cx) -> PyResult;
}

/// What `__next__` returns: `None` raises StopIteration.
pub struct Next(pub Option<Value>);

impl IntoResult for Next {
    #[inline]
    fn into_result(self, cx: &mut Cx) -> PyResult {
        match self.0 {
            Some(value) => Ok(value),
            None => {
                let exception = crate::objects::Exception::new(cx, Kind::STOP_ITERATION, &[]);
                Err(cx.raise_value(exception.value()))
            }
        }
    }
}

impl IntoResult for () {
    #[inline(always)]
    fn into_result(self, _: &mut Cx) -> PyResult {
        Ok(NONE)
    }
}

impl IntoResult for bool {
    #[inline(always)]
    fn into_result(self, _: &mut Cx) -> PyResult {
        Ok(bool_value(self))
    }
}

impl IntoResult for i64 {
    #[inline(always)]
    fn into_result(self, cx: &mut Cx) -> PyResult {
        Ok(int::from_i64(cx, self))
    }
}

impl IntoResult for usize {
    #[inline(always)]
    fn into_result(self, cx: &mut Cx) -> PyResult {
        Ok(int::from_i64(cx, self as i64))
    }
}

impl IntoResult for f64 {
    #[inline(always)]
    fn into_result(self, cx: &mut Cx) -> PyResult {
        Ok(cx.float(self))
    }
}

impl IntoResult for Value {
    #[inline(always)]
    fn into_result(self, _: &mut Cx) -> PyResult {
        Ok(self)
    }
}

impl<T> IntoResult for Gc<T> {
    #[inline(always)]
    fn into_result(self, _: &mut Cx) -> PyResult {
        Ok(self.value())
    }
}

impl IntoResult for String {
    fn into_result(self, cx: &mut Cx) -> PyResult {
        Ok(Str::checked(cx, self.as_bytes())?.value())
    }
}

/// `None` is Python's None.
impl<T: IntoResult> IntoResult for Option<T> {
    #[inline(always)]
    fn into_result(self, cx: &mut Cx) -> PyResult {
        match self {
            Some(value) => value.into_result(cx),
            None => Ok(NONE),
        }
    }
}

impl<T: IntoResult> IntoResult for PyResult<T> {
    #[inline(always)]
    fn into_result(self, cx: &mut Cx) -> PyResult {
        self?.into_result(cx)
    }
}

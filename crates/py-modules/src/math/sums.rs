//! Sums and products of iterables: fsum, prod, sumprod.

use py_macros::py_functions;
use py_object::operations::{self, BinaryOperator, as_float};
use py_object::types::{float, int, is_exactly};
use py_object::{Cx, Kind, PyResult};
use vm_heap::Value;

/// Partial sums that do not overlap, in increasing magnitude (Shewchuk 1997): their sum is exact.
#[derive(Default)]
struct Partials {
    parts: Vec<f64>,
    /// Sum of what is not finite.
    special: f64,
    /// Sum of the infinities alone.
    infinities: f64,
}

impl Partials {
    /// Adds a number; false where finite ones overflow.
    fn add(&mut self, number: f64) -> bool {
        let mut x = number;
        let mut kept = 0;
        for at in 0..self.parts.len() {
            let mut y = self.parts[at];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.parts.truncate(kept);
        if x.is_finite() {
            if x != 0.0 {
                self.parts.push(x);
            }
            return true;
        }
        self.parts.clear();
        if number.is_finite() {
            return false;
        }
        if number.is_infinite() {
            self.infinities += number;
        }
        self.special += number;
        true
    }

    /// The sum, rounded once.
    fn round(&self) -> f64 {
        let mut parts = self.parts.iter().rev();
        let Some(mut high) = parts.next().copied() else { return 0.0 };
        let mut low = 0.0;
        for &y in parts.by_ref() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // A half of the last place that the rest tips over.
        if let Some(&next) = parts.next()
            && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
        {
            let twice = low * 2.0;
            let rounded = high + twice;
            if twice == rounded - high {
                high = rounded;
            }
        }
        high
    }
}

/// A sum of products in three floats (Ogita, Rump and Oishi 2005).
#[derive(Clone, Copy, Default)]
struct TripleLength {
    high: f64,
    low: f64,
    tiny: f64,
}

fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

impl TripleLength {
    fn plus_product(self, x: f64, y: f64) -> TripleLength {
        let product = x * y;
        let error = x.mul_add(y, -product);
        let (high, carried) = two_sum(self.high, product);
        let (first, first_error) = two_sum(self.low, error);
        let (low, second_error) = two_sum(first, carried);
        TripleLength { high, low, tiny: self.tiny + first_error + second_error }
    }
    fn round(self) -> f64 {
        let (low, _) = two_sum(self.low, self.tiny);
        self.high + low
    }
}

/// Two factors as floats, if one of them is a float and the other a float, int or bool that fits.
fn float_factors(x: Value, y: Value) -> Option<(f64, f64)> {
    let exact = |value: Value| (value.is_float() || is_exactly(value, Kind::FLOAT)).then(|| as_float(value)).flatten();
    let whole = |value: Value| {
        let plain = value.is_int() || is_exactly(value, Kind::INT) || int::is_bool(value);
        // A larger int may not fit a float, which the general way reports.
        plain.then(|| int::as_i64(value)).flatten().map(|number| number as f64)
    };
    match (exact(x), exact(y)) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) => Some((x, whole(y)?)),
        (None, Some(y)) => Some((whole(x)?, y)),
        (None, None) => None,
    }
}

fn add(cx: &mut Cx, total: Value, term: Value) -> PyResult {
    operations::binary(cx, BinaryOperator::Add, total, term, false)
}

/// `sumprod(p, q)`: products of small ints first, then products of floats, each exact until the end; then the operators.
fn sum_of_products(cx: &mut Cx, p: Value, q: Value) -> PyResult {
    let p = operations::iterate(cx, p)?;
    let q = operations::iterate(cx, q)?;
    let mut total = Value::int(0);
    let mut ints = Some(0i64);
    let mut floats = Some((TripleLength::default(), false));
    loop {
        let x = operations::next(cx, p)?;
        let y = operations::next(cx, q)?;
        let pair = match (x, y) {
            (Some(x), Some(y)) => Some((x, y)),
            (None, None) => None,
            _ => return Err(cx.value_error("Inputs are not the same length")),
        };
        if let Some(sum) = ints {
            let next = pair.filter(|(x, y)| x.is_int() && y.is_int());
            let next = next.and_then(|(x, y)| x.as_int().checked_mul(y.as_int())?.checked_add(sum));
            if next.is_some() {
                ints = next;
                continue;
            }
            ints = None;
            let sum = int::from_i64(cx, sum);
            total = add(cx, total, sum)?;
        }
        if let Some((sum, _)) = floats {
            let next = pair.and_then(|(x, y)| float_factors(x, y)).map(|(x, y)| sum.plus_product(x, y));
            if let Some(next) = next.filter(|next| next.high.is_finite()) {
                floats = Some((next, true));
                continue;
            }
            if let Some((sum, true)) = floats.take() {
                let sum = cx.float(sum.round());
                total = add(cx, total, sum)?;
            }
        }
        let Some((x, y)) = pair else { return Ok(total) };
        let term = operations::binary(cx, BinaryOperator::Mul, x, y, false)?;
        total = add(cx, total, term)?;
    }
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Return an accurate floating-point sum of values in the iterable seq.
    ///
    /// Assumes IEEE-754 floating-point arithmetic.
    #[function]
    fn fsum(cx: &mut Cx, seq: Value) -> PyResult<f64> {
        let iterator = operations::iterate(cx, seq)?;
        let mut partials = Partials::default();
        while let Some(item) = operations::next(cx, iterator)? {
            let number = float::real_number(cx, item)?;
            if !partials.add(number) {
                return Err(cx.raise(Kind::OVERFLOW_ERROR, "intermediate overflow in fsum"));
            }
        }
        if partials.special != 0.0 {
            if partials.infinities.is_nan() {
                return Err(cx.value_error("-inf + inf in fsum"));
            }
            return Ok(partials.special);
        }
        Ok(partials.round())
    }
    /// Calculate the product of all the elements in the input iterable, times start.
    #[function(signature = "($module, iterable, /, *, start=1)")]
    fn prod(
        cx: &mut Cx,
        iterable: Value,
        #[keyword_only]
        #[default(Value::int(1))]
        start: Value,
    ) -> PyResult {
        let iterator = operations::iterate(cx, iterable)?;
        let mut result = start;
        while let Some(item) = operations::next(cx, iterator)? {
            result = operations::binary(cx, BinaryOperator::Mul, result, item, false)?;
        }
        Ok(result)
    }
    /// Return the sum of products of values from two iterables of the same length.
    ///
    /// For floats and ints the intermediate sums are exact.
    #[function]
    fn sumprod(cx: &mut Cx, p: Value, q: Value) -> PyResult {
        sum_of_products(cx, p, q)
    }
}

//! Functions of ints: divisors, roots, counting.

use num_bigint::{BigInt as Big, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, ToPrimitive};
use py_macros::py_functions;
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult};
use vm_heap::Value;

/// The ints that arguments mean, folded by `step`; `step` works on small ones without allocation.
fn fold(
    cx: &mut Cx,
    integers: &[Value],
    start: i64,
    small: fn(u64, u64) -> Option<u64>,
    big: fn(&BigUint, &BigUint) -> BigUint,
) -> PyResult {
    let mut result = Value::int(start);
    for (at, integer) in integers.iter().enumerate() {
        let integer = int::index(cx, *integer)?;
        let operands = (int::as_i64(result), int::as_i64(integer));
        if let (Some(x), Some(y)) = operands
            && let Some(folded) = small(x.unsigned_abs(), y.unsigned_abs())
        {
            result = int::from_i128(cx, i128::from(folded));
            continue;
        }
        let (Some(x), Some(y)) = (int::as_big(result), int::as_big(integer)) else { continue };
        let folded = if at == 0 && start == 0 { y.magnitude().clone() } else { big(x.magnitude(), y.magnitude()) };
        result = int::from_big(cx, &Big::from(folded))?;
    }
    Ok(result)
}

/// The product of the numbers `low..=high`; splitting keeps the factors of each product alike in size.
fn product(low: u64, high: u64) -> BigUint {
    if low > high {
        return BigUint::one();
    }
    if high - low < 8 {
        return (low..=high).map(BigUint::from).product();
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

/// `n * (n - 1) * …` with `k` factors, for an `n` of any size.
fn falling(n: &Big, k: u64) -> Big {
    match n.to_u64() {
        Some(n) => Big::from(product(n - k + 1, n)),
        None if k <= 8 => (0..k).map(|at| n - at).product(),
        None => {
            let half = k / 2;
            falling(n, half) * falling(&(n - half), k - half)
        }
    }
}

fn factorial(cx: &mut Cx, n: Value) -> PyResult {
    let n = int::index(cx, n)?;
    if int::is_negative(n) {
        return Err(cx.value_error("factorial() not defined for negative values"));
    }
    let Some(n) = int::as_i64(n) else {
        let message = format!("factorial() argument should not exceed {}", i64::MAX);
        return Err(cx.raise(Kind::OVERFLOW_ERROR, message));
    };
    int::from_big(cx, &Big::from(product(2, n as u64)))
}

/// Two ints that may not be negative.
fn counts(cx: &mut Cx, n: Value, k: Value) -> PyResult<(Big, Big)> {
    let n = int::index(cx, n)?;
    let k = int::index(cx, k)?;
    for (name, value) in [("n", n), ("k", k)] {
        if int::is_negative(value) {
            return Err(cx.value_error(format!("{name} must be a non-negative integer")));
        }
    }
    let (Some(n), Some(k)) = (int::as_big(n), int::as_big(k)) else {
        return Err(cx.type_error("expected integers"));
    };
    Ok((n, k))
}

/// The functions.
pub struct Functions;

#[py_functions("math")]
impl Functions {
    /// Greatest Common Divisor.
    #[function(trace = PureCall)]
    fn gcd(cx: &mut Cx, #[args] integers: &[Value]) -> PyResult {
        fold(cx, integers, 0, |x, y| Some(x.gcd(&y)), |x, y| x.gcd(y))
    }
    /// Least Common Multiple.
    #[function(trace = PureCall)]
    fn lcm(cx: &mut Cx, #[args] integers: &[Value]) -> PyResult {
        let small = |x: u64, y: u64| if x == 0 || y == 0 { Some(0) } else { (x / x.gcd(&y)).checked_mul(y) };
        fold(cx, integers, 1, small, |x, y| x.lcm(y))
    }
    /// Return the integer part of the square root of the input.
    #[function]
    fn isqrt(cx: &mut Cx, n: Value) -> PyResult {
        let n = int::index(cx, n)?;
        if int::is_negative(n) {
            return Err(cx.value_error("isqrt() argument must be nonnegative"));
        }
        match int::as_i64(n) {
            Some(n) => Ok(int::from_i64(cx, n.isqrt())),
            None => {
                let root = int::as_big(n).unwrap_or_default().magnitude().sqrt();
                int::from_big(cx, &Big::from_biguint(Sign::Plus, root))
            }
        }
    }
    /// Return n factorial.
    #[function]
    fn factorial(cx: &mut Cx, n: Value) -> PyResult {
        factorial(cx, n)
    }
    /// Number of ways to choose k items from n items without repetition and without order.
    #[function]
    fn comb(cx: &mut Cx, n: Value, k: Value) -> PyResult {
        let (n, k) = counts(cx, n, k)?;
        if k > n {
            return Ok(Value::int(0));
        }
        let k = (&n - &k).min(k);
        let Some(count) = k.to_u64().filter(|count| i64::try_from(*count).is_ok()) else {
            let message = format!("min(n - k, k) must not exceed {}", i64::MAX);
            return Err(cx.raise(Kind::OVERFLOW_ERROR, message));
        };
        let result = falling(&n, count) / Big::from(product(2, count));
        int::from_big(cx, &result)
    }
    /// Number of ways to choose k items from n items without repetition and with order; n! without k.
    #[function]
    fn perm(cx: &mut Cx, n: Value, #[default(NONE)] k: Value) -> PyResult {
        if k == NONE {
            return factorial(cx, n);
        }
        let (n, k) = counts(cx, n, k)?;
        if k > n {
            return Ok(Value::int(0));
        }
        match k.to_u64().filter(|count| i64::try_from(*count).is_ok()) {
            Some(0) => Ok(Value::int(1)),
            Some(count) => int::from_big(cx, &falling(&n, count)),
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, format!("k must not exceed {}", i64::MAX))),
        }
    }
}

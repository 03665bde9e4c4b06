//! Floats of 16 bits (binary16 of IEEE 754).

/// The nearest one, ties to even: `None` where the number is too large.
pub fn from_f64(number: f64) -> Option<u16> {
    let bits = number.to_bits();
    let sign = (bits >> 48) as u16 & 0x8000;
    if number.is_nan() {
        let payload = (bits >> 42) as u16 & 0x03ff;
        return Some(sign | 0x7c00 | if payload == 0 { 0x0200 } else { payload });
    }
    if number.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1023;
    // Below half of the smallest one everything is zero, and so are the subnormal floats of 64 bits.
    if exponent < -25 {
        return Some(sign);
    }
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    // Bits to cut: down to eleven, or to the last place of the subnormal ones.
    let cut = if exponent < -14 { 42 + (-14 - exponent) } else { 42 } as u32;
    let half = 1u64 << (cut - 1);
    let rest = mantissa & ((half << 1) - 1);
    let mut result = mantissa >> cut;
    if rest > half || (rest == half && result & 1 == 1) {
        result += 1;
    }
    // The leading one of the mantissa adds one to the exponent, and so does a carry.
    let biased = if exponent < -14 { 0 } else { (exponent + 14) as u64 };
    let result = (biased << 10) + result;
    (result < 0x7c00).then_some(sign | result as u16)
}

/// As a float of 64 bits.
pub fn to_f64(half: u16) -> f64 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, mantissa) = (i32::from(half >> 10 & 0x1f), u64::from(half & 0x03ff));
    match exponent {
        0 => sign * mantissa as f64 * 2f64.powi(-24),
        31 if mantissa == 0 => sign * f64::INFINITY,
        31 => f64::from_bits(u64::from(half & 0x8000) << 48 | 0x7ff << 52 | mantissa << 42),
        _ => sign * (mantissa | 0x400) as f64 * 2f64.powi(exponent - 25),
    }
}

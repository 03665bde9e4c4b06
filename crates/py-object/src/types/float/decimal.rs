//! Floats with few digits behind the point, exactly: a float is a whole number times a power of two, so a hundred times it is one as
//! well, in 128 bits.

use crate::types::int::write_digits;

/// Powers of ten from here on don't fit beside a mantissa of 53 bits.
const MOST_PLACES: usize = 22;

const fn powers_of_ten() -> [u128; MOST_PLACES + 1] {
    let mut powers = [1; MOST_PLACES + 1];
    let mut at = 1;
    while at <= MOST_PLACES {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
}

const POWERS: [u128; MOST_PLACES + 1] = powers_of_ten();

/// The magnitude of a finite number times `10 ** places`, rounded to a whole number with ties to even; `None` where that is out of
/// reach.
fn scaled(number: f64, places: usize) -> Option<u128> {
    let bits = number.to_bits() & (u64::MAX >> 1);
    let (mantissa, exponent) = match bits >> 52 {
        0 => (bits, -1074),
        biased => (bits & ((1 << 52) - 1) | 1 << 52, biased as i32 - 1075),
    };
    let product = u128::from(mantissa) * POWERS.get(places)?;
    if exponent >= 0 {
        return (product.leading_zeros() as i32 > exponent).then(|| product << exponent);
    }
    let shift = exponent.unsigned_abs();
    if shift >= u128::BITS {
        // The product has at most 127 bits: less than a half.
        return Some(0);
    }
    let (whole, rest) = (product >> shift, product & ((1 << shift) - 1));
    let half = 1u128 << (shift - 1);
    Some(whole + u128::from(rest > half || (rest == half && whole & 1 == 1)))
}

/// Room for a sign, 39 digits and a point, and for zeros before them.
pub(crate) type FixedText = [u8; 72];

/// A finite number with this many digits behind the point; `None` where that takes more than 128 bits.
pub(crate) fn fixed_text(room: &mut FixedText, number: f64, places: usize) -> Option<&str> {
    let digits = scaled(number, places)?;
    let (whole, fraction) = (digits / POWERS[places], digits % POWERS[places]);
    let mut start = room.len();
    if places > 0 {
        let end = start;
        start -= places;
        room[start..].fill(b'0');
        write_wide(room, end, fraction);
        start -= 1;
        room[start] = b'.';
    }
    let end = start;
    start = write_wide(room, end, whole);
    if start == end {
        start -= 1;
        room[start] = b'0';
    }
    if number.is_sign_negative() {
        start -= 1;
        room[start] = b'-';
    }
    std::str::from_utf8(&room[start..]).ok()
}

/// Writes the digits of a number before `end`; returns where they begin.
fn write_wide(room: &mut FixedText, end: usize, number: u128) -> usize {
    const LIMB_OF_TENS: u128 = 10_000_000_000_000_000_000;
    let Ok(short) = u64::try_from(number) else {
        let (high, low) = (number / LIMB_OF_TENS, number % LIMB_OF_TENS);
        room[end - 19..end].fill(b'0');
        write_digits(room, end, low as u64);
        return write_wide(room, end - 19, high);
    };
    write_digits(room, end, short)
}

/// A finite number rounded to some places behind the point; `None` where that takes more than a float holds.
pub(crate) fn rounded(number: f64, places: usize) -> Option<f64> {
    let digits = scaled(number, places).filter(|digits| *digits <= 1 << 53)?;
    // Both are exact, so the quotient is the float nearest to the decimal number.
    Some((digits as f64 / POWERS[places] as f64).copysign(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_roundings_are_those_of_the_library() {
        let mut state = 1u64;
        let mut numbers =
            vec![0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 2.675, 1e22, 9.995, 0.05, 5e-324, 1e-40, 1e300, f64::MAX];
        for _ in 0..2000 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let exponent = 1023 + state % 130 - 65;
            numbers.push(f64::from_bits(state >> 12 | exponent << 52));
            numbers.push((state >> 40) as f64 / 1000.0);
            numbers.push(-((state >> 44) as f64) / 64.0);
        }
        for number in numbers {
            for places in 0..=22 {
                let expected = format!("{number:.places$}");
                if let Some(text) = fixed_text(&mut [0; 72], number, places) {
                    assert_eq!(text, expected, "{number:?} {places}");
                }
                if let Some(rounded) = rounded(number, places) {
                    assert_eq!(
                        rounded.to_bits(),
                        expected.parse::<f64>().map_or(0, f64::to_bits),
                        "{number:?} {places}"
                    );
                }
            }
        }
    }
}

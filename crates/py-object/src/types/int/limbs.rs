//! Arithmetic on magnitudes: slices of 64-bit limbs, the lowest first. Nothing here allocates; the callers give the room.

use std::cmp::Ordering;

/// Without zero limbs at the top.
pub(super) fn trimmed(limbs: &[u64]) -> &[u64] {
    let length = limbs.iter().rposition(|limb| *limb != 0).map_or(0, |at| at + 1);
    &limbs[..length]
}

/// Number of bits of a trimmed magnitude.
pub(super) fn bits(limbs: &[u64]) -> u64 {
    limbs.last().map_or(0, |top| 64 * limbs.len() as u64 - u64::from(top.leading_zeros()))
}

/// The number where it has at most two limbs.
#[inline(always)]
pub(super) fn as_u128(limbs: &[u64]) -> Option<u128> {
    match limbs {
        [] => Some(0),
        [low] => Some(u128::from(*low)),
        [low, high] => Some(u128::from(*high) << 64 | u128::from(*low)),
        _ => None,
    }
}

/// How two trimmed magnitudes compare.
pub(super) fn compare(x: &[u64], y: &[u64]) -> Ordering {
    x.len().cmp(&y.len()).then_with(|| x.iter().rev().cmp(y.iter().rev()))
}

/// `x + y`, where `x` is not the shorter one; `sum` has one limb more than `x`.
pub(super) fn add(sum: &mut [u64], x: &[u64], y: &[u64]) {
    let mut carry = false;
    let (low, high) = x.split_at(y.len());
    for ((sum, x), y) in sum.iter_mut().zip(low).zip(y) {
        (*sum, carry) = carrying_add(*x, *y, carry);
    }
    for (sum, x) in sum[y.len()..].iter_mut().zip(high) {
        (*sum, carry) = x.overflowing_add(u64::from(carry));
    }
    sum[x.len()] = u64::from(carry);
}

/// `x - y`, where `x` is not less; `difference` is as long as `x`.
pub(super) fn subtract(difference: &mut [u64], x: &[u64], y: &[u64]) {
    let mut borrow = false;
    let (low, high) = x.split_at(y.len());
    for ((difference, x), y) in difference.iter_mut().zip(low).zip(y) {
        (*difference, borrow) = borrowing_subtract(*x, *y, borrow);
    }
    for (difference, x) in difference[y.len()..].iter_mut().zip(high) {
        (*difference, borrow) = x.overflowing_sub(u64::from(borrow));
    }
}

#[inline(always)]
fn carrying_add(x: u64, y: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = x.overflowing_add(y);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

#[inline(always)]
fn borrowing_subtract(x: u64, y: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = x.overflowing_sub(y);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

/// Adds one, where that is known to fit.
pub(super) fn increment(limbs: &mut [u64]) {
    for limb in limbs {
        let (sum, carry) = limb.overflowing_add(1);
        *limb = sum;
        if !carry {
            return;
        }
    }
}

/// `x * y`; `product` is as long as both together and zero.
pub(super) fn multiply(product: &mut [u64], x: &[u64], y: &[u64]) {
    let (long, short) = if x.len() < y.len() { (y, x) } else { (x, y) };
    for (at, factor) in short.iter().enumerate() {
        let carry = multiply_add(&mut product[at..at + long.len()], long, *factor);
        product[at + long.len()] = carry;
    }
}

/// `sum += x * factor`; returns what does not fit.
#[inline]
fn multiply_add(sum: &mut [u64], x: &[u64], factor: u64) -> u64 {
    let mut carry = 0;
    for (sum, x) in sum.iter_mut().zip(x) {
        let wide = u128::from(*x) * u128::from(factor) + u128::from(*sum) + u128::from(carry);
        *sum = wide as u64;
        carry = (wide >> 64) as u64;
    }
    carry
}

/// `limbs = limbs * factor + addend`; returns what does not fit.
pub(super) fn scale(limbs: &mut [u64], factor: u64, addend: u64) -> u64 {
    let mut carry = addend;
    for limb in limbs {
        let wide = u128::from(*limb) * u128::from(factor) + u128::from(carry);
        *limb = wide as u64;
        carry = (wide >> 64) as u64;
    }
    carry
}

/// Quotient and rest of a number of two limbs, where the quotient fits one.
#[inline(always)]
fn divide_wide(high: u64, low: u64, divisor: u64) -> (u64, u64) {
    debug_assert!(high < divisor);
    #[cfg(target_arch = "x86_64")]
    {
        let (quotient, rest);
        // SAFETY: the quotient fits, so the instruction does not fault; it touches nothing but the registers named.
        unsafe {
            std::arch::asm!(
                "div {0}",
                in(reg) divisor,
                inlateout("rax") low => quotient,
                inlateout("rdx") high => rest,
                options(pure, nomem, nostack)
            );
        }
        (quotient, rest)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let number = u128::from(high) << 64 | u128::from(low);
        ((number / u128::from(divisor)) as u64, (number % u128::from(divisor)) as u64)
    }
}

/// Divides in place by one limb; returns the rest.
pub(super) fn divide_by_limb(limbs: &mut [u64], divisor: u64) -> u64 {
    let mut rest = 0;
    for limb in limbs.iter_mut().rev() {
        (*limb, rest) = divide_wide(rest, *limb, divisor);
    }
    rest
}

/// Divides by a divisor of two or more limbs, whose top bit is set (Knuth's algorithm D). The number, one limb longer than it
/// needs to be, becomes the rest; the quotient has as many limbs as the number is longer than the divisor.
pub(super) fn divide(quotient: &mut [u64], number: &mut [u64], divisor: &[u64]) {
    let length = divisor.len();
    let (first, second) = (divisor[length - 1], divisor[length - 2]);
    for at in (0..number.len() - length).rev() {
        let (top, next, after) = (number[at + length], number[at + length - 1], number[at + length - 2]);
        let mut digit = u64::MAX;
        if top < first {
            let (estimate, mut rest) = divide_wide(top, next, first);
            digit = estimate;
            // The estimate is at most two too large.
            while u128::from(digit) * u128::from(second) > (u128::from(rest) << 64 | u128::from(after)) {
                digit -= 1;
                let (sum, overflow) = rest.overflowing_add(first);
                if overflow {
                    break;
                }
                rest = sum;
            }
        }
        let window = &mut number[at..=at + length];
        if subtract_product(window, divisor, digit) {
            digit -= 1;
            add_back(window, divisor);
        }
        // Where the estimate could only be the largest limb, it may be too large by more than one.
        while top >= first && window[length] != 0 {
            digit -= 1;
            add_back(window, divisor);
        }
        quotient[at] = digit;
    }
}

/// `window -= divisor * digit`; whether that went below zero (the window then holds it modulo its size).
fn subtract_product(window: &mut [u64], divisor: &[u64], digit: u64) -> bool {
    let mut carry = 0u64;
    let mut borrow = false;
    for (limb, part) in window.iter_mut().zip(divisor) {
        let wide = u128::from(*part) * u128::from(digit) + u128::from(carry);
        carry = (wide >> 64) as u64;
        (*limb, borrow) = borrowing_subtract(*limb, wide as u64, borrow);
    }
    let (top, borrow) = borrowing_subtract(window[divisor.len()], carry, borrow);
    window[divisor.len()] = top;
    borrow
}

/// `window += divisor`, modulo its size.
fn add_back(window: &mut [u64], divisor: &[u64]) {
    let mut carry = false;
    for (limb, part) in window.iter_mut().zip(divisor) {
        (*limb, carry) = carrying_add(*limb, *part, carry);
    }
    let top = &mut window[divisor.len()];
    *top = top.wrapping_add(u64::from(carry));
}

/// `x << (64 * limbs + bits)`, `bits` below 64; `result` has room for one limb more than that needs and is zero.
pub(super) fn shift_left(result: &mut [u64], x: &[u64], limbs: usize, bits: u32) {
    let place = &mut result[limbs..=limbs + x.len()];
    if bits == 0 {
        place[..x.len()].copy_from_slice(x);
        return;
    }
    let mut carry = 0;
    for (place, limb) in place.iter_mut().zip(x) {
        *place = limb << bits | carry;
        carry = limb >> (64 - bits);
    }
    place[x.len()] = carry;
}

/// `x >> (64 * limbs + bits)`, `bits` below 64 and `limbs` below the length of `x`; `result` is `limbs` shorter than `x`.
/// Whether bits that were set are lost.
pub(super) fn shift_right(result: &mut [u64], x: &[u64], limbs: usize, bits: u32) -> bool {
    let (lost, kept) = x.split_at(limbs);
    let mut inexact = lost.iter().any(|limb| *limb != 0);
    if bits == 0 {
        result.copy_from_slice(kept);
        return inexact;
    }
    inexact |= kept[0] << (64 - bits) != 0;
    for at in 0..kept.len() {
        let above = kept.get(at + 1).map_or(0, |limb| limb << (64 - bits));
        result[at] = kept[at] >> bits | above;
    }
    inexact
}

/// The limbs of a signed number in two's complement, the sign going on for ever.
pub(super) struct TwosComplement<'a> {
    limbs: std::slice::Iter<'a, u64>,
    negative: bool,
    carry: bool,
}

impl TwosComplement<'_> {
    /// Of a magnitude and a sign.
    pub(super) fn new(limbs: &[u64], negative: bool) -> TwosComplement<'_> {
        TwosComplement { limbs: limbs.iter(), negative, carry: negative }
    }

    /// The next limb.
    #[inline(always)]
    pub(super) fn take(&mut self) -> u64 {
        let limb = self.limbs.next().copied().unwrap_or(0);
        if !self.negative {
            return limb;
        }
        let (limb, carry) = (!limb).overflowing_add(u64::from(self.carry));
        self.carry = carry;
        limb
    }
}

/// Turns a negative number in two's complement into its magnitude.
pub(super) fn negate(limbs: &mut [u64]) {
    let mut carry = true;
    for limb in limbs {
        (*limb, carry) = (!*limb).overflowing_add(u64::from(carry));
    }
}

/// The rest of the division by a modulus of `2 ** 61 - 1`.
pub(super) fn modulo_mersenne(limbs: &[u64]) -> u64 {
    const MODULUS: u64 = (1 << 61) - 1;
    limbs.iter().rev().fold(0u64, |rest, limb| {
        // 2 ** 64 leaves 8.
        let wide = u128::from(rest) * 8 + u128::from(*limb);
        let folded = (wide as u64 & MODULUS) + (wide >> 61) as u64;
        if folded >= MODULUS { folded - MODULUS } else { folded }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;

    fn big(limbs: &[u64]) -> BigUint {
        let halves = limbs.iter().flat_map(|limb| [*limb as u32, (limb >> 32) as u32]);
        BigUint::new(halves.collect())
    }

    /// Limbs that are often all zeros or all ones, since there the carries are.
    fn numbers() -> Vec<Vec<u64>> {
        let mut state = 88172645463325252u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut all = Vec::new();
        for length in [1, 2, 2, 3, 3, 4, 5, 8] {
            for _ in 0..12 {
                let mut limbs: Vec<u64> = (0..length)
                    .map(|_| match next() % 5 {
                        0 => 0,
                        1 => u64::MAX,
                        2 => 1 << 63,
                        _ => next(),
                    })
                    .collect();
                if limbs[length - 1] == 0 {
                    limbs[length - 1] = 1 << 63;
                }
                all.push(limbs);
            }
        }
        all
    }

    #[test]
    fn sums_differences_and_products_are_those_of_the_library() {
        for x in numbers() {
            for y in numbers() {
                let (long, short) = if compare(&x, &y).is_lt() { (&y, &x) } else { (&x, &y) };
                let mut sum = vec![0; long.len() + 1];
                add(&mut sum, long, short);
                assert_eq!(big(&sum), big(&x) + big(&y));
                let mut difference = vec![0; long.len()];
                subtract(&mut difference, long, short);
                assert_eq!(big(&difference), big(long) - big(short));
                let mut product = vec![0; x.len() + y.len()];
                multiply(&mut product, &x, &y);
                assert_eq!(big(&product), big(&x) * big(&y));
            }
        }
    }

    #[test]
    fn quotients_and_rests_are_those_of_the_library() {
        for x in numbers() {
            for mut y in numbers() {
                let top = y.len() - 1;
                y[top] |= 1 << 63;
                let (quotient, rest) = if y.len() == 1 {
                    let mut quotient = x.clone();
                    let rest = divide_by_limb(&mut quotient, y[0]);
                    (quotient, vec![rest])
                } else if x.len() < y.len() {
                    continue;
                } else {
                    let mut number = x.clone();
                    number.push(0);
                    let mut quotient = vec![0; number.len() - y.len()];
                    divide(&mut quotient, &mut number, &y);
                    (quotient, number)
                };
                assert_eq!(big(&quotient), big(&x) / big(&y));
                assert_eq!(big(&rest), big(&x) % big(&y));
            }
        }
    }

    #[test]
    fn shifts_and_hashes_are_those_of_the_library() {
        for x in numbers() {
            for count in [0u32, 1, 31, 63, 64, 65, 128, 200] {
                let (limbs, bits) = (count as usize / 64, count % 64);
                let mut left = vec![0; x.len() + limbs + 1];
                shift_left(&mut left, &x, limbs, bits);
                assert_eq!(big(&left), big(&x) << count);
                if limbs < x.len() {
                    let mut right = vec![0; x.len() - limbs];
                    let inexact = shift_right(&mut right, &x, limbs, bits);
                    assert_eq!(big(&right), big(&x) >> count);
                    assert_eq!(inexact, big(&right) << count != big(&x));
                }
            }
            assert_eq!(BigUint::from(modulo_mersenne(&x)), big(&x) % ((1u64 << 61) - 1));
        }
    }
}

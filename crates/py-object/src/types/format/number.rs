//! Numbers as text: digits, exponent, grouping, sign and padding.

use super::{Specification, digits_in_base};
use crate::cx::{Cx, PyResult};
use crate::types::{float, int};
use num_bigint::Sign;
use vm_heap::Value;

/// A number's text in parts.
pub struct NumberText {
    /// Whether it gets a minus sign.
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'static str,
    /// The digits before the point, or `inf`, `nan`.
    pub whole: String,
    /// The digits behind the point.
    pub fraction: String,
    /// Whether there is a point.
    pub point: bool,
    /// Exponent or percent sign.
    pub suffix: String,
    /// Digits per group.
    pub group: usize,
}

impl NumberText {
    /// An int by its format code (`d b o x X n`).
    pub fn of_int(cx: &mut Cx, value: Value, code: char, alternate: bool) -> PyResult<NumberText> {
        let (base, prefix) = match code {
            'b' => (2, "0b"),
            'o' => (8, "0o"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let (negative, mut whole) = if base == 10 {
            let text = int::text_of(cx, value)?;
            match text.strip_prefix('-') {
                Some(digits) => (true, digits.to_string()),
                None => (false, text),
            }
        } else {
            let number = int::as_big(value).expect("the caller passes an int");
            (number.sign() == Sign::Minus, digits_in_base(&number, base))
        };
        if code == 'X' {
            whole.make_ascii_uppercase();
        }
        Ok(NumberText {
            negative,
            prefix: if alternate { prefix } else { "" },
            whole,
            fraction: String::new(),
            point: false,
            suffix: String::new(),
            group: if base == 10 { 3 } else { 4 },
        })
    }

    /// A float by its format code (`None`: as `str` writes it).
    pub fn of_float(number: f64, code: Option<char>, precision: Option<usize>, alternate: bool) -> NumberText {
        let text = float_text(number.abs(), code, precision, alternate);
        let (mantissa, suffix) = match text.find(['e', 'E', '%']) {
            Some(at) if number.is_finite() => (text[..at].to_string(), text[at..].to_string()),
            _ => (text, String::new()),
        };
        let (whole, fraction, point) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole.to_string(), fraction.to_string(), true),
            None => (mantissa, String::new(), false),
        };
        NumberText {
            negative: number.is_sign_negative() && !number.is_nan(),
            prefix: "",
            whole,
            fraction,
            point,
            suffix,
            group: 3,
        }
    }

    /// Whether all digits are zero.
    pub fn is_zero(&self) -> bool {
        self.whole.bytes().chain(self.fraction.bytes()).all(|digit| digit == b'0')
    }

    /// The whole text, padded to the width of the specification.
    pub fn laid_out(&self, spec: &Specification) -> String {
        let sign = match (self.negative, spec.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        };
        let mut rest = String::new();
        if self.point {
            rest.push('.');
            rest.push_str(&group_from_left(&self.fraction, spec.fraction_grouping));
        }
        rest.push_str(&self.suffix);
        let in_front = sign.len() + self.prefix.len();
        let zeros_inside = spec.fill == '0' && spec.align == Some('=');
        let least = if zeros_inside { spec.width.saturating_sub(in_front + rest.len()) } else { 0 };
        let is_number = self.whole.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && !self.whole.eq_ignore_ascii_case("inf")
            && !self.whole.eq_ignore_ascii_case("nan");
        let whole = match spec.grouping.filter(|_| is_number) {
            Some(separator) => group_from_right(&self.whole, separator, self.group, least),
            None => self.whole.clone(),
        };
        let length = in_front + whole.len() + rest.len();
        let mut result = String::new();
        if spec.align == Some('=') {
            result.push_str(sign);
            result.push_str(self.prefix);
            result.extend(std::iter::repeat_n(spec.fill, spec.width.saturating_sub(length)));
            result.push_str(&whole);
            result.push_str(&rest);
            return result;
        }
        let (left, right) = spec.padding(length, '>');
        result.extend(std::iter::repeat_n(spec.fill, left));
        for part in [sign, self.prefix, &whole, &rest] {
            result.push_str(part);
        }
        result.extend(std::iter::repeat_n(spec.fill, right));
        result
    }
}

/// Separators between groups counted from the right, zeros in front up to a least width.
fn group_from_right(digits: &str, separator: char, size: usize, least: usize) -> String {
    let mut reversed = String::new();
    let mut taken = 0;
    let mut source = digits.chars().rev();
    loop {
        let digit = match source.next() {
            Some(digit) => digit,
            None if reversed.len() < least => '0',
            None => break,
        };
        if taken > 0 && taken % size == 0 {
            reversed.push(separator);
        }
        reversed.push(digit);
        taken += 1;
    }
    reversed.chars().rev().collect()
}

fn group_from_left(digits: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return digits.to_string() };
    let mut result = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == 0 {
            result.push(separator);
        }
        result.push(digit);
    }
    result
}

/// The text of a float that is not negative, by format code.
pub fn float_text(number: f64, code: Option<char>, precision: Option<usize>, alternate: bool) -> String {
    let upper = code.is_some_and(|code| code.is_ascii_uppercase());
    let mut text = if number.is_nan() {
        "nan".to_string()
    } else if number.is_infinite() {
        "inf".to_string()
    } else {
        finite_text(number, code, precision, alternate)
    };
    if code == Some('%') && !number.is_finite() {
        text.push('%');
    }
    if upper {
        text.make_ascii_uppercase();
    }
    text
}

fn finite_text(number: f64, code: Option<char>, precision: Option<usize>, alternate: bool) -> String {
    let digits = precision.unwrap_or(6);
    match code.map(|code| code.to_ascii_lowercase()) {
        Some('e') => exponential(number, digits, alternate),
        Some('f') => fixed(number, digits, alternate),
        Some('%') => {
            let scaled = number * 100.0;
            if scaled.is_infinite() { "inf%".to_string() } else { format!("{}%", fixed(scaled, digits, alternate)) }
        }
        Some(_) => general(number, digits, alternate, false),
        None => match precision {
            Some(digits) => general(number, digits, alternate, true),
            None => float::repr_of(number),
        },
    }
}

fn fixed(number: f64, digits: usize, alternate: bool) -> String {
    let dot = if digits == 0 && alternate { "." } else { "" };
    format!("{}{dot}", decimal(number, digits))
}

/// No float has more digits than this that are not zero, neither behind the point nor in all.
const MOST_DIGITS: usize = 1100;

/// A number with this many digits behind the point.
fn decimal(number: f64, digits: usize) -> String {
    if let Some(text) = float::decimal::fixed_text(&mut [0; 72], number, digits) {
        return text.to_string();
    }
    let exact = digits.min(MOST_DIGITS);
    let mut text = format!("{number:.exact$}");
    text.extend(std::iter::repeat_n('0', digits - exact));
    text
}

/// A number with an exponent and this many digits behind the point.
fn scientific(number: f64, digits: usize) -> (String, i64) {
    let exact = digits.min(MOST_DIGITS);
    let text = format!("{number:.exact$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mut mantissa = mantissa.to_string();
    mantissa.extend(std::iter::repeat_n('0', digits - exact));
    (mantissa, exponent.parse().unwrap_or(0))
}

fn exponential(number: f64, digits: usize, alternate: bool) -> String {
    let (mantissa, exponent) = scientific(number, digits);
    let dot = if digits == 0 && alternate { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{dot}e{sign}{:02}", exponent.abs())
}

/// `g`: fixed or with exponent, whichever is shorter; `like_repr` keeps a digit behind the point.
fn general(number: f64, digits: usize, alternate: bool, like_repr: bool) -> String {
    let digits = digits.max(1);
    let (mantissa, exponent) = scientific(number, digits - 1);
    let mantissa = mantissa.as_str();
    let point = exponent + 1;
    let threshold = digits as i64 - i64::from(like_repr);
    let strip = |text: &str| -> String {
        if alternate || !text.contains('.') {
            return text.to_string();
        }
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    };
    if point <= -4 || point > threshold {
        let exponent = point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        let dot = if alternate && !mantissa.contains('.') { "." } else { "" };
        return format!("{}{dot}e{sign}{:02}", strip(mantissa), exponent.abs());
    }
    let places = (digits as i64 - point).max(0) as usize;
    let mut text = strip(&decimal(number, places));
    if !text.contains('.') {
        if like_repr {
            text.push_str(".0");
        } else if alternate {
            text.push('.');
        }
    }
    text
}

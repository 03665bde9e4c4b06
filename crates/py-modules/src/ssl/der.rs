//! Reading DER (X.690): just what certificates, keys and revocation lists are made of.
//!
//! Nothing is copied; a malformed element is `None`, never a panic.

/// Tags.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// UTF8String.
pub const UTF8_STRING: u8 = 0x0c;
/// TeletexString, in practice Latin-1.
pub const TELETEX_STRING: u8 = 0x14;
/// UTCTime.
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// UniversalString, UTF-32.
pub const UNIVERSAL_STRING: u8 = 0x1c;
/// BMPString, UTF-16.
pub const BMP_STRING: u8 = 0x1e;
/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// SET.
pub const SET: u8 = 0x31;

/// The tag of an explicit `[number]`.
pub const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// An element.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Its tag.
    pub tag: u8,
    /// Its content.
    pub content: &'a [u8],
    /// All of it, with tag and length.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// A reader of what is inside.
    pub fn inside(&self) -> Reader<'a> {
        Reader { rest: self.content }
    }
}

/// Reads elements one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of bytes.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element.
    pub fn any(&mut self) -> Option<Element<'a>> {
        let (tag, first) = (*self.rest.first()?, usize::from(*self.rest.get(1)?));
        // Tags of more than one byte do not occur.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (head, length) = if first < 0x80 {
            (2, first)
        } else {
            let count = first & 0x7f;
            if count == 0 || count > 4 {
                return None;
            }
            let digits = self.rest.get(2..2 + count)?;
            (2 + count, digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)))
        };
        let end = head.checked_add(length)?;
        let whole = self.rest.get(..end)?;
        self.rest = &self.rest[end..];
        Some(Element { tag, content: &whole[head..], whole })
    }

    /// The next element, which must have a tag.
    pub fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The next element if it has a tag.
    pub fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.rest.first() == Some(&tag) { self.any() } else { None }
    }
}

/// The numbers of an object identifier, with dots.
pub fn dotted(content: &[u8]) -> String {
    let mut text = String::new();
    let mut number: u128 = 0;
    let mut is_first = true;
    for byte in content {
        number = number << 7 & (u128::MAX >> 1) | u128::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if is_first {
            let root = (number / 40).min(2);
            text = format!("{root}.{}", number - root * 40);
            is_first = false;
        } else {
            text.push_str(&format!(".{number}"));
        }
        number = 0;
    }
    text
}

/// The content of an object identifier that is given with dots.
pub fn from_dotted(text: &str) -> Option<Vec<u8>> {
    let numbers: Vec<u64> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [first, second, rest @ ..] = numbers.as_slice() else { return None };
    if *first > 2 || (*first < 2 && *second >= 40) {
        return None;
    }
    let mut content = Vec::new();
    for number in std::iter::once(first * 40 + second.checked_add(0)?).chain(rest.iter().copied()) {
        let digits = (64 - number.leading_zeros()).div_ceil(7).max(1);
        for digit in (0..digits).rev() {
            let more = if digit > 0 { 0x80 } else { 0 };
            content.push((number >> (7 * digit)) as u8 & 0x7f | more);
        }
    }
    Some(content)
}

/// Whether an element is a string type, and its text.
pub fn text(element: &Element<'_>) -> Option<String> {
    let content = element.content;
    match element.tag {
        BMP_STRING => {
            let units: Vec<u16> = content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            Some(String::from_utf16_lossy(&units))
        }
        UNIVERSAL_STRING => Some(
            content
                .chunks_exact(4)
                .map(|unit| {
                    let code = u32::from_be_bytes([unit[0], unit[1], unit[2], unit[3]]);
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                })
                .collect(),
        ),
        UTF8_STRING => Some(String::from_utf8_lossy(content).into_owned()),
        // NumericString, PrintableString, IA5String, VisibleString, GeneralString.
        0x12 | 0x13 | TELETEX_STRING | 0x16 | 0x1a | 0x1b => {
            Some(content.iter().map(|byte| char::from(*byte)).collect())
        }
        _ => None,
    }
}

/// A point in time: seconds since 1970.
pub fn time(element: &Element<'_>) -> Option<i64> {
    let text = element.content;
    let digits = |from: usize, count: usize| -> Option<i64> {
        let part = text.get(from..from + count)?;
        part.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let (year, at) = match element.tag {
        UTC_TIME => {
            let year = digits(0, 2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, 2)
        }
        GENERALIZED_TIME => (digits(0, 4)?, 4),
        _ => return None,
    };
    let [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map(|offset| digits(at + offset, 2));
    let (month, day, hour, minute, second) = (month?, day?, hour?, minute?, second?);
    if text.get(at + 10..) != Some(b"Z") {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; years begin in March to have the leap day last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A point in time as OpenSSL prints it: `Jan  5 09:34:43 2018 GMT`.
pub fn print_time(seconds: i64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, rest) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = era * 400 + year_of_era + i64::from(month < 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{} {day:2} {hour:02}:{minute:02}:{second:02} {year} GMT", MONTHS[month as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for seconds in [0, 951_782_400, 1_515_144_883, 4_102_444_800, -1] {
            let printed = print_time(seconds);
            assert!(printed.ends_with(" GMT"), "{printed}");
        }
        assert_eq!(print_time(1_515_144_883), "Jan  5 09:34:43 2018 GMT");
        let element = Element { tag: UTC_TIME, content: b"180105093443Z", whole: &[] };
        assert_eq!(time(&element), Some(1_515_144_883));
    }

    #[test]
    fn identifiers() {
        for text in ["1.2.840.113549.1.1.11", "2.5.4.3", "2.23.140.1.2.1", "0.9.2342.19200300.100.1.25"] {
            assert_eq!(dotted(&from_dotted(text).unwrap()), text);
        }
    }

    #[test]
    fn torn() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x1f, 1, 0]] {
            assert!(Reader::new(bytes).any().is_none());
        }
    }
}

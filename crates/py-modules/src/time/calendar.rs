//! Times by the calendar: `struct_time`, and text from and to it.

use super::clock;
use crate::posix::time_from_seconds;
use crate::structseq::{self, Declaration};
use crate::system::errors::{last_error, os_error};
use crate::system::paths::{decode_path, encode_path};
use py_macros::py_functions;
use py_object::objects::{Str, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{class_of, int};
use py_object::{Cx, Kind, NONE, PyResult, call, downcast};
use std::ffi::CString;
use vm_heap::{Gc, Value};

/// `time.struct_time`.
pub static STRUCT_TIME: Declaration = Declaration {
    name: "time.struct_time",
    doc: "The time value as returned by gmtime(), localtime(), and strptime(), and\naccepted by asctime(), mktime() and strftime().  May be considered as a\nsequence of 9 integers.",
    fields: &[
        ("tm_year", "year, for example, 1993"),
        ("tm_mon", "month of year, range [1, 12]"),
        ("tm_mday", "day of month, range [1, 31]"),
        ("tm_hour", "hours, range [0, 23]"),
        ("tm_min", "minutes, range [0, 59]"),
        ("tm_sec", "seconds, range [0, 61])"),
        ("tm_wday", "day of week, range [0, 6], Monday is 0"),
        ("tm_yday", "day of year, range [1, 366]"),
        ("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
        ("tm_zone", "abbreviation of timezone name"),
        ("tm_gmtoff", "offset from UTC in seconds"),
    ],
    items: 9,
    copies: &[],
};

fn time_value(cx: &mut Cx, time: &libc::tm) -> PyResult {
    let numbers = [
        i64::from(time.tm_year) + 1900,
        i64::from(time.tm_mon) + 1,
        i64::from(time.tm_mday),
        i64::from(time.tm_hour),
        i64::from(time.tm_min),
        i64::from(time.tm_sec),
        i64::from((time.tm_wday + 6) % 7),
        i64::from(time.tm_yday) + 1,
        i64::from(time.tm_isdst),
    ];
    let mut fields = [NONE; 11];
    for (field, number) in fields.iter_mut().zip(numbers) {
        *field = Value::int(number);
    }
    if !time.tm_zone.is_null() {
        // SAFETY: the system gives a text that ends with a zero byte.
        let name = unsafe { std::ffi::CStr::from_ptr(time.tm_zone) };
        fields[9] = decode_path(cx, name.to_bytes())?.value();
    }
    fields[10] = Value::int(time.tm_gmtoff);
    structseq::new(cx, &STRUCT_TIME, &fields)
}

/// Whole seconds of a time that was given, or now.
fn seconds_or_now(cx: &mut Cx, value: Value) -> PyResult<i64> {
    if value == NONE {
        return Ok(clock(libc::CLOCK_REALTIME).div_euclid(1_000_000_000));
    }
    Ok(time_from_seconds(cx, value)?.tv_sec)
}

/// The calendar's form of a time, in local time or in UTC.
pub fn broken_down(cx: &mut Cx, seconds: i64, local: bool) -> PyResult<libc::tm> {
    // SAFETY: the structure is plain numbers and a pointer that may be null; the calls fill it.
    let (found, time, number) = unsafe {
        let mut time: libc::tm = std::mem::zeroed();
        let found = if local {
            libc::localtime_r(&raw const seconds, &raw mut time)
        } else {
            libc::gmtime_r(&raw const seconds, &raw mut time)
        };
        (!found.is_null(), time, last_error())
    };
    if !found {
        if number == libc::EOVERFLOW {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "timestamp out of range for platform time_t"));
        }
        return Err(os_error(cx, if number == 0 { libc::EINVAL } else { number }));
    }
    Ok(time)
}

/// The fields of a tuple or `struct_time`. Names what they are for in errors.
fn from_tuple(cx: &mut Cx, value: Value, function: &str) -> PyResult<(libc::tm, Option<CString>)> {
    let Some(items) = downcast::<Tuple>(value) else {
        return Err(cx.type_error("Tuple or struct_time argument required"));
    };
    let items_slice = tuple_items(&items);
    if items_slice.len() != 9 {
        return Err(cx.type_error(format!("{function}(): illegal time tuple argument")));
    }
    let mut numbers = [0i32; 9];
    for (number, item) in numbers.iter_mut().zip(items_slice) {
        *number = crate::system::arguments::c_int(cx, *item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, summer] = numbers;
    let Some(year) = year.checked_sub(1900) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "year out of range"));
    };
    // SAFETY: plain numbers and a pointer that may be null.
    let mut time: libc::tm = unsafe { std::mem::zeroed() };
    time.tm_year = year;
    time.tm_mon = month - 1;
    time.tm_mday = day;
    time.tm_hour = hour;
    time.tm_min = minute;
    time.tm_sec = second;
    time.tm_wday = weekday.wrapping_add(1) % 7;
    time.tm_yday = yearday - 1;
    time.tm_isdst = summer;
    let mut zone = None;
    let class = structseq::class(cx, &STRUCT_TIME)?;
    if class_of(cx, value) == class {
        let offset = crate::io::attribute(cx, value, "tm_gmtoff")?;
        if offset != NONE {
            time.tm_gmtoff = int::as_i64(int::index(cx, offset)?).unwrap_or(0);
        }
        let name = crate::io::attribute(cx, value, "tm_zone")?;
        if let Some(name) = downcast::<Str>(name) {
            zone = CString::new(encode_path(cx, name)?).ok();
        }
    }
    Ok((time, zone))
}

/// ValueError for fields that no time has; zeros stand for the lowest.
fn check_ranges(cx: &mut Cx, time: &mut libc::tm) -> PyResult<()> {
    if time.tm_mon == -1 {
        time.tm_mon = 0;
    }
    if time.tm_mday == 0 {
        time.tm_mday = 1;
    }
    if time.tm_yday == -1 {
        time.tm_yday = 0;
    }
    let checks = [
        (time.tm_mon, 0..=11, "month out of range"),
        (time.tm_mday, 1..=31, "day of month out of range"),
        (time.tm_hour, 0..=23, "hour out of range"),
        (time.tm_min, 0..=59, "minute out of range"),
        (time.tm_sec, 0..=61, "seconds out of range"),
        (time.tm_wday, 0..=6, "day of week out of range"),
        (time.tm_yday, 0..=365, "day of year out of range"),
    ];
    for (number, range, message) in checks {
        if !range.contains(&number) {
            return Err(cx.value_error(message));
        }
    }
    Ok(())
}

/// Formats by the system one part of a format, which holds only ASCII and no zero byte.
fn format_part(format: &[u8], time: &libc::tm, result: &mut Vec<u8>) {
    if format.is_empty() {
        return;
    }
    // Behind a last character that is always there, an empty result differs from one that did not fit.
    let mut text = format.to_vec();
    text.push(b'.');
    let Ok(text) = CString::new(text) else { return };
    let mut buffer = vec![0u8; 256.max(format.len() * 4)];
    loop {
        // SAFETY: the buffer is as long as stated, and the format ends with a zero byte.
        let count = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), buffer.len(), text.as_ptr(), time) };
        if count > 0 {
            result.extend_from_slice(&buffer[..count - 1]);
            return;
        }
        if buffer.len() > 256 * (format.len() + 256) {
            return;
        }
        let longer = buffer.len() * 2;
        buffer.resize(longer, 0);
    }
}

fn format_time(cx: &mut Cx, format: Gc<Str>, mut time: libc::tm, zone: Option<&CString>) -> PyResult<Gc<Str>> {
    let by_rule = super::zone::name_pointer(usize::from(time.tm_isdst > 0));
    time.tm_zone = zone.map_or(by_rule, |zone| zone.as_ptr());
    let bytes = encode_path(cx, format)?;
    let mut result = Vec::with_capacity(bytes.len() * 2);
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == 0 || *byte >= 0x80).unwrap_or(rest.len());
        format_part(&rest[..end], &time, &mut result);
        rest = &rest[end..];
        let end = rest.iter().position(|byte| *byte != 0 && *byte < 0x80).unwrap_or(rest.len());
        result.extend_from_slice(&rest[..end]);
        rest = &rest[end..];
    }
    decode_path(cx, &result)
}

fn ascii_time(cx: &mut Cx, time: &libc::tm) -> Gc<Str> {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = format!(
        "{} {}{:3} {:02}:{:02}:{:02} {}",
        DAYS[time.tm_wday as usize],
        MONTHS[time.tm_mon as usize],
        time.tm_mday,
        time.tm_hour,
        time.tm_min,
        time.tm_sec,
        i64::from(time.tm_year) + 1900
    );
    Str::new(cx, &text)
}

/// The functions about the calendar.
pub struct Functions;

#[py_functions("time")]
impl Functions {
    /// Convert seconds since the Epoch to a time tuple expressing UTC.
    ///
    /// When 'seconds' is not passed in, convert the current time instead.
    #[function(signature = "")]
    fn gmtime(cx: &mut Cx, #[default(NONE)] seconds: Value) -> PyResult {
        let seconds = seconds_or_now(cx, seconds)?;
        let time = broken_down(cx, seconds, false)?;
        time_value(cx, &time)
    }
    /// Convert seconds since the Epoch to a time tuple expressing local time.
    ///
    /// When 'seconds' is not passed in, convert the current time instead.
    #[function(signature = "")]
    fn localtime(cx: &mut Cx, #[default(NONE)] seconds: Value) -> PyResult {
        let seconds = seconds_or_now(cx, seconds)?;
        let time = broken_down(cx, seconds, true)?;
        time_value(cx, &time)
    }
    /// Convert a time tuple to a string, e.g. 'Sat Jun 06 16:26:11 1998'.
    ///
    /// When the time tuple is not present, current time as returned by localtime()
    /// is used.
    #[function(signature = "")]
    fn asctime(cx: &mut Cx, #[default(NONE)] tuple: Value) -> PyResult<Gc<Str>> {
        let time = if tuple == NONE {
            let now = seconds_or_now(cx, NONE)?;
            broken_down(cx, now, true)?
        } else {
            let (mut time, _) = from_tuple(cx, tuple, "asctime")?;
            check_ranges(cx, &mut time)?;
            time
        };
        Ok(ascii_time(cx, &time))
    }
    /// Convert a time in seconds since the Epoch to a string in local time.
    ///
    /// This is equivalent to asctime(localtime(seconds)). When the time is
    /// not present, the current time is used.
    #[function(signature = "")]
    fn ctime(cx: &mut Cx, #[default(NONE)] seconds: Value) -> PyResult<Gc<Str>> {
        let seconds = seconds_or_now(cx, seconds)?;
        let time = broken_down(cx, seconds, true)?;
        Ok(ascii_time(cx, &time))
    }
    /// Convert a time tuple in local time to seconds since the Epoch.
    #[function(signature = "")]
    fn mktime(cx: &mut Cx, tuple: Value) -> PyResult<f64> {
        let (mut time, _) = from_tuple(cx, tuple, "mktime")?;
        // -1 is a time as well: whether the weekday was filled in tells.
        time.tm_wday = -1;
        // SAFETY: the structure can be written.
        let seconds = unsafe { libc::mktime(&raw mut time) };
        if seconds == -1 && time.tm_wday == -1 {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "mktime argument out of range"));
        }
        Ok(seconds as f64)
    }
    /// Convert a time tuple to a string according to a format specification.
    ///
    /// See the library reference manual for formatting codes. When the time tuple
    /// is not present, current time as returned by localtime() is used.
    #[function(signature = "")]
    fn strftime(cx: &mut Cx, format: Gc<Str>, #[default(NONE)] tuple: Value) -> PyResult<Gc<Str>> {
        if tuple == NONE {
            let now = seconds_or_now(cx, NONE)?;
            let time = broken_down(cx, now, true)?;
            return format_time(cx, format, time, None);
        }
        let (mut time, zone) = from_tuple(cx, tuple, "strftime")?;
        check_ranges(cx, &mut time)?;
        time.tm_isdst = time.tm_isdst.clamp(-1, 1);
        format_time(cx, format, time, zone.as_ref())
    }
    /// Parse a string to a time tuple according to a format specification.
    #[function(signature = "")]
    fn strptime(cx: &mut Cx, #[args] arguments: &[Value]) -> PyResult {
        let module = crate::import(cx, "_strptime")?;
        call::call_method(cx, module, "_strptime_time", arguments)
    }
}

//! `_locale`: the conventions of the C library's locales.

use crate::system::{decode_path, encode_path};
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{Dict, List, Module, Str};
use py_object::{Cx, Kind, NONE, PyResult, call, downcast};
use std::ffi::{CStr, CString};
use vm_heap::{Gc, Value};

fn c_text(cx: &mut Cx, text: Gc<Str>) -> PyResult<CString> {
    let bytes = encode_path(cx, text)?;
    match CString::new(bytes) {
        Ok(text) => Ok(text),
        Err(_) => Err(cx.value_error("embedded null character")),
    }
}

fn optional_c_text(cx: &mut Cx, value: Value) -> PyResult<Option<CString>> {
    match downcast::<Str>(value) {
        Some(text) => c_text(cx, text).map(Some),
        None if value == NONE => Ok(None),
        None => {
            let found = py_object::types::class_name(cx, value);
            Err(cx.type_error(format!("argument must be str or None, not {found}")))
        }
    }
}

/// # Safety
/// `text` must be null or the start of a text that ends with a zero byte.
unsafe fn text_of(cx: &mut Cx, text: *const libc::c_char) -> PyResult {
    if text.is_null() {
        return Ok(NONE);
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes().to_vec();
    Ok(decode_path(cx, &bytes)?.value())
}

fn pointer(text: &Option<CString>) -> *const libc::c_char {
    text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr())
}

/// The class `locale.Error`, which lives in the module.
fn locale_error(cx: &mut Cx, message: &str) -> py_object::Raised {
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let (name, error) = (cx.intern("_locale"), cx.intern("Error"));
    let class = Dict::get_str(cx, modules, name)
        .and_then(downcast::<Module>)
        .and_then(|module| Dict::get_str(cx, module.dict.get(), error));
    let text = Str::new(cx, message);
    match class.map(|class| call::call(cx, class, &[text.value()], None)) {
        Some(Ok(exception)) => cx.raise_value(exception),
        Some(Err(raised)) => raised,
        None => cx.value_error(message),
    }
}

/// Sizes of groups of digits, up to the end that the C library marks.
fn grouping(cx: &mut Cx, groups: &[u8]) -> PyResult {
    let list = List::new(cx, &[])?;
    for group in groups {
        List::push(cx, list, Value::int(i64::from(*group)))?;
    }
    if groups.last().is_some_and(|last| *last != libc::c_char::MAX as u8) {
        List::push(cx, list, Value::int(0))?;
    }
    Ok(list.value())
}

/// What `nl_langinfo` can be asked for.
const ITEMS: &[(&str, libc::nl_item)] = &[
    ("ABDAY_1", libc::ABDAY_1),
    ("ABDAY_2", libc::ABDAY_2),
    ("ABDAY_3", libc::ABDAY_3),
    ("ABDAY_4", libc::ABDAY_4),
    ("ABDAY_5", libc::ABDAY_5),
    ("ABDAY_6", libc::ABDAY_6),
    ("ABDAY_7", libc::ABDAY_7),
    ("ABMON_1", libc::ABMON_1),
    ("ABMON_2", libc::ABMON_2),
    ("ABMON_3", libc::ABMON_3),
    ("ABMON_4", libc::ABMON_4),
    ("ABMON_5", libc::ABMON_5),
    ("ABMON_6", libc::ABMON_6),
    ("ABMON_7", libc::ABMON_7),
    ("ABMON_8", libc::ABMON_8),
    ("ABMON_9", libc::ABMON_9),
    ("ABMON_10", libc::ABMON_10),
    ("ABMON_11", libc::ABMON_11),
    ("ABMON_12", libc::ABMON_12),
    ("DAY_1", libc::DAY_1),
    ("DAY_2", libc::DAY_2),
    ("DAY_3", libc::DAY_3),
    ("DAY_4", libc::DAY_4),
    ("DAY_5", libc::DAY_5),
    ("DAY_6", libc::DAY_6),
    ("DAY_7", libc::DAY_7),
    ("MON_1", libc::MON_1),
    ("MON_2", libc::MON_2),
    ("MON_3", libc::MON_3),
    ("MON_4", libc::MON_4),
    ("MON_5", libc::MON_5),
    ("MON_6", libc::MON_6),
    ("MON_7", libc::MON_7),
    ("MON_8", libc::MON_8),
    ("MON_9", libc::MON_9),
    ("MON_10", libc::MON_10),
    ("MON_11", libc::MON_11),
    ("MON_12", libc::MON_12),
    ("RADIXCHAR", libc::RADIXCHAR),
    ("THOUSEP", libc::THOUSEP),
    ("YESEXPR", libc::YESEXPR),
    ("NOEXPR", libc::NOEXPR),
    ("CRNCYSTR", libc::CRNCYSTR),
    ("D_FMT", libc::D_FMT),
    ("D_T_FMT", libc::D_T_FMT),
    ("T_FMT", libc::T_FMT),
    ("T_FMT_AMPM", libc::T_FMT_AMPM),
    ("AM_STR", libc::AM_STR),
    ("PM_STR", libc::PM_STR),
    ("CODESET", libc::CODESET),
    ("ERA", libc::ERA),
    ("ERA_D_FMT", libc::ERA_D_FMT),
    ("ERA_D_T_FMT", libc::ERA_D_T_FMT),
    ("ERA_T_FMT", libc::ERA_T_FMT),
    ("ALT_DIGITS", libc::ALT_DIGITS),
];

const CATEGORIES: &[(&str, i32)] = &[
    ("LC_CTYPE", libc::LC_CTYPE),
    ("LC_TIME", libc::LC_TIME),
    ("LC_COLLATE", libc::LC_COLLATE),
    ("LC_MONETARY", libc::LC_MONETARY),
    ("LC_MESSAGES", libc::LC_MESSAGES),
    ("LC_NUMERIC", libc::LC_NUMERIC),
    ("LC_ALL", libc::LC_ALL),
];

// The C library's catalogues of messages; in glibc they are part of the library itself.
unsafe extern "C" {
    fn gettext(message: *const libc::c_char) -> *mut libc::c_char;
    fn dgettext(domain: *const libc::c_char, message: *const libc::c_char) -> *mut libc::c_char;
    fn dcgettext(domain: *const libc::c_char, message: *const libc::c_char, category: i32) -> *mut libc::c_char;
    fn textdomain(domain: *const libc::c_char) -> *mut libc::c_char;
    fn bindtextdomain(domain: *const libc::c_char, folder: *const libc::c_char) -> *mut libc::c_char;
    fn bind_textdomain_codeset(domain: *const libc::c_char, codeset: *const libc::c_char) -> *mut libc::c_char;
}

/// The functions.
pub struct Functions;

#[py_functions("_locale")]
impl Functions {
    /// Activate or query a locale.
    #[function]
    fn setlocale(cx: &mut Cx, category: i64, #[default(NONE)] locale: Value) -> PyResult {
        let locale = optional_c_text(cx, locale)?;
        let category = i32::try_from(category).unwrap_or(i32::MAX);
        // SAFETY: the name, if there is one, ends with a zero byte and lives during the call.
        let found = unsafe { libc::setlocale(category, pointer(&locale)) };
        if found.is_null() {
            let what = if locale.is_some() { "unsupported locale setting" } else { "locale query failed" };
            return Err(locale_error(cx, what));
        }
        // SAFETY: the result is a text of the C library, valid until the next call.
        unsafe { text_of(cx, found) }
    }
    /// Return the conventions for numbers and amounts of money.
    #[function]
    fn localeconv(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        // SAFETY: the structure is the C library's; everything is copied at once.
        let facts = unsafe { &*libc::localeconv() };
        let dict = cx.dict();
        for (name, text) in [
            ("int_curr_symbol", facts.int_curr_symbol),
            ("currency_symbol", facts.currency_symbol),
            ("mon_decimal_point", facts.mon_decimal_point),
            ("mon_thousands_sep", facts.mon_thousands_sep),
        ] {
            // SAFETY: the texts of the structure end with zero bytes.
            let text = unsafe { text_of(cx, text) }?;
            let name = cx.intern(name);
            Dict::set_str(cx, dict, name, text)?;
        }
        // SAFETY: the same.
        let groups = unsafe { CStr::from_ptr(facts.mon_grouping) }.to_bytes().to_vec();
        let groups = grouping(cx, &groups)?;
        let name = cx.intern("mon_grouping");
        Dict::set_str(cx, dict, name, groups)?;
        for (name, text) in [("positive_sign", facts.positive_sign), ("negative_sign", facts.negative_sign)] {
            // SAFETY: the same.
            let text = unsafe { text_of(cx, text) }?;
            let name = cx.intern(name);
            Dict::set_str(cx, dict, name, text)?;
        }
        for (name, number) in [
            ("int_frac_digits", facts.int_frac_digits),
            ("frac_digits", facts.frac_digits),
            ("p_cs_precedes", facts.p_cs_precedes),
            ("p_sep_by_space", facts.p_sep_by_space),
            ("n_cs_precedes", facts.n_cs_precedes),
            ("n_sep_by_space", facts.n_sep_by_space),
            ("p_sign_posn", facts.p_sign_posn),
            ("n_sign_posn", facts.n_sign_posn),
        ] {
            let name = cx.intern(name);
            Dict::set_str(cx, dict, name, Value::int(number.into()))?;
        }
        for (name, text) in [("decimal_point", facts.decimal_point), ("thousands_sep", facts.thousands_sep)] {
            // SAFETY: the same.
            let text = unsafe { text_of(cx, text) }?;
            let name = cx.intern(name);
            Dict::set_str(cx, dict, name, text)?;
        }
        // SAFETY: the same.
        let groups = unsafe { CStr::from_ptr(facts.grouping) }.to_bytes().to_vec();
        let groups = grouping(cx, &groups)?;
        let name = cx.intern("grouping");
        Dict::set_str(cx, dict, name, groups)?;
        Ok(dict)
    }
    /// Compare two strings according to the locale.
    #[function]
    fn strcoll(cx: &mut Cx, os1: Gc<Str>, os2: Gc<Str>) -> PyResult<i64> {
        let (lhs, rhs) = (c_text(cx, os1)?, c_text(cx, os2)?);
        // SAFETY: both texts end with zero bytes.
        Ok(i64::from(unsafe { libc::strcoll(lhs.as_ptr(), rhs.as_ptr()) }))
    }
    /// Return a string that compares as the locale compares this one.
    #[function]
    fn strxfrm(cx: &mut Cx, string: Gc<Str>) -> PyResult {
        let text = c_text(cx, string)?;
        // SAFETY: without room nothing is written, and the length is returned.
        let length = unsafe { libc::strxfrm(std::ptr::null_mut(), text.as_ptr(), 0) };
        let mut buffer = vec![0u8; length + 1];
        // SAFETY: the buffer has room for the length that was just asked for.
        unsafe { libc::strxfrm(buffer.as_mut_ptr().cast(), text.as_ptr(), buffer.len()) };
        buffer.truncate(length);
        Ok(decode_path(cx, &buffer)?.value())
    }
    /// Return a fact of the locale.
    #[function]
    fn nl_langinfo(cx: &mut Cx, key: i64) -> PyResult {
        let Some((_, item)) = ITEMS.iter().find(|(_, item)| i64::from(*item) == key) else {
            return Err(cx.value_error("unsupported langinfo constant"));
        };
        // SAFETY: the item is one that the C library knows.
        let text = unsafe { libc::nl_langinfo(*item) };
        // SAFETY: the result is a text of the C library.
        unsafe { text_of(cx, text) }
    }
    /// Return the encoding of the locale.
    #[function]
    fn getencoding(cx: &mut Cx) -> PyResult {
        if cx.runtime.configuration().flags.utf8_mode {
            return Ok(cx.intern("utf-8").value());
        }
        // SAFETY: the item is one that the C library knows.
        let text = unsafe { libc::nl_langinfo(libc::CODESET) };
        // SAFETY: the result is a text of the C library.
        let found = unsafe { text_of(cx, text) }?;
        match downcast::<Str>(found) {
            // As CPython coerces the C locale, so it does not count here.
            Some(name) if py_object::StrExt::bytes(&name) == b"ANSI_X3.4-1968" => Ok(cx.intern("UTF-8").value()),
            _ => Ok(found),
        }
    }
    /// Return the translation of a message.
    #[function]
    fn gettext(cx: &mut Cx, msg: Gc<Str>) -> PyResult {
        let message = c_text(cx, msg)?;
        // SAFETY: the message ends with a zero byte; the result is it or a text of the C library.
        unsafe {
            let found = gettext(message.as_ptr());
            text_of(cx, found)
        }
    }
    /// Return the translation of a message in a domain.
    #[function]
    fn dgettext(cx: &mut Cx, domain: Value, msg: Gc<Str>) -> PyResult {
        let (domain, message) = (optional_c_text(cx, domain)?, c_text(cx, msg)?);
        // SAFETY: the texts end with zero bytes; the result is the message or a text of the C library.
        unsafe {
            let found = dgettext(pointer(&domain), message.as_ptr());
            text_of(cx, found)
        }
    }
    /// Return the translation of a message in a domain and category.
    #[function]
    fn dcgettext(cx: &mut Cx, domain: Value, msg: Gc<Str>, category: i64) -> PyResult {
        let (domain, message) = (optional_c_text(cx, domain)?, c_text(cx, msg)?);
        let category = i32::try_from(category).unwrap_or(libc::LC_MESSAGES);
        // SAFETY: the texts end with zero bytes; the result is the message or a text of the C library.
        unsafe {
            let found = dcgettext(pointer(&domain), message.as_ptr(), category);
            text_of(cx, found)
        }
    }
    /// Set the domain of messages and return it.
    #[function]
    fn textdomain(cx: &mut Cx, domain: Value) -> PyResult {
        let domain = optional_c_text(cx, domain)?;
        // SAFETY: the text ends with a zero byte; the result is a text of the C library.
        unsafe {
            let found = textdomain(pointer(&domain));
            text_of(cx, found)
        }
    }
    /// Set the folder of a domain's messages and return it.
    #[function]
    fn bindtextdomain(cx: &mut Cx, domain: Gc<Str>, dir: Value) -> PyResult {
        let (domain, folder) = (c_text(cx, domain)?, optional_c_text(cx, dir)?);
        if domain.is_empty() {
            return Err(locale_error(cx, "domain must be a non-empty string"));
        }
        // SAFETY: the texts end with zero bytes; the result is a text of the C library.
        unsafe {
            let found = bindtextdomain(domain.as_ptr(), pointer(&folder));
            text_of(cx, found)
        }
    }
    /// Set the encoding of a domain's messages and return it.
    #[function]
    fn bind_textdomain_codeset(cx: &mut Cx, domain: Gc<Str>, codeset: Value) -> PyResult {
        let (domain, codeset) = (c_text(cx, domain)?, optional_c_text(cx, codeset)?);
        // SAFETY: the texts end with zero bytes; the result is a text of the C library.
        unsafe {
            let found = bind_textdomain_codeset(domain.as_ptr(), pointer(&codeset));
            text_of(cx, found)
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_locale", FUNCTIONS);
    for (name, number) in CATEGORIES {
        set(cx, module, name, Value::int((*number).into()))?;
    }
    for (name, item) in ITEMS {
        set(cx, module, name, Value::int((*item).into()))?;
    }
    set(cx, module, "CHAR_MAX", Value::int(libc::c_char::MAX.into()))?;
    let exception = cx.builtin_type(Kind::EXCEPTION).value();
    let namespace = cx.dict();
    let (key, home) = (cx.intern("__module__"), cx.intern("locale"));
    Dict::set_str(cx, namespace, key, home.value())?;
    let bases = cx.tuple(&[exception]);
    let metaclass = cx.builtin_type(Kind::TYPE).value();
    let name = cx.intern("Error").value();
    let error = call::call(cx, metaclass, &[name, bases, namespace.value()], None)?;
    set(cx, module, "Error", error)?;
    Ok(module)
}

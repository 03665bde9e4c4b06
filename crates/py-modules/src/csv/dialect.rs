//! `Dialect`: what separates, quotes and escapes fields.

use super::{QUOTINGS, Quoting, registered};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Str, Type};
use py_object::types::{class_name, int, is_instance, str};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, downcast, object, operations};
use vm_heap::{Gc, Value};

/// A character that is not set.
pub const NOT_SET: i64 = -1;

object! {
    /// A dialect.
    pub struct Dialect = 769 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// Code point between fields.
        delimiter: i64,
        /// Code point around fields, or [`NOT_SET`].
        quote: i64,
        /// Code point that escapes others, or [`NOT_SET`].
        escape: i64,
        /// What ends a written row.
        terminator: Gc<Str>,
        /// Number of the quoting.
        quoting: usize,
        /// Whether a quote within quotes is doubled.
        doublequote: bool,
        /// Whether spaces after a delimiter are skipped.
        skipinitialspace: bool,
        /// Whether bad input is an error.
        strict: bool,
    }
}

impl Dialect {
    /// The quoting.
    pub fn quoting_mode(&self) -> Quoting {
        QUOTINGS[self.quoting.get()].1
    }
}

const NAMES: [&str; 8] =
    ["delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"];

/// What was given for each of [`NAMES`].
type Given = [Option<Value>; NAMES.len()];

fn character(cx: &mut Cx, name: &str, given: Option<Value>, default: i64, may_be_none: bool) -> PyResult<i64> {
    let Some(value) = given else { return Ok(default) };
    if may_be_none && value == NONE {
        return Ok(NOT_SET);
    }
    let wanted = if may_be_none { "a unicode character or None" } else { "a unicode character" };
    let Some(text) = downcast::<Str>(value) else {
        let class = class_name(cx, value);
        return Err(cx.type_error(format!("\"{name}\" must be {wanted}, not {class}")));
    };
    let mut codes = str::code_points(text.bytes());
    match (codes.next(), codes.next()) {
        (Some(code), None) => Ok(i64::from(code)),
        _ => {
            let length = str::code_points(text.bytes()).count();
            Err(cx.type_error(format!("\"{name}\" must be {wanted}, not a string of length {length}")))
        }
    }
}

fn flag(cx: &mut Cx, given: Option<Value>, default: bool) -> PyResult<bool> {
    match given {
        Some(value) => operations::truth(cx, value),
        None => Ok(default),
    }
}

fn line_terminator(cx: &mut Cx, given: Option<Value>) -> PyResult<Gc<Str>> {
    let Some(value) = given else { return Ok(Str::new(cx, "\r\n")) };
    match downcast::<Str>(value) {
        Some(text) => Ok(text),
        None => {
            let class = class_name(cx, value);
            Err(cx.type_error(format!("\"lineterminator\" must be a string, not {class}")))
        }
    }
}

fn quoting(cx: &mut Cx, given: Option<Value>, quote: Option<Value>) -> PyResult<usize> {
    let Some(value) = given else {
        // Without a character for quotes, there are none.
        return Ok(if quote == Some(NONE) { Quoting::None } else { Quoting::Minimal } as usize);
    };
    if !int::is_int(value) {
        let class = class_name(cx, value);
        return Err(cx.type_error(format!("\"quoting\" must be an integer, not {class}")));
    }
    match int::as_i64(value).and_then(|number| usize::try_from(number).ok()).filter(|number| *number < QUOTINGS.len()) {
        Some(number) => Ok(number),
        None => Err(cx.type_error("bad \"quoting\" value")),
    }
}

/// Checks that the special characters can be told from each other and from ends of lines.
fn check(cx: &mut Cx, dialect: Gc<Dialect>) -> PyResult<()> {
    let space = !dialect.skipinitialspace.get();
    let named = [
        ("delimiter", dialect.delimiter.get(), true),
        ("escapechar", dialect.escape.get(), space),
        ("quotechar", dialect.quote.get(), space),
    ];
    for (name, code, may_be_space) in named {
        if [10, 13].contains(&code) || code == 32 && !may_be_space {
            return Err(cx.value_error(format!("bad {name} value")));
        }
        if str::code_points(dialect.terminator.get().bytes()).any(|end| i64::from(end) == code) {
            return Err(cx.value_error(format!("bad {name} or lineterminator value")));
        }
    }
    for (first, second) in [(0, 1), (0, 2), (1, 2)] {
        if named[first].1 == named[second].1 && named[first].1 != NOT_SET {
            return Err(cx.value_error(format!("bad {} or {} value", named[first].0, named[second].0)));
        }
    }
    Ok(())
}

fn make(cx: &mut Cx, class: Gc<Type>, given: Given) -> PyResult<Gc<Dialect>> {
    let [delimiter, doublequote, escape, terminator, quote, how, skip, strict] = given;
    let delimiter = character(cx, "delimiter", delimiter, i64::from(b','), false)?;
    let doublequote = flag(cx, doublequote, true)?;
    let escape = character(cx, "escapechar", escape, NOT_SET, true)?;
    let terminator = line_terminator(cx, terminator)?;
    let quote_code = character(cx, "quotechar", quote, i64::from(b'"'), true)?;
    let how = quoting(cx, how, quote)?;
    let skip = flag(cx, skip, false)?;
    let strict = flag(cx, strict, false)?;
    if how != Quoting::None as usize && quote_code == NOT_SET {
        return Err(cx.type_error("quotechar must be set if quoting enabled"));
    }
    let dialect = crate::new_object::<Dialect>(cx, class);
    dialect.delimiter.init(delimiter);
    dialect.quote.init(quote_code);
    dialect.escape.init(escape);
    dialect.terminator.init(terminator);
    dialect.quoting.init(how);
    dialect.doublequote.init(doublequote);
    dialect.skipinitialspace.init(skip);
    dialect.strict.init(strict);
    check(cx, dialect)?;
    Ok(dialect)
}

fn shown_character(cx: &mut Cx, code: i64) -> Value {
    match u32::try_from(code) {
        Ok(code) => str::from_code_point(cx, code).value(),
        Err(_) => NONE,
    }
}

/// The methods.
pub struct Methods;

#[py_methods(CSV_DIALECT, name = "Dialect")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] positional: &[Value],
        #[kwargs] keywords: Keywords<'_>,
    ) -> PyResult<Gc<Dialect>> {
        let count = positional.len() + keywords.iter().count();
        if count > 1 + NAMES.len() {
            let most = 1 + NAMES.len();
            return Err(cx.type_error(format!("function takes at most {most} arguments ({count} given)")));
        }
        let mut given: Given = [None; NAMES.len()];
        let mut base = positional.first().copied();
        for (place, value) in given.iter_mut().zip(positional.iter().skip(1)) {
            *place = Some(*value);
        }
        for (name, value) in keywords.iter() {
            let name = name.to_text();
            match NAMES.iter().position(|known| *known == name) {
                Some(at) => given[at] = Some(value),
                None if name == "dialect" => base = Some(value),
                None => {
                    let message = format!("this function got an unexpected keyword argument '{name}'");
                    return Err(cx.type_error(message));
                }
            }
        }
        if let Some(mut base) = base.filter(|base| *base != NONE) {
            if downcast::<Str>(base).is_some() {
                base = registered(cx, base)?;
            }
            if let Some(dialect) = downcast::<Dialect>(base)
                && is_instance(cx, base, Kind::CSV_DIALECT)
                && given.iter().all(Option::is_none)
            {
                return Ok(dialect);
            }
            for (place, name) in given.iter_mut().zip(NAMES) {
                if place.is_none() {
                    let name = cx.intern(name);
                    *place = attribute::find(cx, base, name)?.map(|(value, _)| value);
                }
            }
        }
        make(cx, class, given)
    }
    #[getter]
    fn delimiter(cx: &mut Cx, this: Gc<Dialect>) -> Value {
        shown_character(cx, this.delimiter.get())
    }
    #[getter]
    fn escapechar(cx: &mut Cx, this: Gc<Dialect>) -> Value {
        shown_character(cx, this.escape.get())
    }
    #[getter]
    fn quotechar(cx: &mut Cx, this: Gc<Dialect>) -> Value {
        shown_character(cx, this.quote.get())
    }
    #[getter]
    fn lineterminator(this: Gc<Dialect>) -> Gc<Str> {
        this.terminator.get()
    }
    #[getter]
    fn quoting(this: Gc<Dialect>) -> usize {
        this.quoting.get()
    }
    #[getter]
    fn doublequote(this: Gc<Dialect>) -> bool {
        this.doublequote.get()
    }
    #[getter]
    fn skipinitialspace(this: Gc<Dialect>) -> bool {
        this.skipinitialspace.get()
    }
    #[getter]
    fn strict(this: Gc<Dialect>) -> bool {
        this.strict.get()
    }
    #[method]
    fn __reduce__(cx: &mut Cx, _this: Gc<Dialect>) -> PyResult {
        Err(cx.type_error("cannot pickle 'Dialect' instances"))
    }
    #[method]
    fn __reduce_ex__(cx: &mut Cx, _this: Gc<Dialect>, protocol: Value) -> PyResult {
        let _ = protocol;
        Err(cx.type_error("cannot pickle 'Dialect' instances"))
    }
}

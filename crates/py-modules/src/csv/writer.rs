//! `writer`: lines from rows.

use super::dialect::{Dialect, NOT_SET};
use super::{Quoting, dialect_of, error};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Str};
use py_object::types::{class_name, is_instance, lookup_special, str};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, object, operations};
use vm_heap::{Gc, Value};

object! {
    /// A writer.
    pub struct Writer = 768 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// The `write` method of the file.
        write: Value,
        /// The dialect.
        dialect: Gc<Dialect>,
    }
}

/// One line while it is being written.
struct Line {
    dialect: Gc<Dialect>,
    text: Vec<u8>,
    fields: usize,
}

impl Line {
    /// Writes a field without a delimiter or quotes; tells whether it needs quotes.
    fn escaped(&self, cx: &mut Cx, field: &[u8], text: &mut Vec<u8>) -> PyResult<bool> {
        let dialect = self.dialect;
        let terminator = dialect.terminator.get();
        let mut needs_quotes = false;
        for code in str::code_points(field) {
            let is = |special: i64| special == i64::from(code);
            let is_quote = is(dialect.quote.get());
            let is_special = is_quote
                || is(dialect.delimiter.get())
                || is(dialect.escape.get())
                || matches!(code, 10 | 13)
                || str::code_points(terminator.bytes()).any(|end| end == code);
            if is_special {
                let mut escape = dialect.quoting_mode() == Quoting::None;
                if !escape {
                    if is_quote && dialect.doublequote.get() {
                        str::push_code_point(text, code);
                    } else {
                        escape = is_quote || is(dialect.escape.get());
                    }
                    needs_quotes |= !escape;
                }
                if escape {
                    if dialect.escape.get() == NOT_SET {
                        return Err(error(cx, "need to escape, but no escapechar set"));
                    }
                    str::push_code_point(text, dialect.escape.get() as u32);
                }
            }
            str::push_code_point(text, code);
        }
        Ok(needs_quotes)
    }

    fn add(&mut self, cx: &mut Cx, field: Option<&[u8]>, mut quoted: bool) -> PyResult<()> {
        let dialect = self.dialect;
        let quoting = dialect.quoting_mode();
        if field.unwrap_or(&[]).is_empty() && dialect.delimiter.get() == 32 && dialect.skipinitialspace.get() {
            if quoting == Quoting::None || field.is_none() && writes_none_as_nothing(quoting) {
                let message = "empty field must be quoted if delimiter is a space and skipinitialspace is true";
                return Err(error(cx, message));
            }
            quoted = true;
        }
        let mut text = Vec::new();
        quoted |= self.escaped(cx, field.unwrap_or(&[]), &mut text)?;
        if self.fields > 0 {
            str::push_code_point(&mut self.text, dialect.delimiter.get() as u32);
        }
        self.fields += 1;
        if quoted {
            str::push_code_point(&mut self.text, dialect.quote.get() as u32);
        }
        self.text.extend_from_slice(&text);
        if quoted {
            str::push_code_point(&mut self.text, dialect.quote.get() as u32);
        }
        Ok(())
    }
}

fn writes_none_as_nothing(quoting: Quoting) -> bool {
    matches!(quoting, Quoting::Strings | Quoting::NotNull)
}

fn is_number(cx: &mut Cx, value: Value) -> bool {
    is_instance(cx, value, Kind::COMPLEX)
        || ["__index__", "__int__", "__float__"].iter().any(|name| lookup_special(cx, value, name).is_some())
}

fn add_field(cx: &mut Cx, line: &mut Line, field: Value) -> PyResult<()> {
    let text = downcast::<Str>(field);
    let quoted = match line.dialect.quoting_mode() {
        Quoting::NonNumeric => !is_number(cx, field),
        Quoting::All => true,
        Quoting::Strings => text.is_some(),
        Quoting::NotNull => field != NONE,
        Quoting::Minimal | Quoting::None => false,
    };
    if field == NONE {
        return line.add(cx, None, quoted);
    }
    let text = match text {
        Some(text) => text,
        None => operations::to_str(cx, field)?,
    };
    line.add(cx, Some(text.bytes()), quoted)
}

fn write_row(cx: &mut Cx, this: Gc<Writer>, row: Value) -> PyResult {
    let fields = match operations::iterate(cx, row) {
        Ok(fields) => fields,
        Err(raised) => {
            let raised_value = cx.raised.get();
            if !is_instance(cx, raised_value, Kind::TYPE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            let message = format!("iterable expected, not {}", class_name(cx, row));
            return Err(error(cx, message));
        }
    };
    let dialect = this.dialect.get();
    let mut line = Line { dialect, text: Vec::new(), fields: 0 };
    let mut last_is_none = false;
    while let Some(field) = operations::next(cx, fields)? {
        last_is_none = field == NONE;
        add_field(cx, &mut line, field)?;
    }
    if line.fields > 0 && line.text.is_empty() {
        // A single empty field would read as no field at all.
        let quoting = dialect.quoting_mode();
        if quoting == Quoting::None || last_is_none && writes_none_as_nothing(quoting) {
            return Err(error(cx, "single empty field record must be quoted"));
        }
        line.fields -= 1;
        line.add(cx, None, true)?;
    }
    line.text.extend_from_slice(dialect.terminator.get().bytes());
    let text = Str::checked(cx, &line.text)?;
    call::call(cx, this.write.get(), &[text.value()], None)
}

/// `writer()`.
pub fn new(cx: &mut Cx, file: Value, dialect: Option<&Value>, parameters: Keywords<'_>) -> PyResult {
    let dialect = dialect_of(cx, dialect, parameters)?;
    let name = cx.intern("write");
    let write = match attribute::find(cx, file, name)? {
        Some((write, _)) if py_object::types::class::is_callable(cx, write) => write,
        _ => return Err(cx.type_error("argument 1 must have a \"write\" method")),
    };
    let class = cx.builtin_type(Kind::CSV_WRITER);
    let writer = crate::new_object::<Writer>(cx, class);
    writer.write.init(write);
    writer.dialect.init(dialect);
    Ok(writer.value())
}

/// The methods.
pub struct Methods;

#[py_methods(CSV_WRITER, name = "writer")]
impl Methods {
    #[getter]
    fn dialect(this: Gc<Writer>) -> Value {
        this.dialect.get().value()
    }
    /// Construct and write a CSV record from an iterable of fields.
    ///
    /// What is no string is written as str() makes it. Returns what the write method of the file returned.
    #[method]
    fn writerow(cx: &mut Cx, this: Gc<Writer>, row: Value) -> PyResult {
        write_row(cx, this, row)
    }
    /// Construct and write a series of records to a csv file.
    #[method]
    fn writerows(cx: &mut Cx, this: Gc<Writer>, rows: Value) -> PyResult<()> {
        let rows = operations::iterate(cx, rows)?;
        while let Some(row) = operations::next(cx, rows)? {
            write_row(cx, this, row)?;
        }
        Ok(())
    }
}

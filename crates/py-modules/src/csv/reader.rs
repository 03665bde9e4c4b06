//! `reader`: rows from lines.

use super::dialect::Dialect;
use super::{FIELD_LIMIT, Quoting, dialect_of, error};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, List, Str};
use py_object::types::{class_name, str};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call, downcast, object, operations};
use std::sync::atomic::Ordering::Relaxed;
use vm_heap::{Gc, Value};

object! {
    /// A reader.
    pub struct Reader = 767 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// The iterator over the lines.
        lines: Value,
        /// The dialect.
        dialect: Gc<Dialect>,
        /// Lines read so far.
        line_number: i64,
        /// Rows read so far.
        rows: i64,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartOfRecord,
    StartOfField,
    Escaped,
    AfterEscapedNewline,
    InField,
    InQuotes,
    EscapedInQuotes,
    QuoteInQuotes,
    SkippingNewline,
}

/// One row while it is being read. The fields lie in a list, the characters of the field that has begun here.
struct Row {
    dialect: Gc<Dialect>,
    fields: Gc<List>,
    state: State,
    text: Vec<u8>,
    length: i64,
    /// Whether the field did not begin with a quote.
    is_bare: bool,
}

/// Behind the last character of a line.
const END: u32 = u32::MAX;

impl Row {
    fn add(&mut self, cx: &mut Cx, code: u32) -> PyResult<()> {
        let limit = FIELD_LIMIT.load(Relaxed);
        if self.length >= limit {
            return Err(error(cx, format!("field larger than field limit ({limit})")));
        }
        str::push_code_point(&mut self.text, code);
        self.length += 1;
        Ok(())
    }

    fn save(&mut self, cx: &mut Cx) -> PyResult<()> {
        let quoting = self.dialect.quoting_mode();
        let field = if self.is_bare && self.length == 0 && matches!(quoting, Quoting::NotNull | Quoting::Strings) {
            NONE
        } else {
            let text = Str::checked(cx, &self.text)?.value();
            let is_number = match quoting {
                Quoting::NonNumeric => self.is_bare && self.length > 0,
                Quoting::Strings => self.is_bare,
                _ => false,
            };
            if is_number {
                let class = cx.builtin_type(Kind::FLOAT);
                call::call(cx, class.value(), &[text], None)?
            } else {
                text
            }
        };
        self.text.clear();
        self.length = 0;
        List::push(cx, self.fields, field)
    }

    /// Ends the field, and the row if `code` ends the line.
    fn save_at(&mut self, cx: &mut Cx, code: u32) -> PyResult<()> {
        self.save(cx)?;
        self.state = match code {
            END => State::StartOfRecord,
            10 | 13 => State::SkippingNewline,
            _ => State::StartOfField,
        };
        Ok(())
    }

    fn take(&mut self, cx: &mut Cx, code: u32) -> PyResult<()> {
        let dialect = self.dialect;
        let is = |special: i64| special == i64::from(code);
        let ends_line = matches!(code, 10 | 13 | END);
        let (delimits, escapes) = (is(dialect.delimiter.get()), is(dialect.escape.get()));
        let quotes = is(dialect.quote.get()) && dialect.quoting_mode() != Quoting::None;
        if self.state == State::StartOfRecord {
            match code {
                END => return Ok(()),
                10 | 13 => {
                    self.state = State::SkippingNewline;
                    return Ok(());
                }
                _ => self.state = State::StartOfField,
            }
        }
        if self.state == State::AfterEscapedNewline {
            if code == END {
                return Ok(());
            }
            self.state = State::InField;
        }
        match self.state {
            State::StartOfRecord | State::AfterEscapedNewline => Ok(()),
            State::StartOfField => {
                self.is_bare = true;
                if ends_line {
                    self.save_at(cx, code)
                } else if quotes {
                    self.is_bare = false;
                    self.state = State::InQuotes;
                    Ok(())
                } else if escapes {
                    self.state = State::Escaped;
                    Ok(())
                } else if code == 32 && dialect.skipinitialspace.get() {
                    Ok(())
                } else if delimits {
                    self.save_at(cx, code)
                } else {
                    self.state = State::InField;
                    self.add(cx, code)
                }
            }
            State::Escaped => {
                self.state = if matches!(code, 10 | 13) { State::AfterEscapedNewline } else { State::InField };
                self.add(cx, if code == END { 10 } else { code })
            }
            State::InField if ends_line || delimits && !escapes => self.save_at(cx, code),
            State::InField if escapes => {
                self.state = State::Escaped;
                Ok(())
            }
            State::InField => self.add(cx, code),
            State::InQuotes if code == END => Ok(()),
            State::InQuotes if escapes => {
                self.state = State::EscapedInQuotes;
                Ok(())
            }
            State::InQuotes if quotes => {
                self.state = if dialect.doublequote.get() { State::QuoteInQuotes } else { State::InField };
                Ok(())
            }
            State::InQuotes => self.add(cx, code),
            State::EscapedInQuotes => {
                self.state = State::InQuotes;
                self.add(cx, if code == END { 10 } else { code })
            }
            State::QuoteInQuotes if quotes => {
                self.state = State::InQuotes;
                self.add(cx, code)
            }
            State::QuoteInQuotes if delimits || ends_line => self.save_at(cx, code),
            State::QuoteInQuotes if dialect.strict.get() => {
                let shown = |code: i64| u32::try_from(code).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
                let (delimiter, quote) = (shown(dialect.delimiter.get()), shown(dialect.quote.get()));
                Err(error(cx, format!("'{delimiter}' expected after '{quote}'")))
            }
            State::QuoteInQuotes => {
                self.state = State::InField;
                self.add(cx, code)
            }
            State::SkippingNewline => match code {
                10 | 13 => Ok(()),
                END => {
                    self.state = State::StartOfRecord;
                    Ok(())
                }
                _ => {
                    let message =
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?";
                    Err(error(cx, message))
                }
            },
        }
    }
}

/// `reader()`.
pub fn new(cx: &mut Cx, lines: Value, dialect: Option<&Value>, parameters: Keywords<'_>) -> PyResult {
    let lines = operations::iterate(cx, lines)?;
    let dialect = dialect_of(cx, dialect, parameters)?;
    let class = cx.builtin_type(Kind::CSV_READER);
    let reader = crate::new_object::<Reader>(cx, class);
    reader.lines.init(lines);
    reader.dialect.init(dialect);
    Ok(reader.value())
}

/// The next row.
pub fn next(cx: &mut Cx, this: Value) -> PyResult<Option<Value>> {
    let Some(this) = downcast::<Reader>(this) else { return Ok(None) };
    let fields = List::new(cx, &[])?;
    let dialect = this.dialect.get();
    let (state, text) = (State::StartOfRecord, Vec::new());
    let mut row = Row { dialect, fields, state, text, length: 0, is_bare: false };
    let rows = this.rows.get();
    loop {
        let Some(line) = operations::next(cx, this.lines.get())? else {
            if row.length == 0 && row.state != State::InQuotes {
                return Ok(None);
            }
            if dialect.strict.get() {
                return Err(error(cx, "unexpected end of data"));
            }
            row.save(cx)?;
            this.rows.init(rows + 1);
            return Ok(Some(fields.value()));
        };
        let Some(line) = downcast::<Str>(line) else {
            let class = class_name(cx, line);
            let message =
                format!("iterator should return strings, not {class} (the file should be opened in text mode)");
            return Err(error(cx, message));
        };
        if this.rows.get() != rows {
            return Err(error(cx, "iterator has already advanced the reader"));
        }
        this.line_number.init(this.line_number.get() + 1);
        for code in str::code_points(line.bytes()) {
            row.take(cx, code)?;
        }
        row.take(cx, END)?;
        if row.state == State::StartOfRecord {
            this.rows.init(rows + 1);
            return Ok(Some(fields.value()));
        }
    }
}

/// The methods.
pub struct Methods;

#[py_methods(CSV_READER, name = "reader")]
impl Methods {
    #[getter]
    fn dialect(this: Gc<Reader>) -> Value {
        this.dialect.get().value()
    }
    #[getter]
    fn line_num(this: Gc<Reader>) -> i64 {
        this.line_number.get()
    }
}

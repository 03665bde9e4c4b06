//! `SyntaxError`: message and place in the source.

use super::details::{self, SYNTAX_MESSAGE, SYNTAX_METADATA, SYNTAX_PRINT};
use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, PyResult};
use crate::objects::{Exception, Str, Tuple};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{int, list};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

const FILENAME: usize = SYNTAX_MESSAGE + 1;
const LINE: usize = SYNTAX_MESSAGE + 2;
const OFFSET: usize = SYNTAX_MESSAGE + 3;
const TEXT: usize = SYNTAX_MESSAGE + 4;
const END_LINE: usize = SYNTAX_MESSAGE + 5;
const END_OFFSET: usize = SYNTAX_MESSAGE + 6;

/// The methods of `SyntaxError`.
pub struct SyntaxErrorMethods;

#[py_methods(SYNTAX_ERROR, name = "SyntaxError")]
impl SyntaxErrorMethods {
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        super::init(cx, this, args, kwargs)?;
        let Some(message) = args.first() else { return Ok(()) };
        details::set(cx, this, SYNTAX_MESSAGE, *message);
        let [_, place] = args else { return Ok(()) };
        let items = list::sequence_of(cx, *place)?;
        let place = Tuple::from_list(cx, items)?;
        let parts = tuple_items(&place);
        if !(4..=7).contains(&parts.len()) {
            let (bound, limit) = if parts.len() < 4 { ("least", 4) } else { ("most", 7) };
            let given = parts.len();
            return Err(cx.type_error(format!("function takes at {bound} {limit} arguments ({given} given)")));
        }
        if parts.len() == 5 {
            return Err(cx.type_error("end_offset must be provided when end_lineno is provided"));
        }
        for place in [END_LINE, END_OFFSET, SYNTAX_METADATA] {
            details::set(cx, this, place, NONE);
        }
        for (index, part) in parts.iter().enumerate() {
            details::set(cx, this, if index < 6 { FILENAME + index } else { SYNTAX_METADATA }, *part);
        }
        Ok(())
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        let message = operations::to_str(cx, details::get_or_none(this, SYNTAX_MESSAGE))?.to_text();
        let file = downcast::<Str>(details::get(this, FILENAME)).map(|file| file.to_text());
        let file = file.map(|file| file.rsplit('/').next().unwrap_or_default().to_string());
        let line = details::get(this, LINE);
        let line = if int::is_int(line) { int::as_i64(line) } else { None };
        let text = match (file, line) {
            (Some(file), Some(line)) => format!("{message} ({file}, line {line})"),
            (Some(file), None) => format!("{message} ({file})"),
            (None, Some(line)) => format!("{message} (line {line})"),
            (None, None) => message,
        };
        Ok(Str::new(cx, &text))
    }
    /// exception msg
    #[getter]
    fn msg(this: Gc<Exception>) -> Value {
        details::get_or_none(this, SYNTAX_MESSAGE)
    }
    #[setter]
    fn set_msg(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, SYNTAX_MESSAGE, value);
    }
    /// exception filename
    #[getter]
    fn filename(this: Gc<Exception>) -> Value {
        details::get_or_none(this, FILENAME)
    }
    #[setter]
    fn set_filename(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, FILENAME, value);
    }
    /// exception lineno
    #[getter]
    fn lineno(this: Gc<Exception>) -> Value {
        details::get_or_none(this, LINE)
    }
    #[setter]
    fn set_lineno(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, LINE, value);
    }
    /// exception offset
    #[getter]
    fn offset(this: Gc<Exception>) -> Value {
        details::get_or_none(this, OFFSET)
    }
    #[setter]
    fn set_offset(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, OFFSET, value);
    }
    /// exception text
    #[getter]
    fn text(this: Gc<Exception>) -> Value {
        details::get_or_none(this, TEXT)
    }
    #[setter]
    fn set_text(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, TEXT, value);
    }
    /// exception end lineno
    #[getter]
    fn end_lineno(this: Gc<Exception>) -> Value {
        details::get_or_none(this, END_LINE)
    }
    #[setter]
    fn set_end_lineno(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, END_LINE, value);
    }
    /// exception end offset
    #[getter]
    fn end_offset(this: Gc<Exception>) -> Value {
        details::get_or_none(this, END_OFFSET)
    }
    #[setter]
    fn set_end_offset(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, END_OFFSET, value);
    }
    /// exception print_file_and_line
    #[getter]
    fn print_file_and_line(this: Gc<Exception>) -> Value {
        details::get_or_none(this, SYNTAX_PRINT)
    }
    #[setter]
    fn set_print_file_and_line(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, SYNTAX_PRINT, value);
    }
    /// exception private metadata
    #[getter]
    fn _metadata(this: Gc<Exception>) -> Value {
        details::get_or_none(this, SYNTAX_METADATA)
    }
    #[setter]
    #[allow(non_snake_case)]
    fn set__metadata(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, SYNTAX_METADATA, value);
    }
}

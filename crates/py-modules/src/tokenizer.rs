//! `_tokenize`: the tokens of a source that a `readline` function gives.
//!
//! The first step reads all lines and finds all tokens; the tuples are made one by one. An error in the source is raised where
//! the tokens before it end.

use crate::{add_iterator, class, declare, module_of};
use py_macros::py_methods;
use py_object::bootstrap::add_methods;
use py_object::objects::{Array, Bytes, Exception, List, Module, Str, Type};
use py_object::sequence::elements;
use py_object::types::list;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, UNBOUND, call, downcast, exception, object};
use py_syntax::tokens::{ErrorKind, Token, TokenError, kind, tokenize};
use vm_heap::{Gc, Value};

object! {
    /// An iterator over tokens.
    pub struct Tokenizer = 520 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The function that gives the next line.
        readline: Value,
        /// How lines of bytes are encoded; None for lines of text.
        encoding: Value,
        /// Whether comments and blank lines count, and operators have one number.
        extra: bool,
        /// Whether the source has been read.
        read: bool,
        /// The tokens as tuples.
        tokens: Gc<List>,
        /// The exception that they end with, or None.
        error: Value,
        /// Index of the next token.
        index: usize,
    }
}

/// Gives the class its methods.
pub fn install(cx: &mut Cx) {
    declare::<Tokenizer>();
    add_methods(cx, Kind::TOKENIZER, TOKENIZER_METHODS);
    add_iterator(cx, Kind::TOKENIZER, step);
}

/// Where lines start, and where characters are in them.
struct Places<'source> {
    source: &'source str,
    starts: Vec<usize>,
    /// Whether the newline at the end is not the program's.
    implicit_newline: bool,
}

impl Places<'_> {
    fn new(source: &str, implicit_newline: bool) -> Places<'_> {
        let newlines = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(offset, _)| offset + 1)).collect();
        Places { source, starts, implicit_newline }
    }

    /// Line (from 0) and column in characters.
    fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        (line, self.source[self.starts[line]..offset].chars().count())
    }

    /// The text of lines.
    fn lines(&self, first: usize, last: usize) -> &str {
        let end = self.starts.get(last + 1).copied().unwrap_or(self.source.len());
        let text = &self.source[self.starts[first]..end];
        match self.implicit_newline && end == self.source.len() {
            true => text.strip_suffix('\n').unwrap_or(text),
            false => text,
        }
    }
}

/// Reads the lines until there are no more.
fn read(cx: &mut Cx, this: Gc<Tokenizer>) -> PyResult<String> {
    let mut source = String::new();
    loop {
        let line = match call::call(cx, this.readline.get(), &[], None) {
            Ok(line) => line,
            Err(raised) => {
                if !py_object::types::is_instance(cx, cx.raised.get(), Kind::STOP_ITERATION) {
                    return Err(raised);
                }
                cx.take_raised();
                return Ok(source);
            }
        };
        let encoding = this.encoding.get();
        let text = if encoding == NONE {
            match downcast::<Str>(line) {
                Some(text) => text,
                None => {
                    return Err(cx.type_error("readline() returned a non-string object"));
                }
            }
        } else {
            if downcast::<Bytes>(line).is_none() {
                return Err(cx.type_error("readline() returned a non-bytes object"));
            }
            let text = call::call_method(cx, line, "decode", &[encoding])?;
            let Some(text) = downcast::<Str>(text) else {
                return Err(cx.type_error("decoder should return a string result"));
            };
            text
        };
        if text.bytes().is_empty() {
            return Ok(source);
        }
        source.push_str(&text.to_text());
    }
}

/// The tuple of a token, or none if the iterator leaves it out.
fn token_tuple(cx: &mut Cx, places: &Places<'_>, token: Token, extra: bool) -> Option<Value> {
    let Token { kind: number, start, end, trailing } = token;
    if !extra && matches!(number, kind::COMMENT | kind::NL) {
        return None;
    }
    let reported = if extra && (7..kind::OP).contains(&number) { kind::OP } else { number };
    let ((line, column), (mut end_line, mut end_column)) = (places.place(start), places.place(end));
    let mut text = &places.source[start..end];
    let mut lines = "";
    if !trailing {
        if matches!(number, kind::NEWLINE | kind::NL) {
            end_line = line;
            if places.implicit_newline && end == places.source.len() {
                text = "";
            }
            if extra {
                end_column = column + 1;
            } else {
                (text, end_column) = ("", column);
            }
        }
        let is_string = number == kind::STRING || (kind::FSTRING_START..kind::COMMENT).contains(&number);
        lines = places.lines(if is_string { line } else { end_line }, end_line);
    }
    let (line, column, end_line, end_column) = match number {
        kind::INDENT | kind::DEDENT if !extra => (line as i64 + 1, -1, end_line as i64 + 1, -1),
        _ => (line as i64 + 1, column as i64, end_line as i64 + 1, end_column as i64),
    };
    let text = Str::new(cx, text).value();
    let start = cx.tuple(&[Value::int(line), Value::int(column)]);
    let end = cx.tuple(&[Value::int(end_line), Value::int(end_column)]);
    let lines = Str::new(cx, lines).value();
    Some(cx.tuple(&[Value::int(i64::from(reported)), text, start, end, lines]))
}

fn exception_of(cx: &mut Cx, places: &Places<'_>, error: &TokenError) -> Value {
    let offset = error.offset.min(places.source.len());
    // The offset lies behind the character at fault, which tells the line.
    let (mut line, mut column) =
        places.place(offset.saturating_sub(usize::from(places.source.is_char_boundary(offset.saturating_sub(1)))));
    column += 1;
    if (error.line.is_none() || error.kind == ErrorKind::Syntax)
        && offset > 0
        && places.source.as_bytes()[offset - 1] == b'\n'
    {
        (line, column) = places.place(offset);
    }
    let line = error.line.map_or(line, |line| line - 1);
    let text = places.lines(line.min(places.starts.len() - 1), line.min(places.starts.len() - 1));
    let number = match error.kind {
        ErrorKind::Syntax => Kind::SYNTAX_ERROR,
        ErrorKind::Indentation => Kind::INDENTATION_ERROR,
        ErrorKind::Tab => Kind::TAB_ERROR,
    };
    let message = Str::new(cx, &error.message).value();
    let file = Str::new(cx, "<string>").value();
    let text = Str::new(cx, text).value();
    let (line, column) = (Value::int(line as i64 + 1), Value::int(column as i64));
    let place = cx.tuple(&[file, line, column, text, line, column]);
    let class = cx.builtin_type(number);
    match call::call(cx, class.value(), &[message, place], None) {
        Ok(exception) => exception,
        Err(_) => cx.take_raised(),
    }
}

/// Reads the source and makes the tuples.
fn fill(cx: &mut Cx, this: Gc<Tokenizer>) -> PyResult<()> {
    let mut source = read(cx, this)?;
    if source.contains('\0') {
        return Err(cx.raise(Kind::SYNTAX_ERROR, "source code cannot contain null bytes"));
    }
    let implicit_newline = !source.is_empty() && !source.ends_with('\n');
    if implicit_newline {
        source.push('\n');
    }
    let (tokens, error) = tokenize(&source, this.extra.get());
    let places = Places::new(&source, implicit_newline);
    let extra = this.extra.get();
    let all = List::new(cx, &[])?;
    for token in tokens {
        if let Some(tuple) = token_tuple(cx, &places, token, extra) {
            List::push(cx, all, tuple)?;
        }
    }
    let error = match error {
        Some(error) => exception_of(cx, &places, &error),
        None => NONE,
    };
    let _locked = vm_stm::lock(&this.word);
    this.tokens.set(cx.mutator(), this, all);
    this.error.set(cx.mutator(), this, error);
    this.read.init(true);
    Ok(())
}

fn step(cx: &mut Cx, this: Value) -> PyResult<Option<Value>> {
    let Some(this) = downcast::<Tokenizer>(this) else { return Ok(None) };
    if !this.read.get() {
        fill(cx, this)?;
    }
    let (tokens, index) = (this.tokens.get(), this.index.get());
    if index < list::length(tokens) {
        this.index.init(index + 1);
        return Ok(Some(elements(&tokens.items.get())[index].get()));
    }
    let error = this.error.get();
    match exception::as_exception(error) {
        Some(error) => {
            let _: Gc<Exception> = error;
            this.error.set(cx.mutator(), this, NONE);
            Err(exception::raise(cx, error))
        }
        None => Ok(None),
    }
}

/// The methods.
pub struct Methods;

#[py_methods(TOKENIZER, name = "TokenizerIter")]
impl Methods {
    #[new(signature = "(readline, *, encoding=<unrepresentable>, extra_tokens=False)", error_name = "tokenizeriter")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[keyword] readline: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        encoding: Value,
        #[keyword_only]
        #[default(false)]
        extra_tokens: bool,
    ) -> PyResult<Gc<Tokenizer>> {
        let encoding = if encoding == UNBOUND { NONE } else { encoding };
        if encoding != NONE && downcast::<Str>(encoding).is_none() {
            let class = py_object::types::class_name(cx, encoding);
            return Err(cx.type_error(format!("tokenizeriter() argument 'encoding' must be str, not {class}")));
        }
        let tokens = List::new(cx, &[])?;
        let tokenizer = crate::new_object::<Tokenizer>(cx, class);
        tokenizer.readline.init(readline);
        tokenizer.encoding.init(encoding);
        tokenizer.extra.init(extra_tokens);
        tokenizer.tokens.init(tokens);
        tokenizer.error.init(NONE);
        Ok(tokenizer)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_tokenize", &[]);
    class(cx, module, Kind::TOKENIZER)?;
    Ok(module)
}

//! `make_scanner`: reads one JSON value at a position.
//!
//! Inside, positions are byte offsets; Python sees positions of characters.

use py_macros::py_methods;
use py_object::objects::{Array, Dict, Exception, List, Str, Tuple, Type};
use py_object::types::str::{index, length, push_code_point};
use py_object::types::{self, class_name, int};
use py_object::{Cx, FALSE, Kind, NONE, PyResult, Raised, StrExt, TRUE, allocate, attribute, call, downcast, object};
use vm_heap::{Gc, Value};

object! {
    /// A scanner.
    pub struct Scanner = 480 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// Whether control characters in strings are errors.
        strict: Value,
        /// What is called with each object, or None.
        object_hook: Value,
        /// What is called with the pairs of each object, or None.
        object_pairs_hook: Value,
        /// What is called with the text of each float.
        parse_float: Value,
        /// What is called with the text of each int.
        parse_int: Value,
        /// What is called with `NaN` and the infinities.
        parse_constant: Value,
    }
}

/// Raises `json.JSONDecodeError` at a byte offset.
fn decode_error(cx: &mut Cx, message: &str, text: Gc<Str>, offset: usize) -> Raised {
    let position = position(text, offset);
    let result = (|| {
        let decoder = crate::library::submodule(cx, "json.decoder")?;
        let name = cx.intern("JSONDecodeError");
        let class = attribute::get(cx, decoder, name)?;
        let message = Str::new(cx, message);
        call::call(cx, class, &[message.value(), text.value(), Value::int(position as i64)], None)
    })();
    match result {
        Ok(exception) => match downcast::<Exception>(exception) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("JSONDecodeError is no exception"),
        },
        Err(raised) => raised,
    }
}

fn position(text: Gc<Str>, offset: usize) -> usize {
    index::position(text, offset)
}

/// StopIteration with the position where a value was expected.
fn no_value(cx: &mut Cx, text: Gc<Str>, offset: usize) -> Raised {
    stop(cx, position(text, offset) as i64)
}

fn stop(cx: &mut Cx, position: i64) -> Raised {
    let class = cx.builtin_type(Kind::STOP_ITERATION);
    match call::call(cx, class.value(), &[Value::int(position)], None) {
        Ok(exception) => cx.raise_value(exception),
        Err(raised) => raised,
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Reads a string whose opening quote stands in front of the byte offset `start`; its text, and the offset behind it.
fn string(cx: &mut Cx, text: Gc<Str>, start: usize, strict: bool) -> PyResult<(Gc<Str>, usize)> {
    let bytes = text.bytes();
    let plain = |byte: &u8| *byte != b'"' && *byte != b'\\' && *byte >= 0x20;
    let end = start + bytes[start..].iter().take_while(|byte| plain(byte)).count();
    if bytes.get(end) == Some(&b'"') {
        return Ok((Str::checked(cx, &bytes[start..end])?, end + 1));
    }
    let mut result = bytes[start..end].to_vec();
    let mut at = end;
    loop {
        match bytes.get(at) {
            None => return Err(decode_error(cx, "Unterminated string starting at", text, start - 1)),
            Some(b'"') => return Ok((Str::checked(cx, &result)?, at + 1)),
            Some(b'\\') => at = escape(cx, text, at, start, &mut result)?,
            Some(byte) if *byte < 0x20 && strict => {
                return Err(decode_error(cx, "Invalid control character at", text, at));
            }
            Some(byte) => {
                result.push(*byte);
                at += 1;
            }
        }
    }
}

/// Four hexadecimal digits at an offset.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |code, byte| Some(code << 4 | (*byte as char).to_digit(16)?))
}

/// Reads the escape at an offset; returns the offset behind it.
fn escape(cx: &mut Cx, text: Gc<Str>, at: usize, start: usize, result: &mut Vec<u8>) -> PyResult<usize> {
    let bytes = text.bytes();
    let byte = match bytes.get(at + 1) {
        None => return Err(decode_error(cx, "Unterminated string starting at", text, start - 1)),
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'n') => 10,
        Some(b'r') => 13,
        Some(b't') => 9,
        Some(b'u') => {
            let Some(code) = unit(bytes, at + 2) else {
                return Err(decode_error(cx, "Invalid \\uXXXX escape", text, at + 1));
            };
            let is_pair = (0xd800..0xdc00).contains(&code) && bytes.get(at + 6..at + 8) == Some(b"\\u");
            let low = if is_pair { unit(bytes, at + 8).filter(|low| (0xdc00..0xe000).contains(low)) } else { None };
            if let Some(low) = low {
                push_code_point(result, 0x1_0000 + ((code & 0x3ff) << 10 | (low & 0x3ff)));
                return Ok(at + 12);
            }
            push_code_point(result, code);
            return Ok(at + 6);
        }
        Some(_) => return Err(decode_error(cx, "Invalid \\escape", text, at)),
    };
    result.push(byte);
    Ok(at + 2)
}

/// `scanstring`: the text and the position behind it.
pub fn scan_string(cx: &mut Cx, text: Gc<Str>, start: usize, strict: bool) -> PyResult<Gc<Tuple>> {
    let offset = index::offset_prepared(cx, text, start);
    if offset == 0 {
        // There is no quote in front; what follows reads as if there were one.
        let quoted = [b"\"", text.bytes()].concat();
        let quoted = Str::checked(cx, &quoted)?;
        let (found, end) = string(cx, quoted, 1, strict)?;
        let end = position(quoted, end) - 1;
        return Ok(Tuple::new(cx, &[found.value(), Value::int(end as i64)]));
    }
    let (found, end) = string(cx, text, offset, strict)?;
    Ok(Tuple::new(cx, &[found.value(), Value::int(position(text, end) as i64)]))
}

/// One reading: the scanner, the text, and the keys seen so far, which are shared.
struct Reading {
    scanner: Gc<Scanner>,
    text: Gc<Str>,
    keys: Gc<Dict>,
}

impl Reading {
    /// Reads the value at an offset; returns it and the offset behind it.
    fn value(&self, cx: &mut Cx, at: usize) -> PyResult<(Value, usize)> {
        let rest = &self.text.bytes()[at.min(self.text.bytes().len())..];
        let constants: [(&[u8], Value); 3] = [(b"null", NONE), (b"true", TRUE), (b"false", FALSE)];
        match rest.first() {
            None => Err(no_value(cx, self.text, at)),
            Some(b'"') => {
                let strict = self.scanner.strict.get() == TRUE;
                let (text, end) = string(cx, self.text, at + 1, strict)?;
                Ok((text.value(), end))
            }
            Some(b'{') => {
                self.check_depth(cx, "object")?;
                self.object(cx, at + 1)
            }
            Some(b'[') => {
                self.check_depth(cx, "array")?;
                self.array(cx, at + 1)
            }
            _ => {
                if let Some((text, value)) = constants.iter().find(|(text, _)| rest.starts_with(text)) {
                    return Ok((*value, at + text.len()));
                }
                if let Some(name) =
                    ["NaN", "Infinity", "-Infinity"].iter().find(|name| rest.starts_with(name.as_bytes()))
                {
                    let text = cx.intern(name);
                    let value = call::call(cx, self.scanner.parse_constant.get(), &[text.value()], None)?;
                    return Ok((value, at + name.len()));
                }
                self.number(cx, at)
            }
        }
    }

    fn check_depth(&self, cx: &mut Cx, what: &str) -> PyResult<()> {
        if cx.check_native_stack().is_err() {
            cx.take_raised();
            let message =
                format!("maximum recursion depth exceeded while decoding a JSON {what} from a unicode string");
            return Err(cx.raise(Kind::RECURSION_ERROR, message));
        }
        Ok(())
    }

    fn array(&self, cx: &mut Cx, at: usize) -> PyResult<(Value, usize)> {
        let bytes = self.text.bytes();
        let list = List::new(cx, &[])?;
        let mut at = skip_space(bytes, at);
        if bytes.get(at) == Some(&b']') {
            return Ok((list.value(), at + 1));
        }
        loop {
            let (value, end) = self.value(cx, at)?;
            List::push(cx, list, value)?;
            at = skip_space(bytes, end);
            match bytes.get(at) {
                Some(b']') => return Ok((list.value(), at + 1)),
                Some(b',') => {}
                _ => return Err(decode_error(cx, "Expecting ',' delimiter", self.text, at)),
            }
            let comma = at;
            at = skip_space(bytes, at + 1);
            if bytes.get(at) == Some(&b']') {
                return Err(decode_error(cx, "Illegal trailing comma before end of array", self.text, comma));
            }
        }
    }

    fn object(&self, cx: &mut Cx, at: usize) -> PyResult<(Value, usize)> {
        let bytes = self.text.bytes();
        let with_pairs = self.scanner.object_pairs_hook.get() != NONE;
        let dict = Dict::new(cx);
        let pairs = List::new(cx, &[])?;
        let mut at = skip_space(bytes, at);
        if bytes.get(at) != Some(&b'}') {
            loop {
                if bytes.get(at) != Some(&b'"') {
                    let message = "Expecting property name enclosed in double quotes";
                    return Err(decode_error(cx, message, self.text, at));
                }
                let (key, end) = string(cx, self.text, at + 1, self.scanner.strict.get() == TRUE)?;
                let key = match Dict::get(cx, self.keys, key.value())? {
                    Some(known) => known,
                    None => {
                        Dict::set(cx, self.keys, key.value(), key.value())?;
                        key.value()
                    }
                };
                at = skip_space(bytes, end);
                if bytes.get(at) != Some(&b':') {
                    return Err(decode_error(cx, "Expecting ':' delimiter", self.text, at));
                }
                let (value, end) = self.value(cx, skip_space(bytes, at + 1))?;
                if with_pairs {
                    let pair = Tuple::new(cx, &[key, value]);
                    List::push(cx, pairs, pair.value())?;
                } else {
                    Dict::set(cx, dict, key, value)?;
                }
                at = skip_space(bytes, end);
                match bytes.get(at) {
                    Some(b'}') => break,
                    Some(b',') => {}
                    _ => return Err(decode_error(cx, "Expecting ',' delimiter", self.text, at)),
                }
                let comma = at;
                at = skip_space(bytes, at + 1);
                if bytes.get(at) == Some(&b'}') {
                    return Err(decode_error(cx, "Illegal trailing comma before end of object", self.text, comma));
                }
            }
        }
        let value = if with_pairs {
            call::call(cx, self.scanner.object_pairs_hook.get(), &[pairs.value()], None)?
        } else if self.scanner.object_hook.get() != NONE {
            call::call(cx, self.scanner.object_hook.get(), &[dict.value()], None)?
        } else {
            dict.value()
        };
        Ok((value, at + 1))
    }

    fn number(&self, cx: &mut Cx, start: usize) -> PyResult<(Value, usize)> {
        let bytes = self.text.bytes();
        let digits =
            |at: usize| at + bytes[at.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        at = match bytes.get(at) {
            Some(b'0') => at + 1,
            Some(b'1'..=b'9') => digits(at),
            _ => return Err(no_value(cx, self.text, start)),
        };
        let mut is_float = false;
        if bytes.get(at) == Some(&b'.') && digits(at + 1) > at + 1 {
            is_float = true;
            at = digits(at + 1);
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            if digits(at + 1 + sign) > at + 1 + sign {
                is_float = true;
                at = digits(at + 1 + sign);
            }
        }
        let text = std::str::from_utf8(&bytes[start..at]).expect("digits are ASCII");
        let (function, kind) = if is_float {
            (self.scanner.parse_float.get(), Kind::FLOAT)
        } else {
            (self.scanner.parse_int.get(), Kind::INT)
        };
        if function == cx.builtin_type(kind).value() {
            if is_float && let Some(number) = types::float::parse(text) {
                return Ok((cx.float(number), at));
            }
            if let Ok(number) = text.parse::<i64>() {
                return Ok((int::from_i64(cx, number), at));
            }
        }
        let text = Str::new(cx, text);
        Ok((call::call(cx, function, &[text.value()], None)?, at))
    }
}

/// The methods.
pub struct Methods;

#[py_methods(JSON_SCANNER, name = "_json.Scanner")]
impl Methods {
    #[new(signature = "(context)")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[keyword] context: Value) -> PyResult<Gc<Scanner>> {
        let parts = List::new(cx, &[])?;
        for name in ["strict", "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant"] {
            let name = cx.intern(name);
            let part = attribute::get(cx, context, name)?;
            List::push(cx, parts, part)?;
        }
        let strict = types::list::item(parts, 0).unwrap_or(TRUE);
        let strict = py_object::operations::truth(cx, strict)?;
        let part = |at: usize| types::list::item(parts, at).unwrap_or(NONE);
        let scanner = allocate::<Scanner>(cx.mutator(), Kind::JSON_SCANNER.shape());
        scanner.strict.init(py_object::bool_value(strict));
        let fields = [
            &scanner.object_hook,
            &scanner.object_pairs_hook,
            &scanner.parse_float,
            &scanner.parse_int,
            &scanner.parse_constant,
        ];
        for (at, field) in fields.into_iter().enumerate() {
            field.init(part(at + 1));
        }
        Ok(scanner)
    }
    #[method(signature = "($self, string, idx)")]
    fn __call__(cx: &mut Cx, this: Gc<Scanner>, #[keyword] string: Value, #[keyword] idx: i64) -> PyResult<Gc<Tuple>> {
        let Some(text) = downcast::<Str>(string) else {
            let message = format!("first argument must be a string, not {}", class_name(cx, string));
            return Err(cx.type_error(message));
        };
        let Ok(start) = usize::try_from(idx) else {
            return Err(cx.value_error("idx cannot be negative"));
        };
        if start >= length(text) {
            return Err(stop(cx, idx));
        }
        let keys = Dict::new(cx);
        let reading = Reading { scanner: this, text, keys };
        let offset = index::offset_prepared(cx, text, start);
        let (value, end) = reading.value(cx, offset)?;
        Ok(Tuple::new(cx, &[value, Value::int(position(text, end) as i64)]))
    }
    /// strict
    #[getter]
    fn strict(this: Gc<Scanner>) -> Value {
        this.strict.get()
    }
    #[getter]
    fn object_hook(this: Gc<Scanner>) -> Value {
        this.object_hook.get()
    }
    #[getter]
    fn object_pairs_hook(this: Gc<Scanner>) -> Value {
        this.object_pairs_hook.get()
    }
    #[getter]
    fn parse_float(this: Gc<Scanner>) -> Value {
        this.parse_float.get()
    }
    #[getter]
    fn parse_int(this: Gc<Scanner>) -> Value {
        this.parse_int.get()
    }
    #[getter]
    fn parse_constant(this: Gc<Scanner>) -> Value {
        this.parse_constant.get()
    }
}

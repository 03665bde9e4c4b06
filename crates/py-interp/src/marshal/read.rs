//! Bytes to values. Whatever the bytes are, the result is a value or an exception.

use super::{MAX_DEPTH, REFERABLE, tag};
use crate::code;
use py_object::objects::*;
use py_object::sequence::list_item;
use py_object::types::int;
use py_object::{Cx, ELLIPSIS, FALSE, Kind, NONE, PyResult, TRUE, UNBOUND, call, downcast};
use vm_heap::{Gc, Value};

/// The value that bytes hold.
pub fn loads(cx: &mut Cx, bytes: &[u8]) -> PyResult {
    loads_with(cx, bytes, true).map(|(value, _)| value)
}

/// The value that bytes hold, and how many they are; code only where it is allowed.
pub fn loads_with(cx: &mut Cx, bytes: &[u8], allow_code: bool) -> PyResult<(Value, usize)> {
    let seen = List::new(cx, &[])?;
    // The bytes may be those of a heap object, which does not move but has to live.
    let mut reader = Reader { bytes: bytes.to_vec(), at: 0, seen, allow_code, depth: 0 };
    match reader.value(cx)? {
        Some(value) => Ok((value, reader.at)),
        None => Err(cx.type_error("NULL object in marshal data for object")),
    }
}

struct Reader {
    bytes: Vec<u8>,
    at: usize,
    /// Objects that may be referred to, by number; None stands for those that are not complete.
    seen: Gc<List>,
    allow_code: bool,
    depth: usize,
}

fn bad(cx: &mut Cx, what: &str) -> py_object::Raised {
    cx.value_error(format!("bad marshal data ({what})"))
}

impl Reader {
    fn take(&mut self, cx: &mut Cx, count: usize) -> PyResult<std::ops::Range<usize>> {
        if count > self.bytes.len() - self.at {
            return Err(cx.raise(Kind::EOF_ERROR, "marshal data too short"));
        }
        self.at += count;
        Ok(self.at - count..self.at)
    }

    fn byte(&mut self, cx: &mut Cx) -> PyResult<u8> {
        let range = self.take(cx, 1)?;
        Ok(self.bytes[range.start])
    }

    fn array<const N: usize>(&mut self, cx: &mut Cx) -> PyResult<[u8; N]> {
        let range = self.take(cx, N)?;
        Ok(self.bytes[range].try_into().unwrap_or([0; N]))
    }

    fn long(&mut self, cx: &mut Cx) -> PyResult<i32> {
        self.array(cx).map(i32::from_le_bytes)
    }

    fn length(&mut self, cx: &mut Cx, what: &str) -> PyResult<usize> {
        match usize::try_from(self.long(cx)?) {
            Ok(length) => Ok(length),
            Err(_) => Err(bad(cx, &format!("{what} size out of range"))),
        }
    }

    /// Keeps a place for an object that others may refer to.
    fn reserve(&mut self, cx: &mut Cx, referable: bool) -> PyResult<Option<usize>> {
        if !referable {
            return Ok(None);
        }
        List::push(cx, self.seen, UNBOUND)?;
        Ok(Some(List::snapshot(&self.seen).1 - 1))
    }

    fn fill(&mut self, cx: &mut Cx, place: Option<usize>, value: Value) {
        if let Some(place) = place {
            let (items, _) = List::snapshot(&self.seen);
            py_object::sequence::elements(&items)[place].set(cx.mutator(), items, value);
        }
    }

    /// The next value; `None` for the end of a dict.
    fn value(&mut self, cx: &mut Cx) -> PyResult<Option<Value>> {
        if self.depth >= MAX_DEPTH {
            return Err(cx.value_error("recursion limit exceeded"));
        }
        cx.check_native_stack()?;
        let code = match self.bytes.get(self.at) {
            Some(code) => *code,
            None => return Err(cx.raise(Kind::EOF_ERROR, "EOF read where object expected")),
        };
        self.at += 1;
        self.depth += 1;
        let value = self.tagged(cx, code & !REFERABLE, code & REFERABLE != 0);
        self.depth -= 1;
        value
    }

    fn item(&mut self, cx: &mut Cx, whose: &str) -> PyResult {
        match self.value(cx)? {
            Some(value) => Ok(value),
            None => Err(cx.type_error(format!("NULL object in marshal data for {whose}"))),
        }
    }

    fn tagged(&mut self, cx: &mut Cx, code: u8, referable: bool) -> PyResult<Option<Value>> {
        let simple = match code {
            tag::NULL => return Ok(None),
            tag::NONE => Some(NONE),
            tag::FALSE => Some(FALSE),
            tag::TRUE => Some(TRUE),
            tag::ELLIPSIS => Some(ELLIPSIS),
            tag::STOP_ITERATION => Some(cx.builtin_type(Kind::STOP_ITERATION).value()),
            _ => None,
        };
        if let Some(simple) = simple {
            return Ok(Some(simple));
        }
        if code == tag::REFERENCE {
            let number = self.long(cx)?;
            let found = usize::try_from(number).ok().and_then(|number| list_item(self.seen, number));
            return match found.filter(|value| *value != UNBOUND) {
                Some(value) => Ok(Some(value)),
                None => Err(bad(cx, "invalid reference")),
            };
        }
        let container = matches!(
            code,
            tag::TUPLE | tag::SMALL_TUPLE | tag::LIST | tag::DICT | tag::SET | tag::FROZENSET | tag::CODE | tag::SLICE
        );
        if container {
            return self.container(cx, code, referable).map(Some);
        }
        let value = self.leaf(cx, code)?;
        let place = self.reserve(cx, referable)?;
        self.fill(cx, place, value);
        Ok(Some(value))
    }

    fn leaf(&mut self, cx: &mut Cx, code: u8) -> PyResult {
        match code {
            tag::INT => self.long(cx).map(|number| Value::int(number.into())),
            tag::INT64 => {
                let number = i64::from_le_bytes(self.array(cx)?);
                Ok(int::from_i64(cx, number))
            }
            tag::LONG => self.big(cx),
            tag::BINARY_FLOAT => {
                let number = f64::from_le_bytes(self.array(cx)?);
                Ok(cx.float(number))
            }
            tag::FLOAT => {
                let number = self.float_text(cx)?;
                Ok(cx.float(number))
            }
            tag::COMPLEX | tag::BINARY_COMPLEX => {
                let mut parts = [0.0; 2];
                for part in &mut parts {
                    *part =
                        if code == tag::COMPLEX { self.float_text(cx)? } else { f64::from_le_bytes(self.array(cx)?) };
                }
                let (real, imaginary) = (cx.float(parts[0]), cx.float(parts[1]));
                let class = cx.builtin_type(Kind::COMPLEX);
                call::call(cx, class.value(), &[real, imaginary], None)
            }
            tag::BYTES => {
                let length = self.length(cx, "bytes object")?;
                let range = self.take(cx, length)?;
                Ok(Bytes::checked(cx, &self.bytes[range])?.value())
            }
            tag::STR | tag::INTERNED | tag::ASCII | tag::ASCII_INTERNED => {
                let length = self.length(cx, "string")?;
                self.text(cx, length, matches!(code, tag::INTERNED | tag::ASCII_INTERNED))
            }
            tag::SHORT_ASCII | tag::SHORT_ASCII_INTERNED => {
                let length = self.byte(cx)?.into();
                self.text(cx, length, code == tag::SHORT_ASCII_INTERNED)
            }
            _ => Err(bad(cx, "unknown type code")),
        }
    }

    fn text(&mut self, cx: &mut Cx, length: usize, interned: bool) -> PyResult {
        let range = self.take(cx, length)?;
        let Some(text) = py_code::Text::from_wtf8(&self.bytes[range]) else {
            return Err(bad(cx, "invalid text"));
        };
        let text = Str::checked(cx, text.as_bytes())?;
        let runtime = cx.runtime;
        Ok(if interned { runtime.intern_string(text).value() } else { text.value() })
    }

    fn float_text(&mut self, cx: &mut Cx) -> PyResult<f64> {
        let length = self.byte(cx)?.into();
        let range = self.take(cx, length)?;
        match std::str::from_utf8(&self.bytes[range]).ok().and_then(|text| text.parse().ok()) {
            Some(number) => Ok(number),
            None => Err(bad(cx, "invalid float")),
        }
    }

    fn big(&mut self, cx: &mut Cx) -> PyResult {
        let count = self.long(cx)?;
        let digits = count.unsigned_abs() as usize;
        let range = self.take(cx, digits.saturating_mul(2))?;
        let mut magnitude = Vec::with_capacity(digits * 2);
        let (mut bits, mut filled) = (0u32, 0);
        let mut last = 1;
        for pair in self.bytes[range].chunks_exact(2) {
            let digit = u16::from_le_bytes([pair[0], pair[1]]);
            if digit > 0x7fff {
                return Err(bad(cx, "digit out of range in long"));
            }
            last = digit;
            bits |= u32::from(digit) << filled;
            filled += 15;
            while filled >= 8 {
                magnitude.push(bits as u8);
                bits >>= 8;
                filled -= 8;
            }
        }
        magnitude.push(bits as u8);
        if last == 0 {
            return Err(bad(cx, "unnormalized long data"));
        }
        int::from_magnitude(cx, &magnitude, count < 0)
    }

    fn container(&mut self, cx: &mut Cx, code: u8, referable: bool) -> PyResult {
        let place = self.reserve(cx, referable)?;
        let value = match code {
            tag::TUPLE | tag::SMALL_TUPLE => {
                let count = match code {
                    tag::TUPLE => self.length(cx, "tuple")?,
                    _ => self.byte(cx)?.into(),
                };
                // Each item takes a byte at least.
                if count > self.bytes.len() - self.at {
                    return Err(cx.raise(Kind::EOF_ERROR, "marshal data too short"));
                }
                let tuple = Tuple::new(cx, &vec![NONE; count]);
                // What the tuple holds may hold the tuple.
                self.fill(cx, place, tuple.value());
                for index in 0..count {
                    let item = self.item(cx, "tuple")?;
                    py_object::value_tail(&tuple, count)[index].set(cx.mutator(), tuple, item);
                }
                tuple.value()
            }
            tag::LIST => {
                let count = self.length(cx, "list")?;
                let list = List::new(cx, &[])?;
                // A list may contain itself.
                self.fill(cx, place, list.value());
                for _ in 0..count {
                    let item = self.item(cx, "list")?;
                    List::push(cx, list, item)?;
                }
                list.value()
            }
            tag::DICT => {
                let dict = Dict::new(cx);
                self.fill(cx, place, dict.value());
                while let Some(key) = self.value(cx)? {
                    let Some(value) = self.value(cx)? else { break };
                    Dict::set(cx, dict, key, value)?;
                }
                dict.value()
            }
            tag::SET | tag::FROZENSET => {
                let count = self.length(cx, "set")?;
                let items = self.items(cx, count, "set")?;
                let class = cx.builtin_type(if code == tag::SET { Kind::SET } else { Kind::FROZENSET });
                call::call(cx, class.value(), &[items.value()], None)?
            }
            tag::SLICE => {
                let start = self.item(cx, "slice")?;
                let stop = self.item(cx, "slice")?;
                let step = self.item(cx, "slice")?;
                Slice::new(cx, start, stop, step).value()
            }
            _ => self.code(cx)?,
        };
        self.fill(cx, place, value);
        Ok(value)
    }

    fn items(&mut self, cx: &mut Cx, count: usize, whose: &str) -> PyResult<Gc<List>> {
        let items = List::new(cx, &[])?;
        for _ in 0..count {
            let item = self.item(cx, whose)?;
            List::push(cx, items, item)?;
        }
        Ok(items)
    }

    fn code(&mut self, cx: &mut Cx) -> PyResult {
        if !self.allow_code {
            return Err(cx.value_error("unmarshalling code objects is disallowed"));
        }
        let length = self.length(cx, "code")?;
        let range = self.take(cx, length)?;
        let unit = match py_code::binary::decode(&self.bytes[range], None) {
            Ok(unit) => unit,
            Err(error) => return Err(bad(cx, &format!("code: {error}"))),
        };
        if let Err(error) = py_code::verify(&unit) {
            return Err(bad(cx, &format!("code: {error}")));
        }
        let code = code::load(cx, unit)?;
        debug_assert!(downcast::<Code>(code.value()).is_some());
        Ok(code.value())
    }
}

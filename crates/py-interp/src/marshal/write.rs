//! Values to bytes.

use super::{MAX_DEPTH, REFERABLE, tag};
use crate::code::unit_of;
use py_object::objects::*;
use py_object::sequence::{elements, tuple_items};
use py_object::types::{self, int, is_exactly};
use py_object::{Cx, ELLIPSIS, FALSE, Kind, NONE, PyResult, StrExt, TRUE, call, downcast, operations};
use std::collections::HashMap;
use vm_heap::{Gc, Value};

/// The bytes of a value.
pub fn dumps(cx: &mut Cx, value: Value, version: i64) -> PyResult<Vec<u8>> {
    dumps_with(cx, value, version, true)
}

/// The bytes of a value; code only where it is allowed.
pub fn dumps_with(cx: &mut Cx, value: Value, version: i64, allow_code: bool) -> PyResult<Vec<u8>> {
    // What has been written stays alive, and in place, for as long as references to it are looked up by address.
    let seen = List::new(cx, &[])?;
    let (numbers, open) = (HashMap::new(), Vec::new());
    let mut writer = Writer { out: Vec::new(), version, allow_code, depth: 0, numbers, open, seen };
    writer.value(cx, value)?;
    Ok(writer.out)
}

struct Writer {
    out: Vec<u8>,
    version: i64,
    allow_code: bool,
    depth: usize,
    /// Number of each object that may be referred to, by its bits.
    numbers: HashMap<u64, u32>,
    /// Slices and sets that are being written: they can't be made before what they hold.
    open: Vec<u64>,
    seen: Gc<List>,
}

impl Writer {
    fn long(&mut self, value: u32) {
        self.out.extend_from_slice(&value.to_le_bytes());
    }

    fn length(&mut self, cx: &mut Cx, length: usize) -> PyResult<()> {
        match u32::try_from(length) {
            Ok(length) if length < 1 << 31 => {
                self.long(length);
                Ok(())
            }
            _ => Err(unmarshallable(cx)),
        }
    }

    fn value(&mut self, cx: &mut Cx, value: Value) -> PyResult<()> {
        if self.depth >= MAX_DEPTH {
            return Err(cx.value_error("object too deeply nested to marshal"));
        }
        self.depth += 1;
        cx.check_native_stack()?;
        self.simple_or_object(cx, value)?;
        self.depth -= 1;
        Ok(())
    }

    fn simple_or_object(&mut self, cx: &mut Cx, value: Value) -> PyResult<()> {
        let simple = match value {
            NONE => Some(tag::NONE),
            TRUE => Some(tag::TRUE),
            FALSE => Some(tag::FALSE),
            ELLIPSIS => Some(tag::ELLIPSIS),
            _ if value == cx.builtin_type(Kind::STOP_ITERATION).value() => Some(tag::STOP_ITERATION),
            _ => None,
        };
        if let Some(simple) = simple {
            self.out.push(simple);
            return Ok(());
        }
        let class = types::class_of(cx, value);
        if class == cx.builtin_type(Kind::INT) {
            self.int(value);
            return Ok(());
        }
        if class == cx.builtin_type(Kind::FLOAT) {
            let number = operations::as_float(value).unwrap_or_default();
            self.float(cx, tag::FLOAT, tag::BINARY_FLOAT, &[number]);
            return Ok(());
        }
        let mut flag = 0;
        if self.version >= 3 {
            if let Some(number) = self.numbers.get(&value.bits()) {
                let number = *number;
                if self.open.contains(&value.bits()) {
                    return Err(unmarshallable(cx));
                }
                self.out.push(tag::REFERENCE);
                self.long(number);
                return Ok(());
            }
            flag = REFERABLE;
            self.numbers.insert(value.bits(), self.numbers.len() as u32);
            List::push(cx, self.seen, value)?;
        }
        self.object(cx, value, flag)
    }

    fn int(&mut self, value: Value) {
        if let Some(small) = int::as_i64(value).and_then(|number| i32::try_from(number).ok()) {
            self.out.push(tag::INT);
            self.long(small as u32);
            return;
        }
        // Digits of 15 bits, as many as the number needs, negative count for negative numbers.
        self.out.push(tag::LONG);
        let negative = int::is_negative(value);
        let magnitude = int::magnitude_of(value);
        let mut digits = Vec::new();
        let (mut bits, mut count) = (0u32, 0);
        for byte in magnitude {
            bits |= u32::from(byte) << count;
            count += 8;
            if count >= 15 {
                digits.push((bits & 0x7fff) as u16);
                bits >>= 15;
                count -= 15;
            }
        }
        digits.push(bits as u16);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let length = digits.len() as i32;
        self.long((if negative { -length } else { length }) as u32);
        for digit in digits {
            self.out.extend_from_slice(&digit.to_le_bytes());
        }
    }

    fn float(&mut self, cx: &mut Cx, text: u8, binary: u8, parts: &[f64]) {
        if self.version > 1 {
            self.out.push(binary);
            for part in parts {
                self.out.extend_from_slice(&part.to_le_bytes());
            }
            return;
        }
        self.out.push(text);
        for part in parts {
            let number = cx.float(*part);
            let shown = operations::repr(cx, number).map(|text| text.to_text()).unwrap_or_default();
            self.out.push(shown.len() as u8);
            self.out.extend_from_slice(shown.as_bytes());
        }
    }

    fn object(&mut self, cx: &mut Cx, value: Value, flag: u8) -> PyResult<()> {
        if is_exactly(value, Kind::STR)
            && let Some(text) = downcast::<Str>(value)
        {
            return self.text(cx, text, flag);
        }
        if is_exactly(value, Kind::BYTES)
            && let Some(bytes) = downcast::<Bytes>(value)
        {
            let bytes = py_object::string::bytes_of(&bytes);
            return self.bytes(cx, bytes, flag);
        }
        if is_exactly(value, Kind::TUPLE)
            && let Some(tuple) = downcast::<Tuple>(value)
        {
            let count = tuple_items(&tuple).len();
            if count < 256 && self.version >= 4 {
                self.out.extend_from_slice(&[tag::SMALL_TUPLE | flag, count as u8]);
            } else {
                self.out.push(tag::TUPLE | flag);
                self.length(cx, count)?;
            }
            return self.items(cx, tuple);
        }
        if is_exactly(value, Kind::LIST)
            && let Some(list) = downcast::<List>(value)
        {
            let items = list_to_tuple(cx, list)?;
            self.out.push(tag::LIST | flag);
            self.length(cx, tuple_items(&items).len())?;
            return self.items(cx, items);
        }
        if is_exactly(value, Kind::DICT)
            && let Some(dict) = downcast::<Dict>(value)
        {
            self.out.push(tag::DICT | flag);
            let mut position = 0;
            while let Some((key, value)) = Dict::next(dict, &mut position) {
                self.value(cx, key)?;
                self.value(cx, value)?;
            }
            self.out.push(tag::NULL);
            return Ok(());
        }
        for (kind, tag) in [(Kind::SET, tag::SET), (Kind::FROZENSET, tag::FROZENSET)] {
            if is_exactly(value, kind) {
                return self.set(cx, value, tag | flag);
            }
        }
        if let Some(code) = downcast::<Code>(value) {
            if !self.allow_code {
                return Err(cx.value_error("marshalling code objects is disallowed"));
            }
            let blob = py_code::binary::encode(unit_of(cx, code));
            self.out.push(tag::CODE | flag);
            self.length(cx, blob.len())?;
            self.out.extend_from_slice(&blob);
            return Ok(());
        }
        if let Some(slice) = downcast::<Slice>(value) {
            if self.version < 5 {
                return Err(unmarshallable(cx));
            }
            self.out.push(tag::SLICE | flag);
            self.open.push(value.bits());
            for part in [slice.start.get(), slice.stop.get(), slice.step.get()] {
                self.value(cx, part)?;
            }
            self.open.pop();
            return Ok(());
        }
        if is_exactly(value, Kind::COMPLEX) {
            let mut parts = [0.0; 2];
            for (part, name) in parts.iter_mut().zip(["real", "imag"]) {
                let name = cx.intern(name);
                let number = py_object::attribute::get(cx, value, name)?;
                *part = operations::as_float(number).unwrap_or_default();
            }
            // The type byte of an object that may be referred to carries the flag.
            let place = self.out.len();
            self.float(cx, tag::COMPLEX, tag::BINARY_COMPLEX, &parts);
            self.out[place] |= flag;
            return Ok(());
        }
        if let Some(bytes) = buffer_of(cx, value)? {
            let bytes = py_object::string::bytes_of(&bytes);
            return self.bytes(cx, bytes, flag);
        }
        Err(unmarshallable(cx))
    }

    fn bytes(&mut self, cx: &mut Cx, bytes: &[u8], flag: u8) -> PyResult<()> {
        self.out.push(tag::BYTES | flag);
        self.length(cx, bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn text(&mut self, cx: &mut Cx, text: Gc<Str>, flag: u8) -> PyResult<()> {
        let bytes = text.bytes();
        let interned = py_object::types::str::index::is_interned(text);
        if self.version >= 4 && bytes.is_ascii() {
            if bytes.len() < 256 {
                let tag = if interned { tag::SHORT_ASCII_INTERNED } else { tag::SHORT_ASCII };
                self.out.extend_from_slice(&[tag | flag, bytes.len() as u8]);
            } else {
                self.out.push(flag | if interned { tag::ASCII_INTERNED } else { tag::ASCII });
                self.length(cx, bytes.len())?;
            }
        } else {
            self.out.push(flag | if self.version >= 3 && interned { tag::INTERNED } else { tag::STR });
            self.length(cx, bytes.len())?;
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn items(&mut self, cx: &mut Cx, items: Gc<Tuple>) -> PyResult<()> {
        for item in tuple_items(&items) {
            self.value(cx, *item)?;
        }
        Ok(())
    }

    /// The elements in the order of their bytes, so that equal sets are written alike.
    fn set(&mut self, cx: &mut Cx, set: Value, tag: u8) -> PyResult<()> {
        let class = cx.builtin_type(Kind::TUPLE);
        let items = call::call(cx, class.value(), &[set], None)?;
        let Some(items) = downcast::<Tuple>(items) else { return Err(unmarshallable(cx)) };
        let mut order = Vec::new();
        for (index, item) in tuple_items(&items).iter().enumerate() {
            order.push((dumps_with(cx, *item, self.version, self.allow_code)?, index));
            if operations::length(cx, set)? != tuple_items(&items).len() {
                return Err(cx.raise(Kind::RUNTIME_ERROR, "set changed size during iteration"));
            }
        }
        order.sort();
        self.out.push(tag);
        self.length(cx, order.len())?;
        for (_, index) in order {
            self.value(cx, tuple_items(&items)[index])?;
        }
        Ok(())
    }
}

fn unmarshallable(cx: &mut Cx) -> py_object::Raised {
    cx.value_error("unmarshallable object")
}

fn list_to_tuple(cx: &mut Cx, list: Gc<List>) -> PyResult<Gc<Tuple>> {
    let copy = List::new(cx, &[])?;
    let mut index = 0;
    loop {
        let (items, length) = List::snapshot(&list);
        if index >= length {
            return Tuple::from_list(cx, copy);
        }
        let item = elements(&items)[index].get();
        List::push(cx, copy, item)?;
        index += 1;
    }
}

/// The content of an object that shows its memory.
fn buffer_of(cx: &mut Cx, value: Value) -> PyResult<Option<Gc<Bytes>>> {
    let Some(view) = py_object::buffer::ByteView::find(cx, value)? else { return Ok(None) };
    Bytes::checked(cx, view.bytes()).map(Some)
}

//! `make_encoder`: writes one value as JSON.

use super::strings;
use py_macros::py_methods;
use py_object::objects::{Array, Dict, List, Str, Tuple, Type};
use py_object::types::{self, class_name, float, int, is_exactly, is_instance, list, object};
use py_object::{
    Cx, FALSE, Kind, NONE, PyResult, StrExt, TRUE, allocate, call, downcast, object as declare, operations,
};
use vm_heap::{Gc, Value};

declare! {
    /// An encoder.
    pub struct Encoder = 481 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// Dict of the containers that are being written, or None.
        markers: Value,
        /// What makes something else of objects that JSON does not know.
        default: Value,
        /// What writes strings.
        encoder: Value,
        /// Text of one step of indentation, or None.
        indent: Value,
        /// Text between key and value.
        key_separator: Gc<Str>,
        /// Text between items.
        item_separator: Gc<Str>,
        /// Whether keys are sorted.
        sort_keys: bool,
        /// Whether keys that are no keys are left out.
        skip_keys: bool,
        /// Whether NaN and the infinities are written.
        allow_nan: bool,
        /// How strings are written: 0 by calling, 1 natively as ASCII, 2 natively.
        strings: u64,
    }
}

/// How strings are written, from the function that is to do it.
fn native_strings(cx: &mut Cx, encoder: Value) -> PyResult<u64> {
    if !is_exactly(encoder, Kind::BUILTIN) {
        return Ok(0);
    }
    let json = crate::library::module(cx, "_json")?;
    for (number, name) in [(1, "encode_basestring_ascii"), (2, "encode_basestring")] {
        let name = cx.intern(name);
        if py_object::attribute::find(cx, json, name)?.map(|(function, _)| function) == Some(encoder) {
            return Ok(number);
        }
    }
    Ok(0)
}

/// One writing.
struct Writing {
    encoder: Gc<Encoder>,
    result: Vec<u8>,
}

impl Writing {
    fn string(&mut self, cx: &mut Cx, text: Gc<Str>) -> PyResult<()> {
        match self.encoder.strings.get() {
            1 => strings::push_ascii(&mut self.result, text.bytes()),
            2 => strings::push_plain(&mut self.result, text.bytes()),
            _ => {
                let encoded = call::call(cx, self.encoder.encoder.get(), &[text.value()], None)?;
                let Some(encoded) = downcast::<Str>(encoded) else {
                    let message = format!("encoder() must return a string, not {}", class_name(cx, encoded));
                    return Err(cx.type_error(message));
                };
                self.result.extend_from_slice(encoded.bytes());
            }
        }
        Ok(())
    }

    fn float(&mut self, cx: &mut Cx, value: Value, number: f64) -> PyResult<()> {
        if number.is_finite() {
            self.result.extend_from_slice(float::repr_of(number).as_bytes());
            return Ok(());
        }
        if !self.encoder.allow_nan.get() {
            let shown = operations::repr(cx, value)?.to_text();
            return Err(cx.value_error(format!("Out of range float values are not JSON compliant: {shown}")));
        }
        let text: &[u8] = if number.is_nan() {
            b"NaN"
        } else if number > 0.0 {
            b"Infinity"
        } else {
            b"-Infinity"
        };
        self.result.extend_from_slice(text);
        Ok(())
    }

    fn int(&mut self, cx: &mut Cx, value: Value) -> PyResult<()> {
        match int::as_i64(value) {
            Some(number) => self.result.extend_from_slice(number.to_string().as_bytes()),
            None => {
                // The text of the number itself, whatever a subclass would show.
                let plain = int::exact(cx, value)?;
                let text = operations::repr(cx, plain)?;
                self.result.extend_from_slice(text.bytes());
            }
        }
        Ok(())
    }

    fn value(&mut self, cx: &mut Cx, value: Value, level: usize) -> PyResult<()> {
        match value {
            NONE => self.result.extend_from_slice(b"null"),
            TRUE => self.result.extend_from_slice(b"true"),
            FALSE => self.result.extend_from_slice(b"false"),
            _ => {
                if let Some(text) = downcast::<Str>(value) {
                    return self.string(cx, text);
                }
                if int::is_int(value) {
                    return self.int(cx, value);
                }
                if is_instance(cx, value, Kind::FLOAT) {
                    let number = operations::as_float(value).unwrap_or(f64::NAN);
                    return self.float(cx, value, number);
                }
                return self.compound(cx, value, level);
            }
        }
        Ok(())
    }

    fn compound(&mut self, cx: &mut Cx, value: Value, level: usize) -> PyResult<()> {
        if cx.check_native_stack().is_err() {
            cx.take_raised();
            let message = "maximum recursion depth exceeded while encoding a JSON object";
            return Err(cx.raise(Kind::RECURSION_ERROR, message));
        }
        if is_instance(cx, value, Kind::LIST) || is_instance(cx, value, Kind::TUPLE) {
            let items = list::from_iterable(cx, value)?;
            if list::length(items) == 0 {
                self.result.extend_from_slice(b"[]");
                return Ok(());
            }
            self.enter(cx, value)?;
            self.items(cx, value, items, level)?;
            return self.leave(cx, value);
        }
        if let Some(dict) = downcast::<Dict>(value) {
            if Dict::length(dict) == 0 {
                self.result.extend_from_slice(b"{}");
                return Ok(());
            }
            self.enter(cx, value)?;
            self.pairs(cx, value, level)?;
            return self.leave(cx, value);
        }
        self.enter(cx, value)?;
        let other = call::call(cx, self.encoder.default.get(), &[value], None)?;
        if let Err(raised) = self.value(cx, other, level) {
            let what = format!("when serializing {} object", types::class_name(cx, value));
            return Err(self.note(cx, raised, &what));
        }
        self.leave(cx, value)
    }

    fn enter(&self, cx: &mut Cx, value: Value) -> PyResult<()> {
        let Some(markers) = downcast::<Dict>(self.encoder.markers.get()) else { return Ok(()) };
        let key = int::from_i64(cx, object::identity(value));
        if Dict::get(cx, markers, key)?.is_some() {
            return Err(cx.value_error("Circular reference detected"));
        }
        Dict::set(cx, markers, key, value)
    }

    fn leave(&self, cx: &mut Cx, value: Value) -> PyResult<()> {
        let Some(markers) = downcast::<Dict>(self.encoder.markers.get()) else { return Ok(()) };
        let key = int::from_i64(cx, object::identity(value));
        Dict::remove(cx, markers, key).map(|_| ())
    }

    /// A new line with the indentation of a level, where there is indentation.
    fn line(&mut self, level: usize) {
        if let Some(indent) = downcast::<Str>(self.encoder.indent.get()) {
            self.result.push(b'\n');
            (0..level).for_each(|_| self.result.extend_from_slice(indent.bytes()));
        }
    }

    /// Tells an exception where it happened.
    fn note(&self, cx: &mut Cx, raised: py_object::Raised, text: &str) -> py_object::Raised {
        let exception = cx.raised.get();
        let note = Str::new(cx, text);
        if call::call_method(cx, exception, "add_note", &[note.value()]).is_err() {
            cx.take_raised();
        }
        cx.raised.set(exception);
        raised
    }

    fn items(&mut self, cx: &mut Cx, value: Value, items: Gc<List>, level: usize) -> PyResult<()> {
        self.result.push(b'[');
        self.line(level + 1);
        let mut at = 0;
        while let Some(item) = list::item(items, at) {
            if at > 0 {
                self.result.extend_from_slice(self.encoder.item_separator.get().bytes());
                self.line(level + 1);
            }
            if let Err(raised) = self.value(cx, item, level + 1) {
                let what = format!("when serializing {} item {at}", class_name(cx, value));
                return Err(self.note(cx, raised, &what));
            }
            at += 1;
        }
        self.line(level);
        self.result.push(b']');
        Ok(())
    }

    fn pairs(&mut self, cx: &mut Cx, value: Value, level: usize) -> PyResult<()> {
        let pairs = call::call_method(cx, value, "items", &[])?;
        let pairs = list::from_iterable(cx, pairs)?;
        if self.encoder.sort_keys.get() {
            call::call_method(cx, pairs.value(), "sort", &[])?;
        }
        self.result.push(b'{');
        let mut is_first = true;
        let mut at = 0;
        while let Some(pair) = list::item(pairs, at) {
            at += 1;
            let Some(pair) = downcast::<Tuple>(pair).filter(|pair| py_object::sequence::tuple_items(pair).len() == 2)
            else {
                return Err(cx.value_error("items must return 2-tuples"));
            };
            let [key, item] = [0, 1].map(|at| py_object::sequence::tuple_items(&pair)[at]);
            let before = self.result.len();
            if is_first {
                self.line(level + 1);
            } else {
                self.result.extend_from_slice(self.encoder.item_separator.get().bytes());
                self.line(level + 1);
            }
            if !self.key(cx, key)? {
                self.result.truncate(before);
                continue;
            }
            is_first = false;
            self.result.extend_from_slice(self.encoder.key_separator.get().bytes());
            if let Err(raised) = self.value(cx, item, level + 1) {
                let exception = cx.raised.get();
                let shown = operations::repr(cx, key).map(|shown| shown.to_text());
                cx.raised.set(exception);
                let shown = shown.unwrap_or_default();
                let what = format!("when serializing {} item {shown}", class_name(cx, value));
                return Err(self.note(cx, raised, &what));
            }
        }
        if !is_first {
            self.line(level);
        }
        self.result.push(b'}');
        Ok(())
    }

    /// Writes a key; false where it is left out.
    fn key(&mut self, cx: &mut Cx, key: Value) -> PyResult<bool> {
        if let Some(text) = downcast::<Str>(key) {
            self.string(cx, text)?;
            return Ok(true);
        }
        let mut plain = Writing { encoder: self.encoder, result: Vec::new() };
        match key {
            NONE | TRUE | FALSE => plain.value(cx, key, 0)?,
            _ if int::is_int(key) => plain.int(cx, key)?,
            _ if is_instance(cx, key, Kind::FLOAT) => plain.value(cx, key, 0)?,
            _ if self.encoder.skip_keys.get() => return Ok(false),
            _ => {
                let message = format!("keys must be str, int, float, bool or None, not {}", class_name(cx, key));
                return Err(cx.type_error(message));
            }
        }
        let text = Str::checked(cx, &plain.result)?;
        self.string(cx, text)?;
        Ok(true)
    }
}

/// The methods.
pub struct Methods;

#[py_methods(JSON_ENCODER, name = "_json.Encoder")]
impl Methods {
    #[new(
        signature = "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)"
    )]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] markers: Value,
        #[keyword] default: Value,
        #[keyword] encoder: Value,
        #[keyword] indent: Value,
        #[keyword] key_separator: Gc<Str>,
        #[keyword] item_separator: Gc<Str>,
        #[keyword] sort_keys: bool,
        #[keyword] skipkeys: bool,
        #[keyword] allow_nan: bool,
    ) -> PyResult<Gc<Encoder>> {
        if markers != NONE && downcast::<Dict>(markers).is_none() {
            let message = format!("make_encoder() argument 1 must be dict or None, not {}", class_name(cx, markers));
            return Err(cx.type_error(message));
        }
        let strings = native_strings(cx, encoder)?;
        let object = allocate::<Encoder>(cx.mutator(), Kind::JSON_ENCODER.shape());
        object.markers.init(markers);
        object.default.init(default);
        object.encoder.init(encoder);
        object.indent.init(indent);
        object.key_separator.init(key_separator);
        object.item_separator.init(item_separator);
        object.sort_keys.init(sort_keys);
        object.skip_keys.init(skipkeys);
        object.allow_nan.init(allow_nan);
        object.strings.init(strings);
        Ok(object)
    }
    #[method(signature = "($self, obj, _current_indent_level)")]
    fn __call__(
        cx: &mut Cx,
        this: Gc<Encoder>,
        #[keyword] obj: Value,
        #[keyword] _current_indent_level: i64,
    ) -> PyResult<Gc<Tuple>> {
        let level = usize::try_from(_current_indent_level).unwrap_or(0);
        let mut writing = Writing { encoder: this, result: Vec::new() };
        writing.value(cx, obj, level)?;
        let text = Str::checked(cx, &writing.result)?;
        Ok(Tuple::new(cx, &[text.value()]))
    }
}

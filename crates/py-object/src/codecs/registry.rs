//! The registry of codecs and of error handlers.

use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult};
use crate::kinds::Kind;
use crate::objects::{Bytes, Dict, List, Str, Tuple};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{class_name, list};
use vm_heap::{Field, Gc, Value};

/// Search functions, codecs found so far, error handlers.
pub struct Registry {
    search: Field<Option<Gc<List>>>,
    found: Field<Option<Gc<Dict>>>,
    handlers: Field<Option<Gc<Dict>>>,
}

impl Default for Registry {
    fn default() -> Registry {
        Registry { search: Field::new(None), found: Field::new(None), handlers: Field::new(None) }
    }
}

impl Registry {
    /// Makes the tables; to be called once at start-up.
    pub fn fill(&self, cx: &mut Cx) -> PyResult<()> {
        let search = List::new(cx, &[])?;
        self.search.set_root(Some(search));
        let found = Dict::new(cx);
        self.found.set_root(Some(found));
        let handlers = Dict::new(cx);
        self.handlers.set_root(Some(handlers));
        super::standard::register(cx)
    }

    /// Calls `visit` with every root.
    pub fn for_each_root(&self, visit: &mut dyn FnMut(Value)) {
        if let Some(search) = self.search.get() {
            visit(search.value());
        }
        for dict in [self.found.get(), self.handlers.get()].into_iter().flatten() {
            visit(dict.value());
        }
    }
}

fn search_functions(cx: &Cx) -> Gc<List> {
    cx.runtime.codecs.search.get().expect("made at start-up")
}

fn found(cx: &Cx) -> Gc<Dict> {
    cx.runtime.codecs.found.get().expect("made at start-up")
}

fn handlers(cx: &Cx) -> Gc<Dict> {
    cx.runtime.codecs.handlers.get().expect("made at start-up")
}

/// The name of an encoding as search functions are asked for it: lower case, anything but letters, digits and dots as
/// one `_`.
pub fn normalised(name: &str) -> String {
    let mut result = String::with_capacity(name.len());
    let mut gap = false;
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || character == '.' {
            if gap && !result.is_empty() {
                result.push('_');
            }
            gap = false;
            result.push(character.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    result
}

/// Adds a search function.
pub fn register(cx: &mut Cx, function: Value) -> PyResult<()> {
    if !crate::types::class::is_callable(cx, function) {
        return Err(cx.type_error("argument must be callable"));
    }
    let functions = search_functions(cx);
    List::push(cx, functions, function)
}

/// Removes a search function and forgets what was found.
pub fn unregister(cx: &mut Cx, function: Value) -> PyResult<()> {
    let functions = search_functions(cx);
    for at in 0..list::length(functions) {
        if list::item(functions, at) == Some(function) {
            list::remove_at(cx, functions, at as i64);
            let found = found(cx);
            Dict::clear(cx, found);
            return Ok(());
        }
    }
    Ok(())
}

/// Imports the library's `encodings`, which registers its search function, if nobody has yet.
fn provide_library(cx: &mut Cx) -> PyResult<()> {
    let functions = search_functions(cx);
    let (key, import) = (cx.intern("encodings"), cx.intern("__import__"));
    let modules = cx.runtime.modules.get().expect("made at start-up");
    if list::length(functions) > 0 || Dict::get_str(cx, modules, key).is_some() {
        return Ok(());
    }
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    match Dict::get_str(cx, builtins, import) {
        Some(import) => call::call(cx, import, &[key.value()], None).map(|_| ()),
        None => Ok(()),
    }
}

/// The codec of an encoding: a tuple of four functions.
pub fn lookup(cx: &mut Cx, encoding: Gc<Str>) -> PyResult<Gc<Tuple>> {
    let codec = lookup_object(cx, encoding)?;
    Ok(downcast(codec).expect("only tuples are found"))
}

/// The codec of an encoding: a tuple of four functions, or an instance of a subclass.
fn lookup_object(cx: &mut Cx, encoding: Gc<Str>) -> PyResult {
    if std::str::from_utf8(encoding.bytes()).is_err() {
        // A name with lone surrogates: the error of encoding it.
        crate::call::call_method(cx, encoding.value(), "encode", &[])?;
    }
    let given = encoding.to_text();
    let name = Str::new(cx, &normalised(&given));
    let table = found(cx);
    if let Some(codec) = Dict::get(cx, table, name.value())? {
        return Ok(codec);
    }
    provide_library(cx)?;
    let functions = search_functions(cx);
    if list::length(functions) == 0 {
        return Err(cx.raise(Kind::LOOKUP_ERROR, "no codec search functions registered: can't find encoding"));
    }
    match search_for(cx, name)? {
        Some(found) => {
            Dict::set(cx, table, name.value(), found)?;
            Ok(found)
        }
        None => Err(cx.raise(Kind::LOOKUP_ERROR, format!("unknown encoding: {given}"))),
    }
}

/// What the first search function that knows an encoding returns: a tuple or an instance of a subclass.
fn search_for(cx: &mut Cx, name: Gc<Str>) -> PyResult<Option<Value>> {
    let functions = search_functions(cx);
    let mut at = 0;
    while let Some(function) = list::item(functions, at) {
        at += 1;
        let result = call::call(cx, function, &[name.value()], None)?;
        if result == NONE {
            continue;
        }
        return match downcast::<Tuple>(result).filter(|codec| tuple_items(codec).len() == 4) {
            Some(_) => Ok(Some(result)),
            None => Err(cx.type_error("codec search functions must return 4-tuples")),
        };
    }
    Ok(None)
}

/// The codec of an encoding as programs see it: for the encodings that the runtime knows by itself, too, what the library has.
pub fn lookup_shown(cx: &mut Cx, encoding: Gc<Str>) -> PyResult {
    let codec = lookup_object(cx, encoding)?;
    if !crate::types::is_exactly(codec, Kind::TUPLE) {
        return Ok(codec);
    }
    provide_library(cx)?;
    let name = Str::new(cx, &normalised(&encoding.to_text()));
    Ok(search_for(cx, name)?.unwrap_or(codec))
}

/// A codec that turns text into bytes and back: LookupError for others, naming the function that takes any.
fn lookup_text(cx: &mut Cx, encoding: Gc<Str>, instead: &str) -> PyResult<Gc<Tuple>> {
    let codec = lookup_object(cx, encoding)?;
    if !crate::types::is_exactly(codec, Kind::TUPLE) {
        let name = cx.intern("_is_text_encoding");
        if let Some((flag, _)) = attribute::find(cx, codec, name)?
            && !operations::truth(cx, flag)?
        {
            let message =
                format!("'{}' is not a text encoding; use {instead} to handle arbitrary codecs", encoding.to_text());
            return Err(cx.raise(Kind::LOOKUP_ERROR, message));
        }
    }
    Ok(downcast(codec).expect("only tuples are found"))
}

/// Which half of a codec.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Half {
    /// The encoder.
    Encoder,
    /// The decoder.
    Decoder,
}

/// Calls one half of a codec and takes the first part of what it returns.
fn run(
    cx: &mut Cx,
    codec: Gc<Tuple>,
    half: Half,
    object: Value,
    encoding: Gc<Str>,
    errors: Option<Gc<Str>>,
) -> PyResult {
    let (index, name, verb) = match half {
        Half::Encoder => (0, "encoder", "encoding"),
        Half::Decoder => (1, "decoder", "decoding"),
    };
    let function = tuple_items(&codec)[index];
    let result = match errors {
        Some(errors) => call::call(cx, function, &[object, errors.value()], None),
        None => call::call(cx, function, &[object], None),
    };
    let result = match result {
        Ok(result) => result,
        Err(raised) => {
            let exception = cx.raised.get();
            let note = Str::new(cx, &format!("{verb} with '{}' codec failed", encoding.to_text()));
            let noted = call::call_method(cx, exception, "add_note", &[note.value()]);
            if noted.is_err() {
                cx.take_raised();
            }
            cx.raised.set(exception);
            return Err(raised);
        }
    };
    match downcast::<Tuple>(result).filter(|result| tuple_items(result).len() == 2) {
        Some(result) => Ok(tuple_items(&result)[0]),
        None => Err(cx.type_error(format!("{name} must return a tuple (object, integer)"))),
    }
}

/// `codecs.encode(object, encoding, errors)` or `codecs.decode(…)`.
pub fn convert(cx: &mut Cx, half: Half, object: Value, encoding: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult {
    let codec = lookup(cx, encoding)?;
    run(cx, codec, half, object, encoding, errors)
}

/// `text.encode` with a codec of the registry.
pub fn encode_text(cx: &mut Cx, text: Gc<Str>, encoding: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult {
    let codec = lookup_text(cx, encoding, "codecs.encode()")?;
    let result = run(cx, codec, Half::Encoder, text.value(), encoding, errors)?;
    if downcast::<Bytes>(result).is_some() {
        return Ok(result);
    }
    if let Some(bytes) = crate::types::bytes::content_of(cx, result)? {
        return Ok(bytes.value());
    }
    let message = format!(
        "'{}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        encoding.to_text(),
        class_name(cx, result)
    );
    Err(cx.type_error(message))
}

/// `bytes.decode` with a codec of the registry.
pub fn decode_text(cx: &mut Cx, object: Value, encoding: Gc<Str>, errors: Option<Gc<Str>>) -> PyResult<Gc<Str>> {
    let codec = lookup_text(cx, encoding, "codecs.decode()")?;
    let result = run(cx, codec, Half::Decoder, object, encoding, errors)?;
    match downcast::<Str>(result) {
        Some(text) => Ok(text),
        None => {
            let message = format!(
                "'{}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
                encoding.to_text(),
                class_name(cx, result)
            );
            Err(cx.type_error(message))
        }
    }
}

/// Registers an error handler.
pub fn register_handler(cx: &mut Cx, name: Gc<Str>, handler: Value) -> PyResult<()> {
    if !crate::types::class::is_callable(cx, handler) {
        return Err(cx.type_error("handler must be callable"));
    }
    let table = handlers(cx);
    Dict::set(cx, table, name.value(), handler)
}

/// Removes an error handler; ValueError for a standard one.
pub fn unregister_handler(cx: &mut Cx, name: Gc<Str>) -> PyResult<bool> {
    let text = name.to_text();
    if super::errors::is_standard(&text) {
        return Err(cx.value_error(format!("cannot un-register built-in error handler '{text}'")));
    }
    let table = handlers(cx);
    Ok(Dict::remove(cx, table, name.value())?.is_some())
}

/// An error handler by name.
pub fn lookup_handler(cx: &mut Cx, name: &str) -> PyResult {
    let key = Str::new(cx, name);
    let table = handlers(cx);
    match Dict::get(cx, table, key.value())? {
        Some(handler) => Ok(handler),
        None => Err(cx.raise(Kind::LOOKUP_ERROR, format!("unknown error handler name '{name}'"))),
    }
}

//! Replacements: literals, functions, and templates with references to groups.

use super::match_object::numbered_group;
use super::objects::{Match, Pattern, Template};
use super::subject::Content;
use py_object::objects::{Bytes, List, Str};
use py_object::types::class::is_callable;
use py_object::types::{class_name, int, is_exactly, is_instance, list};
use py_object::{Cx, Kind, NONE, PyResult, attribute, call, downcast, operations};
use py_object::{try_allocate_tail, value_tail};
use vm_heap::{Gc, Value};

/// What `sub` puts in the place of a match.
#[derive(Clone, Copy)]
pub enum Replacement {
    /// The same each time.
    Literal(Literal),
    /// Literals and groups.
    Template(Gc<Template>),
    /// What a function returns.
    Function(Value),
}

/// A literal replacement, of whatever kind.
#[derive(Clone, Copy)]
pub struct Literal {
    value: Value,
    content: Content,
}

impl Literal {
    /// The object.
    pub fn value(&self) -> Value {
        self.value
    }

    /// Whether it is text.
    pub fn is_text(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }
}

impl Replacement {
    /// What an argument of `sub` means.
    pub fn new(cx: &mut Cx, pattern: Gc<Pattern>, value: Value) -> PyResult<Replacement> {
        if is_callable(cx, value) {
            return Ok(Replacement::Function(value));
        }
        match Content::of(cx, value)? {
            Some(content) if !content.bytes().contains(&b'\\') => Ok(Replacement::Literal(Literal { value, content })),
            _ => compile(cx, pattern, value),
        }
    }
}

/// Compiles a template with the library's parser.
pub fn compile(cx: &mut Cx, pattern: Gc<Pattern>, template: Value) -> PyResult<Replacement> {
    let library = crate::library::module(cx, "re")?;
    let name = cx.intern("_compile_template");
    let function = attribute::get(cx, library, name)?;
    let mut result = call::call(cx, function, &[pattern.value(), template], None);
    if result.is_err() {
        let raised = cx.raised.get();
        // What has no hash is converted to what has one.
        let plain = if !is_instance(cx, raised, Kind::TYPE_ERROR) {
            None
        } else if let Some(text) = downcast::<Str>(template).filter(|text| !is_exactly(text.value(), Kind::STR)) {
            Some(Str::checked(cx, py_object::StrExt::bytes(&text))?.value())
        } else if is_exactly(template, Kind::BYTES) {
            None
        } else {
            crate::buffer::content(cx, template)?.map(|bytes: Gc<Bytes>| bytes.value())
        };
        cx.raised.set(raised);
        if let Some(plain) = plain {
            cx.take_raised();
            result = call::call(cx, function, &[pattern.value(), plain], None);
        }
    }
    let result = result?;
    let Some(compiled) = downcast::<Template>(result) else {
        let message =
            format!("the result of compiling a replacement string is {}, not SRE_Template", class_name(cx, result));
        return Err(cx.raise(Kind::RUNTIME_ERROR, message));
    };
    if compiled.length.get().as_int() > 0 {
        return Ok(Replacement::Template(compiled));
    }
    let value = compiled.literal.get();
    match Content::of(cx, value)? {
        Some(content) => Ok(Replacement::Literal(Literal { value, content })),
        None => Err(cx.type_error("invalid template")),
    }
}

/// `_sre.template`: a list of a literal, then group numbers and literals in turn.
pub fn new_template(cx: &mut Cx, parts: Gc<List>) -> PyResult<Gc<Template>> {
    let length = list::length(parts);
    if length.is_multiple_of(2) {
        return Err(cx.type_error("invalid template"));
    }
    let Some(template) = try_allocate_tail::<Template>(cx.mutator(), Kind::SRE_TEMPLATE.shape(), length - 1) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    template.literal.init(list::item(parts, 0).unwrap_or(NONE));
    for (at, field) in value_tail(&template, length - 1).iter().enumerate() {
        field.set(cx.mutator(), template, list::item(parts, at + 1).unwrap_or(NONE));
    }
    for field in value_tail(&template, length - 1).iter().step_by(2) {
        let number = int::index(cx, field.get())?;
        if int::as_i64(number).is_none_or(|number| number < 0) {
            return Err(cx.type_error("invalid template"));
        }
    }
    Ok(template)
}

/// The text that a template gives for a match.
pub fn expand(cx: &mut Cx, template: Gc<Template>, found: Gc<Match>) -> PyResult {
    let parts = List::new(cx, &[])?;
    let push = |cx: &mut Cx, part: Value| {
        if part != NONE && operations::length(cx, part)? > 0 {
            List::push(cx, parts, part)?;
        }
        Ok(())
    };
    push(cx, template.literal.get())?;
    for pair in value_tail(&template, template.length.get().as_int() as usize).chunks(2) {
        let group = int::as_i64(pair[0].get()).unwrap_or(-1);
        let text = numbered_group(cx, found, group)?;
        push(cx, text)?;
        push(cx, pair[1].get())?;
    }
    let joiner = match downcast::<Str>(template.literal.get()) {
        Some(_) => cx.intern("").value(),
        None => crate::buffer::new_bytes(cx, b"")?,
    };
    call::call_method(cx, joiner, "join", &[parts.value()])
}

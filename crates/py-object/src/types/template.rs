//! `string.templatelib`: what template string literals make (PEP 750).
//!
//! Both are records. A template holds the tuple of its strings and that of its interpolations, one fewer; an interpolation
//! its value, the text of its expression, its conversion or None and its format specification.

use crate::arguments::{Keywords, Next};
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::{Kind, shapes};
use crate::object::allocate;
use crate::objects::{List, Record, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_name, generic, object::push_repr};
use py_macros::py_methods;
use vm_heap::{Gc, ShapeId, Value};

fn record(cx: &mut Cx, shape: ShapeId, parts: [Value; 4]) -> Value {
    let made = allocate::<Record>(cx.mutator(), shape);
    for (field, part) in [&made.first, &made.second, &made.third, &made.fourth].into_iter().zip(parts) {
        field.init(part);
    }
    made.value()
}

/// The template of a literal, of a tuple of strings and one of interpolations.
pub fn new_template(cx: &mut Cx, strings: Value, interpolations: Value) -> Value {
    record(cx, shapes::TEMPLATE, [strings, interpolations, NONE, NONE])
}

/// The interpolation of a replacement field.
pub fn new_interpolation(
    cx: &mut Cx,
    value: Value,
    expression: Value,
    conversion: Option<char>,
    specification: Option<Value>,
) -> Value {
    let conversion = match conversion {
        Some(conversion) => cx.intern(conversion.encode_utf8(&mut [0; 4])).value(),
        None => NONE,
    };
    let specification = specification.unwrap_or_else(|| cx.intern("").value());
    record(cx, shapes::INTERPOLATION, [value, expression, conversion, specification])
}

fn tuple(value: Value) -> Gc<Tuple> {
    downcast::<Tuple>(value).expect("a template holds tuples")
}

/// Joins two strings.
fn joined(cx: &mut Cx, first: Value, second: Value) -> PyResult {
    let bytes = |value| downcast::<Str>(value).map_or_else(Vec::new, |text| text.bytes().to_vec());
    Ok(Str::checked(cx, &[bytes(first), bytes(second)].concat())?.value())
}

fn read_only(cx: &mut Cx) -> PyResult<()> {
    Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
}

/// The methods of templates.
pub struct TemplateMethods;

#[py_methods(TEMPLATE, name = "Template")]
impl TemplateMethods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, _class: Gc<Type>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !kwargs.is_empty() {
            return Err(cx.type_error("Template.__new__ only accepts *args arguments"));
        }
        let (strings, fields) = (List::new(cx, &[])?, List::new(cx, &[])?);
        let mut text = cx.intern("").value();
        for part in args {
            if types::is_exactly(*part, Kind::INTERPOLATION) {
                List::push(cx, strings, text)?;
                List::push(cx, fields, *part)?;
                text = cx.intern("").value();
            } else if downcast::<Str>(*part).is_some() {
                text = joined(cx, text, *part)?;
            } else {
                let class = class_name(cx, *part);
                let message =
                    format!("Template.__new__ *args need to be of type 'str' or 'Interpolation', got {class}");
                return Err(cx.type_error(message));
            }
        }
        List::push(cx, strings, text)?;
        let (strings, fields) = (Tuple::from_list(cx, strings)?, Tuple::from_list(cx, fields)?);
        Ok(new_template(cx, strings.value(), fields.value()))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        let mut text = String::from("Template(strings=");
        push_repr(cx, &mut text, this.first.get())?;
        text.push_str(", interpolations=");
        push_repr(cx, &mut text, this.second.get())?;
        text.push(')');
        Ok(text)
    }
    #[method]
    fn __iter__(cx: &mut Cx, this: Gc<Record>) -> Value {
        record(cx, shapes::TEMPLATE_ITERATOR, [this.first.get(), this.second.get(), Value::int(0), NONE])
    }
    #[method]
    fn __add__(cx: &mut Cx, this: Gc<Record>, value: Value) -> PyResult {
        let Some(other) = downcast::<Record>(value).filter(|_| types::is_exactly(value, Kind::TEMPLATE)) else {
            let class = class_name(cx, value);
            let message = format!(
                "can only concatenate string.templatelib.Template (not \"{class}\") to string.templatelib.Template"
            );
            return Err(cx.type_error(message));
        };
        let (lhs, rhs) = (tuple(this.first.get()), tuple(other.first.get()));
        let (lhs, rhs) = (tuple_items(&lhs), tuple_items(&rhs));
        let (before, last) = (&lhs[..lhs.len() - 1], lhs[lhs.len() - 1]);
        let middle = joined(cx, last, rhs[0])?;
        let strings = cx.tuple(&[before, &[middle], &rhs[1..]].concat());
        let (first, second) = (tuple(this.second.get()), tuple(other.second.get()));
        let fields = cx.tuple(&[tuple_items(&first), tuple_items(&second)].concat());
        Ok(new_template(cx, strings, fields))
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Record>) -> PyResult {
        let function = cx.import_from("string.templatelib", "_template_unpickle")?;
        let arguments = cx.tuple(&[this.first.get(), this.second.get()]);
        Ok(cx.tuple(&[function, arguments]))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        generic::alias(cx, class, object)
    }
    /// Strings
    #[getter]
    fn strings(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[setter]
    fn set_strings(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    /// Interpolations
    #[getter]
    fn interpolations(this: Gc<Record>) -> Value {
        this.second.get()
    }
    #[setter]
    fn set_interpolations(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    /// Values of interpolations
    #[getter]
    fn values(cx: &mut Cx, this: Gc<Record>) -> Value {
        let fields = tuple(this.second.get());
        let values: Vec<Value> = tuple_items(&fields)
            .iter()
            .map(|field| downcast::<Record>(*field).map_or(NONE, |field| field.first.get()))
            .collect();
        cx.tuple(&values)
    }
}

/// The methods of interpolations.
pub struct InterpolationMethods;

#[py_methods(INTERPOLATION, name = "Interpolation")]
impl InterpolationMethods {
    #[new(signature = "(value, expression='', conversion=None, format_spec='')")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] value: Value,
        #[keyword]
        #[default(UNBOUND)]
        expression: Value,
        #[keyword]
        #[default(NONE)]
        conversion: Value,
        #[keyword]
        #[default(UNBOUND)]
        format_spec: Value,
    ) -> PyResult {
        let empty = cx.intern("").value();
        let mut texts = [empty; 2];
        for (at, (name, given)) in [("expression", expression), ("format_spec", format_spec)].into_iter().enumerate() {
            if given == UNBOUND {
                continue;
            }
            if downcast::<Str>(given).is_none() {
                return Err(not_text(cx, name, given));
            }
            texts[at] = given;
        }
        if conversion != NONE {
            let Some(text) = downcast::<Str>(conversion) else { return Err(not_text(cx, "conversion", conversion)) };
            if !matches!(text.bytes(), b"s" | b"a" | b"r") {
                return Err(cx.value_error("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
            }
        }
        Ok(record(cx, shapes::INTERPOLATION, [value, texts[0], conversion, texts[1]]))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Record>) -> PyResult<String> {
        let mut text = String::from("Interpolation(");
        for (at, part) in parts(this).into_iter().enumerate() {
            if at > 0 {
                text.push_str(", ");
            }
            push_repr(cx, &mut text, part)?;
        }
        text.push(')');
        Ok(text)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Record>) -> Value {
        let class = cx.builtin_type(Kind::INTERPOLATION).value();
        let arguments = cx.tuple(&parts(this));
        cx.tuple(&[class, arguments])
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        generic::alias(cx, class, object)
    }
    /// Value
    #[getter]
    fn value(this: Gc<Record>) -> Value {
        this.first.get()
    }
    #[setter]
    fn set_value(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    /// Expression
    #[getter]
    fn expression(this: Gc<Record>) -> Value {
        this.second.get()
    }
    #[setter]
    fn set_expression(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    /// Conversion
    #[getter]
    fn conversion(this: Gc<Record>) -> Value {
        this.third.get()
    }
    #[setter]
    fn set_conversion(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
    /// Format specifier
    #[getter]
    fn format_spec(this: Gc<Record>) -> Value {
        this.fourth.get()
    }
    #[setter]
    fn set_format_spec(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        read_only(cx)
    }
}

fn parts(interpolation: Gc<Record>) -> [Value; 4] {
    [&interpolation.first, &interpolation.second, &interpolation.third, &interpolation.fourth].map(|field| field.get())
}

fn not_text(cx: &mut Cx, name: &str, given: Value) -> vm_machine::Raised {
    let class = class_name(cx, given);
    cx.type_error(format!("Interpolation() argument '{name}' must be str, not {class}"))
}

/// The methods of the iterators of templates: strings that are not empty and interpolations, in turn.
pub struct IteratorMethods;

#[py_methods(TEMPLATE_ITERATOR, name = "TemplateIter")]
impl IteratorMethods {
    #[method]
    fn __iter__(this: Gc<Record>) -> Gc<Record> {
        this
    }
    #[method]
    fn __next__(this: Gc<Record>) -> Next {
        let (strings, fields) = (tuple(this.first.get()), tuple(this.second.get()));
        loop {
            // Even positions are those of strings, odd ones those of interpolations.
            let at = this.third.get().as_int() as usize;
            let found = if at.is_multiple_of(2) { tuple_items(&strings) } else { tuple_items(&fields) }.get(at / 2);
            let Some(found) = found else { return Next(None) };
            this.third.init(Value::int(at as i64 + 1));
            if downcast::<Str>(*found).is_none_or(|text| !text.bytes().is_empty()) || at % 2 == 1 {
                return Next(Some(*found));
            }
        }
    }
}

/// Gives interpolations `__match_args__`. To be called once, after the types were made.
pub(crate) fn install(cx: &mut Cx) {
    let names = ["value", "expression", "conversion", "format_spec"].map(|name| cx.intern(name).value());
    let names = cx.tuple(&names);
    let key = cx.intern("__match_args__");
    let class = cx.builtin_type(Kind::INTERPOLATION);
    if crate::types::namespace::set(cx, class, key, names).is_err() {
        unreachable!("names are hashable");
    }
}

//! `partial`: a function with some of its arguments given. Positional ones may be left open with `Placeholder`.

use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::{Array, Dict, List, Str, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::{class_of, dict, is_exactly, object};
use py_object::{Cx, Kind, NONE, PLACEHOLDER, PyResult, attribute, call, downcast, object, types};
use vm_heap::{Gc, Value};

object! {
    /// A partial.
    pub struct Partial = 425 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// The function.
        function: Value,
        /// Its first positional arguments.
        args: Gc<Tuple>,
        /// Its keyword arguments.
        keywords: Gc<Dict>,
        /// How many of `args` are placeholders.
        open: usize,
    }
}

fn count_open(args: &Gc<Tuple>) -> usize {
    tuple_items(args).iter().filter(|item| **item == PLACEHOLDER).count()
}

/// Positional arguments with their placeholders filled by the first of `given`, and the rest behind them.
fn fill(cx: &mut Cx, args: Gc<Tuple>, given: &[Value]) -> PyResult<Gc<List>> {
    let all = List::new(cx, &[])?;
    let mut given = given.iter();
    for item in tuple_items(&args) {
        let item = match *item {
            PLACEHOLDER => given.next().copied().unwrap_or(PLACEHOLDER),
            item => item,
        };
        List::push(cx, all, item)?;
    }
    for item in given {
        List::push(cx, all, *item)?;
    }
    Ok(all)
}

/// Whether the class of a partial has no `__call__` of its own.
fn calls_as_partial(cx: &mut Cx, partial: Gc<Partial>) -> bool {
    let (class, base) = (class_of(cx, partial.value()), cx.builtin_type(Kind::PARTIAL));
    let name = cx.intern("__call__");
    class == base || types::lookup(cx, class, name) == types::lookup(cx, base, name)
}

fn make(cx: &mut Cx, class: Gc<Type>, arguments: &[Value], keywords: Keywords<'_>) -> PyResult<Gc<Partial>> {
    let [function, given @ ..] = arguments else {
        return Err(cx.type_error("type 'partial' takes at least one argument"));
    };
    if !types::class::is_callable(cx, *function) {
        return Err(cx.type_error("the first argument must be callable"));
    }
    if given.last() == Some(&PLACEHOLDER) {
        return Err(cx.type_error("trailing Placeholders are not allowed"));
    }
    if keywords.iter().any(|(_, value)| value == PLACEHOLDER) {
        return Err(cx.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    // A partial of a partial without attributes of its own is one partial.
    let inner = downcast::<Partial>(*function).filter(|inner| inner.attributes.get().is_none());
    let inner = inner.filter(|inner| calls_as_partial(cx, *inner));
    let all_keywords = Dict::new(cx);
    let (function, args) = match inner {
        Some(inner) => {
            dict::merge(cx, all_keywords, inner.keywords.get())?;
            let filled = fill(cx, inner.args.get(), given)?;
            (inner.function.get(), Tuple::from_list(cx, filled)?)
        }
        None => (*function, Tuple::new(cx, given)),
    };
    for (name, value) in keywords.iter() {
        Dict::set_str(cx, all_keywords, name, value)?;
    }
    let partial = crate::new_object::<Partial>(cx, class);
    partial.function.init(function);
    partial.args.init(args);
    partial.keywords.init(all_keywords);
    partial.open.init(count_open(&args));
    Ok(partial)
}

/// Calls the function with the arguments of the partial and those of the call.
fn call_partial(cx: &mut Cx, this: Gc<Partial>, given: &[Value], keywords: Keywords<'_>) -> PyResult {
    let (function, args, own, open) = (this.function.get(), this.args.get(), this.keywords.get(), this.open.get());
    if given.len() < open {
        let message =
            format!("missing positional arguments in 'partial' call; expected at least {open}, got {}", given.len());
        return Err(cx.type_error(message));
    }
    const INLINE: usize = 8;
    let fixed = tuple_items(&args);
    if open == 0 && fixed.len() + given.len() <= INLINE && Dict::length(own) == 0 {
        let mut all = [NONE; INLINE];
        let count = fixed.len() + given.len();
        all[..fixed.len()].copy_from_slice(fixed);
        all[fixed.len()..count].copy_from_slice(given);
        return keywords.call(cx, function, &all[..count]);
    }
    let positional = fill(cx, args, given)?;
    if Dict::length(own) == 0 {
        let positional = Tuple::from_list(cx, positional)?;
        return keywords.call(cx, function, tuple_items(&positional));
    }
    let merged = dict::copy(cx, own)?;
    for (name, value) in keywords.iter() {
        Dict::set_str(cx, merged, name, value)?;
    }
    let names = List::new(cx, &[])?;
    let mut position = 0;
    while let Some((name, value)) = Dict::next(merged, &mut position) {
        if downcast::<Str>(name).is_none() {
            return Err(cx.type_error("keywords must be strings"));
        }
        List::push(cx, names, name)?;
        List::push(cx, positional, value)?;
    }
    let names = Tuple::from_list(cx, names)?;
    let all = Tuple::from_list(cx, positional)?;
    call::call(cx, function, tuple_items(&all), Some(names))
}

fn set_state(cx: &mut Cx, this: Gc<Partial>, state: Value) -> PyResult<()> {
    let parts = downcast::<Tuple>(state).map(|parts| tuple_items(&parts).to_vec()).unwrap_or_default();
    let valid = match parts[..] {
        [function, args, keywords, attributes] => {
            let fits = types::class::is_callable(cx, function)
                && downcast::<Tuple>(args).is_some()
                && (keywords == NONE || downcast::<Dict>(keywords).is_some())
                && (attributes == NONE || downcast::<Dict>(attributes).is_some());
            fits.then_some((function, args, keywords, attributes))
        }
        _ => None,
    };
    let Some((function, args, keywords, attributes)) = valid else {
        return Err(cx.type_error("invalid partial state"));
    };
    let Some(args) = downcast::<Tuple>(args) else { return Err(cx.type_error("invalid partial state")) };
    if tuple_items(&args).last() == Some(&PLACEHOLDER) {
        return Err(cx.type_error("trailing Placeholders are not allowed"));
    }
    // An instance of a subclass of tuple or dict may change: copies are what the partial keeps.
    let plain = if is_exactly(args.value(), Kind::TUPLE) { args } else { Tuple::new(cx, tuple_items(&args)) };
    let own = match downcast::<Dict>(keywords) {
        Some(keywords) if is_exactly(keywords.value(), Kind::DICT) => keywords,
        Some(keywords) => dict::copy(cx, keywords)?,
        None => Dict::new(cx),
    };
    this.function.set(cx.mutator(), this, function);
    this.args.set(cx.mutator(), this, plain);
    this.keywords.set(cx.mutator(), this, own);
    this.open.init(count_open(&plain));
    match downcast::<Dict>(attributes) {
        Some(attributes) => attribute::set_dictionary(cx, this.value(), attributes),
        None if this.attributes.get().is_none() => Ok(()),
        None => {
            let empty = Dict::new(cx);
            attribute::set_dictionary(cx, this.value(), empty)
        }
    }
}

/// The methods.
pub struct Methods;

#[py_methods(PARTIAL, name = "partial")]
impl Methods {
    #[new(signature = "(func, /, *args, **keywords)")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] keywords: Keywords<'_>,
    ) -> PyResult<Gc<Partial>> {
        make(cx, class, args, keywords)
    }
    #[method(name = "__call__", signature = "($self, /, *args, **kwargs)")]
    fn call(cx: &mut Cx, this: Gc<Partial>, #[args] args: &[Value], #[kwargs] keywords: Keywords<'_>) -> PyResult {
        call_partial(cx, this, args, keywords)
    }
    /// Return a method of an instance.
    #[method]
    fn __get__(cx: &mut Cx, this: Value, instance: Value, #[default(NONE)] owner: Value) -> PyResult {
        if instance != NONE {
            return Ok(attribute::bind_method(cx, this, instance));
        }
        if owner == NONE {
            return Err(cx.type_error("__get__(None, None) is invalid"));
        }
        Ok(this)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Partial>) -> PyResult<String> {
        let Some(_guard) = object::enter_repr(cx, this.value()) else { return Ok("...".to_string()) };
        let class = class_of(cx, this.value());
        // A `__repr__` may change the partial: what is shown is what it was.
        let (function, args, keywords) = (this.function.get(), this.args.get(), this.keywords.get());
        let mut text = format!("{}({}", crate::full_name(cx, class)?, crate::repr_text(cx, function)?);
        for item in tuple_items(&args) {
            text.push_str(", ");
            text.push_str(&crate::repr_text(cx, *item)?);
        }
        let mut position = 0;
        while let Some((name, value)) = Dict::next(keywords, &mut position) {
            let name = py_object::operations::to_str(cx, name)?;
            text.push_str(&format!(", {}={}", crate::text_of(name), crate::repr_text(cx, value)?));
        }
        text.push(')');
        Ok(text)
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Partial>) -> PyResult {
        let class = class_of(cx, this.value());
        let attributes = match this.attributes.get() {
            Some(_) => attribute::dictionary(cx, this.value())?.value(),
            None => NONE,
        };
        let function = this.function.get();
        let state = cx.tuple(&[function, this.args.get().value(), this.keywords.get().value(), attributes]);
        let arguments = cx.tuple(&[function]);
        Ok(cx.tuple(&[class.value(), arguments, state]))
    }
    #[method]
    fn __setstate__(cx: &mut Cx, this: Gc<Partial>, state: Value) -> PyResult<()> {
        set_state(cx, this, state)
    }
    /// function object to use in future partial calls
    #[getter]
    fn func(this: Gc<Partial>) -> Value {
        this.function.get()
    }
    /// tuple of arguments to future partial calls
    #[getter]
    fn args(this: Gc<Partial>) -> Gc<Tuple> {
        this.args.get()
    }
    /// dictionary of keyword arguments to future partial calls
    #[getter]
    fn keywords(this: Gc<Partial>) -> Gc<Dict> {
        this.keywords.get()
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}

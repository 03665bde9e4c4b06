//! `__build_class__`: what a class statement does.

use crate::{code, run};
use py_object::bootstrap::new_native;
use py_object::native::{NativeDefinition, NativeKind, TracePolicy, TransactionPolicy};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, class_of, is_subclass};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, UNBOUND, attribute, call, downcast, operations};
use vm_heap::{Gc, Value};

static BUILD_CLASS: NativeDefinition = NativeDefinition {
    name: "__build_class__",
    qualname: "__build_class__",
    kind: NativeKind::Function,
    doc: "Internal helper function used by the class statement.",
    signature: "",
    call: build_class,
    setter: None,
    trace: TracePolicy::Never,
    transaction: TransactionPolicy::Inevitable,
};

/// Enters `__build_class__` into the builtins.
pub fn install(cx: &mut Cx) {
    let function = new_native(cx, &BUILD_CLASS, Kind::BUILTIN, NONE);
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern("__build_class__");
    if Dict::set_str(cx, builtins, name, function.value()).is_err() {
        unreachable!("names are hashable");
    }
}

/// `__build_class__(function, name, *bases, metaclass=None, **keywords)`.
fn build_class(cx: &mut Cx, arguments: &[Value], keywords: Option<Gc<Tuple>>) -> PyResult {
    let names = keywords.as_ref().map_or(&[][..], tuple_items);
    let positional = &arguments[..arguments.len() - names.len()];
    let [function, name, given_bases @ ..] = positional else {
        return Err(cx.type_error("__build_class__: not enough arguments"));
    };
    let Some(function) = downcast::<Function>(*function) else {
        return Err(cx.type_error("__build_class__: func must be a function"));
    };
    if downcast::<Str>(*name).is_none() {
        return Err(cx.type_error("__build_class__: name is not a string"));
    }
    let bases = resolve_bases(cx, given_bases)?;
    let has_original = tuple_items(&bases) != given_bases;

    // Keyword arguments, without the metaclass.
    let mut metaclass = None;
    let kept_names = List::new(cx, &[])?;
    let kept_values = List::new(cx, &[])?;
    for (at, keyword) in names.iter().enumerate() {
        let value = arguments[positional.len() + at];
        if downcast::<Str>(*keyword).is_some_and(|text| py_object::StrExt::bytes(&text) == b"metaclass") {
            metaclass = Some(value);
        } else {
            List::push(cx, kept_names, *keyword)?;
            List::push(cx, kept_values, value)?;
        }
    }
    let metaclass = choose_metaclass(cx, metaclass, &bases)?;

    let namespace = prepare(cx, metaclass, *name, bases.value(), kept_names, kept_values)?;
    let body = code::new_function(cx, function.code.get(), function.globals.get());
    body.closure.set(cx.mutator(), body, function.closure.get());
    // The namespace of a class body lies here; see `slow::namespace`.
    body.annotate.set(cx.mutator(), body, namespace);
    let cell = run::call_function(cx, body.value(), &[], None)?;
    if has_original {
        let original = Tuple::new(cx, given_bases);
        let key = cx.intern("__orig_bases__");
        operations::set_item(cx, namespace, key.value(), original.value())?;
    }
    let class = call_with_keywords(cx, metaclass, &[*name, bases.value(), namespace], kept_names, kept_values)?;
    if let Some(cell) = downcast::<Cell>(cell)
        && as_type(class).is_some()
    {
        check_cell(cx, cell.value.get(), *name, class)?;
    }
    Ok(class)
}

/// Whether the metaclass has put the class into the cell of `__class__`.
fn check_cell(cx: &mut Cx, content: Value, name: Value, class: Value) -> PyResult<()> {
    if content == class {
        return Ok(());
    }
    let name = operations::repr(cx, name)?.to_text();
    let shown = operations::repr(cx, class)?.to_text();
    if content == UNBOUND {
        let message =
            format!("__class__ not set defining {name} as {shown}. Was __classcell__ propagated to type.__new__?");
        return Err(cx.raise(Kind::RUNTIME_ERROR, message));
    }
    let content = operations::repr(cx, content)?.to_text();
    Err(cx.type_error(format!("__class__ set to {content} defining {name} as {shown}")))
}

/// Bases that are no types may name others by `__mro_entries__` (PEP 560).
fn resolve_bases(cx: &mut Cx, bases: &[Value]) -> PyResult<Gc<Tuple>> {
    let list = List::new(cx, &[])?;
    for base in bases {
        if as_type(*base).is_some() {
            List::push(cx, list, *base)?;
            continue;
        }
        let name = cx.intern("__mro_entries__");
        match attribute::find(cx, *base, name)? {
            None => List::push(cx, list, *base)?,
            Some((hook, _)) => {
                let original = Tuple::new(cx, bases);
                let entries = call::call(cx, hook, &[original.value()], None)?;
                let Some(entries) = downcast::<Tuple>(entries) else {
                    return Err(cx.type_error("__mro_entries__ must return a tuple"));
                };
                for entry in tuple_items(&entries) {
                    List::push(cx, list, *entry)?;
                }
            }
        }
    }
    Tuple::from_list(cx, list)
}

/// The most derived of the given metaclass and those of the bases.
fn choose_metaclass(cx: &mut Cx, given: Option<Value>, bases: &Gc<Tuple>) -> PyResult {
    let mut winner = match given {
        None => match tuple_items(bases).first() {
            Some(base) => class_of(cx, *base),
            None => cx.builtin_type(Kind::TYPE),
        },
        Some(value) => match as_type(value) {
            Some(class) => class,
            // Any callable may stand for a metaclass.
            None => return Ok(value),
        },
    };
    for base in tuple_items(bases) {
        let candidate = class_of(cx, *base);
        if is_subclass(winner, candidate) {
            continue;
        }
        if is_subclass(candidate, winner) {
            winner = candidate;
            continue;
        }
        return Err(cx.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
             metaclasses of all its bases",
        ));
    }
    Ok(winner.value())
}

fn prepare(
    cx: &mut Cx,
    metaclass: Value,
    name: Value,
    bases: Value,
    keyword_names: Gc<List>,
    keyword_values: Gc<List>,
) -> PyResult {
    if metaclass != cx.builtin_type(Kind::TYPE).value() {
        let key = cx.intern("__prepare__");
        if let Some((hook, _)) = attribute::find(cx, metaclass, key)? {
            let namespace = call_with_keywords(cx, hook, &[name, bases], keyword_names, keyword_values)?;
            if types::lookup_special(cx, namespace, "__getitem__").is_none() {
                let metaclass_name = as_type(metaclass).map_or_else(|| "<metaclass>".to_string(), types::name_of);
                let message = format!(
                    "{metaclass_name}.__prepare__() must return a mapping, not {}",
                    types::class_name(cx, namespace)
                );
                return Err(cx.type_error(message));
            }
            return Ok(namespace);
        }
    }
    Ok(Dict::new(cx).value())
}

fn call_with_keywords(cx: &mut Cx, callee: Value, positional: &[Value], names: Gc<List>, values: Gc<List>) -> PyResult {
    let all = List::new(cx, positional)?;
    let (items, length) = List::snapshot(&values);
    for value in crate::bind::array_values(&items, length) {
        List::push(cx, all, *value)?;
    }
    let keywords = if length == 0 { None } else { Some(Tuple::from_list(cx, names)?) };
    let (items, length) = List::snapshot(&all);
    call::call(cx, callee, crate::bind::array_values(&items, length), keywords)
}

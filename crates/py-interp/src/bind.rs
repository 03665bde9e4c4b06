//! Binding arguments to the parameters of Python functions, with CPython's error texts.

use crate::code::unit_of;
use py_code::{CodeUnit, flags};
use py_object::objects::*;
use py_object::sequence::{elements, tuple_items};
use py_object::suggestion::suggest;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, UNBOUND, downcast};
use vm_heap::{Gc, Value};

/// Fills the registers of a frame from arguments (positional, then those of the keywords named in `keywords`).
/// `registers` is the callee's register 0, above everything in use, with all its registers unbound; the arguments must lie elsewhere.
pub fn bind(
    cx: &mut Cx,
    function: Gc<Function>,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
    registers: *mut Value,
) -> PyResult<()> {
    crate::code::load_body(cx, function.code.get())?;
    let unit = unit_of(cx, function.code.get());
    let set = |register: usize, value: Value| {
        // SAFETY: the caller has checked that the frame fits the stack.
        unsafe { *registers.add(register) = value }
    };
    let get = |register: usize| {
        // SAFETY: as above.
        unsafe { *registers.add(register) }
    };
    let positional = unit.argcount as usize;
    let total = positional + unit.kwonlyargcount as usize;
    let names = keywords.as_ref().map_or(&[][..], tuple_items);
    let given = arguments.len() - names.len();
    let filled = given.min(positional);
    for (register, value) in arguments[..filled].iter().enumerate() {
        set(register, *value);
    }
    let var_arguments = unit.flags & flags::VARARGS != 0;
    let var_keywords = unit.flags & flags::VARKEYWORDS != 0;
    if var_arguments {
        let rest = Tuple::new(cx, arguments.get(positional..given).unwrap_or(&[]));
        set(total, rest.value());
    }
    let extra = if var_keywords {
        let dict = Dict::new(cx);
        set(total + var_arguments as usize, dict.value());
        // At least so many are not for parameters.
        if let Some(more) = names.len().checked_sub(total).filter(|more| *more > 0) {
            Dict::reserve(cx, dict, more)?;
        }
        Some(dict)
    } else {
        None
    };
    let variables = downcast::<Tuple>(function.code.get().variable_names.get()).expect("variable names are a tuple");
    let variables = tuple_items(&variables);
    for (name, value) in names.iter().zip(&arguments[given..]) {
        let name = downcast::<Str>(*name).expect("keyword names are strings");
        let first = unit.posonlyargcount as usize;
        // Names are interned as a rule.
        let parameter = (first..total)
            .find(|at| variables[*at] == name.value())
            .or_else(|| (first..total).find(|at| downcast::<Str>(variables[*at]).is_some_and(|v| v.equals(name))));
        match (parameter, extra) {
            (Some(parameter), _) => {
                if get(parameter) != UNBOUND {
                    let message =
                        format!("{}() got multiple values for argument '{}'", display(function), name.to_text());
                    return Err(cx.type_error(message));
                }
                set(parameter, *value);
            }
            (None, Some(dict)) => Dict::set_str(cx, dict, name, *value)?,
            (None, None) => {
                let name_of = |at: usize| downcast::<Str>(variables[at]).map_or_else(String::new, |v| v.to_text());
                let given_names: Vec<String> =
                    names.iter().filter_map(|name| downcast::<Str>(*name)).map(|name| name.to_text()).collect();
                let wrongly: Vec<String> = (0..first).map(name_of).filter(|at| given_names.contains(at)).collect();
                let message = if !wrongly.is_empty() {
                    format!(
                        "{}() got some positional-only arguments passed as keyword arguments: '{}'",
                        display(function),
                        wrongly.join(", ")
                    )
                } else {
                    let known: Vec<String> = variables[first..total]
                        .iter()
                        .filter_map(|variable| downcast::<Str>(*variable))
                        .map(|variable| variable.to_text())
                        .collect();
                    let name = name.to_text();
                    let hint = suggest(&name, known.iter().map(String::as_str))
                        .map_or_else(String::new, |known| format!(". Did you mean '{known}'?"));
                    format!("{}() got an unexpected keyword argument '{name}'{hint}", display(function))
                };
                return Err(cx.type_error(message));
            }
        }
    }
    if given > positional && !var_arguments {
        return Err(too_many(cx, function, unit, given, |register| get(register) != UNBOUND));
    }
    let mut complete = true;
    if filled < positional {
        let defaults = downcast::<Tuple>(function.defaults.get());
        let defaults = defaults.as_ref().map_or(&[][..], tuple_items);
        for register in filled..positional {
            if get(register) == UNBOUND {
                match (defaults.len() + register).checked_sub(positional) {
                    Some(at) => set(register, defaults[at]),
                    None => complete = false,
                }
            }
        }
    }
    let missing = |from: usize, to: usize| -> Vec<usize> { (from..to).filter(|at| get(*at) == UNBOUND).collect() };
    if !complete {
        return Err(missing_arguments(cx, function, variables, &missing(0, positional), "positional"));
    }
    if unit.kwonlyargcount != 0 {
        let keyword_defaults = downcast::<Dict>(function.keyword_defaults.get());
        for (register, name) in variables.iter().enumerate().take(total).skip(positional) {
            if get(register) != UNBOUND {
                continue;
            }
            let name = downcast::<Str>(*name).expect("names are strings");
            match keyword_defaults.and_then(|dict| Dict::get_str(cx, dict, name)) {
                Some(value) => set(register, value),
                None => complete = false,
            }
        }
        if !complete {
            return Err(missing_arguments(cx, function, variables, &missing(positional, total), "keyword-only"));
        }
    }
    Ok(())
}

/// The function's qualified name, for messages.
pub fn display(function: Gc<Function>) -> String {
    downcast::<Str>(function.qualname.get()).map_or_else(String::new, |name| name.to_text())
}

fn missing_arguments(
    cx: &mut Cx,
    function: Gc<Function>,
    variables: &[Value],
    missing: &[usize],
    kind: &str,
) -> py_object::Raised {
    let names: Vec<String> = missing
        .iter()
        .map(|at| format!("'{}'", downcast::<Str>(variables[*at]).map_or_else(String::new, |name| name.to_text())))
        .collect();
    let list = match names.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let plural = if names.len() == 1 { "" } else { "s" };
    let message = format!("{}() missing {} required {kind} argument{plural}: {list}", display(function), names.len());
    cx.type_error(message)
}

fn too_many(
    cx: &mut Cx,
    function: Gc<Function>,
    unit: &CodeUnit,
    given: usize,
    is_given: impl Fn(usize) -> bool,
) -> py_object::Raised {
    let positional = unit.argcount as usize;
    let defaults = downcast::<Tuple>(function.defaults.get()).map_or(0, |tuple| tuple_items(&tuple).len());
    let keyword_given =
        (positional..positional + unit.kwonlyargcount as usize).filter(|register| is_given(*register)).count();
    let takes =
        if defaults == 0 { positional.to_string() } else { format!("from {} to {positional}", positional - defaults) };
    let plural = if positional == 1 && defaults == 0 { "" } else { "s" };
    let given_text = if keyword_given == 0 {
        format!("{given} {} given", if given == 1 { "was" } else { "were" })
    } else {
        format!(
            "{given} positional argument{} (and {keyword_given} keyword-only argument{}) were given",
            if given == 1 { "" } else { "s" },
            if keyword_given == 1 { "" } else { "s" }
        )
    };
    let message = format!("{}() takes {takes} positional argument{plural} but {given_text}", display(function));
    cx.type_error(message)
}

/// Most arguments of `f(*tuple, **dict)` that are passed without an array of their own.
pub const FEW: usize = 12;

/// TypeError unless a key of `**mapping` is a string.
pub fn check_keyword(cx: &mut Cx, name: Value) -> PyResult<()> {
    if downcast::<Str>(name).is_none() {
        return Err(cx.type_error("keywords must be strings"));
    }
    Ok(())
}

/// Collects arguments of `f(*iterable, **mapping)` into an array: positional values, then keyword values, and the names.
pub fn unpack(
    cx: &mut Cx,
    callee: Value,
    positional: Value,
    keywords: Value,
) -> PyResult<(Gc<Array>, usize, Option<Gc<Tuple>>)> {
    let list = List::new(cx, &[])?;
    if let Some(tuple) = downcast::<Tuple>(positional) {
        for item in tuple_items(&tuple) {
            List::push(cx, list, *item)?;
        }
    } else {
        let iterator = match py_object::operations::iterate(cx, positional) {
            Ok(iterator) => iterator,
            Err(raised) => {
                if py_object::types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
                    cx.take_raised();
                    let message = format!(
                        "{} argument after * must be an iterable, not {}",
                        callee_display(cx, callee),
                        py_object::types::class_name(cx, positional)
                    );
                    return Err(cx.type_error(message));
                }
                return Err(raised);
            }
        };
        while let Some(item) = py_object::operations::next(cx, iterator)? {
            List::push(cx, list, item)?;
        }
    }
    let mut names = None;
    if keywords != NONE
        && let Some(dict) = downcast::<Dict>(keywords)
        && Dict::length(dict) != 0
    {
        let name_list = List::new(cx, &[])?;
        let mut position = 0;
        while let Some((name, value)) = Dict::next(dict, &mut position) {
            check_keyword(cx, name)?;
            List::push(cx, name_list, name)?;
            List::push(cx, list, value)?;
        }
        names = Some(Tuple::from_list(cx, name_list)?);
    }
    let (array, length) = List::snapshot(&list);
    debug_assert!(length <= elements(&array).len());
    Ok((array, length, names))
}

/// A callable as error texts name it.
pub fn callee_display(cx: &mut Cx, callee: Value) -> String {
    if let Some(function) = downcast::<Function>(callee) {
        let module = downcast::<Str>(function.module.get()).map_or_else(String::new, |name| name.to_text());
        return format!("{module}.{}()", display(function));
    }
    format!("{}()", py_object::types::class_name(cx, callee))
}

/// The elements of an array as a slice of values. They are only read while nobody else writes them.
pub fn array_values(array: &Gc<Array>, length: usize) -> &[Value] {
    let fields = &elements(array)[..length];
    // SAFETY: a `Field<Value>` has the layout of a `Value`.
    unsafe { std::slice::from_raw_parts(fields.as_ptr() as *const Value, fields.len()) }
}

//! The errors of a wrong number of arguments and of wrong keywords.

use super::{Argument, Parameters, Passing, Style};
use crate::cx::{Cx, NONE, PyResult};
use crate::objects::{Function, Tuple};
use crate::sequence::tuple_items;
use crate::string::downcast;
use crate::suggestion::suggest;
use crate::types::{as_type, class_name, lookup};
use vm_heap::{Gc, Value};
use vm_machine::Raised;

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// TypeError where keywords were given to a function that takes none.
#[inline(always)]
pub fn no_keywords(cx: &mut Cx, parameters: &'static Parameters, keywords: Option<Gc<Tuple>>) -> PyResult<()> {
    match keywords {
        None => Ok(()),
        Some(names) => refuse_keywords(cx, parameters, names),
    }
}

/// The positional arguments of a `__new__` that takes no keywords: TypeError where some were given, unless the class has an
/// `__init__` of its own, which they are for.
#[inline]
pub fn constructor_arguments<'a>(
    cx: &mut Cx,
    parameters: &'static Parameters,
    class: Option<Value>,
    arguments: &'a [Value],
    keywords: Option<Gc<Tuple>>,
) -> PyResult<&'a [Value]> {
    let Some(names) = keywords else { return Ok(arguments) };
    let name = cx.intern("__init__");
    let init = class.and_then(as_type).and_then(|class| lookup(cx, class, name));
    if init.is_none_or(|init| downcast::<Function>(init).is_none()) {
        refuse_keywords(cx, parameters, names)?;
    }
    Ok(&arguments[..arguments.len() - tuple_items(&names).len()])
}

#[cold]
fn refuse_keywords(cx: &mut Cx, parameters: &'static Parameters, names: Gc<Tuple>) -> PyResult<()> {
    if tuple_items(&names).is_empty() {
        return Ok(());
    }
    let wrapper = if parameters.style == Style::Special { "wrapper " } else { "" };
    let name = if parameters.style == Style::Special { parameters.function } else { parameters.qualname };
    Err(cx.type_error(format!("{wrapper}{name}() takes no keyword arguments")))
}

/// TypeError for a wrong number of positional-only arguments; `most` is `usize::MAX` where any number is accepted.
#[cold]
pub fn wrong_count(cx: &mut Cx, parameters: &'static Parameters, given: usize, least: usize, most: usize) -> Raised {
    let name = parameters.function;
    let message = match parameters.style {
        Style::Special if least == most => format!("expected {least} argument{}, got {given}", plural(least)),
        Style::Special if matches!(name, "__pow__" | "__rpow__") => format!("expected 1 or 2 arguments, got {given}"),
        Style::Special if given < least => format!("expected at least {least} argument{}, got {given}", plural(least)),
        Style::Special => format!("expected at most {most} argument{}, got {given}", plural(most)),
        Style::Ordinary if (least, most) == (0, 0) => {
            format!("{}() takes no arguments ({given} given)", parameters.qualname)
        }
        Style::Ordinary if (least, most) == (1, 1) => {
            format!("{}() takes exactly one argument ({given} given)", parameters.qualname)
        }
        Style::Constructor if most == 0 => format!("{name}() takes no arguments"),
        _ if least == most => format!("{name} expected {least} argument{}, got {given}", plural(least)),
        _ if given < least => format!("{name} expected at least {least} argument{}, got {given}", plural(least)),
        _ => format!("{name} expected at most {most} argument{}, got {given}", plural(most)),
    };
    cx.type_error(message)
}

/// TypeError for more arguments, positional and keyword ones together, than there are parameters.
#[cold]
pub(super) fn too_many(cx: &mut Cx, parameters: &'static Parameters, positional: usize, given: usize) -> Raised {
    let count = parameters.list.len();
    // These two parse positional arguments by themselves.
    if positional == given && parameters.style == Style::Constructor && matches!(parameters.function, "str" | "int") {
        let name = parameters.function;
        return cx.type_error(format!("{name} expected at most {count} arguments, got {given}"));
    }
    let message = format!(
        "{}() takes at most {count} {}argument{} ({given} given)",
        parameters.function,
        if positional == 0 { "keyword " } else { "" },
        plural(count),
    );
    cx.type_error(message)
}

/// TypeError for more positional arguments than positional parameters.
#[cold]
pub(super) fn too_many_positional(cx: &mut Cx, parameters: &'static Parameters, given: usize) -> Raised {
    let name = parameters.function;
    let most = parameters.list.iter().filter(|one| one.passing != Passing::Keyword).count();
    if most == 0 {
        return cx.type_error(format!("{name}() takes no positional arguments"));
    }
    let required = parameters.list.iter().filter(|one| one.required && one.passing != Passing::Keyword).count();
    let bound = if required < most { "at most" } else { "exactly" };
    cx.type_error(format!("{name}() takes {bound} {most} positional argument{} ({given} given)", plural(most)))
}

/// TypeError for too few positional-only arguments.
#[cold]
pub(super) fn too_few_positional(cx: &mut Cx, parameters: &'static Parameters, given: usize) -> Raised {
    let least = parameters.list.iter().filter(|one| one.required && one.passing == Passing::Positional).count();
    let most = parameters.list.iter().filter(|one| one.passing != Passing::Keyword).count();
    let bound = if least < most { "at least" } else { "exactly" };
    let name = parameters.function;
    cx.type_error(format!("{name}() takes {bound} {least} positional argument{} ({given} given)", plural(least)))
}

/// TypeError for a required argument that is missing.
#[cold]
pub(super) fn missing(cx: &mut Cx, parameters: &'static Parameters, index: usize) -> Raised {
    let name = parameters.list[index].name;
    cx.type_error(format!("{}() missing required argument '{name}' (pos {})", parameters.function, index + 1))
}

/// TypeError for an argument given twice.
#[cold]
pub(super) fn given_twice(cx: &mut Cx, parameters: &'static Parameters, index: usize) -> Raised {
    let name = parameters.list[index].name;
    cx.type_error(format!(
        "argument for {}() given by name ('{name}') and position ({})",
        parameters.function,
        index + 1
    ))
}

/// TypeError for a keyword that no parameter has.
#[cold]
pub(super) fn unexpected(cx: &mut Cx, parameters: &'static Parameters, keyword: &str) -> Raised {
    let known = parameters.list.iter().filter(|one| one.passing != Passing::Positional).map(|one| one.name);
    let hint = suggest(keyword, known).map_or_else(String::new, |name| format!(". Did you mean '{name}'?"));
    cx.type_error(format!("{}() got an unexpected keyword argument '{keyword}'{hint}", parameters.function))
}

/// TypeError for an argument of a wrong class.
#[cold]
pub(super) fn wrong_class(cx: &mut Cx, argument: Argument, expected: &str, value: Value) -> Raised {
    let parameters = argument.parameters;
    let place = match parameters.list {
        [only] if only.passing == Passing::Positional && only.required => "argument".to_string(),
        list if list[argument.index].passing == Passing::Positional => format!("argument {}", argument.index + 1),
        list => format!("argument '{}'", list[argument.index].name),
    };
    let class = if value == NONE { "None".to_string() } else { class_name(cx, value) };
    cx.type_error(format!("{}() {place} must be {expected}, not {class}", parameters.function))
}

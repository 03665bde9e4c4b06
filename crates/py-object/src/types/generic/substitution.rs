//! Type parameters of a generic type, and putting arguments in their place.

use crate::cx::{Cx, NONE, PyResult};
use crate::objects::{List, Tuple};
use crate::sequence::{elements, tuple_items};
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type};
use crate::{attribute, call, operations};
use vm_heap::{Gc, Value};

/// An attribute of a value that is no class, or nothing.
fn get(cx: &mut Cx, value: Value, name: &str) -> PyResult<Option<Value>> {
    let name = cx.intern(name);
    attribute::get_optional(cx, value, name)
}

/// A list or tuple of arguments as a tuple.
fn nested(cx: &mut Cx, value: Value) -> PyResult<Option<Gc<Tuple>>> {
    if let Some(list) = downcast::<List>(value) {
        return types::tuple::from_iterable(cx, list.value()).map(Some);
    }
    Ok(downcast::<Tuple>(value))
}

fn add(cx: &mut Cx, found: Gc<List>, parameter: Value) -> PyResult<()> {
    let (items, length) = List::snapshot(&found);
    if elements(&items)[..length].iter().any(|item| item.get() == parameter) {
        return Ok(());
    }
    List::push(cx, found, parameter)
}

/// The type parameters among arguments, each once, in the order of their appearance.
pub(super) fn parameters_of(cx: &mut Cx, arguments: Gc<Tuple>) -> PyResult<Gc<Tuple>> {
    cx.check_native_stack()?;
    let found = List::new(cx, &[])?;
    for argument in tuple_items(&arguments) {
        // A class may be generic, but then it stands for itself here.
        if as_type(*argument).is_some() {
            continue;
        }
        if get(cx, *argument, "__typing_subst__")?.is_some() {
            add(cx, found, *argument)?;
            continue;
        }
        let inner = match get(cx, *argument, "__parameters__")?.and_then(downcast::<Tuple>) {
            Some(own) => own,
            None => match nested(cx, *argument)? {
                Some(several) => parameters_of(cx, several)?,
                None => continue,
            },
        };
        for parameter in tuple_items(&inner) {
            add(cx, found, *parameter)?;
        }
    }
    Tuple::from_list(cx, found)
}

/// The items between brackets, with unpacked tuples of known length unpacked.
fn given_arguments(cx: &mut Cx, item: Value) -> PyResult<Gc<Tuple>> {
    let several = downcast::<Tuple>(item);
    let items = several.as_ref().map_or(std::slice::from_ref(&item), tuple_items);
    let list = List::new(cx, &[])?;
    for item in items {
        if as_type(*item).is_none()
            && let Some(parts) = get(cx, *item, "__typing_unpacked_tuple_args__")?.and_then(downcast::<Tuple>)
            && tuple_items(&parts).last() != Some(&crate::cx::ELLIPSIS)
        {
            for part in tuple_items(&parts) {
                List::push(cx, list, *part)?;
            }
        } else {
            List::push(cx, list, *item)?;
        }
    }
    Tuple::from_list(cx, list)
}

/// Parameters and what stands for each.
struct Replacement {
    parameters: Gc<Tuple>,
    given: Gc<Tuple>,
}

impl Replacement {
    fn find(&self, parameter: Value) -> Option<Value> {
        let at = tuple_items(&self.parameters).iter().position(|one| *one == parameter)?;
        tuple_items(&self.given).get(at).copied()
    }
}

/// `generic[item]`: the arguments of a generic type with its parameters replaced.
pub(super) fn substitute(
    cx: &mut Cx,
    generic: Value,
    arguments: Gc<Tuple>,
    parameters: Gc<Tuple>,
    item: Value,
) -> PyResult<Gc<Tuple>> {
    let wanted = tuple_items(&parameters).len();
    if wanted == 0 {
        let shown = operations::repr(cx, generic)?.to_text();
        return Err(cx.type_error(format!("{shown} is not a generic class")));
    }
    let mut given = given_arguments(cx, item)?;
    for parameter in tuple_items(&parameters) {
        if let Some(prepare) = get(cx, *parameter, "__typing_prepare_subst__")?.filter(|prepare| *prepare != NONE) {
            let prepared = call::call(cx, prepare, &[generic, given.value()], None)?;
            given = match downcast::<Tuple>(prepared) {
                Some(tuple) => tuple,
                None => Tuple::new(cx, &[prepared]),
            };
        }
    }
    let got = tuple_items(&given).len();
    if got != wanted {
        let shown = operations::repr(cx, generic)?.to_text();
        let many = if got > wanted { "many" } else { "few" };
        return Err(cx.type_error(format!("Too {many} arguments for {shown}; actual {got}, expected {wanted}")));
    }
    replace_all(cx, arguments, &Replacement { parameters, given })
}

fn replace_all(cx: &mut Cx, arguments: Gc<Tuple>, replacement: &Replacement) -> PyResult<Gc<Tuple>> {
    cx.check_native_stack()?;
    let replaced = List::new(cx, &[])?;
    for argument in tuple_items(&arguments) {
        let argument = *argument;
        if as_type(argument).is_some() {
            List::push(cx, replaced, argument)?;
            continue;
        }
        if let Some(inner) = nested(cx, argument)? {
            let inner = replace_all(cx, inner, replacement)?;
            let is_list = downcast::<List>(argument).is_some();
            let inner = if is_list { types::list::from_iterable(cx, inner.value())?.value() } else { inner.value() };
            List::push(cx, replaced, inner)?;
            continue;
        }
        let unpacks = match get(cx, argument, "__typing_is_unpacked_typevartuple__")? {
            Some(flag) => operations::truth(cx, flag)?,
            None => false,
        };
        let result = match get(cx, argument, "__typing_subst__")? {
            Some(hook) => match replacement.find(argument) {
                Some(value) => call::call(cx, hook, &[value], None)?,
                None => argument,
            },
            None => replace_inside(cx, argument, replacement)?,
        };
        if !unpacks {
            List::push(cx, replaced, result)?;
            continue;
        }
        let Some(several) = downcast::<Tuple>(result) else {
            let message = format!(
                "expected __typing_subst__ of an unpacked argument to be a tuple, not {}",
                types::class_name(cx, result)
            );
            return Err(cx.type_error(message));
        };
        for item in tuple_items(&several) {
            List::push(cx, replaced, *item)?;
        }
    }
    Tuple::from_list(cx, replaced)
}

/// A generic type with the parameters inside it replaced.
fn replace_inside(cx: &mut Cx, argument: Value, replacement: &Replacement) -> PyResult {
    let Some(own) = get(cx, argument, "__parameters__")?.and_then(downcast::<Tuple>) else { return Ok(argument) };
    if tuple_items(&own).is_empty() {
        return Ok(argument);
    }
    let values = List::new(cx, &[])?;
    for parameter in tuple_items(&own) {
        match replacement.find(*parameter) {
            None => List::push(cx, values, *parameter)?,
            Some(value) => match downcast::<Tuple>(value) {
                // What a TypeVarTuple stands for.
                Some(several) if types::lookup_special(cx, *parameter, "__iter__").is_some() => {
                    for item in tuple_items(&several) {
                        List::push(cx, values, *item)?;
                    }
                }
                _ => List::push(cx, values, value)?,
            },
        }
    }
    let values = Tuple::from_list(cx, values)?;
    operations::get_item(cx, argument, values.value())
}

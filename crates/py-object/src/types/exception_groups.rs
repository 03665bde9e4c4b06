//! `BaseExceptionGroup` and `ExceptionGroup`: several exceptions raised as one (PEP 654).
//!
//! What a group holds lies in the `detail` of its exception: a tuple of the message, the tuple of exceptions and, where the
//! sequence given was neither list nor tuple, its text at that time.

use crate::cx::{Cx, NONE, PyResult};
use crate::exception::as_exception;
use crate::kinds::Kind;
use crate::objects::{Exception, List, Str, Tuple, Type};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::namespace::{self, Addition};
use crate::types::{self, as_type, class, class_name, class_of, is_exactly, is_subclass, name_of};
use crate::{attribute, call, operations};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// A group, if the value is one.
pub fn as_group(cx: &Cx, value: Value) -> Option<Gc<Exception>> {
    as_exception(value).filter(|_| types::is_instance(cx, value, Kind::BASE_EXCEPTION_GROUP))
}

/// A part of what a group holds: 0 the message, 1 the tuple of exceptions, 2 the text of the sequence given.
fn part(group: Gc<Exception>, number: usize) -> Value {
    let Some(parts) = downcast::<Tuple>(group.detail.get()) else { return NONE };
    tuple_items(&parts).get(number).copied().unwrap_or(NONE)
}

/// The exceptions of a group.
pub fn exceptions(group: &Gc<Exception>) -> &[Value] {
    match downcast::<Tuple>(part(*group, 1)) {
        // SAFETY: the tuple is immutable and reachable from the group, which the caller holds.
        Some(tuple) => unsafe { std::slice::from_raw_parts(tuple_items(&tuple).as_ptr(), tuple_items(&tuple).len()) },
        None => &[],
    }
}

/// The group that `BaseExceptionGroup(message, exceptions)` makes.
pub fn new_group(cx: &mut Cx, message: Value, exceptions: Value) -> PyResult {
    let class = cx.builtin_type(Kind::BASE_EXCEPTION_GROUP);
    call::call(cx, class.value(), &[message, exceptions], None)
}

fn make(cx: &mut Cx, class: Gc<Type>, args: &[Value]) -> PyResult<Gc<Exception>> {
    let [message, given] = *args else {
        let message = format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", args.len());
        return Err(cx.type_error(message));
    };
    if downcast::<Str>(message).is_none() {
        let class = class_name(cx, message);
        return Err(cx.type_error(format!("BaseExceptionGroup.__new__() argument 1 must be str, not {class}")));
    }
    let is_sequence =
        !types::is_instance(cx, given, Kind::DICT) && types::lookup_special(cx, given, "__getitem__").is_some();
    if !is_sequence {
        return Err(cx.type_error("second argument (exceptions) must be a sequence"));
    }
    let held = types::tuple::from_iterable(cx, given)?;
    if tuple_items(&held).is_empty() {
        return Err(cx.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut only_exceptions = true;
    for (at, item) in tuple_items(&held).iter().enumerate() {
        if as_exception(*item).is_none() {
            return Err(cx.value_error(format!("Item {at} of second argument (exceptions) is not an exception")));
        }
        only_exceptions &= types::is_instance(cx, *item, Kind::EXCEPTION);
    }
    let (base_group, group) = (cx.builtin_type(Kind::BASE_EXCEPTION_GROUP), cx.builtin_type(Kind::EXCEPTION_GROUP));
    let class = if class == base_group && only_exceptions { group } else { class };
    if !only_exceptions && class == group {
        return Err(cx.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    }
    if !only_exceptions && is_subclass(class, cx.builtin_type(Kind::EXCEPTION)) {
        return Err(cx.type_error(format!("Cannot nest BaseExceptions in '{}'", name_of(class))));
    }
    let plain = types::is_instance(cx, given, Kind::LIST) || types::is_instance(cx, given, Kind::TUPLE);
    let text = if plain { NONE } else { operations::repr(cx, given)?.value() };
    let args = cx.tuple(args);
    let parts = cx.tuple(&[message, held.value(), text]);
    let made = Exception::of_class(cx, class, args);
    made.detail.set(cx.mutator(), made, parts);
    Ok(made)
}

/// How the leaves of a group are chosen.
#[derive(Clone, Copy)]
pub enum Choice {
    /// What `except` with this class or tuple of classes would catch.
    Class(Value),
    /// What this callable says yes to.
    Callable(Value),
    /// The exceptions in this list, by identity; groups never.
    Among(Gc<List>),
}

impl Choice {
    fn of(cx: &mut Cx, value: Value) -> PyResult<Choice> {
        let is_exception_class = |value: Value, cx: &Cx| {
            as_type(value).is_some_and(|class| is_subclass(class, cx.builtin_type(Kind::BASE_EXCEPTION)))
        };
        if is_exception_class(value, cx) {
            return Ok(Choice::Class(value));
        }
        if as_type(value).is_none() && class::is_callable(cx, value) {
            return Ok(Choice::Callable(value));
        }
        if let Some(tuple) = downcast::<Tuple>(value)
            && is_exactly(value, Kind::TUPLE)
            && tuple_items(&tuple).iter().all(|item| is_exception_class(*item, cx))
        {
            return Ok(Choice::Class(value));
        }
        let message = "expected an exception type, a tuple of exception types, or a callable (other than a class)";
        Err(cx.type_error(message))
    }

    fn takes(self, cx: &mut Cx, exception: Value) -> PyResult<bool> {
        match self {
            Choice::Class(pattern) => crate::exception::matches(cx, exception, pattern),
            Choice::Callable(callable) => {
                let verdict = call::call(cx, callable, &[exception], None)?;
                operations::truth(cx, verdict)
            }
            Choice::Among(list) => {
                let (items, length) = List::snapshot(&list);
                let items = &crate::sequence::elements(&items)[..length];
                Ok(as_group(cx, exception).is_none() && items.iter().any(|item| item.get() == exception))
            }
        }
    }
}

/// Splits an exception into what a choice takes and, where wanted, the rest; None stands for an empty part.
pub fn split(cx: &mut Cx, exception: Value, choice: Choice, with_rest: bool) -> PyResult<(Value, Value)> {
    cx.check_native_stack()?;
    if choice.takes(cx, exception)? {
        return Ok((exception, NONE));
    }
    let Some(group) = as_group(cx, exception) else {
        return Ok((NONE, if with_rest { exception } else { NONE }));
    };
    let (taken, rest) = (List::new(cx, &[])?, List::new(cx, &[])?);
    for item in exceptions(&group) {
        let (one, other) = split(cx, *item, choice, with_rest)?;
        if one != NONE {
            List::push(cx, taken, one)?;
        }
        if other != NONE {
            List::push(cx, rest, other)?;
        }
    }
    let taken = subset(cx, group, taken)?;
    let rest = if with_rest { subset(cx, group, rest)? } else { NONE };
    Ok((taken, rest))
}

/// A group like another one that holds fewer exceptions; None where it holds none.
fn subset(cx: &mut Cx, group: Gc<Exception>, held: Gc<List>) -> PyResult {
    if List::snapshot(&held).1 == 0 {
        return Ok(NONE);
    }
    let derived = call::call_method(cx, group.value(), "derive", &[held.value()])?;
    let Some(derived) = as_group(cx, derived) else {
        return Err(cx.type_error("derive must return an instance of BaseExceptionGroup"));
    };
    if group.traceback.get() != NONE {
        derived.traceback.set(cx.mutator(), derived, group.traceback.get());
    }
    derived.context.set(cx.mutator(), derived, group.context.get());
    derived.cause.set(cx.mutator(), derived, group.cause.get());
    derived.suppress_context.init(true);
    let name = cx.intern("__notes__");
    if let Some(notes) = attribute::get_optional(cx, group.value(), name)?
        && types::lookup_special(cx, notes, "__getitem__").is_some()
        && !types::is_instance(cx, notes, Kind::DICT)
    {
        let copy = types::list::from_iterable(cx, notes)?;
        attribute::set(cx, derived.value(), name, Some(copy.value()))?;
    }
    Ok(derived.value())
}

/// The part of a group whose leaves are among those of some exceptions.
pub fn project(cx: &mut Cx, group: Value, kept: &[Value]) -> PyResult {
    let leaves = List::new(cx, &[])?;
    for exception in kept {
        add_leaves(cx, *exception, leaves)?;
    }
    Ok(split(cx, group, Choice::Among(leaves), false)?.0)
}

fn add_leaves(cx: &mut Cx, exception: Value, leaves: Gc<List>) -> PyResult<()> {
    cx.check_native_stack()?;
    let Some(group) = as_group(cx, exception) else { return List::push(cx, leaves, exception) };
    for item in exceptions(&group) {
        add_leaves(cx, *item, leaves)?;
    }
    Ok(())
}

/// The methods of `BaseExceptionGroup`.
pub struct Methods;

#[py_methods(BASE_EXCEPTION_GROUP, name = "BaseExceptionGroup")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] _kwargs: crate::arguments::Keywords<'_>,
    ) -> PyResult<Gc<Exception>> {
        // Keywords are what `__init__` complains of.
        make(cx, class, args)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<String> {
        let message = operations::to_str(cx, part(this, 0))?.to_text();
        let count = exceptions(&this).len();
        Ok(format!("{message} ({count} sub-exception{})", if count > 1 { "s" } else { "" }))
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<String> {
        let message = operations::repr(cx, part(this, 0))?.to_text();
        let class = name_of(class_of(cx, this.value()));
        let given = downcast::<Tuple>(this.args.get()).and_then(|args| tuple_items(&args).get(1).copied());
        let held = match downcast::<Str>(part(this, 2)) {
            Some(text) => text.to_text(),
            None if given.is_some_and(|given| types::is_instance(cx, given, Kind::LIST)) => {
                let list = List::new(cx, exceptions(&this))?;
                operations::repr(cx, list.value())?.to_text()
            }
            None => operations::repr(cx, part(this, 1))?.to_text(),
        };
        Ok(format!("{class}({message}, {held})"))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        types::generic::alias(cx, class, object)
    }
    #[method]
    fn derive(cx: &mut Cx, this: Gc<Exception>, excs: Value) -> PyResult {
        new_group(cx, part(this, 0), excs)
    }
    #[method]
    fn split(cx: &mut Cx, this: Gc<Exception>, matcher_value: Value) -> PyResult {
        let choice = Choice::of(cx, matcher_value)?;
        let (taken, rest) = split(cx, this.value(), choice, true)?;
        Ok(cx.tuple(&[taken, rest]))
    }
    #[method]
    fn subgroup(cx: &mut Cx, this: Gc<Exception>, matcher_value: Value) -> PyResult {
        let choice = Choice::of(cx, matcher_value)?;
        Ok(split(cx, this.value(), choice, false)?.0)
    }
    /// exception message
    #[getter]
    fn message(this: Gc<Exception>) -> Value {
        part(this, 0)
    }
    #[setter]
    fn set_message(cx: &mut Cx, _this: Gc<Exception>, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    /// nested exceptions
    #[getter]
    fn exceptions(this: Gc<Exception>) -> Value {
        part(this, 1)
    }
    #[setter]
    fn set_exceptions(cx: &mut Cx, _this: Gc<Exception>, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
}

/// Gives `ExceptionGroup` its second base. To be called once, after the types were made.
pub(crate) fn install(cx: &mut Cx) {
    let class = cx.builtin_type(Kind::EXCEPTION_GROUP);
    let order =
        [Kind::EXCEPTION_GROUP, Kind::BASE_EXCEPTION_GROUP, Kind::EXCEPTION, Kind::BASE_EXCEPTION, Kind::OBJECT]
            .map(|kind| cx.builtin_type(kind).value());
    let (bases, order) = (Tuple::new(cx, &order[1..3]), Tuple::new(cx, &order));
    class.bases.set(cx.mutator(), class, bases.value());
    class.mro.set(cx.mutator(), class, order);
    let text = "A combination of multiple unrelated exceptions.";
    namespace::add(cx, Kind::BASE_EXCEPTION_GROUP, Addition::Text("__doc__", text));
}

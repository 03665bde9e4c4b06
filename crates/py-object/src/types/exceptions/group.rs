//! `BaseExceptionGroup` and `ExceptionGroup`: several exceptions as one, and taking them apart.

use super::details::{self, GROUP_EXCEPTIONS, GROUP_MESSAGE};
use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, PyResult};
use crate::exception::{as_exception, matches};
use crate::kinds::Kind;
use crate::objects::{Exception, List, Str, Tuple, Type};
use crate::operations;
use crate::sequence::{elements, tuple_items};
use crate::string::{StrExt, downcast};
use crate::types::{self, as_type, class_name, class_of, is_subclass, list, name_of};
use crate::{attribute, call};
use py_macros::py_methods;
use vm_heap::{Gc, Value};

/// Whether a value is a group.
pub fn is_group(cx: &Cx, value: Value) -> bool {
    as_exception(value).is_some() && types::is_instance(cx, value, Kind::BASE_EXCEPTION_GROUP)
}

/// The exceptions of a group.
pub fn exceptions_of(group: Gc<Exception>) -> Option<Gc<Tuple>> {
    downcast::<Tuple>(details::get(group, GROUP_EXCEPTIONS))
}

/// What decides which exceptions are meant.
#[derive(Clone, Copy)]
enum Condition {
    /// A class or a tuple of classes.
    Classes(Value),
    /// A function.
    Function(Value),
}

impl Condition {
    fn of(cx: &mut Cx, value: Value) -> PyResult<Condition> {
        let base = cx.builtin_type(Kind::BASE_EXCEPTION);
        let is_class = |value: Value| as_type(value).is_some_and(|class| is_subclass(class, base));
        if as_type(value).is_none() && types::class::is_callable(cx, value) {
            return Ok(Condition::Function(value));
        }
        let classes = match downcast::<Tuple>(value) {
            Some(tuple) => tuple_items(&tuple).iter().all(|item| is_class(*item)),
            None => is_class(value),
        };
        if classes {
            return Ok(Condition::Classes(value));
        }
        let message = "expected an exception type, a tuple of exception types, or a callable (other than a class)";
        Err(cx.type_error(message))
    }

    fn holds(self, cx: &mut Cx, exception: Value) -> PyResult<bool> {
        match self {
            Condition::Classes(classes) => matches(cx, exception, classes),
            Condition::Function(function) => {
                let answer = call::call(cx, function, &[exception], None)?;
                operations::truth(cx, answer)
            }
        }
    }
}

/// The two sides of a split; None where a side is empty.
#[derive(Clone, Copy)]
pub struct Split {
    /// The exceptions that are meant.
    pub matched: Value,
    /// The others.
    pub rest: Value,
}

/// Splits an exception or a group by a class, a tuple of classes or a function.
pub fn split(cx: &mut Cx, exception: Value, condition: Value) -> PyResult<Split> {
    let condition = Condition::of(cx, condition)?;
    split_by(cx, exception, condition, true)
}

fn split_by(cx: &mut Cx, exception: Value, condition: Condition, wants_rest: bool) -> PyResult<Split> {
    cx.check_native_stack()?;
    if condition.holds(cx, exception)? {
        return Ok(Split { matched: exception, rest: NONE });
    }
    let group = as_exception(exception).filter(|_| is_group(cx, exception));
    let Some((group, members)) = group.and_then(|group| Some((group, exceptions_of(group)?))) else {
        return Ok(Split { matched: NONE, rest: exception });
    };
    let matched = List::new(cx, &[])?;
    let rest = List::new(cx, &[])?;
    for member in tuple_items(&members) {
        let parts = split_by(cx, *member, condition, wants_rest)?;
        if parts.matched != NONE {
            List::push(cx, matched, parts.matched)?;
        }
        if wants_rest && parts.rest != NONE {
            List::push(cx, rest, parts.rest)?;
        }
    }
    let matched = subset(cx, group, matched)?;
    let rest = if wants_rest { subset(cx, group, rest)? } else { NONE };
    Ok(Split { matched, rest })
}

/// A group like another one with other exceptions; None for none.
pub fn subset(cx: &mut Cx, group: Gc<Exception>, members: Gc<List>) -> PyResult {
    if list::length(members) == 0 {
        return Ok(NONE);
    }
    let derived = call::call_method(cx, group.value(), "derive", &[members.value()])?;
    let Some(made) = as_exception(derived).filter(|_| is_group(cx, derived)) else {
        return Err(cx.type_error("derive must return an instance of BaseExceptionGroup"));
    };
    made.traceback.set(cx.mutator(), made, group.traceback.get());
    made.context.set(cx.mutator(), made, group.context.get());
    made.cause.set(cx.mutator(), made, group.cause.get());
    made.suppress_context.init(group.suppress_context.get());
    let name = cx.intern("__notes__");
    if let Some((notes, _)) = attribute::find(cx, group.value(), name)?
        && types::lookup_special(cx, notes, "__getitem__").is_some()
    {
        // Notes added to one side must not show on the other.
        let copy = list::from_iterable(cx, notes)?;
        attribute::set_own(cx, derived, name, copy.value())?;
    }
    Ok(derived)
}

fn is_sequence(cx: &mut Cx, value: Value) -> bool {
    downcast::<List>(value).is_some()
        || downcast::<Tuple>(value).is_some()
        || downcast::<crate::objects::Dict>(value).is_none()
            && types::lookup_special(cx, value, "__getitem__").is_some()
}

/// The class that a group of these exceptions gets, or the TypeError.
fn class_for(cx: &mut Cx, class: Gc<Type>, members: Gc<List>) -> PyResult<Gc<Type>> {
    let (plain, base) = (cx.builtin_type(Kind::EXCEPTION_GROUP), cx.builtin_type(Kind::BASE_EXCEPTION_GROUP));
    let exception = cx.builtin_type(Kind::EXCEPTION);
    let mut severe = false;
    let (items, length) = List::snapshot(&members);
    for (at, item) in elements(&items)[..length].iter().enumerate() {
        let item = item.get();
        if as_exception(item).is_none() {
            let message = format!("Item {at} of second argument (exceptions) is not an exception");
            return Err(cx.value_error(message));
        }
        severe |= !is_subclass(class_of(cx, item), exception);
    }
    if class == plain && severe {
        return Err(cx.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    }
    if class == base && !severe {
        return Ok(plain);
    }
    if class != base && severe && is_subclass(class, exception) {
        return Err(cx.type_error(format!("Cannot nest BaseExceptions in '{}'", name_of(class))));
    }
    Ok(class)
}

/// The methods of `BaseExceptionGroup`.
pub struct GroupMethods;

#[py_methods(BASE_EXCEPTION_GROUP, name = "BaseExceptionGroup")]
impl GroupMethods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Exception>> {
        // Keywords are for `__init__` to refuse or take.
        let _ = kwargs;
        let [message, exceptions] = args else {
            let given = args.len();
            let text = format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({given} given)");
            return Err(cx.type_error(text));
        };
        if downcast::<Str>(*message).is_none() {
            let given = class_name(cx, *message);
            return Err(cx.type_error(format!("BaseExceptionGroup.__new__() argument 1 must be str, not {given}")));
        }
        if !is_sequence(cx, *exceptions) {
            return Err(cx.type_error("second argument (exceptions) must be a sequence"));
        }
        let members = list::sequence_of(cx, *exceptions)?;
        if list::length(members) == 0 {
            return Err(cx.value_error("second argument (exceptions) must be a non-empty sequence"));
        }
        let class = class_for(cx, class, members)?;
        let members = Tuple::from_list(cx, members)?;
        let args = Tuple::new(cx, args);
        let group = Exception::of_class(cx, class, args.value());
        details::set(cx, group, GROUP_MESSAGE, *message);
        details::set(cx, group, GROUP_EXCEPTIONS, members.value());
        Ok(group)
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        let message = operations::to_str(cx, details::get_or_none(this, GROUP_MESSAGE))?.to_text();
        let count = exceptions_of(this).map_or(0, |members| tuple_items(&members).len());
        let plural = if count == 1 { "" } else { "s" };
        Ok(Str::new(cx, &format!("{message} ({count} sub-exception{plural})")))
    }
    /// Make a group like this one, with other exceptions.
    #[method]
    fn derive(cx: &mut Cx, this: Gc<Exception>, exceptions: Value) -> PyResult {
        let class = cx.builtin_type(Kind::BASE_EXCEPTION_GROUP);
        let message = details::get_or_none(this, GROUP_MESSAGE);
        call::call(cx, class.value(), &[message, exceptions], None)
    }
    /// Split into the exceptions that match a class, tuple of classes or function, and the rest.
    #[method]
    fn split(cx: &mut Cx, this: Value, matcher: Value) -> PyResult<Gc<Tuple>> {
        let parts = split(cx, this, matcher)?;
        Ok(Tuple::new(cx, &[parts.matched, parts.rest]))
    }
    /// Return the exceptions that match a class, tuple of classes or function, as a group; None for none.
    #[method]
    fn subgroup(cx: &mut Cx, this: Value, matcher: Value) -> PyResult {
        let condition = Condition::of(cx, matcher)?;
        split_by(cx, this, condition, false).map(|parts| parts.matched)
    }
    /// exception message
    #[getter]
    fn message(this: Gc<Exception>) -> Value {
        details::get_or_none(this, GROUP_MESSAGE)
    }
    #[setter]
    fn set_message(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
    /// nested exceptions
    #[getter]
    fn exceptions(this: Gc<Exception>) -> Value {
        details::get_or_none(this, GROUP_EXCEPTIONS)
    }
    #[setter]
    fn set_exceptions(cx: &mut Cx, _this: Value, _value: Value) -> PyResult<()> {
        Err(cx.raise(Kind::ATTRIBUTE_ERROR, "readonly attribute"))
    }
}

//! Functions about objects, attributes and classes.

use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::iterators::Outcome;
use crate::kinds::Kind;
use crate::objects::{Dict, List, Str};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::{self, class, class_name, int, list, object};
use py_macros::py_functions;
use vm_heap::{Gc, Value};

/// The name of an attribute: TypeError for anything but text.
fn attribute_name(cx: &mut Cx, name: Value) -> PyResult<Gc<Str>> {
    match downcast::<Str>(name) {
        Some(name) => Ok(cx.runtime.intern_string(name)),
        None => {
            let message = format!("attribute name must be string, not '{}'", class_name(cx, name));
            Err(cx.type_error(message))
        }
    }
}

/// The names that `object.__dir__()` gives, sorted.
pub(super) fn names_of(cx: &mut Cx, object: Value) -> PyResult<Gc<List>> {
    let Some(hook) = types::lookup_special(cx, object, "__dir__") else {
        return Err(cx.type_error("object does not provide __dir__"));
    };
    let names = call::call_special(cx, hook, object, &[], None)?;
    let names = list::from_iterable(cx, names)?;
    list::sort(cx, names, None, false)?;
    Ok(names)
}

/// Functions about objects.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Return the number of items in a container.
    #[function(trace = Reads, transaction = Asks)]
    fn len(cx: &mut Cx, obj: Value) -> PyResult<usize> {
        operations::length(cx, obj)
    }
    /// Return the canonical string representation of the object.
    #[function]
    fn repr(cx: &mut Cx, obj: Value) -> PyResult {
        operations::repr_value(cx, obj)
    }
    /// Return an ASCII-only representation of an object.
    #[function]
    fn ascii(cx: &mut Cx, obj: Value) -> PyResult {
        object::ascii_value(cx, obj)
    }
    /// Return type(value).__format__(value, format_spec)
    #[function]
    fn format(
        cx: &mut Cx,
        value: Value,
        #[default(UNBOUND)]
        #[shown("''")]
        format_spec: Value,
    ) -> PyResult<Gc<Str>> {
        let specification = match downcast::<Str>(format_spec) {
            Some(specification) => Some(specification),
            None if format_spec == UNBOUND => None,
            None => {
                let message = format!("format() argument 2 must be str, not {}", class_name(cx, format_spec));
                return Err(cx.type_error(message));
            }
        };
        types::format::format(cx, value, specification)
    }
    /// Return the hash value for the given object.
    ///
    /// Two objects that compare equal must also have the same hash value, but the
    /// reverse is not necessarily true.
    #[function(transaction = Asks)]
    fn hash(cx: &mut Cx, obj: Value) -> PyResult<i64> {
        operations::hash(cx, obj).map(|hash| hash as i64)
    }
    /// Return the identity of an object.
    ///
    /// This is guaranteed to be unique among simultaneously existing objects.
    #[function(transaction = Asks)]
    fn id(obj: Value) -> i64 {
        object::identity(obj)
    }
    /// Call sys.breakpointhook(*args, **kws). sys.breakpointhook() must accept whatever arguments are passed.
    #[function(signature = "($module, /, *args, **kws)")]
    fn breakpoint(cx: &mut Cx, #[args] args: &[Value], #[kwargs] kws: crate::arguments::Keywords<'_>) -> PyResult {
        let modules = cx.runtime.modules.get().expect("made at start-up");
        let (sys, name) = (cx.intern("sys"), cx.intern("breakpointhook"));
        let hook = match Dict::get_str(cx, modules, sys) {
            Some(sys) => attribute::get_optional(cx, sys, name)?,
            None => None,
        };
        match hook {
            Some(hook) => kws.call(cx, hook, args),
            None => Err(cx.raise(Kind::RUNTIME_ERROR, "lost sys.breakpointhook")),
        }
    }
    /// Return whether the object is callable (i.e., some kind of function).
    #[function(transaction = Asks)]
    fn callable(cx: &mut Cx, obj: Value) -> bool {
        class::is_callable(cx, obj)
    }
    /// getattr(object, name[, default]) -> value
    ///
    /// Get a named attribute from an object; getattr(x, 'y') is equivalent to x.y.
    #[function(signature = "")]
    fn getattr(cx: &mut Cx, object: Value, name: Value, #[default(UNBOUND)] default: Value) -> PyResult {
        let name = attribute_name(cx, name)?;
        if default == UNBOUND {
            return attribute::get(cx, object, name);
        }
        Ok(attribute::get_optional(cx, object, name)?.unwrap_or(default))
    }
    /// Return whether the object has an attribute with the given name.
    #[function]
    fn hasattr(cx: &mut Cx, obj: Value, name: Value) -> PyResult<bool> {
        let name = attribute_name(cx, name)?;
        Ok(attribute::get_optional(cx, obj, name)?.is_some())
    }
    /// Sets the named attribute on the given object to the specified value.
    ///
    /// setattr(x, 'y', v) is equivalent to ``x.y = v``
    #[function]
    fn setattr(cx: &mut Cx, obj: Value, name: Value, value: Value) -> PyResult<()> {
        let name = attribute_name(cx, name)?;
        attribute::set(cx, obj, name, Some(value))
    }
    /// Deletes the named attribute from the given object.
    ///
    /// delattr(x, 'y') is equivalent to ``del x.y``
    #[function]
    fn delattr(cx: &mut Cx, obj: Value, name: Value) -> PyResult<()> {
        let name = attribute_name(cx, name)?;
        attribute::set(cx, obj, name, None)
    }
    /// Return whether an object is an instance of a class or of a subclass thereof.
    #[function(transaction = Asks)]
    fn isinstance(cx: &mut Cx, obj: Value, class_or_tuple: Value) -> PyResult<bool> {
        class::is_instance_of(cx, obj, class_or_tuple)
    }
    /// Return whether 'cls' is derived from another class or is the same class.
    #[function(transaction = Asks)]
    fn issubclass(cx: &mut Cx, cls: Value, class_or_tuple: Value) -> PyResult<bool> {
        class::is_subclass_of(cx, cls, class_or_tuple)
    }
    /// Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.
    #[function(trace = PureCall, transaction = Asks)]
    fn chr(cx: &mut Cx, i: Value) -> PyResult<Gc<Str>> {
        let number = int::index(cx, i)?;
        match int::as_i64(number) {
            Some(code) if (0..0x11_0000).contains(&code) => Ok(types::str::from_code_point(cx, code as u32)),
            _ => Err(cx.value_error("chr() arg not in range(0x110000)")),
        }
    }
    /// Return the ordinal value of a character.
    #[function(trace = PureCall, transaction = Asks)]
    fn ord(cx: &mut Cx, character: Value) -> PyResult<i64> {
        if let Some(text) = downcast::<Str>(character) {
            let mut codes = types::str::code_points(text.bytes());
            if let (Some(code), None) = (codes.next(), codes.next()) {
                return Ok(i64::from(code));
            }
            let length = types::str::length(text);
            return Err(cx.type_error(format!("ord() expected a character, but string of length {length} found")));
        }
        let is_bytes =
            types::is_instance(cx, character, Kind::BYTES) || types::is_instance(cx, character, Kind::BYTEARRAY);
        if is_bytes && let Some(view) = crate::buffer::ByteView::try_of(character) {
            let content = view.bytes();
            if let [byte] = content {
                return Ok(i64::from(*byte));
            }
            let length = content.len();
            return Err(cx.type_error(format!("ord() expected a character, but string of length {length} found")));
        }
        let message = format!("ord() expected string of length 1, but {} found", class_name(cx, character));
        Err(cx.type_error(message))
    }
    /// vars([object]) -> dictionary
    ///
    /// Without arguments, equivalent to locals().
    /// With an argument, equivalent to object.__dict__.
    #[function(signature = "", trace = Never)]
    fn vars(cx: &mut Cx, #[default(UNBOUND)] object: Value) -> PyResult {
        if object == UNBOUND {
            return super::frames::current_locals(cx);
        }
        let name = cx.intern("__dict__");
        match attribute::get_optional(cx, object, name)? {
            Some(dict) => Ok(dict),
            None => Err(cx.type_error("vars() argument must have __dict__ attribute")),
        }
    }
    /// dir([object]) -> list of strings
    ///
    /// If called without an argument, return the names in the current scope.
    /// Else, return an alphabetized list of names comprising (some of) the attributes
    /// of the given object, and of attributes reachable from it.
    #[function(signature = "", trace = Never)]
    fn dir(cx: &mut Cx, #[default(UNBOUND)] object: Value) -> PyResult<Gc<List>> {
        if object != UNBOUND {
            return names_of(cx, object);
        }
        let locals = super::frames::current_locals(cx)?;
        let exact = types::is_exactly(locals, Kind::DICT).then(|| downcast::<Dict>(locals)).flatten();
        let names = match exact {
            Some(locals) => types::dict::keys(cx, locals)?,
            None => {
                let keys = call::call_method(cx, locals, "keys", &[])?;
                list::from_iterable(cx, keys)?
            }
        };
        list::sort(cx, names, None, false)?;
        Ok(names)
    }
    /// iter(iterable) -> iterator
    /// iter(callable, sentinel) -> iterator
    ///
    /// Get an iterator from an object.
    /// In the first form, the argument must supply its own iterator, or be a sequence.
    /// In the second form, the callable is called until it returns the sentinel.
    #[function(signature = "")]
    fn iter(cx: &mut Cx, object: Value, #[default(UNBOUND)] sentinel: Value) -> PyResult {
        types::iterators::iter(cx, object, sentinel)
    }
    /// next(iterator[, default])
    ///
    /// Return the next item from the iterator.
    /// If default is given and the iterator is exhausted,
    /// it is returned instead of raising StopIteration.
    #[function(signature = "")]
    fn next(cx: &mut Cx, iterator: Value, #[default(UNBOUND)] default: Value) -> PyResult {
        if types::is_exactly(iterator, Kind::GENERATOR)
            && let Some(resume) = cx.runtime.resume_generator.get()
        {
            return match resume(cx, iterator, NONE)? {
                Outcome::Yielded(item) => Ok(item),
                Outcome::Returned(_) if default != UNBOUND => Ok(default),
                Outcome::Returned(value) => Err(crate::exception::stop_with(cx, value)),
            };
        }
        if let Some(step) = crate::iterators::next_builtin(cx, iterator) {
            return match step? {
                Some(item) => Ok(item),
                None if default != UNBOUND => Ok(default),
                None => Err(crate::exception::stop_with(cx, NONE)),
            };
        }
        let Some(hook) = types::lookup_special(cx, iterator, "__next__") else {
            let message = format!("'{}' object is not an iterator", class_name(cx, iterator));
            return Err(cx.type_error(message));
        };
        match call::call_special(cx, hook, iterator, &[], None) {
            Err(_) if default != UNBOUND && types::is_instance(cx, cx.raised.get(), Kind::STOP_ITERATION) => {
                cx.take_raised();
                Ok(default)
            }
            result => result,
        }
    }
}

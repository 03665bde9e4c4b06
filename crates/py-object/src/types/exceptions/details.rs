//! What some exceptions keep besides their arguments: a value, or an array of values.
//!
//! The array is made with the exception, or when it is first written to. Exceptions raised by the runtime get theirs
//! from the arguments, as if their class had been called with them.

use crate::cx::{Cx, NONE, UNBOUND};
use crate::kinds::{Kind, derives};
use crate::objects::{Array, Exception, Tuple};
use crate::sequence::{elements, tuple_items};
use crate::string::downcast;
use crate::types::{self, class_of, int};
use vm_heap::{Gc, Value};

/// `name` of AttributeError.
pub const NAME: usize = 0;
/// `obj` of AttributeError.
pub const OBJECT_OF_ATTRIBUTE: usize = 1;
/// `msg` of ImportError.
pub const IMPORT_MESSAGE: usize = 0;
/// `name` of ImportError.
pub const IMPORT_NAME: usize = 1;
/// `path` of ImportError.
pub const IMPORT_PATH: usize = 2;
/// `name_from` of ImportError.
pub const IMPORT_NAME_FROM: usize = 3;
/// `errno` of OSError.
pub const ERRNO: usize = 0;
/// `strerror` of OSError.
pub const STRERROR: usize = 1;
/// `filename` of OSError.
pub const FILENAME: usize = 2;
/// `filename2` of OSError.
pub const FILENAME2: usize = 3;
/// `characters_written` of BlockingIOError.
pub const WRITTEN: usize = 4;
/// `msg` of SyntaxError; `filename`, `lineno`, `offset`, `text`, `end_lineno` and `end_offset` follow.
pub const SYNTAX_MESSAGE: usize = 0;
/// `print_file_and_line` of SyntaxError.
pub const SYNTAX_PRINT: usize = 7;
/// `_metadata` of SyntaxError.
pub const SYNTAX_METADATA: usize = 8;
/// `encoding` of a UnicodeError; `object`, `start`, `end` and `reason` follow.
pub const ENCODING: usize = 0;

/// The classes that keep an array, with its length.
const WITH_ARRAY: [(Kind, usize); 5] = [
    (Kind::OS_ERROR, 5),
    (Kind::SYNTAX_ERROR, 9),
    (Kind::ATTRIBUTE_ERROR, 2),
    (Kind::IMPORT_ERROR, 4),
    (Kind::UNICODE_ERROR, 5),
];

/// The array of an exception, made if need be.
fn array(cx: &mut Cx, exception: Gc<Exception>) -> Option<Gc<Array>> {
    if let Some(array) = downcast::<Array>(exception.detail.get()) {
        return Some(array);
    }
    let kind = class_of(cx, exception.value()).kind.get();
    let (_, length) = WITH_ARRAY.into_iter().find(|(owner, _)| derives(kind, *owner))?;
    let array = Array::try_new(cx, length)?;
    for element in elements(&array) {
        element.init(UNBOUND);
    }
    exception.detail.set(cx.mutator(), exception, array.value());
    Some(array)
}

/// One of the values that an exception keeps in its array; UNBOUND where it has none.
pub fn get(exception: Gc<Exception>, index: usize) -> Value {
    downcast::<Array>(exception.detail.get())
        .and_then(|array| elements(&array).get(index).map(|element| element.get()))
        .unwrap_or(UNBOUND)
}

/// The same as Python sees it: None where there is none.
pub fn get_or_none(exception: Gc<Exception>, index: usize) -> Value {
    match get(exception, index) {
        UNBOUND => NONE,
        value => value,
    }
}

/// Sets one of the values; UNBOUND removes it.
pub fn set(cx: &mut Cx, exception: Gc<Exception>, index: usize, value: Value) {
    if let Some(array) = array(cx, exception)
        && let Some(element) = elements(&array).get(index)
    {
        element.set(cx.mutator(), array, value);
    }
}

/// Fills what an exception keeps from its arguments, as far as the runtime itself raises such exceptions.
pub(crate) fn fill(cx: &mut Cx, exception: Gc<Exception>) {
    let kind = class_of(cx, exception.value()).kind.get();
    if !derives(kind, Kind::STOP_ITERATION)
        && !derives(kind, Kind::SYSTEM_EXIT)
        && !WITH_ARRAY.iter().any(|(owner, _)| derives(kind, *owner))
    {
        return;
    }
    let Some(args) = downcast::<Tuple>(exception.args.get()) else { return };
    let items = tuple_items(&args);
    if derives(kind, Kind::STOP_ITERATION) {
        exception.detail.set(cx.mutator(), exception, items.first().copied().unwrap_or(NONE));
    } else if derives(kind, Kind::SYSTEM_EXIT) {
        let code = match items {
            [] => NONE,
            [only] => *only,
            _ => args.value(),
        };
        exception.detail.set(cx.mutator(), exception, code);
    } else if derives(kind, Kind::OS_ERROR) {
        super::os_error::fill(cx, exception, args);
    } else if derives(kind, Kind::IMPORT_ERROR) {
        if let [message] = items {
            set(cx, exception, IMPORT_MESSAGE, *message);
        }
    } else if derives(kind, Kind::UNICODE_ERROR) {
        let first = usize::from(derives(kind, Kind::UNICODE_TRANSLATE_ERROR));
        for (index, item) in items.iter().enumerate() {
            set(cx, exception, ENCODING + first + index, *item);
        }
    } else if derives(kind, Kind::SYNTAX_ERROR)
        && let Some(message) = items.first()
    {
        set(cx, exception, SYNTAX_MESSAGE, *message);
        if let Some(place) = items.get(1).and_then(|place| downcast::<Tuple>(*place)) {
            for (index, part) in tuple_items(&place).iter().take(7).enumerate() {
                let at = if index < 6 { SYNTAX_MESSAGE + 1 + index } else { SYNTAX_METADATA };
                set(cx, exception, at, *part);
            }
        }
    }
}

/// An int that an exception keeps.
pub(crate) fn int(exception: Gc<Exception>, index: usize) -> Option<i64> {
    let value = get(exception, index);
    if types::int::is_int(value) { int::as_i64(value) } else { None }
}

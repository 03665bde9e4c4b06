//! The functions of module `builtins`.

pub mod frames;
mod inspect;
mod numbers;
pub(crate) use numbers::power_modulo;
mod output;
mod sequences;

use crate::bootstrap::add_functions;
use crate::cx::{Cx, ELLIPSIS, FALSE, NONE, NOT_IMPLEMENTED, TRUE};
use crate::kinds::{BUILTIN_TYPES, Kind};
use crate::native::NativeDefinition;
use crate::objects::Dict;
use vm_heap::{Gc, Value};

/// The tables of functions.
pub fn functions() -> [&'static [NativeDefinition]; 5] {
    [inspect::FUNCTIONS, numbers::FUNCTIONS, sequences::FUNCTIONS, output::FUNCTIONS, frames::FUNCTIONS]
}

/// Whether a definition is that of the built-in function of this name.
pub fn is_function(definition: &'static NativeDefinition, name: &str) -> bool {
    definition.name == name && functions().iter().any(|table| table.as_ptr_range().contains(&&raw const *definition))
}

/// Types that are not found under their names in `builtins`.
const HIDDEN: &[Kind] = &[
    Kind::NONE,
    Kind::FUNCTION,
    Kind::BUILTIN,
    Kind::METHOD_DESCRIPTOR,
    Kind::METHOD,
    Kind::MODULE,
    Kind::CELL,
    Kind::CODE,
    Kind::GENERATOR,
    Kind::ELLIPSIS,
    Kind::NOT_IMPLEMENTED,
    Kind::RANGE_ITERATOR,
    Kind::LIST_ITERATOR,
    Kind::TUPLE_ITERATOR,
    Kind::STR_ITERATOR,
    Kind::DICT_KEY_ITERATOR,
    Kind::DICT_VALUE_ITERATOR,
    Kind::DICT_ITEM_ITERATOR,
    Kind::DICT_KEYS,
    Kind::DICT_VALUES,
    Kind::DICT_ITEMS,
    Kind::SET_ITERATOR,
    Kind::SEQUENCE_ITERATOR,
    Kind::CALLABLE_ITERATOR,
    Kind::GETSET_DESCRIPTOR,
    Kind::TRACEBACK,
    Kind::FRAME,
    Kind::FRAME_LOCALS_PROXY,
    Kind::MAPPING_PROXY,
    Kind::MEMBER_DESCRIPTOR,
    Kind::COROUTINE,
    Kind::ASYNC_GENERATOR,
    Kind::ASYNC_GENERATOR_SEND,
    Kind::ASYNC_GENERATOR_THROW,
    Kind::COROUTINE_WRAPPER,
    Kind::ANEXT_AWAITABLE,
    Kind::NO_DEFAULT,
    Kind::ALIAS_ITERATOR,
    Kind::WRAPPER_DESCRIPTOR,
    Kind::METHOD_WRAPPER,
    Kind::CLASSMETHOD_DESCRIPTOR,
    Kind::BYTES_ITERATOR,
    Kind::BYTEARRAY_ITERATOR,
    Kind::MEMORY_ITERATOR,
    Kind::DICT_REVERSE_KEY_ITERATOR,
    Kind::DICT_REVERSE_VALUE_ITERATOR,
    Kind::DICT_REVERSE_ITEM_ITERATOR,
    Kind::LIST_REVERSE_ITERATOR,
    Kind::LONG_RANGE_ITERATOR,
    Kind::STR_ASCII_ITERATOR,
];

/// Fills a namespace with the built-in types, constants and functions. `module` is the module that it belongs to.
pub fn install(cx: &mut Cx, namespace: Gc<Dict>, module: Value) {
    for functions in functions() {
        add_functions(cx, namespace, module, functions);
    }
    let enter = |cx: &mut Cx, name: &str, value: Value| {
        let name = cx.intern(name);
        if Dict::set_str(cx, namespace, name, value).is_err() {
            unreachable!("names are hashable");
        }
    };
    for (kind, name, _) in BUILTIN_TYPES {
        // Names with a dot or of the runtime's own objects belong elsewhere.
        if !name.contains('.') && !HIDDEN.contains(kind) {
            let class = cx.builtin_type(*kind).value();
            enter(cx, name, class);
        }
    }
    let os_error = cx.builtin_type(Kind::OS_ERROR).value();
    for (name, value) in [
        ("None", NONE),
        ("True", TRUE),
        ("False", FALSE),
        ("Ellipsis", ELLIPSIS),
        ("NotImplemented", NOT_IMPLEMENTED),
        ("__debug__", TRUE),
        ("EnvironmentError", os_error),
        ("IOError", os_error),
    ] {
        enter(cx, name, value);
    }
}

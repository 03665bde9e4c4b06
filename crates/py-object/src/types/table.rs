//! Every built-in type's methods, in one list.

use crate::bootstrap::add_methods;
use crate::cx::{Cx, NONE};
use crate::kinds::Kind;
use crate::native::NativeDefinition;
use crate::types::namespace::Addition;
use crate::types::*;

/// The tables of methods by type. A function, since a constant cannot refer to statics with functions in them.
fn tables() -> Vec<(Kind, &'static [NativeDefinition])> {
    let mut tables = vec![
        (Kind::OBJECT, object::OBJECT_METHODS),
        (Kind::TYPE, class::TYPE_METHODS),
        (Kind::NONE, singletons::NONE_METHODS),
        (Kind::NOT_IMPLEMENTED, singletons::NOT_IMPLEMENTED_METHODS),
        (Kind::ELLIPSIS, singletons::ELLIPSIS_METHODS),
        (Kind::SIMPLE_NAMESPACE, singletons::SIMPLE_NAMESPACE_METHODS),
        (Kind::INT, int::INT_METHODS),
        (Kind::BOOL, int::BOOL_METHODS),
        (Kind::FLOAT, float::FLOAT_METHODS),
        (Kind::COMPLEX, complex::COMPLEX_METHODS),
        (Kind::STR, str::STR_METHODS),
        (Kind::STR, str::STR_CASE_METHODS),
        (Kind::STR, str::STR_SEARCH_METHODS),
        (Kind::STR, str::STR_FORMAT_METHODS),
        (Kind::BYTES, bytes::SHARED_BYTES_METHODS),
        (Kind::BYTES, bytes::BYTES_METHODS),
        (Kind::BYTEARRAY, bytes::SHARED_BYTEARRAY_METHODS),
        (Kind::BYTEARRAY, bytearray::BYTEARRAY_METHODS),
        (Kind::MEMORYVIEW, memory::MEMORYVIEW_METHODS),
        (Kind::TUPLE, tuple::TUPLE_METHODS),
        (Kind::LIST, list::LIST_METHODS),
        (Kind::DICT, dict::DICT_METHODS),
        (Kind::DICT_KEYS, dict::DICT_KEYS_METHODS),
        (Kind::DICT_VALUES, dict::DICT_VALUES_METHODS),
        (Kind::DICT_ITEMS, dict::DICT_ITEMS_METHODS),
        (Kind::SET, set::COMMON_METHODS),
        (Kind::SET, set::SET_METHODS),
        (Kind::FROZENSET, set::COMMON_METHODS),
        (Kind::FROZENSET, set::FROZENSET_METHODS),
        (Kind::RANGE, range::RANGE_METHODS),
        (Kind::SLICE, slice::SLICE_METHODS),
        (Kind::ENUMERATE, iterators::ENUMERATE_METHODS),
        (Kind::ZIP, iterators::ZIP_METHODS),
        (Kind::MAP, iterators::MAP_METHODS),
        (Kind::FILTER, iterators::FILTER_METHODS),
        (Kind::REVERSED, iterators::REVERSED_METHODS),
        (Kind::PROPERTY, records::PROPERTY_METHODS),
        (Kind::CLASSMETHOD, records::CLASSMETHOD_METHODS),
        (Kind::STATICMETHOD, records::STATICMETHOD_METHODS),
        (Kind::SUPER, records::SUPER_METHODS),
        (Kind::FUNCTION, class::FUNCTION_METHODS),
        (Kind::METHOD, class::METHOD_METHODS),
        (Kind::BUILTIN, class::NATIVE_METHODS),
        (Kind::BUILTIN, class::BOUND_METHODS),
        (Kind::BUILTIN, class::BUILTIN_METHODS),
        (Kind::METHOD_WRAPPER, class::NATIVE_METHODS),
        (Kind::METHOD_WRAPPER, class::BOUND_METHODS),
        (Kind::METHOD_WRAPPER, class::DESCRIPTOR_METHODS),
        (Kind::METHOD_DESCRIPTOR, class::NATIVE_METHODS),
        (Kind::METHOD_DESCRIPTOR, class::DESCRIPTOR_METHODS),
        (Kind::METHOD_DESCRIPTOR, class::METHOD_DESCRIPTOR_METHODS),
        (Kind::WRAPPER_DESCRIPTOR, class::NATIVE_METHODS),
        (Kind::WRAPPER_DESCRIPTOR, class::DESCRIPTOR_METHODS),
        (Kind::WRAPPER_DESCRIPTOR, class::METHOD_DESCRIPTOR_METHODS),
        (Kind::CLASSMETHOD_DESCRIPTOR, class::NATIVE_METHODS),
        (Kind::CLASSMETHOD_DESCRIPTOR, class::DESCRIPTOR_METHODS),
        (Kind::CLASSMETHOD_DESCRIPTOR, class::METHOD_DESCRIPTOR_METHODS),
        (Kind::GETSET_DESCRIPTOR, class::NATIVE_METHODS),
        (Kind::GETSET_DESCRIPTOR, class::DESCRIPTOR_METHODS),
        (Kind::GETSET_DESCRIPTOR, class::GETSET_DESCRIPTOR_METHODS),
        (Kind::MEMBER_DESCRIPTOR, slots::MEMBER_DESCRIPTOR_METHODS),
        (Kind::MAPPING_PROXY, proxy::MAPPING_PROXY_METHODS),
        (Kind::GENERIC_ALIAS, generic::GENERIC_ALIAS_METHODS),
        (Kind::UNION, generic::UNION_METHODS),
        (Kind::TEMPLATE, template::TEMPLATE_METHODS),
        (Kind::INTERPOLATION, template::INTERPOLATION_METHODS),
        (Kind::TEMPLATE_ITERATOR, template::TEMPLATE_ITERATOR_METHODS),
        (Kind::ALIAS_ITERATOR, generic::ALIAS_ITERATOR_METHODS),
        (Kind::TYPE_VARIABLE, generic::TYPE_PARAMETER_METHODS),
        (Kind::TYPE_VARIABLE, generic::VARIANCE_METHODS),
        (Kind::TYPE_VARIABLE, generic::TYPE_VARIABLE_METHODS),
        (Kind::PARAMETER_SPECIFICATION, generic::TYPE_PARAMETER_METHODS),
        (Kind::PARAMETER_SPECIFICATION, generic::VARIANCE_METHODS),
        (Kind::PARAMETER_SPECIFICATION, generic::PARAMETER_SPECIFICATION_METHODS),
        (Kind::PARAMETER_ARGS, generic::PARAMETER_ARGS_METHODS),
        (Kind::PARAMETER_KWARGS, generic::PARAMETER_KWARGS_METHODS),
        (Kind::VARIADIC, generic::TYPE_PARAMETER_METHODS),
        (Kind::VARIADIC, generic::VARIADIC_METHODS),
        (Kind::TYPE_ALIAS, generic::TYPE_ALIAS_METHODS),
        (Kind::NO_DEFAULT, generic::NO_DEFAULT_METHODS),
        (Kind::CONSTANT_EVALUATOR, generic::CONSTANT_EVALUATOR_METHODS),
        (Kind::WEAK_REFERENCE, weak::WEAK_REFERENCE_METHODS),
        (Kind::WEAK_PROXY, weak::PROXY_METHODS),
        (Kind::WEAK_CALLABLE_PROXY, weak::PROXY_METHODS),
        (Kind::WEAK_CALLABLE_PROXY, weak::CALLABLE_PROXY_METHODS),
        (Kind::MODULE, class::MODULE_METHODS),
        (Kind::CELL, class::CELL_METHODS),
        (Kind::FRAME, frame::FRAME_METHODS),
        (Kind::TRACEBACK, frame::TRACEBACK_METHODS),
        (Kind::FRAME_LOCALS_PROXY, frame::FRAME_LOCALS_PROXY_METHODS),
        (Kind::BASE_EXCEPTION, exceptions::BASE_EXCEPTION_METHODS),
        (Kind::BASE_EXCEPTION_GROUP, exception_groups::BASE_EXCEPTION_GROUP_METHODS),
        (Kind::STOP_ITERATION, exceptions::STOP_ITERATION_METHODS),
        (Kind::SYSTEM_EXIT, exceptions::SYSTEM_EXIT_METHODS),
        (Kind::ATTRIBUTE_ERROR, exceptions::ATTRIBUTE_ERROR_METHODS),
        (Kind::NAME_ERROR, exceptions::NAME_ERROR_METHODS),
        (Kind::IMPORT_ERROR, exceptions::IMPORT_ERROR_METHODS),
        (Kind::OS_ERROR, exceptions::OS_ERROR_METHODS),
        (Kind::SYNTAX_ERROR, exceptions::SYNTAX_ERROR_METHODS),
        (Kind::UNICODE_DECODE_ERROR, exceptions::UNICODE_DECODE_ERROR_METHODS),
        (Kind::UNICODE_DECODE_ERROR, exceptions::PLACE_METHODS),
        (Kind::UNICODE_ENCODE_ERROR, exceptions::UNICODE_ENCODE_ERROR_METHODS),
        (Kind::UNICODE_ENCODE_ERROR, exceptions::PLACE_METHODS),
        (Kind::UNICODE_TRANSLATE_ERROR, exceptions::UNICODE_TRANSLATE_ERROR_METHODS),
        (Kind::UNICODE_TRANSLATE_ERROR, exceptions::PLACE_METHODS),
    ];
    tables.extend(iterators::ITERATOR_KINDS.iter().map(|kind| (*kind, iterators::ITERATOR_METHODS)));
    tables.extend(iterators::ESTIMATING.iter().map(|kind| (*kind, iterators::ESTIMATING_METHODS)));
    tables.extend(iterators::POSITIONED.iter().map(|kind| (*kind, iterators::POSITIONED_METHODS)));
    tables.extend(iterators::REDUCIBLE.iter().map(|kind| (*kind, iterators::REDUCIBLE_METHODS)));
    tables.extend([Kind::ZIP, Kind::MAP].map(|kind| (kind, iterators::STRICT_METHODS)));
    tables
}

/// Classes whose instances have no hash.
const UNHASHABLE: &[Kind] = &[
    Kind::PARAMETER_ARGS,
    Kind::PARAMETER_KWARGS,
    Kind::LIST,
    Kind::DICT,
    Kind::SET,
    Kind::DICT_KEYS,
    Kind::DICT_ITEMS,
    Kind::FRAME_LOCALS_PROXY,
    Kind::CELL,
    Kind::WEAK_PROXY,
    Kind::WEAK_CALLABLE_PROXY,
    Kind::BYTEARRAY,
    Kind::SIMPLE_NAMESPACE,
];

/// Enters all methods into their types. To be called once, after the types were made.
pub fn install(cx: &mut Cx) {
    crate::finalize::set_native_finalizer(Kind::STR, crate::types::str::index::release);
    for (kind, methods) in tables() {
        add_methods(cx, kind, methods);
    }
    for kind in UNHASHABLE {
        namespace::add(cx, *kind, Addition::Constant("__hash__", NONE));
    }
    collection::install(cx);
    let definition = object::INSTANCE_METHODS.iter().position(|one| one.name == "__dict__").expect("declared there");
    documentation::install(cx);
    for kind in WITH_DICT {
        add_methods(cx, *kind, &object::INSTANCE_METHODS[definition..=definition]);
    }
    exception_groups::install(cx);
    let codecs = &cx.runtime.codecs;
    if codecs.fill(cx).is_err() {
        unreachable!("names are hashable");
    }
    template::install(cx);
    crate::types::note_change();
}

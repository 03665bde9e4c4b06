//! The runtime functions that meanings call, and that compiled traces call at the same places.

use crate::code;
use py_object::objects::{Array, Code, Dict, List, Native, Set, Str, Tuple};
use py_object::operations::{self, BinaryOperator, Comparison};
use py_object::sequence::tuple_items;
use py_object::types::{format, list, set, slice};
use py_object::{Cx, NONE, PyResult, RAISED, UNBOUND, attribute, bool_value, call, downcast, exception};
use vm_heap::{Gc, Value};
use vm_machine::{Effects, RuntimeFunction, Thread};

/// The word for a result.
#[inline(always)]
fn word(result: PyResult) -> Value {
    result.unwrap_or(RAISED)
}

macro_rules! runtime_functions {
    ($( $(#[$doc:meta])* $NAME:ident $function:ident $effects:ident ($cx:ident $(, $argument:ident)*) $body:block )*) => {$(
        unsafe extern "sysv64" fn $function(thread: *mut Thread $(, $argument: Value)*) -> Value {
            // SAFETY: the interpreter and traces pass the running thread, which is the first field of its context.
            let $cx = unsafe { Cx::from_thread(thread) };
            word($body)
        }

        $(#[$doc])*
        pub const $NAME: RuntimeFunction =
            RuntimeFunction { name: stringify!($function), address: $function as *const (), effects: Effects::$effects };
    )*};
}

runtime_functions! {
    /// Truth of a value.
    TRUTH truth Any (cx, value) { operations::truth(cx, value).map(bool_value) }

    /// Whether a value counts as false.
    NOT not Any (cx, value) { operations::truth(cx, value).map(|truth| bool_value(!truth)) }

    /// A binary operator; the selector is that of `meanings::arithmetic`.
    BINARY binary Any (cx, lhs, rhs, selector) {
        let selector = selector.as_int();
        operations::binary(cx, operator(selector >> 1), lhs, rhs, selector & 1 != 0)
    }

    /// A comparison by number.
    COMPARE compare Any (cx, lhs, rhs, selector) { operations::compare(cx, comparison(selector.as_int()), lhs, rhs) }

    /// The truth of a comparison by number.
    COMPARE_TRUTH compare_truth Any (cx, lhs, rhs, selector) {
        let result = operations::compare(cx, comparison(selector.as_int()), lhs, rhs);
        result.and_then(|result| operations::truth(cx, result)).map(bool_value)
    }

    /// `item in container`.
    CONTAINS contains Any (cx, container, item) { operations::contains(cx, container, item).map(bool_value) }

    /// `item not in container`.
    NOT_CONTAINS not_contains Any (cx, container, item) {
        operations::contains(cx, container, item).map(|found| bool_value(!found))
    }

    /// Whether an exception matches a class or tuple of classes.
    MATCHES matches Any (cx, raised, pattern) { exception::matches(cx, raised, pattern).map(bool_value) }

    /// `-value`.
    NEGATE negate Any (cx, value) { operations::unary(cx, "__neg__", "-", value) }

    /// `+value`.
    POSITIVE positive Any (cx, value) { operations::unary(cx, "__pos__", "+", value) }

    /// `~value`.
    INVERT invert Any (cx, value) { operations::unary(cx, "__invert__", "~", value) }

    /// `object[key]`.
    GET_ITEM get_item Any (cx, object, key) { operations::get_item(cx, object, key) }

    /// `object[key] = value`.
    SET_ITEM set_item Any (cx, object, key, value) { operations::set_item(cx, object, key, value).map(|()| NONE) }

    /// `del object[key]`.
    DELETE_ITEM delete_item Any (cx, object, key) { operations::delete_item(cx, object, key).map(|()| NONE) }

    /// Appends what stands behind a star to a list.
    LIST_EXTEND list_extend Any (cx, list, source) { crate::slow::extend_list(cx, list, source).map(|()| NONE) }

    /// Adds to a set.
    SET_ADD set_add Any (cx, set, element) {
        let set = downcast::<Set>(set).expect("the compiler builds the set");
        set::add(cx, set, element).map(|()| NONE)
    }

    /// Sets the value of a key of a dict.
    DICT_INSERT dict_insert Any (cx, dict, key, value) {
        let dict = downcast::<Dict>(dict).expect("the compiler builds the dict");
        Dict::set(cx, dict, key, value).map(|()| NONE)
    }

    /// `iter(value)`.
    GET_ITER get_iter Any (cx, value) { operations::iterate(cx, value) }

    /// The next item, or UNBOUND at the end.
    NEXT next Any (cx, iterator) { operations::next(cx, iterator).map(|item| item.unwrap_or(UNBOUND)) }

    /// Appends to a list.
    LIST_APPEND list_append Writes (cx, list, item) {
        match downcast::<List>(list) {
            Some(list) => List::push(cx, list, item).map(|()| NONE),
            None => Err(cx.type_error("expected a list")),
        }
    }

    /// The storage of `list[start:stop:step]` for bounds that are small ints or None, and a step that is not zero.
    LIST_SLICE list_slice Allocates (cx, list, start, stop, step) {
        let list = downcast::<List>(list).expect("checked by the meaning");
        let range = slice::resolve_small([start, stop, step], list::length(list)).expect("checked by the meaning");
        list::copy_items(cx, list, range.start, range.step, range.count).map(Gc::value)
    }

    /// `list[start:stop] = other` for bounds that are small ints or None, and the storage and length of a list.
    LIST_REPLACE list_replace Writes (cx, list, start, stop, items, count) {
        let (list, items) = (downcast::<List>(list), downcast::<Array>(items));
        let (list, items) = (list.expect("checked by the meaning"), items.expect("lists have storage"));
        let range = slice::resolve_small([start, stop, NONE], list::length(list)).expect("checked by the meaning");
        let from = range.start as usize;
        list::replace_range(cx, list, from, from + range.count, items, count.as_int() as usize).map(|()| NONE)
    }

    /// A field of an f-string: the value, the specification or None, and the conversion as a small int.
    FORMAT_VALUE format_value Any (cx, value, specification, conversion) {
        format::field_value(cx, value, conversion.as_int() as u8, downcast::<Str>(specification))
    }

    /// A bound method.
    BIND_METHOD bind_method Writes (cx, function, receiver) { Ok(attribute::bind_method(cx, function, receiver)) }

    /// `object.name`, the name being that with this number in the function's code.
    LOAD_ATTRIBUTE load_attribute Any (cx, object, function, name) {
        let name = name_of(function, name);
        attribute::get(cx, object, name)
    }

    /// `object.name = value`.
    STORE_ATTRIBUTE store_attribute Any (cx, object, function, name, value) {
        let name = name_of(function, name);
        attribute::set(cx, object, name, Some(value)).map(|()| NONE)
    }
}

fn name_of(function: Value, number: Value) -> Gc<Str> {
    name_in(code::code_of(function).expect("a running frame has code"), number.as_int() as usize)
}

fn name_in(code: Gc<Code>, number: usize) -> Gc<Str> {
    let names = downcast::<Tuple>(code.names.get()).expect("names are a tuple");
    downcast::<Str>(tuple_items(&names)[number]).expect("names are strings")
}

/// Whether the name with this number in a function's code is that of the code of functions.
pub fn changes_code(code: Value, name: usize) -> bool {
    let name = name_in(downcast(code).expect("functions have code"), name);
    py_object::StrExt::bytes(&name) == b"__code__"
}

/// The operator with this number.
pub fn operator(number: i64) -> BinaryOperator {
    use BinaryOperator::*;
    const ALL: [BinaryOperator; 13] =
        [Add, Sub, Mul, TrueDiv, FloorDiv, Mod, Pow, MatMul, LShift, RShift, And, Or, Xor];
    ALL[number as usize]
}

/// The comparison with this number.
pub fn comparison(number: i64) -> Comparison {
    use Comparison::*;
    [Lt, Le, Eq, Ne, Gt, Ge][number as usize]
}

unsafe extern "sysv64" fn call_native(thread: *mut Thread, callee: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: the interpreter and traces pass the running thread and registers of the running frame.
    let (cx, arguments) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    let native = downcast::<Native>(callee).expect("checked by the meaning");
    word(call::call_unbound(cx, callee, native, arguments, None))
}

/// Calls a native function whose receiver, if it has one, is among the arguments.
pub const CALL_NATIVE: RuntimeFunction =
    RuntimeFunction { name: "call_native", address: call_native as *const (), effects: Effects::Any };

unsafe extern "sysv64" fn call_straight(thread: *mut Thread, callee: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`; the meaning knows that the callee is a native.
    let (cx, arguments, native) = unsafe {
        let native: Gc<Native> = Gc::from_address(callee.address());
        (Cx::from_thread(thread), std::slice::from_raw_parts(first, count), native)
    };
    word((call::definition(native).call)(cx, arguments, None))
}

/// The same for a native that takes its receiver as it is, if it takes one.
pub const CALL_STRAIGHT: RuntimeFunction =
    RuntimeFunction { name: "call_straight", address: call_straight as *const (), effects: Effects::Any };

unsafe extern "sysv64" fn get_by_descriptor(
    thread: *mut Thread,
    descriptor: Value,
    object: *mut Value,
    _: usize,
) -> Value {
    // SAFETY: as for `call_native`; there is one argument.
    let (cx, object) = unsafe { (Cx::from_thread(thread), *object) };
    word(attribute::get_by_descriptor(cx, descriptor, object))
}

/// What a descriptor of a built-in type gives for an object in a register.
pub const GET_BY_DESCRIPTOR: RuntimeFunction =
    RuntimeFunction { name: "get_by_descriptor", address: get_by_descriptor as *const (), effects: Effects::Any };

unsafe extern "sysv64" fn build_tuple(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, items) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    Tuple::new(cx, items).value()
}

/// A tuple of registers.
pub const BUILD_TUPLE: RuntimeFunction =
    RuntimeFunction { name: "build_tuple", address: build_tuple as *const (), effects: Effects::Writes };

/// The string that strings give one after the other.
pub fn join_strings(cx: &mut Cx, parts: &[Value]) -> PyResult {
    let parts = parts.iter().map(|part| downcast::<Str>(*part).expect("parts of a string are strings"));
    Str::concatenated(cx, parts).map(|string| string.value())
}

unsafe extern "sysv64" fn build_string(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, parts) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    word(join_strings(cx, parts))
}

/// The string that registers give one after the other.
pub const BUILD_STRING: RuntimeFunction =
    RuntimeFunction { name: "build_string", address: build_string as *const (), effects: Effects::Writes };

unsafe extern "sysv64" fn build_list(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, items) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    word(List::new(cx, items).map(|list| list.value()))
}

/// A list of registers.
pub const BUILD_LIST: RuntimeFunction =
    RuntimeFunction { name: "build_list", address: build_list as *const (), effects: Effects::Writes };

unsafe extern "sysv64" fn build_set(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, elements) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    word(set::of_elements(cx, elements).map(Gc::value))
}

/// A set of registers.
pub const BUILD_SET: RuntimeFunction =
    RuntimeFunction { name: "build_set", address: build_set as *const (), effects: Effects::Any };

unsafe extern "sysv64" fn build_dict(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, pairs) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    word(Dict::of_pairs(cx, pairs).map(Gc::value))
}

/// A dict of pairs of registers.
pub const BUILD_DICT: RuntimeFunction =
    RuntimeFunction { name: "build_dict", address: build_dict as *const (), effects: Effects::Any };

unsafe extern "sysv64" fn build_slice(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, parts) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    let step = parts.get(2).copied().unwrap_or(NONE);
    py_object::objects::Slice::new(cx, parts[0], parts[1], step).value()
}

/// A slice of registers.
pub const BUILD_SLICE: RuntimeFunction =
    RuntimeFunction { name: "build_slice", address: build_slice as *const (), effects: Effects::Writes };

unsafe extern "sysv64" fn call_type(thread: *mut Thread, _: Value, first: *mut Value, count: usize) -> Value {
    // SAFETY: as for `call_native`.
    let (cx, arguments) = unsafe { (Cx::from_thread(thread), std::slice::from_raw_parts(first, count)) };
    word(call::call_type_in_place(cx, arguments))
}

/// Calls a built-in type, which lies in front of its arguments.
pub const CALL_TYPE: RuntimeFunction =
    RuntimeFunction { name: "call_type", address: call_type as *const (), effects: Effects::Any };

/// Power of floats for bases above zero.
pub extern "sysv64" fn float_power(base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}

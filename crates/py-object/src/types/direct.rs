//! Special methods and constructors of the built-in types, found by number.
//!
//! A built-in type never changes once the runtime is made, so what `len(x)` or `x[i]` calls for an exact instance of one
//! is found once and kept in a table indexed by the type's number. What the classes of programs inherit from built-in types is kept by
//! the thread's cache of lookups until some class changes.
//!
//! INVARIANT: nothing is given out inside an atomic block, where calls of natives are checked one by one.

use crate::call::{self, definition};
use crate::cx::{Cx, NONE};
use crate::kinds::{FIRST_FREE_SHAPE, Kind};
use crate::native::{NativeCall, NativeDefinition, NativeKind, is_unbound_native};
use crate::objects::{Native, Type};
use crate::operations::{BinaryOperator, Comparison};
use crate::string::downcast;
use crate::types::{self, class_of, shape_id};
use std::sync::atomic::{AtomicUsize, Ordering};
use vm_heap::{Gc, Value};

macro_rules! specials {
    ($( $Name:ident $method:literal )*) => {
        /// Special methods that the table knows, beside those of operators and comparisons.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Special { $( #[doc = $method] $Name ),* }

        const PLAIN: &[&str] = &[$( $method ),*];
    };
}

specials! {
    Len "__len__"
    Bool "__bool__"
    GetItem "__getitem__"
    SetItem "__setitem__"
    DelItem "__delitem__"
    Contains "__contains__"
    Iter "__iter__"
    Next "__next__"
    Hash "__hash__"
    Repr "__repr__"
    Str "__str__"
    Format "__format__"
    Get "__get__"
    Set "__set__"
    Call "__call__"
    Await "__await__"
    New "__new__"
    Init "__init__"
}

const COMPARISONS: usize = PLAIN.len();
const OPERATORS: usize = COMPARISONS + 6;
const IN_PLACE: usize = OPERATORS + BinaryOperator::ALL.len();
const COLUMNS: usize = IN_PLACE + BinaryOperator::ALL.len();

/// Address of a static `NativeDefinition`, or [`UNKNOWN`] or [`NONE_SUCH`].
type Row = [AtomicUsize; COLUMNS];

/// Not looked up yet.
const UNKNOWN: usize = 0;
/// The type has no such method, or not a native one.
const NONE_SUCH: usize = 1;

static TABLE: [Row; FIRST_FREE_SHAPE as usize] =
    [const { [const { AtomicUsize::new(UNKNOWN) }; COLUMNS] }; FIRST_FREE_SHAPE as usize];

/// The number of the built-in type that a value is an exact instance of.
#[inline(always)]
fn number_of(value: Value) -> Option<usize> {
    if value.is_object() {
        let number = shape_id(value).0;
        return (number < FIRST_FREE_SHAPE).then_some(number as usize);
    }
    if value.is_int() {
        return Some(Kind::INT as usize);
    }
    value.is_float().then_some(Kind::FLOAT as usize)
}

#[inline(always)]
fn entry(cx: &mut Cx, value: Value, column: usize) -> Option<NativeCall> {
    let number = number_of(value)?;
    if cx.thread.transaction.is_logged() {
        return None;
    }
    match TABLE[number][column].load(Ordering::Acquire) {
        UNKNOWN => fill(cx, number, value, column),
        NONE_SUCH => None,
        address => Some(call_at(address)),
    }
}

/// The same for an instance of any class.
#[inline(always)]
fn entry_of_any(cx: &mut Cx, value: Value, column: usize) -> Option<NativeCall> {
    if value.is_object()
        && let shape = shape_id(value)
        && shape.0 >= FIRST_FREE_SHAPE
    {
        return inherited(cx, crate::shape::shape(shape).class, column);
    }
    entry(cx, value, column)
}

#[inline]
fn inherited(cx: &mut Cx, class: Gc<Type>, column: usize) -> Option<NativeCall> {
    if cx.thread.transaction.is_logged() {
        return None;
    }
    let found = match cx.lookups.native(class, column, types::class_epoch()) {
        Some(found) => found,
        None => find_inherited(cx, class, column),
    };
    (found > NONE_SUCH).then(|| call_at(found))
}

#[cold]
fn find_inherited(cx: &mut Cx, class: Gc<Type>, column: usize) -> usize {
    let epoch = types::class_epoch();
    let found = method_of(cx, class, name_of(column)).map_or(NONE_SUCH, |found| std::ptr::from_ref(found) as usize);
    cx.lookups.put_native(class, column, epoch, found);
    found
}

/// Whether a special method of a value's class is that of a built-in type.
pub fn inherits(cx: &mut Cx, value: Value, special: Special, kind: Kind) -> bool {
    let known = TABLE[kind as usize][special as usize].load(Ordering::Acquire);
    known > NONE_SUCH
        && entry_of_any(cx, value, special as usize).is_some_and(|found| std::ptr::fn_addr_eq(found, call_at(known)))
}

fn call_at(address: usize) -> NativeCall {
    // SAFETY: the table holds addresses of static definitions beside the two numbers that the callers have excluded.
    unsafe { (*(address as *const NativeDefinition)).call }
}

#[cold]
fn fill(cx: &mut Cx, number: usize, value: Value, column: usize) -> Option<NativeCall> {
    let class = class_of(cx, value);
    let found = method_of(cx, class, name_of(column));
    remember(cx, number, column, found);
    found.map(|found| found.call)
}

fn remember(cx: &Cx, number: usize, column: usize, found: Option<&'static NativeDefinition>) {
    // While the types are being made, something may still be missing.
    if found.is_some() || cx.runtime.import_function.get() != NONE {
        let address = found.map_or(NONE_SUCH, |found| std::ptr::from_ref(found) as usize);
        TABLE[number][column].store(address, Ordering::Release);
    }
}

/// The native method of this name that a type or one of its bases has, if it is for the type's instances.
fn method_of(cx: &mut Cx, class: Gc<Type>, name: &str) -> Option<&'static NativeDefinition> {
    let name = cx.intern(name);
    let hook = types::lookup(cx, class, name)?;
    let native = downcast::<Native>(hook)?;
    let definition = definition(native);
    let own = types::as_type(native.receiver.get()).is_none_or(|owner| types::is_subclass(class, owner));
    (is_unbound_native(shape_id(hook)) && definition.kind == NativeKind::Method && own).then_some(definition)
}

fn name_of(column: usize) -> &'static str {
    match column {
        IN_PLACE.. => BinaryOperator::ALL[column - IN_PLACE].methods().2,
        OPERATORS.. => BinaryOperator::ALL[column - OPERATORS].methods().0,
        COMPARISONS.. => Comparison::ALL[column - COMPARISONS].method(),
        _ => PLAIN[column],
    }
}

/// The special method of a value's class, if it is a native. `None`: to be looked up.
#[inline(always)]
pub fn special(cx: &mut Cx, value: Value, special: Special) -> Option<NativeCall> {
    entry_of_any(cx, value, special as usize)
}

/// The method of a comparison, if it is a native.
#[inline(always)]
pub fn comparison(cx: &mut Cx, value: Value, comparison: Comparison) -> Option<NativeCall> {
    entry_of_any(cx, value, COMPARISONS + comparison as usize)
}

/// The method of an operator, or its form in place, for exact instances of built-in types.
#[inline(always)]
pub fn operator(cx: &mut Cx, value: Value, operator: BinaryOperator, in_place: bool) -> Option<NativeCall> {
    entry(cx, value, if in_place { IN_PLACE } else { OPERATORS } + operator as usize)
}

/// How a built-in type makes instances: `__new__`, and `__init__` unless that does nothing.
#[inline]
pub fn constructor(cx: &mut Cx, class: Gc<Type>) -> Option<(NativeCall, Option<NativeCall>)> {
    // The shape of its exact instances has a built-in type's number.
    let number = class.instance_shape.get() as usize;
    if cx.runtime.type_by_number(number) != Some(class) || cx.thread.transaction.is_logged() {
        return None;
    }
    let row = TABLE.get(number)?;
    match row[Special::New as usize].load(Ordering::Acquire) {
        UNKNOWN => {
            fill_constructor(cx, class, number);
            None
        }
        NONE_SUCH => None,
        new => {
            let init = row[Special::Init as usize].load(Ordering::Acquire);
            Some((call_at(new), (init > NONE_SUCH).then(|| call_at(init))))
        }
    }
}

#[cold]
fn fill_constructor(cx: &mut Cx, class: Gc<Type>, number: usize) {
    let (object, metaclass) = (cx.builtin_type(Kind::OBJECT), cx.builtin_type(Kind::TYPE));
    let (new, init) = (cx.intern("__new__"), cx.intern("__init__"));
    let plain = class_of(cx, class.value()) == metaclass;
    let native = types::lookup(cx, class, new).and_then(downcast::<Native>);
    let found = native.map(definition).filter(|found| found.kind == NativeKind::Constructor);
    let allowed =
        plain && class != object && class != metaclass && types::lookup(cx, object, new) != native.map(Gc::value);
    let safe = native.is_some_and(|native| call::check_constructor(cx, native, &[class.value()]).is_ok());
    if !safe {
        cx.take_raised();
    }
    let new = found.filter(|_| allowed && safe);
    let does_nothing = types::lookup(cx, class, init) == types::lookup(cx, object, init);
    let init = if does_nothing { None } else { method_of(cx, class, "__init__") };
    // ORDER: `__init__` first, since whoever sees `__new__` takes it as known.
    remember(cx, number, Special::Init as usize, init);
    remember(cx, number, Special::New as usize, new.filter(|_| does_nothing || init.is_some()));
}

//! Native modules: one file each.

mod accounts;
mod atexit;
mod collections;
mod errno;
mod errno_table;
mod functools;
mod gc;
mod iterator;
mod itertools;
mod locale;
mod math;
mod operator;
mod posix;
mod resource;
mod streams;
mod structseq;
pub mod sys;
pub mod system;
mod thread;
mod time;

use py_object::bootstrap::{add_functions, add_methods, module_with, new_module};
use py_object::iterators::{NativeStep, native_step, set_native_step};
use py_object::native::NativeDefinition;
use py_object::objects::{Dict, Module, Str, Type};
use py_object::{Cx, Kind, ModuleInit, NONE, Object, PyResult, StrExt, attribute, call, operations, types};
use vm_heap::{Gc, Value};

pub use atexit::run as run_exit_functions;
pub use streams::flush_all;
pub use sys::VERSION_TEXT;
pub use thread::{set_report, wait_for_threads};

/// Declares the layouts of the modules' objects. May run more than once.
pub fn declare_layouts() {
    posix::declare_layouts();
}

/// Fills the namespace of `builtins` and gives the classes of native modules their methods.
pub fn install(cx: &mut Cx) {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    py_object::builtins::install(cx, builtins, NONE);
    add_methods(cx, Kind::TEXT_IO_WRAPPER, streams::TEXT_IO_WRAPPER_METHODS);
    posix::install(cx);
    let _ = cx.runtime.audit.set(sys::audit);
    add_methods(cx, Kind::THREAD_HANDLE, thread::THREAD_HANDLE_METHODS);
    add_methods(cx, Kind::LOCK, thread::LOCK_METHODS);
    collections::install(cx);
    functools::install(cx);
    itertools::install(cx);
    operator::install(cx);
}

/// The native modules by name.
pub fn modules() -> Vec<(&'static str, ModuleInit)> {
    vec![
        ("builtins", builtins_module),
        ("sys", sys::module),
        ("time", time::module),
        ("math", math::module),
        ("posix", posix::module),
        ("atexit", atexit::module),
        ("_locale", locale::module),
        ("grp", accounts::grp),
        ("pwd", accounts::pwd),
        ("errno", errno::module),
        ("resource", resource::module),
        ("_thread", thread::module),
        ("gc", gc::module),
        ("_collections", collections::module),
        ("_functools", functools::module),
        ("_operator", operator::module),
        ("itertools", itertools::module),
    ]
}

fn builtins_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let dict = cx.runtime.builtins.get().expect("made at start-up");
    Ok(module_with(cx, "builtins", dict))
}

/// A module of native functions.
fn module_of(cx: &mut Cx, name: &str, functions: &'static [NativeDefinition]) -> Gc<Module> {
    let module = new_module(cx, name);
    add_functions(cx, module.dict.get(), module.value(), functions);
    module
}

fn set(cx: &mut Cx, module: Gc<Module>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, module.dict.get(), name, value)
}

/// Enters a built-in class into a module.
fn class(cx: &mut Cx, module: Gc<Module>, kind: Kind) -> PyResult<()> {
    let class = cx.builtin_type(kind);
    set(cx, module, &types::short_name(class), class.value())
}

/// Declares the layout of an object to the collector.
fn declare<T: Object>() {
    vm_heap::declare_layout(T::LAYOUT_ID, T::LAYOUT);
}

/// A new object of a class or one of its subclasses. All fields are zero words, to be initialised before the next allocation.
fn new_object<T: Object>(cx: &mut Cx, class: Gc<Type>) -> Gc<T> {
    py_object::allocate::<T>(cx.mutator(), types::instance_shape(class).id)
}

/// Lets a built-in class have no subclasses.
fn make_final(cx: &mut Cx, kind: Kind) {
    let class = cx.builtin_type(kind);
    class.flags.init(class.flags.get() | types::FINAL);
}

/// Takes `hash` away from the instances of a built-in class.
fn make_unhashable(cx: &mut Cx, kind: Kind) {
    let class = cx.builtin_type(kind);
    let name = cx.intern("__hash__");
    Dict::set_str(cx, class.dict.get(), name, NONE).expect("names are hashable");
    types::note_change();
}

/// Makes a built-in class one of iterators.
fn add_iterator(cx: &mut Cx, kind: Kind, step: NativeStep) {
    set_native_step(kind, step);
    add_methods(cx, kind, iterator::NATIVE_ITERATOR_METHODS);
}

/// `repr(value)` as text.
fn repr_text(cx: &mut Cx, value: Value) -> PyResult<String> {
    let shown = operations::repr(cx, value)?;
    Ok(text_of(shown))
}

/// `str(value)` as text.
fn value_text(cx: &mut Cx, value: Value) -> PyResult<String> {
    let shown = operations::to_str(cx, value)?;
    Ok(text_of(shown))
}

/// The text of a string object.
fn text_of(string: Gc<Str>) -> String {
    string.to_text()
}

/// Module and qualified name of a class.
fn full_name(cx: &mut Cx, class: Gc<Type>) -> PyResult<String> {
    let mut parts = Vec::new();
    for name in ["__module__", "__qualname__"] {
        let name = cx.intern(name);
        let part = attribute::get(cx, class.value(), name)?;
        parts.push(value_text(cx, part)?);
    }
    Ok(parts.join("."))
}

/// What `object.__reduce_ex__` would take as the state of an object: its attributes, or None.
fn state_of(cx: &mut Cx, object: Value) -> PyResult {
    let name = cx.intern("__getstate__");
    if let Some((hook, _)) = attribute::find(cx, object, name)? {
        return call::call(cx, hook, &[], None);
    }
    match attribute::attributes_of(cx, object) {
        Some(attributes) if attributes.get().is_some() => Ok(attribute::dictionary(cx, object)?.value()),
        _ => Ok(NONE),
    }
}

/// `class[item]` of a class with type parameters: a `types.GenericAlias`.
fn generic_alias(cx: &mut Cx, class: Value, item: Value) -> PyResult {
    let (module, name) = (cx.intern("types"), cx.intern("GenericAlias"));
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let Some(module) = Dict::get_str(cx, modules, module) else {
        return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "types.GenericAlias is not available yet"));
    };
    let alias = attribute::get(cx, module, name)?;
    call::call(cx, alias, &[class, item], None)
}

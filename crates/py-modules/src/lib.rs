//! Native modules: one file each.

mod abc;
mod accounts;
mod array;
mod asyncio;
mod atexit;
mod binascii;
mod bisect;
mod buffer;
mod bytes_like;
mod cmath;
mod codecs;
mod collections;
mod compression;
mod contextvars;
mod csv;
mod docs_table;
mod errno;
mod errno_table;
mod faulthandler;
mod fcntl;
mod format_parser;
mod functools;
mod gc;
mod hashes;
mod heapq;
mod interruption;
mod io;
mod iterator;
mod itertools;
mod json;
mod library;
mod locale;
mod math;
mod mmap;
mod multiprocessing;
mod operator;
mod posix;
mod queue;
mod random;
mod resource;
mod select;
mod signal;
mod socket;
mod sre;
mod ssl;
mod statistics;
mod structs;
mod structseq;
mod subprocess;
mod syntax_tree;
pub mod sys;
pub mod system;
mod termios;
mod thread;
mod time;
mod tokenizer;
mod type_names;
mod typing;
mod unicodedata;
mod weakref;

use py_object::bootstrap::{add_functions, add_methods, module_with, new_module};
use py_object::iterators::{NativeStep, native_step, set_native_step};
use py_object::native::NativeDefinition;
use py_object::objects::{Dict, Module, Str, Type};
use py_object::types::namespace::{self, Addition};
use py_object::{Cx, Kind, ModuleInit, NONE, Object, PyResult, StrExt, attribute, call, operations, types};
use vm_heap::{Gc, Value};

pub use atexit::run as run_exit_functions;
pub use io::{flush_open_files, flush_standard};
pub use signal::withdraw as withdraw_signals;
pub use sys::VERSION_TEXT;
pub use thread::wait_for_threads;

/// Declares the layouts of the modules' objects. May run more than once.
pub fn declare_layouts() {
    posix::declare_layouts();
    io::declare_layouts();
    select::declare_layouts();
    socket::declare_layouts();
    mmap::declare_layouts();
}

/// Fills the namespace of `builtins` and gives the classes of native modules their methods.
pub fn install(cx: &mut Cx) {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    py_object::builtins::install(cx, builtins, NONE);
    posix::install(cx);
    io::install(cx);
    add_methods(cx, Kind::POLL, select::POLL_METHODS);
    add_methods(cx, Kind::EPOLL, select::EPOLL_METHODS);
    add_methods(cx, Kind::SOCKET, socket::SOCKET_METHODS);
    add_methods(cx, Kind::MMAP, mmap::MMAP_METHODS);
    mmap::install();
    if io::install_open(cx).is_err() || signal::install(cx).is_err() {
        unreachable!("the module is made of parts that are there at start-up");
    }
    let _ = cx.runtime.audit.set(sys::audit);
    thread::install(cx);
    collections::install(cx);
    functools::install(cx);
    itertools::install(cx);
    operator::install(cx);
    hashes::install(cx);
    json::install(cx);
    sre::install(cx);
    unicodedata::install(cx);
    random::install(cx);
    structs::install(cx);
    array::install(cx);
    queue::install(cx);
    contextvars::install(cx);
    asyncio::install(cx);
    tokenizer::install(cx);
    syntax_tree::install(cx);
    docs_table::install(cx);
    compression::install(cx);
    csv::install(cx);
    multiprocessing::install(cx);
    ssl::install(cx);
}

/// The native modules by name.
pub fn modules() -> Vec<(&'static str, ModuleInit)> {
    vec![
        ("builtins", builtins_module),
        ("_typing", typing::module),
        ("sys", sys::module),
        ("time", time::module),
        ("math", math::module),
        ("posix", posix::module),
        ("_io", io::module),
        ("atexit", atexit::module),
        ("_locale", locale::module),
        ("errno", errno::module),
        ("resource", resource::module),
        ("_signal", signal::module),
        ("select", select::module),
        ("_socket", socket::module),
        ("_ssl", ssl::module),
        ("fcntl", fcntl::module),
        ("termios", termios::module),
        ("pwd", accounts::users_module),
        ("grp", accounts::groups_module),
        ("_posixsubprocess", subprocess::module),
        ("mmap", mmap::module),
        ("_multiprocessing", multiprocessing::module),
        ("_posixshmem", multiprocessing::shared_memory::module),
        ("faulthandler", faulthandler::module),
        ("_thread", thread::module),
        ("gc", gc::module),
        ("_abc", abc::module),
        ("_collections", collections::module),
        ("_functools", functools::module),
        ("_operator", operator::module),
        ("itertools", itertools::module),
        ("_weakref", weakref::module),
        ("_types", type_names::module),
        ("_codecs", codecs::module),
        ("binascii", binascii::module),
        ("_md5", hashes::md5::module),
        ("_sha1", hashes::sha1::module),
        ("_sha2", hashes::sha2::module),
        ("_sha3", hashes::sha3_module),
        ("_blake2", hashes::blake2_module),
        ("_json", json::module),
        ("_sre", sre::module),
        ("_string", format_parser::module),
        ("unicodedata", unicodedata::module),
        ("_bisect", bisect::module),
        ("_heapq", heapq::module),
        ("_random", random::module),
        ("_statistics", statistics::module),
        ("cmath", cmath::module),
        ("_struct", structs::module),
        ("array", array::module),
        ("_queue", queue::module),
        ("_contextvars", contextvars::module),
        ("_asyncio", asyncio::module),
        ("_tokenize", tokenizer::module),
        ("_ast", syntax_tree::module),
        ("zlib", compression::zlib::module),
        ("_bz2", compression::bz2::module),
        ("_csv", csv::module),
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

/// `import name`, by `builtins.__import__`; the module itself, also for a name with dots.
fn import(cx: &mut Cx, name: &str) -> PyResult {
    let key = cx.intern(name);
    let modules = cx.runtime.modules.get().expect("made at start-up");
    if let Some(module) = Dict::get_str(cx, modules, key) {
        return Ok(module);
    }
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let function = cx.intern("__import__");
    let Some(function) = Dict::get_str(cx, builtins, function) else {
        return Err(cx.raise(Kind::IMPORT_ERROR, "__import__ not found"));
    };
    let module = py_object::call::call(cx, function, &[key.value()], None)?;
    Ok(Dict::get_str(cx, modules, key).unwrap_or(module))
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
    py_object::bootstrap::declare::<T>();
}

/// A new object of a class or one of its subclasses. All fields are zero words, to be initialised before the next allocation.
fn new_object<T: Object>(cx: &mut Cx, class: Gc<Type>) -> Gc<T> {
    let object = py_object::allocate::<T>(cx.mutator(), types::instance_shape(class).id);
    types::note_instance(cx, class, object.value());
    object
}

/// Lets a built-in class have no subclasses.
fn make_final(cx: &mut Cx, kind: Kind) {
    let class = cx.builtin_type(kind);
    class.flags.init(class.flags.get() | types::FINAL);
}

/// Takes `hash` away from the instances of a built-in class.
fn make_unhashable(cx: &mut Cx, kind: Kind) {
    namespace::add(cx, kind, Addition::Constant("__hash__", NONE));
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
    if attribute::has_dictionary(cx, object) { Ok(attribute::dictionary(cx, object)?.value()) } else { Ok(NONE) }
}

/// `class[item]` of a class with type parameters: a `types.GenericAlias`.
fn generic_alias(cx: &mut Cx, class: Value, item: Value) -> PyResult {
    py_object::types::generic::alias(cx, class, item)
}

/// The parts of a complex number, or of whatever has `__complex__`, `__float__` or `__index__`.
fn complex_parts(cx: &mut Cx, value: Value) -> PyResult<Option<(f64, f64)>> {
    if let Some(hook) = types::lookup_special(cx, value, "__complex__") {
        let complex = call::call_special(cx, hook, value, &[], None)?;
        let mut parts = [0.0; 2];
        for (part, name) in parts.iter_mut().zip(["real", "imag"]) {
            let name = cx.intern(name);
            let value = attribute::get(cx, complex, name)?;
            *part = types::float::real_number(cx, value)?;
        }
        return Ok(Some((parts[0], parts[1])));
    }
    match types::float::real_number(cx, value) {
        Ok(real) => Ok(Some((real, 0.0))),
        Err(_) => {
            cx.take_raised();
            Ok(None)
        }
    }
}

/// A complex number.
fn new_complex(cx: &mut Cx, real: f64, imaginary: f64) -> PyResult {
    let parts = [cx.float(real), cx.float(imaginary)];
    let class = cx.builtin_type(Kind::COMPLEX);
    call::call(cx, class.value(), &parts, None)
}

//! `sys`: the interpreter as Python programs see it.

mod audit;
mod coroutines;
mod frames;
mod functions;
mod hooks;
mod jit;
mod monitoring;
mod names_table;
mod records;
mod tracing;

use crate::io::new_stream;
use crate::system::decode_path;
use crate::{module_of, set};
use names_table::STANDARD_LIBRARY;
use py_object::bootstrap::add_functions;
use py_object::objects::{Dict, List, Module, Str, Tuple};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, bool_value, call};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use vm_heap::{Gc, Value};

pub use audit::audit;
pub use functions::{is_finalizing, set_finalizing};
pub use hooks::{report_unraisable, set_exception_printer, write_error};

/// The version of the language and of the standard library: major, minor, micro.
pub const LANGUAGE_VERSION: [i64; 3] = [3, 14, 7];

/// `sys.version`.
pub const VERSION_TEXT: &str =
    concat!("3.14.7 (typhon-", env!("CARGO_PKG_VERSION"), ")\n[Typhon ", env!("CARGO_PKG_VERSION"), " with rustc]");

/// `sys.hexversion` of a final release.
fn hexadecimal_version() -> i64 {
    let [major, minor, micro] = LANGUAGE_VERSION;
    major << 24 | minor << 16 | micro << 8 | 0xf0
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "sys", functions::FUNCTIONS);
    add_functions(cx, module.dict.get(), module.value(), hooks::FUNCTIONS);
    add_functions(cx, module.dict.get(), module.value(), audit::FUNCTIONS);
    add_functions(cx, module.dict.get(), module.value(), coroutines::FUNCTIONS);
    frames::install(cx, module.dict.get(), module.value());
    let doc = "The interpreter: its settings, what it has loaded, and functions that act on it.";
    set_text(cx, module, "__doc__", doc)?;
    let compiler = jit::module(cx);
    set(cx, module, "_jit", compiler.value())?;
    add_functions(cx, module.dict.get(), module.value(), tracing::FUNCTIONS);
    let monitoring = monitoring::module(cx)?;
    set(cx, module, "monitoring", monitoring.value())?;
    add_streams(cx, module)?;
    add_settings(cx, module)?;
    add_facts(cx, module)?;
    let modules = cx.runtime.modules_value();
    set(cx, module, "modules", modules)?;
    for name in ["path", "meta_path", "path_hooks"] {
        let list = List::new(cx, &[])?;
        set(cx, module, name, list.value())?;
    }
    let cache = cx.dict();
    set(cx, module, "path_importer_cache", cache.value())?;
    for name in ["displayhook", "excepthook", "unraisablehook", "breakpointhook"] {
        let key = cx.intern(name);
        if let Some(hook) = Dict::get_str(cx, module.dict.get(), key) {
            set(cx, module, &format!("__{name}__"), hook)?;
        }
    }
    Ok(module)
}

fn set_text(cx: &mut Cx, module: Gc<Module>, name: &str, text: &str) -> PyResult<()> {
    let text = Str::new(cx, text);
    set(cx, module, name, text.value())
}

fn set_system_text(cx: &mut Cx, module: Gc<Module>, name: &str, text: &OsStr) -> PyResult<()> {
    let text = decode_path(cx, text.as_bytes())?;
    set(cx, module, name, text.value())
}

fn system_texts(cx: &mut Cx, texts: &[OsString]) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    for text in texts {
        let text = decode_path(cx, text.as_bytes())?;
        List::push(cx, list, text.value())?;
    }
    Ok(list)
}

/// A tuple of interned names.
fn names(cx: &mut Cx, all: impl Iterator<Item = &'static str>) -> PyResult<Gc<Tuple>> {
    let list = List::new(cx, &[])?;
    for name in all {
        let name = cx.intern(name);
        List::push(cx, list, name.value())?;
    }
    Tuple::from_list(cx, list)
}

fn add_streams(cx: &mut Cx, module: Gc<Module>) -> PyResult<()> {
    for (descriptor, names) in
        [(0, ["stdin", "__stdin__"]), (1, ["stdout", "__stdout__"]), (2, ["stderr", "__stderr__"])]
    {
        let stream = new_stream(cx, descriptor)?;
        for name in names {
            set(cx, module, name, stream)?;
        }
    }
    Ok(())
}

/// What the command line, the environment and the place of the executable decide.
fn add_settings(cx: &mut Cx, module: Gc<Module>) -> PyResult<()> {
    let runtime = cx.runtime;
    let configuration = runtime.configuration();
    let arguments = system_texts(cx, &configuration.arguments)?;
    set(cx, module, "argv", arguments.value())?;
    let original = system_texts(cx, &configuration.original_arguments)?;
    set(cx, module, "orig_argv", original.value())?;
    let filters = List::new(cx, &[])?;
    for filter in &configuration.warning_options {
        let filter = Str::new(cx, filter);
        List::push(cx, filters, filter.value())?;
    }
    set(cx, module, "warnoptions", filters.value())?;
    let options = cx.dict();
    for (name, value) in &configuration.implementation_options {
        let value = match value {
            Some(value) => Str::new(cx, value).value(),
            None => bool_value(true),
        };
        let name = Str::new(cx, name);
        Dict::set(cx, options, name.value(), value)?;
    }
    set(cx, module, "_xoptions", options.value())?;
    crate::faulthandler::install_if_asked(cx);
    let place = &configuration.place;
    for (name, path) in [
        ("executable", &place.executable),
        ("_base_executable", &place.base_executable),
        ("prefix", &place.prefix),
        ("exec_prefix", &place.exec_prefix),
        ("base_prefix", &place.base_prefix),
        ("base_exec_prefix", &place.base_exec_prefix),
    ] {
        set_system_text(cx, module, name, path)?;
    }
    match &configuration.bytecode_prefix {
        Some(path) => set_system_text(cx, module, "pycache_prefix", path)?,
        None => set(cx, module, "pycache_prefix", NONE)?,
    }
    let flags = &configuration.flags;
    set(cx, module, "dont_write_bytecode", bool_value(flags.dont_write_bytecode))?;
    let flags = records::flags(cx, flags)?;
    set(cx, module, "flags", flags)
}

/// What is the same in every run.
fn add_facts(cx: &mut Cx, module: Gc<Module>) -> PyResult<()> {
    for (name, text) in [
        ("version", VERSION_TEXT),
        ("platform", "linux"),
        ("byteorder", if cfg!(target_endian = "little") { "little" } else { "big" }),
        ("platlibdir", "lib"),
        ("float_repr_style", "short"),
        ("abiflags", ""),
        ("_framework", ""),
        ("copyright", COPYRIGHT),
    ] {
        set_text(cx, module, name, text)?;
    }
    let version = records::version_info(cx)?;
    set(cx, module, "version_info", version)?;
    for (name, record) in [
        ("hash_info", records::hash_info as fn(&mut Cx) -> PyResult),
        ("float_info", records::float_info),
        ("int_info", records::int_info),
        ("thread_info", records::thread_info),
    ] {
        let record = record(cx)?;
        set(cx, module, name, record)?;
    }
    for (name, number) in
        [("hexversion", hexadecimal_version()), ("api_version", 1013), ("maxunicode", 0x10_ffff), ("maxsize", i64::MAX)]
    {
        let number = int::from_i64(cx, number);
        set(cx, module, name, number)?;
    }
    let git = ["Typhon", "", ""].map(|text| cx.intern(text).value());
    let git = cx.tuple(&git);
    set(cx, module, "_git", git)?;
    set(cx, module, "_home", NONE)?;
    let mut native: Vec<&'static str> = cx.runtime.native_modules().iter().map(|(name, _)| *name).collect();
    native.sort_unstable();
    let native = names(cx, native.into_iter())?;
    set(cx, module, "builtin_module_names", native.value())?;
    let library = names(cx, STANDARD_LIBRARY.iter().copied())?;
    let class = cx.builtin_type(Kind::FROZENSET);
    let library = call::call(cx, class.value(), &[library.value()], None)?;
    set(cx, module, "stdlib_module_names", library)?;
    let implementation = implementation(cx, version)?;
    set(cx, module, "implementation", implementation)
}

const COPYRIGHT: &str = "\
Copyright (c) the Typhon developers.
The standard library is Copyright (c) 2001 Python Software Foundation.
All Rights Reserved.";

fn implementation(cx: &mut Cx, version: Value) -> PyResult {
    let keys = ["name", "cache_tag", "version", "hexversion", "_multiarch", "supports_isolated_interpreters"];
    let keys = keys.map(|name| cx.intern(name).value());
    let keys = Tuple::new(cx, &keys);
    let texts = ["typhon", "typhon-314", concat!("x86_64", "-linux-gnu")];
    let [name, tag, architecture] = texts.map(|text| cx.intern(text).value());
    let class = cx.builtin_type(Kind::SIMPLE_NAMESPACE);
    let number = Value::int(hexadecimal_version());
    call::call(cx, class.value(), &[name, tag, version, number, architecture, bool_value(false)], Some(keys))
}

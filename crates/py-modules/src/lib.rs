//! Native modules: one file each.

mod atexit;
mod errno;
mod errno_table;
mod gc;
mod math;
mod posix;
mod resource;
mod streams;
mod structseq;
pub mod sys;
pub mod system;
mod thread;
mod time;

use py_object::bootstrap::{add_functions, add_methods, module_with, new_module};
use py_object::native::NativeDefinition;
use py_object::objects::{Dict, Module};
use py_object::{Cx, Kind, ModuleInit, NONE, PyResult};
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
        ("errno", errno::module),
        ("resource", resource::module),
        ("_thread", thread::module),
        ("gc", gc::module),
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

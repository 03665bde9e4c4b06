//! Native modules: one file each.

mod accounts;
mod errno;
mod errno_table;
mod fcntl;
mod gc;
mod io;
mod math;
mod posix;
mod resource;
mod select;
mod signal;
mod socket;
mod structseq;
mod subprocess;
mod sys;
mod system;
mod termios;
mod thread;
mod time;

use py_object::bootstrap::{add_functions, add_methods, module_with, new_module};
use py_object::native::NativeDefinition;
use py_object::objects::{Dict, Module};
use py_object::{Cx, Kind, NONE, PyResult};
use vm_heap::{Gc, Value};

pub use io::{flush_open_files, flush_standard};
pub use signal::withdraw as withdraw_signals;
pub use thread::{set_report, wait_for_threads};

/// Makes a native module.
pub type ModuleInit = fn(&mut Cx) -> PyResult<Gc<Module>>;

/// Declares the layouts of the modules' objects. May run more than once.
pub fn declare_layouts() {
    posix::declare_layouts();
    io::declare_layouts();
    select::declare_layouts();
    socket::declare_layouts();
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
    if io::install_open(cx).is_err() || signal::install(cx).is_err() {
        unreachable!("the module is made of parts that are there at start-up");
    }
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
        ("_io", io::module),
        ("errno", errno::module),
        ("resource", resource::module),
        ("_signal", signal::module),
        ("select", select::module),
        ("_socket", socket::module),
        ("fcntl", fcntl::module),
        ("termios", termios::module),
        ("pwd", accounts::users_module),
        ("grp", accounts::groups_module),
        ("_posixsubprocess", subprocess::module),
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

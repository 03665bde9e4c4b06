//! `posix`: the native half of the library's `os`.

mod descriptors;
mod directories;
mod files;
mod identity;
mod names_table;
mod process;
mod scheduling;
mod spawn;
mod status;
mod system;
mod timers;

pub use descriptors::{duplicate, read_bytes};
pub use identity::groups_of;
pub use process::{fork_process, pointers, strings};
pub use spawn::signal_set;
pub use status::{query, time_from_seconds};

use crate::structseq::{self, Declaration};
use crate::{module_of, set};
use py_object::bootstrap::{add_functions, add_methods};
use py_object::objects::{Dict, List, Module, Str};
use py_object::{Cx, Kind, PyResult};
use vm_heap::{Gc, Value};

/// Gives the module's classes their methods.
pub fn install(cx: &mut Cx) {
    add_methods(cx, Kind::DIRECTORY_ENTRY, directories::DIRECTORY_ENTRY_METHODS);
    add_methods(cx, Kind::DIRECTORY_ITERATOR, directories::DIRECTORY_ITERATOR_METHODS);
}

/// Layouts of the module's objects.
pub fn declare_layouts() {
    py_object::bootstrap::declare::<directories::DirectoryEntry>();
    py_object::bootstrap::declare::<directories::DirectoryIterator>();
}

static STRUCTURES: [(&str, &Declaration); 7] = [
    ("stat_result", &status::STAT_RESULT),
    ("statvfs_result", &status::STATVFS_RESULT),
    ("terminal_size", &descriptors::TERMINAL_SIZE),
    ("waitid_result", &process::WAITID_RESULT),
    ("uname_result", &system::UNAME_RESULT),
    ("times_result", &system::TIMES_RESULT),
    ("sched_param", &scheduling::SCHED_PARAM),
];

fn numbers(cx: &mut Cx, table: &[(&str, i64)]) -> PyResult<Gc<Dict>> {
    let dict = Dict::new(cx);
    for (name, number) in table {
        let name = cx.intern(name);
        Dict::set_str(cx, dict, name, Value::int(*number))?;
    }
    Ok(dict)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "posix", status::FUNCTIONS);
    for functions in [
        files::FUNCTIONS,
        directories::FUNCTIONS,
        descriptors::FUNCTIONS,
        identity::FUNCTIONS,
        process::FUNCTIONS,
        scheduling::FUNCTIONS,
        timers::FUNCTIONS,
        system::FUNCTIONS,
    ] {
        add_functions(cx, module.dict.get(), module.value(), functions);
    }
    for (name, number) in names_table::CONSTANTS {
        set(cx, module, name, Value::int(*number))?;
    }
    for (name, table) in [
        ("sysconf_names", names_table::SYSCONF),
        ("confstr_names", names_table::CONFSTR),
        ("pathconf_names", names_table::PATHCONF),
    ] {
        let dict = numbers(cx, table)?;
        set(cx, module, name, dict.value())?;
    }
    let names = List::new(cx, &[])?;
    for name in names_table::HAVE_FUNCTIONS {
        let name = Str::new(cx, name);
        List::push(cx, names, name.value())?;
    }
    set(cx, module, "_have_functions", names.value())?;
    let environment = system::environment(cx)?;
    set(cx, module, "environ", environment.value())?;
    for (name, declaration) in STRUCTURES {
        let class = structseq::class(cx, declaration)?;
        set(cx, module, name, class.value())?;
    }
    let entry = cx.builtin_type(Kind::DIRECTORY_ENTRY);
    set(cx, module, "DirEntry", entry.value())?;
    let error = cx.builtin_type(Kind::OS_ERROR);
    set(cx, module, "error", error.value())?;
    Ok(module)
}

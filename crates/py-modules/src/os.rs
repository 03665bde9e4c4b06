//! `os`: the little of it that programs need before the packed standard library comes.

use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{Dict, Module, Str};
use py_object::{Cx, Kind, NONE, PyResult, StrExt};
use std::os::unix::ffi::OsStrExt;
use vm_heap::{Gc, Value};

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Return a string representing the current working directory.
    #[function]
    fn getcwd(cx: &mut Cx) -> PyResult<Gc<Str>> {
        match std::env::current_dir() {
            Ok(path) => {
                let text = path.to_string_lossy().into_owned();
                Ok(Str::new(cx, &text))
            }
            Err(error) => Err(cx.raise(Kind::OS_ERROR, error.to_string())),
        }
    }
    /// Return the current process id.
    #[function]
    fn getpid() -> i64 {
        std::process::id() as i64
    }
    /// Return the number of processors, or None if it can't be found out.
    #[function]
    fn cpu_count() -> Value {
        std::thread::available_parallelism().map_or(NONE, |count| Value::int(count.get() as i64))
    }
    /// Get an environment variable, return None if it doesn't exist.
    #[function]
    fn getenv(
        cx: &mut Cx,
        #[keyword] key: Gc<Str>,
        #[keyword]
        #[default(NONE)]
        default: Value,
    ) -> PyResult {
        let Some(name) = key.as_str() else { return Ok(default) };
        match std::env::var_os(name) {
            Some(value) => Ok(environment_text(cx, value.as_bytes()).value()),
            None => Ok(default),
        }
    }
}

/// Text of the environment; bytes that are no UTF-8 become replacement characters.
fn environment_text(cx: &mut Cx, bytes: &[u8]) -> Gc<Str> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    Str::new(cx, &text)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "os", FUNCTIONS);
    let environment = Dict::new(cx);
    for (name, value) in std::env::vars_os() {
        let name = environment_text(cx, name.as_bytes());
        let value = environment_text(cx, value.as_bytes());
        Dict::set_str(cx, environment, name, value.value())?;
    }
    set(cx, module, "environ", environment.value())?;
    for (name, text) in [("name", "posix"), ("sep", "/"), ("linesep", "\n"), ("pathsep", ":")] {
        let text = Str::new(cx, text);
        set(cx, module, name, text.value())?;
    }
    Ok(module)
}

//! `errno`: the system's error numbers by name.

use crate::errno_table::NUMBERS;
use crate::{module_of, set};
use py_object::objects::{Dict, Module, Str};
use py_object::{Cx, PyResult};
use vm_heap::{Gc, Value};

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "errno", &[]);
    let names = Dict::new(cx);
    for (name, number) in NUMBERS {
        let number = Value::int(i64::from(*number));
        set(cx, module, name, number)?;
        let name = Str::new(cx, name);
        Dict::set(cx, names, number, name.value())?;
    }
    set(cx, module, "errorcode", names.value())?;
    Ok(module)
}

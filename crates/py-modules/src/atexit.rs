//! `atexit`: functions to be called at the end, the last one first.

use crate::module_of;
use crate::system::roots::RootedValue;
use py_macros::py_functions;
use py_object::arguments::Keywords;
use py_object::objects::{List, Module, Tuple};
use py_object::sequence::{list_item, tuple_items};
use py_object::{Cx, NONE, PyResult, call, downcast, operations, types};
use vm_heap::{Gc, Value};

/// The list of calls: tuples of function, arguments and names of the last of them, or None for one that has been taken back.
static CALLS: RootedValue = RootedValue::new();

fn calls(cx: &mut Cx) -> PyResult<Gc<List>> {
    if let Some(calls) = CALLS.get().and_then(downcast::<List>) {
        return Ok(calls);
    }
    let calls = List::new(cx, &[])?;
    CALLS.set(calls.value());
    Ok(calls)
}

/// Calls what has been registered. Exceptions are reported, and no more.
pub fn run(cx: &mut Cx) {
    loop {
        // A call may register more.
        let Some(calls) = CALLS.get().and_then(downcast::<List>) else { return };
        let Ok(last) = call::call_method(cx, calls.value(), "pop", &[]) else {
            cx.take_raised();
            return;
        };
        let Some(parts) = downcast::<Tuple>(last) else { continue };
        let [function, arguments, names] = tuple_items(&parts) else { continue };
        let Some(arguments) = downcast::<Tuple>(*arguments) else { continue };
        let names = downcast::<Tuple>(*names);
        if call::call(cx, *function, tuple_items(&arguments), names).is_err() {
            py_object::finalize::unraisable(cx, "Exception ignored in atexit callback", *function);
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("atexit")]
impl Functions {
    /// Register a function to be called at the end with the arguments, and return it.
    #[function(signature = "(func, /, *args, **kwargs)")]
    fn register(cx: &mut Cx, func: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        if !types::class::is_callable(cx, func) {
            return Err(cx.type_error("the first argument must be callable"));
        }
        let all = List::new(cx, args)?;
        let names = List::new(cx, &[])?;
        for (name, value) in kwargs.iter() {
            List::push(cx, names, name.value())?;
            List::push(cx, all, value)?;
        }
        let all = Tuple::from_list(cx, all)?.value();
        let names = Tuple::from_list(cx, names)?;
        let names = if tuple_items(&names).is_empty() { NONE } else { names.value() };
        let entry = cx.tuple(&[func, all, names]);
        let calls = calls(cx)?;
        List::push(cx, calls, entry)?;
        Ok(func)
    }
    /// Take back all calls of a function.
    #[function]
    fn unregister(cx: &mut Cx, func: Value) -> PyResult<()> {
        let calls = calls(cx)?;
        let mut index = 0;
        while let Some(entry) = list_item(calls, index) {
            let function = downcast::<Tuple>(entry).and_then(|parts| tuple_items(&parts).first().copied());
            if let Some(function) = function
                && operations::equal(cx, function, func)?
            {
                operations::delete_item(cx, calls.value(), Value::int(index as i64))?;
            } else {
                index += 1;
            }
        }
        Ok(())
    }
    /// Forget all calls.
    #[function]
    fn _clear(cx: &mut Cx) -> PyResult<()> {
        let calls = List::new(cx, &[])?;
        CALLS.set(calls.value());
        Ok(())
    }
    /// Call everything now.
    #[function]
    fn _run_exitfuncs(cx: &mut Cx) {
        run(cx);
    }
    /// Return the number of calls.
    #[function]
    fn _ncallbacks(cx: &mut Cx) -> PyResult<usize> {
        let calls = calls(cx)?;
        Ok(List::snapshot(&calls).1)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "atexit", FUNCTIONS))
}

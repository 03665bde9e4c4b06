//! `_asyncio`: futures and tasks, and what belongs to the event loop of a thread.
//!
//! A task is a future that runs a coroutine: each of its steps resumes the coroutine, until that yields a future to wait for.
//! The event loop itself is Python code of the library and is reached by its methods (`call_soon`, `get_debug`,
//! `call_exception_handler`) alone.
//!
//! INVARIANT: a task's object begins with the fields of a future, so that a pointer to it is one to a future as well.

mod future;
mod future_iterator;
mod future_methods;
mod library;
mod running;
mod step;
mod task;
mod task_methods;

use crate::{class, declare, make_final, module_of};
use py_object::bootstrap::add_methods;
use py_object::objects::Module;
use py_object::{Cx, Kind, Object, PyResult};
use vm_heap::Gc;

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    declare::<future::Future>();
    declare::<task::Task>();
    declare::<future_iterator::FutureIterator>();
    declare::<step::TaskStep>();
    add_methods(cx, Kind::FUTURE, future_methods::FUTURE_METHODS);
    add_methods(cx, Kind::TASK, task_methods::TASK_METHODS);
    add_methods(cx, Kind::FUTURE_ITERATOR, future_iterator::FUTURE_ITERATOR_METHODS);
    add_methods(cx, Kind::TASK_STEP, step::TASK_STEP_METHODS);
    make_final(cx, Kind::FUTURE_ITERATOR);
    make_final(cx, Kind::TASK_STEP);
    future_iterator::install();
    vm_heap::set_finalizer_test(future::Future::LAYOUT_ID, future::needs_finalizer);
    vm_heap::set_finalizer_test(task::Task::LAYOUT_ID, task::needs_finalizer);
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_asyncio", running::FUNCTIONS);
    class(cx, module, Kind::FUTURE)?;
    class(cx, module, Kind::TASK)?;
    Ok(module)
}

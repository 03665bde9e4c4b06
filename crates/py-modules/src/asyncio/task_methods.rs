//! The methods of `Task`.

use super::future::{LOGS_DESTROYED, MUST_CANCEL};
use super::future_methods::undeletable;
use super::library::{self, Part};
use super::task::{AnyTask, Given, Task};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::Type;
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, call, operations};
use vm_heap::{Gc, Value};

/// The methods.
pub struct Methods;

#[py_methods(TASK, name = "Task")]
impl Methods {
    #[new(signature = "")]
    fn new(cx: &mut Cx, class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> Gc<Task> {
        let new = crate::new_object::<Task>(cx, class);
        AnyTask(new).prepare();
        new
    }
    #[method(error_name = "Task")]
    fn __init__(
        cx: &mut Cx,
        this: AnyTask,
        #[keyword]
        #[name("coro")]
        coroutine: Value,
        #[keyword_only]
        #[name("loop")]
        #[default(NONE)]
        event_loop: Value,
        #[keyword_only]
        #[default(NONE)]
        name: Value,
        #[keyword_only]
        #[default(NONE)]
        context: Value,
        #[keyword_only]
        #[name("eager_start")]
        #[default(false)]
        eager: bool,
    ) -> PyResult<()> {
        this.initialise(cx, Given { coroutine, event_loop, name, context, eager })
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: AnyTask) -> PyResult {
        this.future().check_alive(cx)?;
        let show = library::part(cx, Part::TaskRepr)?;
        call::call(cx, show, &[this.value()], None)
    }
    #[method]
    fn __del__(cx: &mut Cx, this: AnyTask) {
        this.report_destroyed(cx);
    }
    /// Tasks are generic over the return type of their wrapped coroutines
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, object: Value) -> PyResult {
        crate::generic_alias(cx, class, object)
    }
    /// Ask the task to cancel itself: a CancelledError is thrown into its coroutine at the next step.
    ///
    /// The coroutine may catch it, so that this is no guarantee. Returns False if the task is done already. Counts as a request, see `cancelling`.
    #[method]
    fn cancel(
        cx: &mut Cx,
        this: AnyTask,
        #[keyword]
        #[default(NONE)]
        msg: Value,
    ) -> PyResult<bool> {
        this.cancel(cx, msg)
    }
    /// Return the number of requests to cancel the task, less those taken back by `uncancel`.
    #[method]
    fn cancelling(this: AnyTask) -> usize {
        this.cancel_requests()
    }
    /// Take a request to cancel the task back; returns the number of those left.
    #[method]
    fn uncancel(this: AnyTask) -> usize {
        this.uncancel()
    }
    #[method]
    fn set_result(cx: &mut Cx, this: AnyTask, result: Value) -> PyResult<()> {
        let _ = (this, result);
        Err(cx.raise(Kind::RUNTIME_ERROR, "Task does not support set_result operation"))
    }
    #[method]
    fn set_exception(cx: &mut Cx, this: AnyTask, exception: Value) -> PyResult<()> {
        let _ = (this, exception);
        Err(cx.raise(Kind::RUNTIME_ERROR, "Task does not support set_exception operation"))
    }
    /// Return the frames of the task's coroutine, oldest first: where it is suspended, or those of the traceback that ended it.
    ///
    /// A suspended coroutine gives one frame. The limit keeps the newest frames of a stack, the oldest of a traceback.
    #[method]
    fn get_stack(
        cx: &mut Cx,
        this: AnyTask,
        #[keyword_only]
        #[default(NONE)]
        limit: Value,
    ) -> PyResult {
        let function = library::part(cx, Part::TaskGetStack)?;
        call::call(cx, function, &[this.value(), limit], None)
    }
    /// Print what `get_stack` returns as a traceback, to a file or sys.stderr.
    #[method]
    fn print_stack(
        cx: &mut Cx,
        this: AnyTask,
        #[keyword_only]
        #[default(NONE)]
        limit: Value,
        #[keyword_only]
        #[default(NONE)]
        file: Value,
    ) -> PyResult {
        let function = library::part(cx, Part::TaskPrintStack)?;
        call::call(cx, function, &[this.value(), limit, file], None)
    }
    #[method]
    fn get_coro(this: AnyTask) -> Value {
        this.coroutine.get()
    }
    #[method]
    fn get_context(this: AnyTask) -> Value {
        this.context.get()
    }
    #[method]
    fn get_name(cx: &mut Cx, this: AnyTask) -> Value {
        this.shown_name(cx)
    }
    #[method]
    fn set_name(cx: &mut Cx, this: AnyTask, value: Value) -> PyResult<()> {
        this.set_name(cx, value)
    }
    #[getter]
    fn _log_destroy_pending(this: AnyTask) -> bool {
        this.future().has(LOGS_DESTROYED)
    }
    #[setter(name = "_log_destroy_pending")]
    fn set_log_destroy_pending(cx: &mut Cx, this: AnyTask, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            return Err(undeletable(cx, "Task", "_log_destroy_pending"));
        }
        let logs = operations::truth(cx, value)?;
        this.future().change(LOGS_DESTROYED, if logs { LOGS_DESTROYED } else { 0 });
        Ok(())
    }
    #[getter]
    fn _must_cancel(this: AnyTask) -> bool {
        this.future().has(MUST_CANCEL)
    }
    #[getter]
    fn _coro(this: AnyTask) -> Value {
        this.coroutine.get()
    }
    #[getter]
    fn _fut_waiter(this: AnyTask) -> Value {
        this.waiter.get()
    }
}

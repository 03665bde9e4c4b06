//! `sys._getframe` and its kin: the frames of running code.

use py_macros::py_functions;
use py_object::frames::{self, Running};
use py_object::objects::{Dict, FrameObject};
use py_object::types::int;
use py_object::{Cx, NONE, PyResult};
use vm_heap::{Gc, Value};

/// The frame so many calls above the calling one.
fn frame_at(cx: &Cx, depth: i64) -> Option<Running> {
    frames::running(cx).nth(depth.max(0) as usize)
}

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Return the frame of the calling code, or one so many calls above it.
    #[function(trace = Never)]
    fn _getframe(cx: &mut Cx, #[default(0)] depth: i64) -> PyResult<Gc<FrameObject>> {
        match frame_at(cx, depth) {
            Some(frame) => Ok(frames::object_of(cx, &frame)),
            None => Err(cx.value_error("call stack is not deep enough")),
        }
    }
    /// Return the name of the module whose code calls, or that so many calls above it; None where there is none.
    #[function(trace = Never)]
    fn _getframemodulename(
        cx: &mut Cx,
        #[keyword]
        #[default(0)]
        depth: i64,
    ) -> Value {
        match frame_at(cx, depth) {
            Some(frame) => frame.function.module.get(),
            None => NONE,
        }
    }
    /// Return a dict of the frames of threads, by the identifier of the thread.
    #[function(trace = Never)]
    fn _current_frames(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        let all = cx.dict();
        if let Some(frame) = frame_at(cx, 0) {
            let object = frames::object_of(cx, &frame);
            // SAFETY: a plain query about the calling thread.
            let me = unsafe { libc::pthread_self() };
            let me = int::from_i64(cx, me as i64);
            Dict::set(cx, all, me, object.value())?;
        }
        frames::add_frames_of_others(cx, all)?;
        Ok(all)
    }
    /// Return a dict of the exceptions that threads handle, by the identifier of the thread.
    #[function]
    fn _current_exceptions(cx: &mut Cx) -> PyResult<Gc<Dict>> {
        let all = cx.dict();
        let handled = cx.handled_now();
        // SAFETY: a plain query about the calling thread.
        let me = unsafe { libc::pthread_self() };
        let me = int::from_i64(cx, me as i64);
        Dict::set(cx, all, me, handled)?;
        frames::add_handled_by_others(cx, all)?;
        Ok(all)
    }
}

/// Enters the functions into the module.
pub fn install(cx: &mut Cx, namespace: Gc<Dict>, module: Value) {
    py_object::bootstrap::add_functions(cx, namespace, module, FUNCTIONS);
}

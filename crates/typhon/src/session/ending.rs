//! How a run ends: the exception that nobody caught, what has been put off to the end, the exit code.

use crate::traceback;
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, operations, types};
use vm_heap::Value;

/// A module that has been imported.
fn imported(cx: &mut Cx, name: &str) -> Option<Value> {
    let name = cx.intern(name);
    let modules = cx.runtime.modules.get()?;
    Dict::get_str(cx, modules, name)
}

fn attribute_of_sys(cx: &mut Cx, name: &str) -> Option<Value> {
    let sys = imported(cx, "sys")?;
    let name = cx.intern(name);
    match attribute::find(cx, sys, name) {
        Ok(found) => found.map(|(value, _)| value),
        Err(_) => {
            cx.take_raised();
            None
        }
    }
}

/// The exit code that a program's outcome stands for; an exception is shown.
pub fn exit_code(cx: &mut Cx, outcome: PyResult<()>) -> u8 {
    if outcome.is_ok() {
        return 0;
    }
    let raised = cx.take_raised();
    if types::is_instance(cx, raised, Kind::SYSTEM_EXIT) {
        return exit_status(cx, raised);
    }
    show(cx, raised);
    if types::is_instance(cx, raised, Kind::KEYBOARD_INTERRUPT) {
        return INTERRUPTED;
    }
    1
}

/// Stands for the end by a KeyboardInterrupt: as a signal, so that the shell knows.
const INTERRUPTED: u8 = 128 + libc::SIGINT as u8;

/// What a SystemExit says.
fn exit_status(cx: &mut Cx, exit: Value) -> u8 {
    let name = cx.intern("code");
    let code = match attribute::find(cx, exit, name) {
        Ok(Some((code, _))) => code,
        _ => {
            cx.take_raised();
            exit
        }
    };
    if code == NONE {
        return 0;
    }
    if types::int::is_int(code) {
        // As in CPython, what does not fit counts as -1.
        return types::int::as_i64(code).unwrap_or(-1) as u8;
    }
    flush(cx, "stdout");
    match operations::to_str(cx, code) {
        Ok(text) => {
            let text = format!("{}\n", text.to_text());
            py_modules::sys::write_error(cx, &text);
        }
        Err(_) => {
            cx.take_raised();
        }
    }
    1
}

/// Shows an exception that nobody caught, through `sys.excepthook`.
pub fn show(cx: &mut Cx, raised: Value) {
    if let (Some(sys), Some(exception)) = (imported(cx, "sys"), downcast::<Exception>(raised)) {
        let class = types::class_of(cx, raised).value();
        for (name, value) in [
            ("last_exc", raised),
            ("last_type", class),
            ("last_value", raised),
            ("last_traceback", exception.traceback.get()),
        ] {
            let name = cx.intern(name);
            if attribute::set(cx, sys, name, Some(value)).is_err() {
                cx.take_raised();
            }
        }
    }
    flush(cx, "stdout");
    let hook = attribute_of_sys(cx, "excepthook");
    let (Some(hook), Some(exception)) = (hook, downcast::<Exception>(raised)) else {
        py_modules::sys::write_error(cx, "sys.excepthook is missing\n");
        return traceback::print(cx, raised);
    };
    let class = types::class_of(cx, raised).value();
    let traceback_of = exception.traceback.get();
    if call::call(cx, hook, &[class, raised, traceback_of], None).is_err() {
        let second = cx.take_raised();
        if types::is_instance(cx, second, Kind::SYSTEM_EXIT) {
            return;
        }
        py_modules::sys::write_error(cx, "Error in sys.excepthook:\n");
        traceback::print(cx, second);
        py_modules::sys::write_error(cx, "\nOriginal exception was:\n");
        traceback::print(cx, raised);
    }
}

/// Flushes a stream of `sys`; false where that fails.
fn flush(cx: &mut Cx, name: &str) -> bool {
    let Some(stream) = attribute_of_sys(cx, name).filter(|stream| *stream != NONE) else { return true };
    let closed = cx.intern("closed");
    if let Ok(Some((closed, _))) = attribute::find(cx, stream, closed)
        && operations::truth(cx, closed) == Ok(true)
    {
        return true;
    }
    let flushed = call::call_method(cx, stream, "flush", &[]);
    if flushed.is_err() {
        let raised = cx.take_raised();
        if name == "stdout" {
            report_lost_output(cx, stream, raised);
        }
    }
    flushed.is_ok()
}

/// Says that output could not be written.
fn report_lost_output(cx: &mut Cx, stream: Value, raised: Value) {
    let name = match operations::repr(cx, stream) {
        Ok(name) => name.to_text(),
        Err(_) => {
            cx.take_raised();
            "<stdout>".to_string()
        }
    };
    py_modules::sys::write_error(cx, &format!("Exception ignored while flushing sys.stdout: {name}\n"));
    traceback::print(cx, raised);
}

/// Does what has been put off to the end and returns the final exit code; does not return after an interrupt.
pub fn finish(cx: &mut Cx, code: u8) -> u8 {
    if let Some(threading) = imported(cx, "threading")
        && call::call_method(cx, threading, "_shutdown", &[]).is_err()
    {
        let raised = cx.take_raised();
        show(cx, raised);
    }
    py_modules::wait_for_threads(cx);
    py_modules::run_exit_functions(cx);
    py_modules::sys::set_finalizing();
    py_object::finalize::run_at_exit(cx);
    let flushed = py_modules::flush_standard(cx);
    py_modules::flush_open_files(cx);
    py_modules::withdraw_signals();
    if code == INTERRUPTED {
        // SAFETY: neither call touches memory; the default action of the signal ends the process.
        unsafe {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            libc::kill(libc::getpid(), libc::SIGINT);
        }
    }
    if code == 0 && !flushed { 120 } else { code }
}

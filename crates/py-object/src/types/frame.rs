//! `frame` and `traceback`.

mod jump;
mod locals;

pub use locals::FRAME_LOCALS_PROXY_METHODS;

use crate::cx::{Cx, FALSE, NONE, PyResult, TRUE, UNBOUND};
use crate::frames::{self, has_registers, unit_of};
use crate::kinds::Kind;
use crate::object::allocate;
use crate::objects::{Code, Dict, FrameObject, Generator, Str, Traceback, Type};
use crate::string::{StrExt, downcast};
use crate::types::{class_name, int};
pub use py_code::byte_offset;
use py_macros::py_methods;
use vm_heap::{Gc, Value};

fn line_of(cx: &Cx, code: Gc<Code>, offset: usize) -> Value {
    unit_of(cx, code).line(offset).map_or(NONE, |line| Value::int(line.into()))
}

/// The line that a frame is at, or None.
pub fn line_number(cx: &Cx, frame: Gc<FrameObject>) -> Value {
    let entering = cx.tracing.entering.get();
    if entering.frame == frame.address() {
        return Value::int(entering.line.into());
    }
    if is_fresh(frame) {
        return Value::int(unit_of(cx, frame.code.get()).firstlineno.into());
    }
    line_of(cx, frame.code.get(), frames::offset_of(cx, frame))
}

/// Whether a frame is that of a generator which has not started.
fn is_fresh(frame: Gc<FrameObject>) -> bool {
    !frames::is_on_stack(frame)
        && !frame.has_registers.get()
        && downcast::<Generator>(frame.generator.get())
            .is_some_and(|generator| generator.sent_register.get() == Value::int(-1))
}

/// `f_locals`: the namespace of a module or class, a view of a function's variables.
pub fn locals_of(cx: &mut Cx, frame: Gc<FrameObject>) -> Value {
    if !has_registers(unit_of(cx, frame.code.get())) && !frames::has_hidden_variables(cx, frame) {
        return frames::namespace_of(frame.function.get());
    }
    locals::new(cx, frame)
}

/// The builtins that a frame's code sees.
pub fn builtins_of(cx: &mut Cx, globals: Gc<Dict>) -> Value {
    let name = cx.intern("__builtins__");
    match Dict::get_str(cx, globals, name) {
        Some(named) => match downcast::<crate::objects::Module>(named) {
            Some(module) => module.dict.get().value(),
            None => named,
        },
        None => cx.runtime.builtins.get().expect("made at start-up").value(),
    }
}

fn set_flag(cx: &mut Cx, value: Value) -> PyResult<bool> {
    match value {
        UNBOUND => Err(cx.type_error("can't delete numeric/char attribute")),
        TRUE | FALSE => Ok(value == TRUE),
        _ => Err(cx.type_error("attribute value type must be bool")),
    }
}

/// The methods of `frame`.
pub struct FrameMethods;

#[py_methods(FRAME)]
impl FrameMethods {
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<FrameObject>) -> PyResult<String> {
        let code = this.code.get();
        let mut text = format!("<frame at {:#x}, file ", this.address());
        super::object::push_repr(cx, &mut text, code.filename.get())?;
        let line = int::as_i64(line_number(cx, this)).unwrap_or(0);
        let name = downcast::<Str>(code.name.get()).map_or_else(String::new, |name| name.to_text());
        text.push_str(&format!(", line {line}, code {name}>"));
        Ok(text)
    }
    /// Forget the local variables of a frame that has ended or waits.
    #[method]
    fn clear(cx: &mut Cx, this: Gc<FrameObject>) -> PyResult<()> {
        if frames::is_on_stack(this) {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot clear an executing frame"));
        }
        if !this.has_registers.get()
            && let Some(generator) = downcast::<Generator>(this.generator.get())
        {
            if !is_fresh(this) {
                return Err(cx.raise(Kind::RUNTIME_ERROR, "cannot clear a suspended frame"));
            }
            let finalizer = crate::types::lookup_special(cx, generator.value(), "__del__");
            if let Some(finalizer) = finalizer {
                crate::call::call_special(cx, finalizer, generator.value(), &[], None)?;
            }
        }
        for register in frames::saved_registers(&this) {
            register.init(UNBOUND);
        }
        this.has_registers.init(true);
        this.extra.init(NONE);
        Ok(())
    }
    #[method]
    fn __sizeof__(this: Gc<FrameObject>) -> i64 {
        size_of::<FrameObject>() as i64 + 8 * this.length.get().as_int()
    }
    #[getter]
    fn f_code(this: Gc<FrameObject>) -> Gc<Code> {
        this.code.get()
    }
    #[getter]
    fn f_back(cx: &mut Cx, this: Gc<FrameObject>) -> Value {
        frames::back_of(cx, this)
    }
    #[getter]
    fn f_globals(this: Gc<FrameObject>) -> Gc<Dict> {
        this.function.get().globals.get()
    }
    #[getter]
    fn f_builtins(cx: &mut Cx, this: Gc<FrameObject>) -> Value {
        builtins_of(cx, this.function.get().globals.get())
    }
    #[getter]
    fn f_locals(cx: &mut Cx, this: Gc<FrameObject>) -> Value {
        locals_of(cx, this)
    }
    #[getter]
    fn f_generator(this: Gc<FrameObject>) -> Value {
        this.generator.get()
    }
    #[getter]
    fn f_lineno(cx: &mut Cx, this: Gc<FrameObject>) -> Value {
        line_number(cx, this)
    }
    #[setter]
    fn set_f_lineno(cx: &mut Cx, this: Gc<FrameObject>, value: Value) -> PyResult<()> {
        jump::set_line(cx, this, value)
    }
    #[getter]
    fn f_lasti(cx: &mut Cx, this: Gc<FrameObject>) -> i64 {
        let entering = cx.tracing.entering.get();
        if entering.frame == this.address() {
            return entering.place;
        }
        if is_fresh(this) { -1 } else { byte_offset(frames::offset_of(cx, this)) }
    }
    #[getter]
    fn f_trace(this: Gc<FrameObject>) -> Value {
        this.trace.get()
    }
    #[setter]
    fn set_f_trace(cx: &mut Cx, this: Gc<FrameObject>, value: Value) {
        this.trace.set(cx.mutator(), this, if value == UNBOUND { NONE } else { value });
    }
    #[getter]
    fn f_trace_lines(this: Gc<FrameObject>) -> bool {
        this.trace_lines.get()
    }
    #[setter]
    fn set_f_trace_lines(cx: &mut Cx, this: Gc<FrameObject>, value: Value) -> PyResult<()> {
        let flag = set_flag(cx, value)?;
        this.trace_lines.init(flag);
        Ok(())
    }
    #[getter]
    fn f_trace_opcodes(this: Gc<FrameObject>) -> bool {
        this.trace_opcodes.get()
    }
    #[setter]
    fn set_f_trace_opcodes(cx: &mut Cx, this: Gc<FrameObject>, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            let message = "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted";
            return Err(cx.raise(Kind::ATTRIBUTE_ERROR, message));
        }
        let flag = set_flag(cx, value)?;
        this.trace_opcodes.init(flag);
        Ok(())
    }
}

/// A link of a traceback: None or a traceback.
fn check_next(cx: &mut Cx, next: Value, wanted: &str) -> PyResult<()> {
    if next == NONE || downcast::<Traceback>(next).is_some() {
        return Ok(());
    }
    let class = class_name(cx, next);
    Err(cx.type_error(format!("expected {wanted}, got '{class}'")))
}

/// The word of the code that an entry of a traceback is about.
pub fn traceback_offset(entry: Gc<Traceback>) -> usize {
    (entry.offset.get().as_int().max(0) / 8) as usize
}

/// The line of an entry of a traceback, or None.
pub fn traceback_line(cx: &Cx, entry: Gc<Traceback>) -> Value {
    match downcast::<FrameObject>(entry.frame.get()) {
        Some(frame) if entry.line.get() == NONE => line_of(cx, frame.code.get(), traceback_offset(entry)),
        _ => entry.line.get(),
    }
}

/// The methods of `traceback`.
pub struct TracebackMethods;

#[py_methods(TRACEBACK)]
impl TracebackMethods {
    #[new(signature = "(tb_next, tb_frame, tb_lasti, tb_lineno)")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[keyword] tb_next: Value,
        #[keyword] tb_frame: Value,
        #[keyword] tb_lasti: i64,
        #[keyword] tb_lineno: i64,
    ) -> PyResult<Gc<Traceback>> {
        check_next(cx, tb_next, "traceback object or None")?;
        let Some(frame) = downcast::<FrameObject>(tb_frame) else {
            let class = class_name(cx, tb_frame);
            return Err(cx.type_error(format!("traceback() argument 'tb_frame' must be frame, not {class}")));
        };
        let line = int::from_i64(cx, tb_lineno);
        let entry = allocate::<Traceback>(cx.mutator(), Kind::TRACEBACK.shape());
        entry.next.init(tb_next);
        entry.frame.init(frame.value());
        entry.offset.init(Value::int(tb_lasti));
        entry.line.init(if tb_lineno == -1 { NONE } else { line });
        Ok(entry)
    }
    #[method]
    fn __dir__(cx: &mut Cx, _this: Value) -> PyResult<Gc<crate::objects::List>> {
        let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|name| cx.intern(name).value());
        crate::objects::List::new(cx, &names)
    }
    #[getter]
    fn tb_frame(this: Gc<Traceback>) -> Value {
        this.frame.get()
    }
    #[getter]
    fn tb_lasti(this: Gc<Traceback>) -> Value {
        this.offset.get()
    }
    #[getter]
    fn tb_lineno(cx: &mut Cx, this: Gc<Traceback>) -> Value {
        traceback_line(cx, this)
    }
    #[getter]
    fn tb_next(this: Gc<Traceback>) -> Value {
        this.next.get()
    }
    #[setter]
    fn set_tb_next(cx: &mut Cx, this: Gc<Traceback>, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            return Err(cx.type_error("can't delete tb_next attribute"));
        }
        check_next(cx, value, "traceback object")?;
        let mut link = value;
        while let Some(entry) = downcast::<Traceback>(link) {
            if entry == this {
                return Err(cx.value_error("traceback loop detected"));
            }
            link = entry.next.get();
        }
        this.next.set(cx.mutator(), this, value);
        Ok(())
    }
}

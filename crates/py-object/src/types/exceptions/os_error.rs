//! `OSError`: errors of system calls, by number.

use super::details::{self, ERRNO, FILENAME, FILENAME2, STRERROR, WRITTEN};
use crate::arguments::Keywords;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Exception, Str, Tuple, Type};
use crate::operations;
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use crate::types::{self, class_of, int};
use py_macros::py_methods;
use vm_heap::{Gc, Value};
use vm_machine::Raised;

/// The class of the error with a number.
pub fn class_of_errno(number: i64) -> Kind {
    match i32::try_from(number).unwrap_or(0) {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => Kind::BLOCKING_IO_ERROR,
        libc::EPIPE | libc::ESHUTDOWN => Kind::BROKEN_PIPE_ERROR,
        libc::ECHILD => Kind::CHILD_PROCESS_ERROR,
        libc::ECONNABORTED => Kind::CONNECTION_ABORTED_ERROR,
        libc::ECONNREFUSED => Kind::CONNECTION_REFUSED_ERROR,
        libc::ECONNRESET => Kind::CONNECTION_RESET_ERROR,
        libc::EEXIST => Kind::FILE_EXISTS_ERROR,
        libc::ENOENT => Kind::FILE_NOT_FOUND_ERROR,
        libc::EISDIR => Kind::IS_A_DIRECTORY_ERROR,
        libc::ENOTDIR => Kind::NOT_A_DIRECTORY_ERROR,
        libc::EINTR => Kind::INTERRUPTED_ERROR,
        libc::EACCES | libc::EPERM => Kind::PERMISSION_ERROR,
        libc::ESRCH => Kind::PROCESS_LOOKUP_ERROR,
        libc::ETIMEDOUT => Kind::TIMEOUT_ERROR,
        _ => Kind::OS_ERROR,
    }
}

/// What the system says about an error number.
pub fn error_text(number: i32) -> String {
    let text = std::io::Error::from_raw_os_error(number).to_string();
    // The standard library adds the number.
    text.rsplit_once(" (os error ").map_or(text.clone(), |(text, _)| text.to_string())
}

/// Raises the error of a system call: `OSError(number, text)` as the class of the number.
pub fn raise_errno(cx: &mut Cx, number: i32) -> Raised {
    raise_errno_about(cx, number, &[])
}

/// The same about one or two files.
pub fn raise_errno_about(cx: &mut Cx, number: i32, files: &[Value]) -> Raised {
    let text = Str::new(cx, &error_text(number));
    let exception = Exception::new(cx, class_of_errno(number.into()), &[Value::int(number.into()), text.value()]);
    for (index, file) in files.iter().take(2).enumerate() {
        details::set(cx, exception, FILENAME + index, *file);
    }
    crate::exception::raise(cx, exception)
}

/// Raises what the Rust standard library reports.
pub fn raise_io_error(cx: &mut Cx, error: &std::io::Error, files: &[Value]) -> Raised {
    match error.raw_os_error() {
        Some(number) => raise_errno_about(cx, number, files),
        None => cx.raise(Kind::OS_ERROR, error.to_string()),
    }
}

/// Fills an error from its arguments: number, text, file name, a number that only Windows has, second file name.
pub(crate) fn fill(cx: &mut Cx, exception: Gc<Exception>, args: Gc<Tuple>) {
    let items = tuple_items(&args);
    if !(2..=5).contains(&items.len()) {
        return;
    }
    details::set(cx, exception, ERRNO, items[0]);
    details::set(cx, exception, STRERROR, items[1]);
    let file = items.get(2).copied().unwrap_or(NONE);
    if file == NONE {
        return;
    }
    if types::is_instance(cx, exception.value(), Kind::BLOCKING_IO_ERROR) && int::is_int(file) {
        details::set(cx, exception, WRITTEN, file);
        return;
    }
    details::set(cx, exception, FILENAME, file);
    if let Some(second) = items.get(4).filter(|second| **second != NONE) {
        details::set(cx, exception, FILENAME2, *second);
    }
    let short = Tuple::new(cx, &items[..2]);
    exception.args.set(cx.mutator(), exception, short.value());
}

/// Whether a class leaves its arguments to `__init__`: it has one of its own, and not `__new__`.
fn fills_in_init(cx: &mut Cx, class: Gc<Type>) -> bool {
    let base = cx.builtin_type(Kind::OS_ERROR);
    let (init, new) = (cx.intern("__init__"), cx.intern("__new__"));
    types::lookup(cx, class, init) != types::lookup(cx, base, init)
        && types::lookup(cx, class, new) == types::lookup(cx, base, new)
}

fn no_keywords(cx: &mut Cx, class: Gc<Type>, kwargs: Keywords<'_>) -> PyResult<()> {
    if kwargs.is_empty() {
        return Ok(());
    }
    Err(cx.type_error(format!("{}() takes no keyword arguments", types::name_of(class))))
}

fn written(cx: &mut Cx, this: Gc<Exception>) -> PyResult {
    match details::get(this, WRITTEN) {
        UNBOUND => Err(cx.raise(Kind::ATTRIBUTE_ERROR, "characters_written")),
        value => Ok(value),
    }
}

/// The methods of `OSError`.
pub struct OsErrorMethods;

#[py_methods(OS_ERROR, name = "OSError")]
impl OsErrorMethods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Exception>> {
        if fills_in_init(cx, class) {
            let none = Tuple::new(cx, &[]);
            return Ok(Exception::of_class(cx, class, none.value()));
        }
        no_keywords(cx, class, kwargs)?;
        let args = Tuple::new(cx, args);
        let items = tuple_items(&args);
        let number = if (2..=5).contains(&items.len()) && int::is_int(items[0]) { int::as_i64(items[0]) } else { None };
        let class = match number {
            Some(number) if class == cx.builtin_type(Kind::OS_ERROR) => cx.builtin_type(class_of_errno(number)),
            _ => class,
        };
        let exception = Exception::of_class(cx, class, args.value());
        fill(cx, exception, args);
        Ok(exception)
    }
    #[method(signature = "($self, /, *args, **kwargs)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Exception>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<()> {
        let class = class_of(cx, this.value());
        if !fills_in_init(cx, class) {
            return Ok(());
        }
        no_keywords(cx, class, kwargs)?;
        let args = Tuple::new(cx, args);
        this.args.set(cx.mutator(), this, args.value());
        fill(cx, this, args);
        Ok(())
    }
    #[method]
    fn __str__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Str>> {
        let [number, text, file, second] =
            [ERRNO, STRERROR, FILENAME, FILENAME2].map(|index| details::get(this, index));
        if file == UNBOUND && (number == UNBOUND || text == UNBOUND) {
            return super::text_of(cx, this);
        }
        let [number, text] = [number, text].map(|part| if part == UNBOUND { NONE } else { part });
        let number = operations::to_str(cx, number)?;
        let text = operations::to_str(cx, text)?;
        let mut all = format!("[Errno {}] {}", number.to_text(), text.to_text());
        if file != UNBOUND {
            all.push_str(": ");
            types::object::push_repr(cx, &mut all, file)?;
        }
        if second != UNBOUND {
            all.push_str(" -> ");
            types::object::push_repr(cx, &mut all, second)?;
        }
        Ok(Str::new(cx, &all))
    }
    #[method]
    fn __reduce__(cx: &mut Cx, this: Gc<Exception>) -> PyResult<Gc<Tuple>> {
        let mut args = this.args.get();
        if let Some(tuple) = downcast::<Tuple>(args)
            && let [number, text] = tuple_items(&tuple)
        {
            let (file, second) = (details::get(this, FILENAME), details::get(this, FILENAME2));
            if file != UNBOUND {
                args = match second {
                    UNBOUND => cx.tuple(&[*number, *text, file]),
                    second => cx.tuple(&[*number, *text, file, NONE, second]),
                };
            }
        }
        super::reduced(cx, this, args)
    }
    /// The number of the error.
    #[getter]
    fn errno(this: Gc<Exception>) -> Value {
        details::get_or_none(this, ERRNO)
    }
    #[setter]
    fn set_errno(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, ERRNO, value);
    }
    /// What the system says about it.
    #[getter]
    fn strerror(this: Gc<Exception>) -> Value {
        details::get_or_none(this, STRERROR)
    }
    #[setter]
    fn set_strerror(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, STRERROR, value);
    }
    /// The file that it is about.
    #[getter]
    fn filename(this: Gc<Exception>) -> Value {
        details::get_or_none(this, FILENAME)
    }
    #[setter]
    fn set_filename(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, FILENAME, value);
    }
    /// The second file that it is about.
    #[getter]
    fn filename2(this: Gc<Exception>) -> Value {
        details::get_or_none(this, FILENAME2)
    }
    #[setter]
    fn set_filename2(cx: &mut Cx, this: Gc<Exception>, value: Value) {
        details::set(cx, this, FILENAME2, value);
    }
    #[getter]
    fn characters_written(cx: &mut Cx, this: Gc<Exception>) -> PyResult {
        written(cx, this)
    }
    #[setter]
    fn set_characters_written(cx: &mut Cx, this: Gc<Exception>, value: Value) -> PyResult<()> {
        if value == UNBOUND {
            written(cx, this)?;
            details::set(cx, this, WRITTEN, UNBOUND);
            return Ok(());
        }
        let number = int::index(cx, value)?;
        details::set(cx, this, WRITTEN, number);
        Ok(())
    }
}

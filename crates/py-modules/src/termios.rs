//! `termios`: settings of terminals.

mod names_table;

use crate::posix::query;
use crate::system::arguments::{CInt, Descriptor, c_int};
use crate::system::errors::blocking;
use crate::system::errors::text_of;
use crate::system::roots::RootedValue;
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::exception::as_exception;
use py_object::objects::{Bytes, Dict, List, Module, Str, Tuple, Type};
use py_object::sequence::elements;
use py_object::string::bytes_of;
use py_object::types::{self, as_type, int, list};
use py_object::{Cx, Kind, PyResult, Raised, call, downcast};
use vm_heap::{Gc, Value};

static ERROR: RootedValue = RootedValue::new();

/// `termios.error`.
fn error_class(cx: &mut Cx) -> PyResult<Gc<Type>> {
    if let Some(class) = ERROR.get().and_then(as_type) {
        return Ok(class);
    }
    let namespace = Dict::new(cx);
    let key = cx.intern("__module__");
    let module = Str::new(cx, "termios");
    Dict::set_str(cx, namespace, key, module.value())?;
    let base = cx.builtin_type(Kind::EXCEPTION).value();
    let bases = Tuple::new(cx, &[base]);
    let name = cx.intern("error");
    let metaclass = cx.builtin_type(Kind::TYPE);
    let class = types::new_class(cx, metaclass, name, bases.value(), namespace)?;
    ERROR.set(class.value());
    Ok(class)
}

fn raise(cx: &mut Cx, number: i32) -> Raised {
    let class = match error_class(cx) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let text = Str::new(cx, &text_of(number));
    match call::call(cx, class.value(), &[Value::int(i64::from(number)), text.value()], None) {
        Ok(made) => match as_exception(made) {
            Some(exception) => py_object::exception::raise(cx, exception),
            None => cx.type_error("error() did not make an exception"),
        },
        Err(raised) => raised,
    }
}

fn outcome(cx: &mut Cx, body: impl FnMut() -> libc::c_int) -> PyResult<()> {
    let mut body = body;
    let outcome = blocking(cx, || i64::from(body()))?;
    outcome.map(|_| ()).map_err(|number| raise(cx, number))
}

fn settings(cx: &mut Cx, descriptor: i32) -> PyResult<libc::termios> {
    // SAFETY: the structure can be written.
    query::<libc::termios>(cx, |found| unsafe { libc::tcgetattr(descriptor, found) })?
        .map_err(|number| raise(cx, number))
}

fn settings_value(cx: &mut Cx, found: &libc::termios) -> PyResult<Gc<List>> {
    let characters = List::new(cx, &[])?;
    let canonical = found.c_lflag & libc::ICANON != 0;
    for (at, character) in found.c_cc.iter().enumerate() {
        // Without line editing these two are numbers.
        let value = if !canonical && (at == libc::VMIN || at == libc::VTIME) {
            Value::int(i64::from(*character))
        } else {
            Bytes::checked(cx, &[*character])?.value()
        };
        List::push(cx, characters, value)?;
    }
    // SAFETY: the structure can be read.
    let speeds = unsafe { [libc::cfgetispeed(found), libc::cfgetospeed(found)] };
    let flags = [found.c_iflag, found.c_oflag, found.c_cflag, found.c_lflag, speeds[0], speeds[1]];
    let result = List::new(cx, &[])?;
    for flag in flags {
        List::push(cx, result, Value::int(i64::from(flag)))?;
    }
    List::push(cx, result, characters.value())?;
    Ok(result)
}

fn flag(cx: &mut Cx, value: Value) -> PyResult<u32> {
    let number = int::index(cx, value)?;
    match int::as_i64(number) {
        Some(number) => Ok(number as u32),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C long")),
    }
}

fn settings_from(cx: &mut Cx, descriptor: i32, given: Value) -> PyResult<libc::termios> {
    let Some(given) = downcast::<List>(given).filter(|given| list::length(*given) == 7) else {
        return Err(cx.type_error("tcsetattr, arg 3: must be 7 element list"));
    };
    let mut result = settings(cx, descriptor)?;
    let (items, _) = List::snapshot(&given);
    let at = |index: usize| elements(&items)[index].get();
    result.c_iflag = flag(cx, at(0))?;
    result.c_oflag = flag(cx, at(1))?;
    result.c_cflag = flag(cx, at(2))?;
    result.c_lflag = flag(cx, at(3))?;
    let speeds = [flag(cx, at(4))?, flag(cx, at(5))?];
    let Some(characters) = downcast::<List>(at(6)).filter(|given| list::length(*given) == libc::NCCS) else {
        let message = format!("tcsetattr: attributes[6] must be {} element list", libc::NCCS);
        return Err(cx.type_error(message));
    };
    let (items, _) = List::snapshot(&characters);
    for (place, field) in result.c_cc.iter_mut().zip(elements(&items)) {
        let value = field.get();
        *place = match downcast::<Bytes>(value).as_ref().map(bytes_of) {
            Some([byte]) => *byte,
            _ if int::is_int(value) => c_int(cx, value)? as u8,
            _ => {
                let message = "tcsetattr: elements of attributes must be characters or integers";
                return Err(cx.type_error(message));
            }
        };
    }
    // SAFETY: the structure can be written.
    let failed = unsafe {
        libc::cfsetispeed(&raw mut result, speeds[0]) < 0 || libc::cfsetospeed(&raw mut result, speeds[1]) < 0
    };
    if failed {
        return Err(raise(cx, crate::system::errors::last_error()));
    }
    Ok(result)
}

/// The functions.
pub struct Functions;

#[py_functions("termios")]
impl Functions {
    /// Get the tty attributes for file descriptor fd.
    ///
    /// Returns a list [iflag, oflag, cflag, lflag, ispeed, ospeed, cc]
    /// where cc is a list of the tty special characters.
    #[function]
    fn tcgetattr(cx: &mut Cx, fd: Descriptor) -> PyResult<Gc<List>> {
        let found = settings(cx, fd.0)?;
        settings_value(cx, &found)
    }
    /// Set the tty attributes for file descriptor fd.
    ///
    /// when is TCSANOW to change immediately, TCSADRAIN after transmitting all
    /// output, or TCSAFLUSH then also discarding input.
    #[function]
    fn tcsetattr(cx: &mut Cx, fd: Descriptor, when: CInt, attributes: Value) -> PyResult<()> {
        let new = settings_from(cx, fd.0, attributes)?;
        // SAFETY: the structure can be read.
        outcome(cx, || unsafe { libc::tcsetattr(fd.0, when.0, &raw const new) })
    }
    /// Send a break on file descriptor fd.
    #[function]
    fn tcsendbreak(cx: &mut Cx, fd: Descriptor, duration: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers; so in the functions below.
        outcome(cx, || unsafe { libc::tcsendbreak(fd.0, duration.0) })
    }
    /// Wait until all output written to file descriptor fd has been transmitted.
    #[function]
    fn tcdrain(cx: &mut Cx, fd: Descriptor) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        outcome(cx, || unsafe { libc::tcdrain(fd.0) })
    }
    /// Discard queued data on file descriptor fd.
    #[function]
    fn tcflush(cx: &mut Cx, fd: Descriptor, queue: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        outcome(cx, || unsafe { libc::tcflush(fd.0, queue.0) })
    }
    /// Suspend or resume input or output on file descriptor fd.
    #[function]
    fn tcflow(cx: &mut Cx, fd: Descriptor, action: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        outcome(cx, || unsafe { libc::tcflow(fd.0, action.0) })
    }
    /// Get the tty winsize for file descriptor fd.
    ///
    /// Returns a tuple (ws_row, ws_col).
    #[function]
    fn tcgetwinsize(cx: &mut Cx, fd: Descriptor) -> PyResult {
        // SAFETY: the structure can be written.
        let size = query::<libc::winsize>(cx, |size| unsafe { libc::ioctl(fd.0, libc::TIOCGWINSZ, size) })?;
        let size = size.map_err(|number| raise(cx, number))?;
        Ok(cx.tuple(&[Value::int(i64::from(size.ws_row)), Value::int(i64::from(size.ws_col))]))
    }
    /// Set the tty winsize for file descriptor fd, to a two-item tuple (ws_row, ws_col).
    #[function]
    fn tcsetwinsize(cx: &mut Cx, fd: Descriptor, winsize: Value) -> PyResult<()> {
        if types::lookup_special(cx, winsize, "__getitem__").is_none()
            || types::lookup_special(cx, winsize, "__len__").is_none()
        {
            return Err(cx.type_error("tcsetwinsize, arg 2: must be a two-item sequence"));
        }
        let items = types::tuple::from_iterable(cx, winsize)?;
        let [rows, columns] = py_object::sequence::tuple_items(&items) else {
            return Err(cx.type_error("tcsetwinsize, arg 2: must be a two-item sequence"));
        };
        let mut numbers = [0u16; 2];
        for (number, value) in numbers.iter_mut().zip([rows, columns]) {
            let given = int::index(cx, *value)?;
            *number = match int::as_i64(given).and_then(|number| u16::try_from(number).ok()) {
                Some(number) => number,
                None => return Err(cx.raise(Kind::OVERFLOW_ERROR, "winsize value(s) out of range.")),
            };
        }
        // SAFETY: the structure can be written.
        let size = query::<libc::winsize>(cx, |size| unsafe { libc::ioctl(fd.0, libc::TIOCGWINSZ, size) })?;
        let mut size = size.map_err(|number| raise(cx, number))?;
        [size.ws_row, size.ws_col] = numbers;
        // SAFETY: the structure can be read.
        outcome(cx, || unsafe { libc::ioctl(fd.0, libc::TIOCSWINSZ, &raw const size) })
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "termios", FUNCTIONS);
    for (name, number) in names_table::NUMBERS {
        set(cx, module, name, Value::int(*number))?;
    }
    let error = error_class(cx)?;
    set(cx, module, "error", error.value())?;
    Ok(module)
}

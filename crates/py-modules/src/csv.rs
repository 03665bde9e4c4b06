//! `_csv`: tables as text with delimiters.

mod dialect;
mod reader;
mod writer;

use crate::{class, module_of, set};
use dialect::Dialect;
use py_macros::py_functions;
use py_object::arguments::Keywords;
use py_object::bootstrap::add_methods;
use py_object::objects::{Dict, List, Module, Str};
use py_object::types::{class_of, int};
use py_object::{Cx, Kind, PyResult, Raised, downcast};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use vm_heap::{Gc, Value};

/// How fields are put into quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quoting {
    /// Where needed.
    Minimal,
    /// Always.
    All,
    /// What is no number; what is not in quotes is read as a float.
    NonNumeric,
    /// Never.
    None,
    /// Strings; None is written as nothing.
    Strings,
    /// All but None, which is written as nothing.
    NotNull,
}

const QUOTINGS: [(&str, Quoting); 6] = [
    ("QUOTE_MINIMAL", Quoting::Minimal),
    ("QUOTE_ALL", Quoting::All),
    ("QUOTE_NONNUMERIC", Quoting::NonNumeric),
    ("QUOTE_NONE", Quoting::None),
    ("QUOTE_STRINGS", Quoting::Strings),
    ("QUOTE_NOTNULL", Quoting::NotNull),
];

/// Most characters of a field that is read.
static FIELD_LIMIT: AtomicI64 = AtomicI64::new(128 << 10);

/// Raises `_csv.Error`.
fn error(cx: &mut Cx, message: impl Into<String>) -> Raised {
    cx.raise(Kind::CSV_ERROR, message.into())
}

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    crate::declare::<dialect::Dialect>();
    crate::declare::<reader::Reader>();
    crate::declare::<writer::Writer>();
    add_methods(cx, Kind::CSV_DIALECT, dialect::CSV_DIALECT_METHODS);
    add_methods(cx, Kind::CSV_READER, reader::CSV_READER_METHODS);
    crate::add_iterator(cx, Kind::CSV_READER, reader::next);
    add_methods(cx, Kind::CSV_WRITER, writer::CSV_WRITER_METHODS);
}

/// The dialects that programs registered, by name.
fn registry(cx: &mut Cx) -> PyResult<Gc<Dict>> {
    let module = crate::import(cx, "_csv")?;
    let name = cx.intern("_dialects");
    let found = downcast::<Module>(module).and_then(|module| Dict::get_str(cx, module.dict.get(), name));
    match found.and_then(downcast::<Dict>) {
        Some(registry) => Ok(registry),
        None => Err(error(cx, "unable to get the registered dialects")),
    }
}

/// A registered dialect.
fn registered(cx: &mut Cx, name: Value) -> PyResult {
    let registry = registry(cx)?;
    match Dict::get(cx, registry, name)? {
        Some(dialect) => Ok(dialect),
        None => Err(error(cx, "unknown dialect")),
    }
}

/// Checks how many positional arguments there are, of which there may be one or two.
fn one_or_two<'a>(cx: &mut Cx, name: &str, arguments: &'a [Value]) -> PyResult<(Value, Option<&'a Value>)> {
    match arguments {
        [] => Err(cx.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [first] => Ok((*first, None)),
        [first, second] => Ok((*first, Some(second))),
        more => Err(cx.type_error(format!("{name} expected at most 2 arguments, got {}", more.len()))),
    }
}

/// The dialect that the arguments of a function describe.
fn dialect_of(cx: &mut Cx, given: Option<&Value>, parameters: Keywords<'_>) -> PyResult<Gc<Dialect>> {
    let class = cx.builtin_type(Kind::CSV_DIALECT);
    let made = parameters.call(cx, class.value(), given.map_or(&[], std::slice::from_ref))?;
    match downcast::<Dialect>(made) {
        Some(dialect) => Ok(dialect),
        None => Err(cx.type_error("Dialect() did not make a dialect")),
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_csv")]
impl Functions {
    /// Return a reader object that will process lines from the given iterable.
    ///
    /// Each row is a list of strings. The lines may come from a file that was opened with newline='', or from any iterable.
    #[function(signature = "($module, iterable, /, dialect='excel', **fmtparams)")]
    fn reader(cx: &mut Cx, #[args] arguments: &[Value], #[kwargs] parameters: Keywords<'_>) -> PyResult {
        let (lines, dialect) = one_or_two(cx, "reader", arguments)?;
        reader::new(cx, lines, dialect, parameters)
    }
    /// Return a writer object that will write user data on the given file object.
    #[function(signature = "($module, fileobj, /, dialect='excel', **fmtparams)")]
    fn writer(cx: &mut Cx, #[args] arguments: &[Value], #[kwargs] parameters: Keywords<'_>) -> PyResult {
        let (file, dialect) = one_or_two(cx, "writer", arguments)?;
        writer::new(cx, file, dialect, parameters)
    }
    /// Return a list of all known dialect names.
    #[function]
    fn list_dialects(cx: &mut Cx) -> PyResult {
        let registry = registry(cx)?;
        let names = List::new(cx, &[])?;
        let iterator = py_object::operations::iterate(cx, registry.value())?;
        while let Some(name) = py_object::operations::next(cx, iterator)? {
            List::push(cx, names, name)?;
        }
        Ok(names.value())
    }
    /// Create a mapping from a string name to a dialect class.
    #[function(signature = "($module, name, /, dialect='excel', **fmtparams)")]
    fn register_dialect(cx: &mut Cx, #[args] arguments: &[Value], #[kwargs] parameters: Keywords<'_>) -> PyResult<()> {
        let (name, dialect) = one_or_two(cx, "register_dialect", arguments)?;
        if downcast::<Str>(name).is_none() {
            return Err(cx.type_error("dialect name must be a string"));
        }
        let dialect = dialect_of(cx, dialect, parameters)?;
        let registry = registry(cx)?;
        Dict::set(cx, registry, name, dialect.value())
    }
    /// Delete the name/dialect mapping associated with a string name.
    #[function]
    fn unregister_dialect(cx: &mut Cx, #[keyword] name: Value) -> PyResult<()> {
        let registry = registry(cx)?;
        match Dict::remove(cx, registry, name)? {
            Some(_) => Ok(()),
            None => Err(error(cx, "unknown dialect")),
        }
    }
    /// Return the dialect instance associated with name.
    #[function]
    fn get_dialect(cx: &mut Cx, #[keyword] name: Value) -> PyResult {
        registered(cx, name)
    }
    /// Sets an upper limit on parsed fields, and returns the old limit.
    ///
    /// If new_limit is not given, no new limit is set.
    #[function(signature = "($module, new_limit=<unrepresentable>, /)")]
    fn field_size_limit(
        cx: &mut Cx,
        #[keyword]
        #[default(py_object::UNBOUND)]
        new_limit: Value,
    ) -> PyResult<i64> {
        let old = FIELD_LIMIT.load(Relaxed);
        if new_limit != py_object::UNBOUND {
            if class_of(cx, new_limit) != cx.builtin_type(Kind::INT) {
                return Err(cx.type_error("limit must be an integer"));
            }
            match int::as_i64(new_limit) {
                Some(limit) => FIELD_LIMIT.store(limit, Relaxed),
                None => return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t")),
            }
        }
        Ok(old)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_csv", FUNCTIONS);
    for (name, quoting) in QUOTINGS {
        set(cx, module, name, Value::int(quoting as i64))?;
    }
    let registry = cx.dict();
    set(cx, module, "_dialects", registry.value())?;
    class(cx, module, Kind::CSV_DIALECT)?;
    class(cx, module, Kind::CSV_ERROR)?;
    for (name, kind) in [("Reader", Kind::CSV_READER), ("Writer", Kind::CSV_WRITER)] {
        let class = cx.builtin_type(kind);
        set(cx, module, name, class.value())?;
    }
    Ok(module)
}

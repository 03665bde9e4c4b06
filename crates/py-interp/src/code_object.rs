//! `code`: what Python sees of compiled code, and code objects made of parts.

mod build;
pub mod tables;

use crate::code::{load_body, unit_of};
use py_code::{CodeUnit, Name, Position, flags};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types;
use py_object::{Cx, Kind, NONE, NOT_IMPLEMENTED, PyResult, StrExt, bool_value, bootstrap, downcast, operations};
use vm_heap::{Gc, Value};

fn text(cx: &mut Cx, value: Value) -> String {
    let _ = cx;
    downcast::<Str>(value).map_or_else(String::new, |text| text.to_text())
}

fn strings(cx: &mut Cx, names: &[Name]) -> PyResult<Gc<Tuple>> {
    let list = List::new(cx, &[])?;
    for name in names {
        let name = cx.intern(name);
        List::push(cx, list, name.value())?;
    }
    Tuple::from_list(cx, list)
}

fn bytes(cx: &mut Cx, content: &[u8]) -> PyResult {
    Bytes::checked(cx, content).map(|bytes| bytes.value())
}

/// How many constants `co_consts` has before those of the unit: the docstring, where there is one.
fn leading_constants(unit: &CodeUnit) -> usize {
    usize::from(unit.flags & flags::HAS_DOCSTRING != 0)
}

/// `co_consts`.
fn constants(cx: &mut Cx, code: Gc<Code>) -> PyResult<Gc<Tuple>> {
    load_body(cx, code)?;
    let own = downcast::<Tuple>(code.constants.get()).expect("constants are a tuple");
    let unit = unit_of(cx, code);
    if leading_constants(unit) == 0 {
        return Ok(own);
    }
    let docstring = match &unit.docstring {
        Some(text) => Str::from_wtf8(cx, text.as_bytes()).value(),
        None => NONE,
    };
    let list = List::new(cx, &[docstring])?;
    for constant in tuple_items(&own) {
        List::push(cx, list, *constant)?;
    }
    Tuple::from_list(cx, list)
}

/// Whether two constants are the same in type and value.
fn same_constant(cx: &mut Cx, lhs: Value, rhs: Value) -> PyResult<bool> {
    if lhs == rhs {
        return Ok(true);
    }
    if types::class_of(cx, lhs) != types::class_of(cx, rhs) {
        return Ok(false);
    }
    if let (Some(lhs), Some(rhs)) = (downcast::<Tuple>(lhs), downcast::<Tuple>(rhs)) {
        let (lhs, rhs) = (tuple_items(&lhs), tuple_items(&rhs));
        if lhs.len() != rhs.len() {
            return Ok(false);
        }
        for (lhs, rhs) in lhs.iter().zip(rhs) {
            if !same_constant(cx, *lhs, *rhs)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let (Some(lhs), Some(rhs)) = (operations::as_float(lhs), operations::as_float(rhs)) {
        return Ok(lhs.to_bits() == rhs.to_bits());
    }
    operations::equal(cx, lhs, rhs)
}

fn same_code(cx: &mut Cx, lhs: Gc<Code>, rhs: Gc<Code>) -> PyResult<bool> {
    let (x, y) = (unit_of(cx, lhs), unit_of(cx, rhs));
    let same = std::ptr::eq(x, y)
        || x.name == y.name
            && x.argcount == y.argcount
            && x.posonlyargcount == y.posonlyargcount
            && x.kwonlyargcount == y.kwonlyargcount
            && x.flags == y.flags
            && x.firstlineno == y.firstlineno
            && x.code == y.code
            && x.const_words == y.const_words
            && x.names == y.names
            && x.varnames == y.varnames
            && x.cellvars == y.cellvars
            && x.freevars == y.freevars
            && x.positions == y.positions
            && x.exception_table == y.exception_table
            && x.docstring == y.docstring;
    if !same {
        return Ok(false);
    }
    let (lhs, rhs) = (constants(cx, lhs)?, constants(cx, rhs)?);
    same_constant(cx, lhs.value(), rhs.value())
}

/// Positions as tuples; None stands for what is not known.
fn position_tuple(cx: &mut Cx, position: Position) -> Value {
    if position.line == 0 {
        return cx.tuple(&[NONE; 4]);
    }
    let parts = [position.line, position.end_line, position.column, position.end_column];
    cx.tuple(&parts.map(|part| Value::int(part.into())))
}

/// The methods.
pub struct Methods;

#[py_methods(CODE)]
impl Methods {
    #[new(
        signature = "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)"
    )]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Code>> {
        if !kwargs.is_empty() {
            return Err(cx.type_error("code() takes no keyword arguments"));
        }
        build::from_arguments(cx, args)
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Code>) -> String {
        let unit = unit_of(cx, this);
        let (name, file) = (text(cx, this.name.get()), text(cx, this.filename.get()));
        format!("<code object {name} at {:#x}, file \"{file}\", line {}>", this.address(), unit.firstlineno)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Code>, value: Value) -> PyResult {
        match downcast::<Code>(value) {
            Some(other) => same_code(cx, this, other).map(bool_value),
            None => Ok(NOT_IMPLEMENTED),
        }
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Code>) -> PyResult<i64> {
        let unit = unit_of(cx, this);
        let name = operations::hash(cx, this.name.get())?;
        let numbers = [unit.argcount, unit.kwonlyargcount, unit.flags, unit.firstlineno, unit.code.len() as u32];
        let hash = numbers.iter().fold(name, |hash, number| hash.rotate_left(7) ^ u64::from(*number));
        Ok((hash >> 2) as i64)
    }
    #[method]
    fn __sizeof__(cx: &mut Cx, this: Gc<Code>) -> i64 {
        (size_of::<Code>() + 8 * unit_of(cx, this).code.len()) as i64
    }
    /// Return a copy of the code object with some of its parts replaced.
    #[method(signature = "($self, /, **changes)")]
    fn replace(cx: &mut Cx, this: Value, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<Gc<Code>> {
        if !args.is_empty() {
            return Err(cx.type_error(format!("replace() takes 0 positional arguments but {} given", args.len())));
        }
        build::replaced(cx, this, kwargs)
    }
    /// The same as replace().
    #[method(signature = "($self, /, **changes)")]
    fn __replace__(
        cx: &mut Cx,
        this: Value,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Code>> {
        Methods::replace(cx, this, args, kwargs)
    }
    /// Return an iterator of (start, end, line) by offsets into co_code.
    #[method]
    fn co_lines(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        let unit = unit_of(cx, this);
        let list = List::new(cx, &[])?;
        let mut from = 0;
        let mut line = unit.position(0).line;
        // Entering the code is no instruction, and still at a line: it is given the first bytes of the first instruction.
        let mut start = 0;
        let entry = if unit.name == "<module>" { 0 } else { unit.firstlineno };
        if line != entry && line != 0 {
            let range = cx.tuple(&[Value::int(0), Value::int(2), Value::int(entry.into())]);
            List::push(cx, list, range)?;
            start = 2;
        }
        let ends = unit.positions.iter().map(|entry| (entry.offset, entry.position.line));
        for (offset, next) in ends.chain([(unit.code.len() as u32, u32::MAX)]) {
            if next == line || offset == 0 && next != u32::MAX {
                continue;
            }
            let number = match line {
                0 => unit.line(from as usize).map_or(NONE, |line| Value::int(line.into())),
                line => Value::int(line.into()),
            };
            let range =
                cx.tuple(&[Value::int((8 * i64::from(from)).max(start)), Value::int(8 * i64::from(offset)), number]);
            List::push(cx, list, range)?;
            (from, line) = (offset, next);
        }
        operations::iterate(cx, list.value())
    }
    /// Return an iterator of (place, where left leads, where right leads) for each branch.
    #[method]
    fn co_branches(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        let unit = unit_of(cx, this);
        let list = List::new(cx, &[])?;
        for branch in unit.branches() {
            let places = [py_code::byte_offset(branch.source), branch.left, branch.right].map(Value::int);
            let branch = cx.tuple(&places);
            List::push(cx, list, branch)?;
        }
        operations::iterate(cx, list.value())
    }
    /// Return an iterator of (line, end line, column, end column) for each pair of bytes of co_code.
    #[method]
    fn co_positions(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        let unit = unit_of(cx, this);
        let list = List::new(cx, &[])?;
        let mut last = (Position::default(), position_tuple(cx, Position::default()));
        let entry = if unit.name == "<module>" { 0 } else { unit.firstlineno };
        for offset in 0..unit.code.len() {
            let position = unit.position(offset);
            if position != last.0 {
                last = (position, position_tuple(cx, position));
            }
            for part in 0..4 {
                let mut position = last.1;
                if part == 0 && offset == 0 && last.0.line != entry && last.0.line != 0 {
                    position = cx.tuple(&[entry, entry.max(1), 0, 0].map(|part| Value::int(part.into())));
                }
                List::push(cx, list, position)?;
            }
        }
        operations::iterate(cx, list.value())
    }
    /// The name of the local variable with this number.
    #[method]
    fn _varname_from_oparg(cx: &mut Cx, this: Gc<Code>, #[keyword] oparg: i64) -> PyResult<Gc<Str>> {
        let unit = unit_of(cx, this);
        let at = usize::try_from(oparg).unwrap_or(usize::MAX);
        match unit.varnames.iter().chain(&unit.cellvars).chain(&unit.freevars).nth(at) {
            Some(name) => Ok(cx.intern(name)),
            None => Err(cx.raise(Kind::INDEX_ERROR, "tuple index out of range")),
        }
    }
    #[getter]
    fn co_name(this: Gc<Code>) -> Value {
        this.name.get()
    }
    #[getter]
    fn co_qualname(this: Gc<Code>) -> Value {
        this.qualname.get()
    }
    #[getter]
    fn co_filename(this: Gc<Code>) -> Value {
        this.filename.get()
    }
    #[getter]
    fn co_flags(this: Gc<Code>) -> Value {
        this.flags.get()
    }
    #[getter]
    fn co_argcount(cx: &mut Cx, this: Gc<Code>) -> i64 {
        unit_of(cx, this).argcount.into()
    }
    #[getter]
    fn co_posonlyargcount(cx: &mut Cx, this: Gc<Code>) -> i64 {
        unit_of(cx, this).posonlyargcount.into()
    }
    #[getter]
    fn co_kwonlyargcount(cx: &mut Cx, this: Gc<Code>) -> i64 {
        unit_of(cx, this).kwonlyargcount.into()
    }
    #[getter]
    fn co_nlocals(cx: &mut Cx, this: Gc<Code>) -> i64 {
        unit_of(cx, this).nlocals.into()
    }
    #[getter]
    fn co_stacksize(cx: &mut Cx, this: Gc<Code>) -> i64 {
        let unit = unit_of(cx, this);
        i64::from(unit.frame_size) - i64::from(unit.nlocals)
    }
    #[getter]
    fn co_firstlineno(cx: &mut Cx, this: Gc<Code>) -> i64 {
        unit_of(cx, this).firstlineno.into()
    }
    #[getter]
    fn co_names(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        load_body(cx, this)?;
        Ok(this.names.get())
    }
    #[getter]
    fn co_varnames(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        load_body(cx, this)?;
        Ok(this.variable_names.get())
    }
    #[getter]
    fn co_cellvars(cx: &mut Cx, this: Gc<Code>) -> PyResult<Gc<Tuple>> {
        let unit = unit_of(cx, this);
        strings(cx, &unit.cellvars)
    }
    #[getter]
    fn co_freevars(cx: &mut Cx, this: Gc<Code>) -> PyResult<Gc<Tuple>> {
        let unit = unit_of(cx, this);
        strings(cx, &unit.freevars)
    }
    #[getter]
    fn co_consts(cx: &mut Cx, this: Gc<Code>) -> PyResult<Gc<Tuple>> {
        constants(cx, this)
    }
    #[getter]
    fn co_code(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        let unit = unit_of(cx, this);
        bytes(cx, &tables::code_bytes(unit, leading_constants(unit)))
    }
    #[getter]
    fn _co_code_adaptive(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        Methods::co_code(cx, this)
    }
    #[getter]
    fn co_linetable(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        let unit = unit_of(cx, this);
        bytes(cx, &tables::line_table(unit))
    }
    #[getter]
    fn co_exceptiontable(cx: &mut Cx, this: Gc<Code>) -> PyResult {
        let unit = unit_of(cx, this);
        bytes(cx, &tables::exception_table(unit))
    }
}

/// Gives code objects their methods.
pub fn install(cx: &mut Cx) {
    bootstrap::add_methods(cx, Kind::CODE, CODE_METHODS);
}

//! Code objects made of parts, by the constructor and by `replace`.

use super::{leading_constants, tables};
use crate::code::{load_with_constants, unit_of};
use py_code::{CodeUnit, Const, Name, Opcode, Text};
use py_object::arguments::Keywords;
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{class_name, int};
use py_object::{Cx, PyResult, StrExt, downcast};
use vm_heap::{Gc, Value};

/// The parameters of the constructor, with the attributes that `replace` takes them from.
const PARTS: [(&str, &str); 18] = [
    ("argcount", "co_argcount"),
    ("posonlyargcount", "co_posonlyargcount"),
    ("kwonlyargcount", "co_kwonlyargcount"),
    ("nlocals", "co_nlocals"),
    ("stacksize", "co_stacksize"),
    ("flags", "co_flags"),
    ("codestring", "co_code"),
    ("constants", "co_consts"),
    ("names", "co_names"),
    ("varnames", "co_varnames"),
    ("filename", "co_filename"),
    ("name", "co_name"),
    ("qualname", "co_qualname"),
    ("firstlineno", "co_firstlineno"),
    ("linetable", "co_linetable"),
    ("exceptiontable", "co_exceptiontable"),
    ("freevars", "co_freevars"),
    ("cellvars", "co_cellvars"),
];

/// Positions of the parameters that are no numbers.
const CODE: usize = 6;
const FILENAME: usize = 10;
const FIRST_LINE: usize = 13;
const LINE_TABLE: usize = 14;

/// What is being called, for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Constructor,
    Replace,
}

impl Caller {
    fn argument(self, index: usize) -> String {
        match self {
            Caller::Constructor => format!("code() argument {}", index + 1),
            Caller::Replace => format!("replace() argument '{}'", PARTS[index].1),
        }
    }
}

/// `code(…)`.
pub fn from_arguments(cx: &mut Cx, args: &[Value]) -> PyResult<Gc<Code>> {
    if args.len() < 16 {
        return Err(cx.type_error(format!("code expected at least 16 arguments, got {}", args.len())));
    }
    if args.len() > 18 {
        return Err(cx.type_error(format!("code expected at most 18 arguments, got {}", args.len())));
    }
    let empty = Tuple::new(cx, &[]).value();
    let mut parts = [empty; 18];
    parts[..args.len()].copy_from_slice(args);
    build(cx, &parts, Caller::Constructor)
}

/// `code.replace(…)`.
pub fn replaced(cx: &mut Cx, code: Value, changes: Keywords<'_>) -> PyResult<Gc<Code>> {
    for (name, _) in changes.iter() {
        let name = name.to_text();
        if !PARTS.iter().any(|(_, attribute)| *attribute == name) {
            return Err(cx.type_error(format!("replace() got an unexpected keyword argument '{name}'")));
        }
    }
    let mut parts = [code; 18];
    for (part, (_, attribute)) in parts.iter_mut().zip(PARTS) {
        *part = match changes.get(attribute) {
            Some(value) => value,
            None => {
                let name = cx.intern(attribute);
                py_object::attribute::get(cx, code, name)?
            }
        };
    }
    build(cx, &parts, Caller::Replace)
}

fn number(cx: &mut Cx, parts: &[Value; 18], index: usize, caller: Caller) -> PyResult<u32> {
    let value = int::index(cx, parts[index])?;
    match int::as_i64(value).map(u32::try_from) {
        Some(Ok(number)) => Ok(number),
        _ if caller == Caller::Replace => Err(cx.value_error(format!("{} must be a positive integer", PARTS[index].1))),
        _ if index == FIRST_LINE => Ok(1),
        _ => Err(cx.value_error(format!("code: {} must not be negative", PARTS[index].0))),
    }
}

fn wrong_class(cx: &mut Cx, caller: Caller, index: usize, wanted: &str, value: Value) -> py_object::Raised {
    let (argument, class) = (caller.argument(index), class_name(cx, value));
    cx.type_error(format!("{argument} must be {wanted}, not {class}"))
}

fn string(cx: &mut Cx, parts: &[Value; 18], index: usize, caller: Caller) -> PyResult<String> {
    match downcast::<Str>(parts[index]) {
        Some(text) => Ok(text.to_text()),
        None => Err(wrong_class(cx, caller, index, "str", parts[index])),
    }
}

fn tuple(cx: &mut Cx, parts: &[Value; 18], index: usize, caller: Caller) -> PyResult<Gc<Tuple>> {
    match downcast::<Tuple>(parts[index]) {
        Some(tuple) => Ok(tuple),
        None => Err(wrong_class(cx, caller, index, "tuple", parts[index])),
    }
}

fn strings(cx: &mut Cx, parts: &[Value; 18], index: usize, caller: Caller) -> PyResult<Vec<Name>> {
    let names = tuple(cx, parts, index, caller)?;
    let mut texts = Vec::new();
    for name in tuple_items(&names) {
        match downcast::<Str>(*name) {
            Some(name) => texts.push(name.to_text().into()),
            None if caller == Caller::Replace => {
                return Err(cx.raise(py_object::Kind::SYSTEM_ERROR, "non-string found in code slot"));
            }
            None => {
                let class = class_name(cx, *name);
                return Err(cx.type_error(format!("name tuples must contain only strings, not '{class}'")));
            }
        }
    }
    Ok(texts)
}

fn byte_string(cx: &mut Cx, parts: &[Value; 18], index: usize, caller: Caller) -> PyResult<Vec<u8>> {
    match downcast::<Bytes>(parts[index]) {
        Some(bytes) => Ok(py_object::string::bytes_of(&bytes).to_vec()),
        None => Err(wrong_class(cx, caller, index, "bytes", parts[index])),
    }
}

fn build(cx: &mut Cx, parts: &[Value; 18], caller: Caller) -> PyResult<Gc<Code>> {
    let mut numbers = [0; 6];
    for (index, place) in numbers.iter_mut().enumerate() {
        *place = number(cx, parts, index, caller)?;
    }
    let [argcount, posonlyargcount, kwonlyargcount, nlocals, stack, unit_flags] = numbers;
    let code = byte_string(cx, parts, CODE, caller)?;
    let constants = tuple(cx, parts, CODE + 1, caller)?;
    let mut unit = CodeUnit {
        argcount,
        posonlyargcount,
        kwonlyargcount,
        nlocals,
        frame_size: nlocals.saturating_add(stack),
        flags: unit_flags,
        names: strings(cx, parts, CODE + 2, caller)?,
        varnames: strings(cx, parts, CODE + 3, caller)?,
        filename: string(cx, parts, FILENAME, caller)?.into(),
        name: string(cx, parts, FILENAME + 1, caller)?.into(),
        qualname: string(cx, parts, FILENAME + 2, caller)?.into(),
        firstlineno: number(cx, parts, FIRST_LINE, caller)?,
        freevars: strings(cx, parts, LINE_TABLE + 2, caller)?,
        cellvars: strings(cx, parts, LINE_TABLE + 3, caller)?,
        ..CodeUnit::default()
    };
    let lines = byte_string(cx, parts, LINE_TABLE, caller)?;
    let handlers = byte_string(cx, parts, LINE_TABLE + 1, caller)?;
    let leading = leading_constants(&unit);
    let items = tuple_items(&constants);
    if leading != 0 {
        let Some(text) = items.first().and_then(|docstring| downcast::<Str>(*docstring)) else {
            return Err(cx.value_error("code: the first constant must be the docstring"));
        };
        unit.docstring = Some(Text::from_code_points(py_object::types::str::code_points(text.bytes())));
    }
    let own = Tuple::new(cx, &items[leading.min(items.len())..]);
    let known = tables::parse_code(&code, leading);
    let Some(words) = known else { return Err(refuse(cx, "co_code does not decode")) };
    unit.code = words.code;
    unit.const_words = words.constants;
    match tables::parse_line_table(&lines) {
        Some(positions) => unit.positions = positions.into(),
        None => return Err(refuse(cx, "co_linetable does not decode")),
    }
    if !tables::parse_exception_table(&handlers, &mut unit) {
        return Err(refuse(cx, "co_code and co_exceptiontable do not belong together"));
    }
    if let Some(problem) = problem(cx, &mut unit, own) {
        return Err(refuse(cx, &problem));
    }
    load_with_constants(cx, unit, own)
}

fn refuse(cx: &mut Cx, problem: &str) -> py_object::Raised {
    cx.value_error(format!("code: {problem}"))
}

/// What the interpreter could not run.
fn problem(cx: &Cx, unit: &mut CodeUnit, constants: Gc<Tuple>) -> Option<String> {
    let parameters = unit.parameters();
    if unit.posonlyargcount > unit.argcount {
        return Some("more positional-only arguments than arguments".to_string());
    }
    if parameters > unit.varnames.len() {
        return Some("co_varnames is too small".to_string());
    }
    if unit.varnames.len() != unit.nlocals as usize {
        return Some("co_nlocals != len(co_varnames)".to_string());
    }
    if unit.cell_registers.len() != unit.cellvars.len() || unit.free_registers.len() != unit.freevars.len() {
        return Some("number of cell or free variables differs from that of the instructions".to_string());
    }
    let outside = |register: &u16| u32::from(*register) >= unit.frame_size;
    if unit.frame_size > 60_000 || unit.cell_registers.iter().chain(&unit.free_registers).any(outside) {
        return Some("registers lie outside the frame".to_string());
    }
    // For the verifier constants only have to be there, and code to be code.
    let items = tuple_items(&constants);
    unit.consts = items
        .iter()
        .map(|item| match downcast::<Code>(*item) {
            Some(code) => Const::Code(std::sync::Arc::new(unit_of(cx, code).clone().into())),
            None => Const::None,
        })
        .collect();
    let verified = py_code::verify(unit);
    let names_missing = unit.instructions().find_map(|(offset, instruction)| {
        let word = match instruction.opcode() {
            Opcode::CallKw | Opcode::CallMethodKw => offset + 2,
            _ => return None,
        };
        let found = unit.const_words.iter().find(|(place, _)| *place as usize == word)?;
        let names = items.get(found.1 as usize).and_then(|names| downcast::<Tuple>(*names));
        let fits = names.is_some_and(|names| {
            let names = tuple_items(&names);
            names.len() <= instruction.c() as usize && names.iter().all(|name| downcast::<Str>(*name).is_some())
        });
        (!fits).then(|| "keyword names must be a tuple of strings".to_string())
    });
    unit.consts = vec![Const::None; items.len()];
    verified.err().map(|error| error.to_string()).or(names_missing)
}

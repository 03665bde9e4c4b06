//! `_opcode`: the opcode table and listings of code, for the library's `opcode` and `dis`.

use crate::code::unit_of;
use py_code::{Field, Kind as OperandKind, Opcode, Position};
use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_module};
use py_object::objects::*;
use py_object::types::class_name;
use py_object::{Cx, NONE, PyResult, downcast};
use vm_heap::{Gc, Value};

fn code_argument(cx: &mut Cx, code: Value) -> PyResult<Gc<Code>> {
    match downcast::<Code>(code) {
        Some(code) => Ok(code),
        None => {
            let message = format!("expected a code object, got {}", class_name(cx, code));
            Err(cx.type_error(message))
        }
    }
}

fn text_tuple<'a>(cx: &mut Cx, texts: impl std::iter::Iterator<Item = &'a str>) -> PyResult {
    let list = List::new(cx, &[])?;
    for text in texts {
        let text = cx.intern(text);
        List::push(cx, list, text.value())?;
    }
    Ok(Tuple::from_list(cx, list)?.value())
}

fn position_value(cx: &mut Cx, position: Position) -> Value {
    if position.line == 0 {
        return NONE;
    }
    let parts = [position.line, position.end_line, position.column, position.end_column];
    cx.tuple(&parts.map(|part| Value::int(part.into())))
}

/// What an operand means, as a word that `dis` shows it by.
fn meaning(kind: OperandKind) -> &'static str {
    match kind {
        OperandKind::Name => "name",
        OperandKind::Local => "local",
        OperandKind::Free => "free",
        OperandKind::Deref => "deref",
        OperandKind::Constant | OperandKind::Code => "constant",
        OperandKind::Offset | OperandKind::ShortOffset => "jump",
        OperandKind::Int
        | OperandKind::Short
        | OperandKind::Count
        | OperandKind::Pairs
        | OperandKind::BeforeAfter
        | OperandKind::Inplace
        | OperandKind::Conversion
        | OperandKind::FunctionFlags
        | OperandKind::Special
        | OperandKind::Explicit
        | OperandKind::Delegating
        | OperandKind::Hidden
        | OperandKind::Awaited
        | OperandKind::TypeParam => "number",
        _ => "register",
    }
}

/// The value that an operand stands for, and how it is written: a name, a constant, a register, an offset, a number.
fn operand(cx: &mut Cx, code: Gc<Code>, offset: usize, field: Field, kind: OperandKind) -> PyResult {
    let unit = unit_of(cx, code);
    let number = unit.operand(offset, field, kind);
    let named = |names: &[py_code::Name]| usize::try_from(number).ok().and_then(|at| names.get(at)).cloned();
    let value = match meaning(kind) {
        "name" => named(&unit.names).map(|name| cx.intern(&name).value()),
        "local" => named(&unit.varnames).map(|name| cx.intern(&name).value()),
        "free" => named(&unit.freevars).map(|name| cx.intern(&name).value()),
        "deref" => {
            let all: Vec<py_code::Name> = unit.cellvars.iter().chain(&unit.freevars).cloned().collect();
            named(&all).map(|name| cx.intern(&name).value())
        }
        "constant" => {
            let word = offset as u32 + if field == Field::e { 1 } else { 2 };
            let index = unit.const_words.iter().find(|(place, _)| *place == word).map(|(_, index)| *index);
            crate::code::load_body(cx, code)?;
            let constants = downcast::<Tuple>(code.constants.get());
            match (index, constants) {
                (Some(index), Some(constants)) => {
                    py_object::sequence::tuple_items(&constants).get(index as usize).copied()
                }
                _ => None,
            }
        }
        "jump" => unit.jump_target(offset).map(|target| Value::int(target as i64)),
        _ => None,
    };
    let word = cx.intern(meaning(kind)).value();
    let number = py_object::types::int::from_i64(cx, number);
    Ok(cx.tuple(&[word, number, value.unwrap_or(number)]))
}

/// The functions.
pub struct Functions;

#[py_functions("_opcode")]
impl Functions {
    /// Return the names of the opcodes in the order of their numbers.
    #[function]
    fn names(cx: &mut Cx) -> PyResult {
        text_tuple(cx, Opcode::ALL.iter().map(|opcode| opcode.snake_name()))
    }
    /// Return what the operands of an opcode mean.
    #[function]
    fn operands(cx: &mut Cx, opcode: i64) -> PyResult {
        match u8::try_from(opcode).ok().and_then(Opcode::from_byte) {
            Some(opcode) => text_tuple(cx, opcode.operands().iter().map(|operand| meaning(operand.kind))),
            None => Err(cx.value_error("invalid opcode")),
        }
    }
    /// Return the number of words of an instruction, those of its caches included.
    #[function]
    fn words(cx: &mut Cx, opcode: i64) -> PyResult<usize> {
        match u8::try_from(opcode).ok().and_then(Opcode::from_byte) {
            Some(opcode) => Ok(opcode.size()),
            None => Err(cx.value_error("invalid opcode")),
        }
    }
    /// Return whether an opcode has this number.
    #[function]
    fn is_valid(opcode: i64) -> bool {
        u8::try_from(opcode).ok().and_then(Opcode::from_byte).is_some()
    }
    /// Return 0: operands are registers, there is no stack.
    #[function(signature = "(opcode, oparg=None, /, *, jump=None)")]
    fn stack_effect(
        cx: &mut Cx,
        opcode: i64,
        #[default(NONE)] oparg: Value,
        #[keyword_only]
        #[default(NONE)]
        jump: Value,
    ) -> PyResult<i64> {
        let _ = (oparg, jump);
        match u8::try_from(opcode).ok().and_then(Opcode::from_byte) {
            Some(_) => Ok(0),
            None => Err(cx.value_error("invalid opcode or oparg")),
        }
    }
    /// Return the instructions of a code object: offset in words, opcode, operands and position of each.
    #[function]
    fn instructions(cx: &mut Cx, code: Value) -> PyResult<Gc<List>> {
        let code = code_argument(cx, code)?;
        let unit = unit_of(cx, code);
        let list = List::new(cx, &[])?;
        for (offset, instruction) in unit.instructions() {
            let opcode = instruction.opcode();
            let operands = List::new(cx, &[])?;
            for one in opcode.operands() {
                let operand = operand(cx, code, offset, one.field, one.kind)?;
                List::push(cx, operands, operand)?;
            }
            let operands = Tuple::from_list(cx, operands)?.value();
            let position = position_value(cx, unit.position(offset));
            let entry = cx.tuple(&[Value::int(offset as i64), Value::int(opcode as i64), operands, position]);
            List::push(cx, list, entry)?;
        }
        Ok(list)
    }
    /// Return the handlers of a code object: start, end and target in words, and the register of the exception.
    #[function]
    fn handlers(cx: &mut Cx, code: Value) -> PyResult<Gc<List>> {
        let code = code_argument(cx, code)?;
        let list = List::new(cx, &[])?;
        for range in &unit_of(cx, code).exception_table {
            let parts = [range.start, range.end, range.target, range.register.into()];
            let entry = cx.tuple(&parts.map(|part| Value::int(part.into())));
            List::push(cx, list, entry)?;
        }
        Ok(list)
    }
    /// Return None: there are no executors.
    #[function]
    fn get_executor(cx: &mut Cx, #[keyword] code: Value, #[keyword] offset: i64) -> PyResult {
        let _ = offset;
        code_argument(cx, code).map(|_| NONE)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "_opcode");
    add_functions(cx, module.dict.get(), module.value(), FUNCTIONS);
    for name in ["ENABLE_SPECIALIZATION", "ENABLE_SPECIALIZATION_FT"] {
        let name = cx.intern(name);
        Dict::set_str(cx, module.dict.get(), name, py_object::bool_value(false))?;
    }
    Ok(module)
}

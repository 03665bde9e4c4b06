//! Loading code units into the heap, and what calls need to know of loaded code.

use py_code::{CodeUnit, Const, Opcode, Text};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, is_exactly, lookup};
use py_object::{
    Cx, ELLIPSIS, Kind, NONE, PyResult, Runtime, UNBOUND, allocate, call, downcast, shapes, try_allocate_tail,
};
use vm_heap::{Gc, Value};
use vm_machine::{FrameEntry, Instruction};

pub use py_object::frames::{code_of, function_of, unit_of};
pub use py_object::types::class::new_function;

/// Registers of the frame that holds an instance under construction.
pub const CONSTRUCTOR_FRAME: u32 = 2;
static CONSTRUCTOR_CODE: [u64; 1] = [Opcode::ConstructorReturn as u64];

/// Code of a constructor's frame.
pub fn constructor_return() -> *const u64 {
    CONSTRUCTOR_CODE.as_ptr()
}

/// Makes a code object of a unit, which is kept for the life of the process.
pub fn load(cx: &mut Cx, unit: CodeUnit) -> PyResult<Gc<Code>> {
    load_static(cx, Box::leak(Box::new(unit)))
}

/// Makes a code object of a unit whose constants are given.
pub fn load_with_constants(cx: &mut Cx, unit: CodeUnit, constants: Gc<Tuple>) -> PyResult<Gc<Code>> {
    place(cx, Box::leak(Box::new(unit)), constants)
}

fn load_static(cx: &mut Cx, unit: &'static CodeUnit) -> PyResult<Gc<Code>> {
    let constants = Array::checked(cx, unit.consts.len())?;
    for (index, constant) in unit.consts.iter().enumerate() {
        let value = load_constant(cx, constant)?;
        py_object::sequence::elements(&constants)[index].set(cx.mutator(), constants, value);
    }
    let constants = array_to_tuple(cx, constants);
    place(cx, unit, constants)
}

fn place(cx: &mut Cx, unit: &'static CodeUnit, constants: Gc<Tuple>) -> PyResult<Gc<Code>> {
    let runtime: &'static Runtime = cx.runtime;
    let Some(bytecode) = try_allocate_tail::<Bytecode>(cx.mutator(), shapes::RAW, unit.code.len()) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    bytecode.code.init(NONE);
    let entry = bytecode.address() + size_of::<Bytecode>();
    // SAFETY: the object was just made with room for this many words; nobody else knows it.
    let words = unsafe { std::slice::from_raw_parts_mut(entry as *mut u64, unit.code.len()) };
    words.copy_from_slice(&unit.code);
    for (word, constant) in &unit.const_words {
        words[*word as usize] = tuple_items(&constants)[*constant as usize].bits();
    }
    let generator =
        unit.flags & (py_code::flags::GENERATOR | py_code::flags::COROUTINE | py_code::flags::ASYNC_GENERATOR);
    if generator != 0 {
        for (offset, instruction) in unit.instructions() {
            match instruction.opcode() {
                Opcode::Return => words[offset] = words[offset] & !0xffff | Opcode::GeneratorReturn as u64,
                Opcode::ReturnNone => words[offset] = Opcode::GeneratorReturn as u64 | 1 << 8,
                _ => {}
            }
        }
    }
    let names = strings(cx, &unit.names)?;
    let variable_names = strings(cx, &unit.varnames)?;
    let simple = unit.kwonlyargcount == 0 && unit.flags & (py_code::flags::VARARGS | py_code::flags::VARKEYWORDS) == 0;
    let (name, qualname, filename) = (cx.intern(&unit.name), cx.intern(&unit.qualname), cx.intern(&unit.filename));
    let number = runtime.add_unit(unit);
    let code = allocate::<Code>(cx.mutator(), shapes::CODE);
    code.bytecode.init(bytecode);
    code.entry.init(entry as u64);
    code.frame_size.init(Value::int(unit.frame_size as i64));
    code.simple_arguments.init(Value::int(if simple { unit.argcount as i64 } else { -1 }));
    code.unit.init(Value::int(number as i64));
    code.names.init(names);
    code.variable_names.init(variable_names);
    code.constants.init(constants.value());
    code.name.init(name.value());
    code.qualname.init(qualname.value());
    code.filename.init(filename.value());
    code.flags.init(Value::int(unit.flags as i64));
    code.home.init(NONE);
    code.guarded.init(generator != 0 && crate::generator::is_guarded(unit));
    bytecode.code.set(cx.mutator(), bytecode, code.value());
    runtime.add_code(code);
    Ok(code)
}

fn array_to_tuple(cx: &mut Cx, array: Gc<Array>) -> Gc<Tuple> {
    let length = array.length.get().as_int() as usize;
    let list = List::with_storage(cx, array, length);
    match Tuple::from_list(cx, list) {
        Ok(tuple) => tuple,
        Err(_) => panic!("out of memory for a tuple of {length} items"),
    }
}

fn strings(cx: &mut Cx, texts: &[String]) -> PyResult {
    let array = Array::checked(cx, texts.len())?;
    for (index, text) in texts.iter().enumerate() {
        let string = cx.intern(text);
        py_object::sequence::elements(&array)[index].set(cx.mutator(), array, string.value());
    }
    Ok(array_to_tuple(cx, array).value())
}

fn load_text(cx: &mut Cx, text: &Text) -> Value {
    let is_name =
        text.as_bytes().len() <= 64 && text.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    match text.as_str() {
        Some(text) if is_name => cx.intern(text).value(),
        _ => Str::from_wtf8(cx, text.as_bytes()).value(),
    }
}

fn load_constant(cx: &mut Cx, constant: &'static Const) -> PyResult {
    Ok(match constant {
        Const::None => NONE,
        Const::Bool(truth) => py_object::bool_value(*truth),
        Const::Ellipsis => ELLIPSIS,
        Const::Int(number) => match Value::small_int(*number) {
            Some(value) => value,
            None => parse_int(cx, &number.to_string())?,
        },
        Const::BigInt(digits) => parse_int(cx, digits)?,
        Const::Float(number) => cx.float(*number),
        Const::Str(text) => load_text(cx, text),
        Const::Bytes(bytes) => Bytes::checked(cx, bytes)?.value(),
        Const::Tuple(items) | Const::FrozenSet(items) => {
            let array = Array::checked(cx, items.len())?;
            for (index, item) in items.iter().enumerate() {
                let value = load_constant(cx, item)?;
                py_object::sequence::elements(&array)[index].set(cx.mutator(), array, value);
            }
            let tuple = array_to_tuple(cx, array).value();
            if matches!(constant, Const::Tuple(_)) {
                tuple
            } else {
                let class = cx.builtin_type(Kind::FROZENSET);
                call::call(cx, class.value(), &[tuple], None)?
            }
        }
        Const::Slice(parts) => {
            let start = load_constant(cx, &parts[0])?;
            let stop = load_constant(cx, &parts[1])?;
            let step = load_constant(cx, &parts[2])?;
            Slice::new(cx, start, stop, step).value()
        }
        Const::Complex(real, imaginary) => py_object::types::complex::new(cx, (*real, *imaginary)),
        Const::Code(unit) => load_static(cx, unit)?.value(),
    })
}

fn parse_int(cx: &mut Cx, digits: &str) -> PyResult {
    let text = Str::new(cx, digits);
    let class = cx.builtin_type(Kind::INT);
    call::call(cx, class.value(), &[text.value()], None)
}

/// Where a call of a code object leads, and with how many arguments it needs no binding (or -1).
#[inline(always)]
pub fn entry_of(code: Value) -> (FrameEntry, i64) {
    // SAFETY: the meaning read the value from a function's `code` field.
    let code: Gc<Code> = unsafe { Gc::from_address(code.address()) };
    let entry = FrameEntry { pc: code.entry.get() as *const u64, size: code.frame_size.get().as_int() as u32 };
    (entry, code.simple_arguments.get().as_int())
}

/// Where a call of a function with `count` arguments leads, if it needs no binding.
#[inline(always)]
pub fn simple_entry(function: Value, count: i64) -> Option<FrameEntry> {
    let function = downcast::<Function>(function)?;
    let (entry, wanted) = entry_of(function.code.get().value());
    (wanted == count).then_some(entry)
}

/// Whether the native with this definition takes a receiver as its first argument.
#[inline(always)]
pub fn takes_receiver(definition: u64) -> bool {
    // SAFETY: the meaning read the address from a native function object.
    let definition = unsafe { &*(definition as *const py_object::native::NativeDefinition) };
    definition.kind.takes_receiver()
}

/// Whether the native with this definition must see the frames as they are, so that no trace may call it.
#[inline(always)]
pub fn looks_at_frames(definition: u64) -> bool {
    // SAFETY: the meaning read the address from a native function object.
    let definition = unsafe { &*(definition as *const py_object::native::NativeDefinition) };
    definition.trace == py_object::native::TracePolicy::Never
}

/// Whether a value is a built-in type.
#[inline(always)]
pub fn is_builtin_type(value: Value) -> bool {
    as_type(value).is_some_and(|class| class.flags.get() & types::HEAP_TYPE == 0)
}

/// How to construct an instance of a class.
#[derive(Clone, Copy)]
pub struct Construction {
    /// Size of the instance.
    pub size: usize,
    /// Its header word.
    pub header: u64,
    /// `__init__`.
    pub init: Value,
    /// Where it starts.
    pub entry: FrameEntry,
}

/// The plan for a class that `plan_construction` has approved, if `__init__` takes this many arguments besides self.
#[inline(always)]
pub fn construction(class: Value, count: usize) -> Option<Construction> {
    let class = as_type(class)?;
    let init = class.constructor.get();
    let entry = simple_entry(init, count as i64 + 1)?;
    let shape = types::instance_shape(class);
    Some(Construction { size: shape.instance_size(), header: shape.instance_header(), init, entry })
}

/// Finds out whether instances of a class can be constructed without the general protocol, and notes it in the class.
pub fn plan_construction(cx: &mut Cx, class: Gc<Type>) -> bool {
    if class.constructor.get() != UNBOUND && downcast::<Function>(class.constructor.get()).is_some() {
        return true;
    }
    let metaclass = types::class_of(cx, class.value());
    let special = types::FINALIZED | types::ABSTRACT;
    if metaclass != cx.builtin_type(Kind::TYPE)
        || class.kind.get() != Kind::OBJECT as u64
        || class.flags.get() & special != 0
    {
        return false;
    }
    let object = cx.builtin_type(Kind::OBJECT);
    let (new, init) = (cx.intern("__new__"), cx.intern("__init__"));
    if lookup(cx, class, new) != lookup(cx, object, new) {
        return false;
    }
    match lookup(cx, class, init) {
        Some(init) if is_exactly(init, Kind::FUNCTION) && types::rely_on(class) => {
            class.constructor.set(cx.mutator(), class, init);
            if let Some(function) = downcast::<Function>(init) {
                // Traces of the construction enter it.
                function.relied_on.init(true);
            }
            true
        }
        _ => false,
    }
}

/// Offset in words of an address in a code object's instructions.
pub fn offset_in(code: Gc<Code>, pc: *const u64) -> usize {
    (pc as usize - code.entry.get() as usize) / 8
}

/// The instruction at an address.
pub fn instruction_at(pc: *const u64) -> Instruction {
    // SAFETY: the caller got the address from a frame.
    Instruction(unsafe { *pc })
}

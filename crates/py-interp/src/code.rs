//! Loading code units into the heap, and what calls need to know of loaded code.

use py_code::{CodeUnit, Const, LazyUnit, Opcode, Text};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, is_exactly, lookup};
use py_object::{Cx, ELLIPSIS, Kind, NONE, PyResult, UNBOUND, allocate, call, downcast, shapes, try_allocate_tail};
use std::sync::Arc;
use vm_heap::{Gc, ShapeId, Value};
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

static MAKER_CODE: [u64; 1] = [Opcode::MakerReturn as u64];

/// Code of the frame in front of that of a class's `__new__`.
pub fn maker_return() -> *const u64 {
    MAKER_CODE.as_ptr()
}

static UNLOADED_CODE: [u64; 1] = [Opcode::LoadBody as u64];

/// Whether the instructions of a code object have been loaded.
fn is_loaded(code: Gc<Code>) -> bool {
    code.entry.get_acquire() != UNLOADED_CODE.as_ptr() as u64
}

/// Makes a code object of a unit.
pub fn load(cx: &mut Cx, unit: CodeUnit) -> PyResult<Gc<Code>> {
    let code = make(cx, Arc::new(unit.into()));
    load_body(cx, code)?;
    Ok(code)
}

/// Makes a code object of a unit whose constants are given.
pub fn load_with_constants(cx: &mut Cx, unit: CodeUnit, constants: Gc<Tuple>) -> PyResult<Gc<Code>> {
    let code = make(cx, Arc::new(unit.into()));
    place(cx, code, constants)?;
    Ok(code)
}

/// Makes a code object whose body is not loaded. It owns a share of its unit.
fn make(cx: &mut Cx, unit: Arc<LazyUnit>) -> Gc<Code> {
    let head = unit.head();
    let (name, qualname, filename) = (cx.intern(head.name), cx.intern(head.qualname), cx.intern(head.filename));
    let code = allocate::<Code>(cx.mutator(), shapes::CODE);
    code.entry.init(UNLOADED_CODE.as_ptr() as u64);
    code.frame_size.init(Value::int(head.frame_size as i64));
    code.simple_arguments.init(Value::int(head.simple_arguments().map_or(-1, i64::from)));
    let source = Arc::into_raw(Arc::clone(&unit)) as usize;
    code.source.init(source as u64);
    cx.mutator().own_memory(code.value(), source, py_object::frames::release_unit);
    code.name.init(name.value());
    code.qualname.init(qualname.value());
    code.filename.init(filename.value());
    code.flags.init(Value::int(head.flags as i64));
    for field in [&code.names, &code.variable_names, &code.constants, &code.home] {
        field.init(NONE);
    }
    code
}

/// Loads the instructions, names and constants of a code object, where nobody has yet.
pub fn load_body(cx: &mut Cx, code: Gc<Code>) -> PyResult<()> {
    if is_loaded(code) {
        return Ok(());
    }
    let unit: &'static CodeUnit = unit_of(cx, code);
    let constants = Array::checked(cx, unit.consts.len())?;
    for (index, constant) in unit.consts.iter().enumerate() {
        let value = load_constant(cx, constant)?;
        py_object::sequence::elements(&constants)[index].set(cx.mutator(), constants, value);
    }
    let constants = array_to_tuple(cx, constants);
    place(cx, code, constants)
}

fn place(cx: &mut Cx, code: Gc<Code>, constants: Gc<Tuple>) -> PyResult<()> {
    let unit = unit_of(cx, code);
    let Some(bytecode) = try_allocate_tail::<Bytecode>(cx.mutator(), shapes::RAW, unit.code.len()) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    bytecode.code.init(code.value());
    let entry = bytecode.address() + size_of::<Bytecode>();
    // SAFETY: the object was just made with room for this many words; nobody else knows it.
    let words = unsafe { std::slice::from_raw_parts_mut(entry as *mut u64, unit.code.len()) };
    words.copy_from_slice(&unit.code);
    for (word, constant) in &unit.const_words {
        words[*word as usize] = tuple_items(&constants)[*constant as usize].bits();
    }
    let generator =
        unit.flags & (py_code::flags::GENERATOR | py_code::flags::COROUTINE | py_code::flags::ASYNC_GENERATOR);
    let mut kept = 0;
    if generator != 0 {
        for (offset, instruction) in unit.instructions() {
            match instruction.opcode() {
                Opcode::Return => words[offset] = words[offset] & !0xffff | Opcode::GeneratorReturn as u64,
                Opcode::ReturnNone => words[offset] = Opcode::GeneratorReturn as u64 | 1 << 8,
                _ => {}
            }
        }
        kept = crate::generator::quick::note_kept(unit, words);
    }
    let names = strings(cx, &unit.names)?;
    let variable_names = strings(cx, &unit.varnames)?;
    let guarded = generator != 0 && crate::generator::is_guarded(unit);
    if code.bytecode.compare_exchange(cx.mutator(), code, None, Some(bytecode)) {
        code.names.set(cx.mutator(), code, names);
        code.variable_names.set(cx.mutator(), code, variable_names);
        code.constants.set(cx.mutator(), code, constants.value());
        code.guarded.init(guarded);
        code.kept.init(kept as u64);
        code.entry.set_release(cx.mutator(), code, entry as u64);
    }
    // Another thread that was first is about to publish its instructions: it does not wait for anything.
    while !is_loaded(code) {
        std::hint::spin_loop();
    }
    Ok(())
}

fn array_to_tuple(cx: &mut Cx, array: Gc<Array>) -> Gc<Tuple> {
    let length = array.length.get().as_int() as usize;
    let list = List::with_storage(cx, array, length);
    match Tuple::from_list(cx, list) {
        Ok(tuple) => tuple,
        Err(_) => panic!("out of memory for a tuple of {length} items"),
    }
}

fn strings(cx: &mut Cx, texts: &[py_code::Name]) -> PyResult {
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
        Const::Code(unit) => make(cx, Arc::clone(unit)).value(),
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

/// The definition whose address a meaning has read from a native function object.
#[inline(always)]
fn native_at(definition: u64) -> &'static py_object::native::NativeDefinition {
    // SAFETY: as said; definitions are static.
    unsafe { &*(definition as *const py_object::native::NativeDefinition) }
}

/// Whether the native with this definition takes a receiver as its first argument.
#[inline(always)]
pub fn takes_receiver(definition: u64) -> bool {
    native_at(definition).kind.takes_receiver()
}

/// Whether the native with this definition is a function that takes no receiver, so that nothing need be asked before it is called.
#[inline(always)]
pub fn is_plain_function(definition: u64) -> bool {
    native_at(definition).kind.is_plain()
}

/// Whether the native with this definition must see the frames as they are, so that no trace may call it.
#[inline(always)]
pub fn looks_at_frames(definition: u64) -> bool {
    native_at(definition).trace == py_object::native::TracePolicy::Never
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

/// The same for a class whose `__init__` runs this code, which starts there.
#[inline(always)]
pub fn construction_by(class: Value, code: Value, entry: FrameEntry) -> Option<Construction> {
    let class = as_type(class)?;
    let init = constructor_of(class).filter(|init| init.code.get().value() == code)?.value();
    let shape = types::instance_shape(class);
    Some(Construction { size: shape.instance_size(), header: shape.instance_header(), init, entry })
}

/// The function that initialises the instances of a class that `plan_construction` has approved.
#[inline(always)]
pub fn constructor_of(class: Gc<Type>) -> Option<Gc<Function>> {
    downcast::<Function>(class.constructor.get())
}

/// The Python function `__new__` that makes the instances of a class that `plan_making` has approved.
#[inline(always)]
pub fn maker_of(class: Gc<Type>) -> Option<Gc<Function>> {
    let maker = class.constructor.get();
    if !is_exactly(maker, Kind::STATICMETHOD) {
        return None;
    }
    downcast::<Function>(downcast::<Record>(maker)?.first.get())
}

/// The same if it runs this code.
#[inline(always)]
pub fn maker_by(class: Value, code: Value) -> Option<Value> {
    as_type(class).and_then(maker_of).filter(|new| new.code.get().value() == code).map(Gc::value)
}

/// Whether a new object is an instance of just this class, and has nothing left to be initialised.
#[inline(always)]
pub fn is_finished(object: ShapeId, class: Value) -> bool {
    let Some(class) = as_type(class) else { return false };
    py_object::shape::shape(object).class == class
        && class.constructor.get() != UNBOUND
        && class.flags.get() & types::PLAIN_INIT != 0
}

/// Whether calling a class does no more than what `type` does: no metaclass has a `__call__` of its own.
fn is_called_plainly(cx: &mut Cx, class: Gc<Type>) -> bool {
    let metaclass = types::class_of(cx, class.value());
    metaclass == cx.builtin_type(Kind::TYPE)
        || types::has_same(cx, metaclass, Kind::TYPE, "__call__") && types::rely_on(metaclass)
}

/// Finds out whether instances of a class can be constructed without the general protocol, and notes it in the class.
pub fn plan_construction(cx: &mut Cx, class: Gc<Type>) -> bool {
    if class.constructor.get() != UNBOUND && downcast::<Function>(class.constructor.get()).is_some() {
        return true;
    }
    let special = types::FINALIZED | types::ABSTRACT;
    if class.kind.get() != Kind::OBJECT as u64 || class.flags.get() & special != 0 || !is_called_plainly(cx, class) {
        return false;
    }
    let object = cx.builtin_type(Kind::OBJECT);
    let (new, init) = (cx.intern("__new__"), cx.intern("__init__"));
    if lookup(cx, class, new) != lookup(cx, object, new) {
        return false;
    }
    match lookup(cx, class, init) {
        Some(init) if is_exactly(init, Kind::FUNCTION) && types::rely_on(class) => {
            note_constructor(cx, class, init, downcast::<Function>(init));
            true
        }
        _ => false,
    }
}

/// The same for instances that a Python function `__new__` makes.
pub fn plan_making(cx: &mut Cx, class: Gc<Type>) -> bool {
    if maker_of(class).is_some() {
        return true;
    }
    if class.flags.get() & types::HEAP_TYPE == 0 || !is_called_plainly(cx, class) {
        return false;
    }
    let object = cx.builtin_type(Kind::OBJECT);
    let (new, init) = (cx.intern("__new__"), cx.intern("__init__"));
    match lookup(cx, class, new) {
        Some(new)
            if is_exactly(new, Kind::STATICMETHOD)
                && let Some(function) = downcast::<Record>(new).map(|new| new.first.get())
                && is_exactly(function, Kind::FUNCTION)
                && types::rely_on(class) =>
        {
            let plain = lookup(cx, class, init) == lookup(cx, object, init);
            let flags = class.flags.get() & !types::PLAIN_INIT;
            class.flags.init(flags | if plain { types::PLAIN_INIT } else { 0 });
            note_constructor(cx, class, new, downcast::<Function>(function));
            true
        }
        _ => false,
    }
}

fn note_constructor(cx: &mut Cx, class: Gc<Type>, constructor: Value, function: Option<Gc<Function>>) {
    class.constructor.set(cx.mutator(), class, constructor);
    if let Some(function) = function {
        // Traces of the construction enter it.
        function.relied_on.init(true);
    }
}

/// Offset in words of an address in a code object's instructions; one beyond them for a frame that still loads them.
pub fn offset_in(code: Gc<Code>, pc: *const u64) -> usize {
    (pc as usize).wrapping_sub(code.entry.get() as usize) / 8
}

/// The instruction at an address.
pub fn instruction_at(pc: *const u64) -> Instruction {
    // SAFETY: the caller got the address from a frame.
    Instruction(unsafe { *pc })
}

//! What instructions do where their fast path does not apply.

use crate::code::{self, code_of, function_of};
use crate::context_managers;
use crate::execution::{custom_builtins, mapping_get};
use crate::inline_cache::{self, CacheKind, CacheWord};
use crate::runtime_functions::{comparison, operator};
use crate::{bind, exception_groups, generator, imports, patterns, run};
use py_code::Opcode;
use py_object::attribute::{self, Found};
use py_object::frames;
use py_object::objects::*;
use py_object::operations::{self, BinaryOperator, Comparison};
use py_object::sequence::{elements, tuple_items};
use py_object::shape::{Place, ShapeKind, shape};
use py_object::types::generic::{self, Sort};
use py_object::types::{self, as_type, class_name, is_exactly, shape_id, template};
use py_object::{
    Cx, Kind, NONE, PyResult, Raised, SiteUse, StrExt, UNBOUND, allocate, bool_value, call, downcast, exception, shapes,
};
use vm_heap::{Gc, ShapeId, Value};
use vm_machine::{FRAME_HEADER, Frame, Instruction, SlowFlow, destination, frame_function, frame_size};

/// Executes an instruction in full.
pub fn execute(cx: &mut Cx, frame: &mut Frame, instruction: Instruction) -> SlowFlow {
    let opcode = Opcode::from_byte(instruction.opcode()).expect("only opcodes of the table are loaded");
    let start = frame.pc;
    if opcode == Opcode::LoopHeader {
        return loop_header(cx, frame, start);
    }
    if cx.thread.transaction.is_active()
        && let Some(flow) = crate::atomic::slow_inside(cx, frame, opcode, instruction)
    {
        return flow;
    }
    frame.pc = start.wrapping_add(opcode.size());
    match run_opcode(cx, frame, start, opcode, instruction) {
        Ok(true) => SlowFlow::Next,
        Ok(false) => SlowFlow::Retry,
        Err(Raised) => {
            frame.pc = start;
            SlowFlow::Raise
        }
    }
}

/// Appends the items of what stands behind a star to a list that the compiler builds.
pub(crate) fn extend_list(cx: &mut Cx, list: Value, source: Value) -> PyResult<()> {
    let list = downcast::<List>(list).expect("the compiler builds the list");
    if is_exactly(source, Kind::TUPLE) || is_exactly(source, Kind::LIST) {
        return types::list::extend(cx, list, source);
    }
    let iterator = match operations::iterate(cx, source) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if types::lookup_special(cx, source, "__iter__").is_none() {
                cx.take_raised();
                let message = format!("Value after * must be an iterable, not {}", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            return Err(raised);
        }
    };
    while let Some(item) = operations::next(cx, iterator)? {
        List::push(cx, list, item)?;
    }
    Ok(())
}

/// The name operand of an instruction.
pub(crate) fn name_at(frame: &Frame, index: usize) -> Gc<Str> {
    let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
    let names = downcast::<Tuple>(code.names.get()).expect("names are a tuple");
    downcast::<Str>(tuple_items(&names)[index]).expect("names are strings")
}

fn running_function(frame: &Frame) -> Gc<Function> {
    function_of(frame_function(frame.fp)).expect("a running frame has a function")
}

/// An extension word of the instruction at `start`.
fn extension(start: *const u64, n: usize) -> u64 {
    // SAFETY: the caller names an extension word that the opcode has.
    unsafe { *start.add(1 + n) }
}

/// Registers as a slice. They stay in place while the frame runs.
fn registers<'a>(frame: &Frame, first: usize, count: usize) -> &'a [Value] {
    // SAFETY: operands lie inside the frame, and the instruction does not write them while it reads.
    unsafe { std::slice::from_raw_parts(frame.fp.add(first), count) }
}

/// Returns whether the instruction is done (else it is to be run again), with `frame` at the place to go on at.
fn run_opcode(cx: &mut Cx, frame: &mut Frame, start: *const u64, opcode: Opcode, i: Instruction) -> PyResult<bool> {
    use Opcode::*;
    match opcode {
        Add | Sub | Mul | TrueDiv | FloorDiv | Mod | Pow | MatMul | LShift | RShift | And | Or | Xor => {
            let operator = operator(opcode as i64 - Add as i64);
            let result = operations::binary(cx, operator, frame.get(i.b()), frame.get(i.c()), i.x() != 0)?;
            frame.set(i.a(), result);
        }
        AddInt | SubInt => {
            let operator = if opcode == AddInt { BinaryOperator::Add } else { BinaryOperator::Sub };
            let result = operations::binary(cx, operator, frame.get(i.b()), Value::int(i.signed_c()), i.x() != 0)?;
            frame.set(i.a(), result);
        }
        Neg => set_result(frame, i, operations::unary(cx, "__neg__", "-", frame.get(i.b())))?,
        Pos => set_result(frame, i, operations::unary(cx, "__pos__", "+", frame.get(i.b())))?,
        Invert => set_result(frame, i, operations::unary(cx, "__invert__", "~", frame.get(i.b())))?,
        Not => {
            let truth = operations::truth(cx, frame.get(i.b()))?;
            frame.set(i.a(), bool_value(!truth));
        }
        Lt | Le | Eq | Ne | Gt | Ge => {
            let comparison = comparison(opcode as i64 - Lt as i64);
            let result = operations::compare(cx, comparison, frame.get(i.b()), frame.get(i.c()))?;
            frame.set(i.a(), result);
        }
        In | NotIn => {
            let found = operations::contains(cx, frame.get(i.c()), frame.get(i.b()))?;
            frame.set(i.a(), bool_value(found == (opcode == In)));
        }
        JumpIfTrue | JumpIfFalse => {
            if operations::truth(cx, frame.get(i.a()))? == (opcode == JumpIfTrue) {
                frame.jump(i.bc());
            }
        }
        JumpIfLt | JumpIfNotLt | JumpIfLe | JumpIfNotLe | JumpIfEq | JumpIfNotEq | JumpIfNe | JumpIfNotNe
        | JumpIfGt | JumpIfNotGt | JumpIfGe | JumpIfNotGe => {
            compare_and_jump(cx, frame, i, opcode as usize - JumpIfLt as usize, frame.get(i.b()))?;
        }
        JumpIfLtInt | JumpIfNotLtInt | JumpIfLeInt | JumpIfNotLeInt | JumpIfEqInt | JumpIfNotEqInt | JumpIfNeInt
        | JumpIfNotNeInt | JumpIfGtInt | JumpIfNotGtInt | JumpIfGeInt | JumpIfNotGeInt => {
            let rhs = Value::int(i.signed_b());
            compare_and_jump(cx, frame, i, opcode as usize - JumpIfLtInt as usize, rhs)?;
        }
        JumpIfIn | JumpIfNotIn => {
            if operations::contains(cx, frame.get(i.b()), frame.get(i.a()))? == (opcode == JumpIfIn) {
                frame.jump(i.signed_c());
            }
        }
        JumpIfMatch | JumpIfNoMatch => {
            if exception::matches(cx, frame.get(i.a()), frame.get(i.b()))? == (opcode == JumpIfMatch) {
                frame.jump(i.signed_c());
            }
        }
        MatchException => {
            let matched = exception::matches(cx, frame.get(i.b()), frame.get(i.c()))?;
            frame.set(i.a(), bool_value(matched));
        }

        CheckBound | DeleteLocal => {
            if frame.get(i.a()) == UNBOUND {
                return Err(unbound_local(cx, frame, i.bc() as usize));
            }
            frame.set(i.a(), UNBOUND);
        }
        MakeCell | NewCell => {
            let cell = allocate::<Cell>(cx.mutator(), shapes::CELL);
            cell.value.init(if opcode == MakeCell { frame.get(i.a()) } else { UNBOUND });
            frame.set(i.a(), cell.value());
        }
        LoadFree => {
            let closure = downcast::<Tuple>(running_function(frame).closure.get()).expect("it has free variables");
            frame.set(i.a(), tuple_items(&closure)[i.bc() as usize]);
        }
        LoadCell | DeleteCell => {
            let register = if opcode == LoadCell { i.b() } else { i.a() };
            let cell = downcast::<Cell>(frame.get(register)).expect("the compiler keeps cells in registers");
            let value = cell.value.get();
            if value == UNBOUND {
                return Err(unbound_cell(cx, frame, i.c()));
            }
            if opcode == LoadCell {
                frame.set(i.a(), value);
            } else {
                cell.value.set(cx.mutator(), cell, UNBOUND);
            }
        }
        LoadFromDictOrCell => {
            let variable = extension(start, 0) as usize;
            let name = variable_name(cx, frame, variable);
            match mapping_get(cx, frame.get(i.b()), name)? {
                Some(value) => frame.set(i.a(), value),
                None => {
                    let cell = downcast::<Cell>(frame.get(i.c())).expect("the compiler keeps cells in registers");
                    if cell.value.get() == UNBOUND {
                        return Err(unbound_cell(cx, frame, variable));
                    }
                    frame.set(i.a(), cell.value.get());
                }
            }
        }
        LoadFromDictOrGlobal => {
            let name = name_at(frame, i.c());
            let value = match mapping_get(cx, frame.get(i.b()), name)? {
                Some(value) => value,
                None => load_global(cx, frame, name)?.0,
            };
            frame.set(i.a(), value);
        }
        LoadGlobal => {
            let name = name_at(frame, i.bc() as usize);
            let (value, cell) = load_global(cx, frame, name)?;
            if let Some(cell) = cell {
                // SAFETY: the instruction has one extension word.
                unsafe { inline_cache::fill(start, CacheWord(cell.address() as u64), None) };
            }
            frame.set(i.a(), value);
        }
        StoreGlobal => {
            let name = name_at(frame, i.bc() as usize);
            let globals = running_function(frame).globals.get();
            let value = frame.get(i.a());
            Dict::set_str(cx, globals, name, value)?;
            if globals.cells.get() && running_function(frame).code.get().home.get() != UNBOUND {
                let hash = name.hash_value(cx);
                let cell = Dict::cell(cx, globals, name.value(), hash)?;
                // SAFETY: the instruction has one extension word.
                unsafe { inline_cache::fill(start, CacheWord(cell.address() as u64), None) };
            }
        }
        DeleteGlobal => {
            let name = name_at(frame, i.bc() as usize);
            let globals = running_function(frame).globals.get();
            if Dict::remove(cx, globals, name.value())?.is_none() {
                return Err(name_error(cx, name));
            }
        }
        LoadLocals => frame.set(i.a(), namespace(frame)),
        LoadName => {
            let name = name_at(frame, i.bc() as usize);
            let value = match mapping_get(cx, namespace(frame), name)? {
                Some(value) => value,
                None => load_global(cx, frame, name)?.0,
            };
            frame.set(i.a(), value);
        }
        StoreName => {
            let name = name_at(frame, i.bc() as usize);
            let value = frame.get(i.a());
            let namespace = namespace(frame);
            match downcast::<Dict>(namespace) {
                Some(dict) if is_exactly(namespace, Kind::DICT) => Dict::set_str(cx, dict, name, value)?,
                _ => operations::set_item(cx, namespace, name.value(), value)?,
            }
        }
        DeleteName => {
            let name = name_at(frame, i.bc() as usize);
            let namespace = namespace(frame);
            let removed = match downcast::<Dict>(namespace) {
                Some(dict) if is_exactly(namespace, Kind::DICT) => Dict::remove(cx, dict, name.value())?.is_some(),
                _ => match operations::delete_item(cx, namespace, name.value()) {
                    Ok(()) => true,
                    Err(raised) => {
                        if !types::is_instance(cx, cx.raised.get(), Kind::KEY_ERROR) {
                            return Err(raised);
                        }
                        cx.take_raised();
                        false
                    }
                },
            };
            if !removed {
                return Err(name_error(cx, name));
            }
        }

        LoadAttr => return load_attribute(cx, frame, start, i),
        LoadMethod => return load_method(cx, frame, start, i),
        StoreAttr => return store_attribute(cx, frame, start, i),
        DeleteAttr => {
            let name = name_at(frame, i.c());
            attribute::set(cx, frame.get(i.a()), name, None)?;
        }
        LoadSuperAttr | LoadSuperMethod => {
            let parts = registers(frame, i.b(), 3);
            let name = name_at(frame, i.c());
            let value = if parts[0] == cx.builtin_type(Kind::SUPER).value() {
                types::records::attribute_behind(cx, parts[1], parts[2], name)?
            } else {
                // Something else by that name: called as it is written.
                let written: &[Value] = if i.x() == 0 { &[] } else { &[parts[1], parts[2]] };
                let object = call::call(cx, parts[0], written, None)?;
                attribute::get(cx, object, name)?
            };
            frame.set(i.a(), value);
            if opcode == LoadSuperMethod {
                frame.set(i.a() + FRAME_HEADER, UNBOUND);
            }
        }
        LoadSpecial => {
            let object = frame.get(i.b());
            if is_exactly(object, Kind::ATOMIC) {
                // Entering and leaving a block is part of the interpreter; see `invoke`.
                frame.set(i.a(), object);
                frame.set(i.a() + FRAME_HEADER, Value::int(i.x() as i64));
                return Ok(true);
            }
            let method = i.x() as usize;
            let Some(found) = types::lookup_special(cx, object, context_managers::METHODS[method]) else {
                return Err(context_managers::unsupported(cx, object, method));
            };
            if is_exactly(found, Kind::FUNCTION) || is_method_native(found) {
                frame.set(i.a(), found);
                frame.set(i.a() + FRAME_HEADER, object);
            } else {
                let class = types::class_of(cx, object);
                let bound = attribute::bind(cx, found, Some(object), class)?;
                frame.set(i.a(), bound);
                frame.set(i.a() + FRAME_HEADER, UNBOUND);
            }
        }

        CallOther | CallMethodOther | ForIterOther => {
            unreachable!("{opcode:?} names a handler and never stands in code")
        }
        Call => return call_registers(cx, frame, start, i, false, None),
        CallMethod => return call_registers(cx, frame, start, i, true, None),
        CallKw | CallMethodKw => {
            let names = downcast::<Tuple>(Value::from_bits(extension(start, 1))).expect("keyword names are a tuple");
            return call_registers(cx, frame, start, i, opcode == CallMethodKw, Some(names));
        }
        CallEx => {
            let callee = frame.get(i.b());
            let (positional, keywords) = (frame.get(i.b() + 4), frame.get(i.b() + 5));
            let (array, length, names) = bind::unpack(cx, callee, positional, keywords)?;
            let arguments = bind::array_values(&array, length);
            return invoke(cx, frame, start, callee, arguments, names, i.a());
        }
        LoadBody => {
            let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
            code::load_body(cx, code)?;
            frame.pc = code.entry.get() as *const u64;
        }
        ConstructorReturn => {
            let returned = frame.get(1);
            let message = format!("__init__() should return None, not '{}'", class_name(cx, returned));
            return Err(cx.type_error(message));
        }

        GetIter => set_result(frame, i, operations::iterate(cx, frame.get(i.b())))?,
        ForIter => {
            let iterator = frame.get(i.b());
            if let Some(generator) = generator::as_generator(iterator) {
                if !generator::push(cx, generator, frame, i.a(), NONE)? {
                    frame.jump(extension(start, 0) as i64);
                }
                return Ok(true);
            }
            match operations::next(cx, iterator)? {
                Some(item) => frame.set(i.a(), item),
                None => frame.jump(extension(start, 0) as i64),
            }
        }

        BuildTuple => {
            let tuple = Tuple::new(cx, registers(frame, i.b(), i.c()));
            frame.set(i.a(), tuple.value());
        }
        BuildList => {
            let list = List::new(cx, registers(frame, i.b(), i.c()))?;
            frame.set(i.a(), list.value());
        }
        BuildSet => {
            let set = types::set::of_elements(cx, registers(frame, i.b(), i.c()))?;
            frame.set(i.a(), set.value());
        }
        BuildDict => {
            let dict = Dict::of_pairs(cx, registers(frame, i.b(), 2 * i.c()))?;
            frame.set(i.a(), dict.value());
        }
        BuildString => {
            let mut bytes = Vec::new();
            for part in registers(frame, i.b(), i.c()) {
                bytes.extend_from_slice(downcast::<Str>(*part).expect("parts of a string are strings").bytes());
            }
            let string = Str::checked(cx, &bytes)?;
            frame.set(i.a(), string.value());
        }
        BuildSlice => {
            let parts = registers(frame, i.b(), i.c());
            let slice = Slice::new(cx, parts[0], parts[1], parts.get(2).copied().unwrap_or(NONE));
            frame.set(i.a(), slice.value());
        }
        ListAppend => {
            let list = downcast::<List>(frame.get(i.a())).expect("the compiler builds the list");
            List::push(cx, list, frame.get(i.b()))?;
        }
        SetAdd => {
            let set = downcast::<Set>(frame.get(i.a())).expect("the compiler builds the set");
            types::set::add(cx, set, frame.get(i.b()))?;
        }
        DictInsert => {
            let dict = downcast::<Dict>(frame.get(i.a())).expect("the compiler builds the dict");
            Dict::set(cx, dict, frame.get(i.b()), frame.get(i.c()))?;
        }
        ListExtend => extend_list(cx, frame.get(i.a()), frame.get(i.b()))?,
        SetUpdate => {
            call::call_method(cx, frame.get(i.a()), "update", &[frame.get(i.b())])?;
        }
        DictUpdate => {
            let source = frame.get(i.b());
            if downcast::<Dict>(source).is_none() && types::lookup_special(cx, source, "keys").is_none() {
                let message = format!("'{}' object is not a mapping", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            call::call_method(cx, frame.get(i.a()), "update", &[source])?;
        }
        DictMerge => dict_merge(cx, frame, i)?,
        ListToTuple => {
            let list = downcast::<List>(frame.get(i.b())).expect("the compiler builds the list");
            let tuple = Tuple::from_list(cx, list)?;
            frame.set(i.a(), tuple.value());
        }
        FormatValue => format_value(cx, frame, i)?,

        LoadItem => {
            let result = operations::get_item(cx, frame.get(i.b()), frame.get(i.c()))?;
            frame.set(i.a(), result);
        }
        StoreItem => operations::set_item(cx, frame.get(i.a()), frame.get(i.b()), frame.get(i.c()))?,
        DeleteItem => operations::delete_item(cx, frame.get(i.a()), frame.get(i.b()))?,
        UnpackSequence => unpack_sequence(cx, frame, i)?,
        UnpackEx => unpack_around(cx, frame, i)?,
        MatchSequence => {
            let matches = patterns::is_sequence(cx, frame.get(i.b()));
            frame.set(i.a(), bool_value(matches));
        }
        MatchMapping => {
            let matches = patterns::is_mapping(cx, frame.get(i.b()));
            frame.set(i.a(), bool_value(matches));
        }
        MatchKeys => set_result(frame, i, patterns::keys(cx, frame.get(i.b()), frame.get(i.c())))?,
        MatchClass => {
            let (class, names) = (frame.get(i.c()), frame.get(i.c() + 1));
            let count = extension(start, 0) as usize;
            set_result(frame, i, patterns::class(cx, frame.get(i.b()), class, count, names))?;
        }
        GetLength => {
            let length = operations::length(cx, frame.get(i.b()))?;
            frame.set(i.a(), Value::int(length as i64));
        }

        MakeFunction => {
            let code = downcast::<Code>(Value::from_bits(extension(start, 0))).expect("the operand is code");
            let globals = running_function(frame).globals.get();
            let function = code::new_function(cx, code, globals);
            for (bit, field) in [&function.defaults, &function.keyword_defaults, &function.annotate, &function.closure]
                .into_iter()
                .enumerate()
            {
                if i.x() & 1 << bit != 0 {
                    field.set(cx.mutator(), function, frame.get(i.b() + bit));
                }
            }
            frame.set(i.a(), function.value());
        }
        LoadBuildClass => {
            let name = cx.intern("__build_class__");
            let globals = running_function(frame).globals.get();
            let standard = cx.runtime.builtins.get().expect("made at start-up").value();
            let builtins = custom_builtins(cx, globals).unwrap_or(standard);
            match mapping_get(cx, builtins, name)? {
                Some(value) => frame.set(i.a(), value),
                None => return Err(cx.raise(Kind::NAME_ERROR, "__build_class__ not found")),
            }
        }
        ImportName => {
            let name = name_at(frame, i.c());
            let (level, names) = (frame.get(i.b()), frame.get(i.b() + 1));
            let globals = running_function(frame).globals.get();
            let module = imports::import_name(cx, name, level, names, globals)?;
            frame.set(i.a(), module);
        }
        ImportFrom => {
            let name = name_at(frame, i.c());
            let value = imports::import_from(cx, frame.get(i.b()), name)?;
            frame.set(i.a(), value);
        }
        ImportStar => imports::import_star(cx, frame.get(i.a()), namespace(frame), running_function(frame))?,

        Raise => return Err(raise(cx, frame, i)),
        Reraise => {
            let value = frame.get(i.a());
            return Err(cx.raise_value(value));
        }
        EnterHandler => {
            let exception = frame.get(i.b());
            frame.set(i.a(), cx.handled.replace(exception));
        }
        LeaveHandler => cx.handled.set(frame.get(i.a())),
        MatchGroup => {
            let (taken, rest) = exception_groups::take(cx, frame, frame.get(i.b()), frame.get(i.c()))?;
            frame.set(i.a(), taken);
            frame.set(i.a() + 1, rest);
        }
        JoinGroup => set_result(frame, i, exception_groups::join(cx, frame.get(i.b()), frame.get(i.c())))?,
        LoadAssertionError => {
            let class = cx.builtin_type(Kind::ASSERTION_ERROR);
            frame.set(i.a(), class.value());
        }
        LoadNotImplementedError => {
            let class = cx.builtin_type(Kind::NOT_IMPLEMENTED_ERROR);
            frame.set(i.a(), class.value());
        }
        ExceptionTriple => {
            let value = frame.get(i.b());
            let class = types::class_of(cx, value);
            frame.set(i.a(), class.value());
            frame.set(i.a() + 1, value);
            let traceback = downcast::<Exception>(value).map_or(NONE, |exception| exception.traceback.get());
            frame.set(i.a() + 2, traceback);
        }

        MakeGenerator => {
            let generator = generator::make(cx, frame)?;
            leave(cx, frame, generator.value());
        }
        Yield => {
            let value = frame.get(i.b());
            generator::suspend(cx, frame, i.a());
            leave(cx, frame, value);
        }
        GeneratorReturn => {
            let value = if i.x() == 1 { NONE } else { frame.get(i.a()) };
            note_leaving(cx, frame, start);
            let generator = generator::running(frame);
            generator::finish(cx, generator);
            end_generator(cx, frame, value);
        }
        Send => {
            let (iterator, sent) = (frame.get(i.b()), frame.get(i.c()));
            if let Some(generator) = generator::as_resumable(iterator) {
                if !generator::push(cx, generator, frame, i.a(), sent)? {
                    frame.set(i.a(), NONE);
                    frame.jump(extension(start, 0) as i64);
                }
                return Ok(true);
            }
            let step = if sent == NONE {
                let hook = types::lookup_special(cx, iterator, "__next__");
                match hook {
                    Some(hook) => call::call_special(cx, hook, iterator, &[], None),
                    None => {
                        let message = format!("'{}' object is not an iterator", class_name(cx, iterator));
                        Err(cx.type_error(message))
                    }
                }
            } else {
                call::call_method(cx, iterator, "send", &[sent])
            };
            match step {
                Ok(value) => frame.set(i.a(), value),
                Err(raised) => {
                    let Some(value) = generator::take_stop(cx) else { return Err(raised) };
                    frame.set(i.a(), value);
                    frame.jump(extension(start, 0) as i64);
                }
            }
        }
        CleanupThrow => {
            let exception = frame.get(i.b());
            cx.raised.set(exception);
            match generator::take_stop(cx) {
                Some(value) => frame.set(i.a(), value),
                None => return Err(Raised),
            }
        }
        GetYieldFromIter => set_result(frame, i, yield_from_iterator(cx, frame, frame.get(i.b())))?,
        GetAwaitable => set_result(frame, i, generator::awaitable_iterator(cx, frame.get(i.b()), i.x()))?,
        GetAsyncIter => set_result(frame, i, generator::async_iterator(cx, frame.get(i.b())))?,
        GetAsyncNext => set_result(frame, i, generator::next_awaitable(cx, frame.get(i.b())))?,
        EndAsyncFor => {
            let exception = frame.get(i.a());
            if !types::is_instance(cx, exception, Kind::STOP_ASYNC_ITERATION) {
                return Err(cx.raise_value(exception));
            }
        }
        AsyncWrap => {
            generator::note_item(frame);
            frame.set(i.a(), frame.get(i.b()));
        }
        PrintExpression => {
            let sys = imports::import_module(cx, "sys")?;
            call::call_method(cx, sys, "displayhook", &[frame.get(i.a())])?;
        }

        SetTypeParams => {
            let name = cx.intern("__type_params__");
            attribute::set(cx, frame.get(i.a()), name, Some(frame.get(i.b())))?;
        }
        MakeTypeParam => {
            let evaluator = if i.c() == 0xffff { UNBOUND } else { frame.get(i.c()) };
            let sort =
                [Sort::Variable, Sort::Bounded, Sort::Constrained, Sort::Specification, Sort::Variadic][i.x() as usize];
            let parameter = generic::new_parameter(cx, sort, frame.get(i.b()), evaluator);
            frame.set(i.a(), parameter);
        }
        SetTypeParamDefault => generic::set_default(cx, frame.get(i.a()), frame.get(i.b())),
        MakeGenericBase => {
            let parameters = downcast::<Tuple>(frame.get(i.b())).expect("the compiler builds the tuple");
            set_result(frame, i, generic::generic_base(cx, parameters))?;
        }
        MakeTypeAlias => {
            let parts = registers(frame, i.b(), 3);
            let alias = generic::new_alias(cx, parts[0], parts[1], parts[2]);
            frame.set(i.a(), alias);
        }

        BuildInterpolation => {
            let conversion = (i.x() != 0).then_some(char::from(i.x()));
            let specification = (i.c() != 0xffff).then(|| frame.get(i.c()));
            let (value, expression) = (frame.get(i.b()), frame.get(i.b() + 1));
            let made = template::new_interpolation(cx, value, expression, conversion, specification);
            frame.set(i.a(), made);
        }
        BuildTemplate => {
            let made = template::new_template(cx, frame.get(i.b()), frame.get(i.c()));
            frame.set(i.a(), made);
        }
        SetupAnnotations => types::class::set_up_annotations(cx, namespace(frame))?,

        Return | ReturnNone => {
            // Somebody observes the frame.
            let value = if opcode == Return { frame.get(i.a()) } else { NONE };
            note_leaving(cx, frame, start);
            leave(cx, frame, value);
        }

        LoadConst | LoadInt | Move | Unbind | StoreCell | Jump | JumpIfNone | JumpIfNotNone | JumpIfIs
        | JumpIfIsNot | Is | IsNot | LoopHeader => unreachable!("{opcode:?} is never slow"),
    }
    Ok(true)
}

fn set_result(frame: &mut Frame, i: Instruction, result: PyResult) -> PyResult<()> {
    frame.set(i.a(), result?);
    Ok(())
}

/// The iterator that `yield from` delegates to.
fn yield_from_iterator(cx: &mut Cx, frame: &Frame, source: Value) -> PyResult {
    if is_exactly(source, Kind::COROUTINE) {
        let flags = code_of(frame_function(frame.fp)).expect("a running frame has code").flags.get().as_int() as u32;
        if flags & (py_code::flags::COROUTINE | py_code::flags::ITERABLE_COROUTINE) == 0 {
            let message = "cannot 'yield from' a coroutine object in a non-coroutine generator";
            return Err(cx.type_error(message));
        }
    } else if generator::as_generator(source).is_none() {
        return operations::iterate(cx, source);
    }
    Ok(source)
}

/// Tells the object of a frame, if it has one, that the frame ends with the instruction at `start`.
fn note_leaving(cx: &mut Cx, frame: &Frame, start: *const u64) {
    if let Some(code) = code_of(frame_function(frame.fp)) {
        frames::left(cx, frame.fp, code::offset_in(code, start));
    }
}

/// Pops the frame with a result.
fn leave(cx: &mut Cx, frame: &mut Frame, value: Value) {
    let register = destination(frame.fp);
    let (pc, fp) = (vm_machine::return_address(frame.fp), vm_machine::caller_frame(frame.fp));
    *frame = Frame { pc, fp };
    frame.set(register, value);
    cx.thread.save(pc, fp);
}

/// Pops the frame of a generator that has returned: a `for` loop or `yield from` that entered it goes on at its exit.
fn end_generator(cx: &mut Cx, frame: &mut Frame, value: Value) {
    let back = vm_machine::return_address(frame.fp);
    if back == vm_machine::halt_address() {
        leave(cx, frame, value);
        return;
    }
    // Both instructions that enter generators have one extension word, the offset of their exit.
    let caller = vm_machine::caller_frame(frame.fp);
    let instruction = code::instruction_at(back.wrapping_sub(2));
    *frame = Frame { pc: back, fp: caller };
    if Opcode::from_byte(instruction.opcode()) == Some(Opcode::Send) {
        frame.set(instruction.a(), value);
    }
    frame.jump(extension(back.wrapping_sub(2), 0) as i64);
    cx.thread.save(frame.pc, caller);
}

fn compare_and_jump(cx: &mut Cx, frame: &mut Frame, i: Instruction, number: usize, rhs: Value) -> PyResult<()> {
    const ORDER: [Comparison; 6] =
        [Comparison::Lt, Comparison::Le, Comparison::Eq, Comparison::Ne, Comparison::Gt, Comparison::Ge];
    let result = operations::compare(cx, ORDER[number / 2], frame.get(i.a()), rhs)?;
    if operations::truth(cx, result)? == number.is_multiple_of(2) {
        frame.jump(i.signed_c());
    }
    Ok(())
}

fn unbound_local(cx: &mut Cx, frame: &Frame, variable: usize) -> Raised {
    let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
    let names = downcast::<Tuple>(code.variable_names.get()).expect("variable names are a tuple");
    let name = downcast::<Str>(tuple_items(&names)[variable]).map_or_else(String::new, |name| name.to_text());
    let message = format!("cannot access local variable '{name}' where it is not associated with a value");
    cx.raise(Kind::UNBOUND_LOCAL_ERROR, message)
}

/// The name of a shared variable: cell variables come first, then free ones.
fn variable_name(cx: &mut Cx, frame: &Frame, variable: usize) -> Gc<Str> {
    let unit = code::unit_of(cx, code_of(frame_function(frame.fp)).expect("a running frame has code"));
    let name = unit.cellvars.iter().chain(&unit.freevars).nth(variable).map_or("?", String::as_str);
    cx.intern(name)
}

fn unbound_cell(cx: &mut Cx, frame: &Frame, variable: usize) -> Raised {
    let unit = code::unit_of(cx, code_of(frame_function(frame.fp)).expect("a running frame has code"));
    match unit.cellvars.get(variable) {
        Some(name) => {
            let message = format!("cannot access local variable '{name}' where it is not associated with a value");
            cx.raise(Kind::UNBOUND_LOCAL_ERROR, message)
        }
        None => {
            let name = unit.freevars.get(variable - unit.cellvars.len()).map_or("?", String::as_str);
            let message = format!(
                "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            );
            cx.raise(Kind::NAME_ERROR, message)
        }
    }
}

fn name_error(cx: &mut Cx, name: Gc<Str>) -> Raised {
    let message = format!("name '{}' is not defined", name.to_text());
    let raised = cx.raise(Kind::NAME_ERROR, message);
    if let Some(exception) = downcast::<Exception>(cx.raised.get()) {
        exception.detail.set(cx.mutator(), exception, name.value());
    }
    raised
}

/// The namespace of a class body or of exec'd code: kept in the frame's function until classes are built from it.
fn namespace(frame: &Frame) -> Value {
    let function = running_function(frame);
    match function.annotate.get() {
        NONE => function.globals.get().value(),
        namespace => namespace,
    }
}

/// A global or builtin, with the cell that an inline cache may use.
pub(crate) fn load_global(cx: &mut Cx, frame: &Frame, name: Gc<Str>) -> PyResult<(Value, Option<Gc<GlobalCell>>)> {
    let globals = running_function(frame).globals.get();
    if !globals.cells.get() {
        // A plain dict, or an instance of a subclass, whose `__missing__` and the like have a say.
        return match mapping_get(cx, globals.value(), name)? {
            Some(value) => Ok((value, None)),
            None => Ok((load_builtin(cx, globals, name)?, None)),
        };
    }
    // Code that functions with other globals run too remembers no cells.
    let shared = running_function(frame).code.get().home.get() == UNBOUND;
    if let Some(value) = Dict::get_str(cx, globals, name) {
        if shared {
            return Ok((value, None));
        }
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, globals, name.value(), hash)?;
        return Ok((value, Some(cell)));
    }
    let value = load_builtin(cx, globals, name)?;
    if shared || custom_builtins(cx, globals).is_some() {
        return Ok((value, None));
    }
    // The global's own cell stays unbound and leads to the builtin's, so that defining the global later is seen.
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let hash = name.hash_value(cx);
    let builtin = Dict::cell(cx, builtins, name.value(), hash)?;
    let cell = Dict::cell(cx, globals, name.value(), hash)?;
    if cell.builtin.get().is_none() {
        cell.builtin.set_release(cx.mutator(), cell, Some(builtin));
    }
    Ok((value, Some(cell)))
}

/// A builtin as code with these globals sees it.
fn load_builtin(cx: &mut Cx, globals: Gc<Dict>, name: Gc<Str>) -> PyResult {
    let standard = cx.runtime.builtins.get().expect("made at start-up");
    let found = match custom_builtins(cx, globals) {
        None => Dict::get_str(cx, standard, name),
        Some(mapping) => mapping_get(cx, mapping, name)?,
    };
    match found {
        Some(value) => Ok(value),
        None => Err(name_error(cx, name)),
    }
}

/// Whether an inline cache may remember what a lookup on this object found.
fn may_cache(cx: &Cx, object: Value, found: Found) -> bool {
    match found {
        Found::Uncacheable => false,
        _ if !object.is_object() => false,
        Found::Cell(_) => true,
        _ => {
            if shape(shape_id(object)).kind == ShapeKind::Dictionary {
                return false;
            }
            let class = types::class_of(cx, object);
            let own = as_type(object).is_none_or(types::rely_on);
            own && types::rely_on(class)
        }
    }
}

/// Fills the inline cache of the instruction at a frame's place without executing it. False where there is nothing that
/// a cache may remember.
pub fn fill_cache(cx: &mut Cx, frame: &Frame, i: Instruction) -> bool {
    let start = frame.pc;
    match Opcode::from_byte(i.opcode()) {
        Some(Opcode::LoadAttr | Opcode::LoadMethod) => {
            let object = frame.get(i.b());
            let name = name_at(frame, i.c());
            let Some(found) = attribute::locate(cx, object, name) else { return false };
            if !may_cache(cx, object, found) {
                return false;
            }
            let Some((word, payload)) = inline_cache::entry(shape_id(object), found) else { return false };
            // SAFETY: the instruction has two extension words.
            unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
            extension(start, 0) == word.0
        }
        Some(Opcode::StoreAttr) => {
            let object = frame.get(i.a());
            let name = name_at(frame, i.c());
            let Some((word, payload)) = store_plan(cx, object, name) else { return false };
            // SAFETY: the instruction has two extension words.
            unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
            extension(start, 0) == word.0
        }
        Some(Opcode::LoadGlobal) => {
            let name = name_at(frame, i.bc() as usize);
            let Ok((_, Some(cell))) = load_global(cx, frame, name) else {
                cx.take_raised();
                return false;
            };
            // SAFETY: the instruction has one extension word.
            unsafe { inline_cache::fill(start, CacheWord(cell.address() as u64), None) };
            true
        }
        Some(Opcode::Call | Opcode::CallMethod) => {
            let callee = frame.get(i.b());
            let Some(class) = as_type(callee) else { return false };
            if !code::plan_construction(cx, class) {
                return false;
            }
            let word = CacheWord::new(shape_id(callee), CacheKind::Construct, 0);
            // SAFETY: call instructions have an extension word.
            unsafe { inline_cache::fill_for_class(start, word, None) };
            extension(start, 0) == word.0
        }
        _ => false,
    }
}

/// The cache entry for a store of an attribute that the object has, or that it would get in an inline slot.
fn store_plan(cx: &mut Cx, object: Value, name: Gc<Str>) -> Option<(CacheWord, u64)> {
    let name = attribute::plain_store_name(cx, object, name)?;
    let before = shape(shape_id(object));
    if before.kind != ShapeKind::Slots {
        return None;
    }
    if let Some(slot) = before.slot(name) {
        return inline_cache::entry(before.id, Found::Slot(before.place(slot)));
    }
    match before.place(before.names.len()) {
        Place::Inline(offset) => {
            let after = before.with(name);
            Some((CacheWord::new(before.id, CacheKind::Add, offset), after.id.0 as u64))
        }
        Place::Overflow(_) => None,
    }
}

/// Whether a value is a native that takes its receiver as first argument.
fn is_method_native(value: Value) -> bool {
    value.is_object() && py_object::native::is_unbound_native(shape_id(value))
}

/// Gives the inline cache at `start` the words that another turn found for objects of this shape. False where there are
/// none, or where the cache holds them already, so that running the instruction again would lead here again.
fn refill(cx: &Cx, start: *const u64, object: Value, name: Gc<Str>, usage: SiteUse) -> bool {
    if vm_stm::is_concurrent() || !object.is_object() {
        return false;
    }
    let Some((word, payload)) = cx.lookups.site(shape_id(object), name, usage, types::class_epoch()) else {
        return false;
    };
    if extension(start, 0) == word {
        return false;
    }
    // SAFETY: the sites of attributes have two extension words.
    unsafe { inline_cache::fill_for_class(start, CacheWord(word), Some(payload)) };
    true
}

/// Fills the inline cache at `start` for objects of a shape, and notes its words for other sites.
fn fill_site(cx: &Cx, start: *const u64, shape: ShapeId, name: Gc<Str>, usage: SiteUse, entry: (CacheWord, u64)) {
    let (word, payload) = entry;
    cx.lookups.put_site(shape, name, usage, types::class_epoch(), (word.0, payload));
    // SAFETY: the sites of attributes have two extension words.
    unsafe { inline_cache::fill_for_class(start, word, Some(payload)) };
}

fn load_attribute(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<bool> {
    let object = frame.get(i.b());
    let name = name_at(frame, i.c());
    if refill(cx, start, object, name, SiteUse::Load) {
        return Ok(false);
    }
    let (value, found) = attribute::get_cacheable(cx, object, name)?;
    if may_cache(cx, object, found)
        && let Some(entry) = inline_cache::entry(shape_id(object), found)
    {
        fill_site(cx, start, shape_id(object), name, SiteUse::Load, entry);
    }
    frame.set(i.a(), value);
    Ok(true)
}

fn load_method(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<bool> {
    let object = frame.get(i.b());
    let name = name_at(frame, i.c());
    if refill(cx, start, object, name, SiteUse::Call) {
        return Ok(false);
    }
    // Immediate receivers have no shape to cache by, but need no bound method either.
    if !object.is_object() {
        let class = types::class_of(cx, object);
        if let Some(function) = types::lookup(cx, class, name)
            && is_method_native(function)
        {
            frame.set(i.a(), function);
            frame.set(i.a() + FRAME_HEADER, object);
            return Ok(true);
        }
    }
    // A method that the cache may remember is called with its receiver; no bound method is made for it.
    if let Some(found @ Found::Method(function)) = attribute::locate(cx, object, name) {
        if may_cache(cx, object, found)
            && let Some(entry) = inline_cache::entry(shape_id(object), found)
        {
            fill_site(cx, start, shape_id(object), name, SiteUse::Call, entry);
        }
        frame.set(i.a(), function);
        frame.set(i.a() + FRAME_HEADER, object);
        return Ok(true);
    }
    let (value, found) = attribute::get_cacheable(cx, object, name)?;
    if may_cache(cx, object, found)
        && let Some(entry) = inline_cache::entry(shape_id(object), found)
        && !entry.0.is(CacheKind::Getter)
        && !entry.0.is(CacheKind::Descriptor)
    {
        fill_site(cx, start, shape_id(object), name, SiteUse::Call, entry);
    }
    match found {
        Found::Method(function) => {
            frame.set(i.a(), function);
            frame.set(i.a() + FRAME_HEADER, object);
        }
        _ => {
            frame.set(i.a(), value);
            frame.set(i.a() + FRAME_HEADER, UNBOUND);
        }
    }
    Ok(true)
}

fn store_attribute(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<bool> {
    let object = frame.get(i.a());
    let name = name_at(frame, i.c());
    if refill(cx, start, object, name, SiteUse::Store) {
        return Ok(false);
    }
    let before = object.is_object().then(|| shape_id(object));
    attribute::set(cx, object, name, Some(frame.get(i.b())))?;
    let Some(before) = before else { return Ok(true) };
    let entry = if let Some(module) = downcast::<Module>(object)
        && !name.bytes().starts_with(b"__annot")
    {
        let hash = name.hash_value(cx);
        let cell = Dict::cell(cx, module.dict.get(), name.value(), hash)?;
        inline_cache::entry(before, Found::Cell(cell))
    } else {
        store_entry(cx, object, name, before)
    };
    if let Some(entry) = entry {
        fill_site(cx, start, before, name, SiteUse::Store, entry);
    }
    Ok(true)
}

/// The cache entry for a store that has just been made to an object that had shape `before`.
fn store_entry(cx: &mut Cx, object: Value, name: Gc<Str>, before: vm_heap::ShapeId) -> Option<(CacheWord, u64)> {
    let name = attribute::plain_store_name(cx, object, name)?;
    let after = shape(shape_id(object));
    if after.kind != ShapeKind::Slots {
        return None;
    }
    let place = after.place(after.slot(name)?);
    if after.id == before {
        return inline_cache::entry(before, Found::Slot(place));
    }
    match place {
        Place::Inline(offset) => Some((CacheWord::new(before, CacheKind::Add, offset), after.id.0 as u64)),
        Place::Overflow(_) => None,
    }
}

/// Calls with arguments in registers.
fn call_registers(
    cx: &mut Cx,
    frame: &mut Frame,
    start: *const u64,
    i: Instruction,
    method: bool,
    keywords: Option<Gc<Tuple>>,
) -> PyResult<bool> {
    let base = i.b();
    let callee = frame.get(base);
    let mut first = base + FRAME_HEADER;
    let mut count = i.c();
    if method {
        if frame.get(first) == UNBOUND {
            first += 1;
        } else {
            count += 1;
        }
    }
    if keywords.is_none()
        && let Some(class) = as_type(callee)
        && extension(start, 0) == 0
        && code::plan_construction(cx, class)
    {
        // SAFETY: call instructions have an extension word.
        unsafe { inline_cache::fill_for_class(start, CacheWord::new(shape_id(callee), CacheKind::Construct, 0), None) };
    }
    invoke(cx, frame, start, callee, registers(frame, first, count), keywords, i.a())
}

/// Calls anything: Python functions by a frame of their own, everything else through the runtime.
fn invoke(
    cx: &mut Cx,
    frame: &mut Frame,
    start: *const u64,
    callee: Value,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
    result: usize,
) -> PyResult<bool> {
    if cx.mutator().should_poll() {
        crate::poll::poll(cx)?;
    }
    if is_exactly(callee, Kind::ATOMIC) {
        crate::atomic::enter_or_leave(cx, frame, start, arguments, result)?;
        return Ok(true);
    }
    if let Some(function) = downcast::<Function>(callee) {
        push_function(cx, frame, function, arguments, keywords, result)?;
        return Ok(true);
    }
    if let Some(method) = downcast::<Method>(callee)
        && let Some(function) = downcast::<Function>(method.function.get())
    {
        call::with_receiver(cx, method.receiver.get(), arguments, |cx, arguments| {
            push_function(cx, frame, function, arguments, keywords, result)
        })?;
        return Ok(true);
    }
    let value = call::call(cx, callee, arguments, keywords)?;
    frame.set(result, value);
    Ok(true)
}

/// Enters a Python function in a frame above the running one.
fn push_function(
    cx: &mut Cx,
    frame: &mut Frame,
    function: Gc<Function>,
    arguments: &[Value],
    keywords: Option<Gc<Tuple>>,
    result: usize,
) -> PyResult<()> {
    let (entry, _) = code::entry_of(function.code.get().value());
    let size = entry.size as usize;
    let fp = frame.fp.wrapping_add(frame_size(frame.fp) + FRAME_HEADER);
    if !cx.has_room(fp, size) {
        return Err(run::stack_full(cx));
    }
    // SAFETY: the frame lies above the running one, below the limit just checked.
    unsafe {
        *fp.sub(4) = function.value();
        *fp.sub(3) = Value::from_bits(result as u64 | (size as u64) << 32);
        *fp.sub(2) = Value::from_bits(frame.pc as u64);
        *fp.sub(1) = Value::from_bits(frame.fp as u64);
    }
    run::clear(fp, size);
    // While binding may collect, the registers it has filled must be seen; an error of binding is the caller's.
    let saved = run::Saved::of(cx);
    cx.mutator().stack_top.set(fp as usize + 8 * size);
    let bound = bind::bind(cx, function, arguments, keywords, fp);
    saved.restore(cx);
    bound?;
    *frame = Frame { pc: entry.pc, fp };
    Ok(())
}

/// Polls, and enters or makes the loop's machine code where the loop is hot.
fn loop_header(cx: &mut Cx, frame: &mut Frame, start: *const u64) -> SlowFlow {
    if cx.mutator().should_poll() && crate::poll::poll(cx).is_err() {
        return SlowFlow::Raise;
    }
    frame.pc = start.wrapping_add(Opcode::LoopHeader.size());
    crate::jit::hot_loop(cx, frame, start)
}

fn dict_merge(cx: &mut Cx, frame: &mut Frame, i: Instruction) -> PyResult<()> {
    let target = downcast::<Dict>(frame.get(i.a())).expect("the compiler builds the dict");
    let (source, callee) = (frame.get(i.b()), frame.get(i.c()));
    let dict = match downcast::<Dict>(source) {
        Some(dict) => dict,
        None => {
            if types::lookup_special(cx, source, "keys").is_none() {
                let display = bind::callee_display(cx, callee);
                let message = format!("{display} argument after ** must be a mapping, not {}", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            let copy = Dict::new(cx);
            call::call_method(cx, copy.value(), "update", &[source])?;
            copy
        }
    };
    let mut position = 0;
    while let Some((key, value, hash)) = Dict::next_hashed(dict, &mut position) {
        if Dict::get_hashed(cx, target, key, hash)?.is_some() {
            let (display, key) = (bind::callee_display(cx, callee), operations::to_str(cx, key)?.to_text());
            return Err(cx.type_error(format!("{display} got multiple values for keyword argument '{key}'")));
        }
        Dict::set_hashed(cx, target, key, hash, value)?;
    }
    Ok(())
}

fn format_value(cx: &mut Cx, frame: &mut Frame, i: Instruction) -> PyResult<()> {
    let mut value = frame.get(i.b());
    value = match i.x() {
        b's' => operations::to_str(cx, value)?.value(),
        b'r' => operations::repr(cx, value)?.value(),
        b'a' => {
            let builtins = cx.runtime.builtins.get().expect("made at start-up");
            let name = cx.intern("ascii");
            let ascii = Dict::get_str(cx, builtins, name).unwrap_or(NONE);
            call::call(cx, ascii, &[value], None)?
        }
        _ => value,
    };
    let has_specification = i.c() != 0xffff;
    let result = if !has_specification && is_exactly(value, Kind::STR) {
        value
    } else {
        let specification = if has_specification { frame.get(i.c()) } else { cx.intern("").value() };
        match types::lookup_special(cx, value, "__format__") {
            Some(hook) => call::call_special(cx, hook, value, &[specification], None)?,
            None => operations::to_str(cx, value)?.value(),
        }
    };
    if downcast::<Str>(result).is_none() {
        let message = format!("__format__ must return a str, not {}", class_name(cx, result));
        return Err(cx.type_error(message));
    }
    frame.set(i.a(), result);
    Ok(())
}

fn unpack_sequence(cx: &mut Cx, frame: &mut Frame, i: Instruction) -> PyResult<()> {
    let (source, wanted) = (frame.get(i.b()), i.c());
    let iterator = unpack_iterator(cx, source)?;
    let list = List::new(cx, &[])?;
    for got in 0..wanted {
        match operations::next(cx, iterator)? {
            Some(item) => List::push(cx, list, item)?,
            None => {
                let message = format!("not enough values to unpack (expected {wanted}, got {got})");
                return Err(cx.value_error(message));
            }
        }
    }
    if operations::next(cx, iterator)?.is_some() {
        let known = [Kind::LIST, Kind::TUPLE, Kind::DICT].iter().any(|kind| is_exactly(source, *kind));
        let message = if known {
            let length = operations::length(cx, source)?;
            format!("too many values to unpack (expected {wanted}, got {length})")
        } else {
            format!("too many values to unpack (expected {wanted})")
        };
        return Err(cx.value_error(message));
    }
    let (items, _) = List::snapshot(&list);
    for (register, item) in elements(&items).iter().enumerate().take(wanted) {
        frame.set(i.a() + register, item.get());
    }
    Ok(())
}

fn unpack_iterator(cx: &mut Cx, source: Value) -> PyResult {
    match operations::iterate(cx, source) {
        Ok(iterator) => Ok(iterator),
        Err(raised) => {
            if types::lookup_special(cx, source, "__iter__").is_none() {
                cx.take_raised();
                let message = format!("cannot unpack non-iterable {} object", class_name(cx, source));
                return Err(cx.type_error(message));
            }
            Err(raised)
        }
    }
}

fn unpack_around(cx: &mut Cx, frame: &mut Frame, i: Instruction) -> PyResult<()> {
    let (before, after) = (i.c() & 255, i.c() >> 8);
    let source = frame.get(i.b());
    let list = List::new(cx, &[])?;
    if is_exactly(source, Kind::LIST) || is_exactly(source, Kind::TUPLE) {
        types::list::extend(cx, list, source)?;
    } else {
        let iterator = unpack_iterator(cx, source)?;
        while let Some(item) = operations::next(cx, iterator)? {
            List::push(cx, list, item)?;
        }
    }
    let (items, length) = List::snapshot(&list);
    if length < before + after {
        let least = if after == 0 { before } else { before + after };
        let message = format!("not enough values to unpack (expected at least {least}, got {length})");
        return Err(cx.value_error(message));
    }
    let values = bind::array_values(&items, length);
    let middle = List::new(cx, &values[before..length - after])?;
    for (register, value) in values[..before].iter().enumerate() {
        frame.set(i.a() + register, *value);
    }
    frame.set(i.a() + before, middle.value());
    for (register, value) in values[length - after..].iter().enumerate() {
        frame.set(i.a() + before + 1 + register, *value);
    }
    Ok(())
}

fn raise(cx: &mut Cx, frame: &Frame, i: Instruction) -> Raised {
    if i.x() == 0 {
        let handled = cx.handled_now();
        if handled == NONE {
            return cx.raise(Kind::RUNTIME_ERROR, "No active exception to reraise");
        }
        return cx.raise_value(handled);
    }
    let exception = match exception::normalise(cx, frame.get(i.a())) {
        Ok(exception) => exception,
        Err(raised) => return raised,
    };
    if i.x() == 2 {
        let cause = frame.get(i.b());
        let cause = if cause == NONE {
            NONE
        } else {
            match exception::normalise(cx, cause) {
                Ok(cause) => cause.value(),
                Err(raised) => {
                    if types::as_type(cause).is_none() {
                        return cx.type_error("exception causes must derive from BaseException");
                    }
                    return raised;
                }
            }
        };
        exception.cause.set(cx.mutator(), exception, cause);
        exception.suppress_context.init(true);
    }
    exception::raise(cx, exception)
}

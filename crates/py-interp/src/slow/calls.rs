//! Calls and returns.

use super::{extension, registers};
use crate::call_plan::{self, Callee, MAKER_FRAME, Plan, Site};
use crate::code::{self, code_of, simple_entry};
use crate::inline_cache::{self, CacheKind, CacheWord};
use crate::meanings::MOVED_ARGUMENTS;
use crate::{bind, run};
use py_code::Opcode;
use py_object::frames;
use py_object::native::{is_maybe_bound_native, is_unbound_native};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, class_name, is_exactly, shape_id};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND, call, downcast, shapes};
use vm_heap::{Gc, Value};
use vm_machine::{FRAME_HEADER, Frame, Instruction, destination, frame_function, frame_size};

/// Calls r[b] with `c` positional arguments from b+4 on.
#[inline(always)]
pub fn call(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    call_positional(cx, frame, start, i, Opcode::Call)
}

/// Calls r[b] with self at b+4 (unless unbound) and `c` arguments from b+5 on.
#[inline(always)]
pub fn call_method(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    call_positional(cx, frame, start, i, Opcode::CallMethod)
}

/// CallKw CallMethodKw
#[inline(always)]
fn call_with_names(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    call_registers(cx, frame, start, i, opcode)
}

/// Calls r[b] with the positional arguments in iterable r[b+4] and the keyword arguments in dict r[b+5] (or None).
pub fn call_unpacked(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction) -> PyResult<()> {
    let callee = frame.get(i.b());
    let (positional, keywords) = (frame.get(i.b() + 4), frame.get(i.b() + 5));
    let named = downcast::<Dict>(keywords).filter(|dict| Dict::length(*dict) != 0);
    let mut plain = downcast::<Tuple>(positional).filter(|_| is_exactly(positional, Kind::TUPLE));
    if let Some(list) = downcast::<List>(positional).filter(|_| is_exactly(positional, Kind::LIST)) {
        plain = Some(Tuple::from_list(cx, list)?);
    }
    if let Some(tuple) = plain {
        let items = tuple_items(&tuple);
        let Some(named) = named else { return invoke(cx, frame, start, callee, items, None, i.a()) };
        if items.len() + Dict::length(named) <= bind::FEW {
            // On the stack, where the collector sees them.
            let (mut all, mut names, mut count, mut position) = ([NONE; bind::FEW], [NONE; bind::FEW], 0, 0);
            all[..items.len()].copy_from_slice(items);
            while let Some((name, value)) = Dict::next(named, &mut position).filter(|_| items.len() + count < bind::FEW)
            {
                bind::check_keyword(cx, name)?;
                (all[items.len() + count], names[count]) = (value, name);
                count += 1;
            }
            let names = Tuple::new(cx, &names[..count]);
            return invoke(cx, frame, start, callee, &all[..items.len() + count], Some(names), i.a());
        }
    }
    // Iterating the positional arguments may change the mapping, which was looked at before them.
    let keywords = match named {
        Some(named) if plain.is_none() => Dict::duplicate(cx, named)?.value(),
        _ => keywords,
    };
    let (array, length, names) = bind::unpack(cx, callee, positional, keywords)?;
    let arguments = bind::array_values(&array, length);
    invoke(cx, frame, start, callee, arguments, names, i.a())
}

/// Stands for the code of a function that was never called: loads it and begins.
pub fn load_body(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    let code = code_of(frame_function(frame.fp)).expect("a running frame has code");
    code::load_body(cx, code)?;
    frame.pc = code.entry.get() as *const u64;
    Ok(())
}

/// End of a construction: returns r0 after checking that `__init__`, whose result is in r1, returned None.
pub fn constructor_return(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    let returned = frame.get(1);
    let message = format!("__init__() should return None, not '{}'", class_name(cx, returned));
    Err(cx.type_error(message))
}

/// End of the making of an instance: an instance of the class or of a subclass is initialised with the same arguments.
pub fn maker_return(cx: &mut Cx, frame: &mut Frame, _start: *const u64, _i: Instruction) -> PyResult<()> {
    let (class, made) = (frame.get(0), frame.get(1));
    let made_class = types::class_of(cx, made);
    if !as_type(class).is_some_and(|class| types::is_subclass(made_class, class)) {
        *frame = leave(cx, *frame, made);
        return Ok(());
    }
    let arguments = registers(frame, MAKER_FRAME, frame_size(frame.fp) - MAKER_FRAME);
    let names = downcast::<Tuple>(frame.get(2));
    let init = cx.intern("__init__");
    let Some(init) = types::lookup(cx, made_class, init) else {
        *frame = leave(cx, *frame, made);
        return Ok(());
    };
    if let Some(function) = downcast::<Function>(init) {
        // The frame goes on as that of a construction by `__init__`.
        frame.set(0, made);
        frame.pc = code::constructor_return();
        return call::with_receiver(cx, made, arguments, |cx, arguments| {
            push_function(cx, frame, function, arguments, names, 1)
        });
    }
    let result = call::call_special(cx, init, made, arguments, names)?;
    if result != NONE {
        let message = format!("__init__() should return None, not '{}'", class_name(cx, result));
        return Err(cx.type_error(message));
    }
    *frame = leave(cx, *frame, made);
    Ok(())
}

/// Return ReturnNone
#[inline(always)]
fn leave_observed(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    // Somebody observes the frame.
    let value = if opcode == Opcode::Return { frame.get(i.a()) } else { NONE };
    note_leaving(cx, frame, start);
    *frame = leave(cx, *frame, value);
    Ok(())
}

family! { call_with_names: call_keyword = CallKw, call_method_keyword = CallMethodKw }
family! { leave_observed: return_value = Return, return_none = ReturnNone }

/// Tells the object of a frame, if it has one, that the frame ends with the instruction at `start`.
pub(crate) fn note_leaving(cx: &mut Cx, frame: &Frame, start: *const u64) {
    if let Some(code) = code_of(frame_function(frame.fp)) {
        frames::left(cx, frame.fp, code::offset_in(code, start));
    }
}

/// Pops the frame with a result.
#[inline]
pub(crate) fn leave(cx: &mut Cx, frame: Frame, value: Value) -> Frame {
    let caller = Frame { pc: vm_machine::return_address(frame.fp), fp: vm_machine::caller_frame(frame.fp) };
    caller.set(destination(frame.fp), value);
    cx.thread.save(caller.pc, caller.fp);
    caller
}

/// Calls with positional arguments in registers.
#[inline(always)]
fn call_positional(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let base = i.b();
    let callee = frame.get(base);
    let arguments = |frame: &Frame| match opcode {
        Opcode::Call => (base + FRAME_HEADER, i.c()),
        _ if frame.get(base + FRAME_HEADER) == UNBOUND => (base + FRAME_HEADER + 1, i.c()),
        _ => (base + FRAME_HEADER, i.c() + 1),
    };
    if callee.is_object()
        && let shape = shape_id(callee)
        && (is_maybe_bound_native(shape) || is_unbound_native(shape))
        && let Some(native) = downcast::<Native>(callee)
    {
        let (first, count) = arguments(frame);
        let (definition, arguments) = (call::definition(native), registers(frame, first, count));
        let result = if call::needs_no_check(cx, callee, native, definition, arguments) {
            (definition.call)(cx, arguments, None)?
        } else if call::is_bound(callee, native, definition) && !cx.thread.transaction.is_logged() {
            // The receiver goes into the word before the arguments, which is free.
            frame.set(first - 1, native.receiver.get());
            (definition.call)(cx, registers(frame, first - 1, count + 1), None)?
        } else {
            call_native(cx, frame, callee, native, first, count)?
        };
        frame.set(i.a(), result);
        return poll_after(cx);
    }
    if let Some(class) = as_type(callee)
        && class.flags.get() & types::HEAP_TYPE == 0
    {
        // The type goes into the word before its arguments, which is free.
        let (first, count) = arguments(frame);
        frame.set(first - 1, callee);
        let result = call::call_type_in_place(cx, registers(frame, first - 1, count + 1))?;
        frame.set(i.a(), result);
        return poll_after(cx);
    }
    call_registers(cx, frame, start, i, opcode)
}

/// What a signal asks for that came during a call of native code is done right after it, as of the call.
#[inline(always)]
fn poll_after(cx: &mut Cx) -> PyResult<()> {
    if cx.mutator().should_poll() { crate::poll::poll(cx) } else { Ok(()) }
}

/// Calls a native with arguments in registers. A bound one gets its receiver in the word before them, which is free.
#[inline(never)]
fn call_native(
    cx: &mut Cx,
    frame: &Frame,
    callee: Value,
    native: Gc<Native>,
    mut first: usize,
    mut count: usize,
) -> PyResult {
    let definition = call::definition(native);
    if call::is_bound(callee, native, definition) {
        first -= 1;
        count += 1;
        frame.set(first, native.receiver.get());
    }
    call::call_unbound(cx, callee, native, registers(frame, first, count), None)
}

/// The call that the instruction at `start` makes.
fn site(frame: &Frame, start: *const u64, i: Instruction, opcode: Opcode) -> Site {
    let method = matches!(opcode, Opcode::CallMethod | Opcode::CallMethodKw);
    let (mut first, mut count) = (FRAME_HEADER, i.c());
    if method {
        if frame.get(i.b() + first) == UNBOUND {
            first += 1;
        } else {
            count += 1;
        }
    }
    let named = matches!(opcode, Opcode::CallKw | Opcode::CallMethodKw);
    let names = named.then(|| Value::from_bits(extension(start, 1)));
    Site { callee: frame.get(i.b()), first, count, names: names.and_then(downcast::<Tuple>) }
}

/// Calls with arguments in registers.
#[inline(never)]
fn call_registers(cx: &mut Cx, frame: &mut Frame, start: *const u64, i: Instruction, opcode: Opcode) -> PyResult<()> {
    let site = site(frame, start, i, opcode);
    let cache = CacheWord(extension(start, 0));
    if let Some((plan, function)) = planned(site, cache) {
        if follow(cx, frame, plan, function, site.callee, i)? {
            return Ok(());
        }
    } else if !cx.tracing.is_active() && remember(cx, start, site)? {
        // Whoever observes calls sees each of them once.
        frame.pc = start;
        return Ok(());
    }
    let arguments = registers(frame, i.b() + site.first, site.count);
    invoke(cx, frame, start, site.callee, arguments, site.names, i.a())
}

/// Lets the cache of a call remember how the call is made. False where there is nothing that it may remember.
pub(super) fn remember_call(cx: &mut Cx, frame: &Frame, i: Instruction, opcode: Opcode) -> bool {
    let site = site(frame, frame.pc, i, opcode);
    let known = planned(site, CacheWord(extension(frame.pc, 0))).is_some();
    known
        || remember(cx, frame.pc, site).unwrap_or_else(|_| {
            cx.take_raised();
            false
        })
}

fn remember(cx: &mut Cx, start: *const u64, site: Site) -> PyResult<bool> {
    if as_type(site.callee).is_some_and(|class| class.flags.get() & types::HEAP_TYPE == 0) {
        return Ok(false); // no Python function makes its instances
    }
    let cache = CacheWord(extension(start, 0));
    if site.names.is_none() {
        let count = site.count as i64;
        if simple_entry(site.callee, count).is_some() {
            return Ok(false); // needs no plan
        }
        if let Some(method) = downcast::<Method>(site.callee)
            && simple_entry(method.function.get(), count + 1).is_some()
        {
            return Ok(false);
        }
        if let Some(class) = as_type(site.callee)
            && code::plan_construction(cx, class)
            && code::construction(site.callee, site.count).is_some()
            && site.count <= MOVED_ARGUMENTS
        {
            let word = CacheWord::new(shape_id(site.callee), CacheKind::Construct, 0);
            if cache.0 == word.0 {
                return Ok(false); // the stack or the heap is full
            }
            if cache.0 == 0 {
                // SAFETY: call instructions have an extension word.
                unsafe { inline_cache::fill_for_class(start, word, None) };
                return Ok(extension(start, 0) == word.0);
            }
        }
    }
    let Some(plan) = call_plan::make(cx, site, cache.plan())? else { return Ok(false) };
    // SAFETY: as above.
    unsafe { inline_cache::fill_with_plan(start, plan) };
    Ok(true)
}

/// The plan for a call among those that its site has, and the function.
fn planned(site: Site, cache: CacheWord) -> Option<(&'static Plan, Gc<Function>)> {
    let first = cache.plan().filter(|_| site.callee.is_object())?;
    let shape = shape_id(site.callee);
    let function = match shape {
        shapes::FUNCTION => downcast::<Function>(site.callee)?,
        shapes::METHOD => downcast::<Function>(downcast::<Method>(site.callee)?.function.get())?,
        _ => as_type(site.callee).and_then(|class| code::constructor_of(class).or_else(|| code::maker_of(class)))?,
    };
    let (code, shifted) = (function.code.get().value(), site.first != FRAME_HEADER);
    let fits = |plan: &&Plan| plan.fits(shape, code, shifted) && plan.code == code;
    std::iter::successors(Some(first), |plan| plan.next).find(fits).map(|plan| (plan, function))
}

/// Calls as a plan says, where the call's meaning can't. False, with nothing done, where defaults have changed since it was made.
fn follow(
    cx: &mut Cx,
    frame: &mut Frame,
    plan: &'static Plan,
    function: Gc<Function>,
    callee: Value,
    i: Instruction,
) -> PyResult<bool> {
    if cx.mutator().should_poll() {
        crate::poll::poll(cx)?;
    }
    let base = Frame { pc: frame.pc, fp: frame.fp.wrapping_add(i.b()) };
    if !cx.has_room(base.fp, plan.room) {
        return Err(run::stack_full(cx));
    }
    // While this may collect, the registers that it fills must be seen.
    let saved = run::Saved::of(cx);
    cx.mutator().stack_top.set(base.fp.wrapping_add(plan.room) as usize);
    let collected = collect(cx, plan, function, base);
    let initialised = if let Callee::Class(_) = plan.callee { as_type(callee) } else { None };
    let instance = initialised.map(|class| types::new_instance(cx, class).value());
    saved.restore(cx);
    if !collected? {
        return Ok(false);
    }
    if let Some(method) = downcast::<Method>(callee) {
        base.set(call_plan::RECEIVER, method.receiver.get());
    }
    for (from, to) in &plan.moves {
        base.set(*to, base.get(*from));
    }
    let fp = base.fp.wrapping_add(plan.origin);
    let size = plan.entry.size as usize;
    // SAFETY: there is room for all that the plan needs, as was checked.
    unsafe {
        if let Some(outer) = plan.outer {
            let constructor = base.fp.wrapping_add(FRAME_HEADER);
            if let Some(instance) = instance {
                base.set(FRAME_HEADER, instance);
                base.set(plan.origin, instance);
            } else {
                base.set(FRAME_HEADER + 2, plan.names);
            }
            run::write_header(constructor, callee, i.a(), outer.size as usize, frame.pc, frame.fp);
            run::write_header(fp, function.value(), 1, size, outer.pc, constructor);
        } else {
            run::write_header(fp, function.value(), i.a(), size, frame.pc, frame.fp);
        }
    }
    *frame = Frame { pc: plan.entry.pc, fp };
    Ok(true)
}

/// Writes the defaults that a plan fills in, and what `*args` and `**kwargs` collect. False where the defaults are others than they were.
fn collect(cx: &mut Cx, plan: &'static Plan, function: Gc<Function>, base: Frame) -> PyResult<bool> {
    if let Some(rest) = &plan.rest {
        let items = registers(&base, rest.first, rest.count);
        let Some(tuple) = Tuple::try_new(cx, items) else { return Err(cx.raise(Kind::MEMORY_ERROR, "")) };
        base.set(rest.to, tuple.value());
    }
    if let Some(extra) = &plan.extra {
        let dict = Dict::new(cx);
        base.set(extra.to, dict.value());
        Dict::reserve(cx, dict, extra.named.len())?;
        for (name, from) in &extra.named {
            let name = downcast::<Str>(*name).expect("keyword names are strings");
            Dict::set_str(cx, dict, name, base.get(*from))?;
        }
    }
    if !plan.defaults.is_empty() {
        let Some(defaults) = downcast::<Tuple>(function.defaults.get()) else { return Ok(false) };
        let defaults = tuple_items(&defaults);
        if defaults.len() != plan.defaults_length {
            return Ok(false);
        }
        for (index, to) in &plan.defaults {
            base.set(*to, defaults[*index]);
        }
    }
    for default in &plan.keyword_defaults {
        let name = downcast::<Str>(default.name).expect("names are strings");
        let dict = downcast::<Dict>(function.keyword_defaults.get());
        let Some(value) = dict.and_then(|dict| Dict::get_str(cx, dict, name)) else { return Ok(false) };
        base.set(default.to, value);
    }
    Ok(true)
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
) -> PyResult<()> {
    if cx.mutator().should_poll() {
        crate::poll::poll(cx)?;
    }
    if is_exactly(callee, Kind::ATOMIC) {
        crate::atomic::enter_or_leave(cx, frame, start, arguments, result)?;
        return Ok(());
    }
    if let Some(function) = downcast::<Function>(callee) {
        push_function(cx, frame, function, arguments, keywords, result)?;
        return Ok(());
    }
    if let Some(method) = downcast::<Method>(callee)
        && let Some(function) = downcast::<Function>(method.function.get())
    {
        call::with_receiver(cx, method.receiver.get(), arguments, |cx, arguments| {
            push_function(cx, frame, function, arguments, keywords, result)
        })?;
        return Ok(());
    }
    let value = call::call(cx, callee, arguments, keywords)?;
    frame.set(result, value);
    poll_after(cx)
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
    let (entry, simple) = code::entry_of(function.code.get().value());
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
    if simple == arguments.len() as i64 && keywords.is_none() {
        for (register, value) in arguments.iter().enumerate() {
            // SAFETY: parameters are registers of the frame.
            unsafe { *fp.add(register) = *value };
        }
        *frame = Frame { pc: entry.pc, fp };
        return Ok(());
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

//! What happens to a generator that nobody can reach before it has ended.
//!
//! It is closed, so that its `finally` clauses run. Only generators are registered with the collector for which that shows:
//! those that have been suspended where a handler covers them. A coroutine that nobody has awaited gives a warning. Most are
//! awaited at once, so the youngest waits in the context, and is registered if it has not begun when the next one is made.

use super::{FINALIZED, GUARDED, HOOKED, close, has_flag, is_finished, is_fresh, set_flag};
use py_code::Opcode;
use py_macros::py_methods;
use py_object::finalize::unraisable;
use py_object::objects::{Generator, Str};
use py_object::types::is_exactly;
use py_object::{Cx, Kind, NONE, Object, PyResult, StrExt, attribute, bootstrap, call, downcast, warning};
use vm_heap::{Gc, Value};

/// Whether an exception that comes out of a word of some code is handled by more than what delegates to another iterator.
fn is_covered(unit: &py_code::CodeUnit, offset: usize) -> bool {
    let Some(handler) = unit.handler(offset) else { return false };
    let target = handler.target as usize;
    let opcode = unit.code.get(target).and_then(|word| Opcode::from_byte(*word as u8));
    match opcode {
        Some(Opcode::CleanupThrow | Opcode::EndAsyncFor) => is_covered(unit, target),
        _ => true,
    }
}

/// Whether closing a suspended generator of some code may run any of it.
pub fn is_guarded(unit: &py_code::CodeUnit) -> bool {
    unit.instructions().any(|(offset, instruction)| instruction.opcode() == Opcode::Yield && is_covered(unit, offset))
}

/// Registers a generator that is about to be suspended, once, where closing it will show. `pc` is where it goes on.
#[cold]
pub(super) fn register_suspended(cx: &mut Cx, generator: Gc<Generator>, pc: *const u64) {
    let code = generator.code.get();
    let unit = crate::code::unit_of(cx, code);
    if is_covered(unit, crate::code::offset_in(code, pc.wrapping_sub(1))) {
        register(cx, generator);
    }
}

/// Registers a generator with the collector.
pub(super) fn register(cx: &mut Cx, generator: Gc<Generator>) {
    if !has_flag(generator, FINALIZED) {
        set_flag(generator, FINALIZED, true);
        set_flag(generator, GUARDED, false);
        cx.mutator().register_finalizable(generator.value());
    }
}

/// Notes a new coroutine; the one made before it is registered if nobody has awaited it yet.
pub(super) fn note_coroutine(cx: &mut Cx, coroutine: Gc<Generator>) {
    let before = cx.youngest_coroutine.replace(coroutine.value());
    register_fresh(cx, before);
}

fn register_fresh(cx: &mut Cx, coroutine: Value) {
    if let Some(coroutine) = downcast::<Generator>(coroutine)
        && is_fresh(coroutine)
    {
        register(cx, coroutine);
    }
}

/// Forgets the youngest coroutine: before a collection that a program asks for.
pub fn settle(cx: &mut Cx) {
    let youngest = cx.youngest_coroutine.replace(NONE);
    register_fresh(cx, youngest);
}

/// RuntimeWarning for a coroutine that nobody has awaited.
fn warn_unawaited(cx: &mut Cx, coroutine: Gc<Generator>) -> PyResult<()> {
    let name = cx.intern("_warn_unawaited_coroutine");
    let function = match cx.import("warnings") {
        Ok(module) => attribute::get_optional(cx, module, name)?,
        Err(_) => {
            cx.take_raised();
            None
        }
    };
    match function {
        Some(function) => call::call(cx, function, &[coroutine.value()], None).map(|_| ()),
        None => {
            let name = downcast::<Str>(coroutine.qualname.get()).map_or_else(String::new, |name| name.to_text());
            warning::warn(cx, Kind::RUNTIME_WARNING, &format!("coroutine '{name}' was never awaited"))
        }
    }
}

/// Ends a generator that nobody can reach.
fn finalize(cx: &mut Cx, generator: Gc<Generator>) {
    if is_finished(generator) || super::is_running(generator) {
        return;
    }
    let hook = generator.extra.get();
    if is_exactly(generator.value(), Kind::ASYNC_GENERATOR) && hook != NONE {
        if !has_flag(generator, super::CLOSED)
            && has_flag(generator, HOOKED)
            && call::call(cx, hook, &[generator.value()], None).is_err()
        {
            unraisable(cx, "Exception ignored while calling agen finalizer", hook);
        }
        return;
    }
    if is_exactly(generator.value(), Kind::COROUTINE) && is_fresh(generator) {
        if warn_unawaited(cx, generator).is_err() {
            unraisable(cx, "Exception ignored while finalizing coroutine", generator.value());
        }
        super::discard(generator);
        return;
    }
    if close(cx, generator).is_err() {
        unraisable(cx, "Exception ignored while closing generator", generator.value());
    }
}

/// `__del__` of all sorts of generators.
pub struct Methods;

#[py_methods(ANY_GENERATOR, name = "generator")]
impl Methods {
    /// Called when the instance is about to be destroyed.
    #[method]
    fn __del__(cx: &mut Cx, this: Gc<Generator>) {
        finalize(cx, this);
    }
}

/// Gives all sorts of generators the method.
pub(super) fn install(cx: &mut Cx) {
    for kind in [Kind::GENERATOR, Kind::COROUTINE, Kind::ASYNC_GENERATOR] {
        bootstrap::add_methods(cx, kind, ANY_GENERATOR_METHODS);
    }
    let _ = cx.runtime.settle_coroutines.set(settle);
    vm_heap::set_finalizer_test(Generator::LAYOUT_ID, |address| {
        // SAFETY: the collector asks about an object of this layout that has not been swept.
        let generator: Gc<Generator> = unsafe { Gc::from_address(address) };
        !is_finished(generator)
    });
}

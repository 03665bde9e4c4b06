//! Audit events: what is about to happen, told to hooks that may forbid it.

use crate::system::roots::RootedValue;
use py_macros::py_functions;
use py_object::objects::{List, Str};
use py_object::types::{self, class_name};
use py_object::{Cx, Kind, PyResult, call, downcast, operations};
use std::sync::atomic::{AtomicBool, Ordering};
use vm_heap::Value;

/// Whether there are hooks.
static ANY: AtomicBool = AtomicBool::new(false);
/// The list of hooks.
static HOOKS: RootedValue = RootedValue::new();

/// Tells the hooks of an event; an exception of a hook forbids what is about to happen.
pub fn audit(cx: &mut Cx, event: &str, arguments: &[Value]) -> PyResult<()> {
    if !ANY.load(Ordering::Relaxed) {
        return Ok(());
    }
    let event = Str::new(cx, event).value();
    tell(cx, event, arguments)
}

fn tell(cx: &mut Cx, event: Value, arguments: &[Value]) -> PyResult<()> {
    let Some(hooks) = HOOKS.get() else { return Ok(()) };
    let arguments = cx.tuple(arguments);
    let iterator = operations::iterate(cx, hooks)?;
    while let Some(hook) = operations::next(cx, iterator)? {
        call::call(cx, hook, &[event, arguments], None)?;
    }
    Ok(())
}

/// The functions.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// Tell all hooks of an event.
    #[function(signature = "(event, /, *args)")]
    fn audit(cx: &mut Cx, event: Value, #[args] args: &[Value]) -> PyResult<()> {
        if downcast::<Str>(event).is_none() {
            let message = format!("audit() argument 1 must be str, not {}", class_name(cx, event));
            return Err(cx.type_error(message));
        }
        if ANY.load(Ordering::Relaxed) { tell(cx, event, args) } else { Ok(()) }
    }
    /// Add a hook that is told of all events, for as long as the interpreter runs.
    #[function]
    fn addaudithook(cx: &mut Cx, #[keyword] hook: Value) -> PyResult<()> {
        if let Err(raised) = audit(cx, "sys.addaudithook", &[]) {
            // A hook that forbids further ones is obeyed in silence.
            return match types::is_instance(cx, cx.raised.get(), Kind::EXCEPTION) {
                true => {
                    cx.take_raised();
                    Ok(())
                }
                false => Err(raised),
            };
        }
        let hooks = match HOOKS.get().and_then(downcast::<List>) {
            Some(hooks) => hooks,
            None => {
                let hooks = List::new(cx, &[])?;
                HOOKS.set(hooks.value());
                hooks
            }
        };
        List::push(cx, hooks, hook)?;
        ANY.store(true, Ordering::Relaxed);
        Ok(())
    }
}

//! `sys.monitoring` (PEP 669): who monitors what, and with which functions.
//!
//! `py_object::tracing` keeps it, and the interpreter reports.

use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{Code, Dict, List, Module, Str};
use py_object::tracing::{self, TOOLS, event};
use py_object::types::{list, singletons};
use py_object::{Cx, Kind, NONE, PyResult, attribute, call, downcast};
use vm_heap::{Gc, Value};

/// How many tools programs may use.
const PUBLIC_TOOLS: i64 = 6;

/// The events, by bit.
const EVENTS: [&str; 19] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

/// Events that can be chosen for single code objects.
const LOCAL_EVENTS: u32 = (1 << (event::STOP_ITERATION + 1)) - 1;

/// Names of tools that are agreed upon.
const AGREED_TOOLS: [(&str, i64); 4] =
    [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)];

fn state(cx: &mut Cx, name: &str) -> PyResult<Gc<List>> {
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let key = cx.intern("sys");
    let sys = Dict::get_str(cx, modules, key).unwrap_or(NONE);
    let key = cx.intern("monitoring");
    let module = attribute::get(cx, sys, key)?;
    let key = cx.intern(name);
    let list = attribute::get(cx, module, key)?;
    match downcast::<List>(list) {
        Some(list) => Ok(list),
        None => Err(cx.raise(Kind::SYSTEM_ERROR, "sys.monitoring has been changed")),
    }
}

fn check_tool(cx: &mut Cx, tool: i64) -> PyResult<usize> {
    if (0..PUBLIC_TOOLS).contains(&tool) {
        return Ok(tool as usize);
    }
    Err(cx.value_error(format!("invalid tool {tool} (must be between 0 and 5)")))
}

fn check_in_use(cx: &mut Cx, tool: i64) -> PyResult<usize> {
    let index = check_tool(cx, tool)?;
    let tools = state(cx, "_tools")?;
    match list::item(tools, index) {
        Some(NONE) | None => Err(cx.value_error(format!("tool {tool} is not in use"))),
        Some(_) => Ok(index),
    }
}

/// A set of events, with the two that a branch is.
fn check_events(cx: &mut Cx, events: i64) -> PyResult<u32> {
    const ENDS_OF_CALLS: u32 = 1 << event::C_RETURN | 1 << event::C_RAISE;
    let Some(set) = u32::try_from(events).ok().filter(|events| *events < 1 << EVENTS.len()) else {
        return Err(cx.value_error(format!("invalid event set 0x{events:x}")));
    };
    if set & ENDS_OF_CALLS != 0 && set & (ENDS_OF_CALLS | 1 << event::CALL) != ENDS_OF_CALLS | 1 << event::CALL {
        return Err(cx.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    let both = if set & 1 << event::BRANCH != 0 { 1 << event::BRANCH_LEFT | 1 << event::BRANCH_RIGHT } else { 0 };
    Ok(set & !(ENDS_OF_CALLS | 1 << event::BRANCH) | both)
}

fn check_code(cx: &mut Cx, code: Value) -> PyResult<Gc<Code>> {
    match downcast::<Code>(code) {
        Some(code) => Ok(code),
        None => Err(cx.type_error("code must be a code object")),
    }
}

fn forget_callbacks(cx: &mut Cx, tool: usize) -> PyResult<()> {
    let callbacks = state(cx, "_callbacks")?;
    for event in 0..EVENTS.len() {
        list::set_at(cx, callbacks, (tool * EVENTS.len() + event) as i64, NONE);
    }
    tracing::forget_tool(tool);
    tracing::changed(cx);
    Ok(())
}

/// The functions.
pub struct Functions;

#[py_functions("monitoring")]
impl Functions {
    /// Claim a tool for the name; ValueError if it is in use.
    #[function]
    fn use_tool_id(cx: &mut Cx, tool_id: i64, name: Value) -> PyResult<()> {
        let index = check_tool(cx, tool_id)?;
        if downcast::<Str>(name).is_none() {
            return Err(cx.value_error("tool name must be a str"));
        }
        let tools = state(cx, "_tools")?;
        if list::item(tools, index) != Some(NONE) {
            return Err(cx.value_error(format!("tool {tool_id} is already in use")));
        }
        list::set_at(cx, tools, index as i64, name);
        Ok(())
    }
    /// Forget the tool's events and callbacks.
    #[function]
    fn clear_tool_id(cx: &mut Cx, tool_id: i64) -> PyResult<()> {
        let index = check_tool(cx, tool_id)?;
        forget_callbacks(cx, index)
    }
    /// Let others use the tool.
    #[function]
    fn free_tool_id(cx: &mut Cx, tool_id: i64) -> PyResult<()> {
        let index = check_tool(cx, tool_id)?;
        forget_callbacks(cx, index)?;
        let tools = state(cx, "_tools")?;
        list::set_at(cx, tools, index as i64, NONE);
        Ok(())
    }
    /// Return the name that the tool was claimed for, or None.
    #[function]
    fn get_tool(cx: &mut Cx, tool_id: i64) -> PyResult {
        let index = check_tool(cx, tool_id)?;
        let tools = state(cx, "_tools")?;
        Ok(list::item(tools, index).unwrap_or(NONE))
    }
    /// Set what the tool calls for the event; return what it called before.
    #[function]
    fn register_callback(cx: &mut Cx, tool_id: i64, event: i64, func: Value) -> PyResult {
        let index = check_tool(cx, tool_id)?;
        if event <= 0 || event & (event - 1) != 0 {
            return Err(cx.value_error("The callback can only be set for one event at a time"));
        }
        let bit = event.trailing_zeros() as usize;
        if bit >= EVENTS.len() {
            return Err(cx.value_error(format!("invalid event {event}")));
        }
        let callbacks = state(cx, "_callbacks")?;
        let place = index * EVENTS.len() + bit;
        let before = list::item(callbacks, place).unwrap_or(NONE);
        list::set_at(cx, callbacks, place as i64, func);
        if bit == event::BRANCH as usize {
            // The old name of two events.
            for side in [event::BRANCH_LEFT, event::BRANCH_RIGHT] {
                list::set_at(cx, callbacks, (index * EVENTS.len()) as i64 + i64::from(side), func);
            }
        }
        Ok(before)
    }
    /// Return the events that the tool is told of everywhere.
    #[function]
    fn get_events(cx: &mut Cx, tool_id: i64) -> PyResult<i64> {
        check_tool(cx, tool_id).map(|tool| tracing::global_events(tool).into())
    }
    /// Choose the events that the tool is told of everywhere.
    #[function(trace = Never)]
    fn set_events(cx: &mut Cx, tool_id: i64, event_set: i64) -> PyResult<()> {
        check_tool(cx, tool_id)?;
        let events = check_events(cx, event_set)?;
        let tool = check_in_use(cx, tool_id)?;
        tracing::set_global_events(tool, events);
        tracing::changed(cx);
        Ok(())
    }
    /// Return the events that the tool is told of in a code object.
    #[function]
    fn get_local_events(cx: &mut Cx, tool_id: i64, code: Value) -> PyResult<i64> {
        let code = check_code(cx, code)?;
        check_tool(cx, tool_id).map(|tool| tracing::local_events(tool, code).into())
    }
    /// Choose the events that the tool is told of in a code object.
    #[function(trace = Never)]
    fn set_local_events(cx: &mut Cx, tool_id: i64, code: Value, event_set: i64) -> PyResult<()> {
        let code = check_code(cx, code)?;
        check_tool(cx, tool_id)?;
        let events = check_events(cx, event_set)?;
        if events & !LOCAL_EVENTS != 0 {
            return Err(cx.value_error(format!("invalid local event set 0x{event_set:x}")));
        }
        let tool = check_in_use(cx, tool_id)?;
        tracing::set_local_events(tool, code, events);
        tracing::changed(cx);
        Ok(())
    }
    /// Report events again that a callback has switched off.
    #[function]
    fn restart_events() {
        tracing::restart();
    }
    /// Return which tools are told of which events.
    #[function]
    fn _all_events(cx: &mut Cx) -> PyResult {
        let all = cx.dict();
        for (bit, name) in EVENTS.iter().enumerate() {
            let tools = (0..TOOLS).filter(|tool| tracing::global_events(*tool) & 1 << bit != 0);
            let tools = tools.fold(0, |tools, tool| tools | 1 << tool);
            if tools != 0 {
                let name = cx.intern(name);
                Dict::set_str(cx, all, name, Value::int(tools))?;
            }
        }
        Ok(all.value())
    }
}

/// A new object, known by its name, that means nothing but itself.
fn sentinel(cx: &mut Cx) -> PyResult {
    let class = cx.builtin_type(Kind::OBJECT);
    call::call(cx, class.value(), &[], None)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "sys.monitoring", FUNCTIONS);
    let mut sentinels = [NONE; 2];
    for (name, kept) in ["DISABLE", "MISSING"].iter().zip(&mut sentinels) {
        *kept = sentinel(cx)?;
        set(cx, module, name, *kept)?;
    }
    for (name, number) in AGREED_TOOLS {
        set(cx, module, name, Value::int(number))?;
    }
    let events = cx.dict();
    let no_events = [("NO_EVENTS", 0)];
    let all = EVENTS.iter().enumerate().map(|(bit, name)| (*name, 1 << bit));
    for (name, number) in all.chain(no_events) {
        let name = cx.intern(name);
        Dict::set_str(cx, events, name, Value::int(number))?;
    }
    let events = singletons::new_namespace(cx, events);
    set(cx, module, "events", events.value())?;
    let tools = List::new(cx, &[NONE; TOOLS])?;
    set(cx, module, "_tools", tools.value())?;
    let callbacks = List::new(cx, &[NONE; TOOLS * EVENTS.len()])?;
    set(cx, module, "_callbacks", callbacks.value())?;
    let [disable, missing] = sentinels;
    let kept = cx.tuple(&[callbacks.value(), disable, missing]);
    let _ = cx.runtime.monitoring.set(kept);
    Ok(module)
}

//! What reports events of running code to the program: functions of `sys.settrace` and `sys.setprofile`, tools of
//! `sys.monitoring`.
//!
//! Here lies who wants to know what. While a thread's [`Tracing::is_active`], its interpreter uses handlers that report; without
//! that, nothing looks at any of this. The frames whose entry has been reported are noted in [`Tracing::frames`], by address.

use crate::cx::{Cx, NONE, UNBOUND};
use crate::frames::lazy_unit_of;
use crate::objects::Code;
use py_code::CodeUnit;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use vm_heap::{Field, Gc, Value};

/// A frame that the events of the innermost one are compared with.
#[derive(Clone, Copy, Debug)]
pub struct TracedFrame {
    /// Register 0.
    pub fp: *mut Value,
    /// What runs in it, to tell it from a later frame at the same place.
    pub owner: Value,
    /// The instruction before, or none: a word of the code.
    pub offset: usize,
    /// The line before, or 0.
    pub line: u32,
    /// The instruction at which a line was told last.
    pub told: usize,
    /// Whether a call of a built-in function has been reported and its end has not.
    pub in_native: bool,
}

/// A frame that counts as being where it is entered.
#[derive(Clone, Copy, Default, Debug)]
pub struct Entering {
    /// The address of the frame object, or 0.
    pub frame: usize,
    /// The line.
    pub line: u32,
    /// The place, in bytes of `co_code`.
    pub place: i64,
}

/// Where a frame is to go on once the functions that are told about it have returned.
#[derive(Clone, Copy, Debug)]
pub struct Jump {
    /// Register 0.
    pub fp: *mut Value,
    /// A word of the code.
    pub offset: usize,
    /// The register that holds what is handled there; none if that does not change.
    pub handled: Option<u16>,
}

/// What a thread's functions are told of, and what has been told.
pub struct Tracing {
    /// The function of `sys.settrace`, or None.
    pub trace: Cell<Value>,
    /// The function of `sys.setprofile`, or None.
    pub profile: Cell<Value>,
    /// What another thread wants to be the function of `sys.settrace`; UNBOUND if none does.
    pub asked_trace: Field<Value>,
    /// What another thread wants to be the function of `sys.setprofile`; UNBOUND if none does.
    pub asked_profile: Field<Value>,
    /// Whether a function is being told something: it is not traced itself.
    pub telling: Cell<bool>,
    /// Whether anybody wanted to know of events when it was last asked.
    pub was_wanted: Cell<bool>,
    /// What the generator that was left last has returned, or None.
    pub returned: Cell<Value>,
    /// Frames, the innermost last.
    pub frames: RefCell<Vec<TracedFrame>>,
    /// The frame whose entry is being told.
    pub entering: Cell<Entering>,
    /// The event that is being told, also to functions of `sys.settrace` and `sys.setprofile`.
    pub happening: Cell<u32>,
    /// The frame that it is told of: its register 0.
    pub told: Cell<*mut Value>,
    /// Where that frame has been sent.
    pub jump: Cell<Option<Jump>>,
    /// Calls of built-in functions whose end has not been reported: a tuple of function, first argument and the next one, or None.
    pub natives: Cell<Value>,
}

impl Default for Tracing {
    fn default() -> Tracing {
        Tracing {
            trace: Cell::new(NONE),
            profile: Cell::new(NONE),
            asked_trace: Field::new(UNBOUND),
            asked_profile: Field::new(UNBOUND),
            telling: Cell::new(false),
            was_wanted: Cell::new(false),
            returned: Cell::new(NONE),
            frames: RefCell::default(),
            entering: Cell::default(),
            happening: Cell::default(),
            told: Cell::new(std::ptr::null_mut()),
            jump: Cell::default(),
            natives: Cell::new(NONE),
        }
    }
}

impl Tracing {
    /// Whether anybody wants to know of the thread's events.
    fn is_wanted(&self) -> bool {
        self.trace.get() != NONE || self.profile.get() != NONE || monitored_events() != 0
    }

    /// Whether the thread's events are to be reported.
    pub fn is_active(&self) -> bool {
        !self.telling.get() && self.is_wanted()
    }

    /// Forgets what has been reported where something has run since that has not.
    fn refresh(&self) {
        let wanted = self.is_wanted();
        if !self.was_wanted.replace(wanted) || !wanted {
            self.frames.borrow_mut().clear();
            self.natives.set(NONE);
        }
    }

    /// The values that must live.
    pub fn for_each_root(&self, visit: &mut dyn FnMut(Value)) {
        [&self.trace, &self.profile, &self.natives, &self.returned].iter().for_each(|field| visit(field.get()));
        [&self.asked_trace, &self.asked_profile].iter().for_each(|field| visit(field.get()));
    }
}

/// Tools of `sys.monitoring`.
pub const TOOLS: usize = 8;

/// Events of `sys.monitoring`, by bit.
pub mod event {
    /// A function begins.
    pub const START: u32 = 0;
    /// A generator goes on.
    pub const RESUME: u32 = 1;
    /// A function returns.
    pub const RETURN: u32 = 2;
    /// A generator yields.
    pub const YIELD: u32 = 3;
    /// A call is about to be made.
    pub const CALL: u32 = 4;
    /// A line is about to be run.
    pub const LINE: u32 = 5;
    /// An instruction is about to be run.
    pub const INSTRUCTION: u32 = 6;
    /// An unconditional jump.
    pub const JUMP: u32 = 7;
    /// A conditional jump not taken.
    pub const BRANCH_LEFT: u32 = 8;
    /// A conditional jump taken.
    pub const BRANCH_RIGHT: u32 = 9;
    /// The end of an iterator.
    pub const STOP_ITERATION: u32 = 10;
    /// An exception is raised.
    pub const RAISE: u32 = 11;
    /// An exception has found its handler.
    pub const HANDLED: u32 = 12;
    /// A function is left by an exception.
    pub const UNWIND: u32 = 13;
    /// An exception is thrown into a generator.
    pub const THROW: u32 = 14;
    /// An exception is raised again.
    pub const RERAISE: u32 = 15;
    /// A built-in function has returned.
    pub const C_RETURN: u32 = 16;
    /// A built-in function has raised.
    pub const C_RAISE: u32 = 17;
    /// A conditional jump, taken or not.
    pub const BRANCH: u32 = 18;
}

/// What each tool wants to know of all code.
static EVERYWHERE: [AtomicU32; TOOLS] = [const { AtomicU32::new(0) }; TOOLS];
/// All events that any tool wants to know of any code.
static ANY: AtomicU32 = AtomicU32::new(0);
static LOCAL: Mutex<Option<HashMap<usize, [u32; TOOLS]>>> = Mutex::new(None);
/// An event at a place: unit, word, tool, event.
type Place = (usize, usize, usize, u32);
/// What tools have had enough of.
static DISABLED: Mutex<Option<HashSet<Place>>> = Mutex::new(None);

const UNPOISONED: &str = "nothing panics while it holds this lock";

/// All events that any tool wants to know.
pub fn monitored_events() -> u32 {
    ANY.load(Ordering::Relaxed)
}

fn count_events() {
    let everywhere = EVERYWHERE.iter().fold(0, |all, events| all | events.load(Ordering::Relaxed));
    let local = LOCAL.lock().expect(UNPOISONED);
    let of_code = local.iter().flat_map(HashMap::values).flatten().fold(0, |all, events| all | events);
    ANY.store(everywhere | of_code, Ordering::SeqCst);
}

/// What a tool wants to know of all code.
pub fn global_events(tool: usize) -> u32 {
    EVERYWHERE[tool].load(Ordering::Relaxed)
}

/// Sets what a tool wants to know of all code.
pub fn set_global_events(tool: usize, events: u32) {
    EVERYWHERE[tool].store(events, Ordering::Relaxed);
    count_events();
}

fn key_of(unit: &'static CodeUnit) -> usize {
    unit as *const CodeUnit as usize
}

/// Whether anything is known of single units, by their addresses.
pub fn names_units() -> bool {
    LOCAL.lock().expect(UNPOISONED).is_some() || DISABLED.lock().expect(UNPOISONED).is_some()
}

/// What a tool wants to know of some code.
pub fn local_events(tool: usize, code: Gc<Code>) -> u32 {
    let unit = lazy_unit_of(code);
    let local = LOCAL.lock().expect(UNPOISONED);
    local.as_ref().and_then(|local| local.get(&key_of(unit))).map_or(0, |events| events[tool])
}

/// Sets what a tool wants to know of some code.
pub fn set_local_events(tool: usize, code: Gc<Code>, events: u32) {
    let unit = lazy_unit_of(code);
    let mut local = LOCAL.lock().expect(UNPOISONED);
    local.get_or_insert_default().entry(key_of(unit)).or_default()[tool] = events;
    drop(local);
    count_events();
}

/// Forgets everything that a tool wants to know.
pub fn forget_tool(tool: usize) {
    for events in LOCAL.lock().expect(UNPOISONED).iter_mut().flat_map(HashMap::values_mut) {
        events[tool] = 0;
    }
    if let Some(disabled) = DISABLED.lock().expect(UNPOISONED).as_mut() {
        disabled.retain(|(_, _, other, _)| *other != tool);
    }
    set_global_events(tool, 0);
}

/// A tool wants to hear no more of an event at a place.
pub fn disable(unit: &'static CodeUnit, offset: usize, tool: usize, event: u32) {
    DISABLED.lock().expect(UNPOISONED).get_or_insert_default().insert((key_of(unit), offset, tool, event));
}

/// Forgets what tools had enough of.
pub fn restart() {
    *DISABLED.lock().expect(UNPOISONED) = None;
}

/// Which tools, by bit, want to know of an event at a place.
pub fn listeners(unit: &'static CodeUnit, offset: usize, event: u32) -> u8 {
    if monitored_events() & 1 << event == 0 {
        return 0;
    }
    let mut tools = 0;
    let local = LOCAL.lock().expect(UNPOISONED);
    let of_code = local.as_ref().and_then(|local| local.get(&key_of(unit))).copied().unwrap_or_default();
    drop(local);
    for (tool, of_code) in of_code.iter().enumerate() {
        if (of_code | EVERYWHERE[tool].load(Ordering::Relaxed)) & 1 << event != 0 {
            tools |= 1 << tool;
        }
    }
    if tools != 0
        && let Some(disabled) = DISABLED.lock().expect(UNPOISONED).as_ref()
    {
        for tool in 0..TOOLS {
            if disabled.contains(&(key_of(unit), offset, tool, event)) {
                tools &= !(1 << tool);
            }
        }
    }
    tools
}

/// Which of a thread's functions is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// That of `sys.settrace`.
    Trace,
    /// That of `sys.setprofile`.
    Profile,
}

/// Asks all threads to change one of their functions. The others do when they poll.
pub fn ask_all(cx: &mut Cx, which: Which, function: Value) {
    cx.runtime.for_each_thread(&mut |thread| {
        match which {
            Which::Trace => thread.tracing.asked_trace.set_root(function),
            Which::Profile => thread.tracing.asked_profile.set_root(function),
        }
        thread.mutator().poll.fetch_or(vm_heap::POLL_USER, Ordering::AcqRel);
    });
    take_asked(cx);
}

/// Does what other threads have asked for.
pub fn take_asked(cx: &mut Cx) {
    cx.tracing.refresh();
    let (trace, profile) = (cx.tracing.asked_trace.get(), cx.tracing.asked_profile.get());
    if trace == UNBOUND && profile == UNBOUND {
        return;
    }
    for (asked, field, own) in
        [(trace, &cx.tracing.asked_trace, &cx.tracing.trace), (profile, &cx.tracing.asked_profile, &cx.tracing.profile)]
    {
        if asked != UNBOUND {
            field.set_root(UNBOUND);
            own.set(asked);
        }
    }
    changed(cx);
}

/// To be called when what a thread's functions are told may have changed.
pub fn changed(cx: &mut Cx) {
    cx.tracing.refresh();
    if let Some(tracing_changed) = cx.runtime.tracing_changed.get() {
        tracing_changed(cx);
    }
}

//! Calls of Python functions that bind their arguments as a plan of the call site says (see `call_plan`).

use crate::call_plan::{Callee, KeywordDefault, MOST_KEYWORD_DEFAULTS, Plan, RECEIVER, Rest};
use crate::inline_cache::CacheWord;
use py_object::dict::{CAPACITY_OFFSET, ENTRY_WORDS, FIRST_ENTRY};
use py_object::objects::{Array, Dict, Function, Method, Tuple};
use py_object::{UNBOUND, object_header, shapes};
use std::mem::offset_of;
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Flow, Machine};

/// Most arguments that `*args` collects without the slow path.
const MOST_COLLECTED: usize = 8;

/// Calls r[b] with `c` arguments from b+4 on, the last of which are named.
#[inline(always)]
pub fn call_keyword<M: Machine>(m: &mut M) -> Flow {
    planned(m, false).unwrap_or(Flow::Slow)
}

/// The same with self at b+4, unless unbound, in front of the arguments.
#[inline(always)]
pub fn call_method_keyword<M: Machine>(m: &mut M) -> Flow {
    planned(m, true).unwrap_or(Flow::Slow)
}

/// Calls r[b] as the site's plan for it says; `None` where there is none.
#[inline(always)]
pub(super) fn planned<M: Machine>(m: &mut M, method: bool) -> Option<Flow> {
    let first = CacheWord(m.extension(0)).plan()?;
    let base = m.instruction().b();
    let callee = m.get(base);
    if !m.is_object(callee) {
        return None;
    }
    let mut shifted = false;
    if method {
        let (receiver, unbound) = (m.get(base + FRAME_HEADER), m.constant(UNBOUND));
        shifted = m.same(receiver, unbound);
    }
    let shape = m.shape_of(callee);
    let function = if shape == shapes::METHOD { m.load_final(callee, offset_of!(Method, function)) } else { callee };
    let code = if shape == shapes::FUNCTION || shape == shapes::METHOD && m.has_shape(function, shapes::FUNCTION) {
        let code = m.load_pointer_final(function, offset_of!(Function, code));
        m.reveal(code)
    } else {
        UNBOUND
    };
    let mut next = Some(first);
    while let Some(plan) = next {
        if plan.fits(shape, code, shifted) {
            return Some(follow(m, plan, callee, function));
        }
        next = plan.next;
    }
    None
}

/// All that may not be so is looked at before anything is written: the slow path must find the arguments where they were.
#[inline(always)]
fn follow<M: Machine>(m: &mut M, plan: &'static Plan, callee: M::Val, mut function: M::Val) -> Flow {
    let base = m.instruction().b();
    let collects_names = plan.extra.as_ref().is_some_and(|extra| !extra.named.is_empty());
    if collects_names || !m.has_room(base + plan.room) {
        return Flow::Slow;
    }
    let mut construction = None;
    if let Callee::Class(_) = plan.callee {
        let class = m.reveal(callee);
        construction = crate::code::construction_by(class, plan.code, plan.entry);
        let Some(found) = construction else { return Flow::Slow };
        function = m.constant(found.init);
    } else if let Callee::Maker(_) = plan.callee {
        let class = m.reveal(callee);
        let Some(new) = crate::code::maker_by(class, plan.code) else { return Flow::Slow };
        function = m.constant(new);
    }
    let mut defaults = function;
    if !plan.defaults.is_empty() {
        defaults = m.load_final(function, offset_of!(Function, defaults));
        if !m.has_shape(defaults, shapes::TUPLE) {
            return Flow::Slow;
        }
        let length = m.load_final(defaults, offset_of!(Tuple, length));
        if m.reveal(length).as_int() as usize != plan.defaults_length {
            return Flow::Slow;
        }
    }
    let mut keyword_defaults = [function; MOST_KEYWORD_DEFAULTS];
    if !plan.keyword_defaults.is_empty() {
        let Some(table) = keyword_table(m, function) else { return Flow::Slow };
        for (value, default) in keyword_defaults.iter_mut().zip(&plan.keyword_defaults) {
            let Some(found) = keyword_default(m, table, default) else { return Flow::Slow };
            *value = found;
        }
    }
    let mut instance = function;
    if let Some(found) = construction {
        let Some(made) = m.allocate(found.size, found.header) else { return Flow::Slow };
        instance = made;
    }
    let mut others = function;
    if plan.extra.is_some() {
        let Some(dict) = m.allocate(size_of::<Dict>(), object_header::<Dict>(shapes::DICT)) else { return Flow::Slow };
        let zero = m.constant(Value::int(0));
        m.initialise(dict, offset_of!(Dict, live), zero);
        m.initialise(dict, offset_of!(Dict, filled), zero);
        others = dict;
    }
    if let Some(rest) = &plan.rest {
        let Some(tuple) = collected(m, base, rest) else { return Flow::Slow };
        m.set(base + rest.to, tuple);
    }
    // From here on there is no way back to the slow path.
    if let Some(extra) = &plan.extra {
        m.set(base + extra.to, others);
    }
    for (index, to) in &plan.defaults {
        let index = m.constant(Value::int(*index as i64));
        let value = m.load_element_final(defaults, index, size_of::<Tuple>());
        m.set(base + to, value);
    }
    for (value, default) in keyword_defaults.iter().zip(&plan.keyword_defaults) {
        m.set(base + default.to, *value);
    }
    if plan.callee == Callee::Method {
        let receiver = m.load_final(callee, offset_of!(Method, receiver));
        m.set(base + RECEIVER, receiver);
    }
    for (from, to) in &plan.moves {
        let value = m.get(base + from);
        m.set(base + to, value);
    }
    let result = m.instruction().a();
    let pushed = match plan.outer {
        None => m.push_frame(base, function, plan.entry, result),
        Some(outer) => {
            if construction.is_some() {
                m.set(base + FRAME_HEADER, instance);
                m.set(base + plan.origin, instance);
            } else {
                let names = m.constant(plan.names);
                m.set(base + FRAME_HEADER + 2, names);
            }
            m.push_frame(base, callee, outer, result) && m.push_frame(plan.inner_base(), function, plan.entry, 1)
        }
    };
    debug_assert!(pushed || M::RECORDS);
    if pushed { Flow::Next } else { Flow::Slow }
}

/// Ends the making of an instance.
#[inline(always)]
pub fn maker_return<M: Machine>(m: &mut M) -> Flow {
    let (class, made) = (m.get(0), m.get(1));
    let class = m.reveal(class);
    if !m.is_object(made) {
        return Flow::Slow;
    }
    let shape = m.shape_of(made);
    if crate::code::is_finished(shape, class) { m.pop_frame(made) } else { Flow::Slow }
}

/// The table of a function's defaults for keyword-only parameters, and how many entries it has.
#[inline(always)]
fn keyword_table<M: Machine>(m: &mut M, function: M::Val) -> Option<(M::Val, M::Val)> {
    let dict = m.load_final(function, offset_of!(Function, keyword_defaults));
    if !m.is_object(dict) || !m.has_shape(dict, shapes::DICT) {
        return None;
    }
    let (cells, zero) = (m.load(dict, offset_of!(Dict, cells)), m.constant(Value::int(0)));
    if !m.same(cells, zero) {
        return None;
    }
    // ORDER: the number of entries before the table, which is there where there are any.
    let filled = m.load(dict, offset_of!(Dict, filled));
    if !m.int_below(zero, filled) {
        return None;
    }
    Some((m.load_pointer(dict, offset_of!(Dict, table)), filled))
}

/// The default of a keyword-only parameter, if it is still where it was.
#[inline(always)]
fn keyword_default<M: Machine>(m: &mut M, table: (M::Val, M::Val), default: &KeywordDefault) -> Option<M::Val> {
    let (table, filled) = table;
    let room = m.load_final(table, CAPACITY_OFFSET);
    let entry = m.constant(Value::int(default.entry as i64));
    if !m.int_below(entry, filled) || !m.int_below(entry, room) {
        return None;
    }
    let first = m.constant(Value::int((default.entry * ENTRY_WORDS) as i64));
    let entries = size_of::<Array>() + 8 * FIRST_ENTRY;
    let (key, name) = (m.load_element(table, first, entries), m.constant(default.name));
    let (value, unbound) = (m.load_element(table, first, entries + 8), m.constant(UNBOUND));
    (m.same(key, name) && !m.same(value, unbound)).then_some(value)
}

/// The tuple of what `*args` collects.
#[inline(always)]
fn collected<M: Machine>(m: &mut M, base: usize, rest: &Rest) -> Option<M::Val> {
    if rest.count == 0 {
        return Some(m.constant(rest.empty));
    }
    if rest.count > MOST_COLLECTED {
        return None;
    }
    let header = object_header::<Tuple>(shapes::TUPLE);
    let tuple = m.allocate(size_of::<Tuple>() + 8 * rest.count, header)?;
    let length = m.constant(Value::int(rest.count as i64));
    m.initialise(tuple, offset_of!(Tuple, length), length);
    for at in 0..rest.count {
        let value = m.get(base + rest.first + at);
        m.initialise(tuple, size_of::<Tuple>() + 8 * at, value);
    }
    Some(tuple)
}

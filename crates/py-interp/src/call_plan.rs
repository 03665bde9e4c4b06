//! How a call site passes its arguments to the parameters of what it calls.
//!
//! Binding arguments by the names of keywords, filling in defaults and collecting `*args` depends on two things that hardly change: the
//! code that is called, and the instruction that calls it. What follows from them is a plan: which registers move where, and which defaults
//! are filled in. The slow path makes it once, the site's inline cache keeps it, and the call's meaning follows it.
//!
//! Register numbers count from the call's base register, so that a frame of the callee starts at 4 (see `vm_machine::frame`).
//! A plan is never freed, since other threads may be following it; a site gets few (`MOST_PLANS`).
//!
//! INVARIANT: code that a plan is for is kept for the life of the process, with the names of its parameters; the names that a site gives
//! its arguments live as long as the site, from which alone its plans are reached. So a plan may hold both without the
//! collector's knowing.

use crate::code;
use py_code::{CodeUnit, flags};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{as_type, shape_id};
use py_object::{Cx, NONE, PyResult, StrExt, downcast, shapes};
use vm_heap::{Gc, ShapeId, Value};
use vm_machine::{FRAME_HEADER, FrameEntry};

/// Most plans of one call site.
const MOST_PLANS: usize = 4;
/// What is called.
const CALLEE: usize = 0;
/// The unused word of the frame header where a bound method's receiver waits.
pub const RECEIVER: usize = 3;
/// The one that breaks cycles of moves.
const SPARE: usize = 2;
/// Most defaults of keyword-only parameters that a plan fills in.
pub const MOST_KEYWORD_DEFAULTS: usize = 8;
/// Registers of the frame in front of that of `__new__`: the class, what it returns, the names of arguments; the arguments follow.
pub const MAKER_FRAME: usize = 3;

/// What a plan is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    /// A Python function.
    Function,
    /// A bound method of one.
    Method,
    /// The class with this shape, whose instances a function initialises.
    Class(ShapeId),
    /// The class with this shape, whose instances a function `__new__` makes.
    Maker(ShapeId),
}

/// The default of a keyword-only parameter.
#[derive(Clone, Copy, Debug)]
pub struct KeywordDefault {
    /// The parameter's name: the key in the dict of defaults.
    pub name: Value,
    /// The entry of the dict where it was.
    pub entry: usize,
    /// Where it goes.
    pub to: usize,
}

/// Arguments that `*args` collects.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// The first of them.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// The tuple where there are none.
    pub empty: Value,
    /// Where the tuple goes.
    pub to: usize,
}

/// Arguments that `**kwargs` collects.
#[derive(Debug)]
pub struct Extra {
    /// Their names, and where they are.
    pub named: Box<[(Value, usize)]>,
    /// Where the dict goes.
    pub to: usize,
}

/// A plan.
#[derive(Debug)]
pub struct Plan {
    /// What is called.
    pub callee: Callee,
    /// The code that runs.
    pub code: Value,
    /// Where it starts.
    pub entry: FrameEntry,
    /// Where its register 0 is.
    pub origin: usize,
    /// The frame of the construction of an instance, in front of the other one.
    pub outer: Option<FrameEntry>,
    /// The tuple of the names of the last arguments, or None.
    pub names: Value,
    /// Whether the arguments start one register further up, behind an unbound self.
    pub shifted: bool,
    /// How long the tuple of defaults must be (if `defaults` is not empty).
    pub defaults_length: usize,
    /// Defaults: index in the tuple, and where it goes.
    pub defaults: Box<[(usize, usize)]>,
    /// Defaults of keyword-only parameters.
    pub keyword_defaults: Box<[KeywordDefault]>,
    /// What `*args` gets.
    pub rest: Option<Rest>,
    /// What `**kwargs` gets.
    pub extra: Option<Extra>,
    /// What is moved at last, in this order: from where, and where to.
    pub moves: Box<[(usize, usize)]>,
    /// Registers in use, header included.
    pub room: usize,
    /// The next plan of the same site.
    pub next: Option<&'static Plan>,
}

impl Plan {
    /// Whether this is the plan for a call. `code` is what a function or bound method runs.
    #[inline(always)]
    pub fn fits(&self, shape: ShapeId, code: Value, shifted: bool) -> bool {
        self.shifted == shifted
            && match self.callee {
                Callee::Function => shape == shapes::FUNCTION && code == self.code,
                Callee::Method => shape == shapes::METHOD && code == self.code,
                Callee::Class(class) | Callee::Maker(class) => shape == class,
            }
    }

    /// Where the frame starts that lies in front of the callee's, from the outer one's register 0.
    #[inline(always)]
    pub fn inner_base(&self) -> usize {
        self.origin - 2 * FRAME_HEADER
    }
}

/// A call: what is called, where the arguments are, and how the last of them are named.
#[derive(Clone, Copy)]
pub struct Site {
    /// What is called.
    pub callee: Value,
    /// The first argument.
    pub first: usize,
    /// How many there are.
    pub count: usize,
    /// Names of the last ones.
    pub names: Option<Gc<Tuple>>,
}

/// Where the parameters of a call come from, as far as it is known.
struct Planning<'a> {
    unit: &'a CodeUnit,
    variables: &'a [Value],
    /// Register of parameter 0.
    origin: usize,
    /// Which parameters have been given.
    given: Vec<bool>,
    moves: Vec<(usize, usize)>,
}

/// Makes the plan for a call and puts it in front of those that the site has. `None` where there is none: it is not a Python function
/// that is called, the arguments are wrong, or the site has seen too many callees.
pub fn make(cx: &mut Cx, site: Site, known: Option<&'static Plan>) -> PyResult<Option<&'static Plan>> {
    let count = std::iter::successors(known, |plan| plan.next).count();
    if count >= MOST_PLANS {
        return Ok(None);
    }
    let Some((callee, function)) = resolve(cx, site.callee) else { return Ok(None) };
    code::load_body(cx, function.code.get())?;
    let Some(mut plan) = plan(cx, site, callee, function) else { return Ok(None) };
    plan.next = known;
    // Plans are never freed, and are told apart by it.
    cx.runtime.keep(plan.code);
    Ok(Some(Box::leak(Box::new(plan))))
}

/// The function that a call runs in the end.
fn resolve(cx: &mut Cx, callee: Value) -> Option<(Callee, Gc<Function>)> {
    if !callee.is_object() {
        return None;
    }
    match shape_id(callee) {
        shapes::FUNCTION => Some((Callee::Function, downcast(callee)?)),
        shapes::METHOD => {
            let function = downcast::<Method>(callee)?.function.get();
            let plain = function.is_object() && shape_id(function) == shapes::FUNCTION;
            Some((Callee::Method, downcast(function).filter(|_| plain)?))
        }
        shape => {
            let class = as_type(callee)?;
            if code::plan_construction(cx, class) {
                return code::constructor_of(class).map(|init| (Callee::Class(shape), init));
            }
            code::plan_making(cx, class).then_some(())?;
            code::maker_of(class).map(|new| (Callee::Maker(shape), new))
        }
    }
}

fn plan(cx: &mut Cx, site: Site, callee: Callee, function: Gc<Function>) -> Option<Plan> {
    let code = function.code.get();
    let unit = code::unit_of(cx, code);
    let variables = downcast::<Tuple>(code.variable_names.get())?;
    let (positional, total) = (unit.argcount as usize, (unit.argcount + unit.kwonlyargcount) as usize);
    let outer = match callee {
        Callee::Function | Callee::Method => None,
        Callee::Class(_) => Some(FrameEntry { pc: code::constructor_return(), size: code::CONSTRUCTOR_FRAME }),
        Callee::Maker(_) => Some(FrameEntry { pc: code::maker_return(), size: (MAKER_FRAME + site.count) as u32 }),
    };
    // The result of `__init__` may overwrite a word of its frame's header.
    let origin = match callee {
        Callee::Function | Callee::Method => FRAME_HEADER,
        Callee::Class(_) => FRAME_HEADER + 1 + FRAME_HEADER,
        Callee::Maker(_) => FRAME_HEADER + MAKER_FRAME + site.count + FRAME_HEADER,
    };
    let variables = tuple_items(&variables);
    let mut planning = Planning { unit, variables, origin, given: vec![false; total], moves: Vec::new() };
    // The instance, the class or a bound method's receiver comes before the arguments.
    let implicit = usize::from(callee != Callee::Function);
    if implicit == 1 {
        *planning.given.get_mut(0).filter(|_| positional > 0)? = true;
        match callee {
            Callee::Method => planning.moves.push((RECEIVER, origin)),
            Callee::Maker(_) => {
                planning.moves.extend([(CALLEE, origin), (CALLEE, FRAME_HEADER)]);
                let kept = FRAME_HEADER + MAKER_FRAME;
                planning.moves.extend((0..site.count).map(|at| (site.first + at, kept + at)));
            }
            Callee::Function | Callee::Class(_) => {}
        }
    }
    let names = site.names.as_ref().map_or(&[][..], tuple_items);
    let given = site.count - names.len();
    for at in 0..given.min(positional - implicit) {
        planning.give(at + implicit, site.first + at)?;
    }
    let collected = given.saturating_sub(positional - implicit);
    let has_rest = unit.flags & flags::VARARGS != 0;
    if collected != 0 && !has_rest {
        return None;
    }
    let empty = Tuple::new(cx, &[]).value();
    let rest = Rest { first: site.first + given - collected, count: collected, empty, to: origin + total };
    let has_extra = unit.flags & flags::VARKEYWORDS != 0;
    let mut extra = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let from = site.first + given + at;
        match planning.parameter(downcast::<Str>(*name)?) {
            Some(parameter) => planning.give(parameter, from)?,
            None if has_extra => extra.push((*name, from)),
            None => return None,
        }
    }
    let defaults = downcast::<Tuple>(function.defaults.get());
    let defaults_length = defaults.as_ref().map_or(0, |defaults| tuple_items(defaults).len());
    let missing = (0..positional).filter(|parameter| !planning.given[*parameter]);
    let default = |parameter: usize| Some(((defaults_length + parameter).checked_sub(positional)?, origin + parameter));
    let defaults = missing.map(default).collect::<Option<Box<[_]>>>()?;
    let mut keyword_defaults = Vec::new();
    for parameter in (positional..total).filter(|parameter| !planning.given[*parameter]) {
        let dict = downcast::<Dict>(function.keyword_defaults.get())?;
        let name = planning.variables[parameter];
        let entry = Dict::plain_entry(cx, dict, downcast::<Str>(name)?)?;
        keyword_defaults.push(KeywordDefault { name, entry, to: origin + parameter });
    }
    if keyword_defaults.len() > MOST_KEYWORD_DEFAULTS {
        return None;
    }
    let mut plan = Plan {
        callee,
        code: code.value(),
        entry: code::entry_of(code.value()).0,
        origin,
        outer,
        names: site.names.map_or(NONE, Gc::value),
        shifted: site.first != FRAME_HEADER,
        defaults_length,
        defaults,
        keyword_defaults: keyword_defaults.into(),
        rest: has_rest.then_some(rest),
        extra: has_extra.then(|| Extra { named: extra.into(), to: origin + total + usize::from(has_rest) }),
        moves: Box::default(),
        room: (origin + code.frame_size.get().as_int() as usize).max(site.first + site.count),
        next: None,
    };
    stage(&mut plan, &mut planning.moves);
    plan.moves = in_sequence(planning.moves);
    Some(plan)
}

impl Planning<'_> {
    /// Notes where a parameter's argument is. `None` where it has one.
    fn give(&mut self, parameter: usize, from: usize) -> Option<()> {
        if std::mem::replace(&mut self.given[parameter], true) {
            return None;
        }
        self.moves.push((from, self.origin + parameter));
        Some(())
    }

    /// The parameter of a name that may be passed as a keyword.
    fn parameter(&self, name: Gc<Str>) -> Option<usize> {
        let mut all = self.unit.posonlyargcount as usize..self.given.len();
        let same = |at: &usize| downcast::<Str>(self.variables[*at]).is_some_and(|variable| variable.equals(name));
        all.find(same)
    }
}

/// What is not moved is written first. Where that would overwrite an argument that is still to be moved, it waits above all registers.
fn stage(plan: &mut Plan, moves: &mut Vec<(usize, usize)>) {
    let mut sources: Vec<usize> = moves.iter().map(|(from, _)| *from).collect();
    if let Some(rest) = &plan.rest {
        sources.extend(rest.first..rest.first + rest.count);
    }
    if let Some(extra) = &plan.extra {
        sources.extend(extra.named.iter().map(|(_, from)| *from));
    }
    let written = (plan.defaults.iter_mut().map(|(_, to)| to))
        .chain(plan.keyword_defaults.iter_mut().map(|default| &mut default.to))
        .chain(plan.rest.iter_mut().map(|rest| &mut rest.to))
        .chain(plan.extra.iter_mut().map(|extra| &mut extra.to));
    for to in written {
        if sources.contains(to) {
            moves.push((plan.room, *to));
            *to = plan.room;
            plan.room += 1;
        }
    }
}

/// Moves that are meant to happen at once, in an order in which none overwrites what another one needs.
fn in_sequence(mut pending: Vec<(usize, usize)>) -> Box<[(usize, usize)]> {
    let mut moves = Vec::new();
    pending.retain(|(from, to)| from != to);
    while !pending.is_empty() {
        match pending.iter().position(|(_, to)| !pending.iter().any(|(from, _)| from == to)) {
            Some(free) => moves.push(pending.swap_remove(free)),
            None => {
                // Only cycles are left.
                let first = pending[0].0;
                moves.push((first, SPARE));
                pending.iter_mut().filter(|(from, _)| *from == first).for_each(|(from, _)| *from = SPARE);
            }
        }
    }
    moves.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_happen_as_if_at_once() {
        let all: [&[(usize, usize)]; 6] = [
            &[(0, 14), (0, 4), (4, 7), (5, 8), (4, 15), (5, 16), (8, 5)],
            &[(4, 5), (5, 4)],
            &[(4, 5), (5, 6), (6, 4), (7, 7)],
            &[(4, 9), (5, 10), (6, 11), (9, 4)],
            &[(5, 4), (6, 5), (7, 6)],
            &[(4, 5), (5, 4), (6, 7), (7, 6), (3, 8)],
        ];
        for moves in all {
            let before: Vec<usize> = (0..32).collect();
            let mut after = before.clone();
            for (from, to) in in_sequence(moves.to_vec()) {
                after[to] = after[from];
            }
            for (from, to) in moves {
                assert_eq!(after[*to], before[*from], "{moves:?}");
            }
        }
    }
}

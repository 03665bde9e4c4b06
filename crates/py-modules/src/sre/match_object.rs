//! `re.Match`.

use super::objects::{Match, Pattern};
use super::subject::{Content, Engine, Subject};
use super::template::{self, Replacement};
use py_macros::py_methods;
use py_object::objects::{Dict, List, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, downcast, operations};
use py_object::{try_allocate_tail, value_tail};
use vm_heap::{Gc, Value};

/// A match object for the engine's last match. `known` is a byte offset and its character position, both not behind the
/// match.
pub fn new_match(
    cx: &mut Cx,
    pattern: Gc<Pattern>,
    subject: &Subject,
    engine: &Engine<'_>,
    span: (usize, usize),
    known: (usize, usize),
) -> PyResult<Gc<Match>> {
    let groups = pattern.groups.get().as_int() as usize;
    let Some(found) = try_allocate_tail::<Match>(cx.mutator(), Kind::MATCH.shape(), 2 * groups + 2) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    found.string.init(subject.string);
    found.content.init(subject.content.value());
    found.pattern.init(pattern);
    found.position.init(Value::int(subject.position as i64));
    found.end_position.init(Value::int(subject.end_position as i64));
    let last = engine.last_group();
    found.last_group.init(if last == 0 { NONE } else { Value::int(last as i64) });
    let start = known.1 + subject.content.characters(known.0, span.0);
    found.start.init(Value::int(start as i64));
    let marks = value_tail(&found, 2 * groups + 2);
    marks[0].init(Value::int(span.0 as i64));
    marks[1].init(Value::int(span.1 as i64));
    for group in 0..groups {
        let (from, to) = match engine.group(group).filter(|(from, to)| from <= to) {
            Some((from, to)) => (Value::int(from as i64), Value::int(to as i64)),
            None => (NONE, NONE),
        };
        marks[2 * group + 2].init(from);
        marks[2 * group + 3].init(to);
    }
    Ok(found)
}

fn content(this: Gc<Match>) -> Content {
    let value = this.content.get();
    match downcast(value) {
        Some(text) => Content::Text(text),
        None => Content::Bytes(downcast(value).expect("a match holds text or bytes")),
    }
}

/// Byte offsets of a group.
fn bounds(this: Gc<Match>, group: usize) -> Option<(usize, usize)> {
    let marks = value_tail(&this, this.length.get().as_int() as usize);
    let (from, to) = (marks[2 * group].get(), marks[2 * group + 1].get());
    (from != NONE).then(|| (from.as_int() as usize, to.as_int() as usize))
}

fn count(this: Gc<Match>) -> usize {
    this.length.get().as_int() as usize / 2
}

/// Character position of a byte offset.
fn position(this: Gc<Match>, offset: usize) -> i64 {
    let content = content(this);
    let start = this.start.get().as_int();
    let (match_start, _) = bounds(this, 0).expect("group 0 has matched");
    if offset >= match_start {
        start + content.characters(match_start, offset) as i64
    } else {
        start - content.characters(offset, match_start) as i64
    }
}

/// Character positions of a group; -1 where it has not matched.
fn span(this: Gc<Match>, group: usize) -> (i64, i64) {
    bounds(this, group).map_or((-1, -1), |(from, to)| (position(this, from), position(this, to)))
}

/// The number of a group given by number or name.
fn group_number(cx: &mut Cx, this: Gc<Match>, group: Value) -> PyResult<usize> {
    let number = if group.is_int() {
        Some(group.as_int())
    } else if let Some(number) = int::try_index(cx, group)? {
        Some(int::clamped(number))
    } else {
        match downcast::<Dict>(this.pattern.get().group_index.get()) {
            Some(names) => Dict::get(cx, names, group)?.and_then(int::as_i64),
            None => None,
        }
    };
    match number.and_then(|number| usize::try_from(number).ok()).filter(|number| *number < count(this)) {
        Some(number) => Ok(number),
        None => Err(cx.raise(Kind::INDEX_ERROR, "no such group")),
    }
}

/// The text of a group, or `default`.
pub fn group_text(cx: &mut Cx, this: Gc<Match>, group: usize, default: Value) -> PyResult {
    match bounds(this, group) {
        Some((from, to)) => content(this).slice(cx, from, to),
        None => Ok(default),
    }
}

fn group_by(cx: &mut Cx, this: Gc<Match>, group: Value) -> PyResult {
    let number = group_number(cx, this, group)?;
    group_text(cx, this, number, NONE)
}

fn pair(cx: &mut Cx, (from, to): (i64, i64)) -> Gc<Tuple> {
    Tuple::new(cx, &[Value::int(from), Value::int(to)])
}

/// The text of a group by number; IndexError where there is none.
pub fn numbered_group(cx: &mut Cx, this: Gc<Match>, group: i64) -> PyResult {
    match usize::try_from(group).ok().filter(|group| *group < count(this)) {
        Some(group) => group_text(cx, this, group, NONE),
        None => Err(cx.raise(Kind::INDEX_ERROR, "no such group")),
    }
}

/// The methods.
pub struct Methods;

#[py_methods(MATCH, name = "re.Match")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: py_object::arguments::Keywords<'_>,
    ) -> PyResult {
        Err(cx.type_error("cannot create 're.Match' instances"))
    }
    /// Return subgroup(s) of the match by indices or names.
    ///
    /// For 0 returns the entire match.
    #[method(signature = "")]
    fn group(cx: &mut Cx, this: Gc<Match>, #[args] groups: &[Value]) -> PyResult {
        match groups {
            [] => group_text(cx, this, 0, NONE),
            [group] => group_by(cx, this, *group),
            _ => {
                let list = List::new(cx, &[])?;
                for group in groups {
                    let text = group_by(cx, this, *group)?;
                    List::push(cx, list, text)?;
                }
                Ok(Tuple::from_list(cx, list)?.value())
            }
        }
    }
    #[method]
    fn __getitem__(cx: &mut Cx, this: Gc<Match>, key: Value) -> PyResult {
        group_by(cx, this, key)
    }
    /// Return a tuple containing all the subgroups of the match, from 1.
    #[method]
    fn groups(
        cx: &mut Cx,
        this: Gc<Match>,
        #[keyword]
        #[default(NONE)]
        default: Value,
    ) -> PyResult<Gc<Tuple>> {
        let list = List::new(cx, &[])?;
        for group in 1..count(this) {
            let text = group_text(cx, this, group, default)?;
            List::push(cx, list, text)?;
        }
        Tuple::from_list(cx, list)
    }
    /// Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.
    #[method]
    fn groupdict(
        cx: &mut Cx,
        this: Gc<Match>,
        #[keyword]
        #[default(NONE)]
        default: Value,
    ) -> PyResult<Gc<Dict>> {
        let result = Dict::new(cx);
        if let Some(names) = downcast::<Dict>(this.pattern.get().group_index.get()) {
            let mut at = 0;
            while let Some((name, group)) = Dict::next(names, &mut at) {
                let number = int::as_i64(group).and_then(|group| usize::try_from(group).ok()).unwrap_or(usize::MAX);
                let text = if number < count(this) { group_text(cx, this, number, default)? } else { default };
                Dict::set(cx, result, name, text)?;
            }
        }
        Ok(result)
    }
    /// Return index of the start of the substring matched by group.
    #[method]
    fn start(cx: &mut Cx, this: Gc<Match>, #[default(Value::int(0))] group: Value) -> PyResult<i64> {
        let group = group_number(cx, this, group)?;
        Ok(bounds(this, group).map_or(-1, |(from, _)| position(this, from)))
    }
    /// Return index of the end of the substring matched by group.
    #[method]
    fn end(cx: &mut Cx, this: Gc<Match>, #[default(Value::int(0))] group: Value) -> PyResult<i64> {
        let group = group_number(cx, this, group)?;
        Ok(bounds(this, group).map_or(-1, |(_, to)| position(this, to)))
    }
    /// For match object m, return the 2-tuple (m.start(group), m.end(group)).
    #[method]
    fn span(cx: &mut Cx, this: Gc<Match>, #[default(Value::int(0))] group: Value) -> PyResult<Gc<Tuple>> {
        let group = group_number(cx, this, group)?;
        Ok(pair(cx, span(this, group)))
    }
    /// Return the string obtained by doing backslash substitution on the string template, as done by the sub() method.
    #[method]
    fn expand(cx: &mut Cx, this: Gc<Match>, #[keyword] template: Value) -> PyResult {
        match template::compile(cx, this.pattern.get(), template)? {
            Replacement::Template(template) => template::expand(cx, template, this),
            Replacement::Literal(literal) => Ok(literal.value()),
            Replacement::Function(_) => Ok(NONE),
        }
    }
    #[method]
    fn __copy__(this: Gc<Match>) -> Gc<Match> {
        this
    }
    #[method]
    fn __deepcopy__(this: Gc<Match>, _memo: Value) -> Gc<Match> {
        this
    }
    /// See PEP 585.
    #[classmethod]
    fn __class_getitem__(_cx: &mut Cx, class: Value, _object: Value) -> Value {
        class
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Match>) -> PyResult<String> {
        let text = group_text(cx, this, 0, NONE)?;
        let shown = operations::repr(cx, text)?.to_text();
        let (from, to) = span(this, 0);
        let shown: String = shown.chars().take(50).collect();
        Ok(format!("<re.Match object; span=({from}, {to}), match={shown}>"))
    }
    /// The string passed to match() or search().
    #[getter]
    fn string(this: Gc<Match>) -> Value {
        this.string.get()
    }
    /// The regular expression object.
    #[getter]
    fn re(this: Gc<Match>) -> Gc<Pattern> {
        this.pattern.get()
    }
    /// The index into the string at which the RE engine started looking for a match.
    #[getter]
    fn pos(this: Gc<Match>) -> Value {
        this.position.get()
    }
    /// The index into the string beyond which the RE engine will not go.
    #[getter]
    fn endpos(this: Gc<Match>) -> Value {
        this.end_position.get()
    }
    /// The integer index of the last matched capturing group.
    #[getter]
    fn lastindex(this: Gc<Match>) -> Value {
        this.last_group.get()
    }
    /// The name of the last matched capturing group.
    #[getter]
    fn lastgroup(this: Gc<Match>) -> Value {
        let last = this.last_group.get();
        let names = downcast::<Tuple>(this.pattern.get().index_group.get());
        match (names, last.is_int()) {
            (Some(names), true) => tuple_items(&names).get(last.as_int() as usize).copied().unwrap_or(NONE),
            _ => NONE,
        }
    }
    #[getter]
    fn regs(cx: &mut Cx, this: Gc<Match>) -> PyResult<Gc<Tuple>> {
        let list = List::new(cx, &[])?;
        for group in 0..count(this) {
            let pair = pair(cx, span(this, group));
            List::push(cx, list, pair.value())?;
        }
        Tuple::from_list(cx, list)
    }
}

//! The methods of `re.Pattern`.

use super::match_object::new_match;
use super::objects::{Pattern, Scanner};
use super::subject::{Content, Engine, Subject, words};
use super::template::{self, Replacement};
use py_macros::py_methods;
use py_object::objects::{Dict, List, Str, Tuple, Type};
use py_object::operations;
use py_object::types::{self, is_instance};
use py_object::{Cx, FALSE, Kind, NONE, NOT_IMPLEMENTED, PyResult, StrExt, TRUE, allocate, bool_value, call, downcast};
use vm_heap::{Gc, Value};

/// Names of flags, in the order in which `repr` shows them.
const FLAGS: [(i64, &str); 8] = [
    (2, "re.IGNORECASE"),
    (4, "re.LOCALE"),
    (8, "re.MULTILINE"),
    (16, "re.DOTALL"),
    (32, "re.UNICODE"),
    (64, "re.VERBOSE"),
    (128, "re.DEBUG"),
    (256, "re.ASCII"),
];
const UNICODE: i64 = 32;
/// Most characters of a pattern that `repr` shows.
const SHOWN: usize = 200;

/// Matches at the start of the subject or searches it.
fn one_match(
    cx: &mut Cx,
    pattern: Gc<Pattern>,
    string: Value,
    range: (i64, i64),
    find: impl FnOnce(&mut Cx, &mut Engine<'_>, usize) -> PyResult<Option<(usize, usize)>>,
    whole: bool,
) -> PyResult {
    let subject = Subject::new(cx, pattern, string, range.0, range.1)?;
    let program = subject.program(pattern);
    let mut engine = subject.engine(&program, whole);
    match find(cx, &mut engine, subject.start)? {
        Some((start, end)) => {
            let at = (subject.start, subject.position);
            Ok(new_match(cx, pattern, &subject, &engine, (start, end), at)?.value())
        }
        None => Ok(NONE),
    }
}

fn at_start(cx: &mut Cx, engine: &mut Engine<'_>, start: usize) -> PyResult<Option<(usize, usize)>> {
    Ok(engine.match_at(cx, start)?.map(|end| (start, end)))
}

/// What `findall` gives for one match: the match, its group, or a tuple of its groups.
fn found(cx: &mut Cx, subject: &Subject, engine: &Engine<'_>, groups: usize, span: (usize, usize)) -> PyResult {
    let part = |cx: &mut Cx, group: usize| {
        let (from, to) = engine.group(group).unwrap_or((0, 0));
        subject.content.slice(cx, from, to)
    };
    match groups {
        0 => subject.content.slice(cx, span.0, span.1),
        1 => part(cx, 0),
        _ => {
            let list = List::new(cx, &[])?;
            for group in 0..groups {
                let text = part(cx, group)?;
                List::push(cx, list, text)?;
            }
            Ok(Tuple::from_list(cx, list)?.value())
        }
    }
}

fn find_all(cx: &mut Cx, pattern: Gc<Pattern>, string: Value, range: (i64, i64)) -> PyResult<Gc<List>> {
    let subject = Subject::new(cx, pattern, string, range.0, range.1)?;
    let program = subject.program(pattern);
    let mut engine = subject.engine(&program, false);
    let groups = pattern.groups.get().as_int() as usize;
    let list = List::new(cx, &[])?;
    let mut next = engine.search(cx, subject.start)?;
    while let Some((start, end)) = next {
        let item = found(cx, &subject, &engine, groups, (start, end))?;
        List::push(cx, list, item)?;
        next = engine.search_behind(cx, start, end)?;
    }
    Ok(list)
}

fn split(cx: &mut Cx, pattern: Gc<Pattern>, string: Value, most: i64) -> PyResult<Gc<List>> {
    let subject = Subject::new(cx, pattern, string, 0, i64::MAX)?;
    let program = subject.program(pattern);
    let mut engine = subject.engine(&program, false);
    let groups = pattern.groups.get().as_int() as usize;
    let list = List::new(cx, &[])?;
    let mut last = subject.start;
    let mut count = 0;
    let mut next = if most < 0 { None } else { engine.search(cx, subject.start)? };
    while let Some((start, end)) = next {
        let part = subject.content.slice(cx, last, start)?;
        List::push(cx, list, part)?;
        for group in 0..groups {
            let part = subject.group(cx, &engine, group)?;
            List::push(cx, list, part)?;
        }
        last = end;
        count += 1;
        if most != 0 && count >= most {
            break;
        }
        next = engine.search_behind(cx, start, end)?;
    }
    let part = subject.content.slice(cx, last, subject.end)?;
    List::push(cx, list, part)?;
    Ok(list)
}

/// `sub` and `subn`: the new text and how many matches were replaced.
fn substitute(
    cx: &mut Cx,
    pattern: Gc<Pattern>,
    replacement: Value,
    string: Value,
    most: i64,
) -> PyResult<(Value, i64)> {
    let replacement = Replacement::new(cx, pattern, replacement)?;
    let subject = Subject::new(cx, pattern, string, 0, i64::MAX)?;
    let program = subject.program(pattern);
    let mut engine = subject.engine(&program, false);
    let parts = List::new(cx, &[])?;
    let mut result: Vec<u8> = Vec::new();
    let mut last = 0;
    let mut count = 0;
    let mut known = (subject.start, subject.position);
    let mut next = if most < 0 { None } else { engine.search(cx, subject.start)? };
    while let Some((start, end)) = next {
        let before = &subject.content.bytes()[last..start];
        match replacement {
            // Literals of the subject's kind are put together here, everything else by `join`.
            Replacement::Literal(literal) if literal.is_text() == matches!(subject.content, Content::Text(_)) => {
                result.extend_from_slice(before);
                result.extend_from_slice(literal.bytes());
            }
            _ => {
                if start > last {
                    let before = subject.content.slice(cx, last, start)?;
                    List::push(cx, parts, before)?;
                }
                let item = match replacement {
                    Replacement::Literal(literal) => literal.value(),
                    Replacement::Template(template) => {
                        let found = new_match(cx, pattern, &subject, &engine, (start, end), known)?;
                        known = (start, found.start.get().as_int() as usize);
                        template::expand(cx, template, found)?
                    }
                    Replacement::Function(function) => {
                        let found = new_match(cx, pattern, &subject, &engine, (start, end), known)?;
                        known = (start, found.start.get().as_int() as usize);
                        call::call(cx, function, &[found.value()], None)?
                    }
                };
                if item != NONE {
                    List::push(cx, parts, item)?;
                }
            }
        }
        last = end;
        count += 1;
        if most != 0 && count >= most {
            break;
        }
        next = engine.search_behind(cx, start, end)?;
    }
    let is_joined = !matches!(replacement, Replacement::Literal(literal) if literal.is_text() == matches!(subject.content, Content::Text(_)));
    if count == 0 {
        return Ok((subject.content.slice(cx, 0, subject.content.bytes().len())?, 0));
    }
    if !is_joined {
        result.extend_from_slice(&subject.content.bytes()[last..]);
        let text = match subject.content {
            Content::Text(_) => Str::checked(cx, &result)?.value(),
            Content::Bytes(_) => crate::buffer::new_bytes(cx, &result)?,
        };
        return Ok((text, count));
    }
    if last < subject.end {
        let rest = subject.content.slice(cx, last, subject.end)?;
        List::push(cx, parts, rest)?;
    }
    let joiner = subject.content.slice(cx, 0, 0)?;
    Ok((call::call_method(cx, joiner, "join", &[parts.value()])?, count))
}

fn new_scanner(cx: &mut Cx, pattern: Gc<Pattern>, string: Value, range: (i64, i64)) -> PyResult<Gc<Scanner>> {
    let subject = Subject::new(cx, pattern, string, range.0, range.1)?;
    let place = Tuple::new(cx, &[Value::int(subject.start as i64), Value::int(subject.position as i64), FALSE]);
    let scanner = allocate::<Scanner>(cx.mutator(), Kind::SRE_SCANNER.shape());
    scanner.pattern.init(pattern);
    scanner.string.init(string);
    scanner.content.init(subject.content.value());
    scanner.position.init(Value::int(subject.position as i64));
    scanner.end_position.init(Value::int(subject.end_position as i64));
    scanner.end.init(Value::int(subject.end as i64));
    scanner.next.init(place.value());
    Ok(scanner)
}

fn shown(cx: &mut Cx, pattern: Gc<Pattern>) -> PyResult<String> {
    let text = operations::repr(cx, pattern.pattern.get())?.to_text();
    let text: String = text.chars().take(SHOWN).collect();
    let mut flags = pattern.flags.get().as_int();
    let is_text = is_instance(cx, pattern.pattern.get(), Kind::STR);
    if is_text && flags & (4 | UNICODE | 256) == UNICODE {
        flags &= !UNICODE;
    }
    let mut names: Vec<String> = Vec::new();
    for (bit, name) in FLAGS {
        if flags & bit != 0 {
            names.push(name.to_string());
            flags &= !bit;
        }
    }
    if flags != 0 {
        names.push(format!("{flags:#x}"));
    }
    Ok(if names.is_empty() {
        format!("re.compile({text})")
    } else {
        format!("re.compile({text}, {})", names.join("|"))
    })
}

fn same_program(left: Gc<Pattern>, right: Gc<Pattern>) -> bool {
    let same = |left: Option<Gc<_>>, right: Option<Gc<_>>| match (left, right) {
        (Some(left), Some(right)) => words(&left) == words(&right),
        (None, None) => true,
        _ => false,
    };
    same(left.narrow.get(), right.narrow.get()) && same(left.wide.get(), right.wide.get())
}

/// The methods.
pub struct Methods;

#[py_methods(PATTERN, name = "re.Pattern")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: py_object::arguments::Keywords<'_>,
    ) -> PyResult {
        Err(cx.type_error("cannot create 're.Pattern' instances"))
    }
    /// Matches zero or more characters at the beginning of the string.
    #[method(name = "match")]
    fn match_(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        pos: i64,
        #[keyword]
        #[default(i64::MAX)]
        endpos: i64,
    ) -> PyResult {
        one_match(cx, this, string, (pos, endpos), at_start, false)
    }
    /// Matches against all of the string.
    #[method]
    fn fullmatch(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        pos: i64,
        #[keyword]
        #[default(i64::MAX)]
        endpos: i64,
    ) -> PyResult {
        one_match(cx, this, string, (pos, endpos), at_start, true)
    }
    /// Scan through string looking for a match, and return a corresponding match object instance.
    ///
    /// Return None if no position in the string matches.
    #[method]
    fn search(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        pos: i64,
        #[keyword]
        #[default(i64::MAX)]
        endpos: i64,
    ) -> PyResult {
        one_match(cx, this, string, (pos, endpos), |cx, engine, start| engine.search(cx, start), false)
    }
    /// Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by repl.
    #[method]
    fn sub(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] repl: Value,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        count: i64,
    ) -> PyResult {
        Ok(substitute(cx, this, repl, string, count)?.0)
    }
    /// Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences.
    #[method]
    fn subn(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] repl: Value,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        count: i64,
    ) -> PyResult {
        let (text, count) = substitute(cx, this, repl, string, count)?;
        Ok(cx.tuple(&[text, Value::int(count)]))
    }
    /// Split string by the occurrences of pattern.
    #[method]
    fn split(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        maxsplit: i64,
    ) -> PyResult<Gc<List>> {
        split(cx, this, string, maxsplit)
    }
    /// Return a list of all non-overlapping matches of pattern in string.
    #[method]
    fn findall(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        pos: i64,
        #[keyword]
        #[default(i64::MAX)]
        endpos: i64,
    ) -> PyResult<Gc<List>> {
        find_all(cx, this, string, (pos, endpos))
    }
    /// Return an iterator over all non-overlapping matches for the RE pattern in string.
    ///
    /// For each match, the iterator returns a match object.
    #[method]
    fn finditer(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        pos: i64,
        #[keyword]
        #[default(i64::MAX)]
        endpos: i64,
    ) -> PyResult {
        let scanner = new_scanner(cx, this, string, (pos, endpos))?;
        let name = cx.intern("search");
        let search = py_object::attribute::get(cx, scanner.value(), name)?;
        let shape = Kind::CALLABLE_ITERATOR.shape();
        Ok(py_object::sequence::new_iterator(cx, shape, search, Value::int(0), NONE, NONE))
    }
    #[method]
    fn scanner(
        cx: &mut Cx,
        this: Gc<Pattern>,
        #[keyword] string: Value,
        #[keyword]
        #[default(0)]
        pos: i64,
        #[keyword]
        #[default(i64::MAX)]
        endpos: i64,
    ) -> PyResult<Gc<Scanner>> {
        new_scanner(cx, this, string, (pos, endpos))
    }
    #[method]
    fn __copy__(this: Gc<Pattern>) -> Gc<Pattern> {
        this
    }
    #[method]
    fn __deepcopy__(this: Gc<Pattern>, _memo: Value) -> Gc<Pattern> {
        this
    }
    /// See PEP 585.
    #[classmethod]
    fn __class_getitem__(_cx: &mut Cx, class: Value, _object: Value) -> Value {
        class
    }
    #[method]
    fn __repr__(cx: &mut Cx, this: Gc<Pattern>) -> PyResult<String> {
        shown(cx, this)
    }
    #[method]
    fn __hash__(cx: &mut Cx, this: Gc<Pattern>) -> PyResult<i64> {
        let hash = operations::hash(cx, this.pattern.get())?;
        Ok((hash as i64 ^ this.flags.get().as_int() ^ this.groups.get().as_int()) >> 2)
    }
    #[method]
    fn __eq__(cx: &mut Cx, this: Gc<Pattern>, value: Value) -> PyResult {
        let Some(other) = downcast::<Pattern>(value) else { return Ok(NOT_IMPLEMENTED) };
        if this == other {
            return Ok(TRUE);
        }
        if this.flags.get() != other.flags.get() || !same_program(this, other) {
            return Ok(FALSE);
        }
        let (left, right) = (this.pattern.get(), other.pattern.get());
        if types::class_of(cx, left) != types::class_of(cx, right) {
            return Ok(FALSE);
        }
        Ok(bool_value(operations::equal(cx, left, right)?))
    }
    /// The pattern string from which the RE object was compiled.
    #[getter]
    fn pattern(this: Gc<Pattern>) -> Value {
        this.pattern.get()
    }
    /// The regex matching flags.
    #[getter]
    fn flags(this: Gc<Pattern>) -> Value {
        this.flags.get()
    }
    /// The number of capturing groups in the pattern.
    #[getter]
    fn groups(this: Gc<Pattern>) -> Value {
        this.groups.get()
    }
    /// A dictionary mapping group names to group numbers.
    #[getter]
    fn groupindex(cx: &mut Cx, this: Gc<Pattern>) -> PyResult {
        let proxy = cx.builtin_type(Kind::MAPPING_PROXY);
        let name = cx.intern("__new__");
        if types::namespace::get(cx, proxy, name).is_some() {
            return call::call(cx, proxy.value(), &[this.group_index.get()], None);
        }
        match downcast::<Dict>(this.group_index.get()) {
            Some(dict) => Ok(types::dict::copy(cx, dict)?.value()),
            None => Ok(this.group_index.get()),
        }
    }
}

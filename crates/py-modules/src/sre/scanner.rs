//! `SRE_Scanner`: a search that goes on where the last match ended.

use super::match_object::new_match;
use super::objects::{Pattern, Scanner};
use super::subject::{Content, Subject};
use py_macros::py_methods;
use py_object::objects::{Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::{Cx, NONE, PyResult, TRUE, bool_value, downcast};
use vm_heap::{Gc, Value};

fn advance(cx: &mut Cx, this: Gc<Scanner>, search: bool) -> PyResult {
    let Some(place) = downcast::<Tuple>(this.next.get()) else { return Ok(NONE) };
    let [bytes, characters, must_advance] = tuple_items(&place) else { return Ok(NONE) };
    let (start, position) = (bytes.as_int() as usize, characters.as_int() as usize);
    let content = match downcast(this.content.get()) {
        Some(text) => Content::Text(text),
        None => Content::Bytes(downcast(this.content.get()).expect("a scanner holds text or bytes")),
    };
    let subject = Subject {
        string: this.string.get(),
        content,
        position: this.position.get().as_int() as usize,
        end_position: this.end_position.get().as_int() as usize,
        start,
        end: this.end.get().as_int() as usize,
    };
    let pattern = this.pattern.get();
    let program = subject.program(pattern);
    let mut engine = subject.engine(&program, false);
    if *must_advance == TRUE {
        engine.forbid_end(start);
    }
    let found = if search { engine.search(cx, start)? } else { engine.match_at(cx, start)?.map(|end| (start, end)) };
    let Some((from, to)) = found else {
        this.next.set(cx.mutator(), this, NONE);
        return Ok(NONE);
    };
    let result = new_match(cx, pattern, &subject, &engine, (from, to), (start, position))?;
    let behind = result.start.get().as_int() as usize + content.characters(from, to);
    let next = Tuple::new(cx, &[Value::int(to as i64), Value::int(behind as i64), bool_value(from == to)]);
    this.next.set(cx.mutator(), this, next.value());
    Ok(result.value())
}

/// The methods.
pub struct Methods;

#[py_methods(SRE_SCANNER, name = "_sre.SRE_Scanner")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        _class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: py_object::arguments::Keywords<'_>,
    ) -> PyResult {
        Err(cx.type_error("cannot create '_sre.SRE_Scanner' instances"))
    }
    #[method(name = "match")]
    fn match_(cx: &mut Cx, this: Gc<Scanner>) -> PyResult {
        advance(cx, this, false)
    }
    #[method]
    fn search(cx: &mut Cx, this: Gc<Scanner>) -> PyResult {
        advance(cx, this, true)
    }
    #[getter]
    fn pattern(this: Gc<Scanner>) -> Gc<Pattern> {
        this.pattern.get()
    }
}

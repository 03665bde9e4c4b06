//! `_sre`: the engine behind the library's `re`.
//!
//! `re._compiler` turns a pattern into codes; `program` checks them and translates them, once for bytes and once for
//! text; `matcher` runs the result. `pattern`, `match_object`, `scanner` and `template` are the objects that Python
//! sees.

mod inspect;
mod match_object;
mod matcher;
mod objects;
mod opcode;
mod pattern;
mod program;
mod scanner;
mod set;
mod subject;
mod template;
mod text;

use crate::{module_of, set as set_in_module};
use objects::{Match, Pattern, Scanner, Template};
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::objects::{Dict, List, Module, Raw, Str, Tuple};
use py_object::types::{int, is_instance, list};
use py_object::{Cx, Kind, NONE, Object, PyResult, allocate, shapes};
use py_object::{fill_byte_tail, try_allocate_tail};
use vm_heap::{Gc, Value, declare_layout};

/// Declares layouts and methods.
pub fn install(cx: &mut Cx) {
    declare_layout(Pattern::LAYOUT_ID, Pattern::LAYOUT);
    declare_layout(Match::LAYOUT_ID, Match::LAYOUT);
    declare_layout(Scanner::LAYOUT_ID, Scanner::LAYOUT);
    declare_layout(Template::LAYOUT_ID, Template::LAYOUT);
    add_methods(cx, Kind::PATTERN, pattern::PATTERN_METHODS);
    add_methods(cx, Kind::MATCH, match_object::MATCH_METHODS);
    add_methods(cx, Kind::SRE_SCANNER, scanner::SRE_SCANNER_METHODS);
}

/// A program as an object.
fn program(cx: &mut Cx, codes: &[u32], groups: u32, is_wide: bool) -> PyResult<Gc<Raw>> {
    let Ok(words) = program::translate(codes, groups, is_wide) else {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "invalid SRE code"));
    };
    let Some(program) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, 4 * words.len()) else {
        return Err(cx.raise(Kind::MEMORY_ERROR, ""));
    };
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    fill_byte_tail(program, &bytes);
    Ok(program)
}

fn compile(
    cx: &mut Cx,
    pattern: Value,
    flags: i64,
    code: Gc<List>,
    groups: i64,
    names: (Gc<Dict>, Gc<Tuple>),
) -> PyResult<Gc<Pattern>> {
    let mut codes = Vec::with_capacity(list::length(code));
    for at in 0..list::length(code) {
        let number = int::index(cx, list::item(code, at).unwrap_or(NONE))?;
        match int::as_i64(number).and_then(|number| u32::try_from(number).ok()) {
            Some(number) => codes.push(number),
            None => {
                return Err(cx.raise(Kind::OVERFLOW_ERROR, "regular expression code size limit exceeded"));
            }
        }
    }
    let count = u32::try_from(groups).unwrap_or(u32::MAX);
    let (is_text, is_any) = (is_instance(cx, pattern, Kind::STR), pattern == NONE);
    if !is_text && !is_any && crate::buffer::content(cx, pattern)?.is_none() {
        return Err(cx.type_error("expected string or bytes-like object"));
    }
    let narrow = if is_text { None } else { Some(program(cx, &codes, count, false)?) };
    let wide = if is_text || is_any { Some(program(cx, &codes, count, true)?) } else { None };
    let object = allocate::<Pattern>(cx.mutator(), Kind::PATTERN.shape());
    object.pattern.init(pattern);
    object.flags.init(Value::int(flags));
    object.groups.init(Value::int(groups));
    object.group_index.init(names.0.value());
    object.index_group.init(names.1.value());
    object.narrow.init(narrow);
    object.wide.init(wide);
    Ok(object)
}

fn character(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The functions.
pub struct Functions;

#[py_functions("_sre")]
impl Functions {
    /// Make a pattern object from the codes of re._compiler.
    #[function]
    fn compile(
        cx: &mut Cx,
        #[keyword] pattern: Value,
        #[keyword] flags: i64,
        #[keyword] code: Gc<List>,
        #[keyword] groups: i64,
        #[keyword] groupindex: Gc<Dict>,
        #[keyword] indexgroup: Gc<Tuple>,
    ) -> PyResult<Gc<Pattern>> {
        compile(cx, pattern, flags, code, groups, (groupindex, indexgroup))
    }
    /// Make a replacement template from literals and numbers of groups.
    #[function]
    fn template(cx: &mut Cx, _pattern: Value, template: Gc<List>) -> PyResult<Gc<Template>> {
        template::new_template(cx, template)
    }
    /// Bytes of one code.
    #[function]
    fn getcodesize() -> i64 {
        4
    }
    #[function]
    fn ascii_iscased(character: i64) -> bool {
        u8::try_from(character).is_ok_and(|byte| byte.is_ascii_alphabetic())
    }
    #[function]
    fn unicode_iscased(number: i64) -> bool {
        let one = character(number);
        py_unicode::case::simple_lower(one) != one || py_unicode::case::simple_upper(one) != one
    }
    #[function]
    fn ascii_tolower(number: i64) -> i64 {
        i64::from(set::ascii_lower(character(number)))
    }
    #[function]
    fn unicode_tolower(number: i64) -> i64 {
        i64::from(py_unicode::case::simple_lower(character(number)))
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_sre", FUNCTIONS);
    let numbers = [
        ("MAGIC", opcode::MAGIC),
        ("CODESIZE", 4),
        ("MAXREPEAT", i64::from(opcode::MAXREPEAT)),
        ("MAXGROUPS", i64::from(opcode::MAXGROUPS)),
    ];
    for (name, number) in numbers {
        set_in_module(cx, module, name, Value::int(number))?;
    }
    let text = Str::new(cx, "the engine of re");
    set_in_module(cx, module, "copyright", text.value())?;
    Ok(module)
}

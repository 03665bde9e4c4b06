//! `str.format` and `str.format_map`: replacement fields `{name!conversion:specification}`.

use super::*;
use crate::arguments::Keywords;
use crate::cx::UNBOUND;
use crate::kinds::Kind;
use crate::operations;
use crate::types::{format, object};
use py_macros::py_methods;

/// Where the values of fields come from.
struct Source<'a> {
    positional: &'a [Value],
    keywords: Option<Keywords<'a>>,
    mapping: Value,
    /// Next automatic number; `None` once fields are numbered by hand.
    automatic: Option<usize>,
    manual: bool,
}

/// How deep specifications may hold fields.
const DEEPEST: usize = 2;

fn render(cx: &mut Cx, template: &str, source: &mut Source<'_>, depth: usize, result: &mut Vec<u8>) -> PyResult<()> {
    if depth == 0 {
        return Err(cx.value_error("Max string recursion exceeded"));
    }
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        result.extend_from_slice(&rest.as_bytes()[..at]);
        let brace = rest.as_bytes()[at];
        if rest.as_bytes().get(at + 1) == Some(&brace) {
            result.push(brace);
            rest = &rest[at + 2..];
            continue;
        }
        if brace == b'}' {
            return Err(cx.value_error("Single '}' encountered in format string"));
        }
        rest = &rest[at + 1..];
        if rest.is_empty() {
            return Err(cx.value_error("Single '{' encountered in format string"));
        }
        let Some(end) = field_end(rest) else {
            let mut in_brackets = false;
            let tail = rest.find(|character| {
                in_brackets = character == '[' || in_brackets && character != ']';
                !in_brackets && matches!(character, '!' | ':')
            });
            let message = match tail {
                Some(at) if &rest[at..] == "!" => "end of string while looking for conversion specifier",
                Some(_) => "unmatched '{' in format spec",
                None => "expected '}' before end of string",
            };
            return Err(cx.value_error(message));
        };
        field(cx, &rest[..end], source, depth, result)?;
        rest = &rest[end + 1..];
    }
    result.extend_from_slice(rest.as_bytes());
    Ok(())
}

/// Offset of the brace that closes a field.
fn field_end(text: &str) -> Option<usize> {
    let mut depth = 1;
    let mut in_brackets = false;
    let mut in_specification = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' if !in_specification => in_brackets = true,
            b']' if in_brackets => in_brackets = false,
            _ if in_brackets => {}
            b':' if depth == 1 => in_specification = true,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn field(cx: &mut Cx, text: &str, source: &mut Source<'_>, depth: usize, result: &mut Vec<u8>) -> PyResult<()> {
    let mut in_brackets = false;
    let split = text.find(|character| {
        match character {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        !in_brackets && matches!(character, '!' | ':')
    });
    let (name, tail) = text.split_at(split.unwrap_or(text.len()));
    let mut in_brackets = false;
    let opens = name.chars().any(|character| {
        in_brackets = character == '[' || in_brackets && character != ']';
        !in_brackets && character == '{'
    });
    if opens {
        return Err(cx.value_error("unexpected '{' in field name"));
    }
    let (conversion, specification) = match tail.strip_prefix('!') {
        None => (None, tail.strip_prefix(':').unwrap_or("")),
        Some(tail) => {
            let mut characters = tail.chars();
            let Some(conversion) = characters.next() else {
                return Err(cx.value_error("unmatched '{' in format spec"));
            };
            match characters.as_str() {
                "" => (Some(conversion), ""),
                rest => match rest.strip_prefix(':') {
                    Some(specification) => (Some(conversion), specification),
                    None => return Err(cx.value_error("expected ':' after conversion specifier")),
                },
            }
        }
    };
    let value = value_of(cx, name, source)?;
    let value = match conversion {
        None => value,
        Some('s') => operations::to_str(cx, value)?.value(),
        Some('r') => operations::repr(cx, value)?.value(),
        Some('a') => object::ascii_of(cx, value)?.value(),
        Some(other) => return Err(cx.value_error(format!("Unknown conversion specifier {other}"))),
    };
    let specification = if specification.is_empty() {
        None
    } else if specification.contains(['{', '}']) {
        let mut expanded = Vec::new();
        render(cx, specification, source, depth - 1, &mut expanded)?;
        Some(Str::checked(cx, &expanded)?)
    } else {
        Some(Str::new(cx, specification))
    };
    let text = format::format(cx, value, specification)?;
    result.extend_from_slice(text.bytes());
    Ok(())
}

fn value_of(cx: &mut Cx, name: &str, source: &mut Source<'_>) -> PyResult {
    let first_end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(first_end);
    let mut value = first_value(cx, first, source)?;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            if end == 0 {
                return Err(cx.value_error("Empty attribute in format string"));
            }
            let attribute = cx.intern(&behind[..end]);
            value = crate::attribute::get(cx, value, attribute)?;
            rest = &behind[end..];
        } else if let Some(behind) = rest.strip_prefix('[') {
            let Some(end) = behind.find(']') else { return Err(cx.value_error("Missing ']' in format string")) };
            if end == 0 {
                return Err(cx.value_error("Empty attribute in format string"));
            }
            let digits = behind[..end].bytes().all(|byte| byte.is_ascii_digit());
            let key = match behind[..end].parse::<i64>() {
                Ok(number) if digits => crate::types::int::from_i64(cx, number),
                Err(_) if digits => return Err(cx.value_error("Too many decimal digits in format string")),
                _ => Str::new(cx, &behind[..end]).value(),
            };
            value = operations::get_item(cx, value, key)?;
            rest = &behind[end + 1..];
        } else {
            return Err(cx.value_error("Only '.' or '[' may follow ']' in format field specifier"));
        }
    }
    Ok(value)
}

fn first_value(cx: &mut Cx, name: &str, source: &mut Source<'_>) -> PyResult {
    let number = if name.is_empty() {
        if source.manual {
            return Err(cx.value_error("cannot switch from manual field specification to automatic field numbering"));
        }
        let number = source.automatic.unwrap_or(0);
        source.automatic = Some(number + 1);
        Some(number)
    } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
        if source.automatic.is_some() {
            return Err(cx.value_error("cannot switch from automatic field numbering to manual field specification"));
        }
        source.manual = true;
        match name.parse::<i64>() {
            Ok(number) => Some(number as usize),
            Err(_) => return Err(cx.value_error("Too many decimal digits in format string")),
        }
    } else {
        None
    };
    if let Some(number) = number {
        if source.mapping != UNBOUND {
            return Err(cx.value_error("Format string contains positional fields"));
        }
        return match source.positional.get(number) {
            Some(value) => Ok(*value),
            None => {
                let message = format!("Replacement index {number} out of range for positional args tuple");
                Err(cx.raise(Kind::INDEX_ERROR, message))
            }
        };
    }
    let found = match &source.keywords {
        Some(keywords) => keywords.get(name),
        None => {
            let key = Str::new(cx, name);
            return operations::get_item(cx, source.mapping, key.value());
        }
    };
    match found {
        Some(value) => Ok(value),
        None => {
            let key = Str::new(cx, name);
            Err(crate::types::dict::key_error(cx, key.value()))
        }
    }
}

fn format_template(cx: &mut Cx, template: Gc<Str>, mut source: Source<'_>) -> PyResult {
    let Some(text) = template.as_str() else {
        return Err(cx.value_error("format strings with lone surrogates are not supported"));
    };
    let mut result = Vec::with_capacity(text.len() + 16);
    render(cx, text, &mut source, DEEPEST, &mut result)?;
    Ok(Str::checked(cx, &result)?.value())
}

/// Formatting methods.
pub struct TemplateMethods;

#[py_methods(STR)]
impl TemplateMethods {
    /// Return a formatted version of the string, using substitutions from args and kwargs.
    ///
    /// The substitutions are identified by braces ('{' and '}').
    #[method]
    fn format(cx: &mut Cx, this: Gc<Str>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult {
        let source =
            Source { positional: args, keywords: Some(kwargs), mapping: UNBOUND, automatic: None, manual: false };
        format_template(cx, this, source)
    }
    /// Return a formatted version of the string, using substitutions from mapping.
    ///
    /// The substitutions are identified by braces ('{' and '}').
    #[method]
    fn format_map(cx: &mut Cx, this: Gc<Str>, mapping: Value) -> PyResult {
        let source = Source { positional: &[], keywords: None, mapping, automatic: None, manual: false };
        format_template(cx, this, source)
    }
}

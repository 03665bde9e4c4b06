//! Expressions as text, for annotations under `from __future__ import annotations`. It is CPython's own form, which differs from that of the
//! module `ast` here and there.

use super::{Converter, Item, Node};
use crate::LineIndex;
use crate::ast::Expr;

/// How tightly the operators bind, loosest first.
mod level {
    pub const TUPLE: u8 = 0;
    pub const TEST: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const NOT: u8 = 4;
    pub const COMPARISON: u8 = 5;
    pub const EXPRESSION: u8 = 6;
    pub const BIT_XOR: u8 = 7;
    pub const BIT_AND: u8 = 8;
    pub const SHIFT: u8 = 9;
    pub const SUM: u8 = 10;
    pub const TERM: u8 = 11;
    pub const FACTOR: u8 = 12;
    pub const POWER: u8 = 13;
    pub const AWAIT: u8 = 14;
    pub const ATOM: u8 = 15;
}

/// The text of an expression.
pub fn unparse(expression: &Expr, source: &str, lines: &LineIndex) -> String {
    let item = Converter { source, lines }.expression(expression);
    let mut text = String::new();
    expr(&mut text, &item, level::TEST);
    text
}

/// Writes in parentheses if asked.
fn enclosed(out: &mut String, parentheses: bool, write: impl FnOnce(&mut String)) {
    if parentheses {
        out.push('(');
    }
    write(out);
    if parentheses {
        out.push(')');
    }
}

fn list(item: &Item) -> &[Item] {
    if let Item::List(items) = item { items } else { &[] }
}

fn word(item: &Item) -> &str {
    match item {
        Item::Name(name) => name,
        Item::Singleton(name) => name,
        _ => "",
    }
}

fn separated(out: &mut String, items: &[Item], level: u8) {
    for (at, item) in items.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { "" });
        expr(out, item, level);
    }
}

fn binary(operator: &str) -> (&'static str, u8) {
    match operator {
        "Add" => (" + ", level::SUM),
        "Sub" => (" - ", level::SUM),
        "Mult" => (" * ", level::TERM),
        "MatMult" => (" @ ", level::TERM),
        "Div" => (" / ", level::TERM),
        "Mod" => (" % ", level::TERM),
        "FloorDiv" => (" // ", level::TERM),
        "LShift" => (" << ", level::SHIFT),
        "RShift" => (" >> ", level::SHIFT),
        "BitOr" => (" | ", level::EXPRESSION),
        "BitXor" => (" ^ ", level::BIT_XOR),
        "BitAnd" => (" & ", level::BIT_AND),
        _ => (" ** ", level::POWER),
    }
}

fn comparison(operator: &str) -> &'static str {
    match operator {
        "Eq" => " == ",
        "NotEq" => " != ",
        "Lt" => " < ",
        "LtE" => " <= ",
        "Gt" => " > ",
        "GtE" => " >= ",
        "Is" => " is ",
        "IsNot" => " is not ",
        "In" => " in ",
        _ => " not in ",
    }
}

fn expr(out: &mut String, item: &Item, outer: u8) {
    let Item::Node(node) = item else { return };
    let fields = &node.fields;
    match node.class {
        "BoolOp" => {
            let (operator, own) = if word(&fields[0]) == "And" { (" and ", level::AND) } else { (" or ", level::OR) };
            enclosed(out, outer > own, |out| {
                for (at, value) in list(&fields[1]).iter().enumerate() {
                    out.push_str(if at > 0 { operator } else { "" });
                    expr(out, value, own + 1);
                }
            });
        }
        "BinOp" => {
            let (operator, own) = binary(word(&fields[1]));
            let from_right = own == level::POWER;
            enclosed(out, outer > own, |out| {
                expr(out, &fields[0], own + u8::from(from_right));
                out.push_str(operator);
                expr(out, &fields[2], own + u8::from(!from_right));
            });
        }
        "UnaryOp" => {
            let (operator, own) = match word(&fields[0]) {
                "Invert" => ("~", level::FACTOR),
                "Not" => ("not ", level::NOT),
                "UAdd" => ("+", level::FACTOR),
                _ => ("-", level::FACTOR),
            };
            enclosed(out, outer > own, |out| {
                out.push_str(operator);
                expr(out, &fields[1], own);
            });
        }
        "Lambda" => enclosed(out, outer > level::TEST, |out| lambda(out, node)),
        "IfExp" => enclosed(out, outer > level::TEST, |out| {
            expr(out, &fields[1], level::TEST + 1);
            out.push_str(" if ");
            expr(out, &fields[0], level::TEST + 1);
            out.push_str(" else ");
            expr(out, &fields[2], level::TEST);
        }),
        "Compare" => enclosed(out, outer > level::COMPARISON, |out| {
            expr(out, &fields[0], level::COMPARISON + 1);
            for (operator, value) in list(&fields[1]).iter().zip(list(&fields[2])) {
                out.push_str(comparison(word(operator)));
                expr(out, value, level::COMPARISON + 1);
            }
        }),
        "Await" => enclosed(out, outer > level::AWAIT, |out| {
            out.push_str("await ");
            expr(out, &fields[0], level::ATOM);
        }),
        "Yield" | "YieldFrom" => {
            out.push_str(if node.class == "Yield" { "(yield" } else { "(yield from" });
            if !matches!(fields[0], Item::None) {
                out.push(' ');
                expr(out, &fields[0], level::TEST);
            }
            out.push(')');
        }
        "NamedExpr" => enclosed(out, outer > level::TUPLE, |out| {
            expr(out, &fields[0], level::ATOM);
            out.push_str(" := ");
            expr(out, &fields[1], level::ATOM);
        }),
        "Constant" => constant(out, fields),
        "JoinedStr" => interpolated(out, 'f', &fields[0]),
        "TemplateStr" => interpolated(out, 't', &fields[0]),
        "Attribute" => {
            expr(out, &fields[0], level::ATOM);
            let Item::Node(value) = &fields[0] else { return };
            let number = value.class == "Constant" && matches!(value.fields[0], Item::Int(_) | Item::LargeInt(_));
            out.push_str(if number { " ." } else { "." });
            out.push_str(word(&fields[1]));
        }
        "Subscript" => {
            expr(out, &fields[0], level::ATOM);
            out.push('[');
            expr(out, &fields[1], level::TUPLE);
            out.push(']');
        }
        "Starred" => {
            out.push('*');
            expr(out, &fields[0], level::EXPRESSION);
        }
        "Slice" => {
            expr(out, &fields[0], level::TEST);
            out.push(':');
            expr(out, &fields[1], level::TEST);
            if !matches!(fields[2], Item::None) {
                out.push(':');
                expr(out, &fields[2], level::TEST);
            }
        }
        "Call" => call(out, fields),
        "Name" => out.push_str(word(&fields[0])),
        _ => display(out, node, outer),
    }
}

/// Tuples, lists, sets and dicts, and comprehensions.
fn display(out: &mut String, node: &Node, outer: u8) {
    let fields = &node.fields;
    let brackets = match node.class {
        "List" | "ListComp" => ('[', ']'),
        "GeneratorExp" => ('(', ')'),
        _ => ('{', '}'),
    };
    match node.class {
        "Tuple" => {
            let items = list(&fields[0]);
            enclosed(out, outer > level::TUPLE || items.is_empty(), |out| {
                separated(out, items, level::TEST);
                out.push_str(if items.len() == 1 { "," } else { "" });
            });
            return;
        }
        "List" | "Set" => {
            out.push(brackets.0);
            separated(out, list(&fields[0]), level::TEST);
        }
        "Dict" => {
            out.push(brackets.0);
            for (at, (key, value)) in list(&fields[0]).iter().zip(list(&fields[1])).enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                if matches!(key, Item::None) {
                    out.push_str("**");
                    expr(out, value, level::EXPRESSION);
                } else {
                    expr(out, key, level::TEST);
                    out.push_str(": ");
                    expr(out, value, level::TEST);
                }
            }
        }
        "DictComp" => {
            out.push(brackets.0);
            expr(out, &fields[0], level::TEST);
            out.push_str(": ");
            expr(out, &fields[1], level::TEST);
            comprehensions(out, &fields[2]);
        }
        _ => {
            out.push(brackets.0);
            expr(out, &fields[0], level::TEST);
            comprehensions(out, &fields[1]);
        }
    }
    out.push(brackets.1);
}

fn comprehensions(out: &mut String, item: &Item) {
    for comprehension in list(item) {
        let Item::Node(node) = comprehension else { continue };
        out.push_str(if matches!(node.fields[3], Item::Int(1)) { " async for " } else { " for " });
        expr(out, &node.fields[0], level::TUPLE);
        out.push_str(" in ");
        expr(out, &node.fields[1], level::TEST + 1);
        for condition in list(&node.fields[2]) {
            out.push_str(" if ");
            expr(out, condition, level::TEST + 1);
        }
    }
}

fn call(out: &mut String, fields: &[Item]) {
    expr(out, &fields[0], level::ATOM);
    let (arguments, keywords) = (list(&fields[1]), list(&fields[2]));
    if let ([Item::Node(only)], []) = (arguments, keywords)
        && only.class == "GeneratorExp"
    {
        // It brings the brackets along.
        expr(out, &arguments[0], level::TEST);
        return;
    }
    out.push('(');
    separated(out, arguments, level::TEST);
    for (at, keyword) in keywords.iter().enumerate() {
        let Item::Node(keyword) = keyword else { continue };
        out.push_str(if at > 0 || !arguments.is_empty() { ", " } else { "" });
        match &keyword.fields[0] {
            Item::Name(name) => {
                out.push_str(name);
                out.push('=');
            }
            _ => out.push_str("**"),
        }
        expr(out, &keyword.fields[1], level::TEST);
    }
    out.push(')');
}

fn lambda(out: &mut String, node: &Node) {
    out.push_str("lambda");
    let Item::Node(arguments) = &node.fields[0] else { return };
    let [positional_only, positional, rest, keyword_only, keyword_defaults, keywords, defaults] = &arguments.fields[..]
    else {
        return;
    };
    let mut parts: Vec<String> = Vec::new();
    let name_of =
        |item: &Item| if let Item::Node(node) = item { word(&node.fields[0]).to_string() } else { String::new() };
    let with_default = |item: &Item, default: Option<&Item>| {
        let mut text = name_of(item);
        if let Some(default) = default.filter(|default| !matches!(default, Item::None)) {
            text.push('=');
            expr(&mut text, default, level::TEST);
        }
        text
    };
    let before = list(positional_only).len();
    let all = || list(positional_only).iter().chain(list(positional));
    let without = all().count() - list(defaults).len();
    for (at, parameter) in all().enumerate() {
        if at == before && before > 0 {
            parts.push("/".to_string());
        }
        parts.push(with_default(parameter, at.checked_sub(without).and_then(|at| list(defaults).get(at))));
    }
    if before > 0 && before == all().count() {
        parts.push("/".to_string());
    }
    if matches!(rest, Item::Node(_)) {
        parts.push(format!("*{}", name_of(rest)));
    } else if !list(keyword_only).is_empty() {
        parts.push("*".to_string());
    }
    for (parameter, default) in list(keyword_only).iter().zip(list(keyword_defaults)) {
        parts.push(with_default(parameter, Some(default)));
    }
    if matches!(keywords, Item::Node(_)) {
        parts.push(format!("**{}", name_of(keywords)));
    }
    if !parts.is_empty() {
        out.push(' ');
        out.push_str(&parts.join(", "));
    }
    out.push_str(": ");
    expr(out, &node.fields[1], level::TEST);
}

fn constant(out: &mut String, fields: &[Item]) {
    if matches!(&fields[1], Item::Name(kind) if kind == "u") {
        out.push('u');
    }
    match &fields[0] {
        Item::Text(points) => quoted(out, points),
        Item::Bytes(bytes) => quoted_bytes(out, bytes),
        Item::Int(number) => out.push_str(&number.to_string()),
        Item::LargeInt(digits) => out.push_str(digits),
        Item::Float(number) => float(out, *number, true),
        Item::Imaginary(number) => {
            float(out, *number, false);
            out.push('j');
        }
        Item::Bool(truth) => out.push_str(if *truth { "True" } else { "False" }),
        Item::Ellipsis => out.push_str("..."),
        _ => out.push_str("None"),
    }
}

/// A float's `repr`, where infinity is a number that is too large.
fn float(out: &mut String, number: f64, with_point: bool) {
    if number.is_infinite() {
        out.push_str("1e309");
        return;
    }
    let shown = format!("{number:e}");
    let (digits, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        out.push_str(&format!("{digits}e{sign}{:02}", exponent.unsigned_abs()));
        return;
    }
    let plain = format!("{number}");
    let whole = !plain.contains('.');
    out.push_str(&plain);
    out.push_str(if whole && with_point { ".0" } else { "" });
}

/// An f-string or t-string: its texts and fields as the `repr` of one string.
fn interpolated(out: &mut String, prefix: char, values: &Item) {
    let mut body = String::new();
    pieces(&mut body, values);
    out.push(prefix);
    let points: Vec<u32> = body.chars().map(u32::from).collect();
    quoted(out, &points);
}

fn pieces(out: &mut String, values: &Item) {
    for value in list(values) {
        let Item::Node(node) = value else { continue };
        match (node.class, &node.fields[0]) {
            ("Constant", Item::Text(points)) => {
                for character in
                    points.iter().map(|point| char::from_u32(*point).unwrap_or(char::REPLACEMENT_CHARACTER))
                {
                    out.push(character);
                    if matches!(character, '{' | '}') {
                        out.push(character);
                    }
                }
            }
            ("JoinedStr", values) => pieces(out, values),
            ("FormattedValue", value) => {
                let mut text = String::new();
                expr(&mut text, value, level::TEST + 1);
                field(out, &text, &node.fields[1], &node.fields[2]);
            }
            // It knows how it was written.
            ("Interpolation", _) => {
                let Item::Text(points) = &node.fields[1] else { continue };
                let text: String = points.iter().filter_map(|point| char::from_u32(*point)).collect();
                field(out, &text, &node.fields[2], &node.fields[3]);
            }
            _ => {}
        }
    }
}

fn field(out: &mut String, text: &str, conversion: &Item, specification: &Item) {
    out.push_str(if text.starts_with('{') { "{ " } else { "{" });
    out.push_str(text);
    if let Item::Int(letter @ (97 | 114 | 115)) = conversion {
        out.push('!');
        out.push(char::from(*letter as u8));
    }
    if let Item::Node(specification) = specification {
        out.push(':');
        pieces(out, &specification.fields[0]);
    }
    out.push('}');
}

fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

/// A string's `repr`.
fn quoted(out: &mut String, points: &[u32]) {
    let has = |quote: char| points.contains(&u32::from(quote));
    let quote = quote_for(has('\''), has('"'));
    out.push(quote);
    for point in points {
        match char::from_u32(*point) {
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(character) if character == quote => out.extend(['\\', character]),
            Some(character) if py_unicode::properties(*point).is(py_unicode::Flag::Printable) => out.push(character),
            _ if *point < 0x100 => out.push_str(&format!("\\x{point:02x}")),
            _ if *point < 0x1_0000 => out.push_str(&format!("\\u{point:04x}")),
            _ => out.push_str(&format!("\\U{point:08x}")),
        }
    }
    out.push(quote);
}

/// The `repr` of bytes.
fn quoted_bytes(out: &mut String, bytes: &[u8]) {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    out.push('b');
    out.push(quote);
    for byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if char::from(*byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

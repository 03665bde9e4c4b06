//! Tests of the parser's adapter: errors, positions, literals, deep sources.

use crate::{ast, literal, parse_expression, parse_module, stack};

#[test]
fn errors_have_places() {
    let error = parse_module("x = 1\ny = é +\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 8), "{error}");
    assert!(parse_expression("1 + 2 \n").is_ok());
    assert!(parse_expression("x = 1").is_err());
}

/// The code points of the one string literal in an expression.
fn string(source: &str) -> Vec<u32> {
    let ast::Expr::StringLiteral(expression) = *parse_expression(source).unwrap().body else { panic!("no string") };
    let part = &expression.value.as_slice()[0];
    literal::code_points(source, part.range, &part.value, part.flags.prefix().is_raw())
}

#[test]
fn surrogates_come_back() {
    let text = |points: &[u32]| points.to_vec();
    assert_eq!(string(r"'\ud800x\udfff'"), text(&[0xD800, 0x78, 0xDFFF]));
    assert_eq!(string("'\u{FFFD}\\ud800\\ufffd\\U0000dc00'"), text(&[0xFFFD, 0xD800, 0xFFFD, 0xDC00]));
    assert_eq!(string("'\\N{replacement character}\\\\ud800\\ud801'").last(), Some(&0xD801));
    assert_eq!(string("r'\\ud800\u{FFFD}'").len(), 7);
}

#[test]
fn large_ints_become_decimal() {
    let int = |source: &str| {
        let ast::Expr::NumberLiteral(number) = *parse_expression(source).unwrap().body else { panic!("no number") };
        let ast::Number::Int(value) = number.value else { panic!("no int") };
        literal::int(&value)
    };
    assert_eq!(int("9223372036854775807"), Ok(i64::MAX));
    assert_eq!(int("9223372036854775808"), Err("9223372036854775808".to_string()));
    assert_eq!(int("0x1_0000000000000000"), Err("18446744073709551616".to_string()));
    assert_eq!(int("0o2000000000000000000000"), Err("18446744073709551616".to_string()));
    assert_eq!(int("1_000_000_000_000_000_000_000"), Err("1000000000000000000000".to_string()));
    assert_eq!(int("0xffffffffffffffff"), Err("18446744073709551615".to_string()));
}

#[test]
fn deep_sources_neither_overflow_nor_pass() {
    let parses = |source: &str| stack::run(source, || parse_module(source).map(drop).is_ok());
    let sum = format!("x = {}1", "1 + ".repeat(15_000));
    assert_eq!(parses(&sum), Ok(true));
    let not = format!("x = {}1", "not ".repeat(15_000));
    assert_eq!(parses(&not), Ok(true));
    let power = format!("x = {}1", "2 ** ".repeat(9_000));
    assert_eq!(parses(&power), Ok(true));
    let lambda = format!("x = {}1", "lambda a, b: ".repeat(3_000));
    assert_eq!(parses(&lambda), Ok(true));
    let calls = format!("x = f{}", "()".repeat(9_000));
    assert_eq!(parses(&calls), Ok(true));
    assert_eq!(parses(&format!("{}1{}", "(".repeat(190), ")".repeat(190))), Ok(true));
    assert!(parses(&format!("{}1{}", "(".repeat(300), ")".repeat(300))).is_err());
    assert!(parses(&format!("x = {}1", "-".repeat(100_000))).is_err());
    // Long is not deep.
    assert_eq!(parses(&format!("x = [{}]", "-1, ".repeat(100_000))), Ok(true));
    let unclosed = "(".repeat(100_000);
    assert!(parses(&unclosed).is_err());
}

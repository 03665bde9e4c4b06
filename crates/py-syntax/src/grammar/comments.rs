//! What comments say to type checkers (PEP 484): types of functions, lines to be ignored.

use super::type_comments::is_ignore;
use super::{Converter, Item, Node};
use crate::SyntaxError;
use crate::ast::{Expr, Ranged, TextRange, TextSize};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions};

pub(super) fn tokens(source: &str, mode: Mode) -> Vec<(TokenKind, TextRange)> {
    let parsed = ruff_python_parser::parse_unchecked(source, ParseOptions::from(mode));
    parsed.tokens().iter().map(|token| (token.kind(), token.range())).collect()
}

/// What a type comment says; none if the comment is another one.
pub(super) fn without_prefix(comment: &str) -> Option<&str> {
    const BLANKS: [char; 2] = [' ', '\t'];
    let text = comment.strip_prefix('#')?.trim_start_matches(BLANKS).strip_prefix("type:")?;
    Some(text.trim_start_matches(BLANKS))
}

/// The `type: ignore` comments of a module, with what follows these words.
pub fn type_ignores(source: &str) -> Vec<Item> {
    let mut line = 1;
    let mut seen = 0;
    let mut found = Vec::new();
    for (kind, range) in tokens(source, Mode::Module) {
        let start = range.start().to_usize();
        if kind != TokenKind::Comment {
            continue;
        }
        line += source[seen..start].matches('\n').count() as i64;
        seen = start;
        let text = without_prefix(&source[start..range.end().to_usize()]).filter(|text| is_ignore(text));
        let Some(tag) = text.and_then(|text| text.strip_prefix("ignore")) else { continue };
        let tag = tag.chars().map(u32::from).collect();
        let fields = vec![Item::Int(line), Item::Text(tag)];
        found.push(Item::Node(Box::new(Node { class: "TypeIgnore", fields, place: None })));
    }
    found
}

/// `(parameters) -> result`. It is parsed as a pair of the parenthesised parameters and the result, which has the same places.
pub(super) fn function_type(source: &str, converter: &Converter) -> Result<Node, SyntaxError> {
    let invalid = |range: TextRange| SyntaxError::at(source, "invalid syntax", range);
    let end = TextRange::empty(TextSize::new(source.len() as u32));
    let mut text = source.as_bytes().to_vec();
    let mut depth = 0;
    let mut closed = false;
    let mut before = TokenKind::Lpar;
    let mut arrow = None;
    for (kind, range) in tokens(source, Mode::Module) {
        let (start, stop) = (range.start().to_usize(), range.end().to_usize());
        match kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                depth -= 1;
                closed |= depth == 0;
            }
            TokenKind::Star | TokenKind::DoubleStar
                if depth == 1 && matches!(before, TokenKind::Lpar | TokenKind::Comma) =>
            {
                text[start..stop].fill(b' ');
            }
            TokenKind::Rarrow if depth == 0 && closed && before == TokenKind::Rpar => {
                text[start..stop].copy_from_slice(b" ,");
                arrow = Some(range);
                break;
            }
            _ if depth == 0 => return Err(invalid(range)),
            _ => {}
        }
        before = kind;
    }
    let Some(arrow) = arrow else { return Err(invalid(end)) };
    let text = String::from_utf8(text).unwrap_or_default();
    let tree = crate::parse_expression(&text)?;
    let Expr::Tuple(pair) = &*tree.body else { return Err(invalid(arrow)) };
    let [parameters, result] = &*pair.elts else { return Err(invalid(end)) };
    let open = source.find('(').unwrap_or(0);
    let parameters = match parameters {
        Expr::Tuple(tuple) if tuple.range().start().to_usize() == open => tuple.elts.iter().collect(),
        one => vec![one],
    };
    let parameters = parameters.into_iter().map(|parameter| converter.expression(parameter)).collect();
    let fields = vec![Item::List(parameters), converter.expression(result)];
    Ok(Node { class: "FunctionType", fields, place: None })
}

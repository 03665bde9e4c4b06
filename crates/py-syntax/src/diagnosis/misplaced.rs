//! Statements where expressions belong, and expressions where names belong.

use super::Source;
use super::mistakes::{expression, expression_end, kind, span, statement_start};
use crate::{SyntaxError, ast::token::TokenKind, messages};

/// Whether a token begins a statement and no expression.
fn begins_statement(kind: TokenKind) -> bool {
    use TokenKind as T;
    matches!(
        kind,
        T::Pass
            | T::Break
            | T::Continue
            | T::Return
            | T::Raise
            | T::Del
            | T::Yield
            | T::Assert
            | T::Import
            | T::From
            | T::Global
            | T::Nonlocal
    )
}

/// A statement as a part of a conditional expression.
fn in_conditional(source: &Source, index: usize) -> Option<SyntaxError> {
    let start = statement_start(source, index);
    let found = kind(source, index);
    if index > start && matches!(found, TokenKind::Pass | TokenKind::Break | TokenKind::Continue) {
        let end = expression_end(source, index + 2);
        if kind(source, index + 1) == TokenKind::If && kind(source, end) == TokenKind::Else {
            let message = "expected expression before 'if', but statement is given";
            return Some(source.error(message, source.tokens[index].range));
        }
    }
    let after_else = index > start && kind(source, index - 1) == TokenKind::Else;
    let conditional = (start + 1..index).any(|at| kind(source, at) == TokenKind::If);
    if after_else && conditional && begins_statement(found) {
        let message = "expected expression after 'else', but statement is given";
        return Some(source.error(message, source.tokens.get(index)?.range));
    }
    None
}

/// Something other than a name behind `as`.
fn target_of_as(source: &Source, index: usize) -> Option<SyntaxError> {
    let start = statement_start(source, index);
    let position = (start..index).rev().take(2).find(|at| kind(source, *at) == TokenKind::As)?;
    let range = span(source, position + 1, expression_end(source, position + 1));
    let target = expression(source, range)?;
    if target.is_name_expr() {
        return None;
    }
    let name = messages::expression_name(&target);
    let message = match (kind(source, start), kind(source, start + 1)) {
        (TokenKind::Except, TokenKind::Star) => format!("cannot use except* statement with {name}"),
        (TokenKind::Except, _) => format!("cannot use except statement with {name}"),
        (TokenKind::Case, _) => format!("cannot use {name} as pattern target"),
        _ => return None,
    };
    Some(source.error(message, range))
}

/// A bound on what can have none.
fn bound(source: &Source, index: usize) -> Option<SyntaxError> {
    if kind(source, index) != TokenKind::Colon || kind(source, index.checked_sub(1)?) != TokenKind::Name {
        return None;
    }
    let bracket = super::open_bracket(source, index).filter(|at| kind(source, *at) == TokenKind::Lsqb)?;
    let owner = kind(source, bracket.checked_sub(2)?);
    if !matches!(owner, TokenKind::Class | TokenKind::Def | TokenKind::Type) {
        return None;
    }
    let class = match kind(source, index.checked_sub(2)?) {
        TokenKind::Star => "TypeVarTuple",
        TokenKind::DoubleStar => "ParamSpec",
        _ => return None,
    };
    let end = expression_end(source, index + 1);
    let what = if expression(source, span(source, index + 1, end))?.is_tuple_expr() { "constraints" } else { "bound" };
    Some(source.error(format!("cannot use {what} with {class}"), span(source, index, end)))
}

/// What cannot be the target of an augmented assignment.
fn augmented(source: &Source, index: usize) -> Option<SyntaxError> {
    let token = source.tokens.get(index)?;
    let text = source.slice(token.range);
    if !text.ends_with('=') || text.len() < 2 || matches!(text, "==" | "!=" | "<=" | ">=" | ":=") {
        return None;
    }
    let start = statement_start(source, index);
    let range = span(source, start, index);
    let target = expression(source, range).filter(|_| index > start)?;
    let name = messages::expression_name(&target);
    let message = format!("'{name}' is an illegal expression for augmented assignment");
    (target.is_tuple_expr() || target.is_list_expr()).then(|| source.error(message, range))
}

/// Slips in parameter lists.
fn parameters(source: &Source, index: usize) -> Option<SyntaxError> {
    let before = kind(source, index.checked_sub(1)?);
    let start = statement_start(source, index);
    let in_parameters = (start..index).any(|at| matches!(kind(source, at), TokenKind::Lambda | TokenKind::Def));
    if !in_parameters {
        return None;
    }
    match (before, kind(source, index)) {
        (TokenKind::Slash, TokenKind::Star | TokenKind::DoubleStar) => {
            Some(source.error("expected comma between / and *", source.tokens[index].range))
        }
        (TokenKind::Equal, TokenKind::Comma | TokenKind::Colon | TokenKind::Rpar) => {
            Some(source.error("expected default value expression", source.tokens[index - 1].range))
        }
        _ => None,
    }
}

/// The mistake at a token, if it is one of these.
pub(super) fn find(source: &Source, index: usize) -> Option<SyntaxError> {
    in_conditional(source, index)
        .or_else(|| target_of_as(source, index))
        .or_else(|| bound(source, index))
        .or_else(|| augmented(source, index))
        .or_else(|| parameters(source, index))
}

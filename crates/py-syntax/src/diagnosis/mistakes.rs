//! Typical mistakes that CPython's grammar has rules for.

use ruff_python_parser::{ParseError, ParseErrorType};

use super::{Source, is_generic, one_character};
use crate::{
    SyntaxError,
    ast::{Expr, Ranged, TextRange, TextSize, token::TokenKind},
    messages::expression_name,
};

/// An expression in the source, parsed on its own.
pub(super) fn expression(source: &Source, range: TextRange) -> Option<Expr> {
    let text = source.slice(range);
    let parsed = ruff_python_parser::parse_expression(&format!("({text}\n)")).ok()?;
    (!text.trim().is_empty()).then(|| *parsed.into_syntax().body)
}

/// Tokens that end an operand of anything weaker than `or`.
fn is_border(kind: TokenKind) -> bool {
    use TokenKind as T;
    matches!(
        kind,
        T::Newline
            | T::EndOfFile
            | T::Indent
            | T::Dedent
            | T::Comma
            | T::Colon
            | T::Semi
            | T::Equal
            | T::ColonEqual
            | T::Return
            | T::Yield
            | T::Raise
            | T::Assert
            | T::Del
            | T::If
            | T::Elif
            | T::Else
            | T::While
            | T::For
            | T::In
            | T::With
            | T::Lambda
            | T::As
            | T::From
            | T::Import
            | T::FStringMiddle
            | T::FStringStart
            | T::Star
            | T::DoubleStar
    )
}

/// Where the operand that ends before a token begins: the index of its first token.
fn operand_start(source: &Source, end: usize) -> Option<usize> {
    let mut depth = 0;
    let mut index = end;
    while index > 0 {
        let kind = source.tokens[index - 1].kind;
        match kind {
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth += 1,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace if depth == 0 => break,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth -= 1,
            _ if depth == 0 && is_border(kind) => break,
            _ => {}
        }
        index -= 1;
    }
    (index < end).then_some(index)
}

/// Where the expression that begins at a token ends: the index behind its last token.
pub(super) fn expression_end(source: &Source, start: usize) -> usize {
    let mut depth = 0;
    let mut index = start;
    while let Some(token) = source.tokens.get(index) {
        match token.kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if depth == 0 => break,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth -= 1,
            kind if depth == 0 && (is_border(kind) || kind == TokenKind::FStringEnd) => break,
            _ => {}
        }
        index += 1;
    }
    index
}

pub(super) fn span(source: &Source, from: usize, to: usize) -> TextRange {
    let end = to.saturating_sub(1).max(from);
    TextRange::new(source.tokens[from].range.start(), source.tokens[end].range.end())
}

pub(super) fn kind(source: &Source, index: usize) -> TokenKind {
    source.tokens.get(index).map_or(TokenKind::EndOfFile, |token| token.kind)
}

/// The first token of the statement that a token belongs to.
pub(super) fn statement_start(source: &Source, index: usize) -> usize {
    (0..index)
        .rev()
        .find(|at| {
            matches!(kind(source, *at), TokenKind::Newline | TokenKind::Semi | TokenKind::Indent | TokenKind::Dedent)
        })
        .map_or(0, |at| at + 1)
}

/// Whether a token can begin an expression.
fn begins_expression(kind: TokenKind) -> bool {
    use TokenKind as T;
    matches!(
        kind,
        T::Name
            | T::Int
            | T::Float
            | T::Complex
            | T::String
            | T::FStringStart
            | T::TStringStart
            | T::True
            | T::False
            | T::None
            | T::Ellipsis
            | T::Lbrace
            | T::Lsqb
            | T::Lpar
            | T::Not
            | T::Lambda
            | T::Await
    ) || kind.is_soft_keyword()
}

/// `print "text"` and `exec "code"`.
fn legacy(source: &Source, index: usize) -> Option<SyntaxError> {
    // A statement may follow the colon of a block on its line.
    let after_colon = index >= 2 && kind(source, index - 2) == TokenKind::Colon;
    let start = match after_colon && super::open_bracket(source, index).is_none() {
        true => index - 1,
        false => statement_start(source, index),
    };
    let name = source.slice(source.tokens.get(start)?.range);
    if !matches!(name, "print" | "exec") || start + 1 != index || !begins_expression(kind(source, index)) {
        return None;
    }
    let mut end = expression_end(source, index);
    while kind(source, end) == TokenKind::Comma && begins_expression(kind(source, end + 1)) {
        end = expression_end(source, end + 1);
    }
    expression(source, span(source, index, end))?;
    let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
    Some(source.error(message, span(source, start, end)))
}

/// Two expressions side by side inside brackets.
/// How many tokens are tried as the end of an expression.
const LONGEST_LOOK: usize = 64;

fn forgotten_comma(source: &Source, index: usize) -> Option<SyntaxError> {
    let token = *source.tokens.get(index)?;
    super::open_bracket(source, index)?;
    if !begins_expression(token.kind) || index == 0 {
        return None;
    }
    let start = operand_start(source, index)?;
    let first = span(source, start, index);
    expression(source, first)?;
    if matches!(kind(source, start), TokenKind::Name)
        && matches!(kind(source, start + 1), TokenKind::String | TokenKind::FStringStart)
    {
        return None;
    }
    // The longest expression that begins here; more mistakes may follow.
    let end = expression_end(source, index);
    let mut ends = (index + 1..=end).rev().take(LONGEST_LOOK);
    let second = ends.find_map(|end| {
        let second = span(source, index, end);
        expression(source, second).map(|_| second)
    })?;
    Some(source.error("invalid syntax. Perhaps you forgot a comma?", TextRange::new(first.start(), second.end())))
}

/// `=` where only an expression fits.
fn assignment_in_expression(source: &Source, index: usize) -> Option<SyntaxError> {
    if kind(source, index) != TokenKind::Equal {
        return None;
    }
    if source.is_expression && super::open_bracket(source, index).is_none() {
        // What is no statement is not asked what else it could have been.
        return Some(source.error("invalid syntax", source.tokens[index].range));
    }
    let start = operand_start(source, index)?;
    let target = span(source, start, index);
    let parsed = expression(source, target)?;
    let end = expression_end(source, index + 1);
    if end == index + 1 || matches!(kind(source, end), TokenKind::Equal | TokenKind::ColonEqual) {
        return None;
    }
    let value = span(source, index + 1, end);
    if matches!(parsed, Expr::Name(_)) {
        let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
        return Some(source.error(message, TextRange::new(target.start(), value.end())));
    }
    let exempt = matches!(
        parsed,
        Expr::List(_) | Expr::Tuple(_) | Expr::Generator(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_)
    );
    if exempt {
        return None;
    }
    let name = expression_name(&parsed);
    let message = format!("cannot assign to {name} here. Maybe you meant '==' instead of '='?");
    Some(source.error(message, target))
}

/// An assignment to what is no target, with nothing that could be its value.
fn assignment_without_value(source: &Source, index: usize) -> Option<SyntaxError> {
    let equal = index.checked_sub(1)?;
    if kind(source, equal) != TokenKind::Equal || source.is_expression || super::open_bracket(source, equal).is_some() {
        return None;
    }
    let mut start = statement_start(source, equal);
    loop {
        let end = (start..=equal)
            .find(|at| kind(source, *at) == TokenKind::Equal && super::open_bracket(source, *at).is_none())?;
        let range = span(source, start, end);
        let target = expression(source, range)?;
        if let Some((name, within)) = invalid_target(&target) {
            // It has been parsed behind a bracket.
            let at = |offset: TextSize| range.start() + offset - TextSize::new(1);
            let range = TextRange::new(at(within.start()), at(within.end()));
            return Some(source.error(format!("cannot assign to {name}"), range));
        }
        if end == equal {
            return None;
        }
        start = end + 1;
    }
}

/// The part of an expression that cannot be assigned to: what it is called, and where it stands.
fn invalid_target(target: &Expr) -> Option<(&'static str, TextRange)> {
    match target {
        Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_) => None,
        Expr::Tuple(node) => node.elts.iter().find_map(invalid_target),
        Expr::List(node) => node.elts.iter().find_map(invalid_target),
        Expr::Starred(node) => invalid_target(&node.value),
        other => Some((expression_name(other), other.range())),
    }
}

/// `f(a=)`, `def f(a=)`, `f(*)` and other things left out.
fn left_out(source: &Source, index: usize) -> Option<SyntaxError> {
    let before = index.checked_sub(1)?;
    let closes = matches!(kind(source, index), TokenKind::Rpar | TokenKind::Comma);
    let start = statement_start(source, index);
    let defines = matches!(kind(source, start), TokenKind::Def)
        || kind(source, start) == TokenKind::Async && kind(source, start + 1) == TokenKind::Def;
    match kind(source, before) {
        TokenKind::Equal if closes && defines => {
            Some(source.error("expected default value expression", source.tokens[before].range))
        }
        TokenKind::Equal if closes && super::open_bracket(source, index).is_some() => {
            let from = operand_start(source, before)?;
            Some(source.error("expected argument value expression", span(source, from, index)))
        }
        TokenKind::Star if kind(source, index) == TokenKind::Rpar && !defines => {
            Some(source.error("Invalid star expression", source.tokens[index].range))
        }
        TokenKind::Else if matches!(kind(source, index), TokenKind::Newline | TokenKind::EndOfFile) => {
            let message = "expected expression after 'else', but statement is given";
            (kind(source, start) != TokenKind::Else)
                .then(|| one_character(source, message, source.tokens[before].range.end()))
        }
        TokenKind::Colon if matches!(kind(source, index), TokenKind::Rbrace | TokenKind::Comma) => {
            let bracket = super::open_bracket(source, index)?;
            (kind(source, bracket) == TokenKind::Lbrace)
                .then(|| source.error("expression expected after dictionary key and ':'", source.tokens[before].range))
        }
        _ => None,
    }
}

/// Whether a brace opens a replacement field of an f-string.
fn is_replacement_field(source: &Source, brace: usize) -> bool {
    brace.checked_sub(1).is_some_and(|before| {
        matches!(kind(source, before), TokenKind::FStringStart | TokenKind::FStringMiddle | TokenKind::Rbrace)
    })
}

/// Mistakes in replacement fields of f-strings.
fn in_field(source: &Source, index: usize, message: &str) -> Option<SyntaxError> {
    let token = source.tokens.get(index)?;
    let before = index.checked_sub(1)?;
    if source.slice(token.range).starts_with('}') && super::open_bracket(source, index).is_none() {
        if !matches!(kind(source, before), TokenKind::FStringStart | TokenKind::FStringMiddle) {
            return None;
        }
        let (_, column) = source.place(token.range.start());
        let message = "f-string: single '}' is not allowed";
        return Some(source.error_ending(message, token.range.start(), column.into()));
    }
    let brace = super::open_bracket(source, index)?;
    if kind(source, brace) != TokenKind::Lbrace || !is_replacement_field(source, brace) {
        return None;
    }
    if matches!(kind(source, brace + 1), TokenKind::Lambda) {
        let colon = (brace..source.tokens.len()).find(|at| kind(source, *at) == TokenKind::Colon)?;
        let message = "f-string: lambda expressions are not allowed without parentheses";
        return Some(source.error(message, span(source, brace + 1, colon + 1)));
    }
    if index == brace + 1 {
        return Some(match kind(source, index) {
            TokenKind::FStringEnd | TokenKind::Newline | TokenKind::EndOfFile => {
                let (_, column) = source.place(token.range.start());
                source.error_ending("f-string: expecting '}'", token.range.start(), column.into())
            }
            TokenKind::Rbrace | TokenKind::Exclamation | TokenKind::Colon | TokenKind::Equal => {
                let sign = source.slice(token.range);
                source.error(format!("f-string: valid expression required before '{sign}'"), token.range)
            }
            _ => source.error("f-string: expecting a valid expression after '{'", token.range),
        });
    }
    if index == brace + 2 && kind(source, before) == TokenKind::Star {
        let message = "f-string: expecting a valid expression after '{'";
        return Some(source.error(message, source.tokens[before].range));
    }
    if kind(source, index) == TokenKind::Rbrace && is_generic(message) {
        let message = "f-string: expecting '=', or '!', or ':', or '}'";
        return Some(source.error(message, source.tokens[before].range));
    }
    if kind(source, index) == TokenKind::FStringEnd {
        let in_format = (brace..index).any(|at| kind(source, at) == TokenKind::Colon);
        if in_format {
            return Some(source.error("f-string: expecting '}', or format specs", token.range));
        }
        let (_, column) = source.place(token.range.start());
        return Some(source.error_ending("f-string: expecting '}'", token.range.start(), column.into()));
    }
    None
}

/// What follows the exclamation mark of a replacement field.
fn conversion(source: &Source, range: TextRange) -> SyntaxError {
    let text = source.slice(range);
    let message = match text.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        true => format!("f-string: invalid conversion character '{text}': expected 's', 'r', or 'a'"),
        false => "f-string: missing conversion character".to_string(),
    };
    source.error(message, range)
}

/// Mistakes in dict displays.
fn in_dict(source: &Source, index: usize, range: TextRange) -> Option<SyntaxError> {
    let bracket = super::open_bracket(source, index)?;
    if kind(source, bracket) != TokenKind::Lbrace || is_replacement_field(source, bracket) {
        return None;
    }
    if kind(source, index) == TokenKind::Star && kind(source, index.checked_sub(1)?) == TokenKind::Colon {
        return Some(source.error("cannot use a starred expression in a dictionary value", range));
    }
    if kind(source, index) == TokenKind::Rbrace {
        let before = source.tokens[index - 1].range.start();
        return Some(source.error_ending("':' expected after dictionary key", before, 0));
    }
    None
}

/// `[x, y for …]`.
fn bare_target(source: &Source, index: usize) -> Option<SyntaxError> {
    if kind(source, index) != TokenKind::For {
        return None;
    }
    let bracket = super::open_bracket(source, index)?;
    let range = span(source, bracket + 1, index);
    let parsed = expression(source, range)?;
    (matches!(parsed, Expr::Tuple(_)) && kind(source, bracket) != TokenKind::Lpar)
        .then(|| source.error("did you forget parentheses around the comprehension target?", range))
}

/// Mistakes in import statements.
fn in_import(source: &Source, index: usize) -> Option<SyntaxError> {
    let start = statement_start(source, index);
    if !matches!(kind(source, start), TokenKind::Import | TokenKind::From) {
        return None;
    }
    if index >= 1 && kind(source, index - 1) == TokenKind::As {
        let range = span(source, index, expression_end(source, index));
        let parsed = expression(source, range)?;
        return Some(source.error(format!("cannot use {} as import target", expression_name(&parsed)), range));
    }
    if kind(source, start) == TokenKind::Import && kind(source, index) == TokenKind::From {
        let end = (index..source.tokens.len()).find(|at| kind(source, *at) == TokenKind::Newline)?;
        let range = span(source, start, end);
        return Some(source.error("Did you mean to use 'from ... import ...' instead?", range));
    }
    if index >= 2 && kind(source, index - 2) == TokenKind::As {
        let end = expression_end(source, index);
        let range = span(source, index - 1, end);
        let parsed = expression(source, range)?;
        return Some(source.error(format!("cannot use {} as import target", expression_name(&parsed)), range));
    }
    None
}

/// Parameters in parentheses, as Python 2 had them.
fn nested_parameters(source: &Source, index: usize) -> Option<SyntaxError> {
    if kind(source, index) != TokenKind::Lpar {
        return None;
    }
    let end = expression_end(source, index);
    let range = span(source, index, end);
    let what = match kind(source, index.checked_sub(1)?) {
        TokenKind::Lambda => "Lambda expression",
        TokenKind::Lpar | TokenKind::Comma if kind(source, statement_start(source, index)) == TokenKind::Def => {
            "Function"
        }
        _ => return None,
    };
    Some(source.error(format!("{what} parameters cannot be parenthesized"), range))
}

/// Errors that have a message already, at another place than CPython gives.
fn elsewhere(source: &Source, index: usize, message: &str, error: &ParseError) -> Option<SyntaxError> {
    let range = error.location;
    match &error.error {
        ParseErrorType::PositionalAfterKeywordArgument | ParseErrorType::PositionalAfterKeywordUnpacking => {
            // At the end of the call.
            let mut depth = 0;
            let end = (index..source.tokens.len()).find(|at| {
                match kind(source, *at) {
                    TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
                    TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if depth == 0 => return true,
                    TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth -= 1,
                    _ => {}
                }
                false
            })?;
            Some(source.error(message, source.tokens[end].range))
        }
        ParseErrorType::ExpectedKeywordParam => {
            let star = (0..=index).rev().find(|at| kind(source, *at) == TokenKind::Star)?;
            let lambda = kind(source, star.checked_sub(1)?) == TokenKind::Lambda;
            Some(source.error(message, source.tokens[if lambda { star + 1 } else { star }].range))
        }
        ParseErrorType::ExpectedToken { expected: TokenKind::Else, .. } if message.starts_with("expected 'else'") => {
            // From the start of the conditional expression.
            let condition = (0..index).rev().find(|at| kind(source, *at) == TokenKind::If)?;
            let from = operand_start(source, condition)?;
            Some(source.error(message, span(source, from, index)))
        }
        ParseErrorType::VarParameterWithDefault => {
            let double = kind(source, index.checked_sub(2)?) == TokenKind::DoubleStar;
            let what = if double { "keyword" } else { "positional" };
            Some(source.error(format!("var-{what} argument cannot have default value"), range))
        }
        ParseErrorType::EmptyImportNames
            if !matches!(kind(source, index), TokenKind::Newline | TokenKind::EndOfFile) =>
        {
            Some(source.error("invalid syntax", super::token_range(source, range.start())))
        }
        ParseErrorType::OtherError(_) if message.starts_with("trailing comma") => {
            let end = source.tokens[index].range.end();
            let blanks = source.text[end.to_usize()..].chars().take_while(|c| *c == ' ').count() as u32;
            let from = kind(source, statement_start(source, index)) == TokenKind::From;
            let text = if from { message } else { "invalid syntax" };
            Some(one_character(source, text, end + TextSize::new(blanks)))
        }
        ParseErrorType::InvalidArgumentUnpackingOrder => {
            let from = (0..index).rev().find(|at| kind(source, *at) == TokenKind::DoubleStar)?;
            Some(source.error(message, TextRange::new(source.tokens[from].range.start(), range.end())))
        }
        ParseErrorType::EmptyTypeParams => None,
        ParseErrorType::OtherError(_)
            if message.starts_with("only single target (not tuple)") && kind(source, index) != TokenKind::Lpar =>
        {
            // The first of them.
            let end = (index..source.tokens.len()).find(|at| kind(source, *at) == TokenKind::Comma)?;
            Some(source.error(message, span(source, index, end)))
        }
        ParseErrorType::OtherError(_) if message.starts_with("at least one argument must precede") => {
            let slash = *source.tokens.get(index)?;
            let open = super::open_bracket(source, index).unwrap_or(0);
            if (open..index).any(|at| kind(source, at) == TokenKind::Star) {
                return Some(source.error("/ must be ahead of *", slash.range));
            }
            (kind(source, index + 1) != TokenKind::Comma).then(|| source.error("invalid syntax", slash.range))
        }
        ParseErrorType::InvalidAnnotatedAssignmentTarget => {
            let colon = (index..source.tokens.len())
                .find(|at| kind(source, *at) == TokenKind::Colon && super::open_bracket(source, *at).is_none())?;
            let end = expression_end(source, colon + 1);
            let mut ends = (colon + 2..=end).take(LONGEST_LOOK);
            let annotated = ends.any(|end| expression(source, span(source, colon + 1, end)).is_some());
            (!annotated).then(|| source.error("invalid syntax", source.tokens[colon].range))
        }
        ParseErrorType::OtherError(_) if message.starts_with("* argument") => {
            Some(source.error(message, source.tokens.get(index)?.range))
        }
        ParseErrorType::OtherError(_) if message.starts_with("cannot have both") => {
            let end = if kind(source, index + 1) == TokenKind::Star { index + 2 } else { index + 1 };
            Some(source.error(message, span(source, index, end)))
        }
        ParseErrorType::OtherError(_) if message.starts_with("multiple exception types") => {
            let mut end = index;
            while !matches!(kind(source, end), TokenKind::Colon | TokenKind::Newline | TokenKind::EndOfFile) {
                end += 1;
            }
            Some(source.error(message, span(source, index, end)))
        }
        ParseErrorType::OtherError(_) if message.starts_with("expression cannot contain assignment") => {
            let equal = (index..source.tokens.len()).find(|at| kind(source, *at) == TokenKind::Equal)?;
            let whole = span(source, index, equal + 1);
            Some(match kind(source, index) {
                TokenKind::True | TokenKind::False | TokenKind::None if equal == index + 1 => {
                    source.error(format!("cannot assign to {}", source.slice(source.tokens[index].range)), whole)
                }
                _ => source.error(message, whole),
            })
        }
        ParseErrorType::OtherError(_) if message.starts_with("expected 'except' or 'finally'") => {
            let end = source.tokens.get(index.checked_sub(1)?)?.range;
            let at_end = kind(source, index) == TokenKind::EndOfFile;
            let text = source.text.trim_end_matches('\n');
            at_end.then(|| {
                let place = TextSize::new(text.len() as u32);
                let _ = end;
                let (_, column) = source.place(place);
                SyntaxError { column, ..source.error_ending(message, place, -1) }
            })
        }
        ParseErrorType::UnexpectedIndentation => {
            let (line, _) = source.place(range.start());
            let at = source.text[..range.end().to_usize()].rfind('\n').map_or(0, |at| at + 1);
            let blanks = source.text[at..].chars().take_while(|c| matches!(c, ' ' | '\t')).count() as u32;
            let place = TextSize::new(at as u32);
            let plain = source.error_ending(message, place, -1);
            let _ = line;
            Some(SyntaxError { kind: crate::SyntaxErrorKind::Indentation, column: blanks, ..plain })
        }
        _ if message.starts_with("expected an indented block")
            && source.text.get(range.start().to_usize()..).is_none_or(|rest| rest.trim().is_empty()) =>
        {
            let end = TextSize::new(source.text.trim_end_matches('\n').len() as u32);
            let (_, column) = source.place(end);
            let plain = source.error_ending(message, end, -1);
            Some(SyntaxError { kind: crate::SyntaxErrorKind::Indentation, column, ..plain })
        }
        _ => None,
    }
}

/// A better error than the parser's at a token.
pub(super) fn find(source: &Source, index: usize, message: &str, error: &ParseError) -> Option<SyntaxError> {
    if let Some(found) = elsewhere(source, index, message, error) {
        return Some(found);
    }
    if message == "f-string: invalid conversion character" {
        return Some(conversion(source, error.location));
    }
    if !is_generic(message) && !message.starts_with("f-string") {
        return None;
    }
    if let Some(found) = in_field(source, index, message) {
        return Some(found);
    }
    let text = source.text.get(error.location.start().to_usize()..).unwrap_or("");
    if text.starts_with('>') && source.text[..error.location.start().to_usize()].ends_with('<') {
        let range =
            TextRange::new(error.location.start() - TextSize::new(1), error.location.start() + TextSize::new(1));
        return Some(source.error("invalid syntax.  Maybe you meant '!=' instead of '<>'?", range));
    }
    legacy(source, index)
        .or_else(|| super::misplaced::find(source, index))
        .or_else(|| in_import(source, index))
        .or_else(|| nested_parameters(source, index))
        .or_else(|| left_out(source, index))
        .or_else(|| assignment_without_value(source, index))
        .or_else(|| bare_target(source, index))
        .or_else(|| assignment_in_expression(source, index))
        .or_else(|| forgotten_comma(source, index))
        .or_else(|| in_dict(source, index, error.location))
        .or_else(|| starred(source, error))
}

/// A starred expression in parentheses.
fn starred(source: &Source, error: &ParseError) -> Option<SyntaxError> {
    let text = source.slice(error.location);
    let before = source.text[..error.location.start().to_usize()].trim_end();
    (text.starts_with('*') && before.ends_with('(') && !text.starts_with("**"))
        .then(|| source.error("cannot use starred expression here", error.location))
}

//! What CPython's tokeniser refuses: characters, numbers, unfinished strings, literals, indentation.

use super::{Source, Token, literals};
use crate::{
    SyntaxError,
    ast::{TextRange, TextSize, token::TokenKind},
    error::Kind,
};
use py_unicode::Flag;

/// The first such error, with the offset that it belongs to.
pub(super) fn first(source: &Source) -> Option<(TextSize, SyntaxError)> {
    let by_token = source.tokens.iter().find_map(|token| Some((token.range.start(), in_token(source, *token)?)));
    let by_token = match (by_token, brackets(source)) {
        (Some(token), Some(bracket)) => Some(if token.0 <= bracket.0 { token } else { bracket }),
        (token, bracket) => token.or(bracket),
    };
    match (by_token, indentation(source)) {
        (Some(token), Some(line)) => Some(if token.0 <= line.0 { token } else { line }),
        (token, line) => token.or(line),
    }
}

/// Closing brackets without their opening ones.
fn brackets(source: &Source) -> Option<(TextSize, SyntaxError)> {
    let mut open: Vec<Token> = Vec::new();
    for token in &source.tokens {
        let wanted = match token.kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open.push(*token);
                continue;
            }
            TokenKind::Rpar => TokenKind::Lpar,
            TokenKind::Rsqb => TokenKind::Lsqb,
            TokenKind::Rbrace => TokenKind::Lbrace,
            _ => continue,
        };
        let start = token.range.start();
        let closing = source.slice(token.range);
        let (line, column) = source.place(start);
        let message = match open.pop() {
            Some(opening) if opening.kind == wanted => continue,
            Some(opening) => {
                let (opened, _) = source.place(opening.range.start());
                let place = if opened == line { String::new() } else { format!(" on line {opened}") };
                let opening = source.slice(opening.range);
                format!("closing parenthesis '{closing}' does not match opening parenthesis '{opening}'{place}")
            }
            None => format!("unmatched '{closing}'"),
        };
        return Some((start, source.error_ending(message, start, column.into())));
    }
    None
}

fn in_token(source: &Source, token: Token) -> Option<SyntaxError> {
    let text = source.slice(token.range);
    match token.kind {
        TokenKind::Int | TokenKind::Float | TokenKind::Complex => number(source, token.range.start()),
        TokenKind::String => {
            let unquoted = text.trim_start_matches(|prefix: char| prefix.is_ascii_alphabetic());
            match is_finished(unquoted) {
                true => literals::check(source, token.range),
                false => Some(unfinished_string(source, token.range.start(), unquoted)),
            }
        }
        TokenKind::Unknown if !text.trim().is_empty() => unknown(source, token.range),
        _ => None,
    }
}

fn unknown(source: &Source, range: TextRange) -> Option<SyntaxError> {
    let rest = source.text.get(range.start().to_usize()..)?;
    let character = rest.chars().next()?;
    let unquoted = rest.trim_start_matches(|prefix: char| prefix.is_ascii_alphabetic());
    if rest.len() - unquoted.len() <= 2 && unquoted.starts_with(['\'', '"']) {
        return Some(unfinished_string(source, range.start(), unquoted));
    }
    match character {
        '0'..='9' => number(source, range.start()),
        '\\' => {
            let after = range.start() + TextSize::new(1);
            let rest = source.text.get(after.to_usize()..).unwrap_or("");
            if rest.is_empty() || rest == "\n" {
                if let Some(bracket) = super::open_bracket(source, source.tokens.len()) {
                    return Some(super::never_closed(source, bracket));
                }
                let (_, column) = source.place(range.start());
                let error = source.error_ending("unexpected EOF while parsing", range.start(), -1);
                return Some(SyntaxError { column: column + 1, ..error });
            }
            Some(source.error_ending("unexpected character after line continuation character", after, 0))
        }
        _ if !character.is_ascii() || character.is_ascii_control() => {
            let code = u32::from(character);
            let (_, column) = source.place(range.start());
            let message = match py_unicode::properties(code).is(Flag::Printable) {
                true => format!("invalid character '{character}' (U+{code:04X})"),
                false => format!("invalid non-printable character U+{code:04X}"),
            };
            Some(source.error_ending(message, range.start(), column.into()))
        }
        _ => None,
    }
}

/// Whether a string token has its closing quotes.
fn is_finished(text: &str) -> bool {
    let Some(quote) = text.chars().next() else { return true };
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let width = if text.starts_with(&triple) { 3 } else { 1 };
    let closing = &triple[..width];
    let escapes = text[..text.len().saturating_sub(width)].chars().rev().take_while(|c| *c == '\\').count();
    text.len() >= 2 * width && text.ends_with(closing) && escapes % 2 == 0
}

/// A string whose end is missing. `rest` starts with its quote.
fn unfinished_string(source: &Source, start: TextSize, rest: &str) -> SyntaxError {
    let (line, column) = source.place(start);
    let triple = rest.starts_with("'''") || rest.starts_with("\"\"\"");
    let message = if triple {
        let last = line as usize + rest.trim_end_matches('\n').matches('\n').count();
        format!("unterminated triple-quoted string literal (detected at line {last})")
    } else {
        let text = rest.lines().next().unwrap_or("");
        let escaped = text.chars().next().is_some_and(|quote| text.contains(&format!("\\{quote}")));
        let hint = if escaped { "; perhaps you escaped the end quote?" } else { "" };
        format!("unterminated string literal (detected at line {line}){hint}")
    };
    source.error_ending(message, start, column.into())
}

/// What is wrong with the number that starts at an offset.
fn number(source: &Source, start: TextSize) -> Option<SyntaxError> {
    let text = source.text.get(start.to_usize()..)?;
    let bytes = text.as_bytes();
    let (line, column) = source.place(start);
    let fail = |message: String, columns: usize| {
        let column = column + columns as u32;
        Some(SyntaxError {
            line,
            column,
            end_line: line,
            end_column: column.into(),
            ..source.error(message, TextRange::default())
        })
    };
    // The error is at the last character of the number.
    let invalid = |what: &str, length: usize| fail(format!("invalid {what} literal"), length.saturating_sub(1));
    if bytes[0] == b'0' && bytes.len() > 1 && matches!(bytes[1] | 0x20, b'x' | b'o' | b'b') {
        let (what, radix) = match bytes[1] | 0x20 {
            b'x' => ("hexadecimal", 16),
            b'o' => ("octal", 8),
            _ => ("binary", 2),
        };
        let mut at = 2;
        loop {
            if bytes.get(at) == Some(&b'_') {
                at += 1;
            }
            let digits = bytes[at..].iter().take_while(|byte| (**byte as char).is_digit(radix)).count();
            if digits == 0 {
                return match bytes.get(at) {
                    Some(digit) if digit.is_ascii_digit() => {
                        fail(format!("invalid digit '{}' in {what} literal", *digit as char), at)
                    }
                    _ => invalid(what, at),
                };
            }
            at += digits;
            if bytes.get(at) != Some(&b'_') {
                break;
            }
        }
        return match bytes.get(at) {
            Some(digit) if digit.is_ascii_digit() => {
                fail(format!("invalid digit '{}' in {what} literal", *digit as char), at)
            }
            _ => follows(text, at).then(|| invalid(what, at)).flatten(),
        };
    }
    let digits = |mut at: usize| -> Result<usize, usize> {
        loop {
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if bytes.get(at) != Some(&b'_') {
                return Ok(at);
            }
            if !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                return Err(at + 1);
            }
            at += 1;
        }
    };
    let mut at = match digits(0) {
        Ok(at) => at,
        Err(at) => return invalid("decimal", at),
    };
    let zeros = bytes.iter().take_while(|byte| matches!(byte, b'0' | b'_')).count();
    let whole = at;
    let mut is_float = false;
    if bytes.get(at) == Some(&b'.') {
        is_float = true;
        at = match digits(at + 1) {
            Ok(at) => at,
            Err(at) => return invalid("decimal", at),
        };
    }
    if bytes.get(at).is_some_and(|byte| byte | 0x20 == b'e') {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            is_float = true;
            at = match digits(at + 1 + sign) {
                Ok(at) => at,
                Err(at) => return invalid("decimal", at),
            };
        } else if sign == 1 {
            return invalid("decimal", at + 2);
        }
    }
    if bytes.get(at).is_some_and(|byte| byte | 0x20 == b'j') {
        at += 1;
        return follows(text, at).then(|| invalid("imaginary", at)).flatten();
    }
    if !is_float && bytes[0] == b'0' && zeros < whole {
        let message =
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
        let end = i64::from(column) + zeros as i64;
        return Some(source.error_ending(message, start, end));
    }
    follows(text, at).then(|| invalid("decimal", at)).flatten()
}

/// Whether a number that ends at an index runs into a name. Some keywords may follow at once.
fn follows(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let keywords = ["and", "else", "for", "if", "in", "is", "or", "not"];
    !name.is_empty() && !keywords.iter().any(|keyword| name.starts_with(keyword))
}

/// Indentation by which a line belongs nowhere, or whose meaning depends on the width of tabs.
fn indentation(source: &Source) -> Option<(TextSize, SyntaxError)> {
    let mut stack = vec![(0usize, 0usize)];
    let mut depth = 0usize;
    let mut previous_end: Option<TokenKind> = Some(TokenKind::Newline);
    for token in &source.tokens {
        match token.kind {
            TokenKind::Indent | TokenKind::Dedent => continue,
            TokenKind::Unknown if source.slice(token.range).trim().is_empty() => continue,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        let at_start = depth <= 1 && previous_end == Some(TokenKind::Newline);
        previous_end = Some(token.kind);
        if !at_start || matches!(token.kind, TokenKind::Newline | TokenKind::EndOfFile) {
            continue;
        }
        let start = token.range.start();
        let line_start = source.text[..start.to_usize()].rfind('\n').map_or(0, |at| at + 1);
        let blanks = &source.text[line_start..start.to_usize()];
        if !blanks.chars().all(|c| matches!(c, ' ' | '\t' | '\x0c')) {
            continue;
        }
        let (mut column, mut other) = (0, 0);
        for blank in blanks.chars() {
            match blank {
                ' ' => (column, other) = (column + 1, other + 1),
                '\t' => (column, other) = ((column / 8 + 1) * 8, other + 1),
                _ => (column, other) = (0, 0),
            }
        }
        let fail = |kind: Kind, message: &str, column: u32, end_column: i64| {
            let error = source.error_ending(message, start, end_column);
            Some((start, SyntaxError { kind, column, ..error }))
        };
        let tabs = || fail(Kind::Tab, "inconsistent use of tabs and spaces in indentation", 1, 0);
        let top = *stack.last()?;
        if column == top.0 {
            if other != top.1 {
                return tabs();
            }
        } else if column > top.0 {
            if other <= top.1 {
                return tabs();
            }
            stack.push((column, other));
        } else {
            while stack.last().is_some_and(|level| column < level.0) {
                stack.pop();
            }
            let top = *stack.last()?;
            if column != top.0 {
                let line = source.text[line_start..].lines().next().unwrap_or("");
                let message = "unindent does not match any outer indentation level";
                return fail(Kind::Indentation, message, line.chars().count() as u32 + 1, -1);
            }
            if other != top.1 {
                return tabs();
            }
        }
    }
    None
}

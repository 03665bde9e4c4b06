//! The parser's errors in CPython's words.
//!
//! What CPython's grammar has no message of its own for is "invalid syntax" there and here.

use ruff_python_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType, UnsupportedSyntaxError,
};

use crate::{
    LineIndex, SyntaxError,
    ast::{self, Expr, TextRange, TextSize, token::TokenKind},
    error::Kind,
};

/// The syntax error for a parser error.
pub(crate) fn translate(source: &str, error: &ParseError) -> SyntaxError {
    let (kind, message) = message(source, &error.error, error.location);
    SyntaxError { kind, ..SyntaxError::at(source, message, error.location) }
}

fn message(source: &str, error: &ParseErrorType, range: TextRange) -> (Kind, String) {
    use ParseErrorType as E;
    let text = match error {
        E::UnexpectedIndentation => return (Kind::Indentation, "unexpected indent".to_string()),
        E::Lexical(LexicalErrorType::IndentationError) => {
            return (Kind::Indentation, "unindent does not match any outer indentation level".to_string());
        }
        E::OtherError(text) if text.starts_with("Expected an indented block after ") => {
            return (Kind::Indentation, indented_block(source, text, range));
        }
        E::ExpectedToken { expected: TokenKind::Colon, found: TokenKind::Newline } => "expected ':'",
        E::ExpectedToken { expected: TokenKind::Lpar, .. } => "expected '('",
        E::ExpectedToken {
            expected: TokenKind::Else,
            found: TokenKind::Newline | TokenKind::Rpar | TokenKind::Comma,
        } => "expected 'else' after 'if' expression",
        E::ExpectedToken { expected: TokenKind::Else, found: TokenKind::Rsqb | TokenKind::Rbrace } => {
            "'in' expected after for-loop variables"
        }
        E::InvalidAssignmentTarget => return (Kind::Syntax, invalid_target(source, "cannot assign to", range, true)),
        E::InvalidNamedAssignmentTarget => {
            let name = expression_at(source, range).map_or("expression", |target| expression_name(&target));
            return (Kind::Syntax, format!("cannot use assignment expressions with {name}"));
        }
        E::InvalidAnnotatedAssignmentTarget => "illegal target for annotation",
        E::InvalidAugmentedAssignmentTarget => {
            let name = expression_at(source, range).map_or("expression", |target| expression_name(&target));
            return (Kind::Syntax, format!("'{name}' is an illegal expression for augmented assignment"));
        }
        E::InvalidDeleteTarget => return (Kind::Syntax, invalid_target(source, "cannot delete", range, false)),
        E::PositionalAfterKeywordArgument => "positional argument follows keyword argument",
        E::PositionalAfterKeywordUnpacking => "positional argument follows keyword argument unpacking",
        E::InvalidArgumentUnpackingOrder => "iterable argument unpacking follows keyword argument unpacking",
        E::UnparenthesizedGeneratorExpression => "Generator expression must be parenthesized",
        E::NonDefaultParamAfterDefaultParam => "parameter without a default follows parameter with a default",
        E::ParamAfterVarKeywordParam => "arguments cannot follow var-keyword argument",
        E::VarParameterWithDefault => match is_keyword_parameter(source, range) {
            true => "var-keyword argument cannot have default value",
            false => "var-positional argument cannot have default value",
        },
        E::ExpectedKeywordParam => "named arguments must follow bare *",
        E::EmptyImportNames => "Expected one or more names after 'import'",
        E::EmptyTypeParams => "Type parameter list cannot be empty",
        E::FStringError(error) => return (Kind::Syntax, interpolated("f-string", error)),
        E::TStringError(error) => return (Kind::Syntax, interpolated("t-string", error)),
        E::Lexical(error) => return (Kind::Syntax, lexical(source, error, range)),
        E::OtherError(text) => other(text),
        _ => "invalid syntax",
    };
    (Kind::Syntax, text.to_string())
}

/// The parser's own wordings that CPython has a message for.
fn other(text: &str) -> &'static str {
    const KNOWN: &[(&str, &str)] = &[
        ("Trailing comma not allowed", "trailing comma not allowed without surrounding parentheses"),
        ("Positional patterns cannot follow keyword patterns", "positional patterns follow keyword patterns"),
        (
            "Cannot have both 'except' and 'except*' on the same 'try'",
            "cannot have both 'except' and 'except*' on the same 'try'",
        ),
        ("Expected `except` or `finally` after `try` block", "expected 'except' or 'finally' block"),
        ("Expected one or more exception types", "expected one or more exception types"),
        (
            "Multiple exception types must be parenthesized when using `as`",
            "multiple exception types must be parenthesized when using 'as'",
        ),
        ("Only one '*' parameter allowed", "* argument may appear only once"),
        ("Only one '*' separator allowed", "* argument may appear only once"),
        ("Only one '/' separator allowed", "/ may appear only once"),
        ("'/' parameter must appear before '*' parameter", "/ must be ahead of *"),
        ("Position-only parameter separator not allowed as first parameter", "at least one argument must precede /"),
        ("Only single target (not list) can be annotated", "only single target (not list) can be annotated"),
        ("Only single target (not tuple) can be annotated", "only single target (not tuple) can be annotated"),
        ("Boolean 'not' expression cannot be used here", "'not' after an operator must be parenthesized"),
        ("Expected a parameter name", "expression cannot contain assignment, perhaps you meant \"==\"?"),
    ];
    KNOWN.iter().find(|(ours, _)| *ours == text).map_or("invalid syntax", |(_, theirs)| theirs)
}

/// "expected an indented block after 'if' statement on line 3".
fn indented_block(source: &str, text: &str, range: TextRange) -> String {
    let clause = text.trim_start_matches("Expected an indented block after ").replace('`', "'");
    let clause = clause.replace("clause", "statement").replace("'case' block", "'case' statement");
    let clause = clause.replace("'class' definition", "class definition");
    // The statement stands on the last line before the error that ends in a colon.
    let before = source.get(..range.start().to_usize()).unwrap_or("");
    let opens = |line: &str| line.split('#').next().unwrap_or("").trim_end().ends_with(':');
    let last = before.lines().enumerate().filter(|(_, line)| opens(line)).last();
    let line = last.map_or(1, |(index, _)| index + 1);
    format!("expected an indented block after {clause} on line {line}")
}

fn interpolated(what: &str, error: &InterpolatedStringErrorType) -> String {
    use InterpolatedStringErrorType as E;
    match error {
        E::UnclosedLbrace => format!("{what}: expecting '}}'"),
        E::SingleRbrace => format!("{what}: single '}}' is not allowed"),
        E::UnterminatedString => format!("unterminated {what} literal"),
        E::UnterminatedTripleQuotedString => format!("unterminated triple-quoted {what} literal"),
        E::InvalidConversionFlag => format!("{what}: invalid conversion character"),
        other => format!("{what}: {other}"),
    }
}

fn lexical(source: &str, error: &LexicalErrorType, range: TextRange) -> String {
    use LexicalErrorType as E;
    match error {
        E::UnclosedStringError => {
            let line = LineIndex::new(source).location(range.start()).line;
            let rest = source.get(range.start().to_usize()..).unwrap_or("");
            let rest = rest.trim_start_matches(|prefix: char| prefix.is_ascii_alphabetic());
            match rest.starts_with("\"\"\"") || rest.starts_with("'''") {
                true => {
                    let last = line as usize + rest.trim_end_matches('\n').matches('\n').count();
                    format!("unterminated triple-quoted string literal (detected at line {last})")
                }
                false => format!("unterminated string literal (detected at line {line})"),
            }
        }
        E::UnrecognizedToken { tok } if !py_unicode::properties(u32::from(*tok)).is(py_unicode::Flag::Printable) => {
            format!("invalid non-printable character U+{:04X}", u32::from(*tok))
        }
        E::UnrecognizedToken { tok } if !tok.is_ascii() => {
            format!("invalid character '{tok}' (U+{:04X})", u32::from(*tok))
        }
        E::UnrecognizedToken { tok } if tok.is_ascii_control() => {
            format!("invalid non-printable character U+{:04X}", u32::from(*tok))
        }
        E::LineContinuationError => "unexpected character after line continuation character".to_string(),
        E::Eof => "unexpected EOF while parsing".to_string(),
        E::InvalidByteLiteral => "bytes can only contain ASCII literal characters".to_string(),
        E::UnicodeError | E::MissingUnicodeLbrace | E::MissingUnicodeRbrace => {
            "(unicode error) 'unicodeescape' codec can't decode bytes: malformed escape".to_string()
        }
        E::OtherError(text) => text.to_string(),
        _ => "invalid syntax".to_string(),
    }
}

/// "cannot assign to function call here. Maybe you meant '==' instead of '='?" and its like.
fn invalid_target(source: &str, what: &str, range: TextRange, assignment: bool) -> String {
    if source.get(range.to_std_range()).is_some_and(|text| text.starts_with('*')) {
        return format!("{what} starred");
    }
    let Some(target) = expression_at(source, range) else { return format!("{what} expression") };
    let name = expression_name(&target);
    if let Expr::Yield(_) | Expr::YieldFrom(_) = target {
        let bracketed = source.get(..range.start().to_usize()).is_some_and(|before| before.trim_end().ends_with('('));
        return match bracketed {
            true => format!("{what} yield expression here. Maybe you meant '==' instead of '='?"),
            false => "assignment to yield expression not possible".to_string(),
        };
    }
    let after = source.get(range.end().to_usize()..).unwrap_or("").trim_start();
    let at_start = source.get(..range.start().to_usize()).is_none_or(|before| {
        matches!(before.trim_end_matches([' ', '\t']).chars().last(), None | Some('\n' | ';' | ':' | '='))
    });
    let plain = after.starts_with('=') && !after.starts_with("==");
    let not = matches!(&target, Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not);
    let exempt = not
        || matches!(
            target,
            Expr::Generator(_)
                | Expr::NoneLiteral(_)
                | Expr::BooleanLiteral(_)
                | Expr::If(_)
                | Expr::Lambda(_)
                | Expr::Compare(_)
                | Expr::BoolOp(_)
        );
    match assignment && plain && at_start && !exempt {
        true => format!("{what} {name} here. Maybe you meant '==' instead of '='?"),
        false => format!("{what} {name}"),
    }
}

fn expression_at(source: &str, range: TextRange) -> Option<Expr> {
    let text = source.get(range.to_std_range())?;
    // In parentheses also what is no expression on its own parses, such as `yield`.
    match ruff_python_parser::parse_expression(text) {
        Ok(parsed) => Some(*parsed.into_syntax().body),
        Err(_) => Some(*ruff_python_parser::parse_expression(&format!("({text})")).ok()?.into_syntax().body),
    }
}

/// What CPython calls an expression in its messages.
pub fn expression_name(expression: &Expr) -> &'static str {
    match expression {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::UnaryOp(_) | Expr::BinOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(ast::ExprBooleanLiteral { value: true, .. }) => "True",
        Expr::BooleanLiteral(_) => "False",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) => "literal",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) | Expr::IpyEscapeCommand(_) => "expression",
    }
}

/// What CPython says of syntax that it has no longer or not yet.
pub(crate) fn unsupported(source: &str, error: &UnsupportedSyntaxError) -> SyntaxError {
    let text = error.to_string();
    let (message, mut range) = match text.as_str() {
        text if text.starts_with("Cannot use iterable unpacking in a") => {
            ("iterable unpacking cannot be used in comprehension", error.range)
        }
        text if text.starts_with("Cannot use dictionary unpacking in a") => {
            ("dict unpacking cannot be used in dict comprehension", TextRange::at(error.range.start(), 2.into()))
        }
        text if text.starts_with("Cannot use parenthesized keyword argument name") => {
            ("expression cannot contain assignment, perhaps you meant \"==\"?", error.range)
        }
        text => (text, error.range),
    };
    // The assignment's sign belongs to the mistake.
    if message.starts_with("expression cannot contain assignment") {
        let rest = source.get(range.end().to_usize()..).unwrap_or("");
        if let Some(sign) = rest.find('=') {
            range = TextRange::new(range.start(), range.end() + TextSize::new(sign as u32 + 1));
        }
    }
    SyntaxError::at(source, message, range)
}

/// Whether what stands before a default is `**name`, perhaps with an annotation.
fn is_keyword_parameter(source: &str, range: TextRange) -> bool {
    let before = source.get(..range.start().to_usize()).unwrap_or("");
    let parameter = before.rsplit(['(', ',']).next().unwrap_or("").trim_start();
    source[range.start().to_usize()..].starts_with("**") || parameter.starts_with("**")
}

//! Python syntax: source text to tree.
//!
//! The parser is ruff's, behind this crate: nothing else names it, so that it can be replaced. [`ast`] is its tree; literals that need
//! more than the tree says (lone surrogates, large ints) are read through [`literal`].
//!
//! INVARIANT: recursion over a tree is bounded by [`stack::run`], which gives deep sources a stack to match.
#![forbid(unsafe_code)]

mod diagnosis;
mod error;
pub mod grammar;
pub mod literal;
mod messages;
mod source;
pub mod stack;
pub mod tokens;

pub use diagnosis::{is_compound, is_incomplete};
pub use error::{Kind as SyntaxErrorKind, SyntaxError};
pub use messages::expression_name;
pub use source::{LineIndex, Location};

/// The tree.
pub mod ast {
    pub use ruff_python_ast::*;
    pub use ruff_text_size::{Ranged, TextRange, TextSize};
}

use ruff_python_parser::{Mode, ParseOptions};

/// Parses a module, or statements typed at a prompt.
pub fn parse_module(source: &str) -> Result<ast::ModModule, SyntaxError> {
    let options = ParseOptions::from(Mode::Module).with_target_version(ast::PythonVersion::PY314);
    let parsed = parse(source, options, false)?;
    match parsed {
        ast::Mod::Module(module) => Ok(module),
        ast::Mod::Expression(_) => unreachable!("a module was asked for"),
    }
}

/// An error if a source uses syntax newer than Python 3.`minor`; whether it is right at all is not looked at.
pub fn check_version(source: &str, minor: u8) -> Result<(), SyntaxError> {
    let version = ast::PythonVersion { major: 3, minor };
    let options = ParseOptions::from(Mode::Module).with_target_version(version);
    match ruff_python_parser::parse(source, options) {
        Ok(parsed) => match parsed.unsupported_syntax_errors().first() {
            Some(error) => Err(SyntaxError::at(source, error.to_string(), error.range)),
            None => Ok(()),
        },
        Err(_) => Ok(()),
    }
}

/// Parses an expression (`eval` strips leading blanks before).
pub fn parse_expression(source: &str) -> Result<ast::ModExpression, SyntaxError> {
    let options = ParseOptions::from(Mode::Expression).with_target_version(ast::PythonVersion::PY314);
    let parsed = parse(source, options, true).map_err(|error| indented(source).unwrap_or(error))?;
    match parsed {
        ast::Mod::Expression(expression) => Ok(expression),
        ast::Mod::Module(_) => unreachable!("an expression was asked for"),
    }
}

/// The error of a source whose first line of code is indented.
fn indented(source: &str) -> Option<SyntaxError> {
    let is_code = |line: &&str| !matches!(line.trim_start().chars().next(), None | Some('#'));
    let (number, line) = source.lines().enumerate().find(|(_, line)| is_code(line))?;
    let blanks = (line.len() - line.trim_start().len()) as u32;
    (blanks > 0).then(|| SyntaxError {
        kind: SyntaxErrorKind::Indentation,
        message: "unexpected indent".to_string(),
        line: number as u32 + 1,
        column: blanks,
        end_line: number as u32 + 1,
        end_column: -1,
    })
}

fn parse(source: &str, options: ParseOptions, is_expression: bool) -> Result<ast::Mod, SyntaxError> {
    let parsed = ruff_python_parser::parse(source, options)
        .map_err(|error| diagnosis::diagnose(source, is_expression, &error))?;
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(messages::unsupported(source, error));
    }
    Ok(parsed.into_syntax())
}

#[cfg(test)]
mod tests;

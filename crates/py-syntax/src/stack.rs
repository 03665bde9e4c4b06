//! Deep sources: parser and compiler recurse over the tree, so they run on a stack that fits the source.
//!
//! One pass over the tokens bounds how deep the tree can be. Shallow sources are worked on where we are; deeper ones on a thread of
//! their own, whose stack is reserved address space and costs nothing until used. What could nest deeper than the largest stack
//! holds is refused beforehand.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

use crate::{
    SyntaxError,
    ast::{TextRange, TextSize},
};

/// Bytes of stack allowed for one level of nesting: several frames of parser or compiler, unoptimised.
const BYTES_PER_LEVEL: usize = 24 * 1024;

/// Levels that any stack we run on has room for.
const LEVELS_ANYWHERE: usize = 24;

/// Deepest nesting of operators, statements and brackets accepted.
pub const MAXIMUM_DEPTH: usize = 20_000;

/// Deepest nesting of brackets accepted: that of CPython's tokeniser.
pub const MAXIMUM_BRACKETS: usize = 200;

/// Runs `work`, which may parse and recurse over the tree of `source`, on a stack large enough.
///
/// Fails if the source nests too deep. A panic of `work` goes on in the caller.
pub fn run<T: Send>(source: &str, work: impl FnOnce() -> T + Send) -> Result<T, SyntaxError> {
    let depth = depth_bound(source)?;
    run_deep(depth, work)
        .ok_or_else(|| SyntaxError::at(source, "no memory for a stack to compile on", TextRange::default()))
}

/// Runs `work`, which may recurse over a tree of a depth, on a stack large enough; `None` where there is no memory for one.
pub fn run_deep<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    if depth <= LEVELS_ANYWHERE {
        return Some(work());
    }
    let size = (depth + LEVELS_ANYWHERE) * BYTES_PER_LEVEL;
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("compile".to_string()).stack_size(size);
        let thread = builder.spawn_scoped(scope, work).ok()?;
        Some(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// CPython's limit of f-strings in the fields of each other.
const MAXIMUM_STRINGS: usize = 150;

/// What has been seen since the last comma on one level of brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Operators, which may nest in each other.
    operators: usize,
    /// Lambdas, whose parameters contain commas.
    lambdas: usize,
}

/// An upper bound of the depth of the source's tree.
fn depth_bound(source: &str) -> Result<usize, SyntaxError> {
    let mut levels = vec![Level::default()];
    let (mut indentation, mut deepest, mut sum, mut strings) = (0usize, 0usize, 0usize, 0usize);
    let mut lexer = lexer::lex(source, Mode::Module);
    let mut consumed = 0;
    loop {
        let kind = lexer.next_token();
        consumed += 1;
        let level = levels.last_mut().expect("the outermost level is never closed");
        match kind {
            // The lexer may stay in place after an error; a source cannot have more tokens than bytes and dedents.
            TokenKind::EndOfFile => break,
            _ if consumed > 4 * source.len() + 16 => break,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                level.operators += 1;
                sum += 1;
                levels.push(Level::default());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                sum = sum.saturating_sub(level.operators + level.lambdas);
                levels.pop();
                if levels.is_empty() {
                    levels.push(Level::default());
                }
            }
            // The parts of an f-string stand side by side.
            TokenKind::Comma | TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                sum = sum.saturating_sub(level.operators);
                level.operators = 0;
            }
            TokenKind::FStringStart | TokenKind::TStringStart => {
                sum += 1;
                strings += 1;
                levels.push(Level::default());
            }
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                sum = sum.saturating_sub(level.operators + level.lambdas + 1);
                strings = strings.saturating_sub(1);
                levels.pop();
                if levels.is_empty() {
                    levels.push(Level::default());
                }
            }
            TokenKind::Lambda => {
                level.lambdas += 1;
                sum += 1;
            }
            TokenKind::Newline => {
                strings = 0;
                levels.clear();
                levels.push(Level::default());
                sum = 0;
            }
            TokenKind::Indent => indentation += 1,
            TokenKind::Dedent => indentation = indentation.saturating_sub(1),
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline => {}
            _ => {
                level.operators += 1;
                sum += 1;
            }
        }
        deepest = deepest.max(sum + indentation);
        let message = match () {
            () if levels.len() > MAXIMUM_BRACKETS + strings + 1 => "too many nested parentheses",
            () if strings >= MAXIMUM_STRINGS => "too many nested f-strings or t-strings",
            () if deepest > MAXIMUM_DEPTH => "too complex: nests too deep",
            () => continue,
        };
        let range = TextRange::empty(TextSize::new(0));
        return Err(SyntaxError::at(source, message, range));
    }
    Ok(deepest)
}

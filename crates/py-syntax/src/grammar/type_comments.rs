//! Type comments (PEP 484): `# type: int` behind assignments, the heads of loops and `with`, functions and their parameters.
//!
//! A comment is a token of the grammar where they are asked for, so one that stands anywhere else is an error.

use super::comments::{tokens, without_prefix};
use super::{Item, Node};
use crate::{LineIndex, SyntaxError, ast::TextRange};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;

/// Line and column.
type Position = (i64, i64);

struct Comment {
    range: TextRange,
    at: Position,
    text: String,
    /// In how many brackets it stands.
    depth: usize,
    /// Whether it follows a colon, on the same line or alone on the next.
    colon: Option<Place>,
    used: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    SameLine,
    NextLine,
}

/// Gives the nodes of a module their type comments.
pub fn add_type_comments(root: &mut Node, source: &str) -> Result<(), SyntaxError> {
    let mut comments = find(source);
    if comments.is_empty() {
        return Ok(());
    }
    visit(root, &mut comments, source)?;
    match comments.iter().find(|comment| !comment.used) {
        Some(stray) => Err(SyntaxError::at(source, "invalid syntax", stray.range)),
        None => Ok(()),
    }
}

fn find(source: &str) -> Vec<Comment> {
    let lines = LineIndex::new(source);
    let (mut depth, mut colon, mut found) = (0usize, None, Vec::new());
    for (kind, range) in tokens(source, Mode::Module) {
        match kind {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth = depth.saturating_sub(1),
            TokenKind::Comment => {
                let text = &source[range.start().to_usize()..range.end().to_usize()];
                if let Some(text) = without_prefix(text).filter(|text| !is_ignore(text)) {
                    let place = lines.location(range.start());
                    let at = (i64::from(place.line), i64::from(place.column));
                    found.push(Comment { range, at, text: text.to_string(), depth, colon, used: false });
                }
                continue;
            }
            TokenKind::NonLogicalNewline | TokenKind::Indent => continue,
            TokenKind::Newline => {
                colon = colon.filter(|place| *place == Place::SameLine).map(|_| Place::NextLine);
                continue;
            }
            _ => {}
        }
        colon = (kind == TokenKind::Colon && depth == 0).then_some(Place::SameLine);
    }
    found
}

/// Whether the text of a comment tells type checkers to look away.
pub(super) fn is_ignore(text: &str) -> bool {
    let rest = text.strip_prefix("ignore");
    rest.is_some_and(|rest| !rest.chars().next().is_some_and(|next| next.is_alphanumeric() || !next.is_ascii()))
}

fn start_of(item: &Item) -> Option<Position> {
    match item {
        Item::Node(node) => node.place.map(|[line, column, ..]| (line, column)),
        _ => None,
    }
}

fn end_of(item: &Item) -> Option<Position> {
    match item {
        Item::Node(node) => node.place.map(|[.., line, column]| (line, column)),
        Item::List(items) => items.iter().filter_map(end_of).max(),
        _ => None,
    }
}

fn text_item(text: &str) -> Item {
    Item::Text(text.chars().map(u32::from).collect())
}

fn visit(node: &mut Node, comments: &mut [Comment], source: &str) -> Result<(), SyntaxError> {
    match node.class {
        "Assign" => assignment(node, comments, source),
        "For" | "AsyncFor" => head(node, comments, (1, 2, 4)),
        "With" | "AsyncWith" => head(node, comments, (0, 1, 2)),
        "FunctionDef" | "AsyncFunctionDef" => function(node, comments, source)?,
        _ => {}
    }
    node.fields.iter_mut().try_for_each(|item| visit_item(item, comments, source))
}

fn visit_item(item: &mut Item, comments: &mut [Comment], source: &str) -> Result<(), SyntaxError> {
    match item {
        Item::Node(node) => visit(node, comments, source),
        Item::List(items) => items.iter_mut().try_for_each(|item| visit_item(item, comments, source)),
        _ => Ok(()),
    }
}

fn assignment(node: &mut Node, comments: &mut [Comment], source: &str) {
    let Some([.., line, column]) = node.place else { return };
    let here = comments.iter_mut().find(|comment| comment.at.0 == line && comment.at.1 >= column);
    let Some(comment) = here.filter(|comment| comment.depth == 0 && !comment.used) else { return };
    let text = source.lines().nth(line as usize - 1).unwrap_or("");
    let between = text.get(column as usize..comment.at.1 as usize).unwrap_or("#");
    if between.trim_matches([' ', '\t', ')']).is_empty() {
        comment.used = true;
        node.fields[2] = text_item(&comment.text);
    }
}

/// The comment behind the colon of a loop or `with`: fields that the head ends with, of the body, and of the comment.
fn head(node: &mut Node, comments: &mut [Comment], (last, body, field): (usize, usize, usize)) {
    let Item::List(items) = &node.fields[body] else { return };
    let (Some(first), Some([line, column, ..])) = (items.first().and_then(start_of), node.place) else { return };
    let from = end_of(&node.fields[last]).unwrap_or((line, column));
    let here = comments.iter_mut().find(|comment| {
        comment.at > from && comment.at < first && comment.colon == Some(Place::SameLine) && !comment.used
    });
    if let Some(comment) = here {
        comment.used = true;
        node.fields[field] = text_item(&comment.text);
    }
}

fn function(node: &mut Node, comments: &mut [Comment], source: &str) -> Result<(), SyntaxError> {
    let Item::List(body) = &node.fields[2] else { return Ok(()) };
    let (Some(first), Some([line, column, ..])) = (body.first().and_then(body_start), node.place) else {
        return Ok(());
    };
    let mut own: Option<String> = None;
    for comment in comments.iter_mut().filter(|comment| comment.at > (line, column) && comment.at < first) {
        if comment.used {
            continue;
        }
        if comment.colon.is_some() {
            if own.is_some() {
                let message = "Cannot have two type comments on def";
                return Err(SyntaxError::at(source, message, comment.range));
            }
            comment.used = true;
            own = Some(comment.text.clone());
        } else if comment.depth == 1
            && let Some(parameter) = parameter_before(&mut node.fields[1], comment.at)
            && matches!(parameter.fields[2], Item::None)
        {
            comment.used = true;
            parameter.fields[2] = text_item(&comment.text);
        }
    }
    if let Some(text) = own {
        node.fields[5] = text_item(&text);
    }
    Ok(())
}

/// Where a statement begins, with its decorators.
fn body_start(statement: &Item) -> Option<Position> {
    let Item::Node(node) = statement else { return None };
    let decorators = match node.class {
        "FunctionDef" | "AsyncFunctionDef" | "ClassDef" => node.fields.iter(),
        _ => [].iter(),
    };
    let lists = decorators.filter_map(|field| if let Item::List(items) = field { items.first() } else { None });
    lists.filter_map(start_of).chain(start_of(statement)).min()
}

/// The last parameter that ends before a place.
fn parameter_before(arguments: &mut Item, at: Position) -> Option<&mut Node> {
    let Item::Node(arguments) = arguments else { return None };
    let mut found: Option<&mut Node> = None;
    for field in &mut arguments.fields {
        let parameters: &mut [Item] = match field {
            Item::List(items) => items,
            one => std::slice::from_mut(one),
        };
        for item in parameters {
            let Item::Node(node) = item else { continue };
            let Some([.., line, column]) = node.place.filter(|_| node.class == "arg") else { continue };
            let later = found.as_ref().and_then(|found| found.place).is_none_or(|[.., l, c]| (line, column) > (l, c));
            if (line, column) <= at && later {
                found = Some(node);
            }
        }
    }
    found
}

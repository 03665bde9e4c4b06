//! The tree in the terms of Python's abstract grammar, which the module `ast` shows to programs.
//!
//! The parser's tree is made for tools and differs in places: decorated definitions start at the decorator, `elif` clauses are a list,
//! implicitly concatenated strings are kept apart. Here are nodes as a program sees them, still without any object.

mod comments;
mod expression;
mod optimize;
mod pattern;
mod rebuild;
mod statement;
mod string;
mod type_comments;
mod unparse;
mod validate;

pub use comments::type_ignores;
pub use optimize::optimize;
pub use rebuild::{Rebuilt, rebuild};
pub use type_comments::add_type_comments;
pub use unparse::unparse;
pub use validate::{Invalid, validate};

use crate::ast::{self, Ranged, TextRange, TextSize};
use crate::{LineIndex, SyntaxError};

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// The name of its class.
    pub class: &'static str,
    /// What its fields hold, in the order of the grammar.
    pub fields: Vec<Item>,
    /// First line and column, last line and column: lines from 1, columns in bytes from 0.
    pub place: Option<[i64; 4]>,
}

/// What a field holds.
#[derive(Clone, Debug)]
pub enum Item {
    /// A node.
    Node(Box<Node>),
    /// The one node of a class without fields.
    Singleton(&'static str),
    /// Several of something.
    List(Vec<Item>),
    /// An identifier.
    Name(String),
    /// A string, by its code points, which may be lone surrogates.
    Text(Vec<u32>),
    /// A bytes value.
    Bytes(Vec<u8>),
    /// An int.
    Int(i64),
    /// A large int, by its decimal digits.
    LargeInt(String),
    /// A float.
    Float(f64),
    /// An imaginary number.
    Imaginary(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A tuple of constants.
    Tuple(Vec<Item>),
    /// A frozenset of constants.
    FrozenSet(Vec<Item>),
    /// A bool.
    Bool(bool),
    /// Something that can be no constant, by the name of its type.
    Other(String),
    /// `...`
    Ellipsis,
    /// None.
    None,
}

/// What a source is parsed as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module.
    Module,
    /// Statements typed at a prompt.
    Interactive,
    /// An expression.
    Expression,
    /// The types of a function's parameters and of its result, as PEP 484 has them in comments.
    FunctionType,
}

/// The tree of a source.
pub fn tree(source: &str, mode: Mode) -> Result<Node, SyntaxError> {
    let lines = LineIndex::new(source);
    let converter = Converter { source, lines: &lines };
    let outcome = crate::stack::run(source, || {
        if mode == Mode::FunctionType {
            return comments::function_type(source, &converter);
        }
        if mode == Mode::Expression {
            let tree = crate::parse_expression(source)?;
            return Ok(Node { class: "Expression", fields: vec![converter.expression(&tree.body)], place: None });
        }
        let tree = crate::parse_module(source)?;
        let body = converter.body(&tree.body);
        Ok(match mode {
            Mode::Interactive => Node { class: "Interactive", fields: vec![body], place: None },
            _ => Node { class: "Module", fields: vec![body, Item::List(Vec::new())], place: None },
        })
    });
    outcome.and_then(|outcome| outcome)
}

impl Node {
    /// How deep the tree is.
    pub fn depth(&self) -> usize {
        1 + self.fields.iter().map(Item::depth).max().unwrap_or(0)
    }
}

impl Item {
    fn depth(&self) -> usize {
        match self {
            Item::Node(node) => node.depth(),
            Item::List(items) | Item::Tuple(items) | Item::FrozenSet(items) => {
                items.iter().map(Item::depth).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
}

struct Converter<'source> {
    source: &'source str,
    lines: &'source LineIndex,
}

impl Converter<'_> {
    fn place(&self, range: TextRange) -> Option<[i64; 4]> {
        let (start, end) = (self.lines.location(range.start()), self.lines.location(range.end()));
        Some([start.line, start.column, end.line, end.column].map(i64::from))
    }

    fn node(&self, class: &'static str, range: TextRange, fields: Vec<Item>) -> Item {
        Item::Node(Box::new(Node { class, fields, place: self.place(range) }))
    }

    fn unplaced(&self, class: &'static str, fields: Vec<Item>) -> Item {
        Item::Node(Box::new(Node { class, fields, place: None }))
    }

    /// The first place behind an offset that holds neither blanks nor comments.
    fn next_token(&self, offset: TextSize) -> TextSize {
        let bytes = self.source.as_bytes();
        let mut position = offset.to_usize();
        while let Some(byte) = bytes.get(position) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'\\' => position += 1,
                b'#' => {
                    position += bytes[position..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(1);
                }
                _ => break,
            }
        }
        TextSize::new(position as u32)
    }
}

fn name(identifier: &ast::Identifier) -> Item {
    Item::Name(identifier.id.to_string())
}

fn optional_name(identifier: Option<&ast::Identifier>) -> Item {
    identifier.map_or(Item::None, name)
}

fn start_of(node: &impl Ranged) -> TextSize {
    node.range().start()
}

//! The way back: from nodes as a program sees them to the parser's tree, which the compiler understands.
//!
//! The parser's tree says where its parts are by offsets into a source, of which there is none. An offset here is the number of a
//! [`Location`] in a table of all that the nodes name, in order, so that offsets compare as places do. Behind the places comes a made-up
//! source: the text of what the tree does not hold in full, as [`crate::literal`] reads it.
//!
//! Constants that no source can name are written as what the compiler folds into them: a negative int as a negation, a frozenset as
//! an assignment expression of a set to `...`.

mod expressions;
mod patterns;
mod statements;

use super::{Item, Node};
use crate::ast::{self, AtomicNodeIndex, Identifier, TextRange, TextSize};
use crate::{LineIndex, Location};

/// A tree with what its offsets mean.
#[derive(Debug)]
pub struct Rebuilt {
    /// The tree.
    pub tree: ast::Mod,
    /// The places that offsets stand for.
    pub places: LineIndex,
    /// The made-up source.
    pub source: String,
}

/// The parser's tree for a module, a statement at the prompt or an expression. The nodes must be valid.
pub fn rebuild(root: &Node) -> Rebuilt {
    let mut places = vec![Location { line: 1, column: 0 }];
    collect_places(root, &mut places);
    places.sort_by_key(|place| (place.line, place.column));
    places.dedup();
    let source = " ".repeat(places.len());
    let mut builder = Builder { places, source };
    let range = TextRange::default();
    let tree = match (root.class, &root.fields[..]) {
        ("Expression", [body, ..]) => {
            let body = Box::new(builder.expression(body));
            ast::Mod::Expression(ast::ModExpression { node_index: none(), range, body })
        }
        (_, [body, ..]) => {
            let body = builder.body(body).into_iter().collect();
            ast::Mod::Module(ast::ModModule { node_index: none(), range, body })
        }
        _ => ast::Mod::Module(ast::ModModule { node_index: none(), range, body: Vec::new().into_iter().collect() }),
    };
    Rebuilt { tree, places: LineIndex::of_places(builder.places), source: builder.source }
}

fn collect_places(node: &Node, places: &mut Vec<Location>) {
    if let Some([line, column, end_line, end_column]) = node.place {
        places.push(location(line, column));
        places.push(location(end_line, end_column));
    }
    node.fields.iter().for_each(|field| collect_item_places(field, places));
}

fn location(line: i64, column: i64) -> Location {
    let [line, column] = [line, column].map(|number| u32::try_from(number).unwrap_or(0));
    Location { line, column }
}

fn collect_item_places(item: &Item, places: &mut Vec<Location>) {
    match item {
        Item::Node(node) => collect_places(node, places),
        Item::List(items) => items.iter().for_each(|item| collect_item_places(item, places)),
        _ => {}
    }
}

struct Builder {
    places: Vec<Location>,
    source: String,
}

/// No number of a node.
fn none() -> AtomicNodeIndex {
    AtomicNodeIndex::NONE
}

impl Builder {
    fn offset(&self, line: i64, column: i64) -> TextSize {
        let Location { line, column } = location(line, column);
        let index = self.places.partition_point(|place| (place.line, place.column) < (line, column));
        TextSize::new(index as u32)
    }

    fn range(&self, node: &Node) -> TextRange {
        match node.place {
            Some([line, column, end_line, end_column]) => {
                let (start, end) = (self.offset(line, column), self.offset(end_line, end_column));
                TextRange::new(start, end.max(start))
            }
            None => TextRange::default(),
        }
    }

    fn identifier(&self, item: &Item, range: TextRange) -> Identifier {
        let id = match item {
            Item::Name(name) => name.as_str(),
            _ => "",
        };
        Identifier { id: id.into(), range, node_index: none() }
    }

    fn optional_identifier(&self, item: &Item, range: TextRange) -> Option<Identifier> {
        matches!(item, Item::Name(_)).then(|| self.identifier(item, range))
    }

    /// A text for the tree, and where the made-up source says what it truly is.
    fn text(&mut self, points: &[u32]) -> (Box<str>, TextRange) {
        const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
        let text: String = points.iter().map(|point| char::from_u32(*point).unwrap_or(REPLACEMENT)).collect();
        let start = TextSize::new(self.source.len() as u32);
        for point in
            points.iter().filter(|point| char::from_u32(**point).is_none_or(|character| character == REPLACEMENT))
        {
            self.source.push_str(&format!("\\u{point:04x}"));
        }
        (text.into(), TextRange::new(start, TextSize::new(self.source.len() as u32)))
    }
}

/// The nodes of a list.
fn nodes(item: &Item) -> impl Iterator<Item = &Node> {
    items(item).iter().filter_map(|item| match item {
        Item::Node(node) => Some(&**node),
        _ => None,
    })
}

fn items(item: &Item) -> &[Item] {
    match item {
        Item::List(items) => items,
        _ => &[],
    }
}

fn is_given(item: &Item) -> bool {
    !matches!(item, Item::None)
}

fn number(item: &Item) -> i64 {
    match item {
        Item::Int(number) => *number,
        Item::Bool(value) => i64::from(*value),
        _ => 0,
    }
}

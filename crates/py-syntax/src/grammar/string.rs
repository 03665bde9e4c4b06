//! Strings: implicit concatenation, f-strings and t-strings.

use super::{Converter, Item};
use crate::ast::{self, FStringPart, InterpolatedElement, InterpolatedStringElement, Ranged, TextRange, TextSize};
use crate::literal;

/// The values of a string with fields: literal pieces are joined where they meet.
struct Pieces<'converter, 'source> {
    converter: &'converter Converter<'source>,
    done: Vec<Item>,
    text: Vec<u32>,
    range: Option<TextRange>,
    kind: Item,
}

impl Pieces<'_, '_> {
    fn literal(&mut self, points: Vec<u32>, range: TextRange, kind: Item) {
        if points.is_empty() {
            return;
        }
        if self.range.is_none() {
            self.kind = kind;
        }
        self.text.extend(points);
        self.range = Some(self.range.map_or(range, |before| before.cover(range)));
    }

    fn flush(&mut self) {
        if let Some(range) = self.range.take() {
            let (text, kind) = (std::mem::take(&mut self.text), std::mem::replace(&mut self.kind, Item::None));
            self.done.push(self.converter.constant(range, Item::Text(text), kind));
        }
    }

    fn elements(&mut self, elements: &[InterpolatedStringElement], raw: bool, template: bool) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(node) => {
                    let points = literal::code_points(self.converter.source, node.range(), &node.value, raw);
                    self.literal(points, node.range(), Item::None);
                }
                InterpolatedStringElement::Interpolation(node) => {
                    if node.debug_text.is_some() {
                        let (text, range) = self.converter.debug_text(node);
                        self.literal(text.chars().map(u32::from).collect(), range, Item::None);
                    }
                    self.flush();
                    let field = self.converter.field(node, raw, template);
                    self.done.push(field);
                }
            }
        }
    }

    fn finish(mut self) -> Item {
        self.flush();
        Item::List(self.done)
    }
}

impl<'source> Converter<'source> {
    fn pieces(&self) -> Pieces<'_, 'source> {
        Pieces { converter: self, done: Vec::new(), text: Vec::new(), range: None, kind: Item::None }
    }

    fn part(&self, part: &ast::StringLiteral) -> Vec<u32> {
        literal::code_points(self.source, part.range(), &part.value, part.flags.prefix().is_raw())
    }

    fn kind(&self, part: &ast::StringLiteral) -> Item {
        match part.flags.prefix().is_unicode() {
            true => Item::Name("u".to_string()),
            false => Item::None,
        }
    }

    pub(super) fn string(&self, node: &ast::ExprStringLiteral) -> Item {
        let kind = node.value.iter().next().map_or(Item::None, |part| self.kind(part));
        let text = node.value.iter().flat_map(|part| self.part(part)).collect();
        self.constant(node.range(), Item::Text(text), kind)
    }

    pub(super) fn format_string(&self, node: &ast::ExprFString) -> Item {
        let mut pieces = self.pieces();
        for part in node.value.iter() {
            match part {
                FStringPart::Literal(part) => pieces.literal(self.part(part), part.range(), self.kind(part)),
                FStringPart::FString(part) => {
                    pieces.elements(&part.elements, part.flags.prefix().is_raw(), false);
                }
            }
        }
        let values = pieces.finish();
        self.node("JoinedStr", node.range(), vec![values])
    }

    pub(super) fn template_string(&self, node: &ast::ExprTString) -> Item {
        let mut pieces = self.pieces();
        for part in node.value.iter() {
            pieces.elements(&part.elements, part.flags.prefix().is_raw(), true);
        }
        let values = pieces.finish();
        self.node("TemplateStr", node.range(), vec![values])
    }

    /// The text of a field with `=`, and where it stands: all up to what follows the `=`.
    fn debug_text(&self, node: &InterpolatedElement) -> (String, TextRange) {
        let start = node.range().start() + TextSize::new(1);
        let mut end = TextSize::new(self.after_expression(node) as u32);
        if self.source.as_bytes().get(end.to_usize()) == Some(&b'=') {
            end = self.next_token(end + TextSize::new(1));
        }
        let range = TextRange::new(start, end);
        (without_comments(self.source.get(range.to_std_range()).unwrap_or("")), range)
    }

    /// Where the expression of a field ends with its brackets, and the blanks behind it: at `=`, `!`, `:` or `}`.
    fn after_expression(&self, node: &InterpolatedElement) -> usize {
        let mut position = node.expression.range().end();
        loop {
            position = self.next_token(position);
            match self.source.as_bytes().get(position.to_usize()) {
                Some(b')' | b',') => position += TextSize::new(1),
                _ => return position.to_usize(),
            }
        }
    }

    fn field(&self, node: &InterpolatedElement, raw: bool, template: bool) -> Item {
        let value = self.expression(&node.expression);
        let conversion = match node.conversion as i8 {
            -1 if node.debug_text.is_some() && node.format_spec.is_none() => i64::from(b'r'),
            conversion => i64::from(conversion),
        };
        let specification = node.format_spec.as_ref().map_or(Item::None, |specification| {
            let mut pieces = self.pieces();
            pieces.elements(&specification.elements, raw, false);
            let range = specification.range();
            let start = range.start() - TextSize::new(1);
            let colon = self.source.as_bytes().get(start.to_usize()) == Some(&b':');
            let range = if colon { TextRange::new(start, range.end()) } else { range };
            let values = pieces.finish();
            self.node("JoinedStr", range, vec![values])
        });
        if !template {
            return self.node("FormattedValue", node.range(), vec![value, Item::Int(conversion), specification]);
        }
        let start = node.range().start().to_usize() + 1;
        let text = self.source.get(start..self.after_expression(node)).unwrap_or("");
        let text = Item::Text(without_comments(text).chars().map(u32::from).collect());
        self.node("Interpolation", node.range(), vec![value, text, Item::Int(conversion), specification])
    }
}

/// The text of an expression without its comments.
fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '#' => {
                rest = &rest[rest.find(['\n', '\r']).unwrap_or(rest.len())..];
                continue;
            }
            '"' | '\'' => string_length(rest, character),
            _ => character.len_utf8(),
        };
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    kept
}

/// The length of the string literal that a text starts with.
fn string_length(text: &str, quote: char) -> usize {
    let closing = quote.to_string().repeat(if text[1..].starts_with(&quote.to_string().repeat(2)) { 3 } else { 1 });
    let mut position = closing.len();
    while let Some(character) = text[position..].chars().next() {
        if text[position..].starts_with(&closing) {
            return position + closing.len();
        }
        position += character.len_utf8();
        if character == '\\' {
            position += text[position..].chars().next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}

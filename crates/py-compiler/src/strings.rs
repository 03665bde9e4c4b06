//! f-strings and t-strings.

use py_code::{Const, NO_REGISTER, Opcode, Text};
use py_syntax::{
    ast::{self, ConversionFlag, InterpolatedElement, InterpolatedStringElement, InterpolatedStringElements, Ranged},
    literal,
};

use crate::error::{Outcome, fail};
use crate::{fold, unit::Compiler};

/// A run of text or a replacement field.
enum Piece<'a> {
    Text(Text),
    Field(&'a InterpolatedElement),
}

/// The pieces of a string, neighbouring texts joined.
#[derive(Default)]
struct Pieces<'a>(Vec<Piece<'a>>);

impl<'a> Pieces<'a> {
    fn text(&mut self, text: Text) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => *last = last.concat(&text),
            _ => self.0.push(Piece::Text(text)),
        }
    }

    fn elements(&mut self, elements: &'a InterpolatedStringElements, raw: bool, source: &str) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(part) => {
                    self.text(Text::from_code_points(literal::code_points(source, part.range, &part.value, raw)));
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(debug) = &field.debug_text {
                        self.text(Text::from(without_comments(debug.as_str()).as_str()));
                    }
                    self.0.push(Piece::Field(field));
                }
            }
        }
    }
}

/// The conversion of a field. `{x=}` is shown by `repr` unless told otherwise.
fn conversion(field: &InterpolatedElement) -> u8 {
    match field.conversion {
        ConversionFlag::None if field.debug_text.is_some() && field.format_spec.is_none() => b'r',
        flag => flag.to_byte().unwrap_or(0),
    }
}

impl<'a> Compiler<'a> {
    /// `f"…"`, and whatever is concatenated with it.
    pub fn f_string(&mut self, node: &'a ast::ExprFString, target: u16) -> Outcome<()> {
        let mut pieces = Pieces::default();
        for part in node.value.iter() {
            match part {
                ast::FStringPart::Literal(part) => {
                    let raw = part.flags.prefix().is_raw();
                    let points = literal::code_points(self.source, part.range, &part.value, raw);
                    pieces.text(Text::from_code_points(points));
                }
                ast::FStringPart::FString(part) => {
                    pieces.elements(&part.elements, part.flags.prefix().is_raw(), self.source);
                }
            }
        }
        self.join(&pieces.0, target)
    }

    /// Builds a string of pieces.
    fn join(&mut self, pieces: &[Piece<'a>], target: u16) -> Outcome<()> {
        match pieces {
            [] => self.load_text(target, ""),
            [Piece::Text(text)] => self.load_const(target, Const::Str(text.clone())),
            [Piece::Field(field)] => self.format_field(field, target)?,
            // Each piece takes a register.
            many if many.len() > MOST_PIECES => {
                let base = self.unit.emit.top()?;
                let mut count = 0;
                for group in many.chunks(many.len().div_ceil(MOST_PIECES)) {
                    let part = self.unit.emit.top()?;
                    self.join(group, part)?;
                    self.unit.emit.release(part);
                    self.unit.emit.temporary()?;
                    count += 1;
                }
                self.unit.emit.op(Opcode::BuildString, target, base, count);
            }
            many => {
                let base = self.unit.emit.top()?;
                for piece in many {
                    let part = self.unit.emit.top()?;
                    match piece {
                        Piece::Text(text) => self.load_const(part, Const::Str(text.clone())),
                        Piece::Field(field) => self.format_field(field, part)?,
                    }
                    self.unit.emit.release(part);
                    self.unit.emit.temporary()?;
                }
                self.unit.emit.op(Opcode::BuildString, target, base, many.len() as u16);
            }
        }
        Ok(())
    }

    /// Formats the value of a replacement field.
    fn format_field(&mut self, field: &'a InterpolatedElement, target: u16) -> Outcome<()> {
        let outer = self.at(field.range);
        let mark = self.unit.emit.top()?;
        let value = match field.format_spec {
            Some(_) => self.push(&field.expression)?,
            None => self.expr(&field.expression)?,
        };
        let spec = self.format_specification(field)?;
        self.unit.emit.op_x(Opcode::FormatValue, conversion(field), target, value, spec);
        self.unit.emit.release(mark);
        self.at(outer);
        Ok(())
    }

    /// The format specification of a field in a temporary, if there is one.
    fn format_specification(&mut self, field: &'a InterpolatedElement) -> Outcome<u16> {
        let Some(spec) = &field.format_spec else { return Ok(NO_REGISTER) };
        if let Some(place) = too_deep(field, DEEPEST_FIELDS) {
            return fail("f-string: expressions nested too deeply", place);
        }
        let mut pieces = Pieces::default();
        pieces.elements(&spec.elements, false, self.source);
        let target = self.unit.emit.temporary()?;
        self.join(&pieces.0, target)?;
        Ok(target)
    }

    /// `t"…"`.
    pub fn t_string(&mut self, node: &'a ast::ExprTString, target: u16) -> Outcome<()> {
        let mut pieces = Pieces::default();
        for part in node.value.iter() {
            pieces.elements(&part.elements, part.flags.prefix().is_raw(), self.source);
        }
        let base = self.unit.emit.temporaries(2)?;
        // Strings and interpolations alternate, strings first and last.
        let (mut strings, mut text, mut fields) = (Vec::new(), Text::default(), Vec::new());
        for piece in &pieces.0 {
            match piece {
                Piece::Text(more) => text = text.concat(more),
                Piece::Field(field) => {
                    strings.push(Const::Str(std::mem::take(&mut text)));
                    fields.push(*field);
                }
            }
        }
        strings.push(Const::Str(text));
        self.load_const(base, Const::Tuple(strings));
        let first = self.unit.emit.top()?;
        for field in &fields {
            let place = self.unit.emit.top()?;
            let value = self.push(&field.expression)?;
            let expression = self.unit.emit.temporary()?;
            let text = self.field_text(field);
            self.load_text(expression, &text);
            let spec = self.format_specification(field)?;
            self.unit.emit.op_x(Opcode::BuildInterpolation, conversion(field), place, value, spec);
            self.unit.emit.release(place);
            self.unit.emit.temporary()?;
        }
        self.unit.emit.op(Opcode::BuildTuple, base + 1, first, fields.len() as u16);
        self.unit.emit.op(Opcode::BuildTemplate, target, base, base + 1);
        Ok(())
    }

    /// The text of a field's expression, blanks and parentheses around it included.
    fn field_text(&self, field: &InterpolatedElement) -> String {
        if let Some(debug) = &field.debug_text {
            let text = without_comments(debug.as_str());
            return text.rsplit_once('=').map_or(&*text, |(before, _)| before).to_string();
        }
        if let Some(place) = field.node_index.load().as_u32() {
            // A tree that a program made: see `py_syntax::grammar::rebuild`.
            let text = self.source.get(place as usize..).unwrap_or("");
            return text.split('\0').next().unwrap_or("").to_string();
        }
        let start = field.range.start().to_usize() + 1;
        let end = field.expression.range().end().to_usize();
        let rest = without_comments(self.source.get(end..field.range.end().to_usize()).unwrap_or(""));
        // Nothing but blanks and closing parentheses stands between the expression and what ends it.
        let after = rest.find(['!', ':', '}']).map_or("", |end| &rest[..end]);
        without_comments(self.source.get(start..end).unwrap_or("")) + after
    }

    /// The docstring of a body, as CPython keeps it: indentation removed.
    pub fn docstring(&self, body: &[ast::Stmt]) -> Option<Text> {
        if self.options.optimize >= 2 {
            return None;
        }
        let [ast::Stmt::Expr(statement), ..] = body else { return None };
        let ast::Expr::StringLiteral(node) = &*statement.value else { return None };
        Some(clean_docstring(&fold::string(node, self.facts())))
    }

    /// The statements of a body that are no docstring.
    pub fn without_docstring<'b>(&self, body: &'b [ast::Stmt]) -> &'b [ast::Stmt] {
        if self.docstring(body).is_some() { &body[1..] } else { body }
    }
}

/// How many pieces of a string are put together at once.
const MOST_PIECES: usize = 512;

/// How many fields may lie in each other's specifications.
const DEEPEST_FIELDS: usize = 3;

/// A field that lies too deep in the specifications of a field: the place in front of it.
fn too_deep(field: &InterpolatedElement, most: usize) -> Option<ast::TextRange> {
    let elements = &field.format_spec.as_ref()?.elements;
    elements.interpolations().find_map(|inner| match most {
        1 => Some(ast::TextRange::empty(inner.range.start() - ast::TextSize::new(1))),
        _ => too_deep(inner, most - 1),
    })
}

/// An expression's text with the comments left out, line ends kept.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote: Option<&str> = None;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        match (quote, character) {
            (None, '#') => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            (None, '\'' | '"') => {
                let triple = ["\"\"\"", "'''"].into_iter().find(|triple| rest.starts_with(triple));
                let one = if character == '"' { "\"" } else { "'" };
                let opened = triple.unwrap_or(one);
                length = opened.len();
                quote = Some(opened);
            }
            (Some(_), '\\') => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            (Some(closing), _) if rest.starts_with(closing) => {
                length = closing.len();
                quote = None;
            }
            _ => {}
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// Expands tabs and removes the indentation that all lines but the first share.
fn clean_docstring(text: &Text) -> Text {
    let mut points = Vec::new();
    let mut column = 0;
    for point in text.code_points() {
        match char::from_u32(point) {
            Some('\t') => {
                let width = 8 - column % 8;
                points.extend(std::iter::repeat_n(u32::from(' '), width));
                column += width;
            }
            Some('\n' | '\r') => {
                points.push(point);
                column = 0;
            }
            _ => {
                points.push(point);
                column += 1;
            }
        }
    }
    let (space, newline) = (u32::from(' '), u32::from('\n'));
    let lines: Vec<&[u32]> = points.split(|&point| point == newline).collect();
    let indentation = |line: &[u32]| line.iter().take_while(|&&point| point == space).count();
    let blank = |line: &&&[u32]| indentation(line) < line.len();
    let margin = lines[1..].iter().filter(blank).map(|line| indentation(line)).min().unwrap_or(0);
    let mut cleaned: Vec<u32> = lines[0][indentation(lines[0])..].to_vec();
    for line in &lines[1..] {
        cleaned.push(newline);
        cleaned.extend_from_slice(&line[margin.min(indentation(line))..]);
    }
    Text::from_code_points(cleaned)
}

//! Escapes that mean nothing in string literals, and numbers that a keyword follows without a blank.

use super::{SyntaxWarning, Warnings};
use py_syntax::ast::{
    BytesLiteral, Expr, ExprNumberLiteral, FString, InterpolatedStringElement, InterpolatedStringElements, Number,
    Ranged, Stmt, StringLiteral, TString, TextRange, TextSize, visitor, visitor::Visitor,
};

struct Walk<'w, 'a> {
    warnings: &'w mut Warnings<'a>,
    /// Whether there are escapes at all.
    escapes: bool,
}

pub(super) fn check(warnings: &mut Warnings<'_>, body: &[Stmt], expression: Option<&Expr>) {
    let first = warnings.list.len();
    let escapes = warnings.source.contains('\\');
    let mut walk = Walk { warnings, escapes };
    walk.visit_body(body);
    if let Some(expression) = expression {
        walk.visit_expr(expression);
    }
    warnings.list[first..].sort_by_key(|warning| (warning.error.line, warning.error.column));
}

impl<'t> Visitor<'t> for Walk<'_, '_> {
    fn visit_expr(&mut self, expression: &'t Expr) {
        if let Expr::NumberLiteral(node) = expression {
            self.number(node);
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_string_literal(&mut self, literal: &'t StringLiteral) {
        if self.escapes && !literal.flags.prefix().is_raw() {
            self.escapes(literal.range, false);
        }
    }

    fn visit_bytes_literal(&mut self, literal: &'t BytesLiteral) {
        if self.escapes && !literal.flags.prefix().is_raw() {
            self.escapes(literal.range, true);
        }
    }

    fn visit_f_string(&mut self, literal: &'t FString) {
        self.elements(&literal.elements, literal.flags.prefix().is_raw());
        visitor::walk_f_string(self, literal);
    }

    fn visit_t_string(&mut self, literal: &'t TString) {
        self.elements(&literal.elements, literal.flags.prefix().is_raw());
        visitor::walk_t_string(self, literal);
    }
}

impl Walk<'_, '_> {
    fn elements(&mut self, elements: &InterpolatedStringElements, raw: bool) {
        if raw || !self.escapes {
            return;
        }
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(part) => self.escapes(part.range, false),
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(specification) = &field.format_spec {
                        self.elements(&specification.elements, raw);
                    }
                }
            }
        }
    }

    /// Warns about the first escape in a range that means nothing.
    fn escapes(&mut self, range: TextRange, bytes: bool) {
        let Some(text) = self.warnings.source.get(range.to_std_range()) else { return };
        let text = text.as_bytes();
        let mut position = 0;
        while let Some(found) = text[position..].iter().position(|byte| *byte == b'\\') {
            position += found + 1;
            let Some(&escaped) = text.get(position) else {
                // A backslash before a field's brace.
                let start = range.start() + TextSize::new(position as u32 - 1);
                let brace = self.warnings.source.as_bytes().get(range.end().to_usize());
                if let Some(brace @ (b'{' | b'}')) = brace {
                    self.escape(&char::from(*brace).to_string(), start);
                }
                return;
            };
            let octal = text[position..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let length = match escaped {
                b'4'..=b'7' if octal == 3 => 3,
                b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'x' | b'\n' | b'\r' => 0,
                b'0'..=b'7' => 0,
                b'N' | b'u' | b'U' if !bytes => 0,
                0x80.. => 0,
                _ => 1,
            };
            if length > 0 {
                let start = range.start() + TextSize::new(position as u32 - 1);
                let shown = String::from_utf8_lossy(&text[position..position + length]).into_owned();
                return self.escape(&shown, start);
            }
            position += 1;
        }
    }

    fn escape(&mut self, escape: &str, start: TextSize) {
        let octal = if escape.len() == 3 { "octal " } else { "" };
        let message = |note: &str| {
            format!(
                "\"\\{escape}\" is an invalid {octal}escape sequence. {note}Did you mean \"\\\\{escape}\"? A raw string is also an option."
            )
        };
        let range = TextRange::at(start, TextSize::new(2));
        let error = self.warnings.lines.error(self.warnings.source, message(""), range);
        let message = message("Such sequences will not work in the future. ");
        self.warnings.list.push(SyntaxWarning { message, error, of_text: true });
    }

    /// Warns about a number right before a keyword.
    fn number(&mut self, node: &ExprNumberLiteral) {
        let source = self.warnings.source.as_bytes();
        let end = node.range().end();
        if !source.get(end.to_usize()).is_some_and(u8::is_ascii_lowercase) {
            return;
        }
        let digits = source.get(node.range.to_std_range()).unwrap_or(b"");
        let kind = match (digits, &node.value) {
            (_, Number::Complex { .. }) => "imaginary",
            ([b'0', b'x' | b'X', ..], _) => "hexadecimal",
            ([b'0', b'o' | b'O', ..], _) => "octal",
            ([b'0', b'b' | b'B', ..], _) => "binary",
            _ => "decimal",
        };
        let message = format!("invalid {kind} literal");
        let mut error = self.warnings.lines.error(self.warnings.source, message.clone(), TextRange::empty(end));
        error.column -= 1;
        error.end_column -= 1;
        self.warnings.list.push(SyntaxWarning { message, error, of_text: true });
    }
}

//! Expressions and constants.

use super::{Builder, is_given, items, nodes, none, number};
use crate::ast::{
    self, Arguments, BoolOp, CmpOp, ConversionFlag, Expr, ExprContext, InterpolatedStringElement, NodeIndex, Number,
    Operator, Ranged, TextRange, UnaryOp,
};
use crate::grammar::{Item, Node};

fn singleton(item: &Item) -> &'static str {
    match item {
        Item::Singleton(name) => name,
        _ => "",
    }
}

/// The binary operator that a node stands for.
pub(super) fn operator(item: &Item) -> Operator {
    match singleton(item) {
        "Add" => Operator::Add,
        "Sub" => Operator::Sub,
        "Mult" => Operator::Mult,
        "MatMult" => Operator::MatMult,
        "Div" => Operator::Div,
        "Mod" => Operator::Mod,
        "Pow" => Operator::Pow,
        "LShift" => Operator::LShift,
        "RShift" => Operator::RShift,
        "BitOr" => Operator::BitOr,
        "BitXor" => Operator::BitXor,
        "BitAnd" => Operator::BitAnd,
        _ => Operator::FloorDiv,
    }
}

fn comparison(item: &Item) -> CmpOp {
    match singleton(item) {
        "Eq" => CmpOp::Eq,
        "NotEq" => CmpOp::NotEq,
        "Lt" => CmpOp::Lt,
        "LtE" => CmpOp::LtE,
        "Gt" => CmpOp::Gt,
        "GtE" => CmpOp::GtE,
        "Is" => CmpOp::Is,
        "IsNot" => CmpOp::IsNot,
        "In" => CmpOp::In,
        _ => CmpOp::NotIn,
    }
}

fn context(item: &Item) -> ExprContext {
    match singleton(item) {
        "Store" => ExprContext::Store,
        "Del" => ExprContext::Del,
        _ => ExprContext::Load,
    }
}

impl Builder {
    pub(super) fn boxed(&mut self, item: &Item) -> Box<Expr> {
        Box::new(self.expression(item))
    }

    pub(super) fn optional_expression(&mut self, item: &Item) -> Option<Box<Expr>> {
        is_given(item).then(|| self.boxed(item))
    }

    pub(super) fn expressions(&mut self, item: &Item) -> Vec<Expr> {
        items(item).iter().map(|item| self.expression(item)).collect()
    }

    pub(super) fn expression(&mut self, item: &Item) -> Expr {
        let Item::Node(node) = item else {
            return Expr::NoneLiteral(ast::ExprNoneLiteral { node_index: none(), range: TextRange::default() });
        };
        let range = self.range(node);
        let node_index = none();
        match (node.class, &node.fields[..]) {
            ("BoolOp", [op, values]) => {
                let op = if singleton(op) == "And" { BoolOp::And } else { BoolOp::Or };
                Expr::BoolOp(ast::ExprBoolOp { node_index, range, op, values: self.expressions(values) })
            }
            ("NamedExpr", [target, value]) => {
                let (target, value) = (self.boxed(target), self.boxed(value));
                Expr::Named(ast::ExprNamed { node_index, range, target, value })
            }
            ("BinOp", [left, op, right]) => {
                let (left, op, right) = (self.boxed(left), operator(op), self.boxed(right));
                Expr::BinOp(ast::ExprBinOp { node_index, range, left, op, right })
            }
            ("UnaryOp", [op, operand]) => {
                let op = match singleton(op) {
                    "Invert" => UnaryOp::Invert,
                    "Not" => UnaryOp::Not,
                    "UAdd" => UnaryOp::UAdd,
                    _ => UnaryOp::USub,
                };
                Expr::UnaryOp(ast::ExprUnaryOp { node_index, range, op, operand: self.boxed(operand) })
            }
            ("Lambda", [parameters, body]) => {
                let parameters = Some(Box::new(self.parameters(parameters, range)));
                Expr::Lambda(ast::ExprLambda { node_index, range, parameters, body: self.boxed(body) })
            }
            ("IfExp", [test, body, orelse]) => {
                let (test, body, orelse) = (self.boxed(test), self.boxed(body), self.boxed(orelse));
                Expr::If(ast::ExprIf { node_index, range, test, body, orelse })
            }
            ("Dict", [keys, values]) => {
                let mut pairs = Vec::new();
                for (key, value) in items(keys).iter().zip(items(values)) {
                    let key = self.optional_expression(key).map(|key| *key);
                    pairs.push(ast::DictItem { key, value: self.expression(value) });
                }
                Expr::Dict(ast::ExprDict { node_index, range, items: pairs })
            }
            ("Set", [elts]) => Expr::Set(ast::ExprSet { node_index, range, elts: self.expressions(elts) }),
            ("ListComp", [elt, generators]) => {
                let (elt, generators) = (self.boxed(elt), self.generators(generators, range));
                Expr::ListComp(ast::ExprListComp { node_index, range, elt, generators })
            }
            ("SetComp", [elt, generators]) => {
                let (elt, generators) = (self.boxed(elt), self.generators(generators, range));
                Expr::SetComp(ast::ExprSetComp { node_index, range, elt, generators })
            }
            ("DictComp", [key, value, generators]) => {
                let (key, value) = (Some(self.boxed(key)), self.boxed(value));
                let generators = self.generators(generators, range);
                Expr::DictComp(ast::ExprDictComp { node_index, range, key, value, generators })
            }
            ("GeneratorExp", [elt, generators]) => {
                let (elt, generators) = (self.boxed(elt), self.generators(generators, range));
                Expr::Generator(ast::ExprGenerator { node_index, range, elt, generators, parenthesized: true })
            }
            ("Await", [value]) => Expr::Await(ast::ExprAwait { node_index, range, value: self.boxed(value) }),
            ("Yield", [value]) => {
                Expr::Yield(ast::ExprYield { node_index, range, value: self.optional_expression(value) })
            }
            ("YieldFrom", [value]) => {
                Expr::YieldFrom(ast::ExprYieldFrom { node_index, range, value: self.boxed(value) })
            }
            ("Compare", [left, ops, comparators]) => {
                let left = self.boxed(left);
                let ops = items(ops).iter().map(comparison).collect();
                let comparators = self.expressions(comparators).into();
                Expr::Compare(ast::ExprCompare { node_index, range, left, ops, comparators })
            }
            ("Call", [func, args, keywords]) => {
                let (func, arguments) = (self.boxed(func), self.arguments(args, keywords, range));
                Expr::Call(ast::ExprCall { node_index, range_start: range.start(), func, arguments })
            }
            ("JoinedStr", [values]) => {
                let elements: Vec<_> = items(values).iter().map(|value| self.piece(value)).collect();
                self.format_string(elements, range)
            }
            ("FormattedValue", _) => {
                let element = self.piece(item);
                self.format_string(vec![element], range)
            }
            ("TemplateStr", [values]) => {
                let elements = items(values).iter().map(|value| self.piece(value)).collect();
                self.template_string(elements, range)
            }
            ("Interpolation", _) => {
                let element = self.piece(item);
                self.template_string(vec![element], range)
            }
            ("Constant", [value, ..]) => self.constant(value, range),
            ("Attribute", [value, attr, ctx]) => {
                let (value, attr) = (self.boxed(value), self.identifier(attr, range));
                Expr::Attribute(ast::ExprAttribute { node_index, range, value, attr, ctx: context(ctx) })
            }
            ("Subscript", [value, slice, ctx]) => {
                let (value, slice) = (self.boxed(value), self.boxed(slice));
                Expr::Subscript(ast::ExprSubscript { node_index, range, value, slice, ctx: context(ctx) })
            }
            ("Starred", [value, ctx]) => {
                let value = self.boxed(value);
                Expr::Starred(ast::ExprStarred { node_index, range, value, ctx: context(ctx) })
            }
            ("Name", [id, ctx]) => {
                let id = self.identifier(id, range).id;
                Expr::Name(ast::ExprName { node_index, range, id, ctx: context(ctx) })
            }
            ("List", [elts, ctx]) => {
                let elts = self.expressions(elts);
                Expr::List(ast::ExprList { node_index, range, elts, ctx: context(ctx) })
            }
            ("Tuple", [elts, ctx]) => {
                let elts = self.expressions(elts);
                Expr::Tuple(ast::ExprTuple { node_index, range, elts, ctx: context(ctx), parenthesized: true })
            }
            ("Slice", [lower, upper, step]) => {
                let [lower, upper, step] = [lower, upper, step].map(|part| self.optional_expression(part));
                Expr::Slice(ast::ExprSlice { node_index, range, lower, upper, step })
            }
            _ => Expr::NoneLiteral(ast::ExprNoneLiteral { node_index, range }),
        }
    }

    fn generators(&mut self, item: &Item, range: TextRange) -> Vec<ast::Comprehension> {
        let mut all = Vec::new();
        for node in nodes(item) {
            let [target, iterable, ifs, is_async] = &node.fields[..] else { continue };
            all.push(ast::Comprehension {
                node_index: none(),
                range,
                target: self.expression(target),
                iter: self.expression(iterable),
                ifs: self.expressions(ifs),
                is_async: number(is_async) != 0,
            });
        }
        all
    }

    pub(super) fn arguments(&mut self, args: &Item, keywords: &Item, range: TextRange) -> Arguments {
        let args = self.expressions(args).into();
        let mut all = Vec::new();
        for node in nodes(keywords) {
            let range = self.range(node);
            let [arg, value] = &node.fields[..] else { continue };
            let (arg, value) = (self.optional_identifier(arg, range), self.expression(value));
            all.push(ast::Keyword { node_index: none(), range, arg, value });
        }
        Arguments { node_index: none(), range, args, keywords: all.into_iter().collect() }
    }

    fn format_string(&mut self, elements: Vec<InterpolatedStringElement>, range: TextRange) -> Expr {
        let flags = ast::FStringFlags::empty();
        let value = ast::FString { node_index: none(), range, elements: elements.into(), flags };
        Expr::FString(ast::ExprFString { node_index: none(), range, value: ast::FStringValue::single(value) })
    }

    fn template_string(&mut self, elements: Vec<InterpolatedStringElement>, range: TextRange) -> Expr {
        let flags = ast::TStringFlags::empty();
        let value = ast::TString { node_index: none(), range, elements: elements.into(), flags };
        Expr::TString(ast::ExprTString { node_index: none(), range, value: ast::TStringValue::single(value) })
    }

    /// A piece of a string: text, a replacement field, or another expression.
    fn piece(&mut self, item: &Item) -> InterpolatedStringElement {
        let Item::Node(node) = item else { return self.plain_field(item) };
        match (node.class, &node.fields[..]) {
            ("Constant", [Item::Text(points), ..]) => {
                let (value, range) = self.text(points);
                let literal = ast::InterpolatedStringLiteralElement { node_index: none(), range, value };
                InterpolatedStringElement::Literal(literal)
            }
            ("FormattedValue", [value, conversion, specification]) => {
                self.field(node, value, None, conversion, specification)
            }
            ("Interpolation", [value, text, conversion, specification]) => {
                self.field(node, value, Some(text), conversion, specification)
            }
            _ => self.plain_field(item),
        }
    }

    fn plain_field(&mut self, item: &Item) -> InterpolatedStringElement {
        let expression = self.boxed(item);
        InterpolatedStringElement::Interpolation(ast::InterpolatedElement {
            node_index: none(),
            range: expression.range(),
            expression,
            debug_text: None,
            conversion: ConversionFlag::None,
            format_spec: None,
        })
    }

    /// A replacement field. The text of a template's field is a line of the made-up source, where the field's number says.
    fn field(
        &mut self,
        node: &Node,
        value: &Item,
        text: Option<&Item>,
        conversion: &Item,
        specification: &Item,
    ) -> InterpolatedStringElement {
        let range = self.range(node);
        let node_index = none();
        if let Some(text) = text {
            node_index.set(NodeIndex::from(self.source.len() as u32));
            if let Item::Text(points) = text {
                self.source.extend(points.iter().filter_map(|point| char::from_u32(*point)));
            }
            self.source.push('\0');
        }
        let conversion = match u8::try_from(number(conversion)) {
            Ok(b's') => ConversionFlag::Str,
            Ok(b'r') => ConversionFlag::Repr,
            Ok(b'a') => ConversionFlag::Ascii,
            _ => ConversionFlag::None,
        };
        let expression = self.boxed(value);
        let format_spec = is_given(specification).then(|| {
            let elements: Vec<_> = match specification {
                Item::Node(node) if node.class == "JoinedStr" => {
                    items(&node.fields[0]).iter().map(|value| self.piece(value)).collect()
                }
                other => vec![self.piece(other)],
            };
            Box::new(ast::InterpolatedStringFormatSpec { node_index: none(), range, elements: elements.into() })
        });
        InterpolatedStringElement::Interpolation(ast::InterpolatedElement {
            node_index,
            range,
            expression,
            debug_text: None,
            conversion,
            format_spec,
        })
    }

    fn constant(&mut self, value: &Item, range: TextRange) -> Expr {
        let node_index = none();
        let number = |value| Expr::NumberLiteral(ast::ExprNumberLiteral { node_index: none(), range, value });
        match value {
            Item::Text(points) => {
                let (value, place) = self.text(points);
                let flags = ast::StringLiteralFlags::empty();
                let literal = ast::StringLiteral { node_index: none(), range: place, value, flags };
                let value = ast::StringLiteralValue::single(literal);
                Expr::StringLiteral(ast::ExprStringLiteral { node_index, range, value })
            }
            Item::Bytes(bytes) => {
                let flags = ast::BytesLiteralFlags::empty();
                let literal = ast::BytesLiteral { node_index: none(), range, value: bytes.as_slice().into(), flags };
                let value = ast::BytesLiteralValue::single(literal);
                Expr::BytesLiteral(ast::ExprBytesLiteral { node_index, range, value })
            }
            Item::Int(value) => self.integer(&value.to_string(), range),
            Item::LargeInt(digits) => self.integer(digits, range),
            Item::Float(value) => number(Number::Float(*value)),
            Item::Imaginary(imag) => number(Number::Complex { real: 0.0, imag: *imag }),
            Item::Complex(real, imag) => number(Number::Complex { real: *real, imag: *imag }),
            Item::Bool(value) => Expr::BooleanLiteral(ast::ExprBooleanLiteral { node_index, range, value: *value }),
            Item::Ellipsis => Expr::EllipsisLiteral(ast::ExprEllipsisLiteral { node_index, range }),
            Item::Tuple(values) => {
                let elts = values.iter().map(|value| self.constant(value, range)).collect();
                let ctx = ExprContext::Load;
                Expr::Tuple(ast::ExprTuple { node_index, range, elts, ctx, parenthesized: true })
            }
            Item::FrozenSet(values) => {
                let elts = values.iter().map(|value| self.constant(value, range)).collect();
                let value = Box::new(Expr::Set(ast::ExprSet { node_index: none(), range, elts }));
                let target = Expr::EllipsisLiteral(ast::ExprEllipsisLiteral { node_index: none(), range });
                Expr::Named(ast::ExprNamed { node_index, range, target: Box::new(target), value })
            }
            _ => Expr::NoneLiteral(ast::ExprNoneLiteral { node_index, range }),
        }
    }

    fn integer(&self, digits: &str, range: TextRange) -> Expr {
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, digits),
        };
        let value = Number::Int(digits.parse().unwrap_or(ast::Int::ZERO));
        let literal = Expr::NumberLiteral(ast::ExprNumberLiteral { node_index: none(), range, value });
        if !negative {
            return literal;
        }
        Expr::UnaryOp(ast::ExprUnaryOp { node_index: none(), range, op: UnaryOp::USub, operand: Box::new(literal) })
    }
}

//! Expressions, arguments and parameters.

use super::{Converter, Item, name, optional_name};
use crate::ast::{self, BoolOp, CmpOp, Expr, ExprContext, Number, Operator, Ranged, TextRange, UnaryOp};
use crate::literal;

pub(super) fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "Add",
        Operator::Sub => "Sub",
        Operator::Mult => "Mult",
        Operator::MatMult => "MatMult",
        Operator::Div => "Div",
        Operator::Mod => "Mod",
        Operator::Pow => "Pow",
        Operator::LShift => "LShift",
        Operator::RShift => "RShift",
        Operator::BitOr => "BitOr",
        Operator::BitXor => "BitXor",
        Operator::BitAnd => "BitAnd",
        Operator::FloorDiv => "FloorDiv",
    }
}

fn comparison(operator: &CmpOp) -> Item {
    Item::Singleton(match operator {
        CmpOp::Eq => "Eq",
        CmpOp::NotEq => "NotEq",
        CmpOp::Lt => "Lt",
        CmpOp::LtE => "LtE",
        CmpOp::Gt => "Gt",
        CmpOp::GtE => "GtE",
        CmpOp::Is => "Is",
        CmpOp::IsNot => "IsNot",
        CmpOp::In => "In",
        CmpOp::NotIn => "NotIn",
    })
}

fn context(context: ExprContext) -> Item {
    Item::Singleton(match context {
        ExprContext::Load | ExprContext::Invalid => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    })
}

impl Converter<'_> {
    pub(super) fn expressions(&self, expressions: &[Expr]) -> Item {
        Item::List(expressions.iter().map(|expression| self.expression(expression)).collect())
    }

    pub(super) fn optional(&self, expression: Option<&Expr>) -> Item {
        expression.map_or(Item::None, |expression| self.expression(expression))
    }

    pub(super) fn constant(&self, range: TextRange, value: Item, kind: Item) -> Item {
        self.node("Constant", range, vec![value, kind])
    }

    pub(super) fn expression(&self, expression: &Expr) -> Item {
        let range = expression.range();
        let of = |class, fields| self.node(class, range, fields);
        let plain = |value| self.constant(range, value, Item::None);
        match expression {
            Expr::BoolOp(node) => {
                let operator = if node.op == BoolOp::And { "And" } else { "Or" };
                of("BoolOp", vec![Item::Singleton(operator), self.expressions(&node.values)])
            }
            Expr::Named(node) => of("NamedExpr", vec![self.expression(&node.target), self.expression(&node.value)]),
            Expr::BinOp(node) => {
                let operator = Item::Singleton(operator(node.op));
                of("BinOp", vec![self.expression(&node.left), operator, self.expression(&node.right)])
            }
            Expr::UnaryOp(node) => {
                let operator = match node.op {
                    UnaryOp::Invert => "Invert",
                    UnaryOp::Not => "Not",
                    UnaryOp::UAdd => "UAdd",
                    UnaryOp::USub => "USub",
                };
                of("UnaryOp", vec![Item::Singleton(operator), self.expression(&node.operand)])
            }
            Expr::Lambda(node) => {
                of("Lambda", vec![self.parameters(node.parameters.as_deref()), self.expression(&node.body)])
            }
            Expr::If(node) => {
                let (test, body) = (self.expression(&node.test), self.expression(&node.body));
                of("IfExp", vec![test, body, self.expression(&node.orelse)])
            }
            Expr::Dict(node) => {
                let keys = node.items.iter().map(|item| self.optional(item.key.as_ref())).collect();
                let values = node.items.iter().map(|item| self.expression(&item.value)).collect();
                of("Dict", vec![Item::List(keys), Item::List(values)])
            }
            Expr::Set(node) => of("Set", vec![self.expressions(&node.elts)]),
            Expr::ListComp(node) => {
                of("ListComp", vec![self.expression(&node.elt), self.comprehensions(&node.generators)])
            }
            Expr::SetComp(node) => {
                of("SetComp", vec![self.expression(&node.elt), self.comprehensions(&node.generators)])
            }
            Expr::DictComp(node) => {
                let (key, value) = (self.optional(node.key.as_deref()), self.expression(&node.value));
                of("DictComp", vec![key, value, self.comprehensions(&node.generators)])
            }
            Expr::Generator(node) => {
                of("GeneratorExp", vec![self.expression(&node.elt), self.comprehensions(&node.generators)])
            }
            Expr::Await(node) => of("Await", vec![self.expression(&node.value)]),
            Expr::Yield(node) => of("Yield", vec![self.optional(node.value.as_deref())]),
            Expr::YieldFrom(node) => of("YieldFrom", vec![self.expression(&node.value)]),
            Expr::Compare(node) => {
                let operators = Item::List(node.ops.iter().map(comparison).collect());
                of("Compare", vec![self.expression(&node.left), operators, self.expressions(&node.comparators)])
            }
            Expr::Call(node) => {
                let arguments = match &node.arguments.args[..] {
                    // The only argument: the brackets of the call are those of the generator expression.
                    [Expr::Generator(generator)] if !generator.parenthesized => {
                        let fields = vec![self.expression(&generator.elt), self.comprehensions(&generator.generators)];
                        Item::List(vec![self.node("GeneratorExp", node.arguments.range(), fields)])
                    }
                    arguments => self.expressions(arguments),
                };
                of("Call", vec![self.expression(&node.func), arguments, self.keywords(&node.arguments.keywords)])
            }
            Expr::FString(node) => self.format_string(node),
            Expr::TString(node) => self.template_string(node),
            Expr::StringLiteral(node) => self.string(node),
            Expr::BytesLiteral(node) => {
                plain(Item::Bytes(node.value.iter().flat_map(|part| part.value.iter().copied()).collect()))
            }
            Expr::NumberLiteral(node) => plain(match &node.value {
                Number::Int(value) => match literal::int(value) {
                    Ok(value) => Item::Int(value),
                    Err(digits) => Item::LargeInt(digits),
                },
                Number::Float(value) => Item::Float(*value),
                Number::Complex { imag, .. } => Item::Imaginary(*imag),
            }),
            Expr::BooleanLiteral(node) => plain(Item::Bool(node.value)),
            Expr::NoneLiteral(_) | Expr::IpyEscapeCommand(_) => plain(Item::None),
            Expr::EllipsisLiteral(_) => plain(Item::Ellipsis),
            Expr::Attribute(node) => {
                of("Attribute", vec![self.expression(&node.value), name(&node.attr), context(node.ctx)])
            }
            Expr::Subscript(node) => {
                let (value, slice) = (self.expression(&node.value), self.expression(&node.slice));
                of("Subscript", vec![value, slice, context(node.ctx)])
            }
            Expr::Starred(node) => of("Starred", vec![self.expression(&node.value), context(node.ctx)]),
            Expr::Name(node) => of("Name", vec![Item::Name(node.id.to_string()), context(node.ctx)]),
            Expr::List(node) => of("List", vec![self.expressions(&node.elts), context(node.ctx)]),
            Expr::Tuple(node) => of("Tuple", vec![self.expressions(&node.elts), context(node.ctx)]),
            Expr::Slice(node) => {
                let (lower, upper) = (self.optional(node.lower.as_deref()), self.optional(node.upper.as_deref()));
                of("Slice", vec![lower, upper, self.optional(node.step.as_deref())])
            }
        }
    }

    fn comprehensions(&self, comprehensions: &[ast::Comprehension]) -> Item {
        let comprehension = |node: &ast::Comprehension| {
            let (target, iterable) = (self.expression(&node.target), self.expression(&node.iter));
            let is_async = Item::Int(i64::from(node.is_async));
            self.unplaced("comprehension", vec![target, iterable, self.expressions(&node.ifs), is_async])
        };
        Item::List(comprehensions.iter().map(comprehension).collect())
    }

    pub(super) fn keywords(&self, keywords: &[ast::Keyword]) -> Item {
        let keyword = |node: &ast::Keyword| {
            self.node("keyword", node.range(), vec![optional_name(node.arg.as_ref()), self.expression(&node.value)])
        };
        Item::List(keywords.iter().map(keyword).collect())
    }

    fn parameter(&self, node: &ast::Parameter) -> Item {
        let range = TextRange::new(node.name.range().start(), node.range().end());
        self.node("arg", range, vec![name(&node.name), self.optional(node.annotation.as_deref()), Item::None])
    }

    pub(super) fn parameters(&self, parameters: Option<&ast::Parameters>) -> Item {
        let empty = ast::Parameters::default();
        let node = parameters.unwrap_or(&empty);
        let all = |parameters: &[ast::ParameterWithDefault]| {
            Item::List(parameters.iter().map(|parameter| self.parameter(&parameter.parameter)).collect())
        };
        let single =
            |parameter: Option<&ast::Parameter>| parameter.map_or(Item::None, |parameter| self.parameter(parameter));
        let keyword_defaults =
            node.kwonlyargs.iter().map(|parameter| self.optional(parameter.default.as_deref())).collect();
        let positional = node.posonlyargs.iter().chain(&node.args);
        let defaults = positional.filter_map(|parameter| parameter.default.as_deref());
        let defaults = defaults.map(|default| self.expression(default)).collect();
        self.unplaced(
            "arguments",
            vec![
                all(&node.posonlyargs),
                all(&node.args),
                single(node.vararg.as_deref()),
                all(&node.kwonlyargs),
                Item::List(keyword_defaults),
                single(node.kwarg.as_deref()),
                Item::List(defaults),
            ],
        )
    }
}

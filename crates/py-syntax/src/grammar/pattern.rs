//! Patterns of `match` statements.

use super::{Converter, Item, name, optional_name};
use crate::ast::{Pattern, Ranged, Singleton};

impl Converter<'_> {
    pub(super) fn pattern(&self, pattern: &Pattern) -> Item {
        let of = |class, fields| self.node(class, pattern.range(), fields);
        match pattern {
            Pattern::MatchValue(node) => of("MatchValue", vec![self.expression(&node.value)]),
            Pattern::MatchSingleton(node) => {
                let value = match node.value {
                    Singleton::None => Item::None,
                    Singleton::True => Item::Bool(true),
                    Singleton::False => Item::Bool(false),
                };
                of("MatchSingleton", vec![value])
            }
            Pattern::MatchSequence(node) => of("MatchSequence", vec![self.patterns(&node.patterns)]),
            Pattern::MatchMapping(node) => {
                let rest = optional_name(node.rest.as_ref());
                of("MatchMapping", vec![self.expressions(&node.keys), self.patterns(&node.patterns), rest])
            }
            Pattern::MatchClass(node) => {
                let keywords = &node.arguments.keywords;
                let names = keywords.iter().map(|keyword| name(&keyword.attr)).collect();
                let patterns = keywords.iter().map(|keyword| self.pattern(&keyword.pattern)).collect();
                let positional = self.patterns(&node.arguments.patterns);
                of("MatchClass", vec![self.expression(&node.cls), positional, Item::List(names), Item::List(patterns)])
            }
            Pattern::MatchStar(node) => of("MatchStar", vec![optional_name(node.name.as_ref())]),
            Pattern::MatchAs(node) => {
                let inner = node.pattern.as_deref().map_or(Item::None, |inner| self.pattern(inner));
                of("MatchAs", vec![inner, optional_name(node.name.as_ref())])
            }
            Pattern::MatchOr(node) => of("MatchOr", vec![self.patterns(&node.patterns)]),
        }
    }

    fn patterns(&self, patterns: &[Pattern]) -> Item {
        Item::List(patterns.iter().map(|pattern| self.pattern(pattern)).collect())
    }
}

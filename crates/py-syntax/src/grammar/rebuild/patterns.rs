//! Patterns.

use super::{Builder, is_given, items, nodes, none};
use crate::ast::{self, Pattern, Singleton, TextRange};
use crate::grammar::{Item, Node};

impl Builder {
    pub(super) fn pattern(&mut self, node: &Node) -> Pattern {
        let range = self.range(node);
        let fields = &node.fields;
        match (node.class, &fields[..]) {
            ("MatchValue", [value]) => {
                let value = Box::new(self.expression(value));
                Pattern::MatchValue(ast::PatternMatchValue { node_index: none(), range, value })
            }
            ("MatchSingleton", [value]) => {
                let value = match value {
                    Item::Bool(true) => Singleton::True,
                    Item::Bool(false) => Singleton::False,
                    _ => Singleton::None,
                };
                Pattern::MatchSingleton(ast::PatternMatchSingleton { node_index: none(), range, value })
            }
            ("MatchSequence", [patterns]) => {
                let patterns = self.patterns(patterns);
                Pattern::MatchSequence(ast::PatternMatchSequence { node_index: none(), range, patterns })
            }
            ("MatchMapping", [keys, patterns, rest]) => {
                let keys = self.expressions(keys).into_iter().collect();
                let patterns = self.patterns(patterns).into_iter().collect();
                let rest = self.optional_identifier(rest, range);
                Pattern::MatchMapping(ast::PatternMatchMapping { node_index: none(), range, keys, patterns, rest })
            }
            ("MatchClass", [class, patterns, names, named]) => self.class_pattern(range, class, patterns, names, named),
            ("MatchStar", [name]) => {
                let name = self.optional_identifier(name, range);
                Pattern::MatchStar(ast::PatternMatchStar { node_index: none(), range, name })
            }
            ("MatchAs", [pattern, name]) => {
                let pattern = is_given(pattern).then(|| Box::new(self.pattern_of(pattern)));
                let name = self.optional_identifier(name, range);
                Pattern::MatchAs(ast::PatternMatchAs { node_index: none(), range, pattern, name })
            }
            (_, fields) => {
                let patterns = fields.first().map_or_else(Vec::new, |patterns| self.patterns(patterns));
                Pattern::MatchOr(ast::PatternMatchOr { node_index: none(), range, patterns })
            }
        }
    }

    fn class_pattern(
        &mut self,
        range: TextRange,
        class: &Item,
        patterns: &Item,
        names: &Item,
        named: &Item,
    ) -> Pattern {
        let cls = Box::new(self.expression(class));
        let patterns = self.patterns(patterns).into_iter().collect();
        let mut keywords = Vec::new();
        for (name, pattern) in items(names).iter().zip(nodes(named)) {
            let place = self.range(pattern);
            let (attr, pattern) = (self.identifier(name, place), self.pattern(pattern));
            keywords.push(ast::PatternKeyword { node_index: none(), range: place, attr, pattern });
        }
        let arguments = ast::PatternArguments { node_index: none(), range, patterns, keywords };
        Pattern::MatchClass(ast::PatternMatchClass { node_index: none(), range, cls, arguments })
    }

    fn pattern_of(&mut self, item: &Item) -> Pattern {
        match item {
            Item::Node(node) => self.pattern(node),
            _ => {
                let range = TextRange::default();
                Pattern::MatchAs(ast::PatternMatchAs { node_index: none(), range, pattern: None, name: None })
            }
        }
    }

    fn patterns(&mut self, item: &Item) -> Vec<Pattern> {
        nodes(item).map(|node| self.pattern(node)).collect()
    }
}

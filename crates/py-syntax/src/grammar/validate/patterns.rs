//! What patterns made by a program must keep to.

use super::{Outcome, class, expression, list, name, node, positions, value_error};
use crate::grammar::{Item, Node};

fn patterns(items: &Item, star_allowed: bool) -> Outcome {
    list(items).iter().try_for_each(|item| pattern(item, star_allowed))
}

fn capture(item: &Item) -> Outcome {
    match item {
        Item::Name(name) if name == "_" => value_error("can't capture name '_' in patterns"),
        _ => name(item),
    }
}

pub(super) fn pattern(item: &Item, star_allowed: bool) -> Outcome {
    let Some(this) = node(item) else { return Ok(()) };
    positions(this)?;
    match (this.class, &this.fields[..]) {
        ("MatchValue", [value]) => literal(value),
        ("MatchSingleton", [value]) => match value {
            Item::None | Item::Bool(_) => Ok(()),
            _ => value_error("MatchSingleton can only contain True, False and None"),
        },
        ("MatchSequence", [parts]) => patterns(parts, true),
        ("MatchMapping", [keys, values, rest]) => {
            if list(keys).len() != list(values).len() {
                return value_error("MatchMapping doesn't have the same number of keys as patterns");
            }
            capture(rest)?;
            for key in list(keys) {
                if !matches!(constant(key), Some(Item::None | Item::Bool(_))) {
                    literal(key)?;
                }
            }
            patterns(values, false)
        }
        ("MatchClass", [of, positional, names, named]) => {
            if list(names).len() != list(named).len() {
                return value_error("MatchClass doesn't have the same number of keyword attributes as patterns");
            }
            expression(of, "Load")?;
            dotted(of)?;
            list(names).iter().try_for_each(name)?;
            patterns(positional, false)?;
            patterns(named, false)
        }
        ("MatchStar", [_]) if !star_allowed => value_error("can't use MatchStar here"),
        ("MatchStar", [target]) => capture(target),
        ("MatchAs", [inner, target]) => {
            capture(target)?;
            match (inner, target) {
                (Item::None, _) => Ok(()),
                (_, Item::None) => value_error("MatchAs must specify a target name if a pattern is given"),
                _ => pattern(inner, false),
            }
        }
        ("MatchOr", [alternatives]) => {
            if list(alternatives).len() < 2 {
                return value_error("MatchOr requires at least 2 patterns");
            }
            patterns(alternatives, false)
        }
        _ => Ok(()),
    }
}

fn dotted(item: &Item) -> Outcome {
    match node(item) {
        Some(Node { class: "Name", .. }) => Ok(()),
        Some(Node { class: "Attribute", fields, .. }) => dotted(&fields[0]),
        _ => value_error("MatchClass cls field can only contain Name or Attribute nodes."),
    }
}

fn constant(item: &Item) -> Option<&Item> {
    node(item).filter(|node| node.class == "Constant").map(|node| &node.fields[0])
}

fn is_number(item: &Item, real: bool, imaginary: bool) -> bool {
    match constant(item) {
        Some(Item::Int(_) | Item::LargeInt(_) | Item::Float(_)) => real,
        Some(Item::Imaginary(_) | Item::Complex(..)) => imaginary,
        _ => false,
    }
}

fn is_negative(item: &Item, real: bool, imaginary: bool) -> bool {
    match node(item).map(|node| (node.class, &node.fields[..])) {
        Some(("UnaryOp", [Item::Singleton("USub"), operand])) => is_number(operand, real, imaginary),
        _ => false,
    }
}

/// A value that a pattern may compare with.
fn literal(item: &Item) -> Outcome {
    expression(item, "Load")?;
    let fine = match node(item).map(|node| (node.class, &node.fields[..])) {
        Some(("Constant", [value, ..])) => {
            let fine = matches!(
                value,
                Item::Int(_)
                    | Item::LargeInt(_)
                    | Item::Float(_)
                    | Item::Imaginary(_)
                    | Item::Complex(..)
                    | Item::Text(_)
                    | Item::Bytes(_)
            );
            if !fine {
                return value_error("unexpected constant inside of a literal pattern");
            }
            true
        }
        Some(("UnaryOp", _)) => is_negative(item, true, true),
        Some(("BinOp", [left, Item::Singleton("Add" | "Sub"), right])) => {
            (is_number(left, true, false) || is_negative(left, true, false)) && is_number(right, false, true)
        }
        _ => matches!(class(item), "Attribute" | "JoinedStr" | "TemplateStr"),
    };
    match fine {
        true => Ok(()),
        false => value_error("patterns may only match literals and attribute lookups"),
    }
}

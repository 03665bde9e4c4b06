//! What CPython's compiler simplifies in the tree before it writes code, for programs that ask for such trees: `__debug__`, numbers in
//! patterns, `%` with a constant format, and docstrings.

use super::{Item, Node};

/// Simplifies a tree for a level of optimisation.
pub fn optimize(root: &mut Node, level: u8) {
    if level >= 2 && root.class == "Module" {
        drop_docstring(&mut root.fields[0]);
    }
    visit(root, level);
}

fn visit(node: &mut Node, level: u8) {
    let body = match node.class {
        "FunctionDef" | "AsyncFunctionDef" => Some(2),
        "ClassDef" => Some(3),
        _ => None,
    };
    if let Some(body) = body.filter(|_| level >= 2) {
        drop_docstring(&mut node.fields[body]);
    }
    node.fields.iter_mut().for_each(|field| visit_item(field, level));
    match (node.class, &mut node.fields[..]) {
        ("Name", [Item::Name(name), Item::Singleton("Load")]) if name == "__debug__" => {
            become_constant(node, Item::Bool(level == 0));
        }
        ("MatchValue", [value]) => fold_number(value),
        ("MatchMapping", [Item::List(keys), ..]) => keys.iter_mut().for_each(fold_number),
        ("BinOp", _) => {
            if let Some(values) = formatted(node) {
                node.class = "JoinedStr";
                node.fields = vec![Item::List(values)];
            }
        }
        _ => {}
    }
}

fn visit_item(item: &mut Item, level: u8) {
    match item {
        Item::Node(node) => visit(node, level),
        Item::List(items) => items.iter_mut().for_each(|item| visit_item(item, level)),
        _ => {}
    }
}

fn become_constant(node: &mut Node, value: Item) {
    node.class = "Constant";
    node.fields = vec![value, Item::None];
}

fn drop_docstring(body: &mut Item) {
    let Item::List(statements) = body else { return };
    let Some(Item::Node(first)) = statements.first_mut() else { return };
    let is_text = match (first.class, &first.fields[..]) {
        ("Expr", [value]) => matches!(constant(value), Some(Item::Text(_))),
        _ => false,
    };
    if !is_text {
        return;
    }
    if statements.len() == 1 {
        if let Some(Item::Node(first)) = statements.first_mut() {
            first.class = "Pass";
            first.fields.clear();
            if let Some([line, column, end_line, end_column]) = &mut first.place {
                // As long as the word.
                (*end_line, *end_column) = (*line, *column + 4);
            }
        }
    } else {
        statements.remove(0);
    }
}

fn constant(item: &Item) -> Option<&Item> {
    match item {
        Item::Node(node) if node.class == "Constant" => node.fields.first(),
        _ => None,
    }
}

/// The parts of a number, if the item is one with these operators on it.
fn number(item: &Item) -> Option<Item> {
    if let Some(value) = constant(item) {
        return match value {
            Item::Int(number) => Some(Item::Int(*number)),
            Item::LargeInt(digits) => Some(Item::LargeInt(digits.clone())),
            Item::Float(number) => Some(Item::Float(*number)),
            Item::Imaginary(imaginary) => Some(Item::Complex(0.0, *imaginary)),
            Item::Complex(real, imaginary) => Some(Item::Complex(*real, *imaginary)),
            _ => None,
        };
    }
    let Item::Node(node) = item else { return None };
    match (node.class, &node.fields[..]) {
        ("UnaryOp", [Item::Singleton("USub"), operand]) => Some(match number(operand)? {
            Item::Int(number) => Item::Int(number.checked_neg()?),
            Item::LargeInt(digits) => Item::LargeInt(format!("-{digits}")),
            Item::Float(number) => Item::Float(-number),
            Item::Complex(real, imaginary) => Item::Complex(-real, -imaginary),
            _ => return None,
        }),
        ("BinOp", [left, Item::Singleton(operator @ ("Add" | "Sub")), right]) => {
            let left = match number(left)? {
                Item::Int(number) => number as f64,
                Item::Float(number) => number,
                _ => return None,
            };
            let Item::Complex(real, imaginary) = number(right)? else { return None };
            match *operator {
                "Add" => Some(Item::Complex(left + real, imaginary)),
                _ => Some(Item::Complex(left - real, -imaginary)),
            }
        }
        _ => None,
    }
}

fn fold_number(item: &mut Item) {
    if constant(item).is_some() {
        return;
    }
    let folded = number(item);
    if let (Some(value), Item::Node(node)) = (folded, item) {
        become_constant(node, value);
    }
}

/// The values of an f-string that does what `format % (values)` does, where that is certain.
fn formatted(node: &Node) -> Option<Vec<Item>> {
    let [left, Item::Singleton("Mod"), Item::Node(right)] = &node.fields[..] else { return None };
    let Some(Item::Text(format)) = constant(left) else { return None };
    if right.class != "Tuple" {
        return None;
    }
    let Item::List(arguments) = &right.fields[0] else { return None };
    if arguments.iter().any(|argument| matches!(argument, Item::Node(node) if node.class == "Starred")) {
        return None;
    }
    let pieces = parse_format(format)?;
    let fields = pieces.iter().filter(|piece| matches!(piece, Piece::Field { .. })).count();
    if fields != arguments.len() {
        return None;
    }
    let mut arguments = arguments.iter();
    let mut values = Vec::new();
    for piece in pieces {
        let item = match piece {
            Piece::Text(text) => ("Constant", vec![Item::Text(text), Item::None]),
            Piece::Field { conversion, specification } => {
                let specification = match specification {
                    Some(text) => {
                        let points = text.chars().map(u32::from).collect();
                        let fields = vec![Item::Text(points), Item::None];
                        Item::Node(Box::new(Node { class: "Constant", fields, place: node.place }))
                    }
                    None => Item::None,
                };
                ("FormattedValue", vec![arguments.next()?.clone(), Item::Int(conversion), specification])
            }
        };
        values.push(Item::Node(Box::new(Node { class: item.0, fields: item.1, place: node.place })));
    }
    Some(values)
}

enum Piece {
    Text(Vec<u32>),
    Field { conversion: i64, specification: Option<String> },
}

/// The pieces of a format that f-strings can express.
fn parse_format(format: &[u32]) -> Option<Vec<Piece>> {
    const LONGEST: usize = 100;
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut rest = format;
    while let Some((&point, after)) = rest.split_first() {
        rest = after;
        if point != u32::from('%') {
            text.push(point);
            continue;
        }
        let mut specification = String::new();
        let mut left = false;
        let digit = |rest: &[u32]| rest.first().and_then(|point| char::from_u32(*point)).filter(char::is_ascii_digit);
        let next = |rest: &[u32]| rest.first().and_then(|point| char::from_u32(*point));
        if next(rest) == Some('%') {
            text.push(point);
            rest = &rest[1..];
            continue;
        }
        while let Some(flag @ ('-' | '+' | ' ' | '#' | '0')) = next(rest) {
            left |= flag == '-';
            if matches!(flag, '+' | ' ' | '#') {
                return None;
            }
            rest = &rest[1..];
        }
        let mut width = String::new();
        while let Some(each) = digit(rest) {
            width.push(each);
            rest = &rest[1..];
        }
        let mut precision = None;
        if next(rest) == Some('.') {
            rest = &rest[1..];
            let mut digits = String::new();
            while let Some(each) = digit(rest) {
                digits.push(each);
                rest = &rest[1..];
            }
            precision = Some(if digits.is_empty() { "0".to_string() } else { digits });
        }
        if width.len() > LONGEST || precision.as_ref().is_some_and(|precision| precision.len() > LONGEST) {
            return None;
        }
        let conversion @ ('s' | 'r' | 'a') = next(rest)? else { return None };
        rest = &rest[1..];
        if !width.is_empty() {
            if !left {
                specification.push('>');
            }
            specification.push_str(&width);
        }
        if let Some(precision) = precision {
            specification.push('.');
            specification.push_str(&precision);
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        let specification = Some(specification).filter(|text| !text.is_empty());
        pieces.push(Piece::Field { conversion: i64::from(u32::from(conversion)), specification });
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}

//! What a tree made by a program must keep to, beyond the types of its fields (CPython's `ast.c`).

mod patterns;

use super::{Item, Node};

/// Why a tree is invalid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Invalid {
    /// A TypeError.
    Type(String),
    /// A ValueError.
    Value(String),
}

type Outcome = Result<(), Invalid>;

fn value_error<T>(message: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::Value(message.into()))
}

fn type_error<T>(message: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::Type(message.into()))
}

/// Checks a whole tree.
pub fn validate(root: &Node) -> Outcome {
    match (root.class, &root.fields[..]) {
        ("Expression", [body]) => expression(body, "Load"),
        ("FunctionType", [arguments, returns]) => {
            expressions(arguments, "Load")?;
            expression(returns, "Load")
        }
        (_, [body, ..]) => statements(body),
        _ => Ok(()),
    }
}

fn list(item: &Item) -> &[Item] {
    match item {
        Item::List(items) => items,
        _ => &[],
    }
}

fn node(item: &Item) -> Option<&Node> {
    match item {
        Item::Node(node) => Some(node),
        _ => None,
    }
}

fn class(item: &Item) -> &'static str {
    node(item).map_or("", |node| node.class)
}

fn nonempty(items: &Item, field: &str, owner: &str) -> Outcome {
    match list(items) {
        [] => value_error(format!("empty {field} on {owner}")),
        _ => Ok(()),
    }
}

fn positions(node: &Node) -> Outcome {
    let Some([line, column, end_line, end_column]) = node.place else { return Ok(()) };
    if line > end_line {
        return value_error(format!("AST node line range ({line}, {end_line}) is not valid"));
    }
    if line < 0 && end_line != line || column < 0 && column != end_column {
        return value_error(format!(
            "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
        ));
    }
    if line == end_line && column > end_column {
        return value_error(format!("line {line}, column {column}-{end_column} is not a valid range"));
    }
    Ok(())
}

fn name(item: &Item) -> Outcome {
    match item {
        Item::Name(name) if matches!(name.as_str(), "None" | "True" | "False") => {
            value_error(format!("identifier field can't represent '{name}' constant"))
        }
        _ => Ok(()),
    }
}

fn optional(item: &Item, context: &str) -> Outcome {
    match item {
        Item::None => Ok(()),
        given => expression(given, context),
    }
}

fn expressions(items: &Item, context: &str) -> Outcome {
    for item in list(items) {
        if matches!(item, Item::None) {
            return value_error("None disallowed in expression list");
        }
        expression(item, context)?;
    }
    Ok(())
}

fn optional_expressions(items: &Item) -> Outcome {
    list(items).iter().try_for_each(|item| optional(item, "Load"))
}

fn targets(items: &Item, owner: &str, context: &str) -> Outcome {
    nonempty(items, "targets", owner)?;
    expressions(items, context)
}

fn constant(value: &Item) -> Outcome {
    match value {
        Item::Other(class) => type_error(format!("got an invalid type in Constant: {class}")),
        Item::Tuple(items) | Item::FrozenSet(items) => items.iter().try_for_each(constant),
        _ => Ok(()),
    }
}

fn check_context(node: &Node, context: &str) -> Outcome {
    let actual = match (node.class, node.fields.last()) {
        ("Attribute" | "Subscript" | "Starred" | "Name" | "List" | "Tuple", Some(Item::Singleton(actual))) => *actual,
        _ if context == "Load" => return Ok(()),
        _ => return value_error(format!("expression which can't be assigned to in {context} context")),
    };
    if actual == context {
        return Ok(());
    }
    value_error(format!("expression must have {context} context but has {actual} instead"))
}

fn expression(item: &Item, context: &str) -> Outcome {
    let Some(this) = node(item) else { return Ok(()) };
    positions(this)?;
    if this.class == "Name" {
        name(&this.fields[0])?;
    }
    check_context(this, context)?;
    let load = |item: &Item| expression(item, "Load");
    match (this.class, &this.fields[..]) {
        ("BoolOp", [_, values]) => {
            if list(values).len() < 2 {
                return value_error("BoolOp with less than 2 values");
            }
            expressions(values, "Load")
        }
        ("BinOp", [left, _, right]) => load(left).and_then(|()| load(right)),
        ("UnaryOp", [_, operand]) => load(operand),
        ("Lambda", [parameters, body]) => arguments(parameters).and_then(|()| load(body)),
        ("IfExp", [test, body, orelse]) => [test, body, orelse].into_iter().try_for_each(load),
        ("Dict", [keys, values]) => {
            if list(keys).len() != list(values).len() {
                return value_error("Dict doesn't have the same number of keys as values");
            }
            optional_expressions(keys)?;
            expressions(values, "Load")
        }
        ("Set", [elements]) => expressions(elements, "Load"),
        ("ListComp" | "SetComp" | "GeneratorExp", [element, clauses]) => {
            comprehensions(clauses)?;
            load(element)
        }
        ("DictComp", [key, value, clauses]) => {
            comprehensions(clauses)?;
            load(key).and_then(|()| load(value))
        }
        ("Yield", [value]) => optional(value, "Load"),
        ("YieldFrom" | "Await", [value]) => load(value),
        ("Compare", [left, operators, comparators]) => {
            if list(comparators).is_empty() {
                return value_error("Compare with no comparators");
            }
            if list(comparators).len() != list(operators).len() {
                return value_error("Compare has a different number of comparators and operands");
            }
            expressions(comparators, "Load")?;
            load(left)
        }
        ("Call", [function, positional, named]) => {
            load(function)?;
            expressions(positional, "Load")?;
            keywords(named)
        }
        ("Constant", [value, ..]) => constant(value),
        ("JoinedStr" | "TemplateStr", [values]) => expressions(values, "Load"),
        ("FormattedValue", [value, _, specification]) | ("Interpolation", [value, _, _, specification]) => {
            if let ("Interpolation", Item::Other(class)) = (this.class, &this.fields[1]) {
                return type_error(format!("got an invalid type in Constant: {class}"));
            }
            load(value)?;
            optional(specification, "Load")
        }
        ("Attribute", [value, ..]) => load(value),
        ("Subscript", [value, slice, _]) => load(slice).and_then(|()| load(value)),
        ("Starred", [value, _]) => expression(value, context),
        ("Slice", parts) => parts.iter().try_for_each(|part| optional(part, "Load")),
        ("List" | "Tuple", [elements, _]) => expressions(elements, context),
        ("NamedExpr", [target, value]) => {
            if class(target) != "Name" {
                return type_error("NamedExpr target must be a Name");
            }
            expression(target, "Store")?;
            load(value)
        }
        _ => Ok(()),
    }
}

fn comprehensions(clauses: &Item) -> Outcome {
    if list(clauses).is_empty() {
        return value_error("comprehension with no generators");
    }
    for clause in list(clauses).iter().filter_map(node) {
        let [target, iterable, conditions, _] = &clause.fields[..] else { continue };
        expression(target, "Store")?;
        expression(iterable, "Load")?;
        expressions(conditions, "Load")?;
    }
    Ok(())
}

fn keywords(items: &Item) -> Outcome {
    list(items).iter().filter_map(node).try_for_each(|keyword| expression(&keyword.fields[1], "Load"))
}

fn parameters(items: &Item) -> Outcome {
    list(items).iter().filter_map(node).try_for_each(parameter)
}

fn parameter(parameter: &Node) -> Outcome {
    positions(parameter)?;
    optional(&parameter.fields[1], "Load")
}

fn arguments(item: &Item) -> Outcome {
    let Some(this) = node(item) else { return Ok(()) };
    let [positional_only, positional, variadic, keyword_only, keyword_defaults, named, defaults] = &this.fields[..]
    else {
        return Ok(());
    };
    parameters(positional_only)?;
    parameters(positional)?;
    node(variadic).map_or(Ok(()), parameter)?;
    parameters(keyword_only)?;
    node(named).map_or(Ok(()), parameter)?;
    if list(defaults).len() > list(positional_only).len() + list(positional).len() {
        return value_error("more positional defaults than args on arguments");
    }
    if list(keyword_defaults).len() != list(keyword_only).len() {
        return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
    }
    expressions(defaults, "Load")?;
    optional_expressions(keyword_defaults)
}

fn statements(items: &Item) -> Outcome {
    for item in list(items) {
        let Some(this) = node(item) else { return value_error("None disallowed in statement list") };
        statement(this)?;
    }
    Ok(())
}

fn body(items: &Item, owner: &str) -> Outcome {
    nonempty(items, "body", owner)?;
    statements(items)
}

fn statement(this: &Node) -> Outcome {
    positions(this)?;
    let owner = this.class;
    let load = |item: &Item| expression(item, "Load");
    match (owner, &this.fields[..]) {
        ("FunctionDef" | "AsyncFunctionDef", [identifier, parameters, code, decorators, returns, _, generic]) => {
            name(identifier)?;
            body(code, owner)?;
            type_parameters(generic)?;
            arguments(parameters)?;
            expressions(decorators, "Load")?;
            optional(returns, "Load")
        }
        ("ClassDef", [identifier, bases, named, code, decorators, generic]) => {
            name(identifier)?;
            body(code, owner)?;
            type_parameters(generic)?;
            expressions(bases, "Load")?;
            keywords(named)?;
            expressions(decorators, "Load")
        }
        ("Return", [value]) => optional(value, "Load"),
        ("Delete", [items]) => targets(items, owner, "Del"),
        ("Assign", [items, value, _]) => targets(items, owner, "Store").and_then(|()| load(value)),
        ("TypeAlias", [alias, generic, value]) => {
            if class(alias) != "Name" {
                return type_error("TypeAlias with non-Name name");
            }
            expression(alias, "Store")?;
            type_parameters(generic)?;
            load(value)
        }
        ("AugAssign", [target, _, value]) => expression(target, "Store").and_then(|()| load(value)),
        ("AnnAssign", [target, annotation, value, simple]) => {
            if class(target) != "Name" && !matches!(simple, Item::Int(0) | Item::Bool(false)) {
                return type_error("AnnAssign with simple non-Name target");
            }
            expression(target, "Store")?;
            optional(value, "Load")?;
            load(annotation)
        }
        ("For" | "AsyncFor", [target, iterable, code, orelse, _]) => {
            expression(target, "Store")?;
            load(iterable)?;
            body(code, owner)?;
            statements(orelse)
        }
        ("While" | "If", [test, code, orelse]) => {
            load(test)?;
            body(code, owner)?;
            statements(orelse)
        }
        ("With" | "AsyncWith", [items, code, _]) => {
            nonempty(items, "items", owner)?;
            for item in list(items).iter().filter_map(node) {
                load(&item.fields[0])?;
                optional(&item.fields[1], "Store")?;
            }
            body(code, owner)
        }
        ("Match", [subject, cases]) => {
            load(subject)?;
            nonempty(cases, "cases", owner)?;
            for case in list(cases).iter().filter_map(node) {
                patterns::pattern(&case.fields[0], false)?;
                optional(&case.fields[1], "Load")?;
                body(&case.fields[2], "match_case")?;
            }
            Ok(())
        }
        ("Raise", [Item::None, Item::None]) => Ok(()),
        ("Raise", [Item::None, _]) => value_error("Raise with cause but no exception"),
        ("Raise", [exception, cause]) => load(exception).and_then(|()| optional(cause, "Load")),
        ("Try" | "TryStar", [code, handlers, orelse, finalbody]) => {
            body(code, owner)?;
            if list(handlers).is_empty() && list(finalbody).is_empty() {
                return value_error(format!("{owner} has neither except handlers nor finalbody"));
            }
            if list(handlers).is_empty() && !list(orelse).is_empty() {
                return value_error(format!("{owner} has orelse but no except handlers"));
            }
            for handler in list(handlers).iter().filter_map(node) {
                positions(handler)?;
                name(&handler.fields[1])?;
                optional(&handler.fields[0], "Load")?;
                body(&handler.fields[2], "ExceptHandler")?;
            }
            statements(finalbody)?;
            statements(orelse)
        }
        ("Assert", [test, message]) => load(test).and_then(|()| optional(message, "Load")),
        ("Import", [names]) => aliases(names, owner),
        ("ImportFrom", [_, names, level]) => {
            if matches!(level, Item::Int(level) if *level < 0) {
                return value_error("Negative ImportFrom level");
            }
            aliases(names, owner)
        }
        ("Global" | "Nonlocal", [names]) => nonempty(names, "names", owner),
        ("Expr", [value]) => load(value),
        _ => Ok(()),
    }
}

fn aliases(names: &Item, owner: &str) -> Outcome {
    nonempty(names, "names", owner)?;
    list(names).iter().filter_map(node).flat_map(|alias| &alias.fields).try_for_each(name)
}

fn type_parameters(items: &Item) -> Outcome {
    for this in list(items).iter().filter_map(node) {
        positions(this)?;
        name(&this.fields[0])?;
        this.fields[1..].iter().try_for_each(|part| optional(part, "Load"))?;
    }
    Ok(())
}

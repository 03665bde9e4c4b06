//! The classes of syntax tree nodes: name, base, fields in the notation of the abstract grammar. All that is known of a class
//! follows from its row: `_fields`, `_field_types`, defaults, its docstring.
//!
//! A row without fields is an abstract class, to which the classes that name it as their base belong.

/// The classes.
#[rustfmt::skip]
pub const NODES: &[(&str, &str, Option<&str>)] = &[
    ("mod", "AST", None),
    ("Module", "mod", Some("stmt* body, type_ignore* type_ignores")),
    ("Interactive", "mod", Some("stmt* body")),
    ("Expression", "mod", Some("expr body")),
    ("FunctionType", "mod", Some("expr* argtypes, expr returns")),
    ("stmt", "AST", None),
    ("FunctionDef", "stmt", Some("identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params")),
    ("AsyncFunctionDef", "stmt", Some("identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment, type_param* type_params")),
    ("ClassDef", "stmt", Some("identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list, type_param* type_params")),
    ("Return", "stmt", Some("expr? value")),
    ("Delete", "stmt", Some("expr* targets")),
    ("Assign", "stmt", Some("expr* targets, expr value, string? type_comment")),
    ("TypeAlias", "stmt", Some("expr name, type_param* type_params, expr value")),
    ("AugAssign", "stmt", Some("expr target, operator op, expr value")),
    ("AnnAssign", "stmt", Some("expr target, expr annotation, expr? value, int simple")),
    ("For", "stmt", Some("expr target, expr iter, stmt* body, stmt* orelse, string? type_comment")),
    ("AsyncFor", "stmt", Some("expr target, expr iter, stmt* body, stmt* orelse, string? type_comment")),
    ("While", "stmt", Some("expr test, stmt* body, stmt* orelse")),
    ("If", "stmt", Some("expr test, stmt* body, stmt* orelse")),
    ("With", "stmt", Some("withitem* items, stmt* body, string? type_comment")),
    ("AsyncWith", "stmt", Some("withitem* items, stmt* body, string? type_comment")),
    ("Match", "stmt", Some("expr subject, match_case* cases")),
    ("Raise", "stmt", Some("expr? exc, expr? cause")),
    ("Try", "stmt", Some("stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody")),
    ("TryStar", "stmt", Some("stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody")),
    ("Assert", "stmt", Some("expr test, expr? msg")),
    ("Import", "stmt", Some("alias* names")),
    ("ImportFrom", "stmt", Some("identifier? module, alias* names, int? level")),
    ("Global", "stmt", Some("identifier* names")),
    ("Nonlocal", "stmt", Some("identifier* names")),
    ("Expr", "stmt", Some("expr value")),
    ("Pass", "stmt", Some("")),
    ("Break", "stmt", Some("")),
    ("Continue", "stmt", Some("")),
    ("expr", "AST", None),
    ("BoolOp", "expr", Some("boolop op, expr* values")),
    ("NamedExpr", "expr", Some("expr target, expr value")),
    ("BinOp", "expr", Some("expr left, operator op, expr right")),
    ("UnaryOp", "expr", Some("unaryop op, expr operand")),
    ("Lambda", "expr", Some("arguments args, expr body")),
    ("IfExp", "expr", Some("expr test, expr body, expr orelse")),
    ("Dict", "expr", Some("expr?* keys, expr* values")),
    ("Set", "expr", Some("expr* elts")),
    ("ListComp", "expr", Some("expr elt, comprehension* generators")),
    ("SetComp", "expr", Some("expr elt, comprehension* generators")),
    ("DictComp", "expr", Some("expr key, expr value, comprehension* generators")),
    ("GeneratorExp", "expr", Some("expr elt, comprehension* generators")),
    ("Await", "expr", Some("expr value")),
    ("Yield", "expr", Some("expr? value")),
    ("YieldFrom", "expr", Some("expr value")),
    ("Compare", "expr", Some("expr left, cmpop* ops, expr* comparators")),
    ("Call", "expr", Some("expr func, expr* args, keyword* keywords")),
    ("FormattedValue", "expr", Some("expr value, int conversion, expr? format_spec")),
    ("Interpolation", "expr", Some("expr value, constant str, int conversion, expr? format_spec")),
    ("JoinedStr", "expr", Some("expr* values")),
    ("TemplateStr", "expr", Some("expr* values")),
    ("Constant", "expr", Some("constant value, string? kind")),
    ("Attribute", "expr", Some("expr value, identifier attr, expr_context ctx")),
    ("Subscript", "expr", Some("expr value, expr slice, expr_context ctx")),
    ("Starred", "expr", Some("expr value, expr_context ctx")),
    ("Name", "expr", Some("identifier id, expr_context ctx")),
    ("List", "expr", Some("expr* elts, expr_context ctx")),
    ("Tuple", "expr", Some("expr* elts, expr_context ctx")),
    ("Slice", "expr", Some("expr? lower, expr? upper, expr? step")),
    ("expr_context", "AST", None),
    ("Load", "expr_context", Some("")),
    ("Store", "expr_context", Some("")),
    ("Del", "expr_context", Some("")),
    ("boolop", "AST", None),
    ("And", "boolop", Some("")),
    ("Or", "boolop", Some("")),
    ("operator", "AST", None),
    ("Add", "operator", Some("")),
    ("Sub", "operator", Some("")),
    ("Mult", "operator", Some("")),
    ("MatMult", "operator", Some("")),
    ("Div", "operator", Some("")),
    ("Mod", "operator", Some("")),
    ("Pow", "operator", Some("")),
    ("LShift", "operator", Some("")),
    ("RShift", "operator", Some("")),
    ("BitOr", "operator", Some("")),
    ("BitXor", "operator", Some("")),
    ("BitAnd", "operator", Some("")),
    ("FloorDiv", "operator", Some("")),
    ("unaryop", "AST", None),
    ("Invert", "unaryop", Some("")),
    ("Not", "unaryop", Some("")),
    ("UAdd", "unaryop", Some("")),
    ("USub", "unaryop", Some("")),
    ("cmpop", "AST", None),
    ("Eq", "cmpop", Some("")),
    ("NotEq", "cmpop", Some("")),
    ("Lt", "cmpop", Some("")),
    ("LtE", "cmpop", Some("")),
    ("Gt", "cmpop", Some("")),
    ("GtE", "cmpop", Some("")),
    ("Is", "cmpop", Some("")),
    ("IsNot", "cmpop", Some("")),
    ("In", "cmpop", Some("")),
    ("NotIn", "cmpop", Some("")),
    ("comprehension", "AST", Some("expr target, expr iter, expr* ifs, int is_async")),
    ("excepthandler", "AST", None),
    ("ExceptHandler", "excepthandler", Some("expr? type, identifier? name, stmt* body")),
    ("arguments", "AST", Some("arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr?* kw_defaults, arg? kwarg, expr* defaults")),
    ("arg", "AST", Some("identifier arg, expr? annotation, string? type_comment")),
    ("keyword", "AST", Some("identifier? arg, expr value")),
    ("alias", "AST", Some("identifier name, identifier? asname")),
    ("withitem", "AST", Some("expr context_expr, expr? optional_vars")),
    ("match_case", "AST", Some("pattern pattern, expr? guard, stmt* body")),
    ("pattern", "AST", None),
    ("MatchValue", "pattern", Some("expr value")),
    ("MatchSingleton", "pattern", Some("constant value")),
    ("MatchSequence", "pattern", Some("pattern* patterns")),
    ("MatchMapping", "pattern", Some("expr* keys, pattern* patterns, identifier? rest")),
    ("MatchClass", "pattern", Some("expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns")),
    ("MatchStar", "pattern", Some("identifier? name")),
    ("MatchAs", "pattern", Some("pattern? pattern, identifier? name")),
    ("MatchOr", "pattern", Some("pattern* patterns")),
    ("type_ignore", "AST", None),
    ("TypeIgnore", "type_ignore", Some("int lineno, string tag")),
    ("type_param", "AST", None),
    ("TypeVar", "type_param", Some("identifier name, expr? bound, expr? default_value")),
    ("ParamSpec", "type_param", Some("identifier name, expr? default_value")),
    ("TypeVarTuple", "type_param", Some("identifier name, expr? default_value")),
];

/// The classes whose nodes have a place in the source, and whether the end of it may be left out.
pub const PLACED: &[(&str, bool)] = &[
    ("stmt", true),
    ("expr", true),
    ("excepthandler", true),
    ("arg", true),
    ("keyword", true),
    ("alias", true),
    ("pattern", false),
    ("type_param", false),
];

/// The attributes that tell the place.
pub const PLACE: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// How often a field occurs in a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occurrence {
    /// Once.
    One,
    /// Once, or None.
    Optional,
    /// A list.
    Many,
}

/// A field of a node.
#[derive(Clone, Copy, Debug)]
pub struct NodeField {
    /// Its name.
    pub name: &'static str,
    /// Its type in the grammar.
    pub sort: &'static str,
    /// How often it occurs.
    pub occurrence: Occurrence,
}

/// The fields of a row.
pub fn fields(row: &'static str) -> impl Iterator<Item = NodeField> {
    row.split(", ").filter(|field| !field.is_empty()).map(|field| {
        let (sort, name) = field.split_once(' ').unwrap_or(("", field));
        let occurrence = match sort {
            _ if sort.ends_with('*') => Occurrence::Many,
            _ if sort.ends_with('?') => Occurrence::Optional,
            _ => Occurrence::One,
        };
        NodeField { name, sort: sort.trim_end_matches(['*', '?']), occurrence }
    })
}

/// The docstring of a class: its rule in the grammar.
pub fn rule(name: &str, row: Option<&str>) -> String {
    let signature = |name: &str, row: &str| if row.is_empty() { name.to_string() } else { format!("{name}({row})") };
    let Some(row) = row else {
        let members = NODES.iter().filter(|(_, base, _)| *base == name);
        let plain = members.clone().all(|(.., row)| row.is_none_or(str::is_empty));
        let members: Vec<String> = members.map(|(name, _, row)| signature(name, row.unwrap_or(""))).collect();
        let separator = if plain { " | ".to_string() } else { format!("\n{}| ", " ".repeat(name.len() + 1)) };
        return format!("{name} = {}", members.join(&separator));
    };
    signature(name, row)
}

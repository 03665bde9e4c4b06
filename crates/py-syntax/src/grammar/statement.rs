//! Statements and what only they have.

use super::{Converter, Item, name, optional_name, start_of};
use crate::ast::{self, ExceptHandler, Ranged, Stmt, TextRange, TextSize, TypeParam};

impl Converter<'_> {
    pub(super) fn body(&self, body: &[Stmt]) -> Item {
        Item::List(body.iter().map(|statement| self.statement(statement)).collect())
    }

    /// A definition without its decorators.
    fn definition(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        decorators.last().map_or(range, |last| TextRange::new(self.next_token(last.range().end()), range.end()))
    }

    /// A compound statement ends behind the semicolon that its last line ends in.
    fn with_semicolon(&self, range: TextRange) -> TextRange {
        let rest = self.source.get(range.end().to_usize()..).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t', '\x0c']);
        match trimmed.starts_with(';') {
            true => TextRange::new(range.start(), range.end() + TextSize::new((rest.len() - trimmed.len()) as u32 + 1)),
            false => range,
        }
    }

    fn statement(&self, statement: &Stmt) -> Item {
        let range = match statement {
            Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::With(_)
            | Stmt::Try(_)
            | Stmt::Match(_) => self.with_semicolon(statement.range()),
            _ => statement.range(),
        };
        let of = |class, fields| self.node(class, range, fields);
        match statement {
            Stmt::FunctionDef(node) => {
                let class = if node.is_async { "AsyncFunctionDef" } else { "FunctionDef" };
                let decorators = node.decorator_list.iter().map(|item| self.expression(&item.expression)).collect();
                let fields = vec![
                    name(&node.name),
                    self.parameters(Some(&node.parameters)),
                    self.body(&node.body),
                    Item::List(decorators),
                    self.optional(node.returns.as_deref()),
                    Item::None,
                    self.type_parameters(node.type_params.as_deref()),
                ];
                self.node(class, self.definition(range, &node.decorator_list), fields)
            }
            Stmt::ClassDef(node) => {
                let decorators = node.decorator_list.iter().map(|item| self.expression(&item.expression)).collect();
                let (bases, keywords) = match &node.arguments {
                    Some(arguments) => (self.expressions(&arguments.args), self.keywords(&arguments.keywords)),
                    None => (Item::List(Vec::new()), Item::List(Vec::new())),
                };
                let fields = vec![
                    name(&node.name),
                    bases,
                    keywords,
                    self.body(&node.body),
                    Item::List(decorators),
                    self.type_parameters(node.type_params.as_deref()),
                ];
                self.node("ClassDef", self.definition(range, &node.decorator_list), fields)
            }
            Stmt::Return(node) => of("Return", vec![self.optional(node.value.as_deref())]),
            Stmt::Delete(node) => of("Delete", vec![self.expressions(&node.targets)]),
            Stmt::TypeAlias(node) => {
                let parameters = self.type_parameters(node.type_params.as_deref());
                of("TypeAlias", vec![self.expression(&node.name), parameters, self.expression(&node.value)])
            }
            Stmt::Assign(node) => {
                of("Assign", vec![self.expressions(&node.targets), self.expression(&node.value), Item::None])
            }
            Stmt::AugAssign(node) => {
                let operator = Item::Singleton(super::expression::operator(node.op));
                of("AugAssign", vec![self.expression(&node.target), operator, self.expression(&node.value)])
            }
            Stmt::AnnAssign(node) => {
                let simple = node.target.is_name_expr() && start_of(&*node.target) == range.start();
                let value = self.optional(node.value.as_deref());
                let (target, annotation) = (self.expression(&node.target), self.expression(&node.annotation));
                of("AnnAssign", vec![target, annotation, value, Item::Int(i64::from(simple))])
            }
            Stmt::For(node) => {
                let class = if node.is_async { "AsyncFor" } else { "For" };
                let (target, iterable) = (self.expression(&node.target), self.expression(&node.iter));
                of(class, vec![target, iterable, self.body(&node.body), self.body(&node.orelse), Item::None])
            }
            Stmt::While(node) => {
                of("While", vec![self.expression(&node.test), self.body(&node.body), self.body(&node.orelse)])
            }
            Stmt::If(node) => {
                let otherwise = self.clauses(&node.elif_else_clauses, range);
                of("If", vec![self.expression(&node.test), self.body(&node.body), otherwise])
            }
            Stmt::With(node) => {
                let class = if node.is_async { "AsyncWith" } else { "With" };
                let item = |item: &ast::WithItem| {
                    let fields =
                        vec![self.expression(&item.context_expr), self.optional(item.optional_vars.as_deref())];
                    self.unplaced("withitem", fields)
                };
                let items = Item::List(node.items.iter().map(item).collect());
                of(class, vec![items, self.body(&node.body), Item::None])
            }
            Stmt::Match(node) => {
                let case = |case: &ast::MatchCase| {
                    let guard = self.optional(case.guard.as_deref());
                    self.unplaced("match_case", vec![self.pattern(&case.pattern), guard, self.body(&case.body)])
                };
                let cases = Item::List(node.cases.iter().map(case).collect());
                of("Match", vec![self.expression(&node.subject), cases])
            }
            Stmt::Raise(node) => {
                of("Raise", vec![self.optional(node.exc.as_deref()), self.optional(node.cause.as_deref())])
            }
            Stmt::Try(node) => {
                let class = if node.is_star { "TryStar" } else { "Try" };
                let handlers = Item::List(node.handlers.iter().map(|handler| self.handler(handler)).collect());
                let body = self.body(&node.body);
                of(class, vec![body, handlers, self.body(&node.orelse), self.body(&node.finalbody)])
            }
            Stmt::Assert(node) => of("Assert", vec![self.expression(&node.test), self.optional(node.msg.as_deref())]),
            Stmt::Import(node) => of("Import", vec![self.aliases(&node.names)]),
            Stmt::ImportFrom(node) => {
                let module = optional_name(node.module.as_ref());
                of("ImportFrom", vec![module, self.aliases(&node.names), Item::Int(i64::from(node.level))])
            }
            Stmt::Global(node) => of("Global", vec![Item::List(node.names.iter().map(name).collect())]),
            Stmt::Nonlocal(node) => of("Nonlocal", vec![Item::List(node.names.iter().map(name).collect())]),
            Stmt::Expr(node) => of("Expr", vec![self.expression(&node.value)]),
            Stmt::Break(_) => of("Break", Vec::new()),
            Stmt::Continue(_) => of("Continue", Vec::new()),
            // Commands of notebooks are not parsed in the modes used here.
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => of("Pass", Vec::new()),
        }
    }

    /// The `elif` and `else` clauses of an `if` statement: an `elif` is an `if` statement of its own.
    fn clauses(&self, clauses: &[ast::ElifElseClause], whole: TextRange) -> Item {
        let Some((first, rest)) = clauses.split_first() else { return Item::List(Vec::new()) };
        let Some(test) = &first.test else { return self.body(&first.body) };
        let range = TextRange::new(first.range().start(), whole.end());
        let fields = vec![self.expression(test), self.body(&first.body), self.clauses(rest, whole)];
        Item::List(vec![self.node("If", range, fields)])
    }

    fn handler(&self, handler: &ExceptHandler) -> Item {
        let ExceptHandler::ExceptHandler(handler) = handler;
        let fields = vec![
            self.optional(handler.type_.as_deref()),
            optional_name(handler.name.as_ref()),
            self.body(&handler.body),
        ];
        self.node("ExceptHandler", self.with_semicolon(handler.range()), fields)
    }

    fn aliases(&self, aliases: &[ast::Alias]) -> Item {
        let alias = |alias: &ast::Alias| {
            self.node("alias", alias.range(), vec![name(&alias.name), optional_name(alias.asname.as_ref())])
        };
        Item::List(aliases.iter().map(alias).collect())
    }

    fn type_parameters(&self, parameters: Option<&ast::TypeParams>) -> Item {
        let Some(parameters) = parameters else { return Item::List(Vec::new()) };
        let parameter = |parameter: &TypeParam| {
            let range = parameter.range();
            match parameter {
                TypeParam::TypeVar(node) => {
                    let fields = vec![
                        name(&node.name),
                        self.optional(node.bound.as_deref()),
                        self.optional(node.default.as_deref()),
                    ];
                    self.node("TypeVar", range, fields)
                }
                TypeParam::ParamSpec(node) => {
                    self.node("ParamSpec", range, vec![name(&node.name), self.optional(node.default.as_deref())])
                }
                TypeParam::TypeVarTuple(node) => {
                    self.node("TypeVarTuple", range, vec![name(&node.name), self.optional(node.default.as_deref())])
                }
            }
        };
        Item::List(parameters.type_params.iter().map(parameter).collect())
    }
}

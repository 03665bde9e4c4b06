//! First pass: one walk over the tree that notes how names are used in each scope.

use py_syntax::ast::{self, Expr, Ranged, Stmt, TextRange, TextSize};

mod definitions;
mod expressions;

use std::rc::Rc;

use super::{Mangling, Role, Scope, ScopeId, ScopeKind, ScopeTree, Usage, address, mangle};
use crate::error::{Outcome, fail};

/// The scopes of a module or of an expression, their names not yet resolved.
pub(crate) fn collect(
    body: &[Stmt],
    expression: Option<&Expr>,
    future_annotations: bool,
    top_level_await: bool,
) -> Outcome<ScopeTree> {
    let mut collector = Collector {
        tree: ScopeTree::default(),
        current: ScopeTree::ROOT,
        future_annotations,
        conditional: 0,
        class: None,
        iterables: 0,
        type_expression: "a type alias",
        comprehension_name: "list comprehension",
        top_level_await,
    };
    collector.push_scope(ScopeKind::Module);
    collector.body(body)?;
    if let Some(expression) = expression {
        collector.expr(expression)?;
    }
    Ok(collector.tree)
}

/// The name of scopes of annotations.
pub(super) const ANNOTATE: &str = "__annotate__";

struct Collector {
    tree: ScopeTree,
    current: ScopeId,
    future_annotations: bool,
    /// Depth of statements that may not be reached, within the current module or class body.
    conditional: usize,
    class: Option<Rc<Mangling>>,
    /// How many iterables of comprehensions we are in.
    iterables: usize,
    /// What messages call the type expression we are in.
    type_expression: &'static str,
    /// What messages call the comprehension we are in.
    comprehension_name: &'static str,
    /// Whether the module may await.
    top_level_await: bool,
}

impl Collector {
    fn scope(&mut self) -> &mut Scope {
        &mut self.tree.scopes[self.current.0]
    }

    fn push_scope(&mut self, kind: ScopeKind) -> ScopeId {
        let id = ScopeId(self.tree.scopes.len());
        let parent = (id != ScopeTree::ROOT).then_some(self.current);
        let outer = parent.map(|parent| &self.tree.scopes[parent.0]);
        let annotation = matches!(kind, ScopeKind::Annotations | ScopeKind::TypeParameters | ScopeKind::TypeExpression);
        let sees_class = annotation
            && outer.is_some_and(|outer| {
                outer.kind == ScopeKind::Class || outer.kind == ScopeKind::TypeParameters && outer.sees_class
            });
        let nested = outer.is_some_and(|outer| outer.nested || outer.is_function());
        let inlined = kind == ScopeKind::Comprehension
            && outer.is_some_and(|outer| {
                matches!(
                    outer.kind,
                    ScopeKind::Module
                        | ScopeKind::Class
                        | ScopeKind::Function
                        | ScopeKind::Lambda
                        | ScopeKind::Comprehension
                        | ScopeKind::GeneratorExpression
                )
            });
        self.tree.scopes.push(Scope {
            kind,
            name: String::new(),
            of_parameter: false,
            start: None,
            idle_annotation: None,
            parent,
            children: Vec::new(),
            symbols: Vec::new(),
            index: Default::default(),
            frees: Default::default(),
            class_name: self.class.clone(),
            inlined,
            sees_class,
            nested,
            is_async: false,
            has_yield: false,
            has_await: false,
            needs_class_cell: false,
            needs_class_dict: false,
            needs_conditional_cell: false,
            annotations: Vec::new(),
            walrus_targets: Default::default(),
        });
        if let Some(parent) = parent {
            self.tree.scopes[parent.0].children.push(id);
        }
        if sees_class {
            self.tree.scopes[id.0].symbol_mut("__classdict__").usage.used = true;
        }
        self.current = id;
        id
    }

    /// Runs `inside` in a new scope that belongs to a node.
    fn within<T>(
        &mut self,
        node: &T,
        role: Role,
        kind: ScopeKind,
        (name, start): (&str, TextSize),
        inside: impl FnOnce(&mut Self) -> Outcome<()>,
    ) -> Outcome<ScopeId> {
        let (outer, conditional) = (self.current, std::mem::take(&mut self.conditional));
        let id = self.push_scope(kind);
        self.scope().name = name.to_string();
        self.scope().start = Some(start);
        self.tree.by_node.insert((address(node), role), id);
        let outcome = inside(self);
        self.current = outer;
        self.conditional = conditional;
        outcome.map(|()| id)
    }

    fn note(&mut self, name: &str, change: impl FnOnce(&mut Usage)) {
        let name = mangle(self.class.as_deref(), name).into_owned();
        change(&mut self.scope().symbol_mut(&name).usage);
    }

    fn bind(&mut self, name: &str, range: TextRange) -> Outcome<()> {
        not_debug("assign to", name, range)?;
        self.note(name, |usage| {
            usage.bound = true;
            usage.assigned = true;
        });
        Ok(())
    }

    /// Binds a name to what is imported.
    fn import(&mut self, name: &str, range: TextRange) -> Outcome<()> {
        not_debug("assign to", name, range)?;
        self.note(name, |usage| {
            usage.bound = true;
            usage.imported = true;
        });
        Ok(())
    }

    fn body(&mut self, statements: &[Stmt]) -> Outcome<()> {
        statements.iter().try_for_each(|statement| self.stmt(statement))
    }

    /// A body that may not be reached.
    fn branch(&mut self, statements: &[Stmt]) -> Outcome<()> {
        self.conditional += 1;
        let outcome = self.body(statements);
        self.conditional -= 1;
        outcome
    }

    fn exprs<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>) -> Outcome<()> {
        expressions.into_iter().try_for_each(|expression| self.expr(expression))
    }

    fn option(&mut self, expression: &Option<Box<Expr>>) -> Outcome<()> {
        expression.as_deref().map_or(Ok(()), |expression| self.expr(expression))
    }

    fn stmt(&mut self, statement: &Stmt) -> Outcome<()> {
        match statement {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::TypeAlias(alias) => self.type_alias(alias),
            Stmt::Return(node) => self.option(&node.value),
            Stmt::Delete(node) => self.exprs(&node.targets),
            Stmt::Assign(node) => {
                self.expr(&node.value)?;
                self.exprs(&node.targets)
            }
            Stmt::AugAssign(node) => {
                self.expr(&node.target)?;
                self.expr(&node.value)
            }
            Stmt::AnnAssign(node) => self.annotated(node),
            Stmt::For(node) => {
                if node.is_async {
                    self.async_statement("async for", node.range)?;
                }
                self.expr(&node.iter)?;
                self.expr(&node.target)?;
                self.branch(&node.body)?;
                self.branch(&node.orelse)
            }
            Stmt::While(node) => {
                self.expr(&node.test)?;
                self.branch(&node.body)?;
                self.branch(&node.orelse)
            }
            Stmt::If(node) => {
                self.expr(&node.test)?;
                self.branch(&node.body)?;
                for clause in &node.elif_else_clauses {
                    self.exprs(&clause.test)?;
                    self.branch(&clause.body)?;
                }
                Ok(())
            }
            Stmt::With(node) => {
                if node.is_async {
                    self.async_statement("async with", node.range)?;
                }
                for item in &node.items {
                    self.expr(&item.context_expr)?;
                    self.option(&item.optional_vars)?;
                }
                self.branch(&node.body)
            }
            Stmt::Match(node) => {
                self.expr(&node.subject)?;
                for case in &node.cases {
                    self.pattern(&case.pattern)?;
                    self.option(&case.guard)?;
                    self.branch(&case.body)?;
                }
                Ok(())
            }
            Stmt::Raise(node) => {
                self.option(&node.exc)?;
                self.option(&node.cause)
            }
            Stmt::Try(node) => {
                self.branch(&node.body)?;
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    self.option(&handler.type_)?;
                    if let Some(name) = &handler.name {
                        self.bind(&name.id, name.range)?;
                    }
                    self.branch(&handler.body)?;
                }
                self.branch(&node.orelse)?;
                self.branch(&node.finalbody)
            }
            Stmt::Assert(node) => {
                self.expr(&node.test)?;
                self.option(&node.msg)
            }
            Stmt::Import(node) => {
                for alias in &node.names {
                    let full = alias.name.id.as_str();
                    let name = match &alias.asname {
                        Some(name) => name.id.as_str(),
                        None => full.split('.').next().unwrap_or(full),
                    };
                    self.import(name, alias.range)?;
                }
                Ok(())
            }
            Stmt::ImportFrom(node) => {
                for alias in &node.names {
                    if alias.name.id.as_str() == "*" {
                        if self.scope().kind != ScopeKind::Module {
                            return fail("import * only allowed at module level", alias.range);
                        }
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.import(&name.id, alias.range)?;
                }
                Ok(())
            }
            Stmt::Global(node) => node.names.iter().try_for_each(|name| self.declare(name, "global", node.range)),
            Stmt::Nonlocal(node) => {
                if self.scope().kind == ScopeKind::Module {
                    return fail("nonlocal declaration not allowed at module level", node.range);
                }
                node.names.iter().try_for_each(|name| self.declare(name, "nonlocal", node.range))
            }
            Stmt::Expr(node) => self.expr(&node.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) => Ok(()),
            Stmt::IpyEscapeCommand(node) => fail("invalid syntax", node.range),
        }
    }

    /// A statement that awaits.
    fn async_statement(&mut self, statement: &str, range: TextRange) -> Outcome<()> {
        self.await_here(range).or_else(|_| fail(format!("'{statement}' outside async function"), range))
    }

    /// `global` or `nonlocal`.
    fn declare(&mut self, name: &ast::Identifier, word: &str, range: TextRange) -> Outcome<()> {
        let mangled = mangle(self.class.as_deref(), &name.id).into_owned();
        let usage = self.scope().symbol_mut(&mangled).usage;
        if word == "global" {
            // Wherever it is declared, the module's own variable is meant, also where the module's namespace is not the globals.
            self.tree.scopes[ScopeTree::ROOT.0].symbol_mut(&mangled).usage.global = true;
        }
        let complaint = match () {
            () if usage.parameter => format!("name '{}' is parameter and {word}", name.id),
            () if usage.global && word == "nonlocal" || usage.nonlocal && word == "global" => {
                return fail(format!("name '{}' is nonlocal and global", name.id), usage.declaration);
            }
            () if usage.annotated => format!("annotated name '{}' can't be {word}", name.id),
            () if usage.bound => format!("name '{}' is assigned to before {word} declaration", name.id),
            () if usage.used => format!("name '{}' is used prior to {word} declaration", name.id),
            () => {
                self.note(&name.id, |usage| {
                    usage.global |= word == "global";
                    usage.nonlocal |= word == "nonlocal";
                    usage.declaration = range;
                });
                return Ok(());
            }
        };
        fail(complaint, range)
    }

    fn annotated(&mut self, node: &ast::StmtAnnAssign) -> Outcome<()> {
        if let Expr::Name(name) = &*node.target {
            let mangled = mangle(self.class.as_deref(), &name.id).into_owned();
            let kind = self.scope().kind;
            let usage = self.scope().symbol_mut(&mangled).usage;
            if (usage.global || usage.nonlocal) && kind != ScopeKind::Module && node.simple {
                let word = if usage.global { "global" } else { "nonlocal" };
                return fail(format!("annotated name '{}' can't be {word}", name.id), node.range);
            }
            if node.simple {
                self.bind(&name.id, name.range)?;
                self.note(&name.id, |usage| usage.annotated = true);
            } else if node.value.is_some() {
                self.bind(&name.id, name.range)?;
            }
        } else {
            self.expr(&node.target)?;
        }
        let in_block = !self.scope().is_function();
        if in_block && node.simple && !self.future_annotations {
            self.block_annotation(node)?;
        } else {
            if self.scope().is_function() {
                let place = (node.annotation.start(), self.scope().children.len());
                self.scope().idle_annotation.get_or_insert(place);
            }
            self.check_annotation(&node.annotation)?;
        }
        self.option(&node.value)
    }

    /// Looks for what may not stand in an annotation, in one that is never evaluated: its names mean nothing.
    fn check_annotation(&mut self, annotation: &Expr) -> Outcome<()> {
        let (outer, conditional) = (self.current, self.conditional);
        let scopes = self.tree.scopes.len();
        let id = self.push_scope(ScopeKind::Annotations);
        let outcome = match annotation {
            Expr::Starred(starred) => self.expr(&starred.value),
            other => self.expr(other),
        };
        self.tree.scopes[outer.0].children.retain(|child| *child != id);
        self.tree.scopes.truncate(scopes);
        self.current = outer;
        self.conditional = conditional;
        outcome
    }

    /// Adds to the annotation scope of the current module or class body.
    fn block_annotation(&mut self, node: &ast::StmtAnnAssign) -> Outcome<()> {
        let (block, conditional) = (self.current, self.conditional);
        let always_conditional = self.scope().kind == ScopeKind::Module;
        self.scope().annotations.push((address(node), conditional > 0 || always_conditional));
        let key = (block.0, Role::Annotations);
        let existing = self.tree.by_node.get(&key).copied();
        let id = match existing {
            Some(id) => id,
            None => {
                let id = self.push_scope(ScopeKind::Annotations);
                self.scope().name = ANNOTATE.to_string();
                self.scope().start = Some(node.annotation.start());
                self.format_parameter();
                // Small numbers are no addresses: the block's own index names its annotation scope.
                self.tree.by_node.insert(key, id);
                id
            }
        };
        self.current = id;
        self.conditional = 0;
        let outcome = self.expr(&node.annotation);
        self.current = block;
        self.conditional = conditional;
        outcome?;
        if conditional > 0 || always_conditional {
            self.note("__conditional_annotations__", |usage| {
                usage.used = true;
                usage.bound = true;
            });
            self.current = id;
            self.note("__conditional_annotations__", |usage| usage.used = true);
            self.current = block;
        }
        Ok(())
    }
}

/// `__debug__` can be neither assigned nor deleted.
fn not_debug(what: &str, name: &str, range: TextRange) -> Outcome<()> {
    match name {
        "__debug__" => fail(format!("cannot {what} __debug__"), range),
        _ => Ok(()),
    }
}

/// The names that an assignment target binds.
pub(crate) fn bound_names<'a>(target: &'a Expr, names: &mut Vec<&'a str>) {
    match target {
        Expr::Name(name) => names.push(&name.id),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|each| bound_names(each, names)),
        Expr::List(list) => list.elts.iter().for_each(|each| bound_names(each, names)),
        Expr::Starred(starred) => bound_names(&starred.value, names),
        _ => {}
    }
}

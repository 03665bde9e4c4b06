//! First pass: one walk over the tree that notes how names are used in each scope.

use py_syntax::ast::{self, Expr, ExprContext, Pattern, Stmt, TextRange, TypeParam};

use super::{Role, Scope, ScopeId, ScopeKind, ScopeTree, Usage, address, mangle, parameter_nodes};
use crate::error::{Outcome, fail};

/// The scopes of a module or of an expression, their names not yet resolved.
pub(crate) fn collect(body: &[Stmt], expression: Option<&Expr>, future_annotations: bool) -> Outcome<ScopeTree> {
    let mut collector = Collector {
        tree: ScopeTree::default(),
        current: ScopeTree::ROOT,
        future_annotations,
        conditional: 0,
        class: None,
    };
    collector.push_scope(ScopeKind::Module);
    collector.body(body)?;
    if let Some(expression) = expression {
        collector.expr(expression)?;
    }
    Ok(collector.tree)
}

struct Collector {
    tree: ScopeTree,
    current: ScopeId,
    future_annotations: bool,
    /// Depth of statements that may not be reached, within the current module or class body.
    conditional: usize,
    class: Option<String>,
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
        inside: impl FnOnce(&mut Self) -> Outcome<()>,
    ) -> Outcome<ScopeId> {
        let (outer, conditional) = (self.current, std::mem::take(&mut self.conditional));
        let id = self.push_scope(kind);
        self.tree.by_node.insert((address(node), role), id);
        inside(self)?;
        self.current = outer;
        self.conditional = conditional;
        Ok(id)
    }

    fn note(&mut self, name: &str, change: impl FnOnce(&mut Usage)) {
        let name = mangle(self.class.as_deref(), name).into_owned();
        change(&mut self.scope().symbol_mut(&name).usage);
    }

    fn bind(&mut self, name: &str, range: TextRange) -> Outcome<()> {
        not_debug(name, range)?;
        self.note(name, |usage| usage.bound = true);
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
                if let Expr::Name(name) = &*node.target {
                    self.note(&name.id, |usage| usage.used = true);
                }
                self.expr(&node.target)?;
                self.expr(&node.value)
            }
            Stmt::AnnAssign(node) => self.annotated(node),
            Stmt::For(node) => {
                if node.is_async {
                    self.await_here(node.range)?;
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
                    self.await_here(node.range)?;
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
                    self.bind(name, alias.range)?;
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
                    self.bind(&name.id, alias.range)?;
                }
                Ok(())
            }
            Stmt::Global(node) => node.names.iter().try_for_each(|name| self.declare(name, "global")),
            Stmt::Nonlocal(node) => {
                if self.scope().kind == ScopeKind::Module {
                    return fail("nonlocal declaration not allowed at module level", node.range);
                }
                node.names.iter().try_for_each(|name| self.declare(name, "nonlocal"))
            }
            Stmt::Expr(node) => self.expr(&node.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) => Ok(()),
            Stmt::IpyEscapeCommand(node) => fail("invalid syntax", node.range),
        }
    }

    /// `global` or `nonlocal`.
    fn declare(&mut self, name: &ast::Identifier, word: &str) -> Outcome<()> {
        let mangled = mangle(self.class.as_deref(), &name.id).into_owned();
        let usage = self.scope().symbol_mut(&mangled).usage;
        let complaint = match () {
            () if usage.parameter => format!("name '{}' is parameter and {word}", name.id),
            () if usage.global && word == "nonlocal" || usage.nonlocal && word == "global" => {
                format!("name '{}' is nonlocal and global", name.id)
            }
            () if usage.annotated => format!("annotated name '{}' can't be {word}", name.id),
            () if usage.bound => format!("name '{}' is assigned to before {word} declaration", name.id),
            () if usage.used => format!("name '{}' is used prior to {word} declaration", name.id),
            () => {
                self.note(&name.id, |usage| {
                    usage.global |= word == "global";
                    usage.nonlocal |= word == "nonlocal";
                    usage.declaration = name.range;
                });
                return Ok(());
            }
        };
        fail(complaint, name.range)
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
        }
        self.option(&node.value)
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

    fn function(&mut self, def: &ast::StmtFunctionDef) -> Outcome<()> {
        self.exprs(def.decorator_list.iter().map(|decorator| &decorator.expression))?;
        self.defaults(&def.parameters)?;
        self.bind(&def.name.id, def.name.range)?;
        match &def.type_params {
            Some(type_params) => {
                self.within(&**type_params, Role::TypeParameters, ScopeKind::TypeParameters, |this| {
                    this.hidden_parameters(&def.parameters);
                    this.type_parameters(type_params)?;
                    this.function_itself(def)
                })?;
                Ok(())
            }
            None => self.function_itself(def),
        }
    }

    /// A generic function's type-parameter scope receives the defaults, which are evaluated outside of it.
    fn hidden_parameters(&mut self, parameters: &ast::Parameters) {
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for (name, mut with_defaults) in
            [(".defaults", positional.collect::<Vec<_>>()), (".kwdefaults", parameters.kwonlyargs.iter().collect())]
        {
            with_defaults.retain(|each| each.default.is_some());
            if !with_defaults.is_empty() {
                self.note(name, |usage| {
                    usage.parameter = true;
                    usage.bound = true;
                });
            }
        }
    }

    fn function_itself(&mut self, def: &ast::StmtFunctionDef) -> Outcome<()> {
        let annotations: Vec<&Expr> = parameter_nodes(&def.parameters)
            .filter_map(|parameter| parameter.annotation.as_deref())
            .chain(def.returns.as_deref())
            .collect();
        if !annotations.is_empty() {
            self.within(def, Role::Annotations, ScopeKind::Annotations, |this| {
                this.format_parameter();
                if this.future_annotations {
                    // They become texts; their names mean nothing.
                    return Ok(());
                }
                this.exprs(annotations.iter().map(|annotation| match annotation {
                    Expr::Starred(starred) => &*starred.value,
                    other => other,
                }))
            })?;
        }
        self.within(def, Role::Body, ScopeKind::Function, |this| {
            this.scope().is_async = def.is_async;
            this.parameters(&def.parameters)?;
            this.body(&def.body)
        })?;
        Ok(())
    }

    fn defaults(&mut self, parameters: &ast::Parameters) -> Outcome<()> {
        let all = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        all.into_iter().try_for_each(|each| self.option(&each.default))
    }

    fn parameters(&mut self, parameters: &ast::Parameters) -> Outcome<()> {
        for parameter in parameter_nodes(parameters) {
            let name = parameter.name.id.as_str();
            let mangled = mangle(self.class.as_deref(), name).into_owned();
            if self.scope().symbol_mut(&mangled).usage.parameter {
                return fail(format!("duplicate parameter '{name}' in function definition"), parameter.range);
            }
            self.bind(name, parameter.range)?;
            self.note(name, |usage| usage.parameter = true);
        }
        Ok(())
    }

    fn class_def(&mut self, def: &ast::StmtClassDef) -> Outcome<()> {
        self.exprs(def.decorator_list.iter().map(|decorator| &decorator.expression))?;
        self.bind(&def.name.id, def.name.range)?;
        match &def.type_params {
            Some(type_params) => {
                let outer = self.class.replace(def.name.id.to_string());
                let outcome = self.within(&**type_params, Role::TypeParameters, ScopeKind::TypeParameters, |this| {
                    for name in [".type_params", ".generic_base"] {
                        this.note(name, |usage| {
                            usage.bound = true;
                            usage.used = true;
                        });
                    }
                    this.type_parameters(type_params)?;
                    this.class_itself(def)
                });
                self.class = outer;
                outcome.map(drop)
            }
            None => self.class_itself(def),
        }
    }

    fn class_itself(&mut self, def: &ast::StmtClassDef) -> Outcome<()> {
        if let Some(arguments) = &def.arguments {
            self.arguments(arguments)?;
        }
        let outer = self.class.replace(def.name.id.to_string());
        let outcome = self.within(def, Role::Body, ScopeKind::Class, |this| {
            if def.type_params.is_some() {
                this.note(".type_params", |usage| usage.used = true);
                this.note("__type_params__", |usage| usage.bound = true);
            }
            this.body(&def.body)
        });
        self.class = outer;
        outcome.map(drop)
    }

    fn type_alias(&mut self, alias: &ast::StmtTypeAlias) -> Outcome<()> {
        self.expr(&alias.name)?;
        let value = |this: &mut Self| {
            this.within(alias, Role::Body, ScopeKind::TypeExpression, |this| {
                this.format_parameter();
                this.expr(&alias.value)
            })
            .map(drop)
        };
        match &alias.type_params {
            Some(type_params) => self
                .within(&**type_params, Role::TypeParameters, ScopeKind::TypeParameters, |this| {
                    this.type_parameters(type_params)?;
                    value(this)
                })
                .map(drop),
            None => value(self),
        }
    }

    fn format_parameter(&mut self) {
        self.note(".format", |usage| {
            usage.parameter = true;
            usage.bound = true;
        });
    }

    fn type_parameters(&mut self, type_params: &ast::TypeParams) -> Outcome<()> {
        for parameter in &type_params.type_params {
            let (name, bound, default) = match parameter {
                TypeParam::TypeVar(node) => (&node.name, node.bound.as_deref(), node.default.as_deref()),
                TypeParam::TypeVarTuple(node) => (&node.name, None, node.default.as_deref()),
                TypeParam::ParamSpec(node) => (&node.name, None, node.default.as_deref()),
            };
            let mangled = mangle(self.class.as_deref(), &name.id).into_owned();
            if self.scope().symbol_mut(&mangled).usage.bound {
                return fail(format!("duplicate type parameter '{}'", name.id), name.range);
            }
            self.bind(&name.id, name.range)?;
            for (role, expression) in [(Role::Body, bound), (Role::Default, default)] {
                if let Some(expression) = expression {
                    self.within(parameter, role, ScopeKind::TypeExpression, |this| {
                        this.format_parameter();
                        match expression {
                            Expr::Starred(starred) => this.expr(&starred.value),
                            other => this.expr(other),
                        }
                    })?;
                }
            }
        }
        Ok(())
    }

    fn arguments(&mut self, arguments: &ast::Arguments) -> Outcome<()> {
        self.exprs(&arguments.args)?;
        for name in arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref()) {
            not_debug(&name.id, name.range)?;
        }
        self.exprs(arguments.keywords.iter().map(|keyword| &keyword.value))
    }

    fn expr(&mut self, expression: &Expr) -> Outcome<()> {
        match expression {
            Expr::Name(node) => self.name(node),
            Expr::BoolOp(node) => self.exprs(&node.values),
            Expr::Named(node) => {
                self.expr(&node.value)?;
                self.walrus(node)
            }
            Expr::BinOp(node) => {
                self.expr(&node.left)?;
                self.expr(&node.right)
            }
            Expr::UnaryOp(node) => self.expr(&node.operand),
            Expr::Lambda(node) => {
                if let Some(parameters) = &node.parameters {
                    self.defaults(parameters)?;
                }
                self.within(node, Role::Body, ScopeKind::Lambda, |this| {
                    if let Some(parameters) = &node.parameters {
                        this.parameters(parameters)?;
                    }
                    this.expr(&node.body)
                })
                .map(drop)
            }
            Expr::If(node) => {
                self.expr(&node.test)?;
                self.expr(&node.body)?;
                self.expr(&node.orelse)
            }
            Expr::Dict(node) => node.items.iter().try_for_each(|item| {
                self.exprs(&item.key)?;
                self.expr(&item.value)
            }),
            Expr::Set(node) => self.exprs(&node.elts),
            Expr::List(node) => self.exprs(&node.elts),
            Expr::Tuple(node) => self.exprs(&node.elts),
            Expr::ListComp(node) => self.comprehension(node, &node.generators, [&*node.elt], ScopeKind::Comprehension),
            Expr::SetComp(node) => self.comprehension(node, &node.generators, [&*node.elt], ScopeKind::Comprehension),
            Expr::DictComp(node) => {
                let elements = node.key.as_deref().into_iter().chain([&*node.value]);
                self.comprehension(node, &node.generators, elements, ScopeKind::Comprehension)
            }
            Expr::Generator(node) => {
                self.comprehension(node, &node.generators, [&*node.elt], ScopeKind::GeneratorExpression)
            }
            Expr::Await(node) => {
                self.await_here(node.range)?;
                self.expr(&node.value)
            }
            Expr::Yield(node) => {
                self.yield_here("yield", node.range)?;
                self.option(&node.value)
            }
            Expr::YieldFrom(node) => {
                self.yield_here("yield from", node.range)?;
                self.expr(&node.value)
            }
            Expr::Compare(node) => {
                self.expr(&node.left)?;
                self.exprs(&node.comparators)
            }
            Expr::Call(node) => {
                self.expr(&node.func)?;
                self.arguments(&node.arguments)
            }
            Expr::FString(node) => {
                for part in node.value.iter() {
                    if let ast::FStringPart::FString(part) = part {
                        self.interpolated(&part.elements)?;
                    }
                }
                Ok(())
            }
            Expr::TString(node) => node.value.iter().try_for_each(|part| self.interpolated(&part.elements)),
            Expr::Attribute(node) => {
                if node.ctx != ExprContext::Load {
                    not_debug(&node.attr.id, node.range)?;
                }
                self.expr(&node.value)
            }
            Expr::Subscript(node) => {
                self.expr(&node.value)?;
                self.expr(&node.slice)
            }
            Expr::Starred(node) => self.expr(&node.value),
            Expr::Slice(node) => {
                self.option(&node.lower)?;
                self.option(&node.upper)?;
                self.option(&node.step)
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => Ok(()),
            Expr::IpyEscapeCommand(node) => fail("invalid syntax", node.range),
        }
    }

    fn name(&mut self, node: &ast::ExprName) -> Outcome<()> {
        match node.ctx {
            ExprContext::Load | ExprContext::Invalid => {
                self.note(&node.id, |usage| usage.used = true);
                if node.id.as_str() == "super" && self.scope().is_function() {
                    self.scope().symbol_mut("__class__").usage.used = true;
                }
                Ok(())
            }
            ExprContext::Store | ExprContext::Del => self.bind(&node.id, node.range),
        }
    }

    fn interpolated(&mut self, elements: &ast::InterpolatedStringElements) -> Outcome<()> {
        for element in elements {
            if let ast::InterpolatedStringElement::Interpolation(field) = element {
                self.expr(&field.expression)?;
                if let Some(spec) = &field.format_spec {
                    self.interpolated(&spec.elements)?;
                }
            }
        }
        Ok(())
    }

    /// An assignment expression binds in the nearest scope that is no comprehension.
    fn walrus(&mut self, node: &ast::ExprNamed) -> Outcome<()> {
        let Expr::Name(target) = &*node.target else {
            return fail("cannot use assignment expressions with this target", node.range);
        };
        let what = match self.scope().kind {
            ScopeKind::Annotations => Some("an annotation"),
            ScopeKind::TypeExpression => Some("a type alias or type parameter"),
            ScopeKind::TypeParameters => Some("the definition of a generic"),
            _ => None,
        };
        if let Some(what) = what {
            return fail(format!("named expression cannot be used within {what}"), node.range);
        }
        let name = mangle(self.class.as_deref(), &target.id).into_owned();
        let here = self.current;
        let mut owner = here;
        loop {
            let scope = &mut self.tree.scopes[owner.0];
            if !matches!(scope.kind, ScopeKind::Comprehension | ScopeKind::GeneratorExpression) {
                break;
            }
            if scope.symbol(&name).is_some_and(|symbol| symbol.usage.iteration) {
                let message =
                    format!("assignment expression cannot rebind comprehension iteration variable '{}'", target.id);
                return fail(message, target.range);
            }
            owner = scope.parent.expect("the module is no comprehension");
        }
        if owner != here {
            let kind = self.tree.scopes[owner.0].kind;
            match kind {
                ScopeKind::Class => {
                    let message = "assignment expression within a comprehension cannot be used in a class body";
                    return fail(message, node.range);
                }
                ScopeKind::TypeParameters | ScopeKind::TypeExpression | ScopeKind::Annotations => {
                    return fail("assignment expression cannot be used within an annotation scope", node.range);
                }
                _ => {}
            }
            let global = kind == ScopeKind::Module
                || self.tree.scopes[owner.0].symbol(&name).is_some_and(|symbol| symbol.usage.global);
            // The comprehensions on the way refer to the owner's variable.
            let mut scope = here;
            while scope != owner {
                let each = &mut self.tree.scopes[scope.0];
                let usage = &mut each.symbol_mut(&name).usage;
                usage.global |= global;
                usage.nonlocal |= !global;
                each.walrus_targets.insert(name.clone());
                scope = each.parent.expect("the owner is above");
            }
        }
        self.current = owner;
        self.scope().walrus_targets.insert(name);
        let outcome = self.bind(&target.id, target.range);
        self.current = here;
        outcome
    }

    fn comprehension<'a, T>(
        &mut self,
        node: &T,
        generators: &[ast::Comprehension],
        elements: impl IntoIterator<Item = &'a Expr>,
        kind: ScopeKind,
    ) -> Outcome<()> {
        let Some((first, rest)) = generators.split_first() else { return Ok(()) };
        self.expr(&first.iter)?;
        let asynchronous = generators.iter().any(|generator| generator.is_async);
        let id = self.within(node, Role::Body, kind, |this| {
            if !this.scope().inlined {
                this.note(".0", |usage| {
                    usage.parameter = true;
                    usage.bound = true;
                });
            }
            if asynchronous {
                this.scope().has_await = true;
            }
            this.iteration_target(&first.target)?;
            this.exprs(&first.ifs)?;
            for generator in rest {
                this.expr(&generator.iter)?;
                this.iteration_target(&generator.target)?;
                this.exprs(&generator.ifs)?;
            }
            this.exprs(elements)
        })?;
        let inner = self.tree.get(id);
        if kind == ScopeKind::Comprehension && inner.has_await {
            // Awaits on behalf of the enclosing function, which must be able to.
            let scope = self.scope();
            if matches!(scope.kind, ScopeKind::Comprehension | ScopeKind::GeneratorExpression) {
                scope.has_await = true;
            } else if !scope.is_async && scope.kind != ScopeKind::Module {
                return fail("asynchronous comprehension outside of an asynchronous function", first.range);
            }
        }
        Ok(())
    }

    fn iteration_target(&mut self, target: &Expr) -> Outcome<()> {
        self.expr(target)?;
        let mut names = Vec::new();
        bound_names(target, &mut names);
        for name in names {
            self.note(name, |usage| usage.iteration = true);
        }
        Ok(())
    }

    fn await_here(&mut self, range: TextRange) -> Outcome<()> {
        let scope = self.scope();
        match scope.kind {
            ScopeKind::Comprehension | ScopeKind::GeneratorExpression => scope.has_await = true,
            ScopeKind::Function if scope.is_async => {}
            ScopeKind::Function | ScopeKind::Lambda => return fail("'await' outside async function", range),
            ScopeKind::Module | ScopeKind::Class => return fail("'await' outside function", range),
            _ => return fail("await expression cannot be used within an annotation", range),
        }
        Ok(())
    }

    fn yield_here(&mut self, word: &str, range: TextRange) -> Outcome<()> {
        let scope = self.scope();
        match scope.kind {
            ScopeKind::Function | ScopeKind::Lambda => scope.has_yield = true,
            ScopeKind::Comprehension => return fail(format!("'{word}' inside list comprehension"), range),
            ScopeKind::GeneratorExpression => return fail(format!("'{word}' inside generator expression"), range),
            ScopeKind::Module | ScopeKind::Class => return fail(format!("'{word}' outside function"), range),
            _ => return fail("yield expression cannot be used within an annotation", range),
        }
        if word == "yield from" && self.scope().is_async {
            return fail("'yield from' inside async function", range);
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &Pattern) -> Outcome<()> {
        match pattern {
            Pattern::MatchValue(node) => self.expr(&node.value),
            Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(node) => node.patterns.iter().try_for_each(|each| self.pattern(each)),
            Pattern::MatchMapping(node) => {
                self.exprs(&node.keys)?;
                node.patterns.iter().try_for_each(|each| self.pattern(each))?;
                node.rest.as_ref().map_or(Ok(()), |name| self.bind(&name.id, name.range))
            }
            Pattern::MatchClass(node) => {
                self.expr(&node.cls)?;
                node.arguments.patterns.iter().try_for_each(|each| self.pattern(each))?;
                node.arguments.keywords.iter().try_for_each(|each| {
                    not_debug(&each.attr.id, each.attr.range)?;
                    self.pattern(&each.pattern)
                })
            }
            Pattern::MatchStar(node) => node.name.as_ref().map_or(Ok(()), |name| self.bind(&name.id, name.range)),
            Pattern::MatchAs(node) => {
                node.pattern.as_deref().map_or(Ok(()), |each| self.pattern(each))?;
                node.name.as_ref().map_or(Ok(()), |name| self.bind(&name.id, name.range))
            }
            Pattern::MatchOr(node) => node.patterns.iter().try_for_each(|each| self.pattern(each)),
        }
    }
}

/// `__debug__` can be neither assigned nor deleted.
fn not_debug(name: &str, range: TextRange) -> Outcome<()> {
    match name {
        "__debug__" => fail("cannot assign to __debug__", range),
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

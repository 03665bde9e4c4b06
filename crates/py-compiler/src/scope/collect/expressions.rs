//! Expressions and patterns: names used and bound, comprehensions, assignment expressions.

use py_syntax::ast::{self, Expr, ExprContext, Pattern, Ranged, TextRange};

use super::{Collector, bound_names, not_debug};
use crate::{
    error::{Outcome, fail},
    scope::{Role, ScopeKind, mangle},
};

impl Collector {
    pub(super) fn arguments(&mut self, arguments: &ast::Arguments) -> Outcome<()> {
        self.exprs(&arguments.args)?;
        for name in arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref()) {
            not_debug("assign to", &name.id, name.range)?;
        }
        self.exprs(arguments.keywords.iter().map(|keyword| &keyword.value))
    }

    pub(super) fn expr(&mut self, expression: &Expr) -> Outcome<()> {
        match expression {
            Expr::Name(node) => self.name(node),
            Expr::BoolOp(node) => self.exprs(&node.values),
            Expr::Named(node) if node.target.is_ellipsis_literal_expr() => Ok(()),
            Expr::Named(node) => {
                self.check_walrus(node)?;
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
                self.within(node, Role::Body, ScopeKind::Lambda, ("lambda", node.start()), |this| {
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
            Expr::ListComp(node) => self.named_comprehension(
                "list comprehension",
                node,
                &node.generators,
                [&*node.elt],
                ScopeKind::Comprehension,
            ),
            Expr::SetComp(node) => self.named_comprehension(
                "set comprehension",
                node,
                &node.generators,
                [&*node.elt],
                ScopeKind::Comprehension,
            ),
            Expr::DictComp(node) => {
                // As in CPython, the value comes first.
                let elements = [&*node.value].into_iter().chain(node.key.as_deref());
                self.named_comprehension(
                    "dict comprehension",
                    node,
                    &node.generators,
                    elements,
                    ScopeKind::Comprehension,
                )
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
                    let what = if node.ctx == ExprContext::Del { "delete" } else { "assign to" };
                    not_debug(what, &node.attr.id, node.range)?;
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

    pub(super) fn name(&mut self, node: &ast::ExprName) -> Outcome<()> {
        match node.ctx {
            ExprContext::Load | ExprContext::Invalid => {
                self.note(&node.id, |usage| usage.used = true);
                if node.id.as_str() == "super" && self.scope().is_function() {
                    self.scope().symbol_mut("__class__").usage.used = true;
                }
                Ok(())
            }
            ExprContext::Del => {
                not_debug("delete", &node.id, node.range)?;
                self.bind(&node.id, node.range)
            }
            ExprContext::Store => self.bind(&node.id, node.range),
        }
    }

    pub(super) fn interpolated(&mut self, elements: &ast::InterpolatedStringElements) -> Outcome<()> {
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
    pub(super) fn walrus(&mut self, node: &ast::ExprNamed) -> Outcome<()> {
        let Expr::Name(target) = &*node.target else {
            return fail("cannot use assignment expressions with this target", node.range);
        };
        let name = mangle(self.class.as_deref(), &target.id).into_owned();
        self.bind_walrus(node, target, name)
    }

    /// Where no assignment expression may stand.
    fn check_walrus(&mut self, node: &ast::ExprNamed) -> Outcome<()> {
        if let Some(what) = self.annotation_like() {
            return fail(format!("named expression cannot be used within {what}"), node.range);
        }
        if self.iterables > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return fail(message, node.range);
        }
        Ok(())
    }

    /// What messages call the scope, if it is one that evaluates annotations or the like.
    fn annotation_like(&mut self) -> Option<&'static str> {
        match self.scope().kind {
            ScopeKind::Annotations => Some("an annotation"),
            ScopeKind::TypeExpression => Some(self.type_expression),
            ScopeKind::TypeParameters => Some("the definition of a generic"),
            _ => None,
        }
    }

    fn bind_walrus(&mut self, node: &ast::ExprNamed, target: &ast::ExprName, name: String) -> Outcome<()> {
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
                    return fail(message, target.range);
                }
                ScopeKind::TypeParameters => {
                    let message = "assignment expression within a comprehension cannot be used within the definition of a generic";
                    return fail(message, target.range);
                }
                ScopeKind::TypeExpression => {
                    let what = self.type_expression;
                    let message = format!("assignment expression within a comprehension cannot be used in {what}");
                    return fail(message, target.range);
                }
                ScopeKind::Annotations => {
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
        let outcome = match owner != here && self.scope().kind == ScopeKind::Module {
            // As in CPython, the comprehension declares the module's name as global.
            true => not_debug("assign to", &target.id, target.range)
                .map(|()| self.note(&target.id, |usage| usage.global = true)),
            false => self.bind(&target.id, target.range),
        };
        self.current = here;
        outcome
    }

    /// A comprehension other than a generator expression, by what messages call it.
    fn named_comprehension<'a, T: Ranged>(
        &mut self,
        name: &'static str,
        node: &T,
        generators: &[ast::Comprehension],
        elements: impl IntoIterator<Item = &'a Expr>,
        kind: ScopeKind,
    ) -> Outcome<()> {
        let outer = std::mem::replace(&mut self.comprehension_name, name);
        let outcome = self.comprehension(node, generators, elements, kind);
        self.comprehension_name = outer;
        outcome
    }

    pub(super) fn comprehension<'a, T: Ranged>(
        &mut self,
        node: &T,
        generators: &[ast::Comprehension],
        elements: impl IntoIterator<Item = &'a Expr>,
        kind: ScopeKind,
    ) -> Outcome<()> {
        let Some((first, rest)) = generators.split_first() else { return Ok(()) };
        self.iterable(&first.iter)?;
        let asynchronous = generators.iter().any(|generator| generator.is_async);
        let name = match (kind, self.comprehension_name) {
            (ScopeKind::GeneratorExpression, _) => "genexpr",
            (_, "set comprehension") => "setcomp",
            (_, "dict comprehension") => "dictcomp",
            _ => "listcomp",
        };
        let id = self.within(node, Role::Body, kind, (name, node.start()), |this| {
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
                this.iterable(&generator.iter)?;
                this.iteration_target(&generator.target)?;
                this.exprs(&generator.ifs)?;
            }
            this.exprs(elements)
        })?;
        let inner = self.tree.get(id);
        if kind == ScopeKind::Comprehension && inner.has_await {
            // Awaits on behalf of the enclosing function, which must be able to.
            let top_level_await = self.top_level_await;
            let scope = self.scope();
            let passes_on = matches!(scope.kind, ScopeKind::Comprehension | ScopeKind::GeneratorExpression);
            if passes_on || scope.kind == ScopeKind::Module && top_level_await {
                scope.has_await = true;
            } else if !scope.is_async {
                return fail("asynchronous comprehension outside of an asynchronous function", node.range());
            }
        }
        Ok(())
    }

    fn iterable(&mut self, iterable: &Expr) -> Outcome<()> {
        self.iterables += 1;
        let outcome = self.expr(iterable);
        self.iterables -= 1;
        outcome
    }

    pub(super) fn iteration_target(&mut self, target: &Expr) -> Outcome<()> {
        self.expr(target)?;
        let mut names = Vec::new();
        bound_names(target, &mut names);
        for name in names {
            let mangled = mangle(self.class.as_deref(), name).into_owned();
            let usage = self.scope().symbol_mut(&mangled).usage;
            if usage.global || usage.nonlocal {
                let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                return fail(message, target_range(target, name));
            }
            self.note(name, |usage| usage.iteration = true);
        }
        Ok(())
    }

    pub(super) fn await_here(&mut self, range: TextRange) -> Outcome<()> {
        let top_level_await = self.top_level_await;
        let scope = self.scope();
        match scope.kind {
            ScopeKind::Comprehension | ScopeKind::GeneratorExpression => scope.has_await = true,
            ScopeKind::Function if scope.is_async => {}
            ScopeKind::Function | ScopeKind::Lambda => return fail("'await' outside async function", range),
            ScopeKind::Module if top_level_await => scope.has_await = true,
            ScopeKind::Module | ScopeKind::Class => return fail("'await' outside function", range),
            _ => {
                let what = self.annotation_like().unwrap_or("an annotation");
                return fail(format!("await expression cannot be used within {what}"), range);
            }
        }
        Ok(())
    }

    pub(super) fn yield_here(&mut self, word: &str, range: TextRange) -> Outcome<()> {
        let scope = self.scope();
        match scope.kind {
            ScopeKind::Function | ScopeKind::Lambda => scope.has_yield = true,
            ScopeKind::Comprehension => {
                let message = format!("'yield' inside {}", self.comprehension_name);
                return fail(message, range);
            }
            ScopeKind::GeneratorExpression => return fail("'yield' inside generator expression", range),
            ScopeKind::Module | ScopeKind::Class => return fail(format!("'{word}' outside function"), range),
            _ => {
                let what = self.annotation_like().unwrap_or("an annotation");
                return fail(format!("yield expression cannot be used within {what}"), range);
            }
        }
        if word == "yield from" && self.scope().is_async {
            return fail("'yield from' inside async function", range);
        }
        Ok(())
    }

    pub(super) fn pattern(&mut self, pattern: &Pattern) -> Outcome<()> {
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
                    not_debug("assign to", &each.attr.id, each.attr.range)?;
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

/// Where a target binds a name.
fn target_range(target: &Expr, name: &str) -> TextRange {
    let among = |items: &[Expr]| {
        let range = items.iter().map(|item| target_range(item, name)).find(|range| *range != TextRange::default());
        range.unwrap_or_default()
    };
    match target {
        Expr::Name(node) if node.id.as_str() == name => node.range,
        Expr::Tuple(node) => among(&node.elts),
        Expr::List(node) => among(&node.elts),
        Expr::Starred(node) => target_range(&node.value, name),
        _ => TextRange::default(),
    }
}

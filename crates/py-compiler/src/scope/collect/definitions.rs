//! Functions, classes, type aliases and type parameters: what opens scopes by a statement.

use py_syntax::ast::{self, Expr, Ranged, TextRange, TextSize, TypeParam};

use std::rc::Rc;

use super::{ANNOTATE, Collector, not_debug};
use crate::{
    error::{Outcome, fail},
    scope::{Mangling, Role, ScopeKind, mangle, parameter_nodes},
};

impl Collector {
    pub(super) fn function(&mut self, def: &ast::StmtFunctionDef) -> Outcome<()> {
        self.exprs(def.decorator_list.iter().map(|decorator| &decorator.expression))?;
        self.defaults(&def.parameters)?;
        self.bind(&def.name.id, def.name.range)?;
        match &def.type_params {
            Some(type_params) => {
                self.within(
                    &**type_params,
                    Role::TypeParameters,
                    ScopeKind::TypeParameters,
                    place(&def.name),
                    |this| {
                        this.hidden_parameters(&def.parameters);
                        this.type_parameters(type_params)?;
                        this.function_itself(def)
                    },
                )?;
                Ok(())
            }
            None => self.function_itself(def),
        }
    }

    /// A generic function's type-parameter scope receives the defaults, which are evaluated outside of it.
    pub(super) fn hidden_parameters(&mut self, parameters: &ast::Parameters) {
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

    pub(super) fn function_itself(&mut self, def: &ast::StmtFunctionDef) -> Outcome<()> {
        let annotations: Vec<&Expr> = parameter_nodes(&def.parameters)
            .filter_map(|parameter| parameter.annotation.as_deref())
            .chain(def.returns.as_deref())
            .collect();
        if !annotations.is_empty() {
            self.within(def, Role::Annotations, ScopeKind::Annotations, (ANNOTATE, def.name.start()), |this| {
                this.format_parameter();
                if this.future_annotations {
                    // They become texts; their names mean nothing.
                    return annotations.iter().try_for_each(|annotation| this.check_annotation(annotation));
                }
                this.exprs(annotations.iter().map(|annotation| match annotation {
                    Expr::Starred(starred) => &*starred.value,
                    other => other,
                }))
            })?;
        }
        self.within(def, Role::Body, ScopeKind::Function, place(&def.name), |this| {
            this.scope().is_async = def.is_async;
            this.parameters(&def.parameters)?;
            this.body(&def.body)
        })?;
        Ok(())
    }

    pub(super) fn defaults(&mut self, parameters: &ast::Parameters) -> Outcome<()> {
        let all = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        all.into_iter().try_for_each(|each| self.option(&each.default))
    }

    pub(super) fn parameters(&mut self, parameters: &ast::Parameters) -> Outcome<()> {
        for parameter in parameter_nodes(parameters) {
            let name = parameter.name.id.as_str();
            let mangled = mangle(self.class.as_deref(), name).into_owned();
            if self.scope().symbol_mut(&mangled).usage.parameter {
                let range = TextRange::new(parameter.name.start(), parameter.end());
                return fail(format!("duplicate argument '{name}' in function definition"), range);
            }
            not_debug("assign to", name, parameter.range)?;
            self.note(name, |usage| {
                usage.bound = true;
                usage.parameter = true;
            });
        }
        Ok(())
    }

    pub(super) fn class_def(&mut self, def: &ast::StmtClassDef) -> Outcome<()> {
        self.exprs(def.decorator_list.iter().map(|decorator| &decorator.expression))?;
        self.bind(&def.name.id, def.name.range)?;
        match &def.type_params {
            Some(type_params) => {
                let names = type_params.type_params.iter().map(|parameter| parameter.name().id.to_string());
                let mangling = Mangling { class: def.name.id.to_string(), only: Some(names.collect()) };
                let outer = self.class.replace(Rc::new(mangling));
                let outcome = self.within(
                    &**type_params,
                    Role::TypeParameters,
                    ScopeKind::TypeParameters,
                    place(&def.name),
                    |this| {
                        for name in [".type_params", ".generic_base"] {
                            this.note(name, |usage| {
                                usage.bound = true;
                                usage.assigned = true;
                                usage.used = true;
                            });
                        }
                        this.type_parameters(type_params)?;
                        this.class_itself(def)
                    },
                );
                self.class = outer;
                outcome.map(drop)
            }
            None => self.class_itself(def),
        }
    }

    pub(super) fn class_itself(&mut self, def: &ast::StmtClassDef) -> Outcome<()> {
        if let Some(arguments) = &def.arguments {
            self.arguments(arguments)?;
        }
        let mangling = Mangling { class: def.name.id.to_string(), only: None };
        let outer = self.class.replace(Rc::new(mangling));
        let outcome = self.within(def, Role::Body, ScopeKind::Class, place(&def.name), |this| {
            if def.type_params.is_some() {
                this.note(".type_params", |usage| usage.used = true);
                this.note("__type_params__", |usage| {
                    usage.bound = true;
                    usage.assigned = true;
                });
            }
            this.body(&def.body)
        });
        self.class = outer;
        outcome.map(drop)
    }

    pub(super) fn type_alias(&mut self, alias: &ast::StmtTypeAlias) -> Outcome<()> {
        self.expr(&alias.name)?;
        let value = |this: &mut Self| {
            this.type_expression = "a type alias";
            this.within(alias, Role::Body, ScopeKind::TypeExpression, alias_place(alias), |this| {
                this.format_parameter();
                this.expr(&alias.value)
            })
            .map(drop)
        };
        match &alias.type_params {
            Some(type_params) => self
                .within(&**type_params, Role::TypeParameters, ScopeKind::TypeParameters, alias_place(alias), |this| {
                    this.type_parameters(type_params)?;
                    value(this)
                })
                .map(drop),
            None => value(self),
        }
    }

    pub(super) fn format_parameter(&mut self) {
        self.note(".format", |usage| {
            usage.parameter = true;
            usage.bound = true;
        });
    }

    pub(super) fn type_parameters(&mut self, type_params: &ast::TypeParams) -> Outcome<()> {
        for parameter in &type_params.type_params {
            let (name, bound, default) = match parameter {
                TypeParam::TypeVar(node) => (&node.name, node.bound.as_deref(), node.default.as_deref()),
                TypeParam::TypeVarTuple(node) => (&node.name, None, node.default.as_deref()),
                TypeParam::ParamSpec(node) => (&node.name, None, node.default.as_deref()),
            };
            let mangled = mangle(self.class.as_deref(), &name.id).into_owned();
            if self.scope().symbol_mut(&mangled).usage.bound {
                return fail(format!("duplicate type parameter '{}'", name.id), parameter.range());
            }
            if matches!(name.id.as_str(), "__classdict__" | "__conditional_annotations__") {
                let message = format!("reserved name '{}' cannot be used for type parameter", name.id);
                return fail(message, parameter.range());
            }
            self.bind(&name.id, name.range)?;
            self.note(&name.id, |usage| usage.type_parameter = true);
            for (role, expression) in [(Role::Body, bound), (Role::Default, default)] {
                if let Some(expression) = expression {
                    self.type_expression = match (parameter, role) {
                        (TypeParam::TypeVar(_), Role::Body) if expression.is_tuple_expr() => "a TypeVar constraint",
                        (TypeParam::TypeVar(_), Role::Body) => "a TypeVar bound",
                        (TypeParam::TypeVar(_), _) => "a TypeVar default",
                        (TypeParam::ParamSpec(_), _) => "a ParamSpec default",
                        (TypeParam::TypeVarTuple(_), _) => "a TypeVarTuple default",
                    };
                    self.within(parameter, role, ScopeKind::TypeExpression, (&name.id, expression.start()), |this| {
                        this.scope().of_parameter = true;
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
}

/// Name and place of the scopes of a definition.
fn place(name: &ast::Identifier) -> (&str, TextSize) {
    (&name.id, name.start())
}

/// Name and place of the scopes of a type alias.
fn alias_place(alias: &ast::StmtTypeAlias) -> (&str, TextSize) {
    (alias.name.as_name_expr().map_or("", |name| &name.id), alias.start())
}

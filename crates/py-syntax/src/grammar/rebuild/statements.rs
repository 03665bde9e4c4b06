//! Statements and what belongs to them.

use super::{Builder, is_given, items, nodes, none, number};
use crate::ast::{self, ExceptHandler, Stmt, TextRange, TypeParam};
use crate::grammar::{Item, Node};

impl Builder {
    pub(super) fn body(&mut self, item: &Item) -> Vec<Stmt> {
        nodes(item).map(|node| self.statement(node)).collect()
    }

    fn statement(&mut self, node: &Node) -> Stmt {
        let range = self.range(node);
        let node_index = none();
        match (node.class, &node.fields[..]) {
            ("FunctionDef" | "AsyncFunctionDef", fields @ [..]) if fields.len() == 7 => {
                self.function(node, fields, range)
            }
            ("ClassDef", [name, bases, keywords, body, decorators, parameters]) => {
                let has_arguments = !items(bases).is_empty() || !items(keywords).is_empty();
                let arguments = has_arguments.then(|| Box::new(self.arguments(bases, keywords, range)));
                Stmt::ClassDef(ast::StmtClassDef {
                    node_index,
                    range,
                    decorator_list: self.decorators(decorators).into_iter().collect(),
                    name: self.identifier(name, range),
                    type_params: self.type_parameters(parameters, range),
                    arguments,
                    body: self.body(body).into_iter().collect(),
                })
            }
            ("Return", [value]) => {
                Stmt::Return(ast::StmtReturn { node_index, range, value: self.optional_expression(value) })
            }
            ("Delete", [targets]) => {
                Stmt::Delete(ast::StmtDelete { node_index, range, targets: self.expressions(targets) })
            }
            ("Assign", [targets, value, ..]) => {
                let (targets, value) = (self.expressions(targets), self.boxed(value));
                Stmt::Assign(ast::StmtAssign { node_index, range, targets, value })
            }
            ("TypeAlias", [name, parameters, value]) => Stmt::TypeAlias(ast::StmtTypeAlias {
                node_index,
                range,
                name: self.boxed(name),
                type_params: self.type_parameters(parameters, range),
                value: self.boxed(value),
            }),
            ("AugAssign", [target, op, value]) => {
                let op = super::expressions::operator(op);
                let (target, value) = (self.boxed(target), self.boxed(value));
                Stmt::AugAssign(ast::StmtAugAssign { node_index, range, target, op, value })
            }
            ("AnnAssign", [target, annotation, value, simple]) => Stmt::AnnAssign(ast::StmtAnnAssign {
                node_index,
                range,
                target: self.boxed(target),
                annotation: self.boxed(annotation),
                value: self.optional_expression(value),
                simple: number(simple) != 0,
            }),
            ("For" | "AsyncFor", [target, iterable, body, orelse, ..]) => Stmt::For(ast::StmtFor {
                node_index,
                range,
                is_async: node.class == "AsyncFor",
                target: self.boxed(target),
                iter: self.boxed(iterable),
                body: self.body(body).into_iter().collect(),
                orelse: self.body(orelse).into_iter().collect(),
            }),
            ("While", [test, body, orelse]) => Stmt::While(ast::StmtWhile {
                node_index,
                range,
                test: self.boxed(test),
                body: self.body(body).into_iter().collect(),
                orelse: self.body(orelse).into_iter().collect(),
            }),
            ("If", [test, body, orelse]) => self.conditional(test, body, orelse, range),
            ("With" | "AsyncWith", [with_items, body, ..]) => {
                let with_items = nodes(with_items).map(|item| self.with_item(item)).collect();
                let is_async = node.class == "AsyncWith";
                let body = self.body(body).into_iter().collect();
                Stmt::With(ast::StmtWith { node_index, range, is_async, items: with_items, body })
            }
            ("Match", [subject, cases]) => {
                let subject = self.boxed(subject);
                let cases = nodes(cases).map(|case| self.case(case, range)).collect();
                Stmt::Match(ast::StmtMatch { node_index, range, subject, cases })
            }
            ("Raise", [exception, cause]) => {
                let (exc, cause) = (self.optional_expression(exception), self.optional_expression(cause));
                Stmt::Raise(ast::StmtRaise { node_index, range, exc, cause })
            }
            ("Try" | "TryStar", [body, handlers, orelse, finalbody]) => Stmt::Try(ast::StmtTry {
                node_index,
                range,
                body: self.body(body).into_iter().collect(),
                handlers: nodes(handlers).map(|handler| self.handler(handler)).collect(),
                orelse: self.body(orelse).into_iter().collect(),
                finalbody: self.body(finalbody).into_iter().collect(),
                is_star: node.class == "TryStar",
            }),
            ("Assert", [test, message]) => {
                let (test, msg) = (self.boxed(test), self.optional_expression(message));
                Stmt::Assert(ast::StmtAssert { node_index, range, test, msg })
            }
            ("Import", [names]) => {
                let names = nodes(names).map(|alias| self.alias(alias)).collect();
                Stmt::Import(ast::StmtImport { node_index, range, names, is_lazy: false })
            }
            ("ImportFrom", [module, names, level]) => Stmt::ImportFrom(ast::StmtImportFrom {
                node_index,
                range,
                module: self.optional_identifier(module, range),
                names: nodes(names).map(|alias| self.alias(alias)).collect(),
                level: u32::try_from(number(level)).unwrap_or(0),
                is_lazy: false,
            }),
            ("Global", [names]) => {
                let names = items(names).iter().map(|name| self.identifier(name, range)).collect();
                Stmt::Global(ast::StmtGlobal { node_index, range, names })
            }
            ("Nonlocal", [names]) => {
                let names = items(names).iter().map(|name| self.identifier(name, range)).collect();
                Stmt::Nonlocal(ast::StmtNonlocal { node_index, range, names })
            }
            ("Expr", [value]) => Stmt::Expr(ast::StmtExpr { node_index, range, value: self.boxed(value) }),
            ("Break", _) => Stmt::Break(ast::StmtBreak { node_index, range }),
            ("Continue", _) => Stmt::Continue(ast::StmtContinue { node_index, range }),
            _ => Stmt::Pass(ast::StmtPass { node_index, range }),
        }
    }

    fn function(&mut self, node: &Node, fields: &[Item], range: TextRange) -> Stmt {
        Stmt::FunctionDef(ast::StmtFunctionDef {
            node_index: none(),
            range,
            is_async: node.class == "AsyncFunctionDef",
            name: self.identifier(&fields[0], range),
            parameters: Box::new(self.parameters(&fields[1], range)),
            body: self.body(&fields[2]).into_iter().collect(),
            decorator_list: self.decorators(&fields[3]).into_iter().collect(),
            returns: self.optional_expression(&fields[4]),
            type_params: self.type_parameters(&fields[6], range),
        })
    }

    fn conditional(&mut self, test: &Item, body: &Item, orelse: &Item, range: TextRange) -> Stmt {
        let test = self.boxed(test);
        let body = self.body(body).into_iter().collect();
        let otherwise = self.body(orelse);
        let mut elif_else_clauses = Vec::new();
        if let Some(first) = otherwise.first() {
            let range =
                TextRange::new(ast::Ranged::range(first).start(), range.end().max(ast::Ranged::range(first).start()));
            let body = otherwise.into_iter().collect();
            elif_else_clauses.push(ast::ElifElseClause { node_index: none(), range, test: None, body });
        }
        Stmt::If(ast::StmtIf { node_index: none(), range, test, body, elif_else_clauses })
    }

    fn decorators(&mut self, item: &Item) -> Vec<ast::Decorator> {
        let decorator = |expression: ast::Expr| ast::Decorator {
            node_index: none(),
            range: ast::Ranged::range(&expression),
            expression,
        };
        self.expressions(item).into_iter().map(decorator).collect()
    }

    fn with_item(&mut self, node: &Node) -> ast::WithItem {
        let context_expr = self.expression(&node.fields[0]);
        let optional_vars = self.optional_expression(&node.fields[1]);
        ast::WithItem { node_index: none(), range: ast::Ranged::range(&context_expr), context_expr, optional_vars }
    }

    fn case(&mut self, node: &Node, around: TextRange) -> ast::MatchCase {
        let pattern = match &node.fields[0] {
            Item::Node(pattern) => self.pattern(pattern),
            _ => return self.case_of_anything(node, around),
        };
        let guard = self.optional_expression(&node.fields[1]);
        let body = self.body(&node.fields[2]).into_iter().collect();
        ast::MatchCase { node_index: none(), range: ast::Ranged::range(&pattern), pattern, guard, body }
    }

    fn case_of_anything(&mut self, node: &Node, range: TextRange) -> ast::MatchCase {
        let pattern = ast::PatternMatchAs { node_index: none(), range, pattern: None, name: None };
        let guard = self.optional_expression(&node.fields[1]);
        let body = self.body(&node.fields[2]).into_iter().collect();
        ast::MatchCase { node_index: none(), range, pattern: ast::Pattern::MatchAs(pattern), guard, body }
    }

    fn handler(&mut self, node: &Node) -> ExceptHandler {
        let range = self.range(node);
        ExceptHandler::ExceptHandler(ast::ExceptHandlerExceptHandler {
            node_index: none(),
            range,
            type_: self.optional_expression(&node.fields[0]),
            name: self.optional_identifier(&node.fields[1], range),
            body: self.body(&node.fields[2]).into_iter().collect(),
        })
    }

    fn alias(&mut self, node: &Node) -> ast::Alias {
        let range = self.range(node);
        let name = self.identifier(&node.fields[0], range);
        ast::Alias { node_index: none(), range, name, asname: self.optional_identifier(&node.fields[1], range) }
    }

    fn type_parameters(&mut self, item: &Item, range: TextRange) -> Option<Box<ast::TypeParams>> {
        if items(item).is_empty() {
            return None;
        }
        let type_params = nodes(item).map(|node| self.type_parameter(node)).collect();
        Some(Box::new(ast::TypeParams { node_index: none(), range, type_params }))
    }

    fn type_parameter(&mut self, node: &Node) -> TypeParam {
        let range = self.range(node);
        let name = self.identifier(&node.fields[0], range);
        let node_index = none();
        match (node.class, &node.fields[1..]) {
            ("TypeVar", [bound, default]) => {
                let (bound, default) = (self.optional_expression(bound), self.optional_expression(default));
                TypeParam::TypeVar(ast::TypeParamTypeVar { node_index, range, name, bound, default })
            }
            ("ParamSpec", [default]) => {
                let default = self.optional_expression(default);
                TypeParam::ParamSpec(ast::TypeParamParamSpec { node_index, range, name, default })
            }
            (_, rest) => {
                let default = rest.first().and_then(|default| self.optional_expression(default));
                TypeParam::TypeVarTuple(ast::TypeParamTypeVarTuple { node_index, range, name, default })
            }
        }
    }

    pub(super) fn parameters(&mut self, item: &Item, range: TextRange) -> ast::Parameters {
        let mut parameters = ast::Parameters { range, ..ast::Parameters::default() };
        let Item::Node(node) = item else { return parameters };
        let [positional_only, positional, variadic, keyword_only, keyword_defaults, keywords, defaults] =
            &node.fields[..]
        else {
            return parameters;
        };
        let count = items(positional_only).len() + items(positional).len();
        let without = count.saturating_sub(items(defaults).len());
        let mut defaults = self.expressions(defaults).into_iter();
        let mut index = 0;
        for (list, into) in [(positional_only, &mut parameters.posonlyargs), (positional, &mut parameters.args)] {
            for node in nodes(list) {
                let default = if index >= without { defaults.next().map(Box::new) } else { None };
                into.push(self.with_default(node, default));
                index += 1;
            }
        }
        for (node, default) in nodes(keyword_only).zip(items(keyword_defaults)) {
            let default = self.optional_expression(default);
            let parameter = self.with_default(node, default);
            parameters.kwonlyargs.push(parameter);
        }
        parameters.vararg = self.optional_parameter(variadic);
        parameters.kwarg = self.optional_parameter(keywords);
        parameters
    }

    fn with_default(&mut self, node: &Node, default: Option<Box<ast::Expr>>) -> ast::ParameterWithDefault {
        let parameter = self.parameter(node);
        ast::ParameterWithDefault { node_index: none(), range: parameter.range, parameter, default }
    }

    fn optional_parameter(&mut self, item: &Item) -> Option<Box<ast::Parameter>> {
        match item {
            Item::Node(node) if is_given(item) => Some(Box::new(self.parameter(node))),
            _ => None,
        }
    }

    fn parameter(&mut self, node: &Node) -> ast::Parameter {
        let range = self.range(node);
        let name = self.identifier(&node.fields[0], range);
        ast::Parameter { node_index: none(), range, name, annotation: self.optional_expression(&node.fields[1]) }
    }
}

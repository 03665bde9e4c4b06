//! Annotations: functions that evaluate them on demand (PEP 649), or their texts under `from __future__ import annotations`.

use py_code::{Const, NO_REGISTER, Opcode};
use py_syntax::ast::{self, Expr, Ranged, Stmt};
use py_syntax::grammar::unparse;

use crate::{
    error::{Outcome, fail},
    scope::{Role, ScopeId, ScopeKind, address, parameter_nodes},
    unit::{Compiler, Place, Signature},
};

/// Highest format (`annotationlib.Format`) that annotate functions know themselves: VALUE_WITH_FAKE_GLOBALS.
const HIGHEST_FORMAT: u16 = 2;

impl<'a> Compiler<'a> {
    /// The function that evaluates a function's annotations, in a temporary.
    pub fn function_annotations(&mut self, def: &'a ast::StmtFunctionDef) -> Outcome<Option<u16>> {
        let mut annotations: Vec<(String, &'a Expr)> = Vec::new();
        // CPython evaluates them in this order: positional, *args, keyword-only, **kwargs.
        let parameters = &def.parameters;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args).map(|each| &each.parameter);
        let in_order = positional
            .chain(parameters.vararg.as_deref())
            .chain(parameters.kwonlyargs.iter().map(|each| &each.parameter))
            .chain(parameters.kwarg.as_deref());
        for parameter in in_order {
            if let Some(annotation) = &parameter.annotation {
                annotations.push((self.mangled(&parameter.name.id).into_owned(), annotation));
            }
        }
        debug_assert!(annotations.len() <= parameter_nodes(parameters).count());
        if let Some(returns) = &def.returns {
            annotations.push(("return".to_string(), returns));
        }
        if annotations.is_empty() {
            return Ok(None);
        }
        let target = self.unit.emit.top()?;
        let Some(scope) = self.scopes.find(def, Role::Annotations) else {
            return fail("internal: annotations without a scope", def.range);
        };
        let range = ast::TextRange::new(def.name.range.start(), def.range.end());
        self.plain_function(scope, "__annotate__", range, Signature::positional_only(1), target, |this| {
            this.check_format()?;
            let first = this.unit.emit.top()?;
            for (name, annotation) in &annotations {
                let key = this.unit.emit.temporary()?;
                this.load_text(key, name);
                if this.options.future_annotations {
                    let text = this.unit.emit.temporary()?;
                    this.load_text(text, &unparse(annotation, this.source, this.lines));
                } else {
                    this.annotation(annotation)?;
                }
            }
            this.unit.emit.op(Opcode::BuildDict, first, first, annotations.len() as u16);
            this.unit.emit.op(Opcode::Return, first, 0, 0);
            Ok(())
        })?;
        self.unit.emit.temporary()?;
        Ok(Some(target))
    }

    /// Evaluates one annotation into a new temporary. `*args: *Ts` unpacks its one element.
    fn annotation(&mut self, annotation: &'a Expr) -> Outcome<u16> {
        match annotation {
            Expr::Starred(starred) => {
                let value = self.push(&starred.value)?;
                self.unit.emit.op(Opcode::UnpackSequence, value, value, 1);
                Ok(value)
            }
            plain => self.push(plain),
        }
    }

    /// `if format > 2: raise NotImplementedError`, at the start of functions that evaluate annotations.
    pub fn check_format(&mut self) -> Outcome<()> {
        let known = self.unit.emit.label();
        self.unit.emit.jump(Opcode::JumpIfNotGtInt, 0, HIGHEST_FORMAT, 0, known);
        let exception = self.unit.emit.temporary()?;
        self.unit.emit.op(Opcode::LoadNotImplementedError, exception, 0, 0);
        self.unit.emit.op_x(Opcode::Raise, 1, exception, NO_REGISTER, 0);
        self.unit.emit.place(known);
        self.unit.emit.release(exception);
        Ok(())
    }

    /// Writes, at the start of a module or class body, the function that evaluates its annotations, if it has any.
    pub fn block_annotations_function(
        &mut self,
        block: ScopeId,
        body: &'a [Stmt],
        block_range: ast::TextRange,
    ) -> Outcome<()> {
        let info = self.scopes.get(block);
        if self.options.future_annotations {
            if has_annotations(body) {
                self.unit.emit.op(Opcode::SetupAnnotations, 0, 0, 0);
            }
            return Ok(());
        }
        let Some(scope) = self.scopes.block_annotations(block) else { return Ok(()) };
        let mut nodes = Vec::new();
        annotated_assignments(body, &mut nodes);
        let annotated: Vec<(usize, &'a ast::StmtAnnAssign, bool)> = info
            .annotations
            .iter()
            .enumerate()
            .filter_map(|(number, &(node_address, conditional))| {
                let node = nodes.iter().find(|node| address(**node) == node_address)?;
                Some((number, *node, conditional))
            })
            .collect();
        self.at(block_range);
        let conditional = annotated.iter().any(|&(_, _, conditional)| conditional);
        let target = self.unit.emit.top()?;
        self.plain_function(scope, "__annotate__", block_range, Signature::positional_only(1), target, |this| {
            this.check_format()?;
            let result = this.unit.emit.temporary()?;
            this.unit.emit.op(Opcode::BuildDict, result, 0, 0);
            for (number, node, conditional) in annotated {
                let Expr::Name(name) = &*node.target else { continue };
                let mark = this.unit.emit.top()?;
                let skip = this.unit.emit.label();
                if conditional {
                    let reached = this.unit.emit.temporaries(2)?;
                    this.load_const(reached, Const::Int(number as i64));
                    this.load_name("__conditional_annotations__", reached + 1)?;
                    this.unit.emit.jump(Opcode::JumpIfNotIn, reached, reached + 1, 0, skip);
                    this.unit.emit.release(mark);
                }
                this.at(node.annotation.range());
                let value = this.annotation(&node.annotation)?;
                let key = this.unit.emit.temporary()?;
                let name = this.mangled(&name.id).into_owned();
                this.load_text(key, &name);
                this.unit.emit.op(Opcode::DictInsert, result, key, value);
                this.unit.emit.release(mark);
                this.unit.emit.place(skip);
            }
            this.unit.emit.op(Opcode::Return, result, 0, 0);
            Ok(())
        })?;
        self.unit.emit.temporary()?;
        let name = if info.kind == ScopeKind::Class { "__annotate_func__" } else { "__annotate__" };
        if info.kind == ScopeKind::Class {
            self.store_in_namespace(name, target);
        } else {
            self.store_name(name, target)?;
        }
        if conditional {
            self.unit.emit.op(Opcode::BuildSet, target, 0, 0);
            match self.unit.places.get("__conditional_annotations__") {
                Some(&Place::Cell { register, .. }) => self.unit.emit.op(Opcode::StoreCell, register, target, 0),
                _ => self.store_name("__conditional_annotations__", target)?,
            }
        }
        self.unit.emit.release(target);
        Ok(())
    }

    /// `target: annotation = value`.
    pub fn annotated_assignment(&mut self, node: &'a ast::StmtAnnAssign) -> Outcome<()> {
        if let Some(value) = &node.value {
            self.assign(std::slice::from_ref(&*node.target), value)?;
        }
        self.at(node.range);
        if matches!(self.unit.kind, ScopeKind::Module | ScopeKind::Class) && self.unit.inlined.is_empty() {
            return self.note_annotation(node);
        }
        if node.value.is_none() {
            // The parts of a target that is no name are evaluated.
            match &*node.target {
                Expr::Attribute(target) => self.discard(&target.value)?,
                Expr::Subscript(target) => {
                    self.discard(&target.value)?;
                    self.discard(&target.slice)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What an annotation in a module or class body does when it is reached.
    fn note_annotation(&mut self, node: &'a ast::StmtAnnAssign) -> Outcome<()> {
        let Expr::Name(name) = &*node.target else {
            if node.value.is_none() {
                match &*node.target {
                    Expr::Attribute(target) => self.discard(&target.value)?,
                    Expr::Subscript(target) => {
                        self.discard(&target.value)?;
                        self.discard(&target.slice)?;
                    }
                    _ => {}
                }
            }
            return Ok(());
        };
        if !node.simple {
            return Ok(());
        }
        let mark = self.unit.emit.top()?;
        if self.options.future_annotations {
            let registers = self.unit.emit.temporaries(3)?;
            let mangled = self.mangled(&name.id).into_owned();
            self.load_text(registers, &unparse(&node.annotation, self.source, self.lines));
            self.load_name("__annotations__", registers + 1)?;
            self.load_text(registers + 2, &mangled);
            self.unit.emit.op(Opcode::StoreItem, registers + 1, registers + 2, registers);
            self.unit.emit.release(mark);
            return Ok(());
        }
        let annotations = &self.scope().annotations;
        let found = annotations.iter().position(|&(node_address, _)| node_address == address(node));
        if let Some(number) = found
            && annotations[number].1
        {
            let registers = self.unit.emit.temporaries(2)?;
            match self.unit.places.get("__conditional_annotations__") {
                Some(&Place::Cell { register, index }) => {
                    self.unit.emit.op(Opcode::LoadCell, registers, register, index);
                }
                _ => self.load_name("__conditional_annotations__", registers)?,
            }
            self.load_const(registers + 1, Const::Int(number as i64));
            self.unit.emit.op(Opcode::SetAdd, registers, registers + 1, 0);
            self.unit.emit.release(mark);
        }
        Ok(())
    }
}

/// Whether a body has annotations of names, nested functions and classes left out.
fn has_annotations(body: &[Stmt]) -> bool {
    let mut nodes = Vec::new();
    annotated_assignments(body, &mut nodes);
    nodes.iter().any(|node| node.simple)
}

/// The annotated assignments of a body and of the statements in it, nested functions and classes left out.
fn annotated_assignments<'a>(body: &'a [Stmt], nodes: &mut Vec<&'a ast::StmtAnnAssign>) {
    for statement in body {
        match statement {
            Stmt::AnnAssign(node) => nodes.push(node),
            Stmt::For(node) => {
                annotated_assignments(&node.body, nodes);
                annotated_assignments(&node.orelse, nodes);
            }
            Stmt::While(node) => {
                annotated_assignments(&node.body, nodes);
                annotated_assignments(&node.orelse, nodes);
            }
            Stmt::If(node) => {
                annotated_assignments(&node.body, nodes);
                node.elif_else_clauses.iter().for_each(|clause| annotated_assignments(&clause.body, nodes));
            }
            Stmt::With(node) => annotated_assignments(&node.body, nodes),
            Stmt::Match(node) => node.cases.iter().for_each(|case| annotated_assignments(&case.body, nodes)),
            Stmt::Try(node) => {
                annotated_assignments(&node.body, nodes);
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    annotated_assignments(&handler.body, nodes);
                }
                annotated_assignments(&node.orelse, nodes);
                annotated_assignments(&node.finalbody, nodes);
            }
            _ => {}
        }
    }
}

//! Statements.

use py_code::{Const, FRAME_HEADER, Opcode};
use py_syntax::ast::{self, Expr, Ranged, Stmt, TextRange, TextSize};

use crate::{
    Mode,
    error::{Outcome, fail},
    fold,
    scope::ScopeKind,
    unit::Compiler,
};

impl<'a> Compiler<'a> {
    /// A body.
    pub fn body(&mut self, statements: &'a [Stmt]) -> Outcome<()> {
        for statement in statements {
            self.at(self.statement_range(statement));
            let mark = self.unit.emit.top()?;
            self.statement(statement)?;
            self.unit.emit.release(mark);
        }
        Ok(())
    }

    /// Where a statement is: decorators are not part of it.
    fn statement_range(&self, statement: &Stmt) -> TextRange {
        match statement {
            Stmt::FunctionDef(node) => self.definition_range(node.range, &node.decorator_list),
            Stmt::ClassDef(node) => self.definition_range(node.range, &node.decorator_list),
            _ => statement.range(),
        }
    }

    /// The part of a definition behind its decorators.
    pub fn definition_range(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let (Some(last), false) = (decorators.last(), self.lines.is_of_places()) else { return range };
        let mut at = last.range.end().to_usize();
        while let Some(line) = self.source.get(at..).map(|rest| rest.split('\n').next().unwrap_or(rest)) {
            let blanks = line.len() - line.trim_start().len();
            if !line.trim_start().is_empty() && !line.trim_start().starts_with('#')
                || at + line.len() >= self.source.len()
            {
                return TextRange::new(TextSize::new((at + blanks) as u32), range.end());
            }
            at += line.len() + 1;
        }
        range
    }

    fn statement(&mut self, statement: &'a Stmt) -> Outcome<()> {
        match statement {
            Stmt::FunctionDef(node) => self.function_def(node),
            Stmt::ClassDef(node) => self.class_def(node),
            Stmt::TypeAlias(node) => self.type_alias(node),
            Stmt::Return(node) => self.return_statement(node),
            Stmt::Delete(node) => node.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::Assign(node) => self.assign(&node.targets, &node.value),
            Stmt::AugAssign(node) => self.augmented(node),
            Stmt::AnnAssign(node) => self.annotated_assignment(node),
            Stmt::For(node) => self.for_loop(node),
            Stmt::While(node) => self.while_loop(node),
            Stmt::If(node) => self.if_statement(node),
            Stmt::With(node) => self.with(node, &node.items),
            Stmt::Match(node) => self.match_statement(node),
            Stmt::Raise(node) => self.raise(node),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Assert(node) => self.assert(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::Pass(_) => {
                self.unit.emit.visible_nothing();
                Ok(())
            }
            Stmt::Expr(node) => self.expression_statement(node),
            Stmt::Break(node) => self.break_statement(node.range),
            Stmt::Continue(node) => self.continue_statement(node.range),
            Stmt::IpyEscapeCommand(node) => fail("invalid syntax", node.range),
        }
    }

    fn expression_statement(&mut self, node: &'a ast::StmtExpr) -> Outcome<()> {
        if self.mode == Mode::Single && self.unit.kind == ScopeKind::Module {
            let value = self.expr(&node.value)?;
            self.unit.emit.op(Opcode::PrintExpression, value, 0, 0);
            return Ok(());
        }
        match fold::constant(&node.value, self.facts()) {
            Some(_) => {
                self.unit.emit.visible_nothing();
                Ok(())
            }
            None => {
                self.discard(&node.value)?;
                if node.value.is_name_expr() {
                    // The test whether it is bound may turn out to be needless.
                    self.unit.emit.visible_nothing();
                }
                Ok(())
            }
        }
    }

    fn assert(&mut self, node: &'a ast::StmtAssert) -> Outcome<()> {
        if self.options.optimize != 0 {
            return Ok(());
        }
        let passed = self.unit.emit.label();
        self.jump_if(&node.test, true, passed)?;
        self.at(node.test.range());
        let exception = self.unit.emit.temporary()?;
        self.unit.emit.op(Opcode::LoadAssertionError, exception, 0, 0);
        if let Some(message) = &node.msg {
            self.unit.emit.release(exception);
            self.unit.emit.temporaries(FRAME_HEADER.into())?;
            self.push(message)?;
            self.unit.emit.op(Opcode::Call, exception, exception, 1);
        }
        self.unit.emit.op_x(Opcode::Raise, 1, exception, py_code::NO_REGISTER, 0);
        self.unit.emit.place(passed);
        Ok(())
    }

    /// Stores the docstring of a module or class body in its namespace.
    pub fn docstring_of_block(&mut self, body: &'a [Stmt]) -> Outcome<()> {
        let Some(text) = self.docstring(body) else { return Ok(()) };
        self.unit.code.docstring = Some(text.clone());
        let mark = self.unit.emit.top()?;
        let value = self.unit.emit.temporary()?;
        if let Some(first) = body.first() {
            self.at(first.range());
        }
        self.load_const(value, Const::Str(text));
        self.store_name("__doc__", value)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    fn return_statement(&mut self, node: &'a ast::StmtReturn) -> Outcome<()> {
        if !matches!(self.unit.kind, ScopeKind::Function) {
            return fail("'return' outside function", node.range);
        }
        if node.value.is_some() && self.unit.code.flags & py_code::flags::ASYNC_GENERATOR != 0 {
            return fail("'return' with value in async generator", node.range);
        }
        match node.value.as_deref() {
            None | Some(Expr::NoneLiteral(_)) => {
                if !self.unit.blocks.is_empty() {
                    self.unit.emit.visible_nothing();
                }
                self.unwind(0)?;
                self.unit.emit.op(Opcode::ReturnNone, 0, 0, 0);
            }
            Some(value) => {
                // Code that runs on the way out may rebind a local.
                let value = if self.unwinding_runs_code(0) { self.push(value)? } else { self.expr(value)? };
                self.at(node.range);
                self.unwind(0)?;
                self.unit.emit.op(Opcode::Return, value, 0, 0);
            }
        }
        Ok(())
    }
}

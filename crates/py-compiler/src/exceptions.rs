//! `raise`, `try`, `with`.
//!
//! A handler gets the exception in a register. It notes what the thread handled before (`EnterHandler`), and every way out of it restores
//! that (`LeaveHandler`). `finally` bodies are written once for each way out.

use py_code::{Const, FRAME_HEADER, NO_REGISTER, Opcode};
use py_syntax::ast::{self, ExceptHandler, Ranged};

use crate::{
    control::Block,
    error::{Outcome, fail},
    unit::{Compiler, nowhere},
};

/// `x` of `LoadSpecial`.
mod special {
    pub const ENTER: u8 = 0;
    pub const EXIT: u8 = 1;
    pub const ASYNC_ENTER: u8 = 2;
    pub const ASYNC_EXIT: u8 = 3;
}

impl<'a> Compiler<'a> {
    /// `raise`.
    pub fn raise(&mut self, node: &'a ast::StmtRaise) -> Outcome<()> {
        let (mut count, mut exception, mut cause) = (0, NO_REGISTER, NO_REGISTER);
        if let Some(value) = &node.exc {
            count = 1;
            let later: Vec<_> = node.cause.as_deref().into_iter().collect();
            exception = self.operand(value, &later)?;
            if let Some(value) = &node.cause {
                count = 2;
                cause = self.expr(value)?;
            }
        }
        self.unit.emit.op_x(Opcode::Raise, count, exception, cause, 0);
        Ok(())
    }

    /// `try`.
    pub fn try_statement(&mut self, node: &'a ast::StmtTry) -> Outcome<()> {
        if node.finalbody.is_empty() {
            return self.try_except(node);
        }
        self.unit.emit.visible_nothing();
        let outer = self.unit.emit.handler;
        let (on_exception, end) = (self.unit.emit.label(), self.unit.emit.label());
        let exception = self.unit.emit.top()?;
        let saved = exception + 1;
        self.unit.blocks.push(Block::Finally { body: &node.finalbody, outer });
        self.unit.emit.handler = Some(self.unit.emit.add_handler(on_exception, exception));
        if node.handlers.is_empty() {
            self.body(&node.body)?;
        } else {
            self.try_except(node)?;
        }
        self.unit.blocks.pop();
        self.unit.emit.handler = outer;
        self.unit.emit.release(exception);
        self.body(&node.finalbody)?;
        self.at(nowhere());
        self.unit.emit.hidden_jump(end);

        self.unit.emit.place(on_exception);
        self.unit.emit.temporaries(2)?;
        self.begin_handler(saved, exception);
        let cleanup = self.unit.emit.label();
        self.unit.emit.handler = Some(self.unit.emit.add_handler(cleanup, exception));
        self.unit.blocks.push(Block::Handler { saved, name: None, outer });
        self.body(&node.finalbody)?;
        self.unit.blocks.pop();
        self.unit.emit.handler = outer;
        self.at(nowhere());
        self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
        self.unit.emit.op(Opcode::Reraise, exception, 0, 0);
        self.unit.emit.place(cleanup);
        self.raise_from_handler(saved, exception);
        self.unit.emit.release(exception);
        self.unit.emit.place(end);
        Ok(())
    }

    /// What a handler has raised goes on from where it was raised.
    fn raise_from_handler(&mut self, saved: u16, exception: u16) {
        self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
        self.unit.emit.op_x(Opcode::Reraise, 1, exception, 0, 0);
    }

    fn begin_handler(&mut self, saved: u16, exception: u16) {
        self.unit.emit.op(Opcode::EnterHandler, saved, exception, 0);
    }

    /// `try` … `except` … `else`.
    fn try_except(&mut self, node: &'a ast::StmtTry) -> Outcome<()> {
        if node.finalbody.is_empty() {
            self.unit.emit.visible_nothing();
        }
        let outer = self.unit.emit.handler;
        let (on_exception, cleanup, end) = (self.unit.emit.label(), self.unit.emit.label(), self.unit.emit.label());
        let exception = self.unit.emit.top()?;
        let saved = exception + 1;
        self.unit.blocks.push(Block::Covered { outer });
        self.unit.emit.handler = Some(self.unit.emit.add_handler(on_exception, exception));
        self.body(&node.body)?;
        self.unit.blocks.pop();
        self.unit.emit.handler = outer;
        self.unit.emit.release(exception);
        self.body(&node.orelse)?;
        self.at(nowhere());
        self.unit.emit.hidden_jump(end);

        self.unit.emit.place(on_exception);
        self.unit.emit.temporaries(2)?;
        self.begin_handler(saved, exception);
        let covering = self.unit.emit.add_handler(cleanup, exception);
        self.unit.emit.handler = Some(covering);
        if node.is_star {
            self.except_star(node, exception, saved, outer)?;
            self.unit.emit.handler = outer;
            self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
            self.unit.emit.hidden_jump(end);
        } else {
            let last = node.handlers.len() - 1;
            for (index, ExceptHandler::ExceptHandler(handler)) in node.handlers.iter().enumerate() {
                if handler.type_.is_none() && index != last {
                    return fail("default 'except:' must be last", handler.range);
                }
                self.unit.emit.handler = Some(covering);
                self.at(handler.range);
                let next = self.unit.emit.label();
                if handler.type_.is_none() {
                    self.unit.emit.visible_nothing();
                }
                if let Some(class) = &handler.type_ {
                    let mark = self.unit.emit.top()?;
                    self.at(class.range());
                    let class = self.expr(class)?;
                    self.unit.emit.jump(Opcode::JumpIfNoMatch, exception, class, 0, next);
                    self.unit.emit.release(mark);
                    self.at(handler.range);
                }
                self.handler_body(handler, exception, saved, outer)?;
                self.at(nowhere());
                self.unit.emit.handler = outer;
                self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
                self.unbind_exception(handler.name.as_ref().map(|name| name.id.as_str()))?;
                self.unit.emit.hidden_jump(end);
                self.unit.emit.place(next);
            }
        }
        // No handler matched.
        self.unit.emit.handler = outer;
        self.at(nowhere());
        self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
        self.unit.emit.op(Opcode::Reraise, exception, 0, 0);
        self.unit.emit.place(cleanup);
        self.raise_from_handler(saved, exception);
        self.unit.emit.release(exception);
        self.unit.emit.place(end);
        Ok(())
    }

    /// Binds the name of a handler and writes its body; the name is unbound if the body raises.
    fn handler_body(
        &mut self,
        handler: &'a ast::ExceptHandlerExceptHandler,
        exception: u16,
        saved: u16,
        outer: Option<crate::emit::HandlerId>,
    ) -> Outcome<()> {
        let Some(name) = &handler.name else {
            self.unit.blocks.push(Block::Handler { saved, name: None, outer });
            self.body(&handler.body)?;
            self.unit.blocks.pop();
            return Ok(());
        };
        let covering = self.unit.emit.handler;
        self.store_name(&name.id, exception)?;
        let (on_exception, end) = (self.unit.emit.label(), self.unit.emit.label());
        self.unit.emit.handler = Some(self.unit.emit.add_handler(on_exception, exception));
        self.unit.blocks.push(Block::Handler { saved, name: Some(&name.id), outer });
        self.body(&handler.body)?;
        self.unit.blocks.pop();
        self.at(nowhere());
        self.unit.emit.handler = covering;
        self.unit.emit.hidden_jump(end);
        self.unit.emit.place(on_exception);
        self.unbind_exception(Some(&name.id))?;
        // Goes on to the clean-up that covers all handlers.
        self.unit.emit.op_x(Opcode::Reraise, 1, exception, 0, 0);
        self.unit.emit.place(end);
        Ok(())
    }

    /// `name = None; del name`, after a handler that bound it.
    pub fn unbind_exception(&mut self, name: Option<&str>) -> Outcome<()> {
        let Some(name) = name else { return Ok(()) };
        let mark = self.unit.emit.top()?;
        let none = self.unit.emit.temporary()?;
        self.load_const(none, Const::None);
        self.store_name(name, none)?;
        self.delete_name(name)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// The handlers of `except*`: each takes its part of the group; what they raise and what is left is raised in the end.
    fn except_star(
        &mut self,
        node: &'a ast::StmtTry,
        exception: u16,
        saved: u16,
        outer: Option<crate::emit::HandlerId>,
    ) -> Outcome<()> {
        let covering = self.unit.emit.handler;
        let raised = self.unit.emit.temporary()?;
        self.unit.emit.op(Opcode::BuildList, raised, 0, 0);
        // The part matched, and the rest, which the next handler looks at.
        let matched = self.unit.emit.temporaries(2)?;
        let rest = matched + 1;
        self.unit.emit.copy(rest, exception);
        for ExceptHandler::ExceptHandler(handler) in &node.handlers {
            let Some(class) = &handler.type_ else {
                return fail("expected one or more exception types", handler.range);
            };
            let next = self.unit.emit.label();
            let mark = self.unit.emit.top()?;
            self.at(class.range());
            let class = self.expr(class)?;
            self.unit.emit.op(Opcode::MatchGroup, matched, rest, class);
            self.unit.emit.release(mark);
            self.unit.emit.jump(Opcode::JumpIfNone, matched, 0, 0, next);
            self.at(handler.range);
            let name = handler.name.as_ref().map(|name| name.id.as_str());
            if let Some(name) = name {
                self.store_name(name, matched)?;
            }
            // While a handler runs, its part is what the thread handles.
            let inner = self.unit.emit.temporaries(2)?;
            let inner_saved = inner + 1;
            let (on_exception, end) = (self.unit.emit.label(), self.unit.emit.label());
            self.unit.emit.op(Opcode::EnterHandler, inner_saved, matched, 0);
            self.unit.emit.handler = Some(self.unit.emit.add_handler(on_exception, inner));
            // `return`, `break` and `continue` may not leave an `except*` block, so nothing unwinds this one.
            self.unit.blocks.push(Block::Handler { saved, name, outer });
            self.body_without_jumps(&handler.body)?;
            self.at(nowhere());
            self.unit.blocks.pop();
            self.unit.emit.handler = covering;
            self.unit.emit.op(Opcode::LeaveHandler, inner_saved, 0, 0);
            self.unbind_exception(name)?;
            self.unit.emit.jump(Opcode::Jump, 0, 0, 0, end);
            self.unit.emit.place(on_exception);
            self.unit.emit.op(Opcode::LeaveHandler, inner_saved, 0, 0);
            self.unbind_exception(name)?;
            self.unit.emit.op(Opcode::ListAppend, raised, inner, 0);
            self.unit.emit.place(end);
            self.unit.emit.release(inner);
            self.unit.emit.place(next);
        }
        self.at(nowhere());
        self.unit.emit.op(Opcode::ListAppend, raised, rest, 0);
        let result = self.unit.emit.temporary()?;
        self.unit.emit.op(Opcode::JoinGroup, result, exception, raised);
        let done = self.unit.emit.label();
        self.unit.emit.jump(Opcode::JumpIfNone, result, 0, 0, done);
        self.unit.emit.op(Opcode::Reraise, result, 0, 0);
        self.unit.emit.place(done);
        Ok(())
    }

    /// A body that may not be left by `return`, nor by `break` or `continue` of a loop around it.
    fn body_without_jumps(&mut self, body: &'a [ast::Stmt]) -> Outcome<()> {
        if let Some(range) = leaving_statement(body, false) {
            return fail("'break', 'continue' and 'return' cannot appear in an except* block", range);
        }
        self.body(body)
    }

    /// `with`: one item, then the others inside it.
    pub fn with(&mut self, node: &'a ast::StmtWith, items: &'a [ast::WithItem]) -> Outcome<()> {
        let Some((item, rest)) = items.split_first() else { return self.body(&node.body) };
        let range = item.context_expr.range();
        let (enter, exit) = match node.is_async {
            true => (special::ASYNC_ENTER, special::ASYNC_EXIT),
            false => (special::ENTER, special::EXIT),
        };
        self.at(range);
        let exception = self.unit.emit.top()?;
        let saved = exception + 1;
        let method = exception + 2;
        let manager = self.expr(&item.context_expr)?;
        self.at(range);
        self.unit.emit.release(exception);
        // Exception, what was handled before, and the exit method with its self.
        self.unit.emit.temporaries(2 + FRAME_HEADER as usize + 1)?;
        self.unit.emit.op_x(Opcode::LoadSpecial, exit, method, manager, 0);
        let base = self.unit.emit.temporaries(FRAME_HEADER as usize + 1)?;
        self.unit.emit.op_x(Opcode::LoadSpecial, enter, base, manager, 0);
        let direct = match item.optional_vars.as_deref() {
            // A name on a line of its own is bound there.
            Some(ast::Expr::Name(name))
                if !node.is_async && self.line(name.range.start()) == self.line(range.start()) =>
            {
                self.register_of(&name.id).map(|(register, _)| register)
            }
            _ => None,
        };
        self.unit.emit.op(Opcode::CallMethod, direct.unwrap_or(base), base, 0);
        if node.is_async {
            self.await_register(base, 1)?;
        }

        let outer = self.unit.emit.handler;
        let (on_exception, cleanup, end) = (self.unit.emit.label(), self.unit.emit.label(), self.unit.emit.label());
        self.unit.blocks.push(Block::With { exit: method, is_async: node.is_async, outer, range });
        self.unit.emit.handler = Some(self.unit.emit.add_handler(on_exception, exception));
        if let (Some(target), None) = (&item.optional_vars, direct) {
            self.store(target, base)?;
        }
        self.unit.emit.release(base);
        self.with(node, rest)?;
        self.unit.blocks.pop();
        self.unit.emit.handler = outer;
        self.at(range);
        self.unit.emit.release(base);
        self.leave_with(method, node.is_async)?;
        self.unit.emit.hidden_jump(end);

        self.unit.emit.place(on_exception);
        self.begin_handler(saved, exception);
        self.unit.emit.handler = Some(self.unit.emit.add_handler(cleanup, exception));
        let triple = self.unit.emit.temporaries(3)?;
        self.unit.emit.op(Opcode::ExceptionTriple, triple, exception, 0);
        self.unit.emit.op(Opcode::CallMethod, method, method, 3);
        if node.is_async {
            self.unit.emit.release(method + 1);
            self.await_register(method, 2)?;
        }
        let suppressed = self.unit.emit.label();
        self.unit.emit.jump(Opcode::JumpIfTrue, method, 0, 0, suppressed);
        self.unit.emit.handler = outer;
        self.unit.emit.place(cleanup);
        self.raise_from_handler(saved, exception);
        self.unit.emit.place(suppressed);
        self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
        self.unit.emit.place(end);
        self.unit.emit.release(exception);
        Ok(())
    }

    /// Calls the exit method at `exit` without an exception. Temporaries above its self must be free or dead.
    pub fn leave_with(&mut self, exit: u16, is_async: bool) -> Outcome<()> {
        // A value to be returned may lie above: the call must not destroy it, so it is made above everything.
        let mark = self.unit.emit.top()?;
        let free = exit + FRAME_HEADER + 1 == mark;
        let base = if free {
            exit
        } else {
            let base = self.unit.emit.temporaries(FRAME_HEADER as usize + 1)?;
            self.unit.emit.copy(base, exit);
            self.unit.emit.copy(base + FRAME_HEADER, exit + FRAME_HEADER);
            base
        };
        for _ in 0..3 {
            self.push_none()?;
        }
        self.unit.emit.op(Opcode::CallMethod, base, base, 3);
        if is_async {
            self.unit.emit.release(base + 1);
            self.await_register(base, 2)?;
        }
        self.unit.emit.release(mark);
        Ok(())
    }
}

/// The first statement that leaves a body: `return`, or `break` or `continue` unless in a loop of its own.
fn leaving_statement(body: &[ast::Stmt], in_loop: bool) -> Option<ast::TextRange> {
    use ast::Stmt;
    body.iter().find_map(|statement| match statement {
        // A constant is where CPython's instruction stands.
        Stmt::Return(node) => {
            let constant = node.value.as_deref().filter(|value| value.is_literal_expr());
            Some(constant.map_or(node.range, Ranged::range))
        }
        Stmt::Break(node) if !in_loop => Some(node.range),
        Stmt::Continue(node) if !in_loop => Some(node.range),
        Stmt::For(node) => leaving_statement(&node.body, true).or_else(|| leaving_statement(&node.orelse, in_loop)),
        Stmt::While(node) => leaving_statement(&node.body, true).or_else(|| leaving_statement(&node.orelse, in_loop)),
        Stmt::If(node) => leaving_statement(&node.body, in_loop)
            .or_else(|| node.elif_else_clauses.iter().find_map(|clause| leaving_statement(&clause.body, in_loop))),
        Stmt::With(node) => leaving_statement(&node.body, in_loop),
        Stmt::Match(node) => node.cases.iter().find_map(|case| leaving_statement(&case.body, in_loop)),
        Stmt::Try(node) => leaving_statement(&node.body, in_loop)
            .or_else(|| {
                node.handlers
                    .iter()
                    .find_map(|ExceptHandler::ExceptHandler(handler)| leaving_statement(&handler.body, in_loop))
            })
            .or_else(|| leaving_statement(&node.orelse, in_loop))
            .or_else(|| leaving_statement(&node.finalbody, in_loop)),
        _ => None,
    })
}

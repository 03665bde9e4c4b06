//! `if`, loops, and leaving blocks early.

use py_code::Opcode;
use py_syntax::ast::{self, Stmt, TextRange};

use crate::{
    emit::{HandlerId, Label},
    error::{Outcome, fail},
    unit::{Compiler, nowhere},
};

/// A statement being written that `return`, `break` or `continue` may have to leave properly.
#[derive(Clone, Copy)]
pub(crate) enum Block<'a> {
    /// A loop.
    Loop { break_to: Label, continue_to: Label },
    /// Code covered by handlers and nothing more.
    Covered { outer: Option<HandlerId> },
    /// Code that a `finally` body follows.
    Finally { body: &'a [Stmt], outer: Option<HandlerId> },
    /// An exception handler: `saved` holds what was handled before, `name` is bound to the exception.
    Handler { saved: u16, name: Option<&'a str>, outer: Option<HandlerId> },
    /// The body of a `with` statement whose exit method is at `exit`.
    With { exit: u16, is_async: bool, outer: Option<HandlerId>, range: TextRange },
}

impl<'a> Compiler<'a> {
    /// `if`, `elif`, `else`.
    pub fn if_statement(&mut self, node: &'a ast::StmtIf) -> Outcome<()> {
        let end = self.unit.emit.label();
        let mut next = self.unit.emit.label();
        self.jump_if(&node.test, false, next)?;
        self.body(&node.body)?;
        let mut clauses = node.elif_else_clauses.iter().peekable();
        if clauses.peek().is_none() {
            self.unit.emit.place(next);
        }
        while let Some(clause) = clauses.next() {
            self.unit.emit.jump(Opcode::Jump, 0, 0, 0, end);
            self.unit.emit.place(next);
            next = self.unit.emit.label();
            if let Some(test) = &clause.test {
                self.at(clause.range);
                self.jump_if(test, false, next)?;
            }
            self.body(&clause.body)?;
            if clauses.peek().is_none() {
                self.unit.emit.place(next);
            }
        }
        self.unit.emit.place(end);
        Ok(())
    }

    /// `while`: the test stands before the loop and again at its end.
    pub fn while_loop(&mut self, node: &'a ast::StmtWhile) -> Outcome<()> {
        let range = node.range;
        let [otherwise, again, end] = [(); 3].map(|()| self.unit.emit.label());
        self.jump_if(&node.test, false, otherwise)?;
        let header = self.unit.emit.label_here();
        self.unit.emit.op(Opcode::LoopHeader, 0, 0, 0);
        self.unit.blocks.push(Block::Loop { break_to: end, continue_to: again });
        self.body(&node.body)?;
        self.unit.blocks.pop();
        self.unit.emit.place(again);
        self.at(range);
        self.jump_if(&node.test, true, header)?;
        self.unit.emit.place(otherwise);
        self.body(&node.orelse)?;
        self.unit.emit.place(end);
        Ok(())
    }

    /// `for`.
    pub fn for_loop(&mut self, node: &'a ast::StmtFor) -> Outcome<()> {
        let iterator = self.unit.emit.top()?;
        let iterable = self.expr(&node.iter)?;
        self.unit.emit.release(iterator);
        let iterator = self.unit.emit.temporary()?;
        self.at(py_syntax::ast::Ranged::range(&*node.iter));
        let opcode = if node.is_async { Opcode::GetAsyncIter } else { Opcode::GetIter };
        self.unit.emit.op(opcode, iterator, iterable, 0);
        let (exit, end) = (self.unit.emit.label(), self.unit.emit.label());
        let header = self.unit.emit.label_here();
        self.unit.emit.op(Opcode::LoopHeader, 0, 0, 0);
        self.next_item(&node.target, iterator, node.is_async, exit)?;
        self.unit.blocks.push(Block::Loop { break_to: end, continue_to: header });
        self.body(&node.body)?;
        self.unit.blocks.pop();
        self.unit.emit.jump(Opcode::Jump, 0, 0, 0, header);
        self.at(py_syntax::ast::Ranged::range(&*node.iter));
        self.finish_items(node.is_async, exit)?;
        self.unit.emit.release(iterator);
        self.body(&node.orelse)?;
        self.unit.emit.place(end);
        Ok(())
    }

    /// `break`.
    pub fn break_statement(&mut self, range: TextRange) -> Outcome<()> {
        let Some((depth, break_to, _)) = self.innermost_loop() else { return fail("'break' outside loop", range) };
        self.leave_loop_body(depth + 1, break_to)?;
        Ok(())
    }

    /// `continue`.
    pub fn continue_statement(&mut self, range: TextRange) -> Outcome<()> {
        let Some((depth, _, continue_to)) = self.innermost_loop() else {
            return fail("'continue' not properly in loop", range);
        };
        self.leave_loop_body(depth + 1, continue_to)?;
        Ok(())
    }

    fn leave_loop_body(&mut self, depth: usize, target: Label) -> Outcome<()> {
        if self.unit.blocks.len() > depth {
            self.unit.emit.visible_nothing();
            self.unwind(depth)?;
            self.unit.emit.jump(Opcode::Jump, 0, 0, 0, target);
        } else {
            self.unit.emit.visible_jump(target);
        }
        Ok(())
    }

    fn innermost_loop(&self) -> Option<(usize, Label, Label)> {
        self.unit.blocks.iter().enumerate().rev().find_map(|(depth, block)| match *block {
            Block::Loop { break_to, continue_to } => Some((depth, break_to, continue_to)),
            _ => None,
        })
    }

    /// Whether leaving the blocks above a depth runs code of the program.
    pub fn unwinding_runs_code(&self, depth: usize) -> bool {
        self.unit.blocks[depth..].iter().any(|block| !matches!(block, Block::Loop { .. } | Block::Covered { .. }))
    }

    /// Writes what leaving the blocks above a depth takes; they stay open for the code that follows.
    pub fn unwind(&mut self, depth: usize) -> Outcome<()> {
        let blocks = self.unit.blocks.clone();
        let (handler, mut range) = (self.unit.emit.handler, self.unit.emit.range);
        let mark = self.unit.emit.top()?;
        for index in (depth..blocks.len()).rev() {
            self.unit.blocks.truncate(index);
            match blocks[index] {
                Block::Loop { .. } => {}
                Block::Covered { outer } => self.unit.emit.handler = outer,
                Block::Finally { body, outer } => {
                    self.unit.emit.handler = outer;
                    self.body(body)?;
                }
                Block::Handler { saved, name, outer } => {
                    self.unit.emit.handler = outer;
                    self.unit.emit.op(Opcode::LeaveHandler, saved, 0, 0);
                    self.unbind_exception(name)?;
                }
                Block::With { exit, is_async, outer, range } => {
                    self.unit.emit.handler = outer;
                    self.at(range);
                    self.leave_with(exit, is_async)?;
                }
            }
            // What goes on after that belongs to it, not to the statement that leaves.
            self.at(if matches!(blocks[index], Block::Loop { .. } | Block::Covered { .. }) {
                range
            } else {
                nowhere()
            });
            range = self.unit.emit.range;
        }
        self.unit.emit.release(mark);
        self.unit.emit.handler = handler;
        self.unit.blocks = blocks;
        Ok(())
    }
}

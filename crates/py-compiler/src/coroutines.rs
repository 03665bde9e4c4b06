//! Generators and coroutines: `yield`, `yield from`, `await`, `async for`.

use py_code::{Const, NO_REGISTER, Opcode, flags};
use py_syntax::ast::{self, Expr};

use crate::{
    emit::{HandlerId, Label},
    error::{Outcome, fail},
    unit::Compiler,
};

impl<'a> Compiler<'a> {
    /// `yield value`.
    pub fn yield_value(&mut self, node: &'a ast::ExprYield, target: u16) -> Outcome<()> {
        let value = match &node.value {
            Some(value) => self.expr(value)?,
            None => self.push_none()?,
        };
        self.emit_yield(target, value)
    }

    /// Yields a register.
    pub fn emit_yield(&mut self, target: u16, value: u16) -> Outcome<()> {
        let mut value = value;
        if self.unit.code.flags & flags::ASYNC_GENERATOR != 0 {
            let wrapped = self.unit.emit.temporary()?;
            self.unit.emit.op(Opcode::AsyncWrap, wrapped, value, 0);
            value = wrapped;
        }
        self.unit.emit.op(Opcode::Yield, target, value, NO_REGISTER);
        Ok(())
    }

    /// `yield from iterable`.
    pub fn yield_from(&mut self, node: &'a ast::ExprYieldFrom, target: u16) -> Outcome<()> {
        let iterator = self.push(&node.value)?;
        self.unit.emit.op(Opcode::GetYieldFromIter, iterator, iterator, 0);
        self.delegate(iterator, target)
    }

    /// `await awaitable`.
    pub fn await_value(&mut self, node: &'a ast::ExprAwait, target: u16) -> Outcome<()> {
        let awaitable = self.push(&node.value)?;
        self.unit.emit.op_x(Opcode::GetAwaitable, 0, awaitable, awaitable, 0);
        self.delegate(awaitable, target)
    }

    /// Awaits what is in a temporary, in place; `sort` is 1 for the result of `__aenter__`, 2 for that of `__aexit__`.
    pub fn await_register(&mut self, register: u16, sort: u8) -> Outcome<()> {
        self.unit.emit.reserve(register);
        let mark = self.unit.emit.top()?;
        let iterator = self.unit.emit.temporary()?;
        self.unit.emit.op_x(Opcode::GetAwaitable, sort, iterator, register, 0);
        self.delegate(iterator, register)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Hands control to an iterator until it is finished; its result goes to `target`, which is written last.
    fn delegate(&mut self, iterator: u16, target: u16) -> Outcome<()> {
        self.unit.emit.reserve(iterator);
        let value = self.unit.emit.temporary()?;
        let exception = self.unit.emit.temporary()?;
        self.load_const(value, Const::None);
        let (again, thrown, done) = (self.unit.emit.label_here(), self.unit.emit.label(), self.unit.emit.label());
        self.unit.emit.jump(Opcode::Send, value, iterator, value, done);
        let outer = self.unit.emit.handler;
        self.unit.emit.handler = Some(self.unit.emit.add_handler(thrown, exception));
        self.unit.emit.op_x(Opcode::Yield, 1, value, value, iterator);
        self.unit.emit.handler = outer;
        self.unit.emit.hidden_jump(again);
        self.unit.emit.place(thrown);
        self.unit.emit.op(Opcode::CleanupThrow, value, exception, 0);
        self.unit.emit.place(done);
        self.unit.emit.copy(target, value);
        Ok(())
    }

    /// Gets the next item of an asynchronous iterator into a target. The exception that ends the loop goes to `exit`.
    pub fn next_async_item(&mut self, target: &'a Expr, iterator: u16, exit: Label) -> Outcome<()> {
        // Taken for good: the handler's register must not be one that the loop's surroundings use.
        let exception = self.unit.emit.temporary()?;
        let mark = self.unit.emit.top()?;
        let item = self.unit.emit.temporary()?;
        let outer: Option<HandlerId> = self.unit.emit.handler;
        self.unit.emit.handler = Some(self.unit.emit.add_handler(exit, exception));
        self.unit.emit.op(Opcode::GetAsyncNext, item, iterator, 0);
        self.delegate_in_place(item)?;
        self.unit.emit.handler = outer;
        self.store(target, item)?;
        self.unit.emit.release(mark);
        self.unit.async_exceptions.push(exception);
        Ok(())
    }

    fn delegate_in_place(&mut self, register: u16) -> Outcome<()> {
        let mark = self.unit.emit.top()?;
        let iterator = self.unit.emit.temporary()?;
        self.unit.emit.copy(iterator, register);
        self.delegate(iterator, register)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// The exit of an asynchronous loop: anything but StopAsyncIteration is raised again.
    pub fn finish_async_items(&mut self, exit: Label) -> Outcome<()> {
        let Some(exception) = self.unit.async_exceptions.pop() else {
            return fail("internal: an asynchronous loop ends that was not begun", self.unit.emit.range);
        };
        self.unit.emit.place(exit);
        self.unit.emit.op(Opcode::EndAsyncFor, exception, 0, 0);
        Ok(())
    }
}

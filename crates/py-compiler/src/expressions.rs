//! Expressions: the entry points, and everything that has no file of its own.

use py_code::{Const, Opcode};
use py_syntax::ast::{self, Expr, Ranged, TextRange};

use crate::{
    error::{Outcome, fail},
    fold,
    unit::Compiler,
};

impl<'a> Compiler<'a> {
    /// Evaluates an expression; returns the register that holds its value: a local in place, else a new temporary.
    pub fn expr(&mut self, expression: &'a Expr) -> Outcome<u16> {
        if let Expr::Name(name) = expression
            && name.id.as_str() != "__debug__"
            && let Some((register, index)) = self.register_of(&name.id)
        {
            let range = self.at(name.range);
            self.unit.emit.wide(Opcode::CheckBound, register, index.into());
            self.at(range);
            return Ok(register);
        }
        self.push(expression)
    }

    /// As [`Self::expr`], for an operand that is used only after `later` have been evaluated: a local that they may rebind is copied.
    pub fn operand(&mut self, expression: &'a Expr, later: &[&Expr]) -> Outcome<u16> {
        if let Expr::Name(name) = expression
            && self.rebound_by(&name.id, later)
        {
            return self.push(expression);
        }
        self.expr(expression)
    }

    /// Whether evaluating expressions may rebind a local.
    pub fn rebound_by(&self, name: &str, later: &[&Expr]) -> bool {
        let name = self.mangled(name);
        let targets =
            &self.scopes.get(self.unit.inlined.last().map_or(self.unit.scope, |inlined| inlined.scope)).walrus_targets;
        (targets.contains(&*name) || self.scope().walrus_targets.contains(&*name))
            && later.iter().any(|each| !matches!(each, Expr::Name(_)) && fold::constant(each, self.facts()).is_none())
    }

    /// Evaluates an expression into a new temporary.
    pub fn push(&mut self, expression: &'a Expr) -> Outcome<u16> {
        let target = self.unit.emit.top()?;
        self.expr_to(expression, target)?;
        self.unit.emit.release(target);
        self.unit.emit.temporary()
    }

    /// Evaluates an expression for its effects.
    pub fn discard(&mut self, expression: &'a Expr) -> Outcome<()> {
        let mark = self.unit.emit.top()?;
        self.expr(expression)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Evaluates an expression into a register: a local, a temporary taken before, or the first free one.
    ///
    /// The register is written last, after everything that may fail, unless it is a temporary.
    pub fn expr_to(&mut self, expression: &'a Expr, target: u16) -> Outcome<()> {
        let outer = self.at(expression.range());
        let mark = self.unit.emit.top()?;
        self.expr_inner(expression, target)?;
        self.unit.emit.release(mark);
        self.at(outer);
        Ok(())
    }

    fn expr_inner(&mut self, expression: &'a Expr, target: u16) -> Outcome<()> {
        if let Some(constant) = fold::constant(expression, self.facts()) {
            self.load_const(target, constant);
            return Ok(());
        }
        match expression {
            Expr::Name(node) => self.load_name(&node.id, target),
            Expr::BoolOp(_) => self.bool_op(expression, target),
            Expr::Named(node) => {
                self.expr_to(&node.value, target)?;
                self.unit.emit.reserve(target);
                let Expr::Name(name) = &*node.target else {
                    return fail("cannot use assignment expressions with this target", node.range);
                };
                self.store_name(&name.id, target)
            }
            Expr::BinOp(node) => self.binary(node, target),
            Expr::UnaryOp(node) => self.unary(node, target),
            Expr::Lambda(node) => self.lambda(node, target),
            Expr::If(node) => self.conditional(node, target),
            Expr::Dict(node) => self.dict(node, target),
            Expr::Set(node) => self.set(node, target),
            Expr::List(node) => self.list(&node.elts, target),
            Expr::Tuple(node) => self.tuple(&node.elts, target),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expression, target)
            }
            Expr::Await(node) => self.await_value(node, target),
            Expr::Yield(node) => self.yield_value(node, target),
            Expr::YieldFrom(node) => self.yield_from(node, target),
            Expr::Compare(node) => self.compare(node, target),
            Expr::Call(node) => self.call(node, target),
            Expr::FString(node) => self.f_string(node, target),
            Expr::TString(node) => self.t_string(node, target),
            Expr::Attribute(node) => self.attribute(node, target),
            Expr::Subscript(node) => {
                let object = self.operand(&node.value, &[&node.slice])?;
                let key = self.expr(&node.slice)?;
                self.unit.emit.op(Opcode::LoadItem, target, object, key);
                Ok(())
            }
            Expr::Starred(node) => fail("can't use starred expression here", node.range),
            Expr::Slice(node) => self.slice(node, target),
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_) => fail("internal: a literal is no constant", expression.range()),
            Expr::IpyEscapeCommand(node) => fail("invalid syntax", node.range),
        }
    }

    fn attribute(&mut self, node: &'a ast::ExprAttribute, target: u16) -> Outcome<()> {
        if let Some(call) = self.zero_argument_super(&node.value) {
            let base = self.super_operands(call)?;
            let name = self.attribute_name(&node.attr)?;
            let explicit = u8::from(!call.arguments.args.is_empty());
            self.unit.emit.op_x(Opcode::LoadSuperAttr, explicit, target, base, name);
            return Ok(());
        }
        let object = self.expr(&node.value)?;
        let name = self.attribute_name(&node.attr)?;
        let outer = self.at(self.attribute_range(node.range, &node.attr));
        self.unit.emit.op(Opcode::LoadAttr, target, object, name);
        self.at(outer);
        Ok(())
    }

    /// Where an expression that uses an attribute is: from the attribute on, where that is on another line than its beginning.
    pub fn attribute_range(&self, range: TextRange, attribute: &ast::Identifier) -> TextRange {
        match self.line(range.start()) == self.line(attribute.range.end()) {
            true => range,
            false => TextRange::new(attribute.range.start(), range.end()),
        }
    }

    /// The index of an attribute's name.
    pub fn attribute_name(&mut self, attribute: &ast::Identifier) -> Outcome<u16> {
        let name = self.mangled(&attribute.id).into_owned();
        self.unit.emit.name(&name)
    }

    fn slice(&mut self, node: &'a ast::ExprSlice, target: u16) -> Outcome<()> {
        let base = self.unit.emit.top()?;
        for part in [&node.lower, &node.upper] {
            match part {
                Some(part) => drop(self.push(part)?),
                None => {
                    let none = self.unit.emit.temporary()?;
                    self.load_const(none, Const::None);
                }
            }
        }
        if let Some(step) = &node.step {
            self.push(step)?;
        }
        let count = 2 + u16::from(node.step.is_some());
        self.unit.emit.op(Opcode::BuildSlice, target, base, count);
        Ok(())
    }

    fn conditional(&mut self, node: &'a ast::ExprIf, target: u16) -> Outcome<()> {
        let (otherwise, end) = (self.unit.emit.label(), self.unit.emit.label());
        self.jump_if(&node.test, false, otherwise)?;
        self.expr_to(&node.body, target)?;
        self.unit.emit.jump(Opcode::Jump, 0, 0, 0, end);
        self.unit.emit.place(otherwise);
        self.expr_to(&node.orelse, target)?;
        self.unit.emit.place(end);
        Ok(())
    }

    /// Whether a register is a temporary: nobody but the expression being evaluated sees it.
    pub fn is_temporary(&self, register: u16) -> bool {
        let code = &self.unit.code;
        let named = code.nlocals as usize + code.cellvars.len() + code.freevars.len();
        usize::from(register) >= named
    }

    /// A register for a value that is built up in steps, for an expression whose result goes to `target`.
    pub fn working_register(&mut self, target: u16) -> Outcome<u16> {
        if self.is_temporary(target) {
            self.unit.emit.reserve(target);
            Ok(target)
        } else {
            self.unit.emit.temporary()
        }
    }
}

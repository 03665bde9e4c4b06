//! Comprehensions: written in line where the scope says so, else as functions of their own; generator expressions.

use std::collections::HashMap;

use py_code::{Const, FRAME_HEADER, Opcode};
use py_syntax::ast::{Comprehension, Expr, Ranged};

use crate::{
    emit::Label,
    error::{Outcome, fail},
    scope::{Resolution, Role, ScopeId, bound_names},
    unit::{Compiler, Inlined, Place, Signature},
};

/// What a comprehension makes of its elements.
#[derive(Clone, Copy)]
enum Element<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    Dict(&'a Expr, &'a Expr),
    /// `{**mapping for …}`.
    Merge(&'a Expr),
    Yield(&'a Expr),
}

impl<'a> Compiler<'a> {
    /// A list, set or dict comprehension or a generator expression.
    pub fn comprehension(&mut self, expression: &'a Expr, target: u16) -> Outcome<()> {
        let (scope, generators, element, name) = match expression {
            Expr::ListComp(node) => {
                (self.scopes.find(node, Role::Body), &node.generators, Element::List(&node.elt), "<listcomp>")
            }
            Expr::SetComp(node) => {
                (self.scopes.find(node, Role::Body), &node.generators, Element::Set(&node.elt), "<setcomp>")
            }
            Expr::DictComp(node) => {
                let element = match &node.key {
                    Some(key) => Element::Dict(key, &node.value),
                    None => Element::Merge(&node.value),
                };
                (self.scopes.find(node, Role::Body), &node.generators, element, "<dictcomp>")
            }
            Expr::Generator(node) => {
                (self.scopes.find(node, Role::Body), &node.generators, Element::Yield(&node.elt), "<genexpr>")
            }
            other => return fail("internal: not a comprehension", other.range()),
        };
        let (Some(scope), Some(first)) = (scope, generators.first()) else {
            return fail("internal: a comprehension without a scope", expression.range());
        };
        if self.scopes.get(scope).inlined {
            return self.inlined(scope, generators, element, target);
        }
        let range = self.generator_range.take().unwrap_or(expression.range());
        let base = self.unit.emit.temporaries(FRAME_HEADER.into())?;
        let iterable = self.push(&first.iter)?;
        let opcode = if first.is_async { Opcode::GetAsyncIter } else { Opcode::GetIter };
        self.unit.emit.op(opcode, iterable, iterable, 0);

        self.enter(scope, name, range, Signature::positional(1))?;
        self.at(expression.range());
        let result = match element {
            Element::Yield(_) => None,
            _ => {
                let result = self.unit.emit.temporary()?;
                self.build_empty(element, result);
                Some(result)
            }
        };
        self.clauses(generators, Some(0), element, result.unwrap_or(0))?;
        match result {
            Some(result) => self.unit.emit.op(Opcode::Return, result, 0, 0),
            None => self.unit.emit.op(Opcode::ReturnNone, 0, 0, 0),
        }
        let code = self.leave();
        let is_coroutine = code.flags & py_code::flags::COROUTINE != 0;
        self.make_function(code, None, None, None, base)?;
        self.unit.emit.op(Opcode::Call, target, base, 1);
        if is_coroutine {
            self.unit.emit.reserve(target);
            self.await_register(target, 0)?;
        }
        Ok(())
    }

    fn build_empty(&mut self, element: Element<'a>, target: u16) {
        let opcode = match element {
            Element::List(_) | Element::Yield(_) => Opcode::BuildList,
            Element::Set(_) => Opcode::BuildSet,
            Element::Dict(..) | Element::Merge(_) => Opcode::BuildDict,
        };
        self.unit.emit.op(opcode, target, 0, 0);
    }

    fn inlined(
        &mut self,
        scope: ScopeId,
        generators: &'a [Comprehension],
        element: Element<'a>,
        target: u16,
    ) -> Outcome<()> {
        let result = self.working_register(target)?;
        // The outermost iterable is evaluated outside of the comprehension's scope.
        let first = &generators[0];
        let iterator = self.push(&first.iter)?;
        let opcode = if first.is_async { Opcode::GetAsyncIter } else { Opcode::GetIter };
        let outer = self.at(first.iter.range());
        self.unit.emit.op(opcode, iterator, iterator, 0);
        self.at(outer);
        self.enter_inlined(scope, first)?;
        self.build_empty(element, result);
        self.clauses(generators, Some(iterator), element, result)?;
        // What the comprehension has bound is let go, and `locals()` no longer shows it.
        if let Some(inlined) = self.unit.inlined.pop() {
            let mut registers: Vec<u16> = inlined.places.values().filter_map(register_of_place).collect();
            registers.sort_unstable();
            for register in registers {
                self.unit.emit.wide(Opcode::Unbind, register, 1);
            }
        }
        self.unit.emit.copy(target, result);
        Ok(())
    }

    /// Gives the variables of an inlined comprehension their places.
    fn enter_inlined(&mut self, scope: ScopeId, first: &Comprehension) -> Outcome<()> {
        let mut early = Vec::new();
        if binds_names_only(&first.target) {
            bound_names(&first.target, &mut early);
        }
        let mut places = HashMap::new();
        for symbol in &self.scopes.get(scope).symbols {
            let name = &symbol.name;
            let place = match symbol.resolution {
                Resolution::Cell => match self.unit.hidden_cells.get(&(scope, name.clone())) {
                    Some(&Place::Cell { register, index }) => {
                        self.unit.emit.op(Opcode::NewCell, register, 0, 0);
                        Place::Cell { register, index }
                    }
                    _ => return fail("internal: a comprehension's cell has no place", self.unit.emit.range),
                },
                Resolution::Local => {
                    let place = self.hidden_register(name)?;
                    if let Place::Register { register, .. } = place
                        && !early.iter().any(|early| *self.mangled(early) == **name)
                    {
                        self.unit.emit.wide(Opcode::Unbind, register, 1);
                    }
                    place
                }
                _ => continue,
            };
            places.insert(name.clone(), place);
        }
        self.unit.inlined.push(Inlined { scope, places });
        Ok(())
    }

    /// A register for a local of an inlined comprehension: the one kept for the name, or a temporary if that is taken.
    fn hidden_register(&mut self, name: &str) -> Outcome<Place> {
        let taken = self.unit.inlined.iter().any(|inlined| inlined.places.contains_key(name));
        if let (false, Some(&place)) = (taken, self.unit.hidden.get(name)) {
            return Ok(place);
        }
        let index = self.unit.code.varnames.iter().position(|each| each == name).unwrap_or(0) as u16;
        Ok(Place::Register { register: self.unit.emit.temporary()?, index })
    }

    /// The loops of a comprehension. The outermost iterator is in a register already.
    fn clauses(
        &mut self,
        generators: &'a [Comprehension],
        iterator: Option<u16>,
        element: Element<'a>,
        result: u16,
    ) -> Outcome<()> {
        let Some((generator, rest)) = generators.split_first() else { return self.element(element, result) };
        let mark = self.unit.emit.top()?;
        let iterator = match iterator {
            Some(iterator) => iterator,
            None => {
                let iterator = self.push(&generator.iter)?;
                let opcode = if generator.is_async { Opcode::GetAsyncIter } else { Opcode::GetIter };
                self.unit.emit.op(opcode, iterator, iterator, 0);
                iterator
            }
        };
        let (header, exit) = (self.unit.emit.label_here(), self.unit.emit.label());
        self.unit.emit.op(Opcode::LoopHeader, 0, 0, 0);
        let outer = self.at(generator.iter.range());
        self.next_item(&generator.target, iterator, generator.is_async, exit)?;
        self.at(outer);
        for condition in &generator.ifs {
            self.jump_if(condition, false, header)?;
        }
        self.clauses(rest, None, element, result)?;
        self.unit.emit.jump(Opcode::Jump, 0, 0, 0, header);
        self.finish_items(generator.is_async, exit)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    fn element(&mut self, element: Element<'a>, result: u16) -> Outcome<()> {
        let mark = self.unit.emit.top()?;
        match element {
            Element::List(value) => {
                let (opcode, value) = match value {
                    Expr::Starred(starred) => (Opcode::ListExtend, &*starred.value),
                    value => (Opcode::ListAppend, value),
                };
                let value = self.expr(value)?;
                self.unit.emit.op(opcode, result, value, 0);
            }
            Element::Set(value) => {
                let (opcode, value) = match value {
                    Expr::Starred(starred) => (Opcode::SetUpdate, &*starred.value),
                    value => (Opcode::SetAdd, value),
                };
                let value = self.expr(value)?;
                self.unit.emit.op(opcode, result, value, 0);
            }
            Element::Dict(key, value) => {
                let key = self.operand(key, &[value])?;
                let value = self.expr(value)?;
                self.unit.emit.op(Opcode::DictInsert, result, key, value);
            }
            Element::Merge(value) => {
                let value = self.expr(value)?;
                self.unit.emit.op(Opcode::DictUpdate, result, value, 0);
            }
            Element::Yield(value) => {
                let value = self.expr(value)?;
                let sent = self.unit.emit.temporary()?;
                self.emit_yield(sent, value)?;
            }
        }
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Gets the next item of an iterator into a target, or jumps to `exit`; the handler of an asynchronous loop is declared here and ends
    /// with [`Self::finish_items`].
    pub fn next_item(&mut self, target: &'a Expr, iterator: u16, is_async: bool, exit: Label) -> Outcome<()> {
        if is_async {
            return self.next_async_item(target, iterator, exit);
        }
        let mark = self.unit.emit.top()?;
        let direct = match target {
            Expr::Name(name) => self.register_of(&name.id).map(|(register, _)| register),
            _ => None,
        };
        let item = match direct {
            Some(register) => register,
            None => self.unit.emit.temporary()?,
        };
        self.unit.emit.jump(Opcode::ForIter, item, iterator, 0, exit);
        if direct.is_none() {
            self.store(target, item)?;
        }
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Places the exit of a loop over an iterator.
    pub fn finish_items(&mut self, is_async: bool, exit: Label) -> Outcome<()> {
        if is_async {
            return self.finish_async_items(exit);
        }
        self.unit.emit.place(exit);
        Ok(())
    }

    /// Loads None into a new temporary.
    pub fn push_none(&mut self) -> Outcome<u16> {
        let target = self.unit.emit.temporary()?;
        self.load_const(target, Const::None);
        Ok(target)
    }
}

fn register_of_place(place: &Place) -> Option<u16> {
    match place {
        Place::Register { register, .. } | Place::Cell { register, .. } => Some(*register),
        _ => None,
    }
}

/// Whether storing into a target evaluates nothing.
fn binds_names_only(target: &Expr) -> bool {
    match target {
        Expr::Name(_) => true,
        Expr::Tuple(node) => node.elts.iter().all(binds_names_only),
        Expr::List(node) => node.elts.iter().all(binds_names_only),
        Expr::Starred(node) => binds_names_only(&node.value),
        _ => false,
    }
}

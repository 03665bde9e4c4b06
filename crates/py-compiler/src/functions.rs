//! Functions and lambdas: code, defaults, annotations, closure, decorators.

use py_code::{CodeUnit, Const, FRAME_HEADER, Opcode};
use py_syntax::ast::{self, Expr, Parameters, Ranged};

use crate::{
    error::{Outcome, fail},
    fold,
    scope::{Role, ScopeId},
    unit::{Compiler, Signature},
};

/// `x` bits of `MakeFunction`.
mod part {
    pub const DEFAULTS: u8 = 1;
    pub const KEYWORD_DEFAULTS: u8 = 2;
    pub const ANNOTATE: u8 = 4;
    pub const CLOSURE: u8 = 8;
}

/// What a function's parts come from, other than its closure.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parts {
    /// Register of the defaults tuple.
    pub defaults: Option<u16>,
    /// Register of the dict of keyword-only defaults.
    pub keyword_defaults: Option<u16>,
}

impl<'a> Compiler<'a> {
    /// `def`.
    pub fn function_def(&mut self, def: &'a ast::StmtFunctionDef) -> Outcome<()> {
        let direct = match def.decorator_list.is_empty() {
            true => self.register_of(&def.name.id).map(|(register, _)| register),
            false => None,
        };
        let mark = self.unit.emit.top()?;
        let bases = self.decorators(&def.decorator_list)?;
        let target = match direct {
            Some(register) => register,
            None => self.unit.emit.top()?,
        };
        self.at(self.definition_range(def.range, &def.decorator_list));
        match &def.type_params {
            Some(type_params) => self.generic_function(def, type_params, target)?,
            None => {
                let parts = self.default_parts(&def.parameters)?;
                self.function_itself(def, parts, target)?;
            }
        }
        self.apply_decorators(&def.decorator_list, &bases, target)?;
        self.at(self.definition_range(def.range, &def.decorator_list));
        let result = bases.first().copied().unwrap_or(target);
        self.unit.emit.reserve(result);
        self.store_name(&def.name.id, result)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Evaluates decorators, each at the base of the call that will apply it: the next one, and in the end the thing decorated, is its
    /// argument.
    pub fn decorators(&mut self, decorators: &'a [ast::Decorator]) -> Outcome<Vec<u16>> {
        let mut bases = Vec::new();
        for decorator in decorators {
            self.at(decorator.expression.range());
            let base = self.push(&decorator.expression)?;
            self.unit.emit.release(base);
            self.unit.emit.temporaries(FRAME_HEADER.into())?;
            bases.push(base);
        }
        Ok(bases)
    }

    /// Calls the decorators on what is in the last one's argument register.
    pub fn apply_decorators(
        &mut self,
        decorators: &'a [ast::Decorator],
        bases: &[u16],
        _decorated: u16,
    ) -> Outcome<()> {
        for (index, (&base, decorator)) in bases.iter().zip(decorators).enumerate().rev() {
            self.at(decorator.expression.range());
            // The result is the argument of the decorator before.
            let target = if index == 0 { base } else { bases[index - 1] + FRAME_HEADER };
            self.unit.emit.reserve(base + FRAME_HEADER);
            self.unit.emit.op(Opcode::Call, target, base, 1);
        }
        Ok(())
    }

    /// Evaluates defaults. Both parts are in temporaries.
    pub fn default_parts(&mut self, parameters: &'a Parameters) -> Outcome<Parts> {
        let mut parts = Parts::default();
        let defaults: Vec<&'a Expr> = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .filter_map(|parameter| parameter.default.as_deref())
            .collect();
        if !defaults.is_empty() {
            let target = self.unit.emit.temporary()?;
            let constants: Option<Vec<Const>> =
                defaults.iter().map(|default| fold::constant(default, self.facts())).collect();
            match constants {
                Some(constants) => self.load_const(target, Const::Tuple(constants)),
                None => {
                    let first = self.unit.emit.top()?;
                    for default in &defaults {
                        self.push(default)?;
                    }
                    self.unit.emit.op(Opcode::BuildTuple, target, first, defaults.len() as u16);
                    self.unit.emit.release(first);
                }
            }
            parts.defaults = Some(target);
        }
        let keyword_only: Vec<_> = parameters
            .kwonlyargs
            .iter()
            .filter_map(|parameter| Some((&parameter.parameter.name.id, parameter.default.as_deref()?)))
            .collect();
        if !keyword_only.is_empty() {
            let target = self.unit.emit.temporary()?;
            let first = self.unit.emit.top()?;
            for (name, default) in &keyword_only {
                let key = self.unit.emit.temporary()?;
                let name = self.mangled(name).into_owned();
                self.load_text(key, &name);
                self.push(default)?;
            }
            self.unit.emit.op(Opcode::BuildDict, target, first, keyword_only.len() as u16);
            self.unit.emit.release(first);
            parts.keyword_defaults = Some(target);
        }
        Ok(parts)
    }

    /// Makes the function of a `def` from its parts.
    pub fn function_itself(&mut self, def: &'a ast::StmtFunctionDef, parts: Parts, target: u16) -> Outcome<()> {
        let annotate = self.function_annotations(def)?;
        let Some(scope) = self.scopes.find(def, Role::Body) else {
            return fail("internal: a function without a scope", def.range);
        };
        let first_line = def.decorator_list.first().map_or(def.name.range, |decorator| decorator.range);
        let range = ast::TextRange::new(first_line.start(), def.range.end());
        self.enter(scope, &def.name.id, range, signature(&def.parameters))?;
        if let Some(text) = self.docstring(&def.body) {
            self.unit.code.flags |= py_code::flags::HAS_DOCSTRING;
            self.unit.code.docstring = Some(text);
        }
        self.body(self.without_docstring(&def.body))?;
        if self.unit.emit.falls_through() {
            self.at(crate::unit::nowhere());
            self.unit.emit.op(Opcode::ReturnNone, 0, 0, 0);
        }
        let code = self.leave();
        self.make_function(code, parts.defaults, parts.keyword_defaults, annotate, target)
    }

    /// `lambda`.
    pub fn lambda(&mut self, node: &'a ast::ExprLambda, target: u16) -> Outcome<()> {
        let mark = self.unit.emit.top()?;
        // The result may go to the first free temporary, which a default takes: an instruction may do that.
        let (parts, signature) = match &node.parameters {
            Some(parameters) => (self.default_parts(parameters)?, signature(parameters)),
            None => (Parts::default(), Signature::default()),
        };
        let Some(scope) = self.scopes.find(node, Role::Body) else {
            return fail("internal: a lambda without a scope", node.range);
        };
        self.enter(scope, "<lambda>", node.range, signature)?;
        let value = self.expr(&node.body)?;
        self.unit.emit.op(Opcode::Return, value, 0, 0);
        let code = self.leave();
        self.make_function(code, parts.defaults, parts.keyword_defaults, None, target)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Makes a function of code. `annotate` is the register of its annotate function.
    pub fn make_function(
        &mut self,
        code: CodeUnit,
        defaults: Option<u16>,
        keyword_defaults: Option<u16>,
        annotate: Option<u16>,
        target: u16,
    ) -> Outcome<()> {
        let mut x = 0;
        let mut base = 0;
        let mark = self.unit.emit.top()?;
        if defaults.is_some() || keyword_defaults.is_some() || annotate.is_some() || !code.freevars.is_empty() {
            base = self.unit.emit.temporaries(4)?;
        }
        let parts =
            [(part::DEFAULTS, defaults), (part::KEYWORD_DEFAULTS, keyword_defaults), (part::ANNOTATE, annotate)];
        for (index, (bits, register)) in parts.into_iter().enumerate() {
            if let Some(register) = register {
                self.unit.emit.copy(base + index as u16, register);
                x |= bits;
            }
        }
        if !code.freevars.is_empty() {
            self.closure(&code.freevars, base + 3)?;
            x |= part::CLOSURE;
        }
        let operands = [target, base, 0];
        self.unit.emit.with_constant(
            Opcode::MakeFunction,
            x,
            operands,
            1,
            Const::Code(std::sync::Arc::new(code.into())),
        );
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Builds the tuple of cells for the free variables of a nested function.
    fn closure(&mut self, freevars: &[py_code::Name], target: u16) -> Outcome<()> {
        let cells = freevars.iter().map(|name| self.cell_register(name)).collect::<Outcome<Vec<_>>>()?;
        let consecutive = cells.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let mut first = cells[0];
        let mark = self.unit.emit.top()?;
        if !consecutive {
            first = self.unit.emit.temporaries(cells.len())?;
            for (index, &cell) in cells.iter().enumerate() {
                self.unit.emit.op(Opcode::Move, first + index as u16, cell, 0);
            }
        }
        self.unit.emit.op(Opcode::BuildTuple, target, first, cells.len() as u16);
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Makes a function without parts of the scope that `write` writes the body of.
    pub fn plain_function(
        &mut self,
        scope: ScopeId,
        name: &str,
        range: ast::TextRange,
        signature: Signature,
        target: u16,
        write: impl FnOnce(&mut Self) -> Outcome<()>,
    ) -> Outcome<()> {
        self.enter(scope, name, range, signature)?;
        write(self)?;
        let code = self.leave();
        self.make_function(code, None, None, None, target)
    }
}

/// The signature of parameters.
pub(crate) fn signature(parameters: &Parameters) -> Signature {
    Signature {
        positional_only: parameters.posonlyargs.len() as u32,
        positional: (parameters.posonlyargs.len() + parameters.args.len()) as u32,
        keyword_only: parameters.kwonlyargs.len() as u32,
        variadic: parameters.vararg.is_some(),
        keywords: parameters.kwarg.is_some(),
    }
}

//! Type parameters (PEP 695, 696): generic functions, classes and type aliases.
//!
//! Each gets a function around it that makes the type parameters, builds the thing itself and is called at once.

use py_code::{Const, FRAME_HEADER, NO_REGISTER, Opcode};
use py_syntax::ast::{self, Expr, Ranged, TypeParam, TypeParams};

use crate::{
    error::{Outcome, fail},
    functions::Parts,
    scope::{Role, ScopeId},
    unit::{Compiler, Signature},
};

/// `x` of `MakeTypeParam`.
mod sort {
    pub const TYPE_VAR: u8 = 0;
    pub const WITH_BOUND: u8 = 1;
    pub const WITH_CONSTRAINTS: u8 = 2;
    pub const PARAM_SPEC: u8 = 3;
    pub const TYPE_VAR_TUPLE: u8 = 4;
}

impl<'a> Compiler<'a> {
    fn type_scope(&self, type_params: &TypeParams) -> Outcome<ScopeId> {
        match self.scopes.find(type_params, Role::TypeParameters) {
            Some(scope) => Ok(scope),
            None => fail("internal: type parameters without a scope", type_params.range),
        }
    }

    /// A generic function, into a register.
    pub fn generic_function(
        &mut self,
        def: &'a ast::StmtFunctionDef,
        type_params: &'a TypeParams,
        target: u16,
    ) -> Outcome<()> {
        let scope = self.type_scope(type_params)?;
        let base = self.unit.emit.temporaries(FRAME_HEADER.into())?;
        let parts = self.default_parts(&def.parameters)?;
        // The defaults are the arguments of the function around; they are evaluated into its argument registers.
        let count = u16::from(parts.defaults.is_some()) + u16::from(parts.keyword_defaults.is_some());
        let name = format!("<generic parameters of {}>", def.name.id);
        self.plain_function(scope, &name, def.range, Signature::positional(count.into()), base, |this| {
            let inner = Parts {
                defaults: parts.defaults.map(|_| 0),
                keyword_defaults: parts.keyword_defaults.map(|_| u16::from(parts.defaults.is_some())),
            };
            let parameters = this.type_parameter_tuple(type_params)?;
            let function = this.unit.emit.top()?;
            this.function_itself(def, inner, function)?;
            this.unit.emit.op(Opcode::SetTypeParams, function, parameters, 0);
            this.unit.emit.reserve(function);
            this.unit.emit.op(Opcode::Return, function, 0, 0);
            Ok(())
        })?;
        self.unit.emit.op(Opcode::Call, target, base, count);
        Ok(())
    }

    /// A generic class, into a register.
    pub fn generic_class(
        &mut self,
        def: &'a ast::StmtClassDef,
        type_params: &'a TypeParams,
        target: u16,
    ) -> Outcome<()> {
        let scope = self.type_scope(type_params)?;
        let base = self.unit.emit.temporaries(FRAME_HEADER.into())?;
        let name = format!("<generic parameters of {}>", def.name.id);
        self.plain_function(scope, &name, def.range, Signature::default(), base, |this| {
            let parameters = this.type_parameter_tuple(type_params)?;
            this.store_name(".type_params", parameters)?;
            let generic = this.unit.emit.temporary()?;
            this.unit.emit.op(Opcode::MakeGenericBase, generic, parameters, 0);
            this.store_name(".generic_base", generic)?;
            let class = this.unit.emit.top()?;
            this.class_itself(def, Some(".generic_base"), class)?;
            this.unit.emit.reserve(class);
            this.unit.emit.op(Opcode::Return, class, 0, 0);
            Ok(())
        })?;
        self.unit.emit.op(Opcode::Call, target, base, 0);
        Ok(())
    }

    /// Calls `__build_class__` for a generic class with bases of its own: `Generic[…]` comes after them.
    pub fn call_with_generic_base(
        &mut self,
        def: &'a ast::StmtClassDef,
        generic_base: &str,
        base: u16,
        target: u16,
    ) -> Outcome<()> {
        let Some(arguments) = def.arguments.as_deref() else {
            return self.call_with_extra(None, base, 2, target);
        };
        // Always through a list, since bases may be unpacked.
        let new = self.unit.emit.temporary()?;
        self.unit.emit.copy(new, base);
        self.unit.emit.temporaries(FRAME_HEADER as usize - 1)?;
        let positional = self.unit.emit.temporary()?;
        self.list_of(&arguments.args, &[base + FRAME_HEADER, base + FRAME_HEADER + 1], positional)?;
        let mark = self.unit.emit.top()?;
        let generic = self.unit.emit.temporary()?;
        self.load_name(generic_base, generic)?;
        self.unit.emit.op(Opcode::ListAppend, positional, generic, 0);
        self.unit.emit.release(mark);
        self.unit.emit.op(Opcode::ListToTuple, positional, positional, 0);
        let keywords = self.unit.emit.temporary()?;
        self.keyword_dict(&arguments.keywords, keywords, new)?;
        self.unit.emit.op(Opcode::CallEx, target, new, 0);
        Ok(())
    }

    /// `type name[parameters] = value`.
    pub fn type_alias(&mut self, alias: &'a ast::StmtTypeAlias) -> Outcome<()> {
        let Expr::Name(name) = &*alias.name else {
            return fail("type alias name is no name", alias.range);
        };
        let Some(scope) = self.scopes.find(alias, Role::Body) else {
            return fail("internal: a type alias without a scope", alias.range);
        };
        let result = match &alias.type_params {
            None => {
                let parts = self.unit.emit.temporaries(3)?;
                self.load_text(parts, &name.id);
                self.load_const(parts + 1, Const::None);
                self.evaluator(scope, &name.id, &alias.value, parts + 2)?;
                self.unit.emit.op(Opcode::MakeTypeAlias, parts, parts, 0);
                parts
            }
            Some(type_params) => {
                let around = self.type_scope(type_params)?;
                let base = self.unit.emit.temporaries(FRAME_HEADER.into())?;
                let full = format!("<generic parameters of {}>", name.id);
                self.plain_function(around, &full, alias.range, Signature::default(), base, |this| {
                    let parts = this.unit.emit.temporaries(3)?;
                    this.load_text(parts, &name.id);
                    let parameters = this.type_parameter_tuple(type_params)?;
                    this.unit.emit.copy(parts + 1, parameters);
                    this.evaluator(scope, &name.id, &alias.value, parts + 2)?;
                    this.unit.emit.op(Opcode::MakeTypeAlias, parts, parts, 0);
                    this.unit.emit.op(Opcode::Return, parts, 0, 0);
                    Ok(())
                })?;
                self.unit.emit.op(Opcode::Call, base, base, 0);
                base
            }
        };
        self.store_name(&name.id, result)
    }

    /// Makes a function that evaluates an expression when asked to, into a temporary taken before.
    fn evaluator(&mut self, scope: ScopeId, name: &str, value: &'a Expr, target: u16) -> Outcome<()> {
        let defaults = self.unit.emit.temporary()?;
        self.load_const(defaults, Const::Tuple(vec![Const::Int(1)]));
        self.enter(scope, name, value.range(), Signature::positional_only(1))?;
        self.check_format()?;
        let value = match value {
            Expr::Starred(starred) => {
                let value = self.push(&starred.value)?;
                self.unit.emit.op(Opcode::UnpackSequence, value, value, 1);
                value
            }
            plain => self.expr(plain)?,
        };
        self.unit.emit.op(Opcode::Return, value, 0, 0);
        let code = self.leave();
        self.make_function(code, Some(defaults), None, None, target)?;
        self.unit.emit.release(defaults);
        Ok(())
    }

    /// Makes the type parameters, binds them and builds the tuple of them in a new temporary.
    fn type_parameter_tuple(&mut self, type_params: &'a TypeParams) -> Outcome<u16> {
        let tuple = self.unit.emit.temporary()?;
        let first = self.unit.emit.top()?;
        let mut defaulted = false;
        for parameter in &type_params.type_params {
            let register = self.unit.emit.temporary()?;
            let mark = self.unit.emit.top()?;
            let (name, bound, default) = match parameter {
                TypeParam::TypeVar(node) => (&node.name, node.bound.as_deref(), node.default.as_deref()),
                TypeParam::TypeVarTuple(node) => (&node.name, None, node.default.as_deref()),
                TypeParam::ParamSpec(node) => (&node.name, None, node.default.as_deref()),
            };
            let mut evaluator = NO_REGISTER;
            if let (Some(bound), Some(scope)) = (bound, self.scopes.find(parameter, Role::Body)) {
                evaluator = self.unit.emit.temporary()?;
                self.evaluator(scope, &name.id, bound, evaluator)?;
            }
            let sort = match (parameter, bound) {
                (TypeParam::TypeVar(_), None) => sort::TYPE_VAR,
                (TypeParam::TypeVar(_), Some(Expr::Tuple(_))) => sort::WITH_CONSTRAINTS,
                (TypeParam::TypeVar(_), Some(_)) => sort::WITH_BOUND,
                (TypeParam::ParamSpec(_), _) => sort::PARAM_SPEC,
                (TypeParam::TypeVarTuple(_), _) => sort::TYPE_VAR_TUPLE,
            };
            let text = self.unit.emit.temporary()?;
            self.load_text(text, &name.id);
            self.unit.emit.op_x(Opcode::MakeTypeParam, sort, register, text, evaluator);
            match (default, self.scopes.find(parameter, Role::Default)) {
                (Some(default), Some(scope)) => {
                    defaulted = true;
                    let evaluator = self.unit.emit.temporary()?;
                    self.evaluator(scope, &name.id, default, evaluator)?;
                    self.unit.emit.op(Opcode::SetTypeParamDefault, register, evaluator, 0);
                }
                _ if defaulted => {
                    let message = format!("non-default type parameter '{}' follows default type parameter", name.id);
                    return fail(message, parameter.range());
                }
                _ => {}
            }
            self.unit.emit.release(mark);
            self.store_name(&name.id, register)?;
        }
        self.unit.emit.op(Opcode::BuildTuple, tuple, first, type_params.type_params.len() as u16);
        self.unit.emit.release(first);
        Ok(tuple)
    }
}

//! Classes: the body as a function that fills the namespace, called through `__build_class__`.

use py_code::{Const, FRAME_HEADER, Opcode, Text};
use py_syntax::ast;

use crate::{
    error::{Outcome, fail},
    scope::Role,
    unit::{Compiler, Place, Signature},
};

impl<'a> Compiler<'a> {
    /// `class`.
    pub fn class_def(&mut self, def: &'a ast::StmtClassDef) -> Outcome<()> {
        let mark = self.unit.emit.top()?;
        let bases = self.decorators(&def.decorator_list)?;
        let target = self.unit.emit.top()?;
        self.at(self.definition_range(def.range, &def.decorator_list));
        match &def.type_params {
            Some(type_params) => self.generic_class(def, type_params, target)?,
            None => self.class_itself(def, None, target)?,
        }
        self.apply_decorators(&def.decorator_list, &bases, target)?;
        self.at(self.definition_range(def.range, &def.decorator_list));
        let result = bases.first().copied().unwrap_or(target);
        self.unit.emit.reserve(result);
        self.store_name(&def.name.id, result)?;
        self.unit.emit.release(mark);
        Ok(())
    }

    /// Builds the class; `generic_base` is the variable that holds `typing.Generic[…]` of a generic class.
    pub fn class_itself(&mut self, def: &'a ast::StmtClassDef, generic_base: Option<&str>, target: u16) -> Outcome<()> {
        let base = self.unit.emit.temporaries(FRAME_HEADER.into())?;
        self.unit.emit.op(Opcode::LoadBuildClass, base, 0, 0);
        let function = self.unit.emit.top()?;
        self.class_body(def, function)?;
        self.unit.emit.release(function);
        self.unit.emit.temporary()?;
        let name = self.unit.emit.temporary()?;
        self.load_text(name, &def.name.id);
        let mut extra = 2;
        if let Some(generic_base) = generic_base {
            if def.arguments.is_none() {
                let register = self.unit.emit.temporary()?;
                self.load_name(generic_base, register)?;
                extra = 3;
            } else {
                return self.call_with_generic_base(def, generic_base, base, target);
            }
        }
        self.call_with_extra(def.arguments.as_deref(), base, extra, target)
    }

    fn class_body(&mut self, def: &'a ast::StmtClassDef, target: u16) -> Outcome<()> {
        let Some(scope) = self.scopes.find(def, Role::Body) else {
            return fail("internal: a class without a scope", def.range);
        };
        let first_line = def.decorator_list.first().map_or(def.range, |decorator| decorator.range);
        let range = ast::TextRange::new(first_line.start(), def.range.end());
        self.plain_function(scope, &def.name.id, range, Signature::default(), target, |this| {
            let value = this.unit.emit.temporary()?;
            let name = this.unit.emit.name_wide("__name__");
            this.unit.emit.wide(Opcode::LoadName, value, name);
            this.store_in_namespace("__module__", value);
            let qualname = this.unit.code.qualname.clone();
            this.load_text(value, &qualname);
            this.store_in_namespace("__qualname__", value);
            this.load_const(value, Const::Int(this.unit.code.firstlineno.into()));
            this.store_in_namespace("__firstlineno__", value);
            if def.type_params.is_some() {
                this.load_name(".type_params", value)?;
                this.store_in_namespace("__type_params__", value);
            }
            if let Some(&Place::Cell { register, .. }) = this.unit.places.get("__classdict__") {
                this.unit.emit.op(Opcode::LoadLocals, value, 0, 0);
                this.unit.emit.op(Opcode::StoreCell, register, value, 0);
            }
            this.unit.emit.release(value);
            this.docstring_of_block(&def.body)?;
            this.block_annotations_function(scope, &def.body, range)?;
            this.body(this.without_docstring(&def.body))?;
            let value = this.unit.emit.temporary()?;
            this.at(crate::unit::nowhere());
            let attributes = this.unit.static_attributes.iter().map(|name| Const::Str(Text::from(name.as_str())));
            let attributes = Const::Tuple(attributes.collect());
            this.load_const(value, attributes);
            this.store_in_namespace("__static_attributes__", value);
            if let Some(&Place::Cell { register, .. }) = this.unit.places.get("__classdict__") {
                this.store_in_namespace("__classdictcell__", register);
            }
            match this.unit.places.get("__class__") {
                // The class is stored into the cell when it has been made.
                Some(&Place::Cell { register, .. }) if this.scope().needs_class_cell => {
                    this.store_in_namespace("__classcell__", register);
                    this.unit.emit.op(Opcode::Return, register, 0, 0);
                }
                _ => this.unit.emit.op(Opcode::ReturnNone, 0, 0, 0),
            }
            Ok(())
        })
    }
}

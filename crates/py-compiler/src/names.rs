//! Variables: loading, storing and deleting them, wherever they live.

use std::borrow::Cow;

use py_code::Opcode;

use crate::{
    Mode,
    error::{Outcome, fail},
    scope::{Resolution, ScopeKind, mangle},
    unit::{Compiler, Place},
};

impl Compiler<'_> {
    /// The name as it is stored: private names carry their class.
    pub fn mangled<'n>(&self, name: &'n str) -> Cow<'n, str> {
        mangle(self.scope().class_name.as_deref(), name)
    }

    /// Where a (mangled) variable lives.
    pub fn place_of(&self, name: &str) -> Place {
        for inlined in self.unit.inlined.iter().rev() {
            let symbol = self.scopes.get(inlined.scope).symbol(name);
            if symbol.is_some_and(|symbol| matches!(symbol.resolution, Resolution::Local | Resolution::Cell)) {
                return inlined.places[name];
            }
        }
        let scope = self.scope();
        if let (ScopeKind::Class, Some(inlined)) = (scope.kind, self.unit.inlined.first()) {
            // Not a name of the class body: see `scope::resolve`.
            let resolution = self.scopes.get(inlined.scope).symbol(name).map(|symbol| symbol.resolution);
            return match (resolution, self.unit.places.get(name)) {
                (Some(Resolution::Free), Some(&place)) => place,
                _ => Place::Global,
            };
        }
        let resolution = scope.symbol(name).map_or(Resolution::Global, |symbol| symbol.resolution);
        match scope.kind {
            ScopeKind::Module => match resolution {
                Resolution::DeclaredGlobal => Place::Global,
                _ if self.mode == Mode::Module => Place::Global,
                _ => Place::Name,
            },
            ScopeKind::Class => match (resolution, self.unit.places.get(name)) {
                (Resolution::DeclaredGlobal, _) => Place::Global,
                (Resolution::Free, Some(&Place::Cell { register, index })) => Place::ClassCell { register, index },
                _ => Place::Name,
            },
            _ => match (resolution, self.unit.places.get(name)) {
                (Resolution::Free, Some(&Place::Cell { register, index })) if self.looks_in_class(name) => {
                    Place::ClassCell { register, index }
                }
                (Resolution::Local | Resolution::Cell | Resolution::Free, Some(&place)) => place,
                (Resolution::Global, _) if self.looks_in_class(name) => Place::ClassGlobal,
                _ => Place::Global,
            },
        }
    }

    /// Whether the unit looks a name up in the class namespace first.
    fn looks_in_class(&self, name: &str) -> bool {
        self.scope().sees_class && !matches!(name, "__classdict__" | "__conditional_annotations__")
    }

    /// The register that holds a variable, if it lives in one.
    pub fn register_of(&self, name: &str) -> Option<(u16, u16)> {
        match self.place_of(&self.mangled(name)) {
            Place::Register { register, index } => Some((register, index)),
            _ => None,
        }
    }

    /// Loads a variable into a register.
    pub fn load_name(&mut self, name: &str, target: u16) -> Outcome<()> {
        let name = self.mangled(name).into_owned();
        match self.place_of(&name) {
            Place::Register { register, index } => {
                self.unit.emit.wide(Opcode::CheckBound, register, index.into());
                self.unit.emit.copy(target, register);
            }
            Place::Cell { register, index } => self.unit.emit.op(Opcode::LoadCell, target, register, index),
            Place::ClassCell { register, index } => {
                let mark = self.unit.emit.top()?;
                let namespace = self.class_namespace()?;
                self.unit.emit.extended(Opcode::LoadFromDictOrCell, [target, namespace, register], 0, index.into());
                self.unit.emit.release(mark);
            }
            Place::Global => {
                let index = self.unit.emit.name_wide(&name);
                self.unit.emit.wide(Opcode::LoadGlobal, target, index);
            }
            Place::Name => {
                let index = self.unit.emit.name_wide(&name);
                self.unit.emit.wide(Opcode::LoadName, target, index);
            }
            Place::ClassGlobal => {
                let mark = self.unit.emit.top()?;
                let namespace = self.class_namespace()?;
                let index = self.unit.emit.name(&name)?;
                self.unit.emit.op(Opcode::LoadFromDictOrGlobal, target, namespace, index);
                self.unit.emit.release(mark);
            }
        }
        Ok(())
    }

    /// The namespace of the class body being run, or of the one that an annotation scope sees, in a temporary.
    fn class_namespace(&mut self) -> Outcome<u16> {
        let target = self.unit.emit.temporary()?;
        if self.unit.kind == ScopeKind::Class {
            self.unit.emit.op(Opcode::LoadLocals, target, 0, 0);
            return Ok(target);
        }
        match self.unit.places.get("__classdict__") {
            Some(&Place::Cell { register, index }) => self.unit.emit.op(Opcode::LoadCell, target, register, index),
            _ => return fail("internal: the scope does not see its class", self.unit.emit.range),
        }
        Ok(target)
    }

    /// Stores a register into a variable.
    pub fn store_name(&mut self, name: &str, value: u16) -> Outcome<()> {
        let name = self.mangled(name).into_owned();
        match self.place_of(&name) {
            Place::Register { register, .. } => self.unit.emit.copy(register, value),
            Place::Cell { register, .. } | Place::ClassCell { register, .. } => {
                self.unit.emit.op(Opcode::StoreCell, register, value, 0);
            }
            Place::Global | Place::ClassGlobal => {
                let index = self.unit.emit.name_wide(&name);
                self.unit.emit.wide(Opcode::StoreGlobal, value, index);
            }
            Place::Name => self.store_in_namespace(&name, value),
        }
        Ok(())
    }

    /// Stores a register into the namespace of the class body or `exec`'d code.
    pub fn store_in_namespace(&mut self, name: &str, value: u16) {
        let index = self.unit.emit.name_wide(name);
        self.unit.emit.wide(Opcode::StoreName, value, index);
    }

    /// Deletes a variable.
    pub fn delete_name(&mut self, name: &str) -> Outcome<()> {
        let name = self.mangled(name).into_owned();
        match self.place_of(&name) {
            Place::Register { register, index } => {
                self.unit.emit.wide(Opcode::DeleteLocal, register, index.into());
            }
            Place::Cell { register, index } | Place::ClassCell { register, index } => {
                self.unit.emit.op(Opcode::DeleteCell, register, 0, index);
            }
            Place::Global | Place::ClassGlobal => {
                let index = self.unit.emit.name_wide(&name);
                self.unit.emit.wide(Opcode::DeleteGlobal, 0, index);
            }
            Place::Name => {
                let index = self.unit.emit.name_wide(&name);
                self.unit.emit.wide(Opcode::DeleteName, 0, index);
            }
        }
        Ok(())
    }

    /// The register that holds the cell of a variable, for closures of nested functions.
    pub fn cell_register(&self, name: &str) -> Outcome<u16> {
        for inlined in self.unit.inlined.iter().rev() {
            if let Some(Place::Cell { register, .. }) = inlined.places.get(name) {
                return Ok(*register);
            }
        }
        match self.unit.places.get(name) {
            Some(&Place::Cell { register, .. }) => Ok(register),
            _ => fail(format!("internal: variable '{name}' has no cell"), self.unit.emit.range),
        }
    }
}

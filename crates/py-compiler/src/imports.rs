//! Imports, and what `from __future__` asks for.

use py_code::{Const, Opcode, Text};
use py_syntax::ast::{self, Expr, Stmt};

use crate::{
    error::{Outcome, fail},
    unit::Compiler,
};

/// Features that `__future__` knows.
const FEATURES: &[&str] = &[
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

/// Whether a module has `from __future__ import annotations`; checks all its future imports.
pub(crate) fn future_annotations(body: &[Stmt]) -> Outcome<bool> {
    let mut annotations = false;
    let mut at_start = true;
    for (index, statement) in body.iter().enumerate() {
        match statement {
            Stmt::ImportFrom(node) if is_future(node) => {
                if !at_start {
                    let message = "from __future__ imports must occur at the beginning of the file";
                    return fail(message, node.range);
                }
                for alias in &node.names {
                    let name = alias.name.id.as_str();
                    if !FEATURES.contains(&name) {
                        let message = match name {
                            "braces" => "not a chance".to_string(),
                            _ => format!("future feature {name} is not defined"),
                        };
                        return fail(message, alias.range);
                    }
                    annotations |= name == "annotations";
                }
            }
            Stmt::Expr(node) if index == 0 && matches!(&*node.value, Expr::StringLiteral(_)) => {}
            _ => at_start = false,
        }
    }
    Ok(annotations)
}

fn is_future(node: &ast::StmtImportFrom) -> bool {
    node.level == 0 && node.module.as_ref().is_some_and(|module| module.id.as_str() == "__future__")
}

impl<'a> Compiler<'a> {
    /// `import a.b, c as d`.
    pub fn import(&mut self, node: &'a ast::StmtImport) -> Outcome<()> {
        for alias in &node.names {
            let mark = self.unit.emit.top()?;
            let module = self.import_name(alias.name.id.as_str(), 0, Const::None)?;
            match &alias.asname {
                None => {
                    let full = alias.name.id.as_str();
                    self.store_name(full.split('.').next().unwrap_or(full), module)?;
                }
                Some(name) => {
                    // `import a.b.c as d` binds d to a.b.c, found as `from` finds it.
                    for part in alias.name.id.as_str().split('.').skip(1) {
                        let part = self.unit.emit.name(part)?;
                        self.unit.emit.op(Opcode::ImportFrom, module, module, part);
                    }
                    self.store_name(&name.id, module)?;
                }
            }
            self.unit.emit.release(mark);
        }
        Ok(())
    }

    /// `from module import names`.
    pub fn import_from(&mut self, node: &'a ast::StmtImportFrom) -> Outcome<()> {
        if is_future(node) && !self.outer.is_empty() {
            return fail("from __future__ imports must occur at the beginning of the file", node.range);
        }
        let names = node.names.iter().map(|alias| Const::Str(Text::from(alias.name.id.as_str()))).collect();
        let module = node.module.as_ref().map_or("", |module| module.id.as_str());
        let module = self.import_name(module, node.level, Const::Tuple(names))?;
        let value = self.unit.emit.temporary()?;
        for alias in &node.names {
            if alias.name.id.as_str() == "*" {
                self.unit.emit.op(Opcode::ImportStar, module, 0, 0);
                return Ok(());
            }
            let target = alias.asname.as_ref().unwrap_or(&alias.name);
            let direct = self.register_of(&target.id).map(|(register, _)| register);
            let name = self.unit.emit.name(&alias.name.id)?;
            self.unit.emit.op(Opcode::ImportFrom, direct.unwrap_or(value), module, name);
            if direct.is_none() {
                self.store_name(&target.id, value)?;
            }
        }
        Ok(())
    }

    /// Imports a module into a temporary.
    fn import_name(&mut self, module: &str, level: u32, names: Const) -> Outcome<u16> {
        let base = self.unit.emit.temporaries(2)?;
        self.load_const(base, Const::Int(level.into()));
        self.load_const(base + 1, names);
        let name = self.unit.emit.name(module)?;
        self.unit.emit.op(Opcode::ImportName, base, base, name);
        Ok(base)
    }
}

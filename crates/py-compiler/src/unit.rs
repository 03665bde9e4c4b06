//! Units: the code of one module, function, class or generator expression while it is written, and the compiler that writes it.

use std::collections::{BTreeSet, HashMap};

use py_code::{CodeUnit, Const, Opcode, Text, flags};
use py_syntax::{
    LineIndex,
    ast::{Expr, Stmt, TextRange, TextSize},
};

use crate::{
    Mode, Options,
    control::Block,
    emit::Emitter,
    error::{Outcome, fail},
    fold::Facts,
    scope::{Resolution, Scope, ScopeId, ScopeKind, ScopeTree},
};

/// Flags of units that make a generator or the like when called.
pub(crate) const GENERATOR_FLAGS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;

/// Where a variable lives, as seen from the unit being written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In a register; `index` is its place among `varnames`, for messages.
    Register { register: u16, index: u16 },
    /// In a cell that a register holds; `index` is its place among cellvars and freevars.
    Cell { register: u16, index: u16 },
    /// As a cell, but the class namespace is looked at first.
    ClassCell { register: u16, index: u16 },
    /// Among the globals.
    Global,
    /// In the namespace, then among the globals.
    Name,
    /// In the class namespace (through the `__classdict__` cell), then among the globals.
    ClassGlobal,
}

/// An inlined comprehension whose code is being written.
#[derive(Debug)]
pub(crate) struct Inlined {
    pub scope: ScopeId,
    pub places: HashMap<String, Place>,
}

/// A unit being written.
pub(crate) struct Unit<'a> {
    pub emit: Emitter,
    pub code: CodeUnit,
    pub scope: ScopeId,
    pub kind: ScopeKind,
    /// Named variables of the unit's own scope.
    pub places: HashMap<String, Place>,
    /// Registers for the locals of inlined comprehensions, by name: free for use unless an enclosing one has taken it.
    pub hidden: HashMap<String, Place>,
    /// Places for the cells of inlined comprehensions.
    pub hidden_cells: HashMap<(ScopeId, String), Place>,
    pub inlined: Vec<Inlined>,
    pub blocks: Vec<Block<'a>>,
    /// Registers of the exceptions that end the asynchronous loops being written.
    pub async_exceptions: Vec<u16>,
    /// Attributes that methods of this class set on `self`.
    pub static_attributes: BTreeSet<String>,
}

/// The place of instructions that belong to whatever runs before them.
pub(crate) fn nowhere() -> TextRange {
    TextRange::default()
}

/// The compiler of one source.
pub(crate) struct Compiler<'a> {
    pub source: &'a str,
    pub filename: &'a str,
    pub lines: &'a LineIndex,
    pub scopes: &'a ScopeTree,
    pub mode: Mode,
    pub options: Options,
    /// The unit being written.
    pub unit: Unit<'a>,
    /// Where a generator expression that is a call's only argument begins and ends: at the call's parentheses.
    pub generator_range: Option<TextRange>,
    /// The units around it, outermost first.
    pub outer: Vec<Unit<'a>>,
}

/// The parameters of a unit.
#[derive(Clone, Copy, Default)]
pub(crate) struct Signature {
    pub positional_only: u32,
    pub positional: u32,
    pub keyword_only: u32,
    pub variadic: bool,
    pub keywords: bool,
}

impl Signature {
    /// A number of positional-only parameters and nothing else.
    pub fn positional_only(count: u32) -> Signature {
        Signature { positional_only: count, positional: count, ..Signature::default() }
    }

    /// A number of positional parameters and nothing else.
    pub fn positional(count: u32) -> Signature {
        Signature { positional: count, ..Signature::default() }
    }

    pub fn registers(&self) -> u32 {
        self.positional + self.keyword_only + u32::from(self.variadic) + u32::from(self.keywords)
    }
}

impl<'a> Unit<'a> {
    fn new(scope: ScopeId, kind: ScopeKind, code: CodeUnit) -> Unit<'a> {
        Unit {
            emit: Emitter::new(0),
            code,
            scope,
            kind,
            places: HashMap::new(),
            hidden: HashMap::new(),
            hidden_cells: HashMap::new(),
            inlined: Vec::new(),
            blocks: Vec::new(),
            async_exceptions: Vec::new(),
            static_attributes: BTreeSet::new(),
        }
    }
}

impl<'a> Compiler<'a> {
    pub fn new(
        source: &'a str,
        filename: &'a str,
        lines: &'a LineIndex,
        scopes: &'a ScopeTree,
        mode: Mode,
        options: Options,
    ) -> Compiler<'a> {
        let unit = Unit::new(ScopeTree::ROOT, ScopeKind::Module, CodeUnit::default());
        Compiler { source, filename, lines, scopes, mode, options, unit, generator_range: None, outer: Vec::new() }
    }

    /// Compiles the whole source.
    pub fn module(mut self, body: &'a [Stmt], expression: Option<&'a Expr>) -> Outcome<CodeUnit> {
        self.unit.code.name = "<module>".into();
        self.unit.code.qualname = "<module>".into();
        self.unit.code.filename = self.filename.to_string().into();
        self.unit.code.firstlineno = 1;
        if self.options.future_annotations {
            self.unit.code.flags |= flags::FUTURE_ANNOTATIONS;
        }
        let has_await = self.has_await(ScopeTree::ROOT);
        if has_await && self.options.top_level_await {
            self.unit.code.flags |= flags::COROUTINE;
        }
        self.prepare_variables(&[])?;
        match expression {
            Some(expression) => {
                let value = self.expr(expression)?;
                self.unit.emit.op(Opcode::Return, value, 0, 0);
            }
            None => {
                if self.mode != Mode::Single {
                    self.docstring_of_block(body)?;
                }
                self.block_annotations_function(ScopeTree::ROOT, body, TextRange::default())?;
                self.body(if self.mode == Mode::Single { body } else { self.without_docstring(body) })?;
                self.at(nowhere());
                self.unit.emit.op(Opcode::ReturnNone, 0, 0, 0);
            }
        }
        if has_await && !self.options.top_level_await {
            return fail("'await' outside function", TextRange::default());
        }
        Ok(self.assemble(0))
    }

    fn assemble(self, parameters: u16) -> CodeUnit {
        let mut code = self.unit.code;
        self.unit.emit.assemble(&mut code, parameters, self.lines);
        code
    }

    /// What constant folding must know.
    pub fn facts(&self) -> Facts<'a> {
        Facts { source: self.source, debug: self.options.optimize == 0 }
    }

    /// The scope of the unit being written.
    pub fn scope(&self) -> &'a Scope {
        self.scopes.get(self.unit.scope)
    }

    /// Whether a scope or a comprehension inlined into it awaits.
    fn has_await(&self, id: ScopeId) -> bool {
        let scope = self.scopes.get(id);
        scope.has_await || scope.children.iter().any(|&child| self.scopes.get(child).inlined && self.has_await(child))
    }

    /// Starts a nested unit. `parameters` are the names of its parameters, in the order of their registers.
    pub fn enter(&mut self, scope: ScopeId, name: &str, range: TextRange, signature: Signature) -> Outcome<()> {
        let info = self.scopes.get(scope);
        let mut code = CodeUnit {
            name: name.to_string().into(),
            qualname: self.qualified(scope, name).into(),
            filename: self.filename.to_string().into(),
            argcount: signature.positional,
            posonlyargcount: signature.positional_only,
            kwonlyargcount: signature.keyword_only,
            firstlineno: self.line(range.start()),
            ..CodeUnit::default()
        };
        if info.is_function() {
            code.flags |= flags::OPTIMIZED | flags::NEWLOCALS;
            if info.nested {
                code.flags |= flags::NESTED;
            }
            if signature.variadic {
                code.flags |= flags::VARARGS;
            }
            if signature.keywords {
                code.flags |= flags::VARKEYWORDS;
            }
            let method = matches!(
                info.kind,
                ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Comprehension | ScopeKind::GeneratorExpression
            );
            if method && self.unit.kind == ScopeKind::Class {
                code.flags |= flags::METHOD;
            }
        }
        code.flags |= self.generator_flag(scope);
        if self.options.future_annotations {
            code.flags |= flags::FUTURE_ANNOTATIONS;
        }
        let unit = Unit::new(scope, info.kind, code);
        self.outer.push(std::mem::replace(&mut self.unit, unit));
        let parameters: Vec<String> =
            info.symbols.iter().filter(|symbol| symbol.usage.parameter).map(|symbol| symbol.name.clone()).collect();
        debug_assert_eq!(parameters.len() as u32, signature.registers());
        self.unit.emit.range = TextRange::empty(range.start());
        self.unit.emit.entry = self.unit.emit.range;
        self.prepare_variables(&parameters)
    }

    /// The flag of what a call of the scope's function makes, if that is a generator or the like.
    fn generator_flag(&self, id: ScopeId) -> u32 {
        let scope = self.scopes.get(id);
        match scope.kind {
            ScopeKind::Function if scope.is_async && scope.has_yield => flags::ASYNC_GENERATOR,
            ScopeKind::Function if scope.is_async => flags::COROUTINE,
            ScopeKind::Function | ScopeKind::Lambda if scope.has_yield => flags::GENERATOR,
            ScopeKind::GeneratorExpression if self.has_await(id) => flags::ASYNC_GENERATOR,
            ScopeKind::GeneratorExpression => flags::GENERATOR,
            ScopeKind::Comprehension if self.has_await(id) => flags::COROUTINE,
            _ => 0,
        }
    }

    /// Ends the nested unit and returns its code.
    pub fn leave(&mut self) -> CodeUnit {
        let outer = self.outer.pop().expect("a nested unit has one around it");
        let unit = std::mem::replace(&mut self.unit, outer);
        let mut code = unit.code;
        let parameters = code.parameters();
        unit.emit.assemble(&mut code, parameters as u16, self.lines);
        code
    }

    /// The dotted path to something defined in the unit being written.
    fn qualified(&self, scope: ScopeId, name: &str) -> String {
        let info = self.scopes.get(scope);
        if self.outer.is_empty() {
            return name.to_string();
        }
        // Type-parameter scopes do not show in the names of what is in them.
        let mut outer = &self.unit;
        if outer.kind == ScopeKind::TypeParameters {
            outer = self.outer.last().expect("type parameters are never outermost");
            if self.outer.len() == 1 {
                return name.to_string();
            }
        }
        if matches!(info.kind, ScopeKind::Function | ScopeKind::Class) {
            let declared = self.scopes.get(outer.scope).symbol(name).map(|symbol| symbol.resolution);
            if declared == Some(Resolution::DeclaredGlobal) {
                return name.to_string();
            }
        }
        match outer.kind {
            ScopeKind::Class | ScopeKind::Comprehension | ScopeKind::GeneratorExpression => {
                format!("{}.{name}", outer.code.qualname)
            }
            _ => format!("{}.<locals>.{name}", outer.code.qualname),
        }
    }

    /// The line of an offset in the source.
    pub fn line(&self, offset: TextSize) -> u32 {
        self.lines.location(offset).line
    }

    /// Gives every variable of the unit's scope, and of comprehensions inlined into it, its register, and writes the prologue.
    fn prepare_variables(&mut self, parameters: &[String]) -> Outcome<()> {
        let scope = self.scope();
        let scopes = self.scopes;
        let module = matches!(scope.kind, ScopeKind::Module | ScopeKind::Class);
        let mut variables: Vec<String> = parameters.to_vec();
        let mut cells: Vec<String> = Vec::new();
        if !module {
            for symbol in &scope.symbols {
                match symbol.resolution {
                    Resolution::Local if !symbol.usage.parameter => variables.push(symbol.name.clone()),
                    Resolution::Cell => cells.push(symbol.name.clone()),
                    _ => {}
                }
            }
        }
        if scope.needs_class_cell {
            cells.push("__class__".to_string());
        }
        if scope.needs_class_dict {
            cells.push("__classdict__".to_string());
        }
        if scope.needs_conditional_cell {
            cells.push("__conditional_annotations__".to_string());
        }
        cells.sort();
        // Locals of inlined comprehensions share one register for a name; their cells have one each.
        let (mut hidden_locals, mut hidden_cells) = (Vec::new(), Vec::new());
        collect_hidden(scopes, self.unit.scope, &mut hidden_locals, &mut hidden_cells);
        hidden_locals.retain(|name| !variables.contains(name));

        let named = variables.len() + hidden_locals.len();
        let total = named + cells.len() + hidden_cells.len() + scope.frees.len();
        if total > usize::from(u16::MAX) - 64 {
            return fail("too many local variables", self.unit.emit.range);
        }
        let names: Vec<String> = variables.iter().chain(&hidden_locals).cloned().collect();
        let unit = &mut self.unit;
        let (range, entry) = (unit.emit.range, unit.emit.entry);
        unit.emit = Emitter::new(total as u16);
        (unit.emit.range, unit.emit.entry) = (range, entry);
        unit.code.nlocals = named as u32;
        for (index, name) in names.iter().enumerate() {
            let place = Place::Register { register: index as u16, index: index as u16 };
            let places = if index < variables.len() { &mut unit.places } else { &mut unit.hidden };
            places.insert(name.clone(), place);
        }
        unit.code.varnames = names
            .into_iter()
            .map(|name| match (scope.kind, name.as_str()) {
                (ScopeKind::Annotations, ".format") => "format".into(),
                _ => name.into(),
            })
            .collect();
        if unit.code.flags & GENERATOR_FLAGS != 0 {
            unit.emit.op(Opcode::MakeGenerator, 0, 0, 0);
        }
        let mut next = named as u16;
        for (number, name) in cells.iter().enumerate() {
            let register = match parameters.iter().position(|parameter| parameter == name) {
                Some(register) => {
                    unit.emit.op(Opcode::MakeCell, register as u16, 0, 0);
                    register as u16
                }
                None => {
                    unit.emit.op(Opcode::NewCell, next, 0, 0);
                    next += 1;
                    next - 1
                }
            };
            unit.places.insert(name.clone(), Place::Cell { register, index: number as u16 });
            unit.code.cellvars.push(name.clone().into());
            unit.code.cell_registers.push(register);
        }
        for (scope, name) in hidden_cells {
            let index = unit.code.cellvars.len() as u16;
            unit.code.cellvars.push(name.clone().into());
            unit.code.cell_registers.push(next);
            unit.hidden_cells.insert((scope, name), Place::Cell { register: next, index });
            next += 1;
        }
        for (number, name) in scope.frees.iter().enumerate() {
            let index = (unit.code.cellvars.len() + number) as u16;
            unit.places.insert(name.clone(), Place::Cell { register: next, index });
            unit.code.freevars.push(name.clone().into());
            unit.code.free_registers.push(next);
            unit.emit.wide(Opcode::LoadFree, next, number as i32);
            next += 1;
        }
        Ok(())
    }

    /// Loads a constant into a register.
    pub fn load_const(&mut self, target: u16, constant: Const) {
        self.unit.emit.load(target, constant);
    }

    /// Loads a string constant into a register.
    pub fn load_text(&mut self, target: u16, text: &str) {
        self.unit.emit.load(target, Const::Str(Text::from(text)));
    }

    /// Says which part of the source the next instructions come from; returns the part so far.
    pub fn at(&mut self, range: TextRange) -> TextRange {
        std::mem::replace(&mut self.unit.emit.range, range)
    }
}

/// The variables of comprehensions inlined into a scope.
fn collect_hidden(scopes: &ScopeTree, id: ScopeId, locals: &mut Vec<String>, cells: &mut Vec<(ScopeId, String)>) {
    for &child in &scopes.get(id).children {
        let scope = scopes.get(child);
        if !scope.inlined {
            continue;
        }
        for symbol in &scope.symbols {
            match symbol.resolution {
                Resolution::Local if !locals.contains(&symbol.name) => locals.push(symbol.name.clone()),
                Resolution::Cell => cells.push((child, symbol.name.clone())),
                _ => {}
            }
        }
        collect_hidden(scopes, child, locals, cells);
    }
}

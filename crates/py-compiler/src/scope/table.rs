//! The scopes as a program sees them through the module `_symtable`: CPython's blocks, with a word of flags for each name.
//!
//! CPython merges the names of an inlined comprehension into the block around it and hands the functions inside on to that block; and it has
//! a block of annotations for each function, whether it has annotations or not. The compiler needs neither, so both are made up here.

use super::collect::ANNOTATE;
use super::{Resolution, Scope, ScopeId, ScopeKind, ScopeTree, Symbol};
use py_syntax::LineIndex;

/// How a name is used: the low bits of its word.
pub mod flag {
    pub const GLOBAL: u32 = 1;
    pub const LOCAL: u32 = 2;
    pub const PARAMETER: u32 = 4;
    pub const NONLOCAL: u32 = 8;
    pub const USED: u32 = 16;
    /// A name of a class body that a method takes from outside of the class.
    pub const FREE_CLASS: u32 = 64;
    pub const IMPORT: u32 = 128;
    pub const ANNOTATED: u32 = 256;
    pub const ITERATION: u32 = 512;
    pub const TYPE_PARAMETER: u32 = 1024;
    /// A variable of an inlined comprehension that a function in it shares.
    pub const COMPREHENSION_CELL: u32 = 2048;
    pub const BOUND: u32 = LOCAL | PARAMETER | IMPORT;
}

/// Where a variable lives: the number above the flags.
pub mod place {
    /// By how many bits the number is shifted.
    pub const SHIFT: u32 = 12;
    pub const MASK: u32 = 15;
    pub const LOCAL: u32 = 1;
    pub const EXPLICIT_GLOBAL: u32 = 2;
    pub const IMPLICIT_GLOBAL: u32 = 3;
    pub const FREE: u32 = 4;
    pub const CELL: u32 = 5;
}

/// What sort of block a table is of; the numbers are those of `_symtable`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableKind {
    Function,
    Class,
    Module,
    Annotation,
    TypeAlias,
    TypeParameters,
    TypeVariable,
}

/// A block with its names.
#[derive(Clone, Debug)]
pub struct SymbolTable {
    pub kind: TableKind,
    pub name: String,
    pub line: u32,
    pub nested: bool,
    /// Names with their flags and places.
    pub symbols: Vec<(String, u32)>,
    pub parameters: Vec<String>,
    pub children: Vec<SymbolTable>,
    /// The free variables of the blocks in it that are not its own.
    passed_on: Vec<String>,
}

impl SymbolTable {
    fn word(&mut self, name: &str) -> Option<&mut u32> {
        self.symbols.iter_mut().find(|(each, _)| each == name).map(|(_, word)| word)
    }
}

/// The table of all resolved scopes of a source.
pub(crate) fn table(tree: &ScopeTree, lines: &LineIndex) -> SymbolTable {
    Tables { tree, lines }.of(ScopeTree::ROOT)
}

struct Tables<'tree> {
    tree: &'tree ScopeTree,
    lines: &'tree LineIndex,
}

impl Tables<'_> {
    fn of(&self, id: ScopeId) -> SymbolTable {
        let scope = self.tree.get(id);
        let used = scope.symbols.iter().filter(|symbol| flags(scope, symbol) != 0 && !is_internal(scope, symbol));
        let mut table = SymbolTable {
            kind: kind(scope),
            name: if scope.kind == ScopeKind::Module { "top".to_string() } else { scope.name.clone() },
            line: scope.start.map_or(0, |start| self.lines.location(start).line),
            nested: scope.nested,
            symbols: used.clone().map(|symbol| (symbol.name.clone(), word(scope, symbol))).collect(),
            parameters: used.filter(|symbol| symbol.usage.parameter).map(|symbol| symbol.name.clone()).collect(),
            children: Vec::new(),
            passed_on: Vec::new(),
        };
        let mut inlined = Vec::new();
        for (index, child) in scope.children.iter().enumerate() {
            self.add_idle_annotation(scope, index, &mut table);
            let inner = self.tree.get(*child);
            let child = self.of(*child);
            if inner.inlined {
                table.passed_on.extend(child.passed_on.iter().cloned());
                table.children.extend(child.children.iter().cloned());
                inlined.push(child);
                continue;
            }
            if inner.kind == ScopeKind::Function {
                add_annotations_of_function(scope, &child, &mut table);
            }
            table.passed_on.extend(inner.frees.iter().cloned());
            table.children.push(child);
        }
        self.add_idle_annotation(scope, scope.children.len(), &mut table);
        inlined.into_iter().for_each(|child| merge(scope, child, &mut table));
        pass_on(scope, &mut table);
        if scope.kind == ScopeKind::TypeParameters
            && table.children.iter().any(|child| child.kind == TableKind::Function)
        {
            // The defaults of a generic function are its type-parameter scope's argument, also where there are none.
            table.symbols.insert(0, (".defaults".to_string(), flag::PARAMETER | place::LOCAL << place::SHIFT));
            table.symbols.dedup_by(|later, first| later.0 == first.0);
            table.parameters = vec![".defaults".to_string()];
        }
        table
    }

    /// Annotations of local variables are never evaluated; their block is empty.
    fn add_idle_annotation(&self, scope: &Scope, index: usize, table: &mut SymbolTable) {
        if let Some((start, _)) = scope.idle_annotation.filter(|(_, at)| *at == index) {
            table.children.push(empty_annotations(
                self.lines.location(start).line,
                scope.is_function() || scope.nested,
                false,
            ));
        }
    }
}

fn kind(scope: &Scope) -> TableKind {
    match scope.kind {
        ScopeKind::Module => TableKind::Module,
        ScopeKind::Class => TableKind::Class,
        ScopeKind::Function | ScopeKind::Lambda | ScopeKind::Comprehension | ScopeKind::GeneratorExpression => {
            TableKind::Function
        }
        ScopeKind::Annotations => TableKind::Annotation,
        ScopeKind::TypeParameters => TableKind::TypeParameters,
        ScopeKind::TypeExpression if scope.of_parameter => TableKind::TypeVariable,
        ScopeKind::TypeExpression => TableKind::TypeAlias,
    }
}

fn empty_annotations(line: u32, nested: bool, sees_class: bool) -> SymbolTable {
    let mut symbols = vec![(".format".to_string(), flag::PARAMETER | flag::USED | place::LOCAL << place::SHIFT)];
    if sees_class {
        symbols.push(("__classdict__".to_string(), flag::USED | place::FREE << place::SHIFT));
    }
    SymbolTable {
        kind: TableKind::Annotation,
        name: ANNOTATE.to_string(),
        line,
        nested,
        symbols,
        parameters: vec![".format".to_string()],
        children: Vec::new(),
        passed_on: Vec::new(),
    }
}

/// Puts a block of annotations in front of a function that has none.
fn add_annotations_of_function(scope: &Scope, function: &SymbolTable, table: &mut SymbolTable) {
    let before = table.children.last();
    if !before.is_some_and(|before| before.kind == TableKind::Annotation && before.line == function.line) {
        let sees_class = scope.kind == ScopeKind::Class || scope.sees_class;
        table.children.push(empty_annotations(function.line, function.nested, sees_class));
    }
}

/// Merges the names of an inlined comprehension into the block around it.
fn merge(scope: &Scope, child: SymbolTable, table: &mut SymbolTable) {
    let in_class = scope.kind == ScopeKind::Class;
    for (name, mut word) in child.symbols {
        let (at, bits) = (word >> place::SHIFT, word & !(place::MASK << place::SHIFT));
        if at == place::CELL {
            word |= flag::COMPREHENSION_CELL;
        }
        match table.word(&name) {
            None => {
                if at == place::FREE && in_class && super::resolve::CLASS_CELLS.contains(&name.as_str()) {
                    word = bits | place::IMPLICIT_GLOBAL << place::SHIFT;
                }
                table.symbols.push((name, word));
            }
            Some(outer) if at == place::CELL => {
                *outer |= flag::COMPREHENSION_CELL;
                if scope.is_function() && *outer >> place::SHIFT == place::LOCAL {
                    *outer ^= (place::LOCAL ^ place::CELL) << place::SHIFT;
                }
            }
            Some(outer) if at != place::LOCAL && !in_class => *outer |= bits & flag::USED,
            Some(_) => {}
        }
    }
}

/// Notes the names that inner blocks take from outside of this one.
fn pass_on(scope: &Scope, table: &mut SymbolTable) {
    let sees_class = scope.kind == ScopeKind::Class || scope.sees_class;
    let mut names = std::mem::take(&mut table.passed_on);
    names.sort();
    names.dedup();
    for name in names {
        if scope.kind == ScopeKind::Class && super::resolve::CLASS_CELLS.contains(&name.as_str()) {
            continue;
        }
        match table.word(&name) {
            Some(word) if sees_class && *word >> place::SHIFT != place::CELL => *word |= flag::FREE_CLASS,
            Some(_) => {}
            None if scope.frees.contains(&name) => table.symbols.push((name.clone(), place::FREE << place::SHIFT)),
            None => {}
        }
        if scope.inlined {
            table.passed_on.push(name);
        }
    }
}

/// Whether a name is one that only this compiler has in a block.
fn is_internal(scope: &Scope, symbol: &Symbol) -> bool {
    scope.kind == ScopeKind::Annotations
        && symbol.resolution == Resolution::Global
        && symbol.name == "__conditional_annotations__"
}

/// How a name is used.
fn flags(scope: &Scope, symbol: &Symbol) -> u32 {
    let usage = &symbol.usage;
    let sign = |set: bool, flag: u32| if set { flag } else { 0 };
    let format = symbol.name == ".format";
    sign(usage.global, flag::GLOBAL)
        | sign(usage.assigned && !(usage.nonlocal && scope.inlined), flag::LOCAL)
        | sign(usage.parameter, flag::PARAMETER)
        | sign(usage.nonlocal, flag::NONLOCAL)
        | sign(usage.used || format, flag::USED)
        | sign(usage.imported, flag::IMPORT)
        | sign(usage.annotated, flag::ANNOTATED)
        | sign(usage.iteration, flag::ITERATION)
        | sign(usage.type_parameter, flag::TYPE_PARAMETER)
}

fn word(scope: &Scope, symbol: &Symbol) -> u32 {
    let at = match symbol.resolution {
        // It is the compiler's variable, which the module's code never names.
        Resolution::Local if symbol.name == "__conditional_annotations__" && scope.kind == ScopeKind::Module => {
            place::IMPLICIT_GLOBAL
        }
        Resolution::Local => place::LOCAL,
        Resolution::Cell => place::CELL,
        Resolution::Free => place::FREE,
        Resolution::Global => place::IMPLICIT_GLOBAL,
        Resolution::DeclaredGlobal => place::EXPLICIT_GLOBAL,
    };
    flags(scope, symbol) | at << place::SHIFT
}

//! Scopes: what every name in every block means, found before any code is written.
//!
//! [`collect`] walks the tree once and notes in each scope how names are used; [`resolve`] then decides, from the outside in and
//! back, which names are locals, cells, free variables or globals (CPython's `symtable.c`).
//!
//! Terms. An *inlined* scope is a list, set or dict comprehension whose code becomes part of the enclosing function's; its names stay apart
//! (PEP 709), but using a variable of the enclosing function does not capture it. A scope *sees the class* if it is an annotation or
//! type-parameter scope directly inside a class body: its names are looked up in the class namespace first.

mod collect;
mod mangle;
mod resolve;
mod table;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use py_syntax::ast::{self, TextRange, TextSize};

pub(crate) use collect::{bound_names, collect};
pub(crate) use mangle::{Mangling, mangle};
pub(crate) use resolve::resolve;
pub(crate) use table::table;
pub use table::{SymbolTable, TableKind, flag, place};

/// Index into [`ScopeTree`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ScopeId(pub usize);

/// What sort of block a scope belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    /// A comprehension that is a function of its own, or is inlined.
    Comprehension,
    GeneratorExpression,
    /// `__annotate__` of a function, class or module.
    Annotations,
    /// Around a generic function, class or type alias.
    TypeParameters,
    /// The value of a type alias, or a bound, constraint or default of a type parameter.
    TypeExpression,
}

/// Which of the scopes of a node is meant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Role {
    Body,
    Annotations,
    TypeParameters,
    Default,
}

/// What a name means in a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Resolution {
    /// A variable of this scope alone.
    Local,
    /// A variable of this scope that nested functions share.
    Cell,
    /// A variable of an enclosing function.
    Free,
    /// A global, for want of a binding.
    Global,
    /// A global, by declaration.
    DeclaredGlobal,
}

/// How a name is used in a scope.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Usage {
    pub used: bool,
    pub bound: bool,
    pub parameter: bool,
    /// Bound by other than being a parameter or imported.
    pub assigned: bool,
    pub imported: bool,
    pub type_parameter: bool,
    pub annotated: bool,
    pub global: bool,
    pub nonlocal: bool,
    /// Bound by a `for` of this comprehension.
    pub iteration: bool,
    /// Where it is declared `global` or `nonlocal`.
    pub declaration: TextRange,
}

/// A name in a scope.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub name: String,
    pub usage: Usage,
    pub resolution: Resolution,
}

/// A block with its names.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub kind: ScopeKind,
    /// What the block is called.
    pub name: String,
    /// Whether it is that of a bound or default of a type parameter.
    pub of_parameter: bool,
    /// Where it begins, for the module none.
    pub start: Option<TextSize>,
    /// Where the first annotation stands that is never evaluated, and after how many inner scopes.
    pub idle_annotation: Option<(TextSize, usize)>,
    pub parent: Option<ScopeId>,
    pub children: Vec<ScopeId>,
    /// The names, in the order of first appearance.
    pub symbols: Vec<Symbol>,
    index: HashMap<String, usize>,
    /// Free variables: those used here and those passed on to nested functions. Sorted, as CPython sorts them.
    pub frees: BTreeSet<String>,
    /// Class whose private names are mangled here.
    pub class_name: Option<Rc<Mangling>>,
    pub inlined: bool,
    pub sees_class: bool,
    /// Inside a function, at any depth.
    pub nested: bool,
    pub is_async: bool,
    pub has_yield: bool,
    /// An `await`, `async for` or `async with` in a comprehension or generator expression.
    pub has_await: bool,
    /// A class body whose methods refer to `__class__`.
    pub needs_class_cell: bool,
    /// A class body with a scope that sees it.
    pub needs_class_dict: bool,
    /// A class body some of whose annotations may not be reached.
    pub needs_conditional_cell: bool,
    /// Annotated assignments to names in this module or class body, by address, and whether each may not be reached.
    pub annotations: Vec<(usize, bool)>,
    /// Targets of assignment expressions here.
    pub walrus_targets: HashSet<String>,
}

impl Scope {
    pub fn symbol(&self, name: &str) -> Option<&Symbol> {
        self.index.get(name).map(|&index| &self.symbols[index])
    }

    fn symbol_mut(&mut self, name: &str) -> &mut Symbol {
        let index = match self.index.get(name) {
            Some(&index) => index,
            None => {
                self.index.insert(name.to_string(), self.symbols.len());
                let usage = Usage::default();
                self.symbols.push(Symbol { name: name.to_string(), usage, resolution: Resolution::Global });
                self.symbols.len() - 1
            }
        };
        &mut self.symbols[index]
    }

    /// Whether names bound here live in registers and cells.
    pub fn is_function(&self) -> bool {
        !matches!(self.kind, ScopeKind::Module | ScopeKind::Class)
    }
}

/// All scopes of a source.
#[derive(Debug, Default)]
pub(crate) struct ScopeTree {
    scopes: Vec<Scope>,
    by_node: HashMap<(usize, Role), ScopeId>,
}

/// Identity of a node: the tree does not move while it is compiled.
pub(crate) fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

impl ScopeTree {
    pub const ROOT: ScopeId = ScopeId(0);

    pub fn get(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0]
    }

    /// The scope that belongs to a node in a role, if it has one.
    pub fn find<T>(&self, node: &T, role: Role) -> Option<ScopeId> {
        self.by_node.get(&(address(node), role)).copied()
    }

    /// The scope of a module's or class body's annotations. Its key is the block's index, which is no node's address.
    pub fn block_annotations(&self, block: ScopeId) -> Option<ScopeId> {
        self.by_node.get(&(block.0, Role::Annotations)).copied()
    }
}

/// The names of a function's parameters, in the order of their registers.
pub(crate) fn parameter_nodes(parameters: &ast::Parameters) -> impl Iterator<Item = &ast::Parameter> {
    let positional = parameters.posonlyargs.iter().chain(&parameters.args).map(|each| &each.parameter);
    let keyword = parameters.kwonlyargs.iter().map(|each| &each.parameter);
    positional.chain(keyword).chain(parameters.vararg.as_deref()).chain(parameters.kwarg.as_deref())
}

//! Second pass: decides what every name means.

use std::collections::{BTreeSet, HashSet};

use super::{Resolution, Scope, ScopeId, ScopeKind, ScopeTree};
use crate::error::{Outcome, fail};

/// Variables that a class body offers to the functions in it.
pub(super) const CLASS_CELLS: [&str; 3] = ["__class__", "__classdict__", "__conditional_annotations__"];

/// Resolves all names.
pub(crate) fn resolve(tree: &mut ScopeTree) -> Outcome<()> {
    resolve_scope(tree, ScopeTree::ROOT, &HashSet::new()).map(drop)
}

/// Resolves the names of a scope and of those in it. `bound` has the names bound by enclosing functions.
///
/// Returns the names that this scope's code takes from enclosing functions through a closure. An inlined scope has none of its own: its
/// uses are those of the enclosing scope, and only functions nested in it capture.
fn resolve_scope(tree: &mut ScopeTree, id: ScopeId, bound: &HashSet<String>) -> Outcome<BTreeSet<String>> {
    let mut visible = bound.clone();
    let mut captured = BTreeSet::new();
    let class_names = class_names(tree, id);
    let class_globals = class_globals(tree, id);
    let in_class_body = is_inlined_into_class(tree, id);
    let type_parameters = outer_type_parameters(tree, id);
    let scope = &mut tree.scopes[id.0];
    let (function, class) = (scope.is_function(), scope.kind == ScopeKind::Class);
    for symbol in &mut scope.symbols {
        let usage = symbol.usage;
        symbol.resolution = match () {
            () if usage.global => {
                if function {
                    visible.remove(&symbol.name);
                }
                Resolution::DeclaredGlobal
            }
            () if usage.nonlocal && type_parameters.contains(&symbol.name) => {
                let message = format!("nonlocal binding not allowed for type parameter '{}'", symbol.name);
                return fail(message, usage.declaration);
            }
            () if usage.nonlocal => {
                if !bound.contains(&symbol.name) {
                    return fail(format!("no binding for nonlocal '{}' found", symbol.name), usage.declaration);
                }
                Resolution::Free
            }
            () if usage.bound => {
                if function {
                    visible.insert(symbol.name.clone());
                }
                Resolution::Local
            }
            // What the class body declares as global is not looked for in its namespace.
            () if class_globals.contains(&symbol.name) => Resolution::DeclaredGlobal,
            // The class namespace is looked at first; behind its own names are globals, not an enclosing function's variables.
            () if class_names.contains(&symbol.name) => Resolution::Global,
            // The cells of a class are for functions, not for the class body itself.
            () if in_class_body && CLASS_CELLS.contains(&symbol.name.as_str()) => Resolution::Global,
            () if bound.contains(&symbol.name) => Resolution::Free,
            () => Resolution::Global,
        };
        if symbol.resolution == Resolution::Free {
            captured.insert(symbol.name.clone());
        }
    }
    if class {
        visible.extend(CLASS_CELLS.map(str::to_string));
    }
    if scope.inlined {
        // What it uses itself is handed to the enclosing scope by the caller.
        captured.clear();
    }
    for child in scope.children.clone() {
        let mut from_child = resolve_scope(tree, child, &visible)?;
        if tree.scopes[child.0].inlined {
            adopt(tree, id, child, &mut captured);
        }
        let scope = &mut tree.scopes[id.0];
        if class {
            scope.needs_class_cell |= from_child.remove("__class__");
            scope.needs_class_dict |= from_child.remove("__classdict__");
            scope.needs_conditional_cell |= from_child.remove("__conditional_annotations__");
        }
        for name in from_child {
            let symbol = scope.index.get(&name).map(|&index| &mut scope.symbols[index]);
            match symbol {
                Some(symbol) if function && matches!(symbol.resolution, Resolution::Local | Resolution::Cell) => {
                    symbol.resolution = Resolution::Cell;
                }
                _ => {
                    captured.insert(name);
                }
            }
        }
    }
    let scope = &mut tree.scopes[id.0];
    if !scope.inlined {
        scope.frees = captured.clone();
    }
    Ok(captured)
}

/// Whether a scope's code becomes part of a class body.
fn is_inlined_into_class(tree: &ScopeTree, id: ScopeId) -> bool {
    let mut scope = tree.get(id);
    while let Some(parent) = scope.parent.filter(|_| scope.inlined) {
        scope = tree.get(parent);
    }
    tree.get(id).inlined && scope.kind == ScopeKind::Class
}

/// The type parameters that `nonlocal` in a scope could mean.
fn outer_type_parameters(tree: &ScopeTree, id: ScopeId) -> HashSet<String> {
    let (mut parameters, mut others) = (HashSet::new(), HashSet::new());
    if !tree.get(id).symbols.iter().any(|symbol| symbol.usage.nonlocal) {
        return parameters;
    }
    let mut next = tree.get(id).parent;
    while let Some(outer) = next.map(|outer| tree.get(outer)) {
        for symbol in outer.symbols.iter().filter(|symbol| symbol.usage.bound && outer.is_function()) {
            if outer.kind == ScopeKind::TypeParameters && !others.contains(&symbol.name) {
                parameters.insert(symbol.name.clone());
            }
            others.insert(symbol.name.clone());
        }
        next = outer.parent;
    }
    parameters
}

/// The class body whose names a scope that evaluates annotations sees.
fn seen_class(tree: &ScopeTree, id: ScopeId) -> Option<&Scope> {
    let mut scope = tree.get(id);
    if !scope.sees_class {
        return None;
    }
    while let Some(parent) = scope.parent.filter(|_| scope.kind != ScopeKind::Class) {
        scope = tree.get(parent);
    }
    Some(scope)
}

/// The names declared as global in the class body that a scope sees.
fn class_globals(tree: &ScopeTree, id: ScopeId) -> HashSet<String> {
    let symbols = seen_class(tree, id).map_or(&[][..], |scope| &scope.symbols);
    symbols.iter().filter(|symbol| symbol.usage.global).map(|symbol| symbol.name.clone()).collect()
}

/// The names bound in the class body that a scope sees.
fn class_names(tree: &ScopeTree, id: ScopeId) -> HashSet<String> {
    let Some(scope) = seen_class(tree, id) else { return HashSet::new() };
    let own = scope.symbols.iter().filter(|symbol| symbol.usage.bound && !symbol.usage.nonlocal);
    let special = |name: &String| CLASS_CELLS.contains(&name.as_str()) || name == ".type_params";
    own.map(|symbol| symbol.name.clone()).filter(|name| !special(name)).collect()
}

/// Makes the enclosing scope know the names that an inlined scope uses and does not bind.
fn adopt(tree: &mut ScopeTree, id: ScopeId, child: ScopeId, captured: &mut BTreeSet<String>) {
    let used: Vec<_> = tree.scopes[child.0]
        .symbols
        .iter()
        .filter(|symbol| !matches!(symbol.resolution, Resolution::Local | Resolution::Cell))
        .map(|symbol| (symbol.name.clone(), symbol.resolution))
        .collect();
    let scope = &mut tree.scopes[id.0];
    if scope.kind == ScopeKind::Class {
        // A comprehension does not see the names of the class body around it, only the variables around that.
        for (name, _) in used.into_iter().filter(|(_, resolution)| *resolution == Resolution::Free) {
            captured.insert(name);
        }
        return;
    }
    for (name, resolution) in used {
        if scope.symbol(&name).is_none() {
            scope.symbol_mut(&name).resolution = resolution;
            if resolution == Resolution::Free && !scope.inlined {
                captured.insert(name);
            }
        }
    }
}

//! `_symtable`: the compiler's scopes as a program sees them.

use crate::execution::{file_name, source_text};
use py_compiler::{Mode, Options, SymbolTable, flag, place};
use py_macros::{py_functions, py_methods};
use py_object::bootstrap::{add_functions, add_methods, declare, new_module};
use py_object::objects::*;
use py_object::{Cx, Kind, PyResult, StrExt, allocate, object};
use std::sync::atomic::{AtomicI64, Ordering};
use vm_heap::{Gc, Value};

object! {
    /// A block with its names.
    pub struct Entry = 776 {
        /// What programs tell blocks apart by.
        id: Value,
        /// The block's name.
        name: Value,
        /// Dict from names to their flags.
        symbols: Value,
        /// List of the names of parameters.
        parameters: Value,
        /// List of the blocks in it.
        children: Value,
        /// Whether it is inside a function.
        nested: Value,
        /// The sort of block, as a number.
        sort: Value,
        /// Its first line.
        line: Value,
    }
}

/// What the module calls the numbers.
const NUMBERS: [(&str, u32); 26] = [
    ("USE", flag::USED),
    ("DEF_GLOBAL", flag::GLOBAL),
    ("DEF_NONLOCAL", flag::NONLOCAL),
    ("DEF_LOCAL", flag::LOCAL),
    ("DEF_PARAM", flag::PARAMETER),
    ("DEF_TYPE_PARAM", flag::TYPE_PARAMETER),
    ("DEF_FREE_CLASS", flag::FREE_CLASS),
    ("DEF_IMPORT", flag::IMPORT),
    ("DEF_BOUND", flag::BOUND),
    ("DEF_ANNOT", flag::ANNOTATED),
    ("DEF_COMP_ITER", flag::ITERATION),
    ("DEF_COMP_CELL", flag::COMPREHENSION_CELL),
    ("TYPE_FUNCTION", py_compiler::TableKind::Function as u32),
    ("TYPE_CLASS", py_compiler::TableKind::Class as u32),
    ("TYPE_MODULE", py_compiler::TableKind::Module as u32),
    ("TYPE_ANNOTATION", py_compiler::TableKind::Annotation as u32),
    ("TYPE_TYPE_ALIAS", py_compiler::TableKind::TypeAlias as u32),
    ("TYPE_TYPE_PARAMETERS", py_compiler::TableKind::TypeParameters as u32),
    ("TYPE_TYPE_VARIABLE", py_compiler::TableKind::TypeVariable as u32),
    ("LOCAL", place::LOCAL),
    ("GLOBAL_EXPLICIT", place::EXPLICIT_GLOBAL),
    ("GLOBAL_IMPLICIT", place::IMPLICIT_GLOBAL),
    ("FREE", place::FREE),
    ("CELL", place::CELL),
    ("SCOPE_OFF", place::SHIFT),
    ("SCOPE_MASK", place::MASK),
];

/// Declares the class of blocks.
pub fn install(cx: &mut Cx) {
    declare::<Entry>();
    add_methods(cx, Kind::SYMBOL_TABLE, SYMBOL_TABLE_METHODS);
}

/// The object of a table and of those in it.
fn entry_of(cx: &mut Cx, table: &SymbolTable) -> PyResult {
    static NUMBER: AtomicI64 = AtomicI64::new(1);
    let symbols = cx.dict();
    for (name, word) in &table.symbols {
        let name = cx.intern(name);
        Dict::set_str(cx, symbols, name, Value::int((*word).into()))?;
    }
    let parameters = List::new(cx, &[])?;
    for name in &table.parameters {
        let name = cx.intern(name).value();
        List::push(cx, parameters, name)?;
    }
    let children = List::new(cx, &[])?;
    for child in &table.children {
        let child = entry_of(cx, child)?;
        List::push(cx, children, child)?;
    }
    let name = cx.intern(&table.name);
    let entry = allocate::<Entry>(cx.mutator(), Kind::SYMBOL_TABLE.shape());
    entry.id.init(Value::int(NUMBER.fetch_add(1, Ordering::Relaxed)));
    entry.name.init(name.value());
    entry.symbols.init(symbols.value());
    entry.parameters.init(parameters.value());
    entry.children.init(children.value());
    entry.nested.init(Value::int(table.nested.into()));
    entry.sort.init(Value::int(table.kind as i64));
    entry.line.init(Value::int(table.line.into()));
    Ok(entry.value())
}

/// The functions.
pub struct Functions;

#[py_functions("_symtable")]
impl Functions {
    /// Return the symbol table of a source, compiled as 'exec', 'eval' or 'single'.
    #[function]
    fn symtable(cx: &mut Cx, source: Value, filename: Value, startstr: Gc<Str>) -> PyResult {
        let filename = file_name(cx, filename)?;
        let mode = match &*startstr.to_text() {
            "exec" => Mode::Module,
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            _ => return Err(cx.value_error("symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
        };
        let text = source_text(cx, source, &filename, "symtable", "string or bytes")?;
        match py_compiler::symbol_table(&text, &filename, mode, Options::default()) {
            Ok(table) => entry_of(cx, &table),
            Err(error) => Err(crate::errors::raise_compile_error(cx, error, &filename, &text)),
        }
    }
}

/// The methods of blocks.
pub struct Methods;

#[py_methods(SYMBOL_TABLE, name = "symtable entry")]
impl Methods {
    #[method]
    fn __repr__(this: Gc<Entry>) -> String {
        let (id, line) = (this.id.get().as_int(), this.line.get().as_int());
        let name = py_object::downcast::<Str>(this.name.get()).map_or(String::new(), |name| name.to_text());
        format!("<symtable entry {name}({id}), line {line}>")
    }
    /// Number of the block.
    #[getter]
    fn id(this: Gc<Entry>) -> Value {
        this.id.get()
    }
    /// Name of the block.
    #[getter]
    fn name(this: Gc<Entry>) -> Value {
        this.name.get()
    }
    /// Flags by name.
    #[getter]
    fn symbols(this: Gc<Entry>) -> Value {
        this.symbols.get()
    }
    /// Names of the parameters.
    #[getter]
    fn varnames(this: Gc<Entry>) -> Value {
        this.parameters.get()
    }
    /// The blocks in it.
    #[getter]
    fn children(this: Gc<Entry>) -> Value {
        this.children.get()
    }
    /// Whether it is inside a function.
    #[getter]
    fn nested(this: Gc<Entry>) -> Value {
        this.nested.get()
    }
    /// The sort of block.
    #[getter]
    fn r#type(this: Gc<Entry>) -> Value {
        this.sort.get()
    }
    /// The first line.
    #[getter]
    fn lineno(this: Gc<Entry>) -> Value {
        this.line.get()
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "_symtable");
    add_functions(cx, module.dict.get(), module.value(), FUNCTIONS);
    for (name, number) in NUMBERS {
        let name = cx.intern(name);
        Dict::set_str(cx, module.dict.get(), name, Value::int(number.into()))?;
    }
    Ok(module)
}

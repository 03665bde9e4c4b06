//! The interpreter: meanings of the opcodes, slow paths, calls, generators, imports.

pub mod atomic;
pub mod bind;
mod call_plan;
pub mod class_builder;
pub mod code;
pub mod code_object;
mod context_managers;
mod dead_registers;
mod dead_views;
pub mod errors;
mod exception_groups;
pub mod execution;
pub mod generator;
mod generator_frames;
pub mod imports;
pub mod inline_cache;
pub mod interpreter;
pub mod jit;
pub mod marshal;
mod meanings;
mod opcode;
mod patterns;
pub mod poll;
pub mod reentrant_lock;
pub mod run;
pub mod runtime_functions;
mod slow;
pub mod source_text;
mod suggestions_module;
mod symbol_table;
mod syntax_warnings;
pub mod traceback;
pub mod tracing;
mod tree_compilation;
pub mod warnings;

use py_object::Cx;

/// The native modules of this crate.
pub fn modules() -> Vec<(&'static str, py_object::ModuleInit)> {
    let own: [(&'static str, py_object::ModuleInit); 6] = [
        ("transaction", atomic::module),
        ("marshal", marshal::module),
        ("_opcode", opcode::module),
        ("_suggestions", suggestions_module::module),
        ("_symtable", symbol_table::module),
        ("_warnings", warnings::module),
    ];
    own.into_iter().chain(imports::MODULES).collect()
}

/// Registers the interpreter with the runtime. `jit_log` names the file that the JIT logs to.
pub fn install(cx: &mut Cx, jit_log: Option<&str>) {
    let _ = cx.runtime.call_python.set(run::call_function);
    let _ = cx.runtime.invalidate.set(jit::withdraw);
    let _ = cx.runtime.tracing_changed.set(tracing::changed);
    let _ = cx.runtime.forget_dead.set(dead_registers::clear);
    let _ = cx.runtime.called_native.set(dead_registers::called_by_running);
    let _ = cx.runtime.import_module.set(imports::import_module);
    let _ = cx.runtime.around_fork.set(jit::around_fork);
    let _ = cx.runtime.current_globals.set(run::current_globals);
    inline_cache::install();
    class_builder::install(cx);
    execution::install(cx);
    generator::install(cx);
    dead_views::install(cx);
    code_object::install(cx);
    generator_frames::install(cx);
    imports::install(cx);
    symbol_table::install(cx);
    jit::configure(jit_log);
}

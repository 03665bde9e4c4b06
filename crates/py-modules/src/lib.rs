//! Native modules.

use py_object::bootstrap::{add_functions, new_module};
use py_object::native::{NativeDefinition, NativeKind, TracePolicy, TransactionPolicy};
use py_object::objects::*;
use py_object::{Cx, NONE, PyResult};
use vm_heap::{Gc, Value};

static FUNCTIONS: &[NativeDefinition] = &[NativeDefinition {
    name: "print", qualname: "print", kind: NativeKind::Function, doc: "", signature: "", call: print, setter: None,
    trace: TracePolicy::Call, transaction: TransactionPolicy::Deferrable,
}];
fn print(_: &mut Cx, arguments: &[Value], _: Option<Gc<Tuple>>) -> PyResult { println!("{arguments:?}"); Ok(NONE) }

/// x
pub fn install(cx: &mut Cx) {
    let b = cx.runtime.builtins.get().unwrap();
    add_functions(cx, b, NONE, FUNCTIONS);
}
/// x
pub fn modules() -> Vec<(&'static str, fn(&mut Cx) -> PyResult<Gc<Module>>)> {
    vec![("sys", |cx| { Ok(new_module(cx, "sys")) }), ("builtins", |cx| { Ok(new_module(cx, "builtins")) })]
}

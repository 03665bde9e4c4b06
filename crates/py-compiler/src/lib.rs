//! shim
pub struct CompileError { pub message: String, pub line: u32, pub column: u32, pub end_line: u32, pub end_column: u32, pub unsupported: bool }
pub enum Mode { Module, Eval, Single }
pub fn compile(_: &str, _: &str, _: Mode) -> Result<py_code::CodeUnit, CompileError> { todo!() }

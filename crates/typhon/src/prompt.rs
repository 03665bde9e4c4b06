//! The plain prompt: statements are read from standard input, run, and values of expressions shown.

use py_interp::{code, errors, run};
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, operations, types};
use std::io::{BufRead, Write};
use vm_heap::{Gc, Value};

/// Runs statements until the input ends.
pub fn run(cx: &mut Cx, main: Gc<Module>) -> PyResult<()> {
    if cx.runtime.configuration().flags.quiet == 0 {
        let version = py_modules::VERSION_TEXT.replace('\n', " ");
        let hint = "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.";
        py_modules::sys::write_error(cx, &format!("Python {version} on linux\n{hint}\n"));
    }
    for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] {
        let sys = sys_module(cx);
        let name = cx.intern(name);
        if let Some(sys) = sys
            && attribute::find(cx, sys, name)?.is_none()
        {
            let text = Str::new(cx, text);
            attribute::set(cx, sys, name, Some(text.value()))?;
        }
    }
    let mut number = 0;
    loop {
        let Some(source) = read_statement(cx)? else {
            py_modules::sys::write_error(cx, "\n");
            return Ok(());
        };
        if source.trim().is_empty() {
            continue;
        }
        let filename = format!("<stdin-{number}>");
        number += 1;
        if run_statement(cx, main, &source, &filename).is_err() {
            let raised = cx.take_raised();
            if types::is_instance(cx, raised, Kind::SYSTEM_EXIT) {
                return Err(cx.raise_value(raised));
            }
            crate::session::show(cx, raised);
        }
        flush(cx);
    }
}

fn sys_module(cx: &mut Cx) -> Option<Value> {
    let name = cx.intern("sys");
    let modules = cx.runtime.modules.get()?;
    Dict::get_str(cx, modules, name)
}

fn run_statement(cx: &mut Cx, main: Gc<Module>, source: &str, filename: &str) -> PyResult<()> {
    let code = match py_compiler::compile(source, filename, py_compiler::Mode::Single) {
        Ok(unit) => code::load(cx, unit)?,
        Err(error) => return Err(errors::raise_compile_error(cx, error, filename, source)),
    };
    py_interp::traceback::remember_source(cx, code, source);
    if register_source(cx, code, source).is_err() {
        cx.take_raised();
    }
    run::run_code(cx, code, main.dict.get(), NONE, NONE)?;
    Ok(())
}

/// Lets the library's `linecache` know the lines of a statement typed.
fn register_source(cx: &mut Cx, code: Gc<Code>, source: &str) -> PyResult<()> {
    let module = cx.import("linecache")?;
    let source = Str::new(cx, source).value();
    let file = cx.intern("<stdin>").value();
    call::call_method(cx, module, "_register_code", &[code.value(), source, file]).map(drop)
}

/// What `sys.ps1` or `sys.ps2` shows.
fn prompt_text(cx: &mut Cx, name: &str) -> String {
    let shown = sys_module(cx).and_then(|sys| {
        let name = cx.intern(name);
        let (prompt, _) = attribute::find(cx, sys, name).ok()??;
        operations::to_str(cx, prompt).ok()
    });
    match shown {
        Some(text) => text.to_text(),
        None => {
            cx.take_raised();
            String::new()
        }
    }
}

fn flush(cx: &mut Cx) {
    let stream = sys_module(cx).and_then(|sys| {
        let name = cx.intern("stdout");
        attribute::find(cx, sys, name).ok()?.map(|(stream, _)| stream)
    });
    if let Some(stream) = stream.filter(|stream| *stream != NONE)
        && call::call_method(cx, stream, "flush", &[]).is_err()
    {
        cx.take_raised();
    }
}

fn read_line(cx: &mut Cx, prompt: &str) -> PyResult<Option<String>> {
    flush(cx);
    // A prompt that cannot be shown is no reason to stop.
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush());
    let mut line = Vec::new();
    let read = cx.mutator().native(|| std::io::stdin().lock().read_until(b'\n', &mut line));
    match read {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
        Err(error) => Err(cx.raise(Kind::OS_ERROR, error.to_string())),
    }
}

/// Lines up to the end of a statement: a compound one ends with an empty line.
fn read_statement(cx: &mut Cx) -> PyResult<Option<String>> {
    let first = prompt_text(cx, "ps1");
    let Some(mut source) = read_line(cx, &first)? else { return Ok(None) };
    loop {
        if source.ends_with('\n') && is_complete(&source) {
            return Ok(Some(source));
        }
        let more = prompt_text(cx, "ps2");
        match read_line(cx, &more)? {
            Some(line) => source.push_str(&line),
            None => {
                py_modules::sys::write_error(cx, "\n");
                return Ok(Some(source));
            }
        }
    }
}

/// Whether no further lines can be wanted: the text is a statement or wrong beyond repair, and a block has been closed by an empty
/// line.
fn is_complete(source: &str) -> bool {
    if source.ends_with("\n\n") || source.trim().is_empty() {
        return true;
    }
    match py_syntax::parse_module(source) {
        Ok(module) => !module.body.last().is_some_and(py_syntax::is_compound),
        Err(error) => !py_syntax::is_incomplete(source, &error),
    }
}

//! The program: from the command line to the code that runs as `__main__`.

use crate::command_line::{Options, Program};
use crate::prompt;
use py_interp::source_text::Origin;
use py_interp::{imports, run};
use py_modules::system::decode_path;
use py_object::bootstrap::new_module;
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, TRUE, attribute, call, types};
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use vm_heap::{Gc, Value};

/// Runs the program, or prompts for it.
pub fn run(cx: &mut Cx, options: &Options) -> PyResult<()> {
    match &options.program {
        Program::Text(text) => {
            add_to_search_path(cx, options, OsStr::new(""))?;
            let main = main_module(cx)?;
            run_source(cx, main, dedented(text).as_bytes(), "<string>", Origin::Text)
        }
        Program::Module(name) => {
            let here = std::env::current_dir().unwrap_or_default();
            add_to_search_path(cx, options, here.as_os_str())?;
            main_module(cx)?;
            let name = Str::new(cx, name).value();
            run_as_main(cx, name, TRUE)
        }
        Program::File(path) => run_file(cx, options, path),
        Program::Input => run_input(cx, options),
    }
}

/// A text without the blanks that all its lines begin with; lines of nothing but blanks become empty.
fn dedented(text: &str) -> String {
    let is_blank = |character: char| matches!(character, ' ' | '\t');
    let filled = || text.lines().filter(|line| !line.trim_matches(is_blank).is_empty());
    let mut margin: Option<&str> = None;
    for line in filled() {
        let indentation = &line[..line.len() - line.trim_start_matches(is_blank).len()];
        margin = Some(match margin {
            None => indentation,
            Some(margin) => {
                let shared = margin.bytes().zip(indentation.bytes()).take_while(|(left, right)| left == right).count();
                &margin[..shared]
            }
        });
    }
    let margin = margin.unwrap_or_default().len();
    if margin == 0 {
        return text.to_string();
    }
    let without = |line: &str| match line.trim_matches(|c: char| is_blank(c) || c == '\n').is_empty() {
        true => line.trim_start_matches(is_blank).to_string(),
        false => line[margin..].to_string(),
    };
    text.split_inclusive('\n').map(without).collect()
}

/// A script, or a directory or archive with a `__main__`.
fn run_file(cx: &mut Cx, options: &Options, path: &OsStr) -> PyResult<()> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let name = decode_path(cx, absolute.as_os_str().as_bytes())?;
    if imports::has_importer(cx, &absolute, name.value())? {
        insert_into_search_path(cx, absolute.as_os_str())?;
        main_module(cx)?;
        let name = cx.intern("__main__").value();
        return run_as_main(cx, name, py_object::FALSE);
    }
    let mut source = match std::fs::read(&absolute) {
        Ok(source) => source,
        Err(error) => return Err(cannot_open(cx, &absolute, &error)),
    };
    if options.skip_first_line {
        // The line's end stays, so that the numbers of the others do not change.
        let end = source.iter().position(|byte| *byte == b'\n').unwrap_or(source.len());
        source.drain(..end);
    }
    let folder = std::fs::canonicalize(&absolute).ok().and_then(|file| file.parent().map(Path::to_path_buf));
    add_to_search_path(cx, options, folder.unwrap_or_default().as_os_str())?;
    let main = main_module(cx)?;
    set(cx, main, "__file__", name.value())?;
    imports::set_script_loader(cx, main, name.value())?;
    let filename = absolute.to_string_lossy().into_owned();
    if imports::is_bytecode(&filename) {
        return imports::run_bytecode(cx, main.dict.get(), &source, &filename);
    }
    run_source(cx, main, &source, &filename, Origin::File)
}

fn cannot_open(cx: &mut Cx, path: &Path, error: &std::io::Error) -> py_object::Raised {
    let number = error.raw_os_error().unwrap_or(0);
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let name = cx.runtime.configuration().original_arguments.first().cloned().unwrap_or_default();
    let quoted = path.to_string_lossy().replace('\'', "\\'");
    let message = format!("{}: can't open file '{quoted}': [Errno {number}] {text}\n", name.to_string_lossy());
    py_modules::sys::write_error(cx, &message);
    exit_with(cx, 2)
}

fn exit_with(cx: &mut Cx, code: i64) -> py_object::Raised {
    let class = cx.builtin_type(Kind::SYSTEM_EXIT).value();
    match call::call(cx, class, &[Value::int(code)], None) {
        Ok(exit) => cx.raise_value(exit),
        Err(raised) => raised,
    }
}

/// Standard input: a program, or a prompt where it is a terminal.
fn run_input(cx: &mut Cx, options: &Options) -> PyResult<()> {
    add_to_search_path(cx, options, OsStr::new(""))?;
    let main = main_module(cx)?;
    if std::io::stdin().is_terminal() || options.configuration.flags.interactive > 0 {
        run_startup_file(cx, main)?;
        return prompt::run(cx, main);
    }
    let mut source = Vec::new();
    if let Err(error) = std::io::stdin().read_to_end(&mut source) {
        return Err(cx.raise(Kind::OS_ERROR, error.to_string()));
    }
    let name = Str::new(cx, "<stdin>");
    set(cx, main, "__file__", name.value())?;
    let code = imports::compile_source(cx, &source, "<stdin>")?;
    run::run_code(cx, code, main.dict.get(), NONE, NONE).map(|_| ())
}

/// Runs the file that `PYTHONSTARTUP` names; its exceptions are shown, and no more.
fn run_startup_file(cx: &mut Cx, main: Gc<Module>) -> PyResult<()> {
    if cx.runtime.configuration().flags.ignore_environment {
        return Ok(());
    }
    let Some(path) = std::env::var_os("PYTHONSTARTUP").filter(|path| !path.is_empty()) else { return Ok(()) };
    let Ok(source) = std::fs::read(&path) else {
        let message = format!("Could not open PYTHONSTARTUP\nFileNotFoundError: {}\n", path.to_string_lossy());
        py_modules::sys::write_error(cx, &message);
        return Ok(());
    };
    if run_source(cx, main, &source, &path.to_string_lossy(), Origin::File).is_err() {
        let raised = cx.take_raised();
        if types::is_instance(cx, raised, Kind::SYSTEM_EXIT) {
            return Err(cx.raise_value(raised));
        }
        super::ending::show(cx, raised);
    }
    Ok(())
}

/// The prompt that `-i` asks for after the program; returns the exit code.
pub fn prompt_after(cx: &mut Cx, options: &Options, code: u8) -> u8 {
    let asked =
        options.configuration.flags.inspect > 0 || std::env::var_os("PYTHONINSPECT").is_some_and(|v| !v.is_empty());
    let prompted = options.program == Program::Input
        && (std::io::stdin().is_terminal() || options.configuration.flags.interactive > 0);
    if !asked || prompted || !(std::io::stdin().is_terminal() || options.configuration.flags.interactive > 0) {
        return code;
    }
    let outcome = main_module(cx).and_then(|main| prompt::run(cx, main));
    super::ending::exit_code(cx, outcome)
}

fn run_source(cx: &mut Cx, main: Gc<Module>, source: &[u8], filename: &str, origin: Origin) -> PyResult<()> {
    let code = imports::compile_bytes(
        cx,
        source,
        filename,
        py_compiler::Mode::Module,
        py_compiler::Options::default(),
        origin,
    )?;
    py_interp::traceback::remember_source(cx, code, &String::from_utf8_lossy(source));
    run::run_code(cx, code, main.dict.get(), NONE, NONE)?;
    Ok(())
}

/// `runpy._run_module_as_main(name, alter_argv)`.
fn run_as_main(cx: &mut Cx, name: Value, alter_argv: Value) -> PyResult<()> {
    let runpy = imports::import_module(cx, "runpy")?;
    call::call_method(cx, runpy, "_run_module_as_main", &[name, alter_argv])?;
    Ok(())
}

/// The module `__main__`, made where it is missing.
fn main_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let table = cx.runtime.modules.get().expect("made at start-up");
    let name = cx.intern("__main__");
    if let Some(main) = Dict::get_str(cx, table, name).and_then(py_object::downcast::<Module>) {
        return Ok(main);
    }
    let module = new_module(cx, "__main__");
    Dict::set_str(cx, table, name, module.value())?;
    let builtins = imports::import_module(cx, "builtins")?;
    set(cx, module, "__builtins__", builtins)?;
    if let Some(loader) = imports::builtin_loader(cx)? {
        set(cx, module, "__loader__", loader)?;
    }
    Ok(module)
}

fn set(cx: &mut Cx, module: Gc<Module>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, module.dict.get(), name, value)
}

fn sys_path(cx: &mut Cx) -> PyResult {
    let sys = imports::import_module(cx, "sys")?;
    let name = cx.intern("path");
    attribute::get(cx, sys, name)
}

/// `sys.path` as it is before `site` and the program's own folder are added.
pub fn set_search_path(cx: &mut Cx) -> PyResult<()> {
    let list = List::new(cx, &[])?;
    let runtime = cx.runtime;
    let library = OsString::from(py_library::folder());
    for entry in runtime.configuration().search_path.iter().chain([&library]) {
        let text = decode_path(cx, entry.as_bytes())?;
        List::push(cx, list, text.value())?;
    }
    let sys = imports::import_module(cx, "sys")?;
    let folder = Str::new(cx, py_library::folder());
    let name = cx.intern("_stdlib_dir");
    attribute::set(cx, sys, name, Some(folder.value()))?;
    let name = cx.intern("path");
    attribute::set(cx, sys, name, Some(list.value()))
}

/// Imports `site`, which completes `sys.path`, unless `-S` says otherwise.
pub fn import_site(cx: &mut Cx) -> PyResult<()> {
    if cx.runtime.configuration().flags.no_site {
        return Ok(());
    }
    if imports::import_module(cx, "site").is_err() {
        let raised = cx.take_raised();
        py_modules::sys::write_error(cx, "Fatal Python error: init_import_site: Failed to import the site module\n");
        return Err(cx.raise_value(raised));
    }
    Ok(())
}

/// Puts the program's folder in front of `sys.path`, unless `-P` says otherwise.
fn add_to_search_path(cx: &mut Cx, options: &Options, folder: &OsStr) -> PyResult<()> {
    if options.configuration.flags.safe_path {
        return Ok(());
    }
    let _ = cx.runtime.program_folder.set(folder.to_string_lossy().into_owned());
    insert_into_search_path(cx, folder)
}

fn insert_into_search_path(cx: &mut Cx, folder: &OsStr) -> PyResult<()> {
    let folder = decode_path(cx, folder.as_bytes())?;
    let path = sys_path(cx)?;
    call::call_method(cx, path, "insert", &[Value::int(0), folder.value()])?;
    Ok(())
}

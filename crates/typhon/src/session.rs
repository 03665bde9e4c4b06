//! One run of a program: start-up, the main module, the exit code.

use crate::command_line::{Options, Program};
use crate::traceback;
use py_interp::{imports, run};
use py_object::bootstrap::{declare_layouts, make_types, new_module};
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, Runtime, call, downcast, operations, types};
use std::io::Read;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use vm_heap::{Gc, Heap, Value};

/// Runs a program and returns its exit code.
pub fn run(options: Options) -> ExitCode {
    declare_layouts();
    py_modules::declare_layouts();
    let heap = Heap::global();
    heap.configure(options.collector);
    let runtime = Runtime::new(hash_key());
    heap.add_root_scanner(|visit| runtime.for_each_root(visit));
    runtime.hot.store(options.hotness.unwrap_or(i32::MAX), Ordering::Relaxed);
    let _ = runtime.arguments.set(options.arguments.clone());
    let mut cx = Cx::attach(runtime);
    make_types(&mut cx);
    py_object::types::table::install(&mut cx);
    py_modules::install(&mut cx);
    py_interp::install(&mut cx, options.log.as_deref());
    let mut modules = py_modules::modules();
    modules.push(("transaction", py_interp::atomic::module));
    imports::set_native_modules(modules);
    py_modules::set_report(report_in_thread);
    let _ = cx.runtime.report_unraisable.set(report_unraisable);
    let result = run_program(&mut cx, &options);
    let code = match result {
        Ok(()) => 0,
        Err(_) => report(&mut cx),
    };
    py_modules::wait_for_threads(&mut cx);
    py_object::finalize::run_at_exit(&mut cx);
    let flushed = py_modules::flush_standard(&mut cx);
    py_modules::flush_open_files(&mut cx);
    py_modules::withdraw_signals();
    if code == 0 && !flushed { ExitCode::from(120) } else { ExitCode::from(code) }
}

/// Key of the string hashes: random, or fixed by `PYTHONHASHSEED`.
fn hash_key() -> [u64; 2] {
    if let Some(seed) = std::env::var("PYTHONHASHSEED").ok().and_then(|seed| seed.parse::<u32>().ok()) {
        return [seed as u64, !(seed as u64)];
    }
    let mut key = [0u8; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut key));
    if read.is_err() {
        // Without a source of randomness hashes still differ between processes.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |t| t.as_nanos());
        key = now.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_le_bytes();
    }
    let (low, high) = key.split_at(8);
    [u64::from_le_bytes(low.try_into().unwrap_or_default()), u64::from_le_bytes(high.try_into().unwrap_or_default())]
}

fn run_program(cx: &mut Cx, options: &Options) -> PyResult<()> {
    let (source, filename, directory) = match &options.program {
        Program::Text(text) => (text.clone().into_bytes(), "<string>".to_string(), String::new()),
        Program::Input => {
            let mut source = Vec::new();
            if let Err(error) = std::io::stdin().read_to_end(&mut source) {
                return Err(cx.raise(Kind::OS_ERROR, error.to_string()));
            }
            (source, "<stdin>".to_string(), String::new())
        }
        Program::File(path) => {
            let name = path.to_string_lossy().into_owned();
            match std::fs::read(path) {
                Ok(source) => {
                    let directory = std::fs::canonicalize(path)
                        .ok()
                        .and_then(|path| path.parent().map(|parent| parent.to_string_lossy().into_owned()))
                        .unwrap_or_default();
                    (source, name, directory)
                }
                Err(error) => {
                    let reason = match error.kind() {
                        std::io::ErrorKind::NotFound => "[Errno 2] No such file or directory".to_string(),
                        _ => error.to_string(),
                    };
                    eprintln!("typhon: can't open file '{name}': {reason}");
                    std::process::exit(2);
                }
            }
        }
    };
    set_search_path(cx, &directory, options.ignore_environment)?;
    let module = new_module(cx, "__main__");
    let table = cx.runtime.modules.get().expect("made at start-up");
    let name = cx.intern("__main__");
    Dict::set_str(cx, table, name, module.value())?;
    let dict = module.dict.get();
    let builtins = imports::import_module(cx, "builtins")?;
    set(cx, dict, "__builtins__", builtins)?;
    if let Program::File(_) = options.program {
        let text = Str::new(cx, &filename);
        set(cx, dict, "__file__", text.value())?;
    }
    let code = imports::compile_source(cx, &source, &filename)?;
    traceback::remember_source(&filename, &source);
    run::run_code(cx, code, dict, NONE, NONE)?;
    Ok(())
}

fn set(cx: &mut Cx, dict: Gc<Dict>, name: &str, value: Value) -> PyResult<()> {
    let name = cx.intern(name);
    Dict::set_str(cx, dict, name, value)
}

fn set_search_path(cx: &mut Cx, directory: &str, ignore_environment: bool) -> PyResult<()> {
    let sys = imports::import_module(cx, "sys")?;
    let list = List::new(cx, &[])?;
    let text = Str::new(cx, directory);
    List::push(cx, list, text.value())?;
    if !ignore_environment && let Ok(path) = std::env::var("PYTHONPATH") {
        for entry in path.split(':').filter(|entry| !entry.is_empty()) {
            let text = Str::new(cx, entry);
            List::push(cx, list, text.value())?;
        }
    }
    let text = Str::new(cx, py_library::folder());
    List::push(cx, list, text.value())?;
    let name = cx.intern("path");
    py_object::attribute::set(cx, sys, name, Some(list.value()))
}

/// Prints an exception that ended a thread other than the main one.
fn report_in_thread(cx: &mut Cx, exception: Value) {
    eprintln!("Exception in thread started by a program:");
    traceback::print(cx, exception);
}

/// Reports an exception of a finalizer or of a weak reference's callback.
fn report_unraisable(cx: &mut Cx, exception: Value, message: &str) {
    flush(cx);
    eprintln!("{message}:");
    traceback::print(cx, exception);
}

/// Reports the exception that ended the program and returns the exit code.
fn report(cx: &mut Cx) -> u8 {
    let raised = cx.take_raised();
    if types::is_instance(cx, raised, Kind::SYSTEM_EXIT)
        && let Some(exception) = downcast::<Exception>(raised)
    {
        let arguments = downcast::<Tuple>(exception.args.get());
        let arguments = arguments.as_ref().map_or(&[][..], py_object::sequence::tuple_items);
        let code = match arguments {
            [] => NONE,
            [code] => *code,
            _ => exception.args.get(),
        };
        if code == NONE {
            return 0;
        }
        if let Some(number) = operations::as_small_int(code) {
            return number as u8;
        }
        flush(cx);
        match operations::to_str(cx, code) {
            Ok(text) => eprintln!("{}", py_object::StrExt::to_text(&text)),
            Err(_) => {
                cx.take_raised();
            }
        }
        return 1;
    }
    flush(cx);
    traceback::print(cx, raised);
    if types::is_instance(cx, raised, Kind::KEYBOARD_INTERRUPT) { 130 } else { 1 }
}

/// Flushes `sys.stdout`; false where that fails.
fn flush(cx: &mut Cx) -> bool {
    let Ok(sys) = imports::import_module(cx, "sys") else { return false };
    let name = cx.intern("stdout");
    let Ok(stdout) = py_object::attribute::get(cx, sys, name) else {
        cx.take_raised();
        return true;
    };
    if stdout == NONE {
        return true;
    }
    match call::call_method(cx, stdout, "flush", &[]) {
        Ok(_) => true,
        Err(_) => {
            cx.take_raised();
            false
        }
    }
}

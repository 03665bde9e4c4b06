//! One run of the interpreter: start-up, the program, the end.

mod ending;

mod program;

pub use ending::show;

use crate::command_line::Options;
use crate::traceback;
use py_interp::imports;
use py_object::bootstrap::{declare_layouts, make_types};
use py_object::{Cx, PyResult, Runtime};
use std::io::Read;
use std::sync::atomic::Ordering;
use vm_heap::Heap;

/// Runs a program and returns its exit code.
pub fn run(options: Options) -> u8 {
    declare_layouts();
    py_modules::declare_layouts();
    let heap = Heap::global();
    heap.configure(options.collector);
    let runtime = Runtime::new(hash_key(options.hash_seed));
    heap.add_root_scanner(|full, visit| runtime.for_each_root(full, visit));
    runtime.hot.store(options.hotness.unwrap_or(i32::MAX), Ordering::Relaxed);
    runtime.int_digits.store(options.int_digits, Ordering::Relaxed);
    let _ = runtime.configuration.set(options.configuration.clone());
    let mut modules = py_modules::modules();
    modules.extend(py_interp::modules());
    let _ = runtime.native_modules.set(modules);
    let mut cx = Cx::attach(runtime);
    make_types(&mut cx);
    py_object::types::table::install(&mut cx);
    py_modules::install(&mut cx);
    py_interp::install(&mut cx, options.log.as_deref());
    let _ = cx.runtime.report_unraisable.set(py_modules::sys::report_unraisable);
    py_modules::sys::set_exception_printer(traceback::print);
    let outcome = start(&mut cx).and_then(|()| program::run(&mut cx, &options));
    let code = ending::exit_code(&mut cx, outcome);
    let code = program::prompt_after(&mut cx, &options, code);
    ending::finish(&mut cx, code)
}

/// Key of the string hashes: random, or fixed by `PYTHONHASHSEED`.
fn hash_key(seed: Option<u32>) -> [u64; 2] {
    if let Some(seed) = seed {
        return fixed_key(seed);
    }
    let mut key = [0u8; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut key));
    if read.is_err() {
        // Without a source of randomness hashes still differ between processes.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |t| t.as_nanos());
        key = now.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_le_bytes();
    }
    key_of(key)
}

/// The key that CPython derives from a seed: bytes of a linear congruential sequence; none of them for the seed 0.
fn fixed_key(seed: u32) -> [u64; 2] {
    let mut state = seed;
    key_of(std::array::from_fn(|_| {
        state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
        if seed == 0 { 0 } else { (state >> 16) as u8 }
    }))
}

fn key_of(bytes: [u8; 16]) -> [u64; 2] {
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
    [word(0), word(8)]
}

/// Makes `sys`, the import system and what they need.
fn start(cx: &mut Cx) -> PyResult<()> {
    imports::import_module(cx, "sys")?;
    program::set_search_path(cx)?;
    imports::start(cx)?;
    // The loops of the start are short, and the compiler is not in the caches yet. One that goes on is compiled nevertheless.
    cx.thread.hot.set(cx.runtime.hot.load(Ordering::Relaxed).saturating_mul(20));
    vm_heap::unmap_libraries();
    let imported = program::import_site(cx);
    cx.thread.hot.set(cx.runtime.hot.load(Ordering::Relaxed));
    imported
}

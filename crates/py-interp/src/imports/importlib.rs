//! The library's `importlib`, which finds and loads modules: starting it and calling it.

use super::{frozen, imported, native, optional, optional_text, set, timing};
use py_object::bootstrap::new_module;
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, call, downcast, operations, types};
use std::path::Path;
use vm_heap::{Gc, Value};

/// File names of the code of `importlib`, whose frames tracebacks leave out.
const FILES: [&[u8]; 2] = [b"<frozen importlib._bootstrap>", b"<frozen importlib._bootstrap_external>"];

/// Whether `importlib` does the importing.
pub fn is_running(cx: &Cx) -> bool {
    cx.runtime.importlib.get() != NONE
}

/// Starts `importlib`: its two halves, the finders of `sys.meta_path` and the hooks of `sys.path_hooks`.
pub fn start(cx: &mut Cx) -> PyResult<()> {
    for name in ["sys", "builtins", "_imp"] {
        native::import_module(cx, name)?;
    }
    let bootstrap = run_frozen(cx, "_frozen_importlib")?;
    let (sys, imp) = (native::import_module(cx, "sys")?, native::import_module(cx, "_imp")?);
    call::call_method(cx, bootstrap, "_install", &[sys, imp])?;
    cx.runtime.importlib.set_root(bootstrap);
    call::call_method(cx, bootstrap, "_install_external_importers", &[])?;
    let library = super::import_module(cx, "_library_importer")?;
    call::call_method(cx, library, "_install", &[]).map(|_| ())
}

fn run_frozen(cx: &mut Cx, name: &str) -> PyResult {
    let (frozen, file) = frozen::find(name).expect("the library has what it consists of");
    let code = frozen::code_of(cx, frozen, file)?;
    let module = new_module(cx, name);
    let original = Str::new(cx, frozen.original);
    set(cx, module.dict.get(), "__origname__", original.value())?;
    native::run_in(cx, name, module, code)
}

fn bootstrap(cx: &mut Cx) -> PyResult {
    match cx.runtime.importlib.get() {
        NONE => Err(cx.raise(Kind::RUNTIME_ERROR, "the import system has not been started")),
        bootstrap => Ok(bootstrap),
    }
}

/// What the Python half calls to import: `builtins.__import__` as it was made.
fn import_function(cx: &mut Cx) -> Value {
    cx.runtime.import_function.get()
}

/// `importlib._bootstrap._find_and_load`.
pub fn find_and_load(cx: &mut Cx, name: Gc<Str>) -> PyResult {
    tell_hooks(cx, name)?;
    let (bootstrap, import) = (bootstrap(cx)?, import_function(cx));
    let timing = timing::begin(cx);
    let outcome = call::call_method(cx, bootstrap, "_find_and_load", &[name.value(), import]);
    timing::end(timing, &py_object::StrExt::to_text(&name));
    match outcome {
        Ok(module) => Ok(module),
        Err(raised) => {
            hide_frames(cx);
            Err(raised)
        }
    }
}

/// The audit event of an import that is about to be looked for.
fn tell_hooks(cx: &mut Cx, name: Gc<Str>) -> PyResult<()> {
    let Some(audit) = cx.runtime.audit.get() else { return Ok(()) };
    let sys = imported(cx, "sys").unwrap_or(NONE);
    let mut parts = [NONE; 3];
    for (part, name) in parts.iter_mut().zip(["path", "meta_path", "path_hooks"]) {
        if sys != NONE {
            *part = optional(cx, sys, name)?.unwrap_or(NONE);
        }
    }
    let [path, meta_path, path_hooks] = parts;
    audit(cx, "import", &[name.value(), NONE, path, meta_path, path_hooks])
}

/// `importlib._bootstrap._handle_fromlist`.
pub fn handle_from_list(cx: &mut Cx, module: Value, names: Value) -> PyResult {
    let (bootstrap, import) = (bootstrap(cx)?, import_function(cx));
    match call::call_method(cx, bootstrap, "_handle_fromlist", &[module, names, import]) {
        Ok(module) => Ok(module),
        Err(raised) => {
            hide_frames(cx);
            Err(raised)
        }
    }
}

/// Whether a module's code is still running.
pub fn is_initializing(cx: &mut Cx, module: Value) -> PyResult<bool> {
    let Some(spec) = optional(cx, module, "__spec__")?.filter(|spec| *spec != NONE) else { return Ok(false) };
    match optional(cx, spec, "_initializing")? {
        Some(flag) => operations::truth(cx, flag),
        None => Ok(false),
    }
}

/// Waits until a module that another thread is importing is there.
pub fn wait_for(cx: &mut Cx, name: Gc<Str>) -> PyResult<()> {
    if !is_running(cx) {
        return Ok(());
    }
    let bootstrap = bootstrap(cx)?;
    call::call_method(cx, bootstrap, "_lock_unlock_module", &[name.value()]).map(|_| ())
}

/// Takes the frames of `importlib` out of the traceback of the exception on its way: all of them from an ImportError, else those up to
/// the call of what failed.
fn hide_frames(cx: &mut Cx) {
    let raised = cx.raised.get();
    let Some(exception) = downcast::<Exception>(raised) else { return };
    let hide_all = types::is_instance(cx, raised, Kind::IMPORT_ERROR);
    // The entry behind which what follows is to be attached; `None` is the exception itself.
    let (mut last, mut before_chunk) = (None, None);
    let mut inside = false;
    let mut next = exception.traceback.get();
    while let Some(entry) = downcast::<Traceback>(next) {
        next = entry.next.get();
        let Some(code) = downcast::<FrameObject>(entry.frame.get()).map(|frame| frame.code.get()) else { break };
        let is_ours = downcast::<Str>(code.filename.get()).is_some_and(|file| FILES.contains(&file_bytes(&file)));
        if is_ours && !inside {
            before_chunk = last;
        }
        inside = is_ours;
        let is_last =
            downcast::<Str>(code.name.get()).is_some_and(|name| file_bytes(&name) == b"_call_with_frames_removed");
        if inside && (hide_all || is_last) {
            attach(cx, exception, before_chunk, next);
            last = before_chunk;
        } else {
            last = Some(entry);
        }
    }
}

fn file_bytes(text: &Gc<Str>) -> &[u8] {
    py_object::StrExt::bytes(text)
}

fn attach(cx: &mut Cx, exception: Gc<Exception>, place: Option<Gc<Traceback>>, next: Value) {
    match place {
        Some(entry) => entry.next.set(cx.mutator(), entry, next),
        None => exception.traceback.set(cx.mutator(), exception, next),
    }
}

/// Whether a path is a place to import from (a directory or an archive), so that it can be run by the `__main__` in it.
pub fn has_importer(cx: &mut Cx, path: &Path, name: Value) -> PyResult<bool> {
    if path.is_dir() {
        return Ok(true);
    }
    if !is_archive(path) {
        return Ok(false);
    }
    let external = super::import_module(cx, "_frozen_importlib_external")?;
    let finder = optional(cx, external, "PathFinder")?.unwrap_or(NONE);
    Ok(call::call_method(cx, finder, "_path_importer_cache", &[name])? != NONE)
}

/// Whether a file ends as zip archives do.
fn is_archive(path: &Path) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    let end = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(66_000)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    end().is_ok_and(|end| end.windows(4).any(|part| part == b"PK\x05\x06"))
}

/// The class that loads native modules, once `importlib` runs.
pub fn builtin_loader(cx: &mut Cx) -> PyResult<Option<Value>> {
    match cx.runtime.importlib.get() {
        NONE => Ok(None),
        bootstrap => optional(cx, bootstrap, "BuiltinImporter"),
    }
}

/// Gives `__main__` the loader of the script.
pub fn set_script_loader(cx: &mut Cx, main: Gc<Module>, path: Value) -> PyResult<()> {
    let external = super::import_module(cx, "_frozen_importlib_external")?;
    let is_bytecode = downcast::<Str>(path).is_some_and(|path| path_is_bytecode(&path));
    let class = if is_bytecode { "SourcelessFileLoader" } else { "SourceFileLoader" };
    let name = cx.intern("__main__").value();
    let loader = call::call_method(cx, external, class, &[name, path])?;
    set(cx, main.dict.get(), "__loader__", loader)
}

fn path_is_bytecode(path: &Gc<Str>) -> bool {
    file_bytes(path).ends_with(b".pyc")
}

/// Whether a file of this name holds bytecode.
pub fn is_bytecode(filename: &str) -> bool {
    filename.ends_with(".pyc")
}

/// Runs the content of a `.pyc` file.
pub fn run_bytecode(cx: &mut Cx, globals: Gc<Dict>, bytes: &[u8], filename: &str) -> PyResult<()> {
    if bytes.get(..4) != Some(&super::imp::magic_number().to_le_bytes()[..]) {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "Bad magic number in .pyc file"));
    }
    let code = crate::marshal::loads(cx, bytes.get(16..).unwrap_or_default())?;
    match downcast::<Code>(code) {
        Some(code) => crate::run::run_code(cx, code, globals, NONE, NONE).map(|_| ()),
        None => Err(cx.raise(Kind::RUNTIME_ERROR, format!("Bad code object in .pyc file: '{filename}'"))),
    }
}

/// Where a module comes from, if its spec says that this is a file.
pub fn origin_of(cx: &mut Cx, spec: Value) -> PyResult<Option<Gc<Str>>> {
    match optional(cx, spec, "has_location")? {
        Some(flag) if operations::truth(cx, flag)? => optional_text(cx, spec, "origin"),
        _ => Ok(None),
    }
}

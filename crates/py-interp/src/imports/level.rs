//! `__import__`: names, levels of relative imports, and what the statement binds.

use super::{import_error, imported, importlib, modules, native, optional};
use py_macros::py_functions;
use py_object::bootstrap::add_functions;
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, call, downcast, operations};
use vm_heap::{Gc, Value};

/// The functions.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Import a module.
    ///
    /// This is what the import statement calls. With a fromlist the module itself is returned, without one the package that the
    /// name starts with. The globals tell what a relative import (level > 0) starts from.
    #[function(signature = "(name, globals=None, locals=None, fromlist=(), level=0)")]
    fn __import__(
        cx: &mut Cx,
        #[keyword] name: Value,
        #[keyword]
        #[default(NONE)]
        globals: Value,
        #[keyword]
        #[default(NONE)]
        locals: Value,
        #[keyword]
        #[default(NONE)]
        fromlist: Value,
        #[keyword]
        #[default(0)]
        level: i64,
    ) -> PyResult {
        let _ = locals;
        import_level(cx, name, globals, fromlist, level)
    }
}

/// Puts `__import__` among the builtins.
pub fn install(cx: &mut Cx) {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    add_functions(cx, builtins, NONE, FUNCTIONS);
    let name = cx.intern("__import__");
    if let Some(function) = Dict::get_str(cx, builtins, name) {
        cx.runtime.import_function.set_root(function);
    }
}

/// `import name` or `from name import …` as the instruction does it: by `__import__`, whatever that is.
pub fn import_name(cx: &mut Cx, name: Gc<Str>, level: Value, names: Value, globals: Gc<Dict>) -> PyResult {
    let builtins = builtins_of(cx, globals);
    let key = cx.intern("__import__");
    let function = Dict::get_str(cx, builtins, key);
    if function == Some(cx.runtime.import_function.get()) {
        return import_level(cx, name.value(), globals.value(), names, level.as_int());
    }
    match function {
        None => Err(cx.raise(Kind::IMPORT_ERROR, "__import__ not found")),
        Some(function) => {
            let arguments = cx.tuple(&[name.value(), globals.value(), NONE, names, level]);
            let Some(arguments) = downcast::<Tuple>(arguments) else { return Ok(NONE) };
            call::call(cx, function, py_object::sequence::tuple_items(&arguments), None)
        }
    }
}

/// The builtins that a namespace sees.
fn builtins_of(cx: &mut Cx, globals: Gc<Dict>) -> Gc<Dict> {
    let own = global(cx, globals, "__builtins__");
    let own = own.and_then(|own| downcast::<Module>(own).map(|module| module.dict.get()).or_else(|| downcast(own)));
    own.unwrap_or_else(|| cx.runtime.builtins.get().expect("made at start-up"))
}

/// What `__import__` does.
pub fn import_level(cx: &mut Cx, name: Value, globals: Value, names: Value, level: i64) -> PyResult {
    let Some(name) = downcast::<Str>(name) else {
        return Err(cx.type_error("module name must be a string"));
    };
    if level < 0 {
        return Err(cx.value_error("level must be >= 0"));
    }
    let absolute = if level > 0 {
        resolve(cx, name, globals, level)?
    } else if name.bytes().is_empty() {
        return Err(cx.value_error("Empty module name"));
    } else {
        name
    };
    let module = module_named(cx, absolute)?;
    let has_names = names != NONE && operations::truth(cx, names)?;
    if has_names {
        return match optional(cx, module, "__path__")? {
            Some(_) => importlib::handle_from_list(cx, module, names),
            None => Ok(module),
        };
    }
    let Some(dot) = name.bytes().iter().position(|byte| *byte == b'.') else {
        // `from . import` without names cannot be written, but called for: then the package itself is meant.
        return Ok(module);
    };
    if level == 0 {
        let head = Str::from_wtf8(cx, &name.bytes()[..dot]);
        return module_named(cx, head);
    }
    let cut = name.bytes().len() - dot;
    let kept = absolute.bytes().len() - cut;
    let head = Str::from_wtf8(cx, &absolute.bytes()[..kept]);
    let table = modules(cx);
    match Dict::get_str(cx, table, head) {
        Some(module) => Ok(module),
        None => {
            let message = format!("{} not in sys.modules as expected", operations::repr(cx, head.value())?.to_text());
            Err(cx.raise(Kind::KEY_ERROR, message))
        }
    }
}

/// The module with a full name, imported if necessary.
fn module_named(cx: &mut Cx, name: Gc<Str>) -> PyResult {
    let table = modules(cx);
    if let Some(module) = Dict::get_str(cx, table, name).filter(|module| *module != NONE) {
        if importlib::is_initializing(cx, module)? {
            importlib::wait_for(cx, name)?;
        }
        return Ok(module);
    }
    if importlib::is_running(cx) {
        return importlib::find_and_load(cx, name);
    }
    native::import_module(cx, &name.to_text())
}

/// The full name that a relative one stands for.
fn resolve(cx: &mut Cx, name: Gc<Str>, globals: Value, level: i64) -> PyResult<Gc<Str>> {
    let Some(globals) = downcast::<Dict>(globals) else {
        if globals == NONE {
            return Err(cx.raise(Kind::KEY_ERROR, "'__name__' not in globals"));
        }
        return Err(cx.type_error("globals must be a dict"));
    };
    let package = package_of(cx, globals)?;
    if package.bytes().is_empty() {
        let message = "attempted relative import with no known parent package";
        return Err(import_error(cx, Kind::IMPORT_ERROR, message, &[]));
    }
    let mut base = package.bytes();
    for _ in 1..level {
        match base.iter().rposition(|byte| *byte == b'.') {
            Some(dot) => base = &base[..dot],
            None => {
                let message = "attempted relative import beyond top-level package";
                return Err(import_error(cx, Kind::IMPORT_ERROR, message, &[]));
            }
        }
    }
    let mut full = base.to_vec();
    if !name.bytes().is_empty() {
        full.push(b'.');
        full.extend_from_slice(name.bytes());
    }
    let full = Str::from_wtf8(cx, &full);
    let runtime = cx.runtime;
    Ok(runtime.intern_string(full))
}

fn global(cx: &mut Cx, globals: Gc<Dict>, name: &str) -> Option<Value> {
    let name = cx.intern(name);
    Dict::get_str(cx, globals, name)
}

/// `__package__`, or what it would be.
fn package_of(cx: &mut Cx, globals: Gc<Dict>) -> PyResult<Gc<Str>> {
    let package = global(cx, globals, "__package__").filter(|package| *package != NONE);
    let spec = global(cx, globals, "__spec__").filter(|spec| *spec != NONE);
    let parent = match spec {
        Some(spec) => optional(cx, spec, "parent")?,
        None => None,
    };
    if let Some(package) = package {
        let Some(text) = downcast::<Str>(package) else {
            return Err(cx.type_error("package must be a string"));
        };
        if let Some(parent) = parent
            && !operations::equal(cx, package, parent)?
        {
            let (lhs, rhs) = (operations::repr(cx, package)?, operations::repr(cx, parent)?);
            let message = format!("__package__ != __spec__.parent ({} != {})", lhs.to_text(), rhs.to_text());
            warn(cx, &message, "DeprecationWarning")?;
        }
        return Ok(text);
    }
    if spec.is_some() {
        return match parent.and_then(downcast::<Str>) {
            Some(parent) => Ok(parent),
            None => Err(cx.type_error("__spec__.parent must be a string")),
        };
    }
    let message = "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
    warn(cx, message, "ImportWarning")?;
    let Some(name) = global(cx, globals, "__name__") else {
        return Err(cx.raise(Kind::KEY_ERROR, "'__name__' not in globals"));
    };
    let Some(name) = downcast::<Str>(name) else {
        return Err(cx.type_error("__name__ must be a string"));
    };
    if global(cx, globals, "__path__").is_some() {
        return Ok(name);
    }
    let end = name.bytes().iter().rposition(|byte| *byte == b'.').unwrap_or(0);
    Ok(Str::from_wtf8(cx, &name.bytes()[..end]))
}

fn warn(cx: &mut Cx, message: &str, category: &str) -> PyResult<()> {
    let Some(warnings) = imported(cx, "_warnings") else { return Ok(()) };
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let Some(class) = global(cx, builtins, category) else { return Ok(()) };
    let text = Str::new(cx, message);
    call::call_method(cx, warnings, "warn", &[text.value(), class, Value::int(1)]).map(|_| ())
}

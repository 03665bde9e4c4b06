//! `from module import name`: the attribute, or the error that says why there is none.

use super::{import_error, importlib, modules, optional, optional_text};
use py_object::objects::*;
use py_object::types::class_name;
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, attribute, downcast, operations};
use vm_heap::{Gc, Value};

/// `from module import name`.
pub fn import_from(cx: &mut Cx, module: Value, name: Gc<Str>) -> PyResult {
    if let Some((value, _)) = attribute::find(cx, module, name)? {
        return Ok(value);
    }
    if let Some(value) = from_hook(cx, module, name)? {
        return Ok(value);
    }
    // A submodule that is being imported is no attribute of its package yet.
    let module_name = optional_text(cx, module, "__name__")?;
    if let Some(module_name) = module_name {
        let full = cx.intern(&format!("{}.{}", module_name.to_text(), name.to_text()));
        let table = modules(cx);
        if let Some(submodule) = Dict::get_str(cx, table, full) {
            return Ok(submodule);
        }
    }
    Err(cannot_import(cx, module, module_name, name))
}

/// What the module's `__getattr__` makes of a name.
fn from_hook(cx: &mut Cx, module: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    match attribute::get(cx, module, name) {
        Ok(value) => Ok(Some(value)),
        Err(raised) => {
            if !py_object::types::is_instance(cx, cx.raised.get(), Kind::ATTRIBUTE_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            Ok(None)
        }
    }
}

fn cannot_import(cx: &mut Cx, module: Value, module_name: Option<Gc<Str>>, name: Gc<Str>) -> Raised {
    match describe(cx, module, module_name, name) {
        Ok((message, origin)) => {
            let shown = module_name.map_or(NONE, |name| name.value());
            let parts = [("name", shown), ("path", origin), ("name_from", name.value())];
            import_error(cx, Kind::IMPORT_ERROR, &message, &parts)
        }
        Err(raised) => raised,
    }
}

/// The message, and the path of the file that is at fault.
fn describe(cx: &mut Cx, module: Value, module_name: Option<Gc<Str>>, name: Gc<Str>) -> PyResult<(String, Value)> {
    let shown = match module_name {
        Some(name) => operations::repr(cx, name.value())?.to_text(),
        None => "'<unknown module name>'".to_string(),
    };
    let wanted = operations::repr(cx, name.value())?.to_text();
    let spec = optional(cx, module, "__spec__")?.filter(|spec| *spec != NONE);
    let origin = match spec {
        Some(spec) => importlib::origin_of(cx, spec)?,
        None => None,
    };
    let origin = match origin {
        Some(origin) => Some(origin),
        None => optional_text(cx, module, "__file__")?,
    };
    let path = origin.map_or(NONE, |origin| origin.value());
    let initializing = importlib::is_initializing(cx, module)?;
    if let Some(advice) = shadowing(cx, origin, module_name, initializing)? {
        return Ok((format!("cannot import name {wanted} from {shown} ({advice})"), path));
    }
    let place = match origin {
        Some(origin) => origin.to_text(),
        None => "unknown location".to_string(),
    };
    Ok(match initializing {
        true => {
            let why = "(most likely due to a circular import)";
            (format!("cannot import name {wanted} from partially initialized module {shown} {why} ({place})"), path)
        }
        false => (format!("cannot import name {wanted} from {shown} ({place})"), path),
    })
}

/// What to say of a file of the program's folder that may have taken the place of another module.
pub fn shadowing(
    cx: &mut Cx,
    origin: Option<Gc<Str>>,
    module_name: Option<Gc<Str>>,
    initializing: bool,
) -> PyResult<Option<String>> {
    let Some(origin) = origin.map(|origin| origin.to_text()) else { return Ok(None) };
    if !may_shadow(cx, &origin)? {
        return Ok(None);
    }
    let Some(sys) = super::imported(cx, "sys") else { return Ok(None) };
    let names = optional(cx, sys, "stdlib_module_names")?.unwrap_or(NONE);
    let is_library = match module_name {
        Some(name) => operations::contains(cx, names, name.value()).unwrap_or(false),
        None => false,
    };
    if is_library {
        let name = module_name.map_or_else(String::new, |name| name.to_text());
        return Ok(Some(format!(
            "consider renaming '{origin}' since it has the same name as the standard library module named '{name}' \
             and prevents importing that standard library module"
        )));
    }
    Ok(initializing
        .then(|| format!("consider renaming '{origin}' if it has the same name as a library you intended to import")))
}

/// Whether a file lies directly in the folder that the program is in.
fn may_shadow(cx: &mut Cx, origin: &str) -> PyResult<bool> {
    let Some(mut folder) = cx.runtime.program_folder.get().cloned() else { return Ok(false) };
    if folder.is_empty() {
        folder = std::env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default();
    }
    let root = match origin.rsplit_once('/') {
        Some((parent, "__init__.py")) => parent.rsplit_once('/').map_or("", |(root, _)| root),
        Some((root, _)) => root,
        None => "",
    };
    Ok(root == folder.trim_end_matches('/'))
}

/// Why a module that is being imported, or that took the place of another, lacks an attribute.
pub fn explain_missing(cx: &mut Cx, module: Gc<Module>, name: Gc<Str>) -> Option<String> {
    let explained = explain(cx, module.value(), name);
    explained.unwrap_or_else(|_| {
        cx.take_raised();
        None
    })
}

fn explain(cx: &mut Cx, module: Value, name: Gc<Str>) -> PyResult<Option<String>> {
    // Read from the namespace: an attribute that is missing there would be explained in turn, without end.
    let Some(namespace) = downcast::<Module>(module).map(|module| module.dict.get()) else { return Ok(None) };
    let [spec, module_name] = ["__spec__", "__name__"].map(|key| {
        let key = cx.intern(key);
        Dict::get_str(cx, namespace, key)
    });
    let Some(spec) = spec.filter(|spec| *spec != NONE) else { return Ok(None) };
    let Some(module_name) = module_name.and_then(downcast::<Str>) else { return Ok(None) };
    let origin = importlib::origin_of(cx, spec)?;
    let initializing = importlib::is_initializing(cx, module)?;
    let (shown, wanted) = (module_name.to_text(), name.to_text());
    if let Some(advice) = shadowing(cx, origin, Some(module_name), initializing)? {
        return Ok(Some(format!("module '{shown}' has no attribute '{wanted}' ({advice})")));
    }
    let why = "(most likely due to a circular import)";
    if initializing {
        let from = origin.map_or_else(String::new, |origin| format!(" from '{}'", origin.to_text()));
        return Ok(Some(format!("partially initialized module '{shown}'{from} has no attribute '{wanted}' {why}")));
    }
    if let Some(submodules) = optional(cx, spec, "_uninitialized_submodules")?
        && operations::contains(cx, submodules, name.value())?
    {
        return Ok(Some(format!("cannot access submodule '{wanted}' of module '{shown}' {why}")));
    }
    Ok(None)
}

/// `from module import *`.
pub fn import_star(cx: &mut Cx, module: Value, namespace: Value, function: Gc<Function>) -> PyResult<()> {
    let _ = function;
    let (names, from_all) = match optional(cx, module, "__all__")? {
        Some(names) => (names, true),
        None => match optional(cx, module, "__dict__")? {
            Some(dict) => {
                let keys = py_object::call::call_method(cx, dict, "keys", &[])?;
                let class = cx.builtin_type(Kind::LIST);
                (py_object::call::call(cx, class.value(), &[keys], None)?, false)
            }
            None => {
                let message = "from-import-* object has no __dict__ and no __all__";
                return Err(cx.raise(Kind::IMPORT_ERROR, message));
            }
        },
    };
    let iterator = operations::iterate(cx, names)?;
    while let Some(item) = operations::next(cx, iterator)? {
        let Some(name) = downcast::<Str>(item) else {
            let whose = match optional_text(cx, module, "__name__")? {
                Some(name) => name.to_text(),
                None => return Err(cx.type_error("module __name__ must be a string")),
            };
            let what = if from_all { format!("Item in {whose}.__all__") } else { format!("Key in {whose}.__dict__") };
            return Err(cx.type_error(format!("{what} must be str, not {}", class_name(cx, item))));
        };
        if !from_all && name.bytes().starts_with(b"_") {
            continue;
        }
        let value = attribute::get(cx, module, name)?;
        operations::set_item(cx, namespace, name.value(), value)?;
    }
    Ok(())
}

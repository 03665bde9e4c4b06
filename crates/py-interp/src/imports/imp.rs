//! `_imp`: what `importlib` needs of the interpreter.

use super::{frozen, imported, lock::IMPORTS, native, optional_text};
use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_module};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, bool_value, downcast};
use vm_heap::{Gc, Value};

/// What `.pyc` files begin with, as a number: changes with the bytecode.
pub fn magic_number() -> u32 {
    py_code::binary::fingerprint() & 0xffff | 0x0a0d_0000
}

/// Shared objects that can be imported; there are none so far, but tools ask for the names.
const EXTENSION_SUFFIXES: [&str; 1] = [concat!(".typhon01-", "x86_64-linux-gnu.so")];

fn no_such(cx: &mut Cx, name: Gc<Str>) -> py_object::Raised {
    let message = format!("No such frozen object named {}", name.to_text());
    super::import_error(cx, Kind::IMPORT_ERROR, &message, &[("name", name.value())])
}

/// Gives a code object and those in its constants another file name.
fn rename(cx: &mut Cx, code: Gc<Code>, old: Value, new: Value) -> PyResult<()> {
    if code.filename.get() != old {
        return Ok(());
    }
    code.filename.set(cx.mutator(), code, new);
    crate::code::load_body(cx, code)?;
    let constants = downcast::<Tuple>(code.constants.get()).expect("constants are a tuple");
    for constant in tuple_items(&constants) {
        if let Some(inner) = downcast::<Code>(*constant) {
            rename(cx, inner, old, new)?;
        }
    }
    Ok(())
}

/// SipHash-1-3, which is what `.pyc` files carry of their source.
fn keyed_hash(key: u64, bytes: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = siphasher::sip::SipHasher13::new_with_keys(key, 0);
    hasher.write(bytes);
    hasher.finish()
}

/// The functions.
pub struct Functions;

#[py_functions("_imp")]
impl Functions {
    /// Return the suffixes of the files of extension modules.
    #[function]
    fn extension_suffixes(cx: &mut Cx) -> PyResult<Gc<List>> {
        let list = List::new(cx, &[])?;
        for suffix in EXTENSION_SUFFIXES {
            let suffix = Str::new(cx, suffix);
            List::push(cx, list, suffix.value())?;
        }
        Ok(list)
    }
    /// Return whether the import lock is held.
    #[function]
    fn lock_held() -> bool {
        IMPORTS.is_held()
    }
    /// Acquire the interpreter's import lock for the current thread.
    #[function]
    fn acquire_lock(cx: &mut Cx) {
        IMPORTS.acquire(cx);
    }
    /// Release the interpreter's import lock.
    #[function]
    fn release_lock(cx: &mut Cx) -> PyResult<()> {
        if IMPORTS.release() { Ok(()) } else { Err(cx.raise(Kind::RUNTIME_ERROR, "not holding the import lock")) }
    }
    /// Return whether a native module has this name: 1, or -1 for one that cannot be made again.
    #[function]
    fn is_builtin(cx: &mut Cx, name: Gc<Str>) -> i64 {
        let text = name.to_text();
        let is_native = cx.runtime.native_modules().iter().any(|(known, _)| *known == text);
        match text.as_str() {
            "sys" | "builtins" => -1,
            _ => is_native.into(),
        }
    }
    /// Make the native module of a spec.
    #[function]
    fn create_builtin(cx: &mut Cx, spec: Value) -> PyResult {
        let Some(name) = optional_text(cx, spec, "name")? else {
            return Err(cx.type_error("name must be string"));
        };
        let text = name.to_text();
        if matches!(text.as_str(), "sys" | "builtins")
            && let Some(module) = imported(cx, &text)
        {
            return Ok(module);
        }
        Ok(native::make_native(cx, &text)?.unwrap_or(NONE))
    }
    /// Do nothing: native modules are complete once they are made.
    #[function]
    fn exec_builtin(r#mod: Value) -> i64 {
        let _ = r#mod;
        0
    }
    /// Refuse an extension module: those made for CPython cannot be loaded.
    #[function]
    fn create_dynamic(cx: &mut Cx, spec: Value, #[default(NONE)] file: Value) -> PyResult {
        let _ = file;
        let name = optional_text(cx, spec, "name")?.map_or_else(String::new, |name| name.to_text());
        let path = optional_text(cx, spec, "origin")?.map_or(NONE, |path| path.value());
        let message = format!("extension modules cannot be loaded: '{name}'");
        Err(super::import_error(cx, Kind::IMPORT_ERROR, &message, &[("path", path)]))
    }
    /// Do nothing: there are no extension modules.
    #[function]
    fn exec_dynamic(r#mod: Value) -> i64 {
        let _ = r#mod;
        0
    }
    /// Return whether a frozen module has this name.
    #[function]
    fn is_frozen(name: Gc<Str>) -> bool {
        frozen::find(&name.to_text()).is_some()
    }
    /// Return whether the frozen module of this name is a package.
    #[function]
    fn is_frozen_package(cx: &mut Cx, name: Gc<Str>) -> PyResult<bool> {
        match frozen::find(&name.to_text()) {
            Some((_, file)) => Ok(file.is_package()),
            None => Err(no_such(cx, name)),
        }
    }
    /// Return None, whether it is a package, and the original name of a frozen module, or None where there is none.
    #[function]
    fn find_frozen(
        cx: &mut Cx,
        name: Gc<Str>,
        #[keyword_only]
        #[default(false)]
        withdata: bool,
    ) -> PyResult {
        let Some((frozen, file)) = frozen::find(&name.to_text()) else { return Ok(NONE) };
        let data = match withdata {
            true => {
                let code = frozen::code_of(cx, frozen, file)?;
                let bytes = crate::marshal::dumps(cx, code.value(), crate::marshal::VERSION)?;
                Bytes::checked(cx, &bytes)?.value()
            }
            false => NONE,
        };
        let original = cx.intern(frozen.original).value();
        Ok(cx.tuple(&[data, bool_value(file.is_package()), original]))
    }
    /// Return the code of a frozen module.
    #[function]
    fn get_frozen_object(cx: &mut Cx, name: Gc<Str>, #[default(NONE)] data: Value) -> PyResult {
        if let Some(bytes) = downcast::<Bytes>(data) {
            let code = crate::marshal::loads(cx, py_object::string::bytes_of(&bytes))?;
            return match downcast::<Code>(code) {
                Some(_) => Ok(code),
                None => {
                    let message = format!("frozen object {} is not a code object", name.to_text());
                    Err(cx.type_error(message))
                }
            };
        }
        match frozen::find(&name.to_text()) {
            Some((frozen, file)) => frozen::code_of(cx, frozen, file).map(|code| code.value()),
            None => Err(no_such(cx, name)),
        }
    }
    /// Return the names of the frozen modules.
    #[function]
    fn _frozen_module_names(cx: &mut Cx) -> PyResult<Gc<List>> {
        let list = List::new(cx, &[])?;
        for frozen in frozen::FROZEN {
            let name = cx.intern(frozen.name);
            List::push(cx, list, name.value())?;
        }
        Ok(list)
    }
    /// Do nothing: frozen modules cannot be switched off.
    #[function]
    fn _override_frozen_modules_for_tests(r#override: i64) {
        let _ = r#override;
    }
    /// Return 0: there are no extension modules that could be checked.
    #[function]
    fn _override_multi_interp_extensions_check(r#override: i64) -> i64 {
        let _ = r#override;
        0
    }
    /// Change the file name of a code object and of all those in it.
    #[function]
    fn _fix_co_filename(cx: &mut Cx, code: Value, path: Gc<Str>) -> PyResult<()> {
        let Some(code) = downcast::<Code>(code) else {
            let found = py_object::types::class_name(cx, code);
            return Err(cx.type_error(format!("_fix_co_filename() argument 1 must be code, not {found}")));
        };
        let old = code.filename.get();
        rename(cx, code, old, path.value())?;
        Ok(())
    }
    /// Return the hash by which a .pyc file knows its source.
    #[function]
    fn source_hash(cx: &mut Cx, key: i64, source: Value) -> PyResult<Gc<Bytes>> {
        let Some(source) = downcast::<Bytes>(source) else {
            let message =
                format!("a bytes-like object is required, not '{}'", py_object::types::class_name(cx, source));
            return Err(cx.type_error(message));
        };
        let hash = keyed_hash(key as u64, py_object::string::bytes_of(&source));
        Bytes::checked(cx, &hash.to_le_bytes())
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "_imp");
    add_functions(cx, module.dict.get(), module.value(), FUNCTIONS);
    let token = py_object::types::int::from_i64(cx, magic_number().into());
    super::set(cx, module.dict.get(), "pyc_magic_number_token", token)?;
    let runtime = cx.runtime;
    let checked = Str::new(cx, &runtime.configuration().check_hash_based);
    super::set(cx, module.dict.get(), "check_hash_based_pycs", checked.value())?;
    Ok(module)
}

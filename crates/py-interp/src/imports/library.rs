//! `_library`: the packed standard library as its importer in Python sees it. Files go by their paths below the library's folder.

use super::native::packed_code;
use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_module};
use py_object::objects::*;
use py_object::{Cx, Kind, NONE, PyResult, StrExt, bool_value};
use vm_heap::{Gc, Value};

/// The functions.
pub struct Functions;

#[py_functions("_library")]
impl Functions {
    /// Return path and whether it is a package of a module in a folder, or None.
    #[function]
    fn find(cx: &mut Cx, folder: Gc<Str>, name: Gc<Str>) -> PyResult {
        let (folder, name) = (folder.to_text(), name.to_text());
        let place = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let Some(file) = py_library::find_module(&place) else { return Ok(NONE) };
        let path = Str::new(cx, file.path()).value();
        Ok(cx.tuple(&[path, bool_value(file.is_package())]))
    }
    /// Return the content of a file, or None.
    #[function]
    fn data(cx: &mut Cx, path: Gc<Str>) -> PyResult {
        match py_library::find(&path.to_text()) {
            Some(file) => Ok(Bytes::checked(cx, &file.source())?.value()),
            None => Ok(NONE),
        }
    }
    /// Return the length of a file, or None.
    #[function]
    fn size(path: Gc<Str>) -> Option<usize> {
        py_library::find(&path.to_text()).map(py_library::File::size)
    }
    /// Return the code of a file, compiled under a file name, or None.
    #[function]
    fn code(cx: &mut Cx, path: Gc<Str>, filename: Gc<Str>) -> PyResult {
        match py_library::find(&path.to_text()).filter(|file| file.path().ends_with(".py")) {
            Some(file) => packed_code(cx, file, &filename.to_text()).map(|code| code.value()),
            None => Ok(NONE),
        }
    }
    /// Return the names in a folder: of files, and of folders with a slash behind.
    #[function]
    fn names(cx: &mut Cx, folder: Gc<Str>) -> PyResult<Gc<List>> {
        let folder = folder.to_text();
        let list = List::new(cx, &[])?;
        let skip = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let mut last = "";
        for file in py_library::files(&folder) {
            let rest = &file.path()[skip..];
            let name = match rest.find('/') {
                Some(slash) => &rest[..=slash],
                None => rest,
            };
            if name != last {
                let text = Str::new(cx, name);
                List::push(cx, list, text.value())?;
                last = name;
            }
        }
        Ok(list)
    }
    /// Write the library into its folder.
    #[function]
    fn extract(cx: &mut Cx) -> PyResult<()> {
        match py_library::extract() {
            Ok(()) => Ok(()),
            Err(error) => Err(cx.raise(Kind::OS_ERROR, error.to_string())),
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "_library");
    add_functions(cx, module.dict.get(), module.value(), FUNCTIONS);
    let folder: Value = Str::new(cx, py_library::folder()).value();
    super::set(cx, module.dict.get(), "folder", folder)?;
    Ok(module)
}

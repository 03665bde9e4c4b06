//! The modules that count as frozen: those of the library that the import system and start-up consist of.
//!
//! They come before `sys.path`, as in CPython, so that no file of a program takes their place.

use super::native::packed_code;
use py_object::objects::Code;
use py_object::{Cx, PyResult};
use vm_heap::Gc;

/// A frozen module.
pub struct Frozen {
    /// Its name.
    pub name: &'static str,
    /// The module of the library that it is.
    pub original: &'static str,
}

const fn library(name: &'static str) -> Frozen {
    Frozen { name, original: name }
}

/// The frozen modules.
pub const FROZEN: &[Frozen] = &[
    Frozen { name: "_frozen_importlib", original: "importlib._bootstrap" },
    Frozen { name: "_frozen_importlib_external", original: "importlib._bootstrap_external" },
    library("zipimport"),
    library("_library_importer"),
    library("abc"),
    library("codecs"),
    library("io"),
    library("_collections_abc"),
    library("_sitebuiltins"),
    library("genericpath"),
    library("ntpath"),
    library("posixpath"),
    library("os"),
    library("site"),
    library("stat"),
    library("importlib.util"),
    library("importlib.machinery"),
    library("runpy"),
    library("__hello__"),
    library("__phello__"),
    library("__phello__.ham"),
    library("__phello__.ham.eggs"),
    library("__phello__.spam"),
];

/// The frozen module with this name.
pub fn find(name: &str) -> Option<(&'static Frozen, py_library::File)> {
    let frozen = FROZEN.iter().find(|frozen| frozen.name == name)?;
    Some((frozen, py_library::find_module(frozen.original)?))
}

/// Its code. The file name says that the module is frozen: tracebacks leave such files out.
pub fn code_of(cx: &mut Cx, frozen: &Frozen, file: py_library::File) -> PyResult<Gc<Code>> {
    let filename = format!("<frozen {}>", frozen.original);
    packed_code(cx, file, &filename)
}

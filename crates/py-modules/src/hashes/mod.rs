//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`: the hash functions behind the library's `hashlib`.

mod blake2;
mod object;
mod state;

use crate::{module_of, set};
use object::Hash;
use py_macros::py_functions;
use py_object::bootstrap::add_methods;
use py_object::objects::Module;
use py_object::{Cx, Kind, Object, PyResult, UNBOUND};
use state::Algorithm;
use vm_heap::{Gc, Value, declare_layout};

/// Declares layouts and methods.
pub fn install(cx: &mut Cx) {
    declare_layout(Hash::LAYOUT_ID, Hash::LAYOUT);
    for algorithm in state::ALGORITHMS {
        let kind = algorithm.kind();
        add_methods(cx, kind, object::HASH_METHODS);
        let outputs = if algorithm.is_extendable() { object::SHAKE_METHODS } else { object::DIGEST_METHODS };
        add_methods(cx, kind, outputs);
        if algorithm.is_sha3() {
            add_methods(cx, kind, object::SPONGE_METHODS);
        }
        add_methods(cx, kind, object::constructor(*algorithm));
    }
    blake2::install(cx);
}

macro_rules! constructors {
    ($module:literal, $holder:ident, $make:ident, $name:literal: $($function:ident = $algorithm:ident),*) => {
        /// Makes the module.
        pub mod $make {
            use super::*;

            /// The functions.
            pub struct $holder;

            #[py_functions($module)]
            impl $holder {
                $(
                    /// Return a new hash object; optionally initialized with a string.
                    #[function]
                    fn $function(
                        cx: &mut Cx,
                        #[keyword]
                        #[default(UNBOUND)]
                        #[shown("b''")]
                        data: Value,
                        #[keyword_only]
                        #[default(true)]
                        usedforsecurity: bool,
                        #[keyword_only]
                        #[default(UNBOUND)]
                        #[shown("None")]
                        string: Value,
                    ) -> PyResult<Gc<Hash>> {
                        let _ = usedforsecurity;
                        object::new(cx, Algorithm::$algorithm, data, string)
                    }
                )*
            }

            /// Makes the module.
            pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
                let module = module_of(cx, $module, FUNCTIONS);
                for algorithm in [$(Algorithm::$algorithm),*] {
                    let class = cx.builtin_type(algorithm.kind());
                    set(cx, module, algorithm.class_name(), class.value())?;
                }
                set(cx, module, "_GIL_MINSIZE", Value::int(LONG))?;
                Ok(module)
            }
        }
    };
}
constructors!("_md5", Md5Functions, md5, "_md5": md5 = Md5);
constructors!("_sha1", Sha1Functions, sha1, "_sha1": sha1 = Sha1);
constructors!("_sha2", Sha2Functions, sha2, "_sha2": sha224 = Sha224, sha256 = Sha256, sha384 = Sha384, sha512 = Sha512);

/// What the modules say from how many bytes on hashing runs beside other threads.
const LONG: i64 = 2048;

/// Makes `_sha3`.
pub fn sha3_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_sha3", &[]);
    for algorithm in state::ALGORITHMS.iter().filter(|algorithm| algorithm.is_sha3()) {
        let class = cx.builtin_type(algorithm.kind());
        set(cx, module, algorithm.name(), class.value())?;
    }
    let text = py_object::objects::Str::new(cx, "RustCrypto");
    set(cx, module, "implementation", text.value())?;
    set(cx, module, "_GIL_MINSIZE", Value::int(LONG))?;
    Ok(module)
}

/// Makes `_blake2`.
pub fn blake2_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_blake2", &[]);
    for (name, kind) in [("blake2b", Kind::BLAKE2B), ("blake2s", Kind::BLAKE2S)] {
        let class = cx.builtin_type(kind);
        set(cx, module, name, class.value())?;
    }
    for (variant, salt, key, digest) in [("B", 16, 64, 64), ("S", 8, 32, 32)] {
        for (what, size) in [("SALT", salt), ("PERSON", salt), ("MAX_KEY", key), ("MAX_DIGEST", digest)] {
            set(cx, module, &format!("BLAKE2{variant}_{what}_SIZE"), Value::int(size))?;
        }
    }
    set(cx, module, "_GIL_MINSIZE", Value::int(LONG))?;
    Ok(module)
}

//! The functions of `_ssl`: randomness, names of objects, default paths.

use super::errors::{Failure, raise};
use super::object_names::{self, ObjectName};
use super::store::{DefaultPaths, FILE_VARIABLE, FOLDER_VARIABLE};
use super::{certificate::Certificate, describe, pem};
use crate::buffer::ContentOrText;
use crate::system::paths::AnyPath;
use py_macros::py_functions;
use py_object::objects::Str;
use py_object::{Cx, PyResult, StrExt};
use ring::rand::{SecureRandom, SystemRandom};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use vm_heap::{Gc, Value};

/// Fills bytes at random; whether that worked.
pub fn fill_random(bytes: &mut [u8]) -> bool {
    SystemRandom::new().fill(bytes).is_ok()
}

fn object_value(cx: &mut Cx, object: &ObjectName) -> Value {
    let [short, long, identifier] =
        [object.short, object.long, object.identifier].map(|text| Str::new(cx, text).value());
    cx.tuple(&[Value::int(object.number), short, long, identifier])
}

/// The functions.
pub struct Functions;

#[py_functions("_ssl")]
impl Functions {
    #[function]
    fn _test_decode_cert(cx: &mut Cx, path: Value) -> PyResult {
        let path = crate::system::paths::fspath(cx, path)?;
        let path = AnyPath::from_value(cx, path, "", "path", false, false)?;
        let Ok(text) = std::fs::read(OsStr::from_bytes(path.bytes())) else {
            return Err(raise(cx, &Failure::text_only("Can't open file")));
        };
        let blocks = pem::blocks(&text).unwrap_or_default();
        let block = blocks.iter().find(|block| block.is_certificate());
        match block.and_then(|block| Certificate::parse(&block.content)) {
            Some(certificate) => describe::describe(cx, &certificate),
            None => Err(raise(cx, &Failure::text_only("Error decoding PEM-encoded file"))),
        }
    }
    /// Mix string into the random generator's state; the system's generator needs none, so it is not used.
    #[function(name = "RAND_add")]
    fn add_randomness(string: ContentOrText, entropy: f64) {
        let _ = (string, entropy);
    }
    /// Generate n cryptographically strong pseudo-random bytes.
    #[function(name = "RAND_bytes")]
    fn random_bytes(cx: &mut Cx, n: crate::system::arguments::CInt) -> PyResult {
        let Ok(count) = usize::try_from(n.0) else { return Err(cx.value_error("num must be positive")) };
        let mut bytes = vec![0; count];
        if !cx.mutator().native(|| fill_random(&mut bytes)) {
            return Err(raise(cx, &Failure::text_only("the system has no random bytes")));
        }
        crate::buffer::new_bytes(cx, &bytes)
    }
    /// Returns True if the random generator has enough randomness: the system's always has.
    #[function(name = "RAND_status")]
    fn random_status() -> bool {
        fill_random(&mut [0; 1])
    }
    /// Return search paths and environment vars that are used by SSLContext's set_default_verify_paths() to find default CAs.
    ///
    /// The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'.
    #[function]
    fn get_default_verify_paths(cx: &mut Cx) -> Value {
        let paths = DefaultPaths::of_system();
        let parts = [FILE_VARIABLE, &paths.file, FOLDER_VARIABLE, &paths.folder].map(|text| Str::new(cx, text).value());
        cx.tuple(&parts)
    }
    /// Lookup NID, short name, long name and OID of an ASN1_OBJECT.
    ///
    /// By default objects are looked up by OID. With name=True short and
    /// long name are also matched.
    #[function]
    fn txt2obj(
        cx: &mut Cx,
        #[keyword] txt: Gc<Str>,
        #[keyword]
        #[default(false)]
        name: bool,
    ) -> PyResult {
        let text = txt.to_text();
        let found =
            object_names::by_identifier(&text).or_else(|| if name { object_names::by_name(&text) } else { None });
        match found {
            Some(object) => Ok(object_value(cx, object)),
            None if super::der::from_dotted(&text).is_some() => Err(cx.value_error("Unknown object")),
            None => Err(cx.value_error(format!("unknown object '{:.100}'", text))),
        }
    }
    /// Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID.
    #[function]
    fn nid2obj(cx: &mut Cx, nid: crate::system::arguments::CInt) -> PyResult {
        let number = i64::from(nid.0);
        match object_names::by_number(number) {
            Some(object) => Ok(object_value(cx, object)),
            None if number < 0 => Err(cx.value_error("NID must be positive.")),
            None if number == 0 => Err(cx.value_error("Unknown object")),
            None => Err(cx.value_error(format!("unknown NID {number}"))),
        }
    }
}

//! Loading certificates and keys into a context, from files and data.

use super::certificate::Certificate;
use super::errors::{Class, Failure, PROTOCOL, raise};
use super::pem::{self, Block};
use super::private_key::{self, NoKey};
use super::settings::{ContextState, SecretsFile, certified_key};
use crate::system::errors::os_error;
use crate::system::paths::{AnyPath, fspath};
use py_object::buffer::ByteView;
use py_object::objects::Str;
use py_object::{Cx, Kind, NONE, PyResult, Raised, StrExt, call, downcast};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use vm_heap::Value;

/// What OpenSSL numbers its error "PEM lib" as.
const PEM_LIBRARY: i64 = 524_297;
/// Longer passwords do not fit in OpenSSL's buffer.
const LONGEST_PASSWORD: usize = 1024;

fn path_of(cx: &mut Cx, value: Value, name: &str) -> PyResult<PathBuf> {
    let path = match fspath(cx, value) {
        Ok(path) => path,
        Err(raised) if !py_object::types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) => return Err(raised),
        Err(_) => {
            cx.take_raised();
            return Err(cx.type_error(format!("{name} should be a valid filesystem path")));
        }
    };
    let path = AnyPath::from_value(cx, path, "", name, false, false)?;
    Ok(Path::new(OsStr::from_bytes(path.bytes())).to_path_buf())
}

fn read_file(cx: &mut Cx, path: &Path) -> PyResult<Vec<u8>> {
    match cx.mutator().native(|| std::fs::read(path)) {
        Ok(text) => Ok(text),
        Err(error) => Err(os_error(cx, error.raw_os_error().unwrap_or(libc::EIO))),
    }
}

fn no_pem(library: &'static str) -> Failure {
    Failure::plain(Class::Base, PEM_LIBRARY, "PEM lib").within(library)
}

fn blocks_of(cx: &mut Cx, text: &[u8]) -> PyResult<Vec<Block>> {
    pem::blocks(text).map_err(|_| raise(cx, &no_pem("SSL")))
}

/// The password of a key: given, or asked for.
fn password_of(cx: &mut Cx, password: Value) -> PyResult<Vec<u8>> {
    let (given, wrong) = if downcast::<Str>(password).is_some() || ByteView::try_of(password).is_some() {
        (password, "")
    } else if py_object::types::class::is_callable(cx, password) {
        (call::call(cx, password, &[], None)?, "password callback must return a string")
    } else {
        (NONE, "password should be a string or callable")
    };
    let bytes = match downcast::<Str>(given) {
        Some(text) => text.to_text().into_bytes(),
        None => match ByteView::try_of(given) {
            Some(view) => view.bytes().to_vec(),
            None => return Err(cx.type_error(wrong)),
        },
    };
    if bytes.len() > LONGEST_PASSWORD {
        return Err(cx.value_error(format!("password cannot be longer than {LONGEST_PASSWORD} bytes")));
    }
    Ok(bytes)
}

/// `load_cert_chain`.
pub fn load_own(cx: &mut Cx, state: &ContextState, certificates: Value, key: Value, password: Value) -> PyResult<()> {
    let certificate_path = path_of(cx, certificates, "certfile")?;
    let key_path = if key == NONE { certificate_path.clone() } else { path_of(cx, key, "keyfile")? };
    // A password that is none is refused also where it is not needed.
    if password != NONE
        && downcast::<Str>(password).is_none()
        && ByteView::try_of(password).is_none()
        && !py_object::types::class::is_callable(cx, password)
    {
        return Err(cx.type_error("password should be a string or callable"));
    }
    let text = read_file(cx, &certificate_path)?;
    let blocks = blocks_of(cx, &text)?;
    let mut chain = Vec::new();
    for block in blocks.iter().filter(|block| block.is_certificate()) {
        match Certificate::parse(&block.content) {
            Some(certificate) => chain.push(certificate.der().clone()),
            None => return Err(raise(cx, &no_pem("SSL"))),
        }
    }
    if chain.is_empty() {
        return Err(raise(cx, &no_pem("SSL")));
    }
    let text = read_file(cx, &key_path)?;
    let blocks = blocks_of(cx, &text)?;
    let Some(block) = blocks.iter().find(|block| private_key::is_private_key(block)) else {
        return Err(raise(cx, &no_pem("SSL")));
    };
    let password = match private_key::is_encrypted(block) {
        true if password == NONE => {
            let text = "the private key is encrypted: a password is needed";
            return Err(raise(cx, &Failure::plain(Class::Base, PEM_LIBRARY, text).within("SSL")));
        }
        true => password_of(cx, password)?,
        false if password == NONE => Vec::new(),
        // OpenSSL does not ask for it either.
        false if downcast::<Str>(password).is_some() || ByteView::try_of(password).is_some() => {
            password_of(cx, password)?
        }
        false => Vec::new(),
    };
    let key = cx.mutator().native(|| private_key::read(block, &password));
    let key = match key {
        Ok(key) => key,
        Err(NoKey::UnknownEncryption) => {
            let message = "the private key is encrypted in a way that is not supported";
            return Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message));
        }
        Err(_) => return Err(raise(cx, &no_pem("SSL"))),
    };
    match certified_key(chain, key) {
        Ok(key) => {
            state.change(|settings| settings.add_key(key));
            Ok(())
        }
        Err(failure) => Err(raise(cx, &failure)),
    }
}

/// `load_verify_locations`.
pub fn load_trusted(cx: &mut Cx, state: &ContextState, file: Value, folder: Value, data: Value) -> PyResult<()> {
    if file == NONE && folder == NONE && data == NONE {
        return Err(cx.type_error("cafile, capath and cadata cannot be all omitted"));
    }
    let file = if file == NONE { None } else { Some(path_of(cx, file, "cafile")?) };
    let folder = if folder == NONE { None } else { Some(path_of(cx, folder, "capath")?) };
    if data != NONE {
        load_data(cx, state, data)?;
    }
    if let Some(file) = file {
        let text = read_file(cx, &file)?;
        let added = state.store.lock().unwrap_or_else(PoisonError::into_inner).add_pem(&text);
        match added {
            Ok(0) if pem::blocks(&text).is_ok_and(|blocks| !blocks.is_empty()) || text.is_empty() => {
                let failure = Failure::of("X509", "NO_CERTIFICATE_OR_CRL_FOUND").numbered(136);
                return Err(raise(cx, &failure));
            }
            Ok(0) => return Err(raise(cx, &Failure::of("X509", "NO_CERTIFICATE_OR_CRL_FOUND").numbered(136))),
            Ok(_) => {}
            Err(_) => return Err(raise(cx, &no_pem("X509"))),
        }
    }
    if let Some(folder) = folder {
        state.store.lock().unwrap_or_else(PoisonError::into_inner).add_folder(&folder);
    }
    Ok(())
}

fn load_data(cx: &mut Cx, state: &ContextState, data: Value) -> PyResult<()> {
    let wrong = "cadata should be an ASCII string or a bytes-like object";
    let (bytes, is_text) = match downcast::<Str>(data) {
        Some(text) if text.is_ascii() => (text.bytes().to_vec(), true),
        Some(_) => return Err(cx.type_error(wrong)),
        None => match ByteView::try_of(data) {
            Some(view) => (view.bytes().to_vec(), false),
            None => return Err(cx.type_error(wrong)),
        },
    };
    if bytes.is_empty() {
        return Err(cx.value_error("Empty certificate data"));
    }
    let added = {
        let mut store = state.store.lock().unwrap_or_else(PoisonError::into_inner);
        if is_text { store.add_pem(&bytes) } else { store.add_der(&bytes) }
    };
    let text = match added {
        Ok(count) if count > 0 => return Ok(()),
        _ if is_text => "no start line: cadata does not contain a certificate",
        _ => "not enough data: cadata does not contain a certificate",
    };
    Err(raise(cx, &Failure::plain(Class::Base, 0, text)))
}

/// Opens a file to log secrets in.
pub fn open_log(cx: &mut Cx, value: Value) -> PyResult<Arc<SecretsFile>> {
    let path = fspath(cx, value)?;
    let path = path_of(cx, path, "keylog_filename")?;
    match SecretsFile::open(&path) {
        Ok(file) => Ok(Arc::new(file)),
        Err(error) => Err(os_error(cx, error.raw_os_error().unwrap_or(libc::EIO))),
    }
}

/// `load_dh_params`: what is wrong with the file is said, else that it is of no use.
pub fn refuse_parameters(cx: &mut Cx, value: Value) -> PyResult<()> {
    let path = fspath(cx, value)?;
    let path = path_of(cx, path, "path")?;
    let text = read_file(cx, &path)?;
    let is_there = pem::blocks(&text).is_ok_and(|blocks| blocks.iter().any(|block| block.label == "DH PARAMETERS"));
    if !is_there {
        return Err(raise(cx, &Failure::of("PEM", "NO_START_LINE").numbered(108)));
    }
    let message =
        "Diffie-Hellman parameters are not supported by rustls, which exchanges keys over elliptic curves only";
    Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, message))
}

/// Raises that a certificate does not parse.
pub fn malformed(cx: &mut Cx) -> Raised {
    raise(cx, &Failure::plain(Class::Base, PROTOCOL, "malformed certificate"))
}

//! `pwd` and `grp`: the accounts and groups of the system.

use crate::structseq::{self, Declaration};
use crate::system::{decode_path, encode_path};
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::{List, Module, Str};
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, PyResult, StrExt, operations};
use std::ffi::{CStr, CString};
use vm_heap::{Gc, Value};

static ACCOUNT: Declaration = Declaration {
    name: "pwd.struct_passwd",
    doc: "pwd.struct_passwd: an account of the system.",
    fields: &[
        ("pw_name", "user name"),
        ("pw_passwd", "password"),
        ("pw_uid", "user id"),
        ("pw_gid", "group id"),
        ("pw_gecos", "real name"),
        ("pw_dir", "home directory"),
        ("pw_shell", "shell program"),
    ],
    items: 7,
    copies: &[],
};

static GROUP: Declaration = Declaration {
    name: "grp.struct_group",
    doc: "grp.struct_group: a group of the system.",
    fields: &[
        ("gr_name", "group name"),
        ("gr_passwd", "password"),
        ("gr_gid", "group id"),
        ("gr_mem", "group members"),
    ],
    items: 4,
    copies: &[],
};

/// Room for the texts of one entry, if the system does not say how much it wants.
const BUFFER: usize = 1024;

/// An entry of one of the tables, its texts copied.
enum Entry {
    Account { texts: [Vec<u8>; 5], user: u32, group: u32 },
    Group { texts: [Vec<u8>; 2], group: u32, members: Vec<Vec<u8>> },
}

/// # Safety
/// `text` must be null or the start of a text that ends with a zero byte.
unsafe fn copy(text: *const libc::c_char) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

fn account(entry: &libc::passwd) -> Entry {
    // SAFETY: the system filled the structure with texts in the buffer, which lives as long.
    let texts = unsafe {
        [entry.pw_name, entry.pw_passwd, entry.pw_gecos, entry.pw_dir, entry.pw_shell].map(|text| copy(text))
    };
    Entry::Account { texts, user: entry.pw_uid, group: entry.pw_gid }
}

fn group(entry: &libc::group) -> Entry {
    // SAFETY: the system filled the structure with texts in the buffer, which lives as long; the members end with a null.
    unsafe {
        let mut members = Vec::new();
        let mut next = entry.gr_mem;
        while !next.is_null() && !(*next).is_null() {
            members.push(copy(*next));
            next = next.add(1);
        }
        Entry::Group { texts: [entry.gr_name, entry.gr_passwd].map(|text| copy(text)), group: entry.gr_gid, members }
    }
}

/// Calls one of the `_r` functions with a buffer that grows until the entry fits.
fn look_up<T, F>(mut call: F, convert: fn(&T) -> Entry) -> Result<Option<Entry>, i32>
where
    F: FnMut(*mut T, *mut libc::c_char, usize, *mut *mut T) -> i32,
{
    let mut size = BUFFER;
    loop {
        let mut buffer = vec![0u8; size];
        let mut entry = std::mem::MaybeUninit::<T>::uninit();
        let mut found = std::ptr::null_mut();
        match call(entry.as_mut_ptr(), buffer.as_mut_ptr().cast(), size, &mut found) {
            libc::ERANGE if size < 1 << 24 => size *= 2,
            0 if found.is_null() => return Ok(None),
            // SAFETY: the system says that it has filled the structure.
            0 => return Ok(Some(convert(unsafe { entry.assume_init_ref() }))),
            number => return Err(number),
        }
    }
}

fn id_value(cx: &mut Cx, id: u32) -> Value {
    // The largest stands for no id.
    int::from_i64(cx, if id == u32::MAX { -1 } else { id.into() })
}

fn entry_value(cx: &mut Cx, entry: &Entry) -> PyResult {
    let list = List::new(cx, &[])?;
    let text = |cx: &mut Cx, bytes: &[u8]| decode_path(cx, bytes).map(|text| text.value());
    match entry {
        Entry::Account { texts, user, group } => {
            for bytes in &texts[..2] {
                let text = text(cx, bytes)?;
                List::push(cx, list, text)?;
            }
            for id in [*user, *group] {
                let id = id_value(cx, id);
                List::push(cx, list, id)?;
            }
            for bytes in &texts[2..] {
                let text = text(cx, bytes)?;
                List::push(cx, list, text)?;
            }
            let parts = py_object::objects::Tuple::from_list(cx, list)?;
            structseq::new(cx, &ACCOUNT, py_object::sequence::tuple_items(&parts))
        }
        Entry::Group { texts, group, members } => {
            for bytes in texts {
                let text = text(cx, bytes)?;
                List::push(cx, list, text)?;
            }
            let id = id_value(cx, *group);
            List::push(cx, list, id)?;
            let names = List::new(cx, &[])?;
            for member in members {
                let text = text(cx, member)?;
                List::push(cx, names, text)?;
            }
            List::push(cx, list, names.value())?;
            let parts = py_object::objects::Tuple::from_list(cx, list)?;
            structseq::new(cx, &GROUP, py_object::sequence::tuple_items(&parts))
        }
    }
}

/// An id argument: `None` where no id has this number.
fn id_argument(cx: &mut Cx, id: Value) -> PyResult<Option<u32>> {
    if !int::is_int(id) && int::try_index(cx, id)?.is_none() {
        let message = format!("uid should be integer, not {}", class_name(cx, id));
        return Err(cx.type_error(message));
    }
    let number = int::index(cx, id)?;
    Ok(match int::as_i64(number) {
        Some(-1) => Some(u32::MAX),
        Some(number) => u32::try_from(number).ok(),
        None => None,
    })
}

fn name_argument(cx: &mut Cx, name: Gc<Str>) -> PyResult<CString> {
    let bytes = encode_path(cx, name)?;
    match CString::new(bytes) {
        Ok(name) => Ok(name),
        Err(_) => Err(cx.value_error("embedded null byte")),
    }
}

fn outcome(cx: &mut Cx, found: Result<Option<Entry>, i32>, missing: &str) -> PyResult {
    match found {
        Ok(Some(entry)) => entry_value(cx, &entry),
        // Besides "no error", these are what systems say of what they do not have.
        Ok(None) | Err(libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM) => {
            Err(cx.raise(Kind::KEY_ERROR, missing))
        }
        Err(number) => Err(crate::system::os_error(cx, number)),
    }
}

/// Calls `next` until there are no more entries. The table of the system is one for all threads.
fn all(cx: &mut Cx, mut next: impl FnMut() -> Option<Entry>) -> PyResult<Gc<List>> {
    let mut entries = Vec::new();
    cx.mutator().native(|| {
        while let Some(entry) = next() {
            entries.push(entry);
        }
    });
    let list = List::new(cx, &[])?;
    for entry in &entries {
        let entry = entry_value(cx, entry)?;
        List::push(cx, list, entry)?;
    }
    Ok(list)
}

static TABLE: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// `pwd`.
mod pwd_functions {
    use super::*;

    /// The functions.
    pub struct Functions;

    #[py_functions("pwd")]
    impl Functions {
        /// Return the account with a user id.
        #[function]
        fn getpwuid(cx: &mut Cx, uidobj: Value) -> PyResult {
            let shown = operations::repr(cx, uidobj)?.to_text();
            let missing = format!("getpwuid(): uid not found: {shown}");
            let Some(id) = id_argument(cx, uidobj)? else { return Err(cx.raise(Kind::KEY_ERROR, missing)) };
            let found = cx.mutator().native(|| {
                // SAFETY: all pointers are those of the buffers that `look_up` made.
                look_up(|e, b, n, r| unsafe { libc::getpwuid_r(id, e, b, n, r) }, account)
            });
            outcome(cx, found, &missing)
        }
        /// Return the account with a name.
        #[function]
        fn getpwnam(cx: &mut Cx, name: Gc<Str>) -> PyResult {
            let shown = operations::repr(cx, name.value())?.to_text();
            let text = name_argument(cx, name)?;
            let found = cx.mutator().native(|| {
                // SAFETY: all pointers are those of the buffers that `look_up` made, and of the name.
                look_up(|e, b, n, r| unsafe { libc::getpwnam_r(text.as_ptr(), e, b, n, r) }, account)
            });
            outcome(cx, found, &format!("getpwnam(): name not found: {shown}"))
        }
        /// Return a list of all accounts.
        #[function]
        fn getpwall(cx: &mut Cx) -> PyResult<Gc<List>> {
            let locked = TABLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // SAFETY: only the thread that has the lock uses the system's table.
            unsafe { libc::setpwent() };
            let mut entries = Vec::new();
            // SAFETY: the same; the entry is copied before the next call.
            while let Some(entry) = unsafe { libc::getpwent().as_ref() } {
                entries.push(account(entry));
            }
            // SAFETY: the same.
            unsafe { libc::endpwent() };
            drop(locked);
            let mut entries = entries.into_iter();
            all(cx, || entries.next())
        }
    }
}

/// `grp`.
mod grp_functions {
    use super::*;

    /// The functions.
    pub struct Functions;

    #[py_functions("grp")]
    impl Functions {
        /// Return the group with an id.
        #[function]
        fn getgrgid(cx: &mut Cx, #[keyword] id: Value) -> PyResult {
            let shown = operations::repr(cx, id)?.to_text();
            let missing = format!("getgrgid(): gid not found: {shown}");
            if !int::is_int(id) && int::try_index(cx, id)?.is_none() {
                let message = format!("gid should be integer, not {}", class_name(cx, id));
                return Err(cx.type_error(message));
            }
            let Some(id) = id_argument(cx, id)? else { return Err(cx.raise(Kind::KEY_ERROR, missing)) };
            let found = cx.mutator().native(|| {
                // SAFETY: all pointers are those of the buffers that `look_up` made.
                look_up(|e, b, n, r| unsafe { libc::getgrgid_r(id, e, b, n, r) }, group)
            });
            outcome(cx, found, &missing)
        }
        /// Return the group with a name.
        #[function]
        fn getgrnam(cx: &mut Cx, #[keyword] name: Gc<Str>) -> PyResult {
            let shown = operations::repr(cx, name.value())?.to_text();
            let text = name_argument(cx, name)?;
            let found = cx.mutator().native(|| {
                // SAFETY: all pointers are those of the buffers that `look_up` made, and of the name.
                look_up(|e, b, n, r| unsafe { libc::getgrnam_r(text.as_ptr(), e, b, n, r) }, group)
            });
            outcome(cx, found, &format!("getgrnam(): name not found: {shown}"))
        }
        /// Return a list of all groups.
        #[function]
        fn getgrall(cx: &mut Cx) -> PyResult<Gc<List>> {
            let locked = TABLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // SAFETY: only the thread that has the lock uses the system's table.
            unsafe { libc::setgrent() };
            let mut entries = Vec::new();
            // SAFETY: the same; the entry is copied before the next call.
            while let Some(entry) = unsafe { libc::getgrent().as_ref() } {
                entries.push(group(entry));
            }
            // SAFETY: the same.
            unsafe { libc::endgrent() };
            drop(locked);
            let mut entries = entries.into_iter();
            all(cx, || entries.next())
        }
    }
}

/// Makes `pwd`.
pub fn pwd(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "pwd", pwd_functions::FUNCTIONS);
    let class = structseq::class(cx, &ACCOUNT)?;
    set(cx, module, "struct_passwd", class.value())?;
    Ok(module)
}

/// Makes `grp`.
pub fn grp(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "grp", grp_functions::FUNCTIONS);
    let class = structseq::class(cx, &GROUP)?;
    set(cx, module, "struct_group", class.value())?;
    Ok(module)
}

//! `pwd` and `grp`: users and groups.

use crate::structseq::{self, Declaration};
use crate::system::arguments::identifier_value;
use crate::system::errors::os_error;
use crate::system::paths::{AnyPath, decode_path};
use crate::{module_of, set};
use py_object::objects::{List, Module};
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult};
use std::ffi::CStr;
use std::sync::Mutex;
use vm_heap::{Gc, Value};

/// `pwd.struct_passwd`.
pub static STRUCT_PASSWD: Declaration = Declaration {
    name: "pwd.struct_passwd",
    doc: "pwd.struct_passwd: an entry of the user database, as getpw* return it.",
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

/// `grp.struct_group`.
pub static STRUCT_GROUP: Declaration = Declaration {
    name: "grp.struct_group",
    doc: "grp.struct_group: an entry of the group database, as getgr* return it.",
    fields: &[
        ("gr_name", "group name"),
        ("gr_passwd", "password"),
        ("gr_gid", "group id"),
        ("gr_mem", "group members"),
    ],
    items: 4,
    copies: &[],
};

/// Going through a whole database uses a state of the process.
static DATABASE: Mutex<()> = Mutex::new(());

/// A user, out of the system's memory.
struct User {
    texts: [Option<Vec<u8>>; 5],
    user: u32,
    group: u32,
}

/// A group, out of the system's memory.
struct Group {
    name: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    group: u32,
    members: Vec<Vec<u8>>,
}

/// # Safety
/// The pointer is null or that of a text that ends with a zero byte.
unsafe fn text(pointer: *const libc::c_char) -> Option<Vec<u8>> {
    // SAFETY: by the caller's promise.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_bytes().to_vec())
}

impl User {
    /// # Safety
    /// The entry is one that the system filled.
    unsafe fn of(entry: &libc::passwd) -> User {
        // SAFETY: by the caller's promise.
        let texts = unsafe {
            [entry.pw_name, entry.pw_passwd, entry.pw_gecos, entry.pw_dir, entry.pw_shell].map(|part| text(part))
        };
        User { texts, user: entry.pw_uid, group: entry.pw_gid }
    }

    fn value(&self, cx: &mut Cx) -> PyResult {
        let mut texts = [NONE; 5];
        for (value, part) in texts.iter_mut().zip(&self.texts) {
            if let Some(part) = part {
                *value = decode_path(cx, part)?.value();
            }
        }
        let [name, password, real_name, directory, shell] = texts;
        let ids = [self.user, self.group].map(|id| Value::int(identifier_value(id)));
        structseq::new(cx, &STRUCT_PASSWD, &[name, password, ids[0], ids[1], real_name, directory, shell])
    }
}

impl Group {
    /// # Safety
    /// The entry is one that the system filled.
    unsafe fn of(entry: &libc::group) -> Group {
        let mut members = Vec::new();
        // SAFETY: by the caller's promise the list ends with a null pointer.
        unsafe {
            let mut at = entry.gr_mem;
            while !at.is_null() && !(*at).is_null() {
                members.extend(text(*at));
                at = at.add(1);
            }
            Group { name: text(entry.gr_name), password: text(entry.gr_passwd), group: entry.gr_gid, members }
        }
    }

    fn value(&self, cx: &mut Cx) -> PyResult {
        let mut texts = [NONE; 2];
        for (value, part) in texts.iter_mut().zip([&self.name, &self.password]) {
            if let Some(part) = part {
                *value = decode_path(cx, part)?.value();
            }
        }
        let members = List::new(cx, &[])?;
        for member in &self.members {
            let member = decode_path(cx, member)?;
            List::push(cx, members, member.value())?;
        }
        let id = Value::int(identifier_value(self.group));
        structseq::new(cx, &STRUCT_GROUP, &[texts[0], texts[1], id, members.value()])
    }
}

/// Asks the database with a buffer that grows until it suffices.
fn ask<T, R>(
    cx: &mut Cx,
    query: impl Fn(&mut T, &mut [u8], *mut *mut T) -> libc::c_int,
    copy: impl Fn(&T) -> R,
) -> PyResult<Option<R>> {
    let outcome = cx.mutator().native(|| {
        let mut buffer = vec![0u8; 1024];
        loop {
            let mut entry = std::mem::MaybeUninit::<T>::zeroed();
            let mut found = std::ptr::null_mut();
            // SAFETY: the structures are plain numbers and pointers, for which zeros are valid.
            let number = query(unsafe { entry.assume_init_mut() }, &mut buffer, &raw mut found);
            match number {
                libc::ERANGE if buffer.len() < 1 << 24 => {
                    let longer = buffer.len() * 2;
                    buffer.resize(longer, 0);
                }
                // Different systems say differently that there is no such entry.
                0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM if found.is_null() => return Ok(None),
                // SAFETY: the call found an entry and filled it; its texts lie in the buffer.
                0 => return Ok(Some(copy(unsafe { entry.assume_init_ref() }))),
                number => return Err(number),
            }
        }
    });
    outcome.map_err(|number| os_error(cx, number))
}

/// An id that exists may not be larger; `None` for one that can't exist.
fn id_of(cx: &mut Cx, value: Value, what: &str) -> PyResult<Option<u32>> {
    if !int::is_int(value) && py_object::types::lookup_special(cx, value, "__index__").is_none() {
        let message = format!("{what} should be integer, not {}", py_object::types::class_name(cx, value));
        return Err(cx.type_error(message));
    }
    let number = int::index(cx, value)?;
    Ok(match int::as_i64(number) {
        Some(-1) => Some(u32::MAX),
        Some(number) => u32::try_from(number).ok(),
        None => None,
    })
}

fn not_found(cx: &mut Cx, what: &str, key: Value) -> PyResult {
    let text = py_object::operations::repr(cx, key)?;
    Err(cx.raise(Kind::KEY_ERROR, format!("{what}: {}", py_object::StrExt::to_text(&text))))
}

mod users {
    use super::*;
    use py_macros::py_functions;
    use py_object::objects::Str;

    /// The functions of `pwd`.
    pub struct Functions;

    #[py_functions("pwd")]
    impl Functions {
        /// Return the password database entry for the given numeric user ID.
        #[function]
        fn getpwuid(cx: &mut Cx, #[name("uidobj")] id: Value) -> PyResult {
            let Some(number) = id_of(cx, id, "uid")? else {
                return Err(cx.raise(Kind::KEY_ERROR, "getpwuid(): uid not found"));
            };
            let found = ask::<libc::passwd, _>(
                cx,
                // SAFETY: the entry, the buffer and the result can be written.
                |entry, buffer, found| unsafe {
                    libc::getpwuid_r(number, entry, buffer.as_mut_ptr().cast(), buffer.len(), found)
                },
                // SAFETY: the entry was filled.
                |entry| unsafe { User::of(entry) },
            )?;
            match found {
                Some(user) => user.value(cx),
                None => not_found(cx, "getpwuid(): uid not found", Value::int(identifier_value(number))),
            }
        }
        /// Return the password database entry for the given user name.
        #[function]
        fn getpwnam(cx: &mut Cx, name: Gc<Str>) -> PyResult {
            let path = AnyPath::from_value(cx, name.value(), "", "", false, false)?;
            let found = ask::<libc::passwd, _>(
                cx,
                // SAFETY: the name ends with a zero byte; entry, buffer and result can be written.
                |entry, buffer, found| unsafe {
                    libc::getpwnam_r(path.as_ptr(), entry, buffer.as_mut_ptr().cast(), buffer.len(), found)
                },
                // SAFETY: the entry was filled.
                |entry| unsafe { User::of(entry) },
            )?;
            match found {
                Some(user) => user.value(cx),
                None => not_found(cx, "getpwnam(): name not found", name.value()),
            }
        }
        /// Return a list of all available password database entries, in arbitrary order.
        #[function]
        fn getpwall(cx: &mut Cx) -> PyResult<Gc<List>> {
            let users = cx.mutator().native(|| {
                let _lock = DATABASE.lock();
                let mut users = Vec::new();
                // SAFETY: the lock keeps other threads out; each entry is copied before the next one is asked for.
                unsafe {
                    libc::setpwent();
                    while let Some(entry) = libc::getpwent().as_ref() {
                        users.push(User::of(entry));
                    }
                    libc::endpwent();
                }
                users
            });
            let list = List::new(cx, &[])?;
            for user in users {
                let value = user.value(cx)?;
                List::push(cx, list, value)?;
            }
            Ok(list)
        }
    }
}

mod groups {
    use super::*;
    use py_macros::py_functions;
    use py_object::objects::Str;

    /// The functions of `grp`.
    pub struct Functions;

    #[py_functions("grp")]
    impl Functions {
        /// Return the group database entry for the given numeric group ID.
        ///
        /// If id is not valid, raise KeyError.
        #[function]
        fn getgrgid(cx: &mut Cx, #[keyword] id: Value) -> PyResult {
            let Some(number) = id_of(cx, id, "gid")? else {
                return Err(cx.raise(Kind::KEY_ERROR, "getgrgid(): gid not found"));
            };
            let found = ask::<libc::group, _>(
                cx,
                // SAFETY: the entry, the buffer and the result can be written.
                |entry, buffer, found| unsafe {
                    libc::getgrgid_r(number, entry, buffer.as_mut_ptr().cast(), buffer.len(), found)
                },
                // SAFETY: the entry was filled.
                |entry| unsafe { Group::of(entry) },
            )?;
            match found {
                Some(group) => group.value(cx),
                None => not_found(cx, "getgrgid(): gid not found", Value::int(identifier_value(number))),
            }
        }
        /// Return the group database entry for the given group name.
        ///
        /// If name is not valid, raise KeyError.
        #[function]
        fn getgrnam(cx: &mut Cx, #[keyword] name: Gc<Str>) -> PyResult {
            let path = AnyPath::from_value(cx, name.value(), "", "", false, false)?;
            let found = ask::<libc::group, _>(
                cx,
                // SAFETY: the name ends with a zero byte; entry, buffer and result can be written.
                |entry, buffer, found| unsafe {
                    libc::getgrnam_r(path.as_ptr(), entry, buffer.as_mut_ptr().cast(), buffer.len(), found)
                },
                // SAFETY: the entry was filled.
                |entry| unsafe { Group::of(entry) },
            )?;
            match found {
                Some(group) => group.value(cx),
                None => not_found(cx, "getgrnam(): name not found", name.value()),
            }
        }
        /// Return a list of all available group entries, in arbitrary order.
        #[function]
        fn getgrall(cx: &mut Cx) -> PyResult<Gc<List>> {
            let groups = cx.mutator().native(|| {
                let _lock = DATABASE.lock();
                let mut groups = Vec::new();
                // SAFETY: the lock keeps other threads out; each entry is copied before the next one is asked for.
                unsafe {
                    libc::setgrent();
                    while let Some(entry) = libc::getgrent().as_ref() {
                        groups.push(Group::of(entry));
                    }
                    libc::endgrent();
                }
                groups
            });
            let list = List::new(cx, &[])?;
            for group in groups {
                let value = group.value(cx)?;
                List::push(cx, list, value)?;
            }
            Ok(list)
        }
    }
}

/// Makes `pwd`.
pub fn users_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "pwd", users::FUNCTIONS);
    let class = structseq::class(cx, &STRUCT_PASSWD)?;
    set(cx, module, "struct_passwd", class.value())?;
    Ok(module)
}

/// Makes `grp`.
pub fn groups_module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "grp", groups::FUNCTIONS);
    let class = structseq::class(cx, &STRUCT_GROUP)?;
    set(cx, module, "struct_group", class.value())?;
    Ok(module)
}

//! Users, groups, sessions and process groups.

use crate::system::arguments::{CInt, Identifier, identifier_value};
use crate::system::errors::{check, last_error, os_error};
use crate::system::paths::{AnyPath, decode_path};
use py_macros::py_functions;
use py_object::arguments::FromArgument;
use py_object::objects::{List, Str};
use py_object::types::{class_name, int};
use py_object::{Cx, PyResult};
use std::ffi::CString;
use vm_heap::{Gc, Value};

unsafe extern "C" {
    fn getlogin_r(name: *mut libc::c_char, size: usize) -> libc::c_int;
}

fn group_list(cx: &mut Cx, groups: &[libc::gid_t]) -> PyResult<Gc<List>> {
    let list = List::new(cx, &[])?;
    for group in groups {
        List::push(cx, list, Value::int(identifier_value(*group)))?;
    }
    Ok(list)
}

fn changed(cx: &mut Cx, body: impl FnMut() -> libc::c_int) -> PyResult<()> {
    let mut body = body;
    check(cx, || i64::from(body())).map(|_| ())
}

/// The groups of a sequence.
pub fn groups_of(cx: &mut Cx, groups: Value) -> PyResult<Vec<libc::gid_t>> {
    static PARAMETERS: py_object::arguments::Parameters = py_object::arguments::Parameters {
        function: "setgroups",
        qualname: "posix.setgroups",
        style: py_object::arguments::Style::Ordinary,
        list: &[py_object::arguments::Parameter {
            name: "groups",
            passing: py_object::arguments::Passing::Positional,
            required: true,
        }],
    };
    if py_object::types::lookup_special(cx, groups, "__getitem__").is_none() {
        return Err(cx.type_error("setgroups argument must be a sequence"));
    }
    let items = py_object::types::tuple::from_iterable(cx, groups)?;
    let mut result = Vec::new();
    for item in py_object::sequence::tuple_items(&items) {
        if !int::is_int(*item) {
            let message = format!("groups must be integers, not {}", class_name(cx, *item));
            return Err(cx.type_error(message));
        }
        let place = py_object::arguments::Argument { parameters: &PARAMETERS, index: 0 };
        result.push(Identifier::from_argument(cx, *item, place)?.0);
    }
    Ok(result)
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Return the current process's user id.
    #[function]
    fn getuid() -> i64 {
        // SAFETY: a plain query; so in the functions below.
        identifier_value(unsafe { libc::getuid() })
    }
    /// Return the current process's effective user id.
    #[function]
    fn geteuid() -> i64 {
        // SAFETY: a plain query.
        identifier_value(unsafe { libc::geteuid() })
    }
    /// Return the current process's group id.
    #[function]
    fn getgid() -> i64 {
        // SAFETY: a plain query.
        identifier_value(unsafe { libc::getgid() })
    }
    /// Return the current process's effective group id.
    #[function]
    fn getegid() -> i64 {
        // SAFETY: a plain query.
        identifier_value(unsafe { libc::getegid() })
    }
    /// Return a tuple of the current process's real, effective, and saved user ids.
    #[function]
    fn getresuid(cx: &mut Cx) -> PyResult {
        let mut ids = [0; 3];
        let [real, effective, saved] = &mut ids;
        // SAFETY: the three numbers can be written.
        if unsafe { libc::getresuid(real, effective, saved) } < 0 {
            return Err(os_error(cx, last_error()));
        }
        Ok(cx.tuple(&ids.map(|id| Value::int(identifier_value(id)))))
    }
    /// Return a tuple of the current process's real, effective, and saved group ids.
    #[function]
    fn getresgid(cx: &mut Cx) -> PyResult {
        let mut ids = [0; 3];
        let [real, effective, saved] = &mut ids;
        // SAFETY: the three numbers can be written.
        if unsafe { libc::getresgid(real, effective, saved) } < 0 {
            return Err(os_error(cx, last_error()));
        }
        Ok(cx.tuple(&ids.map(|id| Value::int(identifier_value(id)))))
    }
    /// Set the current process's user id.
    #[function]
    fn setuid(cx: &mut Cx, uid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers; so in the functions below.
        changed(cx, || unsafe { libc::setuid(uid.0) })
    }
    /// Set the current process's effective user id.
    #[function]
    fn seteuid(cx: &mut Cx, euid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::seteuid(euid.0) })
    }
    /// Set the current process's group id.
    #[function]
    fn setgid(cx: &mut Cx, gid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setgid(gid.0) })
    }
    /// Set the current process's effective group id.
    #[function]
    fn setegid(cx: &mut Cx, egid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setegid(egid.0) })
    }
    /// Set the current process's real and effective user ids.
    #[function]
    fn setreuid(cx: &mut Cx, ruid: Identifier, euid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setreuid(ruid.0, euid.0) })
    }
    /// Set the current process's real and effective group ids.
    #[function]
    fn setregid(cx: &mut Cx, rgid: Identifier, egid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setregid(rgid.0, egid.0) })
    }
    /// Set the current process's real, effective, and saved user ids.
    #[function]
    fn setresuid(cx: &mut Cx, ruid: Identifier, euid: Identifier, suid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setresuid(ruid.0, euid.0, suid.0) })
    }
    /// Set the current process's real, effective, and saved group ids.
    #[function]
    fn setresgid(cx: &mut Cx, rgid: Identifier, egid: Identifier, sgid: Identifier) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setresgid(rgid.0, egid.0, sgid.0) })
    }
    /// Return list of supplemental group IDs for the process.
    #[function]
    fn getgroups(cx: &mut Cx) -> PyResult<Gc<List>> {
        // SAFETY: without room the call tells how many there are.
        let count = unsafe { libc::getgroups(0, std::ptr::null_mut()) };
        let mut groups = vec![0; count.max(0) as usize];
        // SAFETY: there is room for that many.
        let count = unsafe { libc::getgroups(groups.len() as i32, groups.as_mut_ptr()) };
        if count < 0 {
            return Err(os_error(cx, last_error()));
        }
        group_list(cx, &groups[..count as usize])
    }
    /// Set the groups of the current process to list.
    #[function]
    fn setgroups(cx: &mut Cx, groups: Value) -> PyResult<()> {
        let groups = groups_of(cx, groups)?;
        // SAFETY: the list is as long as stated.
        changed(cx, || unsafe { libc::setgroups(groups.len(), groups.as_ptr()) })
    }
    /// Returns a list of groups to which a user belongs.
    #[function]
    fn getgrouplist(cx: &mut Cx, user: Gc<Str>, group: Identifier) -> PyResult<Gc<List>> {
        let user = AnyPath::from_value(cx, user.value(), "getgrouplist", "user", false, false)?;
        let mut groups = vec![0; 64];
        loop {
            let mut count = groups.len() as i32;
            // SAFETY: the name ends with a zero byte and the list is as long as stated.
            let outcome = unsafe { libc::getgrouplist(user.as_ptr(), group.0, groups.as_mut_ptr(), &raw mut count) };
            if outcome >= 0 {
                return group_list(cx, &groups[..count as usize]);
            }
            let wanted = (count.max(0) as usize).max(groups.len() * 2);
            groups.resize(wanted, 0);
        }
    }
    /// Initialize the group access list.
    #[function]
    fn initgroups(cx: &mut Cx, username: crate::system::paths::PathArgument, gid: Identifier) -> PyResult<()> {
        let name: CString = username.text.clone();
        // SAFETY: the name ends with a zero byte.
        changed(cx, || unsafe { libc::initgroups(name.as_ptr(), gid.0) })
    }
    /// Return the current process id.
    #[function]
    fn getpid() -> i64 {
        // SAFETY: a plain query.
        i64::from(unsafe { libc::getpid() })
    }
    /// Return the parent's process id.
    #[function]
    fn getppid() -> i64 {
        // SAFETY: a plain query.
        i64::from(unsafe { libc::getppid() })
    }
    /// Return the current process group id.
    #[function]
    fn getpgrp() -> i64 {
        // SAFETY: a plain query.
        i64::from(unsafe { libc::getpgrp() })
    }
    /// Make the current process the leader of its process group.
    #[function]
    fn setpgrp(cx: &mut Cx) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setpgid(0, 0) })
    }
    /// Call the system call getpgid(), and return the result.
    #[function]
    fn getpgid(cx: &mut Cx, #[keyword] pid: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::getpgid(pid.0) }))
    }
    /// Call the system call setpgid(pid, pgrp).
    #[function]
    fn setpgid(cx: &mut Cx, pid: CInt, pgrp: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::setpgid(pid.0, pgrp.0) })
    }
    /// Call the system call getsid(pid) and return the result.
    #[function]
    fn getsid(cx: &mut Cx, pid: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::getsid(pid.0) }))
    }
    /// Call the system call setsid().
    #[function]
    fn setsid(cx: &mut Cx) -> PyResult<()> {
        // SAFETY: a system call without arguments.
        changed(cx, || unsafe { libc::setsid() })
    }
    /// Return the process group associated with the terminal specified by fd.
    #[function]
    fn tcgetpgrp(cx: &mut Cx, fd: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::tcgetpgrp(fd.0) }))
    }
    /// Set the process group associated with the terminal specified by fd.
    #[function]
    fn tcsetpgrp(cx: &mut Cx, fd: CInt, pgid: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe { libc::tcsetpgrp(fd.0, pgid.0) })
    }
    /// Return the actual login name.
    #[function]
    fn getlogin(cx: &mut Cx) -> PyResult<Gc<Str>> {
        let mut buffer = [0u8; 256];
        // SAFETY: the buffer is as long as stated.
        let number = unsafe { getlogin_r(buffer.as_mut_ptr().cast(), buffer.len()) };
        if number != 0 {
            return Err(os_error(cx, number));
        }
        let length = buffer.iter().position(|byte| *byte == 0).unwrap_or(0);
        decode_path(cx, &buffer[..length])
    }
    /// Return the name of the controlling terminal for this process.
    #[function]
    fn ctermid(cx: &mut Cx) -> Gc<Str> {
        Str::new(cx, "/dev/tty")
    }
    /// Return program scheduling priority.
    #[function]
    fn getpriority(cx: &mut Cx, #[keyword] which: CInt, #[keyword] who: CInt) -> PyResult<i64> {
        // -1 is a priority as well: the error number tells.
        let outcome = cx.mutator().native(|| {
            // SAFETY: a system call on plain numbers.
            unsafe {
                *libc::__errno_location() = 0;
                let priority = libc::getpriority(which.0 as libc::__priority_which_t, who.0 as libc::id_t);
                (priority, last_error())
            }
        });
        match outcome {
            (-1, number) if number != 0 => Err(os_error(cx, number)),
            (priority, _) => Ok(i64::from(priority)),
        }
    }
    /// Set program scheduling priority.
    #[function]
    fn setpriority(
        cx: &mut Cx,
        #[keyword] which: CInt,
        #[keyword] who: CInt,
        #[keyword] priority: CInt,
    ) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        changed(cx, || unsafe {
            libc::setpriority(which.0 as libc::__priority_which_t, who.0 as libc::id_t, priority.0)
        })
    }
    /// Add increment to the priority of process and return the new priority.
    #[function]
    fn nice(cx: &mut Cx, increment: CInt) -> PyResult<i64> {
        let outcome = cx.mutator().native(|| {
            // SAFETY: a system call on a plain number.
            unsafe {
                *libc::__errno_location() = 0;
                let priority = libc::nice(increment.0);
                (priority, last_error())
            }
        });
        match outcome {
            (-1, number) if number != 0 => Err(os_error(cx, number)),
            (priority, _) => Ok(i64::from(priority)),
        }
    }
}

//! `posix_spawn`: a new process from a description, without running Python code in between.

use super::process::pointers;
use crate::system::arguments::c_int;
use crate::system::errors::{os_error, os_error_at};
use crate::system::paths::AnyPath;
use py_object::objects::Tuple;
use py_object::sequence::tuple_items;
use py_object::types::tuple;
use py_object::{Cx, NONE, PyResult, UNBOUND, downcast, operations};
use std::ffi::CString;
use std::mem::MaybeUninit;
use vm_heap::Value;

/// The keyword arguments.
pub struct Options {
    /// What to do with descriptors.
    pub file_actions: Value,
    /// The process group.
    pub setpgroup: Value,
    /// Effective ids become real ones.
    pub resetids: bool,
    /// A new session.
    pub setsid: bool,
    /// Signals to block.
    pub setsigmask: Value,
    /// Signals to reset.
    pub setsigdef: Value,
    /// Policy and parameters.
    pub scheduler: Value,
}

unsafe extern "C" {
    fn posix_spawn_file_actions_addclosefrom_np(
        actions: *mut libc::posix_spawn_file_actions_t,
        from: libc::c_int,
    ) -> libc::c_int;
}

/// Flag of `posix_spawn`: the child starts a session.
const SPAWN_SETSID: i32 = 0x80;

struct Actions(libc::posix_spawn_file_actions_t);

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: initialised when it was made.
        unsafe { libc::posix_spawn_file_actions_destroy(&raw mut self.0) };
    }
}

struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised when it was made.
        unsafe { libc::posix_spawnattr_destroy(&raw mut self.0) };
    }
}

fn file_actions(cx: &mut Cx, given: Value, kept: &mut Vec<AnyPath>) -> PyResult<Actions> {
    let mut actions = MaybeUninit::uninit();
    // SAFETY: initialises the structure.
    let mut actions = unsafe {
        libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
        Actions(actions.assume_init())
    };
    if given == NONE {
        return Ok(actions);
    }
    let all = tuple::from_iterable(cx, given)?;
    for action in tuple_items(&all) {
        let Some(action) = downcast::<Tuple>(*action) else {
            return Err(cx.type_error("Each file_actions element must be a non-empty tuple"));
        };
        let [kind, rest @ ..] = tuple_items(&action) else {
            return Err(cx.type_error("Each file_actions element must be a non-empty tuple"));
        };
        let kind = c_int(cx, *kind)?;
        let number = match (kind, rest) {
            (0, [descriptor, path, flags, mode]) => {
                let (descriptor, flags, mode) = (c_int(cx, *descriptor)?, c_int(cx, *flags)?, c_int(cx, *mode)?);
                kept.push(AnyPath::from_value(cx, *path, "posix_spawn", "path", false, false)?);
                let path = kept[kept.len() - 1].as_ptr();
                // SAFETY: the structure is initialised, the path is kept until the spawn.
                unsafe {
                    libc::posix_spawn_file_actions_addopen(&raw mut actions.0, descriptor, path, flags, mode as u32)
                }
            }
            (0, _) => {
                return Err(cx.type_error("A open file_action tuple must have 5 elements"));
            }
            (1, [descriptor]) => {
                let descriptor = c_int(cx, *descriptor)?;
                // SAFETY: the structure is initialised.
                unsafe { libc::posix_spawn_file_actions_addclose(&raw mut actions.0, descriptor) }
            }
            (1, _) => {
                return Err(cx.type_error("A close file_action tuple must have 2 elements"));
            }
            (2, [from, to]) => {
                let (from, to) = (c_int(cx, *from)?, c_int(cx, *to)?);
                // SAFETY: the structure is initialised.
                unsafe { libc::posix_spawn_file_actions_adddup2(&raw mut actions.0, from, to) }
            }
            (2, _) => {
                return Err(cx.type_error("A dup2 file_action tuple must have 3 elements"));
            }
            (3, [from]) => {
                let from = c_int(cx, *from)?;
                // SAFETY: the structure is initialised.
                unsafe { posix_spawn_file_actions_addclosefrom_np(&raw mut actions.0, from) }
            }
            _ => return Err(cx.type_error("Unknown file_actions identifier")),
        };
        if number != 0 {
            return Err(os_error(cx, number));
        }
    }
    Ok(actions)
}

/// A set of signals from an iterable of their numbers.
pub fn signal_set(cx: &mut Cx, signals: Value) -> PyResult<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: initialises the set.
    let mut set = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    };
    let iterator = operations::iterate(cx, signals)?;
    while let Some(signal) = operations::next(cx, iterator)? {
        let index = py_object::types::int::index(cx, signal)?;
        let number = py_object::types::int::as_i64(index).and_then(|number| i32::try_from(number).ok()).unwrap_or(-1);
        if !(1..=64).contains(&number) {
            return Err(cx.value_error(format!("signal number {number} out of range [1; 64]")));
        }
        // SAFETY: the set is initialised and the number valid.
        unsafe { libc::sigaddset(&raw mut set, number) };
    }
    Ok(set)
}

fn attributes(cx: &mut Cx, options: &Options, function: &str) -> PyResult<Attributes> {
    let mut attributes = MaybeUninit::uninit();
    // SAFETY: initialises the structure.
    let mut attributes = unsafe {
        libc::posix_spawnattr_init(attributes.as_mut_ptr());
        Attributes(attributes.assume_init())
    };
    let at = &raw mut attributes.0;
    let mut flags = 0;
    if options.setpgroup != NONE {
        let group = c_int(cx, options.setpgroup)?;
        // SAFETY: the structure is initialised; so for the calls below.
        unsafe { libc::posix_spawnattr_setpgroup(at, group) };
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if options.resetids {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if options.setsid {
        flags |= SPAWN_SETSID;
    }
    if options.setsigmask != UNBOUND {
        let set = signal_set(cx, options.setsigmask)?;
        // SAFETY: as above.
        unsafe { libc::posix_spawnattr_setsigmask(at, &raw const set) };
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if options.setsigdef != UNBOUND {
        let set = signal_set(cx, options.setsigdef)?;
        // SAFETY: as above.
        unsafe { libc::posix_spawnattr_setsigdefault(at, &raw const set) };
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if options.scheduler != NONE {
        let Some(parts) = downcast::<Tuple>(options.scheduler) else {
            return Err(cx.type_error(format!("{function}: scheduler must be a tuple or None")));
        };
        let [policy, parameters] = tuple_items(&parts) else {
            return Err(cx.type_error("A scheduler tuple must have two elements"));
        };
        if *policy != NONE {
            let policy = c_int(cx, *policy)?;
            // SAFETY: as above.
            unsafe { libc::posix_spawnattr_setschedpolicy(at, policy) };
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        let parameters = super::scheduling::parameters_of(cx, *parameters)?;
        // SAFETY: as above.
        unsafe { libc::posix_spawnattr_setschedparam(at, &raw const parameters) };
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    // SAFETY: as above.
    unsafe { libc::posix_spawnattr_setflags(at, flags as i16) };
    Ok(attributes)
}

/// Makes a process that runs a program; returns its number.
pub fn spawn(
    cx: &mut Cx,
    path: &AnyPath,
    arguments: &[CString],
    environment: Option<&[CString]>,
    options: Options,
    search: bool,
) -> PyResult<i64> {
    let mut kept = Vec::new();
    let actions = file_actions(cx, options.file_actions, &mut kept)?;
    let attributes = attributes(cx, &options, if search { "posix_spawnp" } else { "posix_spawn" })?;
    let arguments = pointers(arguments);
    let environment = environment.map(pointers);
    let mut process = 0;
    let number = cx.mutator().native(|| {
        unsafe extern "C" {
            static environ: *const *const libc::c_char;
        }
        let start = if search { libc::posix_spawnp } else { libc::posix_spawn };
        // SAFETY: all strings end with zero bytes and the lists with null pointers; the structures are initialised.
        unsafe {
            let environment = environment.as_ref().map_or(environ, |list| list.as_ptr());
            start(
                &raw mut process,
                path.as_ptr(),
                &raw const actions.0,
                &raw const attributes.0,
                arguments.as_ptr().cast(),
                environment.cast(),
            )
        }
    });
    if number == 0 { Ok(i64::from(process)) } else { Err(os_error_at(cx, number, path.value)) }
}

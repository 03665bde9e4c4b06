//! Processes: making them, replacing their program, waiting for their end.

use crate::structseq::{self, Declaration};
use crate::system::arguments::{CInt, descriptor_of};
use crate::system::errors::{check, os_error, os_error_at};
use crate::system::paths::{AnyPath, PathArgument, PathOrDescriptor};
use crate::system::roots::RootedValue;
use py_macros::py_functions;
use py_object::objects::{List, Tuple};
use py_object::sequence::elements;
use py_object::types::class::is_callable;
use py_object::types::{class_name, int, list};
use py_object::{Cx, Kind, NONE, PyResult, Raised, UNBOUND, call, downcast, operations};
use std::ffi::CString;
use std::mem::MaybeUninit;
use vm_heap::{Gc, Value};

/// `posix.waitid_result`.
pub static WAITID_RESULT: Declaration = Declaration {
    name: "posix.waitid_result",
    doc: "waitid_result: Result from waitid.",
    fields: &[("si_pid", ""), ("si_uid", ""), ("si_signo", ""), ("si_status", ""), ("si_code", "")],
    items: 5,
    copies: &[],
    from_fields: false,
};

/// Lists of functions to call around a fork: before it, in the parent, in the child.
static AT_FORK: [RootedValue; 3] = [RootedValue::new(), RootedValue::new(), RootedValue::new()];

fn at_fork_list(cx: &mut Cx, which: usize) -> PyResult<Gc<List>> {
    if let Some(list) = AT_FORK[which].get().and_then(downcast::<List>) {
        return Ok(list);
    }
    let list = List::new(cx, &[])?;
    AT_FORK[which].set(list.value());
    Ok(list)
}

fn run_at_fork(cx: &mut Cx, which: usize) {
    let Some(functions) = AT_FORK[which].get().and_then(downcast::<List>) else { return };
    let (items, count) = List::snapshot(&functions);
    let order: Vec<usize> = if which == 0 { (0..count).rev().collect() } else { (0..count).collect() };
    for at in order {
        let function = elements(&items)[at].get();
        if call::call(cx, function, &[], None).is_err() {
            py_object::finalize::unraisable(cx, "Exception ignored in:", function);
        }
    }
}

/// What is done around every fork that goes on running Python code in the child.
pub fn fork_process(cx: &mut Cx, mut fork: impl FnMut() -> i32) -> PyResult<i32> {
    if crate::sys::is_finalizing() {
        return Err(cx.raise(Kind::PYTHON_FINALIZATION_ERROR, "can't fork at interpreter shutdown"));
    }
    run_at_fork(cx, 0);
    let around = cx.runtime.around_fork.get();
    let Cx { thread, .. } = cx;
    let kept = thread.transaction.keep_turn(|wait| thread.mutator.native(wait));
    let process = cx.mutator().fork(|| match around {
        Some(around) => around(&mut fork),
        None => fork(),
    });
    let number = crate::system::errors::last_error();
    if kept {
        cx.thread.transaction.give_turn_back();
    }
    if process == 0 {
        cx.runtime.forget_other_threads(cx);
        crate::thread::forget_other_threads();
        crate::signal::after_fork(cx);
        run_at_fork(cx, 2);
    } else {
        run_at_fork(cx, 1);
    }
    if process < 0 { Err(os_error(cx, number)) } else { Ok(process) }
}

/// DeprecationWarning in a parent that has other threads, whose locks nobody lets go of in the child.
fn warn_of_threads(cx: &mut Cx, process: i32, name: &str) -> PyResult<()> {
    if process == 0 || crate::thread::count_running() == 0 {
        return Ok(());
    }
    let me = std::process::id();
    let message =
        format!("This process (pid={me}) is multi-threaded, use of {name}() may lead to deadlocks in the child.");
    py_object::warning::warn(cx, Kind::DEPRECATION_WARNING, &message)
}

/// Text, bytes and paths of a sequence as strings of C.
pub fn strings(cx: &mut Cx, items: Gc<List>) -> PyResult<Vec<CString>> {
    let mut result = Vec::new();
    let (storage, count) = List::snapshot(&items);
    for at in 0..count {
        let item = elements(&storage)[at].get();
        let path =
            AnyPath::from_value(cx, item, "", "", false, false).map_err(|raised| plain_path_error(cx, item, raised))?;
        result.push(path.text);
    }
    Ok(result)
}

/// Functions that take paths inside of lists word the error as `os.fspath` does.
fn plain_path_error(cx: &mut Cx, item: Value, raised: Raised) -> Raised {
    if !py_object::types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) {
        return raised;
    }
    cx.take_raised();
    match crate::system::paths::fspath(cx, item) {
        Ok(_) => cx.type_error("expected str, bytes or os.PathLike object"),
        Err(raised) => raised,
    }
}

/// The arguments of a new program.
fn program_arguments(cx: &mut Cx, value: Value, function: &str, position: &str) -> PyResult<Vec<CString>> {
    if downcast::<Tuple>(value).is_none() && downcast::<List>(value).is_none() {
        return Err(cx.type_error(format!("{function}{position} must be a tuple or list")));
    }
    let items = list::from_iterable(cx, value)?;
    if list::length(items) == 0 {
        return Err(cx.value_error(format!("{function}{position} must not be empty")));
    }
    let arguments = strings(cx, items)?;
    if arguments[0].is_empty() {
        return Err(cx.value_error(format!("{function}{position} first element cannot be empty")));
    }
    Ok(arguments)
}

/// The environment of a new program from a mapping.
fn program_environment(cx: &mut Cx, mapping: Value, function: &str) -> PyResult<Vec<CString>> {
    let has = |cx: &mut Cx, name| py_object::types::lookup_special(cx, mapping, name).is_some();
    if !has(cx, "__getitem__") || !has(cx, "keys") {
        return Err(cx.type_error(format!("{function}: environment must be a mapping object")));
    }
    let keys = call::call_method(cx, mapping, "keys", &[])?;
    let values = call::call_method(cx, mapping, "values", &[])?;
    let keys = list::from_iterable(cx, keys)?;
    let values = list::from_iterable(cx, values)?;
    let (keys, values) = (strings(cx, keys)?, strings(cx, values)?);
    let mut result = Vec::new();
    for (key, value) in keys.iter().zip(&values) {
        if key.is_empty() || key.as_bytes()[1..].contains(&b'=') {
            return Err(cx.value_error("illegal environment variable name"));
        }
        let entry = [key.as_bytes(), b"=", value.as_bytes()].concat();
        result.push(CString::new(entry).expect("the parts hold no zero bytes"));
    }
    Ok(result)
}

/// Pointers to strings, with a null behind the last.
pub fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

fn execute(cx: &mut Cx, path: &AnyPath, arguments: &[CString], environment: Option<&[CString]>) -> Raised {
    let arguments = pointers(arguments);
    let environment = environment.map(pointers);
    let outcome = cx.mutator().native(|| {
        // SAFETY: the path and all strings end with zero bytes, the lists with null pointers.
        unsafe {
            match (&environment, path.descriptor) {
                (Some(environment), Some(descriptor)) => {
                    libc::fexecve(descriptor, arguments.as_ptr(), environment.as_ptr())
                }
                (Some(environment), None) => libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr()),
                (None, _) => libc::execv(path.as_ptr(), arguments.as_ptr()),
            };
        }
        crate::system::errors::last_error()
    });
    os_error_at(cx, outcome, path.value)
}

fn wait(cx: &mut Cx, process: i32, options: i32) -> PyResult<(i64, i32)> {
    let mut status = 0;
    // SAFETY: the status can be written.
    let process = check(cx, || i64::from(unsafe { libc::waitpid(process, &raw mut status, options) }))?;
    Ok((process, status))
}

fn wait_with_usage(cx: &mut Cx, process: i32, options: i32) -> PyResult {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let found = check(cx, || {
        // SAFETY: status and usage can be written.
        i64::from(unsafe { libc::wait4(process, &raw mut status, options, usage.as_mut_ptr()) })
    })?;
    // SAFETY: plain numbers, zero where the call wrote nothing.
    let usage = crate::resource::usage_value(cx, &unsafe { usage.assume_init() })?;
    Ok(cx.tuple(&[Value::int(found), Value::int(i64::from(status)), usage]))
}

/// The status that `waitpid` gave, as a native int.
fn status_argument(cx: &mut Cx, status: Value) -> PyResult<i32> {
    crate::system::arguments::c_int(cx, status)
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Fork a child process.
    ///
    /// Return 0 to child process and PID of child to parent process.
    #[function]
    fn fork(cx: &mut Cx) -> PyResult<i64> {
        // SAFETY: the heap's fork stops all other threads first and lets the child go on without them.
        let process = fork_process(cx, || unsafe { libc::fork() })?;
        warn_of_threads(cx, process, "fork")?;
        Ok(process.into())
    }
    /// Fork a new process with a new pseudo-terminal as controlling tty.
    ///
    /// Returns a tuple of (pid, master_fd).
    #[function]
    fn forkpty(cx: &mut Cx) -> PyResult {
        let mut master = -1;
        // SAFETY: as for fork; the descriptor can be written, the other arguments may be null.
        let process = fork_process(cx, || unsafe {
            libc::forkpty(&raw mut master, std::ptr::null_mut(), std::ptr::null(), std::ptr::null())
        })?;
        warn_of_threads(cx, process, "forkpty")?;
        Ok(cx.tuple(&[Value::int(i64::from(process)), Value::int(i64::from(master))]))
    }
    /// Register callables to be called when forking a new process.
    ///
    ///   before
    ///     A callable to be called in the parent before the fork() syscall.
    ///   after_in_child
    ///     A callable to be called in the child after fork().
    ///   after_in_parent
    ///     A callable to be called in the parent after fork().
    #[function]
    fn register_at_fork(
        cx: &mut Cx,
        #[keyword_only]
        #[default(UNBOUND)]
        before: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        after_in_child: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        after_in_parent: Value,
    ) -> PyResult<()> {
        let given = [(before, "before"), (after_in_parent, "after_in_parent"), (after_in_child, "after_in_child")];
        if given.iter().all(|(function, _)| *function == UNBOUND) {
            return Err(cx.type_error("At least one argument is required."));
        }
        for (function, name) in given {
            if function != UNBOUND && !is_callable(cx, function) {
                let message = format!("'{name}' must be callable, not {}", class_name(cx, function));
                return Err(cx.type_error(message));
            }
        }
        for (which, (function, _)) in given.into_iter().enumerate() {
            if function != UNBOUND {
                let functions = at_fork_list(cx, which)?;
                List::push(cx, functions, function)?;
            }
        }
        Ok(())
    }
    /// Execute an executable path with arguments, replacing current process.
    #[function]
    fn execv(cx: &mut Cx, path: PathArgument, argv: Value) -> PyResult<()> {
        let arguments = program_arguments(cx, argv, "execv()", " arg 2")?;
        Err(execute(cx, &path, &arguments, None))
    }
    /// Execute an executable path with arguments, replacing current process, with an environment.
    #[function]
    fn execve(
        cx: &mut Cx,
        #[keyword] path: PathOrDescriptor,
        #[keyword] argv: Value,
        #[keyword] env: Value,
    ) -> PyResult<()> {
        let arguments = program_arguments(cx, argv, "execve:", " argv")?;
        let environment = program_environment(cx, env, "execve")?;
        Err(execute(cx, &path, &arguments, Some(&environment)))
    }
    /// Execute the program specified by path in a new process.
    #[function]
    fn posix_spawn(
        cx: &mut Cx,
        path: PathArgument,
        argv: Value,
        env: Value,
        #[keyword_only]
        #[default(NONE)]
        file_actions: Value,
        #[keyword_only]
        #[default(NONE)]
        setpgroup: Value,
        #[keyword_only]
        #[default(false)]
        resetids: bool,
        #[keyword_only]
        #[default(false)]
        setsid: bool,
        #[keyword_only]
        #[default(UNBOUND)]
        #[shown("()")]
        setsigmask: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        #[shown("()")]
        setsigdef: Value,
        #[keyword_only]
        #[default(NONE)]
        scheduler: Value,
    ) -> PyResult<i64> {
        let arguments = program_arguments(cx, argv, "posix_spawn:", " argv")?;
        let environment = if env == NONE { None } else { Some(program_environment(cx, env, "posix_spawn")?) };
        let options =
            super::spawn::Options { file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler };
        super::spawn::spawn(cx, &path, &arguments, environment.as_deref(), options, false)
    }
    /// Execute the program specified by path, looked for along PATH, in a new process.
    #[function]
    fn posix_spawnp(
        cx: &mut Cx,
        path: PathArgument,
        argv: Value,
        env: Value,
        #[keyword_only]
        #[default(NONE)]
        file_actions: Value,
        #[keyword_only]
        #[default(NONE)]
        setpgroup: Value,
        #[keyword_only]
        #[default(false)]
        resetids: bool,
        #[keyword_only]
        #[default(false)]
        setsid: bool,
        #[keyword_only]
        #[default(UNBOUND)]
        #[shown("()")]
        setsigmask: Value,
        #[keyword_only]
        #[default(UNBOUND)]
        #[shown("()")]
        setsigdef: Value,
        #[keyword_only]
        #[default(NONE)]
        scheduler: Value,
    ) -> PyResult<i64> {
        let arguments = program_arguments(cx, argv, "posix_spawnp:", " argv")?;
        let environment = if env == NONE { None } else { Some(program_environment(cx, env, "posix_spawnp")?) };
        let options =
            super::spawn::Options { file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler };
        super::spawn::spawn(cx, &path, &arguments, environment.as_deref(), options, true)
    }
    /// Wait for completion of a given child process.
    ///
    /// Returns a tuple of information about the child process: (pid, status)
    #[function]
    fn waitpid(cx: &mut Cx, pid: CInt, options: CInt) -> PyResult {
        let (process, status) = wait(cx, pid.0, options.0)?;
        Ok(cx.tuple(&[Value::int(process), Value::int(i64::from(status))]))
    }
    /// Wait for completion of a child process.
    #[function]
    fn wait(cx: &mut Cx) -> PyResult {
        let (process, status) = wait(cx, -1, 0)?;
        Ok(cx.tuple(&[Value::int(process), Value::int(i64::from(status))]))
    }
    /// Wait for completion of a child process, with its resource usage.
    #[function]
    fn wait3(cx: &mut Cx, #[keyword] options: CInt) -> PyResult {
        wait_with_usage(cx, -1, options.0)
    }
    /// Wait for completion of a specific child process, with its resource usage.
    #[function]
    fn wait4(cx: &mut Cx, #[keyword] pid: CInt, #[keyword] options: CInt) -> PyResult {
        wait_with_usage(cx, pid.0, options.0)
    }
    /// Returns the result of waiting for a process or processes.
    #[function]
    fn waitid(cx: &mut Cx, idtype: CInt, id: CInt, options: CInt) -> PyResult {
        let found = super::status::query::<libc::siginfo_t>(cx, |information| {
            // SAFETY: the structure can be written.
            unsafe { libc::waitid(idtype.0 as libc::idtype_t, id.0 as libc::id_t, information, options.0) }
        })?;
        let found = found.map_err(|number| os_error(cx, number))?;
        // SAFETY: `waitid` fills the fields of a child's state change.
        let (process, user, status) = unsafe { (found.si_pid(), found.si_uid(), found.si_status()) };
        if process == 0 {
            return Ok(NONE);
        }
        let numbers = [process as i64, user as i64, found.si_signo as i64, status as i64, found.si_code as i64];
        structseq::new(cx, &WAITID_RESULT, &numbers.map(Value::int))
    }
    /// Convert a wait status to an exit code.
    #[function]
    fn waitstatus_to_exitcode(cx: &mut Cx, #[keyword] status: Value) -> PyResult<i64> {
        if operations::as_float(status).is_some() && !int::is_int(status) {
            return Err(cx.type_error("an integer is required"));
        }
        let status = status_argument(cx, status)?;
        if libc::WIFEXITED(status) {
            return Ok(i64::from(libc::WEXITSTATUS(status)));
        }
        if libc::WIFSIGNALED(status) {
            return Ok(-i64::from(libc::WTERMSIG(status)));
        }
        if libc::WIFSTOPPED(status) {
            let message = format!("process stopped by delivery of signal {}", libc::WSTOPSIG(status));
            return Err(cx.value_error(message));
        }
        Err(cx.value_error(format!("invalid wait status: {status}")))
    }
    /// Return True if the process returning status was dumped to a core file.
    #[function(name = "WCOREDUMP")]
    fn wcoredump(status: CInt) -> bool {
        libc::WCOREDUMP(status.0)
    }
    /// Return the process return code from status.
    #[function(name = "WEXITSTATUS")]
    fn wexitstatus(#[keyword] status: CInt) -> i64 {
        i64::from(libc::WEXITSTATUS(status.0))
    }
    /// Return True if a particular process was continued from a job control stop.
    #[function(name = "WIFCONTINUED")]
    fn wifcontinued(#[keyword] status: CInt) -> bool {
        libc::WIFCONTINUED(status.0)
    }
    /// Return True if the process returning status exited via the exit() system call.
    #[function(name = "WIFEXITED")]
    fn wifexited(#[keyword] status: CInt) -> bool {
        libc::WIFEXITED(status.0)
    }
    /// Return True if the process returning status was terminated by a signal.
    #[function(name = "WIFSIGNALED")]
    fn wifsignaled(#[keyword] status: CInt) -> bool {
        libc::WIFSIGNALED(status.0)
    }
    /// Return True if the process returning status was stopped.
    #[function(name = "WIFSTOPPED")]
    fn wifstopped(#[keyword] status: CInt) -> bool {
        libc::WIFSTOPPED(status.0)
    }
    /// Return the signal that stopped the process that provided the status value.
    #[function(name = "WSTOPSIG")]
    fn wstopsig(#[keyword] status: CInt) -> i64 {
        i64::from(libc::WSTOPSIG(status.0))
    }
    /// Return the signal that terminated the process that provided the status value.
    #[function(name = "WTERMSIG")]
    fn wtermsig(#[keyword] status: CInt) -> i64 {
        i64::from(libc::WTERMSIG(status.0))
    }
    /// Kill a process with a signal.
    #[function]
    fn kill(cx: &mut Cx, pid: CInt, signal: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::kill(pid.0, signal.0) }))?;
        cx.run_pending()
    }
    /// Kill a process group with a signal.
    #[function]
    fn killpg(cx: &mut Cx, pgid: CInt, signal: CInt) -> PyResult<()> {
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::killpg(pgid.0, signal.0) }))?;
        cx.run_pending()
    }
    /// Exit to the system with specified status, without normal exit processing.
    #[function]
    fn _exit(#[keyword] status: CInt) {
        // SAFETY: ends the process.
        unsafe { libc::_exit(status.0) }
    }
    /// Abort the interpreter immediately.
    #[function]
    fn abort() {
        // SAFETY: ends the process.
        unsafe { libc::abort() }
    }
    /// Execute the command in a subshell.
    #[function]
    fn system(cx: &mut Cx, #[keyword] command: PathArgument) -> i64 {
        // SAFETY: the command ends with a zero byte.
        i64::from(cx.mutator().native(|| unsafe { libc::system(command.as_ptr()) }))
    }
    /// Return a file descriptor referring to the process pid.
    #[function]
    fn pidfd_open(
        cx: &mut Cx,
        #[keyword] pid: CInt,
        #[keyword]
        #[default(CInt(0))]
        flags: CInt,
    ) -> PyResult<i64> {
        // SAFETY: a system call on plain numbers.
        check(cx, || unsafe { libc::syscall(libc::SYS_pidfd_open, pid.0, flags.0) })
    }
    /// Move the calling thread into a namespace.
    #[function]
    fn setns(
        cx: &mut Cx,
        #[keyword] fd: Value,
        #[keyword]
        #[default(CInt(0))]
        nstype: CInt,
    ) -> PyResult<()> {
        let descriptor = descriptor_of(cx, fd)?;
        // SAFETY: a system call on plain numbers.
        check(cx, || i64::from(unsafe { libc::setns(descriptor, nstype.0) })).map(|_| ())
    }
    /// Disassociate parts of a process (or thread) execution context.
    #[function]
    fn unshare(cx: &mut Cx, #[keyword] flags: CInt) -> PyResult<()> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::unshare(flags.0) })).map(|_| ())
    }
}

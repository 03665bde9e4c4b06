//! `_posixsubprocess`: a new process that runs another program, for the library's `subprocess`.
//!
//! Between fork and exec the child may only make system calls: other threads may have held any lock of the process when
//! it was forked. So everything is prepared before. Only with `preexec_fn` Python code runs there, after a fork that stops
//! all other threads first.

use crate::module_of;
use crate::posix::{fork_process, pointers, strings};
use crate::system::arguments::Identifier;
use crate::system::errors::{last_error, os_error};
use crate::system::paths::AnyPath;
use py_macros::py_functions;
use py_object::arguments::{Argument, FromArgument, Parameter, Parameters, Passing, Style};
use py_object::objects::{List, Module, Tuple};
use py_object::sequence::tuple_items;
use py_object::types::{int, list};
use py_object::{Cx, NONE, PyResult, call, downcast, operations};
use std::ffi::CString;
use vm_heap::{Gc, Value};

/// What the child does, in terms of the system.
struct Plan {
    arguments: Option<Vec<*const libc::c_char>>,
    programs: Vec<CString>,
    environment: Option<Vec<*const libc::c_char>>,
    directory: Option<CString>,
    close_others: bool,
    /// Descriptors that stay open, in order.
    kept: Vec<i32>,
    child_input: i32,
    parent_input: i32,
    parent_output: i32,
    child_output: i32,
    parent_error: i32,
    child_error: i32,
    report_read: i32,
    report: i32,
    restore_signals: bool,
    new_session: bool,
    group: i32,
    group_id: Option<u32>,
    extra_groups: Option<Vec<libc::gid_t>>,
    user_id: Option<u32>,
    mask: i32,
}

/// A failure in the child: the error number, and which call it was where that is not the program's start.
struct Failure(i32, &'static [u8]);

fn succeeded(result: libc::c_int) -> Result<i32, Failure> {
    if result < 0 { Err(Failure(last_error(), b"")) } else { Ok(result) }
}

fn set_inheritable(descriptor: i32) -> Result<(), Failure> {
    // SAFETY: system calls on plain numbers.
    unsafe {
        let flags = succeeded(libc::fcntl(descriptor, libc::F_GETFD))?;
        succeeded(libc::fcntl(descriptor, libc::F_SETFD, flags & !libc::FD_CLOEXEC))?;
    }
    Ok(())
}

/// Closes all descriptors from `first` on that are not kept.
fn close_others(first: i32, kept: &[i32]) {
    let close = |from: i32, to: u32| {
        if from as u32 > to {
            return;
        }
        // SAFETY: system calls on plain numbers.
        unsafe {
            if libc::syscall(libc::SYS_close_range, from as libc::c_uint, to, 0) < 0 {
                let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 20) as u32;
                for descriptor in from as u32..=to.min(most) {
                    libc::close(descriptor as i32);
                }
            }
        }
    };
    let mut start = first;
    for keep in kept.iter().copied().filter(|keep| *keep >= first) {
        if keep > start {
            close(start, keep as u32 - 1);
        }
        start = keep + 1;
    }
    close(start, u32::MAX);
}

impl Plan {
    /// What the child does before Python code may run: descriptors, directory, session, ids.
    fn prepare(&self) -> Result<(), Failure> {
        // SAFETY: system calls on plain numbers and strings that end with zero bytes.
        unsafe {
            for descriptor in self.kept.iter().copied().filter(|kept| *kept != self.report) {
                set_inheritable(descriptor)?;
            }
            for unneeded in [self.parent_input, self.parent_output, self.parent_error, self.report_read] {
                if unneeded != -1 {
                    libc::close(unneeded);
                }
            }
            // What lies at 0 to 2 by chance must not be overwritten before it is copied.
            let (mut output, mut error) = (self.child_output, self.child_error);
            if output == 0 {
                output = succeeded(libc::fcntl(output, libc::F_DUPFD_CLOEXEC, 3))?;
            }
            while error == 0 || error == 1 {
                error = succeeded(libc::fcntl(error, libc::F_DUPFD_CLOEXEC, 3))?;
            }
            for (from, to) in [(self.child_input, 0), (output, 1), (error, 2)] {
                if from == to {
                    set_inheritable(from)?;
                } else if from != -1 {
                    succeeded(libc::dup2(from, to))?;
                }
            }
            if let Some(directory) = &self.directory
                && libc::chdir(directory.as_ptr()) < 0
            {
                return Err(Failure(last_error(), b"noexec:chdir"));
            }
            if self.mask >= 0 {
                libc::umask(self.mask as libc::mode_t);
            }
            if self.restore_signals {
                for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(signal, libc::SIG_DFL);
                }
            }
            if self.new_session {
                succeeded(libc::setsid())?;
            }
            if self.group >= 0 {
                succeeded(libc::setpgid(0, self.group))?;
            }
            if let Some(groups) = &self.extra_groups {
                succeeded(libc::setgroups(groups.len(), groups.as_ptr()))?;
            }
            if let Some(group) = self.group_id {
                succeeded(libc::setregid(group, group))?;
            }
            if let Some(user) = self.user_id {
                succeeded(libc::setreuid(user, user))?;
            }
        }
        Ok(())
    }

    /// Runs the program; returns only after a failure.
    fn start(&self) -> Failure {
        unsafe extern "C" {
            static environ: *const *const libc::c_char;
        }
        if self.close_others {
            close_others(3, &self.kept);
        }
        let mut found = 0;
        let nothing = [std::ptr::null()];
        // SAFETY: all strings end with zero bytes, the lists with null pointers.
        unsafe {
            let arguments = self.arguments.as_ref().map_or(nothing.as_ptr(), |list| list.as_ptr());
            let environment = self.environment.as_ref().map_or(environ, |list| list.as_ptr());
            for program in &self.programs {
                libc::execve(program.as_ptr(), arguments, environment);
                let number = last_error();
                if number != libc::ENOENT && number != libc::ENOTDIR {
                    found = number;
                }
            }
        }
        Failure(if found != 0 { found } else { last_error() }, b"")
    }

    /// Tells the parent what failed.
    fn report_failure(&self, failure: &Failure) {
        let mut message = [0u8; 64];
        let mut length = 0;
        let mut push = |bytes: &[u8]| {
            for byte in bytes {
                if length < message.len() {
                    message[length] = *byte;
                    length += 1;
                }
            }
        };
        push(b"OSError:");
        let digits = b"0123456789ABCDEF";
        let mut started = false;
        for shift in (0..8).rev() {
            let digit = (failure.0 as u32 >> (4 * shift)) & 15;
            if digit != 0 || started || shift == 0 {
                started = true;
                push(&digits[digit as usize..digit as usize + 1]);
            }
        }
        push(b":");
        push(failure.1);
        self.report_text(&message[..length]);
    }

    fn report_text(&self, message: &[u8]) {
        // SAFETY: the message is as long as stated.
        unsafe { libc::write(self.report, message.as_ptr().cast(), message.len()) };
    }
}

/// The rest of the child's life.
fn run_child(plan: &Plan) -> ! {
    let failure = match plan.prepare() {
        Ok(()) => plan.start(),
        Err(failure) => failure,
    };
    plan.report_failure(&failure);
    // SAFETY: ends the process.
    unsafe { libc::_exit(255) }
}

/// The same with a call of Python code in between.
fn run_child_with(cx: &mut Cx, plan: &Plan, function: Value, arguments: &[Value]) -> ! {
    match plan.prepare() {
        Err(failure) => plan.report_failure(&failure),
        Ok(()) => {
            if call::call(cx, function, arguments, None).is_err() {
                cx.take_raised();
                plan.report_text(b"SubprocessError:0:");
            } else {
                let failure = plan.start();
                plan.report_failure(&failure);
            }
        }
    }
    // SAFETY: ends the process.
    unsafe { libc::_exit(255) }
}

fn descriptors_of(cx: &mut Cx, value: Value) -> PyResult<Vec<i32>> {
    let items = downcast::<Tuple>(value);
    let mut descriptors: Vec<i32> = Vec::new();
    for item in items.as_ref().map_or(&[][..], tuple_items) {
        match int::as_i64(*item).and_then(|number| i32::try_from(number).ok()) {
            Some(number) if number >= 0 && descriptors.last().is_none_or(|last| *last < number) => {
                descriptors.push(number);
            }
            _ => return Err(cx.value_error("bad value(s) in fds_to_keep")),
        }
    }
    Ok(descriptors)
}

fn strings_of(cx: &mut Cx, value: Value) -> PyResult<Vec<CString>> {
    let items = list::from_iterable(cx, value)?;
    strings(cx, items)
}

fn identifier(cx: &mut Cx, value: Value, name: &'static str) -> PyResult<Option<u32>> {
    static PARAMETERS: [Parameters; 2] = [
        parameters(&[Parameter { name: "gid", passing: Passing::Positional, required: true }]),
        parameters(&[Parameter { name: "uid", passing: Passing::Positional, required: true }]),
    ];
    if value == NONE {
        return Ok(None);
    }
    let parameters = &PARAMETERS[usize::from(name == "uid")];
    Ok(Some(Identifier::from_argument(cx, value, Argument { parameters, index: 0 })?.0))
}

const fn parameters(list: &'static [Parameter]) -> Parameters {
    Parameters { function: "fork_exec", qualname: "_posixsubprocess.fork_exec", style: Style::Ordinary, list }
}

fn fork_and_execute(cx: &mut Cx, all: &[Value]) -> PyResult<i64> {
    let [
        arguments,
        programs,
        close_fds,
        kept,
        directory,
        environment,
        numbers @ ..,
        restore_signals,
        new_session,
        group,
        group_id,
        extra_groups,
        user_id,
        mask,
        preexec,
    ] = all
    else {
        return Err(cx.type_error(format!("fork_exec expected 22 arguments, got {}", all.len())));
    };
    if numbers.len() != 8 {
        return Err(cx.type_error(format!("fork_exec expected 22 arguments, got {}", all.len())));
    }
    let mut ends = [0; 8];
    for (end, value) in ends.iter_mut().zip(numbers) {
        *end = crate::system::arguments::c_int(cx, *value)?;
    }
    let [child_input, parent_input, parent_output, child_output, parent_error, child_error, report_read, report] = ends;
    let close_others = operations::truth(cx, *close_fds)?;
    if close_others && report < 3 {
        return Err(cx.value_error("errpipe_write must be >= 3"));
    }
    let mut kept = descriptors_of(cx, *kept)?;
    if !kept.contains(&report) {
        kept.push(report);
        kept.sort_unstable();
    }
    let argument_strings = if *arguments == NONE { None } else { Some(strings_of(cx, *arguments)?) };
    let environment_strings = if *environment == NONE { None } else { Some(strings_of(cx, *environment)?) };
    let groups = if *extra_groups == NONE {
        None
    } else if downcast::<List>(*extra_groups).is_none() && downcast::<Tuple>(*extra_groups).is_none() {
        return Err(cx.type_error("setgroups argument must be a sequence"));
    } else {
        Some(crate::posix::groups_of(cx, *extra_groups)?)
    };
    let plan = Plan {
        arguments: argument_strings.as_deref().map(pointers),
        programs: strings_of(cx, *programs)?,
        environment: environment_strings.as_deref().map(pointers),
        directory: if *directory == NONE {
            None
        } else {
            Some(AnyPath::from_value(cx, *directory, "", "", false, false)?.text)
        },
        close_others,
        kept,
        child_input,
        parent_input,
        parent_output,
        child_output,
        parent_error,
        child_error,
        report_read,
        report,
        restore_signals: operations::truth(cx, *restore_signals)?,
        new_session: operations::truth(cx, *new_session)?,
        group: crate::system::arguments::c_int(cx, *group)?,
        group_id: identifier(cx, *group_id, "gid")?,
        extra_groups: groups,
        user_id: identifier(cx, *user_id, "uid")?,
        mask: crate::system::arguments::c_int(cx, *mask)?,
    };
    if *preexec != NONE {
        // SAFETY: the heap's fork stops all other threads first and lets the child go on without them.
        let process = fork_process(cx, || unsafe { libc::fork() })?;
        if process == 0 {
            run_child_with(cx, &plan, *preexec, &[]);
        }
        return Ok(i64::from(process));
    }
    let outcome = cx.mutator().native(|| {
        // Signals wait until the child has its own handlers, which are none.
        // SAFETY: the sets are local; the child makes system calls only and never returns.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut old: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut old);
            let process = libc::fork();
            if process == 0 {
                reset_handlers();
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const old, std::ptr::null_mut());
                run_child(&plan);
            }
            let number = last_error();
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const old, std::ptr::null_mut());
            if process < 0 { Err(number) } else { Ok(process) }
        }
    });
    match outcome {
        Ok(process) => Ok(i64::from(process)),
        Err(number) => Err(os_error(cx, number)),
    }
}

/// In the child: no signal may run the parent's handlers. What is ignored stays so.
fn reset_handlers() {
    for signal in 1..65 {
        // SAFETY: plain numbers and a local structure.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
                && action.sa_sigaction != libc::SIG_DFL
                && action.sa_sigaction != libc::SIG_IGN
            {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("_posixsubprocess")]
impl Functions {
    /// Spawn a fresh new child process.
    ///
    /// Fork a child process, close parent file descriptors as appropriate in the
    /// child and duplicate the few that are needed before calling exec() in the
    /// child process. Returns the child's process id.
    #[function(
        signature = "($module, args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)"
    )]
    fn fork_exec(cx: &mut Cx, #[args] arguments: &[Value]) -> PyResult<i64> {
        fork_and_execute(cx, arguments)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    Ok(module_of(cx, "_posixsubprocess", FUNCTIONS))
}

//! `resource`: what a process has used and may use.

use crate::posix::query;
use crate::structseq::{self, Declaration};
use crate::system::arguments::CInt;
use crate::system::errors::{os_error, unsigned};
use crate::{module_of, set};
use py_macros::py_functions;
use py_object::objects::Module;
use py_object::types::{int, tuple};
use py_object::{Cx, Kind, NONE, PyResult};
use vm_heap::{Gc, Value};

/// `resource.struct_rusage`.
pub static STRUCT_RUSAGE: Declaration = Declaration {
    name: "resource.struct_rusage",
    doc: "struct_rusage: Result from getrusage.",
    fields: &[
        ("ru_utime", "user time used"),
        ("ru_stime", "system time used"),
        ("ru_maxrss", "max. resident set size"),
        ("ru_ixrss", "shared memory size"),
        ("ru_idrss", "unshared data size"),
        ("ru_isrss", "unshared stack size"),
        ("ru_minflt", "page faults not requiring I/O"),
        ("ru_majflt", "page faults requiring I/O"),
        ("ru_nswap", "number of swap outs"),
        ("ru_inblock", "block input operations"),
        ("ru_oublock", "block output operations"),
        ("ru_msgsnd", "IPC messages sent"),
        ("ru_msgrcv", "IPC messages received"),
        ("ru_nsignals", "signals received"),
        ("ru_nvcsw", "voluntary context switches"),
        ("ru_nivcsw", "involuntary context switches"),
    ],
    items: 16,
    copies: &[],
    from_fields: false,
};

/// The result object for what the system says of a process.
pub fn usage_value(cx: &mut Cx, usage: &libc::rusage) -> PyResult {
    let mut fields = [NONE; 16];
    for (field, time) in fields.iter_mut().zip([usage.ru_utime, usage.ru_stime]) {
        *field = cx.float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    }
    let counts = [
        usage.ru_maxrss,
        usage.ru_ixrss,
        usage.ru_idrss,
        usage.ru_isrss,
        usage.ru_minflt,
        usage.ru_majflt,
        usage.ru_nswap,
        usage.ru_inblock,
        usage.ru_oublock,
        usage.ru_msgsnd,
        usage.ru_msgrcv,
        usage.ru_nsignals,
        usage.ru_nvcsw,
        usage.ru_nivcsw,
    ];
    for (field, count) in fields[2..].iter_mut().zip(counts) {
        *field = Value::int(count);
    }
    structseq::new(cx, &STRUCT_RUSAGE, &fields)
}

/// Number of resources that have limits.
const RESOURCES: i32 = 16;

fn limits_value(cx: &mut Cx, limits: &libc::rlimit) -> Value {
    let value = |cx: &mut Cx, limit: libc::rlim_t| {
        if limit == libc::RLIM_INFINITY { Value::int(-1) } else { unsigned(cx, limit) }
    };
    let soft = value(cx, limits.rlim_cur);
    let hard = value(cx, limits.rlim_max);
    cx.tuple(&[soft, hard])
}

fn limits_of(cx: &mut Cx, limits: Value) -> PyResult<libc::rlimit> {
    let items = tuple::from_iterable(cx, limits)?;
    let [soft, hard] = py_object::sequence::tuple_items(&items) else {
        return Err(cx.value_error("expected a tuple of 2 integers"));
    };
    let mut numbers = [0; 2];
    for (number, value) in numbers.iter_mut().zip([soft, hard]) {
        let value = int::index(cx, *value)?;
        *number = match (int::as_i64(value), int::as_u64(value)) {
            (Some(-1), _) => libc::RLIM_INFINITY,
            _ if int::is_negative(value) => return Err(cx.value_error("Cannot convert negative int")),
            (_, Some(given)) => given,
            _ => return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C rlim_t")),
        };
    }
    Ok(libc::rlimit { rlim_cur: numbers[0], rlim_max: numbers[1] })
}

fn check_resource(cx: &mut Cx, resource: i32) -> PyResult<()> {
    if (0..RESOURCES).contains(&resource) { Ok(()) } else { Err(cx.value_error("invalid resource specified")) }
}

fn change(cx: &mut Cx, process: i32, resource: i32, new: Option<libc::rlimit>) -> PyResult<libc::rlimit> {
    check_resource(cx, resource)?;
    let found = query::<libc::rlimit>(cx, |found| {
        let new = new.as_ref().map_or(std::ptr::null(), |new| new as *const libc::rlimit);
        // SAFETY: the new limits are null or can be read, the old ones can be written.
        unsafe { libc::prlimit(process, resource as libc::__rlimit_resource_t, new, found) }
    })?;
    match found {
        Ok(found) => Ok(found),
        Err(libc::EINVAL) if new.is_some() => Err(cx.value_error("current limit exceeds maximum limit")),
        Err(libc::EPERM) if process == 0 => Err(cx.value_error("not allowed to raise maximum limit")),
        Err(number) => Err(os_error(cx, number)),
    }
}

/// The functions.
pub struct Functions;

#[py_functions("resource")]
impl Functions {
    /// Return what a process, its children or the calling thread have used.
    #[function]
    fn getrusage(cx: &mut Cx, who: CInt) -> PyResult {
        // SAFETY: the structure can be written.
        match query::<libc::rusage>(cx, |found| unsafe { libc::getrusage(who.0, found) })? {
            Ok(found) => usage_value(cx, &found),
            Err(libc::EINVAL) => Err(cx.value_error("invalid who parameter")),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Return the soft and the hard limit of a resource.
    #[function]
    fn getrlimit(cx: &mut Cx, resource: CInt) -> PyResult {
        let found = change(cx, 0, resource.0, None)?;
        Ok(limits_value(cx, &found))
    }
    /// Set the soft and the hard limit of a resource.
    #[function]
    fn setrlimit(cx: &mut Cx, resource: CInt, limits: Value) -> PyResult<()> {
        check_resource(cx, resource.0)?;
        let new = limits_of(cx, limits)?;
        change(cx, 0, resource.0, Some(new)).map(|_| ())
    }
    /// Get and, if limits are given, set the limits of a resource of a process.
    #[function]
    fn prlimit(cx: &mut Cx, pid: CInt, resource: CInt, #[default(NONE)] limits: Value) -> PyResult {
        let new = if limits == NONE { None } else { Some(limits_of(cx, limits)?) };
        let found = change(cx, pid.0, resource.0, new)?;
        Ok(limits_value(cx, &found))
    }
    /// Return the number of bytes in a page of memory.
    #[function]
    fn getpagesize() -> i64 {
        // SAFETY: a plain query.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("RLIMIT_CPU", libc::RLIMIT_CPU as i64),
    ("RLIMIT_FSIZE", libc::RLIMIT_FSIZE as i64),
    ("RLIMIT_DATA", libc::RLIMIT_DATA as i64),
    ("RLIMIT_STACK", libc::RLIMIT_STACK as i64),
    ("RLIMIT_CORE", libc::RLIMIT_CORE as i64),
    ("RLIMIT_RSS", libc::RLIMIT_RSS as i64),
    ("RLIMIT_NPROC", libc::RLIMIT_NPROC as i64),
    ("RLIMIT_NOFILE", libc::RLIMIT_NOFILE as i64),
    ("RLIMIT_OFILE", libc::RLIMIT_NOFILE as i64),
    ("RLIMIT_MEMLOCK", libc::RLIMIT_MEMLOCK as i64),
    ("RLIMIT_AS", libc::RLIMIT_AS as i64),
    ("RLIMIT_MSGQUEUE", libc::RLIMIT_MSGQUEUE as i64),
    ("RLIMIT_NICE", libc::RLIMIT_NICE as i64),
    ("RLIMIT_RTPRIO", libc::RLIMIT_RTPRIO as i64),
    ("RLIMIT_RTTIME", libc::RLIMIT_RTTIME as i64),
    ("RLIMIT_SIGPENDING", libc::RLIMIT_SIGPENDING as i64),
    ("RLIM_INFINITY", -1),
    ("RUSAGE_CHILDREN", libc::RUSAGE_CHILDREN as i64),
    ("RUSAGE_SELF", libc::RUSAGE_SELF as i64),
    ("RUSAGE_THREAD", libc::RUSAGE_THREAD as i64),
];

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "resource", FUNCTIONS);
    for (name, number) in CONSTANTS {
        set(cx, module, name, Value::int(*number))?;
    }
    let class = structseq::class(cx, &STRUCT_RUSAGE)?;
    set(cx, module, "struct_rusage", class.value())?;
    let error = cx.builtin_type(Kind::OS_ERROR);
    set(cx, module, "error", error.value())?;
    Ok(module)
}

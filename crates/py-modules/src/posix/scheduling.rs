//! Which processors run a process, and by which policy.

use crate::structseq::{self, Declaration};
use crate::system::arguments::{CInt, c_int};
use crate::system::errors::{blocking, check, os_error};
use py_macros::py_functions;
use py_object::objects::Tuple;
use py_object::{Cx, Kind, PyResult, call, downcast, operations};
use vm_heap::Value;

/// `posix.sched_param`.
pub static SCHED_PARAM: Declaration = Declaration {
    name: "posix.sched_param",
    doc: "Currently has only one field: sched_priority\n\n  sched_priority\n    A scheduling parameter.",
    fields: &[("sched_priority", "the scheduling priority")],
    items: 1,
    copies: &[],
    from_fields: true,
};

/// The parameters that a `sched_param` holds.
pub fn parameters_of(cx: &mut Cx, value: Value) -> PyResult<libc::sched_param> {
    let class = structseq::class(cx, &SCHED_PARAM)?;
    let items = downcast::<Tuple>(value).filter(|_| py_object::types::class_of(cx, value) == class);
    match items.as_ref().map(py_object::sequence::tuple_items) {
        Some([priority]) => Ok(libc::sched_param { sched_priority: c_int(cx, *priority)? }),
        _ => Err(cx.type_error("must have a sched_param object")),
    }
}

/// A bit per processor.
type Mask = Vec<u64>;

fn processors(cx: &mut Cx, process: i32) -> PyResult<Mask> {
    let mut mask: Mask = vec![0; 16];
    loop {
        let size = mask.len() * 8;
        let outcome = blocking(cx, || {
            // SAFETY: the mask is as long as stated.
            i64::from(unsafe { libc::sched_getaffinity(process, size, mask.as_mut_ptr().cast()) })
        })?;
        match outcome {
            Ok(_) => return Ok(mask),
            Err(libc::EINVAL) if size < 1 << 16 => mask.resize(mask.len() * 2, 0),
            Err(number) => return Err(os_error(cx, number)),
        }
    }
}

/// The functions.
pub struct Functions;

#[py_functions("posix")]
impl Functions {
    /// Return the affinity of the process identified by pid (or the current process if zero).
    #[function]
    fn sched_getaffinity(cx: &mut Cx, pid: CInt) -> PyResult {
        let mask = processors(cx, pid.0)?;
        let class = cx.builtin_type(Kind::SET).value();
        let result = call::call(cx, class, &[], None)?;
        for at in 0..mask.len() * 64 {
            if mask[at / 64] >> (at % 64) & 1 != 0 {
                call::call_method(cx, result, "add", &[Value::int(at as i64)])?;
            }
        }
        Ok(result)
    }
    /// Set the CPU affinity of the process identified by pid to mask.
    #[function]
    fn sched_setaffinity(cx: &mut Cx, pid: CInt, mask: Value) -> PyResult<()> {
        let mut bits: Mask = vec![0; 16];
        let iterator = operations::iterate(cx, mask)?;
        while let Some(item) = operations::next(cx, iterator)? {
            let number = c_int(cx, item)?;
            let Ok(at) = usize::try_from(number) else { return Err(cx.value_error("negative CPU number")) };
            if at >= 1 << 20 {
                return Err(cx.raise(Kind::OVERFLOW_ERROR, "CPU number too large"));
            }
            if at / 64 >= bits.len() {
                bits.resize(at / 64 + 1, 0);
            }
            bits[at / 64] |= 1 << (at % 64);
        }
        // SAFETY: the mask is as long as stated.
        check(cx, || i64::from(unsafe { libc::sched_setaffinity(pid.0, bits.len() * 8, bits.as_ptr().cast()) }))
            .map(|_| ())
    }
    /// Voluntarily relinquish the CPU.
    #[function]
    fn sched_yield(cx: &mut Cx) -> PyResult<()> {
        // SAFETY: a system call without arguments.
        check(cx, || i64::from(unsafe { libc::sched_yield() })).map(|_| ())
    }
    /// Get the maximum scheduling priority for policy.
    #[function]
    fn sched_get_priority_max(cx: &mut Cx, #[keyword] policy: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::sched_get_priority_max(policy.0) }))
    }
    /// Get the minimum scheduling priority for policy.
    #[function]
    fn sched_get_priority_min(cx: &mut Cx, #[keyword] policy: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::sched_get_priority_min(policy.0) }))
    }
    /// Get the scheduling policy for the process identified by pid.
    #[function]
    fn sched_getscheduler(cx: &mut Cx, pid: CInt) -> PyResult<i64> {
        // SAFETY: a system call on a plain number.
        check(cx, || i64::from(unsafe { libc::sched_getscheduler(pid.0) }))
    }
    /// Set the scheduling policy for the process identified by pid.
    #[function]
    fn sched_setscheduler(cx: &mut Cx, pid: CInt, policy: CInt, param: Value) -> PyResult<()> {
        let parameters = parameters_of(cx, param)?;
        // SAFETY: the parameters can be read.
        check(cx, || i64::from(unsafe { libc::sched_setscheduler(pid.0, policy.0, &raw const parameters) })).map(|_| ())
    }
    /// Returns scheduling parameters for the process identified by pid.
    #[function]
    fn sched_getparam(cx: &mut Cx, pid: CInt) -> PyResult {
        // SAFETY: the structure can be written.
        match super::status::query::<libc::sched_param>(cx, |found| unsafe { libc::sched_getparam(pid.0, found) })? {
            Ok(found) => structseq::new(cx, &SCHED_PARAM, &[Value::int(i64::from(found.sched_priority))]),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Set scheduling parameters for the process identified by pid.
    #[function]
    fn sched_setparam(cx: &mut Cx, pid: CInt, param: Value) -> PyResult<()> {
        let parameters = parameters_of(cx, param)?;
        // SAFETY: the parameters can be read.
        check(cx, || i64::from(unsafe { libc::sched_setparam(pid.0, &raw const parameters) })).map(|_| ())
    }
    /// Return the round-robin quantum for the process identified by pid, in seconds.
    #[function]
    fn sched_rr_get_interval(cx: &mut Cx, pid: CInt) -> PyResult<f64> {
        let found = super::status::query::<libc::timespec>(cx, |found| {
            // SAFETY: the structure can be written.
            unsafe { libc::sched_rr_get_interval(pid.0, found) }
        })?;
        match found {
            Ok(found) => Ok(found.tv_sec as f64 + 1e-9 * found.tv_nsec as f64),
            Err(number) => Err(os_error(cx, number)),
        }
    }
    /// Return the number of logical CPUs in the system, or None if it can't be found out.
    #[function]
    fn cpu_count(cx: &mut Cx) -> Option<i64> {
        if let Some(told) = cx.runtime.configuration().cpu_count {
            return Some(told);
        }
        // SAFETY: a plain query.
        let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
        (count > 0).then_some(count)
    }
}

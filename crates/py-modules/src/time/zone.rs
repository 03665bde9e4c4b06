//! The local time zone: its names and its distance from UTC.

use super::calendar::broken_down;
use super::clock;
use crate::system::paths::decode_path;
use py_macros::py_functions;
use py_object::objects::Dict;
use py_object::{Cx, PyResult};
use vm_heap::{Gc, Value};

unsafe extern "C" {
    fn tzset();
    static tzname: [*const libc::c_char; 2];
}

/// The system's name of the standard (0) or the summer (1) time.
pub fn name_pointer(which: usize) -> *const libc::c_char {
    // SAFETY: the system keeps two names; they are read only.
    unsafe { tzname[which] }
}

/// Sets `timezone`, `altzone`, `daylight` and `tzname` in the module's namespace.
pub fn set_zone(cx: &mut Cx, namespace: Gc<Dict>) -> PyResult<()> {
    // SAFETY: reads the environment, which Rust's functions change only under their lock; Python code that changes it
    // while another thread calls this is as wrong here as with any other Python.
    unsafe { tzset() };
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let this_year = clock(libc::CLOCK_REALTIME) / 1_000_000_000 / YEAR * YEAR;
    let mut found = [(0, Vec::new()), (0, Vec::new())];
    for (place, at) in found.iter_mut().zip([this_year, this_year + YEAR / 2]) {
        let time = broken_down(cx, at, true)?;
        let name = if time.tm_zone.is_null() {
            b"   ".to_vec()
        } else {
            // SAFETY: the system gives a text that ends with a zero byte.
            unsafe { std::ffi::CStr::from_ptr(time.tm_zone) }.to_bytes().to_vec()
        };
        *place = (-time.tm_gmtoff, name);
    }
    let [january, july] = found;
    let has_summer = january.0 != july.0;
    // In the south the summer is in January.
    let (standard, summer) = if january.0 < july.0 { (july, january) } else { (january, july) };
    let mut enter = |name: &str, value: Value| {
        let name = cx.intern(name);
        Dict::set_str(cx, namespace, name, value)
    };
    enter("timezone", Value::int(standard.0))?;
    enter("altzone", Value::int(summer.0))?;
    enter("daylight", Value::int(i64::from(has_summer)))?;
    let first = decode_path(cx, &standard.1)?;
    let second = decode_path(cx, &summer.1)?;
    let names = cx.tuple(&[first.value(), second.value()]);
    let name = cx.intern("tzname");
    Dict::set_str(cx, namespace, name, names)
}

/// `tzset`.
pub struct Functions;

#[py_functions("time")]
impl Functions {
    /// Initialize, or reinitialize, the local timezone to the value stored in os.environ['TZ'].
    #[function]
    fn tzset(cx: &mut Cx) -> PyResult<()> {
        let module = crate::import(cx, "time")?;
        match py_object::downcast::<py_object::objects::Module>(module) {
            Some(module) => set_zone(cx, module.dict.get()),
            None => Ok(()),
        }
    }
}

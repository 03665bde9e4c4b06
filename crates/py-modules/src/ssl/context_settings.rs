//! The attributes of `_SSLContext` that are plain settings.

use super::context::{ContextObject, check_given, state_of};
use super::settings::{
    CERTIFICATE_REQUIRED, NO_CERTIFICATE, PROTOCOL_SERVER, PROTOCOL_TLS_1_2, VERSION_1_2, VERSION_1_3,
};
use py_macros::py_methods;
use py_object::types::{class_name, int};
use py_object::{Cx, Kind, PyResult, operations};
use vm_heap::{Gc, Value};

const LOWEST: i64 = -2;
const HIGHEST: i64 = -1;
/// OP_NO_SSLv2, v3, TLS 1 to 1.3.
const NO_VERSIONS: u64 = 0x3e00_0000;

fn version_argument(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<i64> {
    let number = int::index(cx, value)?;
    let version = int::as_i64(number).unwrap_or(0);
    if state_of(cx, this)?.look(|settings| settings.protocol) == PROTOCOL_TLS_1_2 {
        let message = "The context's protocol doesn't support modification of highest and lowest version.";
        return Err(cx.value_error(message));
    }
    match version {
        LOWEST | HIGHEST | VERSION_1_2 | VERSION_1_3 => {}
        0x300..=0x302 => {
            let name = ["SSLv3", "TLSv1", "TLSv1_1"][(version - 0x300) as usize];
            py_object::warning::warn(
                cx,
                Kind::DEPRECATION_WARNING,
                format!("ssl.TLSVersion.{name} is deprecated").as_str(),
            )?;
        }
        _ => return Err(cx.value_error(format!("Unsupported TLS/SSL version 0x{version:x}"))),
    }
    Ok(version)
}

fn unsigned(cx: &mut Cx, value: Value) -> PyResult<u64> {
    let number = int::index(cx, value)?;
    if int::is_negative(number) {
        return Err(cx.value_error("Cannot convert negative int"));
    }
    match int::as_u64(number) {
        Some(number) => Ok(number),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C unsigned long long")),
    }
}

/// The settings of `_SSLContext`.
pub struct SettingsMethods;

#[py_methods(SSL_CONTEXT, name = "_SSLContext")]
impl SettingsMethods {
    /// Flags that change how the protocol works.
    #[getter]
    fn options(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult {
        let options = state_of(cx, this)?.look(|settings| settings.options);
        Ok(int::from_i128(cx, i128::from(options)))
    }
    #[setter]
    fn set_options(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "options", value)?;
        let options = unsigned(cx, value)?;
        let state = state_of(cx, this)?;
        let added = options & !state.look(|settings| settings.options);
        if added & NO_VERSIONS != 0 {
            let message = "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated";
            py_object::warning::warn(cx, Kind::DEPRECATION_WARNING, message)?;
        }
        state.change(|settings| settings.options = options);
        Ok(())
    }
    /// The lowest version that is spoken.
    #[getter]
    fn minimum_version(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<i64> {
        let version = state_of(cx, this)?.look(|settings| settings.minimum);
        Ok(if version == 0 { LOWEST } else { version })
    }
    #[setter]
    fn set_minimum_version(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "minimum_version", value)?;
        let version = match version_argument(cx, this, value)? {
            LOWEST => 0,
            HIGHEST => VERSION_1_3,
            version => version,
        };
        state_of(cx, this)?.change(|settings| settings.minimum = version);
        Ok(())
    }
    /// The highest version that is spoken.
    #[getter]
    fn maximum_version(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<i64> {
        let version = state_of(cx, this)?.look(|settings| settings.maximum);
        Ok(if version == 0 { HIGHEST } else { version })
    }
    #[setter]
    fn set_maximum_version(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "maximum_version", value)?;
        let version = match version_argument(cx, this, value)? {
            LOWEST => VERSION_1_2,
            HIGHEST => 0,
            version => version,
        };
        state_of(cx, this)?.change(|settings| settings.maximum = version);
        Ok(())
    }
    /// Whether the peer must show a certificate.
    #[getter]
    fn verify_mode(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<i64> {
        Ok(state_of(cx, this)?.look(|settings| settings.verify_mode))
    }
    #[setter]
    fn set_verify_mode(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "verify_mode", value)?;
        let mode = crate::system::arguments::c_int(cx, value)?;
        let mode = i64::from(mode);
        let state = state_of(cx, this)?;
        if !(NO_CERTIFICATE..=CERTIFICATE_REQUIRED).contains(&mode) {
            return Err(cx.value_error("invalid value for verify_mode"));
        }
        if mode == NO_CERTIFICATE && state.look(|settings| settings.checks_host) {
            let message = "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.";
            return Err(cx.value_error(message));
        }
        state.change(|settings| settings.verify_mode = mode);
        Ok(())
    }
    /// How certificates are verified.
    #[getter]
    fn verify_flags(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult {
        let flags = state_of(cx, this)?.look(|settings| settings.verify_flags);
        Ok(int::from_i128(cx, i128::from(flags as u64)))
    }
    #[setter]
    fn set_verify_flags(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "verify_flags", value)?;
        if !int::is_int(value) {
            let message = format!("argument must be int, not {}", class_name(cx, value));
            return Err(cx.type_error(message));
        }
        let flags = int::as_i64(value).or_else(|| int::as_u64(value).map(|flags| flags as i64));
        let Some(flags) = flags else {
            return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C unsigned long"));
        };
        state_of(cx, this)?.change(|settings| settings.verify_flags = flags);
        Ok(())
    }
    /// Whether the peer's name is checked.
    #[getter]
    fn check_hostname(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<bool> {
        Ok(state_of(cx, this)?.look(|settings| settings.checks_host))
    }
    #[setter]
    fn set_check_hostname(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "check_hostname", value)?;
        let checks = operations::truth(cx, value)?;
        state_of(cx, this)?.change(|settings| {
            if checks && settings.verify_mode == NO_CERTIFICATE {
                settings.verify_mode = CERTIFICATE_REQUIRED;
            }
            settings.checks_host = checks;
        });
        Ok(())
    }
    #[getter]
    fn _host_flags(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<i64> {
        Ok(state_of(cx, this)?.look(|settings| i64::from(settings.host_flags)))
    }
    #[setter(name = "_host_flags")]
    fn set_host_flags(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "_host_flags", value)?;
        let flags = unsigned(cx, value)? as u32;
        state_of(cx, this)?.change(|settings| settings.host_flags = flags);
        Ok(())
    }
    /// Control the number of TLSv1.3 session tickets.
    #[getter]
    fn num_tickets(cx: &mut Cx, this: Gc<ContextObject>) -> PyResult<i64> {
        Ok(state_of(cx, this)?.look(|settings| settings.tickets))
    }
    #[setter]
    fn set_num_tickets(cx: &mut Cx, this: Gc<ContextObject>, value: Value) -> PyResult<()> {
        check_given(cx, this.value(), "num_tickets", value)?;
        let number = int::index(cx, value)?;
        let number = int::as_i64(number).unwrap_or(i64::MAX);
        if number < 0 {
            return Err(cx.value_error("value must be non-negative"));
        }
        let state = state_of(cx, this)?;
        if state.look(|settings| settings.protocol) != PROTOCOL_SERVER {
            return Err(cx.value_error("SSLContext is not a server context."));
        }
        state.change(|settings| settings.tickets = number);
        Ok(())
    }
}

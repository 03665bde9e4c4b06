//! `SSLSession`: what a later connection can resume.

use super::native::{held, hold};
use super::saved::Saved;
use py_macros::py_methods;
use py_object::objects::Array;
use py_object::{Cx, FALSE, Kind, NOT_IMPLEMENTED, PyResult, TRUE, downcast, object};
use std::sync::Arc;
use vm_heap::{Gc, Value};

object! {
    /// A session.
    pub struct SessionObject = 824 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// The native part.
        native: Value,
        /// The context of its connection.
        context: Value,
    }
}

/// For how long a session can be resumed at most, in seconds.
const TIMEOUT: i64 = 7200;

/// The object of a session.
pub fn new_session(cx: &mut Cx, saved: Arc<Saved>, context: Value) -> Value {
    let native = hold(cx, saved);
    let class = cx.builtin_type(Kind::SSL_SESSION);
    let session = crate::new_object::<SessionObject>(cx, class);
    session.native.init(native);
    session.context.init(context);
    session.value()
}

/// The native part.
pub fn saved_of(this: Gc<SessionObject>) -> Option<Arc<Saved>> {
    held(this.native.get())
}

fn are_equal(this: Gc<SessionObject>, other: Value) -> Option<bool> {
    let other = downcast::<SessionObject>(other)?;
    Some(saved_of(this)?.name() == saved_of(other)?.name())
}

/// `SSLSession`.
pub struct Methods;

#[py_methods(SSL_SESSION, name = "SSLSession")]
impl Methods {
    #[method]
    fn __eq__(this: Gc<SessionObject>, value: Value) -> Value {
        match are_equal(this, value) {
            Some(true) => TRUE,
            Some(false) => FALSE,
            None => NOT_IMPLEMENTED,
        }
    }
    #[method]
    fn __ne__(this: Gc<SessionObject>, value: Value) -> Value {
        match are_equal(this, value) {
            Some(true) => FALSE,
            Some(false) => TRUE,
            None => NOT_IMPLEMENTED,
        }
    }
    /// Session ID.
    #[getter]
    fn id(cx: &mut Cx, this: Gc<SessionObject>) -> PyResult {
        let name = saved_of(this).map_or([0; 32], |saved| saved.name());
        crate::buffer::new_bytes(cx, &name)
    }
    /// Session creation time (seconds since epoch).
    #[getter]
    fn time(this: Gc<SessionObject>) -> i64 {
        saved_of(this).map_or(0, |saved| saved.time())
    }
    /// Session timeout (delta in seconds).
    #[getter]
    fn timeout(this: Gc<SessionObject>) -> i64 {
        let _ = this;
        TIMEOUT
    }
    /// Ticket life time hint; 0, since rustls does not tell it.
    #[getter]
    fn ticket_lifetime_hint(this: Gc<SessionObject>) -> i64 {
        let _ = this;
        0
    }
    /// Does the session contain a ticket?
    #[getter]
    fn has_ticket(this: Gc<SessionObject>) -> bool {
        saved_of(this).is_some_and(|saved| saved.can_be_resumed())
    }
}

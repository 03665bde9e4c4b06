//! `sni_callback`: Python code that chooses by the name that the client asks for.

use super::connection::{Connection, Step};
use super::context::ContextObject;
use super::errors::raise;
use super::socket::{SslSocketObject, owner_of};
use super::transport::Transport;
use py_object::objects::Str;
use py_object::types::{class_name, int};
use py_object::{Cx, NONE, PyResult, call, downcast, finalize};
use vm_heap::{Gc, Value};

const HANDSHAKE_FAILURE: u8 = 40;
const INTERNAL_ERROR: u8 = 80;

/// Asks the callback, if there is one, and goes on as it says.
pub fn choose(cx: &mut Cx, this: Gc<SslSocketObject>, connection: &Connection, transport: &Transport) -> PyResult<()> {
    let (accepted, name) = {
        let mut session = connection.session();
        let name = session.asked_name();
        (session.take_greeting(), name)
    };
    // Another thread was faster.
    let Some(accepted) = accepted else { return Ok(()) };
    let context = this.context.get();
    let callback = downcast::<ContextObject>(context).map_or(NONE, |context| context.name_callback.get());
    let alert = if callback == NONE { None } else { ask(cx, this, callback, name.as_deref(), context) };
    let step = cx.mutator().native(|| connection.session().choose(accepted, alert, transport));
    match step {
        Step::Failed(failure) => Err(raise(cx, &failure)),
        _ => Ok(()),
    }
}

/// The alert that the callback ends the connection with, or none.
fn ask(cx: &mut Cx, this: Gc<SslSocketObject>, callback: Value, name: Option<&str>, context: Value) -> Option<u8> {
    let name = match name {
        Some(name) => Str::new(cx, name).value(),
        None => NONE,
    };
    let owner = match this.owner.get() {
        NONE => this.value(),
        _ => match owner_of(cx, this) {
            Some(owner) => owner,
            // Nobody is left for whom the callback could choose.
            None => return Some(INTERNAL_ERROR),
        },
    };
    match call::call(cx, callback, &[owner, name, context], None) {
        Err(_) => {
            finalize::unraisable(cx, "Exception ignored in ssl servername callback", callback);
            Some(HANDSHAKE_FAILURE)
        }
        Ok(NONE) => None,
        Ok(result) => {
            match int::as_i64(result).filter(|_| int::is_int(result)).and_then(|alert| u8::try_from(alert).ok()) {
                Some(alert) => Some(alert),
                None => {
                    let message = format!("'{}' object cannot be interpreted as an integer", class_name(cx, result));
                    let _ = cx.type_error(message);
                    finalize::unraisable(cx, "Exception ignored in ssl servername callback", result);
                    Some(INTERNAL_ERROR)
                }
            }
        }
    }
}

//! What is said of an object that `with` or `async with` cannot use.

use py_object::types::{self, class_name};
use py_object::{Cx, Raised};
use vm_heap::Value;

/// The special methods, in the order in which instructions number them.
pub const METHODS: [&str; 4] = ["__enter__", "__exit__", "__aenter__", "__aexit__"];

/// TypeError: the object lacks a method of the protocol, but may have those of the other one.
pub fn unsupported(cx: &mut Cx, object: Value, method: usize) -> Raised {
    let protocols = ["context manager", "asynchronous context manager"];
    let (own, other) = if method < 2 { (0, 1) } else { (1, 0) };
    let mut message = format!(
        "'{}' object does not support the {} protocol (missed {} method)",
        class_name(cx, object),
        protocols[own],
        METHODS[method]
    );
    let has_other = METHODS[2 * other..][..2].iter().all(|name| types::lookup_special(cx, object, name).is_some());
    if has_other {
        let statement = ["with", "async with"][other];
        message.push_str(&format!(
            " but it supports the {} protocol. Did you mean to use '{statement}'?",
            protocols[other]
        ));
    }
    cx.type_error(message)
}

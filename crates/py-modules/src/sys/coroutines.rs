//! What `sys` sets for coroutines and asynchronous generators, per thread.

use crate::structseq::{self, Declaration};
use py_macros::py_functions;
use py_object::arguments::Keywords;
use py_object::types::{class, class_name};
use py_object::{Cx, NONE, PyResult};
use vm_heap::Value;

static HOOKS: Declaration = Declaration {
    name: "asyncgen_hooks",
    doc: "asyncgen_hooks\n\nWhat is called for asynchronous generators. The attributes are read only.",
    fields: &[("firstiter", "Hook to intercept first iteration"), ("finalizer", "Hook to intercept finalization")],
    items: 2,
    copies: &[],
    from_fields: false,
};

/// Functions about coroutines and asynchronous generators.
pub struct Functions;

#[py_functions("sys")]
impl Functions {
    /// set_asyncgen_hooks([firstiter] [, finalizer])
    ///
    /// Set what is called for asynchronous generators: with each when its iteration
    /// begins, and with one that is unreachable before it has ended.
    #[function(signature = "")]
    fn set_asyncgen_hooks(cx: &mut Cx, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        const NAMES: [&str; 2] = ["firstiter", "finalizer"];
        if args.len() > 2 {
            return Err(cx.type_error(format!("function takes at most 2 arguments ({} given)", args.len())));
        }
        let mut given = [args.first().copied(), args.get(1).copied()];
        for (name, value) in kwargs.iter() {
            let name = py_object::StrExt::to_text(&name);
            match NAMES.iter().position(|known| *known == name) {
                Some(at) => given[at] = Some(value),
                None => {
                    return Err(cx.type_error(format!("this function got an unexpected keyword argument '{name}'")));
                }
            }
        }
        for at in [1, 0] {
            if let Some(hook) = given[at].filter(|hook| *hook != NONE)
                && !class::is_callable(cx, hook)
            {
                let message = format!("callable {} expected, got {}", NAMES[at], class_name(cx, hook));
                return Err(cx.type_error(message));
            }
        }
        for (field, hook) in cx.async_hooks.iter().zip(given) {
            if let Some(hook) = hook {
                field.set(hook);
            }
        }
        Ok(())
    }
    /// Return the installed asynchronous generators hooks.
    ///
    /// This returns a namedtuple of the form (firstiter, finalizer).
    #[function]
    fn get_asyncgen_hooks(cx: &mut Cx) -> PyResult {
        let hooks = [cx.async_hooks[0].get(), cx.async_hooks[1].get()];
        structseq::new(cx, &HOOKS, &hooks)
    }
    /// Enable or disable origin tracking for coroutine objects in this thread.
    ///
    /// New coroutines note this many of the frames in which they were made in
    /// their attribute cr_origin. Set a depth of 0 to disable.
    #[function]
    fn set_coroutine_origin_tracking_depth(cx: &mut Cx, #[keyword] depth: i64) -> PyResult<()> {
        match u32::try_from(depth) {
            Ok(depth) => {
                cx.origin_depth.set(depth);
                Ok(())
            }
            Err(_) if depth < 0 => Err(cx.value_error("depth must be >= 0")),
            Err(_) => Err(cx.raise(py_object::Kind::OVERFLOW_ERROR, "Python int too large to convert to C int")),
        }
    }
    /// Check status of origin tracking for coroutine objects in this thread.
    #[function]
    fn get_coroutine_origin_tracking_depth(cx: &mut Cx) -> i64 {
        i64::from(cx.origin_depth.get())
    }
}

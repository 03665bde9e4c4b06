//! `_warnings`: issuing warnings. Filters are matched here; what is to be shown goes to the library's `warnings`, if it is imported.
//!
//! See the chapter on warnings of the library reference for what filters, registries and stack levels mean.

mod context;
mod filter;

use crate::reentrant_lock::ReentrantLock;
use context::Place;
use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_module};
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, as_type, class_name, class_of};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, attribute, call, downcast, operations};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use vm_heap::{Gc, Value};

/// Keeps filters and registries consistent.
static LOCK: ReentrantLock = ReentrantLock::new();
/// Changes with the filters; registries of another version are out of date.
static VERSION: AtomicI64 = AtomicI64::new(0);

/// Issues a warning of a built-in category from native code. An error where a filter makes it one.
pub fn warn(cx: &mut Cx, category: Kind, message: &str, stack_level: i64) -> PyResult<()> {
    let text = Str::new(cx, message);
    let class = cx.builtin_type(category);
    let nothing = Tuple::new(cx, &[]);
    issue(cx, text.value(), class, stack_level, NONE, nothing)
}

/// A module that has been imported.
fn imported(cx: &mut Cx, name: &str) -> Option<Value> {
    let modules = cx.runtime.modules.get()?;
    let name = cx.intern(name);
    Dict::get_str(cx, modules, name)
}

/// An attribute of the library's `warnings`, if that is imported, or else of this module.
fn setting(cx: &mut Cx, public: &str, own: &str) -> PyResult<Option<Value>> {
    for (module, name) in [("warnings", public), ("_warnings", own)] {
        let Some(module) = imported(cx, module).filter(|module| *module != NONE) else { continue };
        let name = cx.intern(name);
        if let Some((value, _)) = attribute::find(cx, module, name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The class that a category argument names.
fn category_of(cx: &mut Cx, message: Value, category: Value) -> PyResult<Gc<Type>> {
    let warning = cx.builtin_type(Kind::WARNING);
    if types::is_instance(cx, message, Kind::WARNING) {
        return Ok(class_of(cx, message));
    }
    if category == NONE {
        return Ok(cx.builtin_type(Kind::USER_WARNING));
    }
    match as_type(category).filter(|class| types::is_subclass(*class, warning)) {
        Some(class) => Ok(class),
        None => {
            let found = class_name(cx, category);
            Err(cx.type_error(format!("category must be a Warning subclass, not '{found}'")))
        }
    }
}

/// `warn` with its arguments checked.
fn issue(
    cx: &mut Cx,
    message: Value,
    category: Gc<Type>,
    stack_level: i64,
    source: Value,
    skipped: Gc<Tuple>,
) -> PyResult<()> {
    let place = context::find(cx, stack_level, skipped)?;
    issue_at(cx, message, category, &place, source)
}

/// `warn_explicit` with its arguments checked.
fn issue_at(cx: &mut Cx, message: Value, category: Gc<Type>, place: &Place, source: Value) -> PyResult<()> {
    let (message, text, category) = if types::is_instance(cx, message, Kind::WARNING) {
        let text = operations::to_str(cx, message)?;
        (message, text.value(), class_of(cx, message))
    } else {
        (call::call(cx, category.value(), &[message], None)?, message, category)
    };
    let line = Value::int(place.line);
    let key = cx.tuple(&[text, category.value(), line]);
    LOCK.acquire(cx);
    let decided = filter::decide(cx, text, category, place, key);
    LOCK.release();
    match decided? {
        filter::Decision::Silent => Ok(()),
        filter::Decision::Error => {
            if source != NONE {
                let name = cx.intern("source");
                if attribute::set(cx, message, name, Some(source)).is_err() {
                    cx.take_raised();
                }
            }
            match downcast::<Exception>(message) {
                Some(exception) => Err(py_object::exception::raise(cx, exception)),
                None => Err(cx.type_error("exceptions must derive from BaseException")),
            }
        }
        filter::Decision::Show => show(cx, message, text, category, place, source),
    }
}

/// Shows a warning: by the library's `warnings` where it is imported (or can be, which a source makes worth while), else plainly.
fn show(cx: &mut Cx, message: Value, text: Value, category: Gc<Type>, place: &Place, source: Value) -> PyResult<()> {
    let module = match imported(cx, "warnings") {
        Some(module) => Some(module),
        None if source != NONE => crate::imports::import_module(cx, "warnings").ok(),
        None => None,
    };
    let Some(module) = module.filter(|module| *module != NONE) else {
        cx.take_raised();
        return show_plainly(cx, text, category, place);
    };
    let name = cx.intern("_showwarnmsg");
    let Some((function, _)) = attribute::find(cx, module, name)? else {
        return show_plainly(cx, text, category, place);
    };
    if types::lookup_special(cx, function, "__call__").is_none() && downcast::<Function>(function).is_none() {
        return Err(cx.type_error("warnings._showwarnmsg() must be set to a callable"));
    }
    let name = cx.intern("WarningMessage");
    let Some((class, _)) = attribute::find(cx, module, name)? else {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "unable to get warnings.WarningMessage"));
    };
    let line = Value::int(place.line);
    let record = call::call(cx, class, &[message, category.value(), place.file, line, NONE, NONE, source], None)?;
    call::call(cx, function, &[record], None).map(|_| ())
}

fn show_plainly(cx: &mut Cx, text: Value, category: Gc<Type>, place: &Place) -> PyResult<()> {
    let file = operations::to_str(cx, place.file)?.to_text();
    let text = operations::to_str(cx, text)?.to_text();
    let line = format!("{file}:{}: {}: {text}\n", place.line, types::name_of(category));
    let Some(sys) = imported(cx, "sys") else { return Ok(()) };
    let name = cx.intern("stderr");
    if let Some((stream, _)) = attribute::find(cx, sys, name)?
        && stream != NONE
    {
        let line = Str::new(cx, &line);
        call::call_method(cx, stream, "write", &[line.value()])?;
    }
    Ok(())
}

/// The functions.
pub struct Functions;

#[py_functions("_warnings")]
impl Functions {
    /// Issue a warning, or maybe ignore it or raise an exception.
    #[function(signature = "($module, /, message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())")]
    fn warn(
        cx: &mut Cx,
        #[keyword] message: Value,
        #[keyword]
        #[default(NONE)]
        category: Value,
        #[keyword]
        #[default(1)]
        stacklevel: i64,
        #[keyword]
        #[default(NONE)]
        source: Value,
        #[keyword_only] skip_file_prefixes: Option<Gc<Tuple>>,
    ) -> PyResult<()> {
        let category = category_of(cx, message, category)?;
        let skipped = match skip_file_prefixes {
            Some(skipped) => skipped,
            None => Tuple::new(cx, &[]),
        };
        for prefix in tuple_items(&skipped) {
            if downcast::<Str>(*prefix).is_none() {
                let found = class_name(cx, *prefix);
                return Err(cx.type_error(format!("Found non-str '{found}' in skip_file_prefixes.")));
            }
        }
        let level = if tuple_items(&skipped).is_empty() { stacklevel } else { stacklevel.max(2) };
        issue(cx, message, category, level, source, skipped)
    }
    /// Issue a warning, or maybe ignore it or raise an exception, at a place that is given.
    #[function]
    fn warn_explicit(
        cx: &mut Cx,
        #[keyword] message: Value,
        #[keyword] category: Value,
        #[keyword] filename: Gc<Str>,
        #[keyword] lineno: i64,
        #[keyword]
        #[default(NONE)]
        module: Value,
        #[keyword]
        #[default(NONE)]
        registry: Value,
        #[keyword]
        #[default(NONE)]
        module_globals: Value,
        #[keyword]
        #[default(NONE)]
        source: Value,
    ) -> PyResult<()> {
        let category = category_of(cx, message, category)?;
        if registry != NONE && downcast::<Dict>(registry).is_none() {
            let found = class_name(cx, registry);
            return Err(cx.type_error(format!("'registry' must be a dict or None, not '{found}'")));
        }
        if module_globals != NONE && downcast::<Dict>(module_globals).is_none() {
            let found = class_name(cx, module_globals);
            return Err(cx.type_error(format!("module_globals must be a dict, not '{found}'")));
        }
        if let Some(globals) = downcast::<Dict>(module_globals) {
            context::check_source(cx, globals)?;
        }
        let module = if module == NONE { context::module_of_file(cx, filename) } else { module };
        let place = Place { file: filename.value(), line: lineno, module, registry };
        issue_at(cx, message, category, &place, source)
    }
    /// Note that filters have changed. The lock must be held.
    #[function]
    fn _filters_mutated_lock_held(cx: &mut Cx) -> PyResult<()> {
        if !LOCK.is_held() {
            return Err(cx.raise(Kind::RUNTIME_ERROR, "warnings._filters_mutated_lock_held() called without lock held"));
        }
        VERSION.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    /// Take the lock of filters and registries.
    #[function]
    fn _acquire_lock(cx: &mut Cx) {
        LOCK.acquire(cx);
    }
    /// Give the lock of filters and registries back.
    #[function]
    fn _release_lock(cx: &mut Cx) -> PyResult<()> {
        if LOCK.release() { Ok(()) } else { Err(cx.raise(Kind::RUNTIME_ERROR, "cannot release un-acquired lock")) }
    }
}

/// Filters, registry of what is shown once, and context variable or None: all instances of the module have the same.
static SHARED: OnceLock<[Value; 3]> = OnceLock::new();

fn make_shared(cx: &mut Cx) -> PyResult<[Value; 3]> {
    let filters = filter::defaults(cx)?;
    let once = cx.dict().value();
    let mut variable = NONE;
    if cx.runtime.native_modules().iter().any(|(name, _)| *name == "_contextvars") {
        let contexts = crate::imports::import_module(cx, "_contextvars")?;
        let name = cx.intern("warnings_context").value();
        variable = call::call_method(cx, contexts, "ContextVar", &[name])?;
    }
    let shared = [filters, once, variable];
    shared.into_iter().filter(|each| *each != NONE).for_each(|each| cx.runtime.keep(each));
    Ok(shared)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "_warnings");
    let namespace = module.dict.get();
    add_functions(cx, namespace, module.value(), FUNCTIONS);
    let set = |cx: &mut Cx, name: &str, value: Value| {
        let name = cx.intern(name);
        Dict::set_str(cx, namespace, name, value)
    };
    let action = cx.intern("default").value();
    set(cx, "_defaultaction", action)?;
    // Where there are no context variables, the library does without them, and so does this module.
    let [filters, once, variable] = match SHARED.get() {
        Some(shared) => *shared,
        None => {
            let shared = make_shared(cx)?;
            *SHARED.get_or_init(|| shared)
        }
    };
    set(cx, "filters", filters)?;
    set(cx, "_onceregistry", once)?;
    if variable != NONE {
        set(cx, "_warnings_context", variable)?;
    }
    Ok(module)
}

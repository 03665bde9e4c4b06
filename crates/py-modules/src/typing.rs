//! `_typing`: the parts of `typing` that the interpreter itself makes.

use crate::{module_of, set};
use py_macros::{py_functions, py_methods};
use py_object::arguments::Keywords;
use py_object::native::NativeDefinition;
use py_object::objects::{Dict, Module, Record, Type};
use py_object::types::{self, generic};
use py_object::{Cx, Kind, NONE, PyResult, allocate, bootstrap, call, shapes};
use vm_heap::{Gc, Value};

/// The functions of `_typing`.
pub struct Functions;

#[py_functions("_typing")]
impl Functions {
    #[function]
    fn _idfunc(_module: Value) -> Value {
        _module
    }
}

/// Calls a function of `typing` with a class in front.
fn forward(cx: &mut Cx, name: &str, class: Value, args: &[Value], kwargs: Keywords<'_>) -> PyResult {
    let function = cx.import_from("typing", name)?;
    call::with_receiver(cx, class, args, |cx, args| kwargs.call(cx, function, args))
}

/// What `typing.Generic` does for its subclasses.
pub struct GenericMethods;

#[py_methods(GENERIC, name = "Generic")]
impl GenericMethods {
    /// Parameterizes a generic class.
    ///
    /// At least, parameterizing a generic class is the *main* thing this
    /// method does. For example, for some generic class `Foo`, this is called
    /// when we do `Foo[int]`.
    #[classmethod(signature = "")]
    fn __class_getitem__(
        cx: &mut Cx,
        class: Value,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult {
        forward(cx, "_generic_class_getitem", class, args, kwargs)
    }
    /// Function to initialize subclasses.
    #[classmethod(signature = "")]
    fn __init_subclass__(
        cx: &mut Cx,
        class: Value,
        #[args] args: &[Value],
        #[kwargs] kwargs: Keywords<'_>,
    ) -> PyResult {
        forward(cx, "_generic_init_subclass", class, args, kwargs)
    }
}

const GENERIC_DOC: &str = "Abstract base class for generic types.

A class statement with a parameter list derives from it by itself::

    class Mapping[K, V]:
        def __getitem__(self, key: K) -> V:
            ...

Before Python 3.12 it had to be written among the bases, as ``Generic[K, V]``.
";

fn class_method(cx: &mut Cx, definition: &'static NativeDefinition) -> Value {
    let function = bootstrap::new_native(cx, definition, Kind::BUILTIN, NONE);
    let record = allocate::<Record>(cx.mutator(), shapes::CLASSMETHOD);
    record.first.init(function.value());
    for field in [&record.second, &record.third, &record.fourth] {
        field.init(NONE);
    }
    record.value()
}

/// `typing.Generic`.
fn generic(cx: &mut Cx) -> PyResult<Gc<Type>> {
    let namespace = cx.dict();
    for definition in GENERIC_METHODS {
        let name = cx.intern(definition.name);
        let method = class_method(cx, definition);
        Dict::set_str(cx, namespace, name, method)?;
    }
    let slots = cx.tuple(&[]);
    let (module, doc) = (cx.intern("typing"), py_object::objects::Str::new(cx, GENERIC_DOC));
    for (name, value) in [("__slots__", slots), ("__module__", module.value()), ("__doc__", doc.value())] {
        let name = cx.intern(name);
        Dict::set_str(cx, namespace, name, value)?;
    }
    let name = cx.intern("Generic");
    let bases = cx.tuple(&[]);
    let metaclass = cx.builtin_type(Kind::TYPE);
    types::new_class(cx, metaclass, name, bases, namespace)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_typing", FUNCTIONS);
    for (name, kind) in [
        ("TypeVar", Kind::TYPE_VARIABLE),
        ("ParamSpec", Kind::PARAMETER_SPECIFICATION),
        ("TypeVarTuple", Kind::VARIADIC),
        ("ParamSpecArgs", Kind::PARAMETER_ARGS),
        ("ParamSpecKwargs", Kind::PARAMETER_KWARGS),
        ("TypeAliasType", Kind::TYPE_ALIAS),
        ("Union", Kind::UNION),
    ] {
        let class = cx.builtin_type(kind);
        set(cx, module, name, class.value())?;
    }
    let no_default = generic::no_default(cx);
    set(cx, module, "NoDefault", no_default)?;
    let generic = generic(cx)?;
    set(cx, module, "Generic", generic.value())?;
    Ok(module)
}

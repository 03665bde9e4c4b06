//! `_types`: the built-in types that have no names among the builtins.

use crate::{module_of, set};
use py_object::objects::Module;
use py_object::{Cx, Kind, PyResult};
use vm_heap::Gc;

const TYPES: &[(&str, Kind)] = &[
    ("AsyncGeneratorType", Kind::ASYNC_GENERATOR),
    ("BuiltinFunctionType", Kind::BUILTIN),
    ("BuiltinMethodType", Kind::BUILTIN),
    ("CellType", Kind::CELL),
    ("ClassMethodDescriptorType", Kind::CLASSMETHOD_DESCRIPTOR),
    ("CodeType", Kind::CODE),
    ("CoroutineType", Kind::COROUTINE),
    ("EllipsisType", Kind::ELLIPSIS),
    ("FrameType", Kind::FRAME),
    ("FunctionType", Kind::FUNCTION),
    ("GeneratorType", Kind::GENERATOR),
    ("GenericAlias", Kind::GENERIC_ALIAS),
    ("GetSetDescriptorType", Kind::GETSET_DESCRIPTOR),
    ("LambdaType", Kind::FUNCTION),
    ("MappingProxyType", Kind::MAPPING_PROXY),
    ("MemberDescriptorType", Kind::MEMBER_DESCRIPTOR),
    ("MethodDescriptorType", Kind::METHOD_DESCRIPTOR),
    ("MethodType", Kind::METHOD),
    ("MethodWrapperType", Kind::METHOD_WRAPPER),
    ("ModuleType", Kind::MODULE),
    ("NoneType", Kind::NONE),
    ("NotImplementedType", Kind::NOT_IMPLEMENTED),
    ("SimpleNamespace", Kind::SIMPLE_NAMESPACE),
    ("TracebackType", Kind::TRACEBACK),
    ("UnionType", Kind::UNION),
    ("WrapperDescriptorType", Kind::WRAPPER_DESCRIPTOR),
];

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_types", &[]);
    for (name, kind) in TYPES {
        let class = cx.builtin_type(*kind).value();
        set(cx, module, name, class)?;
    }
    Ok(module)
}

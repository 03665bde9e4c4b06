//! Start-up: layouts, built-in types, namespaces.

use crate::cx::{Cx, NONE};
use crate::kinds::{BUILTIN_TYPES, Kind};
use crate::native::{NativeDefinition, NativeKind, is_slot_name};
use crate::object::{Object, allocate, note_attributes};
use crate::objects::*;
use crate::runtime::Runtime;
use crate::shape::{Shape, ShapeKind, slot_offset};
use crate::types::namespace::Addition;
use crate::types::{self, FINAL};
use vm_heap::{Gc, Layout, LayoutId, Value, declare_layout};

/// Declares the layout of an object.
pub fn declare<T: Object>() {
    declare_layout(T::LAYOUT_ID, T::LAYOUT);
    if T::HAS_ATTRIBUTES {
        note_attributes(T::LAYOUT_ID);
    }
}

/// Declares the layouts of all objects. May run more than once.
pub fn declare_layouts() {
    declare::<Array>();
    declare::<Raw>();
    declare::<Str>();
    declare::<Bytes>();
    declare::<Tuple>();
    declare::<List>();
    declare::<Dict>();
    declare::<Set>();
    declare::<BoxedFloat>();
    declare::<BigInt>();
    declare::<Function>();
    declare::<Code>();
    declare::<Bytecode>();
    declare::<Native>();
    declare::<Method>();
    declare::<Module>();
    declare::<Cell>();
    declare::<GlobalCell>();
    declare::<Generator>();
    declare::<Exception>();
    declare::<Range>();
    declare::<Iterator>();
    declare::<Slice>();
    declare::<Record>();
    declare::<Traceback>();
    declare::<FrameObject>();
    declare::<Type>();
    declare::<Extended>();
    declare::<ByteArray>();
    declare::<types::complex::Complex>();
    declare::<types::memory::MemoryView>();
    declare::<types::proxy::MappingProxy>();
    declare::<types::generic::GenericAlias>();
    declare::<types::generic::Union>();
    declare::<types::generic::TypeParameter>();
    declare::<types::generic::TypeAlias>();
    declare::<types::weak::WeakReference>();
    for slots in 0..=MAX_INLINE_SLOTS {
        let mut values = Instance::LAYOUT.values;
        for slot in 0..slots {
            values |= 1 << (slot_offset(slot) / 8);
        }
        let layout = Layout { name: "Instance", fixed_size: slot_offset(slots) as u32, values, ..Instance::LAYOUT };
        declare_layout(LayoutId(INSTANCE_LAYOUT + slots as u16), layout);
        note_attributes(LayoutId(INSTANCE_LAYOUT + slots as u16));
    }
}

/// Makes the built-in types, without their methods.
pub fn make_types(cx: &mut Cx) {
    crate::iterators::install();
    types::iterators::install();
    let runtime: &'static Runtime = cx.runtime;
    let empty = Dict::new(cx);
    for (kind, name, base) in BUILTIN_TYPES {
        // Bases come before what is derived from them.
        let base = if kind == base { None } else { Some(runtime.builtin_type(*base)) };
        types::new_builtin(cx, *kind, name, base, empty);
    }
    let metaclass = runtime.builtin_type(Kind::TYPE);
    for (kind, ..) in BUILTIN_TYPES {
        types::give_own_shape(runtime.builtin_type(*kind), metaclass);
    }
    for kind in [
        Kind::NONE,
        Kind::BOOL,
        Kind::FUNCTION,
        Kind::BUILTIN,
        Kind::METHOD_DESCRIPTOR,
        Kind::WRAPPER_DESCRIPTOR,
        Kind::METHOD_WRAPPER,
        Kind::CLASSMETHOD_DESCRIPTOR,
        Kind::GETSET_DESCRIPTOR,
        Kind::MEMBER_DESCRIPTOR,
        Kind::MAPPING_PROXY,
        Kind::UNION,
        Kind::WEAK_PROXY,
        Kind::WEAK_CALLABLE_PROXY,
        Kind::METHOD,
        Kind::CELL,
        Kind::CODE,
        Kind::GENERATOR,
        Kind::ELLIPSIS,
        Kind::NOT_IMPLEMENTED,
        Kind::RANGE,
        Kind::SLICE,
        Kind::MEMORYVIEW,
        Kind::DICT_KEYS,
        Kind::DICT_VALUES,
        Kind::DICT_ITEMS,
        Kind::TRACEBACK,
        Kind::FRAME,
        Kind::FRAME_LOCALS_PROXY,
        Kind::COROUTINE,
        Kind::ASYNC_GENERATOR,
        Kind::ASYNC_GENERATOR_SEND,
        Kind::ASYNC_GENERATOR_THROW,
        Kind::COROUTINE_WRAPPER,
        Kind::ANEXT_AWAITABLE,
        Kind::CONSTANT_EVALUATOR,
        Kind::TYPE_VARIABLE,
        Kind::PARAMETER_SPECIFICATION,
        Kind::PARAMETER_ARGS,
        Kind::PARAMETER_KWARGS,
        Kind::VARIADIC,
        Kind::TYPE_ALIAS,
        Kind::NO_DEFAULT,
        Kind::ALIAS_ITERATOR,
        Kind::TEMPLATE,
        Kind::INTERPOLATION,
        Kind::TEMPLATE_ITERATOR,
    ] {
        let class = runtime.builtin_type(kind);
        class.flags.init(class.flags.get() | FINAL);
    }
    let object = runtime.builtin_type(Kind::OBJECT);
    let root = Shape::register(None, object, ShapeKind::Slots, Vec::new(), 0);
    object.instance_shape.init(root.id.0 as u64);
    let builtins = Dict::new_namespace(cx);
    runtime.builtins.set_root(Some(builtins));
    let modules = Dict::new(cx);
    runtime.modules.set_root(Some(modules));
    let empty = Tuple::new(cx, &[]);
    runtime.keep(empty.value());
    let _ = runtime.empty_tuple.set(empty);
}

/// A native function object; `receiver` is the module, the type or the bound receiver.
pub fn new_native(cx: &mut Cx, definition: &'static NativeDefinition, kind: Kind, receiver: Value) -> Gc<Native> {
    // INVARIANT: the interpreter relies on it.
    debug_assert!(kind != Kind::METHOD_DESCRIPTOR || types::as_type(receiver).is_some());
    let native = allocate::<Native>(cx.mutator(), kind.shape());
    native.definition.init(definition as *const NativeDefinition as u64);
    native.receiver.init(receiver);
    native
}

/// What a native is in the namespace of a class.
pub fn descriptor_kind(definition: &NativeDefinition) -> Kind {
    match definition.kind {
        NativeKind::Method if is_slot_name(definition.name) => Kind::WRAPPER_DESCRIPTOR,
        NativeKind::Method | NativeKind::Function => Kind::METHOD_DESCRIPTOR,
        NativeKind::Getter => Kind::GETSET_DESCRIPTOR,
        NativeKind::StaticMethod | NativeKind::Constructor => Kind::BUILTIN,
        NativeKind::ClassMethod => Kind::CLASSMETHOD_DESCRIPTOR,
    }
}

/// Gives a built-in type native methods.
pub fn add_methods(cx: &mut Cx, kind: Kind, definitions: &'static [NativeDefinition]) {
    types::namespace::add(cx, kind, Addition::Methods(definitions));
}

/// Enters native methods of a built-in type into what is its namespace or will be.
pub(crate) fn enter_methods(cx: &mut Cx, class: Gc<Type>, dict: Gc<Dict>, definitions: &'static [NativeDefinition]) {
    let runtime = cx.runtime;
    let is = |kind: Kind| class == runtime.builtin_type(kind);
    for definition in definitions {
        let as_method = match definition.name {
            "__getitem__" => is(Kind::DICT) || is(Kind::LIST),
            "__contains__" => is(Kind::DICT) || is(Kind::SET) || is(Kind::FROZENSET),
            _ => false,
        };
        let native = if as_method { Kind::METHOD_DESCRIPTOR } else { descriptor_kind(definition) };
        let value = new_native(cx, definition, native, class.value()).value();
        let value = match definition.kind {
            NativeKind::StaticMethod => types::records::wrap(cx, Kind::STATICMETHOD, value),
            _ => value,
        };
        let name = cx.intern(definition.name);
        if Dict::set_str(cx, dict, name, value).is_err() {
            unreachable!("names are hashable");
        }
    }
}

/// Makes room for natives in a dict, if it is empty.
fn reserve(cx: &mut Cx, dict: Gc<Dict>, definitions: &[NativeDefinition]) {
    if Dict::reserve(cx, dict, definitions.len() + 5).is_err() {
        cx.take_raised(); // entering them reports it
    }
}

/// Enters native functions into a module's namespace.
pub fn add_functions(cx: &mut Cx, namespace: Gc<Dict>, module: Value, definitions: &'static [NativeDefinition]) {
    reserve(cx, namespace, definitions);
    for definition in definitions {
        let function = new_native(cx, definition, Kind::BUILTIN, module);
        let name = cx.intern(definition.name);
        if Dict::set_str(cx, namespace, name, function.value()).is_err() {
            unreachable!("names are hashable");
        }
    }
}

/// A new module with an empty namespace, not yet in `sys.modules`.
pub fn new_module(cx: &mut Cx, name: &str) -> Gc<Module> {
    let dict = Dict::new_namespace(cx);
    module_with(cx, name, dict)
}

/// A new module with a given namespace of cells.
pub fn module_with(cx: &mut Cx, name: &str, dict: Gc<Dict>) -> Gc<Module> {
    let class = cx.builtin_type(Kind::MODULE);
    let own = Shape::register(None, class, ShapeKind::OneModule, Vec::new(), 0);
    let module = allocate::<Module>(cx.mutator(), own.id);
    module.dict.init(dict);
    let text = Str::new(cx, name);
    let doc = match crate::module_documentation::of_module(name) {
        Some(doc) => Str::new(cx, doc).value(),
        None => NONE,
    };
    for (key, value) in
        [("__name__", text.value()), ("__doc__", doc), ("__package__", NONE), ("__loader__", NONE), ("__spec__", NONE)]
    {
        let key = cx.intern(key);
        if Dict::set_str(cx, dict, key, value).is_err() {
            unreachable!("names are hashable");
        }
    }
    module
}

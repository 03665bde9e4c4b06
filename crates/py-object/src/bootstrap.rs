//! Start-up: layouts, built-in types, namespaces.

use crate::cx::{Cx, NONE};
use crate::kinds::{BUILTIN_TYPES, Kind, shapes};
use crate::native::{NativeDefinition, NativeKind};
use crate::object::{Object, allocate};
use crate::objects::*;
use crate::runtime::Runtime;
use crate::shape::{Shape, ShapeKind, slot_offset};
use crate::types::{self, FINAL};
use std::collections::HashMap;
use vm_heap::{Gc, Layout, LayoutId, Value, declare_layout};

/// Declares the layout of an object.
pub fn declare<T: Object>() {
    declare_layout(T::LAYOUT_ID, T::LAYOUT);
}

/// Declares the layouts of all objects. May run more than once.
pub fn declare_layouts() {
    declare::<Array>();
    declare::<Raw>();
    declare::<Str>();
    declare::<Bytes>();
    declare::<Tuple>();
    declare::<StructSequence>();
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
    for slots in 0..=MAX_INLINE_SLOTS {
        let mut values = Instance::LAYOUT.values;
        for slot in 0..slots {
            values |= 1 << (slot_offset(slot) / 8);
        }
        let layout = Layout { name: "Instance", fixed_size: slot_offset(slots) as u32, values, ..Instance::LAYOUT };
        declare_layout(LayoutId(INSTANCE_LAYOUT + slots as u16), layout);
    }
}

/// Makes the built-in types, without their methods.
pub fn make_types(cx: &mut Cx) {
    let runtime: &'static Runtime = cx.runtime;
    let mut made: HashMap<u32, Gc<Type>> = HashMap::new();
    for (kind, name, base) in BUILTIN_TYPES {
        let base = if kind == base { None } else { Some(made[&(*base as u32)]) };
        let class = types::new_builtin(cx, *kind, name, base);
        made.insert(*kind as u32, class);
    }
    let metaclass = runtime.builtin_type(Kind::TYPE);
    for class in made.values() {
        types::give_own_shape(*class, metaclass);
    }
    for kind in [
        Kind::NONE,
        Kind::BOOL,
        Kind::FUNCTION,
        Kind::BUILTIN,
        Kind::METHOD_DESCRIPTOR,
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
    ] {
        let class = runtime.builtin_type(kind);
        class.flags.init(class.flags.get() | FINAL);
    }
    types::give_second_base(cx, Kind::EXCEPTION_GROUP, Kind::EXCEPTION);
    let object = runtime.builtin_type(Kind::OBJECT);
    let root = Shape::register(None, object, ShapeKind::Slots, Vec::new(), 0);
    object.instance_shape.init(root.id.0 as u64);
    let builtins = Dict::new_namespace(cx);
    runtime.builtins.set_root(Some(builtins));
    let modules = Dict::new(cx);
    runtime.modules.set_root(Some(modules));
}

/// A native function object; `receiver` is the module, the type or the bound receiver.
pub fn new_native(cx: &mut Cx, definition: &'static NativeDefinition, kind: Kind, receiver: Value) -> Gc<Native> {
    let native = allocate::<Native>(cx.mutator(), kind.shape());
    native.definition.init(definition as *const NativeDefinition as u64);
    native.receiver.init(receiver);
    native
}

/// Enters native methods into a built-in type.
pub fn add_methods(cx: &mut Cx, kind: Kind, definitions: &'static [NativeDefinition]) {
    let class = cx.builtin_type(kind);
    for definition in definitions {
        let value = match definition.kind {
            NativeKind::Method | NativeKind::Function => {
                new_native(cx, definition, Kind::METHOD_DESCRIPTOR, class.value()).value()
            }
            NativeKind::Getter => new_native(cx, definition, Kind::GETSET_DESCRIPTOR, class.value()).value(),
            NativeKind::StaticMethod => new_native(cx, definition, Kind::BUILTIN, NONE).value(),
            NativeKind::ClassMethod => {
                let function = new_native(cx, definition, Kind::METHOD_DESCRIPTOR, NONE);
                let record = allocate::<Record>(cx.mutator(), shapes::CLASSMETHOD);
                record.first.init(function.value());
                for field in [&record.second, &record.third, &record.fourth] {
                    field.init(NONE);
                }
                record.value()
            }
        };
        let name = cx.intern(definition.name);
        if Dict::set_str(cx, class.dict.get(), name, value).is_err() {
            unreachable!("names are hashable");
        }
    }
    types::note_change();
}

/// Enters native functions into a module's namespace.
pub fn add_functions(cx: &mut Cx, namespace: Gc<Dict>, module: Value, definitions: &'static [NativeDefinition]) {
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
    for (key, value) in
        [("__name__", text.value()), ("__doc__", NONE), ("__package__", NONE), ("__loader__", NONE), ("__spec__", NONE)]
    {
        let key = cx.intern(key);
        if Dict::set_str(cx, dict, key, value).is_err() {
            unreachable!("names are hashable");
        }
    }
    module
}

//! The native parts of the module's objects: contexts, connections, buffers live outside the heap, each behind an object
//! that the collector frees it with.

use py_object::finalize::set_native_finalizer;
use py_object::objects::Array;
use py_object::{Cx, Kind, downcast, object};
use std::any::Any;
use std::sync::Arc;
use vm_heap::{Gc, Value};

object! {
    /// Holds a native part.
    pub struct NativePart = 820 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// Address of the boxed reference, 0 once it is gone.
        address: usize,
    }
}

type Shared = Arc<dyn Any + Send + Sync>;

/// Declares the layout and what frees the parts.
pub fn install() {
    py_object::bootstrap::declare::<NativePart>();
    set_native_finalizer(Kind::SSL_NATIVE, release);
}

fn release(object: Value) {
    let Some(part) = downcast::<NativePart>(object) else { return };
    let address = part.address.get() as *mut Shared;
    if !address.is_null() {
        part.address.init(0);
        // SAFETY: made by `hold`, and freed once, when nobody has the object any more.
        drop(unsafe { Box::from_raw(address) });
    }
}

/// An object that holds a native part.
pub fn hold<T: Any + Send + Sync>(cx: &mut Cx, native: Arc<T>) -> Value {
    let shared: Shared = native;
    let address = Box::into_raw(Box::new(shared)) as usize;
    let class = cx.builtin_type(Kind::SSL_NATIVE);
    let part = crate::new_object::<NativePart>(cx, class);
    part.address.init(address);
    cx.mutator().register_finalizable(part.value());
    part.value()
}

/// The native part that an object holds, if it is of this type.
pub fn held<T: Any + Send + Sync>(object: Value) -> Option<Arc<T>> {
    let part = downcast::<NativePart>(object)?;
    let address = part.address.get() as *const Shared;
    if address.is_null() {
        return None;
    }
    // SAFETY: the box lives as long as the object, which the caller has.
    let shared = unsafe { &*address };
    Arc::clone(shared).downcast::<T>().ok()
}

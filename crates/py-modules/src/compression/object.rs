//! The objects of the modules: each owns a codec in native memory, which goes with it.

use super::{Codec, Outcome, Pumped, bz2, pump, zlib};
use crate::declare;
use py_object::bootstrap::add_methods;
use py_object::finalize::set_native_finalizer;
use py_object::objects::{Array, Bytes, Type};
use py_object::string::bytes_of;
use py_object::{Cx, Kind, PyResult, downcast, object};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use vm_heap::{Gc, Value};

object! {
    /// A stream.
    pub struct StreamObject = 760 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// Address of the native part, 0 once it is gone.
        native: usize,
        /// Whether the end of the stream was reached.
        ended: u64,
        /// Whether more input is needed before more output can come.
        hungry: u64,
        /// Input behind the end of the stream.
        unused: Value,
        /// Input that is yet to be used.
        pending: Value,
        /// The dictionary or None.
        dictionary: Value,
    }
}

/// The native part; without a codec once the stream has no use for it.
struct Native(Mutex<Option<Box<dyn Codec>>>);

/// How many codecs there are. They may be large, and the collector does not see them: it is called when there are many.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static LIVE_LIMIT: AtomicUsize = AtomicUsize::new(LOWEST_LIMIT);
const LOWEST_LIMIT: usize = 256;

/// A new stream of a class.
pub fn new_stream(
    cx: &mut Cx,
    class: Gc<Type>,
    codec: Box<dyn Codec>,
    dictionary: Value,
) -> PyResult<Gc<StreamObject>> {
    let native = Box::into_raw(Box::new(Native(Mutex::new(Some(codec))))) as usize;
    if LIVE.fetch_add(1, Relaxed) >= LIVE_LIMIT.load(Relaxed) {
        // Most streams are young when they die; the old ones are worth the time only where that does not help.
        py_object::finalize::collect(cx, false);
        if 2 * LIVE.load(Relaxed) >= LIVE_LIMIT.load(Relaxed) {
            py_object::finalize::collect(cx, true);
        }
        LIVE_LIMIT.store((2 * LIVE.load(Relaxed)).max(LOWEST_LIMIT), Relaxed);
    }
    let empty = Bytes::checked(cx, &[])?.value();
    let stream = crate::new_object::<StreamObject>(cx, class);
    stream.native.init(native);
    stream.hungry.init(1);
    stream.unused.init(empty);
    stream.pending.init(empty);
    stream.dictionary.init(dictionary);
    cx.mutator().register_finalizable(stream.value());
    Ok(stream)
}

fn release(object: Value) {
    let Some(stream) = downcast::<StreamObject>(object) else { return };
    let native = stream.native.get() as *mut Native;
    if !native.is_null() {
        stream.native.init(0);
        // SAFETY: made by `new_stream`, and freed once, when nobody has the object any more.
        let native = unsafe { Box::from_raw(native) };
        if native.0.into_inner().unwrap_or_else(PoisonError::into_inner).is_some() {
            LIVE.fetch_sub(1, Relaxed);
        }
    }
}

/// Works with the codec of a stream, in the native state. `None` where it is gone.
pub fn with_codec<R>(
    cx: &mut Cx,
    stream: Gc<StreamObject>,
    body: impl FnOnce(&mut Option<Box<dyn Codec>>) -> R,
) -> Option<R> {
    let native = stream.native.get() as *const Native;
    if native.is_null() {
        return None;
    }
    // SAFETY: the native part lives as long as the object, which the caller holds.
    let native = unsafe { &*native };
    Some(cx.mutator().native(|| {
        let mut codec = native.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_there = codec.is_some();
        let result = body(&mut codec);
        if was_there && codec.is_none() {
            LIVE.fetch_sub(1, Relaxed);
        }
        result
    }))
}

/// Pumps input through the codec of a stream; `None` where it is gone. At the end of the stream the codec is dropped if
/// `drop_at_end` says so.
pub fn pump_stream(
    cx: &mut Cx,
    stream: Gc<StreamObject>,
    input: Gc<Bytes>,
    action: i32,
    limit: Option<usize>,
    drop_at_end: bool,
) -> Option<Pumped> {
    with_codec(cx, stream, |codec| {
        let pumped = pump(codec.as_deref_mut()?, bytes_of(&input), action, limit);
        if drop_at_end && pumped.outcome == Outcome::End {
            *codec = None;
        }
        Some(pumped)
    })?
}

/// A bytes object in a field of a stream.
pub fn bytes_in(value: Value) -> &'static [u8] {
    match downcast::<Bytes>(value) {
        // SAFETY: the stream keeps the object, and callers copy before they run anything that could change the field.
        Some(bytes) => unsafe { std::slice::from_raw_parts(bytes_of(&bytes).as_ptr(), bytes_of(&bytes).len()) },
        None => &[],
    }
}

/// The limit that a `max_length` argument means: negative ones mean none.
pub fn limit(length: i64) -> Option<usize> {
    usize::try_from(length).ok()
}

/// Gives the classes their methods.
pub fn install(cx: &mut Cx) {
    declare::<StreamObject>();
    for (kind, methods) in [
        (Kind::ZLIB_COMPRESS, zlib::COMPRESS_METHODS),
        (Kind::ZLIB_DECOMPRESS, zlib::DECOMPRESS_METHODS),
        (Kind::ZLIB_DECOMPRESSOR, zlib::DECOMPRESSOR_METHODS),
        (Kind::BZ2_COMPRESSOR, bz2::BZ2_COMPRESSOR_METHODS),
        (Kind::BZ2_DECOMPRESSOR, bz2::BZ2_DECOMPRESSOR_METHODS),
    ] {
        add_methods(cx, kind, methods);
        set_native_finalizer(kind, release);
    }
    for kind in [
        Kind::ZLIB_COMPRESS,
        Kind::ZLIB_DECOMPRESS,
        Kind::ZLIB_DECOMPRESSOR,
        Kind::BZ2_COMPRESSOR,
        Kind::BZ2_DECOMPRESSOR,
    ] {
        crate::make_final(cx, kind);
    }
}

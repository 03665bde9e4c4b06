//! `memoryview`: memory of other objects, as items of a format in any number of dimensions.
//!
//! A view knows where its first item lies and, for each dimension, the number of items and their distance. Sub-views
//! share the memory. While a view is not released, the exporter is held (see `buffer::Exporter`); a view that becomes
//! unreachable is released by its finalizer.

pub(crate) mod items;
mod methods;

pub use methods::MEMORYVIEW_METHODS;

use crate::buffer::{self, Exported};
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::{Kind, shapes};
use crate::object;
use crate::object::allocate;
use crate::objects::{Array, ByteArray, Bytes, Str, Tuple};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast, payload};
use crate::types::{self, bytearray, class_name, int};
use vm_heap::{Gc, Value};

object! {
    /// A memoryview.
    pub struct MemoryView = 355 {
        /// Version word.
        word: u64,
        /// No attributes; the class has no subclasses.
        attributes: Option<Gc<Array>>,
        /// Whose memory it is.
        exporter: Value,
        /// The heap object that the memory belongs to.
        owner: Value,
        /// Address of the first item.
        start: u64,
        /// Bytes of an item.
        item_size: Value,
        /// Format of an item.
        format: Value,
        /// Tuple: number of items by dimension.
        shape: Value,
        /// Tuple: distance of items in bytes by dimension.
        strides: Value,
        /// Whether it may not be written.
        readonly: bool,
        /// Whether it may not be used any more.
        released: bool,
        /// Whether the exporter need not know of it any more: see [`let_go_of_unreached`].
        let_go: bool,
        /// The view that the exporter's `__buffer__` gave, or None.
        lent: Value,
        /// Hash, or UNBOUND while unknown.
        hash: Value,
        /// How many operations use it at present, so that it must not be released.
        users: usize,
    }
}

/// `inspect.BufferFlags.SIMPLE`: memory to read.
pub const READ: i64 = 0;
/// `inspect.BufferFlags.WRITABLE`.
pub const WRITE: i64 = 1;
/// `inspect.BufferFlags.FULL_RO`: what a memoryview asks for.
const FULL_READ: i64 = 0x11c;

/// What a view shows.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Address of the first item.
    pub start: usize,
    /// Bytes of an item.
    pub item_size: usize,
    /// Format of an item.
    pub format: Gc<Str>,
    /// Items by dimension.
    pub shape: Vec<i64>,
    /// Distances by dimension.
    pub strides: Vec<i64>,
}

fn numbers(tuple: Value) -> Vec<i64> {
    let tuple = downcast::<Tuple>(tuple);
    tuple.as_ref().map_or(&[][..], tuple_items).iter().map(|item| item.as_int()).collect()
}

fn as_tuple(cx: &mut Cx, numbers: &[i64]) -> Value {
    let values: Vec<Value> = numbers.iter().map(|number| Value::int(*number)).collect();
    cx.tuple(&values)
}

/// Distances of items that lie one behind the other, the last dimension innermost.
pub(crate) fn packed_strides(shape: &[i64], item_size: usize) -> Vec<i64> {
    let mut strides = vec![0; shape.len()];
    let mut distance = item_size as i64;
    for (stride, count) in strides.iter_mut().zip(shape).rev() {
        *stride = distance;
        distance *= count;
    }
    strides
}

/// The layout of a view.
pub(crate) fn layout(view: Gc<MemoryView>) -> Layout {
    Layout {
        start: view.start.get() as usize,
        item_size: view.item_size.get().as_int() as usize,
        format: downcast::<Str>(view.format.get()).expect("a format is text"),
        shape: numbers(view.shape.get()),
        strides: numbers(view.strides.get()),
    }
}

impl Layout {
    /// Number of items.
    pub fn count(&self) -> usize {
        self.shape.iter().product::<i64>() as usize
    }

    /// Bytes of all items.
    pub fn length(&self) -> usize {
        self.count() * self.item_size
    }

    /// Whether the items lie one behind the other in the order of the indices.
    pub fn is_packed(&self) -> bool {
        let packed = packed_strides(&self.shape, self.item_size);
        self.count() <= 1 || self.shape.iter().zip(&self.strides).zip(packed).all(|((n, a), b)| *n == 1 || *a == b)
    }

    /// Whether they lie one behind the other with the first index running fastest.
    pub fn is_packed_backwards(&self) -> bool {
        let mut distance = self.item_size as i64;
        self.count() <= 1
            || self.shape.iter().zip(&self.strides).all(|(count, stride)| {
                let fits = *count == 1 || *stride == distance;
                distance *= count;
                fits
            })
    }

    /// Addresses of all items in the order of the indices.
    pub fn addresses(&self) -> Vec<usize> {
        let mut all = vec![self.start];
        for (count, stride) in self.shape.iter().zip(&self.strides) {
            all =
                all.iter().flat_map(|base| (0..*count).map(move |at| (*base as i64 + at * stride) as usize)).collect();
        }
        all
    }

    /// A copy of all items in the order of the indices.
    pub fn bytes(&self) -> Vec<u8> {
        let mut result = Vec::with_capacity(self.length());
        if self.is_packed() {
            // SAFETY: the memory of the view has this many bytes in one piece; the view keeps it alive.
            result.extend_from_slice(unsafe { items::memory(self.start, self.length()) });
            return result;
        }
        for address in self.addresses() {
            // SAFETY: an item of the view.
            result.extend_from_slice(unsafe { items::memory(address, self.item_size) });
        }
        result
    }
}

/// ValueError where a view has been released.
pub fn check_released(cx: &mut Cx, view: Gc<MemoryView>) -> PyResult<()> {
    if view.released.get() {
        return Err(cx.value_error("operation forbidden on released memoryview object"));
    }
    Ok(())
}

/// The memory of a view, if it lies in one piece.
pub(crate) fn export(view: Gc<MemoryView>) -> Option<Exported> {
    if view.released.get() {
        return None;
    }
    let layout = layout(view);
    let (owner, start, readonly) = (view.owner.get(), layout.start as *mut u8, view.readonly.get());
    layout.is_packed().then(|| Exported { owner, start, length: layout.length(), readonly, item_size: 1, format: "B" })
}

/// A copy of what a view shows.
pub fn to_bytes(cx: &mut Cx, view: Gc<MemoryView>) -> PyResult<Gc<Bytes>> {
    let bytes = layout(view).bytes();
    Bytes::checked(cx, &bytes)
}

/// Tells an exporter that a view of it is made or released.
fn hold(cx: &mut Cx, exporter: Value, held: bool) {
    if let Some(array) = downcast::<ByteArray>(exporter) {
        bytearray::hold(array, held);
    } else if let Some(hold) = buffer::exporter_of(payload(exporter)).and_then(|exporter| exporter.hold) {
        hold(cx, exporter, held);
    }
}

/// Collects, and tells the exporters of views that nothing refers to, unless it be a native stack, that these are gone. What calls have
/// left in the stack often refers to dead views; a native that does work on such a view goes on seeing the memory that it shows.
pub fn let_go_of_unreached(cx: &mut Cx, full: bool) {
    // They are alive after the collection, and nothing below collects.
    let mut unreached = Vec::new();
    let frames = crate::frames::registers_of_all(cx);
    cx.mutator().collect_telling(full, &frames, &mut |object| {
        unreached.extend(downcast::<MemoryView>(object).filter(may_be_let_go));
    });
    for view in unreached {
        let_go(cx, view);
    }
}

/// The same of the views that no object and no frame names by their address. After a full collection that leaves views to
/// whose inside some word happens to point: one in a register that has not been written yet, of an object that lay there before.
pub fn let_go_of_unnamed(cx: &mut Cx) {
    let mut unnamed = std::collections::HashSet::new();
    cx.mutator().for_each_finalizable(false, &mut |object| {
        if downcast::<MemoryView>(object).is_some_and(|view| may_be_let_go(&view)) {
            unnamed.insert(object.bits());
        }
    });
    let runtime = cx.runtime;
    let frames = || {
        let mut frames = Vec::new();
        runtime.for_each_thread(&mut |thread| frames.append(&mut crate::frames::registers_of_all(thread)));
        frames
    };
    cx.mutator().for_each_name(frames, |word| {
        unnamed.remove(&word);
    });
    for bits in unnamed {
        if let Some(view) = downcast::<MemoryView>(Value::from_bits(bits)) {
            let_go(cx, view);
        }
    }
}

/// Whether a view still holds its exporter, and no native has lent its memory on.
fn may_be_let_go(view: &Gc<MemoryView>) -> bool {
    view.users.get() == 0 && !view.released.get() && !view.let_go.get()
}

fn let_go(cx: &mut Cx, view: Gc<MemoryView>) {
    view.let_go.init(true);
    hold(cx, view.exporter.get(), false);
}

fn needs_release(exporter: Value, lent: Value) -> bool {
    lent != NONE
        || downcast::<ByteArray>(exporter).is_some()
        || buffer::exporter_of(payload(exporter)).is_some_and(|exporter| exporter.hold.is_some())
}

/// A new view of the memory of `exporter` with this layout.
pub(crate) fn with_layout(
    cx: &mut Cx,
    exporter: Value,
    owner: Value,
    layout: &Layout,
    readonly: bool,
    lent: Value,
) -> Gc<MemoryView> {
    let shape = as_tuple(cx, &layout.shape);
    let strides = as_tuple(cx, &layout.strides);
    let view = allocate::<MemoryView>(cx.mutator(), shapes::MEMORYVIEW);
    view.exporter.init(exporter);
    view.owner.init(owner);
    view.start.init(layout.start as u64);
    view.item_size.init(Value::int(layout.item_size as i64));
    view.format.init(layout.format.value());
    view.shape.init(shape);
    view.strides.init(strides);
    view.readonly.init(readonly);
    view.released.init(false);
    view.let_go.init(false);
    view.lent.init(lent);
    view.hash.init(UNBOUND);
    hold(cx, exporter, true);
    if needs_release(exporter, lent) {
        cx.mutator().register_finalizable(view.value());
    }
    view
}

/// A view that shows the memory of another one in another way.
pub(crate) fn derived(cx: &mut Cx, view: Gc<MemoryView>, layout: &Layout) -> Gc<MemoryView> {
    with_layout(cx, view.exporter.get(), view.owner.get(), layout, view.readonly.get(), NONE)
}

/// `memoryview(object)`.
pub fn of(cx: &mut Cx, object: Value) -> PyResult<Gc<MemoryView>> {
    if let Some(view) = downcast::<MemoryView>(object) {
        check_released(cx, view)?;
        let layout = layout(view);
        return Ok(derived(cx, view, &layout));
    }
    if let Some(exported) = buffer::export(object) {
        let format = cx.intern(exported.format);
        let layout = Layout {
            start: exported.start as usize,
            item_size: exported.item_size,
            format,
            shape: vec![(exported.length / exported.item_size) as i64],
            strides: vec![exported.item_size as i64],
        };
        return Ok(with_layout(cx, object, exported.owner, &layout, exported.readonly, NONE));
    }
    match buffer::python_buffer(cx, object, FULL_READ)? {
        Some(view) => Ok(view),
        None => {
            let message = format!("memoryview: a bytes-like object is required, not '{}'", class_name(cx, object));
            Err(cx.type_error(message))
        }
    }
}

/// `object.__buffer__(flags)` of a built-in object.
pub(crate) fn with_flags(cx: &mut Cx, object: Value, flags: i64) -> PyResult {
    let view = of(cx, object)?;
    if flags & WRITE != 0 && view.readonly.get() {
        return Err(cx.raise(Kind::BUFFER_ERROR, "Object is not writable."));
    }
    Ok(view.value())
}

/// A view of what the `__buffer__` of `object` gave as `lent`; it gives that back when it is released.
pub(crate) fn lent_by(cx: &mut Cx, lent: Gc<MemoryView>, object: Value) -> PyResult<Gc<MemoryView>> {
    let layout = layout(lent);
    Ok(with_layout(cx, object, lent.owner.get(), &layout, lent.readonly.get(), lent.value()))
}

/// Keeps a view from being released by Python code that an operation calls.
pub(crate) struct InUse(Gc<MemoryView>);

impl InUse {
    pub(crate) fn new(view: Gc<MemoryView>) -> InUse {
        let _locked = vm_stm::lock(&view.word);
        view.users.init(view.users.get() + 1);
        InUse(view)
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let _locked = vm_stm::lock(&self.0.word);
        self.0.users.init(self.0.users.get() - 1);
    }
}

/// `view.release()`.
pub fn release(cx: &mut Cx, view: Gc<MemoryView>) -> PyResult<()> {
    if view.users.get() > 0 {
        let (count, plural) = (view.users.get(), if view.users.get() == 1 { "" } else { "s" });
        return Err(cx.raise(Kind::BUFFER_ERROR, format!("memoryview has {count} exported buffer{plural}")));
    }
    {
        let _locked = vm_stm::lock(&view.word);
        if view.released.get() {
            return Ok(());
        }
        view.released.init(true);
    }
    let exporter = view.exporter.get();
    if !view.let_go.get() {
        hold(cx, exporter, false);
    }
    if let Some(lent) = downcast::<MemoryView>(view.lent.get()) {
        if !lent.released.get()
            && let Some(hook) = types::lookup_special(cx, exporter, "__release_buffer__")
        {
            call::call_special(cx, hook, exporter, &[lent.value()], None)?;
        }
        release(cx, lent)?;
    }
    Ok(())
}

/// `object.__release_buffer__(view)` of a built-in object.
pub(crate) fn release_lent(cx: &mut Cx, object: Value, buffer: Value) -> PyResult<()> {
    let Some(view) = downcast::<MemoryView>(buffer) else {
        return Err(cx.type_error("expected a memoryview object"));
    };
    if view.released.get() {
        return Err(cx.value_error("memoryview's buffer has already been released"));
    }
    if view.exporter.get() != object {
        return Err(cx.value_error("memoryview's buffer is not this object"));
    }
    release(cx, view)
}

/// The view of a finalizer that has become unreachable.
pub(crate) fn finalize(cx: &mut Cx, object: Value) -> bool {
    let Some(view) = downcast::<MemoryView>(object) else { return false };
    if release(cx, view).is_err() {
        crate::finalize::unraisable(cx, "Exception ignored in", object);
    }
    true
}

/// `view.cast(format, shape)`.
pub(crate) fn cast(cx: &mut Cx, view: Gc<MemoryView>, format: Gc<Str>, shape: Value) -> PyResult<Gc<MemoryView>> {
    let old = layout(view);
    if !old.is_packed() {
        return Err(cx.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    if (shape != UNBOUND || old.shape.len() != 1) && old.shape.contains(&0) {
        return Err(cx.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let wanted = shape_argument(cx, shape)?;
    if let Some(wanted) = &wanted
        && old.shape.len() != 1
        && wanted.len() != 1
    {
        return Err(cx.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let (text, old_text) = (format.to_text(), old.format.to_text());
    let Some(item) = items::Item::of(&text) else {
        let message = "memoryview: destination format must be a native single character format prefixed with an \
                       optional '@'";
        return Err(cx.value_error(message));
    };
    let Some(old_item) = items::Item::of(&old_text) else {
        let message =
            "memoryview: source format must be a native single character format prefixed with an optional '@'";
        return Err(cx.value_error(message));
    };
    if !item.is_byte() && !old_item.is_byte() {
        return Err(cx.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let (length, size) = (old.length(), item.size());
    if !length.is_multiple_of(size) {
        return Err(cx.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let shape = wanted.unwrap_or_else(|| vec![(length / size) as i64]);
    let product = shape.iter().try_fold(size as i64, |product, count| product.checked_mul(*count));
    if product != Some(length as i64) {
        return Err(cx.type_error("memoryview: product(shape) * itemsize != buffer size"));
    }
    let strides = packed_strides(&shape, size);
    let layout = Layout { start: old.start, item_size: size, format, shape, strides };
    Ok(derived(cx, view, &layout))
}

fn shape_argument(cx: &mut Cx, shape: Value) -> PyResult<Option<Vec<i64>>> {
    if shape == UNBOUND {
        return Ok(None);
    }
    if !types::is_instance(cx, shape, Kind::LIST) && !types::is_instance(cx, shape, Kind::TUPLE) {
        return Err(cx.type_error("shape must be a list or a tuple"));
    }
    let sequence = types::tuple::from_iterable(cx, shape)?;
    if tuple_items(&sequence).len() > 64 {
        return Err(cx.value_error("memoryview: number of dimensions must not exceed 64"));
    }
    let mut numbers = Vec::new();
    for item in tuple_items(&sequence) {
        if !int::is_int(*item) {
            return Err(cx.type_error("memoryview.cast(): elements of shape must be integers"));
        }
        match int::as_i64(*item) {
            Some(count) if count > 0 => numbers.push(count),
            _ => return Err(cx.value_error("memoryview.cast(): elements of shape must be integers > 0")),
        }
    }
    Ok(Some(numbers))
}

//! The named methods of `deque`.

use super::{Deque, End, clear, copy, extend, item, length, pop, push, remove_at, reverse, rotate};
use py_macros::py_methods;
use py_object::arguments::SliceIndex;
use py_object::objects::Type;
use py_object::{Cx, Kind, NONE, PyResult, Raised, UNBOUND, operations};
use vm_heap::{Gc, Value};

/// RuntimeError of a deque that changed while something ran over it.
#[cold]
pub fn mutated(cx: &mut Cx) -> Raised {
    cx.raise(Kind::RUNTIME_ERROR, "deque mutated during iteration")
}

/// Position of the first item equal to a value within bounds; `changed` makes the error of a change meanwhile.
pub fn find(
    cx: &mut Cx,
    deque: Gc<Deque>,
    value: Value,
    from: usize,
    to: usize,
    changed: fn(&mut Cx) -> Raised,
) -> PyResult<Option<usize>> {
    let changes = deque.changes.get();
    let mut at = from;
    while at < to
        && let Some(candidate) = item(deque, at)
    {
        let equal = operations::equal(cx, candidate, value)?;
        if equal {
            return Ok(Some(at));
        }
        if deque.changes.get() != changes {
            return Err(changed(cx));
        }
        at += 1;
    }
    Ok(None)
}

/// The limit that `maxlen` means.
fn limit_of(cx: &mut Cx, maxlen: Value) -> PyResult<usize> {
    if maxlen == NONE || maxlen == UNBOUND {
        return Ok(usize::MAX);
    }
    if !py_object::types::int::is_int(maxlen) {
        return Err(cx.type_error("an integer is required"));
    }
    let Some(limit) = py_object::types::int::as_i64(maxlen) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C ssize_t"));
    };
    match usize::try_from(limit) {
        Ok(limit) => Ok(limit),
        Err(_) => Err(cx.value_error("maxlen must be non-negative")),
    }
}

/// The methods.
pub struct Methods;

#[py_methods(DEQUE, name = "deque")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: py_object::arguments::Keywords<'_>,
    ) -> PyResult<Gc<Deque>> {
        super::new(cx, class, usize::MAX)
    }
    /// Initialize self.
    #[method(error_name = "deque", signature = "($self, iterable=(), maxlen=None)")]
    fn __init__(
        cx: &mut Cx,
        this: Gc<Deque>,
        #[keyword]
        #[default(UNBOUND)]
        iterable: Value,
        #[keyword]
        #[default(NONE)]
        maxlen: Value,
    ) -> PyResult<()> {
        let limit = limit_of(cx, maxlen)?;
        this.limit.init(limit);
        if length(this) != 0 {
            clear(cx, this)?;
        }
        if iterable != UNBOUND {
            extend(cx, this, End::Right, iterable)?;
        }
        Ok(())
    }
    /// Add an element to the right side of the deque.
    #[method]
    fn append(cx: &mut Cx, this: Gc<Deque>, item: Value) -> PyResult<()> {
        push(cx, this, End::Right, item)
    }
    /// Add an element to the left side of the deque.
    #[method]
    fn appendleft(cx: &mut Cx, this: Gc<Deque>, item: Value) -> PyResult<()> {
        push(cx, this, End::Left, item)
    }
    /// Remove and return the rightmost element.
    #[method]
    fn pop(cx: &mut Cx, this: Gc<Deque>) -> PyResult {
        pop(this, End::Right).ok_or_else(|| cx.raise(Kind::INDEX_ERROR, "pop from an empty deque"))
    }
    /// Remove and return the leftmost element.
    #[method]
    fn popleft(cx: &mut Cx, this: Gc<Deque>) -> PyResult {
        pop(this, End::Left).ok_or_else(|| cx.raise(Kind::INDEX_ERROR, "pop from an empty deque"))
    }
    /// Extend the right side of the deque with elements from the iterable.
    #[method]
    fn extend(cx: &mut Cx, this: Gc<Deque>, iterable: Value) -> PyResult<()> {
        extend(cx, this, End::Right, iterable)
    }
    /// Extend the left side of the deque with elements from the iterable.
    #[method]
    fn extendleft(cx: &mut Cx, this: Gc<Deque>, iterable: Value) -> PyResult<()> {
        extend(cx, this, End::Left, iterable)
    }
    /// Remove all elements from the deque.
    #[method]
    fn clear(cx: &mut Cx, this: Gc<Deque>) -> PyResult<()> {
        clear(cx, this)
    }
    /// Rotate the deque n steps to the right. If n is negative, rotates left.
    #[method]
    fn rotate(cx: &mut Cx, this: Gc<Deque>, #[default(1)] n: i64) {
        rotate(cx, this, n);
    }
    /// Reverse *IN PLACE*.
    #[method]
    fn reverse(cx: &mut Cx, this: Gc<Deque>) {
        reverse(cx, this);
    }
    /// Return number of occurrences of value.
    #[method]
    fn count(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult<usize> {
        let changes = this.changes.get();
        let (mut count, mut at) = (0, 0);
        while let Some(candidate) = item(this, at) {
            count += usize::from(operations::equal(cx, candidate, value)?);
            if this.changes.get() != changes {
                return Err(mutated(cx));
            }
            at += 1;
        }
        Ok(count)
    }
    /// Return first index of value; ValueError if the value is not present.
    #[method(signature = "($self, value, [start, [stop]])")]
    fn index(
        cx: &mut Cx,
        this: Gc<Deque>,
        value: Value,
        #[default(UNBOUND)] start: Value,
        #[default(UNBOUND)] stop: Value,
    ) -> PyResult<usize> {
        let mut bounds = [SliceIndex(0), SliceIndex(i64::MAX)];
        for (bound, given) in bounds.iter_mut().zip([start, stop]) {
            if given != UNBOUND {
                let Some(int) = py_object::types::int::try_index(cx, given)? else {
                    return Err(cx.type_error("slice indices must be integers or have an __index__ method"));
                };
                *bound = SliceIndex(py_object::types::int::clamped(int));
            }
        }
        let length = length(this);
        let [from, to] = bounds.map(|bound| bound.resolve(length));
        match find(cx, this, value, from, to, mutated)? {
            Some(at) => Ok(at),
            None => Err(cx.value_error("deque.index(x): x not in deque")),
        }
    }
    /// Insert value before index.
    #[method]
    fn insert(cx: &mut Cx, this: Gc<Deque>, index: i64, value: Value) -> PyResult<()> {
        let count = length(this);
        if count == this.limit.get() {
            return Err(cx.raise(Kind::INDEX_ERROR, "deque already at its maximum size"));
        }
        let at = SliceIndex(index).resolve(count);
        if at == count {
            return push(cx, this, End::Right, value);
        }
        rotate(cx, this, -(at as i64));
        push(cx, this, End::Left, value)?;
        rotate(cx, this, at as i64);
        Ok(())
    }
    /// Remove first occurrence of value.
    #[method]
    fn remove(cx: &mut Cx, this: Gc<Deque>, value: Value) -> PyResult<()> {
        let changed = |cx: &mut Cx| cx.raise(Kind::INDEX_ERROR, "deque mutated during iteration");
        let changes = this.changes.get();
        let found = find(cx, this, value, 0, length(this), changed)?;
        match found {
            Some(_) if this.changes.get() != changes => {
                Err(cx.raise(Kind::INDEX_ERROR, "deque mutated during remove()."))
            }
            Some(at) => {
                remove_at(cx, this, at);
                Ok(())
            }
            None => Err(cx.value_error("deque.remove(x): x not in deque")),
        }
    }
    /// Return a shallow copy of a deque.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<Deque>) -> PyResult {
        copy(cx, this)
    }
    /// Return a shallow copy of a deque.
    #[method]
    fn __copy__(cx: &mut Cx, this: Gc<Deque>) -> PyResult {
        copy(cx, this)
    }
    /// maximum size of a deque or None if unbounded
    #[getter]
    fn maxlen(this: Gc<Deque>) -> Option<usize> {
        match this.limit.get() {
            usize::MAX => None,
            limit => Some(limit),
        }
    }
    /// See PEP 585.
    #[classmethod]
    fn __class_getitem__(cx: &mut Cx, class: Value, item: Value) -> PyResult {
        crate::generic_alias(cx, class, item)
    }
}

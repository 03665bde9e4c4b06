//! Sorting: stable, adaptive to runs, tolerant of comparisons that raise or lie.
//!
//! What is sorted is a permutation of positions, so that a comparison may run any Python code: the keys lie in an array
//! of the Python heap that nobody else can change. Keys that are all small ints, all floats or all plain strings are
//! compared without asking their class. Merging follows Munro and Wild's powersort, as CPython's does since 3.11.

use crate::cx::{Cx, PyResult};
use crate::kinds::Kind;
use crate::objects::{Array, List, Str, Tuple};
use crate::operations::{self, Comparison};
use crate::sequence::{elements, tuple_items};
use crate::string::{StrExt, downcast};
use crate::{call, types};
use vm_heap::{Gc, Value};

/// Runs shorter than this are extended by insertion.
const SHORTEST_RUN: usize = 32;

/// `list.sort(key=key, reverse=reverse)`. The list is empty meanwhile; ValueError if somebody changes it.
pub fn sort(cx: &mut Cx, list: Gc<List>, key: Option<Value>, reverse: bool) -> PyResult<()> {
    if key.is_none() && !vm_stm::is_concurrent() && sort_in_place(list, reverse) {
        return Ok(());
    }
    let empty = Array::checked(cx, 0)?;
    let (items, length) = {
        let _locked = vm_stm::lock(&list.word);
        let taken = (list.items.get(), super::length(list));
        list.length.init(Value::int(0));
        list.items.set_release(cx.mutator(), list, empty);
        taken
    };
    let sorted = sorted_storage(cx, items, length, key, reverse);
    let untouched = list.items.get() == empty && super::length(list) == 0;
    {
        let _locked = vm_stm::lock(&list.word);
        super::publish(cx, list, sorted.unwrap_or(items), length);
    }
    sorted?;
    if untouched { Ok(()) } else { Err(cx.value_error("list modified during sort")) }
}

/// Most items that are sorted on the native stack.
const ON_STACK: usize = 64;

/// Sorts the items of a list that need no special methods for it; false, with nothing done, where some do. Nothing else may
/// run meanwhile.
fn sort_in_place(list: Gc<List>, reverse: bool) -> bool {
    let (items, length) = List::snapshot(&list);
    let fields = &elements(&items)[..length];
    let (mut few, mut many) = ([Value::int(0); ON_STACK], Vec::new());
    let values = match few.get_mut(..length) {
        Some(few) => few,
        None => {
            many.resize(length, Value::int(0));
            &mut many[..]
        }
    };
    for (value, field) in values.iter_mut().zip(fields) {
        *value = field.get();
    }
    let Some(order) = simple_order(values) else { return false };
    if values.is_sorted_by(|lhs, rhs| order(lhs, rhs).is_le()) && !reverse {
        return true;
    }
    if reverse {
        // Equal items keep their order: sort backwards, then turn round.
        values.reverse();
    }
    values.sort_by(order);
    if reverse {
        values.reverse();
    }
    // The array holds what it held before, so the collector need not know.
    for (field, value) in fields.iter().zip(values) {
        field.init(*value);
    }
    true
}

type Order = fn(&Value, &Value) -> std::cmp::Ordering;

/// How values of one kind are ordered without special methods.
fn simple_order(values: &[Value]) -> Option<Order> {
    let first = *values.first()?;
    if first.is_int() {
        return values.iter().all(|value| value.is_int()).then_some(|lhs, rhs| lhs.as_int().cmp(&rhs.as_int()));
    }
    if first.is_float() {
        // Self-tagged floats are never NaN.
        let all = values.iter().all(|value| value.is_float());
        return all
            .then_some(|lhs, rhs| lhs.as_float().partial_cmp(&rhs.as_float()).unwrap_or(std::cmp::Ordering::Equal));
    }
    if types::is_exactly(first, Kind::STR) {
        let all = values.iter().all(|value| types::is_exactly(*value, Kind::STR));
        return all.then_some(|lhs, rhs| match (downcast::<Str>(*lhs), downcast::<Str>(*rhs)) {
            (Some(lhs), Some(rhs)) => lhs.bytes().cmp(rhs.bytes()),
            _ => std::cmp::Ordering::Equal,
        });
    }
    None
}

fn sorted_storage(
    cx: &mut Cx,
    items: Gc<Array>,
    length: usize,
    key: Option<Value>,
    reverse: bool,
) -> PyResult<Gc<Array>> {
    let keys = match key {
        None => items,
        Some(key) => {
            let keys = Array::checked(cx, length)?;
            for at in 0..length {
                let value = call::call(cx, key, &[elements(&items)[at].get()], None)?;
                elements(&keys)[at].set(cx.mutator(), keys, value);
            }
            keys
        }
    };
    let mut order: Vec<u32> = (0..length as u32).collect();
    if reverse {
        // Equal items keep their order: sort backwards, then turn round.
        order.reverse();
    }
    sort_positions(cx, keys, length, &mut order)?;
    if reverse {
        order.reverse();
    }
    let result = Array::checked(cx, elements(&items).len().max(length))?;
    for (to, from) in order.iter().enumerate() {
        elements(&result)[to].set(cx.mutator(), result, elements(&items)[*from as usize].get());
    }
    Ok(result)
}

fn sort_positions(cx: &mut Cx, keys: Gc<Array>, length: usize, order: &mut [u32]) -> PyResult<()> {
    let keys_slice = &elements(&keys)[..length];
    let all = |test: fn(Value) -> bool| keys_slice.iter().all(|key| test(key.get()));
    if all(Value::is_int) {
        order.sort_by_key(|at| keys_slice[*at as usize].get().as_int());
        return Ok(());
    }
    // Self-tagged floats are never NaN.
    if all(Value::is_float) {
        let number = |at: &u32| keys_slice[*at as usize].get().as_float();
        order.sort_by(|lhs, rhs| number(lhs).partial_cmp(&number(rhs)).unwrap_or(std::cmp::Ordering::Equal));
        return Ok(());
    }
    if all(|key| types::is_exactly(key, Kind::STR)) {
        let text = |at: &u32| downcast::<Str>(keys_slice[*at as usize].get());
        order.sort_by(|lhs, rhs| match (text(lhs), text(rhs)) {
            (Some(lhs), Some(rhs)) => lhs.bytes().cmp(rhs.bytes()),
            _ => std::cmp::Ordering::Equal,
        });
        return Ok(());
    }
    Sorter { keys, scratch: Vec::with_capacity(length) }.sort(cx, order)
}

struct Sorter {
    keys: Gc<Array>,
    scratch: Vec<u32>,
}

/// A sorted stretch of positions, and the power of the boundary behind it.
struct Run {
    start: usize,
    length: usize,
    power: u32,
}

impl Sorter {
    fn less(&self, cx: &mut Cx, lhs: u32, rhs: u32) -> PyResult<bool> {
        let keys = elements(&self.keys);
        let (lhs, rhs) = (keys[lhs as usize].get(), keys[rhs as usize].get());
        if let Some(less) = tuple_less(lhs, rhs) {
            return Ok(less);
        }
        let result = operations::compare(cx, Comparison::Lt, lhs, rhs)?;
        operations::truth(cx, result)
    }

    fn sort(mut self, cx: &mut Cx, order: &mut [u32]) -> PyResult<()> {
        let total = order.len();
        let mut runs: Vec<Run> = Vec::new();
        let mut start = 0;
        while start < total {
            let length = self.next_run(cx, &mut order[start..])?;
            if let Some(last) = runs.last() {
                let power = boundary_power(last.start, last.length, length, total);
                while runs.len() > 1 && runs[runs.len() - 2].power > power {
                    self.merge_last(cx, order, &mut runs)?;
                }
                if let Some(last) = runs.last_mut() {
                    last.power = power;
                }
            }
            runs.push(Run { start, length, power: 0 });
            start += length;
        }
        while runs.len() > 1 {
            self.merge_last(cx, order, &mut runs)?;
        }
        Ok(())
    }

    /// Length of the sorted run at the front: ascending, or strictly descending and then reversed, or made by insertion.
    fn next_run(&mut self, cx: &mut Cx, order: &mut [u32]) -> PyResult<usize> {
        if order.len() < 2 {
            return Ok(order.len());
        }
        let mut length = 2;
        if self.less(cx, order[1], order[0])? {
            while length < order.len() && self.less(cx, order[length], order[length - 1])? {
                length += 1;
            }
            order[..length].reverse();
        } else {
            while length < order.len() && !self.less(cx, order[length], order[length - 1])? {
                length += 1;
            }
        }
        let wanted = SHORTEST_RUN.min(order.len());
        while length < wanted {
            let item = order[length];
            let (mut low, mut high) = (0, length);
            while low < high {
                let middle = (low + high) / 2;
                if self.less(cx, item, order[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            order.copy_within(low..length, low + 1);
            order[low] = item;
            length += 1;
        }
        Ok(length)
    }

    fn merge_last(&mut self, cx: &mut Cx, order: &mut [u32], runs: &mut Vec<Run>) -> PyResult<()> {
        let (Some(right), Some(left)) = (runs.pop(), runs.last_mut()) else { return Ok(()) };
        self.merge(cx, &mut order[left.start..right.start + right.length], left.length)?;
        left.length += right.length;
        left.power = right.power;
        Ok(())
    }

    /// Merges two sorted neighbours. On an error `order` may lack some positions, and the caller gives it up.
    fn merge(&mut self, cx: &mut Cx, order: &mut [u32], middle: usize) -> PyResult<()> {
        // Runs that are in order already cost one comparison.
        if !self.less(cx, order[middle], order[middle - 1])? {
            return Ok(());
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(&order[..middle]);
        let (mut left, mut right, mut to) = (0, middle, 0);
        while left < middle && right < order.len() {
            if self.less(cx, order[right], self.scratch[left])? {
                order[to] = order[right];
                right += 1;
            } else {
                order[to] = self.scratch[left];
                left += 1;
            }
            to += 1;
        }
        order[to..to + middle - left].copy_from_slice(&self.scratch[left..middle]);
        Ok(())
    }
}

/// `lhs < rhs` for two tuples whose first items that differ need no special methods.
fn tuple_less(lhs: Value, rhs: Value) -> Option<bool> {
    if !types::is_exactly(lhs, Kind::TUPLE) || !types::is_exactly(rhs, Kind::TUPLE) {
        return None;
    }
    let (lhs, rhs) = (downcast::<Tuple>(lhs)?, downcast::<Tuple>(rhs)?);
    let (lhs, rhs) = (tuple_items(&lhs), tuple_items(&rhs));
    for (x, y) in lhs.iter().zip(rhs) {
        // Identical items are equal, whatever their class says.
        if x != y && !operations::compare_simple(Comparison::Eq, *x, *y)? {
            return operations::compare_simple(Comparison::Lt, *x, *y);
        }
    }
    Some(lhs.len() < rhs.len())
}

/// Depth of the boundary between two neighbouring runs in the tree of merges (powersort).
fn boundary_power(start: usize, left: usize, right: usize, total: usize) -> u32 {
    let mut lhs = 2 * start + left;
    let mut rhs = lhs + left + right;
    let mut power = 0;
    loop {
        power += 1;
        if lhs >= total {
            lhs -= total;
            rhs -= total;
        } else if rhs >= total {
            return power;
        }
        lhs *= 2;
        rhs *= 2;
    }
}

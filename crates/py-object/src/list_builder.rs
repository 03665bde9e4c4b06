//! A list that native code makes item by item: until it is finished nobody else sees its storage, so it needs no locks.

use crate::PyResult;
use crate::cx::Cx;
use crate::objects::{Array, List};
use crate::sequence::elements;
use vm_heap::{Gc, Value};

/// See the module's head. It may live on the stack only.
pub(crate) struct ListBuilder {
    storage: Gc<Array>,
    length: usize,
}

impl ListBuilder {
    /// With room for some items.
    pub(crate) fn new(cx: &mut Cx, capacity: usize) -> PyResult<ListBuilder> {
        Ok(ListBuilder { storage: Array::checked(cx, capacity)?, length: 0 })
    }

    /// Appends an item.
    #[inline]
    pub(crate) fn push(&mut self, cx: &mut Cx, item: Value) -> PyResult<()> {
        if self.length == self.storage.length.get().as_int() as usize {
            self.grow(cx)?;
        }
        elements(&self.storage)[self.length].set(cx.mutator(), self.storage, item);
        self.length += 1;
        Ok(())
    }

    #[cold]
    fn grow(&mut self, cx: &mut Cx) -> PyResult<()> {
        let grown = Array::checked(cx, 2 * self.length + 4)?;
        for (field, item) in elements(&grown).iter().zip(elements(&self.storage)) {
            field.set(cx.mutator(), grown, item.get());
        }
        self.storage = grown;
        Ok(())
    }

    /// The list.
    pub(crate) fn finish(self, cx: &mut Cx) -> Gc<List> {
        List::with_storage(cx, self.storage, self.length)
    }
}

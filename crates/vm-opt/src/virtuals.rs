//! Objects that are not allocated: what loads, stores and allocations do while an object is virtual.
//!
//! An object stays virtual as long as everything done to it is a load or a store at a known offset. It is allocated
//! (`Rewriter::force`) where its address gets out: as the value of a store into a real object, as an argument of a
//! call, or where an access has an unknown index. In snapshots it stays virtual: the exit allocates it. Words that
//! were never stored are zero, as the allocator leaves them.

use crate::facts::{Facts, Tags};
use crate::rewriter::Rewriter;
use crate::state::{Node, VirtualObject, zero};
use vm_ir::{Constant, Inst, Op, Ref, Type};

impl Rewriter<'_> {
    /// An allocation: virtual unless its header is computed.
    pub fn new_object(&mut self, inst: Inst) -> Ref {
        let facts = Facts::tagged(Tags::OBJECT);
        self.state.recorded_collection_point();
        let at = match self.out.as_constant(inst.a) {
            Some(header) if self.options.virtuals => self.virtual_object(inst.a, header, inst.imm),
            header => {
                let inst = Inst { a: self.real(inst.a), ..inst };
                let at = self.push(inst, facts);
                self.state.collection_point();
                self.state.remembered.push(at);
                if let Some(header) = header {
                    self.state.shapes.insert(at, (header.bits >> 32) as i64);
                }
                at
            }
        };
        self.state.recorded_new.push(at);
        at
    }

    /// A new virtual object without fields.
    pub fn virtual_object(&mut self, header_word: Ref, header: Constant, size: i64) -> Ref {
        let number = self.state.objects.len() as u32;
        self.state.objects.push(VirtualObject { size, header: header.bits, fields: Vec::new() });
        self.placeholder(Op::New, header_word, size, Node::Object(number), Facts::tagged(Tags::OBJECT))
    }

    /// What a load of a `ty` from a virtual object yields; `None` where the object has to be real for it.
    pub fn load_virtual(&mut self, object: Ref, offset: i64, ty: Type) -> Option<Ref> {
        let object = self.state.virtual_object(object)?;
        if offset == 0 && ty == Type::Word {
            let header = Constant { ty, bits: object.header };
            return Some(self.constant(header));
        }
        if !object.holds(offset) {
            return None;
        }
        match object.get(offset) {
            Some(value) => {
                let value = self.state.resolve(value);
                (self.out.type_of(value) == ty).then_some(value)
            }
            None if ty == Type::Float => None,
            None => Some(self.constant(zero(ty))),
        }
    }

    /// Stores into a virtual object; false where the object has to be real for it.
    pub fn store_virtual(&mut self, object: Ref, offset: i64, value: Ref) -> bool {
        let Some(number) = self.state.virtual_number(object) else { return false };
        let header = self.out.as_constant(value).filter(|constant| offset == 0 && constant.ty == Type::Word);
        let object = &mut self.state.objects[number];
        match header {
            Some(header) => object.header = header.bits,
            None if object.holds(offset) => object.set(offset, value),
            None => return false,
        }
        self.states.object_changed();
        true
    }

    /// The byte offset of an element with a known index.
    pub fn element_offset(&self, start: i64, index: Ref) -> Option<i64> {
        let number = self.facts(index).only_int()?;
        number.checked_mul(8)?.checked_add(start)
    }
}

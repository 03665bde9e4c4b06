//! The state of the forward pass: which value lies in which register or spill slot.
//!
//! A value has one location; it may besides have a home, a spill slot with a valid copy (values never change, so a
//! copy stays valid), which makes spilling it again free. When no register is free, the value whose next use as an
//! operand is farthest away is spilled.
//!
//! Never allocated: rax and xmm15 (scratch), rsp, the frame pointer and the thread.

use crate::assembler::{Assembler, Gpr, Xmm};
use crate::frame::SPILLS;
use crate::liveness::Liveness;
use crate::location::Location;
use crate::moves::emit_move;
use vm_ir::Type;

/// Registers as a bit mask: bits 0-15 general, 16-31 float.
pub(crate) type Mask = u32;

/// General registers for values.
pub(crate) const GENERAL: Mask = 0b0011_1111_1110_1110;
/// Float registers for values.
pub(crate) const FLOAT: Mask = 0x7fff_0000;
/// Registers that survive calls: rbx, rbp, r12, r13.
pub(crate) const PRESERVED: Mask = 1 << 3 | 1 << 5 | 1 << 12 | 1 << 13;
/// Registers that shifts and divisions need: taken last.
const LAST: Mask = 1 << 1 | 1 << 2;

const NOBODY: u32 = u32::MAX;

/// The registers for values of a type.
pub(crate) fn class(ty: Type) -> Mask {
    if ty == Type::Float { FLOAT } else { GENERAL }
}

#[derive(Default)]
pub(crate) struct Registers {
    location: Vec<Location>,
    home: Vec<Location>,
    /// Where a value would best be: the register of the phi that it feeds.
    pub(crate) preferred: Vec<Location>,
    occupant: [u32; 32],
    free: Mask,
    /// Operands of the current instruction: not to be spilled.
    pinned: Mask,
    /// Registers taken for the current instruction only.
    temporary: Mask,
    free_slots: [u64; 4],
    /// How often a value that is still in use has left a register.
    pub(crate) moves: u32,
    /// Whether the spill slots ran out: the code is useless.
    pub(crate) refused: bool,
}

impl Registers {
    pub(crate) fn clear(&mut self, count: usize) {
        for list in [&mut self.location, &mut self.home, &mut self.preferred] {
            list.clear();
            list.resize(count, Location::NONE);
        }
        self.occupant = [NOBODY; 32];
        self.free = GENERAL | FLOAT;
        self.pinned = 0;
        self.temporary = 0;
        self.free_slots = [u64::MAX; 4];
        for slot in SPILLS..256 {
            self.free_slots[slot / 64] &= !(1 << (slot % 64));
        }
        self.moves = 0;
        self.refused = false;
    }

    pub(crate) fn location(&self, value: usize) -> Location {
        self.location[value]
    }

    /// The locations of the first `count` values.
    pub(crate) fn locations(&self, count: usize) -> &[Location] {
        &self.location[..count]
    }

    pub(crate) fn has_free(&self, class: Mask) -> bool {
        self.free & class != 0
    }

    /// Says that a value lies in a register, which must be free or just taken.
    pub(crate) fn define(&mut self, value: usize, register: u8) {
        self.location[value] = Location::register(register);
        self.occupant[register as usize] = value as u32;
        self.free &= !(1 << register);
        self.temporary &= !(1 << register);
    }

    /// Says that a live-in of a bridge lies where the parent left it.
    pub(crate) fn define_at(&mut self, value: usize, location: Location) {
        if let Some(register) = location.as_register() {
            self.define(value, register);
        } else if let Some(slot) = location.as_spill() {
            self.location[value] = location;
            self.home[value] = location;
            self.free_slots[slot as usize / 64] &= !(1 << (slot % 64));
        }
    }

    /// Forgets a dead value.
    pub(crate) fn release(&mut self, value: usize) {
        let location = std::mem::replace(&mut self.location[value], Location::NONE);
        if let Some(register) = location.as_register() {
            self.vacate(register);
            self.pinned &= !(1 << register);
        }
        self.release_home(value);
    }

    fn release_home(&mut self, value: usize) {
        if let Some(slot) = std::mem::replace(&mut self.home[value], Location::NONE).as_spill() {
            self.free_slots[slot as usize / 64] |= 1 << (slot % 64);
        }
    }

    fn vacate(&mut self, register: u8) {
        self.occupant[register as usize] = NOBODY;
        self.free |= 1 << register;
    }

    /// Gives the place of a dying value to another one.
    pub(crate) fn transfer(&mut self, from: usize, to: usize) {
        let location = std::mem::replace(&mut self.location[from], Location::NONE);
        if let Some(register) = location.as_register() {
            self.release_home(from);
            self.define(to, register);
        } else {
            self.location[to] = location;
            self.home[to] = std::mem::replace(&mut self.home[from], Location::NONE);
        }
    }

    /// A free register of a class, spilling if need be. It stays free until it is defined or marked.
    fn find(&mut self, a: &mut Assembler, live: &Liveness, class: Mask, preferred: Location, survives: bool) -> u8 {
        let free = self.free & class;
        if let Some(register) = preferred.as_register()
            && free & 1 << register != 0
        {
            return register;
        }
        let kept = if survives { free & PRESERVED } else { free & !PRESERVED };
        for choice in [kept & !LAST, free & !LAST, free] {
            if choice != 0 {
                return choice.trailing_zeros() as u8;
            }
        }
        let mut candidates = class & !self.pinned & !self.temporary;
        let (mut best, mut distance) = (candidates.trailing_zeros() as u8, 0);
        while candidates != 0 {
            let register = candidates.trailing_zeros() as u8;
            candidates &= candidates - 1;
            let value = self.occupant[register as usize] as usize;
            let saved = self.home[value] != Location::NONE;
            let beyond = (live.next[value] as u64) << 1 | saved as u64;
            if beyond >= distance {
                (best, distance) = (register, beyond);
            }
        }
        self.spill(a, best);
        best
    }

    /// A register for the result of instruction `value`, not spilled before the end of the instruction.
    pub(crate) fn for_result(&mut self, a: &mut Assembler, live: &Liveness, value: usize, ty: Type, at: u32) -> u8 {
        let survives = self.crosses_call(live, value, at);
        let register = self.find(a, live, class(ty), self.preferred[value], survives);
        self.define(value, register);
        self.pinned |= 1 << register;
        register
    }

    fn crosses_call(&self, live: &Liveness, value: usize, at: u32) -> bool {
        match live.calls.get(live.calls.partition_point(|call| *call <= at)) {
            Some(call) => live.last[value] > *call,
            None => false,
        }
    }

    /// A register for the current instruction only.
    pub(crate) fn take_temporary(&mut self, a: &mut Assembler, live: &Liveness, class: Mask) -> u8 {
        let register = self.find(a, live, class, Location::NONE, false);
        self.free &= !(1 << register);
        self.temporary |= 1 << register;
        register
    }

    /// Empties a register for the current instruction: its value moves elsewhere.
    pub(crate) fn claim(&mut self, a: &mut Assembler, register: Gpr) {
        let bit = 1 << register.0;
        if self.free & bit == 0 {
            let value = self.occupant[register.0 as usize] as usize;
            match (self.free & GENERAL & !LAST, self.free & GENERAL) {
                (0, 0) => self.spill(a, register.0),
                (good, any) => {
                    let other = if good != 0 { good } else { any }.trailing_zeros() as u8;
                    a.mov(Gpr(other), register);
                    self.vacate(register.0);
                    self.define(value, other);
                    self.moves += 1;
                }
            }
        }
        self.free &= !bit;
        self.temporary |= bit;
    }

    /// Stores a register's value in its home and frees the register.
    pub(crate) fn spill(&mut self, a: &mut Assembler, register: u8) {
        let value = self.occupant[register as usize] as usize;
        if self.home[value] == Location::NONE {
            self.home[value] = self.take_slot();
            emit_move(a, self.home[value], Location::register(register));
        }
        self.location[value] = self.home[value];
        self.moves += 1;
        self.vacate(register);
    }

    fn take_slot(&mut self) -> Location {
        for (n, word) in self.free_slots.iter_mut().enumerate() {
            if *word != 0 {
                let bit = word.trailing_zeros();
                *word &= *word - 1;
                return Location::spill((n as u32 * 64 + bit) as u8);
            }
        }
        self.refused = true;
        Location::spill(0)
    }

    /// The register of a value, loaded if it was spilled; not spilled again before the end of the instruction.
    pub(crate) fn read(&mut self, a: &mut Assembler, live: &Liveness, value: usize, class: Mask) -> u8 {
        let register = match self.location[value].as_register() {
            Some(register) => register,
            None => {
                let from = self.location[value];
                let register = self.find(a, live, class, self.preferred[value], false);
                emit_move(a, Location::register(register), from);
                self.define(value, register);
                register
            }
        };
        self.pinned |= 1 << register;
        register
    }

    pub(crate) fn read_general(&mut self, a: &mut Assembler, live: &Liveness, value: usize) -> Gpr {
        Gpr(self.read(a, live, value, GENERAL))
    }

    pub(crate) fn read_float(&mut self, a: &mut Assembler, live: &Liveness, value: usize) -> Xmm {
        Xmm(self.read(a, live, value, FLOAT) - 16)
    }

    /// Before a call: values in registers that it may change and that live beyond `at` move to registers that survive
    /// or to their homes. Registers keep their contents until the call.
    pub(crate) fn save_for_call(&mut self, a: &mut Assembler, live: &Liveness, at: u32) {
        let mut occupied = (GENERAL | FLOAT) & !PRESERVED & !self.free & !self.temporary;
        while occupied != 0 {
            let register = occupied.trailing_zeros() as u8;
            occupied &= occupied - 1;
            let value = self.occupant[register as usize] as usize;
            if live.last[value] <= at {
                continue;
            }
            let kept = self.free & PRESERVED;
            // Only operands of later instructions are worth a register.
            if register < 16 && kept != 0 && live.next[value] != crate::liveness::NEVER {
                let other = kept.trailing_zeros() as u8;
                a.mov(Gpr(other), Gpr(register));
                self.vacate(register);
                self.define(value, other);
                self.moves += 1;
            } else {
                self.spill(a, register);
            }
        }
    }

    /// The end of an instruction: temporaries are free again.
    pub(crate) fn finish(&mut self) {
        self.free |= self.temporary;
        self.temporary = 0;
        self.pinned = 0;
    }
}

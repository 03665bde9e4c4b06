//! Code that every trace of an arena shares: leaving a trace, and the slow paths that call the runtime.
//!
//! Slow paths save and restore every register that a call may change, in the native frame, where a conservative
//! collector finds the values. That is slow and rare; in return a trace spends three instructions on one.

use crate::assembler::{
    Assembler, FRAME, Gpr, Operand, Place, R12, R13, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, Sse, THREAD, Xmm,
};
use crate::frame::{ARGUMENT, SAVE, SIZE, SPILLS, STATE};
use crate::location::{STATE_FLOAT, STATE_SPILLS};
use crate::target::Target;
use vm_ir::word;

/// Addresses of the shared code and constants.
#[derive(Default)]
pub(crate) struct Stubs {
    /// Leaves the trace with the exit number in rax, having saved the first `LEAVE_SPILLS[n]` spill slots.
    pub(crate) leave: [u64; LEAVE_SPILLS.len()],
    /// Float at `ARGUMENT` to value in rax.
    pub(crate) box_float: u64,
    /// Size and header at `ARGUMENT` to value in rax.
    pub(crate) allocate: u64,
    /// Value at `ARGUMENT`.
    pub(crate) barrier: u64,
    /// The word `FLOAT_BIAS`.
    pub(crate) float_bias: u64,
    /// Sixteen bytes: the sign bit of a float, then zero.
    pub(crate) sign_bit: u64,
    /// Sixteen bytes: all bits of a float but its sign, then zero.
    pub(crate) magnitude_bits: u64,
    /// The word `Target::start_bits`.
    pub(crate) start_bits: u64,
}

/// How many spill slots each leave stub saves. Most exits have no value in a spill slot.
pub(crate) const LEAVE_SPILLS: [usize; 4] = [0, 16, 64, SPILLS];

/// The data items; sixteen-byte aligned pairs first.
const SIGN_BIT: u64 = 0;
const MAGNITUDE_BITS: u64 = 2;
const FLOAT_BIAS: u64 = 4;
const START_BITS: u64 = 5;

/// General registers that a System V call may change, but for rax, which carries results.
const VOLATILE: [Gpr; 8] = [RCX, RDX, RSI, RDI, Gpr(8), Gpr(9), Gpr(10), Gpr(11)];
/// Registers of the caller, in the order in which an entry pushes them.
pub(crate) const PUSHED: [Gpr; 6] = [RBX, RBP, R12, R13, FRAME, THREAD];

/// Writes the stubs; the addresses returned are relative to the code and the data, see `Stubs::relocate`.
pub(crate) fn assemble(a: &mut Assembler, target: &Target) -> (Stubs, Vec<u64>) {
    let mut stubs = Stubs::default();
    for (stub, spills) in stubs.leave.iter_mut().zip(LEAVE_SPILLS) {
        *stub = a.position() as u64;
        leave(a, spills);
    }
    stubs.box_float = a.position() as u64;
    slow_path(a, target.box_float, |a| a.sse(Sse::Load, Xmm(0), Operand::Memory(RSP, ARGUMENT + 16)));
    stubs.allocate = a.position() as u64;
    slow_path(a, target.allocate, |a| {
        a.load(RSI, Operand::Memory(RSP, ARGUMENT + 16));
        a.load(RDX, Operand::Memory(RSP, ARGUMENT + 24));
    });
    stubs.barrier = a.position() as u64;
    slow_path(a, target.barrier, |a| a.load(RSI, Operand::Memory(RSP, ARGUMENT + 16)));
    let mut data = vec![0; 6];
    data[SIGN_BIT as usize] = 1 << 63;
    data[MAGNITUDE_BITS as usize] = !(1 << 63);
    data[FLOAT_BIAS as usize] = word::FLOAT_BIAS;
    data[START_BITS as usize] = target.start_bits.unwrap_or(0);
    (stubs, data)
}

impl Stubs {
    /// Turns positions into addresses.
    pub(crate) fn relocate(&mut self, code: u64, data: u64) {
        for stub in self.leave.iter_mut().chain([&mut self.box_float, &mut self.allocate, &mut self.barrier]) {
            *stub += code;
        }
        self.sign_bit = data + SIGN_BIT * 8;
        self.magnitude_bits = data + MAGNITUDE_BITS * 8;
        self.float_bias = data + FLOAT_BIAS * 8;
        self.start_bits = data + START_BITS * 8;
    }

    /// The leave stub for exits whose values lie in the first `spills` spill slots at most.
    pub(crate) fn leave_for(&self, spills: usize) -> u64 {
        let fitting = LEAVE_SPILLS.iter().position(|saved| spills <= *saved).unwrap_or(LEAVE_SPILLS.len() - 1);
        self.leave[fitting]
    }

    /// A constant or stub as an operand's place.
    pub(crate) fn place(address: u64) -> Place {
        Place::Address(address)
    }
}

/// Fills the `ExitState`, drops the frame and returns rax.
fn leave(a: &mut Assembler, spills: usize) {
    a.store(Operand::Memory(RSP, ARGUMENT), RCX);
    a.load(RCX, Operand::Memory(RSP, STATE));
    for number in (1..16).filter(|number| *number != RSP.0 && *number != RCX.0) {
        a.store(Operand::Memory(RCX, number as i32 * 8), Gpr(number));
    }
    for number in 0..16 {
        a.store_float(Operand::Memory(RCX, STATE_FLOAT + number as i32 * 8), Xmm(number));
    }
    a.load(RDX, Operand::Memory(RSP, ARGUMENT));
    a.store(Operand::Memory(RCX, RCX.0 as i32 * 8), RDX);
    if spills <= 16 {
        for offset in (0..spills as i32 * 8).step_by(16) {
            a.load_sixteen(Xmm(0), Operand::Memory(RSP, offset));
            a.store_sixteen(Operand::Memory(RCX, STATE_SPILLS + offset), Xmm(0));
        }
    } else {
        a.lea(RDI, Operand::Memory(RCX, STATE_SPILLS));
        a.mov(RSI, RSP);
        a.constant(RCX, spills as u64);
        a.copy_words();
    }
    a.alu_constant(crate::assembler::Alu::Add, RSP, SIZE);
    for register in PUSHED.into_iter().rev() {
        a.pop(register);
    }
    a.return_();
}

/// Calls a runtime function with the thread and what `arguments` loads; all registers but rax survive.
fn slow_path(a: &mut Assembler, function: u64, arguments: impl Fn(&mut Assembler)) {
    // The return address and this make sixteen bytes.
    a.alu_constant(crate::assembler::Alu::Sub, RSP, 8);
    let general = |number: u8| Operand::Memory(RSP, SAVE + 16 + number as i32 * 8);
    let float = |number: u8| Operand::Memory(RSP, SAVE + 16 + (16 + number as i32) * 8);
    for register in VOLATILE {
        a.store(general(register.0), register);
    }
    for number in 0..16 {
        a.store_float(float(number), Xmm(number));
    }
    a.mov(RDI, THREAD);
    arguments(a);
    a.constant(RAX, function);
    a.call(RAX);
    for register in VOLATILE {
        a.load(register, general(register.0));
    }
    for number in 0..16 {
        a.sse(Sse::Load, Xmm(number), float(number));
    }
    a.alu_constant(crate::assembler::Alu::Add, RSP, 8);
    a.return_();
}

//! Where a value lies at an exit, and the registers and spill slots as the exit left them.

use crate::frame::SPILLS;
use std::mem::MaybeUninit;

/// A general register, a float register or a spill slot, in one byte.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Location(u8);

const FIRST_FLOAT: u8 = 16;
const FIRST_SPILL: u8 = 32;

impl Location {
    /// Nowhere.
    pub(crate) const NONE: Location = Location(u8::MAX);

    /// Register number 0-15 (general) or 16-31 (float).
    pub(crate) const fn register(number: u8) -> Location {
        Location(number)
    }

    /// Spill slot `slot`.
    pub(crate) const fn spill(slot: u8) -> Location {
        Location(FIRST_SPILL + slot)
    }

    /// The register number, unless this is a spill slot or nowhere.
    pub(crate) const fn as_register(self) -> Option<u8> {
        if self.0 < FIRST_SPILL { Some(self.0) } else { None }
    }

    /// The spill slot, if it is one.
    pub(crate) const fn as_spill(self) -> Option<u8> {
        if self.0 >= FIRST_SPILL && self.0 != u8::MAX { Some(self.0 - FIRST_SPILL) } else { None }
    }

    /// The bits that the exit left there.
    pub fn read(self, state: &ExitState) -> u64 {
        match (self.as_register(), self.as_spill()) {
            (Some(number), _) if number < FIRST_FLOAT => state.general[number as usize],
            (Some(number), _) => state.float[(number - FIRST_FLOAT) as usize],
            // SAFETY: the exit has stored the slots that its values lie in.
            (_, Some(slot)) => unsafe { state.spills[slot as usize].assume_init() },
            _ => unreachable!("an exit records where its values are"),
        }
    }
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.as_register(), self.as_spill()) {
            (Some(number), _) if number < FIRST_FLOAT => f.write_str(crate::assembler::GENERAL_NAMES[number as usize]),
            (Some(number), _) => write!(f, "xmm{}", number - FIRST_FLOAT),
            (_, Some(slot)) => write!(f, "spill{slot}"),
            _ => f.write_str("nowhere"),
        }
    }
}

/// Filled when a trace is left. It should lie on the stack of whoever enters the trace, so that a collection during
/// the rebuilding of frames finds the objects in it.
#[repr(C)]
pub struct ExitState {
    general: [u64; 16],
    float: [u64; 16],
    /// Only those are written that the exit's values lie in.
    spills: [MaybeUninit<u64>; SPILLS],
}

pub(crate) const STATE_FLOAT: i32 = 16 * 8;
pub(crate) const STATE_SPILLS: i32 = 32 * 8;

impl ExitState {
    /// Registers of zeros; spill slots that nobody has written, since entering a trace must not cost the time to do so.
    pub const fn new() -> ExitState {
        ExitState { general: [0; 16], float: [0; 16], spills: [MaybeUninit::uninit(); SPILLS] }
    }

    /// The base frame pointer when the trace was left: jumps between traces move it.
    pub fn frame_pointer(&self) -> *mut u64 {
        self.general[crate::assembler::FRAME.0 as usize] as *mut u64
    }
}

impl Default for ExitState {
    fn default() -> Self {
        ExitState::new()
    }
}

//! Compiled code as its users see it: entries, exits, where values are, listings.

use crate::arena::CodeArena;
use crate::location::{ExitState, Location};
use vm_ir::hash::Set;
use vm_ir::{Ref, SnapshotId, Trace};

/// The signature of `Code::entry`: thread, base frame pointer, what to fill on leaving; returns the exit number.
pub type Entry = unsafe extern "sysv64" fn(*mut u8, *mut u64, *mut ExitState) -> u64;

/// One way out of compiled code.
#[derive(Clone, Debug)]
pub struct Exit {
    /// Its number, unique in the arena.
    pub number: u32,
    /// The state to resume from.
    pub snapshot: SnapshotId,
    /// The instruction that leaves; the number of instructions for the end of the trace.
    pub instruction: u32,
    /// Address of the data word that the exit's stub jumps through.
    pub(crate) slot: u64,
    /// Where its locations start in `Code::locations`.
    pub(crate) locations: u32,
}

/// Installed code of one trace.
#[derive(Debug)]
pub struct Code {
    /// Where other traces jump to (a bridge's only way in): registers and frame as at a trace's end.
    pub inner_entry: u64,
    /// Bytes of code.
    pub size: usize,
    /// The ways out, by ascending number.
    pub exits: Vec<Exit>,
    pub(crate) start: u64,
    pub(crate) is_root: bool,
    /// For each exit, one for each reference to an instruction that `Trace::visit_snapshot` finds in its snapshot.
    pub(crate) locations: Vec<Location>,
    pub(crate) offsets: Vec<(u32, u32)>,
}

impl Code {
    /// The entry for Rust, of type [`Entry`]; bridges have none.
    pub fn entry(&self) -> Option<u64> {
        self.is_root.then_some(self.start)
    }

    /// The exit with this number, if it belongs to this code.
    pub fn exit(&self, number: u32) -> Option<&Exit> {
        let first = self.exits.first()?.number;
        self.exits.get(number.checked_sub(first)? as usize)
    }

    /// The live-ins of an exit's snapshot, in the order of [`Trace::live_ins`], and where they are.
    pub fn values(&self, trace: &Trace, exit: &Exit) -> Vec<(Ref, Location)> {
        let mut refs = Vec::new();
        trace.visit_snapshot(exit.snapshot, &mut Vec::new(), |at| refs.push(at));
        self.locate(exit, &refs)
    }

    /// The same from the references of the exit's snapshot, as [`vm_ir::visit_state`] finds them.
    pub fn locate(&self, exit: &Exit, refs: &[Ref]) -> Vec<(Ref, Location)> {
        let mut seen = Set::default();
        let instructions = refs.iter().copied().filter(|at| !at.is_constant());
        let located = instructions.zip(self.locations[exit.locations as usize..].iter().copied());
        located.filter(|(at, _)| seen.insert(*at)).collect()
    }

    /// The bits of a reference in an exit's snapshot.
    pub fn read(&self, trace: &Trace, exit: &Exit, at: Ref, state: &ExitState) -> u64 {
        match trace.as_constant(at) {
            Some(constant) => constant.bits,
            None => {
                let found = self.values(trace, exit).into_iter().find(|(other, _)| *other == at);
                found.expect("the reference is in the exit's snapshot").1.read(state)
            }
        }
    }

    /// Lets an exit go on at `address`, the inner entry of a bridge compiled for it.
    pub fn link(&self, arena: &CodeArena, exit: &Exit, address: u64) {
        arena.set_word(exit.slot, address)
    }

    /// The code's bytes, for disassemblers.
    pub fn bytes<'a>(&self, arena: &'a CodeArena) -> &'a [u8] {
        arena.bytes(self.start, self.size)
    }

    /// Address of the first byte.
    pub fn address(&self) -> u64 {
        self.start
    }

    /// A listing: each instruction of the trace with its code bytes. `Compiler::keep_offsets` must have been on.
    pub fn listing(&self, arena: &CodeArena, trace: &Trace) -> String {
        use std::fmt::Write;
        let (bytes, mut text) = (self.bytes(arena), String::new());
        let mut from = 0;
        let mut lines = |upto: u32, title: &str| {
            let hex: Vec<String> = bytes[from..upto as usize].iter().map(|byte| format!("{byte:02x}")).collect();
            let _ = writeln!(text, "{from:5x}  {title:50} {}", hex.join(" "));
            from = upto as usize;
        };
        let mut title = "entry".to_string();
        for (index, offset) in &self.offsets {
            lines(*offset, &title);
            title.clear();
            if (*index as usize) < trace.insts.len() {
                let _ = trace.write_instruction(&mut title, *index as usize);
            } else {
                title.push_str("end and stubs");
            }
        }
        lines(self.size as u32, &title);
        text
    }
}

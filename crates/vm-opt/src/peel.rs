//! Loops: the first turn is peeled off and becomes the way in, the second one is the loop.
//!
//! Passing the recording twice moves loop-invariant work out of the loop without a pass of its own: what the first turn
//! computed, checked or loaded is still known in the second one as long as it depends on nothing that changes. What
//! does change is carried (`carry.rs`) and has to come out as it went in (`close.rs`).
//!
//! Where a second turn can't run as the first one did (an int in the first turn is a float in the second), or where the
//! attempts run out, the loop is emitted as it was recorded, with every slot it writes as a phi of values.

use crate::carry::Demotions;
use crate::rewriter::Rewriter;
use crate::state::State;
use crate::{Refusal, Statistics};
use vm_ir::{Mark, Op, Ref};

/// Where the first turn ended.
#[derive(Default)]
pub(crate) struct Checkpoint {
    state: State,
    map: Vec<Ref>,
    mark: Mark,
}

impl Rewriter<'_> {
    /// Passes a loop.
    pub fn peel(&mut self, statistics: &mut Statistics) -> Result<(), Refusal> {
        self.turn().map_err(Refusal::Contradiction)?;
        if self.options.peel {
            let invariant = self.invariants();
            self.set_checkpoint();
            let mut demotions = Demotions::default();
            for _ in 0..self.options.attempts {
                statistics.attempts += 1;
                let header = self.start_second_turn(&invariant, &demotions);
                if self.turn().is_err() {
                    break;
                }
                if self.close(&header, &mut demotions) {
                    statistics.peeled = true;
                    return Ok(());
                }
                self.go_back();
            }
        }
        self.plain_loop()
    }

    /// The loop as recorded.
    fn plain_loop(&mut self) -> Result<(), Refusal> {
        self.restart();
        let mut slots: Vec<i32> = self.written_slots().into_iter().map(|(slot, _)| slot).collect();
        let read = self.source.insts.iter().filter(|inst| inst.op == Op::Slot);
        slots.extend(read.map(|inst| inst.imm as i32));
        for slot in slots {
            self.load_slot(slot);
        }
        let mut demotions = Demotions::everything();
        let header = self.start_second_turn(&[], &demotions);
        self.turn().map_err(Refusal::Contradiction)?;
        if self.close(&header, &mut demotions) { Ok(()) } else { Err(Refusal::WordInSlot) }
    }

    fn set_checkpoint(&mut self) {
        let Rewriter { checkpoint, state, map, out, .. } = self;
        checkpoint.state.copy_from(state);
        checkpoint.map.clone_from(map);
        checkpoint.mark = out.mark();
    }

    fn go_back(&mut self) {
        let Rewriter { checkpoint, state, map, out, .. } = self;
        state.copy_from(&checkpoint.state);
        map.clone_from(&checkpoint.map);
        out.go_back(&checkpoint.mark);
        self.base.clear();
        self.slots.clear();
        self.states.clear();
    }
}

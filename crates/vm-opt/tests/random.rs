//! Random recorded traces leave in the same state before and after optimisation.
//!
//! `CASES=100000 cargo test -p vm-opt --test random` tries more; `SEED=7` tries one and prints it.

mod common;

use common::{generate::generate, same_outcome_from};
use vm_opt::{Optimiser, Options, Refusal};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn optimised_traces_leave_as_recorded() {
    let (mut peeled, mut refused, mut turns, mut removed, mut attempts) = (0, 0, 0, 0, [0; 13]);
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("CASES").unwrap_or(1500),
    };
    let cases = seeds.end - seeds.start;
    let mut optimiser = Optimiser::new();
    for seed in seeds {
        let (recorded, start) = generate(seed, 5 + seed as usize % 40);
        vm_ir::verify(&recorded).unwrap_or_else(|error| panic!("seed {seed}: {error} in\n{recorded}"));
        let options = Options { peel: seed % 7 != 0, virtuals: seed % 11 != 0, ..Options::default() };
        if cases == 1 {
            println!("{recorded}");
        }
        match optimiser.optimise(&recorded, &options) {
            Ok((optimised, statistics)) => {
                println!("seed {seed}");
                vm_ir::verify(&optimised).unwrap_or_else(|error| panic!("seed {seed}: {error} in\n{optimised}"));
                common::barriers::check(&optimised);
                turns += same_outcome_from(&recorded, &optimised, &start, &[]);
                peeled += statistics.peeled as u64;
                attempts[statistics.attempts] += 1;
                removed += vm_opt::Removed::between(&recorded, &optimised).allocations;
            }
            // The recorded turn was executed, so it contradicts nothing.
            Err(Refusal::Contradiction(index)) => panic!("seed {seed}: v{index} refused in\n{recorded}"),
            Err(_) => refused += 1,
        }
    }
    println!("{peeled} of {cases} peeled, {refused} refused, {turns} turns, {removed} allocations removed");
    println!("traces by attempts at a second turn: {attempts:?}");
    if cases >= 1000 {
        assert!(peeled > cases / 4 && turns > cases && removed > 100 && refused < cases / 10);
    }
}

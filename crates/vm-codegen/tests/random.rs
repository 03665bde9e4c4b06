//! Random traces behave as generated code as they do in the evaluator: straight ones, loops, bridges.

mod support;

use support::generate::{Generator, Random, set_inputs, settle};
use support::{Harness, assert_same, enter, live_in_locations, observe, run_evaluator};
use vm_codegen::CompileError;
use vm_ir::Trace;

/// More with `RANDOM_TRACES=n`.
fn count() -> u64 {
    std::env::var("RANDOM_TRACES").ok().and_then(|n| n.parse().ok()).unwrap_or(1500)
}

fn generate(random: &mut Random, harness: &mut Harness, is_loop: bool) -> (Trace, Vec<support::generate::Input>) {
    let mut generator = Generator::new(random, &harness.world);
    let inputs = generator.random.below(30);
    generator.read_inputs(inputs);
    for _ in 0..generator.random.below(if is_loop { 30 } else { 200 }) {
        generator.operation();
    }
    if is_loop {
        let operations = generator.random.below(80);
        generator.loop_of(operations);
    } else {
        generator.exit();
    }
    let (mut trace, inputs) = (generator.trace, generator.inputs);
    set_inputs(random, &inputs, &mut harness.world);
    settle(random, &mut trace, &[], &mut harness.world);
    (trace, inputs)
}

#[test]
fn random_traces_behave_as_evaluated() {
    let mut harness = Harness::new();
    let start = harness.world.save();
    let mut ends = 0;
    let mut turns = 0;
    for seed in 0..count() {
        let mut random = Random(seed);
        let is_loop = seed % 2 == 0;
        harness.world.restore(&start);
        harness.world.chunk = random.pick(&[64, 256, 1024]);
        let calls = random.pick(&[None, None, Some(20)]);
        harness.world.poll_after_calls(calls);
        let (trace, inputs) = generate(&mut random, &mut harness, is_loop);
        let base = harness.world.save();
        for run in 0..4 {
            harness.world.restore(&base);
            if run > 0 {
                set_inputs(&mut random, &inputs, &mut harness.world);
            }
            let observed = harness.check(&trace, &format!("seed {seed} run {run}"));
            if let Some(observed) = observed {
                ends += (observed.instruction == trace.insts.len()) as u64;
                turns += (is_loop && observed.state.events.len() > 20) as u64;
            }
        }
    }
    // The traces must not all leave at their first guards.
    assert!(ends > count() / 4, "only {ends} runs reached the end");
    assert!(turns > count() / 20, "only {turns} runs turned often");
}

#[test]
fn random_bridges_go_on_where_exits_leave() {
    let mut harness = Harness::new();
    let start = harness.world.save();
    let mut bridged = 0;
    for seed in 0..count() {
        let mut random = Random(seed ^ 0xb41d_6e00_0000);
        harness.world.restore(&start);
        let (trace, _) = generate(&mut random, &mut harness, seed % 2 == 0);
        let before = harness.world.save();
        if run_evaluator(&trace, &[], &mut harness.world, 1_000_000).is_none() {
            continue;
        }
        harness.world.restore(&before);
        let code = harness.compiler.compile_root(&trace).unwrap();
        let (number, state) = enter(&code, &mut harness.world);
        let exit = code.exit(number).unwrap();
        let refs: Vec<_> = code.values(&trace, exit).into_iter().map(|(at, _)| at).collect();
        assert_eq!(refs, trace.live_ins(exit.snapshot), "live-ins are in the documented order");
        let params: Vec<u64> = refs.iter().map(|at| code.read(&trace, exit, *at, &state)).collect();
        let types: Vec<_> = refs.iter().map(|at| trace.type_of(*at)).collect();

        let mut generator = Generator::new(&mut random, &harness.world);
        generator.read_params(&types);
        for _ in 0..generator.random.below(60) {
            generator.operation();
        }
        if generator.random.one_in(3) {
            generator.loop_of(10);
        } else {
            generator.exit();
        }
        let mut bridge = generator.trace;
        settle(&mut random, &mut bridge, &params, &mut harness.world);
        let Some(expected) = run_evaluator(&bridge, &params, &mut harness.world, 1_000_000) else { continue };

        let bridge_code = harness.compiler.compile_bridge(&bridge, &live_in_locations(&trace, &code, number)).unwrap();
        assert_eq!(bridge_code.entry(), None);
        code.link(&harness.arena, exit, bridge_code.inner_entry);
        harness.world.restore(&before);
        let (number, state) = enter(&code, &mut harness.world);
        let found = observe(&bridge, &bridge_code, number, &state, &mut harness.world);
        assert_same(&expected, &found, || {
            format!("seed {seed}\n{trace}\n{bridge}\n{}", bridge_code.listing(&harness.arena, &bridge))
        });
        bridged += 1;
    }
    assert!(bridged > count() * 9 / 10, "only {bridged} bridges");
}

#[test]
fn too_many_live_values_are_refused() {
    let mut text = String::new();
    for slot in 0..300 {
        text.push_str(&format!("v{slot} = slot[{slot}]\n"));
    }
    text.push_str("exit @0\n@0 {pc=0, frame=0");
    for slot in 0..300 {
        text.push_str(&format!(", {slot}=v{}", 299 - slot));
    }
    text.push('}');
    let trace: Trace = text.parse().unwrap();
    let mut harness = Harness::new();
    assert_eq!(harness.compiler.compile_root(&trace).err(), Some(CompileError::TooManyValues));
}

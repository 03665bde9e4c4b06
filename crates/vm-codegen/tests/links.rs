//! Links between traces: jumps to other roots, exits relinked while code runs, listings, a full arena.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use support::{Harness, enter, live_in_locations, observe};
use vm_codegen::{ArenaError, CodeArena, CompileError, Compiler};
use vm_ir::{Trace, word};

fn parse(text: &str) -> Trace {
    let trace: Trace = text.parse().unwrap();
    vm_ir::verify(&trace).unwrap();
    trace
}

#[test]
fn a_jump_writes_slots_and_moves_the_frame() {
    let mut harness = Harness::new();
    // The callee sees slot 0 of its frame, which is slot 5 of the first one.
    let callee = parse(
        "v0 = slot[0]\nv1 = slot[1]\nv2 = slot[-2]\nv3 = int_add v0, 1 @0\nexit @0\n@0 {pc=7, frame=0, 0=v0, 1=v1, 2=v2, 3=&1}",
    );
    let callee_code = harness.compiler.compile_root(&callee).unwrap();
    let slot = Box::new(callee_code.inner_entry);
    let caller = parse(&format!(
        "v0 = slot[0]\nv1 = slot[1]\nv2 = unbox_float v1\nv3 = float_mul v2, 1e200\nv4 = int_add v0, 5 @0\njump @1 to {:#x}\n@0 {{pc=0, frame=0}}\n@1 {{pc=1, frame=5, 3=&5, 5=v4, 6=v3, 7=2.5, 8=value:0x123456789abcdef7}}",
        &raw const *slot as u64
    ));
    let caller_code = harness.compiler.compile_root(&caller).unwrap();
    harness.world.set_slot(0, word::int(37));
    harness.world.set_slot(1, word::small_float(1e70).unwrap());
    let (number, state) = enter(&caller_code, &mut harness.world);
    assert!(caller_code.exit(number).is_none(), "the callee leaves");
    let base = harness.world.base();
    assert_eq!(state.frame_pointer(), base.wrapping_add(5));
    let observed = observe(&callee, &callee_code, number, &state, &mut harness.world);
    let boxed = harness.world.value_of(1e70 * 1e200);
    let address = base as u64 + 40;
    assert_eq!(observed.slots, [(0, word::int(42)), (1, boxed), (2, address), (3, address + 8)]);
}

#[test]
fn a_bridge_jumps_back_to_its_root() {
    let mut harness = Harness::new();
    let root = parse(
        "vi = slot[0]\nvs = slot[1]\nguard_int_lt vi, 1000 @0\nlabel\nv4 = phi.value vi, v8\nv5 = phi.value vs, v10\nguard_int_lt v4, 1000 @1\nv7 = int_and v4, 1\nv8 = int_add v4, 1 @1\nguard_same v7, 0 @2\nv10 = int_add v5, v4 @1\nloop\n@0 {pc=0, frame=0}\n@1 {pc=1, frame=0, 0=v4, 1=v5}\n@2 {pc=2, frame=0, 0=v4, 1=v5, 2=v8}",
    );
    let code = harness.compiler.compile_root(&root).unwrap();
    harness.world.set_slot(0, word::int(0));
    harness.world.set_slot(1, word::int(0));
    let before = harness.world.save();
    let (number, _) = enter(&code, &mut harness.world);
    let exit = code.exit(number).unwrap();
    assert_eq!(exit.snapshot.0, 2, "the first odd number leaves");
    // For odd numbers the sum is multiplied instead: s = s * 3 mod 1000.
    let refs: Vec<_> = code.values(&root, exit).into_iter().map(|(at, _)| format!("{at:?}")).collect();
    let slot = Box::new(code.inner_entry);
    let types = vec!["value"; refs.len()].join(", ");
    let names: String = refs.iter().enumerate().map(|(n, at)| format!("{at} = param.value[{n}]\n")).collect();
    let bridge = parse(&format!(
        "params {types}\n{names}va = int_mul v5, 3 @0\nvb = int_mod va, 1000 @0\njump @1 to {:#x}\n@0 {{pc=3, frame=0}}\n@1 {{pc=4, frame=0, 0=v8, 1=vb}}",
        &raw const *slot as u64
    ));
    let bridge_code = harness.compiler.compile_bridge(&bridge, &live_in_locations(&root, &code, number)).unwrap();
    code.link(&harness.arena, exit, bridge_code.inner_entry);
    harness.world.restore(&before);
    let (number, state) = enter(&code, &mut harness.world);
    let observed = observe(&root, &code, number, &state, &mut harness.world);
    let mut sum = 0;
    for n in 0..1000 {
        sum = if n % 2 == 0 { sum + n } else { sum * 3 % 1000 };
    }
    assert_eq!((observed.snapshot, observed.slots), (0, vec![]), "the root's first guard leaves after the last bridge");
    assert_eq!(harness.world.save().slot(1), word::int(sum));
}

#[test]
fn exits_are_relinked_while_code_runs() {
    let mut harness = Harness::new();
    let root = parse("v0 = slot[0]\nguard_same v0, 0 @0\nexit @1\n@0 {pc=0, frame=0, 0=v0}\n@1 {pc=1, frame=0}");
    let code = harness.compiler.compile_root(&root).unwrap();
    harness.world.set_slot(0, word::int(1));
    let (number, _) = enter(&code, &mut harness.world);
    let locations = live_in_locations(&root, &code, number);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (arena, code, stop) = (harness.arena.clone(), &code, &stop);
        let linker = scope.spawn(move || {
            let mut compiler = Compiler::new(arena.clone());
            let mut links = 0u64;
            while !stop.load(Ordering::Relaxed) {
                let text = format!("params value\nv0 = param.value[0]\nv1 = int_add v0, {} @0\nexit @1\n@0 {{pc=0, frame=0}}\n@1 {{pc=2, frame=0, 0=v1}}", links % 100);
                let Ok(bridge) = compiler.compile_bridge(&text.parse().unwrap(), &locations) else { break };
                code.link(&arena, code.exit(number).unwrap(), bridge.inner_entry);
                links += 1;
            }
            links
        });
        let mut changes = 0;
        let mut last = number;
        while changes < 100 {
            let (now, _) = enter(code, &mut harness.world);
            changes += (now != last) as u64;
            last = now;
        }
        stop.store(true, Ordering::Relaxed);
        assert!(linker.join().unwrap() >= 100);
    });
}

#[test]
fn a_listing_shows_every_instruction() {
    let mut harness = Harness::new();
    let trace = parse("v0 = slot[0]\nv1 = int_add v0, 1 @0\nexit @1\n@0 {pc=0, frame=0}\n@1 {pc=1, frame=0, 0=v1}");
    let code = harness.compiler.compile_root(&trace).unwrap();
    let listing = code.listing(&harness.arena, &trace);
    for line in ["v0 = slot[0]", "v1 = int_add v0, 1 @0", "end and stubs"] {
        assert!(listing.contains(line), "{listing}");
    }
    let hex = |line: &str| {
        line.split_whitespace().rev().take_while(|word| word.len() == 2 && u8::from_str_radix(word, 16).is_ok()).count()
    };
    assert_eq!(listing.lines().map(hex).sum::<usize>(), code.size, "{listing}");
}

#[test]
fn a_full_arena_refuses() {
    let harness = Harness::new();
    let arena = std::sync::Arc::new(CodeArena::new(harness.world.target(), 0).unwrap());
    let mut compiler = Compiler::new(arena.clone());
    let trace = parse("v0 = slot[0]\nv1 = int_add v0, 1 @0\nexit @1\n@0 {pc=0, frame=0}\n@1 {pc=1, frame=0, 0=v1}");
    let mut compiled = 0;
    let error = loop {
        match compiler.compile_root(&trace) {
            Ok(_) => compiled += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, CompileError::Arena(ArenaError::Full));
    assert!(compiled > 100 && arena.free_bytes() < 1024, "{compiled} traces, {} bytes left", arena.free_bytes());
}

#[test]
fn wrong_live_ins_and_virtuals_at_jumps_are_refused() {
    let mut harness = Harness::new();
    let root = parse("v0 = slot[0]\nguard_int v0 @0\nexit @0\n@0 {pc=0, frame=0, 0=v0}");
    let code = harness.compiler.compile_root(&root).unwrap();
    let locations = live_in_locations(&root, &code, code.exits[0].number);
    let bridge = |params: &str| parse(&format!("params {params}\nexit @0\n@0 {{pc=0, frame=0}}"));
    assert_eq!(harness.compiler.compile_bridge(&bridge("value, value"), &locations).err(), Some(CompileError::LiveIns));
    assert_eq!(harness.compiler.compile_root(&bridge("value")).err(), Some(CompileError::LiveIns));
    let float = parse("params float\nv0 = param.float[0]\nexit @0\n@0 {pc=0, frame=0, 0=v0}");
    assert_eq!(harness.compiler.compile_bridge(&float, &locations).err(), Some(CompileError::LiveIns));
    let jump = parse("jump @0 to 0x10\n@0 {pc=0, frame=0, 0=%0}\n%0 {size=16, header=0}");
    assert_eq!(harness.compiler.compile_root(&jump).err(), Some(CompileError::VirtualAtJump));
}

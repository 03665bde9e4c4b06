//! The traces of `tests/ir`, each run by the evaluator and as generated code from several starting states.
//!
//! A line `#run a, b, … -> @n` sets slots 0, 1, … and says through which snapshot the trace leaves. Slots are ints,
//! floats (boxed where needed), `object n`, or raw words `0x…`. `OBJECT` and `WORD` in a trace stand for a prepared
//! object's value and the address of a zero word.

mod support;

use support::{Harness, resolve_calls};
use vm_ir::{Trace, word};

fn starting_slots(harness: &mut Harness, text: &str) {
    for (slot, item) in text.split(',').map(str::trim).enumerate().filter(|(_, item)| !item.is_empty()) {
        let word = if let Some(bits) = item.strip_prefix("0x") {
            u64::from_str_radix(bits, 16).unwrap()
        } else if let Some(number) = item.strip_prefix("object ") {
            harness.world.object(number.parse().unwrap())
        } else if let Ok(int) = item.parse::<i64>() {
            word::int(int)
        } else {
            harness.world.value_of(item.parse().unwrap_or_else(|_| panic!("`{item}` is no slot")))
        };
        harness.world.set_slot(slot as i32, word);
    }
}

#[test]
fn traces_behave_as_evaluated() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ir");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut runs = 0;
    let mut used = std::collections::HashSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        // Several traces in one file are parted by lines of dashes.
        for (part, text) in text.split("\n----\n").enumerate() {
            for line in text.lines().filter_map(|line| line.strip_prefix("#run ")) {
                let (slots, expected) = line.split_once("->").expect("a run says how the trace is left");
                let mut harness = Harness::new();
                let zero = Box::new(0u64);
                let text = text
                    .replace("OBJECT", &format!("value:{:#x}", harness.world.object(3)))
                    .replace("WORD", &format!("{:#x}", &raw const *zero as u64));
                let context = format!("{} part {part}: {line}", path.display());
                let mut trace: Trace = text.parse().unwrap_or_else(|error| panic!("{context}: {error}"));
                resolve_calls(&mut trace);
                used.extend(trace.insts.iter().map(|inst| inst.op));
                harness.world.poll_after_calls(Some(2));
                starting_slots(&mut harness, slots.trim());
                let observed = harness.check(&trace, &context).unwrap_or_else(|| panic!("{context}: out of fuel"));
                assert_eq!(format!("@{}", observed.snapshot), expected.trim(), "{context}");
                runs += 1;
            }
        }
    }
    assert!(runs > 100, "only {runs} runs");
    let elsewhere = [vm_ir::Op::Param, vm_ir::Op::Sync];
    let missing: Vec<_> = vm_ir::Op::ALL.iter().filter(|op| !used.contains(op) && !elsewhere.contains(op)).collect();
    assert!(missing.is_empty(), "operations without a test file: {missing:?}");
}

/// `sync` is the optimiser's to replace.
#[test]
fn recorded_traces_are_refused() {
    let trace: Trace = "sync @0\nexit @0\n@0 {pc=0, frame=0}\n".parse().unwrap();
    let mut harness = Harness::new();
    assert_eq!(harness.compiler.compile_root(&trace).err(), Some(vm_codegen::CompileError::Recorded));
}

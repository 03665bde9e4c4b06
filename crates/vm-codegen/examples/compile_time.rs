//! Reports what compiling costs and what the code is worth: nanoseconds per instruction of the trace, bytes of code,
//! nanoseconds per turn of two small loops.
//!
//! `cargo run --release -p vm-codegen --example compile_time`

use std::sync::Arc;
use std::time::Instant;
use vm_codegen::{CodeArena, Compiler, Entry, ExitState, Target};
use vm_ir::{Content, End, Inst, Op, Ref, Snapshot, SnapshotId, Trace, Type, word};

fn target() -> Target {
    Target {
        poll_offset: 0,
        cursor_offset: 8,
        limit_offset: 16,
        inline_size_limit: 256,
        start_bits: None,
        barrier_offset: 0,
        barrier_mask: 1,
        box_float: 0,
        allocate: 0,
        barrier: 0,
    }
}

/// A loop of `count` operations over `live` values carried by phis, a guard at every seventh.
fn mixed(count: usize, live: usize) -> Trace {
    let mut trace = Trace::new();
    let none = SnapshotId::NONE;
    let mut seed = 12345u64;
    let mut random = move |limit: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % limit
    };
    let object = trace.emit(Op::Slot, &[], 100, none);
    let ints = live * 3 / 4;
    let inputs: Vec<Ref> = (0..live)
        .map(|slot| {
            let value = trace.emit(Op::Slot, &[], slot as i64, none);
            if slot < ints { value } else { trace.emit(Op::UnboxFloat, &[value], 0, none) }
        })
        .collect();
    trace.emit(Op::Label, &[], 0, none);
    let phis: Vec<Ref> = inputs
        .iter()
        .map(|at| {
            let ty = trace.type_of(*at);
            trace.push(Inst { op: Op::Phi, ty, a: *at, b: *at, c: Ref::NONE, snapshot: none, imm: 0 })
        })
        .collect();
    let mut values = phis.clone();
    let snapshot = |trace: &mut Trace, values: &[Ref]| {
        let entries: Vec<_> = values.iter().enumerate().map(|(slot, at)| (slot as i32, Content::Ref(*at))).collect();
        let top = trace.add_state(&entries);
        trace.add_snapshot(Snapshot { pc: 0, frame: 0, top, raise: false })
    };
    let mut latest = snapshot(&mut trace, &values);
    let constants: Vec<Ref> = (1..9).map(|n| trace.constant(Type::Value, word::int(n))).collect();
    for n in 0..count {
        if n % 7 == 0 {
            latest = snapshot(&mut trace, &values);
            trace.emit(Op::GuardPoll, &[], 0, latest);
            continue;
        }
        let (to, a, b) = (random(ints), values[random(ints)], values[random(ints)]);
        let float = ints + random(live - ints);
        let (x, y) = (values[float], values[ints + random(live - ints)]);
        match random(8) {
            0 | 1 => values[to] = trace.emit(Op::IntAdd, &[a, b], 0, latest),
            2 => values[to] = trace.emit(Op::IntAnd, &[a, constants[random(8)]], 0, none),
            3 => values[to] = trace.emit(Op::IntXor, &[a, b], 0, none),
            4 => values[to] = trace.emit(Op::LoadField, &[object], 8 + 8 * random(8) as i64, none),
            5 => {
                trace.emit(Op::StoreField, &[object, a], 8 + 8 * random(8) as i64, none);
            }
            6 => values[float] = trace.emit(Op::FloatAdd, &[x, y], 0, none),
            _ => values[float] = trace.emit(Op::FloatMul, &[x, y], 0, none),
        }
    }
    for (phi, value) in phis.iter().zip(&values) {
        trace.insts[phi.index()].b = *value;
    }
    trace.end = End::Loop(none);
    trace
}

const SUM: &str = "
v0 = slot[0]
v1 = slot[1]
v2 = slot[2]
label
v4 = phi.value v0, v13
v5 = phi.value v2, v12
guard_poll @0
guard_int_lt v4, v1 @0
v9 = int_mul v4, 3 @0
v10 = int_and v4, 15
v11 = int_xor v9, v10
v12 = int_add v5, v11 @0
v13 = int_add v4, 1 @1
loop
@0 {pc=0, frame=0, 0=v4, 2=v5}
@1 {pc=0, frame=0, 0=v4, 2=v12}";

const MANDELBROT: &str = "
v0 = slot[0]
v1 = slot[1]
v2 = slot[2]
v3 = unbox_float v2
label
v5 = phi.value v0, v18
v6 = phi.float 0.0, v17
v7 = phi.float 0.0, v15
guard_poll @0
guard_int_lt v5, v1 @0
v10 = float_mul v6, v6
v11 = float_mul v7, v7
v12 = float_add v10, v11
guard_float_le v12, 4.0 @0
v14 = float_mul v7, v6
v15a = float_add v14, v14
v15 = float_add v15a, 0.1
v16 = float_sub v10, v11
v17 = float_add v16, v3
v18 = int_add v5, 1 @0
loop
@0 {pc=0, frame=0, 0=v5, 3=v6, 4=v7}";

fn main() {
    let arena = Arc::new(CodeArena::new(target(), 1 << 30).expect("executable memory"));
    let mut compiler = Compiler::new(arena.clone());
    for live in [8, 16, 24, 40] {
        let trace = mixed(1500, live);
        vm_ir::verify(&trace).expect("the generator makes well-formed traces");
        let mut best = f64::MAX;
        let mut code = None;
        for _ in 0..400 {
            let start = Instant::now();
            code = compiler.compile_root(&trace).ok();
            best = best.min(start.elapsed().as_nanos() as f64);
        }
        let code = code.expect("the trace fits");
        let count = trace.insts.len();
        println!(
            "{live:2} values: {count} instructions, {} exits, {:6.1} us, {:5.1} ns per instruction, {} bytes",
            code.exits.len(),
            best / 1e3,
            best / count as f64,
            code.size
        );
    }
    for (name, text, input) in [("sum", SUM, 0.0), ("mandelbrot", MANDELBROT, -0.1)] {
        let trace: Trace = text.parse().expect("the text is a trace");
        let code = compiler.compile_root(&trace).expect("the trace fits");
        let turns = 10_000_000;
        let mut best = f64::MAX;
        for _ in 0..7 {
            let mut stack = [0u64; 8];
            stack[1] = word::int(turns);
            stack[2] = if name == "sum" { 0 } else { word::small_float(input).unwrap_or(0) };
            let (mut thread, mut state) = ([0u64; 8], ExitState::new());
            let start = Instant::now();
            // SAFETY: the entry of a root trace, with a thread and a stack as large as the trace needs.
            unsafe {
                let entry: Entry = std::mem::transmute(code.entry().expect("a root"));
                entry(thread.as_mut_ptr() as *mut u8, stack.as_mut_ptr(), &mut state);
            }
            best = best.min(start.elapsed().as_nanos() as f64);
        }
        println!("{name}: {:.2} ns per turn, {} bytes", best / turns as f64, code.size);
    }
}

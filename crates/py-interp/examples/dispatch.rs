//! What the generic interpreter costs against a `match` written by hand for the same bytecode.
//!
//! Meanings generic over the machine must not be slower than what one would write for an interpreter alone. The program is a
//! loop of small ints and floats; the match has just the opcodes that it needs. Prints CPU times and their ratio
//! (above 1: the generic one is faster). Run with `cargo run --release -p py-interp --example dispatch`.

use py_code::Opcode;
use py_interp::{imports, run};
use py_object::objects::{Dict, Function};
use py_object::{Cx, NONE, Runtime, bootstrap, downcast};
use vm_heap::{Heap, Value};
use vm_machine::Instruction;

const PROGRAM: &str = "
def work(n):
    total = 0
    x = 0.5
    i = 0
    while i < n:
        total = total + i % 7
        if total > 1000000:
            total -= 1000000
        x = x * 0.75 + 1.5
        i += 1
    return total
";
const TURNS: i64 = 2_000_000;
const ROUNDS: usize = 15;

fn main() {
    bootstrap::declare_layouts();
    let heap = Heap::global();
    let runtime = Runtime::new([1, 2]);
    heap.add_root_scanner(|full, visit| runtime.for_each_root(full, visit));
    let mut cx = Cx::attach(runtime);
    bootstrap::make_types(&mut cx);
    py_object::types::table::install(&mut cx);
    py_interp::install(&mut cx, None);
    let code = imports::compile_source(&mut cx, PROGRAM.as_bytes(), "<example>").expect("the program is right");
    let module = bootstrap::new_module(&mut cx, "__main__");
    let dict = module.dict.get();
    run::run_code(&mut cx, code, dict, NONE, NONE).expect("the program defines a function");
    let name = cx.intern("work");
    let work = Dict::get_str(&mut cx, dict, name).and_then(downcast::<Function>).expect("the program defines it");
    let turns = Value::int(TURNS);
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let start = cpu_seconds();
        let generic = run::call_function(&mut cx, work.value(), &[turns], None).expect("the program raises nothing");
        let middle = cpu_seconds();
        let entry = work.code.get().entry.get() as *const u64;
        let mut registers = [Value::int(0); 64];
        registers[0] = turns;
        // SAFETY: the entry is that of loaded code with fewer registers.
        let by_hand = unsafe { interpret(entry, &mut registers) };
        let end = cpu_seconds();
        assert_eq!(generic, by_hand);
        println!("generic {:.1} ms, by hand {:.1} ms", 1e3 * (middle - start), 1e3 * (end - middle));
        ratios.push((end - middle) / (middle - start));
    }
    ratios.sort_by(f64::total_cmp);
    println!("median of ratios: {:.2}", ratios[ROUNDS / 2]);
}

fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a plain query into a local structure.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

macro_rules! opcodes {
    ($($NAME:ident = $Name:ident;)*) => { $(const $NAME: u8 = Opcode::$Name as u8;)* };
}

opcodes! {
    LOAD_INT = LoadInt; LOAD_CONST = LoadConst; MOVE = Move; ADD = Add; SUB = Sub; MUL = Mul; MOD = Mod; ADD_INT = AddInt;
    JUMP = Jump; JUMP_IF_LT = JumpIfLt; JUMP_IF_NOT_LT = JumpIfNotLt; JUMP_IF_NOT_GT = JumpIfNotGt;
    LOOP_HEADER = LoopHeader; RETURN = Return;
}

/// # Safety
/// `pc` must lie in loaded code whose registers are fewer than 64.
unsafe fn interpret(mut pc: *const u64, registers: &mut [Value; 64]) -> Value {
    // SAFETY: the caller's promise, here and for the register numbers in the code.
    let get = |registers: &[Value; 64], at: usize| unsafe { *registers.get_unchecked(at) };
    macro_rules! set {
        ($at:expr, $value:expr) => {{
            let value = $value;
            // SAFETY: as above.
            unsafe { *registers.get_unchecked_mut($at) = value }
        }};
    }
    macro_rules! arithmetic {
        ($i:expr, $int:ident, $float:tt) => {{
            let (lhs, rhs) = (get(registers, $i.b()), get(registers, $i.c()));
            if lhs.is_int() && rhs.is_int() {
                let number = lhs.as_int().$int(rhs.as_int()).and_then(Value::small_int);
                set!($i.a(), number.expect("small"));
            } else {
                let number = |value: Value| if value.is_float() { value.as_float() } else { value.as_int() as f64 };
                let result = number(lhs) $float number(rhs);
                set!($i.a(), Value::small_float(result).expect("small"));
            }
        }};
    }
    macro_rules! jump_if {
        ($i:expr, $test:tt, $wanted:literal) => {{
            let (lhs, rhs) = (get(registers, $i.a()), get(registers, $i.b()));
            assert!(lhs.is_int() && rhs.is_int());
            if (lhs.as_int() $test rhs.as_int()) == $wanted {
                pc = pc.wrapping_offset($i.signed_c() as isize);
            }
        }};
    }
    loop {
        // SAFETY: the caller's promise: every path stays inside the code.
        let i = Instruction(unsafe { *pc });
        pc = pc.wrapping_add(1);
        match i.opcode() {
            LOAD_INT => set!(i.a(), Value::int(i.bc())),
            LOAD_CONST => {
                // SAFETY: the instruction has an extension word.
                set!(i.a(), Value::from_bits(unsafe { *pc }));
                pc = pc.wrapping_add(1);
            }
            MOVE => set!(i.a(), get(registers, i.b())),
            ADD => arithmetic!(i, checked_add, +),
            SUB => arithmetic!(i, checked_sub, -),
            MUL => arithmetic!(i, checked_mul, *),
            MOD => {
                let (lhs, rhs) = (get(registers, i.b()), get(registers, i.c()));
                assert!(lhs.is_int() && rhs.is_int() && rhs != Value::int(0));
                let (lhs, rhs) = (lhs.as_int(), rhs.as_int());
                let rest = lhs % rhs;
                set!(i.a(), Value::int(if rest != 0 && (rest < 0) != (rhs < 0) { rest + rhs } else { rest }));
            }
            ADD_INT => {
                let lhs = get(registers, i.b());
                assert!(lhs.is_int());
                set!(i.a(), Value::small_int(lhs.as_int() + i.signed_c()).expect("small"));
            }
            JUMP => pc = pc.wrapping_offset(i.bc() as isize),
            JUMP_IF_LT => jump_if!(i, <, true),
            JUMP_IF_NOT_LT => jump_if!(i, <, false),
            JUMP_IF_NOT_GT => jump_if!(i, >, false),
            LOOP_HEADER => pc = pc.wrapping_add(1),
            RETURN => return get(registers, i.a()),
            other => panic!("opcode {other} is not in the program"),
        }
    }
}

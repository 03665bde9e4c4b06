//! Every program in `programs/` in every mode. A program says what it prints (`; expect: LINE`) and what the JIT must have
//! compiled at least (`; jit: loops=N bridges=N`), so that no mode passes without the code it is about.

use std::sync::{Mutex, MutexGuard, PoisonError};
use toy_language::{Context, Toy};
use vm_heap::{Configuration, Heap};
use vm_trace::{Statistics, jit};

/// Heap settings and the JIT's statistics belong to the process: one program at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn exclusively() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Case {
    name: String,
    source: String,
    expected: String,
    loops: u64,
    bridges: u64,
}

fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let case = |path: std::path::PathBuf| {
        let source = std::fs::read_to_string(&path).unwrap();
        let lines = |prefix: &str| source.lines().filter_map(|line| line.strip_prefix(prefix)).collect::<Vec<_>>();
        let expected = lines("; expect: ").iter().map(|line| format!("{line}\n")).collect();
        let jit = lines("; jit: ").join(" ");
        let least = |name: &str| {
            let found = jit.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            found.map_or(0, |number| number.parse().unwrap())
        };
        Case {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            expected,
            loops: least("loops"),
            bridges: least("bridges"),
            source,
        }
    };
    paths.into_iter().map(case).collect()
}

/// Runs a program on this thread and returns what it printed.
fn run(source: &str, hot: Option<i32>) -> String {
    let mut context = Context::attach(hot);
    let program = context.load(source).unwrap();
    let result = context.call(&program, "main", &[]);
    let mut output = context.take_output();
    if let Err(failure) = result {
        output.push_str(&format!("line {}: {}\n", failure.line, failure.message));
    }
    output
}

fn statistics() -> Statistics {
    jit::<Toy>().expect("there is memory for code").statistics()
}

fn check_all(hot: Option<i32>, heap: &str) {
    let _exclusive = exclusively();
    Heap::global().configure(Configuration::parse(heap).unwrap());
    for case in cases() {
        let before = statistics();
        assert_eq!(run(&case.source, hot), case.expected, "{} with hot={hot:?}, heap {heap}", case.name);
        let after = statistics();
        let name = &case.name;
        if hot.is_none() {
            assert_eq!(after, before, "{name}: the JIT was off");
            continue;
        }
        let (loops, bridges) = (after.loops - before.loops, after.bridges - before.bridges);
        assert!(loops >= case.loops, "{name}: {loops} loops were compiled, expected {}", case.loops);
        assert!(bridges >= case.bridges, "{name}: {bridges} bridges were compiled, expected {}", case.bridges);
        assert!(after.entries > before.entries, "{name}: no compiled code was entered");
    }
    Heap::global().configure(Configuration::default());
}

macro_rules! modes {
    ($($name:ident: $hot:expr, $heap:literal;)*) => {$(
        #[test]
        fn $name() {
            check_all($hot, $heap)
        }
    )*};
}

modes! {
    interpreted: None, "";
    compiled_at_once: Some(1), "";
    compiled_when_hot: Some(30), "";
    interpreted_under_collector_stress: None, "stress=37";
    compiled_at_once_under_collector_stress: Some(1), "stress=37";
    compiled_when_hot_under_collector_stress: Some(30), "stress=37";
}

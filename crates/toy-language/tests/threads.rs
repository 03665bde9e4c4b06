//! Threads that run the same compiled loop on shared objects at the same time, with and without collector stress.

use std::sync::Barrier;
use toy_language::objects::{Array, Pair, downcast, elements, new_array, new_pair};
use toy_language::{Context, Toy};
use vm_heap::{Configuration, Heap, Value};
use vm_trace::jit;

/// Reads the shared array of pairs, allocates, and writes to a shared pair and to an element of its own.
const SOURCE: &str = "
(fn work (shared last mine)
  (var i 0)
  (var sum 0)
  (var list nil)
  (while (< i (length shared))
    (var p (at shared i))
    (set sum (+ sum (* (first p) (second p))))
    (set list (if (= (% i 16) 0) nil (pair sum list)))
    (set-first last (pair i mine))
    (set i (+ i 1)))
  (set-second last list)
  sum)";

const THREADS: usize = 3;
const LENGTH: i64 = 300;
const CALLS: usize = 60;

fn run(heap: &str) {
    Heap::global().configure(Configuration::parse(heap).unwrap());
    let main = Context::attach(None);
    let program = main.load(SOURCE).unwrap();
    // Kept by this thread's stack while the others run.
    let shared = new_array(main.mutator(), LENGTH as usize, Value::int(0)).unwrap();
    for (index, element) in elements(&shared).iter().enumerate() {
        let pair = new_pair(main.mutator(), Value::int(index as i64), Value::int(2));
        element.set(main.mutator(), shared, pair);
    }
    let last = downcast::<Pair>(new_pair(main.mutator(), Value::int(0), Value::int(0))).unwrap();
    let before = jit::<Toy>().unwrap().statistics();
    let start = Barrier::new(THREADS);
    let work = |mine: usize| {
        start.wait();
        let mut context = Context::attach(Some(30));
        let mut sums = Vec::new();
        for _ in 0..CALLS {
            let arguments = [shared.value(), last.value(), Value::int(mine as i64)];
            sums.push(context.call(&program, "work", &arguments).unwrap());
        }
        sums
    };
    // This thread waits as a native one, so that collections go on.
    main.mutator().native(|| {
        std::thread::scope(|scope| {
            let work = &work;
            let threads: Vec<_> = (0..THREADS).map(|mine| scope.spawn(move || work(mine))).collect();
            for thread in threads {
                let sums = thread.join().unwrap();
                assert_eq!(sums, vec![Value::int(LENGTH * (LENGTH - 1)); CALLS]);
            }
        })
    });
    let after = jit::<Toy>().unwrap().statistics();
    assert_eq!(after.loops - before.loops, 1, "one loop serves all threads");
    // Whoever finds the recorder busy interprets for a while, but no thread does so for half of its calls.
    assert!(after.entries - before.entries >= (THREADS * CALLS / 2) as u64, "{before:?} {after:?}");
    // Whichever thread was last, the shared pair holds what one of them stored.
    let first = downcast::<Pair>(last.first.get()).unwrap();
    assert!(first.second.get().as_int() < THREADS as i64 && first.first.get() == Value::int(LENGTH - 1));
    let mut list = last.second.get();
    let mut length = 0;
    while let Some(pair) = downcast::<Pair>(list) {
        length += 1;
        list = pair.second.get();
    }
    assert_eq!(length, (LENGTH - 1) % 16);
    assert!(downcast::<Array>(shared.value()).is_some());
}

#[test]
fn threads_share_compiled_code() {
    run("");
    run("stress=61");
    Heap::global().configure(Configuration::default());
}

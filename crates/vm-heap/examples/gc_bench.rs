//! Benchmark of allocation and collection: `gc_bench PROGRAM [SIZE]`.
//!
//! | program | what it measures |
//! |---|---|
//! | `alloc` | short-lived 24-byte objects, stored round robin into an old array |
//! | `trees` | binary trees, depth 18 |
//! | `gcbench` | Boehm's GCBench: trees built top-down and bottom-up beside a long-lived tree and array |
//! | `old` | minor pauses and full collections with so many MB live |
//! | `startup` | creating the heap, attaching and the first object |
//!
//! A second thread that allocates at the same time is added by the environment variable `SECOND=1`.

use std::hint::black_box;
use std::time::Instant;
use vm_heap::*;

const NODE: LayoutId = LayoutId(1);
const ARRAY: LayoutId = LayoutId(2);
const BYTES: LayoutId = LayoutId(3);

#[repr(C)]
struct Node {
    header: Header,
    left: Field<Option<Gc<Node>>>,
    right: Field<Option<Gc<Node>>>,
}

#[repr(C)]
struct Array {
    header: Header,
    length: Field<Value>,
}

fn header(layout: LayoutId) -> u64 {
    Header::word(layout, 0, ShapeId(0))
}

#[inline(always)]
fn node(m: &Mutator, left: Option<Gc<Node>>, right: Option<Gc<Node>>) -> Gc<Node> {
    // SAFETY: the layout is that of the struct.
    let node: Gc<Node> = unsafe { Gc::from_address(m.allocate(24, header(NODE))) };
    node.left.init(left);
    node.right.init(right);
    node
}

fn sized(m: &Mutator, layout: LayoutId, length: usize, bytes: usize) -> Gc<Array> {
    // SAFETY: the layout is that of the struct.
    let array: Gc<Array> = unsafe { Gc::from_address(m.allocate(16 + bytes, header(layout))) };
    array.length.init(Value::int(length as i64));
    array
}

#[inline(always)]
fn element(array: Gc<Array>, index: usize) -> &'static Field<Value> {
    debug_assert!(index < array.length.get().as_int() as usize);
    // SAFETY: callers keep to the length.
    unsafe { &*((array.address() + 16 + 8 * index) as *const Field<Value>) }
}

#[inline(always)]
fn poll(m: &Mutator) {
    if m.should_poll() {
        m.safepoint()
    }
}

fn bottom_up(m: &Mutator, depth: usize) -> Gc<Node> {
    if depth == 0 {
        return node(m, None, None);
    }
    let left = bottom_up(m, depth - 1);
    let right = bottom_up(m, depth - 1);
    poll(m);
    node(m, Some(left), Some(right))
}

fn populate(m: &Mutator, depth: usize, parent: Gc<Node>) {
    if depth == 0 {
        return;
    }
    poll(m);
    let left = node(m, None, None);
    parent.left.set(m, parent, Some(left));
    let right = node(m, None, None);
    parent.right.set(m, parent, Some(right));
    populate(m, depth - 1, left);
    populate(m, depth - 1, right);
}

fn check(node: Gc<Node>) -> usize {
    match (node.left.get(), node.right.get()) {
        (Some(left), Some(right)) => 1 + check(left) + check(right),
        _ => 1,
    }
}

#[inline(never)]
fn short_lived(m: &Mutator, count: usize) {
    let ring = black_box(sized(m, ARRAY, 1024, 8 * 1024));
    for index in 0..count {
        let object = node(m, None, None);
        element(ring, index & 1023).set(m, ring, object.value());
        poll(m);
    }
    black_box(ring);
}

#[inline(never)]
fn trees(m: &Mutator, depth: usize) -> usize {
    let mut total = check(bottom_up(m, depth + 1));
    let long_lived = black_box(bottom_up(m, depth));
    for small in (4..=depth).step_by(2) {
        for _ in 0..1 << (depth - small + 4) {
            total += check(bottom_up(m, small));
        }
    }
    total + check(black_box(long_lived))
}

#[inline(never)]
fn gcbench(m: &Mutator, stretch: usize) -> usize {
    let size = |depth: usize| (1usize << (depth + 1)) - 1;
    black_box(bottom_up(m, stretch));
    let long_lived = black_box(node(m, None, None));
    populate(m, stretch - 2, long_lived);
    let floats = black_box(sized(m, BYTES, 8 * 500_000, 8 * 500_000));
    for index in 0..250_000 {
        element(floats, index).word().store((1.0 / (index + 1) as f64).to_bits(), std::sync::atomic::Ordering::Relaxed);
    }
    for depth in (4..=stretch - 2).step_by(2) {
        let rounds = 2 * size(stretch) / size(depth);
        for _ in 0..rounds {
            let tree = black_box(node(m, None, None));
            populate(m, depth, tree);
        }
        for _ in 0..rounds {
            black_box(bottom_up(m, depth));
        }
    }
    black_box(floats);
    check(long_lived)
}

#[inline(never)]
fn old_heap(m: &Mutator, megabytes: usize, count: usize) {
    let per_tree = 1 << 15;
    let trees = (megabytes << 20) / (per_tree * 24);
    let root = black_box(sized(m, ARRAY, trees, 8 * trees));
    for index in 0..trees {
        let tree = bottom_up(m, 14);
        element(root, index).set(m, root, tree.value());
    }
    for _ in 0..3 {
        m.collect(true);
        println!("  full: {:.1} ms", m.heap().statistics().full.last_ns as f64 / 1e6);
    }
    let before = m.heap().statistics().minor;
    let mut random = 12345u64;
    let mut next = || {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (random >> 33) as usize
    };
    for index in 0..count {
        let object = node(m, None, None);
        if index & 1023 == 0 {
            // SAFETY: nodes were stored there.
            let mut at: Gc<Node> = unsafe { Gc::from_address(element(root, next() % trees).get().address()) };
            for _ in 0..12 {
                let field = if next() & 1 == 0 { &at.left } else { &at.right };
                at = field.get().unwrap_or(at);
            }
            at.left.set(m, at, Some(object));
        }
        poll(m);
    }
    let after = m.heap().statistics().minor;
    let minors = after.count - before.count;
    let mean = (after.total_ns - before.total_ns) as f64 / minors.max(1) as f64 / 1e6;
    println!("  minor: {minors} times, mean {mean:.3} ms");
    black_box(root);
}

fn cpu_seconds() -> f64 {
    // SAFETY: the structure is written by the call before it is read.
    unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    }
}

fn report(name: &str, started: Instant, cpu: f64, m: &Mutator) {
    let statistics = m.heap().statistics();
    let peak = std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|text| text.lines().find(|line| line.starts_with("VmHWM")).map(str::to_string))
        .unwrap_or_default();
    let mean = |pauses: Pauses| pauses.total_ns as f64 / pauses.count.max(1) as f64 / 1e6;
    println!(
        "{name}: wall {:.3} s, cpu {:.3} s, minor {} (mean {:.3} ms), full {} (mean {:.1} ms), {}",
        started.elapsed().as_secs_f64(),
        cpu_seconds() - cpu,
        statistics.minor.count,
        mean(statistics.minor),
        statistics.full.count,
        mean(statistics.full),
        peak.split_whitespace().collect::<Vec<_>>().join(" "),
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let program = arguments.get(1).map_or("", String::as_str);
    let size = |usual: usize| arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let m = &*Mutator::attach();
    let plain = Layout { name: "", fixed_size: 24, values: 0, pointers: 0, tail: Tail::None, length_offset: 0 };
    declare_layout(NODE, Layout { name: "node", pointers: 0b110, ..plain });
    let sized = Layout { fixed_size: 16, length_offset: 8, ..plain };
    declare_layout(ARRAY, Layout { name: "array", tail: Tail::Values, ..sized });
    declare_layout(BYTES, Layout { name: "bytes", tail: Tail::Bytes, ..sized });
    if program == "startup" {
        black_box(node(m, None, None));
        println!(
            "startup: wall {:.3} ms, cpu {:.3} ms",
            started.elapsed().as_secs_f64() * 1e3,
            (cpu_seconds() - cpu) * 1e3
        );
        return;
    }
    match std::env::var("CONFIGURATION").map_or(Ok(Configuration::default()), |text| Configuration::parse(&text)) {
        Ok(configuration) => m.heap().configure(configuration),
        Err(message) => return eprintln!("{message}"),
    }
    let run = |m: &Mutator| match program {
        "alloc" => {
            let count = size(100_000_000);
            let cpu = cpu_seconds();
            short_lived(m, count);
            println!("  {:.3} ns per object", (cpu_seconds() - cpu) * 1e9 / count as f64);
        }
        "trees" => println!("  check {}", trees(m, size(18))),
        "gcbench" => println!("  check {}", gcbench(m, size(18))),
        "old" => old_heap(m, size(1024), 50_000_000),
        _ => eprintln!("gc_bench alloc|trees|gcbench|old|startup [SIZE]"),
    };
    if std::env::var_os("SECOND").is_some() {
        std::thread::scope(|scope| {
            scope.spawn(|| run(&Mutator::attach()));
            run(m);
            m.native(|| ());
            // The scope waits for the other thread; this one must not hold it up.
            m.native(|| {
                while vm_sync::Registry::global().attached() > 1 {
                    std::thread::yield_now()
                }
            });
        });
    } else {
        run(m);
    }
    report(program, started, cpu, m);
}

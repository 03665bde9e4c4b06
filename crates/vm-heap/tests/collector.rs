//! One thread against the collector: what lives, what dies, weak references, finalizers.

mod common;

use common::*;
use std::hint::black_box;
use vm_heap::*;

fn with_heap(body: impl FnOnce(&Mutator)) {
    // Each test looks at the objects of one heap; together they would see each other's.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    declare();
    let mutator = Mutator::attach();
    body(&mutator);
}

fn sum(mut node: Option<Gc<Node>>) -> (u64, u64) {
    let (mut count, mut total) = (0, 0);
    while let Some(this) = node {
        (count, total) = (count + 1, total + this.number.get());
        node = this.next.get();
    }
    (count, total)
}

#[test]
fn a_list_on_the_stack_survives_and_rubbish_goes() {
    with_heap(|m| {
        let mut list = None;
        for number in 0..200_000 {
            list = Some(node(m, list, number));
            black_box(node(m, None, 7));
        }
        m.collect(true);
        let used = m.heap().statistics().used_bytes;
        for number in 0..3_000_000 {
            black_box(node(m, list, number));
        }
        m.collect(true);
        assert_eq!(sum(list), (200_000, 199_999 * 200_000 / 2));
        let now = m.heap().statistics().used_bytes;
        assert!(now <= used + (1 << 20), "{used} {now}");
        assert!(m.heap().statistics().minor.count >= 5);
        black_box(list);
    })
}

#[test]
fn interior_and_tagged_pointers_keep_objects_of_every_size() {
    with_heap(|m| {
        for length in [1usize, 20, 31, 100, 900, 5000, 200_000] {
            for (offset, keep) in [(0, true), (1, true), (8, true), (usize::MAX, true), (0, false)] {
                let (mut pointer, hidden) = apart(|| {
                    let object = bytes(m, length * 8);
                    let offset = if offset == usize::MAX { 16 + length * 8 - 1 } else { offset };
                    (if keep { object.address() + offset } else { 0 }, hide(object))
                });
                let pointer = black_box(&mut pointer);
                for full in [false, true, true] {
                    apart(|| m.collect(full));
                }
                assert_eq!(apart(|| alive(m, hidden)), keep, "length {length} offset {offset}");
                black_box(pointer);
            }
        }
    })
}

#[test]
fn a_pointer_past_the_end_or_into_free_space_keeps_nothing() {
    with_heap(|m| {
        let (mut past, hidden) = apart(|| {
            let object = bytes(m, 4000);
            (object.address() + 16 + 4000, hide(object))
        });
        let past = black_box(&mut past);
        apart(|| m.collect(true));
        assert!(!apart(|| alive(m, hidden)));
        black_box(past);
    })
}

#[test]
fn old_objects_written_to_keep_young_ones() {
    with_heap(|m| {
        for length in [4usize, 100, 3000] {
            let old = array(m, length);
            m.collect(false);
            for round in 0..5u64 {
                for index in 0..length {
                    let young = node(m, None, round << 32 | index as u64);
                    old.element(index).set(m, old, young.value());
                }
                apart(|| m.collect(false));
                for index in 0..length {
                    // SAFETY: a node was stored there.
                    let young: Gc<Node> = unsafe { Gc::from_address(old.element(index).get().address()) };
                    assert_eq!(young.number.get(), round << 32 | index as u64);
                }
                let report = m.verify(false);
                assert!(report.problems.is_empty(), "{report:?}");
            }
        }
    })
}

#[test]
fn the_verifier_notices_a_store_without_a_barrier() {
    with_heap(|m| {
        let old = array(m, 4);
        m.collect(false);
        apart(|| old.element(0).init(node(m, None, 1).value()));
        let report = apart(|| m.verify(false));
        assert!(report.problems.iter().any(|problem| problem.contains("array")), "{report:?}");
        old.element(0).init(Value::int(0));
        assert!(m.verify(true).problems.is_empty());
    })
}

#[test]
fn fresh_memory_is_zero() {
    with_heap(|m| {
        let mut random = Random(88172645463325252);
        let keep = array(m, 64);
        for _ in 0..30_000 {
            let length = match random.below(50) {
                0 => 1000 + random.below(20_000),
                1..=9 => 40 + random.below(900),
                _ => random.below(30),
            };
            let object = bytes(m, 8 * length);
            for index in 0..length {
                assert_eq!(object.word(index).load(std::sync::atomic::Ordering::Relaxed), 0);
                object.word(index).store(u64::MAX, std::sync::atomic::Ordering::Relaxed);
            }
            keep.element(random.below(64)).set(m, keep, object.value());
        }
    })
}

#[test]
fn words_are_scanned_conservatively_and_bytes_not_at_all() {
    with_heap(|m| {
        let (code, data) = (words(m, 3), bytes(m, 24));
        let hidden = apart(|| {
            let nodes = [node(m, None, 1), node(m, None, 2), node(m, None, 3), node(m, None, 4)];
            code.word(0).store(nodes[0].address() as u64, std::sync::atomic::Ordering::Relaxed);
            code.word(1).store(nodes[1].value().bits(), std::sync::atomic::Ordering::Relaxed);
            code.word(2).store(nodes[2].address() as u64 + 17, std::sync::atomic::Ordering::Relaxed);
            data.word(0).store(nodes[3].address() as u64, std::sync::atomic::Ordering::Relaxed);
            nodes.map(hide)
        });
        apart(|| m.collect(true));
        assert_eq!(hidden.map(|node| apart(|| alive(m, node))), [true, true, true, false]);
        black_box((code, data));
    })
}

#[test]
fn global_roots_scanners_and_value_stacks_are_roots() {
    static ROOT: std::sync::LazyLock<Box<Field<Value>>> = std::sync::LazyLock::new(|| {
        // SAFETY: a field is a word, and zero is a small int.
        unsafe { Box::new(std::mem::zeroed()) }
    });
    static REPORTED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    with_heap(|m| {
        m.heap().add_root(&ROOT);
        m.heap()
            .add_root_scanner(|_, visit| visit(Value::from_bits(!REPORTED.load(std::sync::atomic::Ordering::Relaxed))));
        REPORTED.store(!0, std::sync::atomic::Ordering::Relaxed);
        let stack: Box<[u64]> = vec![0u64; 100].into_boxed_slice();
        m.set_value_stack(stack.as_ptr(), stack[50..].as_ptr());
        let stack: &[std::cell::Cell<u64>] = std::cell::Cell::from_mut(&mut *Box::leak(stack)).as_slice_of_cells();
        let hidden = apart(|| {
            let nodes = [node(m, None, 1), node(m, None, 2), node(m, None, 3), node(m, None, 4)];
            ROOT.init(nodes[0].value());
            REPORTED.store(!nodes[1].value().bits(), std::sync::atomic::Ordering::Relaxed);
            stack[49].set(nodes[2].value().bits());
            stack[50].set(nodes[3].value().bits());
            nodes.map(hide)
        });
        for full in [false, true] {
            apart(|| m.collect(full));
            assert_eq!(hidden.map(|node| apart(|| alive(m, node))), [true, true, true, false]);
        }
        ROOT.init(Value::int(0));
        REPORTED.store(!0, std::sync::atomic::Ordering::Relaxed);
        m.stack_top.set(m.stack_base.get());
        apart(|| m.collect(true));
        assert_eq!(hidden.map(|node| apart(|| alive(m, node))), [false; 4]);
    })
}

#[test]
fn a_plain_vector_keeps_nothing_and_a_rooted_one_everything() {
    with_heap(|m| {
        let mut first = RootedVec::new(m);
        let mut second = RootedVec::new(m);
        let plain = apart(|| {
            first.extend((0..1000).map(|number| node(m, None, number)));
            second.push(node(m, None, 5).value());
            (0..10).map(|number| hide(node(m, None, number))).collect::<Vec<_>>()
        });
        for full in [false, true] {
            apart(|| m.collect(full));
            assert!(first.iter().zip(0..).all(|(node, number)| node.number.get() == number));
        }
        assert!(apart(|| plain.iter().all(|&node| !alive(m, node))));
        // Not in the order of making.
        let hidden = apart(|| hide(first.get(999).unwrap()));
        drop(first);
        apart(|| m.collect(true));
        assert!(!apart(|| alive(m, hidden)));
        let address = second.as_slice()[0].address();
        // SAFETY: a node was stored there.
        assert_eq!(unsafe { Gc::<Node>::from_address(address) }.number.get(), 5);
    })
}

#[test]
fn weak_references_are_cleared_when_the_target_dies() {
    with_heap(|m| {
        for full in [false, true] {
            for old in [false, true] {
                let keep = node(m, None, 5);
                let alive_one = weak(m, keep.value(), true);
                let holder = array(m, 1);
                let (silent, loud) = apart(|| {
                    let target = node(m, None, 6);
                    holder.element(0).set(m, holder, target.value());
                    (weak(m, target.value(), false), weak(m, target.value(), true))
                });
                if old {
                    apart(|| m.collect(false));
                    assert!(silent.target.get(m).is_some() && loud.target.get(m).is_some());
                    clear_stack();
                }
                holder.element(0).set(m, holder, Value::int(0));
                apart(|| m.collect(full));
                let cleared = full || !old;
                assert_eq!(apart(|| silent.target.get(m).is_none()), cleared, "full {full} old {old}");
                assert_eq!(apart(|| loud.target.get(m).is_none()), cleared);
                assert_eq!(m.take_cleared(), cleared.then(|| loud.value()));
                assert_eq!(m.take_cleared(), None);
                assert_eq!(alive_one.target.get(m), Some(keep.value()));
            }
        }
        apart(|| m.collect(true));
        while m.take_cleared().is_some() {}
    })
}

#[test]
fn an_owner_that_dies_with_its_target_is_not_notified() {
    with_heap(|m| {
        apart(|| {
            let target = node(m, None, 6);
            weak(m, target.value(), true);
        });
        apart(|| m.collect(true));
        assert_eq!(m.take_cleared(), None);
    })
}

#[test]
fn finalizable_objects_come_back_once_with_all_they_reach() {
    with_heap(|m| {
        for full in [false, true] {
            let (hidden, notified, silent) = apart(|| {
                let inner = node(m, None, 41);
                let object = node(m, Some(inner), 42);
                m.register_finalizable(object.value());
                (hide(object), weak(m, object.value(), true), weak(m, object.value(), false))
            });
            assert!(!m.should_poll());
            apart(|| m.collect(full));
            assert!(m.should_poll());
            // Cleared before finalizers run, or valid while the object is revived: see the head of weak.rs.
            assert!(apart(|| notified.target.get(m).is_none() && silent.target.get(m).is_some()));
            assert_eq!(m.take_cleared(), Some(notified.value()));
            apart(|| {
                let object = m.take_finalizable().expect("the object is unreachable");
                assert_eq!(object.address(), hidden.address());
                assert_eq!(m.take_finalizable(), None);
                // SAFETY: the object is a node.
                let object: Gc<Node> = unsafe { Gc::from_address(object.address()) };
                assert_eq!(sum(Some(object)), (2, 83));
                assert!(!m.should_poll());
            });
            apart(|| m.collect(true));
            assert!(!apart(|| alive(m, hidden)));
            assert_eq!(m.take_finalizable(), None);
            assert!(silent.target.get(m).is_none());
        }
    })
}

#[test]
fn reachable_finalizable_objects_stay_registered() {
    with_heap(|m| {
        let holder = array(m, 1);
        apart(|| {
            let object = node(m, None, 1);
            m.register_finalizable(object.value());
            holder.element(0).set(m, holder, object.value());
        });
        for full in [false, false, true, true] {
            apart(|| m.collect(full));
            assert_eq!(m.take_finalizable(), None);
        }
        holder.element(0).set(m, holder, Value::int(0));
        apart(|| m.collect(true));
        assert!(apart(|| m.take_finalizable().is_some()));
    })
}

#[test]
fn absurd_sizes_are_refused_and_the_heap_goes_on() {
    with_heap(|m| {
        for size in [usize::MAX, usize::MAX - 7, 1 << 62, 1 << 46, m.heap().statistics().reserved_bytes] {
            assert_eq!(m.try_allocate(size, header(BYTES)), None, "{size}");
        }
        assert_eq!(node(m, None, 3).number.get(), 3);
        let before = m.heap().configuration();
        m.collect(true);
        let used = m.heap().statistics().used_bytes;
        m.heap().configure(Configuration { maximum: used + (64 << 20), ..before });
        let big = m.try_allocate(48 << 20, header(BYTES));
        assert!(big.is_some());
        assert_eq!(m.try_allocate(48 << 20, header(BYTES)), None);
        black_box(big);
        m.heap().configure(before);
        assert!(m.try_allocate(48 << 20, header(BYTES)).is_some());
    })
}

#[test]
fn memory_is_returned_after_everything_was_dropped() {
    with_heap(|m| {
        apart(|| {
            let mut list = None;
            for number in 0..6_000_000 {
                list = Some(node(m, list, number));
            }
            let large = bytes(m, 50 << 20);
            black_box((list, large));
        });
        apart(|| m.collect(true));
        let statistics = m.heap().statistics();
        assert!(statistics.used_bytes < 8 << 20, "{statistics:?}");
        assert!(statistics.returned_bytes > 50 << 20, "{statistics:?}");
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        let resident: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(resident < 100 << 10, "{line}");
    })
}

#[test]
fn digests_depend_on_content_and_not_on_addresses() {
    with_heap(|m| {
        let graph = |last| {
            let shared = node(m, None, last);
            let first = node(m, Some(shared), 1);
            first.other.set(m, first, shared.value());
            let all = array(m, 3);
            all.element(0).set(m, all, first.value());
            all.element(1).set(m, all, all.value());
            all.element(2).set(m, all, bytes(m, 100).value());
            all.value()
        };
        let digest = |value| m.digest(value, |_, _| false);
        let (first, second, third) = (graph(2), graph(2), graph(3));
        assert_eq!(digest(first), digest(second));
        assert_ne!(digest(first), digest(third));
        let ignore = |layout: &Layout, word: usize| layout.name == "node" && word == 3;
        assert_eq!(m.digest(first, ignore), m.digest(third, ignore));
    })
}

#[test]
fn memory_of_dead_objects_is_freed_one_collection_later() {
    use std::sync::Mutex;
    static FREED: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    static TOLD: Mutex<Vec<(usize, bool)>> = Mutex::new(Vec::new());
    with_heap(|m| {
        let dead: Vec<Hidden> = apart(|| {
            let owners = (0..20).map(|number| {
                let owner = node(m, None, 0);
                m.own_memory(owner.value(), number, |number| FREED.lock().unwrap().push(number));
                hide(owner)
            });
            owners.collect()
        });
        let kept = black_box(node(m, None, 0));
        m.own_memory(kept.value(), 100, |number| FREED.lock().unwrap().push(number));
        let (hidden, inside) = (dead.clone(), kept.address() + 8);
        m.heap().add_forgetter(move |lives| {
            let gone = hidden.iter().filter(|owner| !lives(owner.address() + 8));
            TOLD.lock().unwrap().push((gone.count(), lives(inside)));
        });
        m.collect(false);
        assert!(FREED.lock().unwrap().is_empty());
        // A word on the stack may look like a reference to one of them.
        let (gone, kept_lives) = TOLD.lock().unwrap()[0];
        assert!(gone > 15 && kept_lives, "{gone}");
        m.collect(true);
        m.collect(true);
        let freed = FREED.lock().unwrap();
        assert!(freed.len() > 15 && freed.iter().all(|number| *number < 20), "{freed:?}");
        black_box(kept);
    })
}

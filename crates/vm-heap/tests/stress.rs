//! Stress mode: a collection at every few allocations, freed memory overwritten, the heap verified each time.
//! A process of its own, since the settings are the heap's.

mod common;

use common::*;
use vm_heap::*;

#[test]
fn collecting_all_the_time_loses_nothing() {
    declare();
    Heap::global().configure(Configuration::parse("stress=3").unwrap());
    let mutator = Mutator::attach();
    let shared = array(&mutator, 100);
    workload(&mutator, 88_172_645_463_325_252, 800, shared);
    let notified = apart(|| weak(&mutator, node(&mutator, None, 1).value(), true));
    apart(|| {
        for number in 0..20 {
            std::hint::black_box(node(&mutator, None, number));
        }
    });
    apart(|| mutator.collect(true));
    assert_eq!(mutator.take_cleared(), Some(notified.value()));
    let statistics = Heap::global().statistics();
    assert!(statistics.minor.count + statistics.full.count > 1000, "{statistics:?}");
    Heap::global().configure(Configuration::default());
    workload(&mutator, 5, 800, shared);
}

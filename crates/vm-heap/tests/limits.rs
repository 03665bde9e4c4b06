//! Little address space, little memory: each test runs itself again in a process with that limit.

mod common;

use common::*;
use vm_heap::*;

const CHILD: &str = "VM_HEAP_LIMITS_CHILD";

fn in_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[test]
fn a_limited_address_space_gives_a_smaller_heap() {
    if in_child() {
        declare();
        let mutator = Mutator::attach();
        let reserved = mutator.heap().statistics().reserved_bytes;
        assert!(((200 << 20)..(1 << 30)).contains(&reserved), "{reserved}");
        let shared = array(&mutator, 100);
        workload(&mutator, 7, 2000, shared);
        assert_eq!(mutator.try_allocate(1 << 30, header(BYTES)), None);
        let mut kept = 0;
        while let Some(address) = mutator.try_allocate(10 << 20, header(BYTES)) {
            shared.element(kept).set(&mutator, shared, Value::object(address));
            kept += 1;
        }
        assert!((15..100).contains(&kept), "{kept}");
        return;
    }
    let (good, output) = again("a_limited_address_space_gives_a_smaller_heap", CHILD, || {
        let limit = libc::rlimit { rlim_cur: 1 << 30, rlim_max: 1 << 30 };
        // SAFETY: the structure is valid.
        if unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) } == 0 {
            Ok(())
        } else {
            Err(std::io::Error::last_os_error())
        }
    });
    assert!(good, "{output}");
}

#[test]
fn running_out_of_memory_ends_with_a_message() {
    if in_child() {
        declare();
        Heap::global().configure(Configuration::parse("maximum=40M").unwrap());
        let mutator = Mutator::attach();
        let mut list = None;
        for number in 0.. {
            list = Some(node(&mutator, list, number));
        }
        std::hint::black_box(list);
    }
    let (good, output) = again("running_out_of_memory_ends_with_a_message", CHILD, || Ok(()));
    assert!(!good && output.contains("out of memory"), "{output}");
}

//! The text form: what is printed reads back as the same trace, and every mistake is named.

use vm_ir::{Op, Trace};

fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ir");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn files_read_and_print_unchanged() {
    for (name, text) in files() {
        let trace: Trace = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        vm_ir::verify(&trace).unwrap_or_else(|error| panic!("{name}: {error}"));
        let code: Vec<&str> = text.lines().map(|line| line.split('#').next().unwrap().trim()).collect();
        let code: Vec<&str> = code.into_iter().filter(|line| !line.is_empty()).collect();
        let printed = trace.to_string();
        assert_eq!(printed.lines().collect::<Vec<_>>(), code, "{name}");
        assert_eq!(printed.parse::<Trace>().unwrap(), trace, "{name}");
    }
}

#[test]
fn names_are_free() {
    let text =
        "vcount = slot[0]\nvnext = int_add vcount, 1 @0\nexit @1\n@0 {pc=0, frame=0}\n@1 {pc=1, frame=0, 0=vnext}";
    let trace: Trace = text.parse().unwrap();
    assert_eq!(
        trace.to_string(),
        "v0 = slot[0]\nv1 = int_add v0, 1 @0\nexit @1\n@0 {pc=0x0, frame=0}\n@1 {pc=0x1, frame=0, 0=v1}\n"
    );
}

#[test]
fn operations_are_found_by_name() {
    for op in Op::ALL {
        assert_eq!(Op::from_text(op.text()), Some(*op));
        assert_eq!(op.operands(), op.operand_kinds().len());
        assert!(!op.doc().is_empty());
    }
}

#[test]
fn mistakes_are_named() {
    let cases = [
        ("v0 = slot[0]", "line 1: the trace has no end: expected loop, jump or exit"),
        ("v0 = slott[0]\nexit", "line 1: unknown operation `slott`"),
        ("v0 = slot\nexit", "line 1: slot needs an immediate"),
        ("v0 = slot[x]\nexit", "line 1: expected a number, found `x`"),
        ("v0 = slot[1\nexit", "line 1: expected `]` after `1`"),
        ("v0 = thread[1]\nexit", "line 1: thread takes no immediate"),
        ("slot[1]\nexit", "line 1: slot has a result"),
        ("v0 = slot[1]\nv0 = slot[2]\nexit", "line 2: v0 is defined twice"),
        ("v0 = guard_poll @0\nexit", "line 1: guard_poll has no result"),
        ("guard_int v7 @0\nexit", "line 1: v7 is not defined"),
        ("guard_int @0\nexit", "line 1: guard_int takes 1 operands, found 0"),
        ("guard_int 1 @x\nexit", "line 1: expected a number, found `x`"),
        ("v0 = phi 1, 2\nexit", "line 1: phi needs a type"),
        ("v0 = slot.value[1]\nexit", "line 1: slot takes no type"),
        ("v0 = int_add 1, 9223372036854775807\nexit", "line 1: 9223372036854775807 is no small int"),
        ("call.none f(1\nexit", "line 1: expected `name(arguments) at address effects names`"),
        ("call.none f(1) at 0 effects magic\nexit", "line 1: unknown effect `magic`"),
        ("exit\nexit", "line 2: the trace ends twice"),
        ("exit\nguard_poll @0", "line 2: instruction after the end of the trace"),
        ("jump @0\nexit", "line 1: expected `loop`, `jump @n to address` or `exit @n`, found `jump @0`"),
        ("exit @0\n@1 {pc=0, frame=0}", "line 2: expected number 0, found 1"),
        ("exit @0\n@0 pc=0", "line 2: expected `{`"),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Trace>().unwrap_err().to_string(), expected, "{text}");
    }
}

//! The verifier accepts the test traces (see `text.rs`) and names the rule that a bad one breaks.

use vm_ir::{Call, Constant, Effects, Op, Ref, SnapshotId, Trace, Type, verify};

fn message(text: &str) -> String {
    verify(&text.parse::<Trace>().unwrap()).expect_err(text).to_string()
}

#[test]
fn broken_rules_are_named() {
    let end = "\nexit @0\n@0 {pc=0, frame=0}";
    let cases = [
        ("v0 = int_add v1, 1 @0\nv1 = slot[0]", "v0: v1 is used before its definition"),
        ("v0 = int_add v0, 1 @0", "v0: v0 is used before its definition"),
        ("guard_int 1", "v0: a guard needs a snapshot"),
        ("v0 = slot[0] @0", "v0: slot never leaves the trace"),
        ("guard_int 1 @7", "v0: there is no snapshot 7"),
        ("v0 = float_add 1, 2.5", "v0: k0 is of type Value, expected Float"),
        ("v0 = word_to_value 1", "v0: k0 is of type Value, expected Word"),
        ("guard_same 1, word:0x1 @0", "v0: compares Value with Word, expected two values or two words"),
        ("guard_same 1.5, 1.5 @0", "v0: compares Float with Float, expected two values or two words"),
        ("v0 = slot[0]\nv1 = phi.value v0, v0", "v1: phis stand right after the label"),
        ("label\nlabel", "v1: a second label"),
        ("label\nv1 = phi.value 1, 2.5", "v1: the phi and its operands are of different types"),
        ("label", "a trace with a label ends in a loop"),
        ("v0 = param.value[0]", "v0: there is no live-in 0 of type Value"),
        ("v0 = new[12] word:0x1", "v0: 12 is no object size, expected a multiple of eight"),
        ("v0 = new[0] word:0x1", "v0: 0 is no object size, expected a multiple of eight"),
        ("v0 = load[12] value:0x1", "v0: 12 is no field offset, expected a multiple of eight"),
        ("v0 = load[-8] value:0x1", "v0: -8 is no field offset, expected a multiple of eight"),
        ("v0 = slot[999999999999]", "v0: slot 999999999999 is out of reach"),
        ("guard_shape[-1] value:0x1 @0", "v0: -1 is no shape id"),
        (
            "call.none f(1, 1, 1, 1, 1, 1, 1) at 0 effects any",
            "v0: too many arguments, expected at most six integers and eight floats",
        ),
        (
            "call.none f(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5) at 0 effects any",
            "v0: too many arguments, expected at most six integers and eight floats",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(message(&format!("{text}{end}")), expected, "{text}");
    }
    let whole = [
        (
            "guard_int 1 @0\nv1 = slot[0]\nexit @0\n@0 {pc=0, frame=0, 0=v1}",
            "v0: snapshot 0 refers to v1, which is not defined there",
        ),
        (
            "guard_int 1 @0\nv1 = slot[0]\nexit @0\n@0 {pc=0, frame=0, 0=%0}\n%0 {size=16, header=0, 8=v1}",
            "v0: snapshot 0 refers to v1, which is not defined there",
        ),
        ("exit @0\n@0 {pc=0, frame=0, 1=1, 1=2}", "slot 1: slots are not in ascending order"),
        ("exit @0\n@0 {pc=0, frame=0, 1=%0}", "there is no virtual 0"),
        ("guard_poll @0\nexit @0\n@0 {pc=0, frame=0, 1=v}", ""),
        (
            "exit @0\n@0 {pc=0, frame=0}\n%0 {size=20, header=0}",
            "virtual 0 has the size 20, expected a multiple of eight",
        ),
        (
            "exit @0\n@0 {pc=0, frame=0}\n%0 {size=16, header=0, 16=1}",
            "virtual 0: field 16 lies outside the object or out of order",
        ),
        ("exit @0\n@0 {pc=0, frame=0}\n%0 {size=16, header=0, 8=&1}", "virtual 0: field 8 is a frame address"),
        ("exit @0\n@0 {pc=0, frame=0, 1=&200000000}", "slot 200000000 is out of reach"),
        ("exit @0\n@0 {pc=0, frame=-200000000}", "snapshot 0: slot -200000000 is out of reach"),
        ("exit\n", "the end needs a snapshot"),
        ("loop\n", "the end needs a snapshot"),
        ("exit @4\n", "there is no snapshot 4"),
        ("label\nloop @0\n@0 {pc=0, frame=0}", "a loop with a label carries its values in phis"),
        ("params value\nloop @0\n@0 {pc=0, frame=0}", "a bridge has no loop without a label"),
        ("params value\nv0 = slot[0]\nv1 = param.value[0]\nexit @0\n@0 {pc=0, frame=0}", "v1: live-ins come first"),
        (
            "params value\nv0 = param.value[0]\nv1 = param.value[0]\nexit @0\n@0 {pc=0, frame=0}",
            "v1: live-in 0 occurs twice",
        ),
    ];
    for (text, expected) in whole {
        match text.parse::<Trace>() {
            Ok(trace) => assert_eq!(verify(&trace).expect_err(text).to_string(), expected, "{text}"),
            Err(_) => assert_eq!(expected, "", "{text}"),
        }
    }
}

#[test]
fn what_the_text_form_can_not_say() {
    let mut trace = Trace::new();
    let one = trace.constant(Type::Value, 4);
    trace.emit(Op::GuardInt, &[one], 0, SnapshotId(0));
    trace.insts[0].b = one;
    trace.end = vm_ir::End::Exit(SnapshotId(0));
    trace.add_snapshot(vm_ir::Snapshot { pc: 0, frame: 0, top: vm_ir::EntryId::NONE, raise: false });
    assert_eq!(verify(&trace).unwrap_err().to_string(), "v0: guard_int takes 1 operands");
    trace.insts[0].b = Ref::NONE;
    assert_eq!(verify(&trace), Ok(()));
    trace.insts[0].ty = Type::Value;
    assert_eq!(verify(&trace).unwrap_err().to_string(), "v0: guard_int yields None, not Value");
    trace.insts[0].ty = Type::None;
    trace.insts[0].a = Ref::constant(9);
    assert_eq!(verify(&trace).unwrap_err().to_string(), "v0: there is no k9");
    trace.insts[0].a = one;
    trace.constants.push(Constant { ty: Type::None, bits: 0 });
    assert_eq!(verify(&trace).unwrap_err().to_string(), "constant 1 has no type");
    trace.constants.pop();
    let call = Call { name: "f", address: 0, arguments: vec![Ref::instruction(0)], effects: Effects::ANY };
    trace.emit_call(call, Type::None);
    assert_eq!(verify(&trace).unwrap_err().to_string(), "v1: v0 has no result");
}

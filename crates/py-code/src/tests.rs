//! Tests of the instruction format, strings, register effects, liveness and the verifier.

use crate::*;

#[test]
fn fields_come_back_as_they_were_put_in() {
    for &opcode in Opcode::ALL {
        let instruction = Instruction::new(opcode, 0x1234, 0xFFFF, 0x8001).with_x(0xAB);
        assert_eq!(instruction.opcode(), opcode);
        let fields = (instruction.x(), instruction.a(), instruction.b(), instruction.c());
        assert_eq!(fields, (0xAB, 0x1234, 0xFFFF, 0x8001));
        let wide = Instruction::wide(opcode, 7, -5);
        assert_eq!((wide.a(), wide.bc(), wide.x()), (7, -5, 0));
        assert_eq!(wide.with_field(Field::bc, 9).bc(), 9);
        assert_eq!(wide.with_field(Field::a, 3).with_field(Field::x, 2), Instruction::wide(opcode, 3, -5).with_x(2));
    }
}

#[test]
fn table_is_consistent() {
    for &opcode in Opcode::ALL {
        assert_eq!(Opcode::from_byte(opcode as u8), Some(opcode));
        for operand in opcode.operands() {
            let needs = match operand.field {
                Field::e => 1,
                Field::f => 2,
                _ => 0,
            };
            assert!(opcode.words() >= needs, "{} has no word for {:?}", opcode.name(), operand.field);
            let others = opcode.operands().iter().filter(|other| other.field == operand.field);
            assert_eq!(others.count(), 1, "{}: {:?} twice", opcode.name(), operand.field);
        }
        assert!(opcode.doc().ends_with('.'), "{}", opcode.name());
        let mut words = opcode.snake_name().chars();
        assert!(words.all(|c| c.is_ascii_lowercase() || c == '_'), "{}", opcode.snake_name());
    }
    assert_eq!(Opcode::from_byte(Opcode::ALL.len() as u8), None);
}

#[test]
fn text_keeps_surrogates() {
    let text = Text::from_code_points([0x61, 0xD800, 0x1F600, 0xE9]);
    assert_eq!(text.as_str(), None);
    assert_eq!(text.code_points().collect::<Vec<_>>(), [0x61, 0xD800, 0x1F600, 0xE9]);
    assert_eq!(text.len(), 4);
    assert_eq!(Text::from("né").as_str(), Some("né"));
    assert_eq!(format!("{text:?}"), "\"a\\ud800😀é\"");
}

#[test]
fn constants_differ_by_type_and_sign() {
    assert_ne!(Const::Int(1), Const::Bool(true));
    assert_ne!(Const::Int(1), Const::Float(1.0));
    assert_ne!(Const::Float(0.0), Const::Float(-0.0));
    assert_eq!(Const::Float(f64::NAN), Const::Float(f64::NAN));
}

fn effects(instruction: Instruction) -> Vec<(Access, u16, u16)> {
    let mut all = Vec::new();
    for_each_register(instruction, |access, first, count| all.push((access, first, count)));
    all
}

#[test]
fn call_reads_its_arguments_and_destroys_what_is_above_the_base() {
    let call = effects(Instruction::new(Opcode::Call, 2, 5, 3));
    let expected =
        [(Access::Read, 5, 1), (Access::Read, 9, 3), (Access::Clobber, 5, u16::MAX - 5), (Access::Write, 2, 1)];
    assert_eq!(call, expected);
    let method = effects(Instruction::new(Opcode::LoadMethod, 5, 1, 0));
    assert_eq!(method, [(Access::Read, 1, 1), (Access::Write, 5, 1), (Access::Write, 9, 1)]);
    let function = effects(Instruction::new(Opcode::MakeFunction, 0, 4, 0).with_x(9));
    assert_eq!(function, [(Access::Read, 4, 1), (Access::Read, 7, 1), (Access::Write, 0, 1)]);
}

fn unit(code: &[Instruction], words: &[(usize, u64)]) -> CodeUnit {
    let mut all = Vec::new();
    for instruction in code {
        all.push(instruction.0);
        let words = Opcode::from_byte(instruction.0 as u8).map_or(0, Opcode::words);
        all.extend(std::iter::repeat_n(0, words));
    }
    for &(offset, word) in words {
        all[offset] = word;
    }
    CodeUnit {
        qualname: "unit".into(),
        argcount: 1,
        nlocals: 2,
        frame_size: 10,
        varnames: vec!["n".into(), "x".into()],
        code: all,
        ..CodeUnit::default()
    }
}

#[test]
fn temporaries_are_live_exactly_and_locals_from_their_assignment() {
    let code = unit(
        &[
            Instruction::wide(Opcode::LoadInt, 2, 5),
            Instruction::new(Opcode::Add, 1, 0, 2),
            Instruction::wide(Opcode::LoadInt, 3, 5),
            Instruction::new(Opcode::Return, 3, 0, 0),
        ],
        &[],
    );
    let live = liveness(&code);
    let at = |offset| live.before(offset).unwrap().iter().collect::<Vec<_>>();
    assert_eq!([at(0), at(1), at(2), at(3)], [vec![0], vec![0, 2], vec![0, 1], vec![0, 1, 3]]);
    assert!(live.before(4).is_none());
}

#[test]
fn loop_keeps_its_iterator_alive() {
    let code = unit(
        &[
            Instruction::new(Opcode::GetIter, 2, 0, 0),
            Instruction::new(Opcode::LoopHeader, 0, 0, 0),
            Instruction::new(Opcode::ForIter, 1, 2, 0),
            Instruction::wide(Opcode::Jump, 0, -5),
            Instruction::new(Opcode::ReturnNone, 0, 0, 0),
        ],
        &[(4, 1)],
    );
    verify(&code).unwrap();
    let live = liveness(&code);
    assert!(live.before(5).unwrap().contains(2));
    assert!(!live.before(6).unwrap().contains(2));
    assert_eq!(
        disassemble(&code)
            .lines()
            .map(str::trim_start)
            .map(|line| line.split_whitespace().skip(2).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>(),
        ["registers", "GetIter r2, n", "LoopHeader", "ForIter x, r2, -> 6", "Jump -> 1", "ReturnNone"]
    );
}

#[test]
fn verifier_finds_what_is_wrong() {
    let wrong = [
        (unit(&[Instruction::new(Opcode::Move, 0, 1, 0)], &[]), "control runs off the end"),
        (unit(&[Instruction::new(Opcode::Return, 10, 0, 0)], &[]), "outside the frame"),
        (unit(&[Instruction::wide(Opcode::Jump, 0, 3)], &[]), "jump target"),
        (
            unit(&[Instruction::new(Opcode::LoadAttr, 0, 1, 0), Instruction::new(Opcode::ReturnNone, 0, 0, 0)], &[]),
            "table",
        ),
        (
            unit(&[Instruction::new(Opcode::LoadConst, 0, 0, 0), Instruction::new(Opcode::ReturnNone, 0, 0, 0)], &[]),
            "constant word",
        ),
        (unit(&[Instruction(0xFF)], &[]), "decode"),
    ];
    for (code, message) in wrong {
        let error = verify(&code).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

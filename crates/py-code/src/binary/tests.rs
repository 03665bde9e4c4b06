use super::*;
use crate::{CodeUnit, Const, HandlerRange, Instruction, Position, PositionEntry, Text};

fn sample() -> CodeUnit {
    let inner = CodeUnit {
        name: "f".into(),
        qualname: "C.f".into(),
        filename: "a.py".into(),
        firstlineno: 13,
        ..CodeUnit::default()
    };
    CodeUnit {
        name: "<module>".into(),
        qualname: "<module>".into(),
        filename: "a.py".into(),
        flags: 0x0400_0001,
        argcount: 1,
        frame_size: 300,
        nlocals: 2,
        code: vec![Instruction::new(Opcode::ReturnNone, 1, 2, 3).0, u64::MAX],
        consts: vec![
            Const::None,
            Const::Bool(true),
            Const::Int(i64::MIN),
            Const::Int(-1),
            Const::BigInt("-123456789012345678901234567890".into()),
            Const::Float(-0.0),
            Const::Complex(1.5, f64::INFINITY),
            Const::Str(Text::from_code_points([0xd800, 0x41])),
            Const::Bytes(Box::new([0, 255])),
            Const::Ellipsis,
            Const::Tuple(vec![Const::Int(1), Const::FrozenSet(vec![Const::text("x")])]),
            Const::Slice(Box::new([Const::None, Const::Int(2), Const::None])),
            Const::Code(std::sync::Arc::new(inner.into())),
        ],
        const_words: vec![(1, 12)],
        names: vec!["print".into(), "größe".into()],
        varnames: vec!["a".into(), "b".into()],
        cellvars: vec!["a".into()],
        cell_registers: vec![0],
        exception_table: vec![HandlerRange { start: 0, end: 1, target: 1, register: 7 }],
        positions: vec![
            PositionEntry { offset: 0, position: Position { line: 3, column: 4, end_line: 5, end_column: 1 } },
            PositionEntry { offset: 1, position: Position { line: 1, column: 0, end_line: 1, end_column: 9 } },
        ]
        .into(),
        firstlineno: 1,
        docstring: Some(Text::from("doc")),
        ..CodeUnit::default()
    }
}

#[test]
fn a_unit_survives_the_round_trip() {
    let unit = sample();
    let again = decode(&encode(&unit), None).expect("what was written can be read");
    assert_eq!(format!("{unit:?}"), format!("{again:?}"));
}

#[test]
fn the_file_name_can_be_replaced() {
    let again = decode(&encode(&sample()), Some("b.py")).expect("what was written can be read");
    assert_eq!(again.filename, "b.py");
    let Some(Const::Code(inner)) = again.consts.last() else { panic!("the last constant is code") };
    assert_eq!(inner.filename, "b.py");
}

#[test]
fn nested_units_are_read_when_needed() {
    let (main, seldom) = encode_parts(&sample());
    let again = decode_packed(main.leak(), seldom.leak(), "b.py").expect("what was written can be read");
    let Some(Const::Code(inner)) = again.consts.last() else { panic!("the last constant is code") };
    let head = inner.head();
    assert_eq!((head.name, head.qualname, head.filename), ("f", "C.f", "b.py"));
    assert_eq!(inner.firstlineno, sample().consts.len() as u32);
    assert_eq!(format!("{:?}", decode(&encode(&sample()), Some("b.py")).unwrap()), format!("{again:?}"));
}

#[test]
fn bad_bytes_are_errors() {
    let bytes = encode(&sample());
    assert_eq!(decode(b"", None).unwrap_err(), DecodeError::Short);
    assert_eq!(decode(&[0; 64], None).unwrap_err(), DecodeError::Magic);
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length], None).is_err(), "{length} bytes are too few");
    }
    // Whatever one byte becomes, reading ends with a unit or an error.
    let mut damaged = bytes.clone();
    for place in 8..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[place] ^ 1] {
            damaged[place] = value;
            let _ = decode(&damaged, None);
        }
        damaged[place] = bytes[place];
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let mut constant = Const::None;
    for _ in 0..MAX_DEPTH {
        constant = Const::Tuple(vec![constant]);
    }
    let unit = CodeUnit { consts: vec![constant], ..CodeUnit::default() };
    assert_eq!(decode(&encode(&unit), None).unwrap_err(), DecodeError::Depth);
}

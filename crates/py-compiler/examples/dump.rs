//! Prints the code of a file as JSON, for the reference interpreter `run_on_cpython.py` beside this file.

use py_code::{CodeUnit, Const, Field};
use py_compiler::{Mode, compile};

fn main() {
    let file = std::env::args().nth(1).expect("a file to compile");
    let source = std::fs::read_to_string(&file).expect("the file is readable UTF-8");
    match compile(&source, &file, Mode::Module) {
        Ok(unit) => {
            py_code::verify(&unit).expect("compiled code is well formed");
            let mut out = String::new();
            write_unit(&mut out, &unit);
            println!("{out}");
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}

fn write_unit(out: &mut String, unit: &CodeUnit) {
    let strings =
        |items: &[py_code::Name]| format!("[{}]", items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(","));
    out.push_str(&format!(
        "{{\"name\":{},\"qualname\":{},\"flags\":{},\"argcount\":{},\"posonly\":{},\"kwonly\":{},\"nlocals\":{},\"size\":{}",
        quoted(&unit.name),
        quoted(&unit.qualname),
        unit.flags,
        unit.argcount,
        unit.posonlyargcount,
        unit.kwonlyargcount,
        unit.nlocals,
        unit.frame_size,
    ));
    out.push_str(&format!(",\"names\":{},\"varnames\":{}", strings(&unit.names), strings(&unit.varnames)));
    out.push_str(&format!(",\"cellvars\":{},\"freevars\":{}", strings(&unit.cellvars), strings(&unit.freevars)));
    out.push_str(",\"doc\":");
    match &unit.docstring {
        Some(text) => write_const(out, &Const::Str(text.clone())),
        None => out.push_str("null"),
    }
    out.push_str(",\"code\":[");
    for (index, (offset, instruction)) in unit.instructions().enumerate() {
        let opcode = instruction.opcode();
        let constant =
            unit.const_words.iter().find(|(word, _)| (offset + 1..offset + opcode.size()).contains(&(*word as usize)));
        let constant = constant.map_or(-1, |(_, constant)| *constant as i64);
        let target = unit.jump_target(offset).map_or(-1, |target| target as i64);
        let e = if opcode.operand(Field::e).is_some() { unit.code[offset + 1] as i64 } else { 0 };
        if index > 0 {
            out.push(',');
        }
        out.push_str(&format!(
            "[{offset},\"{}\",{},{},{},{},{},{e},{constant},{target},{}]",
            opcode.name(),
            instruction.x(),
            instruction.a(),
            instruction.b(),
            instruction.c(),
            instruction.bc(),
            unit.position(offset).line,
        ));
    }
    out.push_str("],\"handlers\":[");
    let handlers = unit
        .exception_table
        .iter()
        .map(|range| format!("[{},{},{},{}]", range.start, range.end, range.target, range.register));
    out.push_str(&handlers.collect::<Vec<_>>().join(","));
    out.push_str("],\"consts\":");
    write_list(out, &unit.consts);
    out.push('}');
}

fn write_list(out: &mut String, items: &[Const]) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_const(out, item);
    }
    out.push(']');
}

/// A constant as a pair of its sort and its content.
fn write_const(out: &mut String, constant: &Const) {
    let list = |out: &mut String, sort: &str, items: &[Const]| {
        out.push_str(&format!("[\"{sort}\","));
        write_list(out, items);
        out.push(']');
    };
    match constant {
        Const::None => out.push_str("[\"none\"]"),
        Const::Ellipsis => out.push_str("[\"ellipsis\"]"),
        Const::Bool(value) => out.push_str(&format!("[\"bool\",{value}]")),
        Const::Int(value) => out.push_str(&format!("[\"int\",\"{value}\"]")),
        Const::BigInt(digits) => out.push_str(&format!("[\"int\",\"{digits}\"]")),
        Const::Float(value) => out.push_str(&format!("[\"float\",\"{}\"]", value.to_bits())),
        Const::Complex(real, imaginary) => {
            out.push_str(&format!("[\"complex\",\"{}\",\"{}\"]", real.to_bits(), imaginary.to_bits()));
        }
        Const::Str(text) => {
            let points: Vec<String> = text.code_points().map(|point| point.to_string()).collect();
            out.push_str(&format!("[\"str\",[{}]]", points.join(",")));
        }
        Const::Bytes(bytes) => {
            let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
            out.push_str(&format!("[\"bytes\",[{}]]", bytes.join(",")));
        }
        Const::Tuple(items) => list(out, "tuple", items),
        Const::FrozenSet(items) => list(out, "frozenset", items),
        Const::Slice(parts) => list(out, "slice", &parts[..]),
        Const::Code(unit) => {
            out.push_str("[\"code\",");
            write_unit(out, unit);
            out.push(']');
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            _ if u32::from(character) < 32 => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

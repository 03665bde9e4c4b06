//! Prints what CPython's code objects say too, one line for each code unit of each file named on standard input; the script
//! `compare_code_objects.py` beside this file compares it with CPython.

use py_code::{CodeUnit, Const};
use py_compiler::{Mode, compile};

fn main() {
    for file in std::io::stdin().lines().map_while(Result::ok) {
        let Ok(source) = std::fs::read_to_string(&file) else { continue };
        match compile(&source, &file, Mode::Module) {
            Ok(unit) => print_unit(&file, &unit),
            Err(error) => println!("{file}\t!error\t{}", error.error.message),
        }
    }
}

fn print_unit(file: &str, unit: &CodeUnit) {
    let counts = [unit.argcount, unit.posonlyargcount, unit.kwonlyargcount];
    let docstring = unit.docstring.as_ref().map(|text| text.code_points().collect::<Vec<_>>());
    println!(
        "{file}\t{}\t{}\t{:?}\t{:#x}\t{}\t{}\t{}\t{}",
        unit.qualname,
        unit.firstlineno,
        counts,
        unit.flags & !0x400_0000,
        unit.varnames.join(","),
        unit.cellvars.join(","),
        unit.freevars.join(","),
        docstring.map_or("-".to_string(), |points| format!("{points:?}")),
    );
    for constant in &unit.consts {
        if let Const::Code(nested) = constant {
            print_unit(file, nested);
        }
    }
}

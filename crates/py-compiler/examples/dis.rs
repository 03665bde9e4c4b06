//! Compiles files, or every `.py` file under folders. One file: prints its listing. More: reports what does not compile or verify.
//!
//! `cargo run -p py-compiler --example dis -- FILE_OR_FOLDER…`

use std::path::{Path, PathBuf};

use py_compiler::{Mode, compile};

fn main() {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if let [file] = &arguments[..]
        && file.is_file()
    {
        let source = std::fs::read_to_string(file).expect("the file is readable UTF-8");
        match compile(&source, &file.to_string_lossy(), Mode::Module) {
            Ok(unit) => {
                print!("{}", py_code::disassemble_all(&unit));
                if let Err(error) = py_code::verify(&unit) {
                    println!("does not verify: {error}");
                }
            }
            Err(error) => println!("{error}"),
        }
        return;
    }
    let mut files = Vec::new();
    for argument in &arguments {
        collect(argument, &mut files);
    }
    files.sort();
    let (mut compiled, mut bytes, mut words) = (0, 0, 0);
    let start = std::time::Instant::now();
    for file in &files {
        // Sources in other encodings are left out: the decoder is not the compiler's.
        let Ok(source) = std::fs::read_to_string(file) else { continue };
        bytes += source.len();
        match compile(&source, &file.to_string_lossy(), Mode::Module) {
            Ok(unit) => {
                compiled += 1;
                words += all_words(&unit);
                if let Err(error) = py_code::verify(&unit) {
                    println!("{}: does not verify: {error}", file.display());
                }
                if std::env::var_os("LIVENESS").is_some() {
                    check_entry(&file.display().to_string(), &unit);
                }
            }
            Err(error) => println!("{error}"),
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{compiled} of {} files, {bytes} bytes, {words} words, {seconds:.2} s", files.len());
}

/// Reports registers that are read before they are written: live at entry without being parameters.
fn check_entry(file: &str, unit: &py_code::CodeUnit) {
    let parameters = unit.argcount + unit.kwonlyargcount + (unit.flags >> 2 & 1) + (unit.flags >> 3 & 1);
    let live = py_code::liveness(unit);
    let early: Vec<u16> = live.before(0).into_iter().flat_map(|set| set.iter()).collect();
    let early: Vec<&u16> = early.iter().filter(|&&register| u32::from(register) >= parameters).collect();
    if !early.is_empty() {
        println!("{file}: {} reads {early:?} before writing them", unit.qualname);
    }
    for constant in &unit.consts {
        if let py_code::Const::Code(nested) = constant {
            check_entry(file, nested);
        }
    }
}

fn all_words(unit: &py_code::CodeUnit) -> usize {
    let nested = unit.consts.iter().map(|constant| match constant {
        py_code::Const::Code(nested) => all_words(nested),
        _ => 0,
    });
    unit.code.len() + nested.sum::<usize>()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        entries.flatten().for_each(|entry| collect(&entry.path(), files));
    } else if path.extension().is_some_and(|extension| extension == "py") {
        files.push(path.to_path_buf());
    }
}

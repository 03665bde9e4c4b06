//! Links the program so that it starts quickly and takes little memory.
//!
//! It lies at a fixed address: a position-independent one would spend a twentieth of the start-up of a short run, and a
//! megabyte of memory, on relocating its tables.
//!
//! The functions that a short run executes lie together. The kernel maps sixteen pages around each that is touched, so that all 5.5 MB
//! of machine code would become resident, of which a short run executes a fifth. `start-up.txt` lists these functions, and after them those
//! of ordinary programs, mostly with `*` for the hashes in their names (`start_up.py` writes it).

use std::fmt::Write;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=start-up.txt");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    // The unwinder is linked in where the compiler has it: one shared library less to load.
    if let Some(folder) = folder_of("libgcc_eh.a") {
        println!("cargo::rustc-link-search=native={folder}");
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
    // The linker of this target understands the script, and the compiler puts each function into a section named after it.
    let optimised = std::env::var("OPT_LEVEL").as_deref() == Ok("3");
    if std::env::var("TARGET").as_deref() == Ok("x86_64-unknown-linux-gnu") && optimised {
        // These two are no Rust, and have no sections for each function.
        let mut script = String::from("SECTIONS { .text : {\n*crt1.o(.text .text.*)\n*libpsm-*(.text)\n");
        for list in include_str!("start-up.txt").split("\n\n") {
            let patterns = |function: &str| format!(".text.{function} .text.unlikely.{function}");
            // Writing to a string does not fail.
            let _ = writeln!(script, "*({})", list.lines().map(patterns).collect::<Vec<_>>().join("\n"));
        }
        script.push_str("*(.text .text.*)\n} } INSERT AFTER .eh_frame;\n");
        let file = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("start-up.ld");
        std::fs::write(&file, script).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", file.display());
    }
}

/// The folder in which the C compiler has a library.
fn folder_of(library: &str) -> Option<String> {
    if std::env::var("TARGET").as_deref() != Ok("x86_64-unknown-linux-gnu") {
        return None;
    }
    let found = std::process::Command::new("cc").arg(format!("-print-file-name={library}")).output().ok()?;
    // The bare name is the answer where there is none.
    let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
    path.parent().filter(|folder| folder.is_absolute()).map(|folder| folder.display().to_string())
}

//! Links the program at a fixed address: a position-independent one would spend a twentieth of the start-up of a short run,
//! and a megabyte of memory, on relocating its tables.

fn main() {
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    println!("cargo::rerun-if-changed=build.rs");
}

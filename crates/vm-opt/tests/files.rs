//! File tests: `ir/<topic>/<name>.ir` holds a recorded trace, a line `# ----`, and what the optimiser makes of it.
//!
//! `BLESS=1 cargo test -p vm-opt` writes the second part anew. Every case is also evaluated before and after, on a few
//! states of the value stack (`same_outcome` in `common`).

mod common;

use std::path::{Path, PathBuf};
use vm_ir::Trace;
use vm_opt::{Options, Removed};

const SEPARATOR: &str = "# ----\n";

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ir");
    let topics = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        topics.flat_map(|topic| std::fs::read_dir(topic).unwrap().map(|entry| entry.unwrap().path())).collect();
    files.sort();
    files
}

fn optimised(recorded: &Trace) -> String {
    let options = Options { is_fixed_shape: |shape| shape < 100, ..Options::default() };
    match vm_opt::optimise(recorded, &options) {
        Ok((trace, statistics)) => {
            vm_ir::verify(&trace).unwrap_or_else(|error| panic!("{error} in\n{trace}"));
            common::barriers::check(&trace);
            common::same_outcome(recorded, &trace, 6);
            let removed = Removed::between(recorded, &trace);
            format!(
                "# {} guards and {} allocations removed, {} attempts\n{trace}",
                removed.guards, removed.allocations, statistics.attempts
            )
        }
        Err(refusal) => format!("# refused: {refusal}\n"),
    }
}

#[test]
fn listings() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let files = files();
    assert!(files.len() > 10, "only {} files found", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (input, expected) = text.split_once(SEPARATOR).unwrap_or((&text, ""));
        let recorded: Trace = input.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        vm_ir::verify(&recorded).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        println!("{}", file.display());
        let found = optimised(&recorded);
        if bless {
            std::fs::write(&file, format!("{input}{SEPARATOR}{found}")).unwrap();
        } else if found != expected {
            wrong.push(format!("{}:\n{found}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! What holds for the repository as a whole, beyond what rustfmt and clippy see.
//!
//! That no `vm-*` crate depends on a language is checked by the tests of `toy-language`.

use std::path::{Path, PathBuf};

/// Most lines of a source file. Tables, tests and generated files may be longer.
const LONGEST: usize = 700;

/// Source files that may be longer, each with its reason.
const LONG: &[(&str, &str)] =
    &[("crates/vm-trace/src/recorder.rs", "one implementation of one trait, the recording machine")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate lies in a repository")
}

/// The files of the repository, with their paths in it: what a fresh clone holds.
fn files() -> Vec<(String, PathBuf)> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<(String, PathBuf)>) {
        for entry in std::fs::read_dir(folder).expect("folders of the repository can be read").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            // Not ours: version control, build output, caches of other Pythons.
            if matches!(name.as_str(), ".git" | "target" | "__pycache__") {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, found);
            } else if let Ok(inside) = path.strip_prefix(root) {
                found.push((inside.to_string_lossy().into_owned(), path));
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    assert!(found.len() > 100, "found only {} files below {}", found.len(), root.display());
    found.sort();
    found
}

fn fail(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.starts_with("tests/")
}

fn is_table(path: &str) -> bool {
    Path::new(path).file_stem().is_some_and(|stem| stem.to_string_lossy().contains("table"))
}

#[test]
fn source_files_are_short() {
    let mut problems = Vec::new();
    let mut allowed: Vec<&str> = LONG.iter().map(|(path, _)| *path).collect();
    for (path, file) in files().into_iter().filter(|(path, _)| path.ends_with(".rs")) {
        if is_test(&path) || is_table(&path) {
            continue;
        }
        let lines = std::fs::read_to_string(&file).expect("sources are text").lines().count();
        if lines > LONGEST {
            match allowed.iter().position(|other| *other == path) {
                Some(at) => drop(allowed.swap_remove(at)),
                None => problems.push(format!("{path} has {lines} lines: split it by concept (at most {LONGEST})")),
            }
        }
    }
    problems.extend(allowed.iter().map(|path| format!("{path} needs its exception in tidy.rs no longer")));
    fail(problems);
}

#[test]
fn source_files_say_what_they_are() {
    let mut problems = Vec::new();
    for (path, file) in files().into_iter().filter(|(path, _)| path.ends_with(".rs")) {
        let text = std::fs::read_to_string(&file).expect("sources are text");
        if !text.starts_with("//!") && !path.ends_with("tests.rs") {
            problems.push(format!("{path} does not start with a `//!` head"));
        }
    }
    fail(problems);
}

#[test]
fn crates_share_the_lints() {
    let mut problems = Vec::new();
    for (path, file) in files().into_iter().filter(|(path, _)| path.ends_with("/Cargo.toml")) {
        let text = std::fs::read_to_string(&file).expect("manifests are text");
        if !text.contains("[lints]\nworkspace = true") {
            problems.push(format!("{path} lacks `[lints] workspace = true`"));
        }
    }
    fail(problems);
}

#[test]
fn nothing_is_left_over() {
    // Put together here, so that this file does not hold them.
    let to_do = ["TO", "DO"].concat();
    let forbidden = [
        (["/wo", "rk/"].concat(), "a path of somebody's machine"),
        (["/ho", "me/"].concat(), "a path of somebody's machine"),
        (["helper ", "agent"].concat(), "a word that says nothing about the code"),
        (["FIX", "ME"].concat(), "a note that should be an issue"),
        (["db", "g!("].concat(), "a print for debugging"),
        (["unimple", "mented!("].concat(), "a stub"),
        (["to", "do!("].concat(), "a stub"),
    ];
    let kinds = ["rs", "toml", "md", "py", "ir", "txt", "sh", "yml"];
    let mut problems = Vec::new();
    for (path, file) in files() {
        if !kinds.iter().any(|kind| path.ends_with(&format!(".{kind}"))) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            for (word, what) in &forbidden {
                if line.contains(word.as_str()) {
                    problems.push(format!("{path}:{}: {what}: {}", number + 1, line.trim()));
                }
            }
            // A note of what is left to do says what.
            if let Some((_, rest)) = line.split_once(to_do.as_str())
                && rest.trim_start_matches([':', ' ', '(', ')']).trim().is_empty()
            {
                problems.push(format!("{path}:{}: a note without text: {}", number + 1, line.trim()));
            }
        }
    }
    fail(problems);
}

#[test]
fn documents_link_to_what_exists() {
    let mut problems = Vec::new();
    for (path, file) in files().into_iter().filter(|(path, _)| path.ends_with(".md")) {
        let text = std::fs::read_to_string(&file).expect("documents are text");
        let folder = file.parent().expect("a file lies in a folder");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !folder.join(target).exists() {
                problems.push(format!("{path} links to {target}, which does not exist"));
            }
        }
    }
    fail(problems);
}

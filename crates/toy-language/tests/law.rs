//! The law: no `vm-*` crate depends on a `py-*` crate, or on a language at all.

use std::fs;
use std::path::Path;

/// Names of the crates that a manifest depends on, in any of its dependency tables.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            let table = table.trim_matches(['[', ']']);
            inside = table.ends_with("dependencies");
            // A dependency may have a table of its own: `[dependencies.name]`.
            if let Some((_, name)) = table.rsplit_once("dependencies.") {
                found.push(name.to_string());
            }
        } else if inside
            && !line.starts_with('#')
            && let Some(name) = line.split(['.', '=', ' ']).next().filter(|name| !name.is_empty())
        {
            found.push(name.to_string());
            // A dependency under another name says which package it is.
            if let Some((_, rest)) = line.split_once("package") {
                found.extend(rest.split('"').nth(1).map(str::to_string));
            }
        }
    }
    found
}

#[test]
fn machine_crates_know_no_language() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut looked_at = 0;
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("vm-") {
            continue;
        }
        looked_at += 1;
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for dependency in dependencies(&manifest) {
            let language = dependency.starts_with("py-") || dependency == "typhon" || dependency == "toy-language";
            assert!(!language, "{name} depends on {dependency}, but no vm-* crate may know a language");
        }
    }
    assert!(looked_at >= 8, "found {looked_at} vm-* crates in {}", crates.display());
}

#[test]
fn dependencies_are_found_in_every_form() {
    let manifest = r#"
[package]
name = "py-not-a-dependency"
[dependencies]
one.workspace = true
two = { path = "../two" }
# py-comment = "1"
other = { package = "three", version = "1" }
[dev-dependencies]
four = "1"
[target.'cfg(unix)'.dependencies]
five = "1"
[dependencies.six]
version = "1"
[features]
py-feature = []
"#;
    assert_eq!(dependencies(manifest), ["one", "two", "other", "three", "four", "five", "six"]);
}

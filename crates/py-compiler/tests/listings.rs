//! Golden listings: each file of `tests/bytecode` is a source, a line of `# ----`, and its listing as comments.
//!
//! `BLESS=1 cargo test -p py-compiler --test listings` writes the listings anew.

use std::path::Path;

use py_compiler::{Mode, compile};

const SEPARATOR: &str = "# ----\n";

#[test]
fn listings_are_as_blessed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bytecode");
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder is there") {
        let path = entry.expect("the folder is readable").path();
        let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
        let (source, blessed) = text.split_once(SEPARATOR).unwrap_or((&text, ""));
        let name = path.file_name().expect("files have names").to_string_lossy().into_owned();
        let unit = compile(source, &name, Mode::Module).expect("golden sources compile");
        py_code::verify(&unit).expect("compiled code is well formed");
        let listing: String = py_code::disassemble_all(&unit)
            .lines()
            .map(|line| if line.is_empty() { "#\n".to_string() } else { format!("# {line}\n") })
            .collect();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, format!("{source}{SEPARATOR}{listing}")).expect("the folder is writable");
        } else {
            assert!(listing == blessed, "{name}: the listing has changed; it is now\n{listing}");
        }
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} golden files");
}

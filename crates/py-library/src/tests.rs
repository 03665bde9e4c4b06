use super::*;

#[test]
fn files_are_found_by_path_and_modules_by_name() {
    let abc = find_module("abc").expect("abc is a module");
    assert_eq!(abc.path(), "abc.py");
    assert!(!abc.is_package());
    assert!(String::from_utf8(abc.source()).is_ok_and(|text| text.contains("class ABCMeta")));
    let json = find_module("json").expect("json is a package");
    assert_eq!(json.path(), "json/__init__.py");
    assert!(json.is_package());
    assert_eq!(find_module("json.decoder").map(File::path), Some("json/decoder.py"));
    assert_eq!(find_module("no.such.module"), None);
    assert!(find("PSF-LICENSE").is_some_and(|file| file.bytecode().is_none()));
}

#[test]
fn folders_list_their_files() {
    let json: Vec<_> = files("json").map(File::path).collect();
    assert!(json.contains(&"json/scanner.py") && json.iter().all(|path| path.starts_with("json/")));
    let mut all: Vec<_> = files("").map(File::path).collect();
    assert!(all.len() > 500);
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count);
    assert!(all.is_sorted());
}

#[test]
fn every_source_has_bytecode() {
    for file in files("").filter(|file| file.path().ends_with(".py")) {
        let (main, seldom) = file.bytecode().unwrap_or_else(|| panic!("{} was not compiled", file.path()));
        let unit =
            py_code::binary::decode(&[main, seldom].concat(), Some("elsewhere")).expect("the build script wrote it");
        assert_eq!(unit.filename, "elsewhere");
        assert_eq!(py_code::verify(&unit), Ok(()), "{}", file.path());
        let again = py_code::binary::decode(&py_code::binary::encode(&unit), None).expect("it was just written");
        assert_eq!(format!("{unit:?}"), format!("{again:?}"), "{}", file.path());
    }
}

//! Syntax errors compared with what CPython 3.14 says of the same sources.
//!
//! `errors/errors.txt` has two lines for each source: the source, and class, line, column, last line, column after the last
//! and message. Agreement may only grow: the test asserts the share reached. `SHOW=1` prints what differs.

use py_compiler::{Mode, compile};

/// Least number of sources that agree in everything, and in class and message.
const AGREE: usize = 462;
const AGREE_IN_TEXT: usize = 483;

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => out.push(match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            }),
            (other, false) => out.push(other),
        }
    }
    out
}

/// What the compiler says, in the form of the file.
fn reported(source: &str) -> String {
    match compile(source, "f", Mode::Exec) {
        Ok(_) => "no error".to_string(),
        Err(error) => {
            let error = error.error;
            let class = error.kind.class();
            format!("{class} {} {} {} {} {}", error.line, error.column, error.end_line, error.end_column, error.message)
        }
    }
}

/// Class and message of a line of the file.
fn text(line: &str) -> (String, String) {
    let parts: Vec<&str> = line.splitn(6, ' ').collect();
    (parts[0].to_string(), parts.get(5).copied().unwrap_or_default().to_string())
}

#[test]
fn errors_are_those_of_cpython() {
    let file = include_str!("errors/errors.txt");
    let lines: Vec<&str> = file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect();
    let (mut agree, mut in_text, mut all) = (0, 0, 0);
    for pair in lines.chunks(2) {
        let [source, expected] = pair else { panic!("a source without an expectation: {pair:?}") };
        let found = reported(&unescape(source));
        all += 1;
        agree += usize::from(found == *expected);
        in_text += usize::from(text(&found) == text(expected));
        if found != *expected && std::env::var_os("SHOW").is_some() {
            println!("{source}\n  expected {expected}\n  found    {found}");
        }
    }
    println!("{agree} of {all} agree, {in_text} in class and message");
    assert!(agree >= AGREE, "only {agree} of {all} agree");
    assert!(in_text >= AGREE_IN_TEXT, "only {in_text} of {all} agree in class and message");
}

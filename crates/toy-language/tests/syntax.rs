//! Bad programs are refused with a line, whatever they look like.

use toy_language::compile;

#[test]
fn bad_programs_are_refused() {
    let deep = format!("(fn f () {}{})", "(not ".repeat(200), ")".repeat(200));
    let wide = format!("(fn f () {})", "(var x 1) ".repeat(3000));
    let cases = [
        ("(", 1, "'(' is never closed"),
        (")", 1, "unexpected ')'"),
        ("1", 1, "expected (fn NAME (PARAMETERS) …)"),
        ("(fn f (1) 2)", 1, "a parameter must be a name"),
        ("(fn f () 1)\n(fn f () 2)", 2, "a second function 'f'"),
        ("(fn f ()\n\n x)", 3, "nothing is called 'x'"),
        ("(fn f ()\n(set x 1))", 2, "no variable is called 'x'"),
        ("(fn f () (var x))", 1, "expected (var NAME VALUE)"),
        ("(fn f () (frob 1))", 1, "'frob' is no function, or is not used like this"),
        ("(fn f () (+ 1))", 1, "'+' is no function, or is not used like this"),
        ("(fn f () ())", 1, "an empty call"),
        ("(fn f () 12x)", 1, "bad number '12x'"),
        ("(fn f () 9999999999999999999)", 1, "bad number '9999999999999999999'"),
        (deep.as_str(), 1, "nested too deeply"),
        (wide.as_str(), 1, "the function needs too many registers"),
    ];
    for (source, line, message) in cases {
        let error = compile(source).expect_err(source);
        assert_eq!((error.line, error.message.as_str()), (line, message), "{source}");
    }
}

#[test]
fn prefixes_of_a_program_never_panic() {
    let source = include_str!("programs/exceptions.toy");
    for (end, _) in source.char_indices() {
        let _ = compile(&source[..end]);
    }
}

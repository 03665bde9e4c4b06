use super::*;

fn run(words: &[&str]) -> Options {
    let words = std::iter::once("typhon").chain(words.iter().copied()).map(OsString::from).collect();
    match parse(words) {
        Ok(Action::Run(options)) => *options,
        other => panic!("expected a program to run, found {other:?}"),
    }
}

fn fail(words: &[&str]) -> (String, u8) {
    let words = std::iter::once("typhon").chain(words.iter().copied()).map(OsString::from).collect();
    match parse(words) {
        Err(failure) => failure.report("typhon"),
        other => panic!("expected a failure, found {other:?}"),
    }
}

#[test]
fn letters_may_be_put_together() {
    let options = run(&["-bIuc", "x = 1", "-b", "a"]);
    assert_eq!(options.program, Program::Text("x = 1\n".into()));
    assert_eq!(options.configuration.arguments, ["-c", "-b", "a"]);
    let flags = options.configuration.flags;
    assert!(flags.isolated && flags.ignore_environment && flags.safe_path && flags.no_user_site && flags.unbuffered);
    assert_eq!(flags.bytes_warning, 1);
    assert_eq!(options.configuration.warning_options, ["default::BytesWarning"]);
}

#[test]
fn arguments_may_follow_their_letter() {
    let options = run(&["-Werror", "-W", "ignore", "-Xa=b=c", "-X", "dev", "-mjson.tool", "x"]);
    assert_eq!(options.program, Program::Module("json.tool".into()));
    assert_eq!(options.configuration.arguments, ["-m", "x"]);
    assert_eq!(options.configuration.warning_options, ["default", "error", "ignore"]);
    let expected = [("a".to_string(), Some("b=c".to_string())), ("dev".to_string(), None)];
    assert_eq!(options.configuration.implementation_options, expected);
}

#[test]
fn what_follows_the_program_is_the_programs() {
    let options = run(&["-q", "file.py", "-v", "--help"]);
    assert_eq!(options.program, Program::File("file.py".into()));
    assert_eq!(options.configuration.arguments, ["file.py", "-v", "--help"]);
    assert_eq!(run(&["--", "-x"]).program, Program::File("-x".into()));
    assert_eq!(run(&["-", "-x"]).configuration.arguments, ["-", "-x"]);
    assert_eq!(run(&[]).configuration.arguments, [""]);
}

#[test]
fn nonsense_is_refused() {
    let expected = "Unknown option: -z\nusage: typhon [option] ... [-c cmd | -m mod | file | -] [arg] ...\n\
                    Try `typhon -h' for more information.";
    assert_eq!(fail(&["-z"]), (expected.to_string(), 2));
    assert!(fail(&["-c"]).0.starts_with("Argument expected for the -c option\n"));
    assert!(fail(&["--frob"]).0.starts_with("Unknown option: --frob\n"));
    let expected = "Fatal Python error: config_init_int_max_str_digits: -X int_max_str_digits: invalid limit; must be >= 640 or 0 for \
                    unlimited.\nPython runtime state: preinitialized\n";
    assert_eq!(fail(&["-Xint_max_str_digits=1", "-c", "pass"]), (expected.to_string(), 1));
}

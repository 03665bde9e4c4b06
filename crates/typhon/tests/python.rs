//! Runs every program below `tests/python` in every mode: one test per file and mode.
//!
//! A program is plain code with asserts, and passes by ending well. Two comments say more, each at the line it is about:
//! - `# expect: text`: standard output consists of exactly these texts, one a line, in the order of the file;
//! - `# raises: TypeError: message`: the program ends with this exception, raised at this line. One per file.
//!
//! Nothing is rewritten: `typhon tests/python/area/topic.py` is what runs here. `tests/skips/MODE.txt` lists what is left
//! out of a mode, one `area/topic reason` a line. Where `TYPHON_ORACLE` names a CPython 3.14, the same files run there
//! too, which proves the expectations.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use wait_timeout::ChildExt;

/// A program that runs longer is killed, and has failed.
const TIMEOUT: Duration = Duration::from_secs(150);

/// How the programs run.
struct Mode {
    name: &'static str,
    options: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
}

const MODES: &[Mode] = &[
    Mode { name: "interpreter", options: &["-X", "jit=off"], variables: &[] },
    Mode { name: "jit-at-once", options: &["-X", "jit=hotness=1"], variables: &[] },
    Mode { name: "jit", options: &[], variables: &[] },
    // Poisons what is freed and marks again after each collection. Seldom enough to stay quick, and a prime, so that the
    // collections wander through the program.
    Mode { name: "collect", options: &[], variables: &[("TYPHON_GC", "stress=4999")] },
    Mode { name: "collect-at-once", options: &["-X", "jit=hotness=1"], variables: &[("TYPHON_GC", "stress=1009")] },
];

/// The mode in which the files run under CPython.
const ORACLE: Mode = Mode { name: "oracle", options: &[], variables: &[] };

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests");
    let tests = tests.canonicalize().expect("the repository has tests");
    let programs = programs(&tests.join("python"));
    assert!(!programs.is_empty(), "no programs below {}", tests.display());
    let typhon = PathBuf::from(env!("CARGO_BIN_EXE_typhon"));
    let oracle = std::env::var_os("TYPHON_ORACLE").map(PathBuf::from);
    let runs = MODES.iter().map(|mode| (mode, &typhon)).chain(oracle.iter().map(|oracle| (&ORACLE, oracle)));
    let mut trials = Vec::new();
    for (mode, command) in runs {
        let mut skips = skips(&tests.join("skips").join(format!("{}.txt", mode.name)));
        for (name, path) in &programs {
            let skipped = skips.remove(name).is_some();
            let (command, path) = (command.clone(), path.clone());
            let trial = Trial::test(format!("{}::{name}", mode.name), move || check(mode, &command, &path));
            trials.push(trial.with_ignored_flag(skipped));
        }
        for name in skips.into_keys() {
            let message = format!("tests/skips/{}.txt skips {name}, which does not exist", mode.name);
            trials.push(Trial::test(format!("{}::skips::{name}", mode.name), || Err(Failed::from(message))));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The programs `<area>/<topic>.py` below a directory, by name, in order.
fn programs(directory: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for area in std::fs::read_dir(directory).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        for topic in std::fs::read_dir(area.path()).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if topic.extension().is_some_and(|extension| extension == "py") {
                let area = area.file_name().to_string_lossy().into_owned();
                let topic_name = topic.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                found.insert(format!("{area}/{topic_name}"), topic);
            }
        }
    }
    found
}

/// The names in a file of skips, with their reasons. A mode without such a file skips nothing.
fn skips(path: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once(char::is_whitespace) {
            Some((name, reason)) => (name.to_string(), reason.trim().to_string()),
            None => panic!("{}: a skip needs a reason: {line}", path.display()),
        })
        .collect()
}

/// What a program must do.
#[derive(Default)]
struct Expectation {
    /// The lines of standard output, if the program says anything about them.
    output: Vec<String>,
    /// Line and text of the exception that ends the program.
    raises: Option<(usize, String)>,
}

fn expectation(source: &str) -> Result<Expectation, Failed> {
    let mut expectation = Expectation::default();
    for (index, line) in source.lines().enumerate() {
        if let Some((_, text)) = line.rsplit_once("# expect:") {
            expectation.output.push(text.strip_prefix(' ').unwrap_or(text).to_string());
        }
        if let Some((_, text)) = line.rsplit_once("# raises:") {
            if expectation.raises.is_some() {
                return Err(format!("line {}: a program ends with one exception only", index + 1).into());
            }
            expectation.raises = Some((index + 1, text.trim().to_string()));
        }
    }
    Ok(expectation)
}

/// What a program did.
struct Outcome {
    output: String,
    errors: String,
    /// `None` where a signal ended it.
    code: Option<i32>,
}

fn run(mode: &Mode, command: &Path, program: &Path) -> Result<Outcome, Failed> {
    let mut child = Command::new(command)
        .args(mode.options)
        .arg(program)
        .envs(mode.variables.iter().copied())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHON_COLORS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", command.display()))?;
    // Pipes are read while the program runs, or it would stop once they are full.
    let output = child.stdout.take().map(|pipe| std::thread::spawn(move || read(pipe)));
    let errors = child.stderr.take().map(|pipe| std::thread::spawn(move || read(pipe)));
    let status = child.wait_timeout(TIMEOUT)?;
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    let join = |reader: Option<std::thread::JoinHandle<String>>| reader.and_then(|r| r.join().ok()).unwrap_or_default();
    let (output, errors) = (join(output), join(errors));
    match status {
        Some(status) => Ok(Outcome { output, errors, code: status.code() }),
        None => Err(format!("still ran after {TIMEOUT:?}\n{}", report(&output, &errors)).into()),
    }
}

fn read(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    // A pipe that breaks has said all it will say; the exit code tells the rest.
    let _ = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn report(output: &str, errors: &str) -> String {
    let shorten = |text: &str| text.chars().take(4000).collect::<String>();
    format!("--- standard output\n{}\n--- standard error\n{}", shorten(output), shorten(errors))
}

fn check(mode: &Mode, command: &Path, program: &Path) -> Result<(), Failed> {
    let expectation = expectation(&std::fs::read_to_string(program)?)?;
    let outcome = run(mode, command, program)?;
    compare(&expectation, &outcome).map_err(|difference| {
        let report = report(&outcome.output, &outcome.errors);
        Failed::from(format!("{}: {difference}\n{report}", program.display()))
    })
}

fn compare(expectation: &Expectation, outcome: &Outcome) -> Result<(), String> {
    let code = outcome.code.ok_or("ended by a signal")?;
    match &expectation.raises {
        None if code != 0 => return Err(format!("ended with code {code}")),
        None => {}
        Some((line, exception)) => {
            if code != 1 {
                return Err(format!("line {line} raises, but the program ended with code {code}"));
            }
            let last = outcome.errors.lines().rfind(|line| !line.is_empty()).unwrap_or_default();
            if last != exception {
                return Err(format!("expected {exception:?}, found {last:?}"));
            }
            let place = format!(", line {line}, in ");
            let entry = outcome.errors.lines().rfind(|line| line.starts_with("  File ")).unwrap_or_default();
            if !entry.contains(&place) {
                return Err(format!("line {line} raises, but the traceback ends with {entry:?}"));
            }
        }
    }
    let mut found = outcome.output.lines();
    for (index, expected) in expectation.output.iter().enumerate() {
        match found.next() {
            Some(line) if line == expected => {}
            line => return Err(format!("line {} of the output: expected {expected:?}, found {line:?}", index + 1)),
        }
    }
    match found.next() {
        Some(line) => Err(format!("unexpected output {line:?}")),
        None => Ok(()),
    }
}

//! The command line and the environment variables that say the same.

use std::ffi::OsString;
use std::path::PathBuf;

/// Turns of a loop before it is recorded, unless said otherwise.
pub const DEFAULT_HOTNESS: i32 = 120;

/// What to run.
#[derive(Debug, PartialEq, Eq)]
pub enum Program {
    /// `-c text`.
    Text(String),
    /// A source file.
    File(PathBuf),
    /// Standard input.
    Input,
}

/// What the command line says.
#[derive(Debug, PartialEq)]
pub struct Options {
    /// What to run.
    pub program: Program,
    /// `sys.argv`.
    pub arguments: Vec<String>,
    /// Turns of a loop before it is recorded; `None` where the JIT is off.
    pub hotness: Option<i32>,
    /// Where the JIT logs to.
    pub log: Option<String>,
    /// Settings of the garbage collector.
    pub collector: vm_heap::Configuration,
    /// `-S`-like switches that only later versions know are refused; `-E` ignores `PYTHON*` variables.
    pub ignore_environment: bool,
}

/// What the command is to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Run a program.
    Run(Options),
    /// Print a text.
    Print(String),
}

const USAGE: &str = "usage: typhon [option] ... [-c cmd | file | -] [arg] ...
-c cmd : program passed in as string (terminates option list)
-E     : ignore PYTHON* environment variables
-h     : print this help message and exit (also -? or --help)
-V     : print the version number and exit (also --version)
-X opt : set implementation-specific option:
         jit=off           run everything in the interpreter
         jit=hotness=N     record a loop after N turns
file   : program read from script file
-      : program read from stdin
arg ...: arguments passed to program in sys.argv[1:]

Environment variables:
TYPHON_JIT : the value of -X jit
TYPHON_LOG : jit:FILE writes what the JIT does to FILE
TYPHON_GC  : stress[=N] collects at every 16th (N-th) allocation; also poison, verify,
             nursery=SIZE, maximum=SIZE, growth=FACTOR, separated by commas";

/// Parses arguments (without the program's own name) and the environment.
pub fn parse(arguments: Vec<OsString>) -> Result<Action, String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut hotness = Some(DEFAULT_HOTNESS);
    if let Some(value) = variable("TYPHON_JIT") {
        hotness = parse_jit(&value)?;
    }
    let log = match variable("TYPHON_LOG") {
        None => None,
        Some(value) => match value.strip_prefix("jit:") {
            Some(file) => Some(file.to_string()),
            None => return Err(format!("TYPHON_LOG: expected jit:FILE, found {value:?}")),
        },
    };
    let collector = vm_heap::Configuration::from_environment().map_err(|error| format!("TYPHON_GC: {error}"))?;
    let mut ignore_environment = false;
    let mut rest = arguments.into_iter();
    let (program, name) = loop {
        let Some(argument) = rest.next() else { break (Program::Input, String::new()) };
        let text = argument.to_string_lossy().into_owned();
        match text.as_str() {
            "-" => break (Program::Input, "-".to_string()),
            "-h" | "-?" | "--help" => return Ok(Action::Print(USAGE.to_string())),
            "-V" | "--version" => return Ok(Action::Print("Python 3.14.0 (Typhon 0.1.0)".to_string())),
            "-c" => {
                let Some(command) = rest.next() else {
                    return Err("Argument expected for the -c option\n".to_string() + USAGE);
                };
                break (Program::Text(command.to_string_lossy().into_owned()), "-c".to_string());
            }
            "-E" => ignore_environment = true,
            "-X" => match rest.next().map(|value| value.to_string_lossy().into_owned()) {
                Some(value) => parse_option(&value, &mut hotness)?,
                None => return Err("Argument expected for the -X option\n".to_string() + USAGE),
            },
            _ if text.starts_with("-X") => parse_option(&text[2..], &mut hotness)?,
            _ if text.starts_with('-') => return Err(format!("unknown option {text}\n{USAGE}")),
            _ => break (Program::File(PathBuf::from(&argument)), text),
        }
    };
    let arguments = std::iter::once(name).chain(rest.map(|argument| argument.to_string_lossy().into_owned())).collect();
    Ok(Action::Run(Options { program, arguments, hotness, log, collector, ignore_environment }))
}

/// `-X` options that Typhon does not know are ignored, as CPython does with its own.
fn parse_option(value: &str, hotness: &mut Option<i32>) -> Result<(), String> {
    if let Some(value) = value.strip_prefix("jit=") {
        *hotness = parse_jit(value)?;
    }
    Ok(())
}

fn parse_jit(value: &str) -> Result<Option<i32>, String> {
    match value {
        "off" | "0" => Ok(None),
        "on" | "1" => Ok(Some(DEFAULT_HOTNESS)),
        _ => match value.strip_prefix("hotness=").and_then(|n| n.parse().ok()) {
            Some(n) if n >= 1 => Ok(Some(n)),
            _ => Err(format!("jit: expected off, on or hotness=N, found {value:?}")),
        },
    }
}

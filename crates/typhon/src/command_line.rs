//! The command line and the environment variables that say the same.
//!
//! Options are read as CPython reads them: letters may be put together (`-bI`), an argument follows its letter at once or as the
//! next word, and whatever comes after `-c`, `-m`, a file or `-` belongs to the program.

mod environment;
mod help;
mod place;
#[cfg(test)]
mod tests;

use environment::Environment;
use py_object::configuration::Configuration;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Turns of a loop before it is recorded, unless said otherwise.
pub const DEFAULT_HOTNESS: i32 = 120;

/// The version of the language and library.
pub const VERSION: &str = "3.14.7";

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// `-c text`.
    Text(String),
    /// `-m module`.
    Module(String),
    /// A source file, a directory or an archive.
    File(OsString),
    /// Standard input.
    Input,
}

/// What the command line and the environment say.
#[derive(Debug, PartialEq)]
pub struct Options {
    /// What to run.
    pub program: Program,
    /// What `sys` shows.
    pub configuration: Configuration,
    /// `-x`: the first line of the source is none of Python's.
    pub skip_first_line: bool,
    /// Fixed seed of the hashes of strings.
    pub hash_seed: Option<u32>,
    /// Most digits of conversions between int and text.
    pub int_digits: usize,
    /// Turns of a loop before it is recorded; `None` where the JIT is off.
    pub hotness: Option<i32>,
    /// Where the JIT logs to.
    pub log: Option<String>,
    /// Settings of the garbage collector.
    pub collector: vm_heap::Configuration,
}

/// What the command is to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Run a program.
    Run(Box<Options>),
    /// Print a text.
    Print(String),
}

/// Why the command line or the environment makes no sense.
#[derive(Debug, PartialEq)]
pub enum Failure {
    /// To be answered with the usage.
    Usage(String),
    /// A value that means nothing; where it was found, and what is wrong.
    Fatal(String),
    /// A plain message.
    Plain(String),
}

impl Failure {
    /// What is printed, and the exit code.
    pub fn report(&self, name: &str) -> (String, u8) {
        match self {
            Failure::Usage(message) => {
                let usage = help::usage(name);
                (format!("{message}\n{usage}\nTry `{} -h' for more information.", help::short_name(name)), 2)
            }
            Failure::Fatal(message) => {
                (format!("Fatal Python error: {message}\nPython runtime state: preinitialized\n"), 1)
            }
            Failure::Plain(message) => (message.clone(), 2),
        }
    }
}

/// Letters of options that take an argument.
const WITH_ARGUMENT: &[u8] = b"cmWX";

/// Options as they were found, before the environment is asked.
#[derive(Default)]
struct Found {
    program: Option<Program>,
    configuration: Configuration,
    warnings: Vec<String>,
    skip_first_line: bool,
    random_hashes: bool,
    version: usize,
    help: Option<fn(&str) -> String>,
}

/// Parses the arguments, the program's own name first, and the environment.
pub fn parse(arguments: Vec<OsString>) -> Result<Action, Failure> {
    let name = arguments.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut words = arguments.iter().skip(1).cloned();
    let mut found = Found::default();
    let program_name = read_options(&mut words, &mut found)?;
    if found.version > 0 {
        return Ok(Action::Print(help::version(found.version)));
    }
    if let Some(text) = found.help {
        return Ok(Action::Print(text(&name)));
    }
    let mut configuration = found.configuration;
    configuration.arguments = std::iter::once(program_name).chain(words).collect();
    configuration.original_arguments = arguments.clone();
    let environment = Environment { ignored: configuration.flags.ignore_environment };
    let mut options = Options {
        program: found.program.unwrap_or(Program::Input),
        configuration,
        skip_first_line: found.skip_first_line,
        hash_seed: None,
        int_digits: 4300,
        hotness: Some(DEFAULT_HOTNESS),
        log: None,
        collector: vm_heap::Configuration::from_environment()
            .map_err(|error| Failure::Plain(format!("TYPHON_GC: {error}")))?,
    };
    environment.apply(&mut options, found.warnings)?;
    if found.random_hashes {
        // The option overrides PYTHONHASHSEED.
        options.hash_seed = None;
        options.configuration.flags.hash_randomization = true;
    }
    options.configuration.place = place::find(&arguments, &environment);
    Ok(Action::Run(Box::new(options)))
}

/// Reads options up to the program; returns what is to be `sys.argv[0]`.
fn read_options(words: &mut impl Iterator<Item = OsString>, found: &mut Found) -> Result<OsString, Failure> {
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        if bytes == b"-" {
            found.program = Some(Program::Input);
            return Ok(word);
        }
        if bytes == b"--" {
            return Ok(match words.next() {
                Some(file) if file.as_bytes() == b"-" => file,
                Some(file) => {
                    found.program = Some(Program::File(file.clone()));
                    file
                }
                None => OsString::new(),
            });
        }
        if bytes.starts_with(b"--") {
            long_option(&word.to_string_lossy(), words, found)?;
            continue;
        }
        let Some(letters) = bytes.strip_prefix(b"-") else {
            found.program = Some(Program::File(word.clone()));
            return Ok(word);
        };
        for (at, letter) in letters.iter().enumerate() {
            if !WITH_ARGUMENT.contains(letter) {
                short_option(*letter, found)?;
                continue;
            }
            let rest = &letters[at + 1..];
            let argument = if rest.is_empty() { words.next() } else { Some(OsString::from_vec(rest.to_vec())) };
            let Some(argument) = argument else {
                return Err(Failure::Usage(format!("Argument expected for the -{} option", char::from(*letter))));
            };
            let argument = argument.to_string_lossy().into_owned();
            match letter {
                b'c' => {
                    found.program = Some(Program::Text(argument + "\n"));
                    return Ok("-c".into());
                }
                b'm' => {
                    found.program = Some(Program::Module(argument));
                    return Ok("-m".into());
                }
                b'W' => found.warnings.push(argument),
                _ => found.configuration.implementation_options.push(match argument.split_once('=') {
                    Some((name, value)) => (name.to_string(), Some(value.to_string())),
                    None => (argument, None),
                }),
            }
            break;
        }
    }
    Ok(OsString::new())
}

fn short_option(letter: u8, found: &mut Found) -> Result<(), Failure> {
    let flags = &mut found.configuration.flags;
    match letter {
        b'b' => flags.bytes_warning += 1,
        b'B' => flags.dont_write_bytecode = true,
        b'd' => flags.debug += 1,
        b'E' => flags.ignore_environment = true,
        b'h' | b'?' => found.help = Some(help::options),
        b'i' => {
            flags.inspect += 1;
            flags.interactive += 1;
        }
        b'I' => {
            flags.isolated = true;
            flags.ignore_environment = true;
            flags.no_user_site = true;
            flags.safe_path = true;
        }
        b'O' => flags.optimize += 1,
        b'P' => flags.safe_path = true,
        b'q' => flags.quiet += 1,
        b'R' => found.random_hashes = true,
        // Tabs are not mixed with spaces anyway.
        b't' => {}
        b's' => flags.no_user_site = true,
        b'S' => flags.no_site = true,
        b'u' => flags.unbuffered = true,
        b'v' => flags.verbose += 1,
        b'V' => found.version += 1,
        b'x' => found.skip_first_line = true,
        _ => return Err(Failure::Usage(format!("Unknown option: -{}", char::from(letter)))),
    }
    Ok(())
}

fn long_option(word: &str, words: &mut impl Iterator<Item = OsString>, found: &mut Found) -> Result<(), Failure> {
    match word {
        "--help" => found.help = Some(help::options),
        "--help-env" => found.help = Some(help::environment),
        "--help-xoptions" => found.help = Some(help::implementation_options),
        "--help-all" => found.help = Some(help::everything),
        "--version" => found.version += 1,
        "--check-hash-based-pycs" => {
            let value = words.next().map(|value| value.to_string_lossy().into_owned());
            match value.as_deref() {
                Some("always" | "never" | "default") => {
                    found.configuration.check_hash_based = value.unwrap_or_default();
                }
                Some(_) => {
                    let message = "--check-hash-based-pycs must be one of 'default', 'always', or 'never'";
                    return Err(Failure::Usage(message.to_string()));
                }
                None => {
                    let message = "Argument expected for the --check-hash-based-pycs options";
                    return Err(Failure::Usage(message.to_string()));
                }
            }
        }
        _ => return Err(Failure::Usage(format!("Unknown option: {word}"))),
    }
    Ok(())
}

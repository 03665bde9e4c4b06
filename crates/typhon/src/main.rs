//! The command `typhon`.
//!
//! The start belongs to this file and not to Rust's runtime, which would open `/dev/null` in place of closed standard streams; Python
//! shows them as None.
#![cfg_attr(not(test), no_main)]

mod command_line;
mod prompt;
mod session;
mod traceback;

use std::io::Write;

/// Where the system starts the program. The arguments are taken from the runtime, which knows them as well.
#[cfg_attr(not(test), unsafe(export_name = "main"))]
#[cfg_attr(test, expect(dead_code, reason = "the tests have a start of their own"))]
extern "C" fn start(_count: i32, _arguments: *const *const libc::c_char) -> i32 {
    for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
        // SAFETY: ignoring a signal touches no memory. Writing to a closed pipe or a full file is an error then.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    let arguments: Vec<_> = std::env::args_os().collect();
    let name = arguments.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match command_line::parse(arguments) {
        Ok(command_line::Action::Run(options)) => session::run(*options).into(),
        Ok(command_line::Action::Print(text)) => {
            let printed = writeln!(std::io::stdout(), "{text}").and_then(|()| std::io::stdout().flush());
            if printed.is_ok() { 0 } else { 1 }
        }
        Err(failure) => {
            let (text, code) = failure.report(&name);
            py_object::standard_error::write_line(format_args!("{text}"));
            code.into()
        }
    }
}

//! The command `typhon`.

mod command_line;
mod session;
mod traceback;

use std::process::ExitCode;

fn main() -> ExitCode {
    match command_line::parse(std::env::args_os().skip(1).collect()) {
        Ok(command_line::Action::Run(options)) => session::run(options),
        Ok(command_line::Action::Print(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

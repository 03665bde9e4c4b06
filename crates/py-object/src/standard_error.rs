//! Writing to the process's standard error beside Python's streams. What can't be written is lost: `eprintln!` would panic where the
//! other end is gone or the disk is full.

use std::fmt::Arguments;
use std::io::Write;

/// Writes text.
pub fn write(text: Arguments<'_>) {
    let _ = std::io::stderr().write_fmt(text);
}

/// Writes a line.
pub fn write_line(text: Arguments<'_>) {
    write(format_args!("{text}\n"));
}

//! `-X importtime`: how long each import takes, told on standard error when it is done.

use py_object::Cx;
use std::cell::Cell;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// An import that is going on.
pub struct Timing {
    start: Instant,
    /// What the imports before this one, inside the same outer one, have taken.
    before: Duration,
}

thread_local! {
    /// Imports around the running one.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// What imports inside the running one have taken.
    static INSIDE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Whether imports are timed.
fn is_asked(cx: &Cx) -> bool {
    static ASKED: OnceLock<bool> = OnceLock::new();
    *ASKED.get_or_init(|| {
        let configuration = cx.runtime.configuration();
        let by_option = configuration.implementation_options.iter().find(|(name, _)| name == "importtime");
        let asked = match by_option {
            Some((_, value)) => value.as_deref() != Some("0"),
            None => {
                let variable = std::env::var_os("PYTHONPROFILEIMPORTTIME");
                !configuration.flags.ignore_environment
                    && variable.is_some_and(|value| !value.is_empty() && value != "0")
            }
        };
        if asked {
            py_object::standard_error::write_line(format_args!(
                "import time: self [us] | cumulative | imported package"
            ));
        }
        asked
    })
}

/// An import begins.
pub fn begin(cx: &Cx) -> Option<Timing> {
    is_asked(cx).then(|| {
        DEPTH.set(DEPTH.get() + 1);
        Timing { start: Instant::now(), before: INSIDE.replace(Duration::ZERO) }
    })
}

/// It is done, or has failed.
pub fn end(timing: Option<Timing>, name: &str) {
    let Some(Timing { start, before }) = timing else { return };
    let (all, depth) = (start.elapsed(), DEPTH.get() - 1);
    DEPTH.set(depth);
    let own = all.saturating_sub(INSIDE.replace(before + all));
    let indent = " ".repeat(depth * 2);
    let (own, all) = (own.as_micros(), all.as_micros());
    py_object::standard_error::write_line(format_args!("import time: {own:9} | {all:10} | {indent}{name}"));
}

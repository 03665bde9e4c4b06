//! `print` and `input`.

use crate::attribute;
use crate::call;
use crate::cx::{Cx, NONE, PyResult, UNBOUND};
use crate::kinds::Kind;
use crate::objects::{Dict, Str};
use crate::operations;
use crate::string::{StrExt, downcast};
use crate::types::class_name;
use py_macros::py_functions;
use vm_heap::{Gc, Value};

/// A stream of `sys`: `None` where it is None, RuntimeError where there is none.
fn stream(cx: &mut Cx, name: &str) -> PyResult<Option<Value>> {
    let key = cx.intern("sys");
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let attribute_name = cx.intern(name);
    let sys = Dict::get_str(cx, modules, key);
    let found = match sys {
        Some(sys) => attribute::find(cx, sys, attribute_name)?.map(|(stream, _)| stream),
        None => None,
    };
    match found {
        Some(NONE) => Ok(None),
        Some(stream) => Ok(Some(stream)),
        None => Err(cx.raise(Kind::RUNTIME_ERROR, format!("lost sys.{name}"))),
    }
}

fn separator(cx: &mut Cx, value: Value, default: &str, name: &str) -> PyResult<Gc<Str>> {
    if value == NONE {
        return Ok(cx.intern(default));
    }
    match downcast::<Str>(value) {
        Some(text) => Ok(text),
        None => {
            let message = format!("{name} must be None or a string, not {}", class_name(cx, value));
            Err(cx.type_error(message))
        }
    }
}

fn print(cx: &mut Cx, args: &[Value], sep: Value, end: Value, file: Option<Value>, flush: bool) -> PyResult<()> {
    let target = match file {
        Some(file) => Some(file),
        None => stream(cx, "stdout")?,
    };
    let Some(target) = target else { return Ok(()) };
    let sep = separator(cx, sep, " ", "sep")?;
    let end = separator(cx, end, "\n", "end")?;
    let name = cx.intern("write");
    let write = attribute::get(cx, target, name)?;
    // One call of `write`, so that lines of several threads do not mix.
    let mut line = Vec::new();
    for (at, value) in args.iter().enumerate() {
        if at > 0 {
            line.extend_from_slice(sep.bytes());
        }
        let text = operations::to_str(cx, *value)?;
        line.extend_from_slice(text.bytes());
    }
    line.extend_from_slice(end.bytes());
    let line = Str::checked(cx, &line)?;
    call::call(cx, write, &[line.value()], None)?;
    if flush {
        call::call_method(cx, target, "flush", &[])?;
    }
    Ok(())
}

fn input(cx: &mut Cx, prompt: Option<Value>) -> PyResult {
    if let Some(stdout) = stream(cx, "stdout")? {
        if let Some(prompt) = prompt {
            let prompt = operations::to_str(cx, prompt)?;
            call::call_method(cx, stdout, "write", &[prompt.value()])?;
        }
        // What cannot be flushed is none the worse for it.
        if call::call_method(cx, stdout, "flush", &[]).is_err() {
            cx.take_raised();
        }
    }
    let Some(stdin) = stream(cx, "stdin")? else {
        return Err(cx.raise(Kind::RUNTIME_ERROR, "input(): lost sys.stdin"));
    };
    let line = call::call_method(cx, stdin, "readline", &[])?;
    let Some(line) = downcast::<Str>(line) else {
        return Err(cx.type_error("object.readline() returned non-string"));
    };
    match line.bytes() {
        [] => Err(cx.raise(Kind::EOF_ERROR, "EOF when reading a line")),
        [text @ .., b'\n'] => Ok(Str::checked(cx, text)?.value()),
        _ => Ok(line.value()),
    }
}

/// Functions about output and input.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Prints the values to a stream, or to sys.stdout by default.
    ///
    /// sep
    ///   string inserted between values, default a space.
    /// end
    ///   string appended after the last value, default a newline.
    /// file
    ///   a file-like object (stream); defaults to the current sys.stdout.
    /// flush
    ///   whether to forcibly flush the stream.
    #[function(transaction = Deferrable, signature = "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)")]
    fn print(
        cx: &mut Cx,
        #[args] args: &[Value],
        #[keyword_only]
        #[default(NONE)]
        sep: Value,
        #[keyword_only]
        #[default(NONE)]
        end: Value,
        #[keyword_only] file: Option<Value>,
        #[keyword_only]
        #[default(false)]
        flush: bool,
    ) -> PyResult<()> {
        print(cx, args, sep, end, file, flush)
    }
    /// Read a string from standard input.  The trailing newline is stripped.
    ///
    /// The prompt string, if given, is printed to standard output without a
    /// trailing newline before reading input.
    ///
    /// If the user hits EOF (*nix: Ctrl-D, Windows: Ctrl-Z+Return), raise EOFError.
    #[function(transaction = Inevitable)]
    fn input(
        cx: &mut Cx,
        #[default(UNBOUND)]
        #[shown("''")]
        prompt: Value,
    ) -> PyResult {
        input(cx, (prompt != UNBOUND).then_some(prompt))
    }
}

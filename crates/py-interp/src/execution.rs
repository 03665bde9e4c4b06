//! `exec`, `eval` and `compile`: running code that the program has made itself.
//!
//! Such code may have a plain dict for its globals. A dict whose variables are likely to be used more than once becomes
//! a namespace of cells (see `Dict::make_namespace`), which is invisible to the program.

use crate::source_text::Origin;
use crate::{code, imports, run};
use py_code::Opcode;
use py_compiler::{Mode, Options};
use py_macros::py_functions;
use py_object::builtins::frames::{current_globals, current_locals};
use py_object::frames;
use py_object::objects::*;
use py_object::sequence::tuple_items;
use py_object::types::{self, class_name, is_exactly};
use py_object::{Cx, Kind, NONE, PyResult, call, downcast, operations};
use vm_heap::{Gc, Value};

/// Flags of `compile` that only say what all code has by now: features of `__future__` that are mandatory.
const OLD_FEATURES: i64 = 0x10 | 0xfe_0000;
/// `from __future__ import annotations`.
const FUTURE_ANNOTATIONS: i64 = py_code::flags::FUTURE_ANNOTATIONS as i64;
/// Return a tree instead of code.
const ONLY_AST: i64 = 0x400;
/// Flag: the tree shows comments for type checkers.
const TYPE_COMMENTS: i64 = 0x1000;
/// Return a tree simplified as for code.
const OPTIMIZED_AST: i64 = 0x8000 | ONLY_AST;
/// `await` outside functions.
const TOP_LEVEL_AWAIT: i64 = 0x2000;
/// An error of its own kind where a source only ends too early.
const ALLOW_INCOMPLETE_INPUT: i64 = 0x4000;
/// Flags that make no difference here, or are looked at elsewhere: source is text, type comments are comments, no dedent is implied.
const OTHER_FLAGS: i64 = 0x100 | 0x1000 | 0x200 | 0x4000 | 0x800 | 0x8000;

/// Where code runs.
struct Namespaces {
    globals: Gc<Dict>,
    /// A mapping, or None for the globals.
    locals: Value,
}

/// The namespaces that a call of `exec` or `eval` means.
fn namespaces(cx: &mut Cx, name: &str, globals: Value, locals: Value) -> PyResult<Namespaces> {
    if locals != NONE && types::lookup_special(cx, locals, "__getitem__").is_none() {
        return Err(match name {
            "exec" => {
                let class = class_name(cx, locals);
                cx.type_error(format!("locals must be a mapping or None, not {class}"))
            }
            _ => cx.type_error("locals must be a mapping"),
        });
    }
    if globals == NONE {
        let globals = current_globals(cx)?;
        let locals = if locals == NONE { current_locals(cx)? } else { locals };
        return Ok(Namespaces { globals, locals: if locals == globals.value() { NONE } else { locals } });
    }
    let Some(dict) = downcast::<Dict>(globals) else {
        let message = match name {
            "exec" => format!("exec() globals must be a dict, not {}", class_name(cx, globals)),
            _ if types::lookup_special(cx, globals, "__getitem__").is_some() => {
                "globals must be a real dict; try eval(expr, {}, mapping)".to_string()
            }
            _ => "globals must be a dict".to_string(),
        };
        return Err(cx.type_error(message));
    };
    Ok(Namespaces { globals: dict, locals: if locals == globals { NONE } else { locals } })
}

/// Enters the builtins of the running code into globals that have none.
fn ensure_builtins(cx: &mut Cx, globals: Gc<Dict>) -> PyResult<()> {
    let name = cx.intern("__builtins__");
    if Dict::get_str(cx, globals, name).is_some() {
        return Ok(());
    }
    let builtins = current_builtins(cx)?;
    Dict::set_str(cx, globals, name, builtins)
}

/// The builtins of the running code.
pub fn current_builtins(cx: &mut Cx) -> PyResult {
    let standard = cx.runtime.builtins.get().expect("made at start-up");
    Ok(match frames::caller(cx) {
        Some(frame) => custom_builtins(cx, frame.function.globals.get()).unwrap_or(standard.value()),
        None => standard.value(),
    })
}

/// The mapping that a namespace names as its `__builtins__`, if that is not the ordinary one.
pub fn custom_builtins(cx: &mut Cx, globals: Gc<Dict>) -> Option<Value> {
    let standard = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern("__builtins__");
    let named = Dict::get_str(cx, globals, name)?;
    let mapping = match downcast::<Module>(named) {
        Some(module) => module.dict.get().value(),
        None => named,
    };
    (mapping != standard.value()).then_some(mapping)
}

/// What messages say that `compile` takes.
const COMPILABLE: &str = "string, bytes or AST";

/// Source text as bytes: of a string, of bytes, or of another buffer.
fn source_bytes(cx: &mut Cx, source: Value, function: &str, kinds: &str) -> PyResult<Vec<u8>> {
    let bytes = if let Some(text) = downcast::<Str>(source) {
        let encoded = call::call_method(cx, text.value(), "encode", &[])?;
        downcast::<Bytes>(encoded).map(|bytes| py_object::string::bytes_of(&bytes).to_vec())
    } else if let Some(bytes) = downcast::<Bytes>(source) {
        Some(py_object::string::bytes_of(&bytes).to_vec())
    } else if is_exactly(source, Kind::BYTEARRAY)
        || is_exactly(source, Kind::MEMORYVIEW)
        || types::lookup_special(cx, source, "__buffer__").is_some()
    {
        let class = cx.builtin_type(Kind::BYTES);
        let copy = call::call(cx, class.value(), &[source], None)?;
        downcast::<Bytes>(copy).map(|bytes| py_object::string::bytes_of(&bytes).to_vec())
    } else {
        None
    };
    let Some(bytes) = bytes else {
        return Err(cx.type_error(format!("{function}() arg 1 must be a {kinds} object")));
    };
    if bytes.contains(&0) {
        return Err(cx.raise(Kind::SYNTAX_ERROR, "source code string cannot contain null bytes"));
    }
    Ok(bytes)
}

/// The options that code compiled by the running code takes over from it.
fn inherited(cx: &Cx) -> Options {
    let flags = frames::caller(cx).map_or(0, |frame| frame.code.flags.get().as_int());
    Options { future_annotations: flags & FUTURE_ANNOTATIONS != 0, ..Options::default() }
}

/// The code that `exec` or `eval` is to run: given, or compiled from source.
fn code_to_run(cx: &mut Cx, name: &str, source: Value, mode: Mode, closure: Value) -> PyResult<Gc<Code>> {
    if let Some(code) = downcast::<Code>(source) {
        let free = code::unit_of(cx, code).freevars.len();
        if name == "eval" {
            if free != 0 {
                return Err(cx.type_error("code object passed to eval() may not contain free variables"));
            }
            return Ok(code);
        }
        if free == 0 {
            if closure != NONE {
                return Err(cx.type_error("cannot use a closure with this code object"));
            }
            return Ok(code);
        }
        let cells = downcast::<Tuple>(closure);
        let cells = cells.as_ref().map_or(&[][..], tuple_items);
        if cells.len() != free || !cells.iter().all(|cell| downcast::<Cell>(*cell).is_some()) {
            return Err(cx.type_error(format!("code object requires a closure of exactly length {free}")));
        }
        return Ok(code);
    }
    if closure != NONE {
        return Err(cx.type_error("closure can only be used when source is a code object"));
    }
    let bytes = source_bytes(cx, source, name, "string, bytes or code")?;
    let bytes = if mode == Mode::Eval { bytes.trim_ascii_start_blanks() } else { &bytes };
    imports::compile_bytes(cx, bytes, "<string>", mode, inherited(cx), origin_of(source))
}

trait TrimBlanks {
    fn trim_ascii_start_blanks(&self) -> &[u8];
}

impl TrimBlanks for Vec<u8> {
    /// Without the blanks and tabs in front.
    fn trim_ascii_start_blanks(&self) -> &[u8] {
        let blanks = self.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        &self[blanks..]
    }
}

/// Whether running code once uses its globals many times: it has loops, or makes functions that outlive the run.
fn uses_globals_often(cx: &Cx, code: Gc<Code>) -> bool {
    code::unit_of(cx, code)
        .instructions()
        .any(|(_, instruction)| matches!(instruction.opcode(), Opcode::LoopHeader | Opcode::MakeFunction))
}

/// Runs code in namespaces, with the tuple of cells that is its closure, or None.
pub fn execute(cx: &mut Cx, code: Gc<Code>, globals: Gc<Dict>, locals: Value, closure: Value) -> PyResult {
    if is_exactly(globals.value(), Kind::DICT) && uses_globals_often(cx, code) {
        Dict::make_namespace(cx, globals)?;
    }
    run::run_code(cx, code, globals, closure, locals)
}

/// What `compile` is to make.
fn mode_of(cx: &mut Cx, mode: &str, flags: i64) -> PyResult<Mode> {
    match mode {
        "exec" => Ok(Mode::Exec),
        "eval" => Ok(Mode::Eval),
        "single" => Ok(Mode::Single),
        "func_type" if flags & ONLY_AST != 0 => Ok(Mode::Eval),
        "func_type" => Err(cx.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST")),
        _ if flags & ONLY_AST != 0 => {
            Err(cx.value_error("compile() mode must be 'exec', 'eval', 'single' or 'func_type'"))
        }
        _ => Err(cx.value_error("compile() mode must be 'exec', 'eval' or 'single'")),
    }
}

/// A file name: text, bytes, or an object with `__fspath__`.
pub fn file_name(cx: &mut Cx, name: Value) -> PyResult<String> {
    let mut path = name;
    if downcast::<Str>(path).is_none() && downcast::<Bytes>(path).is_none() {
        let Some(hook) = types::lookup_special(cx, path, "__fspath__") else {
            let class = class_name(cx, path);
            return Err(cx.type_error(format!("expected str, bytes or os.PathLike object, not {class}")));
        };
        path = call::call(cx, hook, &[path], None)?;
    }
    if let Some(text) = downcast::<Str>(path) {
        return Ok(py_object::StrExt::to_text(&text));
    }
    match downcast::<Bytes>(path) {
        Some(bytes) => Ok(String::from_utf8_lossy(py_object::string::bytes_of(&bytes)).into_owned()),
        None => Err(cx.type_error("__fspath__() must return a str or bytes object")),
    }
}

/// What a source given to `compile` comes from.
fn origin_of(source: Value) -> Origin {
    if downcast::<Str>(source).is_some() { Origin::Text } else { Origin::Bytes }
}

/// The text of a source given to a function.
pub fn source_text(cx: &mut Cx, source: Value, filename: &str, function: &str, kinds: &str) -> PyResult<String> {
    let bytes = source_bytes(cx, source, function, kinds)?;
    crate::source_text::decode(cx, &bytes, filename, origin_of(source))
}

/// The syntax tree of a source; a tree is its own.
fn tree_of(cx: &mut Cx, source: Value, filename: &str, mode: &str, level: Option<u8>, type_comments: bool) -> PyResult {
    if is_tree(cx, source)? {
        crate::tree_compilation::check(cx, source, mode)?;
        return match (level, cx.runtime.optimize_tree.get()) {
            (Some(level), Some(optimize_tree)) => optimize_tree(cx, source, mode, level),
            _ => Ok(source),
        };
    }
    let text = source_text(cx, source, filename, "compile", COMPILABLE)?;
    match cx.runtime.make_tree.get() {
        Some(make_tree) => make_tree(cx, &text, filename, mode, level, type_comments)
            .map_err(|raised| crate::errors::of_constants(cx, raised, filename, &text)),
        None => Err(cx.raise(Kind::NOT_IMPLEMENTED_ERROR, "there is no module '_ast'")),
    }
}

/// `_IncompleteInputError` if a source is the beginning of something longer.
fn check_complete(cx: &mut Cx, source: Value, filename: &str, mode: Mode) -> PyResult<()> {
    let text = source_text(cx, source, filename, "compile", COMPILABLE)?;
    let incomplete = py_syntax::stack::run(&text, || {
        let parsed = match mode {
            Mode::Eval => py_syntax::parse_expression(&text).map(|_| false),
            _ => py_syntax::parse_module(&text).map(|module| module.body.last().is_some_and(py_syntax::is_compound)),
        };
        match parsed {
            Ok(compound) => compound && mode == Mode::Single && !text.ends_with('\n'),
            Err(error) => py_syntax::is_incomplete(&text, &error),
        }
    });
    match incomplete {
        Ok(true) => {
            let line = text.lines().count() as i64;
            let place = [line, 0, line, 0];
            let kind = Kind::INCOMPLETE_INPUT_ERROR;
            Err(py_object::exception::raise_syntax_error(cx, kind, "incomplete input", filename, place, None))
        }
        _ => Ok(()),
    }
}

/// SyntaxError if a source uses syntax that Python 3.`minor` does not have.
fn check_version(cx: &mut Cx, source: Value, filename: &str, minor: u8) -> PyResult<()> {
    let text = source_text(cx, source, filename, "compile", COMPILABLE)?;
    match py_syntax::stack::run(&text, || py_syntax::check_version(&text, minor)) {
        Ok(Err(error)) => {
            let error = py_compiler::CompileError { filename: filename.to_string(), error, of_text: true };
            Err(crate::errors::raise_compile_error(cx, error, filename, &text))
        }
        _ => Ok(()),
    }
}

/// Whether a value is a node of a syntax tree.
fn is_tree(cx: &mut Cx, source: Value) -> PyResult<bool> {
    if downcast::<Str>(source).is_some() || downcast::<Bytes>(source).is_some() {
        return Ok(false);
    }
    let Some(import) = cx.runtime.import_module.get() else { return Ok(false) };
    let module = import(cx, "_ast")?;
    let name = cx.intern("AST");
    let class = py_object::attribute::get(cx, module, name)?;
    Ok(types::as_type(class).is_some_and(|class| types::is_subclass(types::class_of(cx, source), class)))
}

/// The functions.
pub struct Functions;

#[py_functions("builtins")]
impl Functions {
    /// Execute source, a string or code object, as statements.
    ///
    /// Names are looked up and bound in locals, then globals; without them, in the
    /// caller's scopes. A code object with free variables needs a closure: a tuple
    /// of cells of that length.
    #[function(trace = Never, transaction = Inevitable)]
    fn exec(
        cx: &mut Cx,
        source: Value,
        #[keyword]
        #[default(NONE)]
        globals: Value,
        #[keyword]
        #[default(NONE)]
        locals: Value,
        #[keyword_only]
        #[default(NONE)]
        closure: Value,
    ) -> PyResult<()> {
        let names = namespaces(cx, "exec", globals, locals)?;
        ensure_builtins(cx, names.globals)?;
        let code = code_to_run(cx, "exec", source, Mode::Exec, closure)?;
        execute(cx, code, names.globals, names.locals, closure).map(drop)
    }
    /// Return the value of source, a string with an expression or a code object.
    ///
    /// Names are looked up in locals, then globals; without them, in the caller's
    /// scopes.
    #[function(trace = Never, transaction = Inevitable)]
    fn eval(
        cx: &mut Cx,
        source: Value,
        #[keyword]
        #[default(NONE)]
        globals: Value,
        #[keyword]
        #[default(NONE)]
        locals: Value,
    ) -> PyResult {
        let names = namespaces(cx, "eval", globals, locals)?;
        ensure_builtins(cx, names.globals)?;
        let code = code_to_run(cx, "eval", source, Mode::Eval, NONE)?;
        execute(cx, code, names.globals, names.locals, NONE)
    }
    /// Compile source, a string, bytes or a syntax tree, to a code object for exec or eval.
    ///
    /// The file name is for messages. The mode is 'exec' for a module, 'single' for a
    /// statement typed at a prompt, 'eval' for an expression. Flags name features of
    /// __future__; unless dont_inherit is true, those of the calling code are added.
    #[function(trace = Never, transaction = Inevitable)]
    #[allow(clippy::too_many_arguments)]
    fn compile(
        cx: &mut Cx,
        #[keyword] source: Value,
        #[keyword] filename: Value,
        #[keyword] mode: Gc<Str>,
        #[keyword]
        #[default(0)]
        flags: i64,
        #[keyword]
        #[default(false)]
        dont_inherit: bool,
        #[keyword]
        #[default(-1)]
        optimize: i64,
        #[keyword_only]
        #[default(-1)]
        _feature_version: i64,
    ) -> PyResult {
        let feature_version = u8::try_from(_feature_version).ok().filter(|minor| *minor < 14);
        let filename = file_name(cx, filename)?;
        if flags & !(OLD_FEATURES | FUTURE_ANNOTATIONS | ONLY_AST | TOP_LEVEL_AWAIT | OTHER_FLAGS) != 0 {
            return Err(cx.value_error("compile(): unrecognised flags"));
        }
        if !(-1..=2).contains(&optimize) {
            return Err(cx.value_error("compile(): invalid optimize value"));
        }
        let mut options = if dont_inherit { Options::default() } else { inherited(cx) };
        options.future_annotations |= flags & FUTURE_ANNOTATIONS != 0;
        options.top_level_await = flags & TOP_LEVEL_AWAIT != 0;
        options.optimize = optimize.max(0) as u8;
        let mode_name = py_object::StrExt::to_text(&mode);
        let mode = mode_of(cx, &mode_name, flags)?;
        if flags & ALLOW_INCOMPLETE_INPUT != 0 && !is_tree(cx, source)? {
            check_complete(cx, source, &filename, mode)?;
        }
        if flags & ONLY_AST != 0 {
            if let Some(minor) = feature_version.filter(|_| mode != Mode::Eval)
                && !is_tree(cx, source)?
            {
                check_version(cx, source, &filename, minor)?;
            }
            let level = (flags & OPTIMIZED_AST == OPTIMIZED_AST).then_some(options.optimize);
            return tree_of(cx, source, &filename, &mode_name, level, flags & TYPE_COMMENTS != 0);
        }
        if is_tree(cx, source)? {
            return crate::tree_compilation::compile(cx, source, &filename, &mode_name, mode, options);
        }
        let bytes = source_bytes(cx, source, "compile", COMPILABLE)?;
        imports::compile_bytes(cx, &bytes, &filename, mode, options, origin_of(source)).map(|code| code.value())
    }
}

/// Enters the functions into the builtins.
pub fn install(cx: &mut Cx) {
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    py_object::bootstrap::add_functions(cx, builtins, NONE, FUNCTIONS);
}

/// The value of a name in a mapping that may be no dict, or none.
pub(crate) fn mapping_get(cx: &mut Cx, mapping: Value, name: Gc<Str>) -> PyResult<Option<Value>> {
    if let Some(dict) = downcast::<Dict>(mapping)
        && is_exactly(mapping, Kind::DICT)
    {
        return Ok(Dict::get_str(cx, dict, name));
    }
    match operations::get_item(cx, mapping, name.value()) {
        Ok(value) => Ok(Some(value)),
        Err(raised) => {
            if !types::is_instance(cx, cx.raised.get(), Kind::KEY_ERROR) {
                return Err(raised);
            }
            cx.take_raised();
            Ok(None)
        }
    }
}

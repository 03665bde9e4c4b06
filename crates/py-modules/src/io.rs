//! `_io`: the native half of the library's `io`.

mod base;
mod buffered;
mod bytes_io;
mod checks;
mod codec;
mod file;
mod newlines;
mod open;
mod standard;
mod string_io;
mod text;

pub use standard::{flush_open_files, flush_standard, new_stream};

use crate::{module_of, set};
use py_object::objects::{Dict, Module};
use py_object::{Cx, Kind, PyResult};
use vm_heap::{Gc, Value};

/// `object.name`.
pub fn attribute(cx: &mut Cx, object: Value, name: &str) -> PyResult {
    checks::get(cx, object, name)
}

/// Size of a buffer, unless said otherwise.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

/// Layouts of the module's objects.
pub fn declare_layouts() {
    use py_object::bootstrap::declare;
    declare::<file::FileObject>();
    declare::<bytes_io::BytesObject>();
    declare::<bytes_io::BytesBuffer>();
    declare::<buffered::BufferedObject>();
    declare::<buffered::PairObject>();
    declare::<text::TextObject>();
    declare::<string_io::StringObject>();
    declare::<newlines::NewlineDecoder>();
    declare::<codec::PlainDecoder>();
}

/// Gives the module's classes their methods, and `builtins` its `open`.
pub fn install(cx: &mut Cx) {
    use checks::install;
    for kind in [Kind::IO_BASE, Kind::RAW_IO_BASE, Kind::BUFFERED_IO_BASE, Kind::TEXT_IO_BASE] {
        // Instances of Python subclasses are laid out as those of `object`.
        cx.builtin_type(kind).kind.init(Kind::OBJECT as u64);
    }
    install(cx, Kind::IO_BASE, base::IO_BASE_METHODS, "The base of all streams.");
    install(cx, Kind::RAW_IO_BASE, base::RAW_IO_BASE_METHODS, "Base class for raw binary I/O.");
    install(cx, Kind::BUFFERED_IO_BASE, base::BUFFERED_IO_BASE_METHODS, "Base class for buffered streams.");
    install(cx, Kind::TEXT_IO_BASE, base::TEXT_IO_BASE_METHODS, "Base class for text streams.");
    install(cx, Kind::FILE_IO, file::FILE_IO_METHODS, "A raw stream over a file descriptor.");
    install(
        cx,
        Kind::BYTES_IO,
        bytes_io::BYTES_IO_METHODS,
        "Buffered I/O implementation using an in-memory bytes buffer.",
    );
    for (kind, doc, constructor) in [
        (Kind::BUFFERED_READER, "A buffer over a raw stream that is read.", buffered::BUFFERED_READER_METHODS),
        (Kind::BUFFERED_WRITER, "A buffer over a raw stream that is written.", buffered::BUFFERED_WRITER_METHODS),
        (Kind::BUFFERED_RANDOM, "A buffer over a raw stream that can seek.", buffered::BUFFERED_RANDOM_METHODS),
    ] {
        install(cx, kind, constructor, doc);
        install(cx, kind, buffered::COMMON_METHODS, doc);
        if kind != Kind::BUFFERED_WRITER {
            install(cx, kind, buffered::READING_METHODS, doc);
        }
        let rest = if kind == Kind::BUFFERED_READER { buffered::RANDOM_METHODS } else { buffered::WRITING_METHODS };
        install(cx, kind, rest, doc);
    }
    bytes_io::install_buffer();
    let doc = "A buffered reader and a buffered writer together.";
    install(cx, Kind::BUFFERED_RW_PAIR, buffered::BUFFERED_RW_PAIR_METHODS, doc);
    install(cx, Kind::TEXT_IO_WRAPPER, text::TEXT_IO_WRAPPER_METHODS, "Text over a buffered stream.");
    install(cx, Kind::STRING_IO, string_io::STRING_IO_METHODS, "Text I/O implementation using an in-memory buffer.");
    let doc = "Codec used when reading a file in universal newlines mode.";
    install(cx, Kind::NEWLINE_DECODER, newlines::NEWLINE_DECODER_METHODS, doc);
    install(cx, Kind::PLAIN_DECODER, codec::PLAIN_DECODER_METHODS, "Decodes UTF-8, ASCII or Latin-1 in pieces.");
}

/// Makes the module ahead of its first import, since `builtins.open` is its function.
pub fn install_open(cx: &mut Cx) -> PyResult<()> {
    let module = module(cx)?;
    let modules = cx.runtime.modules.get().expect("made at start-up");
    let builtins = cx.runtime.builtins.get().expect("made at start-up");
    let name = cx.intern("_io");
    Dict::set_str(cx, modules, name, module.value())?;
    let name = cx.intern("open");
    let open = Dict::get_str(cx, module.dict.get(), name).expect("one of the module's functions");
    Dict::set_str(cx, builtins, name, open)
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_io", open::FUNCTIONS);
    set(cx, module, "DEFAULT_BUFFER_SIZE", Value::int(DEFAULT_BUFFER_SIZE as i64))?;
    let unsupported = checks::unsupported_class(cx)?;
    set(cx, module, "UnsupportedOperation", unsupported.value())?;
    let blocking = buffered::blocking_class(cx);
    set(cx, module, "BlockingIOError", blocking)?;
    for (name, kind) in [
        ("_IOBase", Kind::IO_BASE),
        ("_RawIOBase", Kind::RAW_IO_BASE),
        ("_BufferedIOBase", Kind::BUFFERED_IO_BASE),
        ("_TextIOBase", Kind::TEXT_IO_BASE),
        ("FileIO", Kind::FILE_IO),
        ("BytesIO", Kind::BYTES_IO),
        ("BufferedReader", Kind::BUFFERED_READER),
        ("BufferedWriter", Kind::BUFFERED_WRITER),
        ("BufferedRandom", Kind::BUFFERED_RANDOM),
        ("BufferedRWPair", Kind::BUFFERED_RW_PAIR),
        ("TextIOWrapper", Kind::TEXT_IO_WRAPPER),
        ("StringIO", Kind::STRING_IO),
        ("IncrementalNewlineDecoder", Kind::NEWLINE_DECODER),
        ("_BytesIOBuffer", Kind::BYTES_IO_BUFFER),
    ] {
        let class = cx.builtin_type(kind);
        set(cx, module, name, class.value())?;
    }
    Ok(module)
}

//! Packs the pure-Python standard library: sources deflated, bytecode as it is, and an index sorted by path.
//!
//! The sources are CPython's as the crate `rustpython-pylib` carries them. Where that crate changed a file to name its own
//! implementation, [`changes`] puts this one's name there; files of `python/` are added to the library or take the place of others.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Files and folders that are of no use: Tk is missing, and so are the platforms that the dummies are for.
const LEFT_OUT: &[&str] = &[
    "README.md",
    "_opcode_metadata.py",
    "_dummy_os.py",
    "_dummy_thread.py",
    "_pycodecs.py",
    "dummy_threading.py",
    "email/architecture.rst",
    "idlelib/",
    "tkinter/",
    "turtle.py",
    "turtledemo/",
    "_pyrepl/mypy.ini",
    "tomllib/mypy.ini",
];

/// Modules whose bytecode lies together, in front: what every start reads, then what programs often import. The system maps whole
/// groups of pages, so that a module among others that nobody needs costs more memory than it has bytes.
const FIRST: &[&str] = &[
    "importlib/_bootstrap importlib/_bootstrap_external _library_importer abc stat _collections_abc",
    "genericpath posixpath os _sitebuiltins site codecs io encodings/__init__ encodings/aliases encodings/utf_8",
    "importlib/__init__ importlib/util importlib/_abc importlib/machinery runpy pkgutil types operator keyword reprlib",
    "collections/__init__ functools enum re/__init__ re/_compiler re/_constants re/_parser re/_casefix copyreg",
    "contextlib warnings _py_warnings weakref _weakrefset heapq bisect random string/__init__ textwrap copy struct",
    "argparse gettext locale fnmatch shutil tempfile glob linecache traceback tokenize token _colorize",
    "dataclasses inspect ast _ast_unparse dis opcode _opcode_metadata annotationlib typing numbers",
    "json/__init__ json/decoder json/encoder json/scanner pickle _compat_pickle datetime _pydatetime decimal fractions",
    "threading queue subprocess signal selectors socket ssl calendar hashlib hmac base64 secrets",
    "logging/__init__ pathlib/__init__ pathlib/_os pathlib/types ntpath urllib/__init__ urllib/parse ipaddress",
    "asyncio/__init__ asyncio/base_events asyncio/base_futures asyncio/base_subprocess asyncio/base_tasks",
    "asyncio/constants asyncio/coroutines asyncio/events asyncio/exceptions asyncio/format_helpers asyncio/futures",
    "asyncio/graph asyncio/locks asyncio/log asyncio/mixins asyncio/protocols asyncio/queues asyncio/runners",
    "asyncio/selector_events asyncio/sslproto asyncio/staggered asyncio/streams asyncio/subprocess asyncio/taskgroups",
    "asyncio/tasks asyncio/threads asyncio/timeouts asyncio/transports asyncio/trsock asyncio/unix_events",
    "concurrent/__init__ concurrent/futures/__init__ concurrent/futures/_base contextvars pprint statistics csv",
    "unittest/__init__ unittest/util unittest/result unittest/case unittest/suite unittest/loader unittest/main",
    "unittest/runner unittest/signals unittest/async_case unittest/mock difflib optparse configparser platform sysconfig/__init__",
];

const SCHEMES: &str = "
for _scheme in ('posix_prefix', 'posix_home', 'posix_venv'):
    _INSTALL_SCHEMES[_scheme] |= dict.fromkeys(
        ('stdlib', 'platstdlib'), sys._stdlib_dir.replace('{', '{{').replace('}', '}}'))
del _scheme

# For the OS-native venv scheme";

/// Texts to be replaced in a file; each must occur.
fn changes(path: &str) -> &'static [(&'static str, &'static str)] {
    match path {
        "site.py" => &[("return 'RustPython'", "return 'Typhon'"), ("lib/rustpython", "lib/typhon")],
        // The library's folder is not below the prefix.
        "sysconfig/__init__.py" => {
            &[("return 'RustPython'", "return 'Typhon'"), ("\n# For the OS-native venv scheme", SCHEMES)]
        }
        "platform.py" => &[("RustPython", "Typhon")],
        _ => &[],
    }
}

struct Packed {
    path: String,
    source_size: usize,
    source: Vec<u8>,
    code: Vec<u8>,
    /// The part of the bytecode that is seldom needed.
    seldom: Vec<u8>,
}

fn main() {
    let own = Path::new("python");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=python");
    let mut files = Vec::new();
    list(Path::new(rustpython_pylib::LIB_PATH), "", &mut files);
    files.retain(|(path, _)| !LEFT_OUT.iter().any(|out| path == out || (out.ends_with('/') && path.starts_with(out))));
    let mut added = Vec::new();
    list(own, "", &mut added);
    files.retain(|(path, _)| !added.iter().any(|(other, _)| other == path));
    files.extend(added);
    files.sort();
    let next = AtomicUsize::new(0);
    let packed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((path, file)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let made = pack(path, file);
                    packed.lock().unwrap_or_else(PoisonError::into_inner).push(made);
                }
            });
        }
    });
    let mut packed = packed.into_inner().unwrap_or_else(PoisonError::into_inner);
    packed.sort_by(|lhs, rhs| lhs.path.cmp(&rhs.path));
    write(&packed);
}

/// All files below a folder, by their paths relative to it.
fn list(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if !entry.path().is_dir() {
            files.push((path, entry.path()));
        } else if name != "__pycache__" {
            list(&entry.path(), &format!("{path}/"), files);
        }
    }
}

fn pack(path: &str, file: &Path) -> Packed {
    let mut source = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    for (old, new) in changes(path) {
        let text = String::from_utf8(source).unwrap_or_else(|_| panic!("{path} is not UTF-8"));
        assert!(text.contains(old), "{path} no longer contains {old:?}");
        source = text.replace(old, new).into_bytes();
    }
    let (mut code, mut seldom) = (Vec::new(), Vec::new());
    if path.ends_with(".py") {
        match std::str::from_utf8(&source) {
            Ok(text) => match py_compiler::compile(text, path, py_compiler::Mode::Module) {
                Ok(unit) => (code, seldom) = py_code::binary::encode_parts(&unit),
                Err(error) => println!("cargo::warning={path}: {error:?}"),
            },
            Err(_) => println!("cargo::warning={path}: not UTF-8, packed without bytecode"),
        }
    }
    Packed {
        path: path.to_string(),
        source_size: source.len(),
        source: miniz_oxide::deflate::compress_to_vec(&source, 8),
        code,
        seldom,
    }
}

/// Writes the index (the number of files, records of nine numbers, then the paths) and the data that it points into. Bytecode comes
/// first and together: it is what start-up reads.
fn write(packed: &[Packed]) {
    let first: Vec<&str> = FIRST.iter().flat_map(|line| line.split(' ')).collect();
    let rank = |file: &Packed| first.iter().position(|name| file.path.strip_suffix(".py") == Some(name));
    let mut order: Vec<usize> = (0..packed.len()).collect();
    order.sort_by_key(|index| rank(&packed[*index]).unwrap_or(usize::MAX));
    let (mut data, mut places) = (Vec::new(), vec![0; packed.len()]);
    for index in order {
        places[index] = data.len();
        data.extend_from_slice(&packed[index].code);
    }
    let mut records = Vec::new();
    let mut paths = Vec::new();
    let mut seldom_places = Vec::new();
    for file in packed {
        seldom_places.push(data.len());
        data.extend_from_slice(&file.seldom);
    }
    for ((file, code_place), seldom_place) in packed.iter().zip(places).zip(seldom_places) {
        let source_place = data.len();
        data.extend_from_slice(&file.source);
        for number in [
            paths.len(),
            file.path.len(),
            source_place,
            file.source.len(),
            file.source_size,
            code_place,
            file.code.len(),
            seldom_place,
            file.seldom.len(),
        ] {
            let number = u32::try_from(number).unwrap_or_else(|_| panic!("the library is too large"));
            records.extend_from_slice(&number.to_le_bytes());
        }
        paths.extend_from_slice(file.path.as_bytes());
    }
    let mut index = (packed.len() as u32).to_le_bytes().to_vec();
    index.extend_from_slice(&records);
    index.extend_from_slice(&paths);
    let digest = index
        .iter()
        .chain(&data)
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    for (name, bytes) in [("index.bin", index), ("data.bin", data), ("digest.txt", format!("{digest:016x}").into())] {
        let file = folder.join(name);
        std::fs::write(&file, bytes).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

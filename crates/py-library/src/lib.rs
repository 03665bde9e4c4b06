//! CPython's pure-Python standard library, packed into the binary: sources and bytecode, found by path.
//!
//! The build script packs it; see there for where it comes from. Fetching a module touches the index, which is searched in
//! place, and that module's bytes.
#![forbid(unsafe_code)]

mod folder;

pub use folder::{about_to_open, extract, folder, relative};

static INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.bin"));
static DATA: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/data.bin"));

/// Differs between libraries of different content.
pub static DIGEST: &str = include_str!(concat!(env!("OUT_DIR"), "/digest.txt"));

/// Numbers of a record in the index.
const RECORD: usize = 9;

fn number(at: usize) -> usize {
    match INDEX.get(at..at + 4) {
        Some(bytes) => u32::from_le_bytes(bytes.try_into().unwrap_or_default()) as usize,
        None => 0,
    }
}

/// A file of the library.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File {
    index: usize,
}

impl File {
    fn field(self, field: usize) -> usize {
        number(4 + (self.index * RECORD + field) * 4)
    }

    /// Its path, relative to the library's folder, parts separated by `/`.
    pub fn path(self) -> &'static str {
        let start = 4 + number(0) * RECORD * 4 + self.field(0);
        INDEX.get(start..start + self.field(1)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    /// Length of its content.
    pub fn size(self) -> usize {
        self.field(4)
    }

    /// Its content.
    pub fn source(self) -> Vec<u8> {
        let packed = &DATA[self.field(2)..self.field(2) + self.field(3)];
        miniz_oxide::inflate::decompress_to_vec_with_limit(packed, self.size()).expect("the build script packed it")
    }

    /// Its bytecode in the form of `py_code::binary`, if it is Python, and the part of it that is seldom needed. It is not
    /// compressed: an import reads the parts that it needs in place.
    pub fn bytecode(self) -> Option<(&'static [u8], &'static [u8])> {
        let part = |place: usize| &DATA[self.field(place)..self.field(place) + self.field(place + 1)];
        (self.field(6) != 0).then(|| (part(5), part(7)))
    }

    /// Whether it is the `__init__.py` of a package.
    pub fn is_package(self) -> bool {
        self.path().ends_with("/__init__.py")
    }
}

/// Index of the first file whose path is not less than this one.
fn lower_bound(path: &str) -> usize {
    let (mut low, mut high) = (0, number(0));
    while low < high {
        let middle = (low + high) / 2;
        if (File { index: middle }).path() < path {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The file with this path.
pub fn find(path: &str) -> Option<File> {
    let file = File { index: lower_bound(path) };
    (file.index < number(0) && file.path() == path).then_some(file)
}

/// The file of a module, by its dotted name.
pub fn find_module(name: &str) -> Option<File> {
    let path = name.replace('.', "/");
    find(&format!("{path}/__init__.py")).or_else(|| find(&format!("{path}.py")))
}

/// The files below a folder (`""` is the whole library), sorted by path.
pub fn files(folder: &str) -> impl Iterator<Item = File> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{}/", folder.trim_end_matches('/')) };
    (lower_bound(&prefix)..number(0))
        .map(|index| File { index })
        .take_while(move |file| file.path().starts_with(&prefix))
}

#[cfg(test)]
mod tests;

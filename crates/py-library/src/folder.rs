//! Where the library says it lies: a folder that exists only once somebody needs real files.
//!
//! `os.__file__`, `sys.path` and tracebacks name files below [`folder`]. Importing never reads them. Programs that open such
//! a path cause [`extract`] to write the library there; the folder's name changes with the library's content.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The library's folder: below `TYPHON_CACHE`, `XDG_CACHE_HOME` or `~/.cache`.
pub fn folder() -> &'static str {
    static FOLDER: OnceLock<String> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let cache = variable("TYPHON_CACHE")
            .or_else(|| variable("XDG_CACHE_HOME").map(|path| path.join("typhon")))
            .or_else(|| variable("HOME").map(|path| path.join(".cache/typhon")))
            .unwrap_or_else(|| std::env::temp_dir().join("typhon"));
        format!("{}/library-{}", cache.display(), &crate::DIGEST[..12])
    })
}

/// The path relative to the library's folder of a path in it (`""` for the folder itself).
pub fn relative(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(folder())?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/').map(|rest| rest.trim_end_matches('/')) }
}

/// Writes the library into its folder, unless it is there. Several processes may do so at once.
pub fn extract() -> std::io::Result<()> {
    let folder = Path::new(folder());
    if folder.is_dir() {
        return Ok(());
    }
    let unfinished = PathBuf::from(format!("{}.{}", folder.display(), std::process::id()));
    let written = write(&unfinished).and_then(|()| std::fs::rename(&unfinished, folder));
    if written.is_err() {
        // What is half done is of no use; that it cannot be removed either changes nothing.
        let _ = std::fs::remove_dir_all(&unfinished);
        if folder.is_dir() {
            return Ok(());
        }
    }
    written
}

/// Extracts the library, once, if a path that the system is to be asked for lies in its folder. Where that fails the path simply does
/// not exist.
pub fn about_to_open(path: &[u8]) {
    static TRIED: AtomicBool = AtomicBool::new(false);
    if path.starts_with(folder().as_bytes()) && !TRIED.swap(true, Ordering::Relaxed) {
        let _ = extract();
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    for file in crate::files("") {
        let path = folder.join(file.path());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, file.source())?;
    }
    Ok(())
}

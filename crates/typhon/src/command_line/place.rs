//! Where the installation lies: `sys.executable`, `sys.prefix` and their like.
//!
//! The executable is found by the name it was called by, links not followed, since a virtual environment is a `pyvenv.cfg` beside a
//! link to the executable.

use super::Environment;
use py_object::configuration::Place;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Finds the place of the installation.
pub fn find(arguments: &[OsString], environment: &Environment) -> Place {
    let executable = arguments.first().and_then(|name| executable(name)).or_else(|| std::env::current_exe().ok());
    let executable = executable.unwrap_or_default();
    let real = std::fs::canonicalize(&executable).unwrap_or_else(|_| executable.clone());
    let (venv, home) = match virtual_environment(&executable) {
        Some((folder, home)) => (Some(folder), home),
        None => (None, None),
    };
    let base_executable = match (&venv, &home) {
        (None, _) => executable.clone(),
        (Some(_), _) if executable.is_symlink() => real.clone(),
        (Some(_), Some(home)) => home.join(executable.file_name().unwrap_or_default()),
        (Some(_), None) => real.clone(),
    };
    let base = match environment.raw("PYTHONHOME") {
        Some(home) if venv.is_none() => {
            let mut parts = home.as_bytes().splitn(2, |byte| *byte == b':');
            let prefix = PathBuf::from(OsStr::from_bytes(parts.next().unwrap_or_default()));
            let exec_prefix = parts.next().map_or(prefix.clone(), |part| PathBuf::from(OsStr::from_bytes(part)));
            (prefix, exec_prefix)
        }
        _ => {
            let folder = match &home {
                Some(home) => home.clone(),
                None => real.parent().map(Path::to_path_buf).unwrap_or_default(),
            };
            let prefix = prefix_of(&folder);
            (prefix.clone(), prefix)
        }
    };
    let own = match &venv {
        Some(folder) => (folder.clone(), folder.clone()),
        None => base.clone(),
    };
    Place {
        executable: executable.into(),
        base_executable: base_executable.into(),
        prefix: own.0.into(),
        exec_prefix: own.1.into(),
        base_prefix: base.0.into(),
        base_exec_prefix: base.1.into(),
    }
}

/// The installation that a folder of executables belongs to.
fn prefix_of(folder: &Path) -> PathBuf {
    match folder.parent() {
        Some(parent) if folder.file_name() == Some(OsStr::new("bin")) => parent.to_path_buf(),
        _ => folder.to_path_buf(),
    }
}

/// The absolute path of the executable that a name calls.
fn executable(name: &OsStr) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    if name.as_bytes().contains(&b'/') {
        return std::path::absolute(name).ok();
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The virtual environment that the executable is in, and its `home`.
fn virtual_environment(executable: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let folder = executable.parent()?;
    let outer = folder.parent().unwrap_or(folder);
    let (place, text) = [folder, outer]
        .into_iter()
        .find_map(|place| Some((place, std::fs::read_to_string(place.join("pyvenv.cfg")).ok()?)))?;
    let home = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim().eq_ignore_ascii_case("home")).then(|| PathBuf::from(value.trim()))
    })?;
    let prefix = if place == folder { prefix_of(folder) } else { outer.to_path_buf() };
    Some((prefix, Some(home)))
}

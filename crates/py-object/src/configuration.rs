//! What the command line, the environment and the place of the executable say: what `sys` shows of it and start-up acts on.

use std::ffi::OsString;

/// `sys.flags`, without those that follow from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `-d`.
    pub debug: i64,
    /// `-i`, or `PYTHONINSPECT`.
    pub inspect: i64,
    /// `-i`.
    pub interactive: i64,
    /// `-O`.
    pub optimize: i64,
    /// `-B`.
    pub dont_write_bytecode: bool,
    /// `-s`.
    pub no_user_site: bool,
    /// `-S`.
    pub no_site: bool,
    /// `-E`.
    pub ignore_environment: bool,
    /// `-v`.
    pub verbose: i64,
    /// `-b`.
    pub bytes_warning: i64,
    /// `-q`.
    pub quiet: i64,
    /// Whether string hashes differ between processes.
    pub hash_randomization: bool,
    /// `-I`.
    pub isolated: bool,
    /// `-X dev`.
    pub dev_mode: bool,
    /// `-X utf8`.
    pub utf8_mode: bool,
    /// `-X warn_default_encoding`.
    pub warn_default_encoding: bool,
    /// `-P`.
    pub safe_path: bool,
    /// `-u`.
    pub unbuffered: bool,
    /// `-X thread_inherit_context`.
    pub thread_inherit_context: bool,
    /// `-X context_aware_warnings`.
    pub context_aware_warnings: bool,
}

/// Where the installation lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `sys.executable`.
    pub executable: OsString,
    /// `sys._base_executable`.
    pub base_executable: OsString,
    /// `sys.prefix`.
    pub prefix: OsString,
    /// `sys.exec_prefix`.
    pub exec_prefix: OsString,
    /// `sys.base_prefix`.
    pub base_prefix: OsString,
    /// `sys.base_exec_prefix`.
    pub base_exec_prefix: OsString,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// `sys.argv`.
    pub arguments: Vec<OsString>,
    /// `sys.orig_argv`.
    pub original_arguments: Vec<OsString>,
    /// `sys.flags`.
    pub flags: Flags,
    /// `sys.warnoptions`.
    pub warning_options: Vec<String>,
    /// `sys._xoptions`.
    pub implementation_options: Vec<(String, Option<String>)>,
    /// Entries of `PYTHONPATH`.
    pub search_path: Vec<OsString>,
    /// `sys.pycache_prefix`.
    pub bytecode_prefix: Option<OsString>,
    /// `default`, `always` or `never`: which hash-based `.pyc` files are checked.
    pub check_hash_based: String,
    /// Where the installation lies.
    pub place: Place,
    /// What `os.cpu_count()` is told to return.
    pub cpu_count: Option<i64>,
}

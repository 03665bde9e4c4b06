//! What `--help` and `--version` print.

use super::VERSION;
use std::path::Path;

/// The line on how to call the command.
pub fn usage(name: &str) -> String {
    format!("usage: {name} [option] ... [-c cmd | -m mod | file | -] [arg] ...")
}

/// The name under which the command speaks of itself.
pub fn short_name(name: &str) -> String {
    Path::new(name).file_name().map_or_else(|| "typhon".to_string(), |name| name.to_string_lossy().into_owned())
}

/// The version, and the build where it was asked for more than once.
pub fn version(times: usize) -> String {
    if times > 1 {
        return format!("Python {}", py_modules::VERSION_TEXT.replace('\n', " "));
    }
    format!("Python {VERSION} (Typhon {})", env!("CARGO_PKG_VERSION"))
}

/// `--help`.
pub fn options(name: &str) -> String {
    format!("{}\n{OPTIONS}", usage(name))
}

/// `--help-env`.
pub fn environment(_: &str) -> String {
    ENVIRONMENT.to_string()
}

/// `--help-xoptions`.
pub fn implementation_options(_: &str) -> String {
    IMPLEMENTATION_OPTIONS.to_string()
}

/// `--help-all`.
pub fn everything(name: &str) -> String {
    format!("{}\n\n{ENVIRONMENT}\n\n{IMPLEMENTATION_OPTIONS}", options(name))
}

const OPTIONS: &str = "\
Options (and corresponding environment variables):
-b     : warn where bytes are turned into str or compared with it, or with
         int (-bb: raise an error)
-B     : do not write .pyc files; also PYTHONDONTWRITEBYTECODE=x
-c cmd : run the program text cmd (ends the options)
-d     : accepted and without effect; also PYTHONDEBUG=x
-E     : ignore the PYTHON* environment variables
-h     : print this text and exit (also -? or --help)
-i     : prompt for more after the program has run, and prompt even where
         the input is no terminal; also PYTHONINSPECT=x
-I     : keep apart from the user's surroundings (implies -E, -P and -s)
-m mod : run a module of the library as a program (ends the options)
-O     : leave out assert statements and what depends on __debug__; writes
         .opt-1.pyc files; also PYTHONOPTIMIZE=x
-OO    : leave out docstrings as well; writes .opt-2.pyc files
-P     : do not put the program's folder on sys.path; also PYTHONSAFEPATH
-q     : print no version when the prompt starts
-s     : do not put the user's site-packages on sys.path; also
         PYTHONNOUSERSITE=x
-S     : do not import site at the start
-u     : do not buffer standard output and standard error; also
         PYTHONUNBUFFERED=x
-v     : tell of imports; may be repeated; also PYTHONVERBOSE=x
-V     : print the version and exit (also --version); twice: tell more
-W arg : filter warnings; arg is action:message:category:module:lineno
         also PYTHONWARNINGS=arg
-x     : skip the first line of the source
-X opt : set an option of this implementation
--check-hash-based-pycs always|default|never:
         which .pyc files that carry a hash are checked against their source
--help-env: print what environment variables mean and exit
--help-xoptions: print what -X options there are and exit
--help-all: print all of that and exit

Arguments:
file   : run the program in this file, directory or zip archive
-      : read the program from standard input (the default; a prompt where
         that is a terminal)
arg ...: what the program finds in sys.argv[1:]";

const ENVIRONMENT: &str = "\
Environment variables that change behavior:
PYTHONHASHSEED  : 'random', or an integer in the range [0,4294967295] that
                  makes the hashes of str and bytes the same in every run
PYTHONHOME      : folder of the installation, in place of the one found
PYTHONIOENCODING: encoding[:errors] of the standard streams
PYTHONPATH      : folders, separated by ':', to be searched for modules first
PYTHONSTARTUP   : file to be run before the first prompt
PYTHONUSERBASE  : folder of the user's own packages (site.USER_BASE)
TYPHON_CACHE    : folder for files that are written when needed
TYPHON_GC       : settings of the garbage collector, separated by commas:
                  stress[=N] collects at every 16th (N-th) allocation; poison,
                  verify, nursery=SIZE, maximum=SIZE, growth=FACTOR
TYPHON_LOG      : jit:FILE writes what the JIT does to FILE

These variables have equivalent command-line options (see --help for details):
PYTHON_CONTEXT_AWARE_WARNINGS: -X context_aware_warnings
PYTHON_CPU_COUNT: -X cpu_count
PYTHONDEBUG     : -d
PYTHONDEVMODE   : -X dev
PYTHONDONTWRITEBYTECODE: -B
PYTHONINSPECT   : -i
PYTHONINTMAXSTRDIGITS: -X int_max_str_digits=N
PYTHONNOUSERSITE: -s
PYTHONOPTIMIZE  : -O
PYTHONPYCACHEPREFIX: -X pycache_prefix
PYTHONSAFEPATH  : -P
PYTHON_THREAD_INHERIT_CONTEXT: -X thread_inherit_context
PYTHONUNBUFFERED: -u
PYTHONUTF8      : -X utf8
PYTHONVERBOSE   : -v
PYTHONWARNDEFAULTENCODING: -X warn_default_encoding
PYTHONWARNINGS  : -W
TYPHON_JIT      : -X jit";

const IMPLEMENTATION_OPTIONS: &str = "\
The following implementation-specific options are available:
-X context_aware_warnings=[0|1]: whether catch_warnings() concerns only the
         running context (1, the default); also PYTHON_CONTEXT_AWARE_WARNINGS
-X cpu_count=N: what os.cpu_count() returns; also PYTHON_CPU_COUNT
-X dev : development mode: more checks and warnings; also PYTHONDEVMODE
-X int_max_str_digits=N: most digits of conversions between int and str, 0
         for any number; also PYTHONINTMAXSTRDIGITS
-X jit=[on|off|hotness=N]: whether loops become machine code, and after how
         many turns; also TYPHON_JIT
-X pycache_prefix=PATH: write .pyc files to a tree of their own; also
         PYTHONPYCACHEPREFIX
-X thread_inherit_context=[0|1]: whether threads start with a copy of their
         creator's context (1, the default); also
         PYTHON_THREAD_INHERIT_CONTEXT
-X utf8[=0|1]: UTF-8 mode; also PYTHONUTF8
-X warn_default_encoding: warn where encoding=None is relied on; also
         PYTHONWARNDEFAULTENCODING";

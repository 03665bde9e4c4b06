//! What `help()` shows of the native modules themselves.

/// The docstring of a native module, if it has one.
pub(crate) fn of_module(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

const TEXTS: &[(&str, &str)] = &[
    (
        "builtins",
        "Functions, types, exceptions and constants that every program can use without an import.\n\n\
         Where a module defines a name of its own that is also here, its own is meant.",
    ),
    ("_io", "Streams: the native half of the module io."),
    ("posix", "System calls. The module os shows them in a form that suits more systems; use that one."),
    (
        "time",
        "The time of day, clocks, and conversions between them.\n\nTimes are seconds since 1970, or tuples like struct_time.",
    ),
    ("math", "Mathematical functions of real numbers, as C defines them."),
    ("cmath", "Mathematical functions of complex numbers."),
    (
        "itertools",
        "Iterators that make others: endless ones (count, cycle, repeat), those that take the items of iterables in some \
         other order or form, and all combinations of items.",
    ),
    ("_functools", "Tools that work on functions."),
    ("_collections", "Container types: deque, defaultdict and what the module collections needs."),
    ("_operator", "Functions that do what operators do."),
    ("_json", "Reading and writing of JSON: the fast half of the module json."),
    (
        "_struct",
        "Values of C types to bytes and back.\n\nA format names the types; its first character may say in which byte order, \
         sizes and alignment: '@' native, '=' native order, '<' little-endian, '>' and '!' big-endian.",
    ),
    ("array", "Arrays of numbers or characters of one size, packed as C does it."),
    ("_random", "The random number generator of the module random."),
    ("_blake2", "The hash functions BLAKE2b and BLAKE2s."),
    ("binascii", "Conversion of bytes to forms made of ASCII characters, and back."),
    (
        "zlib",
        "Compression and checksums as gzip has them.\n\nadler32() and crc32() compute checksums, compress() and decompress() do all at once, compressobj() and decompressobj() do it piece by piece.",
    ),
    ("_thread", "Threads and locks. The module threading is easier to use."),
    ("_weakref", "Weak references: the native half of the module weakref."),
    ("gc", "What a program can tell the garbage collector, and ask it."),
    (
        "errno",
        "Numbers of errors of the system.\n\nThe dictionary errorcode maps numbers to names; os.strerror() has the texts.",
    ),
    ("_signal", "Handlers of signals: the native half of the module signal."),
    ("select", "Waiting for input and output on several descriptors at once."),
    ("_socket", "Sockets: the native half of the module socket."),
    ("unicodedata", "The Unicode Character Database, version 16.0.0."),
    ("_string", "Parsing of format strings, for the module string."),
    ("_opcode", "What the module opcode needs to know of instructions."),
    ("_typing", "What the module typing takes from the interpreter."),
    ("_contextvars", "Context variables."),
    ("_csv", "Reading and writing of CSV: the native half of the module csv."),
    ("atexit", "Functions that are called when the interpreter ends."),
    ("faulthandler", "Tracebacks when the process meets a fatal signal."),
    ("_imp", "What importlib needs from the interpreter."),
    ("_warnings", "The part of the module warnings that the interpreter itself uses."),
    ("_locale", "Conventions of the locale."),
    (
        "pwd",
        "The database of users.\n\nAn entry has the fields pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir and pw_shell.",
    ),
    ("grp", "The database of groups.\n\nAn entry has the fields gr_name, gr_passwd, gr_gid and gr_mem."),
    ("fcntl", "Control of descriptors, and locks on files."),
    ("_abc", "What the module abc does natively."),
    ("_asyncio", "Futures and tasks of the module asyncio, done natively."),
    ("_bisect", "Searching in sorted lists by halving.\n\nA list stays sorted if items go in where bisect() says."),
    (
        "_heapq",
        "Lists as heaps: priority queues.\n\nIn a heap each a[k] is no greater than a[2*k+1] and a[2*k+2], so a[0] is the \
         smallest item.",
    ),
    ("_multiprocessing", "Semaphores that processes share, for the module multiprocessing."),
    ("_posixshmem", "Memory that processes share, for the module multiprocessing."),
    ("_posixsubprocess", "Starting of processes, for the module subprocess."),
    ("_queue", "A simple queue between threads, for the module queue."),
    ("_statistics", "What the module statistics does natively."),
    ("_types", "Types of the interpreter's objects, for the module types."),
    ("termios", "Control of terminals, as POSIX has it. All functions take a descriptor or an object with fileno()."),
];

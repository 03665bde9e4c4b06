//! The built-in types by number: each has a fixed shape id, so that a test for an exact built-in type is one compare
//! with a constant.

use vm_heap::ShapeId;

macro_rules! builtin_types {
    ($( $NAME:ident = $number:literal, $text:literal, $base:ident; )*) => {
        /// Number of a built-in type.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u32)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        pub enum Kind { $( $NAME = $number ),* }

        /// Shape ids of instances of the built-in types.
        pub mod shapes {
            use super::*;
            $( #[doc = concat!("Instances of `", $text, "`.")] pub const $NAME: ShapeId = ShapeId($number); )*
        }

        /// Every built-in type: number, name, base.
        pub const BUILTIN_TYPES: &[(Kind, &str, Kind)] = &[$( (Kind::$NAME, $text, Kind::$base) ),*];
    };
}

builtin_types! {
    OBJECT = 1, "object", OBJECT;
    TYPE = 2, "type", OBJECT;
    NONE = 3, "NoneType", OBJECT;
    INT = 4, "int", OBJECT;
    BOOL = 5, "bool", INT;
    FLOAT = 6, "float", OBJECT;
    STR = 7, "str", OBJECT;
    BYTES = 8, "bytes", OBJECT;
    TUPLE = 9, "tuple", OBJECT;
    LIST = 10, "list", OBJECT;
    DICT = 11, "dict", OBJECT;
    SET = 12, "set", OBJECT;
    FROZENSET = 13, "frozenset", OBJECT;
    RANGE = 14, "range", OBJECT;
    SLICE = 15, "slice", OBJECT;
    FUNCTION = 16, "function", OBJECT;
    BUILTIN = 17, "builtin_function_or_method", OBJECT;
    METHOD_DESCRIPTOR = 18, "method_descriptor", OBJECT;
    METHOD = 19, "method", OBJECT;
    MODULE = 20, "module", OBJECT;
    CELL = 21, "cell", OBJECT;
    CODE = 22, "code", OBJECT;
    GENERATOR = 23, "generator", OBJECT;
    PROPERTY = 24, "property", OBJECT;
    CLASSMETHOD = 25, "classmethod", OBJECT;
    STATICMETHOD = 26, "staticmethod", OBJECT;
    SUPER = 27, "super", OBJECT;
    ELLIPSIS = 28, "ellipsis", OBJECT;
    NOT_IMPLEMENTED = 29, "NotImplementedType", OBJECT;
    RANGE_ITERATOR = 30, "range_iterator", OBJECT;
    LIST_ITERATOR = 31, "list_iterator", OBJECT;
    TUPLE_ITERATOR = 32, "tuple_iterator", OBJECT;
    STR_ITERATOR = 33, "str_iterator", OBJECT;
    DICT_KEY_ITERATOR = 34, "dict_keyiterator", OBJECT;
    DICT_VALUE_ITERATOR = 35, "dict_valueiterator", OBJECT;
    DICT_ITEM_ITERATOR = 36, "dict_itemiterator", OBJECT;
    DICT_KEYS = 37, "dict_keys", OBJECT;
    DICT_VALUES = 38, "dict_values", OBJECT;
    DICT_ITEMS = 39, "dict_items", OBJECT;
    SET_ITERATOR = 40, "set_iterator", OBJECT;
    ENUMERATE = 41, "enumerate", OBJECT;
    ZIP = 42, "zip", OBJECT;
    MAP = 43, "map", OBJECT;
    FILTER = 44, "filter", OBJECT;
    REVERSED = 45, "reversed", OBJECT;
    SEQUENCE_ITERATOR = 46, "iterator", OBJECT;
    CALLABLE_ITERATOR = 47, "callable_iterator", OBJECT;
    GETSET_DESCRIPTOR = 48, "getset_descriptor", OBJECT;
    TRACEBACK = 49, "traceback", OBJECT;
    FRAME = 50, "frame", OBJECT;
    SIMPLE_NAMESPACE = 51, "types.SimpleNamespace", OBJECT;
    GLOBAL_CELL = 52, "typhon.global_cell", OBJECT;
    ARRAY = 53, "typhon.array", OBJECT;
    RAW = 54, "typhon.raw", OBJECT;
    THREAD_HANDLE = 55, "_thread._ThreadHandle", OBJECT;
    LOCK = 56, "_thread.lock", OBJECT;
    ATOMIC = 57, "transaction.Atomic", OBJECT;
    COMPLEX = 59, "complex", OBJECT;
    BYTEARRAY = 60, "bytearray", OBJECT;
    MEMORYVIEW = 61, "memoryview", OBJECT;
    MAPPING_PROXY = 62, "mappingproxy", OBJECT;
    MEMBER_DESCRIPTOR = 63, "member_descriptor", OBJECT;
    COROUTINE = 64, "coroutine", OBJECT;

    ASYNC_GENERATOR = 330, "async_generator", OBJECT;
    ASYNC_GENERATOR_SEND = 331, "async_generator_asend", OBJECT;
    ASYNC_GENERATOR_THROW = 332, "async_generator_athrow", OBJECT;
    COROUTINE_WRAPPER = 333, "coroutine_wrapper", OBJECT;
    ANEXT_AWAITABLE = 334, "anext_awaitable", OBJECT;
    CONSTANT_EVALUATOR = 335, "_typing._ConstEvaluator", OBJECT;
    TYPE_VARIABLE = 336, "typing.TypeVar", OBJECT;
    PARAMETER_SPECIFICATION = 337, "typing.ParamSpec", OBJECT;
    PARAMETER_ARGS = 338, "typing.ParamSpecArgs", OBJECT;
    PARAMETER_KWARGS = 339, "typing.ParamSpecKwargs", OBJECT;
    VARIADIC = 340, "typing.TypeVarTuple", OBJECT;
    TYPE_ALIAS = 341, "typing.TypeAliasType", OBJECT;
    NO_DEFAULT = 342, "NoDefaultType", OBJECT;
    ALIAS_ITERATOR = 343, "generic_alias_iterator", OBJECT;
    TEMPLATE = 346, "string.templatelib.Template", OBJECT;
    INTERPOLATION = 347, "string.templatelib.Interpolation", OBJECT;
    TEMPLATE_ITERATOR = 348, "string.templatelib.TemplateIter", OBJECT;
    WRAPPER_DESCRIPTOR = 350, "wrapper_descriptor", OBJECT;
    METHOD_WRAPPER = 351, "method-wrapper", OBJECT;
    CLASSMETHOD_DESCRIPTOR = 352, "classmethod_descriptor", OBJECT;
    WEAK_REFERENCE = 353, "weakref.ReferenceType", OBJECT;
    WEAK_PROXY = 354, "weakref.ProxyType", OBJECT;
    WEAK_CALLABLE_PROXY = 355, "weakref.CallableProxyType", OBJECT;
    BYTES_ITERATOR = 356, "bytes_iterator", OBJECT;
    BYTEARRAY_ITERATOR = 357, "bytearray_iterator", OBJECT;
    MEMORY_ITERATOR = 358, "memory_iterator", OBJECT;
    DICT_REVERSE_KEY_ITERATOR = 359, "dict_reversekeyiterator", OBJECT;
    DICT_REVERSE_VALUE_ITERATOR = 360, "dict_reversevalueiterator", OBJECT;
    DICT_REVERSE_ITEM_ITERATOR = 361, "dict_reverseitemiterator", OBJECT;
    LIST_REVERSE_ITERATOR = 362, "list_reverseiterator", OBJECT;
    LONG_RANGE_ITERATOR = 363, "longrange_iterator", OBJECT;
    STR_ASCII_ITERATOR = 364, "str_ascii_iterator", OBJECT;
    GENERIC_ALIAS = 366, "types.GenericAlias", OBJECT;
    UNION = 367, "typing.Union", OBJECT;

    BASE_EXCEPTION = 128, "BaseException", OBJECT;
    EXCEPTION = 129, "Exception", BASE_EXCEPTION;
    SYSTEM_EXIT = 130, "SystemExit", BASE_EXCEPTION;
    KEYBOARD_INTERRUPT = 131, "KeyboardInterrupt", BASE_EXCEPTION;
    GENERATOR_EXIT = 132, "GeneratorExit", BASE_EXCEPTION;
    STOP_ITERATION = 133, "StopIteration", EXCEPTION;
    ARITHMETIC_ERROR = 134, "ArithmeticError", EXCEPTION;
    ZERO_DIVISION_ERROR = 135, "ZeroDivisionError", ARITHMETIC_ERROR;
    OVERFLOW_ERROR = 136, "OverflowError", ARITHMETIC_ERROR;
    ASSERTION_ERROR = 137, "AssertionError", EXCEPTION;
    ATTRIBUTE_ERROR = 138, "AttributeError", EXCEPTION;
    IMPORT_ERROR = 139, "ImportError", EXCEPTION;
    MODULE_NOT_FOUND_ERROR = 140, "ModuleNotFoundError", IMPORT_ERROR;
    LOOKUP_ERROR = 141, "LookupError", EXCEPTION;
    INDEX_ERROR = 142, "IndexError", LOOKUP_ERROR;
    KEY_ERROR = 143, "KeyError", LOOKUP_ERROR;
    MEMORY_ERROR = 144, "MemoryError", EXCEPTION;
    NAME_ERROR = 145, "NameError", EXCEPTION;
    UNBOUND_LOCAL_ERROR = 146, "UnboundLocalError", NAME_ERROR;
    OS_ERROR = 147, "OSError", EXCEPTION;
    FILE_NOT_FOUND_ERROR = 148, "FileNotFoundError", OS_ERROR;
    RUNTIME_ERROR = 149, "RuntimeError", EXCEPTION;
    RECURSION_ERROR = 150, "RecursionError", RUNTIME_ERROR;
    NOT_IMPLEMENTED_ERROR = 151, "NotImplementedError", RUNTIME_ERROR;
    SYNTAX_ERROR = 152, "SyntaxError", EXCEPTION;
    SYSTEM_ERROR = 153, "SystemError", EXCEPTION;
    TYPE_ERROR = 154, "TypeError", EXCEPTION;
    VALUE_ERROR = 155, "ValueError", EXCEPTION;
    UNICODE_ERROR = 156, "UnicodeError", VALUE_ERROR;
    UNICODE_DECODE_ERROR = 157, "UnicodeDecodeError", UNICODE_ERROR;
    UNICODE_ENCODE_ERROR = 158, "UnicodeEncodeError", UNICODE_ERROR;
    INDENTATION_ERROR = 159, "IndentationError", SYNTAX_ERROR;
    EOF_ERROR = 160, "EOFError", EXCEPTION;
    STOP_ASYNC_ITERATION = 161, "StopAsyncIteration", EXCEPTION;
    FLOATING_POINT_ERROR = 162, "FloatingPointError", ARITHMETIC_ERROR;
    REFERENCE_ERROR = 163, "ReferenceError", EXCEPTION;
    TAB_ERROR = 164, "TabError", INDENTATION_ERROR;
    WARNING = 165, "Warning", EXCEPTION;
    DEPRECATION_WARNING = 166, "DeprecationWarning", WARNING;
    USER_WARNING = 167, "UserWarning", WARNING;
    RUNTIME_WARNING = 168, "RuntimeWarning", WARNING;
    SYNTAX_WARNING = 169, "SyntaxWarning", WARNING;
    BUFFER_ERROR = 184, "BufferError", EXCEPTION;

    DEQUE = 420, "collections.deque", OBJECT;
    DEFAULT_DICT = 421, "collections.defaultdict", DICT;
    DEQUE_ITERATOR = 422, "collections._deque_iterator", OBJECT;
    DEQUE_REVERSE_ITERATOR = 423, "collections._deque_reverse_iterator", OBJECT;
    TUPLE_GETTER = 424, "collections._tuplegetter", OBJECT;
    PARTIAL = 425, "functools.partial", OBJECT;
    PLACEHOLDER = 426, "functools._PlaceholderType", OBJECT;
    LRU_CACHE = 427, "functools._lru_cache_wrapper", OBJECT;
    COMPARE_KEY = 428, "functools.KeyWrapper", OBJECT;
    ITEM_GETTER = 429, "operator.itemgetter", OBJECT;
    ATTRIBUTE_GETTER = 430, "operator.attrgetter", OBJECT;
    METHOD_CALLER = 431, "operator.methodcaller", OBJECT;
    ACCUMULATE = 432, "itertools.accumulate", OBJECT;
    BATCHED = 433, "itertools.batched", OBJECT;
    CHAIN = 434, "itertools.chain", OBJECT;
    COMBINATIONS = 435, "itertools.combinations", OBJECT;
    COMBINATIONS_WITH_REPLACEMENT = 436, "itertools.combinations_with_replacement", OBJECT;
    COMPRESS = 437, "itertools.compress", OBJECT;
    COUNT = 438, "itertools.count", OBJECT;
    CYCLE = 439, "itertools.cycle", OBJECT;
    DROP_WHILE = 440, "itertools.dropwhile", OBJECT;
    FILTER_FALSE = 441, "itertools.filterfalse", OBJECT;
    GROUP_BY = 442, "itertools.groupby", OBJECT;
    GROUPER = 443, "itertools._grouper", OBJECT;
    ITERATOR_SLICE = 444, "itertools.islice", OBJECT;
    PAIRWISE = 445, "itertools.pairwise", OBJECT;
    PERMUTATIONS = 446, "itertools.permutations", OBJECT;
    PRODUCT = 447, "itertools.product", OBJECT;
    REPEAT = 448, "itertools.repeat", OBJECT;
    STAR_MAP = 449, "itertools.starmap", OBJECT;
    TAKE_WHILE = 450, "itertools.takewhile", OBJECT;
    TEE = 451, "itertools._tee", OBJECT;
    TEE_DATA = 452, "itertools._tee_dataobject", OBJECT;
    ZIP_LONGEST = 453, "itertools.zip_longest", OBJECT;
    RANDOM = 454, "_random.Random", OBJECT;
    STRUCT = 455, "_struct.Struct", OBJECT;
    UNPACK_ITERATOR = 456, "_struct.unpack_iterator", OBJECT;
    TYPED_ARRAY = 457, "array.array", OBJECT;
    TYPED_ARRAY_ITERATOR = 458, "array.arrayiterator", OBJECT;
    SIMPLE_QUEUE = 459, "_queue.SimpleQueue", OBJECT;
    CONTEXT = 460, "_contextvars.Context", OBJECT;
    CONTEXT_VARIABLE = 461, "_contextvars.ContextVar", OBJECT;
    CONTEXT_TOKEN = 462, "_contextvars.Token", OBJECT;
    TOKEN_MISSING = 463, "Token.MISSING", OBJECT;
    STRUCT_ERROR = 465, "struct.error", EXCEPTION;
    QUEUE_EMPTY = 466, "_queue.Empty", EXCEPTION;
    LRU_LINK = 464, "functools._lru_list_elem", OBJECT;
    TOKENIZER = 520, "_tokenize.TokenizerIter", OBJECT;
    IO_BASE = 380, "_io._IOBase", OBJECT;
    RAW_IO_BASE = 381, "_io._RawIOBase", IO_BASE;
    BUFFERED_IO_BASE = 382, "_io._BufferedIOBase", IO_BASE;
    TEXT_IO_BASE = 383, "_io._TextIOBase", IO_BASE;
    FILE_IO = 384, "_io.FileIO", RAW_IO_BASE;
    BYTES_IO = 385, "_io.BytesIO", BUFFERED_IO_BASE;
    BUFFERED_READER = 386, "_io.BufferedReader", BUFFERED_IO_BASE;
    BUFFERED_WRITER = 387, "_io.BufferedWriter", BUFFERED_IO_BASE;
    BUFFERED_RANDOM = 388, "_io.BufferedRandom", BUFFERED_IO_BASE;
    BUFFERED_RW_PAIR = 389, "_io.BufferedRWPair", BUFFERED_IO_BASE;
    TEXT_IO_WRAPPER = 390, "_io.TextIOWrapper", TEXT_IO_BASE;
    STRING_IO = 391, "_io.StringIO", TEXT_IO_BASE;
    NEWLINE_DECODER = 392, "_io.IncrementalNewlineDecoder", OBJECT;
    DIRECTORY_ENTRY = 393, "posix.DirEntry", OBJECT;
    DIRECTORY_ITERATOR = 394, "posix.ScandirIterator", OBJECT;
    PLAIN_DECODER = 395, "typhon.PlainDecoder", OBJECT;
    POLL = 396, "select.poll", OBJECT;
    EPOLL = 397, "select.epoll", OBJECT;
    SOCKET = 398, "_socket.socket", OBJECT;
    MMAP = 399, "mmap.mmap", OBJECT;
    BYTES_IO_BUFFER = 400, "_io._BytesIOBuffer", OBJECT;
    BASE_EXCEPTION_GROUP = 200, "BaseExceptionGroup", BASE_EXCEPTION;
    EXCEPTION_GROUP = 201, "ExceptionGroup", BASE_EXCEPTION_GROUP;
    BLOCKING_IO_ERROR = 170, "BlockingIOError", OS_ERROR;
    CHILD_PROCESS_ERROR = 171, "ChildProcessError", OS_ERROR;
    CONNECTION_ERROR = 172, "ConnectionError", OS_ERROR;
    BROKEN_PIPE_ERROR = 173, "BrokenPipeError", CONNECTION_ERROR;
    CONNECTION_ABORTED_ERROR = 174, "ConnectionAbortedError", CONNECTION_ERROR;
    CONNECTION_REFUSED_ERROR = 175, "ConnectionRefusedError", CONNECTION_ERROR;
    CONNECTION_RESET_ERROR = 176, "ConnectionResetError", CONNECTION_ERROR;
    FILE_EXISTS_ERROR = 177, "FileExistsError", OS_ERROR;
    INTERRUPTED_ERROR = 178, "InterruptedError", OS_ERROR;
    IS_A_DIRECTORY_ERROR = 179, "IsADirectoryError", OS_ERROR;
    NOT_A_DIRECTORY_ERROR = 180, "NotADirectoryError", OS_ERROR;
    PERMISSION_ERROR = 181, "PermissionError", OS_ERROR;
    PROCESS_LOOKUP_ERROR = 182, "ProcessLookupError", OS_ERROR;
    TIMEOUT_ERROR = 183, "TimeoutError", OS_ERROR;
    UNICODE_TRANSLATE_ERROR = 185, "UnicodeTranslateError", UNICODE_ERROR;
    PYTHON_FINALIZATION_ERROR = 186, "PythonFinalizationError", RUNTIME_ERROR;
    INCOMPLETE_INPUT_ERROR = 187, "_IncompleteInputError", SYNTAX_ERROR;
    BYTES_WARNING = 190, "BytesWarning", WARNING;
    ENCODING_WARNING = 191, "EncodingWarning", WARNING;
    FUTURE_WARNING = 192, "FutureWarning", WARNING;
    IMPORT_WARNING = 193, "ImportWarning", WARNING;
    PENDING_DEPRECATION_WARNING = 194, "PendingDeprecationWarning", WARNING;
    RESOURCE_WARNING = 195, "ResourceWarning", WARNING;
    UNICODE_WARNING = 196, "UnicodeWarning", WARNING;

    FRAME_LOCALS_PROXY = 310, "FrameLocalsProxy", OBJECT;
    PATTERN = 470, "re.Pattern", OBJECT;
    MATCH = 471, "re.Match", OBJECT;
    SRE_SCANNER = 472, "_sre.SRE_Scanner", OBJECT;
    SRE_TEMPLATE = 473, "_sre.SRE_Template", OBJECT;
    UCD = 475, "unicodedata.UCD", OBJECT;
    RLOCK = 476, "_thread.RLock", OBJECT;
    THREAD_LOCAL = 477, "_thread._local", OBJECT;
    ABC_DATA = 478, "_abc._abc_data", OBJECT;
    JSON_SCANNER = 480, "_json.Scanner", OBJECT;
    JSON_ENCODER = 481, "_json.Encoder", OBJECT;
    MD5 = 482, "_md5.md5", OBJECT;
    SHA1 = 483, "_sha1.sha1", OBJECT;
    SHA224 = 484, "_sha2.SHA224Type", OBJECT;
    SHA256 = 485, "_sha2.SHA256Type", OBJECT;
    SHA384 = 486, "_sha2.SHA384Type", OBJECT;
    SHA512 = 487, "_sha2.SHA512Type", OBJECT;
    SHA3_224 = 488, "_sha3.sha3_224", OBJECT;
    SHA3_256 = 489, "_sha3.sha3_256", OBJECT;
    SHA3_384 = 490, "_sha3.sha3_384", OBJECT;
    SHA3_512 = 491, "_sha3.sha3_512", OBJECT;
    SHAKE_128 = 492, "_sha3.shake_128", OBJECT;
    SHAKE_256 = 493, "_sha3.shake_256", OBJECT;
    BLAKE2B = 494, "_blake2.blake2b", OBJECT;
    BLAKE2S = 495, "_blake2.blake2s", OBJECT;
    ZLIB_COMPRESS = 760, "zlib.Compress", OBJECT;
    ZLIB_DECOMPRESS = 761, "zlib.Decompress", OBJECT;
    ZLIB_DECOMPRESSOR = 762, "zlib._ZlibDecompressor", OBJECT;
    BZ2_COMPRESSOR = 763, "_bz2.BZ2Compressor", OBJECT;
    BZ2_DECOMPRESSOR = 764, "_bz2.BZ2Decompressor", OBJECT;
    CSV_READER = 767, "_csv.reader", OBJECT;
    CSV_WRITER = 768, "_csv.writer", OBJECT;
    CSV_DIALECT = 769, "_csv.Dialect", OBJECT;
    ZLIB_ERROR = 770, "zlib.error", EXCEPTION;
    CSV_ERROR = 771, "_csv.Error", EXCEPTION;
    FUTURE = 772, "_asyncio.Future", OBJECT;
    TASK = 773, "_asyncio.Task", FUTURE;
    FUTURE_ITERATOR = 774, "_asyncio.FutureIter", OBJECT;
    TASK_STEP = 775, "_asyncio.TaskStepMethWrapper", OBJECT;
    SYMBOL_TABLE = 776, "symtable entry", OBJECT;
    SEMAPHORE = 777, "_multiprocessing.SemLock", OBJECT;
    SSL_NATIVE = 820, "_ssl._Native", OBJECT;
    SSL_MEMORY = 821, "_ssl.MemoryBIO", OBJECT;
    SSL_CONTEXT = 822, "_ssl._SSLContext", OBJECT;
    SSL_SOCKET = 823, "_ssl._SSLSocket", OBJECT;
    SSL_SESSION = 824, "_ssl.SSLSession", OBJECT;
    SSL_CERTIFICATE = 825, "_ssl.Certificate", OBJECT;
    SSL_ERROR = 826, "ssl.SSLError", OS_ERROR;
}

impl Kind {
    /// Shape id of exact instances.
    #[inline(always)]
    pub const fn shape(self) -> ShapeId {
        ShapeId(self as u32)
    }
}

/// The base of each built-in type, by number.
const BASES: [u16; FIRST_FREE_SHAPE as usize] = {
    let mut bases = [0; FIRST_FREE_SHAPE as usize];
    let mut at = 0;
    while at < BUILTIN_TYPES.len() {
        bases[BUILTIN_TYPES[at].0 as usize] = BUILTIN_TYPES[at].2 as u16;
        at += 1;
    }
    bases
};

/// Whether a built-in type, by number, is another one or derives from it.
pub const fn derives(number: u64, from: Kind) -> bool {
    let mut number = number as usize;
    while number != from as usize {
        let base = BASES[number] as usize;
        if base == number {
            return false;
        }
        number = base;
    }
    true
}

/// First shape id after the built-in ones.
pub const FIRST_FREE_SHAPE: u32 = 1024;

//! The docstrings of the classes of the collection, function and iterator modules.

use py_object::types::namespace::{self, Addition};
use py_object::{Cx, Kind};

/// Class and docstring.
const DOCS: &[(Kind, &str)] = &[
    (Kind::DEQUE, "A list-like sequence optimized for data accesses near its endpoints."),
    (
        Kind::DEFAULT_DICT,
        "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n\
         The default factory is called without arguments to produce a new value when a key is not present, in \
         __getitem__ only. A defaultdict compares equal to a dict with the same items. All remaining arguments are \
         treated the same as if they were passed to the dict constructor, including keyword arguments.",
    ),
    (Kind::PARTIAL, "Create a new function with partial application of the given arguments and keywords."),
    (Kind::PLACEHOLDER, "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments."),
    (
        Kind::LRU_CACHE,
        "Create a cached callable that wraps another function.\n\n\
         user_function: the function being cached; maxsize: 0 for no caching, None for unlimited cache size, n for a \
         bounded cache; typed: whether to cache f(3) and f(3.0) separately; cache_info_type: the class of what \
         cache_info() returns.",
    ),
    (
        Kind::ITEM_GETTER,
        "Return a callable object that fetches the given item(s) from its operand.\n\
         After f = itemgetter(2), the call f(r) returns r[2]; with several items it returns a tuple.",
    ),
    (
        Kind::ATTRIBUTE_GETTER,
        "Return a callable object that fetches the given attribute(s) from its operand.\n\
         After f = attrgetter('name'), the call f(r) returns r.name; names may be dotted, and with several of them it \
         returns a tuple.",
    ),
    (
        Kind::METHOD_CALLER,
        "Return a callable object that calls the given method on its operand.\n\
         After f = methodcaller('name', 'date', foo=1), the call f(r) returns r.name('date', foo=1).",
    ),
    (Kind::ACCUMULATE, "Return series of accumulated sums, or of what a function of two arguments gives."),
    (
        Kind::BATCHED,
        "Batch data into tuples of length n. The last batch may be shorter than n, which is an error if strict.",
    ),
    (
        Kind::CHAIN,
        "Return an iterator over the elements of the first iterable until it is exhausted, then of the next one, \
         until all of the iterables are exhausted.",
    ),
    (Kind::COMBINATIONS, "Return successive r-length combinations of elements in the iterable."),
    (
        Kind::COMBINATIONS_WITH_REPLACEMENT,
        "Return successive r-length combinations of elements in the iterable allowing individual elements to have \
         successive repeats.",
    ),
    (Kind::COMPRESS, "Return data elements corresponding to true selector elements."),
    (Kind::COUNT, "Return an iterator over evenly spaced values beginning with start."),
    (Kind::CYCLE, "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely."),
    (Kind::DROP_WHILE, "Drop items from the iterable while predicate(item) is true; then return all others."),
    (
        Kind::FILTER_FALSE,
        "Return those items of iterable for which function(item) is false, or that are false themselves.",
    ),
    (
        Kind::GROUP_BY,
        "Make an iterator that returns consecutive keys and groups from the iterable.\n\n\
         iterable: elements to divide into groups according to the key function; key: a function for computing the \
         group of each element, the element itself without it.",
    ),
    (
        Kind::ITERATOR_SLICE,
        "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\n\
         Return an iterator whose next() method returns selected values from an iterable. Works like a slice on a \
         list but returns an iterator.",
    ),
    (Kind::PAIRWISE, "Return an iterator of overlapping pairs taken from the input iterator."),
    (Kind::PERMUTATIONS, "Return successive r-length permutations of elements in the iterable."),
    (
        Kind::PRODUCT,
        "Cartesian product of input iterables. Equivalent to nested for-loops, of which the rightmost element \
         advances fastest. With repeat, the product of the iterables with themselves.",
    ),
    (
        Kind::REPEAT,
        "repeat(object [,times]) -> create an iterator which returns the object for the specified number of times, \
         or endlessly.",
    ),
    (Kind::STAR_MAP, "Return an iterator whose values are those of function called with each item's own items."),
    (Kind::TAKE_WHILE, "Return successive entries from an iterable as long as the predicate is true for each entry."),
    (Kind::TEE, "Iterator wrapped to make it copyable."),
    (
        Kind::ZIP_LONGEST,
        "Return an iterator of tuples of the i-th elements of each iterable, until the longest one ends; fillvalue \
         stands for what shorter ones lack.",
    ),
    (Kind::RANDOM, "Random() -> create a random number generator with its own internal state."),
    (Kind::STRUCT, "Struct(fmt) --> compiled struct object\n\nWrites and reads packed data of one format."),
    (
        Kind::TYPED_ARRAY,
        "array(typecode [, initializer]) -> array\n\n\
         Return a new array whose items are restricted by typecode, and initialized from the optional initializer \
         value, which must be a list, string or iterable over elements of the appropriate type.",
    ),
    (Kind::SIMPLE_QUEUE, "Simple, unbounded, reentrant FIFO queue."),
    (Kind::QUEUE_EMPTY, "Exception raised by Queue.get(block=0)/get_nowait()."),
    (Kind::TEE_DATA, "What the iterators of one tee() share."),
    (
        Kind::JSON_ENCODER,
        "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    ),
    (Kind::JSON_SCANNER, "JSON scanner object"),
    (Kind::SHA3_224, "SHA3-224 hash object; its state is that of a sponge."),
    (Kind::SHA3_256, "SHA3-256 hash object; its state is that of a sponge."),
    (Kind::SHA3_384, "SHA3-384 hash object; its state is that of a sponge."),
    (Kind::SHA3_512, "SHA3-512 hash object; its state is that of a sponge."),
    (Kind::SHAKE_128, "SHAKE-128 hash object: digests are as long as asked for."),
    (Kind::SHAKE_256, "SHAKE-256 hash object: digests are as long as asked for."),
    (Kind::BLAKE2B, "Return a new BLAKE2b hash object."),
    (Kind::BLAKE2S, "Return a new BLAKE2s hash object."),
    (Kind::ZLIB_DECOMPRESSOR, "Create a decompressor object for decompressing data incrementally."),
    (Kind::BZ2_COMPRESSOR, "Create a compressor object for compressing data incrementally; compresslevel is 1 to 9."),
    (Kind::BZ2_DECOMPRESSOR, "Create a decompressor object for decompressing data incrementally."),
    (Kind::LOCK, "A lock: one thread holds it, others wait for it."),
    (Kind::THREAD_LOCAL, "Thread-local data: each thread sees attributes of its own."),
    (Kind::EPOLL, "An epoll object: descriptors whose readiness the system watches."),
    (
        Kind::SOCKET,
        "socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object\n\nOpen a socket of the given type.",
    ),
    (Kind::PARAMETER_SPECIFICATION, "Parameter specification: stands for the parameters of a callable."),
    (Kind::PARAMETER_ARGS, "The positional arguments of a ParamSpec, for annotations of *args."),
    (Kind::PARAMETER_KWARGS, "The keyword arguments of a ParamSpec, for annotations of **kwargs."),
    (Kind::TYPE_ALIAS, "Type alias, as a type statement makes it."),
    (Kind::TYPE_VARIABLE, "Type variable: stands for a type in a generic function, class or alias."),
    (Kind::VARIADIC, "Type variable tuple: stands for any number of types."),
    (Kind::CSV_DIALECT, "CSV dialect: how rows are written."),
    (Kind::CSV_READER, "CSV reader: an iterator over rows."),
    (Kind::CSV_WRITER, "CSV writer: writes rows to a file."),
    (Kind::FUTURE, "A result that will be there later; almost the same as concurrent.futures.Future."),
    (Kind::TASK, "A coroutine that runs in an event loop, wrapped in a Future."),
    (
        Kind::MMAP,
        "mmap(fileno, length, flags=MAP_SHARED, prot=PROT_READ|PROT_WRITE, access=ACCESS_DEFAULT, offset=0)\n\nMap a file, or with -1 memory, into memory.",
    ),
    (Kind::MATCH, "The result of re.match() and re.search()."),
    (Kind::PATTERN, "Compiled regular expression object."),
];

/// Gives the classes their docstrings.
pub fn install(cx: &mut Cx) {
    for (kind, doc) in DOCS {
        namespace::add(cx, *kind, Addition::Text("__doc__", doc));
    }
}

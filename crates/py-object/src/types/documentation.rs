//! What `help()` shows of the built-in types themselves.

use crate::cx::Cx;
use crate::kinds::Kind;
use crate::objects::Dict;

const TEXTS: &[(Kind, &str)] = &[
    (
        Kind::OBJECT,
        "The base class of all classes.\n\nAn instance has no attributes of its own; called, it takes no arguments.",
    ),
    (Kind::TYPE, "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type"),
    (
        Kind::INT,
        "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or text to an integer. Floats are truncated towards zero; text is read in the\ngiven base, where base 0 means that of a literal.",
    ),
    (
        Kind::BOOL,
        "Return True when the argument is true, False otherwise.\n\nTrue and False are the only two instances of the class, which can't be subclassed.",
    ),
    (Kind::FLOAT, "Convert a string or number to a floating-point number, if possible."),
    (
        Kind::COMPLEX,
        "Create a complex number from a string or numbers.\n\nGiven two numbers, the result is real + imag*1j.",
    ),
    (
        Kind::STR,
        "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nCreate a string from the given object: what its __str__() gives, or the text that bytes encode.",
    ),
    (
        Kind::BYTES,
        "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\nbytes(int) -> that many null bytes\nbytes() -> empty bytes object",
    ),
    (
        Kind::BYTEARRAY,
        "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\nbytearray(int) -> that many null bytes\nbytearray() -> empty bytearray",
    ),
    (Kind::MEMORYVIEW, "Create a new memoryview object which references the given object."),
    (
        Kind::TUPLE,
        "Built-in immutable sequence.\n\nWithout an argument the tuple is empty, otherwise it has the items of the iterable.",
    ),
    (
        Kind::LIST,
        "Built-in mutable sequence.\n\nWithout an argument the list is empty, otherwise it has the items of the iterable.",
    ),
    (
        Kind::DICT,
        "dict() -> new empty dictionary\ndict(mapping) -> new dictionary with the mapping's (key, value) pairs\ndict(iterable) -> new dictionary from pairs\ndict(**kwargs) -> new dictionary from name=value pairs",
    ),
    (Kind::SET, "Build an unordered collection of unique elements."),
    (Kind::FROZENSET, "Build an immutable unordered collection of unique elements."),
    (
        Kind::RANGE,
        "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe integers from start (inclusive) to stop (exclusive) by step, computed as needed.",
    ),
    (
        Kind::SLICE,
        "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object, as extended slicing does (e.g. a[0:10:2]).",
    ),
    (
        Kind::CLASSMETHOD,
        "classmethod(function) -> method\n\nConvert a function to be a class method: it receives the class as its first argument.",
    ),
    (
        Kind::STATICMETHOD,
        "staticmethod(function) -> method\n\nConvert a function to be a static method: it receives no implicit first argument.",
    ),
    (
        Kind::SUPER,
        "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires issubclass(type2, type)",
    ),
    (Kind::ENUMERATE, "Return an enumerate object: pairs of a count and a value that the iterable yields."),
    (
        Kind::ZIP,
        "The zip object yields tuples of the next items of all iterables, until one is exhausted.\n\nWith strict=True they must have the same length.",
    ),
    (Kind::MAP, "Make an iterator that computes the function from the next items of all iterables."),
    (
        Kind::FILTER,
        "Return an iterator of those items for which function(item) is true, or which are true if function is None.",
    ),
    (Kind::REVERSED, "Return a reverse iterator over the values of the given sequence."),
    (Kind::FUNCTION, "Create a function object."),
    (Kind::METHOD, "Create a bound instance method object."),
    (Kind::MODULE, "Create a module object."),
    (Kind::CELL, "Create a new cell object."),
    (Kind::CODE, "Create a code object. Not for mere mortals."),
    (Kind::NONE, "The type of the None singleton."),
    (Kind::ELLIPSIS, "The type of the Ellipsis singleton."),
    (Kind::NOT_IMPLEMENTED, "The type of the NotImplemented singleton."),
    (Kind::MAPPING_PROXY, "Read-only proxy of a mapping."),
    (Kind::GENERIC_ALIAS, "Represent a PEP 585 generic type, such as list[int]."),
    (Kind::UNION, "Represent a union type, such as int | str."),
    (Kind::SIMPLE_NAMESPACE, "A simple attribute-based namespace."),
    (Kind::BASE_EXCEPTION, "Common base class for all exceptions"),
    (Kind::EXCEPTION, "Common base class for all non-exit exceptions."),
    (Kind::SYSTEM_EXIT, "Request to exit from the interpreter."),
    (Kind::KEYBOARD_INTERRUPT, "Program interrupted by user."),
    (Kind::GENERATOR_EXIT, "Request that a generator exit."),
    (Kind::STOP_ITERATION, "Signal the end from iterator.__next__()."),
    (Kind::STOP_ASYNC_ITERATION, "Signal the end from iterator.__anext__()."),
    (Kind::ARITHMETIC_ERROR, "Base class for arithmetic errors."),
    (Kind::ZERO_DIVISION_ERROR, "Second argument to a division or modulo operation was zero."),
    (Kind::OVERFLOW_ERROR, "Result too large to be represented."),
    (Kind::FLOATING_POINT_ERROR, "Floating-point operation failed."),
    (Kind::ASSERTION_ERROR, "Assertion failed."),
    (Kind::ATTRIBUTE_ERROR, "Attribute not found."),
    (Kind::IMPORT_ERROR, "Import can't find module, or can't find name in module."),
    (Kind::MODULE_NOT_FOUND_ERROR, "Module not found."),
    (Kind::LOOKUP_ERROR, "Base class for lookup errors."),
    (Kind::INDEX_ERROR, "Sequence index out of range."),
    (Kind::KEY_ERROR, "Mapping key not found."),
    (Kind::MEMORY_ERROR, "Out of memory."),
    (Kind::NAME_ERROR, "Name not found globally."),
    (Kind::UNBOUND_LOCAL_ERROR, "Local name referenced but not bound to a value."),
    (Kind::OS_ERROR, "Base class for I/O related errors."),
    (Kind::FILE_NOT_FOUND_ERROR, "File not found."),
    (Kind::RUNTIME_ERROR, "Unspecified run-time error."),
    (Kind::RECURSION_ERROR, "Recursion limit exceeded."),
    (Kind::NOT_IMPLEMENTED_ERROR, "Method or function hasn't been implemented yet."),
    (Kind::SYNTAX_ERROR, "Invalid syntax."),
    (Kind::INDENTATION_ERROR, "Improper indentation."),
    (Kind::TAB_ERROR, "Improper mixture of spaces and tabs."),
    (Kind::SYSTEM_ERROR, "Internal error in the Python interpreter."),
    (Kind::TYPE_ERROR, "Inappropriate argument type."),
    (Kind::VALUE_ERROR, "Inappropriate argument value (of correct type)."),
    (Kind::UNICODE_ERROR, "Unicode related error."),
    (Kind::UNICODE_DECODE_ERROR, "Unicode decoding error."),
    (Kind::UNICODE_ENCODE_ERROR, "Unicode encoding error."),
    (Kind::EOF_ERROR, "Read beyond end of file."),
    (Kind::REFERENCE_ERROR, "Weak ref proxy used after referent went away."),
    (Kind::BUFFER_ERROR, "Buffer error."),
    (Kind::UNICODE_TRANSLATE_ERROR, "Unicode translation error."),
    (Kind::BLOCKING_IO_ERROR, "The operation would have to wait."),
    (Kind::BROKEN_PIPE_ERROR, "Nobody reads from the pipe any more."),
    (Kind::CHILD_PROCESS_ERROR, "A child process is the matter."),
    (Kind::CONNECTION_ERROR, "Base class of errors of connections."),
    (Kind::CONNECTION_ABORTED_ERROR, "The connection was given up."),
    (Kind::CONNECTION_REFUSED_ERROR, "The connection was refused."),
    (Kind::CONNECTION_RESET_ERROR, "The other side has reset the connection."),
    (Kind::FILE_EXISTS_ERROR, "The file is there already."),
    (Kind::INTERRUPTED_ERROR, "A signal has interrupted the call."),
    (Kind::IS_A_DIRECTORY_ERROR, "The operation does not work on directories."),
    (Kind::NOT_A_DIRECTORY_ERROR, "The operation works on directories only."),
    (Kind::PERMISSION_ERROR, "There are not enough permissions."),
    (Kind::PROCESS_LOOKUP_ERROR, "There is no such process."),
    (Kind::TIMEOUT_ERROR, "Time has run out."),
    (Kind::PYTHON_FINALIZATION_ERROR, "The interpreter is ending, the operation comes too late."),
    (Kind::INCOMPLETE_INPUT_ERROR, "The source ends before its last statement does."),
    (Kind::BYTES_WARNING, "Base class of warnings about bytes and buffers, most often about comparing them with text."),
    (Kind::ENCODING_WARNING, "Base class of warnings about encodings."),
    (Kind::FUTURE_WARNING, "Base class of warnings about what will change its meaning."),
    (Kind::IMPORT_WARNING, "Base class of warnings about probable mistakes in imports."),
    (Kind::PENDING_DEPRECATION_WARNING, "Base class of warnings about features that will be deprecated."),
    (Kind::RESOURCE_WARNING, "Base class of warnings about the use of resources."),
    (Kind::UNICODE_WARNING, "Base class of warnings about Unicode."),
    (Kind::TRACEBACK, "Create a new traceback object."),
    (Kind::NO_DEFAULT, "The type of the NoDefault singleton."),
    (Kind::TEMPLATE, "A template string: its texts and its interpolations."),
    (Kind::INTERPOLATION, "An interpolation of a template string."),
    (Kind::TEMPLATE_ITERATOR, "Iterator over the parts of a template string."),
    (Kind::WARNING, "Base class for warning categories."),
    (Kind::DEPRECATION_WARNING, "Base class for warnings about deprecated features."),
    (Kind::USER_WARNING, "Base class for warnings generated by user code."),
    (Kind::RUNTIME_WARNING, "Base class for warnings about dubious runtime behavior."),
    (Kind::SYNTAX_WARNING, "Base class for warnings about dubious syntax."),
];

/// Enters the texts into the types.
pub(super) fn install(cx: &mut Cx) {
    let key = cx.intern("__doc__");
    for (kind, text) in TEXTS {
        let text = cx.intern(text);
        let class = cx.builtin_type(*kind);
        if Dict::get_str(cx, class.dict.get(), key).is_some() {
            // A getter for instances; the text of the type itself is not shown.
            continue;
        }
        if Dict::set_str(cx, class.dict.get(), key, text.value()).is_err() {
            unreachable!("names are hashable");
        }
    }
}

//! The structs of the built-in objects that the interpreter itself works on.
//!
//! Mutable objects carry the version word behind the header. Objects that can have attributes of their own keep
//! them behind the pointer `attributes`, at the same offset in every struct.
//! Lengths and indices are small int values, so that traces work on them without conversion.

use crate::object;
use vm_heap::{Gc, Value};

/// Byte offset of `attributes` in every object that has it.
pub const ATTRIBUTES_OFFSET: usize = 16;

object! {
    /// A fixed number of values: storage of lists, dict entries, overflow attributes.
    pub struct Array = 1 tail Values by length {
        /// Version word.
        word: u64,
        /// Number of elements.
        length: Value,
    }
}

object! {
    /// Bytes without references: dict indices and the like.
    pub struct Raw = 2 tail Bytes by length {
        /// Number of bytes.
        length: Value,
    }
}

object! {
    /// Text as UTF-8 (WTF-8 where it holds lone surrogates).
    pub struct Str = 3 tail Bytes by length {
        /// Number of bytes.
        length: Value,
        /// Number of code points; equal to `length` for ASCII.
        characters: Value,
        /// Cached hash, 0 while unknown.
        hash: u64,
        /// Whether it is in the table of interned strings, and the address of its index; see `types::str::index`.
        marks: u64,
    }
}

object! {
    /// Immutable bytes.
    pub struct Bytes = 4 tail Bytes by length {
        /// Number of bytes.
        length: Value,
        /// Cached hash, 0 while unknown.
        hash: u64,
    }
}

object! {
    /// A tuple.
    pub struct Tuple = 5 tail Values by length {
        /// Number of items.
        length: Value,
        /// Cached hash, 0 while unknown.
        hash: u64,
    }
}

object! {
    /// A list: `length` items at the start of a storage array.
    pub struct List = 6 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// Storage.
        items: Gc<Array>,
        /// Number of items.
        length: Value,
    }
}

object! {
    /// A dict: a table (indices object, then key, value and hash of each entry in insertion order).
    pub struct Dict = 7 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// Entries and their index; `None` while empty.
        table: Option<Gc<Array>>,
        /// Number of live entries.
        live: Value,
        /// Number of entries in use, dead ones included.
        filled: Value,
        /// Whether values are global cells (module namespaces).
        cells: bool,
        /// `default_factory` of a defaultdict; nothing else uses it.
        factory: Value,
    }
}

object! {
    /// A set or frozenset: its elements are the keys of the dict that its first fields make it; see [`Set::elements`].
    pub struct Set = 8 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// Entries and their index; `None` while empty.
        table: Option<Gc<Array>>,
        /// Number of live entries.
        live: Value,
        /// Number of entries in use, dead ones included.
        filled: Value,
        /// Never set.
        cells: bool,
        /// Cached hash of a frozenset, 0 while unknown.
        hash: u64,
    }
}

object! {
    /// A float that does not fit the value word.
    pub struct BoxedFloat = 9 {
        /// The number.
        number: f64,
    }
}

object! {
    /// An int of more than 62 bits: sign and little-endian magnitude.
    pub struct BigInt = 10 tail Bytes by length {
        /// Number of bytes of the magnitude.
        length: Value,
        /// Whether it is negative.
        negative: bool,
    }
}

object! {
    /// A Python function.
    pub struct Function = 11 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// Its code.
        code: Gc<Code>,
        /// Its module's namespace.
        globals: Gc<Dict>,
        /// Tuple of defaults of the last positional parameters, or None.
        defaults: Value,
        /// Dict of defaults of keyword-only parameters, or None.
        keyword_defaults: Value,
        /// Tuple of cells, or None.
        closure: Value,
        /// `__name__`.
        name: Value,
        /// `__qualname__`.
        qualname: Value,
        /// `__doc__`; UNBOUND before it is first asked for.
        doc: Value,
        /// `__module__`.
        module: Value,
        /// `__annotate__`; the namespace, or None, where the function is that of a class body or of code being run.
        annotate: Value,
        /// The dict that `__annotations__` has shown, or None.
        annotations: Value,
        /// `__type_params__`: a tuple.
        type_params: Value,
        /// Whether traces rely on its code and defaults.
        relied_on: bool,
    }
}

object! {
    /// Code. The instructions are a separate object so that the collector scans inline caches conservatively. They are there
    /// from the first call on, as are `names`, `variable_names` and `constants`.
    pub struct Code = 12 {
        /// The instructions, once they are loaded.
        bytecode: Option<Gc<Bytecode>>,
        /// Address of the first instruction, before they are loaded that of one which loads them.
        entry: u64,
        /// Number of registers.
        frame_size: Value,
        /// Number of positional parameters if every call with that many positional arguments needs no binding, else -1.
        simple_arguments: Value,
        /// Address of the unit, a `LazyUnit` that is never freed.
        source: u64,
        /// Tuple of names.
        names: Value,
        /// Tuple of the names of local variables.
        variable_names: Value,
        /// Tuple of constants.
        constants: Value,
        /// `co_name`.
        name: Value,
        /// `co_qualname`.
        qualname: Value,
        /// `co_filename`.
        filename: Value,
        /// `co_flags`.
        flags: Value,
        /// Whether closing a generator of this code before its end may run any of it.
        guarded: bool,
        /// How many registers a generator of this code must keep while it is suspended.
        kept: u64,
        /// The namespace whose cells its inline caches hold; None before the first function, UNBOUND where functions of
        /// several namespaces share the code, so that it must do without.
        home: Value,
    }
}

object! {
    /// Instruction and extension words.
    pub struct Bytecode = 13 tail Words by length {
        /// Number of words.
        length: Value,
        /// The code that it belongs to (for walking from an address to its code).
        code: Value,
    }
}

object! {
    /// A function written in Rust, bound to a receiver or not; also method descriptors.
    pub struct Native = 14 {
        /// Address of its `NativeDefinition`.
        definition: u64,
        /// The receiver of a bound method, the module of a function, the type of a descriptor.
        receiver: Value,
    }
}

object! {
    /// A bound method.
    pub struct Method = 15 {
        /// The function.
        function: Value,
        /// The receiver.
        receiver: Value,
    }
}

object! {
    /// A module.
    pub struct Module = 16 {
        /// Version word.
        word: u64,
        /// Its namespace, whose values are global cells.
        dict: Gc<Dict>,
    }
}

object! {
    /// A variable shared by closures.
    pub struct Cell = 17 {
        /// Version word.
        word: u64,
        /// Its value or UNBOUND.
        value: Value,
    }
}

object! {
    /// A variable of a module.
    pub struct GlobalCell = 18 {
        /// Version word.
        word: u64,
        /// Its value or UNBOUND.
        value: Value,
        /// The cell of the builtin of the same name, seen while `value` is UNBOUND.
        builtin: Option<Gc<GlobalCell>>,
        /// 0: nobody relies on the value; 1: traces do; 2: it changes, traces must load it.
        watch: Value,
    }
}

object! {
    /// A generator, coroutine or asynchronous generator: its frame's registers while it is suspended. Dead registers may
    /// hold anything, so they are scanned conservatively.
    pub struct Generator = 19 tail Words by length {
        /// Version word.
        word: u64,
        /// Number of registers that it keeps while it is suspended: the first ones, all that may live then.
        length: Value,
        /// The function.
        function: Gc<Function>,
        /// What it runs: the code that the function had when the generator was made.
        code: Gc<Code>,
        /// Its frame object, or None while nobody has asked for it.
        frame: Value,
        /// Where it goes on; the address of an instruction.
        resume: u64,
        /// Register that receives the sent value, or -1 before the start.
        sent_register: Value,
        /// 0 suspended, 1 running, 2 finished.
        state: Value,
        /// The exception that it handles while it is suspended, or None; while it runs, what whoever resumed it handles.
        handled: Value,
        /// While it runs, the generator inside which it was resumed, or None.
        outer: Value,
        /// `__name__`.
        name: Value,
        /// `__qualname__`.
        qualname: Value,
        /// Where a coroutine was made (`cr_origin`); the finalizer hook of an asynchronous generator; or None.
        extra: Value,
        /// Bits: see `generator` in the interpreter. From bit 8 on, the number of registers of its frame.
        flags: Value,
    }
}

object! {
    /// An exception.
    pub struct Exception = 20 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// Tuple of arguments.
        args: Value,
        /// Traceback or None.
        traceback: Value,
        /// `__context__` or None.
        context: Value,
        /// `__cause__` or None.
        cause: Value,
        /// `__suppress_context__`.
        suppress_context: bool,
        /// Value of a StopIteration, code of a SystemExit, name of a NameError or ImportError …
        detail: Value,
    }
}

object! {
    /// A range of ints; the parts are ints of any size.
    pub struct Range = 21 {
        /// First element.
        start: Value,
        /// First value not reached.
        stop: Value,
        /// Step.
        step: Value,
        /// Number of elements.
        count: Value,
    }
}

object! {
    /// An iterator over a sequence or a range of small ints.
    pub struct Iterator = 22 {
        /// Version word.
        word: u64,
        /// What it runs over; None once exhausted.
        source: Value,
        /// Next index, or next number.
        position: Value,
        /// Numbers left of a range; expected size of a dict; counter of an enumerate.
        extra: Value,
        /// Step of a range; second function or iterator of others.
        step: Value,
    }
}

object! {
    /// A slice.
    pub struct Slice = 23 {
        /// Start.
        start: Value,
        /// Stop.
        stop: Value,
        /// Step.
        step: Value,
    }
}

object! {
    /// Small records: property (get, set, delete, doc), classmethod, staticmethod (function), super (type, object, class).
    pub struct Record = 24 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// First part.
        first: Value,
        /// Second part.
        second: Value,
        /// Third part.
        third: Value,
        /// Fourth part.
        fourth: Value,
    }
}

object! {
    /// An `array.array`: numbers of one size in a byte buffer.
    pub struct TypedArray = 457 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The buffer, with room for more than there is. It is only touched under the lock.
        items: Gc<Raw>,
        /// Number of items.
        length: usize,
        /// The typecode, an ASCII character.
        code: usize,
        /// Bytes of an item.
        item_size: usize,
        /// How many views there are; the buffer must not move while there are any.
        exports: usize,
    }
}

object! {
    /// One line of a traceback.
    pub struct Traceback = 25 {
        /// The rest of it, nearer to the raise, or None.
        next: Value,
        /// The frame object.
        frame: Value,
        /// Offset of the instruction, in bytes of `co_code`.
        offset: Value,
        /// The line, where it does not follow from the offset, else None.
        line: Value,
    }
}

object! {
    /// A frame as Python sees it. It outlives the frame on the value stack, whose registers it then keeps.
    pub struct FrameObject = 310 tail Values by length {
        /// Version word.
        word: u64,
        /// Number of registers, for which there is room at the end.
        length: Value,
        /// What runs in it.
        function: Gc<Function>,
        /// The code.
        code: Gc<Code>,
        /// The generator whose frame it is, or None.
        generator: Value,
        /// The frame object of the caller, or None; UNBOUND while it has to be looked for.
        back: Value,
        /// The next frame object of the thread's list, further out; see `crate::frames`.
        below: Value,
        /// Address of register 0 while the frame is on a value stack, else 0.
        place: u64,
        /// The thread on whose value stack that is: address of its context.
        thread: u64,
        /// Once it has left the stack: a word of the last instruction.
        offset: Value,
        /// Whether it has left the stack and taken over the registers.
        has_registers: bool,
        /// Dict of variables that only `f_locals` has, or None.
        extra: Value,
        /// `f_trace`, or None.
        trace: Value,
        /// `f_trace_lines`.
        trace_lines: bool,
        /// `f_trace_opcodes`.
        trace_opcodes: bool,
    }
}

object! {
    /// A type.
    pub struct Type = 26 {
        /// Version word.
        word: u64,
        /// `__name__`.
        name: Value,
        /// `__qualname__`.
        qualname: Value,
        /// Direct base that decides the layout.
        base: Option<Gc<Type>>,
        /// Tuple of bases.
        bases: Value,
        /// Tuple: method resolution order.
        mro: Gc<Tuple>,
        /// Namespace, to be reached by `types::namespace::of`.
        dict: Gc<Dict>,
        /// While the namespace waits to be filled, one more than the number of the built-in type; else 0.
        waits: u64,
        /// Shape id of new instances.
        instance_shape: u64,
        /// Number of the built-in type that decides the layout of instances.
        kind: u64,
        /// Bits: see `TypeFlags`.
        flags: u64,
        /// List of direct subclasses.
        subclasses: Value,
        /// The Python `__init__` with which instances are constructed directly, or the static method `__new__` by which they are
        /// made, or UNBOUND.
        constructor: Value,
        /// Most attributes seen on one instance; sizes the inline slots of later ones.
        slots_seen: u64,
        /// Tuple of the hidden attribute names of its own `__slots__`, or None.
        slots: Value,
        /// Which hooks of attributes its instances have, and the epoch in which that is true: see `attribute::hooks`.
        hooks: u64,
    }
}

object! {
    /// Fixed part of an instance; inline slots follow (layouts 32 to 48 by number of slots).
    pub struct Instance = 32 {
        /// Version word.
        word: u64,
        /// Overflow attributes (array), or the attribute dict in dictionary mode.
        attributes: Option<Gc<Array>>,
    }
}

object! {
    /// A `bytearray`.
    pub struct ByteArray = 356 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// Where the bytes lie.
        storage: Gc<Raw>,
        /// Offset of the first byte in the storage.
        start: Value,
        /// Number of bytes.
        length: Value,
        /// Number of memoryviews that show it.
        exports: Value,
    }
}

object! {
    /// An instance of a subclass of a built-in type whose own struct has no place for attributes. `downcast` sees through
    /// it to the payload, so that the methods of the built-in type work on the payload.
    pub struct Extended = 350 {
        /// Version word.
        word: u64,
        /// Attributes.
        attributes: Option<Gc<Array>>,
        /// An exact instance of the built-in type.
        payload: Value,
    }
}

object! {
    /// A field of a named tuple.
    pub struct TupleGetter = 424 {
        /// Version word.
        word: u64,
        /// Always empty; the offset of attributes.
        attributes: Option<Gc<Array>>,
        /// Which item it is.
        index: i64,
        /// Its docstring.
        doc: Value,
    }
}

/// Layout number of an instance without inline slots.
pub const INSTANCE_LAYOUT: u16 = 32;
/// Most inline slots of an instance.
pub const MAX_INLINE_SLOTS: usize = 24;

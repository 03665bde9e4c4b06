//! The context: a Python thread. Everything that may allocate, run Python code or raise takes `&mut Cx`.

use crate::kinds::Kind;
use crate::lookup_cache::LookupCache;
use crate::objects::{Dict, Exception, Generator, Str, Tuple, Type};
use crate::runtime::Runtime;
use crate::tracing::Tracing;
use std::cell::Cell;
use vm_heap::{Field, Gc, Mutator, Value};
use vm_machine::{Raised, Thread};

/// Result of an operation that may raise; the exception itself waits in the context.
pub type PyResult<T = Value> = Result<T, Raised>;

/// `None`.
pub const NONE: Value = Value::immediate(0);
/// `False`.
pub const FALSE: Value = Value::immediate(1);
/// `True`.
pub const TRUE: Value = Value::immediate(2);
/// `Ellipsis`.
pub const ELLIPSIS: Value = Value::immediate(3);
/// `NotImplemented`.
pub const NOT_IMPLEMENTED: Value = Value::immediate(4);
/// `functools.Placeholder`.
pub const PLACEHOLDER: Value = Value::immediate(8);
/// `contextvars.Token.MISSING`.
pub const TOKEN_MISSING: Value = Value::immediate(9);
pub use vm_machine::{RAISED, UNBOUND};

/// A truth value.
#[inline(always)]
pub const fn bool_value(truth: bool) -> Value {
    if truth { TRUE } else { FALSE }
}

/// Slots of the value stack that one level of the recursion limit stands for.
const SLOTS_PER_CALL: usize = 256;

/// The most further calls that a recursion limit counts one by one.
const COUNTED_CALLS: usize = 100;

/// Where the running atomic block began, for running it again.
#[derive(Clone, Copy)]
pub struct BlockStart {
    /// Address of the instruction that enters the block.
    pub pc: *const u64,
    /// The frame that it stands in.
    pub fp: *mut Value,
    /// Copy of the frame's registers (an object scanned conservatively), or None.
    pub registers: Value,
    /// What was being handled.
    pub handled: Value,
}

/// The state of one Python thread.
#[repr(C)]
pub struct Cx {
    /// The machine's part; generated code and handlers know the context by this address.
    pub thread: Thread,
    /// The process-wide part.
    pub runtime: &'static Runtime,
    /// The exception on its way, while a `Raised` is.
    pub raised: Cell<Value>,
    /// The exception being handled since the innermost running generator was resumed, or None; see [`Cx::handled_now`].
    pub handled: Cell<Value>,
    /// The current context of `contextvars`, or None before the first use.
    pub context: Cell<Value>,
    /// The event loop of `asyncio` that runs in this thread, or None. Other threads may read it.
    pub event_loop: Field<Value>,
    /// The task that the event loop is running, or None. Other threads may read it.
    pub running_task: Field<Value>,
    /// The innermost running generator, or None.
    pub generator: Cell<Value>,
    /// How many generators run inside each other.
    pub nesting: Cell<u64>,
    /// Hooks for asynchronous generators: called at the first iteration, called with what is no longer reachable; or None.
    pub async_hooks: [Cell<Value>; 2],
    /// The coroutine made last, until the next one is made, or None.
    pub youngest_coroutine: Cell<Value>,
    /// How many frames new coroutines note as their origin.
    pub origin_depth: Cell<u32>,
    /// The objects of frames on the value stack: a list, the innermost first (see `crate::frames`).
    pub frames: Cell<Value>,
    /// Where the running atomic block began.
    pub block: Cell<BlockStart>,
    /// Addresses of the frames whose blocks are entered, the innermost last.
    pub block_frames: Vec<*mut Value>,
    /// What lookups in classes found last.
    pub lookups: LookupCache,
    /// Whether this thread is running finalizers and callbacks of weak references.
    pub(crate) finalizing: Cell<bool>,
    /// Whether the BufferError on its way is due to views of memory that may be unreachable.
    pub blocked_by_views: Cell<bool>,
    /// What functions of the program are told of what runs.
    pub tracing: Tracing,
    /// What the system knows the thread by (`pthread_t`).
    pub system_thread: u64,
    /// Address in the native stack below which nothing may recurse.
    pub native_limit: usize,
}

impl Cx {
    /// Attaches the calling thread.
    pub fn attach(runtime: &'static Runtime) -> Box<Cx> {
        let mut place = Box::<Cx>::new_uninit();
        let at = place.as_mut_ptr();
        // SAFETY: the box keeps its address, and every field is written before it counts as initialised.
        let cx = unsafe {
            Thread::attach_at(&raw mut (*at).thread);
            (&raw mut (*at).runtime).write(runtime);
            (&raw mut (*at).raised).write(Cell::new(NONE));
            (&raw mut (*at).handled).write(Cell::new(NONE));
            (&raw mut (*at).context).write(Cell::new(NONE));
            (&raw mut (*at).event_loop).write(Field::new(NONE));
            (&raw mut (*at).running_task).write(Field::new(NONE));
            (&raw mut (*at).generator).write(Cell::new(NONE));
            (&raw mut (*at).nesting).write(Cell::new(0));
            (&raw mut (*at).async_hooks).write([const { Cell::new(NONE) }; 2]);
            (&raw mut (*at).youngest_coroutine).write(Cell::new(NONE));
            (&raw mut (*at).origin_depth).write(Cell::new(0));
            (&raw mut (*at).frames).write(Cell::new(NONE));
            let outside = BlockStart { pc: std::ptr::null(), fp: std::ptr::null_mut(), registers: NONE, handled: NONE };
            (&raw mut (*at).block).write(Cell::new(outside));
            (&raw mut (*at).block_frames).write(Vec::new());
            (&raw mut (*at).lookups).write(LookupCache::default());
            (&raw mut (*at).finalizing).write(Cell::new(false));
            (&raw mut (*at).blocked_by_views).write(Cell::new(false));
            (&raw mut (*at).tracing).write(Tracing::default());
            (&raw mut (*at).system_thread).write(libc::pthread_self() as u64);
            (&raw mut (*at).native_limit).write(native_stack_limit());
            place.assume_init()
        };
        cx.limit_recursion(runtime.recursion_limit.load(std::sync::atomic::Ordering::Relaxed));
        cx.thread.hot.set(runtime.hot.load(std::sync::atomic::Ordering::Relaxed));
        runtime.register_thread(&cx);
        CURRENT.set(&raw const *cx);
        cx
    }

    /// Bounds the depth of calls: a limit of N leaves room for N frames of [`SLOTS_PER_CALL`] registers, so that what stays
    /// within N calls never fails, and runaway recursion ends before it has filled all memory.
    pub fn limit_recursion(&self, limit: usize) {
        self.thread.limit_stack(limit.saturating_mul(SLOTS_PER_CALL));
    }

    /// Changes the recursion limit. Where only few more calls are to be allowed, they are counted: see [`Self::has_room`].
    pub fn set_recursion_limit(&mut self, limit: usize) -> PyResult<()> {
        let depth = crate::frames::running(self).count();
        let Some(more) = limit.checked_sub(depth).filter(|more| *more > 0) else {
            let message = format!(
                "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
            );
            return Err(self.raise(Kind::RECURSION_ERROR, message));
        };
        self.runtime.recursion_limit.store(limit, std::sync::atomic::Ordering::Relaxed);
        self.limit_recursion(limit);
        if more <= COUNTED_CALLS {
            self.thread.close_stack();
        }
        Ok(())
    }

    /// Whether a frame fits the stack. Where the recursion limit leaves few calls, they are counted.
    #[inline]
    pub fn has_room(&mut self, fp: *mut Value, size: usize) -> bool {
        fp.wrapping_add(size) <= self.thread.stack_limit.get()
            || self.thread.is_stack_closed() && self.may_call(fp, size)
    }

    #[cold]
    fn may_call(&mut self, fp: *mut Value, size: usize) -> bool {
        let limit = self.runtime.recursion_limit.load(std::sync::atomic::Ordering::Relaxed);
        let highest = self.thread.highest_limit(limit.saturating_mul(SLOTS_PER_CALL));
        fp.wrapping_add(size) <= highest && crate::frames::running(self).take(limit).count() < limit
    }

    /// The context of a machine thread.
    ///
    /// # Safety
    /// `thread` must be the first field of a `Cx` that nobody else borrows.
    #[inline(always)]
    pub unsafe fn from_thread<'a>(thread: *mut Thread) -> &'a mut Cx {
        // SAFETY: the caller's promise; `Cx` is `repr(C)` with the thread first.
        unsafe { &mut *(thread as *mut Cx) }
    }

    /// The thread's side of the heap.
    #[inline(always)]
    pub fn mutator(&self) -> &Mutator {
        &self.thread.mutator
    }

    /// A built-in type.
    #[inline(always)]
    pub fn builtin_type(&self, kind: Kind) -> Gc<Type> {
        self.runtime.builtin_type(kind)
    }

    /// Raises an exception object.
    #[cold]
    pub fn raise_value(&mut self, exception: Value) -> Raised {
        self.raised.set(exception);
        Raised
    }

    /// Raises a new built-in exception with a message.
    #[cold]
    pub fn raise(&mut self, kind: Kind, message: impl AsRef<str>) -> Raised {
        let text = Str::new(self, message.as_ref());
        let exception = Exception::new(self, kind, &[text.value()]);
        crate::exception::raise(self, exception)
    }

    /// Raises a TypeError.
    #[cold]
    pub fn type_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.raise(Kind::TYPE_ERROR, message)
    }

    /// Raises a ValueError.
    #[cold]
    pub fn value_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.raise(Kind::VALUE_ERROR, message)
    }

    /// The exception being handled (`sys.exception()`), or None: where the innermost running generator handles none, what
    /// whoever resumed it handles.
    pub fn handled_now(&self) -> Value {
        let mut handled = self.handled.get();
        let mut link = self.generator.get();
        while handled == NONE
            && let Some(generator) = crate::string::downcast::<Generator>(link)
        {
            handled = generator.handled.get();
            link = generator.outer.get();
        }
        handled
    }

    /// Takes the exception that a `Raised` announced.
    pub fn take_raised(&mut self) -> Value {
        self.raised.replace(NONE)
    }

    /// Runs what waits for a safe point of Python code, as handlers of signals do.
    pub fn run_pending(&mut self) -> PyResult<()> {
        match self.runtime.pending.get() {
            Some(run) => run(self),
            None => Ok(()),
        }
    }

    /// The same with a text that says what was being done.
    #[inline]
    pub fn check_native_stack_while(&mut self, doing: &str) -> PyResult<()> {
        let here = &raw const self as usize;
        if here < self.native_limit {
            return Err(self.raise(Kind::RECURSION_ERROR, format!("maximum recursion depth exceeded {doing}")));
        }
        Ok(())
    }

    /// RecursionError if the native stack is nearly used up. To be called by whatever recurses natively.
    #[inline]
    pub fn check_native_stack(&mut self) -> PyResult<()> {
        let here = &raw const self as usize;
        if here < self.native_limit {
            return Err(self.raise(Kind::RECURSION_ERROR, "maximum recursion depth exceeded"));
        }
        Ok(())
    }

    /// An interned string.
    pub fn intern(&mut self, text: &str) -> Gc<Str> {
        if let Some(known) = self.lookups.name(text) {
            return known;
        }
        let runtime = self.runtime;
        let interned = runtime.intern(self, text);
        self.lookups.put_name(text, interned);
        interned
    }

    /// The interned string of a literal.
    #[inline]
    pub fn name(&mut self, text: &'static str) -> Gc<Str> {
        match self.lookups.literal(text) {
            Some(known) => known,
            None => self.note_literal(text),
        }
    }

    #[cold]
    fn note_literal(&mut self, text: &'static str) -> Gc<Str> {
        let name = self.intern(text);
        self.lookups.put_literal(text, name);
        name
    }

    /// Imports a module by its full name, whatever a program has put in the place of `__import__`.
    pub fn import(&mut self, name: &str) -> PyResult {
        let import = *self.runtime.import_module.get().expect("set at start-up");
        import(self, name)
    }

    /// Something that a module of the library defines.
    pub fn import_from(&mut self, module: &str, name: &str) -> PyResult {
        let module = self.import(module)?;
        let name = self.intern(name);
        crate::attribute::get(self, module, name)
    }

    /// A new tuple.
    pub fn tuple(&mut self, items: &[Value]) -> Value {
        Tuple::new(self, items).value()
    }

    /// A new empty dict.
    pub fn dict(&mut self) -> Gc<Dict> {
        Dict::new(self)
    }
}

thread_local! {
    static CURRENT: Cell<*const Cx> = const { Cell::new(std::ptr::null()) };
}

/// The context of the calling thread, for handlers of signals, which are not given it. Null in threads that run no Python code.
pub fn context_of_this_thread() -> *const Cx {
    CURRENT.get()
}

impl Drop for Cx {
    fn drop(&mut self) {
        self.runtime.unregister_thread(self);
        CURRENT.set(std::ptr::null());
    }
}

/// Lowest address of the calling thread's native stack that code may use, with a reserve of 256 KB for whatever does
/// not check.
fn native_stack_limit() -> usize {
    vm_sync::stack_bounds().start + (256 << 10)
}

//! What all threads of the process share: types, interned strings, modules, options.

use crate::configuration::Configuration;
use crate::cx::{Cx, NONE};
use crate::dict::str_hash;
use crate::interned::{Interned, Place};
use crate::kinds::{FIRST_FREE_SHAPE, Kind};
use crate::native::NativeDefinition;
use crate::objects::{Code, Dict, Str, Tuple, Type};
use crate::shape;
use crate::string::StrExt;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use vm_heap::{Field, Gc, Value, Word};

/// How the runtime calls Python functions; the interpreter crate provides it.
pub type CallPython = fn(&mut Cx, Value, &[Value], Option<Gc<crate::objects::Tuple>>) -> crate::PyResult;

/// Finds the namespace of the running Python code.
pub type CurrentGlobals = fn(&Cx) -> Option<Gc<Dict>>;
/// Makes a native module.
pub type ModuleInit = fn(&mut Cx) -> crate::PyResult<Gc<crate::objects::Module>>;

/// The message for a module that lacks an attribute, where there is more to say than that.
pub type ExplainMissing = fn(&mut Cx, Gc<crate::objects::Module>, Gc<Str>) -> Option<String>;

/// Tells audit hooks of an event and its arguments.
pub type Audit = fn(&mut Cx, &str, &[Value]) -> crate::PyResult<()>;

/// Makes the syntax tree of a source text with a file name in a mode of `compile`.
/// The last is the level of optimisation, where the tree is to be simplified as for it.
pub type MakeTree = fn(&mut Cx, &str, &str, &str, Option<u8>, bool) -> crate::PyResult;

/// Makes a syntax tree simplified for a level of optimisation of one in a mode of `compile`.
pub type OptimizeTree = fn(&mut Cx, Value, &str, u8) -> crate::PyResult;

/// Reads a syntax tree for a mode of `compile`: the front end's own tree, which this crate does not know.
pub type ReadTree = fn(&mut Cx, Value, &str) -> crate::PyResult<Box<dyn std::any::Any + Send>>;

/// Objects that live as long as the process.
#[derive(Default)]
struct Kept {
    objects: Vec<Value>,
    /// How many a collection has seen, so that they are old.
    seen: usize,
}

impl Kept {
    fn for_each(&mut self, full: bool, visit: &mut dyn FnMut(Value)) {
        let first = if full { 0 } else { self.seen };
        self.objects[first..].iter().for_each(|object| visit(*object));
        self.seen = self.objects.len();
    }
}

/// What is done around a fork; the function returns 0 in the child.
pub type AroundFork = fn(&mut dyn FnMut() -> i32) -> i32;

/// The process-wide state.
pub struct Runtime {
    types: Box<[AtomicU64]>,
    interned: Mutex<Interned>,
    /// Objects that live as long as the process.
    kept: Mutex<Kept>,
    threads: Mutex<Vec<usize>>,
    /// What threads that are about to start will call: tuples, kept until the new thread has taken them.
    starting: Mutex<Vec<Value>>,
    /// What built-in types are to have once somebody looks at them.
    pub additions: crate::types::namespace::Additions,
    /// Namespace of the module `builtins`.
    pub builtins: Field<Option<Gc<Dict>>>,
    /// `sys.modules`.
    pub modules: Field<Option<Gc<Dict>>>,
    /// Codecs and error handlers.
    pub codecs: crate::codecs::Registry,
    /// The module `_frozen_importlib`, once it does the importing.
    pub importlib: Field<Value>,
    /// `builtins.__import__` as it was made.
    pub import_function: Field<Value>,
    /// Sends a value to a generator or coroutine.
    pub resume_generator: OnceLock<crate::iterators::Resume>,
    /// Says why a module lacks an attribute, where the import system knows.
    pub explain_missing: OnceLock<ExplainMissing>,
    /// Tells the audit hooks of an event.
    pub audit: OnceLock<Audit>,
    /// Makes a syntax tree: of source, file name and mode.
    pub make_tree: OnceLock<MakeTree>,
    /// Simplifies a syntax tree.
    pub optimize_tree: OnceLock<OptimizeTree>,
    /// Reads a syntax tree.
    pub read_tree: OnceLock<ReadTree>,
    /// Turns of a loop before it is recorded; `i32::MAX` where the JIT is off.
    pub hot: AtomicI32,
    /// Most digits that an int may have in conversions from and to decimal text; 0: any number.
    pub int_digits: AtomicUsize,
    /// `sys.getrecursionlimit()`.
    pub recursion_limit: AtomicUsize,
    /// Key of string hashes.
    pub hash_key: [u64; 2],
    /// `typing.NoDefault`, or None until somebody asks.
    pub no_default: Field<Value>,
    /// Whether the running instruction is one that is run again, after a collection, where views keep an object from being resized.
    pub retries_resizing: OnceLock<fn(&Cx, Value) -> bool>,
    /// Registers the youngest coroutine with the collector if nobody has awaited it.
    pub settle_coroutines: OnceLock<fn(&mut Cx)>,
    /// Runs Python functions.
    pub call_python: OnceLock<CallPython>,
    /// Writes an exception that nobody can catch, and what was going on, to standard error.
    pub report_unraisable: OnceLock<fn(&mut Cx, Value, &str)>,
    /// Forgets what registers hold that will not be read again.
    pub forget_dead: OnceLock<fn(&mut Cx)>,
    /// The native that the running Python code calls by an instruction of its own, with nothing in between.
    pub called_native: OnceLock<fn(&Cx) -> Option<&'static NativeDefinition>>,
    /// What `sys.monitoring` keeps: a tuple of its callbacks and of what it calls `DISABLE` and `MISSING`.
    pub monitoring: OnceLock<Value>,
    /// Gives threads the handlers that fit what is to be reported.
    pub tracing_changed: OnceLock<fn(&mut Cx)>,
    /// The tuple without items, of which there is one.
    pub empty_tuple: OnceLock<Gc<Tuple>>,
    /// Imports a module by its full name.
    pub import_module: OnceLock<fn(&mut Cx, &str) -> crate::PyResult>,
    /// Calls a function that forks, so that parent and child have compiled code of their own.
    pub around_fork: OnceLock<AroundFork>,
    /// Gives the namespace of the running Python code.
    pub current_globals: OnceLock<CurrentGlobals>,
    /// The native modules by name.
    pub native_modules: OnceLock<Vec<(&'static str, ModuleInit)>>,
    /// The program's folder, which was put in front of `sys.path`; empty for the working directory.
    pub program_folder: OnceLock<String>,
    /// What the command line and the environment said.
    pub configuration: OnceLock<Configuration>,
    /// Called when a class or a watched variable changes that traces and inline caches rely on.
    pub invalidate: OnceLock<fn(&mut Cx, Assumption)>,
    /// Does what waits for a safe point of Python code, as handlers of signals do.
    pub pending: OnceLock<fn(&mut Cx) -> crate::PyResult<()>>,
}

/// What compiled code relies on.
#[derive(Clone, Copy, Debug)]
pub enum Assumption {
    /// The value of a global variable.
    GlobalCell(Gc<crate::objects::GlobalCell>),
    /// Attributes of a class or its bases.
    Classes,
    /// The code or the defaults of a function.
    Functions,
    /// That all functions of a code object have the same globals.
    Home(Gc<Code>),
}

impl Runtime {
    /// A runtime without types; `crate::bootstrap` fills it.
    pub fn new(hash_key: [u64; 2]) -> &'static Runtime {
        Box::leak(Box::new(Runtime {
            types: (0..FIRST_FREE_SHAPE).map(|_| AtomicU64::new(0)).collect(),
            interned: Mutex::new(Interned::new(hash_key[0])),
            kept: Mutex::default(),
            threads: Mutex::default(),
            starting: Mutex::default(),
            additions: Default::default(),
            builtins: Field::new(None),
            modules: Field::new(None),
            codecs: crate::codecs::Registry::default(),
            importlib: Field::new(NONE),
            import_function: Field::new(NONE),
            audit: OnceLock::new(),
            resume_generator: OnceLock::new(),
            explain_missing: OnceLock::new(),
            make_tree: OnceLock::new(),
            optimize_tree: OnceLock::new(),
            read_tree: OnceLock::new(),
            hot: AtomicI32::new(i32::MAX),
            int_digits: AtomicUsize::new(4300),
            recursion_limit: AtomicUsize::new(1000),
            hash_key,
            no_default: Field::new(NONE),
            retries_resizing: OnceLock::new(),
            settle_coroutines: OnceLock::new(),
            call_python: OnceLock::new(),
            report_unraisable: OnceLock::new(),
            forget_dead: OnceLock::new(),
            called_native: OnceLock::new(),
            monitoring: OnceLock::new(),
            tracing_changed: OnceLock::new(),
            empty_tuple: OnceLock::new(),
            import_module: OnceLock::new(),
            around_fork: OnceLock::new(),
            current_globals: OnceLock::new(),
            native_modules: OnceLock::new(),
            program_folder: OnceLock::new(),
            configuration: OnceLock::new(),
            invalidate: OnceLock::new(),
            pending: OnceLock::new(),
        }))
    }

    /// The native modules by name.
    pub fn native_modules(&self) -> &[(&'static str, ModuleInit)] {
        self.native_modules.get().map_or(&[], Vec::as_slice)
    }

    /// What the command line and the environment said; that of a bare start where nobody has asked them.
    pub fn configuration(&self) -> &Configuration {
        self.configuration.get_or_init(Configuration::default)
    }

    /// A built-in type.
    #[inline(always)]
    pub fn builtin_type(&self, kind: Kind) -> Gc<Type> {
        Gc::from_word(self.types[kind as usize].load(Ordering::Relaxed))
    }

    /// The built-in type with a number, if there is one.
    pub fn type_by_number(&self, number: usize) -> Option<Gc<Type>> {
        let word = self.types.get(number)?.load(Ordering::Relaxed);
        (word != 0).then(|| Gc::from_word(word))
    }

    /// Enters a built-in type at start-up.
    pub fn set_builtin_type(&self, kind: Kind, class: Gc<Type>) {
        self.types[kind as usize].store(class.to_word(), Ordering::Relaxed);
    }

    /// How many strings are interned.
    pub fn interned_count(&self) -> usize {
        self.lock_interned().count()
    }

    /// The interned string with this text.
    pub fn intern(&self, cx: &mut Cx, text: &str) -> Gc<Str> {
        self.intern_bytes(cx, text.as_bytes())
    }

    /// The interned string equal to this one.
    pub fn intern_string(&self, string: Gc<Str>) -> Gc<Str> {
        if crate::types::str::index::is_interned(string) {
            return string;
        }
        let found = self.lock_interned().find(string.bytes());
        found.unwrap_or_else(|place| self.enter_interned(string, place))
    }

    /// The interned string of these bytes, which are text or a hidden name.
    pub fn intern_bytes(&self, cx: &mut Cx, bytes: &[u8]) -> Gc<Str> {
        let found = self.lock_interned().find(bytes);
        found.unwrap_or_else(|place| {
            let string = Str::from_wtf8(cx, bytes);
            self.enter_interned(string, place)
        })
    }

    fn enter_interned(&self, string: Gc<Str>, place: Place) -> Gc<Str> {
        // Characters have strings of their own, which are interned when they are made.
        if crate::types::str::index::is_interned(string) {
            return string;
        }
        string.hash.init(str_hash(self, string.bytes()));
        let mut interned = self.lock_interned();
        let entered = interned.enter(string, place);
        if entered == string {
            crate::types::str::index::note_interned(string);
        }
        entered
    }

    fn lock_interned(&self) -> std::sync::MutexGuard<'_, Interned> {
        self.interned.lock().expect("nothing panics while it holds this lock")
    }

    /// Makes an object a root for the life of the process. Between its making and this call no collection may come that
    /// does not see it otherwise, which the calling thread's stack sees to.
    pub fn keep(&self, object: Value) {
        self.kept.lock().expect("nothing panics while it holds this lock").objects.push(object);
    }

    /// Calls `visit` with every thread's context. The contexts belong to running threads: only atomic fields may be touched.
    pub fn for_each_thread(&self, visit: &mut dyn FnMut(&Cx)) {
        for thread in self.threads.lock().expect("nothing panics while it holds this lock").iter() {
            // SAFETY: a context unregisters itself, under this lock, before it goes away.
            visit(unsafe { &*(*thread as *const Cx) });
        }
    }

    pub(crate) fn register_thread(&self, cx: &Cx) {
        self.threads.lock().expect("nothing panics while it holds this lock").push(cx as *const Cx as usize);
    }

    pub(crate) fn unregister_thread(&self, cx: &Cx) {
        let address = cx as *const Cx as usize;
        self.threads.lock().expect("nothing panics while it holds this lock").retain(|thread| *thread != address);
    }

    /// In the child of a fork: only the calling thread has come along.
    pub fn forget_other_threads(&self, cx: &Cx) {
        let address = cx as *const Cx as usize;
        self.threads.lock().expect("nothing panics while it holds this lock").retain(|thread| *thread == address);
    }

    /// Keeps what a new thread will call until it takes it.
    pub fn put_start(&self, call: Value) {
        self.starting.lock().expect("nothing panics while it holds this lock").push(call);
    }

    /// Takes what a new thread will call; the caller holds it on its stack from then on.
    pub fn take_start(&self, call: Value) {
        let mut starting = self.starting.lock().expect("nothing panics while it holds this lock");
        if let Some(at) = starting.iter().position(|other| *other == call) {
            starting.swap_remove(at);
        }
    }

    /// Calls `visit` with every root that this structure holds, at a collection that is not `full` without those among the many
    /// that never go which an earlier one has seen. All threads are stopped.
    pub fn for_each_root(&self, full: bool, visit: &mut dyn FnMut(Value)) {
        for entry in &self.types {
            let word = entry.load(Ordering::Relaxed);
            if word != 0 {
                visit(Value::object(word as usize));
            }
        }
        self.kept.lock().expect("nothing panics while it holds this lock").for_each(full, visit);
        self.lock_interned().for_each_root(full, visit);
        for call in self.starting.lock().expect("nothing panics while it holds this lock").iter() {
            visit(*call);
        }
        visit(self.no_default.get());
        for dict in [self.builtins.get(), self.modules.get()].into_iter().flatten() {
            visit(dict.value());
        }
        self.codecs.for_each_root(visit);
        self.monitoring.get().into_iter().for_each(|kept| visit(*kept));
        visit(self.importlib.get());
        visit(self.import_function.get());
        for thread in self.threads.lock().expect("nothing panics while it holds this lock").iter() {
            // SAFETY: a context unregisters itself before it goes away, and all threads are stopped.
            let cx = unsafe { &*(*thread as *const Cx) };
            visit(cx.raised.get());
            visit(cx.handled.get());
            visit(cx.context.get());
            visit(cx.event_loop.get());
            visit(cx.running_task.get());
            visit(cx.generator.get());
            visit(cx.youngest_coroutine.get());
            cx.async_hooks.iter().for_each(|hook| visit(hook.get()));
            visit(cx.frames.get());
            visit(cx.thread.result.get());
            visit(cx.block.get().registers);
            visit(cx.block.get().handled);
            cx.tracing.for_each_root(visit);
            cx.thread.transaction.for_each_value(visit);
        }
        shape::for_each_root(full, &mut |class| visit(class.value()));
    }

    /// Sets `no_default` unless it has been set.
    pub fn set_no_default(&self, value: Value) {
        let _starting = self.starting.lock().expect("nothing panics while it holds this lock");
        if self.no_default.get() == NONE {
            self.no_default.set_root(value);
        }
    }

    /// `sys.modules` as a value, or None before it exists.
    pub fn modules_value(&self) -> Value {
        self.modules.get().map_or(NONE, |dict| dict.value())
    }
}

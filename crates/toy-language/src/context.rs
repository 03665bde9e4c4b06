//! Loading programs and running them on a thread.

use crate::compiler::{Constant, Routine, compile};
use crate::functions::{FaultKind, display};
use crate::language::PLAIN;
use crate::objects::{Fault, Function, NIL, allocate, declare_layouts, new_float};
use crate::reader::SyntaxError;
use std::cell::{Cell, RefCell};
use std::sync::{Mutex, Once, PoisonError};
use vm_heap::{Heap, Mutator, Value};
use vm_machine::{FRAME_HEADER, Frame, Raised, Thread, UNBOUND, halt_address, run};

/// A thread that runs the toy language.
#[repr(C)]
pub struct Context {
    /// The machine's part; generated code and handlers know the context by this address.
    pub thread: Thread,
    /// What was thrown, while it is on its way.
    pub raised: Cell<Value>,
    /// Line of the last throw.
    pub line: Cell<u32>,
    /// What was printed.
    pub output: RefCell<String>,
}

/// What a program died of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What was thrown, as text.
    pub message: String,
    /// Where.
    pub line: u32,
}

/// A loaded program. Its code is kept as long as the process runs.
#[derive(Clone)]
pub struct Program {
    functions: Vec<(String, Value)>,
}

/// Objects of loaded programs, and attached contexts: what the collector does not find by itself.
static LOADED: Mutex<Vec<Value>> = Mutex::new(Vec::new());
static CONTEXTS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static ROOTS: Once = Once::new();

/// Nothing is half done when a panic passes while one of these is locked.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn visit_roots(visit: &mut dyn FnMut(Value)) {
    lock(&LOADED).iter().for_each(|value| visit(*value));
    for context in lock(&CONTEXTS).iter() {
        // SAFETY: a context is in the list while it lives, and its thread is stopped now.
        visit(unsafe { (*(*context as *const Context)).raised.get() });
    }
}

impl Context {
    /// Attaches the calling thread. Loops are compiled after `hot` turns; never with `None`.
    pub fn attach(hot: Option<i32>) -> Box<Context> {
        declare_layouts();
        ROOTS.call_once(|| Heap::global().add_root_scanner(|_, visit| visit_roots(visit)));
        let mut place = Box::<Context>::new_uninit();
        let at = place.as_mut_ptr();
        // SAFETY: the box keeps its address, and every field is written before it counts as initialised.
        let context = unsafe {
            Thread::attach_at(&raw mut (*at).thread);
            (&raw mut (*at).raised).write(Cell::new(NIL));
            (&raw mut (*at).line).write(Cell::new(0));
            (&raw mut (*at).output).write(RefCell::default());
            place.assume_init()
        };
        context.thread.hot.set(hot.unwrap_or(i32::MAX));
        context.thread.table.set(&PLAIN);
        lock(&CONTEXTS).push(&raw const *context as usize);
        context
    }

    /// The context of a machine thread.
    ///
    /// # Safety
    /// `thread` must be the first field of a `Context` that nobody else borrows.
    #[inline(always)]
    pub unsafe fn from_thread<'a>(thread: *mut Thread) -> &'a mut Context {
        // SAFETY: the caller's promise; `Context` is `repr(C)` with the thread first.
        unsafe { &mut *(thread as *mut Context) }
    }

    /// The thread's side of the heap.
    pub fn mutator(&self) -> &Mutator {
        &self.thread.mutator
    }

    /// Throws a new fault.
    #[cold]
    pub fn fault(&self, kind: FaultKind) -> Raised {
        let fault = allocate::<Fault>(self.mutator());
        fault.kind.init(Value::int(kind as i64));
        self.raised.set(fault.value());
        Raised
    }

    /// Compiles and loads a program.
    pub fn load(&self, source: &str) -> Result<Program, SyntaxError> {
        let mut functions = Vec::new();
        for routine in compile(source)? {
            let function = allocate::<Function>(self.mutator());
            lock(&LOADED).push(function.value());
            functions.push((routine, function));
        }
        let values: Vec<Value> = functions.iter().map(|(_, function)| function.value()).collect();
        let mut named = Vec::new();
        for (mut routine, function) in functions {
            for (word, constant) in std::mem::take(&mut routine.constants) {
                let value = match constant {
                    Constant::Function(number) => values[number],
                    Constant::Boxed(number) => new_float(self.mutator(), number),
                };
                lock(&LOADED).push(value);
                routine.code[word] = value.bits();
            }
            let routine: &'static mut Routine = Box::leak(Box::new(routine));
            named.push((routine.name.clone(), function.value()));
            function.routine.init(routine as *mut Routine as u64);
        }
        Ok(Program { functions: named })
    }

    /// Calls a function of a program from outside.
    ///
    /// # Panics
    /// Where there is no such function with this many parameters, or where the thread runs a program already.
    pub fn call(&mut self, program: &Program, name: &str, arguments: &[Value]) -> Result<Value, Failure> {
        let (_, function) =
            program.functions.iter().find(|(known, _)| known == name).expect("a function of the program");
        let routine = crate::objects::routine_of(*function).expect("a function");
        assert_eq!(routine.arity, arguments.len(), "arguments of {name}");
        let thread: *mut Thread = &mut self.thread;
        let base = self.thread.stack_base;
        assert_eq!(self.thread.stack_top(), base.wrapping_add(FRAME_HEADER), "the thread runs a program already");
        let (pseudo, size) = (base.wrapping_add(FRAME_HEADER), 1);
        let fp = pseudo.wrapping_add(size + FRAME_HEADER);
        // SAFETY: nothing runs on the value stack, which has room for a first frame; the outermost frame returns to the
        // halt code.
        let result = unsafe {
            write_header(pseudo, UNBOUND, size, std::ptr::null(), std::ptr::null_mut());
            *pseudo = NIL;
            write_header(fp, *function, routine.frame_size as usize, halt_address(), pseudo);
            std::ptr::copy_nonoverlapping(arguments.as_ptr(), fp, arguments.len());
            run(thread, Frame { pc: routine.code.as_ptr(), fp })
        };
        self.thread.fp.set(pseudo);
        self.thread.mutator.stack_top.set(pseudo as usize);
        result.map_err(|Raised| {
            let raised = self.raised.replace(NIL);
            Failure { message: display(raised), line: self.line.get() }
        })
    }

    /// What was printed since the last look.
    pub fn take_output(&self) -> String {
        self.output.take()
    }
}

/// # Safety
/// The header of `fp` must lie in free stack.
unsafe fn write_header(fp: *mut Value, function: Value, size: usize, back: *const u64, caller: *mut Value) {
    // SAFETY: the caller's promise.
    unsafe {
        *fp.sub(4) = function;
        *fp.sub(3) = Value::from_bits((size as u64) << 32);
        *fp.sub(2) = Value::from_bits(back as u64);
        *fp.sub(1) = Value::from_bits(caller as u64);
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let address = self as *const Context as usize;
        lock(&CONTEXTS).retain(|context| *context != address);
    }
}

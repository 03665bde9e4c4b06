//! `_random`: the Mersenne Twister, with the sequences that CPython gives for the same seeds.
//!
//! Matsumoto and Nishimura, "Mersenne twister: a 623-dimensionally equidistributed uniform pseudo-random number generator",
//! 1998. The state lies in an object of the heap; a generator is used under its lock, so that threads may share one.

mod twister;

use crate::{class, module_of};
use num_bigint::{BigInt as Big, BigUint};
use py_macros::py_methods;
use py_object::arguments::Keywords;
use py_object::bootstrap::add_methods;
use py_object::objects::{Array, List, Module, Raw, Tuple, Type};
use py_object::sequence::tuple_items;
use py_object::types::int;
use py_object::{Cx, Kind, NONE, PyResult, downcast, object, operations, shapes, try_allocate_tail};
use std::sync::atomic::{AtomicU32, Ordering};
use twister::{LENGTH, Twister};
use vm_heap::{Gc, Value};

/// More bits than this are taken as a want of memory.
const MOST_BITS: u64 = 1 << 36;

object! {
    /// A generator.
    pub struct Random = 454 {
        /// Version word.
        word: u64,
        /// Attributes of subclass instances.
        attributes: Option<Gc<Array>>,
        /// The state: words of 32 bits.
        state: Gc<Raw>,
        /// Index of the next word to be used.
        index: usize,
    }
}

/// Gives the class its methods.
pub fn install(cx: &mut Cx) {
    crate::declare::<Random>();
    add_methods(cx, Kind::RANDOM, RANDOM_METHODS);
}

/// The words of a state.
fn words(state: &Gc<Raw>) -> &[AtomicU32] {
    let bytes = py_object::byte_tail(state, state.length.get().as_int() as usize);
    // SAFETY: the tail is 8-byte aligned and as long as its length says; these words are only accessed as atomics.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr() as *const AtomicU32, bytes.len() / 4) }
}

fn load(generator: Gc<Random>) -> Twister {
    let state = generator.state.get();
    let words = words(&state);
    let words = std::array::from_fn(|at| words[at].load(Ordering::Relaxed));
    Twister { words, index: generator.index.get() }
}

fn store(generator: Gc<Random>, twister: &Twister) {
    let state = generator.state.get();
    for (to, from) in words(&state).iter().zip(twister.words) {
        to.store(from, Ordering::Relaxed);
    }
    generator.index.init(twister.index);
}

/// The next 32 bits. The caller holds the lock.
fn next(generator: Gc<Random>) -> u32 {
    let mut index = generator.index.get();
    if index >= LENGTH {
        let mut twister = load(generator);
        twister.refill();
        store(generator, &twister);
        index = 0;
    }
    let state = generator.state.get();
    let word = words(&state)[index].load(Ordering::Relaxed);
    generator.index.init(index + 1);
    twister::temper(word)
}

/// The words that a seed stands for; from the system without one.
fn key_of(cx: &mut Cx, seed: Value) -> PyResult<Vec<u32>> {
    if seed == NONE {
        return Ok(entropy());
    }
    let number = if int::is_int(seed) {
        int::as_big(seed).unwrap_or_default().magnitude().clone()
    } else {
        BigUint::from(operations::hash(cx, seed)?)
    };
    let digits = number.to_u32_digits();
    Ok(if digits.is_empty() { vec![0] } else { digits })
}

/// Words that nobody can guess.
fn entropy() -> Vec<u32> {
    let mut words = vec![0u32; LENGTH];
    // SAFETY: the buffer is as long as the call is told.
    let filled = unsafe { libc::getrandom(words.as_mut_ptr().cast(), LENGTH * 4, libc::GRND_NONBLOCK) };
    if filled != (LENGTH * 4) as isize {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let nanoseconds = now.as_nanos();
        return vec![nanoseconds as u32, (nanoseconds >> 32) as u32, std::process::id()];
    }
    words
}

fn seed(cx: &mut Cx, generator: Gc<Random>, value: Value) -> PyResult<()> {
    let key = key_of(cx, value)?;
    let twister = Twister::from_key(&key);
    let _locked = vm_stm::lock(&generator.word);
    store(generator, &twister);
    Ok(())
}

fn bits(cx: &mut Cx, generator: Gc<Random>, count: u64) -> PyResult {
    match count {
        0 => Ok(Value::int(0)),
        1..=32 => {
            let word = {
                let _locked = vm_stm::lock(&generator.word);
                next(generator)
            };
            Ok(Value::int(i64::from(word >> (32 - count))))
        }
        _ if count > MOST_BITS => Err(cx.raise(Kind::MEMORY_ERROR, "")),
        _ => {
            let length = count.div_ceil(32);
            let mut digits = Vec::with_capacity(length as usize);
            {
                let _locked = vm_stm::lock(&generator.word);
                for at in 0..length {
                    let left = count - at * 32;
                    let word = next(generator);
                    digits.push(if left < 32 { word >> (32 - left) } else { word });
                }
            }
            int::from_big(cx, &Big::from(BigUint::new(digits)))
        }
    }
}

/// A word of a state that Python code gives.
fn state_word(cx: &mut Cx, value: Value) -> PyResult<u32> {
    if !int::is_int(value) {
        return Err(cx.type_error("an integer is required"));
    }
    if int::is_negative(value) {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "can't convert negative value to unsigned int"));
    }
    match int::as_big(value).and_then(|number| u64::try_from(number).ok()) {
        Some(number) => Ok(number as u32),
        None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large to convert to C unsigned long")),
    }
}

fn set_state(cx: &mut Cx, generator: Gc<Random>, state: Value) -> PyResult<()> {
    let Some(tuple) = downcast::<Tuple>(state) else {
        return Err(cx.type_error("state vector must be a tuple"));
    };
    let items = tuple_items(&tuple);
    if items.len() != LENGTH + 1 {
        return Err(cx.value_error("state vector is the wrong size"));
    }
    let mut twister = Twister { words: [0; LENGTH], index: 0 };
    for (word, item) in twister.words.iter_mut().zip(items) {
        *word = state_word(cx, *item)?;
    }
    let index = int::index(cx, items[LENGTH])?;
    match int::as_i64(index).and_then(|index| usize::try_from(index).ok()).filter(|index| *index <= LENGTH) {
        Some(index) => twister.index = index,
        None => return Err(cx.value_error("invalid state")),
    }
    let _locked = vm_stm::lock(&generator.word);
    store(generator, &twister);
    Ok(())
}

/// The methods.
pub struct Methods;

#[py_methods(RANDOM, name = "Random")]
impl Methods {
    #[new(signature = "")]
    fn new(
        cx: &mut Cx,
        class: Gc<Type>,
        #[args] _args: &[Value],
        #[kwargs] _kwargs: Keywords<'_>,
    ) -> PyResult<Gc<Random>> {
        let Some(state) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, LENGTH * 4) else {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        };
        let generator = crate::new_object::<Random>(cx, class);
        generator.state.init(state);
        generator.index.init(LENGTH);
        Ok(generator)
    }
    /// Initialize self.
    #[method(error_name = "Random", signature = "($self, /, *args, **kwargs)")]
    fn __init__(cx: &mut Cx, this: Gc<Random>, #[args] args: &[Value], #[kwargs] kwargs: Keywords<'_>) -> PyResult<()> {
        if !kwargs.is_empty() {
            return Err(cx.type_error("Random() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(cx.type_error(format!("Random expected at most 1 argument, got {}", args.len())));
        }
        seed(cx, this, args.first().copied().unwrap_or(NONE))
    }
    /// seed([n]) -> None.
    ///
    /// Defaults to use urandom and falls back to a combination of the current time and the process identifier.
    #[method]
    fn seed(cx: &mut Cx, this: Gc<Random>, #[default(NONE)] n: Value) -> PyResult<()> {
        seed(cx, this, n)
    }
    /// random() -> x in the interval [0, 1).
    #[method]
    fn random(this: Gc<Random>) -> f64 {
        let _locked = vm_stm::lock(&this.word);
        let (high, low) = (next(this) >> 5, next(this) >> 6);
        // 53 bits.
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }
    /// getrandbits(k) -> x.  Generates an int with k random bits.
    #[method]
    fn getrandbits(cx: &mut Cx, this: Gc<Random>, k: Value) -> PyResult {
        let k = int::index(cx, k)?;
        if int::is_negative(k) {
            return Err(cx.value_error("Cannot convert negative int"));
        }
        match int::as_big(k).and_then(|count| u64::try_from(count).ok()) {
            Some(count) => bits(cx, this, count),
            None => Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C uint64_t")),
        }
    }
    /// getstate() -> tuple containing the current state.
    #[method]
    fn getstate(cx: &mut Cx, this: Gc<Random>) -> PyResult<Gc<Tuple>> {
        let twister = {
            let _locked = vm_stm::lock(&this.word);
            load(this)
        };
        let parts = List::new(cx, &[])?;
        for word in twister.words {
            List::push(cx, parts, Value::int(i64::from(word)))?;
        }
        List::push(cx, parts, Value::int(twister.index as i64))?;
        Tuple::from_list(cx, parts)
    }
    /// setstate(state) -> None.  Restores generator state.
    #[method]
    fn setstate(cx: &mut Cx, this: Gc<Random>, state: Value) -> PyResult<()> {
        set_state(cx, this, state)
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "_random", &[]);
    class(cx, module, Kind::RANDOM)?;
    Ok(module)
}

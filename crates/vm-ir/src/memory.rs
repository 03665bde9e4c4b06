//! An environment of maps for the evaluator, with a comparison of two of them after two runs.
//!
//! Objects get addresses in the order of allocation, so two traces of one meaning that allocate in different order, or
//! leave allocations out, end in different words but the same graph: `difference` compares graphs.

use crate::{Call, Environment, Type, word};
use std::collections::HashMap;
use std::ops::Range;

/// What a test makes of a call: result type and arguments to result.
pub type Answer = fn(&mut SimpleEnvironment, &Call, Type, &[u64]) -> u64;

/// Memory in a map: words never stored are zero.
#[derive(Clone, Default)]
pub struct SimpleEnvironment {
    /// Every word that was stored.
    pub words: HashMap<u64, u64>,
    /// Size of each object that was allocated, by address.
    pub objects: HashMap<u64, u32>,
    /// Objects for which the barrier ran, in order.
    pub barriers: Vec<u64>,
    /// Calls with other effects than none, in order: address of the function and arguments.
    pub calls: Vec<(u64, Vec<u64>)>,
    /// How many polls answer no before one answers yes; never yes if absent.
    pub polls_left: Option<u64>,
    /// What calls yield; without it, a small int or float made from the function's address and the arguments that are
    /// no objects.
    pub answer: Option<Answer>,
    /// Bytes allocated.
    pub allocated: u64,
}

/// Where allocated objects start, far above hand-written addresses.
const HEAP: u64 = 1 << 40;
/// Header of boxed floats.
const FLOAT_HEADER: u64 = 0xf10a << 32;

impl SimpleEnvironment {
    /// Empty memory, polls that always answer no, calls that answer by their arguments.
    pub fn new() -> SimpleEnvironment {
        SimpleEnvironment::default()
    }

    /// The first difference between the words of this environment and another's, seen from pairs of `roots`: objects
    /// allocated in both count as equal if their sizes and words are, recursively; NaNs are all equal. All words
    /// outside of allocated objects are compared too, except those at `ignored` addresses (the value stack, where only
    /// live slots count: pass those as roots).
    pub fn difference(&self, other: &Self, roots: &[(u64, u64)], ignored: Range<u64>) -> Option<String> {
        let mut work = roots.to_vec();
        let mut addresses: Vec<u64> = self
            .words
            .keys()
            .chain(other.words.keys())
            .copied()
            .filter(|at| *at < HEAP && !ignored.contains(at))
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        work.extend(addresses.iter().map(|at| (self.word(*at), other.word(*at))));
        let mut pairs = HashMap::new();
        while let Some((mine, theirs)) = work.pop() {
            let at = (word::address(mine), word::address(theirs));
            let sizes = (self.objects.get(&at.0), other.objects.get(&at.1));
            let (Some(size), Some(their_size)) = sizes else {
                if mine != theirs {
                    return Some(format!("{mine:#x} here, {theirs:#x} there"));
                }
                continue;
            };
            match pairs.insert(at.0, at.1) {
                Some(paired) if paired == at.1 => continue,
                Some(paired) => return Some(format!("object {mine:#x} is both {paired:#x} and {theirs:#x} there")),
                None => {}
            }
            if size != their_size {
                return Some(format!("object {mine:#x} has {size} bytes, {theirs:#x} there has {their_size}"));
            }
            if self.is_nan(at.0) && other.is_nan(at.1) {
                continue;
            }
            work.extend((0..*size as u64).step_by(8).map(|n| (self.word(at.0 + n), other.word(at.1 + n))));
        }
        None
    }

    fn word(&self, address: u64) -> u64 {
        self.words.get(&address).copied().unwrap_or(0)
    }

    fn is_nan(&self, address: u64) -> bool {
        self.word(address) == FLOAT_HEADER && f64::from_bits(self.word(address + 8)).is_nan()
    }
}

impl Environment for SimpleEnvironment {
    fn load(&mut self, address: u64) -> u64 {
        self.word(address)
    }

    fn store(&mut self, address: u64, word: u64) {
        self.words.insert(address, word);
    }

    fn allocate(&mut self, size: u32, header: u64) -> u64 {
        let address = HEAP + self.allocated;
        self.allocated += size as u64;
        self.objects.insert(address, size);
        self.words.insert(address, header);
        address
    }

    fn box_float(&mut self, number: f64) -> u64 {
        let address = self.allocate(16, FLOAT_HEADER);
        self.store(address + 8, number.to_bits());
        word::object(address)
    }

    fn call(&mut self, call: &Call, ty: Type, arguments: &[u64]) -> u64 {
        if call.effects.0 != 0 {
            self.calls.push((call.address, arguments.to_vec()));
        }
        if let Some(answer) = self.answer {
            return answer(self, call, ty, arguments);
        }
        let plain = arguments.iter().filter(|word| !self.objects.contains_key(&word::address(**word)));
        let hash = plain.fold(call.address, |hash, word| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        match ty {
            Type::Float => ((hash >> 40) as f64).to_bits(),
            _ => word::int((hash >> 40) as i64),
        }
    }

    fn barrier(&mut self, value: u64) {
        self.barriers.push(value);
    }

    fn poll(&mut self) -> bool {
        match &mut self.polls_left {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        }
    }

    fn thread(&self) -> u64 {
        1 << 20
    }
}

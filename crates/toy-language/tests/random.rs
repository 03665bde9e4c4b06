//! Random programs: compiled code must do what the interpreter does, faults and their lines included. A failure prints
//! the program. `TOY_SEEDS=FROM..TO` chooses the seeds.

use std::fmt::Write;
use toy_language::{Context, Toy};
use vm_heap::{Configuration, Heap};
use vm_trace::jit;

/// A random number generator (xorshift64*), so that a seed names a program for good.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// Writes one program.
struct Generator {
    random: Random,
    text: String,
    counters: usize,
    /// Functions that may be called: those already written, so that there is no recursion.
    functions: usize,
    loops: usize,
}

const NUMBERS: [&str; 4] = ["x", "y", "z", "w"];

impl Generator {
    fn program(seed: u64) -> String {
        let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut generator = Generator { random, text: String::new(), counters: 0, functions: 0, loops: 0 };
        for function in 0..3 {
            let _ = writeln!(generator.text, "(fn f{function} (x y)");
            generator.body(1);
            generator.text.push_str(")\n");
            generator.functions += 1;
        }
        generator.text.push_str("(fn main () (var x 1) (var y 2)\n");
        generator.body(3);
        generator.text.push_str("\n(print (pair (pair x y) (pair z w))) (print p) (print a))\n");
        generator.text
    }

    fn body(&mut self, loops: usize) {
        self.loops = loops;
        self.text.push_str("(var z 3) (var w 0.5) (var p (pair 1 2.5)) (var a (array 5 1))\n");
        for _ in 0..2 + self.random.below(3) {
            self.statement(0);
        }
        self.text.push_str(" (+ z w)");
    }

    fn number(&mut self, depth: usize) {
        if depth > 2 {
            let leaf = self.random.pick(&["x", "y", "z", "w", "1", "2", "3", "0", "7", "0.25", "1.5", "100"]);
            self.text.push_str(leaf);
            return;
        }
        match self.random.below(16) {
            0..4 => self.text.push_str(self.random.pick(&NUMBERS)),
            4..6 => {
                self.text.push_str(self.random.pick(&["1", "2", "3", "5", "1.5", "1000003", "2305843009213693000"]))
            }
            6 => self.list("first", &["p"], 0, depth),
            7 => self.list("second", &["p"], 0, depth),
            8 => self.element(depth),
            9 if self.functions > 0 => {
                let callee = format!("f{}", self.random.below(self.functions as u64));
                self.list(&callee, &[], 2, depth)
            }
            10 => self.list("*", &[], 2, depth),
            11 => self.list("%", &[], 2, depth),
            12 => self.list("/", &[], 2, depth),
            13 => self.list("-", &[], 2, depth),
            _ => self.list("+", &[], 2, depth),
        }
    }

    fn list(&mut self, head: &str, first: &[&str], numbers: usize, depth: usize) {
        let _ = write!(self.text, "({head}");
        for word in first {
            let _ = write!(self.text, " {word}");
        }
        for _ in 0..numbers {
            self.text.push(' ');
            self.number(depth + 1);
        }
        self.text.push(')');
    }

    /// An index that is mostly in bounds.
    fn index(&mut self, depth: usize) {
        if self.random.below(12) == 0 {
            return self.number(depth + 1);
        }
        self.text.push_str("(% ");
        self.number(depth + 1);
        self.text.push_str(" 5)");
    }

    fn element(&mut self, depth: usize) {
        self.text.push_str("(at a ");
        self.index(depth);
        self.text.push(')');
    }

    fn condition(&mut self) {
        let operator = self.random.pick(&["<", "<=", "="]);
        if self.random.below(4) == 0 {
            self.text.push_str("(not ");
            self.list(operator, &[], 2, 1);
            self.text.push(')');
        } else {
            self.list(operator, &[], 2, 1);
        }
    }

    fn block(&mut self, depth: usize) {
        self.text.push_str("(do");
        for _ in 0..1 + self.random.below(3) {
            self.text.push_str("\n ");
            self.statement(depth + 1);
        }
        self.text.push(')');
    }

    fn statement(&mut self, depth: usize) {
        match self.random.below(if depth > 4 { 8 } else { 14 }) {
            0..4 => {
                let target = self.random.pick(&NUMBERS);
                self.list("set", &[target], 1, 0);
            }
            4 => {
                self.text.push_str("(set p (pair ");
                self.number(1);
                self.text.push(' ');
                self.number(1);
                self.text.push_str("))");
            }
            5 => {
                let part = self.random.pick(&["set-first", "set-second"]);
                self.list(part, &["p"], 1, 0);
            }
            6 => {
                self.text.push_str("(put a ");
                self.index(1);
                self.text.push(' ');
                self.number(1);
                self.text.push(')');
            }
            7 => {
                self.text.push_str("(set x (first (pair ");
                self.number(1);
                self.text.push_str(" (pair y z))))");
            }
            8..11 => {
                self.text.push_str("(if ");
                self.condition();
                self.text.push(' ');
                self.block(depth);
                if self.random.below(2) == 0 {
                    self.text.push(' ');
                    self.block(depth);
                }
                self.text.push(')');
            }
            11 => {
                self.text.push_str("(try ");
                self.block(depth);
                self.text.push_str(" e (set w ");
                self.number(1);
                self.text.push_str("))");
            }
            _ if self.loops == 0 => {
                self.list("set", &["z"], 1, 0);
            }
            _ => {
                self.loops -= 1;
                let counter = format!("i{}", self.counters);
                self.counters += 1;
                let turns = 5 + self.random.below(60);
                let _ = write!(
                    self.text,
                    "(do (var {counter} 0) (while (< {counter} {turns}) (set {counter} (+ {counter} 1))\n "
                );
                self.block(depth);
                // What is computed from the turn varies from turn to turn.
                let _ = write!(self.text, "(set y (+ y {counter}))))");
            }
        }
    }
}

fn run(source: &str, hot: Option<i32>) -> String {
    let mut context = Context::attach(hot);
    let program = context.load(source).unwrap_or_else(|error| panic!("{error:?} in\n{source}"));
    let result = context.call(&program, "main", &[]);
    let mut output = context.take_output();
    if let Err(failure) = result {
        let _ = write!(output, "line {}: {}", failure.line, failure.message);
    }
    output
}

fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("TOY_SEEDS") else { return 0..200 };
    let (from, to) = text.split_once("..").expect("TOY_SEEDS=FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

#[test]
fn compiled_programs_do_what_interpreted_ones_do() {
    let jit = jit::<Toy>().expect("there is memory for code");
    let before = jit.statistics();
    for seed in seeds() {
        let source = Generator::program(seed);
        if std::env::var_os("TOY_VERBOSE").is_some() {
            eprintln!("seed {seed}\n{source}");
        }
        let expected = run(&source, None);
        for (hot, heap) in [(1, ""), (7, ""), (2, "stress=11")] {
            Heap::global().configure(Configuration::parse(heap).unwrap());
            let found = run(&source, Some(hot));
            assert_eq!(found, expected, "seed {seed}, hotness {hot}, heap {heap}:\n{source}");
        }
        Heap::global().configure(Configuration::default());
    }
    let after = jit.statistics();
    eprintln!("{before:?}\n{after:?}");
    assert!(after.loops > before.loops && after.bridges > before.bridges && after.entries > before.entries);
}

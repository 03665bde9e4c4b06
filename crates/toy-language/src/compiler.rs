//! Nodes to register code. Locals and temporaries lie in one row of registers; a call's arguments are compiled to
//! where the callee's frame will be.

use crate::liveness::{liveness, opcode_of, words};
use crate::objects::{FALSE, NIL, TRUE};
use crate::opcode::Opcode;
use crate::reader::{Form, Node, SyntaxError, read};
use vm_heap::Value;
use vm_machine::{FRAME_HEADER, Instruction};

/// A constant that needs the heap, so that only loading can make it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Constant {
    /// A function of the program by number.
    Function(usize),
    /// A float that is no value word.
    Boxed(f64),
}

/// Where a throw inside a range of words leads.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Handler {
    start: usize,
    end: usize,
    /// Offset of the handler's code.
    pub target: usize,
    /// Register that receives what was thrown.
    pub register: usize,
}

/// A compiled function.
#[derive(Clone, PartialEq, Debug)]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// Number of parameters, which are its first registers.
    pub arity: usize,
    /// Number of registers.
    pub frame_size: u32,
    /// The code. Once loaded, counters of loop headers in it change.
    pub code: Vec<u64>,
    /// Words that loading fills.
    pub constants: Vec<(usize, Constant)>,
    /// Live registers before each instruction, by offset.
    pub live: Vec<Vec<u64>>,
    lines: Vec<u32>,
    /// Inner handlers come first.
    handlers: Vec<Handler>,
}

impl Routine {
    /// Offsets of the instructions, with their opcodes.
    pub fn instructions(&self) -> impl Iterator<Item = (usize, Opcode)> {
        let mut offset = 0;
        std::iter::from_fn(move || {
            let at = offset;
            let opcode = opcode_of(*self.code.get(at)?);
            offset += 1 + opcode.words();
            Some((at, opcode))
        })
    }

    /// The opcode at an offset.
    pub fn opcode(&self, offset: usize) -> Opcode {
        opcode_of(self.code[offset])
    }

    /// Where the instruction at an offset may jump to.
    pub fn jump_target(&self, offset: usize) -> Option<usize> {
        let (opcode, instruction) = (self.opcode(offset), Instruction(self.code[offset]));
        let words = match opcode {
            _ if opcode.has_wide_offset() => instruction.bc(),
            _ if opcode.has_narrow_offset() => instruction.signed_c(),
            _ => return None,
        };
        Some((offset as i64 + 1 + words) as usize)
    }

    /// The innermost handler around an offset.
    pub fn handler(&self, offset: usize) -> Option<&Handler> {
        self.handlers.iter().find(|handler| (handler.start..handler.end).contains(&offset))
    }

    /// The line of an offset.
    pub fn line(&self, offset: usize) -> u32 {
        self.lines.get(offset).copied().unwrap_or(0)
    }
}

/// Most registers of a function.
const MAX_REGISTERS: usize = 2000;

/// Compiles a program.
pub fn compile(source: &str) -> Result<Vec<Routine>, SyntaxError> {
    let nodes = read(source)?;
    let mut names = Vec::new();
    for node in &nodes {
        match parts(node) {
            Some(("fn", [Node { form: Form::Name(name), .. }, Node { form: Form::List(_), .. }, ..])) => {
                if names.contains(name) {
                    return Err(SyntaxError::new(node.line, format!("a second function '{name}'")));
                }
                names.push(name.clone());
            }
            _ => return Err(SyntaxError::new(node.line, "expected (fn NAME (PARAMETERS) …)")),
        }
    }
    nodes.iter().map(|node| Compiler::function(&names, node)).collect()
}

/// The first name of a list and what follows.
fn parts(node: &Node) -> Option<(&str, &[Node])> {
    match &node.form {
        Form::List(nodes) => match nodes.split_first()? {
            (Node { form: Form::Name(head), .. }, rest) => Some((head, rest)),
            _ => None,
        },
        _ => None,
    }
}

struct Compiler<'a> {
    functions: &'a [String],
    routine: Routine,
    locals: Vec<(String, usize)>,
    /// First free register.
    next: usize,
    line: u32,
}

type Compiled<T = ()> = Result<T, SyntaxError>;

impl Compiler<'_> {
    fn function(functions: &[String], node: &Node) -> Compiled<Routine> {
        let Some(("fn", [Node { form: Form::Name(name), .. }, Node { form: Form::List(parameters), .. }, body @ ..])) =
            parts(node)
        else {
            return Err(SyntaxError::new(node.line, "expected (fn NAME (PARAMETERS) …)"));
        };
        let routine = Routine {
            name: name.clone(),
            arity: parameters.len(),
            frame_size: 0,
            code: Vec::new(),
            constants: Vec::new(),
            live: Vec::new(),
            lines: Vec::new(),
            handlers: Vec::new(),
        };
        let mut compiler = Compiler { functions, routine, locals: Vec::new(), next: 0, line: node.line };
        for parameter in parameters {
            let Form::Name(name) = &parameter.form else {
                return Err(SyntaxError::new(parameter.line, "a parameter must be a name"));
            };
            let register = compiler.register()?;
            compiler.locals.push((name.clone(), register));
        }
        let result = compiler.register()?;
        compiler.block(body, result)?;
        compiler.emit(Opcode::Return, result, 0, 0);
        let mut routine = compiler.routine;
        routine.live = liveness(&routine).iter().map(|live| words(live)).collect();
        Ok(routine)
    }

    fn error<T>(&self, message: impl Into<String>) -> Compiled<T> {
        Err(SyntaxError::new(self.line, message))
    }

    fn register(&mut self) -> Compiled<usize> {
        self.registers(1)
    }

    fn registers(&mut self, count: usize) -> Compiled<usize> {
        let first = self.next;
        self.next += count;
        if self.next > MAX_REGISTERS {
            return self.error("the function needs too many registers");
        }
        self.routine.frame_size = self.routine.frame_size.max(self.next as u32);
        Ok(first)
    }

    fn emit(&mut self, opcode: Opcode, a: usize, b: usize, c: usize) -> usize {
        let word = opcode as u64 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48;
        self.word(word);
        self.routine.code.len() - 1
    }

    fn word(&mut self, word: u64) {
        self.routine.code.push(word);
        self.routine.lines.push(self.line);
    }

    fn here(&self) -> usize {
        self.routine.code.len()
    }

    /// Makes the instruction at `from` jump to `to`.
    fn link(&mut self, from: usize, to: usize) -> Compiled {
        let words = to as i64 - from as i64 - 1;
        let narrow = self.routine.opcode(from).has_narrow_offset();
        let (shift, fits) =
            if narrow { (48, i16::try_from(words).is_ok()) } else { (32, i32::try_from(words).is_ok()) };
        if !fits {
            return self.error("the function is too long");
        }
        self.routine.code[from] |= (words as u64) << shift;
        Ok(())
    }

    fn load(&mut self, target: usize, value: Value) {
        self.emit(Opcode::LoadConst, target, 0, 0);
        self.word(value.bits());
    }

    fn load_later(&mut self, target: usize, constant: Constant) {
        self.load(target, NIL);
        self.routine.constants.push((self.here() - 1, constant));
    }

    fn local(&self, name: &str) -> Option<usize> {
        self.locals.iter().rev().find(|(known, _)| known == name).map(|(_, register)| *register)
    }

    /// Statements of which the last gives the value; variables declared here end here.
    fn block(&mut self, nodes: &[Node], target: usize) -> Compiled {
        let (locals, next) = (self.locals.len(), self.next);
        for (index, node) in nodes.iter().enumerate() {
            if let Some(("var", rest)) = parts(node) {
                let [Node { form: Form::Name(name), .. }, value] = rest else {
                    self.line = node.line;
                    return self.error("expected (var NAME VALUE)");
                };
                let register = self.register()?;
                self.expression(value, register)?;
                self.locals.push((name.clone(), register));
            } else if index + 1 == nodes.len() {
                self.expression(node, target)?;
            } else {
                let mark = self.next;
                let unused = self.register()?;
                self.expression(node, unused)?;
                self.next = mark;
            }
        }
        if nodes.last().is_none_or(|node| matches!(parts(node), Some(("var", _)))) {
            self.load(target, NIL);
        }
        self.locals.truncate(locals);
        self.next = next;
        Ok(())
    }

    /// The register that holds a node's value: that of a local, or a new temporary.
    fn operand(&mut self, node: &Node) -> Compiled<usize> {
        if let Form::Name(name) = &node.form
            && let Some(register) = self.local(name)
        {
            return Ok(register);
        }
        let register = self.register()?;
        self.expression(node, register)?;
        Ok(register)
    }

    fn expression(&mut self, node: &Node, target: usize) -> Compiled {
        let line = std::mem::replace(&mut self.line, node.line);
        let mark = self.next;
        match &node.form {
            Form::Int(number) => match i32::try_from(*number) {
                Ok(small) => {
                    self.word(Opcode::LoadInt as u64 | (target as u64) << 16 | (small as u32 as u64) << 32);
                }
                Err(_) => self.load(target, Value::int(*number)),
            },
            Form::Float(number) => match Value::small_float(*number) {
                Some(value) => self.load(target, value),
                None => self.load_later(target, Constant::Boxed(*number)),
            },
            Form::Name(name) => self.name(name, target)?,
            Form::List(nodes) => match parts(node) {
                Some((head, rest)) => self.form(head, rest, nodes, target)?,
                None => self.call(nodes, target)?,
            },
        }
        self.next = mark;
        self.line = line;
        Ok(())
    }

    fn name(&mut self, name: &str, target: usize) -> Compiled {
        if let Some(register) = self.local(name) {
            self.emit(Opcode::Move, target, register, 0);
        } else if let Some(number) = self.functions.iter().position(|known| known == name) {
            self.load_later(target, Constant::Function(number));
        } else {
            match name {
                "nil" => self.load(target, NIL),
                "true" => self.load(target, TRUE),
                "false" => self.load(target, FALSE),
                _ => return self.error(format!("nothing is called '{name}'")),
            }
        }
        Ok(())
    }

    fn form(&mut self, head: &str, rest: &[Node], nodes: &[Node], target: usize) -> Compiled {
        use Opcode::*;
        match (head, rest) {
            ("do", body) => self.block(body, target)?,
            ("set", [Node { form: Form::Name(name), .. }, value]) => {
                let Some(register) = self.local(name) else {
                    return self.error(format!("no variable is called '{name}'"));
                };
                self.expression(value, register)?;
                self.load(target, NIL);
            }
            ("if", [condition, then, otherwise @ ..]) if otherwise.len() <= 1 => {
                let skip = self.branch(condition)?;
                self.block(std::slice::from_ref(then), target)?;
                let end = self.emit(Jump, 0, 0, 0);
                self.link(skip, self.here())?;
                self.block(otherwise, target)?;
                self.link(end, self.here())?;
            }
            ("while", [condition, body @ ..]) => {
                let start = self.emit(LoopHeader, 0, 0, 0);
                self.word(0);
                let leave = self.branch(condition)?;
                let unused = self.register()?;
                self.block(body, unused)?;
                let back = self.emit(Jump, 0, 0, 0);
                self.link(back, start)?;
                self.link(leave, self.here())?;
                self.load(target, NIL);
            }
            ("try", [body, Node { form: Form::Name(name), .. }, handler]) => {
                let start = self.here();
                self.expression(body, target)?;
                let end = self.here();
                let done = self.emit(Jump, 0, 0, 0);
                let register = self.register()?;
                self.routine.handlers.push(Handler { start, end, target: self.here(), register });
                self.locals.push((name.clone(), register));
                self.expression(handler, target)?;
                self.locals.pop();
                self.link(done, self.here())?;
            }
            ("+", [lhs, rhs]) => self.binary(Add, lhs, rhs, target)?,
            ("-", [lhs, rhs]) => self.binary(Sub, lhs, rhs, target)?,
            ("*", [lhs, rhs]) => self.binary(Mul, lhs, rhs, target)?,
            ("/", [lhs, rhs]) => self.binary(Div, lhs, rhs, target)?,
            ("%", [lhs, rhs]) => self.binary(Mod, lhs, rhs, target)?,
            ("<", [lhs, rhs]) => self.binary(Less, lhs, rhs, target)?,
            ("<=", [lhs, rhs]) => self.binary(LessEqual, lhs, rhs, target)?,
            ("=", [lhs, rhs]) => self.binary(Equal, lhs, rhs, target)?,
            ("array", [length, fill]) => self.binary(NewArray, length, fill, target)?,
            ("at", [array, index]) => self.binary(LoadElement, array, index, target)?,
            ("pair", [first, second]) => self.binary(NewPair, first, second, target)?,
            ("not", [value]) => self.unary(Not, value, target)?,
            ("length", [array]) => self.unary(Length, array, target)?,
            ("first", [pair]) => self.unary(First, pair, target)?,
            ("second", [pair]) => self.unary(Second, pair, target)?,
            ("put", [array, index, value]) => {
                let (array, index, value) = (self.operand(array)?, self.operand(index)?, self.operand(value)?);
                self.emit(StoreElement, array, index, value);
                self.load(target, NIL);
            }
            ("set-first", [pair, value]) => self.statement(SetFirst, pair, Some(value), target)?,
            ("set-second", [pair, value]) => self.statement(SetSecond, pair, Some(value), target)?,
            ("return", [value]) => self.statement(Return, value, None, target)?,
            ("throw", [value]) => self.statement(Throw, value, None, target)?,
            ("print", [value]) => self.statement(Print, value, None, target)?,
            _ if self.local(head).is_some() || self.functions.iter().any(|name| name == head) => {
                self.call(nodes, target)?
            }
            _ => return self.error(format!("'{head}' is no function, or is not used like this")),
        }
        Ok(())
    }

    fn binary(&mut self, opcode: Opcode, lhs: &Node, rhs: &Node, target: usize) -> Compiled {
        let (lhs, rhs) = (self.operand(lhs)?, self.operand(rhs)?);
        self.emit(opcode, target, lhs, rhs);
        Ok(())
    }

    fn unary(&mut self, opcode: Opcode, value: &Node, target: usize) -> Compiled {
        let value = self.operand(value)?;
        self.emit(opcode, target, value, 0);
        Ok(())
    }

    fn statement(&mut self, opcode: Opcode, first: &Node, second: Option<&Node>, target: usize) -> Compiled {
        let first = self.operand(first)?;
        let second = second.map_or(Ok(0), |node| self.operand(node))?;
        self.emit(opcode, first, second, 0);
        self.load(target, NIL);
        Ok(())
    }

    /// Emits a jump to be linked, taken unless the condition holds.
    fn branch(&mut self, condition: &Node) -> Compiled<usize> {
        let line = std::mem::replace(&mut self.line, condition.line);
        let mark = self.next;
        let fused = match parts(condition) {
            Some(("<", [lhs, rhs])) => Some((Opcode::JumpUnlessLess, lhs, rhs)),
            Some(("<=", [lhs, rhs])) => Some((Opcode::JumpUnlessLessEqual, lhs, rhs)),
            Some(("=", [lhs, rhs])) => Some((Opcode::JumpUnlessEqual, lhs, rhs)),
            _ => None,
        };
        let jump = match fused {
            Some((opcode, lhs, rhs)) => {
                let (lhs, rhs) = (self.operand(lhs)?, self.operand(rhs)?);
                self.emit(opcode, lhs, rhs, 0)
            }
            None => {
                let value = self.operand(condition)?;
                self.emit(Opcode::JumpUnless, value, 0, 0)
            }
        };
        self.next = mark;
        self.line = line;
        Ok(jump)
    }

    fn call(&mut self, nodes: &[Node], target: usize) -> Compiled {
        let Some((callee, arguments)) = nodes.split_first() else { return self.error("an empty call") };
        let base = self.registers(FRAME_HEADER + arguments.len())?;
        self.expression(callee, base)?;
        for (index, argument) in arguments.iter().enumerate() {
            self.expression(argument, base + FRAME_HEADER + index)?;
        }
        self.emit(Opcode::Call, target, base, arguments.len());
        Ok(())
    }
}

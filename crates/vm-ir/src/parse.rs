//! Reads the text form of traces (described in `print.rs`).
//!
//! Lines are read in two passes, since snapshots, virtuals and phis name results that are defined further down: the
//! first pass gives every line's result its instruction number, the second one builds the trace. Nothing is checked
//! beyond the syntax; `verify` does that. Names of calls are leaked: they are `'static`, and this form is for tests.

use crate::{Call, Content, Effects, End, EntryId, Inst, Op, Ref, Snapshot, SnapshotId, Trace, Type, Virtual, word};
use std::collections::HashMap;

/// Why a text is no trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Line, from one.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

type Parsed<T> = Result<T, String>;

impl std::str::FromStr for Trace {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Trace, ParseError> {
        let lines = || {
            let stripped = text.lines().map(|line| line.split('#').next().unwrap_or("").trim());
            stripped.enumerate().filter(|(_, line)| !line.is_empty()).map(|(n, line)| (n + 1, line))
        };
        let mut parser = Parser { trace: Trace::new(), names: HashMap::new(), ended: false };
        let mut count = 0;
        for (number, line) in lines() {
            if !is_instruction(line) {
                continue;
            }
            if let Some((name, _)) = assignment(line)
                && parser.names.insert(name, count).is_some()
            {
                return Err(ParseError { line: number, message: format!("{name} is defined twice") });
            }
            count += 1;
        }
        for (number, line) in lines() {
            parser.line(line).map_err(|message| ParseError { line: number, message })?;
        }
        if !parser.ended {
            let message = "the trace has no end: expected loop, jump or exit".to_string();
            return Err(ParseError { line: text.lines().count(), message });
        }
        Ok(parser.trace)
    }
}

fn first_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or("")
}

fn is_instruction(line: &str) -> bool {
    !line.starts_with(['@', '%']) && !matches!(first_word(line), "loop" | "jump" | "exit" | "params")
}

/// Splits `name = rest`, unless the equals sign belongs to something else.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once('=')?;
    let name = name.trim();
    name.starts_with('v').then_some((name, rest.trim()))
}

/// A number in decimal or hexadecimal, whole range of 64 bits signed or unsigned.
fn number(text: &str) -> Parsed<i64> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|n| n as i64),
        None => text.parse::<i64>().ok().or_else(|| text.parse::<u64>().ok().map(|n| n as i64)),
    };
    parsed.ok_or_else(|| format!("expected a number, found `{text}`"))
}

fn narrow<T: TryFrom<i64>>(text: &str) -> Parsed<T> {
    T::try_from(number(text)?).map_err(|_| format!("number out of range: {text}"))
}

fn ty(text: &str) -> Parsed<Type> {
    let all = [Type::None, Type::Value, Type::Float, Type::Word];
    all.into_iter().find(|ty| ty.text() == text).ok_or_else(|| format!("unknown type `{text}`"))
}

fn effects(text: &str) -> Parsed<Effects> {
    text.split('+').try_fold(Effects::PURE, |all, name| {
        Ok(all.and(match name.trim() {
            "pure" => Effects::PURE,
            "reads" => Effects::READS,
            "writes" => Effects::WRITES,
            "collects" => Effects::COLLECTS,
            "any" => Effects::ANY,
            other => return Err(format!("unknown effect `{other}`")),
        }))
    })
}

struct Parser<'a> {
    trace: Trace,
    names: HashMap<&'a str, usize>,
    ended: bool,
}

impl<'a> Parser<'a> {
    fn line(&mut self, line: &'a str) -> Parsed<()> {
        if let Some(rest) = line.strip_prefix('@') {
            self.snapshot(rest)
        } else if let Some(rest) = line.strip_prefix('%') {
            self.virtual_object(rest)
        } else if is_instruction(line) {
            if self.ended {
                return Err("instruction after the end of the trace".to_string());
            }
            self.instruction(line)
        } else if let Some(types) = line.strip_prefix("params") {
            self.trace.params = types.split(',').map(|text| ty(text.trim())).collect::<Parsed<_>>()?;
            Ok(())
        } else {
            self.end(line)
        }
    }

    fn end(&mut self, line: &str) -> Parsed<()> {
        if std::mem::replace(&mut self.ended, true) {
            return Err("the trace ends twice".to_string());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        self.trace.end = match words.as_slice() {
            ["loop"] => End::Loop(SnapshotId::NONE),
            ["loop", at] => End::Loop(snapshot_id(at)?),
            ["exit"] => End::Exit(SnapshotId::NONE),
            ["exit", at] => End::Exit(snapshot_id(at)?),
            ["jump", at, "to", target] => End::Jump { snapshot: snapshot_id(at)?, target: number(target)? as u64 },
            _ => return Err(format!("expected `loop`, `jump @n to address` or `exit @n`, found `{line}`")),
        };
        Ok(())
    }

    fn instruction(&mut self, line: &'a str) -> Parsed<()> {
        let (named, rest) = match assignment(line) {
            Some((_, rest)) => (true, rest),
            None => (false, line),
        };
        let head_end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(head_end);
        let (head, imm) = match head.split_once('[') {
            Some((head, imm)) => {
                (head, Some(number(imm.strip_suffix(']').ok_or_else(|| format!("expected `]` after `{imm}`"))?)?))
            }
            None => (head, None),
        };
        let (name, carried) = match head.split_once('.') {
            Some((name, carried)) => (name, Some(ty(carried)?)),
            None => (head, None),
        };
        let op = Op::from_text(name).ok_or_else(|| format!("unknown operation `{name}`"))?;
        if op.carries_type() != carried.is_some() {
            return Err(format!("{name} {} type", if carried.is_some() { "takes no" } else { "needs a" }));
        }
        if (op.has_immediate() && op != Op::Call) != imm.is_some() {
            return Err(format!("{name} {} immediate", if imm.is_some() { "takes no" } else { "needs an" }));
        }
        let result = carried.unwrap_or(op.result());
        if named != (result != Type::None) {
            return Err(format!("{name} {} result", if named { "has no" } else { "has a" }));
        }
        if op == Op::Call {
            let call = self.call(tail.trim())?;
            self.trace.emit_call(call, result);
            return Ok(());
        }
        let (operands, snapshot) = match tail.split_once('@') {
            Some((operands, _)) => (operands, snapshot_id(&tail[operands.len()..])?),
            None => (tail, SnapshotId::NONE),
        };
        let operands = self.operands(operands)?;
        if operands.len() != op.operands() {
            return Err(format!("{name} takes {} operands, found {}", op.operands(), operands.len()));
        }
        let at = |n: usize| operands.get(n).copied().unwrap_or(Ref::NONE);
        self.trace.push(Inst { op, ty: result, a: at(0), b: at(1), c: at(2), snapshot, imm: imm.unwrap_or(0) });
        Ok(())
    }

    /// `name(arguments) at address effects names`
    fn call(&mut self, text: &'a str) -> Parsed<Call> {
        let form = "expected `name(arguments) at address effects names`";
        let (name, rest) = text.split_once('(').ok_or(form)?;
        let (arguments, rest) = rest.split_once(')').ok_or(form)?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        let ["at", address, "effects", names] = words.as_slice() else { return Err(form.to_string()) };
        Ok(Call {
            name: Box::leak(name.trim().to_string().into_boxed_str()),
            address: number(address)? as u64,
            arguments: self.operands(arguments)?,
            effects: effects(names)?,
        })
    }

    fn operands(&mut self, text: &str) -> Parsed<Vec<Ref>> {
        let parts = text.split(',').map(str::trim);
        parts.filter(|part| !part.is_empty()).map(|part| self.operand(part)).collect()
    }

    fn operand(&mut self, text: &str) -> Parsed<Ref> {
        if let Some((kind, bits)) = text.split_once(':') {
            return Ok(self.trace.constant(ty(kind)?, number(bits)? as u64));
        }
        if let Some(index) = self.names.get(text) {
            return Ok(Ref::instruction(*index));
        }
        if text.starts_with('v') {
            return Err(format!("{text} is not defined"));
        }
        if text.contains(['.', 'e']) {
            let float: f64 = text.parse().map_err(|_| format!("expected a float, found `{text}`"))?;
            return Ok(self.trace.constant(Type::Float, float.to_bits()));
        }
        let int = number(text)?;
        if word::as_int(word::int(int)) != int {
            return Err(format!("{text} is no small int"));
        }
        Ok(self.trace.constant(Type::Value, word::int(int)))
    }

    fn content(&mut self, text: &str) -> Parsed<Content> {
        if let Some(object) = text.strip_prefix('%') {
            Ok(Content::Virtual(narrow(object)?))
        } else if let Some(slot) = text.strip_prefix('&') {
            Ok(Content::FrameAddress(narrow(slot)?))
        } else {
            Ok(Content::Ref(self.operand(text)?))
        }
    }

    /// `number {key=value, …}`: the number must be the next one.
    fn numbered(text: &str, expected: usize) -> Parsed<Vec<(&str, &str)>> {
        let (index, body) = text.split_once('{').ok_or("expected `{`")?;
        let index: usize = narrow(index.trim())?;
        if index != expected {
            return Err(format!("expected number {expected}, found {index}"));
        }
        let body = body.trim().strip_suffix('}').ok_or("expected `}`")?;
        let parts = body.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect())
    }

    fn snapshot(&mut self, text: &str) -> Parsed<()> {
        let mut snapshot = Snapshot { pc: 0, frame: 0, top: EntryId::NONE, raise: false };
        let mut slots = Vec::new();
        for (key, value) in Self::numbered(text, self.trace.snapshots.len())? {
            match key {
                "pc" => snapshot.pc = number(value)? as u64,
                "frame" => snapshot.frame = narrow(value)?,
                "raise" => snapshot.raise = true,
                slot => {
                    let slot = narrow(slot)?;
                    slots.push((slot, self.content(value)?));
                }
            }
        }
        snapshot.top = self.trace.add_state(&slots);
        self.trace.add_snapshot(snapshot);
        Ok(())
    }

    fn virtual_object(&mut self, text: &str) -> Parsed<()> {
        let mut object = Virtual { size: 0, header: 0, fields: Vec::new() };
        for (key, value) in Self::numbered(text, self.trace.virtuals.len())? {
            match key {
                "size" => object.size = narrow(value)?,
                "header" => object.header = number(value)? as u64,
                offset => {
                    let offset = narrow(offset)?;
                    object.fields.push((offset, self.content(value)?));
                }
            }
        }
        self.trace.virtuals.push(object);
        Ok(())
    }
}

fn snapshot_id(text: &str) -> Parsed<SnapshotId> {
    let digits = text.trim().strip_prefix('@').ok_or_else(|| format!("expected a snapshot, found `{text}`"))?;
    Ok(SnapshotId(narrow(digits)?))
}

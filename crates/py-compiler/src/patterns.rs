//! `match`: structural pattern matching.
//!
//! A pattern jumps to a label when it fails. Names are bound only when the whole pattern has matched: captures wait in temporaries until then.

use py_code::{Const, Opcode, Text};
use py_syntax::ast::{self, Identifier, Pattern, Ranged, Singleton, TextRange};

use crate::{
    emit::Label,
    error::{Outcome, fail},
    pattern_literals,
    unit::Compiler,
};

/// Captured values: (name, temporary that holds the value).
type Captures<'a> = Vec<(&'a Identifier, u16)>;

/// Whether a pattern is `_`.
fn is_wildcard(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::MatchAs(ast::PatternMatchAs { pattern: None, name: None, .. }))
}

impl<'a> Compiler<'a> {
    /// `match subject: case …`.
    pub fn match_statement(&mut self, node: &'a ast::StmtMatch) -> Outcome<()> {
        let subject = self.push(&node.subject)?;
        let end = self.unit.emit.label();
        for (index, case) in node.cases.iter().enumerate() {
            let last = index + 1 == node.cases.len();
            if case.guard.is_none() && !last && irrefutable(&case.pattern) {
                let what = match &case.pattern {
                    Pattern::MatchAs(ast::PatternMatchAs { name: Some(name), .. }) => {
                        format!("name capture '{}'", name.id)
                    }
                    _ => "wildcard".to_string(),
                };
                return fail(format!("{what} makes remaining patterns unreachable"), case.pattern.range());
            }
            let next = self.unit.emit.label();
            let mark = self.unit.emit.top()?;
            let mut captures = Vec::new();
            self.pattern(&case.pattern, subject, next, &mut captures)?;
            self.at(case.pattern.range());
            for (name, register) in captures {
                self.store_name(&name.id, register)?;
            }
            if last && index > 0 && is_wildcard(&case.pattern) {
                self.unit.emit.visible_nothing();
            }
            if let Some(guard) = &case.guard {
                self.jump_if(guard, false, next)?;
            }
            self.unit.emit.release(mark);
            self.body(&case.body)?;
            self.at(crate::unit::nowhere());
            self.unit.emit.jump(Opcode::Jump, 0, 0, 0, end);
            self.unit.emit.place(next);
        }
        self.unit.emit.place(end);
        Ok(())
    }

    /// Tests a pattern on a register. Temporaries it takes stay taken: captures may be among them.
    fn pattern(&mut self, pattern: &'a Pattern, subject: u16, no: Label, captures: &mut Captures<'a>) -> Outcome<()> {
        let outer = self.at(pattern.range());
        match pattern {
            Pattern::MatchValue(node) => {
                let constant = pattern_literals::check_value(&node.value, self.facts())?;
                if let Some(Const::Int(value)) = constant
                    && let Ok(value) = i16::try_from(value)
                {
                    self.unit.emit.jump(Opcode::JumpIfNotEqInt, subject, value as u16, 0, no);
                } else {
                    let mark = self.unit.emit.top()?;
                    let value = self.expr(&node.value)?;
                    self.unit.emit.jump(Opcode::JumpIfNotEq, subject, value, 0, no);
                    self.unit.emit.release(mark);
                }
            }
            Pattern::MatchSingleton(node) => {
                let mark = self.unit.emit.top()?;
                let value = self.unit.emit.temporary()?;
                match node.value {
                    Singleton::None => self.unit.emit.jump(Opcode::JumpIfNotNone, subject, 0, 0, no),
                    Singleton::True | Singleton::False => {
                        self.load_const(value, Const::Bool(node.value == Singleton::True));
                        self.unit.emit.jump(Opcode::JumpIfIsNot, subject, value, 0, no);
                    }
                }
                self.unit.emit.release(mark);
            }
            Pattern::MatchSequence(node) => self.sequence_pattern(node, subject, no, captures)?,
            Pattern::MatchMapping(node) => self.mapping_pattern(node, subject, no, captures)?,
            Pattern::MatchClass(node) => self.class_pattern(node, subject, no, captures)?,
            Pattern::MatchStar(node) => return fail("can't use starred pattern here", node.range),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, subject, no, captures)?;
                }
                if let Some(name) = &node.name {
                    self.capture(name, node.range, subject, captures)?;
                }
            }
            Pattern::MatchOr(node) => self.or_pattern(node, subject, no, captures)?,
        }
        self.at(outer);
        Ok(())
    }

    /// Notes that a pattern binds a name.
    fn capture(
        &mut self,
        name: &'a Identifier,
        pattern: TextRange,
        subject: u16,
        captures: &mut Captures<'a>,
    ) -> Outcome<()> {
        if captures.iter().any(|(other, _)| other.id == name.id) {
            return fail(format!("multiple assignments to name '{}' in pattern", name.id), pattern);
        }
        captures.push((name, subject));
        Ok(())
    }

    fn sequence_pattern(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        subject: u16,
        no: Label,
        captures: &mut Captures<'a>,
    ) -> Outcome<()> {
        let patterns = &node.patterns;
        let mut starred = patterns.iter().enumerate().filter(|(_, each)| matches!(each, Pattern::MatchStar(_)));
        let star = starred.next().map(|(index, _)| index);
        if starred.next().is_some() {
            return fail("multiple starred names in sequence pattern", node.range);
        }
        let test = self.unit.emit.temporary()?;
        self.unit.emit.op(Opcode::MatchSequence, test, subject, 0);
        self.unit.emit.jump(Opcode::JumpIfFalse, test, 0, 0, no);
        let fixed = patterns.len() - usize::from(star.is_some());
        let Ok(fixed_immediate) = i16::try_from(fixed) else {
            return fail("too many sub-patterns in sequence pattern", node.range);
        };
        if fixed > 0 || star.is_none() {
            self.unit.emit.op(Opcode::GetLength, test, subject, 0);
            let opcode = if star.is_some() { Opcode::JumpIfLtInt } else { Opcode::JumpIfNotEqInt };
            self.unit.emit.jump(opcode, test, fixed_immediate as u16, 0, no);
        }
        self.unit.emit.release(test);
        let ignored = |pattern: &Pattern| match pattern {
            Pattern::MatchStar(star) => star.name.is_none(),
            Pattern::MatchAs(node) => node.pattern.is_none() && node.name.is_none(),
            _ => false,
        };
        if patterns.iter().all(ignored) {
            return Ok(());
        }
        if let Some(star) = star
            && ignored(&patterns[star])
        {
            return self.items_around_star(patterns, star, subject, no, captures);
        }
        let first = self.unit.emit.temporaries(patterns.len())?;
        match star {
            None => self.unit.emit.op(Opcode::UnpackSequence, first, subject, patterns.len() as u16),
            Some(before) => {
                let after = fixed - before;
                if before > 255 || after > 255 {
                    return fail("too many sub-patterns around a starred one", node.range);
                }
                self.unit.emit.op(Opcode::UnpackEx, first, subject, before as u16 | (after as u16) << 8);
            }
        }
        for (index, pattern) in patterns.iter().enumerate() {
            let item = first + index as u16;
            match pattern {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        self.capture(name, name.range, item, captures)?;
                    }
                }
                other => self.pattern(other, item, no, captures)?,
            }
        }
        Ok(())
    }

    /// Matches the items around a star that binds nothing. They are taken by index: what it skips is never looked at.
    fn items_around_star(
        &mut self,
        patterns: &'a [Pattern],
        star: usize,
        subject: u16,
        no: Label,
        captures: &mut Captures<'a>,
    ) -> Outcome<()> {
        for (index, pattern) in patterns.iter().enumerate() {
            let wildcard = matches!(pattern, Pattern::MatchAs(node) if node.pattern.is_none() && node.name.is_none());
            if index == star || wildcard {
                continue;
            }
            let item = self.unit.emit.temporary()?;
            if index < star {
                self.load_const(item, Const::Int(index as i64));
            } else {
                // Few enough: the fixed patterns have been counted in 16 bits.
                let from_end = (patterns.len() - index) as u16;
                self.unit.emit.op(Opcode::GetLength, item, subject, 0);
                self.unit.emit.op(Opcode::SubInt, item, item, from_end);
            }
            self.unit.emit.op(Opcode::LoadItem, item, subject, item);
            self.pattern(pattern, item, no, captures)?;
        }
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        node: &'a ast::PatternMatchMapping,
        subject: u16,
        no: Label,
        captures: &mut Captures<'a>,
    ) -> Outcome<()> {
        pattern_literals::check_keys(&node.keys, node.range, self.facts())?;
        let test = self.unit.emit.temporary()?;
        self.unit.emit.op(Opcode::MatchMapping, test, subject, 0);
        self.unit.emit.jump(Opcode::JumpIfFalse, test, 0, 0, no);
        let Ok(count) = i16::try_from(node.keys.len()) else {
            return fail("too many sub-patterns in mapping pattern", node.range);
        };
        if count > 0 {
            self.unit.emit.op(Opcode::GetLength, test, subject, 0);
            self.unit.emit.jump(Opcode::JumpIfLtInt, test, count as u16, 0, no);
        }
        self.unit.emit.release(test);
        let keys = self.unit.emit.temporary()?;
        let first = self.push_all(&node.keys)?;
        self.unit.emit.op(Opcode::BuildTuple, keys, first, node.keys.len() as u16);
        self.unit.emit.release(first);
        let values = self.unit.emit.temporary()?;
        if count > 0 {
            self.unit.emit.op(Opcode::MatchKeys, values, subject, keys);
            self.unit.emit.jump(Opcode::JumpIfNone, values, 0, 0, no);
            let first = self.unit.emit.temporaries(node.keys.len())?;
            self.unit.emit.op(Opcode::UnpackSequence, first, values, node.keys.len() as u16);
            for (index, pattern) in node.patterns.iter().enumerate() {
                self.pattern(pattern, first + index as u16, no, captures)?;
            }
        }
        if let Some(rest) = &node.rest {
            let copy = self.unit.emit.temporary()?;
            self.unit.emit.op(Opcode::BuildDict, copy, 0, 0);
            self.unit.emit.op(Opcode::DictUpdate, copy, subject, 0);
            let mark = self.unit.emit.top()?;
            let key_registers = self.unit.emit.temporaries(node.keys.len())?;
            if count > 0 {
                self.unit.emit.op(Opcode::UnpackSequence, key_registers, keys, node.keys.len() as u16);
            }
            for index in 0..node.keys.len() as u16 {
                self.unit.emit.op(Opcode::DeleteItem, copy, key_registers + index, 0);
            }
            self.unit.emit.release(mark);
            self.capture(rest, rest.range, copy, captures)?;
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        node: &'a ast::PatternMatchClass,
        subject: u16,
        no: Label,
        captures: &mut Captures<'a>,
    ) -> Outcome<()> {
        let (positional, keywords) = (&node.arguments.patterns, &node.arguments.keywords);
        let total = positional.len() + keywords.len();
        let Ok(total) = u16::try_from(total) else {
            return fail("too many sub-patterns in class pattern", node.range);
        };
        let mut names: Vec<Const> = Vec::new();
        for keyword in keywords {
            // CPython does not mangle private names here.
            let name = Const::Str(Text::from(keyword.attr.id.as_str()));
            if names.contains(&name) {
                let message = format!("attribute name repeated in class pattern: {}", keyword.attr.id);
                return fail(message, keyword.pattern.range());
            }
            names.push(name);
        }
        let values = self.unit.emit.temporary()?;
        let class = self.push(&node.cls)?;
        let names_register = self.unit.emit.temporary()?;
        self.load_const(names_register, Const::Tuple(names));
        self.unit.emit.extended(Opcode::MatchClass, [values, subject, class], 0, positional.len() as u64);
        self.unit.emit.jump(Opcode::JumpIfNone, values, 0, 0, no);
        self.unit.emit.release(class);
        if total == 0 {
            return Ok(());
        }
        let first = self.unit.emit.temporaries(total.into())?;
        self.unit.emit.op(Opcode::UnpackSequence, first, values, total);
        let patterns = positional.iter().chain(keywords.iter().map(|keyword| &keyword.pattern));
        for (index, pattern) in patterns.enumerate() {
            self.pattern(pattern, first + index as u16, no, captures)?;
        }
        Ok(())
    }

    /// Alternatives bind the same names, which are brought to the same temporaries whichever matches.
    fn or_pattern(
        &mut self,
        node: &'a ast::PatternMatchOr,
        subject: u16,
        no: Label,
        captures: &mut Captures<'a>,
    ) -> Outcome<()> {
        let end = self.unit.emit.label();
        let mut common: Option<Captures<'a>> = None;
        let names = count_captures(&node.patterns[0]);
        let places = self.unit.emit.temporaries(names)?;
        for (index, alternative) in node.patterns.iter().enumerate() {
            let last = index + 1 == node.patterns.len();
            if !last && irrefutable(alternative) {
                let message = match alternative {
                    Pattern::MatchAs(ast::PatternMatchAs { name: Some(name), .. }) => {
                        format!("name capture '{}' makes remaining patterns unreachable", name.id)
                    }
                    _ => "wildcard makes remaining patterns unreachable".to_string(),
                };
                return fail(message, alternative.range());
            }
            let next = if last { no } else { self.unit.emit.label() };
            let mark = self.unit.emit.top()?;
            let mut own = Vec::new();
            self.pattern(alternative, subject, next, &mut own)?;
            let placed = common.get_or_insert_with(|| {
                own.iter().enumerate().map(|(index, &(name, _))| (name, places + index as u16)).collect()
            });
            if own.len() != placed.len() {
                return fail("alternative patterns bind different names", node.range);
            }
            for &(name, place) in placed.iter() {
                let Some(&(_, register)) = own.iter().find(|(other, _)| other.id == name.id) else {
                    return fail("alternative patterns bind different names", node.range);
                };
                self.unit.emit.copy(place, register);
            }
            self.unit.emit.release(mark);
            if !last {
                self.unit.emit.jump(Opcode::Jump, 0, 0, 0, end);
                self.unit.emit.place(next);
            }
        }
        self.unit.emit.place(end);
        for (name, register) in common.unwrap_or_default() {
            self.capture(name, name.range, register, captures)?;
        }
        Ok(())
    }
}

/// Whether a pattern always matches.
fn irrefutable(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(node) => node.pattern.as_deref().is_none_or(irrefutable),
        Pattern::MatchOr(node) => node.patterns.iter().any(irrefutable),
        _ => false,
    }
}

/// How many names a pattern binds.
fn count_captures(pattern: &Pattern) -> usize {
    let all = |patterns: &[Pattern]| patterns.iter().map(count_captures).sum::<usize>();
    match pattern {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => 0,
        Pattern::MatchSequence(node) => all(&node.patterns),
        Pattern::MatchMapping(node) => all(&node.patterns) + usize::from(node.rest.is_some()),
        Pattern::MatchClass(node) => {
            all(&node.arguments.patterns)
                + node.arguments.keywords.iter().map(|keyword| count_captures(&keyword.pattern)).sum::<usize>()
        }
        Pattern::MatchStar(node) => usize::from(node.name.is_some()),
        Pattern::MatchAs(node) => node.pattern.as_deref().map_or(0, count_captures) + usize::from(node.name.is_some()),
        Pattern::MatchOr(node) => node.patterns.first().map_or(0, count_captures),
    }
}

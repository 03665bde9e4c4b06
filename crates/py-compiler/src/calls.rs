//! Calls: a base register for the callable, the reserved frame header above it, then the arguments.

use py_code::{Const, FRAME_HEADER, Opcode, Text};
use py_syntax::ast::{self, Expr, Ranged};

use crate::{
    displays::is_plain,
    error::{Outcome, fail},
    scope::Resolution,
    unit::{Compiler, Place},
};

/// More positional arguments than this are passed in a list, to keep frames small.
const MAXIMUM_ARGUMENTS: usize = 2000;

impl<'a> Compiler<'a> {
    /// `func(arguments)`.
    pub fn call(&mut self, node: &'a ast::ExprCall, target: u16) -> Outcome<()> {
        let base = self.unit.emit.top()?;
        if must_unpack(&node.arguments) {
            let callee = self.push(&node.func)?;
            debug_assert_eq!(callee, base);
            return self.call_unpacked(&node.arguments, base, &[], target);
        }
        let method = match &*node.func {
            Expr::Attribute(attribute) => {
                self.method(attribute, base)?;
                true
            }
            func => {
                self.push(func)?;
                false
            }
        };
        let header = FRAME_HEADER as usize + usize::from(method);
        self.unit.emit.release(base);
        self.unit.emit.temporaries(header)?;
        for argument in &node.arguments.args {
            if let Expr::Generator(ast::ExprGenerator { parenthesized: false, .. }) = argument {
                self.generator_range = Some(node.arguments.range);
            }
            self.push(argument)?;
        }
        let outer = self.unit.emit.range;
        if let Expr::Attribute(attribute) = &*node.func {
            self.at(self.attribute_range(node.range(), &attribute.attr));
        }
        self.finish_call(&node.arguments, base, method, 0, target)?;
        self.at(outer);
        Ok(())
    }

    /// Evaluates the keyword arguments and emits the call. `extra` arguments stand before those written out.
    fn finish_call(
        &mut self,
        arguments: &'a ast::Arguments,
        base: u16,
        method: bool,
        extra: usize,
        target: u16,
    ) -> Outcome<()> {
        let mut names = Vec::new();
        for keyword in &arguments.keywords {
            let Some(name) = &keyword.arg else { continue };
            if names.contains(&name.id.as_str()) {
                return fail(format!("keyword argument repeated: {}", name.id), keyword.range);
            }
            names.push(name.id.as_str());
            self.push(&keyword.value)?;
        }
        let count = arguments.args.len() + names.len() + extra;
        let Ok(count) = u16::try_from(count) else {
            return fail("too many arguments", arguments.range);
        };
        if names.is_empty() {
            let opcode = if method { Opcode::CallMethod } else { Opcode::Call };
            self.unit.emit.op(opcode, target, base, count);
        } else {
            let opcode = if method { Opcode::CallMethodKw } else { Opcode::CallKw };
            let names = names.iter().map(|name| Const::Str(Text::from(*name))).collect();
            self.unit.emit.with_constant(opcode, 0, [target, base, count], 2, Const::Tuple(names));
        }
        Ok(())
    }

    /// Loads what a method call needs to `base`.
    fn method(&mut self, attribute: &'a ast::ExprAttribute, base: u16) -> Outcome<()> {
        let range = self.at(attribute.range);
        if let Some(call) = self.zero_argument_super(&attribute.value) {
            let operands = self.super_operands(call)?;
            let name = self.attribute_name(&attribute.attr)?;
            let explicit = u8::from(!call.arguments.args.is_empty());
            self.unit.emit.op_x(Opcode::LoadSuperMethod, explicit, base, operands, name);
        } else {
            let object = self.expr(&attribute.value)?;
            let name = self.attribute_name(&attribute.attr)?;
            self.at(self.attribute_range(attribute.range, &attribute.attr));
            self.unit.emit.op(Opcode::LoadMethod, base, object, name);
        }
        // The register of self counts from the instruction on.
        self.unit.emit.reserve(base + FRAME_HEADER);
        self.at(range);
        Ok(())
    }

    /// The call `super()` or `super(class, self)` whose attribute can be loaded without making the object.
    pub fn zero_argument_super<'e>(&self, value: &'e Expr) -> Option<&'e ast::ExprCall> {
        let Expr::Call(call) = value else { return None };
        let Expr::Name(name) = &*call.func else { return None };
        if name.id.as_str() != "super" || !call.arguments.keywords.is_empty() || !self.scope().is_function() {
            return None;
        }
        if self.place_of("super") != Place::Global {
            return None;
        }
        match &*call.arguments.args {
            [class, this] if !class.is_starred_expr() && !this.is_starred_expr() => Some(call),
            [] if self.unit.inlined.is_empty() && self.first_argument().is_some() && self.has_class_cell() => {
                Some(call)
            }
            _ => None,
        }
    }

    fn has_class_cell(&self) -> bool {
        let symbol = self.scope().symbol("__class__");
        symbol.is_some_and(|symbol| symbol.resolution == Resolution::Free)
            && matches!(self.unit.places.get("__class__"), Some(Place::Cell { .. }))
    }

    /// The name of the function's first positional parameter.
    fn first_argument(&self) -> Option<String> {
        let code = &self.unit.code;
        (code.argcount > 0).then(|| code.varnames.first().map(|name| name.to_string())).flatten()
    }

    /// Loads the global `super`, the class and self into three temporaries.
    pub fn super_operands(&mut self, call: &'a ast::ExprCall) -> Outcome<u16> {
        let base = self.push(&call.func)?;
        if let [class, this] = &*call.arguments.args {
            self.push(class)?;
            self.push(this)?;
            return Ok(base);
        }
        let class = self.unit.emit.temporary()?;
        if let Some(&Place::Cell { register, index }) = self.unit.places.get("__class__") {
            self.unit.emit.op(Opcode::LoadCell, class, register, index);
        }
        let this = self.unit.emit.temporary()?;
        match self.first_argument() {
            Some(name) => self.load_plain(&name, this)?,
            None => return fail("super(): no arguments", call.range()),
        }
        Ok(base)
    }

    /// Loads a variable of this unit whose name needs no mangling.
    fn load_plain(&mut self, name: &str, target: u16) -> Outcome<()> {
        match self.place_of(name) {
            Place::Register { register, index } => {
                self.unit.emit.wide(Opcode::CheckBound, register, index.into());
                self.unit.emit.copy(target, register);
            }
            Place::Cell { register, index } => self.unit.emit.op(Opcode::LoadCell, target, register, index),
            _ => return fail("internal: a parameter is no local", self.unit.emit.range),
        }
        Ok(())
    }

    /// Calls the callable at `base`, arguments to be unpacked. Registers in `extra` come first.
    pub fn call_unpacked(
        &mut self,
        arguments: &'a ast::Arguments,
        base: u16,
        extra: &[u16],
        target: u16,
    ) -> Outcome<()> {
        self.unit.emit.release(base);
        self.unit.emit.temporaries(FRAME_HEADER.into())?;
        let positional = self.unit.emit.temporary()?;
        match &*arguments.args {
            [Expr::Starred(only)] if extra.is_empty() => self.expr_to(&only.value, positional)?,
            [] if extra.is_empty() => self.load_const(positional, Const::Tuple(Vec::new())),
            plain if is_plain(plain) => {
                let first = self.unit.emit.top()?;
                for &register in extra {
                    let copy = self.unit.emit.temporary()?;
                    self.unit.emit.copy(copy, register);
                }
                self.push_all(plain)?;
                self.unit.emit.op(Opcode::BuildTuple, positional, first, (extra.len() + plain.len()) as u16);
                self.unit.emit.release(first);
            }
            arguments => {
                self.list_of(arguments, extra, positional)?;
                self.unit.emit.op(Opcode::ListToTuple, positional, positional, 0);
            }
        }
        let keywords = self.unit.emit.temporary()?;
        match &*arguments.keywords {
            [ast::Keyword { arg: None, value, .. }] => {
                // The call reads the mapping itself, if it is a dict.
                self.load_const(keywords, Const::None);
                let mapping = self.expr(value)?;
                self.unit.emit.op(Opcode::DictMerge, keywords, mapping, base);
            }
            several => self.keyword_dict(several, keywords, base)?,
        }
        self.unit.emit.op(Opcode::CallEx, target, base, 0);
        Ok(())
    }

    /// Builds the dict of keyword arguments, or None, in a temporary taken before.
    pub fn keyword_dict(&mut self, keywords: &'a [ast::Keyword], target: u16, callable: u16) -> Outcome<()> {
        if keywords.is_empty() {
            self.load_const(target, Const::None);
            return Ok(());
        }
        let mut index = 0;
        let mut built = false;
        while index < keywords.len() {
            let mark = self.unit.emit.top()?;
            let part = if built { self.unit.emit.temporary()? } else { target };
            match &keywords[index].arg {
                None => {
                    if !built {
                        self.unit.emit.op(Opcode::BuildDict, target, 0, 0);
                    }
                    let mapping = self.expr(&keywords[index].value)?;
                    self.unit.emit.op(Opcode::DictMerge, target, mapping, callable);
                    index += 1;
                }
                Some(_) => {
                    let first = self.unit.emit.top()?;
                    let mut pairs = 0;
                    while let Some(name) = keywords.get(index).and_then(|keyword| keyword.arg.as_ref()) {
                        if keywords[..index]
                            .iter()
                            .any(|other| other.arg.as_ref().is_some_and(|other| other.id == name.id))
                        {
                            return fail(format!("keyword argument repeated: {}", name.id), keywords[index].range);
                        }
                        let key = self.unit.emit.temporary()?;
                        self.load_text(key, &name.id);
                        self.push(&keywords[index].value)?;
                        pairs += 1;
                        index += 1;
                    }
                    self.unit.emit.op(Opcode::BuildDict, part, first, pairs);
                    if built {
                        self.unit.emit.op(Opcode::DictMerge, target, part, callable);
                    }
                }
            }
            built = true;
            self.unit.emit.release(mark);
        }
        Ok(())
    }

    /// Calls the callable at `base` with registers placed at `base + 4` on, then arguments written out; `extra` says how many stand
    /// there already. The next free temporary is the one after them.
    pub fn call_with_extra(
        &mut self,
        arguments: Option<&'a ast::Arguments>,
        base: u16,
        extra: usize,
        target: u16,
    ) -> Outcome<()> {
        match arguments {
            None => {
                self.unit.emit.op(Opcode::Call, target, base, extra as u16);
                Ok(())
            }
            Some(arguments) if must_unpack(arguments) => {
                // The arguments so far move out of the way of the unpacking call's own base.
                let new = self.unit.emit.temporary()?;
                self.unit.emit.copy(new, base);
                let placed: Vec<u16> = (0..extra as u16).map(|index| base + FRAME_HEADER + index).collect();
                self.call_unpacked(arguments, new, &placed, target)
            }
            Some(arguments) => {
                for argument in &arguments.args {
                    self.push(argument)?;
                }
                self.finish_call(arguments, base, false, extra, target)
            }
        }
    }
}

/// Whether a call needs a tuple and a dict of its arguments.
fn must_unpack(arguments: &ast::Arguments) -> bool {
    arguments.args.len() > MAXIMUM_ARGUMENTS
        || arguments.args.iter().any(Expr::is_starred_expr)
        || arguments.keywords.len() > MAXIMUM_ARGUMENTS
        || arguments.keywords.iter().any(|keyword| keyword.arg.is_none())
}

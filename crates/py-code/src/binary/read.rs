//! Reading code units.

use std::sync::Arc;

use super::{MAGIC, MAX_DEPTH, fingerprint, tag};
use crate::{CodeUnit, Const, HandlerRange, Head, LazyUnit, Name, Position, PositionEntry, Positions, Text};

/// Why bytes are no code unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// Not a blob, or one written for another opcode table.
    Magic,
    /// The bytes end too early.
    Short,
    /// A number, tag or index that has no meaning.
    Invalid,
    /// Constants are nested too deeply.
    Depth,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DecodeError::Magic => "bad magic number",
            DecodeError::Short => "data too short",
            DecodeError::Invalid => "invalid content",
            DecodeError::Depth => "nested too deeply",
        })
    }
}

impl std::error::Error for DecodeError {}

type Result<T> = std::result::Result<T, DecodeError>;

/// The unit that bytes hold. `filename`, where given, replaces the one that it was compiled with.
pub fn decode(bytes: &[u8], filename: Option<&str>) -> Result<CodeUnit> {
    let (units, strings, seldom) = open(bytes)?;
    let mut reader = Reader { bytes: units, strings, seldom, filename, depth: 0, blob: None };
    let unit = reader.unit()?;
    if reader.bytes.is_empty() { Ok(unit) } else { Err(DecodeError::Invalid) }
}

/// The same for the two parts of what this build has written itself: nested units, names, positions are read from them when they are
/// needed.
pub fn decode_packed(bytes: &'static [u8], seldom: &'static [u8], filename: &str) -> Result<CodeUnit> {
    let (units, strings, _) = open(bytes)?;
    let blob: &'static Blob = Box::leak(Box::new(Blob { units, strings, seldom, filename: filename.to_string() }));
    Reader::at(blob, 0).unit()
}

/// Splits bytes into the units, the strings that they refer to, and the rest.
fn open(bytes: &[u8]) -> Result<(&[u8], Strings<'_>, &[u8])> {
    let mut reader = Reader { bytes, strings: Strings::default(), seldom: &[], filename: None, depth: 0, blob: None };
    if reader.take(4)? != MAGIC || reader.take(4)? != fingerprint().to_le_bytes() {
        return Err(DecodeError::Magic);
    }
    let (count, text, units) = (reader.size()?, reader.size()?, reader.size()?);
    let ends = reader.take(count.checked_mul(4).ok_or(DecodeError::Short)?)?;
    let text = reader.take(text)?;
    let strings = Strings { ends, text, clean: std::str::from_utf8(text).ok() };
    Ok((reader.take(units)?, strings, reader.bytes))
}

/// A table of strings.
#[derive(Clone, Copy, Debug, Default)]
struct Strings<'a> {
    /// Where each ends in `text`, four bytes each.
    ends: &'a [u8],
    text: &'a [u8],
    /// The same where none of the strings has surrogates: checking all at once takes less time than each by itself.
    clean: Option<&'a str>,
}

impl<'a> Strings<'a> {
    fn place(self, index: u64) -> Option<std::ops::Range<usize>> {
        let at = usize::try_from(index).ok()?.checked_mul(4)?;
        let end = |at: usize| Some(u32::from_le_bytes(*self.ends.get(at..)?.first_chunk()?) as usize);
        Some(if at == 0 { 0 } else { end(at - 4)? }..end(at)?)
    }

    fn get(self, index: u64) -> Option<&'a [u8]> {
        self.text.get(self.place(index)?)
    }

    fn str(self, index: u64) -> Option<&'a str> {
        match self.clean {
            Some(text) => text.get(self.place(index)?),
            None => std::str::from_utf8(self.get(index)?).ok(),
        }
    }
}

/// Bytes from which units are still to be read.
#[derive(Debug)]
pub struct Blob {
    units: &'static [u8],
    strings: Strings<'static>,
    seldom: &'static [u8],
    filename: String,
}

/// The entries of packed positions, up to the first that is malformed.
pub(crate) fn unpack_positions(bytes: &[u8]) -> impl Iterator<Item = PositionEntry> + '_ {
    let mut reader = Reader { bytes, strings: Strings::default(), seldom: &[], filename: None, depth: 0, blob: None };
    let count = reader.length().unwrap_or(0);
    let mut last = PositionEntry { offset: 0, position: Position::default() };
    (0..count).map_while(move |_| {
        last = reader.position(last).ok()?;
        Some(last)
    })
}

/// Reads the head of a unit that begins at an offset.
pub(crate) fn read_head(blob: &'static Blob, at: usize) -> Head<'static> {
    Reader::at(blob, at).head().unwrap_or_else(|error| broken(error))
}

/// Reads a unit that begins at an offset.
pub(crate) fn read_unit(blob: &'static Blob, at: usize) -> CodeUnit {
    Reader::at(blob, at).unit().unwrap_or_else(|error| broken(error))
}

fn broken(error: DecodeError) -> ! {
    panic!("code that the build has packed cannot be read: {error}")
}

struct Reader<'a> {
    bytes: &'a [u8],
    strings: Strings<'a>,
    /// Positions and docstrings.
    seldom: &'a [u8],
    filename: Option<&'a str>,
    depth: usize,
    /// Where nested units may be left.
    blob: Option<&'static Blob>,
}

impl Reader<'static> {
    fn at(blob: &'static Blob, at: usize) -> Reader<'static> {
        Reader {
            bytes: blob.units.get(at..).unwrap_or(&[]),
            strings: blob.strings,
            seldom: blob.seldom,
            filename: Some(&blob.filename),
            depth: 0,
            blob: Some(blob),
        }
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(DecodeError::Short)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.bytes.split_first().ok_or(DecodeError::Short)?;
        self.bytes = rest;
        Ok(*first)
    }

    #[inline]
    fn long(&mut self) -> Result<u64> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        let mut value = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError::Invalid)
    }

    fn signed(&mut self) -> Result<i64> {
        let value = self.long()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn number(&mut self) -> Result<u32> {
        self.long()?.try_into().map_err(|_| DecodeError::Invalid)
    }

    fn register(&mut self) -> Result<u16> {
        self.long()?.try_into().map_err(|_| DecodeError::Invalid)
    }

    /// A number of things that take at least a byte each.
    fn length(&mut self) -> Result<usize> {
        let value = self.long()?;
        if value > self.bytes.len() as u64 { Err(DecodeError::Short) } else { Ok(value as usize) }
    }

    /// A number of four bytes.
    fn size(&mut self) -> Result<usize> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().unwrap_or_default()) as usize)
    }

    fn raw_string(&mut self) -> Result<&'a [u8]> {
        let index = self.long()?;
        self.strings.get(index).ok_or(DecodeError::Invalid)
    }

    /// A string of the blob whose nested units are left there.
    fn kept_string(&mut self, blob: &'static Blob) -> Result<&'static [u8]> {
        let index = self.long()?;
        blob.strings.get(index).ok_or(DecodeError::Invalid)
    }

    fn str(&mut self) -> Result<&'a str> {
        let index = self.long()?;
        self.strings.str(index).ok_or(DecodeError::Invalid)
    }

    fn name(&mut self) -> Result<Name> {
        match self.blob {
            Some(blob) => {
                let index = self.long()?;
                blob.strings.str(index).map(Name::Borrowed).ok_or(DecodeError::Invalid)
            }
            None => self.str().map(|name| Name::Owned(name.to_string())),
        }
    }

    fn text(&mut self) -> Result<Text> {
        match self.blob {
            Some(blob) => self.kept_string(blob).map(Text::packed),
            None => Text::from_wtf8(self.raw_string()?).ok_or(DecodeError::Invalid),
        }
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let length = self.length()?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn names(&mut self) -> Result<Vec<Name>> {
        self.list(Reader::name)
    }

    fn head(&mut self) -> Result<Head<'a>> {
        let (name, qualname, filename) = (self.str()?, self.str()?, self.str()?);
        Ok(Head {
            name,
            qualname,
            filename: self.filename.unwrap_or(filename),
            flags: self.number()?,
            argcount: self.number()?,
            kwonlyargcount: self.number()?,
            frame_size: self.number()?,
            docstring: match self.byte()? {
                0 => None,
                1 => {
                    let (start, length) = (self.number()? as usize, self.number()? as usize);
                    let rest = self.seldom.get(start..).ok_or(DecodeError::Short)?;
                    Some(rest.get(..length).ok_or(DecodeError::Short)?)
                }
                _ => return Err(DecodeError::Invalid),
            },
        })
    }

    fn unit(&mut self) -> Result<CodeUnit> {
        // What lies in a blob that is kept is referred to.
        let (kept, head) = match self.blob {
            Some(blob) => {
                let mut same = Reader::at(blob, blob.units.len() - self.bytes.len());
                let head = same.head()?;
                self.bytes = same.bytes;
                (Some(head), head)
            }
            None => (None, self.head()?),
        };
        let own = |name: &str| Name::Owned(name.to_string());
        let mut unit = CodeUnit {
            name: kept.map_or_else(|| own(head.name), |kept| Name::Borrowed(kept.name)),
            qualname: kept.map_or_else(|| own(head.qualname), |kept| Name::Borrowed(kept.qualname)),
            filename: kept.map_or_else(|| own(head.filename), |kept| Name::Borrowed(kept.filename)),
            flags: head.flags,
            argcount: head.argcount,
            kwonlyargcount: head.kwonlyargcount,
            frame_size: head.frame_size,
            posonlyargcount: self.number()?,
            nlocals: self.number()?,
            firstlineno: self.number()?,
            ..CodeUnit::default()
        };
        unit.docstring = match (kept, head.docstring) {
            (Some(kept), _) => kept.docstring.map(Text::packed),
            (None, Some(bytes)) => Some(Text::from_wtf8(bytes).ok_or(DecodeError::Invalid)?),
            (None, None) => None,
        };
        unit.names = self.names()?;
        unit.varnames = self.names()?;
        unit.cellvars = self.names()?;
        unit.freevars = self.names()?;
        unit.cell_registers = self.list(Reader::register)?;
        unit.free_registers = self.list(Reader::register)?;
        let length = self.length()?;
        let words = self.take(length.checked_mul(8).ok_or(DecodeError::Short)?)?;
        unit.code = words.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default())).collect();
        unit.consts = self.list(Reader::constant)?;
        unit.const_words = self.list(|reader| Ok((reader.number()?, reader.number()?)))?;
        unit.exception_table = self.list(|reader| {
            let (start, end, target) = (reader.number()?, reader.number()?, reader.number()?);
            Ok(HandlerRange { start, end, target, register: reader.register()? })
        })?;
        unit.positions = self.positions()?;
        let in_range = |&(word, constant): &(u32, u32)| {
            (word as usize) < unit.code.len() && (constant as usize) < unit.consts.len()
        };
        let consistent = unit.cell_registers.len() == unit.cellvars.len()
            && unit.free_registers.len() == unit.freevars.len()
            && unit.const_words.iter().all(in_range);
        if consistent { Ok(unit) } else { Err(DecodeError::Invalid) }
    }

    fn positions(&mut self) -> Result<Positions> {
        let start = self.number()? as usize;
        if let Some(blob) = self.blob {
            return blob.seldom.get(start..).map(Positions::packed).ok_or(DecodeError::Short);
        }
        let mut packed = Reader { bytes: self.seldom.get(start..).ok_or(DecodeError::Short)?, ..*self };
        let mut last = PositionEntry { offset: 0, position: Position::default() };
        let entries = packed.list(|reader| {
            last = reader.position(last)?;
            Ok(last)
        })?;
        Ok(entries.into())
    }

    /// The position that follows another.
    fn position(&mut self, last: PositionEntry) -> Result<PositionEntry> {
        let place = |value: i64| u32::try_from(value).map_err(|_| DecodeError::Invalid);
        let offset = last.offset.wrapping_add(self.number()?);
        let line = i64::from(last.position.line).wrapping_add(self.signed()?);
        let column = self.number()?;
        let end_line = place(line.wrapping_add(self.signed()?))?;
        let position = Position { line: place(line)?, column, end_line, end_column: self.number()? };
        Ok(PositionEntry { offset, position })
    }

    fn nested(&mut self) -> Result<LazyUnit> {
        let length = self.take(4)?;
        let length = u32::from_le_bytes(length.try_into().unwrap_or_default()) as usize;
        let mut inner = Reader { bytes: self.take(length)?, ..*self };
        match self.blob {
            Some(blob) => Ok(LazyUnit::packed(blob, blob.units.len() - self.bytes.len() - length)),
            None => {
                let unit = inner.unit()?;
                if inner.bytes.is_empty() { Ok(unit.into()) } else { Err(DecodeError::Invalid) }
            }
        }
    }

    fn float(&mut self) -> Result<f64> {
        let bytes = self.take(8)?;
        Ok(f64::from_bits(u64::from_le_bytes(bytes.try_into().unwrap_or_default())))
    }

    fn constant(&mut self) -> Result<Const> {
        if self.depth >= MAX_DEPTH {
            return Err(DecodeError::Depth);
        }
        self.depth += 1;
        let constant = match self.byte()? {
            tag::NONE => Const::None,
            tag::FALSE => Const::Bool(false),
            tag::TRUE => Const::Bool(true),
            tag::ELLIPSIS => Const::Ellipsis,
            tag::INT => Const::Int(self.signed()?),
            tag::BIG_INT => {
                let digits = self.str()?;
                let unsigned = digits.strip_prefix('-').unwrap_or(digits);
                if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(DecodeError::Invalid);
                }
                Const::BigInt(digits.into())
            }
            tag::FLOAT => Const::Float(self.float()?),
            tag::COMPLEX => Const::Complex(self.float()?, self.float()?),
            tag::STR => Const::Str(self.text()?),
            tag::BYTES => Const::Bytes(self.raw_string()?.into()),
            tag::TUPLE => Const::Tuple(self.list(Reader::constant)?),
            tag::FROZEN_SET => Const::FrozenSet(self.list(Reader::constant)?),
            tag::SLICE => Const::Slice(Box::new([self.constant()?, self.constant()?, self.constant()?])),
            tag::CODE => Const::Code(Arc::new(self.nested()?)),
            _ => return Err(DecodeError::Invalid),
        };
        self.depth -= 1;
        Ok(constant)
    }
}

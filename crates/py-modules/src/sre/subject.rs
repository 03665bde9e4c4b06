//! What is searched: a `str` or bytes-like object, a part of it, and positions in code points and bytes.

use super::matcher::Matcher;
use super::objects::Pattern;
use super::text::{Narrow, Wide};
use crate::buffer;
use py_object::byte_tail;
use py_object::objects::{Bytes, Raw, Str};
use py_object::string::{bytes_of, count_characters};
use py_object::types::str::index;
use py_object::types::{class_name, is_exactly};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, downcast};
use vm_heap::{Gc, Value};

/// The text of a subject: a `str`, or `bytes`.
#[derive(Clone, Copy)]
pub enum Content {
    /// Text.
    Text(Gc<Str>),
    /// Bytes.
    Bytes(Gc<Bytes>),
}

impl Content {
    /// What a value holds; `None` for objects that are neither text nor bytes-like.
    pub fn of(cx: &mut Cx, value: Value) -> PyResult<Option<Content>> {
        if let Some(text) = downcast::<Str>(value) {
            return Ok(Some(Content::Text(text)));
        }
        Ok(buffer::content(cx, value)?.map(Content::Bytes))
    }

    /// As a value.
    pub fn value(&self) -> Value {
        match self {
            Content::Text(text) => text.value(),
            Content::Bytes(bytes) => bytes.value(),
        }
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Content::Text(text) => text.bytes(),
            Content::Bytes(bytes) => bytes_of(bytes),
        }
    }

    /// Whether every character is one byte.
    pub fn is_narrow(&self) -> bool {
        match self {
            Content::Text(text) => text.is_ascii(),
            Content::Bytes(_) => true,
        }
    }

    /// Number of characters.
    pub fn length(&self) -> usize {
        match self {
            Content::Text(text) => text.characters.get().as_int() as usize,
            Content::Bytes(bytes) => bytes.length.get().as_int() as usize,
        }
    }

    /// Number of characters between two byte offsets.
    pub fn characters(&self, from: usize, to: usize) -> usize {
        match self {
            Content::Bytes(_) => to - from,
            Content::Text(text) if text.is_ascii() => to - from,
            Content::Text(text) if to - from < 512 => count_characters(&text.bytes()[from..to]),
            Content::Text(text) => index::position(*text, to) - index::position(*text, from),
        }
    }

    /// A part as an object of the same kind.
    pub fn slice(&self, cx: &mut Cx, from: usize, to: usize) -> PyResult {
        let bytes = &self.bytes()[from..to.max(from)];
        let whole = bytes.len() == self.bytes().len();
        match self {
            Content::Text(text) if whole && is_exactly(text.value(), Kind::STR) => Ok(text.value()),
            Content::Text(_) => Ok(Str::checked(cx, bytes)?.value()),
            Content::Bytes(all) if whole && is_exactly(all.value(), Kind::BYTES) => Ok(all.value()),
            Content::Bytes(_) => Ok(Bytes::checked(cx, bytes)?.value()),
        }
    }
}

/// One subject of a search.
#[derive(Clone, Copy)]
pub struct Subject {
    /// The object.
    pub string: Value,
    /// Its text.
    pub content: Content,
    /// Where the search starts, in characters.
    pub position: usize,
    /// Where it ends, in characters.
    pub end_position: usize,
    /// Where the search starts, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

impl Subject {
    /// A subject; TypeError for objects that the pattern does not fit.
    pub fn new(cx: &mut Cx, pattern: Gc<Pattern>, string: Value, from: i64, to: i64) -> PyResult<Subject> {
        let Some(content) = Content::of(cx, string)? else {
            let message = format!("expected string or bytes-like object, got '{}'", class_name(cx, string));
            return Err(cx.type_error(message));
        };
        match content {
            Content::Bytes(_) if pattern.narrow.get().is_none() => {
                return Err(cx.type_error("cannot use a string pattern on a bytes-like object"));
            }
            Content::Text(_) if pattern.wide.get().is_none() => {
                return Err(cx.type_error("cannot use a bytes pattern on a string-like object"));
            }
            _ => {}
        }
        let length = content.length();
        let clip = |position: i64| usize::try_from(position).unwrap_or(0).min(length);
        let (position, end_position) = (clip(from), clip(to));
        if let Content::Text(text) = content {
            index::prepare(cx, text);
        }
        let offset = |position: usize| match content {
            Content::Text(text) => index::offset(text, position),
            Content::Bytes(_) => position,
        };
        let (start, end) = (offset(position), offset(end_position));
        Ok(Subject { string, content, position, end_position, start, end })
    }

    /// The program of a pattern for this subject.
    pub fn program(&self, pattern: Gc<Pattern>) -> Gc<Raw> {
        let program = match self.content {
            Content::Text(_) => pattern.wide.get(),
            Content::Bytes(_) => pattern.narrow.get(),
        };
        program.expect("checked in `new`")
    }

    /// The engine for this subject.
    pub fn engine<'a>(&'a self, program: &'a Gc<Raw>, whole: bool) -> Engine<'a> {
        let words = words(program);
        let bytes = &self.content.bytes()[..self.end];
        if self.content.is_narrow() {
            Engine::Narrow(Matcher::new(words, Narrow(bytes), whole))
        } else {
            Engine::Wide(Matcher::new(words, Wide(bytes), whole))
        }
    }

    /// The text of a group of the engine's last match, or None.
    pub fn group(&self, cx: &mut Cx, engine: &Engine<'_>, group: usize) -> PyResult {
        match engine.group(group) {
            Some((from, to)) => self.content.slice(cx, from, to),
            None => Ok(NONE),
        }
    }
}

/// The words of a program.
pub fn words(program: &Gc<Raw>) -> &[u32] {
    let bytes = byte_tail(program, program.length.get().as_int() as usize);
    // SAFETY: the tail of an object is aligned to eight bytes, has this many, and is never written again.
    unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<u32>(), bytes.len() / 4) }
}

/// A matcher for either kind of text.
pub enum Engine<'a> {
    /// One byte per character.
    Narrow(Matcher<'a, Narrow<'a>>),
    /// UTF-8.
    Wide(Matcher<'a, Wide<'a>>),
}

impl Engine<'_> {
    /// See [`Matcher::match_at`].
    pub fn match_at(&mut self, cx: &mut Cx, position: usize) -> PyResult<Option<usize>> {
        match self {
            Engine::Narrow(matcher) => matcher.match_at(cx, position),
            Engine::Wide(matcher) => matcher.match_at(cx, position),
        }
    }

    /// See [`Matcher::search`].
    pub fn search(&mut self, cx: &mut Cx, from: usize) -> PyResult<Option<(usize, usize)>> {
        match self {
            Engine::Narrow(matcher) => matcher.search(cx, from),
            Engine::Wide(matcher) => matcher.search(cx, from),
        }
    }

    /// Start and end of a group, counted from 0.
    pub fn group(&self, group: usize) -> Option<(usize, usize)> {
        match self {
            Engine::Narrow(matcher) => matcher.group(group),
            Engine::Wide(matcher) => matcher.group(group),
        }
    }

    /// Number of the group closed last, or 0.
    pub fn last_group(&self) -> usize {
        match self {
            Engine::Narrow(matcher) => matcher.last_group(),
            Engine::Wide(matcher) => matcher.last_group(),
        }
    }

    /// See [`Matcher::forbid_end`].
    pub fn forbid_end(&mut self, position: usize) {
        match self {
            Engine::Narrow(matcher) => matcher.forbid_end(position),
            Engine::Wide(matcher) => matcher.forbid_end(position),
        }
    }

    /// Looks for the next match behind one from `start` to `end`, as all iterations do: an empty match does not come
    /// twice at the same place.
    pub fn search_behind(&mut self, cx: &mut Cx, start: usize, end: usize) -> PyResult<Option<(usize, usize)>> {
        self.forbid_end(if start == end { end } else { super::matcher::NOWHERE });
        self.search(cx, end)
    }
}

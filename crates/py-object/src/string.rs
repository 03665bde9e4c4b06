//! Core of `str`: making, hashing and comparing text. The methods live in `types/str.rs`.

use crate::cx::Cx;
use crate::kinds::shapes;
use crate::object::{Object, byte_tail, fill_byte_tail, try_allocate_tail};
use crate::objects::{Bytes, Extended, Str};
use crate::runtime::Runtime;
use crate::types::str::index::is_interned;
use crate::{PyResult, cx::Cx as Context};
use std::sync::atomic::{AtomicU64, Ordering};
use vm_heap::{Gc, Value};

/// Hash of text, with the process's key; 0 for the empty one. The text is hashed as CPython stores it: each code point in one,
/// two or four bytes, as many as the greatest one needs.
pub fn str_hash(runtime: &Runtime, bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes_hash(runtime, bytes);
    }
    let greatest = crate::types::str::code_points(bytes).max().unwrap_or(0);
    let size = if greatest < 0x100 {
        1
    } else if greatest < 0x1_0000 {
        2
    } else {
        4
    };
    let stored: Vec<u8> =
        crate::types::str::code_points(bytes).flat_map(|code| code.to_le_bytes().into_iter().take(size)).collect();
    bytes_hash(runtime, &stored)
}

/// Hash of bytes: SipHash-1-3 with the process's key, 0 where there are none, never -1.
pub fn bytes_hash(runtime: &Runtime, bytes: &[u8]) -> u64 {
    use siphasher::sip::SipHasher13;
    if bytes.is_empty() {
        return 0;
    }
    match SipHasher13::new_with_keys(runtime.hash_key[0], runtime.hash_key[1]).hash(bytes) {
        u64::MAX => u64::MAX - 1,
        hash => hash,
    }
}

/// Number of code points of UTF-8 or WTF-8.
pub fn count_characters(bytes: &[u8]) -> usize {
    // Most text is ASCII, which is found out faster.
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// The strings of the ASCII characters that have been needed, as words. They are interned, and so never freed.
static CHARACTERS: [AtomicU64; 128] = [const { AtomicU64::new(0) }; 128];

/// The string of an ASCII character, unless it has not been needed yet.
#[inline(always)]
pub fn known_character(character: u8) -> Option<Value> {
    let word = CHARACTERS.get(character as usize)?.load(Ordering::Acquire);
    (word != 0).then_some(Value::from_bits(word))
}

impl Str {
    /// A new string.
    pub fn new(cx: &mut Context, text: &str) -> Gc<Str> {
        Str::from_wtf8(cx, text.as_bytes())
    }

    /// A new string from valid WTF-8.
    pub fn from_wtf8(cx: &mut Cx, bytes: &[u8]) -> Gc<Str> {
        match Str::try_from_wtf8(cx, bytes) {
            Some(string) => string,
            // The bytes are in memory already, so this is a machine that is out of memory.
            None => panic!("out of memory for a string of {} bytes", bytes.len()),
        }
    }

    /// A new string from valid WTF-8, or `None` where memory does not suffice.
    pub fn try_from_wtf8(cx: &mut Cx, bytes: &[u8]) -> Option<Gc<Str>> {
        if let [character @ 0..0x80] = bytes {
            return Str::character(cx, *character);
        }
        Str::allocate(cx, bytes)
    }

    /// A new string of ASCII characters.
    #[inline]
    pub fn from_ascii(cx: &mut Cx, bytes: &[u8]) -> Gc<Str> {
        debug_assert!(bytes.is_ascii());
        if let [character] = bytes
            && let Some(string) = Str::character(cx, *character)
        {
            return string;
        }
        match Str::allocate_counted(cx, bytes, bytes.len()) {
            Some(string) => string,
            None => panic!("out of memory for a string of {} bytes", bytes.len()),
        }
    }

    /// The string of an ASCII character: there is one for all.
    #[inline]
    fn character(cx: &mut Cx, character: u8) -> Option<Gc<Str>> {
        match known_character(character) {
            Some(string) => downcast(string),
            None => Str::new_character(cx, character),
        }
    }

    #[cold]
    fn new_character(cx: &mut Cx, character: u8) -> Option<Gc<Str>> {
        let string = Str::allocate(cx, &[character])?;
        let string = cx.runtime.intern_string(string);
        CHARACTERS[character as usize].store(string.value().bits(), Ordering::Release);
        Some(string)
    }

    /// A part of a string, by byte offsets between code points.
    #[inline]
    pub fn part(cx: &mut Cx, text: Gc<Str>, from: usize, to: usize) -> PyResult<Gc<Str>> {
        let part = &text.bytes()[from..to];
        if !text.is_ascii() || part.len() == 1 {
            return Str::checked(cx, part);
        }
        match Str::allocate_counted(cx, part, part.len()) {
            Some(string) => Ok(string),
            None => Err(cx.raise(crate::Kind::MEMORY_ERROR, "")),
        }
    }

    /// A string of so many bytes and code points, which `fill` writes over zeros.
    #[inline]
    pub fn build(cx: &mut Cx, bytes: usize, characters: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Gc<Str>> {
        if bytes == 1 {
            let mut character = [0];
            fill(&mut character);
            return Str::checked(cx, &character);
        }
        let Some(string) = try_allocate_tail::<Str>(cx.mutator(), shapes::STR, bytes) else {
            return Err(cx.raise(crate::Kind::MEMORY_ERROR, ""));
        };
        string.characters.init(Value::int(characters as i64));
        // SAFETY: the new object has that much room, and nobody else has seen it yet.
        fill(unsafe { std::slice::from_raw_parts_mut((string.address() + size_of::<Str>()) as *mut u8, bytes) });
        Ok(string)
    }

    fn allocate(cx: &mut Cx, bytes: &[u8]) -> Option<Gc<Str>> {
        Str::allocate_counted(cx, bytes, count_characters(bytes))
    }

    #[inline]
    fn allocate_counted(cx: &mut Cx, bytes: &[u8], characters: usize) -> Option<Gc<Str>> {
        let string = try_allocate_tail::<Str>(cx.mutator(), shapes::STR, bytes.len())?;
        string.characters.init(Value::int(characters as i64));
        fill_byte_tail(string, bytes);
        Some(string)
    }

    /// All of these strings one after the other.
    pub fn concatenated(cx: &mut Cx, parts: impl Iterator<Item = Gc<Str>> + Clone) -> PyResult<Gc<Str>> {
        let (mut bytes, mut characters) = (0, 0);
        for part in parts.clone() {
            bytes += part.length.get().as_int() as usize;
            characters += part.characters.get().as_int();
        }
        if bytes <= 1 {
            // At most one part is not empty, and characters have strings of their own.
            let longest = parts.max_by_key(|part| part.length.get().as_int());
            return Ok(longest.unwrap_or_else(|| cx.intern("")));
        }
        Str::build(cx, bytes, characters as usize, |mut place| {
            for part in parts {
                let (here, rest) = place.split_at_mut(part.bytes().len());
                here.copy_from_slice(part.bytes());
                place = rest;
            }
        })
    }

    /// A string made by Python code: MemoryError where memory does not suffice.
    pub fn checked(cx: &mut Cx, bytes: &[u8]) -> PyResult<Gc<Str>> {
        match Str::try_from_wtf8(cx, bytes) {
            Some(string) => Ok(string),
            None => Err(cx.raise(crate::Kind::MEMORY_ERROR, "")),
        }
    }
}

/// What a string handle can do.
pub trait StrExt {
    /// The bytes (WTF-8).
    fn bytes(&self) -> &[u8];
    /// As Rust text; `None` where it holds lone surrogates.
    fn as_str(&self) -> Option<&str>;
    /// For messages: lone surrogates replaced.
    fn to_text(&self) -> String;
    /// Whether every code point is one byte.
    fn is_ascii(&self) -> bool;
    /// The hash, computed at the first call.
    fn hash_value(&self, cx: &Cx) -> u64;
    /// Whether both have the same text.
    fn equals(&self, other: Gc<Str>) -> bool;
}

impl StrExt for Gc<Str> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        byte_tail(self, self.length.get().as_int() as usize)
    }
    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes()).ok()
    }
    fn to_text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
    fn is_ascii(&self) -> bool {
        self.length.get() == self.characters.get()
    }
    #[inline]
    fn hash_value(&self, cx: &Cx) -> u64 {
        match self.hash.get() {
            0 => {
                let hash = str_hash(cx.runtime, self.bytes());
                self.hash.init(hash);
                hash
            }
            hash => hash,
        }
    }
    #[inline]
    fn equals(&self, other: Gc<Str>) -> bool {
        *self == other || (!(is_interned(*self) && is_interned(other)) && self.bytes() == other.bytes())
    }
}

impl Bytes {
    /// New bytes, or `None` where memory does not suffice.
    pub fn try_new(cx: &mut Cx, bytes: &[u8]) -> Option<Gc<Bytes>> {
        let object = try_allocate_tail::<Bytes>(cx.mutator(), shapes::BYTES, bytes.len())?;
        fill_byte_tail(object, bytes);
        Some(object)
    }

    /// So many bytes, which `fill` writes over zeros.
    pub fn build(cx: &mut Cx, length: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Gc<Bytes>> {
        let Some(object) = try_allocate_tail::<Bytes>(cx.mutator(), shapes::BYTES, length) else {
            return Err(cx.raise(crate::Kind::MEMORY_ERROR, ""));
        };
        // SAFETY: the new object has that much room, and nobody else has seen it yet.
        fill(unsafe { std::slice::from_raw_parts_mut((object.address() + size_of::<Bytes>()) as *mut u8, length) });
        Ok(object)
    }

    /// New bytes: MemoryError where memory does not suffice.
    pub fn checked(cx: &mut Cx, bytes: &[u8]) -> PyResult<Gc<Bytes>> {
        match Bytes::try_new(cx, bytes) {
            Some(object) => Ok(object),
            None => Err(cx.raise(crate::Kind::MEMORY_ERROR, "")),
        }
    }
}

impl BytesExt for Gc<Bytes> {
    #[inline]
    fn hash_value(&self, cx: &Cx) -> u64 {
        match self.hash.get() {
            0 => {
                let hash = bytes_hash(cx.runtime, bytes_of(self));
                self.hash.init(hash);
                hash
            }
            hash => hash,
        }
    }
}

/// What a handle of bytes can do.
pub(crate) trait BytesExt {
    /// The hash, computed at the first call.
    fn hash_value(&self, cx: &Cx) -> u64;
}

/// The bytes of a bytes object.
pub fn bytes_of(object: &Gc<Bytes>) -> &[u8] {
    byte_tail(object, object.length.get().as_int() as usize)
}

/// Whether a value is an object with the layout of `T` (an exact instance or one of a subclass), as such. Where the
/// struct has no place for attributes, an instance of a subclass gives its payload, an exact instance.
#[inline(always)]
pub fn downcast<T: Object>(value: Value) -> Option<Gc<T>> {
    if !value.is_object() {
        return None;
    }
    // SAFETY: an object value is the address of a live object, which starts with a header.
    let header: &vm_heap::Header = unsafe { &*(value.address() as *const vm_heap::Header) };
    let layout = header.layout();
    if layout == T::LAYOUT_ID {
        // SAFETY: the layout id says that the object has, or begins with, this struct.
        return Some(unsafe { Gc::from_address(value.address()) });
    }
    if layout == Extended::LAYOUT_ID { downcast_payload(value) } else { None }
}

#[cold]
fn downcast_payload<T: Object>(value: Value) -> Option<Gc<T>> {
    downcast(payload(value))
}

/// What an instance of a subclass extends; any other value itself.
#[inline]
pub fn payload(value: Value) -> Value {
    if !value.is_object() {
        return value;
    }
    // SAFETY: an object value is the address of a live object, which starts with a header.
    let header: &vm_heap::Header = unsafe { &*(value.address() as *const vm_heap::Header) };
    if header.layout() != Extended::LAYOUT_ID {
        return value;
    }
    // SAFETY: the layout id says that the object has this struct.
    let extended: Gc<Extended> = unsafe { Gc::from_address(value.address()) };
    extended.payload.get()
}

//! Code units as bytes: what the packed standard library, `.pyc` files and `marshal` hold.
//!
//! A blob is a header (magic, [`fingerprint`], three sizes), a table of strings (where each ends, then their bytes), the unit, in which
//! nested units are constants, each behind its length, and what is seldom asked for: source positions and docstrings. The
//! packed library keeps that last part elsewhere, so that it does not lie on the pages that an import reads. Numbers are LEB128, but for
//! those of the header and the table; instruction words are copied as they are. Reading is total: whatever the bytes are, the result is a unit or an error. It is not
//! the verifier's work: who reads bytes of unknown origin calls [`crate::verify`] on the result.

mod read;
mod write;

pub(crate) use read::unpack_positions;
pub use read::{Blob, DecodeError, decode, decode_packed};
pub(crate) use read::{read_head, read_unit};
pub use write::{encode, encode_parts};

use crate::{FRAME_HEADER, Opcode};

/// First bytes of a blob.
const MAGIC: [u8; 4] = *b"TyC\x03";

/// Deepest nesting of constants.
const MAX_DEPTH: usize = 1000;

/// Tags of constants.
mod tag {
    pub const NONE: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const ELLIPSIS: u8 = 3;
    pub const INT: u8 = 4;
    pub const BIG_INT: u8 = 5;
    pub const FLOAT: u8 = 6;
    pub const COMPLEX: u8 = 7;
    pub const STR: u8 = 8;
    pub const BYTES: u8 = 9;
    pub const TUPLE: u8 = 10;
    pub const FROZEN_SET: u8 = 11;
    pub const SLICE: u8 = 12;
    pub const CODE: u8 = 13;
}

/// A number that changes with the opcode table and the form of blobs: code of another fingerprint must not be run.
pub fn fingerprint() -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    };
    add(&MAGIC);
    add(&FRAME_HEADER.to_le_bytes());
    for opcode in Opcode::ALL {
        add(opcode.name().as_bytes());
        add(&[opcode.words() as u8]);
        for operand in opcode.operands() {
            add(&[operand.field as u8, operand.kind as u8]);
        }
    }
    (hash ^ hash >> 32) as u32
}

#[cfg(test)]
mod tests;

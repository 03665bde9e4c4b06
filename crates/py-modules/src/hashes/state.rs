//! The states of the hash functions.
//!
//! They are plain data, which lies in the heap as bytes: an update makes a new copy, so that threads that share a hash
//! object need no lock.

use ::sha2::digest::{Digest, ExtendableOutput, Update, XofReader};
use py_object::objects::Raw;
use py_object::{Cx, Kind, PyResult, byte_tail, fill_byte_tail, shapes, try_allocate_tail};
use vm_heap::Gc;

macro_rules! algorithms {
    ($($variant:ident = $hasher:ty, $kind:ident, $name:literal, $class:literal, $size:literal, $block:literal;)*) => {
        /// A hash function without parameters.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Algorithm { $( #[doc = $name] $variant ),* }

        /// All of them.
        pub const ALGORITHMS: &[Algorithm] = &[$(Algorithm::$variant),*];

        impl Algorithm {
            /// The type of its objects.
            pub fn kind(self) -> Kind {
                match self { $(Algorithm::$variant => Kind::$kind),* }
            }
            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Algorithm::$variant => $name),* }
            }
            /// The name of its type in its module.
            pub fn class_name(self) -> &'static str {
                match self { $(Algorithm::$variant => $class),* }
            }
            /// Bytes of a digest; 0 where the caller chooses.
            pub fn digest_size(self) -> usize {
                match self { $(Algorithm::$variant => $size),* }
            }
            /// Bytes of a block.
            pub fn block_size(self) -> usize {
                match self { $(Algorithm::$variant => $block),* }
            }
            /// A fresh state.
            pub fn start(self) -> State {
                match self { $(Algorithm::$variant => State::$variant(<$hasher>::default())),* }
            }
        }

        /// The state of a hash function.
        #[derive(Clone)]
        pub enum State {
            $( #[doc = $name] $variant($hasher), )*
            /// BLAKE2b with its parameters.
            Blake2b(blake2b_simd::State),
            /// BLAKE2s with its parameters.
            Blake2s(blake2s_simd::State),
        }

        impl State {
            /// Takes more input.
            pub fn update(&mut self, bytes: &[u8]) {
                match self {
                    $(State::$variant(hasher) => Update::update(hasher, bytes),)*
                    State::Blake2b(hasher) => drop(hasher.update(bytes)),
                    State::Blake2s(hasher) => drop(hasher.update(bytes)),
                }
            }
        }
    };
}
algorithms! {
    Md5 = ::md5::Md5, MD5, "md5", "MD5Type", 16, 64;
    Sha1 = ::sha1::Sha1, SHA1, "sha1", "SHA1Type", 20, 64;
    Sha224 = ::sha2::Sha224, SHA224, "sha224", "SHA224Type", 28, 64;
    Sha256 = ::sha2::Sha256, SHA256, "sha256", "SHA256Type", 32, 64;
    Sha384 = ::sha2::Sha384, SHA384, "sha384", "SHA384Type", 48, 128;
    Sha512 = ::sha2::Sha512, SHA512, "sha512", "SHA512Type", 64, 128;
    Sha3With224 = ::sha3::Sha3_224, SHA3_224, "sha3_224", "sha3_224", 28, 144;
    Sha3With256 = ::sha3::Sha3_256, SHA3_256, "sha3_256", "sha3_256", 32, 136;
    Sha3With384 = ::sha3::Sha3_384, SHA3_384, "sha3_384", "sha3_384", 48, 104;
    Sha3With512 = ::sha3::Sha3_512, SHA3_512, "sha3_512", "sha3_512", 64, 72;
    Shake128 = ::sha3::Shake128, SHAKE_128, "shake_128", "shake_128", 0, 168;
    Shake256 = ::sha3::Shake256, SHAKE_256, "shake_256", "shake_256", 0, 136;
}

impl Algorithm {
    /// Whether the caller chooses how long the digest is.
    pub fn is_extendable(self) -> bool {
        matches!(self, Algorithm::Shake128 | Algorithm::Shake256)
    }

    /// Whether it belongs to `_sha3`.
    pub fn is_sha3(self) -> bool {
        self.name().starts_with("sha3_") || self.is_extendable()
    }
}

impl State {
    /// The digest of what was taken so far; `length` matters where the caller chooses it.
    pub fn digest(&self, length: usize) -> Vec<u8> {
        let extended = |mut reader: Box<dyn XofReader>| {
            let mut result = vec![0; length];
            reader.read(&mut result);
            result
        };
        match self.clone() {
            State::Md5(hasher) => hasher.finalize().to_vec(),
            State::Sha1(hasher) => hasher.finalize().to_vec(),
            State::Sha224(hasher) => hasher.finalize().to_vec(),
            State::Sha256(hasher) => hasher.finalize().to_vec(),
            State::Sha384(hasher) => hasher.finalize().to_vec(),
            State::Sha512(hasher) => hasher.finalize().to_vec(),
            State::Sha3With224(hasher) => hasher.finalize().to_vec(),
            State::Sha3With256(hasher) => hasher.finalize().to_vec(),
            State::Sha3With384(hasher) => hasher.finalize().to_vec(),
            State::Sha3With512(hasher) => hasher.finalize().to_vec(),
            State::Shake128(hasher) => extended(Box::new(hasher.finalize_xof())),
            State::Shake256(hasher) => extended(Box::new(hasher.finalize_xof())),
            State::Blake2b(hasher) => hasher.finalize().as_bytes().to_vec(),
            State::Blake2s(hasher) => hasher.finalize().as_bytes().to_vec(),
        }
    }

    /// Puts a state into the heap.
    pub fn store(&self, cx: &mut Cx) -> PyResult<Gc<Raw>> {
        const { assert!(!std::mem::needs_drop::<State>(), "a state in the heap is never dropped") };
        let Some(raw) = try_allocate_tail::<Raw>(cx.mutator(), shapes::RAW, size_of::<State>()) else {
            return Err(cx.raise(Kind::MEMORY_ERROR, ""));
        };
        // SAFETY: these are the bytes of a value that lives as long as the borrow.
        let bytes = unsafe { std::slice::from_raw_parts(std::ptr::from_ref(self).cast::<u8>(), size_of::<State>()) };
        fill_byte_tail(raw, bytes);
        Ok(raw)
    }

    /// Reads a state from the heap.
    pub fn load(raw: Gc<Raw>) -> State {
        let bytes = byte_tail(&raw, size_of::<State>());
        // SAFETY: `store` wrote a state there, which is plain data without a destructor and is never written again.
        unsafe { std::ptr::read_unaligned(bytes.as_ptr().cast::<State>()) }
    }
}

//! Hash objects.

use super::state::{Algorithm, State};
use crate::buffer;
use py_macros::py_methods;
use py_object::native::NativeDefinition;
use py_object::objects::{Array, Bytes, Raw, Str};
use py_object::{Cx, Kind, PyResult, UNBOUND, allocate, downcast, object, types};
use vm_heap::{Gc, Value};

object! {
    /// A hash that takes input.
    pub struct Hash = 482 {
        /// Version word.
        word: u64,
        /// Not used.
        attributes: Option<Gc<Array>>,
        /// The state; see `state`.
        state: Gc<Raw>,
        /// Bytes of a digest; 0 where the caller chooses.
        digest_size: Value,
        /// Bytes of a block.
        block_size: Value,
        /// The function's name.
        name: Value,
    }
}

/// The bytes of an argument that is to be hashed.
pub fn input(cx: &mut Cx, value: Value) -> PyResult<Gc<Bytes>> {
    if downcast::<Str>(value).is_some() {
        return Err(cx.type_error("Strings must be encoded before hashing"));
    }
    match buffer::content(cx, value)? {
        Some(bytes) => Ok(bytes),
        None => Err(cx.type_error("object supporting the buffer API required")),
    }
}

/// A hash object with a state.
pub fn with_state(cx: &mut Cx, kind: Kind, state: &State, sizes: (usize, usize), name: &str) -> PyResult<Gc<Hash>> {
    let state = state.store(cx)?;
    let name = cx.intern(name);
    let object = allocate::<Hash>(cx.mutator(), kind.shape());
    object.state.init(state);
    object.digest_size.init(Value::int(sizes.0 as i64));
    object.block_size.init(Value::int(sizes.1 as i64));
    object.name.init(name.value());
    Ok(object)
}

/// A new hash object that has taken `data` or, its other name, `string`.
pub fn new(cx: &mut Cx, algorithm: Algorithm, data: Value, string: Value) -> PyResult<Gc<Hash>> {
    let mut state = algorithm.start();
    begin(cx, &mut state, data, string)?;
    let sizes = (algorithm.digest_size(), algorithm.block_size());
    with_state(cx, algorithm.kind(), &state, sizes, algorithm.name())
}

/// Hashes what a constructor was given by one of two names.
pub fn begin(cx: &mut Cx, state: &mut State, data: Value, string: Value) -> PyResult<()> {
    if data != UNBOUND && string != UNBOUND {
        return Err(cx.type_error("'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."));
    }
    let given = if data == UNBOUND { string } else { data };
    if given != UNBOUND {
        let bytes = input(cx, given)?;
        feed(cx, state, bytes);
    }
    Ok(())
}

/// Input that takes longer than a moment is hashed in the native state.
const LONG: usize = 4096;

/// Hashes bytes.
pub fn feed(cx: &mut Cx, state: &mut State, bytes: Gc<Bytes>) {
    let content = py_object::string::bytes_of(&bytes);
    if content.len() > LONG {
        cx.mutator().native(|| state.update(content));
    } else {
        state.update(content);
    }
}

fn update(cx: &mut Cx, this: Gc<Hash>, value: Value) -> PyResult<()> {
    let bytes = input(cx, value)?;
    loop {
        let before = this.state.get_acquire();
        let mut state = State::load(before);
        feed(cx, &mut state, bytes);
        let after = state.store(cx)?;
        if this.state.compare_exchange(cx.mutator(), this, before, after) {
            return Ok(());
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(this: Gc<Hash>, length: usize) -> Vec<u8> {
    State::load(this.state.get_acquire()).digest(length)
}

fn length_argument(cx: &mut Cx, length: i64) -> PyResult<usize> {
    match usize::try_from(length).ok().filter(|length| *length < 1 << 29) {
        Some(length) => Ok(length),
        None if length < 0 => Err(cx.value_error("length must be non-negative")),
        None => Err(cx.value_error("length is too large")),
    }
}

/// What all hash objects can do.
pub struct Methods;

#[py_methods(HASH, name = "hash")]
impl Methods {
    /// Update this hash object's state with the provided string.
    #[method]
    fn update(cx: &mut Cx, this: Gc<Hash>, data: Value) -> PyResult<()> {
        update(cx, this, data)
    }
    /// Return a copy of the hash object.
    #[method]
    fn copy(cx: &mut Cx, this: Gc<Hash>) -> Gc<Hash> {
        let copy = allocate::<Hash>(cx.mutator(), types::shape_id(this.value()));
        copy.state.init(this.state.get_acquire());
        copy.digest_size.init(this.digest_size.get());
        copy.block_size.init(this.block_size.get());
        copy.name.init(this.name.get());
        copy
    }
    #[getter]
    fn name(this: Gc<Hash>) -> Value {
        this.name.get()
    }
    #[getter]
    fn digest_size(this: Gc<Hash>) -> Value {
        this.digest_size.get()
    }
    #[getter]
    fn block_size(this: Gc<Hash>) -> Value {
        this.block_size.get()
    }
}

/// Digests of a fixed size.
pub struct DigestMethods;

#[py_methods(DIGEST, name = "hash")]
impl DigestMethods {
    /// Return the digest value as a bytes object.
    #[method]
    fn digest(cx: &mut Cx, this: Gc<Hash>) -> PyResult {
        buffer::new_bytes(cx, &digest(this, 0))
    }
    /// Return the digest value as a string of hexadecimal digits.
    #[method]
    fn hexdigest(this: Gc<Hash>) -> String {
        hexadecimal(&digest(this, 0))
    }
}

/// Digests of a size that the caller chooses.
pub struct ShakeMethods;

#[py_methods(SHAKE, name = "shake")]
impl ShakeMethods {
    /// Return the digest value as a bytes object.
    #[method]
    fn digest(cx: &mut Cx, this: Gc<Hash>, #[keyword] length: i64) -> PyResult {
        let length = length_argument(cx, length)?;
        buffer::new_bytes(cx, &digest(this, length))
    }
    /// Return the digest value as a string of hexadecimal digits.
    #[method]
    fn hexdigest(cx: &mut Cx, this: Gc<Hash>, #[keyword] length: i64) -> PyResult<String> {
        let length = length_argument(cx, length)?;
        Ok(hexadecimal(&digest(this, length)))
    }
}

/// What the classes of `_sha3` tell about their sponge.
pub struct SpongeMethods;

#[py_methods(SPONGE, name = "sha3")]
impl SpongeMethods {
    #[getter]
    fn _rate_bits(this: Gc<Hash>) -> i64 {
        this.block_size.get().as_int() * 8
    }
    #[getter]
    fn _capacity_bits(this: Gc<Hash>) -> i64 {
        1600 - this.block_size.get().as_int() * 8
    }
    #[getter]
    fn _suffix(cx: &mut Cx, this: Gc<Hash>) -> PyResult {
        let extendable = matches!(types::kind_of(types::class_of(cx, this.value())), Kind::SHAKE_128 | Kind::SHAKE_256);
        buffer::new_bytes(cx, if extendable { b"\x1f" } else { b"\x06" })
    }
}

macro_rules! class_constructors {
    ($($table:ident, $holder:ident, $algorithm:ident;)*) => {
        $(
            /// The constructor of a class.
            pub struct $holder;

            #[py_methods($table, name = "hash")]
            impl $holder {
                #[new(signature = "(data=b'', /, *, usedforsecurity=True, string=None)")]
                fn new(
                    cx: &mut Cx,
                    _class: Gc<py_object::objects::Type>,
                    #[keyword]
                    #[default(UNBOUND)]
                    data: Value,
                    #[keyword_only]
                    #[default(true)]
                    usedforsecurity: bool,
                    #[keyword_only]
                    #[default(UNBOUND)]
                    string: Value,
                ) -> PyResult<Gc<Hash>> {
                    let _ = usedforsecurity;
                    new(cx, Algorithm::$algorithm, data, string)
                }
            }
        )*
    };
}
class_constructors! {
    NEW_SHA3_224, NewSha3With224, Sha3With224;
    NEW_SHA3_256, NewSha3With256, Sha3With256;
    NEW_SHA3_384, NewSha3With384, Sha3With384;
    NEW_SHA3_512, NewSha3With512, Sha3With512;
    NEW_SHAKE_128, NewShake128, Shake128;
    NEW_SHAKE_256, NewShake256, Shake256;
}

/// The table with the constructor of a class; empty where a function of the module makes its objects.
pub fn constructor(algorithm: Algorithm) -> &'static [NativeDefinition] {
    match algorithm {
        Algorithm::Sha3With224 => NEW_SHA3_224_METHODS,
        Algorithm::Sha3With256 => NEW_SHA3_256_METHODS,
        Algorithm::Sha3With384 => NEW_SHA3_384_METHODS,
        Algorithm::Sha3With512 => NEW_SHA3_512_METHODS,
        Algorithm::Shake128 => NEW_SHAKE_128_METHODS,
        Algorithm::Shake256 => NEW_SHAKE_256_METHODS,
        _ => &[],
    }
}

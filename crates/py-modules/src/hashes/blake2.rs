//! BLAKE2 with all its parameters (RFC 7693 and the tree mode of its specification).

use super::object::{self, Hash};
use super::state::State;
use py_macros::py_methods;
use py_object::bootstrap::add_methods;
use py_object::objects::Type;
use py_object::string::bytes_of;
use py_object::types::int;
use py_object::types::namespace::{self, Addition};
use py_object::{Cx, Kind, NONE, PyResult, UNBOUND};
use vm_heap::{Gc, Value};

/// Enters methods and limits into the classes.
pub fn install(cx: &mut Cx) {
    let limits = [
        (
            Kind::BLAKE2B,
            NEW_BLAKE2B_METHODS,
            [("SALT_SIZE", 16), ("PERSON_SIZE", 16), ("MAX_KEY_SIZE", 64), ("MAX_DIGEST_SIZE", 64)],
        ),
        (
            Kind::BLAKE2S,
            NEW_BLAKE2S_METHODS,
            [("SALT_SIZE", 8), ("PERSON_SIZE", 8), ("MAX_KEY_SIZE", 32), ("MAX_DIGEST_SIZE", 32)],
        ),
    ];
    for (kind, constructor, limits) in limits {
        add_methods(cx, kind, object::HASH_METHODS);
        add_methods(cx, kind, object::DIGEST_METHODS);
        add_methods(cx, kind, constructor);
        for (name, limit) in limits {
            namespace::add(cx, kind, Addition::Constant(name, Value::int(limit)));
        }
    }
}

/// The parameters that both functions have.
struct Parameters {
    digest_size: usize,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: u8,
    depth: u8,
    leaf_size: u32,
    node_offset: u64,
    node_depth: u8,
    inner_size: usize,
    last_node: bool,
}

/// What a constructor was given.
struct Given {
    digest_size: i64,
    key: Value,
    salt: Value,
    person: Value,
    fanout: i64,
    depth: i64,
    leaf_size: Value,
    node_offset: Value,
    node_depth: i64,
    inner_size: i64,
    last_node: bool,
}

fn bytes(cx: &mut Cx, value: Value) -> PyResult<Vec<u8>> {
    if value == NONE {
        return Ok(Vec::new());
    }
    let bytes = object::input(cx, value)?;
    Ok(bytes_of(&bytes).to_vec())
}

/// Checks the parameters against a function's limits: digest, salt and the largest node offset.
fn check(cx: &mut Cx, given: Given, most: usize, salt_size: usize, largest_offset: u64) -> PyResult<Parameters> {
    let fits = |number: i64, least: i64, most: i64| (least..=most).contains(&number);
    if !fits(given.digest_size, 1, most as i64) {
        let (name, size) = (if most == 64 { "Blake2b" } else { "Blake2s" }, given.digest_size);
        let message = format!("digest_size for {name} must be between 1 and {most} bytes, here it is {size}");
        return Err(cx.value_error(message));
    }
    let salt = bytes(cx, given.salt)?;
    if salt.len() > salt_size {
        return Err(cx.value_error(format!("maximum salt length is {salt_size} bytes")));
    }
    let person = bytes(cx, given.person)?;
    if person.len() > salt_size {
        return Err(cx.value_error(format!("maximum person length is {salt_size} bytes")));
    }
    if !fits(given.fanout, 0, 255) {
        return Err(cx.value_error("fanout must be between 0 and 255"));
    }
    if !fits(given.depth, 1, 255) {
        return Err(cx.value_error("depth must be between 1 and 255"));
    }
    let leaf_size = int::index(cx, given.leaf_size)?;
    if int::is_negative(leaf_size) {
        return Err(cx.value_error("Cannot convert negative int"));
    }
    let Some(leaf_size) = int::as_i64(leaf_size).and_then(|size| u32::try_from(size).ok()) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "leaf_size is too large"));
    };
    let offset = int::index(cx, given.node_offset)?;
    if int::is_negative(offset) {
        return Err(cx.value_error("Cannot convert negative int"));
    }
    let offset = int::as_big(offset).and_then(|offset| u64::try_from(offset).ok());
    let Some(offset) = offset else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "Python int too large for C unsigned long long"));
    };
    let Some(node_offset) = Some(offset).filter(|offset| *offset <= largest_offset) else {
        return Err(cx.raise(Kind::OVERFLOW_ERROR, "node_offset is too large"));
    };
    if !fits(given.node_depth, 0, 255) {
        return Err(cx.value_error("node_depth must be between 0 and 255"));
    }
    if !fits(given.inner_size, 0, most as i64) {
        return Err(cx.value_error(format!("inner_size must be between 0 and is {most}")));
    }
    let key = bytes(cx, given.key)?;
    if key.len() > most {
        return Err(cx.value_error(format!("maximum key length is {most} bytes")));
    }
    Ok(Parameters {
        digest_size: given.digest_size as usize,
        key,
        salt,
        person,
        fanout: given.fanout as u8,
        depth: given.depth as u8,
        leaf_size,
        node_offset,
        node_depth: given.node_depth as u8,
        inner_size: given.inner_size as usize,
        last_node: given.last_node,
    })
}

macro_rules! state {
    ($library:ident, $parameters:expr) => {{
        let parameters = $parameters;
        let mut settings = $library::Params::new();
        settings
            .hash_length(parameters.digest_size)
            .key(&parameters.key)
            .salt(&parameters.salt)
            .personal(&parameters.person)
            .fanout(parameters.fanout)
            .max_depth(parameters.depth)
            .max_leaf_length(parameters.leaf_size)
            .node_offset(parameters.node_offset)
            .node_depth(parameters.node_depth)
            .inner_hash_length(parameters.inner_size)
            .last_node(parameters.last_node);
        settings.to_state()
    }};
}

fn finish(
    cx: &mut Cx,
    kind: Kind,
    mut state: State,
    (data, string): (Value, Value),
    sizes: (usize, usize),
    name: &str,
) -> PyResult<Gc<Hash>> {
    object::begin(cx, &mut state, data, string)?;
    object::with_state(cx, kind, &state, sizes, name)
}

macro_rules! constructor {
    ($table:ident, $holder:ident, $kind:ident, $name:literal, $library:ident, $variant:ident, $most:literal, $salt:literal,
     $offset:expr, $block:literal) => {
        /// The constructor.
        pub struct $holder;

        #[py_methods($table, name = $name)]
        impl $holder {
            #[new(signature = "(data=b'', *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)")]
            fn new(
                cx: &mut Cx,
                _class: Gc<Type>,
                #[keyword] #[default(UNBOUND)] data: Value,
                #[keyword_only] #[default($most)] digest_size: i64,
                #[keyword_only] #[default(NONE)] key: Value,
                #[keyword_only] #[default(NONE)] salt: Value,
                #[keyword_only] #[default(NONE)] person: Value,
                #[keyword_only] #[default(1)] fanout: i64,
                #[keyword_only] #[default(1)] depth: i64,
                #[keyword_only] #[default(Value::int(0))] leaf_size: Value,
                #[keyword_only] #[default(Value::int(0))] node_offset: Value,
                #[keyword_only] #[default(0)] node_depth: i64,
                #[keyword_only] #[default(0)] inner_size: i64,
                #[keyword_only] #[default(false)] last_node: bool,
                #[keyword_only] #[default(true)] usedforsecurity: bool,
                #[keyword_only] #[default(UNBOUND)] string: Value,
            ) -> PyResult<Gc<Hash>> {
                let _ = usedforsecurity;
                let given = Given {
                    digest_size, key, salt, person, fanout, depth, leaf_size, node_offset, node_depth, inner_size, last_node,
                };
                let parameters = check(cx, given, $most, $salt, $offset)?;
                let size = parameters.digest_size;
                let state = State::$variant(state!($library, parameters));
                finish(cx, Kind::$kind, state, (data, string), (size, $block), $name)
            }
        }
    };
}
constructor!(NEW_BLAKE2B, NewBlake2b, BLAKE2B, "blake2b", blake2b_simd, Blake2b, 64, 16, u64::MAX, 128);
constructor!(NEW_BLAKE2S, NewBlake2s, BLAKE2S, "blake2s", blake2s_simd, Blake2s, 32, 8, (1 << 48) - 1, 64);

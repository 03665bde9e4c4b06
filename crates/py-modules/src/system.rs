//! What the modules that talk to the operating system share: errors, paths, numbers and descriptors as arguments.

pub mod arguments;
pub mod errors;
pub mod lock;
pub mod paths;
pub mod roots;

pub use arguments::CInt;
pub use paths::{decode_path, encode_path};

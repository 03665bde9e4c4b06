//! What the modules that talk to the operating system share: errors, paths, numbers and descriptors as arguments.

pub mod arguments;
pub mod buffers;
pub mod errors;
pub mod lock;
pub mod paths;
pub mod roots;

pub use arguments::{CInt, Descriptor, DirectoryDescriptor, Identifier};
pub use errors::{blocking, check, os_error, os_error_at, os_error_between};
pub use paths::{AnyPath, PathArgument, PathOrDescriptor, decode_path, encode_path, path_value};

//! Arguments of native functions: binding to parameters, conversion to Rust types, results back to values.
//!
//! The declaration macros (`py-macros`) generate calls of what is here; message texts are those of CPython's Argument
//! Clinic and of its slot wrappers.

mod convert;
mod errors;
mod result;
mod slots;

pub use convert::{FromArgument, FromReceiver, Given, Index, SliceIndex};
pub use errors::{constructor_arguments, no_keywords, wrong_count};
pub use result::{IntoResult, Next};
pub use slots::{Keywords, bind, receiver, split_keywords};

/// How the errors of a function read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Functions and methods.
    Ordinary,
    /// Special methods, which CPython wraps slots as.
    Special,
    /// `__new__`: messages name the type.
    Constructor,
}

/// How a parameter may be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passing {
    /// By position only.
    Positional,
    /// By position or keyword.
    Either,
    /// By keyword only.
    Keyword,
}

/// One parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How it may be given.
    pub passing: Passing,
    /// Whether it must be given.
    pub required: bool,
}

/// The parameters of a native function, without `*args` and `**kwargs`.
#[derive(Debug)]
pub struct Parameters {
    /// Short name for messages.
    pub function: &'static str,
    /// Name with the type or module in front.
    pub qualname: &'static str,
    /// How its errors read.
    pub style: Style,
    /// The parameters: positional ones first, keyword-only ones last.
    pub list: &'static [Parameter],
}

/// A place where a value arrived, for messages.
#[derive(Clone, Copy)]
pub struct Argument {
    /// The function's parameters.
    pub parameters: &'static Parameters,
    /// Which one it is.
    pub index: usize,
}

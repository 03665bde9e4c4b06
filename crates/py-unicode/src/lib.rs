//! Unicode 16.0 as Python 3.14 sees it: properties, cases, normal forms, names; and Unicode 3.2, which IDNA asks for.
//!
//! Rust's `char` methods follow a newer Unicode and must not decide what Python programs see. The tables in `data` are
//! written by `generate.py`. Code points are `u32`, since Python's strings may hold lone surrogates.

#![forbid(unsafe_code)]

pub mod case;
pub mod names;
pub mod normalize;
mod properties;
mod table;

pub use properties::{
    BIDIRECTIONAL, CATEGORIES, Category, Database, Flag, LATEST, Properties, UNICODE_3_2, WIDTHS, properties,
};

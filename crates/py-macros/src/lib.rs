//! Declaring native functions and methods: typed Rust functions with attributes become entries of static tables.
//!
//! ```ignore
//! /// The methods of `list`.
//! pub struct Methods;
//!
//! #[py_methods(LIST)]
//! impl Methods {
//!     /// Remove and return item at index (default last).
//!     #[method]
//!     fn pop(cx: &mut Cx, this: Gc<List>, #[default(Index(-1))] index: Index) -> PyResult { … }
//! }
//! ```
//!
//! gives `pub static LIST_METHODS: &[NativeDefinition]`. The docstring is the `///` comment, the text signature and the
//! parsing of arguments follow from the parameters. A function may start with the context `cx: &mut Cx`; then comes the
//! receiver (methods), the class (class methods and `#[new]`), then the parameters.
//!
//! | attribute of a function | what it declares |
//! |---|---|
//! | `#[method]` | a method; special methods as well |
//! | `#[classmethod]`, `#[staticmethod]` | what Python calls so |
//! | `#[new]` | `__new__` |
//! | `#[getter]`, `#[setter]` | a computed attribute; the setter of `x` or `__x__` is called `set_x` |
//! | `#[function]` | a function of a module (`#[py_functions("math")]`) |
//!
//! Options in parentheses: `name = "…"`, `error_name = "…"` (for messages about arguments), `signature = "…"`, `trace = Call | PureCall | Reads | Never`,
//! `transaction = Pure | Asks | Reads | Writes | Deferrable | Inevitable`.
//!
//! | attribute of a parameter | what it means |
//! |---|---|
//! | none | positional-only |
//! | `#[keyword]` | positional or keyword |
//! | `#[keyword_only]` | keyword only |
//! | `#[default(expression)]` | may be left out; `Option<T>` may be left out without it |
//! | `#[shown("…")]` | what the text signature shows as its default, where Rust's is another |
//! | `#[name("…")]` | its name in Python, where that is no name in Rust |
//! | `#[args]` | the remaining positional values, `&[Value]` |
//! | `#[kwargs]` | all keyword values, `Keywords` |

mod declaration;
mod expand;
mod signature;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares the methods of a built-in type: `#[py_methods(KIND)]` or `#[py_methods(KIND, name = "qualified name")]`.
#[proc_macro_attribute]
pub fn py_methods(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::methods(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares the functions of a module: `#[py_functions("name")]`; gives `pub static FUNCTIONS: &[NativeDefinition]`.
#[proc_macro_attribute]
pub fn py_functions(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::functions(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

//! Private names: `__x` inside class `C` is `_C__x`.

use std::borrow::Cow;

/// A class whose private names are mangled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mangling {
    /// The class.
    pub class: String,
    /// In the scope of a class's type parameters: these names alone, which are the parameters'.
    pub only: Option<Vec<String>>,
}

/// The name as it is stored, given the class it stands in.
pub(crate) fn mangle<'a>(mangling: Option<&Mangling>, name: &'a str) -> Cow<'a, str> {
    let Some(Mangling { class, only }) = mangling else { return Cow::Borrowed(name) };
    if only.as_ref().is_some_and(|only| !only.iter().any(|each| each == name)) {
        return Cow::Borrowed(name);
    }
    match Some(class.trim_start_matches('_')) {
        Some(class) if !class.is_empty() && name.starts_with("__") && !name.ends_with("__") && !name.contains('.') => {
            Cow::Owned(format!("_{class}{name}"))
        }
        _ => Cow::Borrowed(name),
    }
}

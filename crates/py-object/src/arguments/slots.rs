//! Binding of positional and keyword values to parameters.

use super::{FromReceiver, Parameters, Passing, Style, errors};
use crate::cx::{Cx, PyResult, UNBOUND};
use crate::objects::{Str, Tuple};
use crate::sequence::tuple_items;
use crate::string::{StrExt, downcast};
use vm_heap::{Gc, Value};

/// The keyword values of a call.
#[derive(Clone, Copy)]
pub struct Keywords<'a> {
    names: Option<Gc<Tuple>>,
    values: &'a [Value],
}

impl<'a> Keywords<'a> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Name and value of each, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Gc<Str>, Value)> + 'a {
        let (names, values) = (self.names, self.values);
        (0..values.len()).filter_map(move |at| {
            let name = downcast::<Str>(*tuple_items(&names?).get(at)?)?;
            Some((name, values[at]))
        })
    }

    /// Calls a function with positional values and these keyword ones.
    pub fn call(&self, cx: &mut Cx, function: Value, positional: &[Value]) -> PyResult {
        if self.values.is_empty() {
            return crate::call::call(cx, function, positional, None);
        }
        // The values are already on a stack or in a tuple, which keeps them alive while the new tuple is made.
        let all: Vec<Value> = positional.iter().chain(self.values).copied().collect();
        let all = Tuple::new(cx, &all);
        crate::call::call(cx, function, tuple_items(&all), self.names)
    }

    /// Makes an instance of a class from positional values and these keyword ones.
    pub fn construct(&self, cx: &mut Cx, class: Gc<crate::objects::Type>, positional: &[Value]) -> PyResult {
        if self.values.is_empty() {
            return crate::call::construct(cx, class, positional, None);
        }
        let all: Vec<Value> = positional.iter().chain(self.values).copied().collect();
        let all = Tuple::new(cx, &all);
        crate::call::construct(cx, class, tuple_items(&all), self.names)
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.iter().find(|(key, _)| key.bytes() == name.as_bytes()).map(|(_, value)| value)
    }
}

/// Splits the values of a call into positional ones and keyword ones.
pub fn split_keywords(arguments: &[Value], keywords: Option<Gc<Tuple>>) -> (&[Value], Keywords<'_>) {
    let count = keywords.map_or(0, |names| tuple_items(&names).len());
    let (positional, values) = arguments.split_at(arguments.len() - count);
    (positional, Keywords { names: keywords, values })
}

/// The receiver and the arguments behind it.
#[inline(always)]
pub fn receiver<'a, T: FromReceiver>(
    cx: &mut Cx,
    parameters: &'static Parameters,
    arguments: &'a [Value],
) -> PyResult<(T, &'a [Value])> {
    if let Some((first, rest)) = arguments.split_first()
        && let Some(receiver) = T::from_receiver(*first)
    {
        return Ok((receiver, rest));
    }
    Err(wrong_receiver(cx, parameters, arguments))
}

#[cold]
fn wrong_receiver(cx: &mut Cx, parameters: &'static Parameters, arguments: &[Value]) -> vm_machine::Raised {
    let owner = parameters.qualname.split('.').next().unwrap_or(parameters.qualname);
    let name = parameters.function;
    let message = match (arguments.first(), parameters.style) {
        (None, Style::Special) => format!("descriptor '{name}' of '{owner}' object needs an argument"),
        (None, Style::Ordinary) => format!("unbound method {}() needs an argument", parameters.qualname),
        (None, Style::Constructor) => format!("{owner}.__new__(): not enough arguments"),
        (Some(value), style) => {
            let class = crate::types::class_name(cx, *value);
            match style {
                Style::Special => format!("descriptor '{name}' requires a '{owner}' object but received a '{class}'"),
                Style::Ordinary => {
                    format!("descriptor '{name}' for '{owner}' objects doesn't apply to a '{class}' object")
                }
                Style::Constructor => format!("{owner}.__new__(X): X is not a type object ({class})"),
            }
        }
    };
    cx.type_error(message)
}

/// Binds values to parameters; a parameter that was left out stays UNBOUND. Returns the positional values beyond the
/// parameters, which only a function with `*args` may be given.
pub fn bind<'a>(
    cx: &mut Cx,
    parameters: &'static Parameters,
    arguments: &'a [Value],
    keywords: Option<Gc<Tuple>>,
    bound: &mut [Value],
    has_rest: bool,
) -> PyResult<&'a [Value]> {
    let list = parameters.list;
    let (positional, keywords) = split_keywords(arguments, keywords);
    if !has_rest && arguments.len() > list.len() {
        return Err(errors::too_many(cx, parameters, positional.len(), arguments.len()));
    }
    let most = list.iter().take_while(|one| one.passing != Passing::Keyword).count();
    if !has_rest && positional.len() > most {
        return Err(errors::too_many_positional(cx, parameters, positional.len()));
    }
    let taken = positional.len().min(most);
    bound[..taken].copy_from_slice(&positional[..taken]);
    let only_positional = list.iter().take_while(|one| one.passing == Passing::Positional).count();
    if list[..only_positional].iter().skip(taken).any(|one| one.required) {
        return Err(errors::too_few_positional(cx, parameters, positional.len()));
    }
    let mut left = keywords.values.len();
    for index in taken.max(only_positional)..list.len() {
        if left > 0
            && let Some(value) = keywords.get(list[index].name)
        {
            bound[index] = value;
            left -= 1;
        } else if list[index].required {
            return Err(errors::missing(cx, parameters, index));
        }
    }
    if left > 0 {
        return Err(wrong_keyword(cx, parameters, keywords, bound, taken));
    }
    Ok(&positional[taken..])
}

#[cold]
fn wrong_keyword(
    cx: &mut Cx,
    parameters: &'static Parameters,
    keywords: Keywords<'_>,
    bound: &[Value],
    taken: usize,
) -> vm_machine::Raised {
    for (name, _) in keywords.iter() {
        let index = parameters
            .list
            .iter()
            .position(|one| one.passing != Passing::Positional && one.name.as_bytes() == name.bytes());
        match index {
            Some(index) if index < taken && bound[index] != UNBOUND => {
                return errors::given_twice(cx, parameters, index);
            }
            Some(_) => {}
            None => return errors::unexpected(cx, parameters, &name.to_text()),
        }
    }
    cx.type_error(format!("{}() keywords must be strings", parameters.function))
}

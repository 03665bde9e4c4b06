//! What an annotated function declares: read from its attributes and parameters.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, FnArg, ImplItemFn, Lit, LitStr, Meta, Pat, Result, Type};

/// How the function is found and bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A function of a module.
    Function,
    /// A method.
    Method,
    /// A class method.
    ClassMethod,
    /// A static method.
    StaticMethod,
    /// `__new__`.
    New,
    /// Reads a computed attribute.
    Getter,
    /// Writes one.
    Setter,
}

impl Role {
    fn of(attribute: &Attribute) -> Option<Role> {
        let name = attribute.path().get_ident()?.to_string();
        Some(match name.as_str() {
            "function" => Role::Function,
            "method" => Role::Method,
            "classmethod" => Role::ClassMethod,
            "staticmethod" => Role::StaticMethod,
            "new" => Role::New,
            "getter" => Role::Getter,
            "setter" => Role::Setter,
            _ => return None,
        })
    }

    /// Whether the first argument is a receiver or class.
    pub fn has_receiver(self) -> bool {
        !matches!(self, Role::Function | Role::StaticMethod)
    }
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
    /// The remaining positional values.
    Rest,
    /// All keyword values.
    Keywords,
}

/// One parameter as Python sees it.
pub struct Parameter {
    /// Its name in Python.
    pub name: String,
    /// How it may be given.
    pub passing: Passing,
    /// Its Rust type.
    pub ty: Type,
    /// Its default.
    pub default: Option<Expr>,
    /// What the text signature shows as its default.
    pub shown: Option<String>,
}

impl Parameter {
    /// Whether it may be left out.
    pub fn is_optional(&self) -> bool {
        self.default.is_some() || self.is_option()
    }

    /// Whether its type is an `Option`, so that leaving it out gives `None`.
    pub fn is_option(&self) -> bool {
        match &self.ty {
            Type::Path(path) => path.path.segments.last().is_some_and(|segment| segment.ident == "Option"),
            _ => false,
        }
    }
}

/// One declared function.
pub struct Declaration {
    /// The Rust function.
    pub function: Ident,
    /// How it is bound.
    pub role: Role,
    /// Its name in Python.
    pub name: String,
    /// Its docstring.
    pub doc: String,
    /// Name in messages about arguments, where it differs: that of the type for `__init__`.
    pub error_name: Option<String>,
    /// Given text signature.
    pub signature: Option<String>,
    /// Variant of `TracePolicy`.
    pub trace: Ident,
    /// Variant of `TransactionPolicy`.
    pub transaction: Ident,
    /// Whether the function takes the context.
    pub takes_context: bool,
    /// Type of the receiver or class.
    pub receiver: Option<Type>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

impl Declaration {
    /// Reads a declaration and removes its attributes from the function; `None` for a function without a role.
    pub fn take(function: &mut ImplItemFn) -> Result<Option<Declaration>> {
        let Some(at) = function.attrs.iter().position(|attribute| Role::of(attribute).is_some()) else {
            return Ok(None);
        };
        let attribute = function.attrs.remove(at);
        let Some(role) = Role::of(&attribute) else { return Ok(None) };
        let ident = function.sig.ident.clone();
        let rust_name = plain_name(&ident);
        let mut declaration = Declaration {
            name: match role {
                Role::New => "__new__".to_string(),
                Role::Setter => rust_name.strip_prefix("set_").unwrap_or(&rust_name).to_string(),
                _ => rust_name,
            },
            role,
            doc: doc_text(&function.attrs),
            error_name: None,
            signature: None,
            trace: Ident::new("Call", ident.span()),
            transaction: Ident::new("Inevitable", ident.span()),
            takes_context: false,
            receiver: None,
            parameters: Vec::new(),
            function: ident,
        };
        declaration.read_options(&attribute)?;
        declaration.read_parameters(function)?;
        declaration.check_order(function)?;
        Ok(Some(declaration))
    }

    /// Whether this is the setter of an attribute: `set_x` sets `x` or `__x__`.
    pub fn sets(&self, attribute: &str) -> bool {
        attribute == self.name
            || attribute.strip_prefix("__").and_then(|name| name.strip_suffix("__")) == Some(&self.name)
    }

    fn read_options(&mut self, attribute: &Attribute) -> Result<()> {
        if matches!(attribute.meta, Meta::Path(_)) {
            return Ok(());
        }
        attribute.parse_nested_meta(|meta| {
            let option = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            match option.as_str() {
                "name" => self.name = meta.value()?.parse::<LitStr>()?.value(),
                "error_name" => self.error_name = Some(meta.value()?.parse::<LitStr>()?.value()),
                "signature" => self.signature = Some(meta.value()?.parse::<LitStr>()?.value()),
                "trace" => self.trace = meta.value()?.parse()?,
                "transaction" => self.transaction = meta.value()?.parse()?,
                _ => return Err(meta.error("expected name, error_name, signature, trace or transaction")),
            }
            Ok(())
        })
    }

    fn read_parameters(&mut self, function: &mut ImplItemFn) -> Result<()> {
        let mut inputs = function.sig.inputs.iter_mut().peekable();
        if let Some(FnArg::Typed(first)) = inputs.peek()
            && let Type::Reference(reference) = &*first.ty
            && reference.mutability.is_some()
        {
            self.takes_context = true;
            inputs.next();
        }
        if self.role.has_receiver() {
            match inputs.next() {
                Some(FnArg::Typed(receiver)) => self.receiver = Some((*receiver.ty).clone()),
                _ => return Err(Error::new(function.sig.ident.span(), "expected a receiver parameter")),
            }
        }
        for input in inputs {
            let FnArg::Typed(input) = input else {
                return Err(Error::new(input.span(), "natives take their receiver as a plain parameter"));
            };
            let Pat::Ident(pattern) = &*input.pat else {
                return Err(Error::new(input.span(), "a parameter needs a name"));
            };
            let mut parameter = Parameter {
                name: plain_name(&pattern.ident),
                passing: Passing::Positional,
                ty: (*input.ty).clone(),
                default: None,
                shown: None,
            };
            for attribute in std::mem::take(&mut input.attrs) {
                read_parameter_attribute(&mut parameter, &attribute)?;
            }
            if parameter.passing == Passing::Positional {
                // That the function does not use it is marked in Rust only.
                parameter.name = parameter.name.trim_start_matches('_').to_string();
            }
            self.parameters.push(parameter);
        }
        Ok(())
    }

    /// Positional parameters before keyword ones, required ones before optional ones.
    fn check_order(&self, function: &ImplItemFn) -> Result<()> {
        let rank = |passing| match passing {
            Passing::Positional => 0,
            Passing::Either => 1,
            Passing::Rest => 2,
            Passing::Keyword => 3,
            Passing::Keywords => 4,
        };
        let span = function.sig.ident.span();
        for pair in self.parameters.windows(2) {
            if rank(pair[0].passing) > rank(pair[1].passing) {
                return Err(Error::new(
                    span,
                    "parameters must be ordered: positional, keyword, args, keyword_only, kwargs",
                ));
            }
            let positional = rank(pair[1].passing) < 2;
            if positional && pair[0].is_optional() && !pair[1].is_optional() {
                return Err(Error::new(span, "a required parameter follows an optional one"));
            }
        }
        let named = self.parameters.iter().any(|one| matches!(one.passing, Passing::Either | Passing::Keyword));
        if named && self.parameters.iter().any(|one| one.passing == Passing::Keywords) {
            return Err(Error::new(span, "kwargs with other keyword parameters is not supported"));
        }
        Ok(())
    }
}

fn read_parameter_attribute(parameter: &mut Parameter, attribute: &Attribute) -> Result<()> {
    let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
    match name.as_str() {
        "keyword" => parameter.passing = Passing::Either,
        "keyword_only" => parameter.passing = Passing::Keyword,
        "positional_only" => parameter.passing = Passing::Positional,
        "args" => parameter.passing = Passing::Rest,
        "kwargs" => parameter.passing = Passing::Keywords,
        "default" => parameter.default = Some(attribute.parse_args()?),
        "shown" => parameter.shown = Some(attribute.parse_args::<LitStr>()?.value()),
        "name" => parameter.name = attribute.parse_args::<LitStr>()?.value(),
        _ => return Err(Error::new(attribute.span(), "unknown attribute of a parameter")),
    }
    Ok(())
}

/// An identifier without `r#`.
fn plain_name(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_string()
}

/// The text of `///` comments, without their common leading space.
fn doc_text(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value
        {
            let line = text.value();
            lines.push(line.strip_prefix(' ').unwrap_or(&line).trim_end().to_string());
        }
    }
    lines.join("\n")
}

//! The code that a declaration stands for: a wrapper that parses the arguments, and an entry in the table.

use crate::declaration::{Declaration, Parameter, Passing, Role};
use crate::signature;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::Parser;
use syn::{Error, ImplItem, ItemImpl, LitStr, Result, Token, Type};

/// Special methods that CPython implements as ordinary methods, whose errors read differently.
const ORDINARY_SPECIAL_METHODS: &[&str] = &[
    "__class_getitem__",
    "__ceil__",
    "__dir__",
    "__enter__",
    "__exit__",
    "__floor__",
    "__format__",
    "__getnewargs__",
    "__getstate__",
    "__init_subclass__",
    "__length_hint__",
    "__missing__",
    "__reduce__",
    "__reduce_ex__",
    "__reversed__",
    "__round__",
    "__setstate__",
    "__sizeof__",
    "__subclasshook__",
    "__trunc__",
];

/// Expands `#[py_methods(KIND)]`.
pub fn methods(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut qualified = None;
    let parser = |input: syn::parse::ParseStream| {
        let kind: Ident = input.parse()?;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            let option: Ident = input.parse()?;
            if option != "name" {
                return Err(Error::new(option.span(), "expected `name`"));
            }
            input.parse::<Token![=]>()?;
            qualified = Some(input.parse::<LitStr>()?.value());
        }
        Ok(kind)
    };
    let kind = parser.parse2(arguments)?;
    let owner = qualified.unwrap_or_else(|| kind.to_string().to_lowercase());
    table(format_ident!("{kind}_METHODS"), &owner, item)
}

/// Expands `#[py_functions("module")]`.
pub fn functions(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let module: LitStr = syn::parse2(arguments)?;
    table(Ident::new("FUNCTIONS", Span::call_site()), &module.value(), item)
}

fn table(table: Ident, owner: &str, item: TokenStream) -> Result<TokenStream> {
    let mut block: ItemImpl = syn::parse2(item)?;
    let mut declarations = Vec::new();
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item
            && let Some(declaration) = Declaration::take(function)?
        {
            declarations.push(declaration);
        }
    }
    let holder = &block.self_ty;
    let wrappers: Vec<TokenStream> =
        declarations.iter().map(|declaration| wrapper(&table, owner, holder, declaration)).collect();
    let mut entries = Vec::new();
    for declaration in &declarations {
        if declaration.role != Role::Setter {
            let setter = declarations
                .iter()
                .find(|other| other.role == Role::Setter && other.sets(&declaration.name))
                .filter(|_| declaration.role == Role::Getter);
            entries.push(entry(&table, owner, declaration, setter));
        }
    }
    for setter in declarations.iter().filter(|declaration| declaration.role == Role::Setter) {
        if !declarations.iter().any(|other| other.role == Role::Getter && setter.sets(&other.name)) {
            return Err(Error::new(setter.function.span(), "a setter needs a getter of the same name"));
        }
    }
    let doc = format!("What `{owner}` declares.");
    Ok(quote! {
        // The shape of these functions is Python's, not Rust's.
        #[allow(clippy::new_ret_no_self, clippy::too_many_arguments, clippy::wrong_self_convention)]
        #block
        #(#wrappers)*
        #[doc = #doc]
        pub static #table: &[::py_object::native::NativeDefinition] = &[#(#entries),*];
    })
}

/// The generated name of a wrapper.
fn wrapper_name(table: &Ident, declaration: &Declaration) -> Ident {
    format_ident!(
        "call_{}_{}",
        table.to_string().to_lowercase(),
        declaration.function.to_string().trim_start_matches("r#")
    )
}

fn entry(table: &Ident, owner: &str, declaration: &Declaration, setter: Option<&Declaration>) -> TokenStream {
    let (name, doc) = (&declaration.name, &declaration.doc);
    let qualname = qualified_name(owner, declaration);
    let text = signature::text(declaration);
    let kind = match declaration.role {
        Role::Function => quote!(Function),
        Role::Method => quote!(Method),
        Role::ClassMethod => quote!(ClassMethod),
        Role::StaticMethod => quote!(StaticMethod),
        Role::New => quote!(Constructor),
        Role::Getter | Role::Setter => quote!(Getter),
    };
    let call = wrapper_name(table, declaration);
    let setter = match setter {
        Some(setter) => {
            let wrapper = wrapper_name(table, setter);
            quote!(Some(#wrapper))
        }
        None => quote!(None),
    };
    let (trace, transaction) = (&declaration.trace, &declaration.transaction);
    quote! {
        ::py_object::native::NativeDefinition {
            name: #name,
            qualname: #qualname,
            kind: ::py_object::native::NativeKind::#kind,
            doc: #doc,
            signature: #text,
            call: #call,
            setter: #setter,
            trace: ::py_object::native::TracePolicy::#trace,
            transaction: ::py_object::native::TransactionPolicy::#transaction,
        }
    }
}

/// The name in messages: functions of `builtins` go without their module.
fn qualified_name(owner: &str, declaration: &Declaration) -> String {
    if declaration.role == Role::Function && owner == "builtins" {
        declaration.name.clone()
    } else {
        format!("{owner}.{}", declaration.name)
    }
}

fn wrapper(table: &Ident, owner: &str, holder: &Type, declaration: &Declaration) -> TokenStream {
    let wrapper = wrapper_name(table, declaration);
    let function = &declaration.function;
    let parameters = parameters_constant(owner, declaration);
    let context = declaration.takes_context.then(|| quote!(cx,));
    let receiver_binding = receiver_binding(declaration);
    let receiver = declaration.receiver.as_ref().map(|_| quote!(receiver,));
    let (parsing, names) =
        if declaration.role == Role::Setter { setter_parsing(declaration) } else { argument_parsing(declaration) };
    quote! {
        fn #wrapper(
            cx: &mut ::py_object::Cx,
            arguments: &[::vm_heap::Value],
            keywords: Option<::vm_heap::Gc<::py_object::objects::Tuple>>,
        ) -> ::py_object::PyResult {
            #[allow(unused_imports)]
            use ::py_object::arguments::{Argument, FromArgument, IntoResult, Parameter, Parameters, Passing, Style};
            static PARAMETERS: Parameters = #parameters;
            #receiver_binding
            #parsing
            let result = <#holder>::#function(#context #receiver #(#names),*);
            IntoResult::into_result(result, cx)
        }
    }
}

fn receiver_binding(declaration: &Declaration) -> TokenStream {
    let class_argument = (declaration.role == Role::New).then(|| {
        quote! {
            #[allow(unused_variables)]
            let class_argument = arguments.first().copied();
        }
    });
    match &declaration.receiver {
        Some(ty) => quote! {
            #class_argument
            let (receiver, arguments): (#ty, &[::vm_heap::Value]) =
                ::py_object::arguments::receiver(cx, &PARAMETERS, arguments)?;
        },
        None => TokenStream::new(),
    }
}

fn parameters_constant(owner: &str, declaration: &Declaration) -> TokenStream {
    let function = match &declaration.error_name {
        Some(name) => name.clone(),
        // Errors of `__new__` and `__init__` name the type.
        None if declaration.role == Role::New || declaration.name == "__init__" => owner.to_string(),
        None => declaration.name.clone(),
    };
    let qualname = if declaration.role == Role::New { owner.to_string() } else { qualified_name(owner, declaration) };
    let special = declaration.role == Role::Method
        && declaration.name.starts_with("__")
        && declaration.name.ends_with("__")
        && !ORDINARY_SPECIAL_METHODS.contains(&declaration.name.as_str());
    let style = match declaration.role {
        _ if declaration.error_name.is_some() => quote!(Ordinary),
        Role::New => quote!(Constructor),
        _ if special => quote!(Special),
        _ => quote!(Ordinary),
    };
    let list = declaration.parameters.iter().filter(|one| !matches!(one.passing, Passing::Rest | Passing::Keywords));
    let list = list.map(|parameter| {
        let name = &parameter.name;
        let required = !parameter.is_optional();
        let passing = match parameter.passing {
            Passing::Positional => quote!(Positional),
            Passing::Either => quote!(Either),
            _ => quote!(Keyword),
        };
        quote!(Parameter { name: #name, passing: Passing::#passing, required: #required })
    });
    quote! {
        Parameters { function: #function, qualname: #qualname, style: Style::#style, list: &[#(#list),*] }
    }
}

fn setter_parsing(declaration: &Declaration) -> (TokenStream, Vec<Ident>) {
    let name = format_ident!("value_0");
    let Some(parameter) = declaration.parameters.first() else {
        return (quote!(compile_error!("a setter takes the value");), Vec::new());
    };
    let ty = &parameter.ty;
    let parsing = quote! {
        let _ = keywords;
        let value = arguments.first().copied().unwrap_or(::py_object::UNBOUND);
        let #name: #ty = FromArgument::from_argument(cx, value, Argument { parameters: &PARAMETERS, index: 0 })?;
    };
    (parsing, vec![name])
}

fn argument_parsing(declaration: &Declaration) -> (TokenStream, Vec<Ident>) {
    let parameters = &declaration.parameters;
    let fixed: Vec<&Parameter> =
        parameters.iter().filter(|one| !matches!(one.passing, Passing::Rest | Passing::Keywords)).collect();
    let rest = parameters.iter().any(|one| one.passing == Passing::Rest);
    let all_keywords = parameters.iter().any(|one| one.passing == Passing::Keywords);
    let by_keyword = fixed.iter().any(|one| one.passing != Passing::Positional);
    let required = fixed.iter().filter(|one| !one.is_optional()).count();
    let count = fixed.len();
    let mut names: Vec<Ident> = Vec::new();
    let mut parsing = if by_keyword {
        let most = fixed.iter().filter(|one| one.passing != Passing::Keyword).count();
        let bind = quote!(::py_object::arguments::bind(cx, &PARAMETERS, arguments, keywords, &mut bound, #rest)?);
        // Calls without keywords need no matching of names, unless they lack one.
        let bind = if fixed.iter().any(|one| one.passing == Passing::Keyword && !one.is_optional()) {
            bind
        } else {
            quote! {
                if keywords.is_none() && arguments.len() >= #required && arguments.len() <= #most {
                    bound[..arguments.len()].copy_from_slice(arguments);
                    &[]
                } else {
                    #bind
                }
            }
        };
        quote! {
            let mut bound = [::py_object::UNBOUND; #count];
            #[allow(unused_variables)]
            let rest: &[::vm_heap::Value] = #bind;
        }
    } else {
        let split = if all_keywords {
            quote!(let (arguments, keywords) = ::py_object::arguments::split_keywords(arguments, keywords);)
        } else if declaration.role == Role::New {
            quote! {
                let arguments =
                    ::py_object::arguments::constructor_arguments(cx, &PARAMETERS, class_argument, arguments, keywords)?;
            }
        } else {
            quote!(::py_object::arguments::no_keywords(cx, &PARAMETERS, keywords)?;)
        };
        let most = if rest { quote!(usize::MAX) } else { quote!(#count) };
        quote! {
            #split
            if arguments.len() < #required || arguments.len() > #most {
                return Err(::py_object::arguments::wrong_count(cx, &PARAMETERS, arguments.len(), #required, #most));
            }
        }
    };
    for (index, parameter) in fixed.iter().enumerate() {
        let name = format_ident!("value_{index}");
        let ty = &parameter.ty;
        let convert =
            quote!(FromArgument::from_argument(cx, value, Argument { parameters: &PARAMETERS, index: #index })?);
        let absent = match &parameter.default {
            Some(default) => quote!(#default),
            None => quote!(None),
        };
        parsing.extend(match (by_keyword, parameter.is_optional()) {
            (true, true) => quote! {
                let #name: #ty = match bound[#index] {
                    ::py_object::UNBOUND => #absent,
                    value => #convert,
                };
            },
            (true, false) => quote!(let #name: #ty = { let value = bound[#index]; #convert };),
            (false, true) => quote! {
                let #name: #ty = match arguments.get(#index) {
                    Some(&value) => #convert,
                    None => #absent,
                };
            },
            (false, false) => quote!(let #name: #ty = { let value = arguments[#index]; #convert };),
        });
        names.push(name);
    }
    if rest {
        let name = format_ident!("rest_arguments");
        let slice = if by_keyword { quote!(rest) } else { quote!(&arguments[#count.min(arguments.len())..]) };
        parsing.extend(quote!(let #name: &[::vm_heap::Value] = #slice;));
        // In the order of the Rust parameters: behind the positional ones, before keyword-only ones.
        let at = fixed.iter().position(|one| one.passing == Passing::Keyword).unwrap_or(count);
        names.insert(at, name);
    }
    if all_keywords {
        names.push(format_ident!("keywords"));
    }
    (parsing, names)
}

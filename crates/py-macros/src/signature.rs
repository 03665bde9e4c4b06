//! The text signature (`__text_signature__`) of a declared function.

use crate::declaration::{Declaration, Parameter, Passing, Role};
use quote::ToTokens;
use syn::{Expr, Lit, UnOp};

/// As CPython writes it: `($self, object, /)`.
pub fn text(declaration: &Declaration) -> String {
    if let Some(given) = &declaration.signature {
        return given.clone();
    }
    let mut parts: Vec<String> = Vec::new();
    match declaration.role {
        Role::Getter | Role::Setter => return String::new(),
        Role::Function => parts.push("$module".to_string()),
        Role::Method => parts.push("$self".to_string()),
        Role::ClassMethod => parts.push("$type".to_string()),
        // That of `__new__` is the class's.
        Role::New | Role::StaticMethod => {}
    }
    let (mut slash_written, mut star_written) = (false, false);
    let has_positional =
        !parts.is_empty() || declaration.parameters.iter().any(|parameter| parameter.passing == Passing::Positional);
    for parameter in &declaration.parameters {
        if parameter.passing != Passing::Positional && has_positional && !slash_written {
            parts.push("/".to_string());
            slash_written = true;
        }
        match parameter.passing {
            Passing::Rest => {
                parts.push(format!("*{}", parameter.name));
                star_written = true;
                continue;
            }
            Passing::Keywords => {
                parts.push(format!("**{}", parameter.name));
                continue;
            }
            Passing::Keyword if !star_written => {
                parts.push("*".to_string());
                star_written = true;
            }
            _ => {}
        }
        parts.push(match default_text(parameter) {
            Some(default) => format!("{}={default}", parameter.name),
            None => parameter.name.clone(),
        });
    }
    if has_positional && !slash_written {
        parts.push("/".to_string());
    }
    format!("({})", parts.join(", "))
}

fn default_text(parameter: &Parameter) -> Option<String> {
    match (&parameter.shown, &parameter.default) {
        (Some(shown), _) => Some(shown.clone()),
        (None, Some(expression)) => Some(python_text(expression)),
        (None, None) => parameter.is_option().then(|| "None".to_string()),
    }
}

/// A default as Python writes it; a marker where it has no Python form.
fn python_text(expression: &Expr) -> String {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Bool(truth) => if truth.value { "True" } else { "False" }.to_string(),
            Lit::Str(text) => format!("'{}'", text.value().escape_default()),
            Lit::Int(number) => number.base10_digits().to_string(),
            other => other.to_token_stream().to_string(),
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => format!("-{}", python_text(&unary.expr)),
        // `Index(-1)` and the like: the wrapped literal.
        Expr::Call(call) if call.args.len() == 1 => python_text(&call.args[0]),
        Expr::Path(path) => match path.path.segments.last().map(|segment| segment.ident.to_string()).as_deref() {
            // Paths are relative to the current directory where none is given.
            Some("NONE" | "None" | "CURRENT") => "None".to_string(),
            Some("TRUE") => "True".to_string(),
            Some("FALSE") => "False".to_string(),
            Some("MAX") => "sys.maxsize".to_string(),
            _ => "<unrepresentable>".to_string(),
        },
        _ => "<unrepresentable>".to_string(),
    }
}

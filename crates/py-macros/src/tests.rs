//! Declarations in, text signatures and errors out.

use crate::declaration::Declaration;
use crate::{expand, signature};
use quote::quote;
use syn::ImplItemFn;

fn signature_of(function: &str) -> String {
    let mut function: ImplItemFn = syn::parse_str(function).expect("the test's function parses");
    match Declaration::take(&mut function) {
        Ok(Some(declaration)) => signature::text(&declaration),
        Ok(None) => "no declaration".to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn text_signatures() {
    let cases = [
        ("#[method] fn append(cx: &mut Cx, this: Gc<List>, object: Value) {}", "($self, object, /)"),
        ("#[method] fn clear(this: Gc<List>) {}", "($self, /)"),
        (
            "#[method] fn pop(cx: &mut Cx, this: Gc<List>, #[default(Index(-1))] index: Index) {}",
            "($self, index=-1, /)",
        ),
        (
            "#[method] fn sort(cx: &mut Cx, this: Gc<List>, #[keyword_only] key: Option<Value>, #[keyword_only] #[default(false)] reverse: bool) {}",
            "($self, /, *, key=None, reverse=False)",
        ),
        ("#[function] fn len(cx: &mut Cx, obj: Value) {}", "($module, obj, /)"),
        (
            "#[function] fn sum(cx: &mut Cx, iterable: Value, #[keyword] #[default(Value::int(0))] start: Value) {}",
            "($module, iterable, /, start=0)",
        ),
        (
            "#[function] fn print(cx: &mut Cx, #[args] args: &[Value], #[keyword_only] #[default(\" \")] sep: X, #[keyword_only] file: Option<Value>) {}",
            "($module, /, *args, sep=' ', file=None)",
        ),
        ("#[new] fn new(cx: &mut Cx, class: Gc<Type>, #[kwargs] kwargs: Keywords) {}", "(**kwargs)"),
        ("#[staticmethod] fn maketrans(#[name(\"from\")] source: Value) {}", "(from, /)"),
        ("#[method(signature = \"(x)\")] fn f(this: Value) {}", "(x)"),
        ("#[getter] fn real(this: Value) {}", ""),
        ("fn plain() {}", "no declaration"),
        (
            "#[method] fn f(this: Value, a: Option<Value>, b: Value) {}",
            "error: a required parameter follows an optional one",
        ),
        (
            "#[method] fn f(this: Value, #[keyword] a: Value, b: Value) {}",
            "error: parameters must be ordered: positional, keyword, args, keyword_only, kwargs",
        ),
        ("#[method] fn f(this: Value, #[odd] a: Value) {}", "error: unknown attribute of a parameter"),
        (
            "#[method(odd = 1)] fn f(this: Value) {}",
            "error: expected name, error_name, signature, trace or transaction",
        ),
    ];
    for (function, expected) in cases {
        assert_eq!(signature_of(function), expected, "{function}");
    }
}

#[test]
fn tables_parse_and_are_complete() {
    let code = expand::methods(
        quote!(LIST),
        quote! {
            impl Methods {
                /// One.
                ///
                /// Two.
                #[method]
                fn append(cx: &mut Cx, this: Gc<List>, object: Value) -> PyResult<()> { body() }
                #[getter]
                fn x(this: Gc<List>) -> Value { body() }
                #[setter]
                fn set_x(this: Gc<List>, value: Value) { body() }
                fn other() {}
            }
        },
    )
    .expect("expands");
    let file: syn::File = syn::parse2(code.clone()).expect("the expansion is Rust");
    // The block itself, a wrapper each, the table.
    assert_eq!(file.items.len(), 5);
    let text = code.to_string();
    assert!(text.contains("pub static LIST_METHODS"));
    assert!(text.contains("\"list.append\""));
    assert!(text.contains("One.\\n\\nTwo."));
    assert!(text.contains("setter : Some (call_list_methods_set_x)"));
    assert!(!text.contains("# [method]"));
}

#[test]
fn a_setter_needs_its_getter() {
    let block = quote!(impl Methods { #[setter] fn set_x(this: Value, value: Value) {} });
    let error = expand::methods(quote!(LIST), block).expect_err("has no getter");
    assert_eq!(error.to_string(), "a setter needs a getter of the same name");
}

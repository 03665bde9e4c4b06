//! `_suggestions`: names like a wrong one, for the library's `traceback`.

use py_macros::py_functions;
use py_object::bootstrap::{add_functions, new_module};
use py_object::objects::*;
use py_object::suggestion::suggest;
use py_object::types::list;
use py_object::{Cx, NONE, PyResult, StrExt, downcast};
use vm_heap::{Gc, Value};

/// The functions.
pub struct Functions;

#[py_functions("_suggestions")]
impl Functions {
    /// Return the candidate, a str in a list, that is most like item, or None.
    #[function]
    fn _generate_suggestions(cx: &mut Cx, candidates: Value, item: Gc<Str>) -> PyResult {
        let Some(candidates) = downcast::<List>(candidates) else {
            return Err(cx.type_error("candidates must be a list"));
        };
        let mut texts = Vec::new();
        for index in 0..list::length(candidates) {
            match list::item(candidates, index).and_then(downcast::<Str>) {
                Some(text) => texts.push(text.to_text()),
                None => return Err(cx.type_error("all elements in 'candidates' must be strings")),
            }
        }
        let wrong = item.to_text();
        match suggest(&wrong, texts.iter().map(String::as_str)) {
            Some(found) => Ok(Str::new(cx, found).value()),
            None => Ok(NONE),
        }
    }
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = new_module(cx, "_suggestions");
    add_functions(cx, module.dict.get(), module.value(), FUNCTIONS);
    Ok(module)
}

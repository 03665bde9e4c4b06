//! `unicodedata`: the Unicode Character Database, versions 16.0 and 3.2.

use crate::{module_of, set};
use py_macros::{py_functions, py_methods};
use py_object::arguments::{Argument, FromArgument, Keywords};
use py_object::bootstrap::add_methods;
use py_object::objects::{Bytes, Module, Record, Str, Type};
use py_object::string::bytes_of;
use py_object::types::str::{code_points, from_code_point, push_code_point};
use py_object::types::{class_name, is_exactly};
use py_object::{Cx, Kind, NONE, PyResult, StrExt, UNBOUND, allocate, downcast};
use py_unicode::normalize::Form;
use py_unicode::{BIDIRECTIONAL, Category, Database, Flag, LATEST, UNICODE_3_2, WIDTHS, names};
use vm_heap::{Gc, Value};

/// Longest name that is looked up.
const LONGEST_NAME: usize = 256;
const HANGUL: std::ops::RangeInclusive<u32> = 0xac00..=0xd7a3;

/// A string of one character.
struct Character(u32);

impl FromArgument for Character {
    fn from_argument(cx: &mut Cx, value: Value, argument: Argument) -> PyResult<Character> {
        let parameters = argument.parameters;
        let place = match parameters.list.len() {
            1 => "argument".to_string(),
            _ => format!("argument {}", argument.index + 1),
        };
        let function = parameters.function;
        let Some(text) = downcast::<Str>(value) else {
            let class = class_name(cx, value);
            return Err(cx.type_error(format!("{function}() {place} must be a unicode character, not {class}")));
        };
        let mut codes = code_points(text.bytes());
        match (codes.next(), codes.next()) {
            (Some(code), None) => Ok(Character(code)),
            _ => {
                let length = text.characters.get().as_int();
                Err(cx.type_error(format!(
                    "{function}(): {place} must be a unicode character, not a string of length {length}"
                )))
            }
        }
    }
}

/// The database behind a `UCD` object: the older one.
fn older(_this: Gc<Record>) -> &'static Database {
    &UNICODE_3_2
}

fn or_default(cx: &mut Cx, found: Option<Value>, default: Value, message: &str) -> PyResult {
    match found {
        Some(value) => Ok(value),
        None if default == UNBOUND => Err(cx.value_error(message)),
        None => Ok(default),
    }
}

fn name_of(cx: &mut Cx, database: &'static Database, code: u32, default: Value) -> PyResult {
    let is_known = database.properties(code).category != Category::UNASSIGNED;
    let name = names::name(code).filter(|_| is_known).map(|name| Str::new(cx, &name).value());
    or_default(cx, name, default, "no such name")
}

fn lookup(cx: &mut Cx, name: Value) -> PyResult<Gc<Str>> {
    let text = match (downcast::<Str>(name), downcast::<Bytes>(name)) {
        (Some(text), _) => text.to_text(),
        (_, Some(bytes)) => String::from_utf8_lossy(bytes_of(&bytes)).into_owned(),
        _ => {
            let message = format!("a bytes-like object is required, not '{}'", class_name(cx, name));
            return Err(cx.type_error(message));
        }
    };
    let message = if text.len() > LONGEST_NAME {
        "name too long".to_string()
    } else if let Some(code) = names::code(&text) {
        return Ok(from_code_point(cx, code));
    } else if let Some(codes) = names::alias(&text) {
        let mut bytes = Vec::new();
        codes.iter().for_each(|code| push_code_point(&mut bytes, *code));
        return Str::checked(cx, &bytes);
    } else {
        format!("undefined character name '{text}'")
    };
    Err(cx.raise(Kind::KEY_ERROR, message))
}

fn decomposition(database: &'static Database, code: u32) -> String {
    let hexadecimal = |part: u32| format!("{part:04X}");
    if HANGUL.contains(&code) {
        let parts = database.normalize(Form::Nfd, std::iter::once(code));
        return parts.into_iter().map(hexadecimal).collect::<Vec<_>>().join(" ");
    }
    match database.decomposition(code) {
        Some((tag, parts)) => {
            let words: Vec<String> =
                std::iter::once(tag.to_string()).filter(|tag| !tag.is_empty()).chain(parts.map(hexadecimal)).collect();
            words.join(" ")
        }
        None => String::new(),
    }
}

fn form_named(cx: &mut Cx, form: Gc<Str>) -> PyResult<Form> {
    match Form::named(&form.to_text()) {
        Some(form) => Ok(form),
        None => Err(cx.value_error("invalid normalization form")),
    }
}

fn normalized(database: &'static Database, form: Form, text: Gc<Str>) -> Vec<u8> {
    let codes = database.normalize(form, code_points(text.bytes()));
    let mut bytes = Vec::with_capacity(text.bytes().len());
    codes.iter().for_each(|code| push_code_point(&mut bytes, *code));
    bytes
}

fn normalize(cx: &mut Cx, database: &'static Database, form: Gc<Str>, text: Gc<Str>) -> PyResult<Gc<Str>> {
    let form = form_named(cx, form)?;
    if text.is_ascii() && is_exactly(text.value(), Kind::STR) {
        return Ok(text);
    }
    let bytes = normalized(database, form, text);
    Str::checked(cx, &bytes)
}

fn is_normalized(cx: &mut Cx, database: &'static Database, form: Gc<Str>, text: Gc<Str>) -> PyResult<bool> {
    let form = form_named(cx, form)?;
    Ok(text.is_ascii() || normalized(database, form, text) == text.bytes())
}

fn decimal(cx: &mut Cx, database: &'static Database, code: u32, default: Value) -> PyResult {
    let value = database.properties(code).decimal().map(|digit| Value::int(i64::from(digit)));
    or_default(cx, value, default, "not a decimal")
}

fn digit(cx: &mut Cx, database: &'static Database, code: u32, default: Value) -> PyResult {
    let value = database.properties(code).digit().map(|digit| Value::int(i64::from(digit)));
    or_default(cx, value, default, "not a digit")
}

fn numeric(cx: &mut Cx, database: &'static Database, code: u32, default: Value) -> PyResult {
    let value = database.numeric(code).map(|number| cx.float(number));
    or_default(cx, value, default, "not a numeric character")
}

fn width(database: &'static Database, code: u32) -> &'static str {
    WIDTHS[database.properties(code).width as usize]
}

/// Declares the functions once for the module and once as methods of `UCD`.
macro_rules! both {
    ($(
        $(#[doc = $doc:literal])+
        fn $name:ident($($parameter:ident: $type:ty),* $(; $default:ident)?) -> $result:ty = |$cx:ident, $database:ident| $body:expr;
    )*) => {
        /// The functions.
        pub struct Functions;

        #[py_functions("unicodedata")]
        impl Functions {
            $(
                $(#[doc = $doc])+
                #[function]
                fn $name($cx: &mut Cx, $($parameter: $type,)* $(#[default(UNBOUND)] $default: Value)?) -> $result {
                    let $database = &LATEST;
                    $body
                }
            )*
        }

        /// The methods of the older database.
        pub struct Methods;

        #[py_methods(UCD, name = "unicodedata.UCD")]
        impl Methods {
            #[new(signature = "")]
            fn new(cx: &mut Cx, _class: Gc<Type>, #[args] _args: &[Value], #[kwargs] _kwargs: Keywords<'_>) -> PyResult {
                Err(cx.type_error("cannot create 'unicodedata.UCD' instances"))
            }
            #[getter]
            fn unidata_version(cx: &mut Cx, this: Gc<Record>) -> Gc<Str> {
                cx.intern(older(this).version)
            }
            $(
                $(#[doc = $doc])+
                #[method]
                fn $name($cx: &mut Cx, this: Gc<Record>, $($parameter: $type,)* $(#[default(UNBOUND)] $default: Value)?) -> $result {
                    let $database = older(this);
                    $body
                }
            )*
        }
    };
}

both! {
    /// Converts a Unicode character into its equivalent decimal value.
    ///
    /// If it has none, default is returned, or ValueError raised where none is given.
    fn decimal(chr: Character; default) -> PyResult = |cx, database| decimal(cx, database, chr.0, default);
    /// Converts a Unicode character into its equivalent digit value.
    ///
    /// If it has none, default is returned, or ValueError raised where none is given.
    fn digit(chr: Character; default) -> PyResult = |cx, database| digit(cx, database, chr.0, default);
    /// Converts a Unicode character into its equivalent numeric value.
    ///
    /// If it has none, default is returned, or ValueError raised where none is given.
    fn numeric(chr: Character; default) -> PyResult = |cx, database| numeric(cx, database, chr.0, default);
    /// Returns the general category assigned to the character chr as string.
    fn category(chr: Character) -> Gc<Str> = |cx, database| cx.intern(database.properties(chr.0).category.name());
    /// Returns the bidirectional class assigned to the character chr as string; empty where there is none.
    fn bidirectional(chr: Character) -> Gc<Str> =
        |cx, database| cx.intern(BIDIRECTIONAL[database.properties(chr.0).bidirectional as usize]);
    /// Returns the canonical combining class assigned to the character chr as integer; 0 where there is none.
    fn combining(chr: Character) -> i64 = |_cx, database| i64::from(database.properties(chr.0).combining);
    /// Returns the mirrored property assigned to the character chr as integer.
    fn mirrored(chr: Character) -> i64 = |_cx, database| i64::from(database.properties(chr.0).is(Flag::Mirrored));
    /// Returns the east asian width assigned to the character chr as string.
    fn east_asian_width(chr: Character) -> Gc<Str> = |cx, database| cx.intern(width(database, chr.0));
    /// Returns the character decomposition mapping assigned to the character chr as string; empty where there is none.
    fn decomposition(chr: Character) -> String = |_cx, database| decomposition(database, chr.0);
    /// Return whether the Unicode string unistr is in the normal form 'form': NFC, NFKC, NFD or NFKD.
    fn is_normalized(form: Gc<Str>, unistr: Gc<Str>) -> PyResult<bool> =
        |cx, database| is_normalized(cx, database, form, unistr);
    /// Return the normal form 'form' for the Unicode string unistr: NFC, NFKC, NFD or NFKD.
    fn normalize(form: Gc<Str>, unistr: Gc<Str>) -> PyResult<Gc<Str>> =
        |cx, database| normalize(cx, database, form, unistr);
    /// Returns the name assigned to the character chr as a string.
    ///
    /// If no name is defined, default is returned, or ValueError raised where none is given.
    fn name(chr: Character; default) -> PyResult = |cx, database| name_of(cx, database, chr.0, default);
    /// Look up character by name; KeyError where there is none.
    fn lookup(name: Value) -> PyResult<Gc<Str>> = |cx, _database| lookup(cx, name);
}

/// Declares methods.
pub fn install(cx: &mut Cx) {
    add_methods(cx, Kind::UCD, UCD_METHODS);
}

/// Makes the module.
pub fn module(cx: &mut Cx) -> PyResult<Gc<Module>> {
    let module = module_of(cx, "unicodedata", FUNCTIONS);
    let version = Str::new(cx, LATEST.version);
    set(cx, module, "unidata_version", version.value())?;
    let class = cx.builtin_type(Kind::UCD);
    set(cx, module, "UCD", class.value())?;
    let older = allocate::<Record>(cx.mutator(), Kind::UCD.shape());
    for field in [&older.first, &older.second, &older.third, &older.fourth] {
        field.init(NONE);
    }
    set(cx, module, "ucd_3_2_0", older.value())?;
    Ok(module)
}

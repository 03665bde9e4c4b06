//! Pickling of arrays: their bytes with a number for the machine's format, and making an array of those.

use super::methods::{extend, push_bytes, to_list, typecode};
use super::{TYPECODES, bytes_of_range, code, code_of, new_array};
use py_object::objects::{Bytes, Dict, List, TypedArray};
use py_object::string::bytes_of;
use py_object::types::{as_type, class_name, class_of, int, is_subclass, name_of};
use py_object::{Cx, Kind, NONE, PyResult, attribute, downcast};
use vm_heap::{Gc, Value};

/// What the bytes of an item are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Unsigned,
    Signed,
    Float,
    Text,
}

/// A machine format: content, bytes of an item, whether the last byte comes first.
type MachineFormat = (Content, usize, bool);

/// The formats by their numbers in pickles.
const FORMATS: [MachineFormat; 22] = [
    (Content::Unsigned, 1, true),
    (Content::Signed, 1, true),
    (Content::Unsigned, 2, true),
    (Content::Unsigned, 2, false),
    (Content::Signed, 2, true),
    (Content::Signed, 2, false),
    (Content::Unsigned, 4, true),
    (Content::Unsigned, 4, false),
    (Content::Signed, 4, true),
    (Content::Signed, 4, false),
    (Content::Unsigned, 8, true),
    (Content::Unsigned, 8, false),
    (Content::Signed, 8, true),
    (Content::Signed, 8, false),
    (Content::Float, 4, true),
    (Content::Float, 4, false),
    (Content::Float, 8, true),
    (Content::Float, 8, false),
    (Content::Text, 2, true),
    (Content::Text, 2, false),
    (Content::Text, 4, true),
    (Content::Text, 4, false),
];

/// The number of the format that this machine keeps a typecode's items in.
fn native_format(code: u8) -> usize {
    let content = match code {
        b'f' | b'd' => Content::Float,
        _ if code::is_text(code) => Content::Text,
        _ if code::is_signed(code) => Content::Signed,
        _ => Content::Unsigned,
    };
    FORMATS.iter().position(|format| *format == (content, code::size(code), true)).unwrap_or(0)
}

/// What `__reduce_ex__` returns.
pub fn reduced(cx: &mut Cx, array: Gc<TypedArray>, protocol: i64) -> PyResult {
    let name = cx.intern("__dict__");
    let attributes = attribute::find(cx, array.value(), name)?.map_or(NONE, |(attributes, _)| attributes);
    let class = class_of(cx, array.value());
    let code = code_of(array);
    let code_text = cx.intern(&(code as char).to_string());
    if protocol < 3 {
        let items = to_list(cx, array)?;
        let arguments = cx.tuple(&[code_text.value(), items.value()]);
        return Ok(cx.tuple(&[class.value(), arguments, attributes]));
    }
    let (modules, name) = (cx.runtime.modules.get().expect("made at start-up"), cx.intern("array"));
    let rebuild = cx.intern("_array_reconstructor");
    let rebuild = match Dict::get_str(cx, modules, name) {
        Some(module) => attribute::get(cx, module, rebuild)?,
        None => return Err(attribute::missing(cx, array.value(), rebuild)),
    };
    let bytes = bytes_of_range(array, 0, usize::MAX / 16);
    let bytes = Bytes::checked(cx, &bytes)?;
    let format = Value::int(native_format(code) as i64);
    let arguments = cx.tuple(&[class.value(), code_text.value(), format, bytes.value()]);
    Ok(cx.tuple(&[rebuild, arguments, attributes]))
}

/// The array that a pickle describes.
pub fn rebuild(cx: &mut Cx, class: Value, typecode_text: Value, format: i64, items: Value) -> PyResult<Gc<TypedArray>> {
    let Some(class) = as_type(class) else {
        let message = format!("first argument must be a type object, not {}", class_name(cx, class));
        return Err(cx.type_error(message));
    };
    let base = cx.builtin_type(Kind::TYPED_ARRAY);
    if !is_subclass(class, base) {
        let message = format!("{} is not a subtype of {}", name_of(class), name_of(base));
        return Err(cx.type_error(message));
    }
    let code = match typecode(cx, typecode_text) {
        Ok(code) => code,
        Err(raised) if py_object::types::is_instance(cx, cx.raised.get(), Kind::TYPE_ERROR) => return Err(raised),
        Err(_) => {
            cx.take_raised();
            return Err(cx.value_error("second argument must be a valid type code"));
        }
    };
    let Some(machine) = usize::try_from(format).ok().and_then(|format| FORMATS.get(format).copied()) else {
        return Err(cx.value_error("third argument must be a valid machine format code."));
    };
    let Some(bytes) = downcast::<Bytes>(items) else {
        let message = format!("fourth argument should be bytes, not {}", class_name(cx, items));
        return Err(cx.type_error(message));
    };
    // Ints go into items of the size that they had.
    let fits = |code: &u8| {
        let signed = machine.0 == Content::Signed;
        code::is_integer(*code) && code::is_signed(*code) == signed && code::size(*code) == machine.1
    };
    let ints = matches!(machine.0, Content::Signed | Content::Unsigned) && format as usize != native_format(code);
    let code = if ints { TYPECODES.bytes().rev().find(fits).unwrap_or(code) } else { code };
    let array = new_array(cx, class, code)?;
    if format as usize == native_format(code) {
        let bytes = bytes_of(&bytes).to_vec();
        push_bytes(cx, array, &bytes)?;
        return Ok(array);
    }
    if !bytes_of(&bytes).len().is_multiple_of(machine.1) {
        let kind = if machine.0 == Content::Text { "string" } else { "bytes" };
        return Err(cx.value_error(format!("{kind} length not a multiple of item size")));
    }
    let values = List::new(cx, &[])?;
    let bytes = bytes_of(&bytes).to_vec();
    for item in bytes.chunks_exact(machine.1) {
        let value = decode(cx, machine, item)?;
        List::push(cx, values, value)?;
    }
    extend(cx, array, values.value())?;
    Ok(array)
}

fn decode(cx: &mut Cx, (content, size, little): MachineFormat, item: &[u8]) -> PyResult {
    let mut word = [0; 8];
    word[..size].copy_from_slice(item);
    if !little {
        word[..size].reverse();
    }
    let bits = u64::from_le_bytes(word);
    Ok(match content {
        Content::Unsigned => int::from_i128(cx, i128::from(bits)),
        Content::Signed => {
            let unused = 64 - 8 * size as u32;
            int::from_i64(cx, (bits << unused) as i64 >> unused)
        }
        Content::Float if size == 4 => cx.float(f64::from(f32::from_bits(bits as u32))),
        Content::Float => cx.float(f64::from_bits(bits)),
        Content::Text => code::decode(cx, b'w', word)?,
    })
}

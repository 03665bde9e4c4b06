//! The methods that `bytes` and `bytearray` share, declared once and instantiated for each.

macro_rules! shared_methods {
    ($KIND:ident, $This:ident, $module:ident) => {
        /// The shared methods of one of the two classes.
        pub(crate) mod $module {
            use crate::arguments::{Given, Index, SliceIndex};
            use crate::buffer::ByteView;
            use crate::cx::{Cx, NONE, NOT_IMPLEMENTED, PyResult, UNBOUND, bool_value};
            use crate::kinds::Kind;
            use crate::objects::{List, Slice, Str, Type, $This};
            use crate::operations::Comparison;
            use crate::string::downcast;
            use crate::types::bytes::algorithms::{self, ByteString};
            use crate::types::{class_name, int, memory, slice};
            use py_macros::py_methods;
            use vm_heap::{Gc, Value};

            fn content(this: &Gc<$This>) -> &[u8] {
                $This::content(this)
            }

            fn ordered(cx: &mut Cx, comparison: Comparison, this: Gc<$This>, other: Value) -> PyResult {
                // Only bytearrays compare with other kinds of memory.
                let foreign = $This::NAME == "bytes" && downcast::<crate::objects::Bytes>(other).is_none();
                if foreign || downcast::<Str>(other).is_some() || other.is_int() {
                    return Ok(NOT_IMPLEMENTED);
                }
                match ByteView::find(cx, other)? {
                    Some(view) => Ok(bool_value(comparison.holds(content(&this).cmp(view.bytes())))),
                    None => Ok(NOT_IMPLEMENTED),
                }
            }

            fn repeat(cx: &mut Cx, this: Gc<$This>, count: Value) -> PyResult {
                let count = int::repeat_count(cx, count)?;
                if count == 1 {
                    return $This::same(cx, this);
                }
                let bytes = content(&this).to_vec();
                let repeated = crate::types::str::repeated_bytes(cx, &bytes, count)?;
                $This::make(cx, &repeated)
            }

            fn made(cx: &mut Cx, bytes: &[u8]) -> PyResult {
                $This::make(cx, bytes)
            }

            /// The methods.
            pub struct Methods;

            #[py_methods($KIND)]
            impl Methods {
                #[method]
                fn __len__(this: Gc<$This>) -> usize {
                    content(&this).len()
                }
                #[method]
                fn __getitem__(cx: &mut Cx, this: Gc<$This>, key: Value) -> PyResult {
                    if let Some(key) = downcast::<Slice>(key) {
                        let range = slice::resolve(cx, key, content(&this).len())?;
                        let bytes = content(&this);
                        if range.step == 1 && range.count == bytes.len() {
                            return $This::same(cx, this);
                        }
                        let position = |at: i64| (range.start + at * range.step) as usize;
                        let part: Vec<u8> =
                            (0..range.count as i64).map(|at| bytes.get(position(at)).copied().unwrap_or(0)).collect();
                        return $This::make(cx, &part);
                    }
                    let at = int::sequence_index(cx, key, if $This::NAME == "bytes" { "byte" } else { $This::NAME })?;
                    let bytes = content(&this);
                    let at = if at < 0 { at + bytes.len() as i64 } else { at };
                    match usize::try_from(at).ok().and_then(|at| bytes.get(at)) {
                        Some(byte) => Ok(Value::int(i64::from(*byte))),
                        None if $This::NAME == "bytes" => Err(cx.raise(Kind::INDEX_ERROR, "index out of range")),
                        None => Err(cx.raise(Kind::INDEX_ERROR, "bytearray index out of range")),
                    }
                }
                #[method]
                fn __contains__(cx: &mut Cx, this: Gc<$This>, key: Value) -> PyResult<bool> {
                    let _held = algorithms::Held::new(this);
                    let wanted = algorithms::wanted(cx, key, true)?;
                    Ok(memchr::memmem::find(content(&this), &wanted).is_some())
                }
                #[method]
                fn __add__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    if let Some(sum) = $This::sum(cx, this, value) {
                        return sum;
                    }
                    match ByteView::find(cx, value)? {
                        Some(other) => {
                            let sum = [content(&this), other.bytes()].concat();
                            made(cx, &sum)
                        }
                        None => {
                            let message = format!("can't concat {} to {}", class_name(cx, value), $This::NAME);
                            Err(cx.type_error(message))
                        }
                    }
                }
                #[method]
                fn __mul__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    repeat(cx, this, value)
                }
                #[method]
                fn __rmul__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    repeat(cx, this, value)
                }
                #[method]
                fn __mod__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    let _held = algorithms::Held::new(this);
                    let template = content(&this).to_vec();
                    let result = crate::types::str::format_bytes(cx, &template, value)?;
                    made(cx, &result)
                }
                #[method]
                fn __rmod__(_cx: &mut Cx, _this: Value, _value: Value) -> Value {
                    NOT_IMPLEMENTED
                }
                #[method]
                fn __eq__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    ordered(cx, Comparison::Eq, this, value)
                }
                #[method]
                fn __ne__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    ordered(cx, Comparison::Ne, this, value)
                }
                #[method]
                fn __lt__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    ordered(cx, Comparison::Lt, this, value)
                }
                #[method]
                fn __le__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    ordered(cx, Comparison::Le, this, value)
                }
                #[method]
                fn __gt__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    ordered(cx, Comparison::Gt, this, value)
                }
                #[method]
                fn __ge__(cx: &mut Cx, this: Gc<$This>, value: Value) -> PyResult {
                    ordered(cx, Comparison::Ge, this, value)
                }
                /// Return a buffer object that exposes the underlying memory of the object.
                #[method]
                fn __buffer__(cx: &mut Cx, this: Value, flags: i64) -> PyResult {
                    memory::with_flags(cx, this, flags)
                }
                /// Decode the bytes using the codec registered for encoding.
                #[method]
                fn decode(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    #[keyword]
                    #[default(Given(None))]
                    #[shown("'utf-8'")]
                    encoding: Given<Gc<Str>>,
                    #[keyword]
                    #[default(Given(None))]
                    #[shown("'strict'")]
                    errors: Given<Gc<Str>>,
                ) -> PyResult<Gc<Str>> {
                    crate::types::bytes::decode_bytes(cx, this.value(), encoding.0, errors.0)
                }
                /// Create a string of hexadecimal numbers from a bytes object.
                #[method]
                fn hex(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    #[keyword]
                    #[default(UNBOUND)]
                    sep: Value,
                    #[keyword]
                    #[default(1)]
                    bytes_per_sep: i64,
                ) -> PyResult<String> {
                    let _held = algorithms::Held::new(this);
                    let bytes = content(&this).to_vec();
                    algorithms::hexadecimal(cx, &bytes, sep, bytes_per_sep)
                }
                /// Create an object from a string of hexadecimal numbers; spaces between two numbers are accepted.
                #[classmethod]
                fn fromhex(cx: &mut Cx, class: Gc<Type>, string: Value) -> PyResult {
                    let bytes = algorithms::from_hexadecimal(cx, string)?;
                    let exact = made(cx, &bytes)?;
                    if class == cx.builtin_type(Kind::$KIND) {
                        return Ok(exact);
                    }
                    crate::call::call(cx, class.value(), &[exact], None)
                }
                /// Return a translation table usable for translate().
                #[staticmethod]
                fn maketrans(cx: &mut Cx, frm: Value, to: Value) -> PyResult {
                    algorithms::translation_table(cx, frm, to)
                }
                /// Concatenate any number of bytes-like objects, with this one between each pair.
                #[method]
                fn join(cx: &mut Cx, this: Gc<$This>, iterable_of_bytes: Value) -> PyResult {
                    algorithms::join(cx, this, iterable_of_bytes)
                }
                /// Return the lowest index where subsection 'sub' is found within [start,end], or -1.
                #[method]
                fn find(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    sub: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<i64> {
                    Ok(algorithms::find(cx, this, sub, (start, end), false)?.map_or(-1, |at| at as i64))
                }
                /// Return the highest index where subsection 'sub' is found within [start,end], or -1.
                #[method]
                fn rfind(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    sub: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<i64> {
                    Ok(algorithms::find(cx, this, sub, (start, end), true)?.map_or(-1, |at| at as i64))
                }
                /// Like find(), but raises ValueError when the subsection is not found.
                #[method]
                fn index(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    sub: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<usize> {
                    match algorithms::find(cx, this, sub, (start, end), false)? {
                        Some(at) => Ok(at),
                        None => Err(cx.value_error("subsection not found")),
                    }
                }
                /// Like rfind(), but raises ValueError when the subsection is not found.
                #[method]
                fn rindex(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    sub: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<usize> {
                    match algorithms::find(cx, this, sub, (start, end), true)? {
                        Some(at) => Ok(at),
                        None => Err(cx.value_error("subsection not found")),
                    }
                }
                /// Return the number of non-overlapping occurrences of subsection 'sub' in [start:end].
                #[method]
                fn count(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    sub: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<usize> {
                    algorithms::count(cx, this, sub, start, end)
                }
                /// Return True if the bytes starts with the specified prefix, False otherwise.
                #[method]
                fn startswith(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    prefix: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<bool> {
                    algorithms::has_affix(cx, this, prefix, (start, end), true)
                }
                /// Return True if the bytes ends with the specified suffix, False otherwise.
                #[method]
                fn endswith(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    suffix: Value,
                    start: Option<SliceIndex>,
                    end: Option<SliceIndex>,
                ) -> PyResult<bool> {
                    algorithms::has_affix(cx, this, suffix, (start, end), false)
                }
                /// Return a copy with all occurrences of substring old replaced by new.
                #[method]
                fn replace(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    old: Value,
                    new: Value,
                    #[default(Index(-1))] count: Index,
                ) -> PyResult {
                    algorithms::replaced(cx, this, old, new, count.0)
                }
                /// Return a list of the sections in the bytes, using sep as the delimiter.
                #[method]
                fn split(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    #[keyword]
                    #[default(NONE)]
                    sep: Value,
                    #[keyword]
                    #[default(Index(-1))]
                    maxsplit: Index,
                ) -> PyResult<Gc<List>> {
                    algorithms::split(cx, this, sep, maxsplit.0, false)
                }
                /// Return a list of the sections in the bytes, using sep as the delimiter, starting at the end.
                #[method]
                fn rsplit(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    #[keyword]
                    #[default(NONE)]
                    sep: Value,
                    #[keyword]
                    #[default(Index(-1))]
                    maxsplit: Index,
                ) -> PyResult<Gc<List>> {
                    algorithms::split(cx, this, sep, maxsplit.0, true)
                }
                /// Return a list of the lines in the bytes, breaking at line boundaries.
                #[method]
                fn splitlines(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    #[keyword]
                    #[default(false)]
                    keepends: bool,
                ) -> PyResult<Gc<List>> {
                    algorithms::lines(cx, this, keepends)
                }
                /// Partition the bytes into three parts using the given separator.
                #[method]
                fn partition(cx: &mut Cx, this: Gc<$This>, sep: Value) -> PyResult {
                    algorithms::partition(cx, this, sep, false)
                }
                /// Partition the bytes into three parts using the given separator, searching from the end.
                #[method]
                fn rpartition(cx: &mut Cx, this: Gc<$This>, sep: Value) -> PyResult {
                    algorithms::partition(cx, this, sep, true)
                }
                /// Strip leading and trailing bytes contained in the argument.
                #[method]
                fn strip(cx: &mut Cx, this: Gc<$This>, #[default(NONE)] bytes: Value) -> PyResult {
                    algorithms::stripped(cx, this, bytes, true, true)
                }
                /// Strip leading bytes contained in the argument.
                #[method]
                fn lstrip(cx: &mut Cx, this: Gc<$This>, #[default(NONE)] bytes: Value) -> PyResult {
                    algorithms::stripped(cx, this, bytes, true, false)
                }
                /// Strip trailing bytes contained in the argument.
                #[method]
                fn rstrip(cx: &mut Cx, this: Gc<$This>, #[default(NONE)] bytes: Value) -> PyResult {
                    algorithms::stripped(cx, this, bytes, false, true)
                }
                /// Return a bytes object with the given prefix string removed if present.
                #[method]
                fn removeprefix(cx: &mut Cx, this: Gc<$This>, prefix: Value) -> PyResult {
                    let prefix = ByteView::of(cx, prefix)?.bytes().to_vec();
                    let bytes = content(&this).to_vec();
                    match bytes.strip_prefix(&prefix[..]) {
                        Some(rest) if !prefix.is_empty() => made(cx, rest),
                        _ => $This::same(cx, this),
                    }
                }
                /// Return a bytes object with the given suffix string removed if present.
                #[method]
                fn removesuffix(cx: &mut Cx, this: Gc<$This>, suffix: Value) -> PyResult {
                    let suffix = ByteView::of(cx, suffix)?.bytes().to_vec();
                    let bytes = content(&this).to_vec();
                    match bytes.strip_suffix(&suffix[..]) {
                        Some(rest) if !suffix.is_empty() => made(cx, rest),
                        _ => $This::same(cx, this),
                    }
                }
                /// Return a copy with each character mapped by the given translation table.
                #[method]
                fn translate(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    table: Value,
                    #[keyword]
                    #[default(UNBOUND)]
                    #[shown("b''")]
                    delete: Value,
                ) -> PyResult {
                    algorithms::translated(cx, this, table, delete)
                }
                /// Return a centered bytes of length width, padded with the specified fill byte.
                #[method]
                fn center(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    width: Index,
                    #[default(UNBOUND)]
                    #[shown("b' '")]
                    fillchar: Value,
                ) -> PyResult {
                    algorithms::padded(cx, this, width.0, fillchar, "center", |padding, width| {
                        padding / 2 + (padding & width & 1)
                    })
                }
                /// Return a left-justified bytes of length width, padded with the specified fill byte.
                #[method]
                fn ljust(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    width: Index,
                    #[default(UNBOUND)]
                    #[shown("b' '")]
                    fillchar: Value,
                ) -> PyResult {
                    algorithms::padded(cx, this, width.0, fillchar, "ljust", |_, _| 0)
                }
                /// Return a right-justified bytes of length width, padded with the specified fill byte.
                #[method]
                fn rjust(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    width: Index,
                    #[default(UNBOUND)]
                    #[shown("b' '")]
                    fillchar: Value,
                ) -> PyResult {
                    algorithms::padded(cx, this, width.0, fillchar, "rjust", |padding, _| padding)
                }
                /// Pad a numeric string with zeros on the left, to fill a field of the given width.
                #[method]
                fn zfill(cx: &mut Cx, this: Gc<$This>, width: Index) -> PyResult {
                    algorithms::zero_filled(cx, this, width.0)
                }
                /// Return a copy where all tab characters are expanded using spaces.
                #[method]
                fn expandtabs(
                    cx: &mut Cx,
                    this: Gc<$This>,
                    #[keyword]
                    #[default(8)]
                    tabsize: i64,
                ) -> PyResult {
                    algorithms::expanded(cx, this, tabsize)
                }
                /// B.upper() -> copy of B
                #[method]
                fn upper(cx: &mut Cx, this: Gc<$This>) -> PyResult {
                    let result = content(&this).to_ascii_uppercase();
                    made(cx, &result)
                }
                /// B.lower() -> copy of B
                #[method]
                fn lower(cx: &mut Cx, this: Gc<$This>) -> PyResult {
                    let result = content(&this).to_ascii_lowercase();
                    made(cx, &result)
                }
                /// B.title() -> copy of B
                #[method]
                fn title(cx: &mut Cx, this: Gc<$This>) -> PyResult {
                    let result = algorithms::titled(content(&this));
                    made(cx, &result)
                }
                /// B.capitalize() -> copy of B
                #[method]
                fn capitalize(cx: &mut Cx, this: Gc<$This>) -> PyResult {
                    let mut result = content(&this).to_ascii_lowercase();
                    if let Some(first) = result.first_mut() {
                        first.make_ascii_uppercase();
                    }
                    made(cx, &result)
                }
                /// B.swapcase() -> copy of B
                #[method]
                fn swapcase(cx: &mut Cx, this: Gc<$This>) -> PyResult {
                    let swap = |byte: &u8| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte };
                    let result: Vec<u8> = content(&this).iter().map(swap).collect();
                    made(cx, &result)
                }
                /// Return True if all characters in B are alphanumeric and there is at least one, False otherwise.
                #[method]
                fn isalnum(this: Gc<$This>) -> bool {
                    algorithms::all(content(&this), u8::is_ascii_alphanumeric)
                }
                /// Return True if all characters in B are alphabetic and there is at least one, False otherwise.
                #[method]
                fn isalpha(this: Gc<$This>) -> bool {
                    algorithms::all(content(&this), u8::is_ascii_alphabetic)
                }
                /// Return True if B is empty or all characters in B are ASCII, False otherwise.
                #[method]
                fn isascii(this: Gc<$This>) -> bool {
                    content(&this).is_ascii()
                }
                /// Return True if all characters in B are digits and there is at least one, False otherwise.
                #[method]
                fn isdigit(this: Gc<$This>) -> bool {
                    algorithms::all(content(&this), u8::is_ascii_digit)
                }
                /// Return True if all cased characters in B are lowercase and there is at least one, False otherwise.
                #[method]
                fn islower(this: Gc<$This>) -> bool {
                    algorithms::has_case(content(&this), u8::is_ascii_lowercase, u8::is_ascii_uppercase)
                }
                /// Return True if all cased characters in B are uppercase and there is at least one, False otherwise.
                #[method]
                fn isupper(this: Gc<$This>) -> bool {
                    algorithms::has_case(content(&this), u8::is_ascii_uppercase, u8::is_ascii_lowercase)
                }
                /// Return True if all characters in B are whitespace and there is at least one, False otherwise.
                #[method]
                fn isspace(this: Gc<$This>) -> bool {
                    algorithms::all(content(&this), |byte| algorithms::is_space(*byte))
                }
                /// Return True if B is a titlecased string and there is at least one character, False otherwise.
                #[method]
                fn istitle(this: Gc<$This>) -> bool {
                    algorithms::is_title(content(&this))
                }
            }
        }
    };
}

shared_methods!(BYTES, Bytes, for_bytes);
shared_methods!(BYTEARRAY, ByteArray, for_bytearray);

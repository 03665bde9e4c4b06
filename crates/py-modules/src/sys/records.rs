//! The struct sequences of `sys`.

use super::LANGUAGE_VERSION;
use crate::structseq::{self, Declaration};
use py_object::configuration::Flags;
use py_object::types::int;
use py_object::{Cx, PyResult, bool_value};
use std::sync::atomic::Ordering;
use vm_heap::Value;

static FLAGS: Declaration = Declaration {
    name: "sys.flags",
    doc: "sys.flags\n\nWhat the command line and the environment have switched on.",
    fields: &[
        ("debug", "-d"),
        ("inspect", "-i"),
        ("interactive", "-i"),
        ("optimize", "-O or -OO"),
        ("dont_write_bytecode", "-B"),
        ("no_user_site", "-s"),
        ("no_site", "-S"),
        ("ignore_environment", "-E"),
        ("verbose", "-v"),
        ("bytes_warning", "-b"),
        ("quiet", "-q"),
        ("hash_randomization", "-R"),
        ("isolated", "-I"),
        ("dev_mode", "-X dev"),
        ("utf8_mode", "-X utf8"),
        ("warn_default_encoding", "-X warn_default_encoding"),
        ("safe_path", "-P"),
        ("int_max_str_digits", "-X int_max_str_digits"),
        ("gil", "-X gil"),
        ("thread_inherit_context", "-X thread_inherit_context"),
        ("context_aware_warnings", "-X context_aware_warnings"),
    ],
    items: 18,
    copies: &[],
    from_fields: false,
};

/// `sys.flags`.
pub fn flags(cx: &mut Cx, flags: &Flags) -> PyResult {
    let number = |flag: bool| Value::int(flag.into());
    let values = [
        Value::int(flags.debug),
        Value::int(flags.inspect),
        Value::int(flags.interactive),
        Value::int(flags.optimize),
        number(flags.dont_write_bytecode),
        number(flags.no_user_site),
        number(flags.no_site),
        number(flags.ignore_environment),
        Value::int(flags.verbose),
        Value::int(flags.bytes_warning),
        Value::int(flags.quiet),
        number(flags.hash_randomization),
        number(flags.isolated),
        bool_value(flags.dev_mode),
        number(flags.utf8_mode),
        number(flags.warn_default_encoding),
        bool_value(flags.safe_path),
        Value::int(cx.runtime.int_digits.load(Ordering::Relaxed) as i64),
        Value::int(0),
        number(flags.thread_inherit_context),
        number(flags.context_aware_warnings),
    ];
    structseq::new(cx, &FLAGS, &values)
}

static VERSION_INFO: Declaration = Declaration {
    name: "sys.version_info",
    doc: "sys.version_info\n\nThe version in parts.",
    fields: &[
        ("major", "Major release number"),
        ("minor", "Minor release number"),
        ("micro", "Patch release number"),
        ("releaselevel", "'alpha', 'beta', 'candidate', or 'final'"),
        ("serial", "Serial release number"),
    ],
    items: 5,
    copies: &[],
    from_fields: false,
};

/// `sys.version_info`.
pub fn version_info(cx: &mut Cx) -> PyResult {
    let [major, minor, micro] = LANGUAGE_VERSION.map(Value::int);
    let level = cx.intern("final").value();
    structseq::new(cx, &VERSION_INFO, &[major, minor, micro, level, Value::int(0)])
}

static HASH_INFO: Declaration = Declaration {
    name: "sys.hash_info",
    doc: "hash_info\n\nWhat hashes are computed with.",
    fields: &[
        ("width", "width of the type used for hashing, in bits"),
        ("modulus", "prime number giving the modulus on which the hash function is based"),
        ("inf", "value to be used for hash of a positive infinity"),
        ("nan", "value to be used for hash of a nan"),
        ("imag", "multiplier used for the imaginary part of a complex number"),
        ("algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"),
        ("hash_bits", "internal output size of hash algorithm"),
        ("seed_bits", "seed size of hash algorithm"),
        ("cutoff", "small string optimization cutoff"),
    ],
    items: 9,
    copies: &[],
    from_fields: false,
};

/// `sys.hash_info`.
pub fn hash_info(cx: &mut Cx) -> PyResult {
    let modulus = int::from_i64(cx, (1 << 61) - 1);
    let algorithm = cx.intern("siphash13").value();
    let numbers = [64, 314_159, 0, 1_000_003, 64, 128, 0].map(Value::int);
    let [width, inf, nan, imag, bits, seed, cutoff] = numbers;
    structseq::new(cx, &HASH_INFO, &[width, modulus, inf, nan, imag, algorithm, bits, seed, cutoff])
}

static FLOAT_INFO: Declaration = Declaration {
    name: "sys.float_info",
    doc: "sys.float_info\n\nThe limits of floats; see the C header float.h.",
    fields: &[
        ("max", "DBL_MAX -- maximum representable finite float"),
        ("max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"),
        ("max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"),
        ("min", "DBL_MIN -- Minimum positive normalized float"),
        ("min_exp", "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"),
        ("min_10_exp", "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"),
        ("dig", "DBL_DIG -- maximum number of decimal digits that can be faithfully represented in a float"),
        ("mant_dig", "DBL_MANT_DIG -- mantissa digits"),
        ("epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"),
        ("radix", "FLT_RADIX -- radix of exponent"),
        ("rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"),
    ],
    items: 11,
    copies: &[],
    from_fields: false,
};

/// `sys.float_info`.
pub fn float_info(cx: &mut Cx) -> PyResult {
    let max = cx.float(f64::MAX);
    let min = cx.float(f64::MIN_POSITIVE);
    let epsilon = cx.float(f64::EPSILON);
    let exponents = [f64::MAX_EXP, f64::MAX_10_EXP, f64::MIN_EXP, f64::MIN_10_EXP].map(|n| Value::int(n.into()));
    let [max_exp, max_10_exp, min_exp, min_10_exp] = exponents;
    let [digits, mantissa] = [f64::DIGITS, f64::MANTISSA_DIGITS].map(|n| Value::int(n.into()));
    let (radix, rounds) = (Value::int(f64::RADIX.into()), Value::int(1));
    let values = [max, max_exp, max_10_exp, min, min_exp, min_10_exp, digits, mantissa, epsilon, radix, rounds];
    structseq::new(cx, &FLOAT_INFO, &values)
}

static INT_INFO: Declaration = Declaration {
    name: "sys.int_info",
    doc: "sys.int_info\n\nHow ints are represented.",
    fields: &[
        ("bits_per_digit", "size of a digit in bits"),
        ("sizeof_digit", "size in bytes of the C type used to represent a digit"),
        ("default_max_str_digits", "maximum string conversion digits limitation"),
        ("str_digits_check_threshold", "minimum positive value for int_max_str_digits"),
    ],
    items: 4,
    copies: &[],
    from_fields: false,
};

/// `sys.int_info`. The digits are CPython's, which is what programs that ask for them know.
pub fn int_info(cx: &mut Cx) -> PyResult {
    structseq::new(cx, &INT_INFO, &[30, 4, 4300, 640].map(Value::int))
}

static THREAD_INFO: Declaration = Declaration {
    name: "sys.thread_info",
    doc: "sys.thread_info\n\nHow threads are implemented.",
    fields: &[
        ("name", "name of the thread implementation"),
        ("lock", "name of the lock implementation"),
        ("version", "name and version of the thread library"),
    ],
    items: 3,
    copies: &[],
    from_fields: false,
};

/// `sys.thread_info`.
pub fn thread_info(cx: &mut Cx) -> PyResult {
    let mut text = [0u8; 128];
    // SAFETY: the system writes at most as many bytes as the buffer is said to have, the last of them a zero.
    let length = unsafe { libc::confstr(libc::_CS_GNU_LIBPTHREAD_VERSION, text.as_mut_ptr().cast(), text.len()) };
    let version = text.get(..length.saturating_sub(1)).unwrap_or_default();
    let version = cx.intern(&String::from_utf8_lossy(version)).value();
    let [name, lock] = ["pthread", "semaphore"].map(|text| cx.intern(text).value());
    structseq::new(cx, &THREAD_INFO, &[name, lock, version])
}

static UNRAISABLE: Declaration = Declaration {
    name: "sys.UnraisableHookArgs",
    doc: "UnraisableHookArgs\n\nWhat sys.unraisablehook is called with.",
    fields: &[
        ("exc_type", "Exception type"),
        ("exc_value", "Exception value"),
        ("exc_traceback", "Exception traceback"),
        ("err_msg", "Error message"),
        ("object", "Object causing the exception"),
    ],
    items: 5,
    copies: &[],
    from_fields: false,
};

/// The argument of `sys.unraisablehook`.
pub fn unraisable(cx: &mut Cx, parts: &[Value; 5]) -> PyResult {
    structseq::new(cx, &UNRAISABLE, parts)
}

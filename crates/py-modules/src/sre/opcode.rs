//! The numbers of the codes that the library's `re._compiler` emits (`re._constants`), and of the own instructions.

/// Version of the codes; `re._compiler` compares it with its own.
pub const MAGIC: i64 = 20230612;
/// Largest number of repeats: no bound.
pub const MAXREPEAT: u32 = u32::MAX;
/// Most groups of a pattern.
pub const MAXGROUPS: u32 = i32::MAX as u32 / 2;

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident: $($code:ident),* $(,)?) => {
        $(#[$meta])*
        // Not every code is mentioned anywhere else.
        #[allow(missing_docs, dead_code)]
        pub mod $name {
            codes!(@ 0u32; $($code),*);
        }
    };
    (@ $number:expr; $code:ident $(, $rest:ident)*) => {
        pub const $code: u32 = $number;
        codes!(@ $number + 1; $($rest),*);
    };
    (@ $number:expr;) => {
        /// How many there are.
        pub const COUNT: u32 = $number;
    };
}

codes! {
    /// Codes of patterns.
    source: FAILURE, SUCCESS, ANY, ANY_ALL, ASSERT, ASSERT_NOT, AT, BRANCH, CATEGORY, CHARSET, BIGCHARSET, GROUPREF,
        GROUPREF_EXISTS, IN, INFO, JUMP, LITERAL, MARK, MAX_UNTIL, MIN_UNTIL, NOT_LITERAL, NEGATE, RANGE, REPEAT,
        REPEAT_ONE, SUBPATTERN, MIN_REPEAT_ONE, ATOMIC_GROUP, POSSESSIVE_REPEAT, POSSESSIVE_REPEAT_ONE,
        GROUPREF_IGNORE, IN_IGNORE, LITERAL_IGNORE, NOT_LITERAL_IGNORE,
        GROUPREF_LOC_IGNORE, IN_LOC_IGNORE, LITERAL_LOC_IGNORE, NOT_LITERAL_LOC_IGNORE,
        GROUPREF_UNI_IGNORE, IN_UNI_IGNORE, LITERAL_UNI_IGNORE, NOT_LITERAL_UNI_IGNORE, RANGE_UNI_IGNORE
}

codes! {
    /// Places that a pattern can ask for.
    at: BEGINNING, BEGINNING_LINE, BEGINNING_STRING, BOUNDARY, NON_BOUNDARY, END, END_LINE, END_STRING,
        LOC_BOUNDARY, LOC_NON_BOUNDARY, UNI_BOUNDARY, UNI_NON_BOUNDARY
}

codes! {
    /// Classes of characters.
    category: DIGIT, NOT_DIGIT, SPACE, NOT_SPACE, WORD, NOT_WORD, LINEBREAK, NOT_LINEBREAK, LOC_WORD, LOC_NOT_WORD,
        UNI_DIGIT, UNI_NOT_DIGIT, UNI_SPACE, UNI_NOT_SPACE, UNI_WORD, UNI_NOT_WORD, UNI_LINEBREAK, UNI_NOT_LINEBREAK
}

codes! {
    /// Own instructions: four words each (eight for repeats), the first of which is the number here.
    ///
    /// `ACCEPT` ends the pattern, `END` the body of an assertion, atomic group or possessive repeat.
    /// `LITERAL`, `NOT_LITERAL`: character, how to compare. `TEXT`: word where the bytes lie, how many bytes.
    /// `SET`: word where the set lies (see `set.rs`). `AT`: place. `MARK`: slot. `GROUP`: group, how to compare.
    /// `BRANCH`: place of the next alternative or 0, hint for this one. `JUMP`: place.
    /// `GREEDY_ONE`, `LAZY_ONE`, `POSSESSIVE_ONE`: least, most, place behind, hint for what comes behind; the
    /// instruction for one character follows. `LOOP`: slot, place of the `*_UNTIL`.
    /// `GREEDY_UNTIL`, `LAZY_UNTIL`, `POSSESSIVE_UNTIL`: slot, least, most, place of the body; what comes behind follows.
    /// `ASSERT`, `ASSERT_NOT`: place behind, characters to go back. `ATOMIC`: place behind.
    /// `GROUP_EXISTS`: group, place where to go on if it has not matched.
    own: FAIL, ACCEPT, END, ANY, ANY_ALL, LITERAL, NOT_LITERAL, TEXT, SET, AT, MARK, GROUP, BRANCH, JUMP,
        GREEDY_ONE, LAZY_ONE, POSSESSIVE_ONE, LOOP, GREEDY_UNTIL, LAZY_UNTIL, POSSESSIVE_UNTIL,
        ASSERT, ASSERT_NOT, ATOMIC, GROUP_EXISTS
}

/// How characters are compared.
pub mod fold {
    /// As they are.
    pub const NONE: u32 = 0;
    /// Letters of ASCII in either case.
    pub const ASCII: u32 = 1;
    /// In either case as Unicode has it.
    pub const UNICODE: u32 = 2;
    /// In either case as the C library's locale has it.
    pub const LOCALE: u32 = 3;
}

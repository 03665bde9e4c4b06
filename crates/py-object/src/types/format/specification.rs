//! Parsing of a format specification: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

/// A parsed specification.
#[derive(Debug)]
pub struct Specification {
    /// What padding consists of.
    pub fill: char,
    /// `<`, `>`, `^` or `=`.
    pub align: Option<char>,
    /// `+`, `-` or a space.
    pub sign: Option<char>,
    /// `z`: a negative zero loses its sign.
    pub positive_zero: bool,
    /// `#`.
    pub alternate: bool,
    /// Least width in characters.
    pub width: usize,
    /// `,` or `_` between groups of the digits before the point.
    pub grouping: Option<char>,
    /// Digits behind the point, or most characters.
    pub precision: Option<usize>,
    /// `,` or `_` between groups of the digits behind the point.
    pub fraction_grouping: Option<char>,
    /// The last character.
    pub code: Option<char>,
}

/// Why a specification is refused.
#[derive(Debug)]
pub enum Refusal {
    /// It does not read as one.
    Invalid,
    /// The message of a ValueError.
    Message(String),
}

impl From<String> for Refusal {
    fn from(message: String) -> Refusal {
        Refusal::Message(message)
    }
}

/// Bytes of a specification that is parsed without an allocation.
const FEW: usize = 24;

impl Specification {
    /// Parses a specification.
    pub fn parse(text: &str, default_code: char) -> Result<Specification, Refusal> {
        // Nearly all are short.
        let (mut few, mut many) = (['\0'; FEW], Vec::new());
        let characters = if text.len() <= FEW {
            let mut length = 0;
            for (place, character) in few.iter_mut().zip(text.chars()) {
                *place = character;
                length += 1;
            }
            &few[..length]
        } else {
            many.extend(text.chars());
            &many[..]
        };
        let mut at = 0;
        let peek = |at: usize| characters.get(at).copied();
        let is_align = |character: Option<char>| matches!(character, Some('<' | '>' | '=' | '^'));
        let mut spec = Specification {
            fill: ' ',
            align: None,
            sign: None,
            positive_zero: false,
            alternate: false,
            width: 0,
            grouping: None,
            precision: None,
            fraction_grouping: None,
            code: None,
        };
        let mut fill_given = false;
        if is_align(peek(1)) {
            (spec.fill, spec.align) = (characters[0], peek(1));
            fill_given = true;
            at = 2;
        } else if is_align(peek(0)) {
            spec.align = peek(0);
            at = 1;
        }
        if let Some(sign @ ('+' | '-' | ' ')) = peek(at) {
            spec.sign = Some(sign);
            at += 1;
        }
        if peek(at) == Some('z') {
            spec.positive_zero = true;
            at += 1;
        }
        if peek(at) == Some('#') {
            spec.alternate = true;
            at += 1;
        }
        if !fill_given && peek(at) == Some('0') {
            spec.fill = '0';
            if spec.align.is_none() && default_code != 's' {
                spec.align = Some('=');
            }
            at += 1;
        }
        spec.width = number(characters, &mut at)?.unwrap_or(0);
        spec.grouping = grouping(characters, &mut at)?;
        if peek(at) == Some('.') {
            at += 1;
            spec.precision = number(characters, &mut at)?;
            spec.fraction_grouping = grouping(characters, &mut at)?;
            if spec.precision.is_none() && spec.fraction_grouping.is_none() {
                return Err(Refusal::Message("Format specifier missing precision".to_string()));
            }
        }
        if characters.len() - at > 1 {
            return Err(Refusal::Invalid);
        }
        spec.code = peek(at);
        let code = spec.code.unwrap_or(default_code);
        for separator in [spec.grouping, spec.fraction_grouping].into_iter().flatten() {
            let allowed = match code {
                'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0' => true,
                'b' | 'o' | 'x' | 'X' => separator == '_',
                _ => false,
            };
            if !allowed {
                return Err(Refusal::Message(format!("Cannot specify '{separator}' with '{code}'.")));
            }
        }
        Ok(spec)
    }

    /// How much padding goes to the left and to the right of a text of `length` characters.
    pub fn padding(&self, length: usize, default_align: char) -> (usize, usize) {
        let total = self.width.saturating_sub(length);
        match self.align.unwrap_or(default_align) {
            '<' => (0, total),
            '^' => (total / 2, total - total / 2),
            _ => (total, 0),
        }
    }
}

fn number(characters: &[char], at: &mut usize) -> Result<Option<usize>, String> {
    let mut result: Option<usize> = None;
    while let Some(digit) = characters.get(*at).and_then(|character| crate::types::str::decimal_digit(*character)) {
        let sum = result.unwrap_or(0).checked_mul(10).and_then(|tens| tens.checked_add(digit as usize));
        match sum.filter(|sum| *sum <= i64::MAX as usize) {
            Some(sum) => result = Some(sum),
            None => return Err("Too many decimal digits in format string".to_string()),
        }
        *at += 1;
    }
    Ok(result)
}

fn grouping(characters: &[char], at: &mut usize) -> Result<Option<char>, String> {
    let mut found = None;
    while let Some(separator @ (',' | '_')) = characters.get(*at) {
        if let Some(first) = found {
            // The same separator again is taken as the type, and refused there.
            if first == *separator {
                break;
            }
            return Err("Cannot specify both ',' and '_'.".to_string());
        }
        found = Some(*separator);
        *at += 1;
    }
    Ok(found)
}

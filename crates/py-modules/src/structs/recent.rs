//! The formats that a thread has used last.

use super::format::Format;
use std::cell::RefCell;
use std::rc::Rc;

/// How many are kept. They are compared one after the other.
const KEPT: usize = 8;
/// Longer formats are parsed each time.
const LONGEST: usize = 40;

struct Recent {
    formats: Vec<(Box<[u8]>, Rc<Format>)>,
    /// The one that goes next.
    oldest: usize,
}

thread_local! {
    static RECENT: RefCell<Recent> = const { RefCell::new(Recent { formats: Vec::new(), oldest: 0 }) };
}

/// A format in parsed form; the error is the message of a `struct.error`.
pub fn find(text: &[u8]) -> Result<Rc<Format>, &'static str> {
    RECENT.with_borrow_mut(|recent| {
        if let Some((_, format)) = recent.formats.iter().find(|(other, _)| **other == *text) {
            return Ok(Rc::clone(format));
        }
        let format = Rc::new(Format::parse(text)?);
        if text.len() <= LONGEST {
            let entry = (Box::from(text), Rc::clone(&format));
            if recent.formats.len() < KEPT {
                recent.formats.push(entry);
            } else {
                recent.formats[recent.oldest] = entry;
                recent.oldest = (recent.oldest + 1) % KEPT;
            }
        }
        Ok(format)
    })
}

/// Forgets them.
pub fn clear() {
    RECENT.with_borrow_mut(|recent| recent.formats.clear());
}

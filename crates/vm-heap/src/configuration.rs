//! Settings of the collector.
//!
//! Defaults come from measurements: a nursery of 8 MB stays within the caches' reach, a full collection once the heap
//! has grown by 82 % balances time against memory (PyPy's figure, confirmed).

/// How the heap is to behave. Set once at the start, before threads attach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Configuration {
    /// Bytes handed out between two minor collections.
    pub nursery: usize,
    /// Bytes of large objects between two minor collections.
    pub large_nursery: usize,
    /// No full collection happens by itself below this many bytes in use.
    pub full_minimum: usize,
    /// A full collection happens once this many times the bytes in use after the last one are in use.
    pub growth: f64,
    /// Collect at every that many allocations: makes missing roots and barriers show up early.
    pub stress: Option<u32>,
    /// Overwrite what is freed.
    pub poison: bool,
    /// After every collection, mark again independently and stop the process at the first disagreement.
    pub verify: bool,
    /// Allocations fail beyond this many bytes in use.
    pub maximum: usize,
}

impl Default for Configuration {
    fn default() -> Configuration {
        Configuration {
            nursery: 8 << 20,
            large_nursery: 32 << 20,
            full_minimum: 24 << 20,
            growth: 1.82,
            stress: None,
            poison: false,
            verify: false,
            maximum: usize::MAX,
        }
    }
}

/// Every how many allocations plain `stress` collects.
const STRESS: u32 = 16;

impl Configuration {
    /// Reads settings as in `stress=100,nursery=1M`: `stress[=N]` (which implies `poison` and `verify`), `poison`,
    /// `verify`, `nursery=SIZE`, `maximum=SIZE`, `growth=FACTOR`; sizes in bytes or with K, M or G.
    /// The error says what was not understood.
    pub fn parse(text: &str) -> Result<Configuration, String> {
        let mut configuration = Configuration::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, value) = match item.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (item, None),
            };
            let bad = || format!("bad collector setting '{item}'");
            match (name, value) {
                ("stress", value) => {
                    let every = value.map_or(Ok(STRESS), |value| value.parse().map_err(|_| bad()))?;
                    if every == 0 {
                        return Err(bad());
                    }
                    configuration.stress = Some(every);
                    configuration.poison = true;
                    configuration.verify = true;
                }
                ("poison", None) => configuration.poison = true,
                ("verify", None) => configuration.verify = true,
                ("nursery", Some(value)) => {
                    configuration.nursery = size(value).filter(|&size| size >= 1 << 16).ok_or_else(bad)?
                }
                ("maximum", Some(value)) => configuration.maximum = size(value).ok_or_else(bad)?,
                ("growth", Some(value)) => {
                    configuration.growth =
                        value.parse().ok().filter(|growth| (1.1..100.0).contains(growth)).ok_or_else(bad)?
                }
                _ => return Err(bad()),
            }
        }
        Ok(configuration)
    }

    /// The settings in the environment variable `TYPHON_GC`, or the defaults where it is not set.
    pub fn from_environment() -> Result<Configuration, String> {
        Configuration::parse(&std::env::var("TYPHON_GC").unwrap_or_default())
    }
}

fn size(text: &str) -> Option<usize> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_or_refused() {
        let read = Configuration::parse("stress=5, nursery=1M,maximum=2G").unwrap();
        assert_eq!((read.stress, read.nursery, read.maximum), (Some(5), 1 << 20, 2 << 30));
        assert!(read.poison && read.verify);
        assert_eq!(Configuration::parse("").unwrap(), Configuration::default());
        for bad in ["stress=0", "stress=x", "nursery", "nursery=1", "growth=0.5", "what", "maximum=99999999999G"] {
            assert!(Configuration::parse(bad).is_err(), "{bad}");
        }
    }
}

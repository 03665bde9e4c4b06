//! Settings of the collector.
//!
//! Defaults come from measurements: a nursery of 8 MB stays within the caches' reach (half of it costs 1 % of speed and is enough for
//! small programs), a full collection once what lives has grown by 82 % balances time against memory (PyPy's figure, confirmed).

/// How the heap is to behave. Set once at the start, before threads attach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Configuration {
    /// Bytes handed out between two minor collections, at most; see [`Configuration::nursery_for`].
    pub nursery: usize,
    /// Bytes of large objects between two minor collections, at most.
    pub large_nursery: usize,
    /// No full collection happens by itself before this many more bytes live than after the last one, the nursery included; less
    /// where full collections cost little (see `pace`).
    pub full_minimum: usize,
    /// A full collection happens once this many times the bytes live that lived after the last one, the nursery included; as above.
    pub growth: f64,
    /// Collect at every that many allocations: makes missing roots and barriers show up early.
    pub stress: Option<u32>,
    /// Overwrite what is freed.
    pub poison: bool,
    /// After every collection, mark again independently and stop the process at the first disagreement.
    pub verify: bool,
    /// Say on standard error what each collection did.
    pub log: bool,
    /// Say on standard error after each full collection what lives, by kind.
    pub census: bool,
    /// Allocations fail beyond this many bytes in use.
    pub maximum: usize,
}

impl Default for Configuration {
    fn default() -> Configuration {
        Configuration {
            nursery: 8 << 20,
            large_nursery: 32 << 20,
            full_minimum: 16 << 20,
            growth: 1.82,
            stress: None,
            poison: false,
            verify: false,
            log: false,
            census: false,
            maximum: usize::MAX,
        }
    }
}

/// Bytes handed out between two minor collections, at least (but for a smaller setting).
const SMALLEST_NURSERY: usize = 2 << 20;
/// Bytes of large objects between two minor collections, at least.
const SMALLEST_LARGE_NURSERY: usize = 4 << 20;

/// Every how many allocations plain `stress` collects.
const STRESS: u32 = 16;

impl Configuration {
    /// Reads settings as in `stress=100,nursery=1M`: `stress[=N]` (which implies `poison` and `verify`), `poison`,
    /// `verify`, `log`, `census`, `nursery=SIZE`, `minimum=SIZE`, `maximum=SIZE`, `growth=FACTOR`; sizes in bytes or with K, M or G.
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
                ("log", None) => configuration.log = true,
                ("census", None) => configuration.census = true,
                ("verify", None) => configuration.verify = true,
                ("nursery", Some(value)) => {
                    configuration.nursery = size(value).filter(|&size| size >= 1 << 16).ok_or_else(bad)?
                }
                ("maximum", Some(value)) => configuration.maximum = size(value).ok_or_else(bad)?,
                ("minimum", Some(value)) => configuration.full_minimum = size(value).ok_or_else(bad)?,
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

impl Configuration {
    /// Bytes to be handed out until the next minor collection while so many bytes live, in small and in large objects: half as
    /// much as lives, in bounds. A large heap may spend more memory to collect less often.
    pub(crate) fn nursery_for(&self, live: usize) -> (usize, usize) {
        let wanted = |most: usize, least: usize| (live / 2).clamp(least.min(most), most);
        (wanted(self.nursery, SMALLEST_NURSERY), wanted(self.large_nursery, SMALLEST_LARGE_NURSERY))
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

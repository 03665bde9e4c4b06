//! The environment variables, and the `-X` options, which say much the same.

use super::{DEFAULT_HOTNESS, Failure, Options};
use std::ffi::OsString;

/// The environment. `PYTHON*` variables are not seen where it is ignored.
#[derive(Clone, Copy)]
pub struct Environment {
    /// Whether `-E` or `-I` was given.
    pub ignored: bool,
}

impl Environment {
    /// The value of a `PYTHON*` variable; an empty one counts as missing.
    pub fn raw(self, name: &str) -> Option<OsString> {
        if self.ignored {
            return None;
        }
        std::env::var_os(name).filter(|value| !value.is_empty())
    }

    fn text(self, name: &str) -> Option<String> {
        self.raw(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// The number that a variable gives for a flag: anything that is no number counts as 1.
    fn flag(self, name: &str) -> i64 {
        match self.text(name) {
            None => 0,
            Some(value) => match value.trim().parse::<i64>() {
                Ok(number) if number >= 0 => number,
                _ => 1,
            },
        }
    }

    /// Fills in what the environment and the `-X` options say.
    pub fn apply(self, options: &mut Options, warnings: Vec<String>) -> Result<(), Failure> {
        let configuration = &mut options.configuration;
        let flags = &mut configuration.flags;
        for (flag, name) in [
            (&mut flags.debug, "PYTHONDEBUG"),
            (&mut flags.verbose, "PYTHONVERBOSE"),
            (&mut flags.optimize, "PYTHONOPTIMIZE"),
        ] {
            *flag = (*flag).max(self.flag(name));
        }
        flags.debug = flags.debug.min(1);
        for (flag, name) in [
            (&mut flags.dont_write_bytecode, "PYTHONDONTWRITEBYTECODE"),
            (&mut flags.no_user_site, "PYTHONNOUSERSITE"),
            (&mut flags.unbuffered, "PYTHONUNBUFFERED"),
            (&mut flags.safe_path, "PYTHONSAFEPATH"),
        ] {
            *flag |= self.flag(name) != 0;
        }
        if self.raw("PYTHONINSPECT").is_some() {
            flags.inspect = flags.inspect.max(1);
        }
        let extra = configuration.implementation_options.clone();
        let option =
            |name: &str| extra.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_deref());
        flags.dev_mode = option("dev").is_some() || self.raw("PYTHONDEVMODE").is_some();
        flags.warn_default_encoding =
            option("warn_default_encoding").is_some() || self.raw("PYTHONWARNDEFAULTENCODING").is_some();
        flags.utf8_mode = match (option("utf8"), self.text("PYTHONUTF8").as_deref()) {
            (Some(None | Some("1")), _) | (None, Some("1")) => true,
            (Some(Some("0")), _) | (None, None | Some("0")) => false,
            (Some(_), _) => return Err(fatal("preconfig_init_utf8_mode: invalid -X utf8 option value")),
            (None, Some(_)) => {
                return Err(fatal("preconfig_init_utf8_mode: invalid PYTHONUTF8 environment variable value"));
            }
        };
        // There is no global lock, so these are on as in CPython's free-threaded build.
        for (flag, name, variable) in [
            (&mut flags.thread_inherit_context, "thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT"),
            (&mut flags.context_aware_warnings, "context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS"),
        ] {
            *flag = match option(name)
                .map(Option::unwrap_or_default)
                .map(str::to_string)
                .or(self.text(variable))
                .as_deref()
            {
                None | Some("1") => true,
                Some("0") => false,
                Some(_) => return Err(fatal(&format!("config_init_{name}: -X {name}=n: n is missing or invalid"))),
            };
        }
        options.int_digits = match (option("int_max_str_digits"), self.text("PYTHONINTMAXSTRDIGITS")) {
            (Some(value), _) => digits(value.unwrap_or_default(), "-X int_max_str_digits")?,
            (None, Some(value)) => digits(&value, "PYTHONINTMAXSTRDIGITS")?,
            (None, None) => options.int_digits,
        };
        let count = option("cpu_count").map(|value| value.unwrap_or_default().to_string());
        configuration.cpu_count = match count.or_else(|| self.text("PYTHON_CPU_COUNT")).as_deref() {
            None | Some("default") => None,
            Some(value) => match value.parse() {
                Ok(number) if number > 0 => Some(number),
                _ => {
                    let message = "-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0";
                    return Err(fatal(&format!("config_init_cpu_count: {message}")));
                }
            },
        };
        configuration.bytecode_prefix = match option("pycache_prefix") {
            Some(value) => value.filter(|value| !value.is_empty()).map(OsString::from),
            None => self.raw("PYTHONPYCACHEPREFIX"),
        };
        if configuration.check_hash_based.is_empty() {
            configuration.check_hash_based = "default".to_string();
        }
        if let Some(path) = self.raw("PYTHONPATH") {
            configuration.search_path = std::env::split_paths(&path).map(OsString::from).collect();
        }
        options.hash_seed = match self.text("PYTHONHASHSEED").as_deref() {
            None | Some("random") => None,
            Some(value) => match value.parse() {
                Ok(seed) => Some(seed),
                Err(_) => {
                    let message = "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]";
                    return Err(fatal(&format!("config_init_hash_seed: {message}")));
                }
            },
        };
        configuration.flags.hash_randomization = options.hash_seed != Some(0);
        let filters = &mut configuration.warning_options;
        if configuration.flags.dev_mode {
            filters.push("default".to_string());
        }
        if let Some(value) = self.text("PYTHONWARNINGS") {
            filters.extend(value.split(',').filter(|filter| !filter.is_empty()).map(str::to_string));
        }
        filters.extend(warnings);
        match configuration.flags.bytes_warning {
            0 => {}
            1 => filters.push("default::BytesWarning".to_string()),
            _ => filters.push("error::BytesWarning".to_string()),
        }
        options.hotness = match (option("jit"), std::env::var("TYPHON_JIT")) {
            (Some(value), _) => parse_jit(value.unwrap_or("on"))?,
            (None, Ok(value)) if !value.is_empty() => parse_jit(&value)?,
            _ => Some(DEFAULT_HOTNESS),
        };
        options.log = match std::env::var("TYPHON_LOG") {
            Ok(value) if !value.is_empty() => match value.strip_prefix("jit:") {
                Some(file) => Some(file.to_string()),
                None => return Err(Failure::Plain(format!("TYPHON_LOG: expected jit:FILE, found {value:?}"))),
            },
            _ => None,
        };
        Ok(())
    }
}

fn fatal(message: &str) -> Failure {
    Failure::Fatal(message.to_string())
}

fn digits(value: &str, whose: &str) -> Result<usize, Failure> {
    match value.parse::<usize>() {
        Ok(number) if number == 0 || number >= 640 => Ok(number),
        _ => {
            let message = "invalid limit; must be >= 640 or 0 for unlimited.";
            Err(fatal(&format!("config_init_int_max_str_digits: {whose}: {message}")))
        }
    }
}

fn parse_jit(value: &str) -> Result<Option<i32>, Failure> {
    match value {
        "off" | "0" => Ok(None),
        "on" | "1" => Ok(Some(DEFAULT_HOTNESS)),
        _ => match value.strip_prefix("hotness=").and_then(|n| n.parse().ok()) {
            Some(n) if n >= 1 => Ok(Some(n)),
            _ => Err(Failure::Plain(format!("jit: expected off, on or hotness=N, found {value:?}"))),
        },
    }
}

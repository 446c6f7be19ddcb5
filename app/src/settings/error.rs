//! Why settings were refused.

use std::path::PathBuf;

use base::{Code, Fault};

use super::Origin;

base::error_codes! {
    /// No setting has this name.
    UNKNOWN = "CFG-001", Invalid;
    /// The setting cannot have this value.
    WRONG_VALUE = "CFG-002", Invalid;
    /// The file cannot be read, or is not TOML.
    UNREADABLE = "CFG-003", Invalid;
    /// There is no installation where the settings point.
    NO_INSTALLATION = "CFG-004", NotFound;
}

/// Why settings were refused. None of these carries a value, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No settings have these names; one at least.
    #[error("unknown setting{} {}", if .0.len() == 1 { "" } else { "s" }, listed(.0))]
    Unknown(Vec<Unknown>),
    /// The setting cannot have this value.
    #[error("setting `{key}` ({origin}) must be {expected}")]
    WrongValue { key: &'static str, origin: Origin, expected: String },
    /// The file cannot be read.
    #[error("settings file `{}` cannot be read", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The file is not TOML.
    #[error("settings file `{}` is not TOML: line {line}: {reason}", path.display())]
    Syntax { path: PathBuf, line: usize, reason: String },
    /// There is no installation where the settings point.
    #[error("there is no installation in `{}`: {lack}", data.display())]
    NoInstallation { data: PathBuf, lack: &'static str },
    /// The table of settings contradicts itself, which its own test excludes.
    #[error("the settings cannot be put together")]
    Disagree { source: toml::de::Error },
}

/// A name that no setting has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub name: String,
    pub origin: Origin,
    /// The name of a setting that it is most like.
    pub nearest: Option<String>,
}

fn listed(names: &[Unknown]) -> String {
    names.iter().map(|unknown| format!("`{}` ({})", unknown.name, unknown.origin)).collect::<Vec<_>>().join(", ")
}

/// Returns the nearest names; of which name each is, where there are several.
fn nearest(names: &[Unknown]) -> Option<String> {
    if let [Unknown { nearest, .. }] = names {
        return nearest.as_ref().map(|name| format!("the nearest name is `{name}`"));
    }
    let told = names.iter().filter_map(|unknown| {
        unknown.nearest.as_ref().map(|nearest| format!("nearest to `{}` is `{nearest}`", unknown.name))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

impl Fault for Error {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unknown(_) => &UNKNOWN,
            Self::WrongValue { .. } | Self::Disagree { .. } => &WRONG_VALUE,
            Self::Unreadable { .. } | Self::Syntax { .. } => &UNREADABLE,
            Self::NoInstallation { .. } => &NO_INSTALLATION,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown(names) => nearest(names),
            Self::NoInstallation { .. } => {
                Some("check `--data` and `--config`; `fpms serve` makes a new installation".to_owned())
            }
            _ => None,
        }
    }
}

//! What an operator can set: defaults, overruled by a TOML file, by `FPMS_SECTION__KEY` in the environment, by flags.
//!
//! Owns the one table of settings, from which the structs, the checks and the reference page are made. Never reads the
//! environment itself and never prints a secret. Start reading at the table in `table`, then [`load`].

mod environment;
mod error;
mod field;
mod file;
mod kinds;
mod name;
mod reference;
mod table;

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf};

use serde::Deserialize;

use self::field::Field;
pub use self::{
    error::{CODES, Error, Unknown},
    kinds::{
        Addresses, Carrier, Catalogue, Certificate, DatabaseUrl, MaybeAddress, NatsPrefix, NatsUrl, Protection,
        RootSecrets, Shard, Token, TrustDomain, Whole,
    },
    reference::reference,
    table::{Files, Gateway, Identity, Keys, Log, Mail, Mesh, Messaging, Settings, Storage},
};

/// Where settings come from, beside the defaults.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    /// The process's environment; what does not begin with `FPMS_` is passed over.
    pub environment: Vec<(String, String)>,
    /// Flags given, with the key of the setting that each overrules.
    pub flags: Vec<Flag>,
}

/// A flag of the command line that overrules a setting.
#[derive(Debug, Clone)]
pub struct Flag {
    /// As it was typed, for example `--listen`.
    pub name: &'static str,
    /// The setting's key, for example `listen`.
    pub key: &'static str,
    /// What was given.
    pub value: String,
}

/// Where the value of a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file, and the line in it.
    File { path: PathBuf, line: usize },
    /// This variable of the environment.
    Environment(String),
    /// This flag.
    Flag(&'static str),
}

/// The settings in force, and where each came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What the parts are given.
    pub settings: Settings,
    effective: Vec<Effective>,
}

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its key, for example `gateway.grace_seconds`.
    pub key: &'static str,
    /// Its value as TOML, with secrets hidden.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// A value that some source gives to a setting.
struct Given {
    field: &'static Field,
    value: toml::Value,
    origin: Origin,
}

/// Reads all sources; the later in the order of [`Sources`] wins. Unknown names and wrong values are refused.
pub fn load(sources: &Sources) -> Result<Loaded, Error> {
    let mut in_force: BTreeMap<&'static str, Given> = BTreeMap::new();
    let (mut given, mut unknown) = (Vec::new(), Vec::new());
    if let Some(path) = &sources.file {
        given.extend(file::read(path, &mut unknown)?);
    }
    given.extend(environment::read(&sources.environment, &mut unknown)?);
    for flag in &sources.flags {
        match field::find(flag.key) {
            Some(field) => given.push(field.given(&flag.value, Origin::Flag(flag.name))?),
            None => unknown.push(name::unknown(flag.key, Origin::Flag(flag.name))),
        }
    }
    if !unknown.is_empty() {
        return Err(Error::Unknown(unknown));
    }
    let defaults = Field::all().map(Field::default).collect::<Result<Vec<_>, Error>>()?;
    for given in defaults.into_iter().chain(given) {
        in_force.insert(given.field.key, given);
    }
    follow_listen(&mut in_force);
    let effective = in_force.values().map(|given| Effective {
        key: given.field.key,
        value: (given.field.show)(&given.value),
        origin: given.origin.clone(),
    });
    Ok(Loaded { effective: effective.collect(), settings: assemble(&in_force)? })
}

impl Loaded {
    /// Returns every setting with its value and where it came from, by key.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// Returns true when no source gives the setting `key`.
    pub fn is_default(&self, key: &str) -> bool {
        self.effective.iter().any(|setting| setting.key == key && setting.origin == Origin::Default)
    }
}

/// Makes the public address, where nobody set it, the one at which a browser on this machine finds the gateway.
fn follow_listen(in_force: &mut BTreeMap<&'static str, Given>) {
    let certificates = in_force.get("gateway.certificates").and_then(|given| given.value.as_array());
    let directory = in_force.get("gateway.acme_directory").and_then(|given| given.value.as_str());
    let plain = certificates.is_none_or(Vec::is_empty) && directory.is_none_or(str::is_empty);
    let scheme = if plain { "http" } else { "https" };
    let listen = in_force.get("listen").and_then(|given| given.value.as_str()?.parse::<SocketAddr>().ok());
    // A port that the system chooses is not known yet.
    let (Some(listen), Some(public)) = (listen.filter(|listen| listen.port() != 0), in_force.get_mut("public_address"))
    else {
        return;
    };
    if public.origin == Origin::Default {
        public.value = format!("{scheme}://{}", reachable(listen)).into();
    }
}

/// Returns the address as a browser on this machine can use it.
pub fn reachable(address: SocketAddr) -> String {
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

/// Builds the nested structs from single values, each of which was checked on its own.
fn assemble(in_force: &BTreeMap<&'static str, Given>) -> Result<Settings, Error> {
    let mut root = toml::Table::new();
    for given in in_force.values() {
        match given.field.key.split_once('.') {
            None => root.insert(given.field.key.to_owned(), given.value.clone()),
            Some((section, key)) => {
                let section = root.entry(section).or_insert_with(|| toml::Table::new().into());
                section.as_table_mut().and_then(|table| table.insert(key.to_owned(), given.value.clone()))
            }
        };
    }
    Settings::deserialize(root).map_err(|source| Error::Disagree { source })
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests;

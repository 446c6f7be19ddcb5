//! Types of settings that refuse at the door what could never work.

use std::{net::SocketAddr, path::PathBuf};

use crypto::{Keyring, Secret, keyring::ROOT_CHARS_MIN};
use serde::{Deserialize, Deserializer, de};

use super::field::Setting;

mod engines;
mod mesh;

pub(super) use self::engines::RedisUrl;
pub use self::{
    engines::{DatabaseUrl, NatsPrefix, NatsUrl, Shard},
    mesh::{Addresses, Catalogue, Protection, Token, TrustDomain},
};

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        if !(MIN..=MAX).contains(&number) {
            return Err(de::Error::custom("out of range"));
        }
        Ok(Self(number))
    }
}

impl<const MIN: u64, const MAX: u64> Setting for Whole<MIN, MAX> {
    fn kind() -> String {
        format!("whole number from {MIN} to {MAX}")
    }
}

/// The files of a certificate and of its key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The certificate and those that lead to the root.
    pub file: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Setting for Vec<Certificate> {
    const MEMBERS: &'static [&'static str] = &["file", "key"];

    fn kind() -> String {
        "list of tables, each with the paths `file` and `key`".to_owned()
    }
}

/// An address and port, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaybeAddress(pub Option<SocketAddr>);

impl<'de> Deserialize<'de> for MaybeAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        text.parse().map(|address| Self(Some(address))).map_err(|_| de::Error::custom("no address"))
    }
}

impl Setting for MaybeAddress {
    fn kind() -> String {
        "address and port, such as `0.0.0.0:80`, or empty".to_owned()
    }
}

/// What carries events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// The databases of the installation.
    Journal,
    /// NATS JetStream.
    Nats,
}

impl Setting for Carrier {
    fn kind() -> String {
        "`journal` or `nats`".to_owned()
    }
}

/// The root secrets, or nothing; never printed.
#[derive(Debug, Clone)]
pub struct RootSecrets(Option<Secret>);

impl RootSecrets {
    /// Returns the root secrets, when they are set.
    pub const fn get(&self) -> Option<&Secret> {
        self.0.as_ref()
    }
}

impl<'de> Deserialize<'de> for RootSecrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let roots = Secret::deserialize(deserializer)?;
        if roots.expose().trim().is_empty() {
            return Ok(Self(None));
        }
        Keyring::from_secret(&roots).map_err(de::Error::custom)?;
        Ok(Self(Some(roots)))
    }
}

impl Setting for RootSecrets {
    fn kind() -> String {
        format!(
            "words of at least {ROOT_CHARS_MIN} characters between commas, each once, at most one with a `*` before it"
        )
    }

    fn show(value: &toml::Value) -> String {
        if value.as_str().is_none_or(|text| text.trim().is_empty()) { "\"\"" } else { "\"***\"" }.to_owned()
    }
}

//! How the nodes of an installation find and know each other.

use std::{fmt, net::SocketAddr};

use serde::{Deserialize, Deserializer, de};

use crate::settings::field::Setting;

/// Whether the nodes of an installation show each other who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// When there are several processes: the registry has a port that others can know.
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

impl Setting for Protection {
    fn kind() -> String {
        "`auto`, `always` or `never`".to_owned()
    }
}

/// Where a registry keeps its catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Catalogue {
    /// In memory, with a snapshot on disk.
    Snapshot,
    /// In NATS, with every other registry.
    Nats,
}

impl Setting for Catalogue {
    fn kind() -> String {
        "`snapshot` or `nats`".to_owned()
    }
}

/// Addresses between commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses(Vec<SocketAddr>);

impl Addresses {
    /// Returns the addresses.
    pub fn get(&self) -> &[SocketAddr] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty()).map(str::parse);
        Ok(Self(addresses.collect::<Result<_, _>>().map_err(de::Error::custom)?))
    }
}

impl Setting for Addresses {
    fn kind() -> String {
        "addresses with ports, between commas".to_owned()
    }
}

/// What the SPIFFE ids of an installation's nodes begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustDomain(String);

impl TrustDomain {
    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for TrustDomain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let domain = String::deserialize(deserializer)?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
        if !domain.bytes().all(plain) || !(1..=255).contains(&domain.len()) {
            return Err(de::Error::custom("no trust domain"));
        }
        Ok(Self(domain))
    }
}

impl Setting for TrustDomain {
    fn kind() -> String {
        "1 to 255 lower case letters, digits, `-`, `.` and `_`".to_owned()
    }
}

/// A token that is never printed; none when empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Returns the token, if there is one.
    pub fn expose(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|token| !token.is_empty())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = String::deserialize(deserializer)?;
        let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || !token.is_empty() && !(16..=256).contains(&token.len()) {
            return Err(de::Error::custom("no token"));
        }
        Ok(Self(token))
    }
}

impl Setting for Token {
    fn kind() -> String {
        "16 to 256 visible ASCII characters, or nothing".to_owned()
    }

    fn show(value: &toml::Value) -> String {
        let empty = value.as_str().is_some_and(str::is_empty);
        if empty { "\"\"" } else { "\"***\"" }.to_owned()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

//! Types of settings that refuse at the door what could never work.

use std::{collections::BTreeSet, fmt, net::SocketAddr, path::PathBuf};

use crypto::{Keyring, Secret, keyring::ROOT_CHARS_MIN};
use serde::{Deserialize, Deserializer, de};

use super::field::Setting;

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

/// A database that holds a part of the tenants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Stable name, by which the shard map knows it.
    pub name: String,
    /// Where it is.
    pub url: DatabaseUrl,
}

impl Shard {
    /// Returns the shard of this name and address; for tests.
    pub fn new(name: &str, url: &str) -> Self {
        Self { name: name.to_owned(), url: DatabaseUrl(url.to_owned()) }
    }
}

impl Setting for Vec<Shard> {
    const MEMBERS: &'static [&'static str] = &["name", "url"];

    fn kind() -> String {
        "list of tables, each with a `name` of its own and a `url` that begins with `sqlite:` or `postgres://`"
            .to_owned()
    }

    fn accepts(value: &toml::Value) -> bool {
        let Ok(shards) = Self::deserialize(value.clone()) else { return false };
        let names: BTreeSet<&str> = shards.iter().map(|shard| shard.name.as_str()).collect();
        !shards.is_empty() && names.len() == shards.len() && !names.contains("")
    }

    fn show(value: &toml::Value) -> String {
        let shards = Self::deserialize(value.clone()).unwrap_or_default();
        let shards = shards.iter().map(|shard| format!("{{ name = {:?}, url = \"{}\" }}", shard.name, shard.url));
        format!("[{}]", shards.collect::<Vec<_>>().join(", "))
    }
}

/// Where a database is. It may hold a password, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Returns the whole address with its password, for the driver alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let url = String::deserialize(deserializer)?;
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if !known.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(de::Error::custom("no address of a database"));
        }
        Ok(Self(url))
    }
}

/// Writes the address with `***` for the password, wherever it stands: after the user, or in the query.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, query) =
            self.0.split_once('?').map_or((self.0.as_str(), None), |(left, right)| (left, Some(right)));
        write_address(f, address)?;
        // No more than the names of parameters: `password` is not the only secret one.
        let names =
            query.into_iter().flat_map(|query| query.split('&')).map(|pair| pair.split('=').next().unwrap_or_default());
        for (index, name) in names.enumerate() {
            write!(f, "{}{name}=***", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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

/// Servers of NATS. Their addresses may hold a password, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsUrl(String);

impl NatsUrl {
    /// Returns the addresses, between commas.
    pub fn new(addresses: &str) -> Self {
        Self(addresses.to_owned())
    }

    /// Returns the whole addresses with their passwords, for the driver alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for NatsUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let addresses = String::deserialize(deserializer)?;
        let known = |address: &str| ["nats://", "tls://"].iter().any(|scheme| address.trim().starts_with(scheme));
        if !addresses.split(',').all(known) {
            return Err(de::Error::custom("no address of NATS"));
        }
        Ok(Self(addresses))
    }
}

impl Setting for NatsUrl {
    fn kind() -> String {
        "addresses between commas, each beginning with `nats://` or `tls://`".to_owned()
    }

    fn show(value: &toml::Value) -> String {
        Self::deserialize(value.clone()).map_or_else(|_| "\"\"".to_owned(), |url| format!("\"{url}\""))
    }
}

/// Writes the addresses with `***` for passwords.
impl fmt::Display for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.0.split(',').enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            write_address(f, address.trim())?;
        }
        Ok(())
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Redis or Valkey; empty for none. Its address may hold a password, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// Returns the address.
    pub fn new(address: &str) -> Self {
        Self(address.to_owned())
    }

    /// Returns the whole address with its password, for the driver alone; `None` when there is none.
    pub fn expose(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&*self.0)
    }
}

impl<'de> Deserialize<'de> for RedisUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let address = String::deserialize(deserializer)?;
        if !address.is_empty() && !address.starts_with("redis://") {
            return Err(de::Error::custom("no address of Redis"));
        }
        Ok(Self(address))
    }
}

impl Setting for RedisUrl {
    fn kind() -> String {
        "empty, or an address that begins with `redis://`".to_owned()
    }

    fn show(value: &toml::Value) -> String {
        Self::deserialize(value.clone()).map_or_else(|_| "\"\"".to_owned(), |url| format!("\"{url}\""))
    }
}

/// Writes the address with `***` for the password.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_address(f, &self.0)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What names of streams and subjects begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsPrefix(String);

impl NatsPrefix {
    /// Returns the prefix.
    pub fn new(prefix: &str) -> Self {
        Self(prefix.to_owned())
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for NatsPrefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let prefix = String::deserialize(deserializer)?;
        let plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || !(1..=40).contains(&prefix.len()) {
            return Err(de::Error::custom("no prefix"));
        }
        Ok(Self(prefix))
    }
}

impl Setting for NatsPrefix {
    fn kind() -> String {
        "1 to 40 letters, digits and `-`".to_owned()
    }
}

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

fn write_address(f: &mut fmt::Formatter<'_>, address: &str) -> fmt::Result {
    match address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (user, host))) => {
            let (user, password) = user.split_once(':').map_or((user, ""), |(user, _)| (user, ":***"));
            write!(f, "{scheme}://{user}{password}@{host}")
        }
        None => f.write_str(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_printed_without_its_secrets() {
        let printed = |url: &str| DatabaseUrl(url.to_owned()).to_string();
        assert_eq!(printed("postgres://fpms:p@ss@db:5432/fpms"), "postgres://fpms:***@db:5432/fpms");
        assert_eq!(printed("postgres://db/fpms?user=a&password=b"), "postgres://db/fpms?user=***&password=***");
        assert_eq!(printed("postgres://fpms@db/fpms"), "postgres://fpms@db/fpms");
        assert_eq!(printed("sqlite:shard-0"), "sqlite:shard-0");
        assert_eq!(RedisUrl::new("redis://fpms:p@ss@one:6379/1").to_string(), "redis://fpms:***@one:6379/1");
        let servers = NatsUrl::new("nats://fpms:p@ss@one:4222, tls://two:4222").to_string();
        assert_eq!(servers, "nats://fpms:***@one:4222,tls://two:4222");
    }
}

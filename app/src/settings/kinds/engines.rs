//! Where the engines are that keep and carry things. What addresses hold of secrets is never printed.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Deserializer, de};

use crate::settings::field::Setting;

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

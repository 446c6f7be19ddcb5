//! A field of the table: what can be known of a setting without its type.

use std::{collections::BTreeSet, net::SocketAddr, path::PathBuf};

use gateway::rates::{Network, Rule};
use messaging::Durability;
use runtime::telemetry::LogFormat;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Error, Given, Origin, table::SECTIONS};

/// A group of settings that share the first part of their key.
pub(super) struct Section {
    /// Empty for the settings outside any section.
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) fields: &'static [Field],
}

/// One setting.
pub(super) struct Field {
    /// With its section, for example `gateway.grace_seconds`.
    pub(super) key: &'static str,
    pub(super) doc: &'static str,
    /// As TOML.
    pub(super) default_text: &'static str,
    pub(super) kind: fn() -> String,
    /// Keys of the tables in its list, for a setting that is such a list.
    pub(super) members: &'static [&'static str],
    pub(super) accepts: fn(&toml::Value) -> bool,
    pub(super) show: fn(&toml::Value) -> String,
}

impl Field {
    pub(super) fn all() -> impl Iterator<Item = &'static Self> {
        SECTIONS.iter().flat_map(|section| section.fields)
    }

    /// Returns the name by which the environment sets it.
    pub(super) fn variable(&self) -> String {
        format!("FPMS_{}", self.key.replace('.', "__").to_uppercase())
    }

    pub(super) fn default(&'static self) -> Result<Given, Error> {
        self.given(self.default_text, Origin::Default)
    }

    /// Returns the setting with a value of the right type, or says what was expected.
    pub(super) fn checked(&'static self, value: toml::Value, origin: Origin) -> Result<Given, Error> {
        if (self.accepts)(&value) {
            return Ok(Given { field: self, value, origin });
        }
        Err(Error::WrongValue { key: self.key, origin, expected: (self.kind)() })
    }

    /// Reads a value given as text: TOML where that fits, plain text otherwise.
    pub(super) fn given(&'static self, text: &str, origin: Origin) -> Result<Given, Error> {
        let plain = toml::Value::String(text.to_owned());
        let parsed = toml::from_str::<toml::Table>(&format!("value = {text}")).ok();
        let parsed = parsed.filter(|table| table.len() == 1).and_then(|mut table| table.remove("value"));
        let value = parsed.filter(|value| (self.accepts)(value)).unwrap_or(plain);
        self.checked(value, origin)
    }
}

/// Returns the setting of this key.
pub(super) fn find(key: &str) -> Option<&'static Field> {
    Field::all().find(|field| field.key == key)
}

/// A type that a setting can have.
pub(super) trait Setting: DeserializeOwned {
    /// Keys of the tables in a list.
    const MEMBERS: &'static [&'static str] = &[];

    /// Returns what is expected, in words.
    fn kind() -> String;

    /// Returns whether the value is one of this type.
    fn accepts(value: &toml::Value) -> bool {
        Self::deserialize(value.clone()).is_ok()
    }

    /// Returns the value as TOML, without secrets.
    fn show(value: &toml::Value) -> String {
        value.to_string()
    }
}

impl Setting for bool {
    fn kind() -> String {
        "`true` or `false`".to_owned()
    }
}

impl Setting for String {
    fn kind() -> String {
        "text".to_owned()
    }
}

impl Setting for Vec<String> {
    fn kind() -> String {
        "list of texts".to_owned()
    }
}

impl Setting for PathBuf {
    fn kind() -> String {
        "path".to_owned()
    }
}

impl Setting for SocketAddr {
    fn kind() -> String {
        "address and port, such as `127.0.0.1:8080`".to_owned()
    }
}

impl Setting for Vec<Network> {
    fn kind() -> String {
        "list of ranges of addresses, such as `[\"10.0.0.0/8\"]`".to_owned()
    }
}

impl Setting for Vec<Rule> {
    const MEMBERS: &'static [&'static str] = &["name", "by", "requests", "seconds", "burst", "method", "paths"];

    fn kind() -> String {
        "list of tables, each with a `name` of its own, `by`, `requests` and `seconds`, and maybe `burst`, `method` and `paths`"
            .to_owned()
    }

    fn accepts(value: &toml::Value) -> bool {
        let Ok(rules) = Self::deserialize(value.clone()) else { return false };
        let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        names.len() == rules.len() && rules.iter().all(|rule| rule.check().is_ok())
    }
}

impl Setting for Durability {
    fn kind() -> String {
        "`memory`, `replicated` or `fsynced`".to_owned()
    }
}

impl Setting for LogFormat {
    fn kind() -> String {
        "`human` or `json`".to_owned()
    }
}

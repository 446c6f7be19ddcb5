//! What is put into a text: names and values, kept as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Longest value, in characters.
const VALUE_CHARS_MAX: usize = 500;

/// Names and values for a text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Returns the arguments with one more; a value that is too long is cut, and its line breaks become spaces.
    #[must_use]
    pub fn with(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        let value = value.to_string();
        let line = value.chars().map(|c| if c.is_control() { ' ' } else { c });
        self.0.insert(name.to_owned(), line.take(VALUE_CHARS_MAX).collect());
        self
    }

    /// Returns a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns them as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|_| "{}".to_owned())
    }

    /// Reads them from JSON; what cannot be read is no arguments.
    pub fn from_json(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_line_of_bounded_length() {
        let arguments = Arguments::default().with("title", &format!("a\r\nb{}", "x".repeat(600)));
        let title = arguments.get("title").unwrap();
        assert!(title.starts_with("a  bx"));
        assert_eq!(title.chars().count(), 500);
        assert_eq!(Arguments::from_json(&arguments.to_json()), arguments);
    }
}

//! Which kinds of files are taken where one is handed in.

use base::{Column, Value};
use contracts::file_kind::FileKind;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of kinds of files. Written as their words, in one order, with spaces between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted(u8);

impl Accepted {
    /// What is taken where nothing else is said: everything that can be read or unpacked, and no program.
    pub const USUAL: Self =
        Self::of(&[FileKind::Pdf, FileKind::Document, FileKind::Image, FileKind::Archive, FileKind::Text]);

    /// Returns the set of these kinds.
    pub const fn of(kinds: &[FileKind]) -> Self {
        let (mut bits, mut rest) = (0, kinds);
        while let [kind, more @ ..] = rest {
            bits |= Self::bit(*kind);
            rest = more;
        }
        Self(bits)
    }

    /// Returns whether files of this kind are taken.
    pub const fn takes(self, kind: FileKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// Returns whether nothing is taken.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the kinds, in the order in which they are listed.
    pub fn kinds(self) -> impl Iterator<Item = FileKind> {
        FileKind::ALL.into_iter().filter(move |kind| self.takes(*kind))
    }

    /// Returns the words, as they are kept.
    pub fn words(self) -> String {
        self.kinds().map(FileKind::word).collect::<Vec<_>>().join(" ")
    }

    /// Returns the endings for a chooser of files; empty where it must show everything, source code for one has any ending.
    pub fn endings(self) -> String {
        if self.kinds().any(|kind| kind.endings().is_empty()) {
            return String::new();
        }
        let endings = self.kinds().flat_map(|kind| kind.endings().iter().map(|ending| format!(".{ending}")));
        endings.collect::<Vec<_>>().join(",")
    }

    const fn bit(kind: FileKind) -> u8 {
        1 << kind as u8
    }
}

impl Default for Accepted {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Column for Accepted {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(words) = value else { return None };
        let kinds: Option<Vec<FileKind>> = words.split_whitespace().map(|word| word.parse().ok()).collect();
        Some(Self::of(&kinds?))
    }
}

impl Serialize for Accepted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.kinds())
    }
}

impl<'de> Deserialize<'de> for Accepted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<FileKind>::deserialize(deserializer).map(|kinds| Self::of(&kinds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_program_is_taken_unless_somebody_says_so() {
        assert!(!Accepted::USUAL.takes(FileKind::Other));
        assert_eq!(Accepted::USUAL.words(), "pdf document image archive text", "the columns default to this");
        assert!(Accepted::of(&FileKind::ALL).takes(FileKind::Other));
    }

    #[test]
    fn a_set_is_read_as_it_was_written() {
        for set in [Accepted::USUAL, Accepted::of(&[FileKind::Pdf]), Accepted::of(&FileKind::ALL)] {
            assert_eq!(Accepted::from_value(Value::Text(&set.words())), Some(set));
            assert_eq!(serde_json::from_value::<Accepted>(serde_json::to_value(set).unwrap()).unwrap(), set);
        }
        assert_eq!(Accepted::from_value(Value::Text("pdf exe")), None);
    }

    #[test]
    fn a_chooser_is_told_endings_where_they_can_be_named() {
        assert_eq!(Accepted::of(&[FileKind::Pdf]).endings(), ".pdf");
        assert_eq!(Accepted::USUAL.endings(), "");
    }
}

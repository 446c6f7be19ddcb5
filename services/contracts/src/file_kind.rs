//! Kinds of files: what the files service finds a file to be, and what others ask for where one is handed in.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a file is, by its name and its content together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Pdf,
    /// A text, table or presentation of an office suite.
    Document,
    Image,
    /// Files packed into one, sources for example.
    Archive,
    /// Text to read as it is: source code, tables, markup.
    Text,
    /// Anything else, programs above all.
    #[default]
    Other,
}

impl FileKind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Document, Self::Image, Self::Archive, Self::Text, Self::Other];

    /// Returns the stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Document => "document",
            Self::Image => "image",
            Self::Archive => "archive",
            Self::Text => "text",
            Self::Other => "other",
        }
    }

    /// Returns the endings by which a chooser of files can know the kind; none where there are too many to name.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Document => &["docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls", "ppt"],
            Self::Image => &["png", "jpg", "jpeg", "gif", "webp"],
            Self::Archive => &["zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar"],
            Self::Text | Self::Other => &[],
        }
    }
}

/// The text is none of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of file")]
pub struct UnknownKind;

impl FromStr for FileKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_word_wherever_it_is_written() {
        for kind in FileKind::ALL {
            assert_eq!(kind.word().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        assert!("exe".parse::<FileKind>().is_err());
    }
}

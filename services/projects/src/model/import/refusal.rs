//! Why a row was refused, and where it stands.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A row that was not taken. Its four members are the public form, in JSON and in the list to download.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refusal {
    /// The file's name.
    pub file: Arc<str>,
    /// The line on which the row starts; the header is line 1.
    pub line: u32,
    /// The column at fault, by the name this product gives it.
    pub column: Cow<'static, str>,
    /// What is wrong with it.
    pub reason: Reason,
}

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $text:literal,)*) => {
        /// What can be wrong with a row. The names are stable: programs read them, and catalogues translate them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$meta])* $name,)*
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the stable name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

reasons! {
    /// Nothing where something is needed.
    Blank = "blank",
    /// More characters than the column takes.
    TooLong = "too_long",
    /// A control character, for example a line break within a name.
    ControlCharacter = "control_character",
    /// Not a number.
    NotANumber = "not_a_number",
    /// A number below zero where that makes no sense.
    Negative = "negative",
    /// A number beyond what the column takes.
    OutOfRange = "out_of_range",
    /// Not an e-mail address.
    InvalidEmail = "invalid_email",
    /// Not a day and time.
    NotATime = "not_a_time",
    /// The end is not after the start.
    EndsBeforeStart = "ends_before_start",
    /// An earlier row has the same key.
    Duplicate = "duplicate",
    /// The e-mail address belongs to somebody else already.
    EmailTaken = "email_taken",
    /// No such programme.
    UnknownProgramme = "unknown_programme",
    /// No such supervisor.
    UnknownSupervisor = "unknown_supervisor",
    /// No such student.
    UnknownStudent = "unknown_student",
    /// No such topic.
    UnknownTopic = "unknown_topic",
    /// It refers to a row of this import that was itself refused.
    RefersToRefused = "refers_to_refused",
    /// More cells than the header has columns.
    TooManyCells = "too_many_cells",
    /// Bytes that are not UTF-8.
    InvalidUtf8 = "invalid_utf8",
    /// A quote that is opened and never closed.
    UnclosedQuote = "unclosed_quote",
    /// An error value of a spreadsheet, for example `#REF!`.
    FormulaError = "formula_error",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        let reason = Self::ALL.iter().find(|reason| reason.as_str() == name);
        reason.copied().ok_or_else(|| de::Error::custom("not a reason"))
    }
}

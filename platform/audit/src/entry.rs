//! A record and how it is described.

use std::{fmt, str::FromStr};

use serde::Serialize;
use serde_json::Value;

use base::{PersonId, RequestId, Timestamp};

base::id!(
    /// One record.
    RecordId
);

/// Longest detail, in bytes of JSON; a longer one is replaced by its length.
const DETAIL_BYTES_MAX: usize = 16 * 1024;

/// What is to be recorded. Who, when and for which request is taken from the unit of work.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(crate) action: &'static str,
    pub(crate) object_kind: &'static str,
    pub(crate) object: String,
    pub(crate) outcome: Outcome,
    pub(crate) detail: String,
}

impl Entry {
    /// Returns an entry of an action that was done; the name is stable: `service.noun.verb`.
    pub fn new(action: &'static str) -> Self {
        Self { action, object_kind: "", object: String::new(), outcome: Outcome::Done, detail: "{}".to_owned() }
    }

    /// Says what it was done to.
    #[must_use]
    pub fn object(mut self, kind: &'static str, id: impl fmt::Display) -> Self {
        self.object_kind = kind;
        self.object = id.to_string();
        self
    }

    /// Says how it ended.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Adds what helps to understand it later: states, counts and ids; no names, no text that a person wrote.
    #[must_use]
    pub fn detail(mut self, detail: &Value) -> Self {
        let text = detail.to_string();
        self.detail = if text.len() <= DETAIL_BYTES_MAX {
            text
        } else {
            serde_json::json!({ "detail_bytes": text.len() }).to_string()
        };
        self
    }
}

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not allowed.
    Denied,
    /// It was allowed and did not succeed.
    Failed,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A signed-in person; the actor is their id.
    Person,
    /// Somebody not signed in; the actor is empty.
    Nobody,
    /// The installation itself; the actor is the name of its part.
    System,
}

/// What is kept of one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// When it was done.
    pub happened_at: Timestamp,
    /// On behalf of which request.
    pub request: RequestId,
    /// Who did it.
    pub actor_kind: ActorKind,
    /// The person's id, or the part's name.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to; empty when to nothing in particular.
    pub object_kind: String,
    /// The thing's id.
    pub object: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What helps to understand it, as JSON text.
    pub detail: String,
}

/// Which records are wanted. The default is all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only what was done to this: kind and id.
    pub object: Option<(String, String)>,
    /// Only what this person did.
    pub person: Option<PersonId>,
    /// Only actions whose name begins so, for example `projects.`.
    pub action: String,
    /// Only what happened at or after this.
    pub from: Option<Timestamp>,
    /// Only what happened before this.
    pub until: Option<Timestamp>,
}

/// A word in the table that is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord;

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl $type {
            /// Returns the word that is kept.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok(Self::$variant),)* _ => Err(UnknownWord) }
            }
        }
    };
}
words!(Outcome { Done = "done", Denied = "denied", Failed = "failed" });
words!(ActorKind { Person = "person", Nobody = "nobody", System = "system" });

//! The versions of each type of event, as the pages of `docs/reference/events` keep them.
//!
//! Owns what a page may become. Never forgets a version: events of it may be stored. Start reading at [`next`].

use std::fmt;

use serde_json::{Value, json};

use super::{
    EventType,
    compatibility::{Break, Reader, breaks},
};

/// Why a type cannot be as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Somebody could not follow.
    #[error("`{event_type}` differs from its version {version}: {change}")]
    Breaks {
        /// The type.
        event_type: String,
        /// The version that is kept, from 1.
        version: usize,
        /// What changed.
        change: Break,
    },
    /// The change is harmless, but has no version.
    #[error("`{event_type}` differs from its version {version}, which is published")]
    Unversioned {
        /// The type.
        event_type: String,
        /// The version that is kept, from 1.
        version: usize,
    },
    /// There are not as many examples as versions.
    #[error("`{event_type}` has {examples} examples, and {versions} versions are kept")]
    Examples {
        /// The type.
        event_type: String,
        /// Examples in its row.
        examples: usize,
        /// Versions on its page.
        versions: usize,
    },
    /// A type is gone.
    #[error("`{0}` is no type of event any more: stored events of it could not be read")]
    Gone(String),
}

impl Problem {
    /// Says what to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Breaks { change, .. } if change.change.breaks() == Reader::Stored => {
                "give the field a default, or let the type read the old form (`#[serde(from)]`) and say so with `upcast` in its row"
            }
            Self::Breaks { .. } => {
                "leave this type as it was, and publish a new type beside it until no consumer reads this one"
            }
            Self::Unversioned { .. } => {
                "add an example of the new version to its row in services/contracts/src/schemas.rs"
            }
            Self::Examples { .. } => {
                "its row in services/contracts/src/schemas.rs has an example for each version, in order"
            }
            Self::Gone(_) => "keep the type and its row for as long as events of it are kept",
        }
    }
}

/// Returns the page of a type, given the page that is kept.
pub fn next(event_type: &EventType, kept: Option<&Value>) -> Result<Value, Vec<Problem>> {
    let of = |kept: &Value| kept.get("versions").and_then(Value::as_array).cloned();
    let mut versions = kept.and_then(of).unwrap_or_default();
    let (name, schema) = (event_type.name.to_owned(), event_type.schema());
    let problems = problems(event_type, &schema, &versions);
    if !problems.is_empty() {
        return Err(problems);
    }
    let (examples, kept) = (event_type.version(), versions.len());
    // What is kept of the same version differs in its words at most.
    versions.truncate(examples.saturating_sub(1));
    if versions.len() + 1 != examples || kept > examples {
        return Err(vec![Problem::Examples { event_type: name, examples, versions: kept }]);
    }
    versions.push(schema);
    Ok(json!({ "type": name, "version": examples, "versions": versions }))
}

fn problems(event_type: &EventType, schema: &Value, versions: &[Value]) -> Vec<Problem> {
    let name = || event_type.name.to_owned();
    let mut problems = Vec::new();
    for (version, kept) in (1..).zip(versions) {
        let is_upcast =
            |change: &Break| change.change.breaks() == Reader::Stored && event_type.upcast.contains(&version);
        let changes = breaks(kept, schema).into_iter().filter(|change| !is_upcast(change));
        problems.extend(changes.map(|change| Problem::Breaks { event_type: name(), version, change }));
    }
    let same = versions.get(event_type.version() - 1).filter(|_| problems.is_empty());
    if same.is_some_and(|kept| shape(kept) != shape(schema)) {
        problems.push(Problem::Unversioned { event_type: name(), version: event_type.version() });
    }
    problems
}

/// Returns a schema without its words, which may change.
fn shape(schema: &Value) -> Value {
    match schema {
        // Where a schema has an object of schemas, `description` may be the name of a field.
        Value::Object(members) => {
            let words = |name: &str, member: &Value| name == "description" && member.is_string();
            let kept = members.iter().filter(|(name, member)| !words(name, member));
            Value::Object(kept.map(|(name, member)| (name.clone(), shape(member))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(shape).collect()),
        other => other.clone(),
    }
}

/// Several problems, each on a line with what to do.
#[derive(Debug, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "types of event changed in a way that cannot be published")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}\n    to do: {}", problem.hint()))
    }
}

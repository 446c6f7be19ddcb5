//! Whether what is written by one schema can be read by another.
//!
//! Owns the rules. An event written yesterday is read tomorrow, by a consumer or in a replay: what is stored must fit the new
//! schema. While nodes are exchanged, yesterday's consumers read what tomorrow's emit: what is new must fit the old one.
//! Start reading at [`breaks`].

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use super::DEFINITIONS;

/// Deepest nesting that is compared.
const DEPTH_MAX: usize = 32;

/// A change that somebody cannot follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// Where: `card.members[]`. Empty for the event itself.
    pub field: String,
    /// What changed.
    pub change: Change,
}

/// What can change so that somebody cannot follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A field is gone.
    Removed,
    /// A value is of another kind.
    Kind {
        /// What it was.
        before: String,
        /// What it is.
        after: String,
    },
    /// A field that could be absent must be there, or one that must be there is new.
    Required,
    /// A field that had to be there can be absent.
    Optional,
    /// One of the values that were possible is no more.
    ValueRemoved(String),
    /// A value is possible that was not.
    ValueAdded(String),
}

/// Who cannot follow a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Today's types, of events that are stored.
    Stored,
    /// Consumers of yesterday's version, of events that are published now.
    Older,
    /// Neither.
    Both,
}

impl Change {
    /// Returns who cannot follow it.
    pub fn breaks(&self) -> Reader {
        match self {
            Self::Removed | Self::Optional | Self::ValueAdded(_) => Reader::Older,
            Self::Required | Self::ValueRemoved(_) => Reader::Stored,
            Self::Kind { .. } => Reader::Both,
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "field `{}` ", self.field)?;
        }
        match &self.change {
            Change::Removed => write!(f, "was removed"),
            Change::Kind { before, after } => write!(f, "was {before} and is {after}"),
            Change::Required => write!(f, "is required and was not"),
            Change::Optional => write!(f, "was required and can be absent"),
            Change::ValueRemoved(value) => write!(f, "lost the value `{value}`"),
            Change::ValueAdded(value) => write!(f, "got the value `{value}`"),
        }?;
        match self.change.breaks() {
            Reader::Stored => write!(f, ": stored events cannot be read"),
            Reader::Older => write!(f, ": older consumers cannot read it"),
            Reader::Both => write!(f, ": neither stored events nor older consumers can be served"),
        }
    }
}

/// Returns what keeps events of one schema from being read by those of the other.
pub fn breaks(before: &Value, after: &Value) -> Vec<Break> {
    let mut comparison = Comparison { before, after, found: Vec::new() };
    comparison.values("", before, after, 0);
    comparison.found
}

struct Comparison<'a> {
    before: &'a Value,
    after: &'a Value,
    found: Vec<Break>,
}

impl<'a> Comparison<'a> {
    fn values(&mut self, field: &str, before: &'a Value, after: &'a Value, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        let (before, after) = (resolve(self.before, before), resolve(self.after, after));
        let (mut old, mut new) = (variants(self.before, before), variants(self.after, after));
        // Where one value is possible beside null it needs no name, and would lose it when it gets a second form.
        if let (Some(was), Some(is)) = (only(&old), only(&new)) {
            for (variants, name) in [(&mut old, was), (&mut new, is)] {
                variants.remove(&name).and_then(|value| variants.insert(ONLY.to_owned(), value));
            }
        }
        for (name, was) in old.iter().filter(|(name, _)| *name != NULL) {
            match new.get(name) {
                // Neither is a choice between others.
                Some(is) if std::ptr::eq(*was, before) && std::ptr::eq(*is, after) => self.one(field, was, is, depth),
                Some(is) => self.values(field, was, is, depth + 1),
                None => self.note(field, Change::ValueRemoved(name.clone())),
            }
        }
        if old.contains_key(NULL) && !new.contains_key(NULL) {
            self.note(field, Change::ValueRemoved(NULL.to_owned()));
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            self.note(field, Change::ValueAdded(name.clone()));
        }
    }

    fn one(&mut self, field: &str, before: &'a Value, after: &'a Value, depth: usize) {
        let (was, is) = (kind(before), kind(after));
        if was != is {
            return self.note(field, Change::Kind { before: was, after: is });
        }
        self.enumerated(field, before, after);
        self.members(field, before, after, depth);
        for (word, end) in [("items", "[]"), ("additionalProperties", ".*")] {
            if let (Some(before), Some(after)) = (before.get(word), after.get(word)) {
                self.values(&format!("{field}{end}"), before, after, depth + 1);
            }
        }
    }

    fn enumerated(&mut self, field: &str, before: &Value, after: &Value) {
        let (old, new) = (list(before, "enum"), list(after, "enum"));
        for value in old.iter().filter(|value| !new.contains(value)) {
            self.note(field, Change::ValueRemoved(plain(value)));
        }
        for value in new.iter().filter(|value| !old.contains(value)) {
            self.note(field, Change::ValueAdded(plain(value)));
        }
    }

    fn members(&mut self, field: &str, before: &'a Value, after: &'a Value, depth: usize) {
        let (old, new) = (properties(before), properties(after));
        let path = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        for (name, was) in &old {
            let Some(is) = new.get(name) else {
                self.note(&path(name), Change::Removed);
                continue;
            };
            match (requires(before, name), requires(after, name)) {
                (false, true) => self.note(&path(name), Change::Required),
                (true, false) => self.note(&path(name), Change::Optional),
                _ => {}
            }
            self.values(&path(name), was, is, depth + 1);
        }
        for name in new.keys().filter(|name| !old.contains_key(*name) && requires(after, name)) {
            self.note(&path(name), Change::Required);
        }
    }

    fn note(&mut self, field: &str, change: Change) {
        self.found.push(Break { field: field.to_owned(), change });
    }
}

/// The kinds of value that a schema allows, by a name that stays the same from version to version.
type Variants<'a> = BTreeMap<String, &'a Value>;

const NULL: &str = "null";
/// The name of a schema that allows one kind of value.
const ONLY: &str = "value";

static NOTHING: Value = Value::Null;

fn variants<'a>(root: &'a Value, schema: &'a Value) -> Variants<'a> {
    let choices = ["oneOf", "anyOf"].into_iter().flat_map(|word| list(schema, word));
    let mut found: Variants<'_> =
        choices.map(|choice| resolve(root, choice)).map(|choice| (name(choice), choice)).collect();
    if found.is_empty() {
        found.insert(ONLY.to_owned(), schema);
    }
    if list(schema, "type").iter().any(|kind| kind == NULL) {
        found.insert(NULL.to_owned(), &NOTHING);
    }
    found
}

/// Returns the name of the one kind of value that is possible beside null.
fn only(variants: &Variants<'_>) -> Option<String> {
    let mut names = variants.keys().filter(|name| *name != NULL);
    names.next().filter(|_| names.next().is_none()).cloned()
}

/// Returns what tells a choice from the others: its one value, its one required member, or nothing.
fn name(choice: &Value) -> String {
    if choice.get("type").is_some_and(|kind| kind == NULL) {
        return NULL.to_owned();
    }
    match (list(choice, "enum"), list(choice, "required")) {
        ([value], _) | (_, [value]) => plain(value),
        _ => ONLY.to_owned(),
    }
}

/// Says in words what kind of value a schema allows, whether it can be null aside.
fn kind(schema: &Value) -> String {
    let kinds = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter(|kind| *kind != NULL).map(plain).collect(),
        Some(kind) => vec![plain(kind)],
        None => vec!["anything".to_owned()],
    };
    let format = schema.get("format").and_then(Value::as_str).map(|format| format!(" ({format})"));
    format!("{}{}", kinds.join(" or "), format.unwrap_or_default())
}

/// Follows a reference.
pub(super) fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let mut found = schema;
    for _ in 0..DEPTH_MAX {
        let target = found.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix(DEFINITIONS));
        match target.and_then(|name| root.get("$defs")?.get(name)) {
            Some(next) => found = next,
            None => break,
        }
    }
    found
}

pub(super) fn list<'a>(schema: &'a Value, word: &str) -> &'a [Value] {
    schema.get(word).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn properties(schema: &Value) -> BTreeMap<&str, &Value> {
    let members = schema.get("properties").and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, member)| (name.as_str(), member)).collect()
}

pub(super) fn requires(schema: &Value, name: &str) -> bool {
    list(schema, "required").iter().any(|required| required == name)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

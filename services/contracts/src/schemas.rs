//! What every event looks like in JSON: the registry of schemas, version by version.
//!
//! Owns the list of the types there are and the form of their pages in `docs/reference/events`. Never lets a change pass that
//! an older consumer or a stored event could not follow. Start reading at [`EVENT_TYPES`], then [`compatibility`].

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use base::Event;

use crate::events::{
    files::{FileClaimed, FileStored},
    identity::MailRequested,
    installation::{NodeChanged, TrafficDecided},
    people::{MembershipChanged, PersonChanged},
    projects::{
        ChangesRequested, CycleOpened, FinalSubmitted, MembershipDeclined, MilestoneApproved, MilestoneReturned,
        MilestoneSubmitted, ParticipantEnrolled, ProgrammeChanged, ProposalApproved, ProposalRejected,
        ProposalSubmitted, RosterImported, TopicReturned,
    },
};

pub mod compatibility;
pub mod fields;
pub mod history;
#[cfg(test)]
mod tests;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Where utoipa puts what a schema refers to, and where JSON Schema does.
const COMPONENTS: &str = "#/components/schemas/";
const DEFINITIONS: &str = "#/$defs/";

/// A type of event, with an example of every version that was ever published.
pub struct EventType {
    /// [`Event::TYPE`].
    pub name: &'static str,
    /// An example of each version, the first first. The last is the version that is published; all are still read.
    pub examples: &'static [&'static str],
    /// Versions that the type reads although its schema does not say so: by `#[serde(from = "..")]`, say.
    pub upcast: &'static [usize],
    schema: fn() -> Value,
    read: fn(&str) -> serde_json::Result<Value>,
}

/// Lists types of event: `Type: [example of version 1, of version 2]`, and versions that are read by hand.
macro_rules! event_types {
    ($($event:ident: [$($example:literal),+] $(upcast $upcast:expr)?;)+) => {
        &[$(EventType {
            name: $event::TYPE,
            examples: &[$(include_str!(concat!("../fixtures/", $example))),+],
            upcast: { const NONE: &[usize] = &[]; let upcast = NONE; $(let upcast = $upcast;)? upcast },
            schema: schema::<$event>,
            read: read::<$event>,
        }),+]
    };
}

/// Every type of event there is. A change of a type's form is a new version: an example more in its row.
pub static EVENT_TYPES: &[EventType] = event_types! {
    FileStored: ["files.file.stored.v1.json"];
    FileClaimed: ["files.file.claimed.v1.json"];
    MailRequested: ["identity.mail.requested.v1.json"];
    MembershipChanged: ["identity.membership.changed.v1.json"];
    PersonChanged: ["identity.person.changed.v1.json"];
    NodeChanged: ["installation.node.changed.v1.json"];
    TrafficDecided: ["installation.traffic.decided.v1.json"];
    ChangesRequested: ["projects.changes.requested.v1.json"];
    CycleOpened: ["projects.cycle.opened.v1.json"];
    FinalSubmitted: ["projects.final.submitted.v1.json"];
    MembershipDeclined: ["projects.membership.declined.v1.json"];
    MilestoneApproved: ["projects.milestone.approved.v1.json"];
    MilestoneReturned: ["projects.milestone.returned.v1.json"];
    MilestoneSubmitted: ["projects.milestone.submitted.v1.json"];
    ParticipantEnrolled: ["projects.participant.enrolled.v1.json"];
    ProgrammeChanged: ["projects.programme.changed.v1.json"];
    ProposalApproved: ["projects.proposal.approved.v1.json"];
    ProposalRejected: ["projects.proposal.rejected.v1.json"];
    ProposalSubmitted: ["projects.proposal.submitted.v1.json"];
    RosterImported: ["projects.roster.imported.v1.json"];
    TopicReturned: ["projects.topic.returned.v1.json"];
};

impl EventType {
    /// Returns the version that is published, from 1.
    pub fn version(&self) -> usize {
        self.examples.len()
    }

    /// Returns the JSON Schema of the version that is published.
    pub fn schema(&self) -> Value {
        let mut schema = (self.schema)();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("$schema".to_owned(), DIALECT.into());
            schema.insert("$id".to_owned(), format!("{}.v{}", self.name, self.version()).into());
        }
        schema
    }

    /// Reads an event of any version, and returns it as the version that is published.
    pub fn read(&self, data: &str) -> serde_json::Result<Value> {
        (self.read)(data)
    }
}

/// Returns the type of this name.
pub fn find(name: &str) -> Option<&'static EventType> {
    EVENT_TYPES.iter().find(|event_type| event_type.name == name)
}

fn read<E: Serialize + DeserializeOwned>(data: &str) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_str::<E>(data)?)
}

fn schema<E: ToSchema>() -> Value {
    let mut parts = Vec::new();
    E::schemas(&mut parts);
    let parts: Map<String, Value> = parts.into_iter().map(|(name, part)| (name, json(&part))).collect();
    let mut schema = json(&E::schema());
    if let (Some(schema), false) = (schema.as_object_mut(), parts.is_empty()) {
        schema.insert("$defs".to_owned(), parts.into());
    }
    schema
}

fn json(part: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(part).unwrap_or_default();
    refer_to_definitions(&mut value);
    value
}

fn refer_to_definitions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => *target = target.replace(COMPONENTS, DEFINITIONS),
                    Value::String(words) if name == "description" => *words = without_links(words),
                    member => refer_to_definitions(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_definitions),
        _ => {}
    }
}

/// Returns a description with the names of what it links to, and no links: they lead into the code.
fn without_links(words: &str) -> String {
    let mut rest = words;
    let mut plain = String::with_capacity(words.len());
    while let Some((before, named, after)) = link(rest) {
        plain.push_str(before);
        plain.push_str(named);
        rest = after;
    }
    plain.push_str(rest);
    plain.replace('\n', " ")
}

/// Finds the first ``[`name`](target)``: what is before it, the name, and what is after it.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (before, found) = text.split_once("[`")?;
    let (named, after) = found.split_once("`](")?;
    let (_, after) = after.split_once(')')?;
    Some((before, named, after))
}

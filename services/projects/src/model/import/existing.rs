//! What the university has already, in the form in which an import compares it.

use std::collections::HashMap;

use base::{PersonId, Timestamp};
use jiff::tz::TimeZone;

use super::check::{Known, KnownPerson};
use crate::model::ids::{ProgrammeId, TopicId};

/// Everything of the university, and of one cycle, that the rows of an import may be or refer to.
#[derive(Debug, Clone, Default)]
pub struct Existing {
    /// By code.
    pub programmes: HashMap<String, Programme>,
    pub people: HashMap<PersonId, Card>,
    pub students: HashMap<PersonId, Student>,
    pub supervisors: HashMap<PersonId, Supervisor>,
    /// By number.
    pub topics: HashMap<String, Topic>,
    /// Rank and topic, by student.
    pub preferences: HashMap<PersonId, Vec<(u32, TopicId)>>,
    /// Rank and student, by supervisor.
    pub rankings: HashMap<PersonId, Vec<(u32, PersonId)>>,
    /// By name.
    pub rooms: HashMap<String, Room>,
    /// From when until when, by person.
    pub availability: HashMap<PersonId, Vec<(Timestamp, Timestamp)>>,
}

/// A programme as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    pub id: ProgrammeId,
    pub title_en: String,
    pub title_local: String,
}

/// A person as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub number: Option<String>,
    pub family_name: String,
    pub given_name: String,
    pub email: String,
}

/// A student of the cycle as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Student {
    pub programme: ProgrammeId,
    pub classroom: String,
    pub gpa_points: Option<u32>,
}

/// A supervisor of the cycle as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervisor {
    pub title: String,
    pub supervise_max: u32,
    pub chair_max: u32,
    pub examine_max: u32,
    pub areas: Vec<String>,
}

/// A topic of the cycle as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub id: TopicId,
    pub text: TopicText,
    pub taken: u32,
}

/// What an import says of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicText {
    pub title_en: String,
    pub title_local: String,
    pub area: String,
    pub supervisor: PersonId,
    pub capacity: u32,
    /// Sorted.
    pub programmes: Vec<ProgrammeId>,
}

/// A room as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub seats: u32,
    pub equipment: Vec<String>,
}

impl Existing {
    /// Returns what the checks need to know of it.
    pub fn known(&self, zone: TimeZone) -> Known {
        let number = |id: &PersonId| self.people.get(id).and_then(|card| card.number.clone());
        let people = self.people.iter().map(|(id, card)| KnownPerson {
            id: *id,
            number: card.number.clone(),
            email: card.email.to_lowercase(),
        });
        let mut people: Vec<KnownPerson> = people.collect();
        people.sort_by_key(|person| person.id);
        Known {
            programmes: self.programmes.keys().cloned().collect(),
            people,
            supervisors: self.supervisors.keys().filter_map(number).collect(),
            students: self.students.keys().filter_map(number).collect(),
            topics: self.topics.keys().cloned().collect(),
            zone,
        }
    }
}

//! What an import changes: its records held against what is there.

mod lists;
mod people;

use std::collections::HashMap;

use base::{PersonId, Timestamp};
use uuid::Uuid;

use self::people::Directory;
use super::{
    Cohort, Existing, Kind,
    columns::KINDS,
    existing::{self, Card, TopicText},
    records,
};
use crate::model::ids::{ProgrammeId, TopicId};

/// Everything to write, and nothing that is there already.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub programmes: Vec<(String, existing::Programme)>,
    pub people: Vec<(PersonId, Card)>,
    pub students: Vec<(PersonId, existing::Student)>,
    pub supervisors: Vec<(PersonId, existing::Supervisor)>,
    pub topics: Vec<TopicChange>,
    /// The whole list of each student who has another list now.
    pub preferences: Vec<(PersonId, Vec<(u32, TopicId)>)>,
    /// The whole list of each supervisor who has another list now.
    pub rankings: Vec<(PersonId, Vec<(u32, PersonId)>)>,
    pub rooms: Vec<(String, existing::Room)>,
    /// All times of each supervisor who has other times now.
    pub availability: Vec<(PersonId, Vec<(Timestamp, Timestamp)>)>,
    /// The people who are new or changed, each with what they are; for those who make accounts.
    pub roster: Vec<Arrival>,
    /// How many records of each kind are new, changed and as they were.
    pub changes: Vec<(Kind, Changes)>,
}

/// A topic that is new or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicChange {
    pub id: TopicId,
    pub number: String,
    pub text: TopicText,
    pub new: bool,
}

/// A person who is new or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub person: PersonId,
    pub card: Card,
    /// [`Kind::Students`] or [`Kind::Supervisors`].
    pub kind: Kind,
}

/// How many records are what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Changes {
    pub new: u32,
    pub changed: u32,
    pub unchanged: u32,
}

impl Changes {
    /// Counts one record by what was there before and what is there now.
    fn count<T: PartialEq>(&mut self, before: Option<&T>, now: &T) -> bool {
        let counter = match before {
            None => &mut self.new,
            Some(before) if before == now => &mut self.unchanged,
            Some(_) => &mut self.changed,
        };
        *counter += 1;
        before != Some(now)
    }
}

impl Plan {
    /// Compares. `make` gives the bits of new ids.
    pub fn make(cohort: &Cohort, existing: &Existing, make: &dyn Fn() -> Uuid) -> Self {
        let mut planner = Planner {
            existing,
            make,
            plan: Self::default(),
            counts: HashMap::new(),
            programmes: existing.programmes.iter().map(|(code, programme)| (code.clone(), programme.id)).collect(),
            topics: existing.topics.iter().map(|(number, topic)| (number.clone(), topic.id)).collect(),
            people: Directory::new(existing),
        };
        planner.programmes(cohort);
        planner.supervisors(&cohort.supervisors);
        planner.students(&cohort.students);
        planner.topics(&cohort.topics);
        planner.preferences(&cohort.preferences);
        planner.rankings(&cohort.rankings);
        planner.rooms(&cohort.rooms);
        planner.availability(&cohort.availability);
        let Planner { mut plan, counts, .. } = planner;
        plan.changes = KINDS.iter().filter_map(|kind| Some((*kind, *counts.get(kind)?))).collect();
        plan
    }

    /// Returns how many rows there are to write.
    pub fn len(&self) -> usize {
        self.programmes.len()
            + self.people.len()
            + self.students.len()
            + self.supervisors.len()
            + self.topics.len()
            + self.preferences.iter().map(|(_, list)| list.len()).sum::<usize>()
            + self.rankings.iter().map(|(_, list)| list.len()).sum::<usize>()
            + self.rooms.len()
            + self.availability.iter().map(|(_, times)| times.len()).sum::<usize>()
    }

    /// Returns true when everything is there already.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The state of a comparison.
struct Planner<'a> {
    existing: &'a Existing,
    make: &'a dyn Fn() -> Uuid,
    plan: Plan,
    counts: HashMap<Kind, Changes>,
    programmes: HashMap<String, ProgrammeId>,
    topics: HashMap<String, TopicId>,
    people: Directory<'a>,
}

impl Planner<'_> {
    /// Plans the programmes of the import's own table, then those that topics and students merely name.
    fn programmes(&mut self, cohort: &Cohort) {
        for record in &cohort.programmes {
            let records::Programme { code, title_en, title_local } = record;
            self.programme(code, title_en, title_local);
        }
        let named = cohort.topics.iter().flat_map(|topic| &topic.programmes);
        for code in named.chain(cohort.students.iter().map(|student| &student.programme)) {
            if !self.programmes.contains_key(code) {
                self.programme(code, code, "");
            }
        }
    }

    fn programme(&mut self, code: &str, title_en: &str, title_local: &str) {
        let id = self.programmes.get(code).copied().unwrap_or_else(|| (self.make)().into());
        self.programmes.insert(code.to_owned(), id);
        let (title_en, title_local) = (title_en.to_owned(), title_local.to_owned());
        let programme = existing::Programme { id, title_en, title_local };
        let before = self.existing.programmes.get(code);
        if self.counts.entry(Kind::Programmes).or_default().count(before, &programme) {
            self.plan.programmes.push((code.to_owned(), programme));
        }
    }

    fn topics(&mut self, topics: &[records::Topic]) {
        for record in topics {
            let records::Topic { number, title_en, title_local, area, .. } = record;
            let Some(supervisor) = self.people.numbered(Kind::Supervisors, &record.supervisor_no) else { continue };
            let ids = record.programmes.iter().filter_map(|code| self.programmes.get(code).copied());
            let mut programmes: Vec<_> = ids.collect();
            programmes.sort_unstable();
            let (title_en, title_local, area) = (title_en.clone(), title_local.clone(), area.clone());
            let before = self.existing.topics.get(number);
            // INVARIANT: a topic never has fewer places than are taken; with fewer asked for, it is full.
            let capacity = record.capacity.max(before.map_or(0, |topic| topic.taken));
            let text = TopicText { title_en, title_local, area, supervisor, capacity, programmes };
            let id = before.map_or_else(|| (self.make)().into(), |topic| topic.id);
            self.topics.insert(number.clone(), id);
            if self.counts.entry(Kind::Topics).or_default().count(before.map(|topic| &topic.text), &text) {
                self.plan.topics.push(TopicChange { id, number: number.clone(), text, new: before.is_none() });
            }
        }
    }

    fn rooms(&mut self, rooms: &[records::Room]) {
        for record in rooms {
            let room = existing::Room { seats: record.seats, equipment: record.equipment.clone() };
            let before = self.existing.rooms.get(&record.name);
            if self.counts.entry(Kind::Rooms).or_default().count(before, &room) {
                self.plan.rooms.push((record.name.clone(), room));
            }
        }
    }
}

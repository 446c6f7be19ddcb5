//! Students and supervisors: who is new, whose card changed, and whose part in the cycle.

use std::collections::{HashMap, HashSet};

use base::PersonId;

use super::{Arrival, Planner};
use crate::model::import::{
    Existing, Kind,
    existing::{self, Card},
    records::{Individual, Student, Supervisor},
};

/// Who has which number in which part: of the university, and of the import.
pub(super) struct Directory<'a> {
    numbers: HashMap<(Kind, &'a str), PersonId>,
    added: HashMap<Kind, HashMap<String, PersonId>>,
    /// The people that this import adds, by e-mail address: somebody may be student and supervisor.
    emails: HashMap<String, PersonId>,
    /// The people whose card this import has settled already.
    settled: HashSet<PersonId>,
}

impl<'a> Directory<'a> {
    pub(super) fn new(existing: &'a Existing) -> Self {
        let number = |id: &PersonId| existing.people.get(id).and_then(|card| card.number.as_deref());
        let students = existing.students.keys().map(|id| (Kind::Students, id));
        let supervisors = existing.supervisors.keys().map(|id| (Kind::Supervisors, id));
        let numbers = students.chain(supervisors).filter_map(|(kind, id)| Some(((kind, number(id)?), *id))).collect();
        Self { numbers, added: HashMap::new(), emails: HashMap::new(), settled: HashSet::new() }
    }

    /// Returns the student or supervisor of this number; the import's own come first.
    pub(super) fn numbered(&self, kind: Kind, number: &str) -> Option<PersonId> {
        let added = self.added.get(&kind).and_then(|numbers| numbers.get(number));
        added.or_else(|| self.numbers.get(&(kind, number))).copied()
    }
}

impl Planner<'_> {
    pub(super) fn supervisors(&mut self, supervisors: &[Supervisor]) {
        for record in supervisors {
            let Supervisor { title, supervise_max, chair_max, examine_max, areas, .. } = record;
            let supervisor = existing::Supervisor {
                title: title.clone(),
                supervise_max: *supervise_max,
                chair_max: *chair_max,
                examine_max: *examine_max,
                areas: areas.clone(),
            };
            let (person, card) = self.person(Kind::Supervisors, &record.person);
            let before = self.existing.supervisors.get(&person);
            if before != Some(&supervisor) {
                self.plan.supervisors.push((person, supervisor.clone()));
            }
            self.count_person(Kind::Supervisors, person, card, before == Some(&supervisor));
        }
    }

    pub(super) fn students(&mut self, students: &[Student]) {
        for record in students {
            let Some(programme) = self.programmes.get(&record.programme).copied() else { continue };
            let (classroom, gpa_points) = (record.classroom.clone(), record.gpa_points);
            let student = existing::Student { programme, classroom, gpa_points };
            let (person, card) = self.person(Kind::Students, &record.person);
            let before = self.existing.students.get(&person);
            let same = before == Some(&student);
            if !same {
                self.plan.students.push((person, student));
            }
            self.count_person(Kind::Students, person, card, same);
        }
    }

    /// Settles who a row is, and what their card says afterwards.
    fn person(&mut self, kind: Kind, individual: &Individual) -> (PersonId, Card) {
        let email_key = individual.email_key();
        let known = individual.known.or_else(|| self.people.emails.get(&email_key).copied());
        let person = known.unwrap_or_else(|| (self.make)().into());
        self.people.emails.insert(email_key, person);
        self.people.added.entry(kind).or_default().insert(individual.number.clone(), person);
        let before = self.existing.people.get(&person);
        let card = Card {
            number: Some(self.number(kind, person, individual)),
            family_name: individual.family_name.clone(),
            given_name: individual.given_name.clone(),
            email: before
                .filter(|card| card.email.to_lowercase() == individual.email_key())
                .map_or_else(|| individual.email.clone(), |card| card.email.clone()),
        };
        (person, card)
    }

    /// Returns the number that a person has afterwards. Whoever takes part in the other way too keeps the number known there.
    fn number(&self, kind: Kind, person: PersonId, individual: &Individual) -> String {
        let takes_other_part = match kind {
            Kind::Students => self.existing.supervisors.contains_key(&person),
            _ => self.existing.students.contains_key(&person),
        };
        let kept = self.existing.people.get(&person).and_then(|card| card.number.clone());
        kept.filter(|_| takes_other_part).unwrap_or_else(|| individual.number.clone())
    }

    /// Counts a row, and plans the card unless an earlier row of the import said what it is.
    fn count_person(&mut self, kind: Kind, person: PersonId, card: Card, same_part: bool) {
        let part_before = match kind {
            Kind::Students => self.existing.students.contains_key(&person),
            _ => self.existing.supervisors.contains_key(&person),
        };
        let first = self.people.settled.insert(person);
        let same_card = !first || self.existing.people.get(&person) == Some(&card);
        let counts = self.counts.entry(kind).or_default();
        match (part_before, same_part && same_card) {
            (false, _) => counts.new += 1,
            (true, true) => counts.unchanged += 1,
            (true, false) => counts.changed += 1,
        }
        if !same_card {
            self.plan.people.push((person, card.clone()));
        }
        if !same_card || !part_before {
            self.plan.roster.push(Arrival { person, card, kind });
        }
    }
}

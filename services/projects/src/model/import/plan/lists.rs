//! Lists that come whole: preferences, rankings and times. Whoever is named in a file has the list of the file afterwards.

use std::collections::HashMap;

use base::PersonId;

use super::Planner;
use crate::model::import::{
    Kind,
    plan::Changes,
    records::{Availability, Preference, Ranking},
};

impl Planner<'_> {
    pub(super) fn preferences(&mut self, preferences: &[Preference]) {
        let rows = preferences.iter().filter_map(|row| {
            let student = self.people.numbered(Kind::Students, &row.student_no)?;
            Some((student, (row.rank, *self.topics.get(&row.topic_no)?)))
        });
        let (lists, changes) = compare(rows, &self.existing.preferences);
        self.plan.preferences = lists;
        self.note(Kind::Preferences, changes);
    }

    pub(super) fn rankings(&mut self, rankings: &[Ranking]) {
        let rows = rankings.iter().filter_map(|row| {
            let supervisor = self.people.numbered(Kind::Supervisors, &row.supervisor_no)?;
            Some((supervisor, (row.rank, self.people.numbered(Kind::Students, &row.student_no)?)))
        });
        let (lists, changes) = compare(rows, &self.existing.rankings);
        self.plan.rankings = lists;
        self.note(Kind::Rankings, changes);
    }

    pub(super) fn availability(&mut self, availability: &[Availability]) {
        let rows = availability.iter().filter_map(|row| {
            let supervisor = self.people.numbered(Kind::Supervisors, &row.supervisor_no)?;
            Some((supervisor, (row.from_at, row.until_at)))
        });
        let (lists, changes) = compare(rows, &self.existing.availability);
        self.plan.availability = lists;
        self.note(Kind::Availability, changes);
    }

    fn note(&mut self, kind: Kind, changes: Changes) {
        if changes != Changes::default() {
            self.counts.insert(kind, changes);
        }
    }
}

type Lists<T> = Vec<(PersonId, Vec<T>)>;

/// Gathers the rows of each person, sorted, and keeps the lists that are not what is there.
fn compare<T: Ord + Copy>(
    rows: impl Iterator<Item = (PersonId, T)>,
    existing: &HashMap<PersonId, Vec<T>>,
) -> (Lists<T>, Changes) {
    let mut lists: HashMap<PersonId, Vec<T>> = HashMap::new();
    for (person, row) in rows {
        lists.entry(person).or_default().push(row);
    }
    let mut changes = Changes::default();
    let mut different = Vec::new();
    for (person, mut list) in lists {
        list.sort_unstable();
        let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
        match existing.get(&person) {
            Some(before) if *before == list => changes.unchanged += count,
            Some(_) => changes.changed += count,
            None => changes.new += count,
        }
        if existing.get(&person) != Some(&list) {
            different.push((person, list));
        }
    }
    different.sort_unstable_by_key(|(person, _)| *person);
    (different, changes)
}

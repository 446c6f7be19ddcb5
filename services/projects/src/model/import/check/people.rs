//! Finds out which rows are people that the university knows already: by number, then by e-mail address.

use std::collections::{HashMap, HashSet};

use base::PersonId;

use crate::model::import::{Kind, Reason, Table};

use super::rows;

/// A person of the university.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    pub id: PersonId,
    pub number: Option<String>,
    /// In the form of [`crate::model::import::records::Individual::email_key`].
    pub email: String,
}

/// The people known, and which of them the rows of this import are.
pub(super) struct People<'a> {
    by_number: HashMap<&'a str, &'a KnownPerson>,
    by_email: HashMap<&'a str, &'a KnownPerson>,
    /// The people whose own number a row of the kind has: no other row may become them by e-mail address.
    reserved: HashSet<(Kind, PersonId)>,
}

impl<'a> People<'a> {
    pub(super) fn new(known: &'a [KnownPerson]) -> Self {
        let numbered = known.iter().filter_map(|person| Some((person.number.as_deref()?, person)));
        // Of two people with one address the first counts; a later row finds the other by number only.
        let by_email = known.iter().rev().map(|person| (person.email.as_str(), person));
        Self { by_number: numbered.collect(), by_email: by_email.collect(), reserved: HashSet::new() }
    }

    /// Sets aside the people whose numbers a table holds, before its rows are looked at.
    pub(super) fn reserve(&mut self, kind: Kind, positions: &[Option<usize>], table: &Table) {
        for row in &table.rows {
            let number = rows::number_of(kind, positions, row);
            if let Some(person) = number.and_then(|number| self.by_number.get(number.as_str())) {
                self.reserved.insert((kind, person.id));
            }
        }
    }

    /// Returns the person that a row is, `None` for somebody new, or why the row cannot be anybody.
    pub(super) fn find(&self, kind: Kind, number: &str, email_key: &str) -> Result<Option<PersonId>, Reason> {
        let by_email = self.by_email.get(email_key).copied();
        let Some(person) = self.by_number.get(number).copied() else {
            let taken = by_email.is_some_and(|person| self.reserved.contains(&(kind, person.id)));
            return if taken { Err(Reason::EmailTaken) } else { Ok(by_email.map(|person| person.id)) };
        };
        if by_email.is_none() || person.email == email_key { Ok(Some(person.id)) } else { Err(Reason::EmailTaken) }
    }
}

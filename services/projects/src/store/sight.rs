//! What of a list somebody sees, as a condition of its statement: everything, what is in some units, or what is theirs.
//!
//! The conditions here say in SQL what `actions/relations.rs` says of one row; a test holds the two together on both engines.

use std::collections::BTreeSet;

use base::PersonId;
use uuid::Uuid;

use crate::model::ids::ProgrammeId;

/// What of a list somebody sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sight {
    /// Everything.
    pub(super) all: bool,
    /// Whatever has this person as one of its own.
    pub(super) person: Option<PersonId>,
    /// Whatever is in one of these units: their ids, one after the other, in order.
    pub(super) units: Vec<u8>,
}

impl Sight {
    /// Returns the sight of somebody who sees everything, or what is in `units`, or what is `person`'s own.
    pub fn new(all: bool, units: &BTreeSet<Uuid>, person: Option<PersonId>) -> Self {
        Self { all, person, units: units.iter().flat_map(Uuid::as_bytes).copied().collect() }
    }

    /// Returns true when only what is the person's own is seen.
    pub fn is_own_alone(&self) -> bool {
        !self.all && self.units.is_empty()
    }

    /// Returns true when whatever is in this programme is seen.
    pub fn sees_programme(&self, programme: ProgrammeId) -> bool {
        self.sees_programmes(&[programme])
    }

    /// Returns true when whatever is in these programmes is seen.
    pub fn sees_programmes(&self, programmes: &[ProgrammeId]) -> bool {
        self.all || self.programmes().any(|seen| programmes.contains(&seen))
    }

    /// Returns the programmes that are seen; none when everything is.
    pub fn programmes(&self) -> impl Iterator<Item = ProgrammeId> {
        self.units
            .chunks_exact(size_of::<Uuid>())
            .filter_map(|bytes| Uuid::from_slice(bytes).ok())
            .map(ProgrammeId::from)
    }

    /// Returns true when what this person has is seen as their own.
    pub fn is_of(&self, person: PersonId) -> bool {
        self.person == Some(person)
    }
}

/// The ids of a parameter that holds them one after the other.
macro_rules! units {
    ($units:literal) => {
        concat!(
            "(WITH RECURSIVE unit AS (SELECT 1 AS at UNION ALL SELECT at + 16 FROM unit WHERE at + 16 < LENGTH(CAST(",
            $units,
            " AS BYTEA))) SELECT SUBSTR(CAST(",
            $units,
            " AS BYTEA), at, 16) FROM unit)"
        )
    };
}

/// Whether the project `j` is seen: see `relations::to_project` and the policy of reading one.
macro_rules! project_in_sight {
    ($all:literal, $person:literal, $units:literal) => {
        concat!(
            "(", $all, " OR j.supervisor_id = ", $person,
            " OR EXISTS (SELECT 1 FROM project_member m WHERE m.tenant_id = j.tenant_id AND m.project_id = j.id AND m.person_id = ",
            $person,
            ") OR EXISTS (SELECT 1 FROM project_role r WHERE r.tenant_id = j.tenant_id AND r.project_id = j.id AND r.person_id = ",
            $person,
            " AND r.role IN ('co_supervisor', 'chair', 'examiner'))",
            " OR EXISTS (SELECT 1 FROM project_member m JOIN student s ON s.tenant_id = m.tenant_id AND s.cycle_id = j.cycle_id
                AND s.person_id = m.person_id WHERE m.tenant_id = j.tenant_id AND m.project_id = j.id AND s.programme_id IN ",
            crate::store::sight::units!($units),
            "))"
        )
    };
}

/// Whether the topic `t` is seen: see `relations::to_topic`; one that is open is everybody's to see.
macro_rules! topic_in_sight {
    ($all:literal, $person:literal, $units:literal) => {
        concat!(
            "(t.state NOT IN ('draft', 'in_review') OR ", $all, " OR t.supervisor_id = ", $person,
            " OR EXISTS (SELECT 1 FROM topic_programme u WHERE u.tenant_id = t.tenant_id AND u.topic_id = t.id AND u.programme_id IN ",
            crate::store::sight::units!($units),
            "))"
        )
    };
}

pub(crate) use {project_in_sight, topic_in_sight, units};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sight_gives_its_programmes_back() {
        let units: BTreeSet<Uuid> = [7, 3].map(Uuid::from_u128).into();
        let sight = Sight::new(false, &units, None);
        assert_eq!(sight.programmes().collect::<Vec<_>>(), [3, 7].map(ProgrammeId::from_u128));
        assert!(sight.sees_programme(ProgrammeId::from_u128(7)) && !sight.sees_programme(ProgrammeId::from_u128(8)));
        assert!(!sight.is_own_alone() && Sight::new(false, &BTreeSet::new(), None).is_own_alone());
        assert!(Sight::new(true, &BTreeSet::new(), None).sees_programme(ProgrammeId::from_u128(8)));
    }
}

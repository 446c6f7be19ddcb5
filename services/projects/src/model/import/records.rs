//! What the rows become: the records of an import, each checked as far as it can be without the other rows.

use base::{PersonId, Timestamp};

/// Everything that one import found good, in the order of the files. A record keeps its file and line only in refusals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cohort {
    pub programmes: Vec<Programme>,
    pub supervisors: Vec<Supervisor>,
    pub students: Vec<Student>,
    pub topics: Vec<Topic>,
    pub preferences: Vec<Preference>,
    pub rankings: Vec<Ranking>,
    pub rooms: Vec<Room>,
    pub availability: Vec<Availability>,
}

impl Cohort {
    /// Returns how many records there are.
    pub fn len(&self) -> usize {
        self.programmes.len()
            + self.supervisors.len()
            + self.students.len()
            + self.topics.len()
            + self.preferences.len()
            + self.rankings.len()
            + self.rooms.len()
            + self.availability.len()
    }

    /// Returns true when no row was good.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A programme of study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    pub code: String,
    pub title_en: String,
    pub title_local: String,
}

/// What students and supervisors have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Individual {
    pub number: String,
    pub family_name: String,
    pub given_name: String,
    /// As typed; compared without case.
    pub email: String,
    /// The person of the university that this is, when it is one already known.
    pub known: Option<PersonId>,
}

impl Individual {
    /// Returns the form of an e-mail address in which two are compared.
    pub fn email_key(&self) -> String {
        self.email.to_lowercase()
    }
}

/// A person who supervises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervisor {
    pub person: Individual,
    pub title: String,
    pub supervise_max: u32,
    pub chair_max: u32,
    pub examine_max: u32,
    pub areas: Vec<String>,
}

/// A person who does a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Student {
    pub person: Individual,
    /// Code of a programme.
    pub programme: String,
    pub classroom: String,
    /// Hundredths of a grade point.
    pub gpa_points: Option<u32>,
}

/// A topic that a supervisor offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    pub number: String,
    pub title_en: String,
    pub title_local: String,
    pub supervisor_no: String,
    /// Codes of the programmes whose students may take it; none means everybody.
    pub programmes: Vec<String>,
    pub capacity: u32,
    pub area: String,
}

/// A student's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    pub student_no: String,
    pub rank: u32,
    pub topic_no: String,
}

/// A supervisor's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    pub supervisor_no: String,
    pub rank: u32,
    pub student_no: String,
}

/// A room for defences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub name: String,
    pub seats: u32,
    pub equipment: Vec<String>,
}

/// A time at which a supervisor can attend defences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    pub supervisor_no: String,
    pub from_at: Timestamp,
    pub until_at: Timestamp,
}

//! Roles, which people hold, and relations, which connect a person with one thing: the words of every policy.
//!
//! A role is granted in identity and holds in the whole university or in one programme. A relation is found by the service
//! that owns the thing asked about: whoever is a member of a project is its `OWNER` there and nowhere else.

use access::{Subjects, Vocabulary};

/// Does a final project.
pub const STUDENT: Subjects = Subjects::bit(3);
/// Offers topics and supervises projects.
pub const SUPERVISOR: Subjects = Subjects::bit(4);
/// Examines and marks.
pub const EXAMINER: Subjects = Subjects::bit(5);
/// Runs the cycles of a programme, or of the whole university.
pub const COORDINATOR: Subjects = Subjects::bit(6);
/// Runs the university's installation: people, settings, security.
pub const ADMINISTRATOR: Subjects = Subjects::bit(7);
/// Takes part without belonging to the university: an examiner from industry, a co-supervisor from elsewhere.
pub const EXTERNAL: Subjects = Subjects::bit(8);
/// Runs the installation, with all its universities. Given from the command line alone: who administers a university must not
/// be able to look beyond it.
pub const OPERATOR: Subjects = Subjects::bit(9);

/// Is the person that the record is about.
pub const SELF: Subjects = Subjects::bit(32);
/// Is a member of the project, or proposed the topic.
pub const OWNER: Subjects = Subjects::bit(33);
/// Supervises the project, or offers the topic.
pub const SUPERVISES: Subjects = Subjects::bit(34);
/// Co-supervises the project.
pub const CO_SUPERVISES: Subjects = Subjects::bit(35);
/// Examines the project.
pub const EXAMINES: Subjects = Subjects::bit(36);
/// Chairs the project's committee.
pub const CHAIRS: Subjects = Subjects::bit(37);
/// Coordinates the programme or the university to which the thing belongs.
pub const COORDINATES: Subjects = Subjects::bit(38);
/// Uploaded the file.
pub const UPLOADED: Subjects = Subjects::bit(39);

/// Every role with the name by which grants and programs know it.
pub const ROLES: [(&str, Subjects); 7] = [
    ("student", STUDENT),
    ("supervisor", SUPERVISOR),
    ("examiner", EXAMINER),
    ("coordinator", COORDINATOR),
    ("administrator", ADMINISTRATOR),
    ("external", EXTERNAL),
    ("operator", OPERATOR),
];

/// Every relation with its name.
pub const RELATIONS: [(&str, Subjects); 8] = [
    ("self", SELF),
    ("owner", OWNER),
    ("supervises", SUPERVISES),
    ("co_supervises", CO_SUPERVISES),
    ("examines", EXAMINES),
    ("chairs", CHAIRS),
    ("coordinates", COORDINATES),
    ("uploaded", UPLOADED),
];

/// The words of every policy of the product.
pub static VOCABULARY: Vocabulary = Vocabulary::new(&ROLES, &RELATIONS);

/// Names of the roles, as constants, for those who write them.
pub mod names {
    /// Name of [`STUDENT`](super::STUDENT).
    pub const STUDENT: &str = "student";
    /// Name of [`SUPERVISOR`](super::SUPERVISOR).
    pub const SUPERVISOR: &str = "supervisor";
    /// Name of [`EXAMINER`](super::EXAMINER).
    pub const EXAMINER: &str = "examiner";
    /// Name of [`COORDINATOR`](super::COORDINATOR).
    pub const COORDINATOR: &str = "coordinator";
    /// Name of [`ADMINISTRATOR`](super::ADMINISTRATOR).
    pub const ADMINISTRATOR: &str = "administrator";
    /// Name of [`EXTERNAL`](super::EXTERNAL).
    pub const EXTERNAL: &str = "external";
    /// Name of [`OPERATOR`](super::OPERATOR).
    pub const OPERATOR: &str = "operator";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_vocabulary() {
        for (name, bit) in [
            (names::STUDENT, STUDENT),
            (names::SUPERVISOR, SUPERVISOR),
            (names::EXAMINER, EXAMINER),
            (names::COORDINATOR, COORDINATOR),
            (names::ADMINISTRATOR, ADMINISTRATOR),
            (names::EXTERNAL, EXTERNAL),
            (names::OPERATOR, OPERATOR),
        ] {
            assert_eq!(VOCABULARY.role(name), Some(bit));
        }
        assert_eq!(VOCABULARY.roles().len(), 7);
    }
}

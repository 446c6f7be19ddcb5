//! What an import can hold, and the columns of each kind.

use serde::{Deserialize, Serialize};

/// What a table holds. The order is that in which tables are checked and refusals listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Programmes of study.
    Programmes,
    /// People who supervise.
    Supervisors,
    /// People who do projects.
    Students,
    /// What the supervisors offer.
    Topics,
    /// Which topics the students wish for, best first.
    Preferences,
    /// Which students the supervisors wish for, best first.
    Rankings,
    /// Where defences can be held.
    Rooms,
    /// When the supervisors can attend them.
    Availability,
}

/// Every kind, in the order of checking.
pub const KINDS: &[Kind] = &[
    Kind::Programmes,
    Kind::Supervisors,
    Kind::Students,
    Kind::Topics,
    Kind::Preferences,
    Kind::Rankings,
    Kind::Rooms,
    Kind::Availability,
];

/// A column of a kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the product.
    pub name: &'static str,
    /// Whether a table without it is refused.
    pub required: bool,
    /// Other names by which files call it, in the form of [`plain`].
    pub aliases: &'static [&'static str],
}

const fn required(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, required: true, aliases }
}

const fn optional(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, required: false, aliases }
}

const STUDENT_NO: Column =
    required("student_no", &["studentnumber", "studentid", "matriculationnumber", "matriculationno", "student"]);
const SUPERVISOR_NO: Column =
    required("supervisor_no", &["supervisornumber", "supervisorid", "staffno", "staffnumber", "staffid", "supervisor"]);
const TOPIC_NO: Column = required("topic_no", &["topicnumber", "topicid", "topic"]);
const FAMILY_NAME: Column = required("family_name", &["surname", "lastname", "family"]);
const GIVEN_NAME: Column = required("given_name", &["firstname", "forename", "given"]);
const EMAIL: Column = required("email", &["mail", "emailaddress", "mailaddress"]);
const RANK: Column = required("rank", &["priority", "choice", "position"]);

const PROGRAMMES: &[Column] = &[
    required("code", &["programme", "programmecode", "program", "programcode"]),
    required("name_en", &["name", "nameenglish", "title"]),
    optional("name_local", &["localname"]),
];
const SUPERVISORS: &[Column] = &[
    SUPERVISOR_NO,
    FAMILY_NAME,
    GIVEN_NAME,
    EMAIL,
    optional("title", &["academictitle"]),
    required("supervise_max", &["quota", "capacity", "maxsupervise", "maxprojects"]),
    optional("chair_max", &["maxchair"]),
    optional("examine_max", &["maxexamine"]),
    optional("areas", &["area", "researchareas", "interests"]),
];
const STUDENTS: &[Column] = &[
    STUDENT_NO,
    FAMILY_NAME,
    GIVEN_NAME,
    EMAIL,
    required("programme", &["program", "programmecode", "programcode"]),
    optional("classroom", &["class", "group"]),
    optional("gpa", &["gradepointaverage", "averagegrade"]),
];
const TOPICS: &[Column] = &[
    TOPIC_NO,
    required("title_en", &["title", "titleenglish", "englishtitle"]),
    optional("title_local", &["localtitle"]),
    SUPERVISOR_NO,
    required("programmes", &["programme", "programs", "program"]),
    required("capacity", &["places", "seats", "size"]),
    optional("area", &["areas", "field"]),
];
const PREFERENCES: &[Column] = &[STUDENT_NO, RANK, TOPIC_NO];
const RANKINGS: &[Column] = &[SUPERVISOR_NO, RANK, STUDENT_NO];
const ROOMS: &[Column] = &[
    required("room", &["name", "roomname", "roomno"]),
    required("seats", &["capacity", "places"]),
    optional("equipment", &["facilities"]),
];
const AVAILABILITY: &[Column] =
    &[SUPERVISOR_NO, required("from", &["start", "starts", "begin"]), required("to", &["end", "ends", "until"])];

impl Kind {
    /// Returns the stable name, which is also the name of the file it is expected in.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Programmes => "programmes",
            Self::Supervisors => "supervisors",
            Self::Students => "students",
            Self::Topics => "topics",
            Self::Preferences => "preferences",
            Self::Rankings => "rankings",
            Self::Rooms => "rooms",
            Self::Availability => "availability",
        }
    }

    /// Returns the kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        KINDS.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Returns the columns that a table of this kind may have.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Programmes => PROGRAMMES,
            Self::Supervisors => SUPERVISORS,
            Self::Students => STUDENTS,
            Self::Topics => TOPICS,
            Self::Preferences => PREFERENCES,
            Self::Rankings => RANKINGS,
            Self::Rooms => ROOMS,
            Self::Availability => AVAILABILITY,
        }
    }

    /// Returns the kind that a name of a file or sheet announces: `Students 2027.csv`, `2027-students.xlsx`.
    pub fn announced_by(name: &str) -> Option<Self> {
        let stem = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem = stem.split('.').next().unwrap_or(stem).to_lowercase();
        let mut words = stem.split(|c: char| !c.is_alphabetic());
        words.find_map(|word| {
            KINDS.iter().copied().find(|kind| {
                let name = kind.as_str();
                word == name || name.strip_suffix('s') == Some(word)
            })
        })
    }
}

/// Returns a name without case, spaces and punctuation: `Student No.` and `student_no` are the same.
pub fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Column {
    /// Returns true when a file may call this column `name`.
    pub fn is_called(&self, name: &str) -> bool {
        let name = plain(name);
        plain(self.name) == name || self.aliases.contains(&name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_announces_its_kind() {
        assert_eq!(Kind::announced_by("students.csv"), Some(Kind::Students));
        assert_eq!(Kind::announced_by("export/2027-Student list.xlsx"), Some(Kind::Students));
        assert_eq!(Kind::announced_by("ROOMS.CSV"), Some(Kind::Rooms));
        assert_eq!(Kind::announced_by("classrooms.csv"), None);
    }

    #[test]
    fn no_two_columns_of_a_kind_share_a_name() {
        for kind in KINDS {
            let mut names: Vec<String> = Vec::new();
            for column in kind.columns() {
                names.push(plain(column.name));
                names.extend(column.aliases.iter().map(|alias| (*alias).to_owned()));
            }
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count, "{kind:?}");
        }
    }
}

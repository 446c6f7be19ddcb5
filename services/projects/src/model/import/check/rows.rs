//! One row of each kind: its cells first, then what it refers to, then that it is the only one of its key.

use crate::model::import::{
    Kind, Reason, Row,
    cells::Cells,
    records::{Availability, Individual, Preference, Programme, Ranking, Room, Student, Supervisor, Topic},
};

use super::Checker;

/// Most characters of a programme's code.
pub(super) const CODE_CHARS_MAX: usize = 32;
const NUMBER_CHARS_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 200;
const TITLE_CHARS_MAX: usize = 500;
const WORD_CHARS_MAX: usize = 100;
const PEOPLE_MAX: u32 = 1_000;
const CAPACITY_MAX: u32 = 100;
const PREFERENCES_MAX: u32 = 1_000;
const RANKINGS_MAX: u32 = 1_000_000;
const SEATS_MAX: u32 = 100_000;
/// Highest grade point average, in hundredths.
const GPA_POINTS_MAX: u32 = 400;

/// Returns the number by which other rows refer to this one, of the kinds that are referred to.
pub(super) fn number_of(kind: Kind, positions: &[Option<usize>], row: &Row) -> Option<String> {
    let column = match kind {
        Kind::Students => "student_no",
        Kind::Supervisors => "supervisor_no",
        Kind::Topics => "topic_no",
        _ => return None,
    };
    Cells::new(kind, positions, row).line(column, NUMBER_CHARS_MAX)
}

impl Checker<'_> {
    pub(super) fn programme(&mut self, cells: &mut Cells<'_>) {
        let code = cells.line("code", CODE_CHARS_MAX);
        let title_en = cells.line("name_en", NAME_CHARS_MAX);
        let title_local = cells.optional_line("name_local", NAME_CHARS_MAX);
        let (Some(code), Some(title_en), Some(title_local)) = (code, title_en, title_local) else { return };
        if self.is_free(cells, Kind::Programmes, "code", &code) {
            self.take(Kind::Programmes, "code", code.clone());
            self.cohort.programmes.push(Programme { code, title_en, title_local });
        }
    }

    pub(super) fn supervisor(&mut self, cells: &mut Cells<'_>) {
        let person = individual(cells, "supervisor_no");
        let title = cells.optional_line("title", WORD_CHARS_MAX);
        let supervise_max = cells.count("supervise_max", 0..=PEOPLE_MAX);
        let chair_max = cells.count_or("chair_max", 0..=PEOPLE_MAX, 0);
        let examine_max = cells.count_or("examine_max", 0..=PEOPLE_MAX, 0);
        let areas = cells.list("areas", WORD_CHARS_MAX);
        let (Some(person), Some(title), Some(areas)) = (person, title, areas) else { return };
        let (Some(supervise_max), Some(chair_max), Some(examine_max)) = (supervise_max, chair_max, examine_max) else {
            return;
        };
        if let Some(person) = self.identify(cells, Kind::Supervisors, "supervisor_no", person) {
            let supervisor = Supervisor { person, title, supervise_max, chair_max, examine_max, areas };
            self.cohort.supervisors.push(supervisor);
        }
    }

    pub(super) fn student(&mut self, cells: &mut Cells<'_>) {
        let person = individual(cells, "student_no");
        let programme = cells.line("programme", CODE_CHARS_MAX);
        let classroom = cells.optional_line("classroom", WORD_CHARS_MAX);
        let gpa_points = cells.hundredths("gpa", GPA_POINTS_MAX);
        if programme.as_ref().is_some_and(|code| !self.programmes.contains(code)) {
            cells.refuse("programme", Reason::UnknownProgramme);
            return;
        }
        let (Some(person), Some(programme)) = (person, programme) else { return };
        let (Some(classroom), Some(gpa_points)) = (classroom, gpa_points) else { return };
        if let Some(person) = self.identify(cells, Kind::Students, "student_no", person) {
            self.cohort.students.push(Student { person, programme, classroom, gpa_points });
        }
    }

    /// Makes sure that a person's number and address are theirs alone within the kind, and finds who they are.
    fn identify(
        &mut self,
        cells: &mut Cells<'_>,
        kind: Kind,
        column: &'static str,
        mut person: Individual,
    ) -> Option<Individual> {
        let email_key = person.email_key();
        if !self.is_free(cells, kind, column, &person.number) || !self.is_free(cells, kind, "email", &email_key) {
            return None;
        }
        match self.people.find(kind, &person.number, &email_key) {
            Ok(known) => person.known = known,
            Err(reason) => {
                cells.refuse("email", reason);
                return None;
            }
        }
        self.take(kind, column, person.number.clone());
        self.take(kind, "email", email_key);
        Some(person)
    }

    pub(super) fn topic(&mut self, cells: &mut Cells<'_>) {
        let number = cells.line("topic_no", NUMBER_CHARS_MAX);
        let title_en = cells.line("title_en", TITLE_CHARS_MAX);
        let title_local = cells.optional_line("title_local", TITLE_CHARS_MAX);
        let supervisor_no = cells.line("supervisor_no", NUMBER_CHARS_MAX);
        let programmes = cells.list("programmes", CODE_CHARS_MAX);
        let capacity = cells.count("capacity", 1..=CAPACITY_MAX);
        let area = cells.optional_line("area", WORD_CHARS_MAX);
        if programmes.iter().flatten().any(|code| !self.programmes.contains(code)) {
            cells.refuse("programmes", Reason::UnknownProgramme);
        }
        if let Some(supervisor_no) = &supervisor_no {
            self.refers(cells, Kind::Supervisors, "supervisor_no", supervisor_no);
        }
        let (Some(number), Some(title_en), Some(title_local)) = (number, title_en, title_local) else { return };
        let (Some(supervisor_no), Some(programmes), Some(area)) = (supervisor_no, programmes, area) else { return };
        let Some(capacity) = capacity else { return };
        if !cells.refused.is_empty() || !self.is_free(cells, Kind::Topics, "topic_no", &number) {
            return;
        }
        self.take(Kind::Topics, "topic_no", number.clone());
        let topic = Topic { number, title_en, title_local, supervisor_no, programmes, capacity, area };
        self.cohort.topics.push(topic);
    }

    pub(super) fn preference(&mut self, cells: &mut Cells<'_>) {
        let student_no = cells.line("student_no", NUMBER_CHARS_MAX);
        let rank = cells.count("rank", 1..=PREFERENCES_MAX);
        let topic_no = cells.line("topic_no", NUMBER_CHARS_MAX);
        if let Some(student_no) = &student_no {
            self.refers(cells, Kind::Students, "student_no", student_no);
        }
        if let Some(topic_no) = &topic_no {
            self.refers(cells, Kind::Topics, "topic_no", topic_no);
        }
        let (Some(student_no), Some(rank), Some(topic_no)) = (student_no, rank, topic_no) else { return };
        if self.is_pair_free(cells, Kind::Preferences, (&student_no, rank), ("topic_no", &topic_no)) {
            self.cohort.preferences.push(Preference { student_no, rank, topic_no });
        }
    }

    pub(super) fn ranking(&mut self, cells: &mut Cells<'_>) {
        let supervisor_no = cells.line("supervisor_no", NUMBER_CHARS_MAX);
        let rank = cells.count("rank", 1..=RANKINGS_MAX);
        let student_no = cells.line("student_no", NUMBER_CHARS_MAX);
        if let Some(supervisor_no) = &supervisor_no {
            self.refers(cells, Kind::Supervisors, "supervisor_no", supervisor_no);
        }
        if let Some(student_no) = &student_no {
            self.refers(cells, Kind::Students, "student_no", student_no);
        }
        let (Some(supervisor_no), Some(rank), Some(student_no)) = (supervisor_no, rank, student_no) else { return };
        if self.is_pair_free(cells, Kind::Rankings, (&supervisor_no, rank), ("student_no", &student_no)) {
            self.cohort.rankings.push(Ranking { supervisor_no, rank, student_no });
        }
    }

    /// Makes sure that nobody gives a rank twice, nor ranks the same twice, and takes both.
    fn is_pair_free(
        &mut self,
        cells: &mut Cells<'_>,
        kind: Kind,
        (who, rank): (&str, u32),
        (column, whom): (&'static str, &str),
    ) -> bool {
        if !cells.refused.is_empty() {
            return false;
        }
        let (who, whom) = (self.text(who), self.text(whom));
        self.take_pairs(cells, kind, &[("rank", (who, rank.into())), (column, (who, whom.into()))])
    }

    pub(super) fn room(&mut self, cells: &mut Cells<'_>) {
        let name = cells.line("room", WORD_CHARS_MAX);
        let seats = cells.count("seats", 1..=SEATS_MAX);
        let equipment = cells.list("equipment", WORD_CHARS_MAX);
        let (Some(name), Some(seats), Some(equipment)) = (name, seats, equipment) else { return };
        if self.is_free(cells, Kind::Rooms, "room", &name) {
            self.take(Kind::Rooms, "room", name.clone());
            self.cohort.rooms.push(Room { name, seats, equipment });
        }
    }

    pub(super) fn availability(&mut self, cells: &mut Cells<'_>) {
        let supervisor_no = cells.line("supervisor_no", NUMBER_CHARS_MAX);
        let from_at = cells.instant("from", &self.known.zone);
        let until_at = cells.instant("to", &self.known.zone);
        if let Some(supervisor_no) = &supervisor_no {
            self.refers(cells, Kind::Supervisors, "supervisor_no", supervisor_no);
        }
        let (Some(supervisor_no), Some(from_at), Some(until_at)) = (supervisor_no, from_at, until_at) else { return };
        if until_at <= from_at {
            cells.refuse("to", Reason::EndsBeforeStart);
        }
        let pair = (self.text(&supervisor_no), from_at.as_micros().cast_unsigned());
        if cells.refused.is_empty() && self.take_pairs(cells, Kind::Availability, &[("from", pair)]) {
            self.cohort.availability.push(Availability { supervisor_no, from_at, until_at });
        }
    }
}

fn individual(cells: &mut Cells<'_>, number: &'static str) -> Option<Individual> {
    let number = cells.line(number, NUMBER_CHARS_MAX);
    let family_name = cells.line("family_name", NAME_CHARS_MAX);
    // Many people have one name only.
    let given_name = cells.optional_line("given_name", NAME_CHARS_MAX);
    let email = cells.email("email");
    Some(Individual { number: number?, family_name: family_name?, given_name: given_name?, email: email?, known: None })
}
